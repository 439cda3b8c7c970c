//! Whether like cases come out alike under either release: the figures of the fairness
//! audit that rest on facts and sums alone, over a sample of the history.
//!
//! Pairs of cases grow with the square of their number, so a sample is compared. Which
//! cases are in it follows from their line alone: it is the same for any number of threads.

use std::collections::{BTreeMap, BTreeSet};

use redress_model::{Case, Currency, Digest, Direction, FactClass, FactType, Schema, Slot, Value};
use serde::Serialize;
use smol_str::SmolStr;

use super::Compared;
use super::money::Split;
use crate::fairness::{GROUP_MIN, Row, alike};

/// How many cases are compared with each other.
pub const SAMPLE_MAX: usize = 1_000;

/// Which facts make cases of one schema alike.
#[derive(Debug, Clone)]
struct Likening {
    schema: Digest,
    /// Facts of class `gate` that are one of few values.
    class: Vec<(Slot, SmolStr, Vec<SmolStr>)>,
    merits: Vec<(Slot, Direction)>,
}

impl Likening {
    fn of(schema: &Schema) -> Self {
        let mut class = Vec::new();
        let mut merits = Vec::new();
        for (slot, fact) in schema.slots() {
            match (&fact.ty, fact.class, fact.direction) {
                (FactType::Enum(values), FactClass::Gate, _) => {
                    class.push((slot, fact.name.clone(), values.to_vec()));
                }
                (FactType::Bool, FactClass::Gate, _) => {
                    let values = vec!["false".into(), "true".into()];
                    class.push((slot, fact.name.clone(), values));
                }
                (_, FactClass::Merit, Some(direction)) => merits.push((slot, direction)),
                _ => {}
            }
        }
        Self {
            schema: schema.digest(),
            class,
            merits,
        }
    }

    /// The class in words, with which merit facts are known, and the facts as numbers,
    /// higher worse.
    fn place(&self, case: &Case) -> (String, Vec<i64>) {
        let mut class = String::new();
        for (slot, name, values) in &self.class {
            let place = match case.facts.get(*slot) {
                Some(Value::Enum(place)) => Some(usize::from(*place)),
                Some(Value::Bool(value)) => Some(usize::from(*value)),
                _ => None,
            };
            let value = place.and_then(|place| values.get(place));
            let value = value.map_or("?", |value| value.as_str());
            class.push_str(&format!("{name}={value} "));
        }
        let mut point = Vec::new();
        for (slot, direction) in &self.merits {
            let number = case.facts.get(*slot).and_then(number);
            class.push(if number.is_some() { '1' } else { '0' });
            let turned = number.map(|number| match direction {
                Direction::HigherIsWorse => number,
                Direction::LowerIsWorse => number.saturating_neg(),
            });
            point.extend(turned);
        }
        (class, point)
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Int(value) => Some(*value),
        Value::Date(value) => Some(i64::from(value.days())),
        Value::DateTime(value) => Some(value.seconds()),
        Value::Money(value) => Some(value.minor()),
        Value::Enum(_) | Value::Text(_) | Value::List(_) => None,
    }
}

/// A case of the sample.
#[derive(Debug, Clone)]
struct Sampled {
    class: String,
    point: Vec<i64>,
    sums: BTreeMap<Currency, Split>,
}

/// A sample of the cases that both releases decided.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    likenings: Vec<Likening>,
    kept: BTreeMap<(u64, u64), Sampled>,
}

