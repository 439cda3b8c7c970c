//! `redress backtest --against`: the same history under two releases.

use std::borrow::Cow;
use std::path::Path;

use redress::{Engine, Release};
use redress_audit::compare::{Compared, Comparison, Dates, Gate, Report, Side};
use redress_authoring::Lang;
use redress_authoring::explain::{Explanation, Reader};
use redress_authoring::text::plain;
use redress_model::{Case, Date, Timestamp};

use super::pipeline::Worker;
use super::plan::Plan;
use super::tally::BAD_ROWS_TOLD;
use super::worker::{Output, Shared, admitted, moment};
use super::{Bad, cores, drive, tell_bad_rows, told};
use crate::args::{BacktestArgs, BacktestFormat, SandboxName};
use crate::failure::{Exit, Failure};
use crate::history::{self, BadRow, Block, Row, Rows};
use crate::{input, sides, term};

/// How many of the cases that move most are kept for a report.
const KEPT: usize = 200;
/// How many of them are explained in full.
const EXPLAINED: usize = 10;

/// The releases of both sides, and what was found.
pub(crate) struct Found {
    /// The releases before.
    pub(crate) old: Vec<Release>,
    /// The releases after.
    pub(crate) new: Vec<Release>,
    /// What was counted.
    pub(crate) comparison: Comparison,
    /// The facts of `--set` as they were read.
    pub(crate) assumed: Vec<(String, String)>,
    sides: (Side, Side),
    history: String,
    bad: Bad,
}

impl Found {
    /// Takes no row that was not decided.
    ///
    /// # Errors
    /// How many there are.
    pub(crate) fn strict(&self) -> Result<(), Failure> {
        self.bad.none_at(&self.history)
    }

    /// The report, with so many of the cases that move most.
    pub(crate) fn report(&self, movers: usize) -> Report {
        let (old, new) = self.sides.clone();
        let mut report = self
            .comparison
            .report(old, new, self.history.clone(), movers);
        report.assumed.clone_from(&self.assumed);
        report
    }
}

/// What a comparison is asked for.
pub(crate) struct Asked<'a> {
    pub(crate) new: &'a Path,
    pub(crate) old: &'a Path,
    pub(crate) args: &'a BacktestArgs,
    /// How many of the cases that move most are kept whole.
    pub(crate) kept: usize,
}

