//! The arguments of `redress log`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::ledger::place::Place;

/// `redress log`
#[derive(Debug, Args)]
#[command(after_help = "\
A log is a ledger's own, named with --ledger, or a file of JSON Lines, one record a line,
as `redress log export` writes it.
A key is a line such as redress.example/log+1f2e3d4c+AbCd..., or a file of such lines.

Examples:
  redress log verify --ledger book.db --key log.pub --replay
  redress log keygen redress.example/log --out log.key > log.pub
  redress log sign log.jsonl --key log.key > checkpoint
  redress log verify log.jsonl --checkpoint checkpoint --key log.pub")]
pub(crate) struct LogArgs {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: LogCommand,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Check that a log is whole and the one that was signed
    Verify(VerifyArgs),
    /// Write a receipt: proof for a customer that a decision is in the log
    Prove(ProveArgs),
    /// Check a receipt
    Receipt(ReceiptArgs),
    /// Write a log in the form that another system takes
    Export(ExportArgs),
    /// Make a key to sign checkpoints with
    Keygen(KeygenArgs),
    /// Sign a checkpoint of a log
    Sign(SignArgs),
}

/// How an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShownAs {
    /// For people
    Pretty,
    /// One object
    Json,
}

/// The form of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReceiptForm {
    /// One object of JSON
    Json,
    /// The text of C2SP tlog-proof, with the record in its extra line
    TlogProof,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    /// The log itself, one record a line
    Jsonl,
    /// Decisions as OPA's decision log has them
    Opa,
    /// CloudEvents 1.0, an event for each record
    Cloudevents,
}

/// Whether decisions are made again, and with what.
#[derive(Debug, Args)]
pub(crate) struct ReplayOptions {
    /// Make every decision again and compare the bytes
    #[arg(long)]
    pub(crate) replay: bool,
    /// Folders with the releases to replay with
    #[arg(long, value_name = "FOLDER", default_value = "policies", value_hint = ValueHint::DirPath)]
    pub(crate) policies: Vec<PathBuf>,
}

/// `redress log verify`
#[derive(Debug, Args)]
#[command(after_help = "\
Without a checkpoint the log can only be shown to fit together: whoever can write the
file could have written it anew. That it was cut off shows only against a checkpoint
that was kept elsewhere.

A ledger's own checkpoints count too, if --key is given; keep one elsewhere all the same.

With --replay the exit code is 4 unless every decision comes out the same. One of which the
log says that it was erased is counted as `erased` and passes; `openings_missing`,
`no_release`, `other_semantics` and `unreadable` do not, since nobody knows then whether it
was decided as the record says. The openings of a file of lines are given with --openings.

Examples:
  redress log verify --ledger book.db --key log.pub --replay
  redress log verify log.jsonl --checkpoint checkpoint --key log.pub
  redress log verify log.jsonl --checkpoint checkpoint --key log.pub --replay --openings openings.jsonl")]
pub(crate) struct VerifyArgs {
    /// The log; - reads standard input
    #[arg(value_name = "LOG|-", required_unless_present = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) log: Option<PathBuf>,
    /// The ledger whose log it is, instead of a file
    #[arg(long, value_name = "FILE|URL", conflicts_with = "log", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Option<Place>,
    /// A checkpoint that was kept elsewhere; may be repeated
    #[arg(long, value_name = "FILE", requires = "key", value_hint = ValueHint::FilePath)]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// The public key of the log, or a file with it; may be repeated
    #[arg(long, value_name = "KEY|FILE")]
    pub(crate) key: Vec<String>,
    #[command(flatten)]
    pub(crate) replay: ReplayOptions,
    /// The openings of sealed values, JSON Lines in the order of the records
    #[arg(long, value_name = "FILE", requires = "replay", conflicts_with = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) openings: Option<PathBuf>,
    /// How to show the answer
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: ShownAs,
}

/// `redress log prove`
#[derive(Debug, Args)]
#[command(after_help = "\
The receipt opens what is sealed about the claimant and about nobody else.

Examples:
  redress log prove 12 --ledger book.db > receipt.json
  redress log prove 12 --log log.jsonl --checkpoint checkpoint --openings openings.jsonl > receipt.json
  redress log receipt receipt.json --key log.pub")]
