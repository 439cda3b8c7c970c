//! `redress audit`: how alike like cases were treated.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use redress::ledger::rows::NormRow;
use redress::ledger::{DecisionLog as _, Ledger as _, StoreError, StoreFault};
use redress::source::find_releases;
use redress::{Engine, EngineLimits, Release};
use redress_audit::fairness::{Figure, Flips, Row, audit, html, text};
use redress_log::Record;
use redress_log::canonical;
use redress_model::{Date, Digest, Timestamp};

use crate::clock;
use crate::failure::{Exit, Failure};
use crate::ledger::open::{self, Book};
use crate::ledger::place::Place;
use crate::ledger::store;
use crate::simulate::{self, SimulateArgs};
use crate::term;

/// How many rows are read at a time.
const PAGE: u32 = 10_000;

/// `redress audit`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress audit fairness --ledger book.db
  redress audit fairness --ledger book.db --from 2026-07-01T00:00:00Z --by channel -f html > fairness.html
  redress audit simulate policies/travel/goodwill/1.1.0 --picture ratchet.svg")]
pub(crate) struct AuditArgs {
    /// What to look at
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// The commands of `redress audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Whether like cases were treated alike: who, how far, and whether it ratchets
    Fairness(FairnessArgs),
    /// What past generosity does to a desk of agents, with and without fairness
    Simulate(SimulateArgs),
}

/// How an audit is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    /// Each figure with its definition, source and decisions
    Pretty,
    /// The same as one object
    Json,
    /// The same as one page with plots
    Html,
}

/// `redress audit fairness`
#[derive(Debug, Args)]
#[command(after_help = "\
Only decisions of releases that declare [fairness] are compared. A group of fewer than 30
cases is not reported. What sums may lie apart is the release's own tolerance where the
release is at hand (--policies, --flip), and else 5 % or one unit; the report says which.
With --flip, the exit code is 4 when a flip moves an amount, which none may; without it,
flip_replay is not measured.

Examples:
  redress audit fairness --ledger book.db --by channel --policies policies
  redress audit fairness --ledger book.db --flip policies
  redress audit fairness --ledger book.db -f html > fairness.html")]
pub(crate) struct FairnessArgs {
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
    /// Only decisions from this moment on; a date is its midnight in UTC
    #[arg(long, value_name = "DATE|TIMESTAMP", value_parser = bound)]
    pub(crate) from: Option<Timestamp>,
    /// Only decisions before this moment; a date is its midnight in UTC
    #[arg(long, value_name = "DATE|TIMESTAMP", value_parser = bound)]
    pub(crate) to: Option<Timestamp>,
    /// A fact to compare groups by, such as the channel; may be repeated
    #[arg(long, value_name = "FACT")]
    pub(crate) by: Vec<String>,
    /// Releases whose own tolerance counts for the cases that they decided
    #[arg(long, value_name = "POLICIES", value_hint = ValueHint::DirPath)]
    pub(crate) policies: Option<PathBuf>,
    /// Releases to decide recorded cases again with, each with one route, actor or forbidden fact flipped
    #[arg(long, value_name = "POLICIES", value_hint = ValueHint::DirPath)]
    pub(crate) flip: Option<PathBuf>,
    /// How to show it
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: AuditFormat,
}

/// Runs `redress audit`.
pub(crate) fn run(args: &AuditArgs) -> Result<Exit, Failure> {
    match &args.command {
        AuditCommand::Fairness(args) => fairness(args),
        AuditCommand::Simulate(args) => simulate::run(args),
    }
}

/// A bound of time as an argument gives it: a date, or what [`clock::moment`] takes.
fn bound(text: &str) -> Result<Timestamp, String> {
    match text.parse::<Date>() {
        Ok(date) => Ok(date.midnight_utc()),
        Err(_) => clock::moment(text),
    }
}

fn fairness(args: &FairnessArgs) -> Result<Exit, Failure> {
    let ledger = open::to_read(&args.ledger)?;
    let mut releases = Vec::new();
    for policies in args.policies.iter().chain(&args.flip) {
        releases.extend(releases_in(policies)?);
    }
    let rows = rows(&ledger, args, &releases)?;
    say_unknown(args, &rows);
    let replayed = match args.flip {
        Some(_) => flips(&ledger, &rows, &releases)?,
        // The report tells all the same that nobody has looked.
        None => Flips::new([]).figure(),
    };
    let exit = gate(&replayed);
    let report = audit(&rows).with(replayed, &rows);
    let mut shown = match args.format {
        AuditFormat::Pretty => text(&report, term::columns_wide()),
        AuditFormat::Html => html(&report),
        AuditFormat::Json => serde_json::to_string_pretty(&report).map_err(Failure::internal)?,
    };
    if !shown.ends_with('\n') {
        shown.push('\n');
    }
    term::put(shown.as_bytes())?;
    Ok(exit)
}

/// Whether a replay of flips holds: none may move an amount.
fn gate(replayed: &Figure) -> Exit {
    match replayed.value {
        Some(moved) if moved > 0.0 => Exit::Failed,
        _ => Exit::Ok,
    }
}

/// Says which of the facts asked for no decision tells, or a mistyped name would pass for a
/// fact by which nobody differs.
fn say_unknown(args: &FairnessArgs, rows: &[Row]) {
    let told: BTreeSet<&String> = rows.iter().flat_map(|row| row.groups.keys()).collect();
    let untold = args.by.iter().filter(|fact| !told.contains(fact));
    for fact in untold.collect::<BTreeSet<_>>() {
        term::warn(&format!(
            "no decision that was looked at tells the fact {fact}"
        ));
    }
}

