//! What a change would have done to recorded cases: the same cases under two releases.
//!
//! A case that one of the two cannot decide because a fact is unknown is counted and
//! compared no further: nothing is guessed. Every sum is of integers and every collection
//! is ordered, so that what many threads have counted adds up to the same in any order.

mod alike;
mod gate;
mod load;
mod money;
mod movers;
mod report;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use redress_kernel::{Decision, Outcome};
use redress_model::{Case, Code, Currency, Date, Schema};

use self::alike::Sample;

pub use self::alike::{Alike, Figure, SAMPLE_MAX};
pub use self::gate::{Gate, GateError, Ground, Metric, Op, Threshold};
pub use self::load::{Load, LoadOf};
pub use self::money::{BANDS, Moves, Pair, Split, Winners, band_of};
pub use self::movers::{Kept, Movers};
pub use self::report::{
    Band, ByCurrency, Dates, FAIR_CASES_MIN, FlipCount, Month, MoverRow, Report, Segment,
    SegmentSums, Side, Undetermined,
};

/// Outcomes in the order of the matrix.
pub const OUTCOMES: [Outcome; 4] = [
    Outcome::Grant,
    Outcome::Escalate,
    Outcome::Hold,
    Outcome::Refuse,
];

/// The most values of one segment that are told apart; later ones are `…`.
const SEGMENT_VALUES_MAX: usize = 5_000;
/// What stands for the values beyond.
const OTHERS: &str = "…";

/// One case under both releases.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The line of the history, from 1.
    pub line: u64,
    /// The case, as the new release admitted it.
    pub case: &'a Case,
    /// The decision of the old release.
    pub old: &'a Decision,
    /// The decision of the new one.
    pub new: &'a Decision,
    /// The values of the segments, in the order of their names.
    pub segments: &'a [&'a str],
}

/// Cases of one segment, and what they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) cases: u64,
    /// Cases that are given something, before and after.
    pub(crate) given: (u64, u64),
    pub(crate) sums: BTreeMap<Currency, Pair>,
    pub(crate) gainers: u64,
    pub(crate) losers: u64,
}

impl Share {
    fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        self.given.0 += other.given.0;
        self.given.1 += other.given.1;
        for (currency, pair) in other.sums {
            self.sums.entry(currency).or_default().merge(pair);
        }
        self.gainers += other.gainers;
        self.losers += other.losers;
    }
}

/// What was counted so far.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub(crate) segment_names: Vec<String>,
    pub(crate) read: u64,
    pub(crate) bad: u64,
    pub(crate) compared: u64,
    /// By the fact that is missing: under the old, under the new release.
    pub(crate) missing: BTreeMap<Code, (u64, u64)>,
    /// Undetermined under the old alone, the new alone, both.
    pub(crate) undetermined: (u64, u64, u64),
    pub(crate) matrix: [[u64; 4]; 4],
    pub(crate) flips: u64,
    pub(crate) totals: BTreeMap<Currency, Split>,
    pub(crate) moves: BTreeMap<Currency, Moves>,
    pub(crate) months: BTreeMap<(i16, i8), BTreeMap<Currency, Pair>>,
    pub(crate) bands: BTreeMap<Currency, Vec<(u64, Pair)>>,
    pub(crate) segments: Vec<BTreeMap<String, Share>>,
    pub(crate) load: Load,
    pub(crate) movers: Movers,
    pub(crate) sample: Sample,
}

impl Comparison {
    /// Starts to count, by these segments, keeping so many of the cases that move most.
    #[must_use]
    pub fn new(segment_names: Vec<String>, kept_max: usize) -> Self {
        Self {
            segments: segment_names.iter().map(|_| BTreeMap::new()).collect(),
            segment_names,
            read: 0,
            bad: 0,
            compared: 0,
            missing: BTreeMap::new(),
            undetermined: (0, 0, 0),
            matrix: [[0; 4]; 4],
            flips: 0,
            totals: BTreeMap::new(),
            moves: BTreeMap::new(),
            months: BTreeMap::new(),
            bands: BTreeMap::new(),
            load: Load::default(),
            movers: Movers::new(kept_max),
            sample: Sample::default(),
        }
    }

