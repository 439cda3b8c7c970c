//! Prints what the ledgers cost, beside bare loads of the same rows and bare SELECTs in the same
//! run.
//!
//!     redress-ledger-bench [--test] [durable] [standing] [postgres] [contention]
//!
//! `--test` runs everything once on little and measures nothing; names run only those parts.

mod contention;
mod durable;
mod load;
mod postgres;
mod sqlite;
mod standing;
mod time;
mod watch;

use anyhow::{Result, bail};
use redress_ledger_trials::server::Server;
use tempfile::TempDir;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Enough for a figure.
    Whole,
    /// Enough to see that it runs.
    Smoke,
}

impl Effort {
    /// One of two numbers.
    pub(crate) const fn or<T: Copy>(self, whole: T, smoke: T) -> T {
        match self {
            Self::Whole => whole,
            Self::Smoke => smoke,
        }
    }
}

const PARTS: [&str; 4] = ["durable", "standing", "postgres", "contention"];

fn main() -> Result<()> {
    let (mut effort, mut parts) = (Effort::Whole, Vec::new());
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--test" | "--smoke" => effort = Effort::Smoke,
            // What cargo gives to every bench.
            "--bench" => {}
            name if PARTS.contains(&name) => parts.push(name.to_owned()),
            other => bail!("{other:?} is none of --test, {}", PARTS.join(", ")),
        }
    }
    let runs = |part: &str| parts.is_empty() || parts.iter().any(|name| name == part);
    let folder = TempDir::new()?;
    println!("| what | ratio | target | | |");
    println!("| --- | ---: | ---: | --- | --- |");
    if runs("durable") {
        durable::sqlite(effort, folder.path())?;
    }
    if runs("standing") {
        standing::sqlite(effort, folder.path())?;
    }
    if runs("contention") {
        contention::sqlite(effort, folder.path())?;
    }
    if runs("postgres")
        && let Some(server) = Server::own("ledger-bench")
    {
        durable::postgresql(effort, &server)?;
        contention::postgresql(effort, &server)?;
    }
    Ok(())
}
