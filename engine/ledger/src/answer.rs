//! Answers, and why a command is refused.

use redress_model::{Code, Money, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rows::EntryState;

/// One thing promised, as an answer names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promised {
    /// The entry.
    pub entry: u64,
    /// The head of claim.
    pub head: Code,
    /// The kind of remedy.
    pub kind: Code,
    /// What it is worth.
    pub worth: Money,
    /// Where it stands.
    pub state: EntryState,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The number of its record.
    pub seq: u64,
    /// The ledger's time.
    pub at: Timestamp,
    /// What came of it: the outcome of a decision, or what the command did.
    pub did: Code,
    /// The decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<u64>,
    /// What was promised, or changed, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Promised>,
    /// Escalations opened, closed or moved, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<u64>,
    /// Timers set, ended or fired, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<u64>,
    /// Early warnings whose count was reached, by the code of their rule
    /// ([`redress_kernel::guardrails::Warning::code`]): `repeated`, `systemic`, `burst`,
    /// `hot_reason`. Each once, in the order of the rules; only decisions carry any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Code>,
}

/// Whether an answer was given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// The command was carried out now.
    First,
    /// The key was known, and this is the answer of then.
    Again,
}

/// An answer with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// The answer as it is stored and sent: the same for every retry, byte for byte.
    pub bytes: Vec<u8>,
    /// Whether it was given before.
    pub replay: Replay,
}

/// What a command leads to.
pub type Reply = Result<Answered, Refused>;

/// Why a command is refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The key was used for something else.
    #[error("the key was used for another request")]
    KeyReused,
    /// There is no such decision.
    #[error("there is no decision {id}")]
    NoSuchDecision {
        /// What was named.
        id: u64,
    },
    /// There is no such entry.
    #[error("there is no entry {id}")]
    NoSuchEntry {
        /// What was named.
        id: u64,
    },
    /// There is no such escalation.
    #[error("there is no escalation {id}")]
    NoSuchEscalation {
        /// What was named.
        id: u64,
    },
    /// There is no such timer.
    #[error("there is no timer {id}")]
    NoSuchTimer {
        /// What was named.
        id: u64,
    },
    /// The entry waits for approval.
    #[error("the entry waits for approval")]
    AwaitsApproval,
    /// The reservation's time is over.
    #[error("the reservation has expired")]
    ReservationExpired,
    /// The entry was settled or ended before.
    #[error("the entry is {} already", .state.name())]
    EntryClosed {
        /// Where it stands.
        state: EntryState,
    },
    /// The reservation's time is not over.
    #[error("the reservation has not expired")]
    NotDue,
    /// The escalation is closed.
    #[error("the escalation is closed")]
    EscalationClosed,
    /// Who proposed cannot approve.
    #[error("who proposed it cannot approve it")]
    ApproverIsProposer,
    /// The host does not vouch for the actor.
    #[error("nobody vouches for the actor")]
    ActorUnverified,
    /// The role is not one of those that decide this.
    #[error("the role {role} does not decide this")]
    NotAuthorized {
        /// The role.
        role: Code,
    },
    /// The sum is beyond the approver's own limit.
    #[error("the sum is beyond the limit of {role}")]
    OverAuthority {
        /// The role.
        role: Code,
    },
    /// The person has signed already.
    #[error("this person has signed already")]
    AlreadySigned,
    /// Several signatures are wanted: sign, do not approve.
    #[error("several signatures are wanted")]
    NeedsSignatures,
    /// On the standing of the moment something else stands in the way.
    #[error("on the standing of now it would escalate: {reason}")]
    StillEscalates {
        /// The reason.
        reason: Code,
    },
    /// The case or the release is not that of the decision.
    #[error("the case or the release is not that of the decision")]
    OtherCase,
    /// A lawful sum cannot be refused, taken away or overridden.
    #[error("a lawful sum cannot be refused")]
    Binding,
    /// The budget of departures is spent: the owner of the policy decides.
    #[error("the departures of this class are used up, so {owner} must approve")]
    DepartureBudgetSpent {
        /// The role that decides.
        owner: Code,
    },
    /// A deadline can only be moved later, and not past the expiry.
    #[error("the new deadline is not later, or past the expiry")]
    DeadlineNotLater,
    /// A departure needs a reason from the closed list.
    #[error("a departure needs a reason from the release's list")]
    NoReason,
    /// The reason is not in the closed list.
    #[error("{reason} is not in the release's list of departures")]
    UnknownReason {
        /// What was given.
        reason: Code,
    },
    /// A departure needs evidence.
    #[error("a departure needs the digest of its evidence")]
    NoEvidence,
    /// A limit has no room for it.
    #[error("{account} has no room for it")]
    LimitExceeded {
        /// The account of the limit.
        account: String,
    },
    /// A limit needs to know something that the case does not say, such as its team.
    #[error("the limit {name} needs to know whose it is")]
    SubjectUnknown {
        /// The limit.
        name: Code,
    },
    /// The decision was overturned, marked or replaced before.
    #[error("this was done before")]
    AlreadyDone,
    /// The timer does not run any more.
    #[error("the timer does not run any more")]
    TimerStopped,
    /// The customer is not known here.
    #[error("nothing is recorded of this customer")]
    NoSuchCustomer,
    /// A person still has to decide about the customer, and needs the case for it.
    #[error("escalation {escalation} is still open")]
    StillOpen {
        /// The escalation.
        escalation: u64,
    },
    /// A higher revision of the policy was in force before, or this one with other bytes.
    #[error("revision {current} of {policy} was in force already; revisions only grow")]
    Downgraded {
        /// The policy.
        policy: String,
        /// Its highest revision.
        current: u64,
    },
    /// The log cannot take the record, so nothing is done.
    #[error("the log cannot take it: {problem}")]
    NotRecorded {
        /// The code of what is wrong with it.
        problem: &'static str,
    },
    /// A sum or a number is out of range.
    #[error("a sum or a number is out of range")]
    OutOfRange,
}

