//! What people would try who know how like cases are compared.

use redress::ledger::Refused;
use serde_json::{Value, json};

use super::desk::{Desk, actor, complaint, goodwill, offering, on_booking, outcome, reasons, with};

fn minor(decision: &Value) -> i64 {
    let text = outcome(decision);
    let (_, sum) = text.split_once(' ').unwrap();
    sum.replace('.', "").parse().unwrap()
}

/// Whoever writes the case tries to put it where the precedents suit: by a member of their
/// own, by a value that no fact has, and by leaving out what the class rests on.
#[test]
fn forging_the_class_key_gives_no_more() {
    let facts = |forged: Value| {
        let mut case = complaint("forged", "100.00");
        for (name, value) in forged.as_object().unwrap() {
            case["facts"][name] = value.clone();
        }
        case
    };
    let refused = [
        (
            with(
                complaint("forged", "100.00"),
                json!({ "class": "scene=hotel" }),
            ),
            "/class",
        ),
        (
            facts(json!({ "scene": "hotel cause=company" })),
            "/facts/scene",
        ),
        (
            facts(json!({ "fairness.class": "x" })),
            "/facts/fairness.class",
        ),
        (facts(json!({ "class": "x" })), "/facts/class"),
    ];
    for (case, place) in refused {
        let errors = goodwill().admit(&serde_json::to_vec(&case).unwrap());
        let errors = errors.map(|_| ()).unwrap_err();
        let places: Vec<&str> = errors
            .0
            .iter()
            .map(|error| error.pointer.as_str())
            .collect();
        assert_eq!(places, [place], "{errors}");
    }
    let mut desk = Desk::new();
    let (_, own) = desk.decide(&complaint("own", "100.00"));
    let facts = &goodwill().guardrails().fairness.as_ref().unwrap().class;
    for (number, fact) in facts.iter().enumerate() {
        let mut case = complaint(&format!("less-{number}"), "100.00");
        let facts = case["facts"].as_object_mut().unwrap();
        if facts.remove(fact.name.as_str()).is_none() {
            continue;
        }
        let Ok(_) = goodwill().admit(&serde_json::to_vec(&case).unwrap()) else {
            continue;
        };
        let (_, less) = desk.decide(&case);
        assert!(
            minor(&less) <= minor(&own),
            "without {}: {less:#}",
            fact.name
        );
    }
}

/// Two hundred cases with the least that an agent may offer are no norm: the tariff is.
#[test]
fn flooding_a_class_with_cheap_precedents_moves_nothing() {
    let mut desk = Desk::new();
    let (_, before) = desk.decide(&complaint("before", "400.00"));
    let flooder = actor("agent-6", "agent");
    for number in 0..200 {
        let loss = format!("{}.00", 400 + number % 7);
        let cheap = offering(complaint(&format!("cheap-{number}"), &loss), "1.00");
        let (_, raised) = desk.decide_by(&cheap, &flooder);
        assert!(
            minor(&raised) >= 11_400,
            "raised to the corridor's edge: {raised:#}"
        );
    }
    let (_, after) = desk.decide(&complaint("after", "400.00"));
    assert_eq!(outcome(&before), outcome(&after));
    assert!(
        after["fairness"]
            .get("breaches")
            .is_none_or(|all| all == &json!([]))
    );
    let likeness = desk
        .standing(&complaint("probe", "400.00"))
        .fairness
        .unwrap();
    assert_eq!(likeness.most.unwrap().norm.minor(), 12_000);
    assert_eq!(likeness.least.unwrap().norm.minor(), 12_000);
}

/// A payment that is marked as an error binds nobody, so nobody marks their own.
#[test]
fn nobody_marks_their_own_payment_as_an_error() {
    let mut desk = Desk::new();
    let (agent, lead) = (actor("agent-1", "agent"), actor("lead-1", "supervisor"));
    let case = on_booking(complaint("li", "100.00"), "party");
    let (decision, _) = desk.decide_by(&case, &agent);
    assert_eq!(
        desk.mark_error(decision, "agent-1").unwrap_err(),
        Refused::ApproverIsProposer
    );
    let paid = desk
        .depart((decision, &case), "190.00", (&agent, &lead))
        .unwrap();
    let paid = paid.answer.decision.unwrap();
    assert_eq!(
        desk.mark_error(paid, "agent-1").unwrap_err(),
        Refused::ApproverIsProposer
    );
    let bearing = |desk: &Desk| {
        let friend = on_booking(complaint("ann", "100.00"), "party");
        let likeness = desk.standing(&friend).fairness.unwrap();
        likeness
            .siblings
            .into_iter()
            .map(|sibling| sibling.bearing)
            .collect::<Vec<_>>()
    };
    let before = bearing(&desk);
    desk.mark_error(paid, "auditor-1").unwrap();
    assert_ne!(before, bearing(&desk), "another person can");
}

/// A colleague who marks departures as errors, or has them overturned, gives no budget back.
#[test]
fn a_departure_that_is_marked_as_an_error_is_spent_all_the_same() {
    let mut desk = Desk::new();
    let (agent, lead) = (actor("agent-1", "agent"), actor("lead-1", "supervisor"));
    let depart = |desk: &mut Desk, id: &str| {
        let case = complaint(id, "100.00");
        let (decision, _) = desk.decide(&case);
        let departed = desk.depart((decision, &case), "60.00", (&agent, &lead));
        departed.map(|paid| paid.answer.decision.unwrap())
    };
    let first = depart(&mut desk, "a").unwrap();
    desk.mark_error(first, "agent-2").unwrap();
    let second = depart(&mut desk, "b").unwrap();
    desk.overturn(second).unwrap();
    let third = depart(&mut desk, "c").unwrap_err();
    assert_eq!(third.code(), "departure_budget_spent");
    // An error that was no departure spends nothing.
    let mut desk = Desk::new();
    for id in ["d", "e", "f"] {
        let (decision, _) = desk.decide(&complaint(id, "100.00"));
        desk.mark_error(decision, "agent-2").unwrap();
    }
    depart(&mut desk, "g").unwrap();
}

