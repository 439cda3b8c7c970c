//! The periodic report: what a ledger promised and paid in a month or a quarter, by reason,
//! scene, role and channel, and what compliance must look at.
//!
//! It is read on one snapshot of the ledger's rows and writes nothing.

mod csv;
mod page;
mod period;
mod read;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use redress_model::{Code, Currency, Timestamp};
use serde::Serialize;
use smol_str::SmolStr;

pub use self::period::{BadPeriod, Period};

/// What a report is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The month or quarter.
    pub period: Period,
    /// The moment as of which a deadline is overdue.
    pub as_of: Timestamp,
    /// The fact that names a case's scene.
    pub scene: SmolStr,
    /// The fact that names the channel through which a case came.
    pub channel: SmolStr,
}

/// Sums of one currency, in minor units. Every entry stands in exactly one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sums {
    /// Paid.
    pub paid_minor: i128,
    /// Granted and not yet paid.
    pub granted_minor: i128,
    /// Reserved until people have approved.
    pub held_minor: i128,
    /// Voided, expired or refused: nobody gets it.
    pub ended_minor: i128,
}

/// Sums by currency.
pub type Money = BTreeMap<Currency, Sums>;

/// One value of a split.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Row {
    /// Decisions made in the period.
    pub decisions: u64,
    /// What was promised in the period, as it stands now.
    pub money: Money,
}

/// The period split by one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Split {
    /// `reason`, `scene`, `role` or `channel`.
    pub by: &'static str,
    /// The values in order.
    pub rows: BTreeMap<SmolStr, Row>,
    /// What has no such value on record: erased, never kept, or not asked for by the policy.
    /// It is never guessed.
    pub unknown: Row,
}

/// One departure: something given in the place of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// The decision that took the other's place.
    pub decision: u64,
    /// When.
    pub at: Timestamp,
    /// The policy and its version.
    pub policy: SmolStr,
    /// The version.
    pub version: SmolStr,
    /// The reason, from the release's list of departures.
    pub reason: Code,
    /// The role of who asked.
    pub role: Code,
    /// What it promised, as it stands now.
    pub money: Money,
}

/// One deadline of the period that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overdue {
    /// `escalation` or `promise`.
    pub what: &'static str,
    /// The number of the escalation or timer.
    pub id: u64,
    /// The decision, or the record that set the promise.
    pub decision: u64,
    /// Why people must decide, or the kind of remedy that the broken promise owes.
    pub reason: Code,
    /// Who owned it last.
    pub owner: Code,
    /// By when.
    pub due_at: Timestamp,
    /// When it was closed; nothing while it waits.
    pub closed_at: Option<Timestamp>,
    /// How late it was closed, or is as of the report, in seconds.
    pub late_seconds: i64,
}

/// How often a warning was raised for a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warned {
    /// The warning.
    pub warning: Code,
    /// The policy.
    pub policy: SmolStr,
    /// The first reason of the decisions that raised it.
    pub reason: Code,
    /// Decisions that raised it.
    pub decisions: u64,
    /// The first.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
}

/// Payments made by decisions that were marked as errors.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Erroneous {
    /// Decisions of the period that broke the rule.
    pub decisions: u64,
    /// What they promised, whenever that was, as it stands now.
    pub money: Money,
}

/// A periodic report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodReport {
    /// The period.
    pub period: Period,
    /// The moment as of which a deadline is overdue.
    pub as_of: Timestamp,
    /// The number of the ledger's last record when it was read.
    pub as_of_seq: u64,
    /// The leaf of that record: two reports with the same one read the same ledger.
    pub as_of_leaf: Option<redress_model::Digest>,
    /// Everything.
    pub total: Row,
    /// How many decisions came out how.
    pub outcomes: BTreeMap<SmolStr, u64>,
    /// By reason, scene, role and channel.
    pub splits: Vec<Split>,
    /// Departures, in order.
    pub departures: Vec<Departure>,
    /// Deadlines that were not kept, the latest first.
    pub overdue: Vec<Overdue>,
    /// Warnings, in order.
    pub warnings: Vec<Warned>,
    /// Erroneous payments by the rule that was broken.
    pub errors: BTreeMap<Code, Erroneous>,
}

impl PeriodReport {
    /// The report as one object.
    ///
    /// # Errors
    /// [`serde_json::Error`] when a sum is beyond what JSON's writer holds.
    pub fn json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec_pretty(self)
    }
}
