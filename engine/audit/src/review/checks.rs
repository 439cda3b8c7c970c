//! What was run of the new release beside the comparison: its cases, proofs, coverage and
//! mutants; and what was not run, by name.

use redress_authoring::coverage::{Coverage, Metric};
use redress_authoring::mutants::{Fate, Mutation};
use serde_json::{Value as Json, json};

use crate::diff::Proof;

/// How many places without a case and how many survivors a page tells of.
const TOLD_MAX: usize = 200;

/// What became of a check.
#[derive(Debug, Clone)]
pub enum Ran<T> {
    /// It was run, and found this.
    Done(T),
    /// Nobody wanted it.
    Skipped,
    /// It could not be run.
    Failed {
        /// Why, in words.
        why: String,
    },
}

impl<T> Ran<T> {
    fn json(&self, done: impl FnOnce(&T) -> Json) -> Json {
        match self {
            Self::Done(found) => json!({ "ran": "done", "found": done(found) }),
            Self::Skipped => json!({ "ran": "skipped" }),
            Self::Failed { why } => json!({ "ran": "failed", "why": why }),
        }
    }
}

/// How the release's own cases went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tested {
    /// Cases, in each form of the policy.
    pub total: usize,
    /// Those that went as expected.
    pub passed: usize,
    /// The names of the others.
    pub failed: Vec<String>,
}

/// What a release never does, as far as a solver can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The solver; without one, only what chance refutes is known.
    pub solver: Option<String>,
    /// How long it had for each property, in seconds.
    pub seconds: u64,
    /// What is taken for granted of the facts, in the words of the release.
    pub assumes: Vec<String>,
    /// The answers, in order.
    pub rows: Vec<ProvedRow>,
}

/// One property with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedRow {
    /// What it says.
    pub says: String,
    /// `proved`, `refuted`, `unknown` or `bug`.
    pub answer: &'static str,
    /// What the counterexample gives, or why nobody knows.
    pub why: Vec<String>,
    /// The facts of each case of a counterexample.
    pub cases: Vec<Vec<(String, String)>>,
}

/// Everything that was run of the new release.
#[derive(Debug, Clone)]
pub struct Checks {
    /// How its cases went.
    pub tested: Tested,
    /// How its script differs from the old one's.
    pub difference: Proof,
    /// What it never does.
    pub proofs: Ran<Proved>,
    /// What its cases go through.
    pub coverage: Ran<Coverage>,
    /// Which small changes no case would notice.
    pub mutants: Ran<Mutation>,
}

impl Checks {
    pub(super) fn json(&self) -> Json {
        let tested = &self.tested;
        json!({
            "tested": { "total": tested.total, "passed": tested.passed, "failed": tested.failed },
            "proofs": self.proofs.json(proofs),
            "coverage": self.coverage.json(coverage),
            "mutants": self.mutants.json(mutants),
        })
    }
}

fn proofs(proved: &Proved) -> Json {
    let rows = proved.rows.iter().map(|row| {
        let cases = row.cases.iter().map(|facts| {
            let facts = facts.iter().map(|(name, value)| format!("{name} = {value}"));
            facts.collect::<Vec<_>>().join(", ")
        });
        json!({ "says": row.says, "answer": row.answer, "why": row.why, "cases": cases.collect::<Vec<_>>() })
    });
    let rows: Vec<Json> = rows.collect();
    json!({ "solver": proved.solver, "seconds": proved.seconds, "assumes": proved.assumes, "rows": rows })
}

fn coverage(coverage: &Coverage) -> Json {
    let shares = Metric::ALL.iter().map(|metric| {
        let share = coverage.share(*metric);
        json!([metric.name(), share.hit, share.found])
    });
    let missing = coverage.missing();
    json!({
        "shares": shares.collect::<Vec<_>>(),
        "missing": missing.iter().take(TOLD_MAX).collect::<Vec<_>>(),
        "more": missing.len().saturating_sub(TOLD_MAX),
    })
}

fn mutants(mutation: &Mutation) -> Json {
    let (killed, survived, refused) = mutation.counts();
    let survivors = mutation.mutants.iter().filter_map(|(change, fate)| {
        let Fate::Survived { killer } = fate else {
            return None;
        };
        let place = format!("{}:{}", change.file, change.line);
        Some(json!([place, change.what, killer]))
    });
    json!({
        "killed": killed,
        "survived": survived,
        "refused": refused,
        "survivors": survivors.take(TOLD_MAX).collect::<Vec<_>>(),
    })
}
