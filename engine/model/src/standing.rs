//! What the ledger knows that bears on a case, as one immutable snapshot.

use serde::{Deserialize, Serialize};

use crate::{ClaimantId, Code, Likeness, Money};

/// A sum promised or paid before, for the event of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// To whom.
    pub beneficiary: ClaimantId,
    /// For which head of claim; the guardrails give each claim its head.
    pub head: Code,
    /// How much, at its worth in money, zero or more.
    pub amount: Money,
}

/// The used part of one rolling cap or the left part of one budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// The cap or budget, by its name in the guardrails.
    pub name: Code,
    /// The sum.
    pub amount: Money,
}

/// Sums by name, or the statement that the ledger holds nothing yet.
///
/// The difference matters: a name that a filled ledger does not know is a fault
/// and escalates, it is not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sums {
    /// Nothing has been recorded: every cap is unused, every budget whole.
    Fresh,
    /// What has been recorded; every cap or budget of the guardrails is named.
    Known(Vec<Sum>),
}

/// Early-warning counters. They may move a route and never an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Warnings {
    /// Complaints of this customer on the same matter within the window.
    pub repeats: u32,
    /// Complaints of all customers with the same cause within the window.
    pub like_cases: u32,
    /// Complaints of this customer or linked ones within the burst window.
    pub burst: u32,
}

/// One snapshot of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The ledger's sequence number at which the snapshot was taken.
    pub as_of_seq: u64,
    /// What was already promised or paid for this event.
    #[serde(default)]
    pub paid: Vec<Paid>,
    /// What rolling caps have used.
    pub rolling: Sums,
    /// What budgets have left.
    pub budgets: Sums,
    /// Early-warning counters.
    #[serde(default)]
    pub warnings: Warnings,
    /// Caps and budgets that this case is outside of, such as those of a campaign that it
    /// does not belong to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<Code>,
    /// What was given in like and linked cases; only where the release declares fairness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness: Option<Box<Likeness>>,
}

impl Standing {
    /// The standing of a ledger that holds nothing.
    #[must_use]
    pub const fn fresh() -> Self {
        Self {
            as_of_seq: 0,
            paid: Vec::new(),
            rolling: Sums::Fresh,
            budgets: Sums::Fresh,
            warnings: Warnings {
                repeats: 0,
                like_cases: 0,
                burst: 0,
            },
            outside: Vec::new(),
            fairness: None,
        }
    }

    /// Whether a cap or a budget bears on the case at all.
    #[must_use]
    pub fn is_within(&self, limit: &Code) -> bool {
        !self.outside.contains(limit)
    }
}
