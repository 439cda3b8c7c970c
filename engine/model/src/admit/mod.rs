//! Admission: from bytes to a typed [`Case`], with every error at once.
//!
//! The order is fixed: size and depth of the text, then the envelope, then the
//! facts against the schema of the release that the incident date picked.
//! Nothing runs before admission has passed.

mod envelope;
mod facts;
mod rows;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

pub use self::rows::FactsBuilder;
use crate::schema::Schema;
use crate::{Case, Date, Envelope};

/// How much of an input is read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmitLimits {
    /// The longest case in bytes.
    pub bytes_max: usize,
    /// The deepest nesting of arrays and objects; a case itself needs 3.
    pub depth_max: u32,
}

impl AdmitLimits {
    /// 64 KiB and a depth of 8.
    pub const STANDARD: Self = Self {
        bytes_max: 64 * 1024,
        depth_max: 8,
    };
}

/// The kinds of admission error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmitErrorKind {
    /// The text is longer than the limit.
    TooLarge,
    /// The text nests deeper than the limit.
    TooDeep,
    /// The text is not JSON.
    Syntax,
    /// A member that the envelope or the schema does not know.
    UnknownField,
    /// A member given twice.
    DuplicateField,
    /// A member that must be known is not there.
    Missing,
    /// A value of another type, outside its range or too long.
    Invalid,
}

impl AdmitErrorKind {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "case_too_large",
            Self::TooDeep => "case_too_deep",
            Self::Syntax => "case_syntax",
            Self::UnknownField => "case_unknown_field",
            Self::DuplicateField => "case_duplicate_field",
            Self::Missing => "case_missing_field",
            Self::Invalid => "case_invalid_value",
        }
    }
}

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: expected {expected}, found {found}", if pointer.is_empty() { "/" } else { pointer })]
pub struct AdmitError {
    /// What kind of error.
    pub kind: AdmitErrorKind,
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What was expected there.
    pub expected: Cow<'static, str>,
    /// What was found there, cut to 80 characters.
    pub found: Cow<'static, str>,
}

/// Everything that is wrong with an input, at least one thing, at most 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmitErrors(pub Vec<AdmitError>);

impl AdmitErrors {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "case_not_admitted"
    }
}

impl fmt::Display for AdmitErrors {
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

impl std::error::Error for AdmitErrors {}

/// Gathers errors up to a hundred, so that a hostile input cannot grow them.
#[derive(Default)]
struct Problems(Vec<AdmitError>);

impl Problems {
    fn add(
        &mut self,
        kind: AdmitErrorKind,
        pointer: impl Into<String>,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) {
        if self.0.len() < 100 {
            let (pointer, expected, found) = (pointer.into(), expected.into(), found.into());
            self.0.push(AdmitError {
                kind,
                pointer,
                expected,
                found,
            });
        }
    }

    fn into_result<T>(self, value: Option<T>) -> Result<T, AdmitErrors> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(AdmitErrors(self.0)),
        }
    }
}

/// A case whose envelope has been read; its facts wait for the schema.
pub struct RawCase<'a> {
    envelope: Option<Envelope>,
    incident_date: Date,
    facts: Option<&'a RawValue>,
    problems: Problems,
}

impl<'a> RawCase<'a> {
    /// Checks size and depth and reads the envelope.
    ///
    /// Errors of the envelope are kept until [`RawCase::admit`] so that they are told
    /// together with those of the facts; only an input without a usable
    /// `incident_date`, which picks the schema, fails here.
    ///
    /// # Errors
    /// [`AdmitErrors`] when the text is too large, too deep, not JSON, not an object,
    /// or its incident date is not one.
    pub fn read(bytes: &'a [u8], limits: AdmitLimits) -> Result<Self, AdmitErrors> {
        let mut problems = Problems::default();
        let fits = check_limits(bytes, limits, &mut problems);
        let members = fits.then(|| parse(bytes, &mut problems)).flatten();
        let Some(members) = members else {
            return Err(AdmitErrors(problems.0));
        };
        let read = envelope::read(&members, &mut problems);
        match read.incident_date {
            Some(incident_date) => Ok(Self {
                envelope: read.envelope,
                incident_date,
                facts: read.facts,
                problems,
            }),
            None => Err(AdmitErrors(problems.0)),
        }
    }

    /// The day that picks the release.
    #[must_use]
    pub const fn incident_date(&self) -> Date {
        self.incident_date
    }

    /// Reads the facts against the schema of the release.
    ///
    /// # Errors
    /// [`AdmitErrors`] with every error of envelope and facts.
    pub fn admit(mut self, schema: &Schema) -> Result<Case, AdmitErrors> {
        let facts = match self.facts {
            Some(raw) => facts::read(raw.get(), schema, &mut self.problems),
            None => None,
        };
        let case = self
            .envelope
            .zip(facts)
            .map(|(envelope, facts)| Case { envelope, facts });
        self.problems.into_result(case)
    }
}

impl Case {
    /// Reads a case whose release is already known.
    ///
    /// # Errors
    /// [`AdmitErrors`] with everything that is wrong.
    pub fn admit(bytes: &[u8], schema: &Schema, limits: AdmitLimits) -> Result<Self, AdmitErrors> {
        RawCase::read(bytes, limits)?.admit(schema)
    }
}

fn parse<'a>(bytes: &'a [u8], problems: &mut Problems) -> Option<envelope::Members<'a>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(members) = serde_json::from_slice(bytes) {
        return Some(members);
    }
    // Whether it is JSON at all decides what is told.
    match serde_json::from_slice::<&RawValue>(bytes) {
        Ok(raw) => envelope::not_an_object(raw, "", problems),
        Err(error) => {
            let found = error.to_string();
            problems.add(AdmitErrorKind::Syntax, "", "a JSON object", found);
        }
    }
    None
}

/// Size first, then nesting, before a parser allocates anything.
fn check_limits(bytes: &[u8], limits: AdmitLimits, problems: &mut Problems) -> bool {
    let AdmitLimits {
        bytes_max,
        depth_max,
    } = limits;
    if bytes.len() > bytes_max {
        let found = format!("{} bytes", bytes.len());
        problems.add(
            AdmitErrorKind::TooLarge,
            "",
            format!("at most {bytes_max} bytes"),
            found,
        );
        return false;
    }
    // Few brackets cannot be deep, and are counted faster than followed.
    let brackets = bytes.iter().filter(|byte| matches!(byte, b'{' | b'['));
    if u32::try_from(brackets.count()).is_ok_and(|brackets| brackets <= depth_max) {
        return true;
    }
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_u32, 0_u32, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if deepest > depth_max {
        let found = format!("a depth of {deepest}");
        problems.add(
            AdmitErrorKind::TooDeep,
            "",
            format!("a depth of at most {depth_max}"),
            found,
        );
    }
    deepest <= depth_max
}

/// A snippet of what was found, at most 80 characters.
fn snippet(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
