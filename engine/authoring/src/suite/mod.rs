//! The test runner: the cases of a release, what each expects and what was decided.

mod compare;
mod formats;
mod show;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use redress::{AdmitErrors, Decided, Engine, Release, SandboxKind};
use redress_model::Code;
use redress_release::CaseFile;
use regex::Regex;

pub use self::compare::{Difference, compare};
pub use self::formats::{github, json, junit, tap};
pub use self::show::pretty;
use crate::defect::{Defect, Place};
use crate::gate::{self, GateError};
use crate::sentences;

/// How one case went in one form of its policy.
#[derive(Debug)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Otherwise than expected.
    Failed(Vec<Difference>),
    /// The facts are not a case of the release.
    Invalid(String),
}

/// One case in one form of its policy.
#[derive(Debug)]
pub struct Run {
    /// The case file.
    pub file: PathBuf,
    /// What the case shows.
    pub name: String,
    /// The form that ran.
    pub sandbox: SandboxKind,
    /// How it went.
    pub verdict: Verdict,
    /// What was decided, where the facts are a case.
    pub decided: Option<Decided>,
}

/// One release with its runs.
#[derive(Debug)]
pub struct Suite {
    /// Name and version, or the folder where the release could not be read.
    pub release: String,
    /// What is wrong with the release as a whole.
    pub problem: Option<Problem>,
    /// Each case in each form.
    pub runs: Vec<Run>,
}

impl Suite {
    /// Whether nothing of it was run and nothing is wrong with it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.problem.is_none()
    }
}

/// What is wrong with a release as a whole.
#[derive(Debug)]
pub enum Problem {
    /// It cannot be loaded: everything that keeps it from that, at least one thing.
    Invalid(Vec<Defect>),
    /// It is released and was changed.
    Changed(Defect),
}

impl Problem {
    /// Everything that is wrong.
    #[must_use]
    pub fn defects(&self) -> &[Defect] {
        match self {
            Self::Invalid(defects) => defects,
            Self::Changed(defect) => std::slice::from_ref(defect),
        }
    }

    /// The problem in words, a line for each thing that is wrong.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.defects().iter().map(Defect::line).collect();
        lines.join("\n")
    }
}

/// How many runs went how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// As expected.
    pub passed: usize,
    /// Otherwise than expected.
    pub failed: usize,
    /// Not cases of their release.
    pub invalid: usize,
}

fn totals(suites: &[Suite]) -> Totals {
    let mut totals = Totals::default();
    for run in suites.iter().flat_map(|suite| &suite.runs) {
        match run.verdict {
            Verdict::Passed => totals.passed += 1,
            Verdict::Failed(_) => totals.failed += 1,
            Verdict::Invalid(_) => totals.invalid += 1,
        }
    }
    totals
}

impl Totals {
    /// What the runs and the releases come to as a whole.
    #[must_use]
    pub fn of(suites: &[Suite]) -> Self {
        totals(suites)
    }
}

/// Runs cases.
#[derive(Clone, Copy)]
pub struct Tester<'a> {
    /// What loads the releases.
    pub engine: &'a Engine,
    /// Only cases whose release, file or name matches.
    pub filter: Option<&'a Regex>,
    /// Only this form of each policy.
    pub sandbox: Option<SandboxKind>,
}

