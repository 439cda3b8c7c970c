//! A ledger in a file on a disk that fails: a fixed share of all moments, or every one.
//!
//! `LEDGER_POINTS=all cargo test --release -p redress-disk-trials -- --nocapture` is the long run;
//! `LEDGER_SEED` takes another workload and `LEDGER_OPERATIONS` another number of operations, and
//! `LEDGER_FROM` begins to fail at a later one.

use std::path::Path;
use std::thread;

use redress_disk_trials::trial::{Recording, Share, Tally, Workload};
use tempfile::TempDir;

fn number(name: &str, default: u64) -> u64 {
    let found = std::env::var(name).ok();
    found.map_or(default, |text| text.parse().unwrap_or(default))
}

/// The share of the moments that each thread tries: all of them together, or one of so many.
fn shares(of: u64) -> Vec<Share> {
    if std::env::var("LEDGER_POINTS").is_ok_and(|points| points == "all") {
        let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
        return (0..threads)
            .map(|rest| Share { of: threads, rest })
            .collect();
    }
    vec![Share { of, rest: 0 }]
}

#[track_caller]
fn check(
    of: u64,
    try_share: impl Fn(&Recording, Share, &mut Tally) -> Result<(), String> + Sync,
) -> Tally {
    let folder = TempDir::new().unwrap();
    let operations = usize::try_from(number("LEDGER_OPERATIONS", 200)).unwrap();
    let workload = Workload::new(number("LEDGER_SEED", 41), operations);
    let recording = Recording::new(workload, folder.path());
    let mut all = Tally {
        events: recording.events(),
        ..Tally::default()
    };
    let done: Vec<Result<Tally, String>> = thread::scope(|scope| {
        let threads = shares(of).into_iter().map(|share| {
            let (recording, try_share) = (&recording, &try_share);
            scope.spawn(move || {
                let mut tally = Tally::default();
                try_share(recording, share, &mut tally).map(|()| tally)
            })
        });
        let threads: Vec<_> = threads.collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for tally in done {
        all.add(tally.unwrap_or_else(|what| panic!("{what}")));
    }
    println!("{} points: {all:?}", all.points());
    assert!(
        !Path::new(folder.path()).join("0").exists(),
        "it was all in memory"
    );
    all
}

#[test]
fn a_loss_of_power_at_any_moment_loses_nothing_that_was_acknowledged() {
    let tally = check(199, Recording::lose_power);
    assert!(tally.events > 2_000 && tally.losses > 50, "{tally:?}");
    assert!(tally.arrived < tally.losses, "{tally:?}");
}

#[test]
fn a_disk_that_fails_at_any_write_or_sync_is_told_and_nothing_is_half_done() {
    let from = usize::try_from(number("LEDGER_FROM", 0)).unwrap();
    let tally = check(97, |recording, share, tally| {
        recording.fail(from, share, tally)
    });
    assert!(tally.faults > 50 && tally.unknown > 0, "{tally:?}");
}
