//! What moves no amount.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::desk::{Desk, actor, complaint, on_booking, outcome, with};

/// Numbers that only the seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // Steele and others: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }
}

/// Forty complaints of forty customers in a few classes; some with an offer.
fn forty(random: &mut Random) -> Vec<Value> {
    let one = |number: usize, random: &mut Random| {
        let loss = format!("{}.00", 50 * (1 + random.below(12)));
        let mut case = complaint(&format!("c{number}"), &loss);
        case["facts"]["harm"] = json!(["inconvenience", "part_lost"][random.below(2)]);
        case["facts"]["evidence_days"] = json!([1, 20, 40][random.below(3)]);
        if random.below(4) == 0 {
            case["offer"] = json!({ "amount": format!("{}.00 CNY", 20 + random.below(100)) });
        }
        case
    };
    (0..40).map(|number| one(number, random)).collect()
}

/// Each case's outcome and sum, by its id.
fn decided(desk: &mut Desk, cases: &[Value]) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for case in cases {
        let (_, decision) = desk.decide(case);
        all.insert(case["id"].to_string(), outcome(&decision));
    }
    all
}

#[test]
fn the_order_in_which_independent_cases_arrive_changes_nothing() {
    for seed in 0..8 {
        let mut random = Random(seed);
        let mut cases = forty(&mut random);
        let first = decided(&mut Desk::new(), &cases);
        for place in (1..cases.len()).rev() {
            cases.swap(place, random.below(place + 1));
        }
        assert_eq!(first, decided(&mut Desk::new(), &cases), "seed {seed}");
    }
}

#[test]
fn an_erroneous_payment_in_history_changes_no_later_amount() {
    let mut random = Random(7);
    let cases = forty(&mut random);
    let first = decided(&mut Desk::new(), &cases);
    let mut desk = Desk::new();
    let (agent, lead) = (actor("agent-9", "agent"), actor("lead-1", "supervisor"));
    for number in 0..3 {
        let case = complaint(&format!("error-{number}"), "50.00");
        let (decision, _) = desk.decide_by(&case, &agent);
        let boss = actor("boss", "director");
        let approver = if number < 2 { &lead } else { &boss };
        let paid = desk
            .depart((decision, &case), "200.00", (&agent, approver))
            .unwrap();
        desk.mark_error(paid.answer.decision.unwrap(), "auditor-1")
            .unwrap();
    }
    assert_eq!(first, decided(&mut desk, &cases));
}

#[test]
fn names_of_customers_agents_and_channels_change_nothing() {
    let cases = forty(&mut Random(11));
    let first = decided(&mut Desk::new(), &cases);
    let mut desk = Desk::new();
    for (number, case) in cases.iter().enumerate() {
        let mut renamed = with(
            case.clone(),
            json!({
                "claimant": { "id": format!("z{}", 1_000 - number) },
            }),
        );
        renamed["facts"]["channel"] = json!(["social", "phone", "mail"][number % 3]);
        renamed["facts"]["tone"] = json!("shouting");
        renamed["facts"]["follower_count"] = json!(2_000_000);
        let (_, decision) = desk.decide_by(&renamed, &actor(&format!("x{number}"), "agent"));
        assert_eq!(first[&case["id"].to_string()], outcome(&decision));
    }
}

#[test]
fn splitting_a_case_of_three_never_raises_the_sum() {
    let minor = |decision: &Value| -> i64 {
        let text = outcome(decision);
        let (_, sum) = text.split_once(' ').unwrap();
        sum.replace('.', "").parse().unwrap()
    };
    for loss in [1_i64, 7, 100, 333, 600] {
        let whole = complaint("whole", &format!("{}.00", loss * 3));
        let (_, decision) = Desk::new().decide_by(&whole, &actor("d", "director"));
        let together = minor(&decision);
        let mut desk = Desk::new();
        let mut apart = 0;
        for person in ["a", "b", "c"] {
            let part = on_booking(complaint(person, &format!("{loss}.00")), "family");
            let part = with(part, json!({ "event": "trip" }));
            let (_, decision) = desk.decide_by(&part, &actor("d", "director"));
            apart += minor(&decision);
        }
        assert!(
            apart <= together,
            "{loss}: {apart} apart, {together} together"
        );
    }
}

#[test]
fn what_was_overturned_or_has_left_the_window_binds_nobody() {
    let mut desk = Desk::new();
    let (decision, first) = desk.decide(&complaint("c1", "300.00"));
    assert_eq!(first["fairness"]["notes"], json!(["seed"]));
    let (_, second) = desk.decide(&complaint("c2", "300.00"));
    assert_eq!(second["fairness"]["notes"], json!([]));
    desk.overturn(decision).unwrap();
    desk.days_later(91);
    let (_, later) = desk.decide(&complaint("c3", "300.00"));
    assert_eq!(later["fairness"]["notes"], json!(["seed"]));
}
