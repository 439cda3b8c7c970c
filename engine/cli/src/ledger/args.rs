//! The command lines of what works on a ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use redress_model::{Digest, Timestamp};

use super::place::Place;
use crate::args::EvalFormat;
use crate::input::InputError;

/// The ledger, and the request's key and time.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
    /// The key of the request: the same key always gets the same answer
    #[arg(long)]
    pub(crate) key: String,
    /// The private key that signs the ledger's log, as `redress log keygen` makes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) log_key: Option<PathBuf>,
    /// The moment; the ledger's own time where that is later [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// How to show the answer
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: AnswerFormat,
}

/// How the answer of a ledger is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// Lines for people
    Pretty,
    /// One object, for programs
    Json,
}

impl From<EvalFormat> for AnswerFormat {
    fn from(format: EvalFormat) -> Self {
        match format {
            EvalFormat::Pretty => Self::Pretty,
            EvalFormat::Json => Self::Json,
        }
    }
}

/// `redress settle`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress settle 12 --ledger book.db --key paid-12")]
pub(crate) struct SettleArgs {
    /// The number of the entry
    pub(crate) entry: u64,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress void`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress void 12 --ledger book.db --key void-12 --by ann --reason payment_failed")]
pub(crate) struct VoidArgs {
    /// The number of the entry
    pub(crate) entry: u64,
    /// Who takes it back
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why, as a code
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress override`
#[derive(Debug, Args)]
#[command(after_help = "\
The reason must stand in the release's list of departures (`[[departure]]` in its
guardrails), whose role the approver holds. A lawful sum is not touched.

Examples:
  redress override policies/travel/goodwill 7 --gives '300.00 CNY' --reason hardship \\
    --evidence letter.pdf --actor ann.json --approver sue.json --ledger book.db --key o-7")]
pub(crate) struct OverrideArgs {
    /// A folder of versions, or the folder of one version
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// The number of the decision
    pub(crate) decision: u64,
    /// The discretionary sum of the event from now on
    #[arg(long, value_name = "SUM")]
    pub(crate) gives: String,
    /// The kind of remedy
    #[arg(long, value_name = "KIND", default_value = "cash")]
    pub(crate) kind: String,
    /// The reason, from the release's list of departures
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: Option<String>,
    /// A file of evidence, whose digest is recorded
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) evidence: Option<PathBuf>,
    /// Who asks: a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    /// Who approves: a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) approver: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress queue`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress queue list --ledger book.db --owner supervisors
  redress queue approve policies/travel/goodwill 3 --actor sue.json --ledger book.db --key a-3")]
pub(crate) struct QueueArgs {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: QueueCommand,
}

/// What is done with the queue.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// What is open, with owners and deadlines
    List(QueueListArgs),
    /// One escalation with its signatures and sums
    Show(QueueShowArgs),
    /// Approve what one person decides
    Approve(QueueApproveArgs),
    /// Sign, where several must; the last signature approves
    Sign(QueueApproveArgs),
    /// Refuse, and release what was reserved
    Refuse(QueueRefuseArgs),
    /// Give more time
    Extend(QueueExtendArgs),
}

/// `redress queue list`
#[derive(Debug, Args)]
pub(crate) struct QueueListArgs {
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
    /// Only what this owner has
    #[arg(long, value_name = "OWNER")]
    pub(crate) owner: Option<String>,
}

/// `redress queue show`
#[derive(Debug, Args)]
pub(crate) struct QueueShowArgs {
    /// The number of the escalation
    pub(crate) escalation: u64,
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
}

/// `redress queue approve` and `redress queue sign`
#[derive(Debug, Args)]
pub(crate) struct QueueApproveArgs {
    /// A folder of versions, or the folder of one version
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// The number of the escalation
    pub(crate) escalation: u64,
    /// Who approves: a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress queue refuse`
#[derive(Debug, Args)]
pub(crate) struct QueueRefuseArgs {
    /// The number of the escalation
    pub(crate) escalation: u64,
    /// Who refuses: a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    /// Why, as a code
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress queue extend`
#[derive(Debug, Args)]
pub(crate) struct QueueExtendArgs {
    /// The number of the escalation
    pub(crate) escalation: u64,
    /// Who extends, of those who are asked: a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    /// The new deadline
    #[arg(long, value_name = "TIMESTAMP")]
    pub(crate) until: Timestamp,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress due`
#[derive(Debug, Args)]
#[command(after_help = "\
Any number of sweepers do each thing exactly once.

Examples:
  redress due --ledger book.db
  redress due --ledger book.db --as-of 2026-10-01T09:00:00+08:00")]
pub(crate) struct DueArgs {
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
    /// As of which moment [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// The private key that signs the ledger's log, as `redress log keygen` makes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) log_key: Option<PathBuf>,
}

/// `redress ledger`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress ledger show customer customer-9 --ledger book.db
  redress ledger show budget --ledger book.db
  redress ledger show budget team:blue --ledger book.db
  redress ledger backup copy.db --ledger book.db")]
pub(crate) struct LedgerArgs {
    /// What to do
    #[command(subcommand)]
    pub(crate) what: LedgerCommand,
}

/// What is done with a ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// What was promised to a customer or for an event, and what is used of limits
    Show(LedgerShowArgs),
    /// Copy the ledger as of now into a new file, while others read and write
    Backup(LedgerBackupArgs),
}

/// Whose account is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// A customer, by id
    Customer,
    /// An agent, by id
    Agent,
    /// An event, by id
    Event,
    /// Caps and budgets: those of everyone together, or those of the subject that is named
    Budget,
}

/// `redress ledger show`
#[derive(Debug, Args)]
#[command(after_help = "\
Subjects of budgets are everyone, team:TEAM, campaign:CAMPAIGN, scene:SCENE, agent:ID,
agent:ID>customer:ID, customer:ID, event:ID and linked:KIND:ID. A scene is named together
with its policy; without one, scene:N is the one at place N of the policy's list, from 0.

Examples:
  redress ledger show customer customer-9 --ledger book.db
  redress ledger show event order-77 --ledger book.db
  redress ledger show agent ann --ledger book.db
  redress ledger show budget --ledger book.db
  redress ledger show budget team:blue --ledger book.db
  redress ledger show budget campaign:spring --ledger book.db
  redress ledger show budget scene:hotel --policy policies/travel/goodwill --ledger book.db
  redress ledger show budget 'agent:ann>customer:customer-9' --ledger book.db")]
pub(crate) struct LedgerShowArgs {
    /// Whose account
    #[arg(value_enum)]
    pub(crate) subject: Subject,
    /// The id of the customer, agent or event, or the subject of budgets [default for budgets:
    /// everyone]
    #[arg(required_if_eq_any([("subject", "customer"), ("subject", "agent"), ("subject", "event")]))]
    pub(crate) id: Option<String>,
    /// The policy of a scene that is named: a folder of versions, or the folder of one version
    #[arg(long, value_name = "POLICY", value_hint = ValueHint::DirPath)]
    pub(crate) policy: Option<PathBuf>,
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
    /// As of which moment windows end [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
}

/// `redress ledger backup`
#[derive(Debug, Args)]
pub(crate) struct LedgerBackupArgs {
    /// The new file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) to: PathBuf,
    /// The ledger
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub(crate) ledger: Place,
}

/// The digest of a file of evidence.
pub(crate) fn evidence(path: Option<&PathBuf>) -> Result<Option<Digest>, InputError> {
    let Some(path) = path else { return Ok(None) };
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(Digest::of(&bytes))),
        Err(source) => {
            let path = path.clone();
            Err(InputError::Read { path, source })
        }
    }
}
