//! What is wrong with a release and where, for people and for programs.

use std::fmt;

use redress::LoadError;
use redress_release::{ReleaseError, ReleaseErrors};
use serde_json::{Value, json};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// What is wrong.
    pub message: String,
    /// Where, if it is in a file.
    pub place: Option<Place>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path by which the file was opened.
    pub file: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1; only where there is a line.
    pub column: Option<u32>,
}

impl Place {
    /// A file as a whole.
    #[must_use]
    pub fn of_file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
        }
    }

    /// A location of SARIF; without a line it is the file as a whole.
    fn to_sarif(&self) -> Value {
        let file = json!({ "uri": self.file });
        let physical = match (self.line, self.column) {
            (None, _) => json!({ "artifactLocation": file }),
            (Some(line), None) => {
                json!({ "artifactLocation": file, "region": { "startLine": line } })
            }
            (Some(line), Some(column)) => json!({
                "artifactLocation": file,
                "region": { "startLine": line, "startColumn": column },
            }),
        };
        json!({ "physicalLocation": physical })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

impl Defect {
    /// A problem that says by itself where it is.
    #[must_use]
    pub fn plain(problem: &impl ToString) -> Self {
        Self {
            message: problem.to_string(),
            place: None,
            help: None,
        }
    }

    /// Everything that keeps a policy from being loaded.
    #[must_use]
    pub fn of_load(error: &LoadError) -> Vec<Self> {
        match error {
            LoadError::Release(errors) => Self::of_release(errors),
            LoadError::Policy { file, error } => vec![Self {
                message: error.problem.clone(),
                place: Some(Place {
                    file: file.display().to_string(),
                    line: error.at.map(|at| at.line),
                    column: error.at.map(|at| at.column),
                }),
                help: error.help.clone(),
            }],
            LoadError::Host { .. } => vec![Self::plain(error)],
        }
    }

    /// Everything that is wrong with a release folder.
    #[must_use]
    pub fn of_release(errors: &ReleaseErrors) -> Vec<Self> {
        errors.0.iter().map(Self::of_release_error).collect()
    }

    fn of_release_error(error: &ReleaseError) -> Self {
        let ReleaseError {
            file,
            line,
            key,
            problem,
            help,
        } = error;
        Self {
            message: match key {
                Some(key) => format!("{key}: {problem}"),
                None => problem.clone(),
            },
            place: Some(Place {
                file: file.display().to_string(),
                line: *line,
                column: None,
            }),
            help: help.clone(),
        }
    }

    /// Everything in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut text = match &self.place {
            Some(place) => format!("{place}: {}", self.message),
            None => self.message.clone(),
        };
        if let Some(help) = &self.help {
            text.push_str(&format!("; {help}"));
        }
        text
    }

    /// What is wrong and what to do about it, without the place.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.help {
            Some(help) => format!("{}; {help}", self.message),
            None => self.message.clone(),
        }
    }

    /// An object with `message`, `file`, `line`, `column` and `help`, null where there is none.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let place = self.place.as_ref();
        json!({
            "message": self.message,
            "file": place.map(|place| &place.file),
            "line": place.and_then(|place| place.line),
            "column": place.and_then(|place| place.column),
            "help": self.help,
        })
    }

    /// A result of SARIF 2.1.0.
    #[must_use]
    pub fn to_sarif(&self) -> Value {
        let places: Vec<Value> = self.place.iter().map(Place::to_sarif).collect();
        json!({
            "ruleId": "release",
            "level": "error",
            "message": { "text": self.words() },
            "locations": places,
        })
    }
}
