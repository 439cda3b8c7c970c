//! Danger, before everything.

use redress_model::Fault;

use super::{check, reasons, rules};
use crate::tests::fixture::{code, goodwill, grant, statutory};
use crate::{Outcome, Rule};

#[test]
fn danger_overrides_everything_even_a_failing_policy() {
    let danger = r#""loss":"1000.00 EUR","persons":1,"danger":"threat""#;
    let attempt = grant(vec![statutory("refund", 100), goodwill("cash", 100)]).facts(danger);
    let decision = attempt.decide();
    check(&decision, Outcome::Escalate, &["cash 1.00 statutory now"]);
    assert_eq!(decision.duties(), [code("call_back")]);
    assert_eq!(decision.priority(), Some(1));
    assert_eq!(decision.owner(), Some(&code("safety_officer")));
    assert_eq!(
        decision.deadline().unwrap().at.to_string(),
        "2026-07-01T08:15:00Z"
    );
    let mut failing = attempt;
    failing.proposal = Err(Fault::Failed {
        message: "x".into(),
        at: None,
    });
    let decision = failing.decide();
    assert_eq!(decision.duties(), [code("call_back")]);
    assert_eq!(reasons(&decision), ["safety_concern", "policy_failed"]);
}

#[test]
fn a_false_alarm_takes_goodwill_and_nothing_else() {
    let cleared = r#""loss":"1000.00 EUR","persons":1,"danger":"false_alarm""#;
    let decision = grant(vec![statutory("refund", 100), goodwill("cash", 100)])
        .facts(cleared)
        .decide();
    check(&decision, Outcome::Grant, &["cash 1.00 statutory now"]);
    assert_eq!(rules(&decision), [Rule::SafetyCleared]);
    assert_eq!(reasons(&decision), ["safety_cleared", "because"]);
    assert_eq!(decision.priority(), None);
    assert!(decision.duties().is_empty());
}
