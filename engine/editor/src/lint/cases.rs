//! Cases that ask the same, and boundaries that no case stands on.

use std::collections::BTreeMap;

use redress::{Engine, Release};
use redress_authoring::boundaries;
use redress_model::Money;
use redress_release::{CaseFile, ReleaseSource};
use serde_json::Value;

use super::release::{place_of, schema_file};
use super::{Finding, Rule};

/// Cases that differ in nothing that a decision could depend on.
pub(super) fn equal(source: &ReleaseSource) -> Vec<Finding> {
    let Ok(cases) = source.cases() else {
        return Vec::new();
    };
    let mut asked: BTreeMap<String, &CaseFile> = BTreeMap::new();
    let mut found = Vec::new();
    for case in &cases {
        let Some(question) = question(case) else {
            continue;
        };
        match asked.get(&question) {
            Some(first) => found.push(Finding {
                rule: Rule::EqualCases,
                file: format!("cases/{}.toml", case.stem),
                at: None,
                message: format!("this asks the same as cases/{}.toml", first.stem),
                help: Some("take one of them out, or change what it is meant to show".into()),
            }),
            None => {
                asked.insert(question, case);
            }
        }
    }
    found
}

/// Everything of a case but what it is called.
fn question(case: &CaseFile) -> Option<String> {
    let mut json: Value = serde_json::from_slice(&case.to_json()).ok()?;
    let object = json.as_object_mut()?;
    for name in ["id", "event"] {
        object.remove(name);
    }
    Some(format!(
        "{json} {} {:?} {:?} {:?}",
        case.as_of, case.actor.role, case.actor.assurance, case.standing
    ))
}

/// The most values that a finding names.
const NAMED_MAX: usize = 6;

/// Sides of boundaries that no case stands on, fact by fact. Sums below nothing are left to
/// the rule that such sums should not be.
pub(super) fn boundaries(engine: &Engine, release: &Release) -> Vec<Finding> {
    let Some(found) = boundaries::find(engine, release) else {
        return Vec::new();
    };
    let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for offer in found.offers {
        let sum = offer.value.parse::<Money>();
        if sum.is_ok_and(|sum| sum.minor() < 0) {
            continue;
        }
        open.entry(offer.fact).or_default().push(offer.value);
    }
    let source = release.source();
    let (file, schema) = schema_file(source);
    let told = open.into_iter().map(|(fact, values)| {
        let more = values.len().saturating_sub(NAMED_MAX);
        let named: Vec<&str> = values.iter().take(NAMED_MAX).map(String::as_str).collect();
        let (named, there) = match (named.as_slice(), more) {
            ([value], _) => ((*value).to_owned(), "there"),
            ([before @ .., last], 0) => (
                format!("{} and {last}", before.join(", ")),
                "on any of these",
            ),
            _ => (
                format!("{} and {more} more", named.join(", ")),
                "on any of these",
            ),
        };
        Finding {
            rule: Rule::OpenBoundary,
            file: file.clone(),
            at: place_of(schema, &fact),
            message: format!(
                "what is decided changes at {fact} {named}, and no case stands {there}"
            ),
            help: Some("`redress test --boundaries FOLDER` writes the cases".into()),
        }
    });
    told.collect()
}
