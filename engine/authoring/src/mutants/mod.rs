//! Mutation testing: would the cases notice if a limit, a cell or a line were another?
//!
//! Each mutant is the release with one small change, made in memory. A mutant that some
//! case notices is killed; a survivor is a change that could slip in unseen.

pub(crate) mod killer;
mod make;
#[cfg(test)]
mod tests;

use redress::{Engine, Release};
use redress_model::Case;
use redress_release::{CaseFile, SourceFolder};
use serde::Serialize;

pub use self::make::{Change, mutants};
use crate::parallel;
use crate::suite::compare;

/// What became of one mutant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Fate {
    /// A case noticed it.
    Killed {
        /// The case's file name.
        by: String,
    },
    /// No case noticed it.
    Survived {
        /// A case file that tells the two apart, if one was found.
        killer: Option<String>,
    },
    /// The release cannot be loaded with it, so it cannot slip in.
    Refused,
}

/// What came of a mutation run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Mutation {
    /// Every mutant with its fate, in order of files and lines.
    pub mutants: Vec<(Change, Fate)>,
}

impl Mutation {
    /// How many were killed, survived and were refused.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count =
            |is: fn(&Fate) -> bool| self.mutants.iter().filter(|(_, fate)| is(fate)).count();
        (
            count(|fate| matches!(fate, Fate::Killed { .. })),
            count(|fate| matches!(fate, Fate::Survived { .. })),
            count(|fate| matches!(fate, Fate::Refused)),
        )
    }

    /// The survivors, each with the case that would kill it.
    #[must_use]
    pub fn text(&self) -> String {
        use crate::text::Tone;
        let mut text = String::new();
        for (change, fate) in &self.mutants {
            let Fate::Survived { killer } = fate else {
                continue;
            };
            let place = format!("{}:{}", change.file, change.line);
            text.push_str(&format!(
                "{} {} {}\n",
                Tone::Bad.paint("survived"),
                Tone::Place.paint(&place),
                change.what
            ));
            match killer {
                Some(killer) => {
                    text.push_str("  this case would kill it, if its outcome is right:\n");
                    for line in killer.lines() {
                        text.push_str(&format!("  | {line}\n"));
                    }
                }
                None => text.push_str("  no case was found that tells the two apart\n"),
            }
        }
        let (killed, survived, refused) = self.counts();
        let tone = if survived == 0 { Tone::Good } else { Tone::Bad };
        let sum = format!("{killed} killed, {survived} survived, {refused} refused when loaded");
        text.push_str(&format!("{}\n", tone.paint(&sum)));
        text
    }
}

/// Tries every mutant of a release's script form against its cases.
///
/// `done` hears how many of how many have been tried; the release must pass its cases.
/// `None` if the release has no script or its cases cannot be read.
pub fn run(
    engine: &Engine,
    release: &Release,
    mut done: impl FnMut(usize, usize),
) -> Option<Mutation> {
    let original = engine.compile_script(release.source().clone()).ok()??;
    let cases = release.source().cases().ok()?;
    let admitted: Vec<(CaseFile, Case)> = cases
        .into_iter()
        .filter_map(|file| {
            let case = original.admit(&file.to_json()).ok()?;
            Some((file, case))
        })
        .collect();
    let changes = mutants(release.source().folder());
    let total = changes.len();
    let try_out = |(_, mutant): &(Change, SourceFolder)| {
        let source = mutant.clone().release().ok();
        match source.map(|source| engine.compile_script(source)) {
            Some(Ok(Some(mutant))) => fate(&original, &mutant, &admitted),
            _ => Fate::Refused,
        }
    };
    let fates = parallel::each(&changes, try_out, |count| done(count, total));
    let changes = changes.into_iter().map(|(change, _)| change);
    Some(Mutation {
        mutants: changes.zip(fates).collect(),
    })
}

fn fate(original: &Release, mutant: &Release, cases: &[(CaseFile, Case)]) -> Fate {
    for (file, case) in cases {
        let decided = mutant.decide(case, &file.actor, &file.standing, file.as_of);
        if decided.execution.fault.is_some() || !compare(&file.expect, &decided.decision).is_empty()
        {
            return Fate::Killed {
                by: file.stem.to_string(),
            };
        }
    }
    Fate::Survived {
        killer: killer::find(original, mutant, cases),
    }
}
