//! What must happen around the money: holds, reviews, safety, escalation.

use redress_model::{Code, Slot, Stage, Value};

use super::Condition;
use crate::calendar::Span;

/// What must be on record before an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precondition {
    /// In which stages it is missing.
    pub stages: Vec<Stage>,
    /// What is missing.
    pub missing: Code,
    /// Who gets it.
    pub owner: Code,
    /// By when.
    pub within: Span,
    /// Fees that do not run meanwhile.
    pub freezes: Vec<Code>,
}

/// A code with which a policy may hold a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRule {
    /// The code.
    pub code: Code,
    /// What is missing.
    pub missing: Code,
    /// Who gets it.
    pub owner: Code,
    /// By when.
    pub within: Span,
    /// Fees that do not run meanwhile.
    pub freezes: Vec<Code>,
}

/// How a hold for an unknown fact is handled; the fact itself is what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFactRule {
    /// Who gets it.
    pub owner: Code,
    /// By when.
    pub within: Span,
    /// Fees that do not run meanwhile.
    pub freezes: Vec<Code>,
    /// The names of the facts by slot, to say which is missing.
    pub names: Vec<Code>,
}

/// Whether goodwill may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoodwillSwitch {
    /// As the policy proposes.
    On,
    /// Not at all; the law stays.
    Off,
}

/// A refusal that a person looks at, and whether goodwill is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRule {
    /// Under which facts.
    pub when: Vec<Condition>,
    /// Who looks.
    pub owner: Code,
    /// By when.
    pub within: Span,
    /// Whether goodwill may be given.
    pub goodwill: GoodwillSwitch,
}

/// Danger and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafetyRule {
    /// The safety fact.
    pub slot: Slot,
    /// Values that raise the concern.
    pub raised: Vec<Value>,
    /// Values with which a person found it false.
    pub cleared: Vec<Value>,
    /// How much of the goodwill stays once it was found false, in percent.
    pub cleared_goodwill_percent: i64,
    /// Who is called at once.
    pub owner: Code,
    /// By when.
    pub within: Span,
    /// What must be done.
    pub duties: Vec<Code>,
}

/// One rung of the escalation ladder. `None` matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderRung {
    /// For this severity (enum value of the severity fact).
    pub severity: Option<u16>,
    /// For this customer value (enum value of the customer value fact).
    pub customer_value: Option<u16>,
    /// Who owns it; else the required role's owner.
    pub owner: Option<Code>,
    /// By when.
    pub within: Span,
    /// How urgent, 1 to 9.
    pub priority: Option<u8>,
}
