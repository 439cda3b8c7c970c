//! Step 10: one event, one remedy.

use redress_model::{Paid, Standing};

use super::{check, moved, reasons};
use crate::tests::fixture::{code, eur, goodwill, grant, statutory};
use crate::{Outcome, Rule};

fn paid(head: &str, minor: i64) -> Standing {
    let beneficiary = redress_model::ClaimantId::new("p").unwrap();
    let paid = vec![Paid {
        beneficiary,
        head: code(head),
        amount: eur(minor),
    }];
    Standing {
        paid,
        ..Standing::fresh()
    }
}

#[test]
fn what_was_paid_is_subtracted_once_per_head() {
    let attempt = |head: &str, minor| {
        let both = vec![
            statutory("compensation", 25_000),
            statutory("compensation", 25_000),
        ];
        grant(both).standing(paid(head, minor)).decide()
    };
    check(
        &attempt("compensation", 30_000),
        Outcome::Grant,
        &["cash 200.00 statutory now"],
    );
    check(
        &attempt("goodwill", 30_000),
        Outcome::Grant,
        &["cash 250.00 statutory now", "cash 250.00 statutory now"],
    );
    let all = attempt("compensation", 50_000);
    check(&all, Outcome::Refuse, &[]);
    assert_eq!(reasons(&all), ["already_paid"]);
}

#[test]
fn another_head_is_set_off_only_where_the_law_says_so() {
    let decision = grant(vec![statutory("refund", 10_000)])
        .standing(paid("goodwill", 4_000))
        .decide();
    check(&decision, Outcome::Grant, &["cash 60.00 statutory now"]);
    moved(&decision, Rule::Netted, 10_000, 6_000);
}

#[test]
fn a_payment_to_somebody_else_is_not_subtracted() {
    let mut standing = paid("compensation", 25_000);
    standing.paid[0].beneficiary = redress_model::ClaimantId::new("q").unwrap();
    let decision = grant(vec![statutory("compensation", 25_000)])
        .standing(standing)
        .decide();
    check(&decision, Outcome::Grant, &["cash 250.00 statutory now"]);
}

#[test]
fn authority_looks_at_the_events_total_and_not_at_the_rest() {
    let decision = grant(vec![goodwill("cash", 30_000)])
        .standing(paid("goodwill", 20_000))
        .decide();
    check(
        &decision,
        Outcome::Escalate,
        &["cash 100.00 goodwill on_approval"],
    );
}
