//! The standing looked up and the kernel run, without a commit, beside the same SELECTs alone.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use anyhow::Result;
use redress_ledger::{Ledger as _, Matter, Timestamp};
use redress_ledger_sqlite::SqliteLedger;
use redress_model::Actor;

use crate::Effort;
use crate::load::Load;
use crate::sqlite::Bare;
use crate::time::{Target, median, row, seconds};
use crate::watch::{Asked, Notes, Watched};

/// How many customers there are, whatever the history.
const CUSTOMERS: u64 = 100_000;

/// How many decisions share a commit while the file is filled.
const GROUP: u64 = 512;

/// How many standings are looked up in one round.
const LOOKED_UP: u64 = 500;

/// On SQLite, with ever longer histories: a file of each, measured in turns.
pub(crate) fn sqlite(effort: Effort, folder: &Path) -> Result<()> {
    let load = Load::new(CUSTOMERS);
    let mut filled: Vec<(PathBuf, u64)> = Vec::new();
    let histories: &[u64] = effort.or(&[10_000, 100_000, 1_000_000], &[200, 400]);
    for history in histories {
        let path = folder.join(format!("standing-{history}"));
        let mut made = 0;
        if let Some((shorter, before)) = filled.last() {
            fs::copy(shorter, &path)?;
            made = *before;
        }
        let ledger = SqliteLedger::open(&path)?;
        // A group at a time, since a million requests would fill the memory.
        while made < *history {
            let end = (made + GROUP).min(*history);
            for (batch, at) in load.groups(made, end, GROUP)? {
                for reply in ledger.apply(&batch, at)? {
                    reply?;
                }
            }
            made = end;
        }
        filled.push((path, *history));
    }
    let open = |(path, made): &(PathBuf, u64)| History::new(&load, path, *made, effort);
    let mut files: Vec<History> = filled.iter().map(open).collect::<Result<_>>()?;
    for _ in 0..effort.or(15, 1) {
        files.iter_mut().try_for_each(History::measure)?;
    }
    files.iter().for_each(History::tell);
    for pair in files.windows(2) {
        if let [shorter, longer] = pair {
            longer.tell_growth(shorter);
        }
    }
    Ok(())
}

/// A file with so many decisions, and what its questions took, in seconds.
struct History {
    made: u64,
    at: Timestamp,
    ledger: SqliteLedger,
    bare: Bare,
    cases: Vec<(Matter, Actor, Vec<Asked>)>,
    own: Vec<f64>,
    selects: Vec<f64>,
}

impl History {
    fn new(load: &Load, path: &Path, made: u64, effort: Effort) -> Result<Self> {
        let at = Load::at(made)?;
        let watched = Watched::new(SqliteLedger::open_read_only(path)?, Notes::Taken);
        let mut cases = Vec::new();
        for number in 0..effort.or(LOOKED_UP, 20) {
            // A new case of a customer who is there.
            let step = number.wrapping_mul(7_919);
            let customer = load.customer_of(step % made);
            let matter = load.matter(made + 1 + step, Some(&customer))?;
            watched.standing(&matter, &Load::actor(step), at)?;
            cases.push((matter, Load::actor(step), watched.asked()));
        }
        Ok(Self {
            made,
            at,
            ledger: SqliteLedger::open_read_only(path)?,
            bare: Bare::new(path)?,
            cases,
            own: Vec::new(),
            selects: Vec::new(),
        })
    }

    /// Looks every standing up and decides, and asks the same SELECTs.
    fn measure(&mut self) -> Result<()> {
        let (with_kernel, ()) = seconds(|| {
            for (matter, actor, _) in &self.cases {
                let standing = self.ledger.standing(matter, actor, self.at)?;
                let Matter {
                    case, guardrails, ..
                } = matter;
                let proposal = Ok(Load::proposal());
                let decision =
                    redress_kernel::decide(case, proposal, guardrails, &standing, actor, self.at);
                black_box(decision);
            }
            Ok(())
        })?;
        let (selects, _) = seconds(|| {
            let mut rows = 0;
            for (_, _, asked) in &self.cases {
                rows += self.bare.select(asked)?;
            }
            Ok(black_box(rows))
        })?;
        let count = f64::from(u32::try_from(self.cases.len())?);
        self.own.push(with_kernel / count);
        self.selects.push(selects / count);
        Ok(())
    }

    fn tell(&self) {
        let made = self.made;
        let name = format!("standing and kernel to the same SELECTs, {made} decisions");
        let told = format!("{:.1} µs", median(&mut self.own.clone()) * 1e6);
        let ratio = beside(&self.own, &self.selects);
        row(&name, ratio, Target::Most(1.5), &told);
    }

    fn tell_growth(&self, shorter: &Self) {
        let (made, fewer) = (self.made, shorter.made);
        let name = format!("standing and kernel, {made} decisions to {fewer}");
        let selects = beside(&self.selects, &shorter.selects);
        let told = format!("the ratio of the logarithms; the SELECTs alone {selects:.2}");
        let most = Target::Most(log2(made) / log2(fewer));
        row(&name, beside(&self.own, &shorter.own), most, &told);
    }
}

/// The middle ratio, round by round, since a machine is slower at one moment than at another.
fn beside(these: &[f64], those: &[f64]) -> f64 {
    let ratios = these.iter().zip(those).map(|(this, that)| this / that);
    median(&mut ratios.collect::<Vec<_>>())
}

fn log2(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)).log2()
}
