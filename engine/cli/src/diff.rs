//! `redress diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use redress_audit::diff::Diff;

use crate::args::Lang;
use crate::failure::{Exit, Failure};
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
}

/// Says what changed.
pub(crate) fn run(args: &DiffArgs) -> Result<Exit, Failure> {
    let (old, new) = (sides::source(&args.old)?, sides::source(&args.new)?);
    for source in [&old, &new] {
        source.cases().map_err(Failure::invalid)?;
    }
    let diff = Diff::between(&old, &new, args.lang.into()).map_err(Failure::usage)?;
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
