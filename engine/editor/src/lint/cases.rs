//! Cases that ask the same, and boundaries that no case stands on.

use std::collections::BTreeMap;

use redress::{Engine, Release};
use redress_authoring::boundaries;
use redress_release::{CaseFile, ReleaseSource};
use serde_json::Value;

use super::release::MANIFEST;
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

/// Sides of boundaries that no case stands on.
pub(super) fn boundaries(engine: &Engine, release: &Release) -> Vec<Finding> {
    let Some(found) = boundaries::find(engine, release) else {
        return Vec::new();
    };
    let offers = found.offers.into_iter();
    offers
        .map(|offer| Finding {
            rule: Rule::OpenBoundary,
            file: MANIFEST.into(),
            at: None,
            message: format!(
                "what is decided changes at {} {}, and no case stands there",
                offer.fact, offer.value
            ),
            help: Some("`redress test --boundaries FOLDER` writes the case".into()),
        })
        .collect()
}
