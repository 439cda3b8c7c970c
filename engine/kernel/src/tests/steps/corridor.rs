//! Step 4: corridor.

use redress_model::{Reason, Verdict};

use super::{check, moved, reasons};
use crate::tests::fixture::{code, goodwill, grant, statutory};
use crate::{Outcome, Rule};

fn offer(sum: &str) -> String {
    format!(r#""stage":"facts_recorded","offer":{{"amount":"{sum}"}}"#)
}

#[test]
fn an_offer_stands_within_the_corridor_and_is_brought_to_its_edge() {
    let attempt = |sum: &str| {
        grant(vec![goodwill("cash", 10_000)])
            .envelope(&offer(sum))
            .decide()
    };
    check(
        &attempt("94.99 EUR"),
        Outcome::Grant,
        &["cash 95.00 goodwill now"],
    );
    check(
        &attempt("95.00 EUR"),
        Outcome::Grant,
        &["cash 95.00 goodwill now"],
    );
    check(
        &attempt("105.00 EUR"),
        Outcome::Grant,
        &["cash 105.00 goodwill now"],
    );
    let above = attempt("105.01 EUR");
    check(
        &above,
        Outcome::Escalate,
        &["cash 105.00 goodwill on_approval"],
    );
    moved(&above, Rule::Corridor, 10_501, 10_500);
    assert_eq!(above.authority().required, Some(code("supervisor")));
    assert_eq!(reasons(&above)[0], "offer_above_corridor");
}

#[test]
fn a_tier_is_its_own_corridor() {
    let attempt = |sum: &str| {
        let attempt = grant(vec![goodwill("cash", 70_000)]).tier("level_2");
        attempt.envelope(&offer(sum)).role("manager").decide()
    };
    check(
        &attempt("599.00 EUR"),
        Outcome::Grant,
        &["cash 600.00 goodwill now"],
    );
    check(
        &attempt("800.00 EUR"),
        Outcome::Grant,
        &["cash 800.00 goodwill now"],
    );
    let above = attempt("900.00 EUR");
    check(
        &above,
        Outcome::Escalate,
        &["cash 800.00 goodwill on_approval"],
    );
    moved(&above, Rule::Corridor, 90_000, 80_000);
}

#[test]
fn an_offer_where_nothing_is_due_falls_to_nothing() {
    let refused = Verdict::Refuse(vec![Reason::bare(code("no_loss"))]);
    let decision = grant(Vec::new())
        .verdict(refused)
        .envelope(&offer("200.00 EUR"))
        .decide();
    check(&decision, Outcome::Refuse, &[]);
    moved(&decision, Rule::Corridor, 20_000, 0);
    assert_eq!(reasons(&decision), ["offer_above_corridor", "no_loss"]);
}

#[test]
fn an_offer_never_moves_the_law() {
    let attempt = grant(vec![statutory("compensation", 25_000)]).envelope(&offer("10.00 EUR"));
    check(
        &attempt.decide(),
        Outcome::Grant,
        &["cash 250.00 statutory now"],
    );
}
