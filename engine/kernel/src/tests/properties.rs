//! What holds over arbitrary proposals, standings and cases.

use proptest::prelude::*;
use redress_model::{
    Amount, Basis, Fault, Money, Paid, Proposal, Remedy, Route, Standing, Sums, Verdict,
};

use super::fixture::{Try, code, eur, grant, remedy};
use crate::{Decision, Outcome, Payable};

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0_i64..200_000,
        1 => Just(0),
        1 => -5_i64..5,
        1 => any::<i64>(),
    ]
}

fn a_remedy() -> impl Strategy<Value = Remedy> {
    let kinds = prop::sample::select(vec![
        "cash",
        "voucher",
        "red_packet",
        "clock",
        "discount",
        "points",
        "rebooking",
        "gold",
    ]);
    let bases = prop::sample::select(vec![
        Basis::Goodwill,
        Basis::Statutory(code("compensation")),
        Basis::Statutory(code("refund")),
        Basis::Statutory(code("punitive")),
        Basis::Statutory(code("kindness")),
        Basis::Contractual(code("warranty")),
        Basis::Contractual(code("refund")),
    ]);
    (kinds, bases, amount(), 0_u8..20).prop_map(|(kind, basis, minor, odd)| {
        let amount = match (kind, odd) {
            (_, 0) => Amount::Money(Money::new(
                minor,
                "1 JPY".parse::<Money>().unwrap().currency(),
            )),
            ("points" | "rebooking", _) => Amount::Units {
                unit: code(kind),
                count: minor,
            },
            _ => Amount::Money(eur(minor)),
        };
        remedy(kind, amount, basis)
    })
}

fn proposals() -> impl Strategy<Value = Result<Proposal, Fault>> {
    let tier = prop_oneof![
        3 => Just(None),
        2 => Just(Some(code("level_2"))),
        1 => Just(Some(code("level_9"))),
    ];
    let verdict = prop_oneof![
        8 => prop::collection::vec(a_remedy(), 0..4).prop_map(Verdict::Grant),
        1 => prop::collection::vec(a_remedy(), 4..10).prop_map(Verdict::Grant),
        1 => Just(Verdict::Refuse(Vec::new())),
    ];
    prop_oneof![
        20 => (verdict, tier).prop_map(|(verdict, tier)| {
            Ok(Proposal { verdict, tier, route: Route::default() })
        }),
        1 => Just(Err(Fault::Failed { message: "x".into(), at: None })),
    ]
}

