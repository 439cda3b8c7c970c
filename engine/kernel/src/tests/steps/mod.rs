//! Each step below, at and above its limits, a file for each.

mod authority;
mod basis;
mod corridor;
mod envelope;
pub(crate) mod fairness;
mod kinds;
mod one_remedy;
mod safety;
mod shape;
mod stage;

use crate::tests::fixture::eur;
use crate::{Adjusted, Decision, Outcome, Payable, Rule};

/// Outcome, then each remedy as `kind worth basis payable`.
#[track_caller]
fn check(decision: &Decision, outcome: Outcome, remedies: &[&str]) {
    let shown: Vec<String> = decision
        .remedies()
        .iter()
        .map(|remedy| {
            let worth = remedy.worth.unwrap().to_decimal();
            let payable = if remedy.payable == Payable::Now {
                "now"
            } else {
                "on_approval"
            };
            format!("{} {worth} {} {payable}", remedy.kind, remedy.basis.name())
        })
        .collect();
    assert_eq!(
        (decision.outcome(), shown),
        (outcome, remedies.iter().map(|s| (*s).to_owned()).collect()),
        "{decision:#?}"
    );
}

fn reasons(decision: &Decision) -> Vec<&str> {
    decision
        .reasons()
        .map(|reason| reason.code.as_str())
        .collect()
}

fn rules(decision: &Decision) -> Vec<Rule> {
    decision
        .adjustments()
        .iter()
        .map(|adjustment| adjustment.rule)
        .collect()
}

#[track_caller]
fn moved(decision: &Decision, rule: Rule, from: i64, to: i64) {
    let found = decision.adjustments().iter().any(|a| {
        a.rule == rule && a.from == Adjusted::Worth(eur(from)) && a.to == Adjusted::Worth(eur(to))
    });
    assert!(found, "{:#?}", decision.adjustments());
}
