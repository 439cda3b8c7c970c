//! `guardrails.toml`: from what compliance writes to what the kernel enforces.
//!
//! Every limit is a sum with its currency (`"200.00 CNY"`), every span of time a number
//! and a unit (`"24 hours"`, `"15 working_days"`). Facts are named and checked against
//! the schema; roles, kinds and chains that one part names must be defined in another.

mod build;
mod calendar;
#[cfg(test)]
mod fairness_tests;
mod resolve;
mod source;
#[cfg(test)]
mod tests;

use std::path::Path;

use redress_kernel::{Guardrails, ReleaseId};
use redress_model::{Rounding, Schema};

use self::resolve::{Problem, Resolver};
use self::source::Source;
use crate::derived;
use crate::error::{ReleaseError, ReleaseErrors};

/// Reads and checks the guardrails of a release.
///
/// # Errors
/// [`ReleaseErrors`] with everything that is wrong, each with file, line and key.
pub fn parse(
    file: &Path,
    text: &str,
    schema: &Schema,
    release: ReleaseId,
    rounding: Rounding,
) -> Result<Guardrails, ReleaseErrors> {
    let tell = |problem: Problem| ReleaseError {
        file: file.to_owned(),
        line: Some(line_of(text, problem.at.start)),
        key: (!problem.key.is_empty()).then_some(problem.key),
        problem: problem.problem,
        help: problem.help,
    };
    let source: Source = toml::from_str(text).map_err(|error| {
        let at = error.span().unwrap_or_default();
        let (problem, help) = derived::in_words(error.message());
        ReleaseErrors::from(tell(Problem {
            at,
            key: String::new(),
            problem,
            help,
        }))
    })?;
    let mut resolver = Resolver {
        schema,
        problems: Vec::new(),
    };
    let guardrails = build::build(&mut resolver, &source, release, rounding);
    match guardrails {
        Some(guardrails) if resolver.problems.is_empty() => Ok(guardrails),
        _ => Err(ReleaseErrors(
            resolver.problems.into_iter().map(tell).collect(),
        )),
    }
}

fn line_of(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1)
}
