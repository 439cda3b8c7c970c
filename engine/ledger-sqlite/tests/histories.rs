//! Histories of eight clients on a file that is killed and opened again.
//!
//! `LEDGER_HISTORIES=100000 cargo test --release -p redress-ledger-sqlite --test histories` is
//! the long run.

use std::path::PathBuf;

use redress_ledger::{Ledger, Request, Store as _, StoreError, StoreFault, engine};
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::campaign::Seeds;
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

#[test]
fn every_history_in_a_file_could_have_happened_one_by_one() {
    let folder = TempDir::new().unwrap();
    let seeds = Seeds::from_env(2);
    let one = |seed: u64| {
        // What a seed leaves behind goes with it, or a long run would fill the disk.
        let folder = TempDir::new_in(folder.path()).map_err(|error| error.to_string())?;
        let mut mortal = InFile {
            path: folder.path().join("ledger"),
            open: None,
        };
        history(seed, 8, 50, &mut mortal)
    };
    let all = seeds.run(one, Tally::add);
    println!("{seeds:?}: {all:?}");
    assert_eq!(all.operations, seeds.count * 400);
}
