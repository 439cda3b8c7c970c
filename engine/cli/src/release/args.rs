//! The command line of `redress release`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use redress_model::{Date, Timestamp};

use crate::ledger::place::Place;

/// `redress release`
#[derive(Debug, Args)]
#[command(after_help = "\
From a folder to what is in force:
  redress release key mei.lin
  redress release build policies/air/eu261/1.0.0
  redress release sign air-eu261-1.0.0.tar --key mei.lin.key --revision 1
  redress release verify air-eu261-1.0.0.tar --trust trust.toml
  redress release activate air-eu261-1.0.0.tar --trust trust.toml --new-store
  redress release at 2026-10-01

An archive's signatures lie beside it, in ARCHIVE.dsse.json.")]
pub(crate) struct ReleaseArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: ReleaseCommand,
}

/// The commands of `redress release`.
#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// Put a release into one file, the same bytes on any machine
    Build(BuildArgs),
    /// Make a pair of keys
    Key(KeyArgs),
    /// Sign an archive, alone or after others
    Sign(SignArgs),
    /// Check who signed an archive
    Verify(VerifyArgs),
    /// Put a release in force for its incident dates
    Activate(ActivateArgs),
    /// List everything that was ever put in force
    List(ListArgs),
    /// Show an archive: what it is, what is in it, what is signed
    Show(ShowArgs),
    /// Show what is in force for incidents of a date, and on whose word
    At(AtArgs),
}

/// How an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Pretty,
    /// JSON, for programs
    Json,
}

/// `redress release build`
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// The folder of one version
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
    /// Where to write it [default: NAME-VERSION.tar]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// `redress release key`
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The person; writes PERSON.key, to be kept secret, and PERSON.pub
    pub(crate) person: String,
}

/// `redress release sign`
#[derive(Debug, Args)]
#[command(after_help = "\
The first signer says which revision of the policy this is, for which incident dates and
until when; the others sign the same statement, and may repeat none of it.

Examples:
  redress release sign air-eu261-1.0.0.tar --key mei.key --revision 3 --expires 2027-01-31
  redress release sign air-eu261-1.0.0.tar --key jan.key")]
pub(crate) struct SignArgs {
    /// The archive
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) archive: PathBuf,
    /// The secret key, as PEM
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: PathBuf,
    /// The revision of the policy that this becomes, higher than all before
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) revision: Option<u64>,
    /// The first incident date to decide [default: the release's own]
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// The last incident date to decide [default: the release's own]
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Date>,
    /// The last day on which it can be activated [default: 90 days from now]
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<Date>,
    /// The sign-off that a review page saved
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) signoff: Option<PathBuf>,
    /// The signatures so far, and where the new one goes [default: ARCHIVE.dsse.json]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) envelope: Option<PathBuf>,
}

/// `redress release verify`
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The archive
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) archive: PathBuf,
    /// Whose signatures count, and how many of whom must sign
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trust: PathBuf,
    /// The signatures [default: ARCHIVE.dsse.json]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) envelope: Option<PathBuf>,
    /// The day to verify for [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
}

/// Where activations are kept.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The folder of what is in force
    #[arg(long, value_name = "FOLDER", default_value = "releases", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,
}

/// `redress release activate`
#[derive(Debug, Args)]
#[command(after_help = "\
The highest revision that covers an incident date decides it. To go back to an earlier
version, sign and activate it as a new, higher revision.

Examples:
  redress release activate air-eu261-1.0.0.tar --trust trust.toml
  redress release activate air-eu261-1.0.0.tar --trust trust.toml --ledger book.db
  redress release activate draft.tar --store /tmp/trial --new-store \\
      --without-signatures --asked-by ada --reason 'a trial on a test machine'")]
pub(crate) struct ActivateArgs {
    /// The archive
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) archive: PathBuf,
    /// Whose signatures count, and how many of whom must sign
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "without_signatures")]
    pub(crate) trust: Option<PathBuf>,
    /// The signatures [default: ARCHIVE.dsse.json]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) envelope: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Make the store, which must not be there
    #[arg(long)]
    pub(crate) new_store: bool,
    /// Put the revision on record in this ledger too, which then refuses an older store
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Option<Place>,
    /// The private key that signs the ledger's log
    #[arg(long, value_name = "FILE", requires = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) log_key: Option<PathBuf>,
    /// Put it in force although nobody signed, which is recorded and shown for ever
    #[arg(long, conflicts_with_all = ["trust", "envelope"], requires_all = ["asked_by", "reason"])]
    pub(crate) without_signatures: bool,
    /// Who wants it without signatures
    #[arg(long, value_name = "PERSON", requires = "without_signatures")]
    pub(crate) asked_by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "without_signatures")]
    pub(crate) reason: Option<String>,
}

/// `redress release list`
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only this policy
    pub(crate) policy: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// How to show it
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: Format,
}

/// `redress release show`
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The archive
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) archive: PathBuf,
    /// The signatures [default: ARCHIVE.dsse.json, if it is there]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) envelope: Option<PathBuf>,
    /// How to show it
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: Format,
}

/// `redress release at`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress release at 2026-10-01
  redress release at 2026-10-01 air/eu261 --known-at 2026-11-30T00:00:00Z")]
pub(crate) struct AtArgs {
    /// The incident date
    pub(crate) date: Date,
    /// Only this policy
    pub(crate) policy: Option<String>,
    /// What was in force at this moment, whatever was activated later
    #[arg(long, value_name = "TIMESTAMP")]
    pub(crate) known_at: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// How to show it
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: Format,
}
