//! The limits, as data that compliance owns, with facts resolved to slots.
//!
//! These are plain values; the release crate reads them from `guardrails.toml` and
//! refuses what does not fit together, so the kernel can rely on what the fields say.

mod authority;
mod claims;
mod duties;
mod fairness;
mod ledger;
mod limits;

use redress_model::{Code, Facts, Locale, Rounding, Slot, Value};
use smol_str::SmolStr;

pub use self::authority::{AuthorityRow, BasisKind, Chain, Role, SecondLook, Signature};
pub use self::claims::{Claim, ClaimBasis, Floor};
pub use self::duties::{
    GoodwillSwitch, HoldRule, LadderRung, Precondition, ReviewRule, SafetyRule, UnknownFactRule,
};
pub use self::fairness::{
    Ancestor, Arm, ClassFact, DepartureBudget, Experiment, Fairness, Linked, MeritFact, POINTS_MAX,
    Tolerance,
};
pub use self::ledger::{DepartureReason, LedgerRules, Scope, Warning, WarningRule};
pub use self::limits::{Budget, CashRule, Corridor, Envelope, Limit, RollingCap, Tier};
use crate::calendar::Calendar;
use crate::decision::ReleaseId;

/// A merit fact that a limit is measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Its slot.
    pub slot: Slot,
    /// Its name, for evidence.
    pub name: SmolStr,
}

/// A fact with the value that a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The fact.
    pub slot: Slot,
    /// The value.
    pub value: Value,
}

impl Condition {
    /// Whether every condition is known to hold; an unknown fact does not.
    #[must_use]
    pub fn all_hold(conditions: &[Self], facts: &Facts) -> bool {
        conditions
            .iter()
            .all(|condition| facts.get(condition.slot) == Some(&condition.value))
    }
}

/// The facts that the kernel itself reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KernelFacts {
    /// The scene, a gate enum.
    pub scene: Option<Slot>,
    /// How many persons the case is about, a merit integer; without it, one.
    pub persons: Option<Base>,
    /// What the customer lost, merit money.
    pub loss: Option<Base>,
    /// How serious the case is, a route enum.
    pub severity: Option<Slot>,
    /// What the customer is worth to the company, a route enum; moves queue and deadline only.
    pub customer_value: Option<Slot>,
    /// Recorded consent to something other than cash where the law gives cash, a gate boolean.
    pub consent: Option<Slot>,
}

/// What one of a kind is worth in money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worth {
    /// A money kind: so many percent of its face value.
    Face {
        /// 1 to 100.
        percent: u32,
    },
    /// A unit kind: so much for each unit.
    Each(redress_model::Money),
}

/// A kind of remedy that may be given at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub name: Code,
    /// Its fixed equivalence.
    pub worth: Worth,
    /// Only in these locales; empty for everywhere.
    pub locales: Vec<Locale>,
    /// Only in these scenes (enum values of the scene fact); empty for every scene.
    pub scenes: Vec<u16>,
}

impl Kind {
    /// Whether this is money in hand.
    #[must_use]
    pub fn is_cash(&self) -> bool {
        self.name == *"cash"
    }
}

/// What is never given in a locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taboo {
    /// A kind, such as a clock; another kind of the same worth takes its place.
    Kind {
        /// Where.
        locale: Locale,
        /// What.
        kind: Code,
        /// What takes its place.
        instead: Code,
    },
    /// A goodwill sum; another takes its place where the limits allow, else one rounding unit less.
    Sum {
        /// Where.
        locale: Locale,
        /// What.
        sum: redress_model::Money,
        /// What takes its place.
        instead: redress_model::Money,
    },
}

/// All limits of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardrails {
    /// The release that these limits belong to.
    pub release: ReleaseId,
    /// How shares become whole minor units.
    pub rounding: Rounding,
    /// The digest of the schema that the slots refer to.
    pub schema: redress_model::Digest,
    /// Facts that the kernel reads.
    pub facts: KernelFacts,
    /// What may be called statutory or contractual.
    pub claims: Vec<Claim>,
    /// The least that the law gives.
    pub floors: Vec<Floor>,
    /// Goodwill levels.
    pub tiers: Vec<Tier>,
    /// The envelope of discretionary money.
    pub envelope: Envelope,
    /// Kinds of remedy, in order of preference.
    pub kinds: Vec<Kind>,
    /// Locale taboos.
    pub taboos: Vec<Taboo>,
    /// How far an offer may lie from the tariff; without it, not at all.
    pub corridor: Corridor,
    /// Roles, lowest rank first.
    pub roles: Vec<Role>,
    /// The authority matrix; the first row that matches and is in force counts.
    pub authority: Vec<AuthorityRow>,
    /// Named approval chains.
    pub chains: Vec<Chain>,
    /// What must be on record before an offer.
    pub preconditions: Vec<Precondition>,
    /// What a policy may hold for.
    pub holds: Vec<HoldRule>,
    /// How a hold for an unknown fact is handled.
    pub unknown_fact: UnknownFactRule,
    /// Refusals that a person looks at.
    pub reviews: Vec<ReviewRule>,
    /// Danger and what it asks for.
    pub safety: Vec<SafetyRule>,
    /// Owner, deadline and priority of escalations; the first rung that matches counts.
    pub ladder: Vec<LadderRung>,
    /// What the ledger needs to know.
    pub ledger: LedgerRules,
    /// Which cases are like each other; without it, none is compared.
    pub fairness: Option<Fairness>,
    /// The calendar for deadlines.
    pub calendar: Calendar,
}

impl Guardrails {
    /// The kind with this name.
    #[must_use]
    pub fn kind(&self, name: &Code) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == *name)
    }

    /// The claim with this code.
    #[must_use]
    pub fn claim(&self, code: &Code) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.code == *code)
    }

    /// The role with this name.
    #[must_use]
    pub fn role(&self, name: &Code) -> Option<&Role> {
        self.roles.get(self.place_of(name)?)
    }

    /// The roles above a role, the nearest first; all of them where the role is unknown.
    pub fn roles_above(&self, role: &Code) -> impl Iterator<Item = &Role> {
        let rank = self.role(role).map(|role| role.rank);
        self.roles
            .iter()
            .filter(move |role| rank.is_none_or(|rank| role.rank > rank))
    }

    /// Whether a role stands at or above another; both must be known.
    #[must_use]
    pub fn holds(&self, role: &Code, wanted: &Code) -> bool {
        let rank = |name: &Code| self.role(name).map(|role| role.rank);
        rank(role)
            .zip(rank(wanted))
            .is_some_and(|(own, wanted)| own >= wanted)
    }

    /// The place of the role with this name among the roles.
    pub(crate) fn place_of(&self, role: &Code) -> Option<usize> {
        self.roles.iter().position(|own| own.name == *role)
    }
}
