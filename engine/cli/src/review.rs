//! `redress review`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use redress::{Engine, Release};
use redress_audit::diff::Proof;
use redress_audit::review::{Checks, Ran, Review, Tested};
use redress_authoring::suite::{Tester, Verdict};
use redress_authoring::{coverage, mutants};
use redress_model::Timestamp;
use redress_release::Archive;
use redress_release::signing::Envelope;

use crate::args::{BacktestArgs, BacktestFormat, Lang, Setting};
use crate::backtest::against::{Asked, compare};
use crate::failure::{Exit, Failure};
use crate::ledger::place::Place;
use crate::prove::ask;
use crate::term::{self, Tone};
use crate::test;

/// `redress review`
#[derive(Debug, Args)]
#[command(after_help = "\
The page is one file: it loads nothing and sends nothing. It opens in English or Chinese
and holds both, and ends in a sign-off that `redress release sign --signoff` reads.

Beside the comparison it runs what `redress prove`, `test --coverage` and `test --mutants`
run of the new release; --skip leaves a part out, and the page says so by name.

Examples:
  redress review new.tar --against old.tar --history cases.csv.gz -o review.html
  redress review new.tar --against old.tar --history cases.csv.gz --skip mutants
  redress review new.tar --against old.tar --history postgres://redress@localhost/books --strict")]
pub(crate) struct ReviewArgs {
    /// The release after: the folder of one version, or an archive
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) new: PathBuf,
    /// The release before
    #[arg(long, value_name = "OLD", value_hint = ValueHint::AnyPath)]
    pub(crate) against: PathBuf,
    /// The history, as `redress backtest` reads it
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) history: Place,
    /// Where to write the page
    #[arg(short, long, value_name = "FILE", default_value = "review.html", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// A fact that the history lacks, the same in every case; may be repeated
    #[arg(long = "set", value_name = "FACT=VALUE")]
    pub(crate) sets: Vec<String>,
    /// A column to split the sums by, besides those of [history]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) by: Vec<String>,
    /// Decide only the first N cases
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// How many of the cases that move most the page holds
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub(crate) flips: u32,
    /// The signatures so far
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) envelope: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// The moment of every decision [default: noon UTC of the day after each incident]
    #[arg(long, value_name = "TIMESTAMP")]
    pub(crate) as_of: Option<Timestamp>,
    /// Write no page if a row cannot be decided
    #[arg(long)]
    pub(crate) strict: bool,
    /// How many threads decide [default: the cores there are]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// A part that is not run
    #[arg(long, value_enum, value_name = "PART", value_delimiter = ',')]
    pub(crate) skip: Vec<Part>,
    /// How long the solver may take for each of its questions, in seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// The language in which the page opens
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
}

/// A part of the page that takes time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// What the script never does, and how it differs from the old one's
    Proofs,
    /// What the cases go through
    Coverage,
    /// Which small changes no case would notice
    Mutants,
}

/// How many of the largest movers stand in the report.
const MOVERS: usize = 50;

/// Writes the review page.
pub(crate) fn run(args: &ReviewArgs) -> Result<Exit, Failure> {
    let backtest = BacktestArgs {
        policy: args.new.clone(),
        history: args.history.clone(),
        sets: args.sets.clone(),
        limit: args.limit,
        format: BacktestFormat::Json,
        setting: args.setting.clone(),
        as_of: args.as_of,
        against: Some(args.against.clone()),
        by: args.by.clone(),
        fail_if: Vec::new(),
        strict: false,
        threads: args.threads,
    };
    let found = compare(&Asked {
        new: &args.new,
        old: &args.against,
        args: &backtest,
        kept: usize::try_from(args.flips).unwrap_or(usize::MAX),
    })?;
    if args.strict {
        found.strict()?;
    }
    let report = found.report(MOVERS);
    let (old, new) = (one(&found.old, &args.against)?, one(&found.new, &args.new)?);
    let checks = checks(args, old, new)?;
    let archive = Archive::build(new.source()).map_err(Failure::invalid)?;
    let kept = found.comparison.kept();
    let page = Review {
        old: old.source(),
        new: new.source(),
        report: &report,
        kept: &kept,
        checks: &checks,
        archive: archive.digest(),
        signers: &signers(args, &archive)?,
        lang: args.lang.into(),
    }
    .page()
    .map_err(Failure::usage)?;
    fs::write(&args.output, &page).map_err(|source| {
        let what = format!("cannot write {}", args.output.display());
        Failure::internal(anyhow::Error::new(source).context(what))
    })?;
    let line = format!(
        "{} {} ({} bytes, {} cases in it)\n",
        Tone::Good.paint("written"),
        args.output.display(),
        term::grouped(page.len()),
        term::grouped(kept.len())
    );
    term::print(&line)?;
    Ok(Exit::Ok)
}

