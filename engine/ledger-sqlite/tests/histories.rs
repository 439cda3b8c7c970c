//! Histories of eight clients on a file that is killed and opened again, and a process that is
//! killed by the system.
//!
//! `LEDGER_HISTORIES=100000 cargo test --release -p redress-ledger-sqlite --test histories` is
//! the long run of the histories, `LEDGER_KILLS=500` that of the kills.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use redress_ledger::{Ledger, Request, Store as _, StoreError, StoreFault, engine};
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::fixture::key;
use redress_ledger_trials::generate::Generator;
use redress_ledger_trials::histories::{Mortal, Tally, history};
use redress_model::{Digest, Timestamp};
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

/// The process that is killed: it applies generated commands for ever and says of each that
/// was carried out, after its commit, which key and which bytes.
fn victim(path: &Path, seed: u64) {
    let Ok(ledger) = SqliteLedger::open(path) else {
        return;
    };
    let mut generator = Generator::new(seed).named(seed);
    loop {
        let (request, at) = generator.make();
        let Ok(replies) = ledger.apply(std::slice::from_ref(&request), at) else {
            return;
        };
        let Some(reply) = replies.first() else {
            return;
        };
        if let Ok(answered) = reply {
            println!(
                "ack {} {}",
                request.key.as_str(),
                Digest::of(&answered.bytes)
            );
            generator.learn(&request, reply);
        }
    }
}

#[test]
fn what_was_acknowledged_outlives_a_killed_process() {
    if let Ok(path) = std::env::var("LEDGER_VICTIM") {
        return victim(Path::new(&path), number("LEDGER_SEED", 1));
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let (mut acknowledged, kills) = (0, number("LEDGER_KILLS", 5));
    for round in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "what_was_acknowledged_outlives_a_killed_process",
                "--nocapture",
            ])
            .env("LEDGER_VICTIM", &path)
            .env("LEDGER_SEED", (1_000 + round).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut heard: Vec<(String, String)> = Vec::new();
        // Somewhere after some acknowledgements, wherever the process is just then.
        let until = 3 + (round * 7) % 40;
        for line in lines {
            let line = line.unwrap();
            let Some(rest) = line.split("ack ").nth(1) else {
                continue;
            };
            let (name, digest) = rest.split_once(' ').unwrap();
            heard.push((name.to_owned(), digest.to_owned()));
            if u64::try_from(heard.len()) == Ok(until) {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let ledger = SqliteLedger::open(&path).unwrap();
        for (name, digest) in &heard {
            let found = ledger.answer(&key(name)).unwrap();
            // A key may have been forgotten by a sweep, once it is older than the longest window.
            if let Some(found) = found {
                assert_eq!(
                    Digest::of(&found.bytes).to_string(),
                    *digest,
                    "round {round}, {name}"
                );
                acknowledged += 1;
            }
        }
        let records = ledger.records(0, u32::MAX).unwrap();
        assert!(
            records
                .iter()
                .zip(1..)
                .all(|(row, number)| row.seq == number),
            "round {round}"
        );
        let whole = records
            .iter()
            .all(|row| row.leaf == redress_log::merkle::leaf_hash(&row.line));
        assert!(whole, "round {round}: a record does not match its hash");
    }
    println!("{kills} kills, {acknowledged} acknowledged operations found again");
    assert!(acknowledged > kills);
}
