//! What the ledger knows of like and linked cases: the part of a standing that fairness
//! rests on. Plain data: which precedents bind is the kernel's to say.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{CaseId, ClaimantId, Money, Timestamp};

/// A decision of the same class that forms the norm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precedent {
    /// The decision's number in the ledger.
    pub decision: u64,
    /// When it was decided, in ledger time.
    pub decided_at: Timestamp,
    /// Its case; for auditors.
    pub case: CaseId,
    /// The version of the policy that decided.
    pub version: SmolStr,
    /// Its merit facts, those that the case knows, in slot order; higher is worse.
    pub point: Vec<i64>,
    /// What its release gave on its facts, before offers and caps, in money of the release
    /// that compares.
    pub norm: Money,
}

/// What a linked decision counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearing {
    /// It forms the norm.
    Norm,
    /// It was marked as an error: it binds nobody.
    Error,
    /// It departed from the norm with a reason of its own: it binds nobody.
    Departure,
    /// It was overturned: it binds nobody.
    Overturned,
    /// It was made in an arm of an experiment: it binds nobody.
    Experiment,
}

/// A decision on the same event, or on a case that is linked strongly enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sibling {
    /// The decision with its norm; of another class, its facts are not compared.
    pub precedent: Precedent,
    /// How many affected units its norm was for, 1 or more.
    pub units: i64,
    /// What it counts for.
    pub bearing: Bearing,
    /// Whether it is of the class of the case.
    pub class: SiblingClass,
}

/// Whether a sibling is of the class of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiblingClass {
    /// The same: the rate is compared.
    Same,
    /// Another: it is not.
    Other,
}

/// A sum that somebody was promised for this event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promised {
    /// The record that holds the promise.
    pub seq: u64,
    /// To whom; nobody else can rely on it.
    pub promisee: ClaimantId,
    /// How much.
    pub amount: Money,
}

/// How much of a class was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Every precedent within the window.
    #[default]
    Whole,
    /// The class has more points than the limit: a breach may be missed, none is invented.
    Partial,
}

/// What was given in like and linked cases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Likeness {
    /// How many points of the class's fronts are within the window; 0 if no decision forms
    /// a norm.
    pub precedents: u64,
    /// How much of the class was looked at.
    pub coverage: Coverage,
    /// Of those at most as bad on every merit fact, the one that got most; of equals the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<Precedent>,
    /// Of those at least as bad on every merit fact, the one that got least; of equals the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<Precedent>,
    /// Precedents of the class that cannot be compared, since they are in another currency.
    /// Those of a version without lineage to this one are of another class and not counted.
    pub not_compared: u64,
    /// Decisions on the same event and on linked cases, in order of (decided at, number).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<Sibling>,
    /// Promises for this event, in order of their record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<Promised>,
    /// Other cases, linked or of the class, that are open and could quote this decision.
    pub open: u32,
    /// How many departures the actor has used of the class's budget within its window.
    pub departures: u32,
}
