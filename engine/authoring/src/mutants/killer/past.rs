//! Cases whose amount lies just past a sum that was changed, where the amount is a share of
//! a fact: the fact is worked out back from the sum, and one more fact is moved along with
//! it, since the case at hand may earn another share or none.

use std::collections::BTreeSet;

use redress::Release;
use redress_model::admit::FactsBuilder;
use redress_model::{Case, FactType, Facts, Money, Slot};
use redress_release::CaseFile;
use serde_json::Value as Json;

use super::{as_written, differ, put, text};

/// The most cases that one search decides.
const TRIES_MAX: usize = 20_000;
/// From this number on a share is taken for one in basis points.
const PERCENT_MAX: i64 = 100;
/// Basis points of a whole.
const BASIS_POINTS: i64 = 10_000;

/// The text of a case file on which the two decide differently.
pub(super) fn find(
    first: &Release,
    second: &Release,
    cases: &[(CaseFile, Case)],
    values: &[(String, Json, String)],
) -> Option<String> {
    let sums = worked_back(first, second);
    let schema = first.schema();
    let others = values.iter().filter_map(|value| {
        let slot = schema.slot(&value.0)?;
        Some((slot, value))
    });
    let others: Vec<_> = others.collect();
    let mut tries = 0_usize;
    // As the cases are, before anything else in them is moved.
    for others in [&[][..], &others] {
        for (file, case) in cases {
            let alone = others.is_empty().then_some(None);
            for other in alone.into_iter().chain(others.iter().map(Some)) {
                let facts = match other {
                    Some((slot, (_, _, text))) => with(first, &case.facts, *slot, text),
                    None => Some(case.facts.clone()),
                };
                let Some(facts) = facts else {
                    continue;
                };
                for (sum_slot, name, sum) in &sums {
                    if other.is_some_and(|(slot, _)| slot == sum_slot) {
                        continue;
                    }
                    let Some(facts) = with(first, &facts, *sum_slot, sum) else {
                        continue;
                    };
                    tries += 1;
                    if tries > TRIES_MAX {
                        return None;
                    }
                    let case = Case {
                        envelope: case.envelope.clone(),
                        facts,
                    };
                    if !differ(first, second, file, &case) {
                        continue;
                    }
                    let mut facts = file.facts.clone();
                    let mut title = format!("{}, {name} {sum}", file.name);
                    put(&mut facts, name, Json::String(sum.clone()));
                    if let Some((_, (other, value, shown))) = other {
                        put(&mut facts, other, value.clone());
                        title.push_str(&format!(", {other} {shown}"));
                    }
                    return text(first, file, &case, &facts, &title);
                }
            }
        }
    }
    None
}

fn with(release: &Release, facts: &Facts, slot: Slot, text: &str) -> Option<Facts> {
    let mut builder = FactsBuilder::from_facts(release.schema(), facts.clone());
    builder.text(slot, text);
    builder.finish().ok()
}

/// For every fact that is a sum of money, the values of which a share that is written down
/// comes to a sum that only one of the two writes down, or to one beside it.
fn worked_back(first: &Release, second: &Release) -> Vec<(Slot, String, String)> {
    let ((numbers, own), (_, other)) = (as_written(first), as_written(second));
    let mut sums = BTreeSet::new();
    for (currency, minor) in own.symmetric_difference(&other) {
        for by in -1..=1 {
            let Some(wanted) = minor.checked_add(by).filter(|minor| *minor > 0) else {
                continue;
            };
            sums.insert((*currency, wanted));
            for number in numbers.range(1..BASIS_POINTS) {
                let whole = if *number < PERCENT_MAX {
                    PERCENT_MAX
                } else {
                    BASIS_POINTS
                };
                // Below and above, for the release may round either way.
                let Some(scaled) = wanted.checked_mul(whole) else {
                    continue;
                };
                let below = scaled / number;
                sums.extend([below, below.saturating_add(1)].map(|minor| (*currency, minor)));
            }
        }
    }
    let texts: Vec<String> = sums
        .into_iter()
        .map(|(currency, minor)| Money::new(minor, currency).to_string())
        .collect();
    let schema = first.schema();
    let facts = schema
        .slots()
        .filter(|(_, fact)| matches!(fact.ty, FactType::Money { .. }));
    let mut found = Vec::new();
    for (slot, fact) in facts {
        let valid = texts
            .iter()
            .filter(|text| schema.read_text(slot, text).is_ok());
        found.extend(valid.map(|text| (slot, fact.name.to_string(), text.clone())));
    }
    found
}
