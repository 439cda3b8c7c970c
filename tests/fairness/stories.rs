//! The stories that the product exists for.

use redress::ledger::Refused;
use serde_json::json;

use super::desk::{Desk, actor, complaint, goodwill, offering, on_booking, outcome, reasons, with};
use super::stores::Story;

/// Those that need a ledger.
pub(crate) const STORIES: &[Story] = &[
    (goodwill, two_hundred_for_nothing),
    (goodwill, four_friends),
    (
        goodwill,
        a_departure_binds_nobody_before_it_is_found_to_be_an_error,
    ),
    (goodwill, a_promise_binds_the_promisee_and_nobody_else),
    (goodwill, a_third_departure_is_for_the_owner_of_the_policy),
];

/// An agent afraid of a bad review offers his personal maximum on an order that lost nothing.
fn two_hundred_for_nothing(desk: &mut Desk) {
    let case = offering(complaint("li", "0.00"), "200.00");
    let (_, decision) = desk.decide(&case);
    assert_eq!(outcome(&decision), "refuse 0.00");
    assert_eq!(reasons(&decision), ["offer_above_corridor", "no_loss"]);
    let exposure = &decision["fairness"]["exposure"];
    assert_eq!(
        exposure["total"], "200.00 CNY",
        "nobody else could quote it yet"
    );
}

/// Friends on one booking meet a smaller trouble, quote the first payment and want the same.
fn four_friends(desk: &mut Desk) {
    let friends = ["ann", "ben", "cai", "dan"];
    let of = |friend: &str, loss: &str| on_booking(complaint(friend, loss), "party-77");
    for friend in friends {
        let early = with(of(friend, "100.00"), json!({ "stage": "received" }));
        let (_, decision) = desk.decide(&early);
        assert_eq!(decision["outcome"], "hold");
    }
    // Before the first payment is confirmed, it is shown what it would cost.
    let first = offering(of("li", "0.00"), "200.00");
    let (decision, shown) = desk.decide(&first);
    let exposure = &shown["fairness"]["exposure"];
    assert_eq!(exposure["cases"], 5.to_string(), "{exposure}");
    assert_eq!(exposure["each"], "200.00 CNY");
    assert_eq!(exposure["total"], "1000.00 CNY");

    // It is paid all the same, as a departure with a name under it, and found to be an error.
    let (agent, lead) = (actor("agent-1", "agent"), actor("lead-1", "supervisor"));
    let paid = desk
        .depart((decision, &first), "200.00", (&agent, &lead))
        .unwrap();
    assert_eq!(desk.details(&paid)["exposure"]["total"], "1000.00 CNY");
    let paid = paid.answer.decision.unwrap();
    assert_eq!(
        desk.mark_error(paid, "agent-1").unwrap_err(),
        Refused::ApproverIsProposer
    );
    desk.mark_error(paid, "auditor-1").unwrap();

    // Each friend gets what the tariff gives on the facts, and is told why not 200.
    for friend in friends {
        let (_, decision) = desk.decide(&of(friend, "100.00"));
        assert_eq!(outcome(&decision), "grant 30.00", "{friend}: {decision:#}");
        assert_eq!(reasons(&decision)[0], "prior_error_not_binding");
    }
    // An agent who offers one of them 200 all the same cannot.
    let late = offering(of("eve", "100.00"), "200.00");
    let (_, decision) = desk.decide(&late);
    assert_eq!(outcome(&decision), "escalate 31.50");
    assert_eq!(
        reasons(&decision)[..2],
        ["offer_above_corridor", "prior_error_not_binding"]
    );
}

fn a_departure_binds_nobody_before_it_is_found_to_be_an_error(desk: &mut Desk) {
    let first = on_booking(complaint("li", "0.00"), "party-77");
    let (decision, _) = desk.decide(&first);
    let (agent, lead) = (actor("agent-1", "agent"), actor("lead-1", "supervisor"));
    desk.depart((decision, &first), "200.00", (&agent, &lead))
        .unwrap();
    let (_, friend) = desk.decide(&on_booking(complaint("ann", "100.00"), "party-77"));
    assert_eq!(outcome(&friend), "grant 30.00");
    assert_eq!(reasons(&friend)[0], "prior_departure_not_binding");
}

/// A flat of the wrong type after a promise: the word given binds towards who heard it.
fn a_promise_binds_the_promisee_and_nobody_else(desk: &mut Desk) {
    let case = on_booking(complaint("li", "500.00"), "party-78");
    desk.promise(&case, "180.00");
    let (_, own) = desk.decide(&case);
    assert_eq!(outcome(&own), "grant 180.00", "{own:#}");
    let friend = with(
        on_booking(complaint("ann", "500.00"), "party-78"),
        json!({ "event": "order-li" }),
    );
    let (_, friend) = desk.decide(&friend);
    assert_eq!(outcome(&friend), "grant 150.00");
    assert!(reasons(&friend).contains(&"promise_binds_promisee_only"));
}

fn a_third_departure_is_for_the_owner_of_the_policy(desk: &mut Desk) {
    let (agent, lead) = (actor("agent-1", "agent"), actor("lead-1", "supervisor"));
    let mut depart = |number: u32, by: &_, approver: &_| {
        let case = complaint(&format!("c{number}"), "100.00");
        let (decision, _) = desk.decide(&case);
        desk.depart((decision, &case), "60.00", (by, approver))
    };
    let junior = actor("agent-2", "agent");
    let role = |result: Result<_, Refused>| result.map(|_| ()).unwrap_err().code();
    assert_eq!(role(depart(1, &agent, &junior)), "not_authorized");
    assert_eq!(
        role(depart(2, &lead, &actor("lead-2", "supervisor"))),
        "not_authorized"
    );
    depart(3, &agent, &lead).unwrap();
    depart(4, &agent, &lead).unwrap();
    assert_eq!(role(depart(5, &agent, &lead)), "departure_budget_spent");
    depart(6, &junior, &lead).unwrap();
    depart(7, &agent, &actor("boss", "director")).unwrap();
}

#[test]
fn a_case_decided_under_the_version_before_binds_as_its_lineage_says() {
    let own = goodwill().guardrails().fairness.as_ref().unwrap();
    assert_eq!(own.lineage[0].version, "1.0.0");
    assert_eq!(own.lineage[0].basis_points, 10_000);
}
