//! Each change that the kernel makes to a proposal, with its evidence.

use redress_model::{Code, Money};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

/// The guardrail that changed something, in the order of enforcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Step 2: a claim that the guardrails do not list counts as goodwill.
    UnlistedClaim,
    /// Step 2: what exceeds a claim's highest sum counts as goodwill.
    ClaimCeiling,
    /// Step 2: the law's least sum.
    Floor,
    /// Step 3: the kind may not be given in this locale or scene.
    KindNotAllowed,
    /// Step 3: a taboo of the locale.
    Taboo,
    /// Step 3: no recorded consent to something other than cash where the law gives cash.
    ConsentMissing,
    /// Step 3: the kind that the customer asked for, at the same worth.
    RequestedKind,
    /// Goodwill is off for this claimant.
    GoodwillOff,
    /// A safety concern was found false; goodwill falls.
    SafetyCleared,
    /// Step 4: an offer held against the tariff.
    Corridor,
    /// An arm of an experiment, within the corridor.
    Experiment,
    /// A promise to this customer.
    Promise,
    /// Step 5: the rate of a linked case.
    LinkedParity,
    /// Step 6: what like cases got.
    AFortiori,
    /// Step 7: without a loss there is no goodwill cash.
    NoLossNoCash,
    /// Step 7: the tier's highest share of its base.
    TierCap,
    /// Step 7: the highest multiple of the loss.
    LossMultiple,
    /// Step 7: a rolling cap.
    Cap,
    /// Step 7: a budget.
    Budget,
    /// A safety concern pauses everything discretionary.
    SafetyPause,
    /// Step 10: what was already paid for this head of claim.
    AlreadyPaid,
    /// Step 10: what was paid under another head that the law sets off.
    Netted,
}

impl Rule {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnlistedClaim => "unlisted_claim",
            Self::ClaimCeiling => "claim_ceiling",
            Self::Floor => "floor",
            Self::KindNotAllowed => "kind_not_allowed",
            Self::Taboo => "taboo",
            Self::ConsentMissing => "consent_missing",
            Self::RequestedKind => "requested_kind",
            Self::GoodwillOff => "goodwill_off",
            Self::SafetyCleared => "safety_cleared",
            Self::Corridor => "corridor",
            Self::Experiment => "experiment",
            Self::Promise => "promise",
            Self::LinkedParity => "linked_parity",
            Self::AFortiori => "a_fortiori",
            Self::NoLossNoCash => "no_loss_no_cash",
            Self::TierCap => "tier_cap",
            Self::LossMultiple => "loss_multiple",
            Self::Cap => "cap",
            Self::Budget => "budget",
            Self::SafetyPause => "safety_pause",
            Self::AlreadyPaid => "already_paid",
            Self::Netted => "netted",
        }
    }
}

/// One side of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adjusted {
    /// A sum, at its worth in money.
    Worth(Money),
    /// A kind of remedy.
    Kind(Code),
    /// A ground.
    Basis(&'static str),
}

impl Serialize for Adjusted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Worth(money) => money.serialize(serializer),
            Self::Kind(kind) => kind.serialize(serializer),
            Self::Basis(basis) => serializer.serialize_str(basis),
        }
    }
}

/// Why a rule changed something: the entry of the guardrails, its limit, and the fact
/// that the limit is a share of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The name of the claim, tier, cap, budget or kind in the guardrails.
    pub name: Option<Code>,
    /// The limit in money, as it came out for this case.
    pub limit: Option<Money>,
    /// The fact that the limit is a share of, with its value.
    pub base: Option<(SmolStr, Money)>,
    /// What the policy's tariff was, where an offer was held against it.
    pub tariff: Option<Money>,
}

impl Evidence {
    /// Evidence that names an entry of the guardrails.
    #[must_use]
    pub fn named(name: &Code) -> Self {
        Self {
            name: Some(name.clone()),
            ..Self::default()
        }
    }

    /// The same with the limit that was met.
    #[must_use]
    pub fn limit(mut self, limit: Money) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same with the fact that the limit is a share of, if it is one.
    #[must_use]
    pub fn share_of(mut self, base: Option<(&SmolStr, Money)>) -> Self {
        self.base = base.map(|(fact, value)| (fact.clone(), value));
        self
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Evidence", 5)?;
        if let Some(name) = &self.name {
            out.serialize_field("name", name)?;
        }
        if let Some(limit) = &self.limit {
            out.serialize_field("limit", limit)?;
        }
        if let Some((fact, value)) = &self.base {
            out.serialize_field("base", fact)?;
            out.serialize_field("base_value", value)?;
        }
        if let Some(tariff) = &self.tariff {
            out.serialize_field("tariff", tariff)?;
        }
        out.end()
    }
}

/// One change to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// Which guardrail.
    pub rule: Rule,
    /// What it found.
    pub from: Adjusted,
    /// What it left.
    pub to: Adjusted,
    /// Why.
    pub evidence: Evidence,
}