impl Refused {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::KeyReused => "key_reused",
            Self::NoSuchDecision { .. } => "no_such_decision",
            Self::NoSuchEntry { .. } => "no_such_entry",
            Self::NoSuchEscalation { .. } => "no_such_escalation",
            Self::NoSuchTimer { .. } => "no_such_timer",
            Self::AwaitsApproval => "awaits_approval",
            Self::ReservationExpired => "reservation_expired",
            Self::EntryClosed { .. } => "entry_closed",
            Self::NotDue => "not_due",
            Self::EscalationClosed => "escalation_closed",
            Self::ApproverIsProposer => "approver_is_proposer",
            Self::ActorUnverified => "actor_unverified",
            Self::NotAuthorized { .. } => "not_authorized",
            Self::OverAuthority { .. } => "over_authority",
            Self::AlreadySigned => "already_signed",
            Self::NeedsSignatures => "needs_signatures",
            Self::StillEscalates { .. } => "still_escalates",
            Self::OtherCase => "other_case",
            Self::Binding => "binding",
            Self::DepartureBudgetSpent { .. } => "departure_budget_spent",
            Self::DeadlineNotLater => "deadline_not_later",
            Self::NoReason => "no_reason",
            Self::UnknownReason { .. } => "unknown_reason",
            Self::NoEvidence => "no_evidence",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::SubjectUnknown { .. } => "subject_unknown",
            Self::AlreadyDone => "already_done",
            Self::TimerStopped => "timer_stopped",
            Self::NoSuchCustomer => "no_such_customer",
            Self::StillOpen { .. } => "still_open",
            Self::Downgraded { .. } => "revision_downgraded",
            Self::NotRecorded { .. } => "not_recorded",
            Self::OutOfRange => "out_of_range",
        }
    }
}
