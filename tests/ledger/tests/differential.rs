//! Generated commands on the ledger in memory, against the reference model.
//!
//! `LEDGER_HISTORIES=50000 cargo test --release -p redress-ledger-trials --test differential`
//! is the long run: 50,000 histories of 200 commands. `LEDGER_SEED` starts elsewhere.

use redress_ledger::Memory;
use redress_ledger_trials::differential::{Tally, history};

fn number(name: &str, default: u64) -> u64 {
    let found = std::env::var(name).ok();
    found.map_or(default, |text| text.parse().unwrap())
}

#[test]
fn the_ledger_in_memory_does_what_the_model_does() {
    let (first, count) = (number("LEDGER_SEED", 1), number("LEDGER_HISTORIES", 24));
    let mut all = Tally::default();
    for seed in first..first + count {
        let tally = history(seed, 200, &Memory::new()).unwrap_or_else(|error| panic!("{error}"));
        all.add(tally);
    }
    println!("seeds {first}..{}: {all:?}", first + count);
    assert_eq!(all.commands, count * 200);
    // What the histories are for must come up in them.
    for outcome in [
        "decide grant",
        "decide escalate",
        "decide hold",
        "decide refuse",
        "approve approved",
        "approve over_authority",
        "approve other_case",
        "sign signed",
        "sign approved",
        "refuse refused",
        "settle settled",
        "settle entry_closed",
        "void voided",
        "override overridden",
        "due swept",
        "due nothing_due",
        "promise promised",
    ] {
        assert!(all.has(outcome), "no history came to {outcome}: {all:#?}");
    }
}
