//! No shipped policy leapfrogs: a case that is worse on a merit fact gets no less.

use redress::{Outcome, Release};
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
        FactType::Money(_) => {
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
                    let standing = redress::Standing::fresh();
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
