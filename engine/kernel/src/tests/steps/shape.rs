//! Step 1: shape.

use redress_model::{Amount, Basis, Fault};

use super::{check, reasons};
use crate::Outcome;
use crate::tests::fixture::{Try, code, goodwill, grant, remedy, statutory};

#[track_caller]
fn nothing_is_paid(attempt: &Try, reason: &str) {
    let decision = attempt.decide();
    check(&decision, Outcome::Escalate, &[]);
    assert_eq!(reasons(&decision)[0], reason);
    assert!(decision.owner().is_some() && decision.deadline().is_some());
}

#[test]
fn what_is_no_proposal_escalates_and_pays_nothing() {
    nothing_is_paid(&grant(vec![goodwill("gold", 1)]), "unknown_kind");
    nothing_is_paid(&grant(vec![goodwill("cash", -1)]), "amount_negative");
    nothing_is_paid(&grant(vec![goodwill("cash", i64::MAX)]), "amount_overflow");
    nothing_is_paid(
        &grant(vec![statutory("compensation", i64::MAX)]),
        "amount_overflow",
    );
    nothing_is_paid(&grant(vec![goodwill("cash", 1); 9]), "too_many_remedies");
    nothing_is_paid(
        &grant(vec![goodwill("cash", 1)]).tier("level_9"),
        "unknown_tier",
    );
    let units = Amount::Units {
        unit: code("nights"),
        count: 1,
    };
    nothing_is_paid(
        &grant(vec![remedy("points", units, Basis::Goodwill)]),
        "unknown_kind",
    );
    let yen = Amount::Money("500 JPY".parse().unwrap());
    nothing_is_paid(
        &grant(vec![remedy("cash", yen, Basis::Goodwill)]),
        "unknown_currency_limit",
    );
}

#[test]
fn eight_remedies_are_allowed() {
    let decision = grant(vec![goodwill("cash", 100); 8]).decide();
    assert_eq!(decision.remedies().len(), 8);
}

#[test]
fn a_fault_escalates_with_its_reason() {
    let mut attempt = grant(Vec::new());
    attempt.proposal = Err(Fault::Failed {
        message: "x".into(),
        at: None,
    });
    nothing_is_paid(&attempt, "policy_failed");
    attempt.proposal = Err(Fault::BadAnswer {
        message: "x".into(),
    });
    nothing_is_paid(&attempt, "policy_answer_invalid");
}

#[test]
fn facts_of_another_schema_escalate() {
    let mut attempt = grant(vec![goodwill("cash", 1)]);
    attempt.guardrails.schema = redress_model::Digest::of(b"another");
    nothing_is_paid(&attempt, "schema_mismatch");
}
