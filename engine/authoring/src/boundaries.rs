//! Cases at the boundaries of a release: where a number or a sum that its files write
//! down turns one decision into another.
//!
//! Every case of the release is decided with each of its facts at each such value and at
//! its neighbours. Where two neighbours come out otherwise there is a boundary, and a
//! side of it that no case stands on is offered as a case file.

use std::collections::{BTreeMap, BTreeSet};

use redress::{Decided, Engine, Release};
use redress_model::{Amount, FactDef, FactType, Slot, Value};
use redress_release::CaseFile;
use serde_json::Value as Json;

use crate::mutants::killer;

/// The most decisions of one search.
const DECISIONS_MAX: usize = 300_000;

/// A side of a boundary that no case stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The fact.
    pub fact: String,
    /// Its value.
    pub value: String,
    /// The name of a file for it, without its ending.
    pub stem: String,
    /// The text of the case file, which expects what is decided now.
    pub text: String,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boundaries {
    /// How many boundaries there are.
    pub found: usize,
    /// What is offered, by fact and value.
    pub offers: Vec<Offer>,
    /// Whether every case was tried with every value.
    pub complete: bool,
}

/// Looks for boundaries with the script of a release; `None` if it has none, or if its
/// cases cannot be read.
#[must_use]
pub fn find(engine: &Engine, release: &Release) -> Option<Boundaries> {
    let release = engine.compile_script(release.source().clone()).ok()??;
    let cases = release.source().cases().ok()?;
    let mut search = Search {
        covered: covered(&release, &cases),
        release: &release,
        sides: BTreeMap::new(),
        boundaries: BTreeSet::new(),
        decisions: 0,
    };
    let values = by_fact(&release);
    let mut complete = true;
    for case in &cases {
        for (slot, values) in &values {
            complete &= search.case(case, *slot, values);
        }
    }
    Some(Boundaries {
        found: search.boundaries.len(),
        offers: search.sides.into_values().collect(),
        complete,
    })
}

/// Values of a fact as counts, with their texts.
type Values = BTreeMap<i64, (Json, String)>;

fn by_fact(release: &Release) -> BTreeMap<Slot, Values> {
    let mut all: BTreeMap<Slot, Values> = BTreeMap::new();
    let schema = release.schema();
    for (name, value, text) in killer::interesting(release) {
        let Some(slot) = schema.slot(&name) else {
            continue;
        };
        if let Some(count) = schema.read_text(slot, &text).ok().as_ref().and_then(count) {
            all.entry(slot).or_default().insert(count, (value, text));
        }
    }
    all
}

/// A number or a sum as a count of its smallest unit.
fn count(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Money(money) => Some(money.minor()),
        _ => None,
    }
}

/// The values that some case has, by fact.
fn covered(release: &Release, cases: &[CaseFile]) -> BTreeSet<(Slot, i64)> {
    let mut covered = BTreeSet::new();
    for case in cases {
        let Ok(case) = release.admit(&case.to_json()) else {
            continue;
        };
        for (slot, _) in release.schema().slots() {
            covered.extend(case.facts.get(slot).and_then(count).map(|at| (slot, at)));
        }
    }
    covered
}

struct Search<'a> {
    release: &'a Release,
    covered: BTreeSet<(Slot, i64)>,
    sides: BTreeMap<(Slot, i64), Offer>,
    boundaries: BTreeSet<(Slot, i64)>,
    decisions: usize,
}

impl Search<'_> {
    /// Moves one fact of one case through its values; tells whether there was room to.
    fn case(&mut self, case: &CaseFile, slot: Slot, values: &Values) -> bool {
        let schema = self.release.schema();
        let Some(fact) = schema.fact(slot) else {
            return true;
        };
        let known = self.release.admit(&case.to_json());
        if known.is_ok_and(|case| case.facts.get(slot).is_none()) {
            return true;
        }
        let mut before: Option<(i64, Said)> = None;
        for (at, (value, text)) in values {
            if self.decisions >= DECISIONS_MAX {
                return false;
            }
            let Some(said) = self.said(case, fact, value) else {
                before = None;
                continue;
            };
            if let Some((low, was)) = &before
                && low.checked_add(1) == Some(*at)
                && *was != said
                && !self.is_slope(case, fact, (*low, was), (*at, &said))
            {
                let low = *low;
                if self.boundaries.insert((slot, *at)) {
                    let low_text = values.get(&low).map(|(_, text)| text.clone());
                    self.offer(case, slot, low, &low_text.unwrap_or_default());
                    self.offer(case, slot, *at, text);
                }
            }
            before = Some((*at, said));
        }
        true
    }

    /// What is decided with a fact at a value; `None` if the case cannot have it.
    fn said(&mut self, case: &CaseFile, fact: &FactDef, value: &Json) -> Option<Said> {
        self.decisions += 1;
        let mut moved = case.clone();
        killer::put(&mut moved.facts, &fact.name, value.clone());
        let admitted = self.release.admit(&moved.to_json()).ok()?;
        let decided = self
            .release
            .decide(&admitted, &case.actor, &case.standing, case.as_of);
        Some(said(&decided, &fact.ty))
    }

    /// Whether two neighbours differ by no more than what every step of the fact adds, as
    /// each passenger does and each day of delay: a slope and not a boundary.
    fn is_slope(
        &mut self,
        case: &CaseFile,
        fact: &FactDef,
        (low, was): (i64, &Said),
        (high, is): (i64, &Said),
    ) -> bool {
        let Some(step) = was.step_to(is) else {
            return false;
        };
        let mut beside = |at: Option<i64>| self.said(case, fact, &Json::from(at?));
        let below = beside(low.checked_sub(1));
        let above = beside(high.checked_add(1));
        let below = below.map(|below| below.step_to(was));
        let above = above.map(|above| is.step_to(&above));
        let goes_on = |beside: Option<Option<Vec<i64>>>| {
            // The fact's own range ends there, so nothing breaks.
            beside.is_none_or(|beside| beside.is_some_and(|beside| is_like(&beside, &step)))
        };
        goes_on(below) && goes_on(above)
    }

    fn offer(&mut self, case: &CaseFile, slot: Slot, at: i64, shown: &str) {
        let schema = self.release.schema();
        if self.covered.contains(&(slot, at)) || self.sides.contains_key(&(slot, at)) {
            return;
        }
        let found = killer::interesting(self.release).into_iter();
        let name = schema
            .fact(slot)
            .map(|fact| fact.name.to_string())
            .unwrap_or_default();
        let value = found
            .filter(|(fact, _, text)| *fact == name && text == shown)
            .map(|it| it.1)
            .next();
        let Some(value) = value else {
            return;
        };
        let mut moved = case.clone();
        killer::put(&mut moved.facts, &name, value);
        let Ok(admitted) = self.release.admit(&moved.to_json()) else {
            return;
        };
        let title = format!("{name} {shown}, else as: {}", case.name);
        let text = killer::text(self.release, &moved, &admitted, &moved.facts, &title);
        let stem: String = format!("{name}_{shown}")
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        if let Some(text) = text {
            let offer = Offer {
                fact: name,
                value: shown.to_owned(),
                stem,
                text,
            };
            self.sides.insert((slot, at), offer);
        }
    }
}

