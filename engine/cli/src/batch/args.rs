//! The command line of `redress batch`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use redress_model::Timestamp;

use crate::ledger::args::AnswerFormat;
use crate::ledger::place::Place;

/// `redress batch`
#[derive(Debug, Args)]
#[command(after_help = "\
FILE has one case on each line, as JSON, with the stage \"proactive\". All of them are read
and checked before the first is decided. Each is decided and reserved once, under a key
made of the batch's name and the case's id: run again after a failure, it goes on where it
stopped. It stops at the row for which a budget has nothing left; the row before it may
have got what was left. The account says of every row what it got, or that it was not
reached; then the exit code is 4.

Examples:
  redress batch policies/utilities/gas-standards accounts.jsonl --name overcharged_2026 \\
    --actor ann.json --ledger book.db --account reached.csv")]
pub(crate) struct BatchArgs {
    /// A folder of versions, or the folder of one version
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// The cases, one on each line
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The name of the batch, a code; another name is another batch
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
    /// Who decides: a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    /// The team in whose name it is decided, for limits per team
    #[arg(long, value_name = "TEAM")]
    pub(crate) team: Option<String>,
    /// The campaign that the cases belong to, for limits per campaign
    #[arg(long, value_name = "CAMPAIGN")]
    pub(crate) campaign: Option<String>,
    /// A file for the account of every row, as CSV; an old one is replaced when the batch ends
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) account: Option<PathBuf>,
    /// The private key that signs the ledger's log, as `redress log keygen` makes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) log_key: Option<PathBuf>,
    /// The moment; the ledger's own time where that is later [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// How to show the account
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: AnswerFormat,
}
