//! The command lines of what is done to a decision, a promise or a customer afterwards.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use redress_model::Timestamp;

use crate::ledger::args::Request;

/// Why a person asks for a decision by people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum EscalateReason {
    /// The customer does not accept the decision
    CustomerDisputes,
    /// Something has become known since
    NewEvidence,
    /// Somebody may be in danger
    SafetyConcern,
    /// A lawyer, a court or an authority is involved
    LegalMatter,
    /// The press is involved
    PressMatter,
    /// Whoever handles the case doubts the decision
    AgentDoubts,
}

/// Why a decision is overturned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum OverturnReason {
    /// An appeal within the company was right
    AppealUpheld,
    /// A court decided otherwise
    CourtOrder,
    /// An ombudsman, an arbiter or an authority decided otherwise
    OutsideDecision,
    /// Something has become known since
    NewEvidence,
    /// The facts were made up
    Fraud,
}

/// The rule that an error broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum BrokenRule {
    /// A fact was recorded wrongly
    WrongFact,
    /// The wrong customer, event or case
    WrongCase,
    /// The same was given before
    GivenTwice,
    /// A lawful sum was missed
    LawfulSumMissed,
    /// Somebody went beyond their authority
    OverAuthority,
    /// The wrong policy or version
    WrongPolicy,
    /// No evidence for what needs it
    NoEvidence,
}

/// The code of a value, as records have it.
pub(crate) fn name(value: &impl ValueEnum) -> String {
    let named = value.to_possible_value();
    named.map_or_else(String::new, |named| named.get_name().to_owned())
}

/// `redress escalate`
#[derive(Debug, Args)]
#[command(after_help = "\
Anyone may. Nothing is taken back or reserved by it.

Examples:
  redress escalate 7 --by ann --reason new_evidence --owner team_leads \\
    --ledger book.db --key e-7")]
pub(crate) struct EscalateArgs {
    /// The number of the decision
    pub(crate) decision: u64,
    /// Who asks
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_enum)]
    pub(crate) reason: EscalateReason,
    /// Who is to own it
    #[arg(long, value_name = "OWNER")]
    pub(crate) owner: String,
    /// By when
    #[arg(long, value_name = "TIMESTAMP")]
    pub(crate) due_at: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress overturn`
#[derive(Debug, Args)]
#[command(after_help = "\
An overturned decision forms no norm. What it gave is taken back with `redress void`.

Examples:
  redress overturn 7 --by sue --reason appeal_upheld --ledger book.db --key ot-7")]
pub(crate) struct OverturnArgs {
    /// The number of the decision
    pub(crate) decision: u64,
    /// Who says so
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_enum)]
    pub(crate) reason: OverturnReason,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress mark-error`
#[derive(Debug, Args)]
#[command(after_help = "\
An error is recorded with the rule that it broke, and never as a sum to be taken from a
wage. It forms no norm.

Examples:
  redress mark-error 7 --by sue --rule given_twice --ledger book.db --key m-7")]
pub(crate) struct MarkErrorArgs {
    /// The number of the decision
    pub(crate) decision: u64,
    /// Who says so
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// The rule that was broken
    #[arg(long, value_enum)]
    pub(crate) rule: BrokenRule,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress promise`
#[derive(Debug, Args)]
#[command(after_help = "\
With --by-date the sum is given if nobody says by then that the promise was kept; with
--quiet-days it is given once the customer was quiet for so long. `redress due` gives it,
once, and calls the owner where a limit leaves nothing. Goodwill and what a contract owes
is held to the authority of whoever promises, and a claim to its highest sum.

Examples:
  redress promise policies/travel/goodwill 7 --gives '30.00 CNY' --by-date 2026-10-01T12:00:00Z \\
    --owner care_desk --actor ann.json --ledger book.db --key p-7
  redress promise policies/travel/goodwill 7 --gives '50.00 CNY' --quiet-days 30 \\
    --owner care_desk --actor ann.json --ledger book.db --key q-7")]
pub(crate) struct PromiseArgs {
    /// A folder of versions, or the folder of one version
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// The number of the decision whose case it is about
    pub(crate) decision: u64,
    /// What is given: goodwill, or what is owed under --claim
    #[arg(long, value_name = "SUM")]
    pub(crate) gives: String,
    /// The kind of remedy
    #[arg(long, value_name = "KIND", default_value = "cash")]
    pub(crate) kind: String,
    /// The head under which goodwill is given
    #[arg(
        long,
        value_name = "HEAD",
        default_value = "promise",
        conflicts_with = "claim"
    )]
    pub(crate) head: String,
    /// The provision or clause of the release under which it is owed, with its head
    #[arg(long, value_name = "CODE")]
    pub(crate) claim: Option<String>,
    /// When the promise must be kept by
    #[arg(long, value_name = "TIMESTAMP", required_unless_present = "quiet_days")]
    pub(crate) by_date: Option<Timestamp>,
    /// After how many days without activity it is given, 1 to 3650
    #[arg(long, value_name = "DAYS", conflicts_with = "by_date", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) quiet_days: Option<u32>,
    /// Who owns the case when a limit leaves nothing
    #[arg(long, value_name = "OWNER")]
    pub(crate) owner: String,
    /// Who promises: a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress keep`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress keep 4 --by ann --ledger book.db --key k-4")]
pub(crate) struct KeepArgs {
    /// The number of the timer that the promise set
    pub(crate) timer: u64,
    /// Who says that the promise was kept
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress activity`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress activity customer-9 --ledger book.db --key order-78")]
pub(crate) struct ActivityArgs {
    /// The id of the customer who bought, wrote or called
    pub(crate) customer: String,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// `redress erase`
#[derive(Debug, Args)]
#[command(after_help = "\
The case, its texts and ids in the log cannot be opened any more. The records stay, every
proof stays valid, and a replay reports them as erased. Sums stay on the customer's
account under its id for as long as limits count them. Nothing is erased while a person
still has to decide.

Examples:
  redress erase customer-9 --by dpo --ledger book.db --key erase-9")]
pub(crate) struct EraseArgs {
    /// The id of the customer who asks for it
    pub(crate) customer: String,
    /// Who does it
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) request: Request,
}
