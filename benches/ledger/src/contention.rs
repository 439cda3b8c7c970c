//! How long one customer's decision takes while others crowd around one customer's cap, beside
//! others who decide about as many customers as there are.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use redress_ledger::{Ledger as _, Store};
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::server::Server;

use crate::Effort;
use crate::load::Load;
use crate::time::{Target, median, percentile, row, seconds};

/// How many others decide at the same time.
const OTHERS: u64 = 15;

/// The most that a quiet customer may notice of a crowd: nothing, within the noise of a run.
const MOST: f64 = 1.15;

/// The waits of one client whose customers are its own, while others decide.
fn waits(ledger: &impl Store, crowd: Option<&str>, decisions: u64) -> Result<Vec<f64>> {
    let load = Load::new(100_000);
    let stop = AtomicBool::new(false);
    let at = Load::at(0)?;
    let far = 1_u64 << 20;
    let own = (0..decisions).map(|number| load.request(number, None));
    let own = own.collect::<Result<Vec<_>>>()?;
    let mut others = Vec::new();
    for other in 0..OTHERS {
        let first = far + other * far;
        let requests = (0..decisions * 2).map(|number| load.request(first + number, crowd));
        others.push(requests.collect::<Result<Vec<_>>>()?);
    }
    thread::scope(|scope| {
        let threads = others.iter().map(|requests| {
            let stop = &stop;
            scope.spawn(move || -> Result<()> {
                for request in requests {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    ledger.apply(std::slice::from_ref(request), at)?;
                }
                Ok(())
            })
        });
        let threads: Vec<_> = threads.collect();
        let mut times = Vec::new();
        let mut done = Ok(());
        for request in &own {
            let sent = seconds(|| Ok(ledger.apply(std::slice::from_ref(request), at)?));
            match sent.and_then(|(time, replies)| {
                replies.into_iter().next().context("an answer")??;
                Ok(time)
            }) {
                Ok(time) => times.push(time),
                Err(error) => {
                    done = Err(error);
                    break;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a client died"))??;
        }
        done.map(|()| times)
    })
}

fn compare<S: Store>(name: &str, effort: Effort, open: impl Fn(&str) -> Result<S>) -> Result<()> {
    let (mut ratios, mut quiet, mut crowded) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..effort.or(5, 1) {
        let decisions = effort.or(400, 5);
        let spread = waits(&open(&format!("spread-{round}"))?, None, decisions)?;
        let crowd = waits(
            &open(&format!("crowd-{round}"))?,
            Some("everybody's"),
            decisions,
        )?;
        ratios.push(median(&mut crowd.clone()) / median(&mut spread.clone()));
        quiet.extend(spread);
        crowded.extend(crowd);
    }
    let told = format!(
        "p99 {:.2} ms beside {:.2} ms",
        percentile(&mut crowded, 99) * 1e3,
        percentile(&mut quiet, 99) * 1e3
    );
    let name = format!("another customer beside a crowded one to beside many, {name}");
    row(&name, median(&mut ratios), Target::Most(MOST), &told);
    Ok(())
}

/// On SQLite.
pub(crate) fn sqlite(effort: Effort, folder: &Path) -> Result<()> {
    compare("SQLite", effort, |name| {
        Ok(SqliteLedger::open(&folder.join(name))?)
    })
}

/// On PostgreSQL.
pub(crate) fn postgresql(effort: Effort, server: &Server) -> Result<()> {
    compare("PostgreSQL", effort, |_| {
        Ok(PostgresLedger::open(&server.schema().0)?)
    })
}