/// Runs `redress backtest --against`.
pub(super) fn run(args: &BacktestArgs, old: &Path) -> Result<Exit, Failure> {
    if args.format == BacktestFormat::Csv {
        let error = anyhow::anyhow!("--against has no CSV; use -f json or -f pretty");
        return Err(Failure::usage(error));
    }
    let found = compare(&Asked {
        new: &args.policy,
        old,
        args,
        kept: KEPT,
    })?;
    let mut report = found.report(KEPT);
    explain(&mut report, &found);
    report.failed_gates = failed(&args.fail_if, &found.comparison);
    match args.format {
        BacktestFormat::Json => {
            let mut text = serde_json::to_vec_pretty(&report).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
        _ => term::print(&report.text(term::columns_wide()))?,
    }
    if args.strict {
        found.strict()?;
    }
    match report.failed_gates.len() {
        0 => Ok(Exit::Ok),
        _ => Ok(Exit::Failed),
    }
}

/// The gates that hold, each with what was measured.
fn failed(gates: &[Gate], comparison: &Comparison) -> Vec<(String, String)> {
    let held = |gate: &Gate| Some((gate.to_string(), gate.holds(comparison)?));
    gates.iter().filter_map(held).collect()
}

/// Compares two releases over a history.
pub(crate) fn compare(asked: &Asked<'_>) -> Result<Found, Failure> {
    let args = asked.args;
    let engine = input::engine(args.setting.sandbox);
    let (old, old_side) = side(&engine, asked.old, args.setting.sandbox)?;
    let (new, new_side) = side(&engine, asked.new, args.setting.sandbox)?;
    if old_side.name != new_side.name {
        let error = anyhow::anyhow!("{} and {} are two policies", old_side.name, new_side.name);
        return Err(Failure::usage(error));
    }
    let all: Vec<Release> = old.iter().chain(&new).cloned().collect();
    let opened = history::open(&args.history, &new_side.name);
    let mut history = opened.map_err(Failure::invalid)?;
    let plan =
        Plan::new(&all, &history, &args.sets, &args.by).map_err(|error| told(error, &history))?;
    let shared = Shared {
        plan,
        actor: input::actor(&args.setting.actor)?,
        standing: input::standing(args.setting.standing.as_deref())?,
        as_of: args.as_of,
        output: Output::Sums,
    };
    input::warn_of_role(&shared.actor, all.iter());
    history.blocks.limit(args.limit);
    let name = history.name.clone();
    let threads = args.threads.map_or_else(cores, usize::from);
    let workers = (0..threads)
        .map(|_| Comparer::new(&shared, old.len(), asked.kept))
        .collect();
    let workers = drive(history, workers, None)?;
    let mut comparison = counting(&shared.plan, asked.kept, old.len());
    let mut bad = Bad::default();
    for worker in workers {
        comparison.merge(worker.comparison);
        bad.merge(worker.bad);
    }
    tell_bad_rows(&bad, &name);
    bad.some_decided(name)?;
    comparison.rows(bad.read, bad.count);
    let assumed = shared.plan.assumed.clone();
    Ok(Found {
        comparison,
        assumed,
        sides: (old_side, new_side),
        history: history::name_of(&args.history),
        bad,
        old,
        new,
    })
}

/// A folder of versions, of which the incident date picks one; or one version, which is
/// asked about every incident.
fn side(
    engine: &Engine,
    path: &Path,
    sandbox: Option<SandboxName>,
) -> Result<(Vec<Release>, Side), Failure> {
    let is_policy = path.is_dir() && !path.join("release.toml").exists();
    let (releases, dates) = match is_policy {
        true => (input::releases(engine, path, sandbox)?, Dates::Own),
        false => {
            let release = sides::release(engine, path)?.on_any_date();
            (vec![input::in_form(&release, sandbox)?], Dates::Any)
        }
    };
    let name = releases
        .first()
        .map(|release| release.id().name.to_string());
    let version = |release: &Release| (release.id().version.to_string(), release.id().digest);
    let side = Side {
        name: name.unwrap_or_default(),
        versions: releases.iter().map(version).collect(),
        dates,
    };
    Ok((releases, side))
}

/// Explains the cases that move most, under both releases.
fn explain(report: &mut Report, found: &Found) {
    let kept = found.comparison.kept();
    let kept = kept.into_iter().filter(|kept| kept.by != 0);
    for (row, kept) in report.movers.iter_mut().zip(kept).take(EXPLAINED) {
        for (decision, releases) in [(&kept.old, &found.old), (&kept.new, &found.new)] {
            let release = releases
                .iter()
                .find(|release| release.id() == decision.release());
            let text = release.map(|release| {
                let decided = redress::Decided {
                    decision: decision.clone(),
                    execution: redress::Execution {
                        sandbox: release
                            .sandboxes()
                            .first()
                            .copied()
                            .unwrap_or(redress::SandboxKind::Rhai),
                        steps: 0,
                        memory_bytes: 0,
                        fault: None,
                    },
                };
                plain(
                    &Explanation::new(&decided, release, Lang::En)
                        .page(Reader::Agent)
                        .text(100),
                )
            });
            row.why.push(text.unwrap_or_default());
        }
    }
}

/// An empty count, by the plan's columns; the releases after the first so many are the new.
fn counting(plan: &Plan<'_>, kept: usize, old_count: usize) -> Comparison {
    let new = plan.releases.iter().skip(old_count);
    Comparison::new(plan.grouped_by.clone(), kept)
        .with_schemas(new.map(|plan| plan.release.schema()))
}

/// What follows from an incident date.
struct Day {
    text: String,
    date: Date,
    as_of: Timestamp,
    old: usize,
    new: usize,
}

/// One thread's work.
struct Comparer<'s, 'p> {
    shared: &'s Shared<'p>,
    old_count: usize,
    comparison: Comparison,
    bad: Bad,
    row: Row,
    day: Option<Day>,
    cases: Vec<Option<Case>>,
}

impl<'s, 'p> Comparer<'s, 'p> {
    fn new(shared: &'s Shared<'p>, old_count: usize, kept: usize) -> Self {
        Self {
            shared,
            old_count,
            comparison: counting(&shared.plan, kept, old_count),
            bad: Bad::default(),
            row: Row::default(),
            day: None,
            cases: shared.plan.releases.iter().map(|_| None).collect(),
        }
    }

    fn row(&mut self, line: u64) -> Result<(), Cow<'static, str>> {
        let (shared, plan) = (self.shared, &self.shared.plan);
        plan.readable(&self.row)?;
        let erased = plan.erased.map(|place| self.row.get(place));
        if let Some(erased) = erased.filter(|erased| !erased.is_empty()) {
            self.comparison.too_few(erased.split(' '));
            return Ok(());
        }
        self.day()?;
        let day = self.day.as_ref().ok_or("expected an incident date")?;
        let (release, case) = admitted(&mut self.cases, plan, day.old, &self.row, day.date, line)?;
        let old = release.decide(case, &shared.actor, &shared.standing, day.as_of);
        let (release, case) = admitted(&mut self.cases, plan, day.new, &self.row, day.date, line)?;
        let new = release.decide(case, &shared.actor, &shared.standing, day.as_of);
        let segments: Vec<&str> = plan
            .group
            .iter()
            .map(|place| self.row.get(*place))
            .collect();
        self.comparison.case(Compared {
            line,
            case,
            old: &old.decision,
            new: &new.decision,
            segments: &segments,
        });
        Ok(())
    }

    /// Reads the row's incident date, unless it is that of the row before.
    fn day(&mut self) -> Result<(), Cow<'static, str>> {
        let text = self.row.get(self.shared.plan.incident_date);
        if self.day.as_ref().is_some_and(|day| day.text == text) {
            return Ok(());
        }
        let date: Date = text
            .parse()
            .map_err(|error| format!("incident date: {error}"))?;
        let place = |is_new: bool| {
            let releases = self.shared.plan.releases.iter().enumerate();
            let mut own = releases.filter(|(place, _)| (*place >= self.old_count) == is_new);
            own.find(|(_, plan)| plan.release.covers(date))
                .map(|(place, _)| place)
        };
        let none = || format!("no release covers an incident of {date}");
        let (old, new) = (
            place(false).ok_or_else(none)?,
            place(true).ok_or_else(none)?,
        );
        self.day = Some(Day {
            text: text.to_owned(),
            date,
            as_of: moment(self.shared.as_of, date),
            old,
            new,
        });
        Ok(())
    }
}

impl Worker for Comparer<'_, '_> {
    fn block(&mut self, block: &Block, _out: &mut Vec<u8>) -> u64 {
        let mut rows = Rows::new(block, &self.shared.plan.wanted);
        let mut count = 0;
        while let Some(read) = rows.next_into(&mut self.row) {
            count += 1;
            let decided = read.and_then(|line| {
                let decided = self.row(line);
                decided.map_err(|problem| BadRow { line, problem })
            });
            if let Err(bad) = decided {
                self.bad.add(bad, BAD_ROWS_TOLD);
            }
        }
        self.bad.read += count;
        count
    }
}