pub(crate) struct ProveArgs {
    /// The number of the decision
    pub(crate) id: u64,
    /// The log; - reads standard input
    #[arg(long, value_name = "LOG|-", required_unless_present = "ledger", requires = "checkpoint", value_hint = ValueHint::FilePath)]
    pub(crate) log: Option<PathBuf>,
    /// The ledger whose log it is, instead of a file
    #[arg(long, value_name = "FILE|URL", conflicts_with_all = ["log", "openings"], value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Option<Place>,
    /// A signed checkpoint that covers the decision; a ledger has its own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) checkpoint: Option<PathBuf>,
    /// The openings of sealed values, JSON Lines in the order of the records
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) openings: Option<PathBuf>,
    /// The form of the receipt
    #[arg(short, long, value_enum, default_value = "json")]
    pub(crate) format: ReceiptForm,
}

/// `redress log receipt`
#[derive(Debug, Args)]
#[command(after_help = "\
With --replay the exit code is 4 unless the decision comes out the same; a receipt that was
written after an erasure lacks what that takes (`openings_missing`).

Examples:
  redress log receipt receipt.json --key log.pub
  redress log receipt receipt.json --key log.pub --replay --policies policies")]
pub(crate) struct ReceiptArgs {
    /// The receipt, in either form; - reads standard input
    #[arg(value_name = "RECEIPT|-", value_hint = ValueHint::FilePath)]
    pub(crate) receipt: PathBuf,
    /// The public key of the log, or a file with it; may be repeated
    #[arg(long, value_name = "KEY|FILE", required = true)]
    pub(crate) key: Vec<String>,
    #[command(flatten)]
    pub(crate) replay: ReplayOptions,
    /// How to show the answer
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: ShownAs,
}

/// `redress log export`
#[derive(Debug, Args)]
#[command(after_help = "\
The log is checked on the way. What is sealed stays sealed, unless --openings opens it;
a log with opened values is no log any more, so JSON Lines never are.

Examples:
  redress log export --ledger book.db > log.jsonl
  redress log export log.jsonl -f cloudevents
  redress log export log.jsonl -f opa --openings openings.jsonl")]
pub(crate) struct ExportArgs {
    /// The log; - reads standard input
    #[arg(value_name = "LOG|-", required_unless_present = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) log: Option<PathBuf>,
    /// The ledger whose log it is, instead of a file
    #[arg(long, value_name = "FILE|URL", conflicts_with = "log", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Option<Place>,
    /// The form to write
    #[arg(short, long, value_enum, default_value = "jsonl")]
    pub(crate) format: ExportForm,
    /// The openings of sealed values, JSON Lines in the order of the records
    #[arg(long, value_name = "FILE", conflicts_with = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) openings: Option<PathBuf>,
    /// Open what is sealed with what the ledger still knows
    #[arg(long, requires = "ledger")]
    pub(crate) open: bool,
}

/// `redress log keygen`
#[derive(Debug, Args)]
#[command(after_help = "\
The public key goes to standard output: give it to whoever checks the log.
The private key goes into a new file that only its owner can read.

Examples:
  redress log keygen redress.example/log --out log.key > log.pub")]
pub(crate) struct KeygenArgs {
    /// The name of the log, a URL without its scheme
    pub(crate) name: String,
    /// The file for the private key, which must not exist
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: PathBuf,
}

/// `redress log sign`
#[derive(Debug, Args)]
#[command(after_help = "\
A log must never sign what does not follow from what it signed before: give the last
checkpoint with --after, and nothing is signed unless the log goes on from it.

A ledger goes on from its last checkpoint by itself, and keeps the new one too.

Examples:
  redress log sign --ledger book.db --key log.key > checkpoint
  redress log sign log.jsonl --key log.key > checkpoint
  redress log sign log.jsonl --key log.key --after checkpoint > checkpoint.new")]
pub(crate) struct SignArgs {
    /// The log; - reads standard input
    #[arg(value_name = "LOG|-", required_unless_present = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) log: Option<PathBuf>,
    /// The ledger whose log it is, instead of a file
    #[arg(long, value_name = "FILE|URL", conflicts_with = "log", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Option<Place>,
    /// The file of the private key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: PathBuf,
    /// The checkpoint that was signed last
    #[arg(long, value_name = "FILE", conflicts_with = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) after: Option<PathBuf>,
}
