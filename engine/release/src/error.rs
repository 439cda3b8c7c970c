//! What is wrong with a release folder, with file, line and key.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong with a release folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseError {
    /// The file or folder, with the path by which the release was opened.
    pub file: PathBuf,
    /// The line in the file, from 1.
    pub line: Option<u32>,
    /// The key, such as `policy.rhai`, or the column of a table.
    pub key: Option<String>,
    /// What is wrong and what was expected.
    pub problem: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl ReleaseError {
    /// A problem with a file as a whole.
    #[must_use]
    pub fn of_file(file: &Path, problem: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            key: None,
            problem: problem.into(),
            help: None,
        }
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.problem)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ReleaseError {}

/// Everything that is wrong with a release folder, at least one thing, at most 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseErrors(pub Vec<ReleaseError>);

impl ReleaseErrors {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "release_invalid"
    }
}

impl From<ReleaseError> for ReleaseErrors {
    fn from(error: ReleaseError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for ReleaseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ReleaseErrors {}

/// Gathers errors up to a hundred, so that a hostile folder cannot grow them.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(crate) Vec<ReleaseError>);

impl Problems {
    pub(crate) fn add(&mut self, error: ReleaseError) {
        if self.0.len() < 100 {
            self.0.push(error);
        }
    }

    pub(crate) fn file(&mut self, file: &Path, problem: impl Into<String>) {
        self.add(ReleaseError::of_file(file, problem));
    }

    pub(crate) fn extend(&mut self, errors: ReleaseErrors) {
        for error in errors.0 {
            self.add(error);
        }
    }

    /// Whether the problem has been told of this file already.
    pub(crate) fn has(&self, file: &Path, problem: &str) -> bool {
        self.0
            .iter()
            .any(|error| error.file == file && error.problem == problem)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, if there is one and nothing is wrong.
    pub(crate) fn into_result<T>(self, value: Option<T>) -> Result<T, ReleaseErrors> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(ReleaseErrors(self.0)),
        }
    }
}