/// A page is about one version on either side.
fn one<'r>(releases: &'r [Release], path: &std::path::Path) -> Result<&'r Release, Failure> {
    match releases {
        [release] => Ok(release),
        _ => {
            let error = anyhow::anyhow!("{} holds several versions", path.display());
            Err(Failure::usage(error).help("name the folder of one version, or an archive"))
        }
    }
}

/// Runs everything that is not left out.
fn checks(args: &ReviewArgs, old: &Release, new: &Release) -> Result<Checks, Failure> {
    let limit = Duration::from_secs(args.seconds);
    let is_run = |part: Part| !args.skip.contains(&part);
    let (difference, proofs) = match is_run(Part::Proofs) {
        true => {
            let proofs = match ask::never(new, limit) {
                Ok(proved) => Ran::Done(proved),
                Err(why) => Ran::Failed { why },
            };
            (ask::difference(old, new, limit), proofs)
        }
        false => (Proof::NotAsked, Ran::Skipped),
    };
    let coverage = match is_run(Part::Coverage) {
        true => match coverage::measure(new, |_| true) {
            Ok(coverage) => Ran::Done(coverage),
            Err(error) => Ran::Failed {
                why: error.to_string(),
            },
        },
        false => Ran::Skipped,
    };
    let tested = tested(new)?;
    let mutants = match is_run(Part::Mutants) {
        true => mutation(new, &tested),
        false => Ran::Skipped,
    };
    Ok(Checks {
        tested,
        difference,
        proofs,
        coverage,
        mutants,
    })
}

/// What mutants say is true only of a release whose cases pass.
fn mutation(release: &Release, tested: &Tested) -> Ran<mutants::Mutation> {
    let failed = |why: &str| Ran::Failed {
        why: why.to_owned(),
    };
    if !tested.failed.is_empty() {
        return failed("cases of the release fail");
    }
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    match test::mutation(&engine, release) {
        Some(found) => Ran::Done(found),
        None => failed("the release has no script"),
    }
}

fn tested(release: &Release) -> Result<Tested, Failure> {
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let tester = Tester {
        engine: &engine,
        filter: None,
        sandbox: None,
    };
    let mut tested = Tested::default();
    for case in release.source().cases().map_err(Failure::invalid)? {
        for run in tester.runs(release, &case) {
            tested.total = tested.total.saturating_add(1);
            match run.verdict {
                Verdict::Passed => tested.passed = tested.passed.saturating_add(1),
                Verdict::Failed(_) | Verdict::Invalid(_) => {
                    tested
                        .failed
                        .push(format!("{} ({})", run.name, run.sandbox.name()));
                }
            }
        }
    }
    Ok(tested)
}

/// The keys that have signed the archive; whether they count, `redress release verify` says.
fn signers(args: &ReviewArgs, archive: &Archive) -> Result<Vec<String>, Failure> {
    let Some(path) = &args.envelope else {
        return Ok(Vec::new());
    };
    let bytes = fs::read(path).map_err(|source| {
        let what = format!("cannot read {}", path.display());
        Failure::invalid(anyhow::Error::new(source).context(what))
    })?;
    let envelope = Envelope::parse(&bytes);
    let envelope = envelope.map_err(|error| Failure::invalid(error).at(path.display()))?;
    let statement = envelope.statement().map_err(Failure::invalid)?;
    if statement.archive_sha256 != archive.digest() {
        let error = anyhow::anyhow!("the signatures are of another archive");
        return Err(Failure::invalid(error).at(path.display()));
    }
    Ok(envelope.key_ids().map(|key| key.to_string()).collect())
}
