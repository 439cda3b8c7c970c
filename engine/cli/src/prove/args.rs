//! The arguments of `redress prove`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// How answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProveFormat {
    /// A line for each property, with the facts that refute it
    Pretty,
    /// A list with every answer, its time and its cases
    Json,
}

/// `redress prove`
#[derive(Debug, Args)]
#[command(after_help = "\
Asks of the script, before the guardrails act: no claim above its highest sum or below its
least, no goodwill above its level, its multiple of the loss or a cap, none in cash without a
loss, nothing below zero, no failure, nothing less for a worse merit fact, every branch
reached, every table complete. A counterexample is replayed in both engines; what the solver
cannot decide is unknown. Where a worse fact can pay less, it is told at which values.

A properties.toml in the release, or beside the versions for all of them, adds to that:

  [[assume]]                      # what the schema cannot say
  fact = \"ticket_price\"
  at_least = \"0.00 EUR\"         # or at_most; also integers and dates
  says = \"no ticket costs less than nothing\"

  [[property]]
  holds = \"order\"               # or monotone, independent, split (with fact), at_most (sum)
  fact = \"ticket_class\"
  better = \"gold\"
  worse = \"silver\"
  says = \"gold is never below silver\"

The solver is z3, or the program that SMT_SOLVER names; it reads SMT-LIB from standard input.

Examples:
  redress prove policies/air/eu261
  redress prove policies/air/eu261/1.0.0 --independent night_away -f json
  redress prove policies/travel/goodwill/1.1.0 --cases offered
  redress prove policies/air/us-denied-boarding/1.0.0 --against policies/air/us-denied-boarding/1.1.0")]
pub(crate) struct ProveArgs {
    /// A folder of versions, the folder of one version, or an archive
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) policy: PathBuf,
    /// Compare with this release: the folder of one version, or an archive
    #[arg(long, value_name = "NEW", value_hint = ValueHint::AnyPath)]
    pub(crate) against: Option<PathBuf>,
    /// Also prove that this fact moves no sum
    #[arg(long, value_name = "FACT", conflicts_with = "against")]
    pub(crate) independent: Vec<String>,
    /// How long the solver may take for each property, in seconds
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// How to show the answers
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: ProveFormat,
    /// Write counterexamples as case files into this folder; move one that should stay into
    /// the release's cases
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with = "against")]
    pub(crate) cases: Option<PathBuf>,
    /// Exit with 4 unless everything is proved
    #[arg(long)]
    pub(crate) fail: bool,
}