impl Tester<'_> {
    /// Runs the cases of the release in a folder.
    #[must_use]
    pub fn suite(&self, folder: &Path) -> Suite {
        let unreadable = |defects: Vec<Defect>| Suite {
            release: folder.display().to_string(),
            problem: Some(Problem::Invalid(defects)),
            runs: Vec::new(),
        };
        let release = match self.engine.load(folder) {
            Ok(release) => release,
            Err(error) => return unreadable(Defect::of_load(&error)),
        };
        let cases = match release.source().cases() {
            Ok(cases) => cases,
            Err(errors) => return unreadable(Defect::of_release(&errors)),
        };
        let id = release.id();
        let title = format!("{} {}", id.name, id.version);
        let problem = match gate::unchanged(release.source()) {
            Ok(_) => None,
            Err(error @ GateError::Changed { .. }) => Some(Problem::Changed(Defect {
                place: Some(Place::of_file(folder.display().to_string())),
                ..Defect::plain(&error)
            })),
            Err(error) => Some(Problem::Invalid(vec![Defect::plain(&error)])),
        };
        let chosen = cases.iter().filter(|case| self.chosen(&title, case));
        let runs = chosen.flat_map(|case| self.runs(&release, case)).collect();
        Suite {
            release: title,
            problem,
            runs,
        }
    }

    /// Whether the filter lets a case of a release through.
    #[must_use]
    pub fn chosen(&self, title: &str, case: &CaseFile) -> bool {
        let text = || format!("{title} cases/{}.toml {}", case.stem, case.name);
        self.filter.is_none_or(|filter| filter.is_match(&text()))
    }

    /// The case in every form of the policy; forms must agree on every byte.
    #[must_use]
    pub fn runs(&self, release: &Release, case: &CaseFile) -> Vec<Run> {
        let forms = release.sandboxes();
        let forms = forms
            .into_iter()
            .filter(|form| self.sandbox.is_none_or(|only| only == *form));
        let mut first: Option<Decided> = None;
        let mut runs = Vec::new();
        for form in forms {
            let Some(release) = release.with_sandbox(form) else {
                continue;
            };
            let mut came = None;
            let verdict = match release.admit(&case.to_json()) {
                Err(errors) => not_admitted(case, &errors),
                Ok(admitted) => {
                    let decided =
                        release.decide(&admitted, &case.actor, &case.standing, case.as_of);
                    let mut differences = compare(&case.expect, &decided.decision);
                    differences.extend(fault(case, &decided));
                    let messages = release.source().messages();
                    let unworded = sentences::missing(&decided.decision, messages);
                    differences.extend(unworded.iter().map(no_sentence));
                    differences.extend(
                        first
                            .as_ref()
                            .and_then(|first| forms_differ(first, &decided)),
                    );
                    came = Some(decided.clone());
                    first.get_or_insert(decided);
                    if differences.is_empty() {
                        Verdict::Passed
                    } else {
                        Verdict::Failed(differences)
                    }
                }
            };
            runs.push(Run {
                file: case.path.clone(),
                name: case.name.clone(),
                sandbox: form,
                verdict,
                decided: came,
            });
        }
        runs
    }
}

/// Facts that are no case are as expected where the case expects one of their errors.
fn not_admitted(case: &CaseFile, errors: &AdmitErrors) -> Verdict {
    let Some(expected) = case.expect.error else {
        return Verdict::Invalid(errors.to_string());
    };
    let mut found: Vec<&str> = errors.0.iter().map(|error| error.kind.code()).collect();
    if found.contains(&expected) {
        return Verdict::Passed;
    }
    found.dedup();
    Verdict::Failed(vec![Difference {
        key: "error".into(),
        expected: expected.into(),
        found: found.join(", "),
    }])
}

/// A policy that could not answer fails its case, and so does one that could where the case
/// expects an error.
fn fault(case: &CaseFile, decided: &Decided) -> Option<Difference> {
    let fault = decided.execution.fault.as_ref();
    match (case.expect.error, fault) {
        (None, None) => None,
        (None, Some(fault)) => Some(Difference {
            key: "policy".into(),
            expected: "an answer".into(),
            found: fault.to_string(),
        }),
        (Some(expected), Some(fault)) if fault.code().name() == expected => None,
        (Some(expected), fault) => Some(Difference {
            key: "error".into(),
            expected: expected.into(),
            found: fault.map_or("none", |fault| fault.code().name()).into(),
        }),
    }
}

/// A reason or an obligation that nobody could read fails its case.
fn no_sentence(code: &Code) -> Difference {
    Difference {
        key: format!("messages.{code}"),
        expected: "a sentence".into(),
        found: "none".into(),
    }
}

/// The first field in which two forms of one policy decide differently.
fn forms_differ(first: &Decided, other: &Decided) -> Option<Difference> {
    if first.decision == other.decision {
        return None;
    }
    let fields = |decided: &Decided| serde_json::to_value(&decided.decision).ok();
    let (first_fields, other_fields) = (fields(first)?, fields(other)?);
    let (name, expected) = first_fields
        .as_object()?
        .iter()
        .find(|(name, value)| other_fields.get(name.as_str()) != Some(value))?;
    Some(Difference {
        key: format!("{name} as in {}", first.execution.sandbox.name()),
        expected: expected.to_string(),
        found: other_fields.get(name)?.to_string(),
    })
}
