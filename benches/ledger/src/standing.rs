//! The standing looked up and the kernel run, without a commit, beside the same SELECTs alone.

use std::hint::black_box;
use std::path::Path;

use anyhow::Result;
use redress_ledger::{Ledger as _, Matter};
use redress_ledger_sqlite::SqliteLedger;

use crate::Effort;
use crate::load::Load;
use crate::sqlite::Bare;
use crate::time::{Target, median, row, seconds};
use crate::watch::{Notes, Watched};

/// How many customers there are, whatever the history.
const CUSTOMERS: u64 = 100_000;

/// How many decisions share a commit while the file is filled.
const GROUP: u64 = 512;

/// How many standings are looked up in one round.
const LOOKED_UP: u64 = 500;

/// On SQLite, with ever longer histories.
pub(crate) fn sqlite(effort: Effort, folder: &Path) -> Result<()> {
    let load = Load::new(CUSTOMERS);
    let path = folder.join("standing");
    let mut made = 0;
    let mut first = None;
    let histories: &[u64] = effort.or(&[10_000, 100_000, 1_000_000], &[200, 400]);
    for history in histories {
        let ledger = SqliteLedger::open(&path)?;
        while made < *history {
            let end = (made + GROUP).min(*history);
            for (batch, at) in load.groups(made, end, GROUP)? {
                for reply in ledger.apply(&batch, at)? {
                    reply?;
                }
            }
            made = end;
        }
        drop(ledger);
        let (own, ratio) = measure(&load, &path, made, effort)?;
        let name = format!("standing and kernel to the same SELECTs, {history} decisions");
        let told = format!("{:.1} µs", own * 1e6);
        row(&name, ratio, Target::Most(1.5), &told);
        match first {
            None => first = Some((own, made)),
            Some((before, few)) => {
                let most = log2(made) / log2(few);
                let name = format!("standing and kernel, {history} decisions to {few}");
                row(
                    &name,
                    own / before,
                    Target::Most(most),
                    "the ratio of the logarithms",
                );
            }
        }
    }
    Ok(())
}

/// Seconds for one standing with its decision, and their ratio to the SELECTs.
fn measure(load: &Load, path: &Path, made: u64, effort: Effort) -> Result<(f64, f64)> {
    let at = Load::at(made)?;
    let watched = Watched::new(SqliteLedger::open_read_only(path)?, Notes::Taken);
    let bare = Bare::new(path)?;
    let ledger = SqliteLedger::open_read_only(path)?;
    let mut cases = Vec::new();
    for number in 0..effort.or(LOOKED_UP, 20) {
        // A new case of a customer who is there.
        let step = number.wrapping_mul(7_919);
        let matter = load.matter(made + 1 + step, None)?;
        watched.standing(&matter, &Load::actor(step), at)?;
        cases.push((matter, Load::actor(step), watched.asked()));
    }
    let (mut own, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..effort.or(15, 1) {
        let (with_kernel, ()) = seconds(|| {
            for (matter, actor, _) in &cases {
                let standing = ledger.standing(matter, actor, at)?;
                let Matter {
                    case, guardrails, ..
                } = matter;
                let proposal = Ok(Load::proposal());
                let decision =
                    redress_kernel::decide(case, proposal, guardrails, &standing, actor, at);
                black_box(decision);
            }
            Ok(())
        })?;
        let (selects, _) = seconds(|| {
            let mut rows = 0;
            for (_, _, asked) in &cases {
                rows += bare.select(asked)?;
            }
            Ok(black_box(rows))
        })?;
        let count = f64::from(u32::try_from(cases.len())?);
        own.push(with_kernel / count);
        ratios.push(with_kernel / selects);
    }
    Ok((median(&mut own), median(&mut ratios)))
}

fn log2(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)).log2()
}
