//! Levelling up: which earlier decisions a later, higher one would have raised.

use std::collections::BTreeMap;

use redress_kernel::skyline::{Norm, Skyline};
use redress_model::{Money, Timestamp};
use serde::Serialize;

use super::{Row, tolerated};

/// An earlier decision that got less than a later one that was no worse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookBack {
    /// The earlier decision.
    pub decision: u64,
    /// What it got.
    pub sum: Money,
    /// The later decision of its class, at most as bad on every merit fact, that got most.
    pub later: u64,
    /// What that got.
    pub later_sum: Money,
}

/// Every earlier decision that a later norm of its class dominates, in order.
pub(super) fn look_back(classes: &BTreeMap<&str, Vec<&Row>>) -> Vec<LookBack> {
    let mut found: Vec<LookBack> = classes.values().flat_map(|rows| of_class(rows)).collect();
    found.sort_by_key(|one| one.decision);
    found
}

fn of_class(rows: &[&Row]) -> Vec<LookBack> {
    let facts = rows.first().map_or(0, |row| row.point.len());
    // From the last to the first, so that what is there is later than what is asked for.
    let mut later = Skyline::new(facts, usize::MAX);
    let mut found = Vec::new();
    let Some(tolerated) = rows.first().map(|row| tolerated(row)) else {
        return found;
    };
    // Twice the tolerance of the release, since each may lie by one from its tariff.
    let apart_basis_points = tolerated.basis_points.saturating_mul(2);
    for (step, row) in (1_i64..).zip(rows.iter().rev().filter(|row| row.state == "norm")) {
        let Some(at) = Timestamp::from_seconds(step) else {
            break;
        };
        if let Some(best) = later.most(&row.point, Timestamp::EPOCH) {
            let share = best.minor.saturating_mul(apart_basis_points) / 10_000;
            let apart = best.minor.saturating_sub(row.sum_minor);
            if apart > share.max(tolerated.at_least.minor()) {
                found.push(LookBack {
                    decision: row.decision,
                    sum: Money::new(row.sum_minor, row.currency),
                    later: best.decision,
                    later_sum: Money::new(best.minor, row.currency),
                });
            }
        }
        later.insert(&Norm {
            decision: row.decision,
            at,
            point: row.point.clone(),
            minor: row.sum_minor,
        });
    }
    found
}