impl Sample {
    pub(super) fn of<'s>(schemas: impl Iterator<Item = &'s Schema>) -> Self {
        Self {
            likenings: schemas.map(Likening::of).collect(),
            kept: BTreeMap::new(),
        }
    }

    pub(super) fn offer(&mut self, case: &Compared<'_>, sums: &BTreeMap<Currency, Split>) {
        let key = (scattered(case.line), case.line);
        let is_full = self.kept.len() >= SAMPLE_MAX;
        if is_full
            && self
                .kept
                .last_key_value()
                .is_some_and(|(last, _)| *last < key)
        {
            return;
        }
        let schema = case.case.facts.schema();
        let Some(likening) = self.likenings.iter().find(|own| own.schema == schema) else {
            return;
        };
        let (class, point) = likening.place(case.case);
        let sums = sums.clone();
        self.insert(key, Sampled { class, point, sums });
    }

    fn insert(&mut self, key: (u64, u64), case: Sampled) {
        self.kept.insert(key, case);
        while self.kept.len() > SAMPLE_MAX {
            self.kept.pop_last();
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, case) in other.kept {
            self.insert(key, case);
        }
    }

    /// The figures before and after, in the currency that most of the sample is given;
    /// none where there are too few cases to tell.
    pub(super) fn figures(&self) -> Option<Alike> {
        if self.kept.len() < GROUP_MIN {
            return None;
        }
        let mut given: BTreeMap<Currency, usize> = BTreeMap::new();
        for currency in self.kept.values().flat_map(|case| case.sums.keys()) {
            let cases = given.entry(*currency).or_default();
            *cases = cases.saturating_add(1);
        }
        let currency = given.into_iter().max_by_key(|(_, cases)| *cases)?.0;
        let side = |get: fn(&Split) -> i128| {
            let rows: Vec<Row> = self
                .kept
                .iter()
                .map(|((_, line), case)| row(*line, case, currency, get))
                .collect();
            alike(&rows)
        };
        let (before, after) = (side(Split::old_total), side(Split::new_total));
        let figures = before.into_iter().zip(after).map(|(before, after)| Figure {
            name: before.name,
            definition: before.definition,
            source: before.source,
            before_millionths: before.value.map(millionths),
            after_millionths: after.value.map(millionths),
            of: before.of,
            lines: after.cases,
        });
        let classes: BTreeSet<&String> = self.kept.values().map(|case| &case.class).collect();
        Some(Alike {
            sample: self.kept.len(),
            classes: classes.len(),
            currency,
            figures: figures.collect(),
        })
    }
}

fn row(line: u64, case: &Sampled, currency: Currency, get: fn(&Split) -> i128) -> Row {
    let sum = case.sums.get(&currency).map_or(0, get);
    let sum = i64::try_from(sum).unwrap_or(i64::MAX);
    Row {
        decision: line,
        case: String::new(),
        at: 0,
        // One yardstick for both sides, whatever either says of itself.
        release: String::new(),
        tolerance: None,
        class: case.class.clone(),
        point: case.point.clone(),
        currency,
        tariff_minor: sum,
        sum_minor: sum,
        state: "norm".to_owned(),
        departure: None,
        agent: String::new(),
        groups: BTreeMap::new(),
    }
}

#[expect(
    clippy::as_conversions,
    reason = "a figure of an audit, rounded to be told; no amount rests on it"
)]
fn millionths(value: f64) -> i64 {
    (value * 1e6).round() as i64
}

/// A number that says nothing of the order of lines (the finaliser of SplitMix64).
const fn scattered(line: u64) -> u64 {
    let mut mixed = line.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Whether like cases come out alike, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alike {
    /// How many cases were compared with each other.
    pub sample: usize,
    /// In how many classes: equal gate facts, and equal merit facts known.
    pub classes: usize,
    /// The currency of the sums.
    pub currency: Currency,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// One figure of the fairness audit, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Its name, as in `redress audit fairness`.
    pub name: &'static str,
    /// What it is.
    pub definition: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Before, in millionths; absent where too few cases are alike.
    pub before_millionths: Option<i64>,
    /// After, in millionths.
    pub after_millionths: Option<i64>,
    /// How many cases or pairs it rests on.
    pub of: usize,
    /// The lines of the history that tell most of it after the change.
    pub lines: Vec<u64>,
}
