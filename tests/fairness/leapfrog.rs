//! No shipped policy leapfrogs: a case that is worse on a merit fact gets no less.

use std::collections::BTreeSet;

use redress::{Decision, Outcome, Release, Standing};
use redress_model::{Direction, FactClass, FactDef, FactType};
use serde_json::{Value, json};

use super::desk::releases;

/// How many values of each merit fact are tried besides those of the shipped cases.
const STEPS: i64 = 6;

/// Values of a merit fact in the order of its direction, the mildest first.
fn ladder(fact: &FactDef, own: &Value) -> Vec<Value> {
    let mut values: Vec<Value> = match &fact.ty {
        FactType::Bool => vec![json!(false), json!(true)],
        FactType::Int { min, max } => {
            let own = own.as_i64().unwrap_or(*min);
            let steps = (-STEPS..=STEPS).map(|step| own + step * step * step);
            steps
                .filter(|n| (*min..=*max).contains(n))
                .map(|n| json!(n))
                .collect()
        }
        FactType::Money { .. } => {
            let text = own.as_str().unwrap_or_default();
            let Some((sum, currency)) = text.split_once(' ') else {
                return Vec::new();
            };
            let whole: i64 = sum.split('.').next().unwrap().parse().unwrap();
            let tail = if sum.contains('.') { ".00" } else { "" };
            let steps = (0..=STEPS * 2).map(|step| whole * step / STEPS);
            steps
                .map(|whole| json!(format!("{whole}{tail} {currency}")))
                .collect()
        }
        FactType::Enum(_)
        | FactType::Text { .. }
        | FactType::Date
        | FactType::DateTime
        | FactType::List { .. } => Vec::new(),
    };
    if fact.direction == Some(Direction::LowerIsWorse) {
        values.reverse();
    }
    values
}

fn merits(release: &Release) -> Vec<FactDef> {
    let facts = release.schema().facts().iter();
    facts
        .filter(|fact| fact.class == FactClass::Merit)
        .cloned()
        .collect()
}

#[test]
fn no_policy_with_fairness_leapfrogs_on_a_grid_of_its_merit_facts() {
    let mut compared = 0;
    for release in releases() {
        if release.guardrails().fairness.is_none() {
            continue;
        }
        let merits = merits(&release);
        for file in release.source().cases().unwrap() {
            let json: Value = serde_json::from_slice(&file.to_json()).unwrap();
            // The tariff alone: nobody has offered anything and nothing was paid.
            let json = super::desk::with(json, json!({ "offer": null }));
            for fact in &merits {
                let own = &json["facts"][fact.name.as_str()];
                if own.is_null() {
                    continue;
                }
                let mut before: Option<i64> = None;
                for value in ladder(fact, own) {
                    let mut json = json.clone();
                    json.as_object_mut().unwrap().remove("offer");
                    json["facts"][fact.name.as_str()] = value.clone();
                    let Ok(case) = release.admit(&serde_json::to_vec(&json).unwrap()) else {
                        continue;
                    };
                    let standing = Standing::fresh();
                    let release = release.on_any_date();
                    let decided = release.decide(&case, &file.actor, &standing, file.as_of);
                    if decided.decision.outcome() == Outcome::Hold {
                        continue;
                    }
                    let tariff = decided
                        .decision
                        .findings()
                        .map(|found| found.tariff.minor());
                    let Some(tariff) = tariff else { continue };
                    let name = format!("{}: {}={value}", file.name, fact.name);
                    assert!(
                        before.is_none_or(|before| before <= tariff),
                        "{name}: {before:?} then {tariff}"
                    );
                    before = Some(tariff);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 1_000, "only {compared} decisions were compared");
}

/// Where the text of a law gives less in a worse case, with the place in it.
///
/// Article 7(2)(c) halves the 600 of beyond 3,500 km for a passenger who arrives less than four
/// hours late, and 300 is less than the 400 of up to 3,500 km, where three hours are the limit.
const BY_LAW: [(&str, &str, &str); 2] = [
    (
        "air/eu261",
        "distance_km",
        "Regulation (EC) 261/2004 Art 7(2)",
    ),
    (
        "air/uk261",
        "distance_km",
        "Regulation (EC) 261/2004 Art 7(2) as retained",
    ),
];

/// What a decision gives in money altogether; nothing where sums of two currencies meet.
fn worth(decision: &Decision) -> Option<i64> {
    let mut sum = (None, 0);
    for money in decision.remedies().iter().filter_map(|remedy| remedy.worth) {
        if sum.0.is_some_and(|currency| currency != money.currency()) {
            return None;
        }
        sum = (Some(money.currency()), sum.1 + money.minor());
    }
    Some(sum.1)
}

#[test]
fn no_shipped_policy_leapfrogs_but_where_its_law_does() {
    let (mut compared, mut leaps) = (0, BTreeSet::new());
    for release in releases() {
        let release = release.on_any_date();
        let merits = merits(&release);
        for file in release.source().cases().unwrap() {
            let mut own: Value = serde_json::from_slice(&file.to_json()).unwrap();
            own.as_object_mut().unwrap().remove("offer");
            for fact in &merits {
                let place = format!("/facts/{}", fact.name.replace('.', "/"));
                let Some(value) = own.pointer(&place).cloned() else {
                    continue;
                };
                let mut before: Option<i64> = None;
                for value in ladder(fact, &value) {
                    let mut json = own.clone();
                    *json.pointer_mut(&place).unwrap() = value;
                    let Ok(case) = release.admit(&serde_json::to_vec(&json).unwrap()) else {
                        continue;
                    };
                    let fresh = Standing::fresh();
                    let decided = release.decide(&case, &file.actor, &fresh, file.as_of);
                    // Who waits for a fact or a person's look has got nothing yet.
                    let decision = &decided.decision;
                    if decision.outcome() == Outcome::Hold {
                        continue;
                    }
                    let Some(sum) = worth(decision) else { continue };
                    if before.is_some_and(|before| sum < before) {
                        leaps.insert((release.id().name.to_string(), fact.name.to_string()));
                    }
                    before = Some(sum);
                    compared += 1;
                }
            }
        }
    }
    let by_law = BY_LAW.map(|(policy, fact, _)| (policy.to_owned(), fact.to_owned()));
    assert_eq!(leaps, by_law.into_iter().collect(), "{leaps:#?}");
    assert!(compared > 10_000, "only {compared} decisions were compared");
}
