//! Looks for a case on which two releases decide differently.

mod past;

use std::collections::BTreeSet;

use redress::{Decided, Release};
use redress_model::{Case, Currency, FactType, Money};
use redress_release::CaseFile;
use serde_json::{Map, Value as Json};

use crate::casefile::CaseText;
use crate::tokens::{Kind, pieces};

/// The most cases that one search decides.
const TRIES_MAX: usize = 20_000;

/// The text of a case file on which the two decide differently, expecting what the
/// first decides.
pub(super) fn find(
    first: &Release,
    second: &Release,
    cases: &[(CaseFile, Case)],
) -> Option<String> {
    let values = interesting(first);
    let mut tries = 0_usize;
    for (file, case) in cases {
        if differ(first, second, file, case) {
            let name = format!("{}, in full", file.name);
            return text(first, file, case, &file.facts, &name);
        }
    }
    for (file, _) in cases {
        for (fact, value, shown) in &values {
            tries += 1;
            if tries > TRIES_MAX {
                return None;
            }
            let mut facts = file.facts.clone();
            put(&mut facts, fact, value.clone());
            if facts == file.facts {
                continue;
            }
            let mut changed = file.clone();
            changed.facts = facts;
            let Ok(case) = first.admit(&changed.to_json()) else {
                continue;
            };
            if differ(first, second, &changed, &case) {
                let name = format!("{}, {fact} {shown}", file.name);
                return text(first, &changed, &case, &changed.facts, &name);
            }
        }
    }
    past::find(first, second, cases, &values)
}

fn differ(first: &Release, second: &Release, file: &CaseFile, case: &Case) -> bool {
    let of = |release: &Release| release.decide(case, &file.actor, &file.standing, file.as_of);
    said(&of(first)) != said(&of(second))
}

/// What a case file can expect: all of a decision but the release that made it.
fn said(decided: &Decided) -> String {
    crate::casefile::expect(&decided.decision)
}

/// A case file that expects what a release decides.
pub(crate) fn text(
    release: &Release,
    file: &CaseFile,
    case: &Case,
    facts: &Map<String, Json>,
    name: &str,
) -> Option<String> {
    let decided = release.decide(case, &file.actor, &file.standing, file.as_of);
    let Ok(Json::Object(mut json)) = serde_json::from_slice::<Json>(&file.to_json()) else {
        return None;
    };
    json.insert("facts".into(), Json::Object(facts.clone()));
    let text = CaseText {
        name,
        case: &json,
        as_of: file.as_of,
        actor: &file.actor,
        standing: &file.standing,
    };
    Some(text.with(&decided.decision))
}

/// Sets a fact by its full name, in its group if it has one.
pub(crate) fn put(facts: &mut Map<String, Json>, name: &str, value: Json) {
    match name.split_once('.') {
        None => {
            facts.insert(name.to_owned(), value);
        }
        Some((group, member)) => {
            let group = facts
                .entry(group.to_owned())
                .or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(group) = group {
                group.insert(member.to_owned(), value);
            }
        }
    }
}

/// The numbers and sums written down in scripts, tables and guardrails, each with the one
/// before and the one after, as values of every fact that can have them; and every value
/// of a boolean or an enum.
pub(crate) fn interesting(release: &Release) -> Vec<(String, Json, String)> {
    let (numbers, sums) = written(release);
    let mut values = Vec::new();
    for (slot, fact) in release.schema().slots() {
        let texts: Vec<String> = match &fact.ty {
            FactType::Bool => vec!["false".into(), "true".into()],
            FactType::Enum(names) => names.iter().map(ToString::to_string).collect(),
            FactType::Int { .. } => numbers.iter().map(ToString::to_string).collect(),
            FactType::Money { .. } => sums.iter().cloned().collect(),
            _ => Vec::new(),
        };
        for text in texts {
            if release.schema().read_text(slot, &text).is_err() {
                continue;
            }
            let value = match &fact.ty {
                FactType::Bool => Json::Bool(text == "true"),
                FactType::Int { .. } => text.parse::<i64>().map_or(Json::Null, Json::from),
                _ => Json::String(text.clone()),
            };
            values.push((fact.name.to_string(), value, text));
        }
    }
    values
}

fn written(release: &Release) -> (BTreeSet<i64>, BTreeSet<String>) {
    let near = |number: i64| (-1..=1).filter_map(move |by| number.checked_add(by));
    let (numbers, sums) = as_written(release);
    let sums = sums.into_iter().flat_map(|(currency, minor)| {
        near(minor).map(move |minor| Money::new(minor, currency).to_string())
    });
    (numbers.into_iter().flat_map(near).collect(), sums.collect())
}

/// The numbers and the sums, in minor units, that scripts, tables and guardrails write down.
fn as_written(release: &Release) -> (BTreeSet<i64>, BTreeSet<(Currency, i64)>) {
    let (mut numbers, mut sums) = (BTreeSet::new(), BTreeSet::new());
    for (name, bytes) in release.source().folder().files() {
        let is_source =
            name.ends_with(".rhai") || name.ends_with(".csv") || name == "guardrails.toml";
        let Some(text) = std::str::from_utf8(bytes).ok().filter(|_| is_source) else {
            continue;
        };
        for piece in pieces(text)
            .iter()
            .filter(|piece| piece.kind == Kind::Number)
        {
            numbers.extend(piece.text.replace('_', "").parse::<i64>());
        }
        let cells = text.split([',', '\n', '"']).map(str::trim);
        let cells = cells.filter_map(|cell| cell.parse::<Money>().ok());
        sums.extend(cells.map(|money| (money.currency(), money.minor())));
    }
    (numbers, sums)
}
