//! Step 9: authority, chains and the ladder.

use redress_model::{Amount, Basis, Reason, Remedy, Verdict};

use super::{check, reasons};
use crate::Outcome;
use crate::decision::ApprovalTerms;
use crate::guardrails::AuthorityRow;
use crate::tests::fixture::{Try, code, eur, goodwill, grant, remedy, statutory};

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
fn items_of_one_kind_share_its_limit() {
    let decide = |second| grant(vec![goodwill("cash", 10_000), goodwill("cash", second)]).decide();
    assert_eq!(decide(10_000).outcome(), Outcome::Grant);
    assert_eq!(decide(10_001).outcome(), Outcome::Escalate);
}

/// An agent's rows: 50.00 EUR of cash before all others.
fn cash_of_its_own(remedies: Vec<Remedy>) -> Try {
    let mut attempt = grant(remedies);
    let agents = &attempt.guardrails.authority[1];
    let cash = AuthorityRow {
        kind: Some(code("cash")),
        limit: eur(5_000),
        ..agents.clone()
    };
    attempt.guardrails.authority.insert(0, cash);
    attempt
}

#[test]
fn each_kind_is_held_to_its_own_row() {
    let decide =
        |cash| cash_of_its_own(vec![goodwill("cash", cash), goodwill("voucher", 15_000)]).decide();
    assert_eq!(decide(5_000).outcome(), Outcome::Grant);
    assert_eq!(decide(5_001).outcome(), Outcome::Escalate);
}

#[test]
fn what_is_worth_nothing_needs_no_row() {
    let rebooking = Amount::Units {
        unit: code("rebooking"),
        count: 1,
    };
    let rebooking = remedy("rebooking", rebooking, Basis::Goodwill);
    let mut attempt = cash_of_its_own(vec![rebooking, goodwill("cash", 5_000)]);
    attempt.guardrails.authority.truncate(1);
    assert_eq!(attempt.decide().outcome(), Outcome::Grant);
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

#[test]
fn nobody_gives_by_their_word_what_is_not_theirs_to_give() {
    let attempt = grant(Vec::new());
    let gives = |remedy| {
        let (case, actor) = (attempt.case(), &attempt.actor);
        let given = crate::may_give(&case, remedy, &attempt.guardrails, actor, attempt.as_of);
        given.map_err(|code| code.to_string())
    };
    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(gives(goodwill("cash", 20_000)), Ok(()));
    assert_eq!(gives(goodwill("cash", 20_001)), refused("over_authority"));
    assert_eq!(gives(goodwill("banana", 1)), refused("unknown_kind"));
    assert_eq!(gives(goodwill("cash", -1)), refused("amount_negative"));
    assert_eq!(gives(statutory("moon_law", 1)), refused("not_allowed_here"));
    assert_eq!(gives(statutory("punitive", 1)), refused("approval_chain"));
}