/// What distinguishes two sides of a boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    /// All but how much.
    kind: String,
    /// How much of each remedy, in minor units or units. A sum that a share is taken of
    /// moves every amount a little, so of sums only the kind of answer counts.
    amounts: Vec<i64>,
}

impl Said {
    /// What each amount gains on the way to another answer of the same kind.
    fn step_to(&self, other: &Self) -> Option<Vec<i64>> {
        if self.kind != other.kind || self.amounts.len() != other.amounts.len() {
            return None;
        }
        let pairs = self.amounts.iter().zip(&other.amounts);
        pairs.map(|(from, to)| to.checked_sub(*from)).collect()
    }
}

/// Whether two steps are equal but for the rounding of a share.
fn is_like(one: &[i64], other: &[i64]) -> bool {
    let mut pairs = one.iter().zip(other);
    pairs.all(|(one, other)| one.abs_diff(*other) <= 1)
}

fn said(decided: &Decided, ty: &FactType) -> Said {
    let decision = &decided.decision;
    let mut kind = decision.outcome().name().to_owned();
    let mut amounts = Vec::new();
    for remedy in decision.remedies() {
        kind.push_str(&format!(
            " {} {:?} {:?}",
            remedy.kind, remedy.basis, remedy.payable
        ));
        if !matches!(ty, FactType::Money { .. }) {
            amounts.push(match &remedy.amount {
                Amount::Money(money) => money.minor(),
                Amount::Units { count, .. } => *count,
            });
        }
    }
    for reason in decision.reasons() {
        kind.push_str(&format!(" {}", reason.code));
    }
    for adjustment in decision.adjustments() {
        kind.push_str(&format!(" {}", adjustment.rule.name()));
    }
    let authority = decision.authority();
    kind.push_str(&format!(
        " {:?} {:?}",
        authority.required,
        decision.priority()
    ));
    Said { kind, amounts }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use redress::EngineLimits;
    use redress_release::SourceFolder;

    use super::*;

    #[test]
    fn each_side_of_a_boundary_that_no_case_stands_on_is_offered() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../cli/tests/fixtures/policies/rail/delay/1.1.0");
        let engine = Engine::new(EngineLimits::STANDARD);
        let release = engine.load(&fixture).unwrap();
        let found = find(&engine, &release).unwrap();
        assert!(found.complete);
        let delays: Vec<&str> = found
            .offers
            .iter()
            .filter(|offer| offer.fact == "delay_minutes")
            .map(|offer| offer.value.as_str())
            .collect();
        // 59 and 60 have cases of their own.
        assert_eq!(delays, ["119", "120", "179", "180"]);
        let mut folder = SourceFolder::open(&fixture).unwrap();
        for offer in &found.offers {
            let file = format!("cases/{}.toml", offer.stem);
            folder = folder.with_file(&file, offer.text.clone().into_bytes());
        }
        let release = engine
            .compile_script(folder.release().unwrap())
            .unwrap()
            .unwrap();
        for case in release.source().cases().unwrap() {
            let admitted = release.admit(&case.to_json()).unwrap();
            let decided = release.decide(&admitted, &case.actor, &case.standing, case.as_of);
            let wrong = crate::suite::compare(&case.expect, &decided.decision);
            assert!(wrong.is_empty(), "{}: {wrong:?}", case.stem);
        }
        let again = find(&engine, &release).unwrap();
        assert_eq!((again.found, again.offers.len()), (found.found, 0));
    }
}
