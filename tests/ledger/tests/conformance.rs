//! The suite on the model and on the ledger in memory.

use redress_ledger::Memory;
use redress_ledger_trials::{Model, Unchanged, conformance};

#[test]
fn the_model_conforms() {
    assert!(conformance::run(|| Box::new(Model::new())) >= 150);
}

#[test]
fn the_ledger_in_memory_conforms() {
    assert!(conformance::run(|| Box::new(Unchanged(Memory::new()))) >= 150);
}
