//! Decides a history in memory on two threads, and prints how many microseconds the whole of it takes.
//!
//! ```text
//! flights POLICY HISTORY.csv.gz [FACT=VALUE]...
//! ```
//!
//! One row in forty is admitted and then decided over and over, so that the cases stay in
//! the cache: the most decisions per second that the engine reaches on this machine, for
//! `benches/process.sh` to hold a backtest to. Columns that are named like a fact are
//! facts; the rest is left alone.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use flate2::read::GzDecoder;
use redress::{Actor, Assurance, Case, Code, Engine, EngineLimits, Release, Standing, Timestamp};
use redress_model::ActorId;
use redress_workload::race::time;
use serde_json::{Map, Value, json};

/// How many threads decide.
const THREADS: usize = 2;
/// Of how many rows one is decided.
const EVERY: usize = 40;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let policy = arguments
        .next()
        .context("usage: flights POLICY HISTORY [FACT=VALUE]...")?;
    let history = arguments.next().context("expected a history")?;
    let sets: Vec<String> = arguments.collect();
    let policy = Engine::new(EngineLimits::STANDARD).load_policy(Path::new(&policy))?;
    let [release] = policy.releases() else {
        anyhow::bail!("expected a policy of one version");
    };
    let (cases, rows) = read(Path::new(&history), release, &sets)?;
    ensure!(!cases.is_empty(), "no case was read");
    let actor = Actor {
        id: ActorId::new("bench")?,
        role: Code::new("agent")?,
        assurance: Assurance::Authenticated,
    };
    let as_of: Timestamp = "2014-01-01T12:00:00Z".parse()?;
    let standing = Standing::fresh();
    let each = rows.div_ceil(cases.len() * THREADS);
    let work = || {
        for case in std::iter::repeat_n(&cases, each).flatten() {
            black_box(release.decide(black_box(case), &actor, &standing, as_of));
        }
    };
    let taken = time(|| {
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(work);
            }
        });
    });
    let decided = u32::try_from(each * cases.len() * THREADS)?;
    let whole = taken.as_secs_f64() / f64::from(decided) * f64::from(u32::try_from(rows)?);
    println!("{:.0}", whole * 1e6);
    Ok(())
}

/// Admits one row in [`EVERY`] and counts all of them.
fn read(history: &Path, release: &Release, sets: &[String]) -> Result<(Vec<Case>, usize)> {
    let mut lines = BufReader::new(GzDecoder::new(File::open(history)?)).lines();
    let header = lines.next().context("a header")??;
    let mut cases = Vec::new();
    let mut rows = 0;
    for (number, line) in lines.enumerate() {
        let line = line?;
        rows += 1;
        if number.is_multiple_of(EVERY) {
            let row = header.split(',').zip(line.split(','));
            let set = sets.iter().filter_map(|set| set.split_once('='));
            cases.push(release.admit(&case(row, set, release)?)?);
        }
    }
    Ok((cases, rows))
}

/// A row as the JSON of a case.
fn case<'r>(
    row: impl Iterator<Item = (&'r str, &'r str)>,
    sets: impl Iterator<Item = (&'r str, &'r str)>,
    release: &Release,
) -> Result<Vec<u8>> {
    let mut facts = Map::new();
    let (mut id, mut date) = ("row", "2013-01-01");
    for (column, text) in row.chain(sets) {
        match column {
            "flight_id" => id = text,
            "date" => date = text,
            column if text.is_empty() || release.schema().slot(column).is_none() => {}
            column => {
                let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
                match column.split_once('.') {
                    None => drop(facts.insert(column.into(), value)),
                    Some((object, fact)) => {
                        let object = facts.entry(object).or_insert_with(|| json!({}));
                        object
                            .as_object_mut()
                            .context("an object")?
                            .insert(fact.into(), value);
                    }
                }
            }
        }
    }
    Ok(serde_json::to_vec(&json!({
        "id": id, "incident_date": date, "event": id, "claimant": { "id": "claimant" },
        "stage": "facts_recorded", "facts": facts,
    }))?)
}
