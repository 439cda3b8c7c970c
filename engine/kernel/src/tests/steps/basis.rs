//! Step 2: basis.

use redress_model::{Amount, Basis, Reason, Verdict};

use super::{check, moved, rules};
use crate::tests::fixture::{code, eur, grant, remedy, statutory};
use crate::{Adjusted, Outcome, Rule};

#[test]
fn an_unlisted_claim_is_goodwill() {
    let decision = grant(vec![statutory("kindness", 10_000)]).decide();
    check(&decision, Outcome::Grant, &["cash 100.00 goodwill now"]);
    assert_eq!(rules(&decision), [Rule::UnlistedClaim]);
    let contractual = remedy(
        "cash",
        Amount::Money(eur(100)),
        Basis::Contractual(code("refund")),
    );
    assert_eq!(
        rules(&grant(vec![contractual]).decide()),
        [Rule::UnlistedClaim]
    );
}

#[test]
fn what_exceeds_a_claim_is_goodwill() {
    check(
        &grant(vec![statutory("compensation", 60_000)]).decide(),
        Outcome::Grant,
        &["cash 600.00 statutory now"],
    );
    let decision = grant(vec![statutory("compensation", 60_001)]).decide();
    check(
        &decision,
        Outcome::Grant,
        &["cash 600.00 statutory now", "cash 0.01 goodwill now"],
    );
    moved(&decision, Rule::ClaimCeiling, 60_001, 60_000);
    let two = grant(vec![
        statutory("compensation", 60_000),
        statutory("compensation", 60_000),
    ]);
    let decision = two
        .facts(r#""loss":"1000.00 EUR","persons":1"#)
        .role("manager")
        .decide();
    assert_eq!(decision.total(eur(0).currency()).unwrap(), eur(120_000));
    assert_eq!(decision.remedies()[1].basis, Basis::Goodwill);
}

#[test]
fn a_claim_is_counted_per_person() {
    let attempt = grant(vec![statutory("compensation", 120_000)]).role("supervisor");
    check(
        &attempt.facts(r#""loss":"1.00 EUR","persons":2"#).decide(),
        Outcome::Grant,
        &["cash 1200.00 statutory now"],
    );
    let unknown = grant(vec![statutory("compensation", 120_000)])
        .facts(r#""loss":"1.00 EUR""#)
        .decide();
    check(&unknown, Outcome::Hold, &[]);
    assert_eq!(unknown.hold().unwrap().missing, code("persons"));
}

#[test]
fn a_share_of_an_unknown_fact_holds() {
    let decision = grant(vec![statutory("refund", 100)]).facts("").decide();
    check(&decision, Outcome::Hold, &[]);
    assert_eq!(decision.hold().unwrap().missing, code("loss"));
}

#[test]
fn the_floor_is_given_below_it_and_left_at_it() {
    for (proposed, given) in [
        (4_999, "cash 50.00 statutory now"),
        (5_000, "cash 50.00 statutory now"),
        (5_001, "cash 50.01 statutory now"),
    ] {
        let decision = grant(vec![statutory("compensation", proposed)]).decide();
        check(&decision, Outcome::Grant, &[given]);
        assert_eq!(rules(&decision).contains(&Rule::Floor), proposed < 5_000);
    }
}

#[test]
fn a_floor_with_conditions_is_owed_though_the_policy_refused() {
    let refused = Verdict::Refuse(vec![Reason::bare(code("no"))]);
    let attempt = grant(Vec::new()).verdict(refused);
    check(&attempt.decide(), Outcome::Refuse, &[]);
    let decision = attempt.facts(r#""persons":2,"unsafe":true"#).decide();
    check(&decision, Outcome::Grant, &["cash 20.00 statutory now"]);
    assert_eq!(rules(&decision), [Rule::Floor]);
}

#[test]
fn a_share_of_less_than_nothing_is_nothing() {
    for proposed in [0, 1, 100] {
        let attempt = grant(vec![statutory("refund", proposed)])
            .facts(r#""loss":"-1.00 EUR","persons":1"#)
            .role("manager");
        let decision = attempt.decide();
        check(&decision, Outcome::Refuse, &[]);
        if proposed > 0 {
            moved(&decision, Rule::ClaimCeiling, proposed, 0);
        }
        let raised = decision.adjustments().iter().any(|adjustment| {
            matches!((&adjustment.from, &adjustment.to),
                (Adjusted::Worth(from), Adjusted::Worth(to)) if to.minor() > from.minor())
        });
        assert!(!raised, "{:?}", decision.adjustments());
    }
}