/// What waits for a person and is found to be an error meanwhile is approved as what it is.
#[test]
fn an_error_that_is_approved_afterwards_is_no_norm() {
    for mark in [true, false] {
        let mut desk = Desk::new();
        let case = offering(complaint("li", "100.00"), "200.00");
        let (decision, waits) = desk.decide(&case);
        assert_eq!(waits["outcome"], "escalate");
        if mark {
            desk.mark_error(decision, "auditor-1").unwrap();
        }
        desk.approve(decision, &case, &actor("lead-1", "supervisor"))
            .unwrap();
        let likeness = desk.standing(&complaint("probe", "100.00")).fairness;
        let most = likeness.unwrap().most.map(|most| most.case.to_string());
        assert_eq!(most.as_deref(), if mark { None } else { Some("li") });
    }
}

/// Two agents who approve for each other, and one who comes back as the other's approver.
#[test]
fn approving_through_a_friend_is_no_approval() {
    let mut desk = Desk::new();
    let case = complaint("li", "100.00");
    let (one, other) = (actor("agent-1", "agent"), actor("agent-2", "agent"));
    let (decision, _) = desk.decide_by(&case, &one);
    let mut depart = |by: &_, approver: &_| {
        let departed = desk.depart((decision, &case), "190.00", (by, approver));
        departed.map(|_| ()).unwrap_err().code()
    };
    assert_eq!(depart(&one, &other), "not_authorized");
    assert_eq!(
        depart(&other, &one),
        "approver_is_proposer",
        "who decided before"
    );
    let promoted = actor("agent-1", "supervisor");
    assert_eq!(depart(&other, &promoted), "approver_is_proposer");
    assert_eq!(depart(&one, &promoted), "approver_is_proposer");
    // Who has not decided before, and comes back with a higher role to approve themselves.
    let returned = actor("agent-2", "supervisor");
    assert_eq!(depart(&other, &returned), "approver_is_proposer");
    let mut claimed = actor("lead-1", "supervisor");
    claimed.assurance = redress::Assurance::Unverified;
    assert_eq!(depart(&one, &claimed), "actor_unverified");
    assert_eq!(desk.paid("order-li"), 3_000);
}

/// One event in two parts, the second when the first has left every window.
#[test]
fn splitting_across_the_window_s_edge_pays_nothing_twice() {
    let mut desk = Desk::new();
    let part = |id: &str, loss: &str| {
        let case = complaint(id, loss);
        with(case, json!({ "event": "trip", "claimant": { "id": "li" } }))
    };
    assert_eq!(
        outcome(&desk.decide(&part("first", "300.00")).1),
        "grant 90.00"
    );
    for (id, days) in [
        ("day-89", 89),
        ("day-90", 1),
        ("day-91", 1),
        ("day-400", 309),
    ] {
        desk.days_later(days);
        let (_, again) = desk.decide(&part(id, "300.00"));
        assert_eq!(outcome(&again), "refuse 0.00", "{id}");
    }
    assert_eq!(desk.paid("trip"), 9_000);
    // Departures that are spread over the edge of their window are counted within it.
    let mut desk = Desk::new();
    let (agent, lead) = (actor("agent-1", "agent"), actor("lead-1", "supervisor"));
    let mut depart = |id: &str, days: i64| {
        desk.days_later(days);
        let case = complaint(id, "100.00");
        let (decision, _) = desk.decide(&case);
        let departed = desk.depart((decision, &case), "60.00", (&agent, &lead));
        departed.map(|_| ()).map_err(|refused| refused.code())
    };
    assert_eq!(depart("a", 0), Ok(()));
    assert_eq!(depart("b", 20), Ok(()));
    assert_eq!(
        depart("c", 9),
        Err("departure_budget_spent"),
        "29 days after the first"
    );
    assert_eq!(depart("d", 2), Ok(()), "the first has left the window");
    assert_eq!(depart("e", 1), Err("departure_budget_spent"));
}

/// A clock that is set back, and an incident that is dated before the rules.
#[test]
fn back_dating_brings_no_rule_back_and_no_precedent() {
    let mut desk = Desk::new();
    desk.decide(&complaint("old", "300.00"));
    desk.days_later(91);
    desk.decide(&complaint("now", "100.00"));
    let now = desk.now;
    // The old norm had left the window; a clock set back by a day does not fetch it.
    let known = |desk: &Desk| {
        let likeness = desk
            .standing(&complaint("probe", "900.00"))
            .fairness
            .unwrap();
        likeness.most.map(|most| most.case.to_string())
    };
    assert_eq!(known(&desk).as_deref(), Some("now"));
    desk.days_later(-60);
    assert_eq!(known(&desk).as_deref(), Some("now"));
    let (_, decision) = desk.decide(&complaint("late", "300.00"));
    assert!(decision["as_of"].as_str().unwrap() >= now.to_string().as_str());
    assert_eq!(reasons(&decision), ["level_1"]);
    // The release of a time without comparison is not the one that decides this desk's cases.
    let early = with(
        complaint("early", "300.00"),
        json!({ "incident_date": "2026-11-30" }),
    );
    let (_, early) = desk.decide(&early);
    assert_eq!(early["outcome"], "escalate", "{early:#}");
    assert_eq!(desk.paid("order-early"), 0);
}
