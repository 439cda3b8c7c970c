//! What a guest returns, checked on its way in.

mod decode;
mod encode;
mod error;
mod names;
#[cfg(test)]
mod tests;

use redress_model::{Code, Hold, Reason, Remedy, Route, Slot, Verdict};

pub use self::error::AnswerError;
pub use self::names::Names;

/// The most remedies that an answer may carry to the kernel, which itself allows
/// [`redress_model::MAX_REMEDIES`] and escalates what is between.
pub const REMEDIES_MAX: usize = 64;
/// The most reasons of one remedy, or of a refusal.
pub const REASONS_MAX: usize = 16;
/// The most arguments of one reason.
pub const ARGS_MAX: usize = 16;
/// The most obligations of a route.
pub const OBLIGATIONS_MAX: usize = 64;
/// The most bytes of a text inside a reason.
pub const TEXT_BYTES_MAX: usize = 64;
/// The longest span of a deadline, in its unit.
const DEADLINE_COUNT_MAX: u32 = 10_000;

const LAYOUT_VERSION: u8 = 1;
const GRANT: u8 = 1;
const REFUSE: u8 = 2;
const HOLD: u8 = 3;
const UNKNOWN_FACT: u8 = 4;
const ROUTE: u8 = 5;
const MONEY: u8 = 1;
const UNITS: u8 = 2;
const STATUTORY: u8 = 1;
const CONTRACTUAL: u8 = 2;
const GOODWILL: u8 = 3;
const ARG_INT: u8 = 1;
const ARG_MONEY: u8 = 2;
const ARG_DATE: u8 = 3;
const ARG_TEXT: u8 = 4;
const NO_DEADLINE: u8 = 0;
const MINUTES: u8 = 1;
const HOURS: u8 = 2;
const CALENDAR_DAYS: u8 = 3;
const WORKING_DAYS: u8 = 4;
const START_AS_OF: u8 = 1;
const START_FACT: u8 = 2;
const START_ON: u8 = 3;

/// What `remedy` returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemedyAnswer {
    /// These remedies.
    Grant {
        /// The tier of the guardrails that the policy places the case in.
        tier: Option<Code>,
        /// The remedies, in the policy's order.
        remedies: Vec<Remedy>,
    },
    /// Nothing, for these reasons, at least one.
    Refuse(Vec<Reason>),
    /// Not yet, for this reason.
    Hold(Reason),
    /// The policy read this fact, which is unknown.
    UnknownFact(Slot),
}

impl RemedyAnswer {
    /// The verdict and tier of a proposal.
    #[must_use]
    pub fn into_verdict(self) -> (Verdict, Option<Code>) {
        match self {
            Self::Grant { tier, remedies } => (Verdict::Grant(remedies), tier),
            Self::Refuse(reasons) => (Verdict::Refuse(reasons), None),
            Self::Hold(reason) => (Verdict::Hold(Hold::Asked(reason)), None),
            Self::UnknownFact(slot) => (Verdict::Hold(Hold::UnknownFact(slot)), None),
        }
    }
}

/// What `route` returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteAnswer {
    /// Where the case goes.
    Route(Route),
    /// The policy read this fact, which is unknown.
    UnknownFact(Slot),
}
