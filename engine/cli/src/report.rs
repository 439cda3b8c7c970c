//! `redress report`: a month or a quarter out of a ledger.

use std::fs;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum, ValueHint};
use redress_audit::periodic::{Asked, Period, PeriodReport};
use redress_model::Timestamp;

use crate::args::Lang;
use crate::failure::{Exit, Failure};
use crate::ledger::place::Place;
use crate::ledger::{moment, open, store};
use crate::term::{self, Tone};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One page that loads nothing, in English and Chinese
    Html,
    /// A row for each thing and currency
    Csv,
    /// One object
    Json,
}

/// `redress report`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("period").required(true))]
#[command(after_help = "\
Decisions made and sums promised in the period, as they stand now, by reason, scene, role
and channel; departures, overdue deadlines, systemic warnings, erroneous payments by the
rule that was broken. The ledger is only read. Scene and channel are facts of the cases that
the ledger keeps; what was erased is counted as not on record.

Examples:
  redress report book.db --month 2026-10 -o october.html
  redress report book.db --quarter 2026-Q4 -f csv --offset +08:00 > q4.csv")]
pub(crate) struct ReportArgs {
    /// The ledger
    #[arg(value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
    /// A month, such as 2026-10
    #[arg(long, value_name = "MONTH", group = "period")]
    pub(crate) month: Option<String>,
    /// A quarter, such as 2026-Q4
    #[arg(long, value_name = "QUARTER", group = "period")]
    pub(crate) quarter: Option<String>,
    /// How to write it
    #[arg(short, long, value_enum, default_value = "html")]
    pub(crate) format: ReportFormat,
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// The offset from UTC of the place whose days count
    #[arg(long, value_name = "±HH:MM", default_value = "+00:00", allow_hyphen_values = true, value_parser = offset)]
    pub(crate) offset: i32,
    /// The moment as of which a deadline is overdue [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// The fact that names a case's scene
    #[arg(long, value_name = "FACT", default_value = "scene")]
    pub(crate) scene: String,
    /// The fact that names the channel of a case
    #[arg(long, value_name = "FACT", default_value = "channel")]
    pub(crate) channel: String,
    /// The language in which the page opens; it holds both
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
}

/// An offset such as `+08:00`, in seconds.
fn offset(text: &str) -> Result<i32, String> {
    let read = || {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let two = |text: &str| {
            let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<i32>().ok()).flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (hours <= 14 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
    };
    read().ok_or_else(|| "expected an offset such as +08:00, at most 14 hours".to_owned())
}

/// Writes the report.
pub(crate) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let period = match (&args.month, &args.quarter) {
        (Some(month), _) => Period::month(month, args.offset),
        (None, quarter) => Period::quarter(quarter.as_deref().unwrap_or_default(), args.offset),
    };
    let asked = Asked {
        period: period.map_err(Failure::usage)?,
        as_of: moment(args.as_of)?,
        scene: args.scene.as_str().into(),
        channel: args.channel.as_str().into(),
    };
    let ledger = open::to_read(&args.ledger)?;
    let report = PeriodReport::read(&ledger, &asked).map_err(store)?;
    let text = match args.format {
        ReportFormat::Html => report.page(args.lang.into()).into_bytes(),
        ReportFormat::Csv => report.csv().into_bytes(),
        ReportFormat::Json => {
            let mut text = report.json().map_err(Failure::internal)?;
            text.push(b'\n');
            text
        }
    };
    let Some(path) = &args.output else {
        term::put(&text)?;
        return Ok(Exit::Ok);
    };
    fs::write(path, &text).map_err(|source| {
        let what = format!("cannot write {}", path.display());
        Failure::internal(anyhow::Error::new(source).context(what))
    })?;
    let line = format!(
        "{} {} (decisions in it: {})\n",
        Tone::Good.paint("written"),
        path.display(),
        report.total.decisions
    );
    term::print(&line)?;
    Ok(Exit::Ok)
}
