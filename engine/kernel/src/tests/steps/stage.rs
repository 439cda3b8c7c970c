//! Step 11: stage, holds, refusals.

use redress_model::{Deadline, DeadlineStart, DeadlineUnit, Hold, Reason, Slot, Verdict};

use super::check;
use crate::Outcome;
use crate::tests::fixture::{code, goodwill, grant, schema, statutory};

#[test]
fn nothing_is_offered_before_the_facts_are_on_record() {
    let attempt = |stage: &str| {
        let members = format!(r#""stage":"{stage}""#);
        grant(vec![statutory("compensation", 25_000)])
            .envelope(&members)
            .decide()
    };
    let received = attempt("received");
    check(&received, Outcome::Hold, &[]);
    let hold = received.hold().unwrap();
    assert_eq!(
        (
            hold.missing.as_str(),
            hold.owner.as_str(),
            hold.frozen.len()
        ),
        ("demand", "frontline", 1)
    );
    assert_eq!(hold.until.unwrap().at.to_string(), "2026-07-02T08:00:00Z");
    assert_eq!(
        attempt("demand_recorded").hold().unwrap().missing,
        code("facts")
    );
    assert_eq!(attempt("proactive").outcome(), Outcome::Grant);
}

#[test]
fn a_hold_names_what_is_missing_and_freezes_fees() {
    let asked = Verdict::Hold(Hold::Asked(Reason::bare(code("certificate_missing"))));
    let decision = grant(Vec::new()).verdict(asked).decide();
    check(&decision, Outcome::Hold, &[]);
    let hold = decision.hold().unwrap();
    assert_eq!(
        (hold.missing.as_str(), hold.frozen[0].as_str()),
        ("certificate", "fee")
    );
    assert_eq!(
        decision.deadline().unwrap().at.to_string(),
        "2026-07-08T08:00:00Z"
    );
    let unknown = Verdict::Hold(Hold::UnknownFact(schema().slot("loss").unwrap()));
    let decision = grant(Vec::new()).verdict(unknown).decide();
    assert_eq!(decision.hold().unwrap().missing, code("loss"));
    let nonsense = Verdict::Hold(Hold::UnknownFact(Slot::new(999)));
    assert_eq!(
        grant(Vec::new()).verdict(nonsense).decide().outcome(),
        Outcome::Hold
    );
}

#[test]
fn a_listed_claimant_gets_the_law_and_a_persons_look() {
    let listed = r#""loss":"1000.00 EUR","persons":1,"listed":true"#;
    let decision = grant(vec![statutory("refund", 100), goodwill("cash", 100)])
        .facts(listed)
        .decide();
    check(&decision, Outcome::Grant, &["cash 1.00 statutory now"]);
    let refused = Verdict::Refuse(vec![Reason::bare(code("no"))]);
    let decision = grant(Vec::new()).verdict(refused).facts(listed).decide();
    check(&decision, Outcome::Refuse, &[]);
    assert_eq!(decision.review().unwrap().owner, code("complaints_lead"));
}

#[test]
fn the_earlier_of_policy_and_ladder_wins() {
    let mut attempt = grant(vec![goodwill("cash", 20_001)]);
    let deadline = |count| Deadline {
        count,
        unit: DeadlineUnit::Hours,
        start: DeadlineStart::AsOf,
    };
    attempt.proposal.as_mut().unwrap().route.deadline = Some(deadline(3));
    assert_eq!(
        attempt.decide().deadline().unwrap().at.to_string(),
        "2026-07-01T11:00:00Z"
    );
    attempt.proposal.as_mut().unwrap().route.deadline = Some(deadline(300));
    assert_eq!(
        attempt.decide().deadline().unwrap().at.to_string(),
        "2026-07-03T08:00:00Z"
    );
}
