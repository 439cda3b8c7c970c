//! The search for changes: one fact first, then two.
//!
//! Along a number or a date the script is followed: it says how far the number may move
//! without the case taking another way, so no value between two ways is left out. What the
//! kernel makes of the sums within such a stretch is tried at its ends, at every number that
//! the release writes down, and at doubling distances, and then narrowed down to the value.
//! Whatever is told was decided: by the policy and through the kernel.

use std::collections::{BTreeMap, BTreeSet};

use redress::{Case, Decided, Facts, Outcome, Release};
use redress_kernel::Payable;
use redress_model::admit::FactsBuilder;
use redress_model::{Actor, Slot, Standing, Timestamp};

use super::axis::{Axis, Line};
use super::follow::{Script, Watch, follow};
use crate::mutants::killer;

/// The most stretches of one number that are gone through in one direction.
const STRETCHES_MAX: usize = 2_000;
/// The most values of the first of two facts.
const FIRST_MAX: usize = 16;
/// The most outcomes that are told of a fact that is not known.
const UNKNOWN_MAX: usize = 3;
/// The most changes of two facts that are told.
const PAIRS_MAX: usize = 3;

/// What is held against each other: the outcome, and what is given on which ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said(Outcome, Vec<String>);

impl Said {
    pub(super) fn of(decided: &Decided) -> Self {
        let decision = &decided.decision;
        let given = decision.remedies().iter().map(|remedy| {
            let payable = match remedy.payable {
                Payable::Now => "now",
                Payable::OnApproval => "on approval",
            };
            format!("{} {:?} {payable}", remedy.kind, remedy.basis)
        });
        Self(decision.outcome(), given.collect())
    }

    fn gives(&self) -> bool {
        !self.1.is_empty()
    }
}

/// A fact that is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) slot: Slot,
    pub(super) to: String,
}

/// A change with what is decided then.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) moved: Vec<Moved>,
    pub(super) facts: Facts,
    pub(super) decided: Decided,
    /// How far it is, in thousandths of the facts' own values.
    distance: u64,
}

/// What a search is about.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) release: &'a Release,
    pub(super) script: Option<Script<'a>>,
    pub(super) case: &'a Case,
    pub(super) actor: &'a Actor,
    pub(super) standing: &'a Standing,
    pub(super) as_of: Timestamp,
    pub(super) decisions_max: u32,
}

