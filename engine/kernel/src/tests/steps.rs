use redress_model::{
    Amount, Basis, Deadline, DeadlineStart, DeadlineUnit, Fault, Hold, Paid, Reason, Slot,
    Standing, Sums, Verdict,
};

use super::fixture::{Try, code, eur, goodwill, grant, remedy, schema, statutory};
use crate::decision::{ApprovalTerms, CashOpen};
use crate::guardrails::BasisKind;
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
        .iter()
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

// 1. Shape.

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

// 2. Basis.

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

// 3. Kinds.

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

// 4. Corridor.

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

// 7. Envelope.

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

// 9. Authority.

#[test]
fn authority_is_met_at_its_limit_and_escalates_above_it() {
    check(
        &grant(vec![goodwill("cash", 20_000)]).decide(),
        Outcome::Grant,
        &["cash 200.00 goodwill now"],
    );
    let decision = grant(vec![goodwill("cash", 20_001)]).decide();
    check(
        &decision,
        Outcome::Escalate,
        &["cash 200.01 goodwill on_approval"],
    );
    assert_eq!(decision.authority().required, Some(code("supervisor")));
    assert_eq!(decision.owner(), Some(&code("supervisors")));
    assert_eq!(
        decision.deadline().unwrap().at.to_string(),
        "2026-07-03T08:00:00Z"
    );
    let highest = grant(vec![goodwill("cash", 80_001)]).decide();
    assert_eq!(highest.authority().required, Some(code("manager")));
}

#[test]
fn two_kinds_do_not_make_two_limits() {
    let decision = grant(vec![goodwill("cash", 15_000), goodwill("voucher", 15_000)]).decide();
    assert_eq!(decision.outcome(), Outcome::Escalate);
    assert_eq!(decision.authority().required, Some(code("supervisor")));
}

#[test]
fn a_delegation_counts_in_its_scene_until_it_expires() {
    let hotel = r#""loss":"1000.00 EUR","persons":1,"scene":"hotel""#;
    let mut attempt = grant(vec![goodwill("cash", 40_000)]).facts(hotel);
    assert_eq!(
        attempt.decide().outcome(),
        Outcome::Escalate,
        "July is past the delegation"
    );
    attempt.as_of = "2026-06-30T23:59:59Z".parse().unwrap();
    assert_eq!(attempt.decide().outcome(), Outcome::Grant);
}

#[test]
fn a_role_without_a_row_escalates() {
    let decision = grant(vec![goodwill("cash", 100)]).role("visitor").decide();
    assert_eq!(decision.outcome(), Outcome::Escalate);
    assert_eq!(decision.authority().required, Some(code("agent")));
    let contract = remedy(
        "cash",
        Amount::Money(eur(100)),
        Basis::Contractual(code("warranty")),
    );
    assert_eq!(
        grant(vec![contract]).decide().outcome(),
        Outcome::Escalate,
        "an agent has none for contracts on a flight"
    );
}

#[test]
fn the_law_waits_for_no_approval() {
    let decision = grant(vec![
        statutory("compensation", 60_000),
        goodwill("cash", 50_000),
    ])
    .decide();
    check(
        &decision,
        Outcome::Escalate,
        &[
            "cash 600.00 statutory now",
            "cash 500.00 goodwill on_approval",
        ],
    );
}

#[test]
fn an_unverified_actor_releases_nothing() {
    let mut attempt = grant(vec![statutory("compensation", 60_000)]);
    attempt.actor.assurance = redress_model::Assurance::Unverified;
    let decision = attempt.decide();
    check(
        &decision,
        Outcome::Escalate,
        &["cash 600.00 statutory on_approval"],
    );
    assert_eq!(reasons(&decision)[0], "actor_unverified");
}

#[test]
fn a_second_look_binds_the_approver() {
    let attempt = grant(vec![statutory("compensation", 100_001)]).facts(r#""persons":2"#);
    let decision = attempt.decide();
    check(
        &decision,
        Outcome::Escalate,
        &["cash 1000.01 statutory on_approval"],
    );
    assert_eq!(decision.escalations()[0].terms, ApprovalTerms::Binding);
    check(
        &attempt.role("supervisor").decide(),
        Outcome::Grant,
        &["cash 1000.01 statutory now"],
    );
    let at = grant(vec![statutory("compensation", 100_000)]).facts(r#""persons":2"#);
    assert_eq!(at.decide().outcome(), Outcome::Grant);
}

#[test]
fn who_is_asked_for_the_same_is_asked_once_and_told_every_reason() {
    let mut attempt = grant(vec![goodwill("cash", 50_000)]);
    attempt.actor.assurance = redress_model::Assurance::Unverified;
    let decision = attempt.decide();
    check(
        &decision,
        Outcome::Escalate,
        &["cash 500.00 goodwill on_approval"],
    );
    assert_eq!(decision.escalations().len(), 1);
    assert_eq!(decision.escalations()[0].reason, code("actor_unverified"));
    assert_eq!(
        reasons(&decision),
        ["actor_unverified", "over_authority", "because"]
    );
}

#[test]
fn chains_sign_and_are_never_granted_by_machine() {
    let punitive = grant(vec![
        statutory("refund", 100_000),
        statutory("punitive", 300_000),
    ]);
    let decision = punitive.role("manager").decide();
    check(
        &decision,
        Outcome::Escalate,
        &[
            "cash 1000.00 statutory now",
            "cash 3000.00 statutory on_approval",
        ],
    );
    assert_eq!(decision.owner(), Some(&code("legal")));
    let mut resort = goodwill("cash", 100);
    resort.reasons.push(Reason::bare(code("last_resort")));
    let decision = grant(vec![resort]).role("manager").decide();
    check(
        &decision,
        Outcome::Escalate,
        &["cash 1.00 goodwill on_approval"],
    );
    assert_eq!(decision.escalations()[0].signatures.len(), 2);
    let privacy = r#""loss":"1.00 EUR","persons":1,"privacy":true"#;
    let decision = grant(vec![statutory("refund", 100), goodwill("voucher", 50)])
        .facts(privacy)
        .decide();
    check(
        &decision,
        Outcome::Escalate,
        &[
            "cash 1.00 statutory now",
            "voucher 0.50 goodwill on_approval",
        ],
    );
    let refused = Verdict::Refuse(vec![Reason::bare(code("no"))]);
    let decision = grant(Vec::new()).verdict(refused).facts(privacy).decide();
    assert_eq!(
        decision.escalations()[0].chain,
        Some(code("legal")),
        "a matter for legal reaches legal without money"
    );
}

#[test]
fn the_ladder_names_owner_deadline_and_priority() {
    let severe = r#""loss":"1000.00 EUR","persons":1,"severity":"high""#;
    let decision = grant(vec![goodwill("cash", 20_001)]).facts(severe).decide();
    assert_eq!(decision.owner(), Some(&code("duty_manager")));
    assert_eq!(decision.priority(), Some(1));
    assert_eq!(
        decision.deadline().unwrap().at.to_string(),
        "2026-07-01T12:00:00Z"
    );
}

// 10. One event, one remedy.

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

// 11. Stage, holds, refusals.

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

// Safety.

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
