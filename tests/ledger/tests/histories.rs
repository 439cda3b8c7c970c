//! Histories of eight clients on the ledger in memory.
//!
//! `LEDGER_HISTORIES=100000 cargo test --release -p redress-ledger-trials --test histories` is
//! the long run: 8 clients of 50 operations each, on every core; `LEDGER_SEED` starts elsewhere.

use redress_ledger::{Ledger, Memory, Request, Store as _, StoreError, StoreFault, engine};
use redress_ledger_trials::campaign::Seeds;
use redress_ledger_trials::histories::{Mortal, Tally, history};
use redress_model::Timestamp;

/// Memory outlives no process, so it dies only within transactions.
struct InMemory(Memory);

impl Mortal for InMemory {
    fn ledger(&mut self) -> Result<&dyn Ledger, StoreError> {
        Ok(&self.0)
    }

    fn kill(&mut self) {}

    fn die_within(&mut self, batch: &[Request], at: Timestamp) {
        let died = self.0.write(&mut |tables| {
            engine::apply(tables, batch, at, None)?;
            Err(StoreError::new(StoreFault::Io, "killed"))
        });
        assert!(died.is_err());
    }
}

#[test]
fn every_history_in_memory_could_have_happened_one_by_one() {
    let seeds = Seeds::from_env(6);
    let one = |seed| history(seed, 8, 50, &mut InMemory(Memory::new()));
    let all = seeds.run(one, Tally::add);
    println!("{seeds:?}: {all:?}");
    assert_eq!(all.operations, seeds.count * 400);
    assert!(all.killed > 0 && all.lost > 0 && all.reads > 0, "{all:?}");
}
