//! Histories of eight clients on a file that is killed and opened again.
//!
//! `LEDGER_HISTORIES=100000 cargo test --release -p redress-ledger-sqlite --test histories` is
//! the long run.

use std::path::PathBuf;

use redress_ledger::{Ledger, Request, Store as _, StoreError, StoreFault, engine};
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::histories::{Mortal, Tally, history};
use redress_model::Timestamp;
use tempfile::TempDir;

struct InFile {
    path: PathBuf,
    open: Option<SqliteLedger>,
}

impl InFile {
    fn opened(&mut self) -> Result<&SqliteLedger, StoreError> {
        let ledger = match self.open.take() {
            Some(ledger) => ledger,
            None => SqliteLedger::open(&self.path)?,
        };
        Ok(self.open.insert(ledger))
    }
}

impl Mortal for InFile {
    fn ledger(&mut self) -> Result<&dyn Ledger, StoreError> {
        Ok(self.opened()?)
    }

    fn kill(&mut self) {
        self.open = None;
    }

    fn die_within(&mut self, batch: &[Request], at: Timestamp) {
        let died = self.opened().and_then(|ledger| {
            ledger.write(&mut |tables| {
                engine::apply(tables, batch, at, None)?;
                Err(StoreError::new(StoreFault::Io, "killed"))
            })
        });
        assert!(died.is_err());
        self.kill();
    }
}

fn number(name: &str, default: u64) -> u64 {
    let found = std::env::var(name).ok();
    found.map_or(default, |text| text.parse().unwrap_or(default))
}

#[test]
fn every_history_in_a_file_could_have_happened_one_by_one() {
    let folder = TempDir::new().unwrap();
    let (first, count) = (number("LEDGER_SEED", 1), number("LEDGER_HISTORIES", 2));
    let mut all = Tally::default();
    for seed in first..first + count {
        let path = folder.path().join(seed.to_string());
        let mut mortal = InFile {
            path: path.clone(),
            open: None,
        };
        let tally = history(seed, 8, 50, &mut mortal);
        all.add(tally.unwrap_or_else(|error| panic!("{error}")));
        drop(mortal);
        for end in ["", ".lock", "-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(end);
            drop(std::fs::remove_file(name));
        }
    }
    println!("seeds {first}..{}: {all:?}", first + count);
    assert_eq!(all.operations, count * 400);
}