/// A search.
pub(super) struct Search<'a> {
    question: Question<'a>,
    base: Said,
    axes: BTreeMap<Slot, Axis>,
    /// Places of each line that the release writes down, with their neighbours.
    marks: BTreeMap<Slot, BTreeSet<i128>>,
    pub(super) decisions: u32,
    /// Whether a limit was met before every value was looked at.
    pub(super) cut: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(question: Question<'a>, base: &Decided) -> Self {
        let schema = question.release.schema();
        let seen = schema
            .slots()
            .filter(|(_, fact)| fact.class.seen_by_remedy());
        let axes = seen.filter_map(|(slot, _)| {
            let axis = Axis::of(question.release, question.case, slot)?;
            Some((slot, axis))
        });
        let axes: BTreeMap<Slot, Axis> = axes.collect();
        let mut marks: BTreeMap<Slot, BTreeSet<i128>> = BTreeMap::new();
        for (name, _, text) in killer::interesting(question.release) {
            let Some(slot) = schema.slot(&name) else {
                continue;
            };
            if let Some(Axis::Line(line)) = axes.get(&slot)
                && let Some(place) = schema
                    .read_text(slot, &text)
                    .ok()
                    .and_then(|value| line.place(&value))
            {
                marks.entry(slot).or_default().insert(place);
            }
        }
        Self {
            question,
            base: Said::of(base),
            axes,
            marks,
            decisions: 0,
            cut: false,
        }
    }

    /// The names of facts that were not varied.
    pub(super) fn left_out(&self) -> Vec<String> {
        let schema = self.question.release.schema();
        let seen = schema
            .slots()
            .filter(|(_, fact)| fact.class.seen_by_remedy());
        seen.filter(|(slot, _)| !self.axes.contains_key(slot))
            .map(|(_, fact)| fact.name.to_string())
            .collect()
    }

    /// The nearest changes, nearest first.
    pub(super) fn run(&mut self) -> Vec<Found> {
        let facts = &self.question.case.facts;
        let mut found = Vec::new();
        for slot in self.slots() {
            found.extend(self.along(facts, slot, false));
        }
        let gives = |found: &Found| Said::of(&found.decided).gives();
        if !self.base.gives() && !found.iter().any(gives) {
            found.extend(self.pairs());
        }
        // A sort that is stable keeps the order of the facts.
        found.sort_by_key(|found| (found.moved.len(), found.distance));
        found
    }

    fn slots(&self) -> Vec<Slot> {
        self.axes.keys().copied().collect()
    }

    /// Changes of two facts after which something is given.
    fn pairs(&mut self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for first in self.slots() {
            for (text, distance) in self.firsts(first) {
                let base = &self.question.case.facts;
                let Some(facts) = self.with(base, first, &text) else {
                    continue;
                };
                for second in self.slots().into_iter().filter(|second| *second != first) {
                    for mut pair in self.along(&facts, second, true) {
                        pair.distance = pair.distance.saturating_add(distance);
                        let to = text.clone();
                        pair.moved.insert(0, Moved { slot: first, to });
                        pair.moved.sort_by_key(|moved| moved.slot);
                        if !found.iter().any(|known| known.moved == pair.moved) {
                            found.push(pair);
                        }
                    }
                }
                if self.is_spent() {
                    break;
                }
            }
        }
        found.sort_by_key(|found| found.distance);
        found.truncate(PAIRS_MAX);
        found
    }

    /// Values of the first of two facts: one for each way that the case then takes.
    fn firsts(&self, slot: Slot) -> Vec<(String, u64)> {
        let facts = &self.question.case.facts;
        let own = facts.get(slot);
        let line = match self.axes.get(&slot) {
            Some(Axis::Choices(texts)) => {
                let schema = self.question.release.schema();
                let shown = own.map(|value| schema.show(slot, value));
                let others = texts
                    .iter()
                    .filter(|text| Some(text.as_str()) != shown.as_deref());
                let distance = if own.is_some() { 1_000 } else { 0 };
                return others.map(|text| (text.clone(), distance)).collect();
            }
            Some(Axis::Line(line)) => *line,
            None => return Vec::new(),
        };
        let start = own.and_then(|value| line.place(value));
        let at = start.unwrap_or(line.anchor);
        let mut places = Vec::new();
        if start.is_none() {
            places.push(at);
        }
        for up in [true, false] {
            let mut place = at;
            for _ in 0..FIRST_MAX {
                let Some((least, most)) = self.stretch(facts, slot, line, place) else {
                    break;
                };
                let end = if up { most } else { least };
                if end == if up { line.most } else { line.least } {
                    break;
                }
                place = if up { end + 1 } else { end - 1 };
                places.push(place);
            }
        }
        let shown = places.into_iter().filter_map(|place| {
            let distance = start.map_or(0, |start| apart(start, place));
            Some((line.text(place)?, distance))
        });
        shown.collect()
    }

    /// From where to where a number may move and the case takes the same way; `None` where
    /// the script cannot be followed.
    fn stretch(&self, facts: &Facts, slot: Slot, line: Line, at: i128) -> Option<(i128, i128)> {
        let script = self.question.script?;
        let facts = self.with(facts, slot, &line.text(at)?)?;
        let watch = Watch {
            slot,
            at,
            least: line.least,
            most: line.most,
        };
        follow(script, &facts, Some(watch)).range
    }

    fn with(&self, facts: &Facts, slot: Slot, text: &str) -> Option<Facts> {
        let schema = self.question.release.schema();
        let mut builder = FactsBuilder::from_facts(schema, facts.clone());
        builder.text(slot, text);
        builder.finish().ok()
    }

    /// The changes of one fact that flip the outcome; `giving` asks for something given.
    fn along(&mut self, facts: &Facts, slot: Slot, giving: bool) -> Vec<Found> {
        let own = facts.get(slot).cloned();
        match self.axes.get(&slot).cloned() {
            None => Vec::new(),
            Some(Axis::Choices(texts)) => {
                let schema = self.question.release.schema();
                let shown = own.as_ref().map(|value| schema.show(slot, value));
                let distance = if own.is_some() { 1_000 } else { 0 };
                let mut found = Vec::new();
                for text in texts {
                    if shown.as_deref() != Some(text.as_str()) {
                        let tried = self.tried(facts, slot, text, distance);
                        found.extend(tried.filter(|it| self.is_flip(it, &[], giving)));
                    }
                }
                found
            }
            Some(Axis::Line(line)) => {
                let start = own.as_ref().and_then(|value| line.place(value));
                let mut walk = Walk {
                    facts,
                    slot,
                    line,
                    start,
                    seen: Vec::new(),
                    giving,
                };
                let mut found = Vec::new();
                let most = if start.is_some() { 1 } else { UNKNOWN_MAX };
                for up in [true, false] {
                    for _ in 0..most {
                        let Some(next) = self.walk(&walk, up) else {
                            break;
                        };
                        if start.is_none() {
                            walk.seen.push(Said::of(&next.decided));
                        }
                        found.push(next);
                    }
                }
                found
            }
        }
    }

    fn is_flip(&self, found: &Found, seen: &[Said], giving: bool) -> bool {
        let said = Said::of(&found.decided);
        // What makes the policy fail is no answer to "why not".
        found.decided.execution.fault.is_none()
            && said != self.base
            && !seen.contains(&said)
            && (!giving || said.gives())
    }

    fn tried(&mut self, facts: &Facts, slot: Slot, text: String, distance: u64) -> Option<Found> {
        let question = self.question;
        if self.is_spent() {
            return None;
        }
        let facts = self.with(facts, slot, &text)?;
        let case = Case {
            envelope: question.case.envelope.clone(),
            facts,
        };
        self.decisions = self.decisions.saturating_add(1);
        let (actor, standing, as_of) = (question.actor, question.standing, question.as_of);
        let decided = question.release.decide(&case, actor, standing, as_of);
        Some(Found {
            moved: vec![Moved { slot, to: text }],
            facts: case.facts,
            decided,
            distance,
        })
    }

    /// The decision at a place of a line, if it flips the outcome.
    fn flip_at(&mut self, walk: &Walk<'_>, place: i128) -> Option<Found> {
        let distance = walk.start.map_or(0, |start| apart(start, place));
        let text = walk.line.text(place)?;
        let found = self.tried(walk.facts, walk.slot, text, distance)?;
        self.is_flip(&found, &walk.seen, walk.giving)
            .then_some(found)
    }

    /// Goes along a line in one direction until the outcome flips.
    fn walk(&mut self, walk: &Walk<'_>, up: bool) -> Option<Found> {
        let mut at = walk.start.unwrap_or(walk.line.anchor);
        if walk.start.is_none()
            && let Some(found) = self.flip_at(walk, at)
        {
            return Some(found);
        }
        let bound = if up { walk.line.most } else { walk.line.least };
        for _ in 0..STRETCHES_MAX {
            let stretch = self.stretch(walk.facts, walk.slot, walk.line, at);
            let end = match stretch {
                Some((least, most)) => {
                    if up {
                        most
                    } else {
                        least
                    }
                }
                None => bound,
            };
            if let Some(found) = self.within(walk, at, end) {
                return Some(found);
            }
            if end == bound || self.is_spent() {
                return None;
            }
            at = if up { end + 1 } else { end - 1 };
            if let Some(found) = self.flip_at(walk, at) {
                return Some(found);
            }
        }
        // Too many ways to go through one by one: what lies behind is only sampled.
        self.cut = true;
        self.within(walk, at, bound)
    }

    /// The first place behind one and up to another that flips, as far as places are tried.
    fn within(&mut self, walk: &Walk<'_>, at: i128, end: i128) -> Option<Found> {
        let mut before = at;
        for place in self.places(walk.slot, at, end) {
            if self.is_spent() {
                return None;
            }
            if let Some(found) = self.flip_at(walk, place) {
                return Some(self.narrowed(walk, before, place, found));
            }
            before = place;
        }
        None
    }

    /// Whether no decision may be made any more.
    fn is_spent(&mut self) -> bool {
        let is_spent = self.decisions >= self.question.decisions_max;
        self.cut |= is_spent;
        is_spent
    }

    /// The places to try behind one place up to another, in the order in which a walk meets
    /// them: the end, what the release writes down, and doubling distances.
    fn places(&self, slot: Slot, at: i128, end: i128) -> Vec<i128> {
        let (least, most) = (at.min(end), at.max(end));
        let mut places = BTreeSet::from([end]);
        if let Some(marks) = self.marks.get(&slot) {
            places.extend(marks.range(least..=most));
        }
        let mut step = 1_i128;
        while step < most - least {
            places.insert(if end > at { at + step } else { at - step });
            step *= 2;
        }
        places.remove(&at);
        let mut places: Vec<i128> = places.into_iter().collect();
        if end < at {
            places.reverse();
        }
        places
    }

    /// The first place behind `before` that flips, where `place` does and `before` does not.
    fn narrowed(
        &mut self,
        walk: &Walk<'_>,
        mut before: i128,
        mut place: i128,
        mut found: Found,
    ) -> Found {
        while before.abs_diff(place) > 1 && !self.is_spent() {
            let middle = before + (place - before) / 2;
            match self.flip_at(walk, middle) {
                Some(nearer) => (place, found) = (middle, nearer),
                None => before = middle,
            }
        }
        found
    }
}

/// A way along a line.
struct Walk<'a> {
    facts: &'a Facts,
    slot: Slot,
    line: Line,
    /// The fact's own place; `None` while it is not known.
    start: Option<i128>,
    /// Outcomes that were told already.
    seen: Vec<Said>,
    giving: bool,
}

/// How far two places are from each other, in thousandths of the first.
fn apart(from: i128, to: i128) -> u64 {
    let whole = from.unsigned_abs().max(1);
    let share = from.abs_diff(to).saturating_mul(1_000) / whole;
    u64::try_from(share).unwrap_or(u64::MAX)
}