    /// The same, that also holds cases of these schemas, those of the new side, against
    /// each other.
    #[must_use]
    pub fn with_schemas<'s>(mut self, schemas: impl Iterator<Item = &'s Schema>) -> Self {
        self.sample = Sample::of(schemas);
        self
    }

    /// Counts rows that were read, and those of them that could not be decided.
    pub fn rows(&mut self, read: u64, bad: u64) {
        self.read += read;
        self.bad += bad;
    }

    /// Counts a case of which these facts were known once and are not any more: neither
    /// release can be asked about it.
    pub fn too_few<'f>(&mut self, facts: impl Iterator<Item = &'f str>) {
        for fact in facts.filter_map(|name| Code::new(name).ok()) {
            let counts = self.missing.entry(fact).or_default();
            counts.0 += 1;
            counts.1 += 1;
        }
        self.undetermined.2 += 1;
    }

    /// Counts one case.
    pub fn case(&mut self, case: Compared<'_>) {
        match (unknown(case.old), unknown(case.new)) {
            (None, None) => self.decided(case),
            (old, new) => {
                for (fact, is_old) in [(old, true), (new, false)] {
                    let Some(fact) = fact else { continue };
                    let counts = self.missing.entry(fact.clone()).or_default();
                    let count = if is_old { &mut counts.0 } else { &mut counts.1 };
                    *count += 1;
                }
                let (alone_old, alone_new, both) = &mut self.undetermined;
                *match (old, new) {
                    (Some(_), None) => alone_old,
                    (None, _) => alone_new,
                    (Some(_), Some(_)) => both,
                } += 1;
            }
        }
    }

    fn decided(&mut self, case: Compared<'_>) {
        self.compared += 1;
        let (old, new) = (case.old, case.new);
        let cell = self
            .matrix
            .get_mut(place(old.outcome()))
            .and_then(|row| row.get_mut(place(new.outcome())));
        if let Some(cell) = cell {
            *cell += 1;
        }
        let sums = money::sums(old, new);
        let month = month_of(case.case.envelope.incident_date);
        let mut largest = 0_i128;
        let (mut gains, mut loses) = (false, false);
        for (currency, split) in &sums {
            let (before, after) = (split.old_total(), split.new_total());
            let by = after.saturating_sub(before);
            gains |= by > 0;
            loses |= by < 0;
            if by.unsigned_abs() > largest.unsigned_abs() {
                largest = by;
            }
            self.totals.entry(*currency).or_default().add(split);
            self.moves.entry(*currency).or_default().add(split);
            let pair = Pair {
                old: before,
                new: after,
            };
            let sums = self.months.entry(month).or_default();
            sums.entry(*currency).or_default().merge(pair);
            let bands = self.bands.entry(*currency).or_default();
            bands.resize(BANDS.len() + 1, (0, Pair::default()));
            let band = band_of(before.max(after), currency.exponent());
            if let Some((cases, sums)) = bands.get_mut(band) {
                *cases += 1;
                sums.merge(pair);
            }
        }
        for (values, value) in self.segments.iter_mut().zip(case.segments) {
            let known = values.contains_key(*value) || values.len() < SEGMENT_VALUES_MAX;
            let value = if known { *value } else { OTHERS };
            if !values.contains_key(value) {
                values.insert(value.to_owned(), Share::default());
            }
            let Some(share) = values.get_mut(value) else {
                continue;
            };
            share.cases += 1;
            share.given.0 += u64::from(!old.remedies().is_empty());
            share.given.1 += u64::from(!new.remedies().is_empty());
            share.gainers += u64::from(gains);
            share.losers += u64::from(loses);
            for (currency, split) in &sums {
                let pair = Pair {
                    old: split.old_total(),
                    new: split.new_total(),
                };
                share.sums.entry(*currency).or_default().merge(pair);
            }
        }
        self.load.add(old, new);
        self.sample.offer(&case, &sums);
        if old.outcome() != new.outcome() || gains || loses || reasons_differ(old, new) {
            self.flips += u64::from(old.outcome() != new.outcome() || gains || loses);
            self.movers.offer(largest, &case);
        }
    }

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.bad += other.bad;
        self.compared += other.compared;
        self.flips += other.flips;
        for (fact, (old, new)) in other.missing {
            let counts = self.missing.entry(fact).or_default();
            counts.0 += old;
            counts.1 += new;
        }
        self.undetermined.0 += other.undetermined.0;
        self.undetermined.1 += other.undetermined.1;
        self.undetermined.2 += other.undetermined.2;
        let cells = self.matrix.iter_mut().flatten();
        cells
            .zip(other.matrix.iter().flatten())
            .for_each(|(own, other)| *own += other);
        for (currency, split) in other.totals {
            self.totals.entry(currency).or_default().add(&split);
        }
        for (currency, moves) in other.moves {
            self.moves.entry(currency).or_default().merge(moves);
        }
        for (month, sums) in other.months {
            let own = self.months.entry(month).or_default();
            for (currency, pair) in sums {
                own.entry(currency).or_default().merge(pair);
            }
        }
        for (currency, bands) in other.bands {
            let own = self.bands.entry(currency).or_default();
            own.resize(BANDS.len() + 1, (0, Pair::default()));
            for ((cases, sums), (more, pair)) in own.iter_mut().zip(bands) {
                *cases += more;
                sums.merge(pair);
            }
        }
        for (own, values) in self.segments.iter_mut().zip(other.segments) {
            for (value, share) in values {
                own.entry(value).or_default().merge(share);
            }
        }
        self.load.merge(other.load);
        self.movers.merge(other.movers);
        self.sample.merge(other.sample);
    }

    /// The cases that move most, the largest first.
    #[must_use]
    pub fn kept(&self) -> Vec<&Kept> {
        self.movers.largest()
    }
}

/// The fact that a case waits for because nobody knows it, if that is why it is held.
fn unknown(decision: &Decision) -> Option<&Code> {
    let hold = decision.hold()?;
    let mut reasons = decision.reasons();
    let is_unknown = reasons.any(|reason| reason.code == *"unknown_fact");
    is_unknown.then_some(&hold.missing)
}

fn reasons_differ(old: &Decision, new: &Decision) -> bool {
    let codes = |reason: &redress_model::Reason| reason.code.clone();
    old.reasons().map(codes).ne(new.reasons().map(codes))
}

pub(crate) fn place(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Grant => 0,
        Outcome::Escalate => 1,
        Outcome::Hold => 2,
        Outcome::Refuse => 3,
    }
}

fn month_of(date: Date) -> (i16, i8) {
    let (year, month, _) = date.ymd();
    (year, month)
}