fn facts() -> impl Strategy<Value = String> {
    let loss = prop_oneof![
        Just(None),
        Just(Some(0_i64)),
        (0_i64..300_000).prop_map(Some)
    ];
    let persons = prop_oneof![Just(None), (1_i64..4).prop_map(Some)];
    let flag = |name: &'static str| prop_oneof![3 => Just(String::new()), 1 => Just(format!(r#","{name}":true"#))];
    let danger = prop::sample::select(vec!["none", "none", "none", "threat", "false_alarm"]);
    (
        loss,
        persons,
        danger,
        flag("consent"),
        flag("unsafe"),
        flag("listed"),
        flag("privacy"),
    )
        .prop_map(|(loss, persons, danger, consent, floor, listed, privacy)| {
            let mut text = format!(r#""danger":"{danger}"{consent}{floor}{listed}{privacy}"#);
            if let Some(loss) = loss {
                text += &format!(r#","loss":"{}""#, eur(loss));
            }
            if let Some(persons) = persons {
                text += &format!(r#","persons":{persons}"#);
            }
            text
        })
}

fn standings() -> impl Strategy<Value = Standing> {
    let heads = prop::sample::select(vec![
        "compensation",
        "refund",
        "punitive",
        "goodwill",
        "warranty",
    ]);
    let people = prop::sample::select(vec!["p", "q"]);
    let paid = prop::collection::vec((heads, people, 0_i64..100_000), 0..4);
    (paid, prop::option::of((0_i64..120_000, 0_i64..50_000))).prop_map(|(paid, sums)| {
        let sum = |name: &str, minor| redress_model::standing::Sum {
            name: code(name),
            amount: eur(minor),
        };
        let paid = paid.into_iter().map(|(head, person, minor)| Paid {
            beneficiary: redress_model::ClaimantId::new(person).unwrap(),
            head: code(head),
            amount: eur(minor),
        });
        let (rolling, budgets) = match sums {
            None => (Sums::Fresh, Sums::Fresh),
            Some((used, left)) => (
                Sums::Known(vec![sum("customer", used)]),
                Sums::Known(vec![sum("year", left)]),
            ),
        };
        Standing {
            paid: paid.collect(),
            rolling,
            budgets,
            ..Standing::fresh()
        }
    })
}

fn attempts() -> impl Strategy<Value = Try> {
    let envelope = prop_oneof![
        4 => Just(r#""stage":"facts_recorded""#.to_owned()),
        1 => Just(r#""stage":"proactive""#.to_owned()),
        1 => Just(r#""stage":"received""#.to_owned()),
        3 => (0_i64..200_000).prop_map(|minor| {
            format!(r#""stage":"facts_recorded","offer":{{"amount":"{}"}}"#, eur(minor))
        }),
        1 => Just(r#""stage":"facts_recorded","requested":{"kind":"discount"}"#.to_owned()),
        1 => Just(r#""stage":"facts_recorded","requested":{"kind":"points"}"#.to_owned()),
    ];
    let role = prop::sample::select(vec!["agent", "supervisor", "manager", "visitor"]);
    (proposals(), facts(), envelope, standings(), role).prop_map(
        |(proposal, facts, envelope, standing, role)| {
            let mut attempt = grant(Vec::new())
                .facts(&facts)
                .envelope(&envelope)
                .standing(standing)
                .role(role);
            attempt.proposal = proposal;
            attempt
        },
    )
}

/// The worth of the remedies that a test picks.
fn worth(decision: &Decision, which: impl Fn(&crate::GrantedRemedy) -> bool) -> i64 {
    decision
        .remedies()
        .iter()
        .filter(|r| which(r))
        .map(|r| r.worth.unwrap().minor())
        .sum()
}

fn is_statutory(remedy: &crate::GrantedRemedy) -> bool {
    matches!(remedy.basis, Basis::Statutory(_))
}

fn loss(attempt: &Try) -> Option<i64> {
    let case = attempt.case();
    case.facts
        .money(attempt.guardrails.facts.loss.as_ref()?.slot)
        .map(Money::minor)
}

fn paid(attempt: &Try, head: &str) -> i64 {
    let own = |paid: &&Paid| paid.beneficiary.as_str() == "p" && paid.head.as_str() == head;
    attempt
        .standing
        .paid
        .iter()
        .filter(own)
        .map(|paid| paid.amount.minor())
        .sum()
}

/// What the policy proposed under a statutory claim, in cash.
fn proposed(attempt: &Try, claim: &str) -> Option<i64> {
    let Ok(Proposal {
        verdict: Verdict::Grant(remedies),
        ..
    }) = &attempt.proposal
    else {
        return None;
    };
    let mut sum = 0_i64;
    for remedy in remedies {
        if remedy.basis == Basis::Statutory(code(claim)) {
            match &remedy.amount {
                Amount::Money(money) if remedy.kind.as_str() == "cash" => {
                    // Beyond 64 bits the decision is a halt, whatever the sum.
                    sum = sum.saturating_add(money.minor());
                }
                _ => return None,
            }
        }
    }
    Some(sum)
}

fn halted(decision: &Decision) -> bool {
    decision.reasons().any(|reason| {
        [
            "policy_failed",
            "unknown_kind",
            "unknown_tier",
            "amount_negative",
            "amount_overflow",
            "too_many_remedies",
            "unknown_currency_limit",
            "stage_not_ready",
            "unknown_fact",
        ]
        .contains(&reason.code.as_str())
    })
}

proptest! {
    #[test]
    fn a_decision_repeats(attempt in attempts()) {
        prop_assert_eq!(attempt.decide(), attempt.decide());
    }

    #[test]
    fn a_lawful_sum_is_never_reduced(attempt in attempts()) {
        let decision = attempt.decide();
        if let Some(sum) = proposed(&attempt, "compensation").filter(|_| !halted(&decision)) {
            let given = worth(&decision, |r| r.basis == Basis::Statutory(code("compensation")));
            // Within one person's ceiling nothing can lower it but what was paid for it.
            prop_assert!(given + paid(&attempt, "compensation") >= sum.min(60_000), "{:#?}", decision);
        }
    }

    #[test]
    fn nothing_is_statutory_that_the_guardrails_do_not_list(attempt in attempts()) {
        let decision = attempt.decide();
        let listed = ["compensation", "refund", "punitive"];
        for remedy in decision.remedies().iter().filter(|r| is_statutory(r)) {
            let claim = remedy.basis.claim().unwrap().as_str();
            prop_assert!(listed.contains(&claim));
        }
        let compensation = worth(&decision, |r| r.basis == Basis::Statutory(code("compensation")));
        prop_assert!(compensation <= 3 * 60_000);
    }

    #[test]
    fn discretion_stays_within_every_limit(attempt in attempts()) {
        let decision = attempt.decide();
        let discretionary = worth(&decision, |r| !is_statutory(r));
        let now = worth(&decision, |r| !is_statutory(r) && r.payable == Payable::Now);
        let own = match attempt.actor.role.as_str() {
            "agent" => 20_000,
            "supervisor" => 80_000,
            "manager" => 1_000_000,
            _ => 0,
        };
        prop_assert!(now <= own, "{:#?}", decision);
        if let Sums::Known(rolling) = &attempt.standing.rolling {
            let left = (100_000 - rolling[0].amount.minor()).max(0);
            prop_assert!(discretionary <= left, "{:#?}", decision);
        }
        if let Sums::Known(budgets) = &attempt.standing.budgets {
            prop_assert!(discretionary <= budgets[0].amount.minor(), "{:#?}", decision);
        }
        if discretionary > 0 {
            prop_assert!(discretionary <= loss(&attempt).unwrap_or(0), "{:#?}", decision);
        }
        if decision.tier().is_some() && loss(&attempt).is_some() {
            let goodwill = worth(&decision, |r| r.basis == Basis::Goodwill);
            prop_assert!(goodwill * 100 <= loss(&attempt).unwrap_or(0) * 80 + 50, "{:#?}", decision);
        }
    }

    #[test]
    fn no_loss_no_goodwill_cash(attempt in attempts()) {
        let decision = attempt.decide();
        if loss(&attempt) == Some(0) {
            let cash = worth(&decision, |r| r.basis == Basis::Goodwill && r.kind.as_str() == "cash");
            prop_assert_eq!(cash, 0);
        }
    }

    #[test]
    fn only_a_grant_is_wholly_payable(attempt in attempts()) {
        let decision = attempt.decide();
        match decision.outcome() {
            Outcome::Grant => {
                prop_assert!(!decision.remedies().is_empty());
                prop_assert!(decision.remedies().iter().all(|r| r.payable == Payable::Now));
            }
            Outcome::Refuse => prop_assert!(decision.remedies().is_empty()),
            Outcome::Escalate => {
                prop_assert!(!decision.escalations().is_empty());
                prop_assert!(decision.owner().is_some() && decision.deadline().is_some());
            }
            Outcome::Hold => {
                prop_assert!(decision.hold().is_some());
                prop_assert!(decision.remedies().iter().all(is_statutory));
            }
        }
        prop_assert!(decision.reasons().next().is_some());
        prop_assert!(decision.remedies().iter().all(|r| r.worth.unwrap().minor() >= 0));
    }

    #[test]
    fn a_fault_pays_nothing(attempt in attempts()) {
        let decision = attempt.decide();
        if attempt.proposal.is_err() {
            prop_assert!(decision.remedies().is_empty());
            prop_assert_eq!(decision.outcome(), Outcome::Escalate);
        }
    }

    #[test]
    fn a_change_without_an_adjustment_does_not_exist(attempt in attempts()) {
        let decision = attempt.decide();
        let Ok(Proposal { verdict: Verdict::Grant(remedies), .. }) = &attempt.proposal else {
            return Ok(());
        };
        if decision.adjustments().is_empty() && !halted(&decision) && decision.hold().is_none()
            && decision.reasons().all(|r| r.code.as_str() != "standing_incomplete")
        {
            let before: Vec<_> = remedies
                .iter()
                .filter(|remedy| !matches!(&remedy.amount, Amount::Money(m) if m.minor() == 0))
                .filter(|remedy| !matches!(&remedy.amount, Amount::Units { count: 0, .. }))
                .map(|remedy| (remedy.kind.clone(), remedy.amount.clone(), remedy.basis.clone()))
                .collect();
            let after: Vec<_> = decision
                .remedies()
                .iter()
                .map(|remedy| (remedy.kind.clone(), remedy.amount.clone(), remedy.basis.clone()))
                .collect();
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn shouting_moves_no_amount(attempt in attempts()) {
        let quiet = attempt.decide();
        let facts = format!(r#"{},"severity":"high""#, attempt.facts);
        let loud = Try { facts, ..attempt }.decide();
        prop_assert_eq!(quiet.remedies(), loud.remedies());
        prop_assert_eq!(quiet.adjustments(), loud.adjustments());
    }

    #[test]
    fn danger_pays_no_goodwill_and_leaves_the_law(attempt in attempts()) {
        let calm = Try { facts: attempt.facts.replace("threat", "none").replace("false_alarm", "none"), ..attempt };
        let before = calm.decide();
        let danger = Try { facts: calm.facts.replace("none", "threat"), ..calm };
        let after = danger.decide();
        prop_assert_eq!(after.outcome(), Outcome::Escalate);
        prop_assert_eq!(worth(&after, |r| !is_statutory(r)), 0);
        prop_assert_eq!(worth(&after, is_statutory), worth(&before, is_statutory));
    }
}
