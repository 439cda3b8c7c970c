//! Generated commands on the ledger in memory, against the reference model.
//!
//! `LEDGER_HISTORIES=50000 cargo test --release -p redress-ledger-trials --test differential`
//! is the long run: 50,000 histories of 200 commands. `LEDGER_SEED` starts elsewhere.

use redress_ledger::Memory;
use redress_ledger_trials::campaign::Seeds;
use redress_ledger_trials::differential::{Tally, history};

#[test]
fn the_ledger_in_memory_does_what_the_model_does() {
    let seeds = Seeds::from_env(24);
    let one = |seed| history(seed, 200, &Memory::new());
    let all = seeds.run(one, Tally::add);
    println!("{seeds:?}: {all:?}");
    assert_eq!(all.commands, seeds.count * 200);
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
        "escalate escalated",
        "settle settled",
        "settle entry_closed",
        "void voided",
        "override overridden",
        "due swept",
        "due nothing_due",
        "promise promised",
    ] {
        // A seed that is run again by itself need not come to all of them.
        let came = all.has(outcome) || seeds.count < 24;
        assert!(came, "no history came to {outcome}: {all:#?}");
    }
}
