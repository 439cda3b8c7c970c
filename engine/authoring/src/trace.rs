//! What a policy did on its way, step by step below the lines of its source.

use redress::{Release, Traced, TracedStep};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The number and text of its line, where it is not that of the step before.
    pub(crate) line: Option<(usize, String)>,
    /// What was read or looked up, and its value.
    pub(crate) what: String,
}

/// The steps that the interpreter traced.
pub(crate) fn steps(release: &Release, traced: &[Traced]) -> Vec<Step> {
    let script = release.source().policy().rhai();
    let text = script
        .map(|script| script.text.as_str())
        .unwrap_or_default();
    let mut before = None;
    let mut steps = Vec::with_capacity(traced.len());
    for traced in traced {
        let line = traced.at.and_then(|at| {
            let number = usize::try_from(at.line).ok()?;
            let line = text.lines().nth(number.checked_sub(1)?)?;
            Some((number, line.trim()))
        });
        let own = line.filter(|line| before != Some(*line));
        before = line;
        steps.push(Step {
            line: own.map(|(number, line)| (number, line.to_owned())),
            what: match &traced.step {
                TracedStep::Fact { name, value } => {
                    format!("{name} = {}", value.as_deref().unwrap_or("unknown"))
                }
                TracedStep::Row { table, inputs, row } => {
                    format!("table {table} [{}] gives {row}", inputs.join(", "))
                }
            },
        });
    }
    steps
}
