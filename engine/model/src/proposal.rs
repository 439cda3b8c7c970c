//! What a policy returns. It proposes; the kernel decides.

use serde::Serialize;

use crate::{Code, Date, Reason, Remedy, Slot};

/// The most remedies that one proposal may hold; a longer one escalates.
pub const MAX_REMEDIES: usize = 8;

/// What a policy returns for one case: the answer of `remedy`, then that of `route`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What the customer should get.
    pub verdict: Verdict,
    /// The tier of the guardrails that the policy places the case in.
    pub tier: Option<Code>,
    /// Where the case goes and how urgently; it never holds an amount.
    pub route: Route,
}

/// The answer of a policy's `remedy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// These things, in the order of their importance: cuts fall on the last goodwill first.
    Grant(Vec<Remedy>),
    /// Nothing, for these reasons.
    Refuse(Vec<Reason>),
    /// Not yet: something is missing.
    Hold(Hold),
}

/// Why a case waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The policy read this fact and the case does not know it.
    UnknownFact(Slot),
    /// The policy itself asks to wait, with a code that the guardrails explain.
    Asked(Reason),
}

/// Where a case goes, from a policy's `route`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// The queue to put the case in.
    pub queue: Option<Code>,
    /// Urgency from 1 (most urgent) to 9; `None` leaves it to the escalation ladder.
    pub priority: Option<u8>,
    /// By when; the earlier of this and the ladder's deadline wins.
    pub deadline: Option<Deadline>,
    /// Duties towards the customer, such as a reminder of a document to bring.
    pub obligations: Vec<Code>,
}

/// A span of time from a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// How many units, 0 to 10,000.
    pub count: u32,
    /// The unit.
    pub unit: DeadlineUnit,
    /// From when.
    pub start: DeadlineStart,
}

/// The unit of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineUnit {
    /// Elapsed minutes.
    Minutes,
    /// Elapsed hours, holidays or not.
    Hours,
    /// Whole calendar days; due at the end of the last.
    CalendarDays,
    /// Working days of the release's calendar, the first day not counted; due at the end of the last.
    WorkingDays,
}

/// Where a deadline starts to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineStart {
    /// The moment of the decision.
    AsOf,
    /// A date or date-time fact of the case.
    Fact(Slot),
    /// A fixed date.
    On(Date),
}
