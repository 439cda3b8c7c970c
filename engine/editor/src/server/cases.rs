//! Cases: run from the editor, with what they come to beside them.

use std::path::Path;

use redress_authoring::suite::{Tester, Verdict};
use redress_kernel::Decision;
use redress_model::Amount;

use super::workspace::Workspace;

/// How a case went, for people.
pub(super) struct Went {
    /// Whether every form decided as expected.
    pub(super) passed: bool,
    /// What was decided, in a line.
    pub(super) decided: String,
    /// What differs from what is expected.
    pub(super) differs: Vec<String>,
}

impl Went {
    /// One text of it all.
    pub(super) fn text(&self) -> String {
        let state = if self.passed { "passed" } else { "failed" };
        let mut text = format!("{state}: {}", self.decided);
        for difference in &self.differs {
            text.push_str(&format!("\n{difference}"));
        }
        text
    }
}

/// Runs a case as its text and its release stand now.
pub(super) fn run(workspace: &mut Workspace, file: &Path) -> Result<Went, String> {
    let (release, case) = workspace.case(file)?;
    let tester = Tester {
        engine: &workspace.engine,
        filter: None,
        sandbox: None,
    };
    let mut went = Went {
        passed: true,
        decided: String::new(),
        differs: Vec::new(),
    };
    for run in tester.runs(&release, &case) {
        if let Some(decided) = run.decided.filter(|_| went.decided.is_empty()) {
            went.decided = line(&decided.decision);
        }
        match run.verdict {
            Verdict::Passed => {}
            Verdict::Invalid(problem) => {
                went.passed = false;
                went.differs.push(problem);
            }
            Verdict::Failed(differences) => {
                went.passed = false;
                let lines = differences.into_iter().map(|differs| {
                    let (key, expected, found) = (differs.key, differs.expected, differs.found);
                    format!("{key}: expected {expected}, found {found}")
                });
                went.differs.extend(lines);
            }
        }
    }
    // Every form differs alike.
    went.differs.sort();
    went.differs.dedup();
    Ok(went)
}

/// A decision in a line: the outcome and what is given.
fn line(decision: &Decision) -> String {
    let given = decision
        .remedies()
        .iter()
        .map(|remedy| match &remedy.amount {
            Amount::Money(sum) => format!("{sum} as {}", remedy.kind),
            Amount::Units { unit, count } => format!("{count} {unit}"),
        });
    let given: Vec<_> = given.collect();
    match given.is_empty() {
        true => decision.outcome().name().to_owned(),
        false => format!("{} {}", decision.outcome().name(), given.join(", ")),
    }
}
