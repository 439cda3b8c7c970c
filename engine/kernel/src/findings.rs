//! What fairness found: the part of a decision that compares it with like cases.

use redress_model::{Code, Money, Timestamp};
use serde::Serialize;
use smol_str::SmolStr;

use crate::adjustment::Rule;

/// One merit fact of two cases, as the schema writes it: money in minor units, a date in days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The fact.
    pub fact: SmolStr,
    /// In this case.
    pub own: i64,
    /// In the precedent's.
    pub precedent: i64,
}

/// A norm that the sum of this case does not keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// Which rule: `linked_parity` or `a_fortiori`.
    pub rule: Rule,
    /// The decision that formed the norm, by its number.
    pub precedent: u64,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The version that decided it.
    pub version: SmolStr,
    /// Its norm, in money of this release and for as many units as this case has.
    pub norm: Money,
    /// What this case comes to.
    pub sum: Money,
    /// The sum less the norm.
    pub difference: Money,
    /// The facts compared.
    pub facts: Vec<Compared>,
}

/// What it would cost if a sum above the norm were paid: everybody who could quote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// How many cases, this one included.
    pub cases: u32,
    /// What each would get.
    pub each: Money,
    /// What all of them would get.
    pub total: Money,
}

/// What fairness found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// What the release gives on the facts, before offers and caps: the norm that this
    /// decision forms, if it does.
    pub tariff: Money,
    /// The goodwill after the corridor, parity and the precedents, before caps.
    pub sum: Money,
    /// How many precedents of the class there are within the window.
    pub precedents: u64,
    /// What must be said besides: `seed` for the first case of a class, `partial` where the
    /// class is larger than what was looked at, `not_compared` where precedents could not be.
    pub notes: Vec<Code>,
    /// The experiment and the arm that the case is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arm: Option<(Code, Code)>,
    /// Norms that are not kept; a person decides.
    pub breaches: Vec<Breach>,
    /// Precedents as bad or worse that got less: the look-back starts from here.
    pub levels_up: Vec<Breach>,
    /// What it would cost to pay the offer above the corridor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
}