/// Every release below a folder.
fn releases_in(policies: &Path) -> Result<Vec<Release>, Failure> {
    let engine = Engine::new(EngineLimits::STANDARD);
    let folders = find_releases(policies).map_err(Failure::invalid)?;
    let loaded = folders.iter().map(|folder| engine.load(folder));
    loaded
        .map(|release| release.map_err(Failure::invalid))
        .collect()
}

/// Decides the cases again with flipped facts.
fn flips(ledger: &Book, rows: &[Row], releases: &[Release]) -> Result<Figure, Failure> {
    let mut flips = Flips::new(releases);
    for row in rows {
        if let Some(line) = ledger.line(row.decision).map_err(store)? {
            let record = Record::parse(&line.line).map_err(Failure::invalid)?;
            let openings = ledger.openings(row.decision).map_err(store)?;
            flips.flip(row.decision, &record, &openings);
        }
    }
    Ok(flips.figure())
}

/// The decisions of the ledger within the time asked for.
fn rows(ledger: &Book, args: &FairnessArgs, releases: &[Release]) -> Result<Vec<Row>, Failure> {
    let tolerance = |digest: Digest| {
        let own = releases.iter().find(|own| own.id().digest == digest)?;
        Some(own.guardrails().fairness.as_ref()?.tolerance)
    };
    let (mut rows, mut after) = (Vec::new(), 0);
    loop {
        let page = ledger.norms(after, PAGE).map_err(store)?;
        let Some(last) = page.last() else {
            return Ok(rows);
        };
        after = last.decision;
        for norm in page {
            let within = args.from.is_none_or(|from| norm.at >= from)
                && args.to.is_none_or(|to| norm.at < to);
            if !within {
                continue;
            }
            let decision = ledger.decision(norm.decision).map_err(store)?;
            let own = decision
                .as_ref()
                .and_then(|row| tolerance(row.release_digest));
            let departure = decision.and_then(|row| row.departure);
            let groups = groups(ledger, norm.decision, &args.by).map_err(store)?;
            rows.push(Row {
                tolerance: own,
                departure: departure.map(|code| code.to_string()),
                groups,
                ..row(&norm)
            });
        }
    }
}

fn row(norm: &NormRow) -> Row {
    Row {
        decision: norm.decision,
        case: norm.case_id.to_string(),
        at: norm.at.seconds(),
        release: format!("{} {}", norm.policy, norm.version),
        tolerance: None,
        class: class(norm),
        point: norm.coordinates(),
        currency: norm.currency,
        tariff_minor: norm.tariff_minor,
        sum_minor: norm.sum_minor,
        state: norm.state.name().to_owned(),
        departure: None,
        agent: norm.proposer.to_string(),
        groups: BTreeMap::new(),
    }
}

/// The class in words, without the facts that are not known, and so much of its digest as
/// tells which merit facts are.
fn class(norm: &NormRow) -> String {
    let digest: String = norm.class.to_string().chars().take(8).collect();
    let known = norm.label.split(' ').filter(|word| !word.ends_with("=?"));
    let known: Vec<&str> = known.collect();
    let known = known.join(" ");
    format!("{} {} {digest}: {known}", norm.policy, norm.version)
}

/// The facts to group by, as the case came in; none once they are erased.
fn groups(
    ledger: &Book,
    decision: u64,
    by: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    if by.is_empty() {
        return Ok(BTreeMap::new());
    }
    let Some(line) = ledger.line(decision)? else {
        return Ok(BTreeMap::new());
    };
    let corrupt = |error: redress_log::record::RecordError| {
        StoreError::new(StoreFault::Corrupt, error.to_string())
    };
    let mut body = Record::parse(&line.line).map_err(corrupt)?.body;
    ledger.openings(decision)?.open(&mut body);
    let facts = body.get("case").and_then(|case| case.get("facts"));
    let fact = |name: &String| {
        let mut steps = name.split('.');
        let found = steps.try_fold(facts?, |facts, step| facts.get(step))?;
        let value = match found {
            canonical::Value::Text(text) => text.clone(),
            canonical::Value::Bool(value) => value.to_string(),
            // What is still sealed is an object, and a list is of no one group.
            canonical::Value::Null
            | canonical::Value::Number(_)
            | canonical::Value::Array(_)
            | canonical::Value::Object(_) => return None,
        };
        Some((name.clone(), value))
    };
    Ok(by.iter().filter_map(fact).collect())
}

#[cfg(test)]
mod tests {
    use redress_audit::fairness::Measure;

    use super::*;

    #[test]
    fn a_bound_is_a_date_or_a_timestamp() {
        assert_eq!(bound("2026-05-01"), bound("2026-05-01T00:00:00Z"));
        assert_ne!(bound("2026-05-01"), bound("2026-05-01T00:00:01Z"));
        assert!(bound("2026-05-32").is_err() && bound("may").is_err());
    }

    #[test]
    fn a_flip_that_moves_an_amount_fails_the_audit() {
        let figure = |value| Figure {
            name: "flip_replay",
            measure: Measure::Count,
            by: None,
            definition: "",
            source: "",
            value,
            of: 3,
            lines: Vec::new(),
            cases: Vec::new(),
            course: Vec::new(),
        };
        assert_eq!(gate(&figure(Some(1.0))), Exit::Failed);
        assert_eq!(gate(&figure(Some(0.0))), Exit::Ok);
        assert_eq!(gate(&figure(None)), Exit::Ok);
    }
}
