//! Step 7: envelope.

use redress_model::{Amount, Basis, Standing, Sums};

use super::{check, moved, reasons};
use crate::guardrails::BasisKind;
use crate::tests::fixture::{code, eur, goodwill, grant, remedy, statutory};
use crate::{Outcome, Rule};

#[test]
fn without_a_loss_there_is_no_goodwill_cash_whatever_the_limit() {
    let none = r#""loss":"0.00 EUR","persons":1"#;
    let decision = grant(vec![goodwill("cash", 20_000)])
        .facts(none)
        .role("manager")
        .decide();
    check(&decision, Outcome::Refuse, &[]);
    assert_eq!(reasons(&decision)[0], "no_loss_no_cash");
    moved(&decision, Rule::NoLossNoCash, 20_000, 0);
}

#[test]
fn the_tier_caps_the_tariff() {
    let attempt = grant(vec![goodwill("voucher", 50_000), goodwill("cash", 30_001)]);
    let decision = attempt.tier("level_2").role("manager").decide();
    check(
        &decision,
        Outcome::Grant,
        &["voucher 500.00 goodwill now", "cash 300.00 goodwill now"],
    );
    moved(&decision, Rule::TierCap, 80_001, 80_000);
}

#[test]
fn cuts_fall_on_the_last_goodwill_first_and_never_on_the_law() {
    let contract = remedy(
        "cash",
        Amount::Money(eur(20_000)),
        Basis::Contractual(code("warranty")),
    );
    let all = vec![
        statutory("compensation", 60_000),
        contract,
        goodwill("cash", 9_000),
        goodwill("voucher", 9_000),
    ];
    let small = r#""loss":"250.00 EUR","persons":1"#;
    let decision = grant(all).facts(small).role("manager").decide();
    check(
        &decision,
        Outcome::Grant,
        &[
            "cash 600.00 statutory now",
            "cash 200.00 contractual now",
            "cash 50.00 goodwill now",
        ],
    );
    moved(&decision, Rule::LossMultiple, 38_000, 25_000);
}

fn used(cap: i64, left: i64) -> Standing {
    let sum = |name: &str, minor| redress_model::standing::Sum {
        name: code(name),
        amount: eur(minor),
    };
    Standing {
        rolling: Sums::Known(vec![sum("customer", cap)]),
        budgets: Sums::Known(vec![sum("year", left)]),
        ..Standing::fresh()
    }
}

#[test]
fn a_spent_cap_leaves_what_is_left_and_escalates_at_nothing() {
    let attempt = |cap, left| {
        grant(vec![statutory("refund", 9_000), goodwill("cash", 10_000)])
            .standing(used(cap, left))
            .decide()
    };
    check(
        &attempt(90_000, 1_000_000),
        Outcome::Grant,
        &["cash 90.00 statutory now", "cash 100.00 goodwill now"],
    );
    check(
        &attempt(90_001, 1_000_000),
        Outcome::Grant,
        &["cash 90.00 statutory now", "cash 99.99 goodwill now"],
    );
    let spent = attempt(100_000, 1_000_000);
    check(&spent, Outcome::Escalate, &["cash 90.00 statutory now"]);
    assert_eq!(reasons(&spent)[0], "cap_spent");
    assert_eq!(reasons(&attempt(0, 0))[0], "budget_spent");
    check(
        &attempt(200_000, 1_000_000),
        Outcome::Escalate,
        &["cash 90.00 statutory now"],
    );
}

fn warranty(minor: i64) -> redress_model::Remedy {
    let basis = Basis::Contractual(code("warranty"));
    remedy("cash", Amount::Money(eur(minor)), basis)
}

#[test]
fn a_cap_counts_the_ground_that_it_names() {
    let attempt = |basis| {
        let mut attempt = grant(vec![warranty(9_000), goodwill("cash", 10_000)]).role("manager");
        attempt.guardrails.envelope.caps[0].basis = basis;
        attempt.standing = used(85_000, 1_000_000);
        attempt.decide()
    };
    check(
        &attempt(None),
        Outcome::Grant,
        &["cash 90.00 contractual now", "cash 60.00 goodwill now"],
    );
    check(
        &attempt(Some(BasisKind::Goodwill)),
        Outcome::Grant,
        &["cash 90.00 contractual now", "cash 100.00 goodwill now"],
    );
    check(
        &attempt(Some(BasisKind::Contractual)),
        Outcome::Grant,
        &["cash 90.00 contractual now", "cash 100.00 goodwill now"],
    );
    let mut spent = grant(vec![warranty(9_000)]).role("manager");
    spent.guardrails.envelope.budgets[0].basis = Some(BasisKind::Goodwill);
    spent.standing = used(0, 0);
    check(
        &spent.decide(),
        Outcome::Grant,
        &["cash 90.00 contractual now"],
    );
    spent.guardrails.envelope.budgets[0].basis = Some(BasisKind::Contractual);
    let decision = spent.decide();
    check(&decision, Outcome::Escalate, &[]);
    assert_eq!(reasons(&decision)[0], "budget_spent");
}

#[test]
fn a_standing_that_lacks_a_sum_pays_the_law_and_nothing_else() {
    let standing = Standing {
        rolling: Sums::Known(Vec::new()),
        ..Standing::fresh()
    };
    let decision = grant(vec![statutory("refund", 9_000), goodwill("cash", 10_000)])
        .standing(standing)
        .decide();
    check(&decision, Outcome::Escalate, &["cash 90.00 statutory now"]);
    assert_eq!(reasons(&decision)[0], "standing_incomplete");
}
