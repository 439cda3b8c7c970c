//! Non-interference: facts about who asks and how loudly move no amount, in any policy.

use redress::{Decision, Release};
use redress_model::{FactClass, FactDef, FactType};
use serde_json::{Value, json};

use super::desk::releases;

/// What of a decision is money, or decides whether there is any.
fn money(decision: &Decision) -> Vec<String> {
    let remedies = decision.remedies().iter();
    let shown =
        remedies.map(|remedy| format!("{:?} {:?} {:?}", remedy.kind, remedy.amount, remedy.basis));
    shown.collect()
}

/// Two values of a fact that differ.
fn values(fact: &FactDef) -> Vec<Value> {
    match &fact.ty {
        FactType::Bool => vec![json!(false), json!(true)],
        FactType::Int { min, max } => vec![json!(min), json!(max)],
        FactType::Enum(values) => values.iter().map(|value| json!(value)).collect(),
        FactType::Text { .. } => vec![json!("a"), json!("z")],
        FactType::Date => vec![json!("2020-02-29"), json!("2026-12-31")],
        FactType::DateTime => vec![json!("2020-02-29T12:00:00Z"), json!("2026-12-31T23:59:59Z")],
        FactType::Money(currency) => {
            let currency = currency.map_or("EUR".to_owned(), |own| own.to_string());
            vec![
                json!(format!("0 {currency}")),
                json!(format!("9 {currency}")),
            ]
        }
        FactType::List { .. } => Vec::new(),
    }
}

fn hidden(release: &Release) -> Vec<FactDef> {
    let facts = release.schema().facts().iter();
    let hidden = facts.filter(|fact| {
        matches!(
            fact.class,
            FactClass::Route | FactClass::Actor | FactClass::Forbidden
        )
    });
    hidden.cloned().collect()
}

/// Puts a value where the fact's name says, inside its group.
fn put(facts: &mut Value, name: &str, value: Value) {
    match name.split_once('.') {
        None => facts[name] = value,
        Some((group, rest)) => facts[group][rest] = value,
    }
}

#[test]
fn no_route_actor_or_forbidden_fact_moves_an_amount_in_any_policy() {
    let mut compared = 0;
    for release in releases() {
        let hidden = hidden(&release);
        for file in release.source().cases().unwrap() {
            let Ok(case) = release.admit(&file.to_json()) else {
                continue;
            };
            let decide = |case: &_| release.decide(case, &file.actor, &file.standing, file.as_of);
            let own = money(&decide(&case).decision);
            for fact in &hidden {
                for value in values(fact) {
                    let mut json: Value = serde_json::from_slice(&file.to_json()).unwrap();
                    put(&mut json["facts"], &fact.name, value);
                    let Ok(case) = release.admit(&serde_json::to_vec(&json).unwrap()) else {
                        continue;
                    };
                    let name = format!("{} {}: {}", release.id().name, file.name, fact.name);
                    assert_eq!(own, money(&decide(&case).decision), "{name}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 5_000, "only {compared} decisions were compared");
}
