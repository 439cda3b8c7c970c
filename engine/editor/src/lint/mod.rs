//! What is valid and still not as it should be: doubts of the type check, what nothing
//! uses, sums and claims without a home, cases that say nothing new.
//!
//! Each rule has a page in `engine/editor/docs/lint`. A comment
//! `lint: allow(rule) because ...` beside a finding keeps it from being told; one without
//! a reason, or for nothing, is a finding itself.

mod cases;
mod guardrails;
mod names;
mod release;
mod rule;
mod script;
mod suppress;
#[cfg(test)]
mod tests;

use std::ops::Range;

use redress::{Budget, Engine, Release, ScriptCheck, Severity};
use redress_compiler::syntax::Lines;
use redress_release::ReleaseSource;
use rowan::{TextRange, TextSize};

pub use self::rule::Rule;

/// One thing that a rule finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The file, by its path from the release's folder.
    pub file: String,
    /// Where in the file, in bytes; nothing where it is about the file as a whole.
    pub at: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Finding {
    /// The first and the last place, each a line and a column in characters, from 1.
    #[must_use]
    pub fn place(&self, text: &str) -> Option<[(u32, u32); 2]> {
        let (at, lines) = (self.range()?, Lines::new(text));
        let of = |offset| {
            let at = lines.position(offset);
            (at.line, at.column)
        };
        Some([of(at.start()), of(at.end())])
    }

    /// The line with what is meant underlined.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> Option<String> {
        Some(Lines::new(text).excerpt(self.range()?))
    }

    fn range(&self) -> Option<TextRange> {
        let at = self.at.as_ref()?;
        let offset = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
        Some(TextRange::new(offset(at.start), offset(at.end)))
    }
}

/// The bytes of a place in a script.
fn bytes(at: TextRange) -> Range<usize> {
    Range::from(at)
}

/// Everything that the rules find in a release, in order of files and places.
///
/// The boundaries are looked for with the release's own script, so it must load.
#[must_use]
pub fn lint(engine: &Engine, release: &Release) -> Vec<Finding> {
    let source = release.source();
    let mut found = of_files(source);
    found.extend(cases::boundaries(engine, release));
    suppress::apply(source, &mut found);
    found.sort_by(|one, other| {
        let key = |it: &Finding| (it.file.clone(), it.at.as_ref().map(|at| at.start));
        key(one).cmp(&key(other)).then(one.rule.cmp(&other.rule))
    });
    found
}

/// What the rules find without deciding a case.
fn of_files(source: &ReleaseSource) -> Vec<Finding> {
    let mut found = doubts(source);
    found.extend(script::of(source));
    found.extend(release::of(source));
    found.extend(guardrails::of(source));
    found.extend(cases::equal(source));
    found
}

/// The warnings of the type check.
fn doubts(source: &ReleaseSource) -> Vec<Finding> {
    let Some(script) = source.policy().rhai() else {
        return Vec::new();
    };
    let Some(checked) = ScriptCheck::of(source, Budget::STANDARD) else {
        return Vec::new();
    };
    let said = checked.diagnostics.into_iter();
    said.filter(|said| said.severity == Severity::Warning)
        .filter_map(|said| {
            Some(Finding {
                rule: Rule::of_check(said.rule)?,
                file: script.file.clone(),
                at: Some(bytes(said.span)),
                message: said.message,
                help: said.help,
            })
        })
        .collect()
}
