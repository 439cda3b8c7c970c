//! What may be called law or contract, and the least that the law gives.

use redress_model::Code;

use super::limits::Limit;
use super::{Condition, SecondLook};

/// The ground that a claim stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimBasis {
    /// A law.
    Statutory,
    /// A contract.
    Contractual,
}

/// A provision or clause under which something is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The code that a policy claims.
    pub code: Code,
    /// Law or contract.
    pub basis: ClaimBasis,
    /// The head of claim: per event and beneficiary, one head is paid once.
    pub head: Code,
    /// The source, for people.
    pub source: String,
    /// The highest sum per person; what exceeds it counts as goodwill.
    pub max_per_person: Limit,
    /// The kinds in which it is given, the first by default; at least one.
    pub kinds: Vec<Code>,
    /// The chain that signs, for what is never granted by machine.
    pub approval: Option<Code>,
    /// When a second pair of eyes is asked for.
    pub second_look: Option<SecondLook>,
    /// Heads whose paid sums the law sets off against this claim.
    pub nets: Vec<Code>,
}

/// The least that is owed per person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// The statutory claim.
    pub claim: Code,
    /// The least per person.
    pub at_least: Limit,
    /// With conditions, the floor is owed whenever they hold, even if the policy proposed nothing.
    pub when: Vec<Condition>,
}
