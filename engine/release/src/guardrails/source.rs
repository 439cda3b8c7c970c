//! `guardrails.toml` as it is written.

use std::collections::BTreeMap;

use redress_model::Stage;
use serde::Deserialize;
use toml::{Spanned, Value};

/// A text with its place in the file.
pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    #[serde(default)]
    pub(super) facts: KernelFacts,
    #[serde(default)]
    pub(super) statutory: Vec<Claim>,
    #[serde(default)]
    pub(super) contractual: Vec<Claim>,
    #[serde(default)]
    pub(super) floor: Vec<Floor>,
    #[serde(default)]
    pub(super) tier: Vec<Tier>,
    #[serde(default)]
    pub(super) envelope: Envelope,
    #[serde(default)]
    pub(super) cap: Vec<Cap>,
    #[serde(default)]
    pub(super) budget: Vec<Budget>,
    #[serde(default)]
    pub(super) kind: Vec<Kind>,
    #[serde(default)]
    pub(super) taboo: Vec<Taboo>,
    #[serde(default)]
    pub(super) corridor: Corridor,
    pub(super) role: Vec<Role>,
    #[serde(default)]
    pub(super) authority: Vec<Authority>,
    #[serde(default)]
    pub(super) chain: Vec<Chain>,
    #[serde(default)]
    pub(super) precondition: Vec<Precondition>,
    #[serde(default)]
    pub(super) hold: Vec<Hold>,
    pub(super) unknown_fact: Option<UnknownFact>,
    #[serde(default)]
    pub(super) review: Vec<Review>,
    #[serde(default)]
    pub(super) safety: Vec<Safety>,
    #[serde(default)]
    pub(super) ladder: Vec<Rung>,
    #[serde(default)]
    pub(super) ledger: Ledger,
    #[serde(default)]
    pub(super) warning: Vec<Warning>,
    #[serde(default)]
    pub(super) departure: Vec<Departure>,
    pub(super) fairness: Option<Fairness>,
    pub(super) calendar: Option<Calendar>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct KernelFacts {
    pub(super) scene: Option<Text>,
    pub(super) persons: Option<Text>,
    pub(super) loss: Option<Text>,
    pub(super) severity: Option<Text>,
    pub(super) customer_value: Option<Text>,
    pub(super) consent: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub(super) code: Text,
    pub(super) head: Text,
    pub(super) source: String,
    pub(super) max_per_person: Spanned<Value>,
    #[serde(default)]
    pub(super) kinds: Vec<Text>,
    pub(super) approval: Option<Text>,
    pub(super) second_look: Option<SecondLook>,
    #[serde(default)]
    pub(super) nets: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecondLook {
    pub(super) above: Text,
    pub(super) role: Text,
    pub(super) within: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Floor {
    pub(super) code: Text,
    pub(super) at_least: Spanned<Value>,
    pub(super) when: Option<When>,
    #[serde(rename = "source")]
    pub(super) _source: String,
}

/// Facts with the values that a rule asks for.
pub(super) type When = Spanned<BTreeMap<String, Value>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    pub(super) name: Text,
    pub(super) from_percent: Spanned<Value>,
    pub(super) to_percent: Spanned<Value>,
    pub(super) of: Text,
    #[serde(rename = "source")]
    pub(super) _source: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    pub(super) no_loss_no_cash: Option<Spanned<bool>>,
    pub(super) loss_multiple_percent: Option<Spanned<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cap {
    pub(super) name: Text,
    pub(super) basis: Option<Text>,
    pub(super) limit: Text,
    pub(super) window_days: Spanned<u32>,
    pub(super) per: Option<Text>,
    pub(super) times: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    pub(super) name: Text,
    pub(super) basis: Option<Text>,
    pub(super) limit: Text,
    pub(super) per: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    pub(super) name: Text,
    pub(super) worth_percent: Option<Spanned<u32>>,
    pub(super) unit: Option<Text>,
    pub(super) worth_each: Option<Text>,
    #[serde(default)]
    pub(super) locales: Vec<Text>,
    #[serde(default)]
    pub(super) scenes: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Taboo {
    pub(super) locale: Text,
    pub(super) kind: Option<Text>,
    pub(super) instead: Option<Text>,
    pub(super) amount: Option<Text>,
    pub(super) instead_amount: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Corridor {
    pub(super) tolerance_percent: Option<Spanned<Value>>,
    pub(super) rounding_unit: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub(super) name: Text,
    pub(super) rank: Spanned<u32>,
    pub(super) owner: Text,
    pub(super) within: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authority {
    pub(super) role: Text,
    pub(super) basis: Text,
    pub(super) kind: Text,
    pub(super) scene: Text,
    pub(super) limit: Text,
    pub(super) valid_from: Option<Text>,
    pub(super) valid_until: Option<Text>,
    pub(super) delegated_by: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chain {
    pub(super) name: Text,
    #[serde(default)]
    pub(super) codes: Vec<Text>,
    pub(super) when: Option<When>,
    pub(super) signatures: Vec<Signature>,
    pub(super) owner: Text,
    pub(super) within: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    pub(super) role: Text,
    pub(super) count: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Precondition {
    pub(super) stages: Spanned<Vec<Stage>>,
    pub(super) missing: Text,
    pub(super) owner: Text,
    pub(super) within: Text,
    #[serde(default)]
    pub(super) freezes: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hold {
    pub(super) code: Text,
    pub(super) missing: Text,
    pub(super) owner: Text,
    pub(super) within: Text,
    #[serde(default)]
    pub(super) freezes: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnknownFact {
    pub(super) owner: Text,
    pub(super) within: Text,
    #[serde(default)]
    pub(super) freezes: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Review {
    pub(super) when: When,
    pub(super) owner: Text,
    pub(super) within: Text,
    pub(super) goodwill: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Safety {
    pub(super) fact: Text,
    pub(super) raised: Vec<Text>,
    #[serde(default)]
    pub(super) cleared: Vec<Text>,
    pub(super) cleared_goodwill_percent: Option<Spanned<u32>>,
    pub(super) owner: Text,
    pub(super) within: Text,
    pub(super) duties: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rung {
    pub(super) severity: Option<Text>,
    pub(super) customer_value: Option<Text>,
    pub(super) owner: Option<Text>,
    pub(super) within: Text,
    pub(super) priority: Option<Spanned<u8>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Calendar {
    pub(super) time_zone: String,
    pub(super) offsets: Spanned<Vec<Offset>>,
    pub(super) weekend: Vec<Text>,
    pub(super) covers: Spanned<[Text; 2]>,
    #[serde(default)]
    pub(super) holidays: Vec<Text>,
    #[serde(default)]
    pub(super) working: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Offset {
    pub(super) from: Text,
    pub(super) utc: Text,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Ledger {
    pub(super) grant_expires_after: Option<Text>,
    pub(super) approval_expires_after: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Warning {
    pub(super) name: Text,
    pub(super) fills: Text,
    #[serde(default)]
    pub(super) by: Vec<Text>,
    pub(super) window_days: Spanned<u32>,
    pub(super) warns_from: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Departure {
    pub(super) reason: Text,
    pub(super) role: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fairness {
    pub(super) class: Spanned<Vec<Text>>,
    pub(super) window_days: Option<Spanned<u32>>,
    pub(super) tolerance_percent: Option<Spanned<Value>>,
    pub(super) tolerance_at_least: Option<Text>,
    pub(super) rounding_unit: Text,
    pub(super) points_max: Option<Spanned<u32>>,
    pub(super) linked: Option<Linked>,
    pub(super) departures: Option<Departures>,
    #[serde(default)]
    pub(super) experiment: Vec<Experiment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Linked {
    pub(super) weights: BTreeMap<Text, u32>,
    pub(super) threshold: Spanned<u32>,
    pub(super) per: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Departures {
    pub(super) times: Spanned<u32>,
    pub(super) window_days: Spanned<u32>,
    pub(super) owner: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Experiment {
    pub(super) name: Text,
    pub(super) salt: Text,
    pub(super) until: Text,
    pub(super) arms: Spanned<Vec<Arm>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arm {
    pub(super) name: Text,
    pub(super) weight: Spanned<u32>,
    pub(super) percent: Option<Spanned<Value>>,
}
