//! The formatter: the same text for everybody who writes the same policy.
//!
//! It moves spaces and line ends and nothing else. Where an author breaks a line it stays
//! broken; how far each line stands in, what stands between two words and how comments at
//! the ends of lines align is the formatter's. Formatting twice is formatting once.

mod lines;
mod script;
mod table;
mod toml;

use std::path::Path;

/// What a file of a release is, which decides how it is formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// A policy in Rhai.
    Script,
    /// A manifest, guardrails, sentences, cases, properties.
    Toml,
    /// A table.
    Table,
}

impl Language {
    /// The language of a file by the end of its name; `None` for what is not formatted.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "rhai" => Some(Self::Script),
            "toml" => Some(Self::Toml),
            "csv" => Some(Self::Table),
            _ => None,
        }
    }
}

/// Why a text is not formatted. It is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The text is not what it should be; what is wrong with it comes first.
    #[error("{problem}")]
    Broken {
        /// The line of the first mistake, from 1.
        line: u32,
        /// What is wrong.
        problem: String,
    },
    /// The formatter would have changed what the text says. This is a mistake of the formatter.
    #[error("the formatter would change what the text says; it is left as it is")]
    Unfaithful,
}

impl FormatError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Broken { .. } => "format_broken",
            Self::Unfaithful => "format_unfaithful",
        }
    }

    /// The line of the first mistake, from 1, where there is one.
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        match self {
            Self::Broken { line, .. } => Some(*line),
            Self::Unfaithful => None,
        }
    }
}

/// The text as it should stand.
///
/// # Errors
/// [`FormatError`] when the text cannot be read, and when the formatter has a mistake.
pub fn format(language: Language, text: &str) -> Result<String, FormatError> {
    match language {
        Language::Script => script::format(text),
        Language::Toml => toml::format(text),
        Language::Table => table::format(text),
    }
}

/// The line of an offset in bytes, from 1.
fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    let ends = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(ends).map_or(u32::MAX, |line| line.saturating_add(1))
}

#[cfg(test)]
mod tests;
