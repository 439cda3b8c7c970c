//! Histories of eight clients on the ledger in memory.
//!
//! `LEDGER_HISTORIES=100000 cargo test --release -p redress-ledger-trials --test histories` is
//! the long run: 8 clients of 50 operations each.

use redress_ledger::{Ledger, Memory, Request, Store as _, StoreError, StoreFault, engine};
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

fn number(name: &str, default: u64) -> u64 {
    let found = std::env::var(name).ok();
    found.map_or(default, |text| text.parse().unwrap_or(default))
}

#[test]
fn every_history_in_memory_could_have_happened_one_by_one() {
    let (first, count) = (number("LEDGER_SEED", 1), number("LEDGER_HISTORIES", 6));
    let mut all = Tally::default();
    for seed in first..first + count {
        let mut mortal = InMemory(Memory::new());
        let tally = history(seed, 8, 50, &mut mortal);
        all.add(tally.unwrap_or_else(|error| panic!("{error}")));
    }
    println!("seeds {first}..{}: {all:?}", first + count);
    assert_eq!(all.operations, count * 400);
    assert!(all.killed > 0 && all.lost > 0 && all.reads > 0, "{all:?}");
}
