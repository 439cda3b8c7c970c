//! Errors as people read them: what, where, and what to do about it.

use redress::LoadError;
use redress_release::{ReleaseError, ReleaseErrors};

use crate::term::Tone;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// What is wrong.
    pub(crate) message: String,
    /// Where: a file, with line and column where they are known.
    pub(crate) at: Option<String>,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

impl Diagnostic {
    /// A problem that says by itself where it is.
    pub(crate) fn plain(problem: &impl ToString) -> Self {
        Self {
            message: problem.to_string(),
            at: None,
            help: None,
        }
    }

    /// Everything that is wrong with a policy.
    pub(crate) fn of_load(error: &LoadError) -> Vec<Self> {
        match error {
            LoadError::Release(errors) => Self::of_release(errors),
            LoadError::Policy { file, error } => {
                let at = match error.at {
                    Some(at) => format!("{}:{}:{}", file.display(), at.line, at.column),
                    None => file.display().to_string(),
                };
                vec![Self {
                    message: error.problem.clone(),
                    at: Some(at),
                    help: error.help.clone(),
                }]
            }
            LoadError::Host { .. } => vec![Self {
                message: error.to_string(),
                at: None,
                help: None,
            }],
        }
    }

    /// Everything that is wrong with a release folder.
    pub(crate) fn of_release(errors: &ReleaseErrors) -> Vec<Self> {
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
            at: Some(match line {
                Some(line) => format!("{}:{line}", file.display()),
                None => file.display().to_string(),
            }),
            help: help.clone(),
        }
    }

    /// Everything in one line.
    pub(crate) fn line(&self) -> String {
        let mut text = match &self.at {
            Some(at) => format!("{at}: {}", self.message),
            None => self.message.clone(),
        };
        if let Some(help) = &self.help {
            text.push_str(&format!("; {help}"));
        }
        text
    }

    /// The lines for the terminal.
    pub(crate) fn render(&self) -> String {
        let (error, colon) = (Tone::Bad.paint("error"), Tone::Strong.paint(":"));
        let mut text = format!("{error}{colon} {}\n", self.message);
        if let Some(at) = &self.at {
            text.push_str(&format!("  {} {at}\n", Tone::Place.paint("-->")));
        }
        if let Some(help) = &self.help {
            text.push_str(&format!("  {} {help}\n", Tone::Place.paint("help:")));
        }
        text
    }
}
