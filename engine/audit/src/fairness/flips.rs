//! Flip replay: recorded decisions made again with other facts about how loudly something
//! was asked, who decided, and what nobody may know. Not one amount may move.

use std::collections::BTreeMap;

use redress::{Case, Decision, Release, Standing};
use redress_log::Record;
use redress_log::replay::Inputs;
use redress_log::seal::Openings;
use redress_model::{Actor, ActorId, Digest, FactClass, FactDef, FactType, Schema, Timestamp};
use serde_json::{Value, json};

use super::stats::count;
use super::{Figure, Line, Measure};

/// How many decisions the figure names.
const NAMED: usize = 10;

/// Who makes a decision again.
pub(super) type Decide = fn(&Release, &Case, &Actor, &Standing, Timestamp) -> Decision;

/// Recorded decisions with flipped facts.
pub struct Flips<'r> {
    releases: BTreeMap<Digest, &'r Release>,
    decide: Decide,
    /// How often each fact was flipped, and how often that moved an amount.
    facts: BTreeMap<String, (usize, usize)>,
    moved: Vec<u64>,
    replayed: usize,
}

impl<'r> Flips<'r> {
    /// With the releases that are at hand.
    #[must_use]
    pub fn new(releases: impl IntoIterator<Item = &'r Release>) -> Self {
        Self::by(releases, |release, case, actor, standing, as_of| {
            release.decide(case, actor, standing, as_of).decision
        })
    }

    /// With another engine than this one, which is how the replay itself is tried: nothing
    /// that this engine loads lets such a fact move an amount.
    pub(super) fn by(releases: impl IntoIterator<Item = &'r Release>, decide: Decide) -> Self {
        let by_digest = |release: &'r Release| (release.id().digest, release);
        Self {
            releases: releases.into_iter().map(by_digest).collect(),
            decide,
            facts: BTreeMap::new(),
            moved: Vec::new(),
            replayed: 0,
        }
    }

    /// Flips every such fact of one recorded decision, one after the other. What cannot be
    /// made again, since its release is not at hand or its facts were erased, is left out.
    pub fn flip(&mut self, decision: u64, record: &Record, openings: &Openings) {
        let Ok(inputs) = Inputs::of(record, openings) else {
            return;
        };
        let Some(release) = self.releases.get(&inputs.release.digest).copied() else {
            return;
        };
        let json = inputs.case_json(release.schema()).ok();
        let json = json.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let Some(json) = json else { return };
        let decide = self.decide;
        let made = |json: &Value, actor: &Actor| {
            let case = release.admit(&serde_json::to_vec(json).ok()?).ok()?;
            let decision = decide(release, &case, actor, &inputs.standing, inputs.as_of);
            Some(money(&decision))
        };
        let Some(own) = made(&json, &inputs.actor) else {
            return;
        };
        self.replayed = self.replayed.saturating_add(1);
        let mut has_moved = false;
        let mut note = |name: String, other: Option<Vec<String>>| {
            let Some(other) = other else { return };
            let (tried, moved) = self.facts.entry(name).or_default();
            *tried = tried.saturating_add(1);
            if other != own {
                *moved = moved.saturating_add(1);
                has_moved = true;
            }
        };
        for (fact, flipped) in flipped(release.schema(), &json) {
            note(fact.name.to_string(), made(&flipped, &inputs.actor));
        }
        if let Ok(id) = ActorId::new("somebody-else") {
            let somebody = Actor {
                id,
                ..inputs.actor.clone()
            };
            note("who decides".to_owned(), made(&json, &somebody));
        }
        if has_moved {
            self.moved.push(decision);
        }
    }

    /// The figure.
    #[must_use]
    pub fn figure(self) -> Figure {
        let tried = |(tried, _): &(usize, usize)| *tried;
        let of = self.facts.values().map(tried).sum();
        let moved: usize = self.facts.values().map(|(_, moved)| moved).sum();
        let lines = self.facts.into_iter().map(|(label, (of, moved))| Line {
            label,
            value: count(moved),
            interval: None,
            p: None,
            of,
        });
        Figure {
            name: "flip_replay",
            measure: Measure::Count,
            by: None,
            definition: "how many recorded decisions, made again with one route, actor or forbidden fact flipped, give another amount; must be 0",
            source: "counterfactual fairness: Kusner, Loftus, Russell, Silva, NeurIPS 2017, on the engine's own decisions",
            value: (self.replayed > 0).then(|| count(moved)),
            of,
            lines: lines.collect(),
            cases: self.moved.into_iter().take(NAMED).collect(),
            course: Vec::new(),
        }
    }
}

/// The case with one route, actor or forbidden fact set to another value, for each such
/// fact and each of its values that stand for the others.
pub fn flipped<'c>(
    schema: &'c Schema,
    case: &'c Value,
) -> impl Iterator<Item = (&'c FactDef, Value)> {
    let hidden = schema.facts().iter().filter(|fact| {
        matches!(
            fact.class,
            FactClass::Route | FactClass::Actor | FactClass::Forbidden
        )
    });
    hidden.flat_map(move |fact| {
        values(fact).into_iter().filter_map(move |value| {
            let mut flipped = case.clone();
            put(&mut flipped, &fact.name, value)?;
            Some((fact, flipped))
        })
    })
}

/// What of a decision is money.
fn money(decision: &Decision) -> Vec<String> {
    let remedies = decision.remedies().iter();
    let shown =
        remedies.map(|remedy| format!("{:?} {:?} {:?}", remedy.kind, remedy.amount, remedy.basis));
    shown.collect()
}

/// Two values of a fact that differ, or all of them.
fn values(fact: &FactDef) -> Vec<Value> {
    match &fact.ty {
        FactType::Bool => vec![json!(false), json!(true)],
        FactType::Int { min, max } => vec![json!(min), json!(max)],
        FactType::Enum(values) => values.iter().map(|value| json!(value)).collect(),
        FactType::Text { .. } => vec![json!("a"), json!("z")],
        FactType::Date => vec![json!("2020-02-29"), json!("2026-12-31")],
        FactType::DateTime => vec![json!("2020-02-29T12:00:00Z"), json!("2026-12-31T23:59:59Z")],
        FactType::Money { currency, .. } => {
            let currency = currency.map_or("EUR".to_owned(), |own| own.to_string());
            vec![
                json!(format!("0 {currency}")),
                json!(format!("9 {currency}")),
            ]
        }
        FactType::List { .. } => Vec::new(),
    }
}

/// Puts a value where the fact's name says, inside its group; `None` if there is no such
/// place.
fn put(case: &mut Value, name: &str, value: Value) -> Option<()> {
    let mut place = case.get_mut("facts")?;
    let mut last = name;
    if let Some((group, inner)) = name.split_once('.') {
        let members = place.as_object_mut()?;
        place = members.entry(group).or_insert_with(|| json!({}));
        last = inner;
    }
    place.as_object_mut()?.insert(last.to_owned(), value);
    Some(())
}
