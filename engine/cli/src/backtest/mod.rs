//! `redress backtest`: what a policy would have decided over a recorded history.

pub(crate) mod against;
mod lines;
mod pipeline;
mod plan;
mod pretty;
mod report;
mod tally;
mod worker;

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use redress::Release;

use self::pipeline::{PipelineError, Worker};
use self::plan::{Plan, PlanError};
use self::report::{Assumed, Report, Setting};
use self::tally::{BAD_ROWS_TOLD, Tally};
use self::worker::{Decider, Output, Shared};
use crate::args::{BacktestArgs, BacktestFormat};
use crate::clock::Stopwatch;
use crate::failure::{Exit, Failure};
use crate::history::{self, BadRow, History, HistoryError, Progress};
use crate::{input, term};

/// How many columns of a history an error names.
const COLUMNS_TOLD: usize = 30;

/// Runs `redress backtest`.
pub(crate) fn run(args: &BacktestArgs) -> Result<Exit, Failure> {
    if let Some(old) = &args.against {
        return against::run(args, old);
    }
    let engine = input::engine(args.setting.sandbox);
    let releases = input::releases(&engine, &args.policy, args.setting.sandbox)?;
    let policy = releases.first().map(|release| release.id().name.as_str());
    let opened = history::open(&args.history, policy.unwrap_or_default());
    let mut history = opened.map_err(Failure::invalid)?;
    let plan =
        Plan::new(&releases, &history, &args.sets, &[]).map_err(|error| told(error, &history))?;
    let shared = Shared {
        plan,
        actor: input::actor(&args.setting.actor)?,
        standing: input::standing(args.setting.standing.as_deref())?,
        as_of: args.as_of,
        output: match args.format {
            BacktestFormat::Csv => Output::Lines,
            BacktestFormat::Pretty | BacktestFormat::Json => Output::Sums,
        },
    };
    input::warn_of_role(&shared.actor, releases.iter());
    let threads = args.threads.map_or_else(cores, usize::from);
    history.blocks.limit(args.limit);
    let name = history.name.clone();
    let clock = Stopwatch::start();
    let tally = decide(&shared, history, threads)?;
    let seconds = clock.seconds();
    let bad = Bad {
        read: tally.read,
        count: tally.bad,
        rows: tally.bad_rows.clone(),
    };
    tell_bad_rows(&bad, &name);
    bad.some_decided(name.clone())?;
    let report = Report::new(
        &tally,
        setting(&releases, &shared, &tally, args, threads, seconds),
    );
    match args.format {
        BacktestFormat::Pretty => {
            let currency = Report::main_currency(&tally);
            let text = pretty::summary(&report, currency, term::columns_wide());
            term::print(&text)?;
        }
        BacktestFormat::Json => {
            let mut text = serde_json::to_vec_pretty(&report).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
        BacktestFormat::Csv => {}
    }
    if args.strict {
        bad.none_at(&name)?;
    }
    Ok(Exit::Ok)
}

/// Rows read, and those that could not be decided.
#[derive(Debug, Default)]
pub(crate) struct Bad {
    read: u64,
    count: u64,
    /// The first of them.
    rows: Vec<BadRow>,
}

impl Bad {
    /// Whether any row of a history could be decided.
    fn some_decided(&self, name: String) -> Result<(), Failure> {
        if self.read == 0 {
            return Err(Failure::invalid(HistoryError::NoCase { name }));
        }
        if self.read == self.count {
            let error = anyhow::anyhow!("none of the {} rows could be decided", self.read);
            return Err(Failure::invalid(error).at(name));
        }
        Ok(())
    }

    /// Whether every row of a history was decided.
    fn none_at(&self, name: &str) -> Result<(), Failure> {
        match self.count {
            0 => Ok(()),
            count => {
                let error =
                    anyhow::anyhow!("{count} rows were not decided, and --strict takes none");
                Err(Failure::invalid(error).at(name))
            }
        }
    }

    fn add(&mut self, row: BadRow, told_max: usize) {
        self.count += 1;
        if self.rows.len() < told_max {
            self.rows.push(row);
        }
    }

    /// Adds what another thread found.
    fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.count += other.count;
        self.rows.extend(other.rows);
        self.rows.sort_unstable();
        self.rows.truncate(BAD_ROWS_TOLD);
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn decide(shared: &Shared<'_>, history: History, threads: usize) -> Result<Tally, Failure> {
    let header = (shared.output == Output::Lines).then_some(lines::HEADER);
    let workers = (0..threads).map(|_| Decider::new(shared)).collect();
    let workers = drive(history, workers, header)?;
    let mut tallies = workers.into_iter().map(Decider::into_tally);
    let mut tally = tallies.next().unwrap_or_default();
    tallies.for_each(|other| tally.merge(other));
    Ok(tally)
}

/// Runs workers over a history, with a bar for the user; what they write follows the header.
fn drive<W: Worker>(
    history: History,
    workers: Vec<W>,
    header: Option<&str>,
) -> Result<Vec<W>, Failure> {
    let bar = bar(&history.progress);
    let (name, progress) = (history.name.clone(), history.progress.clone());
    let mut out = io::BufWriter::new(io::stdout().lock());
    if let Some(header) = header {
        out.write_all(header.as_bytes())?;
    }
    let clock = Stopwatch::start();
    let mut rows = 0_u64;
    let sink = |bytes: &[u8], records: u64| {
        rows += records;
        bar.set_position(progress.read());
        bar.set_message(rate(rows, clock.seconds()));
        out.write_all(bytes)
    };
    let workers = pipeline::run(history.blocks, workers, sink);
    bar.finish_and_clear();
    let workers = workers.map_err(|error| match error {
        PipelineError::Read { line, source } => {
            let cut = source.kind() == io::ErrorKind::UnexpectedEof;
            let failure = Failure::invalid(HistoryError::Read { name, line, source });
            if cut {
                failure.help("the file ends in the middle, so nothing was added up; get it again")
            } else {
                failure
            }
        }
        PipelineError::Write(error) => Failure::from(error),
        PipelineError::Panicked => Failure::internal(error),
    })?;
    out.flush()?;
    Ok(workers)
}

/// A bar with rate and remaining time on standard error, if that is a terminal.
fn bar(progress: &Progress) -> ProgressBar {
    if !term::shows_progress() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let (bar, template) = match progress.total {
        Some(total) if term::progress_columns() < 64 => {
            (ProgressBar::new(total), "{percent:>3} %  {msg}, {eta} left")
        }
        Some(total) => (
            ProgressBar::new(total),
            "{bar:24} {percent:>3} %  {msg}, {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    // The template is a literal; with a bad one the default shows as well.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn rate(rows: u64, seconds: f64) -> String {
    let rate = report::per_second(rows, seconds);
    format!("{} rows, {}/s", term::grouped(rows), term::grouped(rate))
}

fn told(error: PlanError, history: &History) -> Failure {
    match error {
        PlanError::NoColumn { .. } => {
            let mut columns = history.header.iter().map(String::as_str);
            let mut named: Vec<&str> = columns.by_ref().take(COLUMNS_TOLD).collect();
            named.extend(columns.next().map(|_| "..."));
            Failure::invalid(error)
                .at(&history.name)
                .help(format!("its columns are {}", named.join(", ")))
        }
        PlanError::ColumnType { .. } => Failure::invalid(error)
            .at(&history.name)
            .help("facts are written as booleans, whole numbers, dates, instants in UTC and texts"),
        PlanError::SetForm { .. }
        | PlanError::SetUnknown { .. }
        | PlanError::SetValue { .. }
        | PlanError::SetTwice { .. }
        | PlanError::SetColumn { .. } => Failure::usage(error),
    }
}

fn tell_bad_rows(bad: &Bad, path: &str) {
    for row in &bad.rows {
        term::warn(&format!("{path}:{}: {}", row.line, row.problem));
    }
    let more = bad
        .count
        .saturating_sub(u64::try_from(BAD_ROWS_TOLD).unwrap_or_default());
    if more > 0 {
        term::warn(&format!(
            "{path}: {} more rows like these",
            term::grouped(more)
        ));
    }
    if bad.count > 0 {
        let (bad, read) = (term::grouped(bad.count), term::grouped(bad.read));
        term::warn(&format!("{bad} of {read} rows were not decided"));
    }
}

fn setting(
    releases: &[Release],
    shared: &Shared<'_>,
    tally: &Tally,
    args: &BacktestArgs,
    threads: usize,
    seconds: f64,
) -> Setting {
    let mut sandbox: Vec<&'static str> = Vec::new();
    for place in tally.releases.keys() {
        let forms = releases.get(*place).map(Release::sandboxes);
        let name = forms.and_then(|forms| Some(forms.first()?.name()));
        sandbox.extend(name.filter(|name| !sandbox.contains(name)));
    }
    let assumed = |(fact, value): &(String, String)| Assumed {
        fact: fact.clone(),
        value: value.clone(),
    };
    let identity = |release: &Release| (release.id().version.clone(), release.id().digest);
    Setting {
        policy: releases
            .first()
            .map(|release| release.id().name.clone())
            .unwrap_or_default(),
        releases: releases.iter().map(identity).collect(),
        history: history::name_of(&args.history),
        assumed: shared.plan.assumed.iter().map(assumed).collect(),
        never_known: shared.plan.never_known(&tally.known),
        grouped_by: shared.plan.grouped_by.clone(),
        sandbox,
        threads,
        seconds,
    }
}
