//! `redress diff`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use redress::{Engine, EngineLimits};
use redress_audit::diff::{Diff, Proof};
use redress_release::ReleaseSource;

use crate::args::Lang;
use crate::failure::{Exit, Failure};
use crate::prove::ask;
use crate::{sides, term};

/// How a difference is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Lines for people
    Pretty,
    /// One object with every change
    Json,
    /// Markdown, for the description of a pull request
    Markdown,
}

/// `redress diff`
#[derive(Debug, Args)]
#[command(after_help = "\
Comments and the way a script is set are no change; what a reader would not notice in a
decision is told last. Exits with 0, changed or not.

The first lines say what `redress prove --against` finds of the scripts: the same for every
case, everywhere at least as much, or a case on which they part. z3, or what SMT_SOLVER
names, proves; without one, chance may still find a case.

Examples:
  redress diff policies/air/us-denied-boarding/1.0.0 policies/air/us-denied-boarding/1.1.0
  redress diff old.tar new.tar -f markdown > changes.md")]
pub(crate) struct DiffArgs {
    /// The release before: the folder of one version, or an archive
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) old: PathBuf,
    /// The release after
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) new: PathBuf,
    /// How to show it
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: DiffFormat,
    /// The language of the sentences
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
    /// How long the solver may take for each of its questions, in seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// Say what changed, and prove nothing
    #[arg(long, conflicts_with = "seconds")]
    pub(crate) no_proof: bool,
}

/// Says what changed.
pub(crate) fn run(args: &DiffArgs) -> Result<Exit, Failure> {
    let (old, new) = (sides::source(&args.old)?, sides::source(&args.new)?);
    for source in [&old, &new] {
        source.cases().map_err(Failure::invalid)?;
    }
    let diff = Diff::between(&old, &new, args.lang.into()).map_err(Failure::usage)?;
    let diff = match args.no_proof {
        true => diff,
        false => diff.with_proof(proof(old, new, args.seconds)),
    };
    match args.format {
        DiffFormat::Pretty => term::print(&diff.text(term::columns_wide()))?,
        DiffFormat::Markdown => term::put(diff.markdown().as_bytes())?,
        DiffFormat::Json => {
            let mut text = serde_json::to_vec_pretty(&diff).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
    }
    Ok(Exit::Ok)
}

/// What a proof says; a release that does not compile has none.
fn proof(old: ReleaseSource, new: ReleaseSource, seconds: u64) -> Proof {
    let engine = Engine::new(EngineLimits::STANDARD);
    match (engine.compile(old), engine.compile(new)) {
        (Ok(old), Ok(new)) => ask::difference(&old, &new, Duration::from_secs(seconds)),
        (Err(error), _) | (_, Err(error)) => Proof::Open {
            code: error.code().to_owned(),
            reason: error.to_string(),
        },
    }
}
