//! Non-interference: facts about who asks and how loudly move no amount, in any policy.

use redress::Decision;
use redress_audit::fairness::flipped;
use serde_json::Value;

use super::desk::releases;

/// What of a decision is money, or decides whether there is any.
fn money(decision: &Decision) -> Vec<String> {
    let remedies = decision.remedies().iter();
    let shown =
        remedies.map(|remedy| format!("{:?} {:?} {:?}", remedy.kind, remedy.amount, remedy.basis));
    shown.collect()
}

#[test]
fn no_route_actor_or_forbidden_fact_moves_an_amount_in_any_policy() {
    let mut compared = 0;
    for release in releases() {
        for file in release.source().cases().unwrap() {
            let Ok(case) = release.admit(&file.to_json()) else {
                continue;
            };
            let decide = |case: &_| release.decide(case, &file.actor, &file.standing, file.as_of);
            let own = money(&decide(&case).decision);
            let json: Value = serde_json::from_slice(&file.to_json()).unwrap();
            for (fact, json) in flipped(release.schema(), &json) {
                let Ok(case) = release.admit(&serde_json::to_vec(&json).unwrap()) else {
                    continue;
                };
                let name = format!("{} {}: {}", release.id().name, file.name, fact.name);
                assert_eq!(own, money(&decide(&case).decision), "{name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "only {compared} decisions were compared");
}
