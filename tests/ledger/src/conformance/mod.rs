//! One suite for every ledger: the model, the stores, and whatever comes next.
//!
//! A trial gets a ledger that holds nothing. It looks only at answers and at what
//! [`Ledger`] shows, so that all of them can be held to it.

mod after;
mod approvals;
mod decisions;
mod escalations;
mod force;
mod keys;
mod limits;
mod sweeps;

use std::panic::{AssertUnwindSafe, catch_unwind};

use redress_ledger::Ledger;

/// What a trial does to a new ledger.
type Run = Box<dyn Fn(&dyn Ledger)>;

/// One trial.
pub struct Trial {
    /// What it shows.
    pub name: String,
    run: Run,
}

impl Trial {
    fn new(name: impl Into<String>, run: impl Fn(&dyn Ledger) + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// Every trial.
#[must_use]
pub fn suite() -> Vec<Trial> {
    let mut trials = Vec::new();
    trials.extend(limits::trials());
    trials.extend(decisions::trials());
    trials.extend(approvals::trials());
    trials.extend(escalations::trials());
    trials.extend(after::trials());
    trials.extend(sweeps::trials());
    trials.extend(keys::trials());
    trials.extend(force::trials());
    trials
}

/// Runs every trial on a new ledger each, and gives how many there were.
///
/// # Panics
/// With the names of those that failed.
pub fn run(mut make: impl FnMut() -> Box<dyn Ledger>) -> usize {
    let trials = suite();
    let mut failed = Vec::new();
    for trial in &trials {
        let ledger = make();
        let run = AssertUnwindSafe(|| (trial.run)(&*ledger));
        if catch_unwind(run).is_err() {
            failed.push(trial.name.as_str());
        }
    }
    assert!(failed.is_empty(), "failed:\n  {}", failed.join("\n  "));
    trials.len()
}
