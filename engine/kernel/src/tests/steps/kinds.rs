//! Step 3: kinds.

use redress_model::{Amount, Basis};

use super::{check, reasons, rules};
use crate::decision::CashOpen;
use crate::tests::fixture::{code, eur, goodwill, grant, remedy};
use crate::{Outcome, Rule};

#[test]
fn a_voucher_in_place_of_lawful_cash_needs_consent() {
    let voucher = remedy(
        "voucher",
        Amount::Money(eur(60_000)),
        Basis::Statutory(code("compensation")),
    );
    let attempt = grant(vec![voucher]);
    let decision = attempt.decide();
    check(&decision, Outcome::Grant, &["cash 600.00 statutory now"]);
    assert_eq!(rules(&decision), [Rule::ConsentMissing]);
    let decision = attempt.facts(r#""persons":1,"consent":true"#).decide();
    check(&decision, Outcome::Grant, &["voucher 600.00 statutory now"]);
    assert_eq!(decision.remedies()[0].cash_open, CashOpen::Yes);
}

#[test]
fn a_discount_counts_half_and_converts_back_in_full() {
    let discount = remedy(
        "discount",
        Amount::Money(eur(100_000)),
        Basis::Statutory(code("compensation")),
    );
    let decision = grant(vec![discount]).decide();
    check(&decision, Outcome::Grant, &["cash 500.00 statutory now"]);
}

#[test]
fn the_customers_choice_is_worth_what_the_cash_was() {
    let wish = r#""stage":"facts_recorded","requested":{"kind":"discount"}"#;
    let decision = grant(vec![goodwill("cash", 10_000)])
        .envelope(wish)
        .decide();
    check(&decision, Outcome::Grant, &["discount 100.00 goodwill now"]);
    assert_eq!(decision.remedies()[0].amount, Amount::Money(eur(20_000)));
    let wish = r#""stage":"facts_recorded","requested":{"kind":"points"}"#;
    let decision = grant(vec![goodwill("voucher", 10_000)])
        .envelope(wish)
        .decide();
    assert_eq!(
        decision.remedies()[0].amount,
        Amount::Units {
            unit: code("points"),
            count: 10_000
        }
    );
    let wish = r#""stage":"facts_recorded","requested":{"kind":"cash"}"#;
    let decision = grant(vec![goodwill("voucher", 10_000)])
        .envelope(wish)
        .decide();
    check(&decision, Outcome::Grant, &["voucher 100.00 goodwill now"]);
}

#[test]
fn taboos_of_the_locale_are_kept() {
    let decision = grant(vec![goodwill("clock", 5_000)]).decide();
    check(&decision, Outcome::Grant, &["voucher 50.00 goodwill now"]);
    let decision = grant(vec![goodwill("cash", 25_000)])
        .role("manager")
        .decide();
    check(&decision, Outcome::Grant, &["cash 260.00 goodwill now"]);
    let tight = r#""loss":"250.00 EUR","persons":1"#;
    let decision = grant(vec![goodwill("cash", 25_000)])
        .role("manager")
        .facts(tight)
        .decide();
    check(&decision, Outcome::Grant, &["cash 249.00 goodwill now"]);
}

#[test]
fn a_kind_of_another_locale_becomes_another_kind_and_never_cash() {
    let mut attempt = grant(vec![goodwill("red_packet", 5_000)]);
    check(
        &attempt.decide(),
        Outcome::Grant,
        &["red_packet 50.00 goodwill now"],
    );
    attempt.guardrails.kinds[2].locales = vec![redress_model::Locale::new("en").unwrap()];
    let decision = attempt.decide();
    check(&decision, Outcome::Grant, &["voucher 50.00 goodwill now"]);
    assert_eq!(rules(&decision), [Rule::KindNotAllowed]);
    for kind in &mut attempt.guardrails.kinds {
        kind.locales = vec![redress_model::Locale::new("en").unwrap()];
    }
    let decision = attempt.decide();
    check(&decision, Outcome::Refuse, &[]);
    assert_eq!(rules(&decision), [Rule::KindNotAllowed]);
    assert_eq!(reasons(&decision), ["not_allowed_here"]);
}

#[test]
fn what_takes_the_place_of_a_taboo_must_be_allowed_too() {
    let mut attempt = grant(vec![goodwill("clock", 5_000)]);
    let decision = attempt.decide();
    check(&decision, Outcome::Grant, &["voucher 50.00 goodwill now"]);
    assert_eq!(rules(&decision), [Rule::Taboo]);
    attempt.guardrails.kinds[1].locales = vec![redress_model::Locale::new("en").unwrap()];
    let decision = attempt.decide();
    check(
        &decision,
        Outcome::Grant,
        &["red_packet 50.00 goodwill now"],
    );
    assert_eq!(rules(&decision), [Rule::KindNotAllowed]);
}
