//! Durable decisions a second, beside a bare load of the same rows in groups of the same size.

use std::path::Path;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use redress_ledger::{Ledger as _, Store};
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::server::Server;

use crate::Effort;
use crate::load::Load;
use crate::time::{Target, median, one_sync, percentile, row, seconds};
use crate::watch::{Notes, Watched};
use crate::{postgres, sqlite};

/// How many customers the decisions are about.
const CUSTOMERS: u64 = 100_000;

/// What the clients of a ledger met.
struct Met {
    seconds: f64,
    /// Of every decision, in seconds.
    waits: Vec<f64>,
    /// How many decisions shared a commit, on average.
    group: u64,
}

/// Lets clients decide at the same time, one decision after the other each.
fn clients<S: Store>(store: S, load: &Load, clients: u64, decisions: u64) -> Result<Met> {
    let ledger = Watched::new(store, Notes::Commits);
    let each = decisions / clients;
    let mut requests = Vec::new();
    for client in 0..clients {
        let own = (0..each).map(|number| load.request(number * clients + client, None));
        requests.push(own.collect::<Result<Vec<_>>>()?);
    }
    let waits = Mutex::new(Vec::new());
    let at = Load::at(0)?;
    let (seconds_all, ()) = seconds(|| {
        thread::scope(|scope| {
            let threads = requests.iter().map(|own| {
                let (ledger, waits) = (&ledger, &waits);
                scope.spawn(move || -> Result<()> {
                    let mut times = Vec::with_capacity(own.len());
                    for request in own {
                        let batch = std::slice::from_ref(request);
                        let (time, replies) = seconds(|| Ok(ledger.apply(batch, at)?))?;
                        replies.into_iter().next().context("an answer")??;
                        times.push(time);
                    }
                    waits
                        .lock()
                        .map_err(|_| anyhow!("a client died"))?
                        .extend(times);
                    Ok(())
                })
            });
            let threads: Vec<_> = threads.collect();
            for thread in threads {
                thread.join().map_err(|_| anyhow!("a client died"))??;
            }
            Ok(())
        })
    })?;
    let group = (each * clients) / ledger.commits().max(1);
    Ok(Met {
        seconds: seconds_all,
        waits: waits.into_inner().unwrap_or_default(),
        group: group.max(1),
    })
}

/// Seconds, of every decision and of every group of the bare load.
struct Waits {
    ledger: Vec<f64>,
    bare: Vec<f64>,
}

/// A ledger and a bare load in turns.
fn race<S: Store>(
    name: &str,
    least: f64,
    (count, decisions, rounds): (u64, u64, usize),
    open: impl Fn(usize) -> Result<S>,
    mut bare: impl FnMut(usize, &[BareGroup]) -> Result<Vec<f64>>,
) -> Result<Waits> {
    let load = Load::new(CUSTOMERS);
    let (mut ratios, mut rates, mut sizes) = (vec![], vec![], vec![]);
    let mut waits = Waits {
        ledger: Vec::new(),
        bare: Vec::new(),
    };
    for round in 0..rounds {
        let met = clients(open(round)?, &load, count, decisions)?;
        let rows = Load::rows(&load.groups(0, decisions, met.group)?)?;
        let groups = bare(round, &rows)?;
        ratios.push(groups.iter().sum::<f64>() / met.seconds);
        waits.bare.extend(groups);
        rates.push(as_f64(decisions) / met.seconds);
        sizes.push(as_f64(met.group));
        waits.ledger.extend(met.waits);
    }
    let told = format!(
        "{:.0} decisions a second in groups of {:.0}, p99 {:.2} ms",
        median(&mut rates),
        median(&mut sizes),
        percentile(&mut waits.ledger, 99) * 1e3
    );
    row(name, median(&mut ratios), Target::Least(least), &told);
    Ok(waits)
}

/// Saves groups one after the other. Gives the seconds of each.
fn each(groups: &[BareGroup], mut save: impl FnMut(&BareGroup) -> Result<()>) -> Result<Vec<f64>> {
    let timed = groups.iter().map(|group| Ok(seconds(|| save(group))?.0));
    timed.collect()
}

/// The rows of one group.
pub(crate) type BareGroup = Vec<(
    &'static redress_ledger::table::Table,
    redress_ledger::table::Row,
)>;

fn as_f64(number: u64) -> f64 {
    // Counts of decisions are far below 2^32.
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// On SQLite.
pub(crate) fn sqlite(effort: Effort, folder: &Path) -> Result<()> {
    let sync = one_sync(folder, effort.or(200, 3))?;
    for (count, p99) in [(8, true), (64, false)] {
        let path = |kind: &str, round: usize| folder.join(format!("{kind}-{count}-{round}"));
        let mut waits = race(
            &format!("durable decisions, {count} clients, SQLite"),
            0.6,
            (count, effort.or(8_192, 128), effort.or(5, 1)),
            |round| Ok(SqliteLedger::open(&path("ledger", round))?),
            |round, rows| {
                let bare = sqlite::Bare::new(&path("bare", round))?;
                each(rows, |group| bare.save(group))
            },
        )?;
        if p99 {
            let wait = percentile(&mut waits.ledger, 99);
            let told = format!(
                "one sync {:.2} ms; one group of the bare load is {:.0} of them, p99 {:.0}",
                sync * 1e3,
                median(&mut waits.bare) / sync,
                percentile(&mut waits.bare, 99) / sync
            );
            let name = format!("p99 of a decision to one sync, {count} clients, SQLite");
            row(&name, wait / sync, Target::Most(5.0), &told);
        }
    }
    Ok(())
}

/// On PostgreSQL.
pub(crate) fn postgresql(effort: Effort, server: &Server) -> Result<()> {
    for count in [8, 64] {
        race(
            &format!("durable decisions, {count} clients, PostgreSQL"),
            0.5,
            (count, effort.or(8_192, 128), effort.or(5, 1)),
            |_| Ok(PostgresLedger::open(&server.schema().0)?),
            |_, rows| {
                let mut bare = postgres::Bare::new(server)?;
                each(rows, |group| bare.save(group))
            },
        )?;
    }
    Ok(())
}
