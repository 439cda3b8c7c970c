//! A case: the envelope that every complaint has, and its facts.

use serde::{Deserialize, Serialize};

use crate::{CaseId, ClaimantId, Code, Date, EventId, Facts, Locale, Money};

/// How far a case has come, which decides whether anything may be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Something has come in; neither the demand nor the facts are on record.
    Received,
    /// What the customer wants is on record, the facts are not.
    DemandRecorded,
    /// The demand and the facts are on record.
    FactsRecorded,
    /// The company acts on its own, for a whole class, without a complaint.
    Proactive,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 4] = [
        Self::Received,
        Self::DemandRecorded,
        Self::FactsRecorded,
        Self::Proactive,
    ];

    /// The name in JSON and TOML.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::DemandRecorded => "demand_recorded",
            Self::FactsRecorded => "facts_recorded",
            Self::Proactive => "proactive",
        }
    }
}

/// A tie to another case, event or booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What ties them: `booking`, `itinerary`, `payer`.
    pub kind: Code,
    /// The id of the other side.
    pub id: EventId,
}

/// What somebody offered or agreed to. Untrusted: it is held against the tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The discretionary sum offered for the event.
    pub amount: Money,
}

/// What the customer asks for. The kind may be granted at its fixed worth, the sum is only recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requested {
    /// The kind of remedy wanted, such as `voucher`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Code>,
    /// The sum wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

/// Who claims, and in which locale they are served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claimant {
    /// The person.
    pub id: ClaimantId,
    /// The locale of service; a kind of remedy may depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
}

/// What every case has, whatever the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// The case.
    pub id: CaseId,
    /// The day of the incident, which picks the release.
    pub incident_date: Date,
    /// The event; all cases of one event share its entitlement.
    pub event: EventId,
    /// Who claims.
    pub claimant: Claimant,
    /// Ties to other cases, at most 32.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// How far the case has come.
    pub stage: Stage,
    /// What was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested: Option<Requested>,
}

/// A validated case: its facts fit the schema of the release that will decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What every case has.
    pub envelope: Envelope,
    /// The facts, by slot of the schema.
    pub facts: Facts,
}
