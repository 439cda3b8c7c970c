//! What other commands ask of a proof: how two releases differ, and what one never does.

use std::time::Duration;

use redress::Release;
use redress_audit::diff::{Proof, Witness};
use redress_audit::review::{Proved, ProvedRow};
use redress_prove::{Answer, Counterexample, Prover, properties};
use serde_json::Value;

use super::solver::Process;
use super::{answered, progress};

/// How two releases differ in what their scripts give, before the guardrails act.
pub(crate) fn difference(old: &Release, new: &Release, limit: Duration) -> Proof {
    let solver = Process::find(limit);
    progress("proving what the change gives");
    let proof = asked(old, new, &solver);
    progress("");
    proof.unwrap_or_else(|open| open)
}

/// The answer, or that it is open, which ends the questions.
fn asked(old: &Release, new: &Release, solver: &Process) -> Result<Proof, Proof> {
    let prover = Prover::against(old, new).map_err(|error| open(error.code(), &error))?;
    let assumes: Vec<String> = prover.assumed().map(str::to_owned).collect();
    let other = match prover.compare(false, solver) {
        Answer::Proved => return Ok(Proof::Equivalent { assumes }),
        Answer::Refuted(found) => witness(&found),
        Answer::Unknown { code, why } => return Err(open(code, &why)),
        Answer::Bug { what, .. } => return Err(open("not_replayed", &what)),
    };
    let less = match prover.compare(true, solver) {
        Answer::Proved => {
            let witness = other;
            return Ok(Proof::NeverLess { witness, assumes });
        }
        Answer::Refuted(found) => witness(&found),
        Answer::Unknown { .. } | Answer::Bug { .. } => return Ok(Proof::Part { witness: other }),
    };
    let back = Prover::against(new, old).map_err(|error| open(error.code(), &error))?;
    Ok(match back.compare(true, solver) {
        Answer::Proved => Proof::NeverMore {
            witness: less,
            assumes,
        },
        _ => Proof::Part { witness: less },
    })
}

fn open(code: &str, why: &impl ToString) -> Proof {
    Proof::Open {
        code: code.to_owned(),
        reason: why.to_string(),
    }
}

fn witness(found: &Counterexample) -> Witness {
    let side = |name: &str| {
        let said = found.gives.iter().find_map(|said| said.strip_prefix(name));
        said.unwrap_or_default().to_owned()
    };
    Witness {
        facts: found.cases.first().map(facts).unwrap_or_default(),
        old: side("old: "),
        new: side("new: "),
    }
}

/// The facts of a case, each by its whole name.
fn facts(case: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    if let Some(facts) = case.get("facts") {
        flat("", facts, &mut all);
    }
    all
}

fn flat(before: &str, value: &Value, all: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = match before {
                    "" => name.clone(),
                    before => format!("{before}.{name}"),
                };
                flat(&name, member, all);
            }
        }
        Value::String(text) => all.push((before.to_owned(), text.clone())),
        other => all.push((before.to_owned(), other.to_string())),
    }
}

/// What a release never does, as far as a solver can tell.
///
/// # Errors
/// Why nothing can be asked of it, in words.
pub(crate) fn never(release: &Release, limit: Duration) -> Result<Proved, String> {
    let solver = Process::find(limit);
    let prover = Prover::new(release).map_err(|error| error.to_string())?;
    let asked = properties(release).map_err(|error| error.to_string())?;
    let rows = answered(&prover, &asked, &solver, "proving");
    let rows = rows.into_iter().map(|row| ProvedRow {
        says: row.property,
        answer: row.answer,
        why: row.why.into_iter().chain(row.gives).collect(),
        cases: row.cases.iter().map(facts).collect(),
    });
    Ok(Proved {
        solver: solver.program_name(),
        seconds: limit.as_secs(),
        assumes: prover.assumed().map(str::to_owned).collect(),
        rows: rows.collect(),
    })
}
