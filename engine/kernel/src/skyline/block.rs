//! A few points that lie near each other, with their corners.

use redress_model::Timestamp;

use super::point::{Corners, Extents, Near, Point, fully_nowhere_above, nowhere_above};

/// How many points a block has at most.
const BLOCK: usize = 64;

/// When something was decided, and its number.
pub(super) type Age = (i64, u64);

/// Newer than everything.
pub(super) const LAST: Age = (i64::MAX, u64::MAX);

/// What is kept of a point besides its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) worth: i64,
    pub(super) at: Timestamp,
    pub(super) decision: u64,
}

impl Kept {
    /// What decides between two: worth, then the later one.
    pub(super) const fn rank(&self) -> (i64, Age) {
        (self.worth, self.age())
    }

    pub(super) const fn age(&self) -> Age {
        (self.at.seconds(), self.decision)
    }
}

/// What a search reads of a point.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    worth: i64,
    near: Near,
}

/// A point of a block.
#[derive(Debug, Clone, Copy)]
struct Stored<'a> {
    near: &'a Near,
    /// All of it, where the near facts are not.
    full: Option<&'a [i64]>,
}

impl Stored<'_> {
    /// Whether no fact is above the point's. Where the near facts are all of one of the two,
    /// they tell.
    fn is_nowhere_above(&self, point: &Point<'_>) -> bool {
        let in_full = |full| fully_nowhere_above(full, point.full);
        nowhere_above(self.near, &point.near) && self.full.is_none_or(in_full)
    }

    /// Whether no fact is below the point's.
    fn is_nowhere_below(&self, point: &Point<'_>) -> bool {
        let in_full = |full| fully_nowhere_above(point.full, full);
        nowhere_above(&point.near, self.near) && self.full.is_none_or(in_full)
    }
}

/// A few points, in order of their rank, the best first.
///
/// It lies in one piece, and what a search reads of all points at its beginning: seldom is a
/// block in the cache, and each place that is fetched from memory costs as much as a hundred
/// comparisons.
#[derive(Debug, Clone)]
#[repr(C)]
pub(super) struct Block {
    length: usize,
    rows: [Row; BLOCK],
    made: [(Timestamp, u64); BLOCK],
    /// The facts of each point in full, one point after the other; none while the near ones
    /// are all of every point.
    full: Option<Vec<i64>>,
    facts: usize,
    pub(super) corners: Corners,
    /// When the oldest point was made.
    pub(super) oldest: Age,
}

impl Block {
    /// A block with nothing in it, for points of so many facts.
    pub(super) fn new(facts: usize) -> Self {
        Self {
            length: 0,
            rows: [Row::default(); BLOCK],
            made: [(Timestamp::EPOCH, 0); BLOCK],
            full: None,
            facts,
            corners: Corners::NONE,
            oldest: LAST,
        }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.length >= BLOCK
    }

    fn rows(&self) -> &[Row] {
        self.rows.get(..self.length).unwrap_or_default()
    }

    fn made(&self) -> &[(Timestamp, u64)] {
        self.made.get(..self.length).unwrap_or_default()
    }

    /// The highest worth in it.
    pub(super) fn best(&self) -> Option<i64> {
        self.rows().first().map(|row| row.worth)
    }

    /// The lowest worth in it.
    pub(super) fn least(&self) -> Option<i64> {
        self.rows().last().map(|row| row.worth)
    }

    pub(super) fn holds(&self, decision: u64) -> bool {
        self.made().iter().any(|(_, own)| *own == decision)
    }

    pub(super) fn later_than(&self, end: Timestamp) -> usize {
        self.made().iter().filter(|(at, _)| *at > end).count()
    }

    fn kept(&self, place: usize) -> Option<Kept> {
        let (at, decision) = *self.made().get(place)?;
        let row = self.rows().get(place)?;
        Some(Kept {
            worth: row.worth,
            at,
            decision,
        })
    }

    fn stored(&self, place: usize) -> Option<Stored<'_>> {
        let from = place.saturating_mul(self.facts);
        let own = from..from.saturating_add(self.facts);
        let full = self.full.as_ref();
        Some(Stored {
            near: &self.rows().get(place)?.near,
            full: full.map(|full| full.get(own).unwrap_or_default()),
        })
    }

    /// The points from a place on.
    fn from(&self, place: usize) -> impl Iterator<Item = (Kept, Stored<'_>)> {
        (place..self.length).filter_map(|place| Some((self.kept(place)?, self.stored(place)?)))
    }

    /// Lends each point, the best first.
    pub(super) fn each(&self, mut look: impl FnMut(Point<'_>, Kept)) {
        let mut few = Vec::with_capacity(self.facts);
        for (kept, stored) in self.from(0) {
            few.clear();
            match stored.full {
                Some(full) => few.extend_from_slice(full),
                None => few.extend(
                    stored
                        .near
                        .iter()
                        .take(self.facts)
                        .map(|own| i64::from(*own)),
                ),
            }
            look(Point::new(&few), kept);
        }
    }

    /// Adds a point, where there is room.
    pub(super) fn push(&mut self, point: &Point<'_>, kept: &Kept) {
        if self.is_full() {
            return;
        }
        let worse = |place: &usize| {
            self.kept(*place)
                .is_some_and(|own| own.rank() < kept.rank())
        };
        let first = self.rows().partition_point(|row| row.worth > kept.worth);
        let place = (first..self.length).find(worse).unwrap_or(self.length);
        if self.full.is_none() && !point.is_near() {
            let mut full = Vec::new();
            self.each(|own, _| full.extend_from_slice(own.full));
            self.full = Some(full);
        }
        if let Some(full) = &mut self.full {
            let at = place.saturating_mul(self.facts);
            full.splice(at..at, point.full.iter().copied());
        }
        let (worth, near) = (kept.worth, point.near);
        insert(&mut self.rows, place, self.length, Row { worth, near });
        let made = (kept.at, kept.decision);
        insert(&mut self.made, place, self.length, made);
        self.length = self.length.saturating_add(1);
        self.corners.reach(&point.near);
        self.oldest = self.oldest.min(kept.age());
    }

    /// Whether one of the points proves all that a new one proves.
    pub(super) fn covers(&self, point: &Point<'_>, new: &Kept) -> bool {
        let mut points = self.from(0).take_while(|(kept, _)| kept.worth >= new.worth);
        points.any(|(kept, own)| kept.age() >= new.age() && own.is_nowhere_above(point))
    }

    /// Drops what a new point covers, and gives how many those were.
    pub(super) fn drop_covered(&mut self, point: &Point<'_>, new: &Kept) -> usize {
        let covered = |kept: &Kept, own: &Stored<'_>| {
            kept.worth <= new.worth && kept.age() <= new.age() && own.is_nowhere_below(point)
        };
        let first = self.rows().partition_point(|row| row.worth > new.worth);
        let mut cheaper = self.from(first);
        if !cheaper.any(|(kept, own)| covered(&kept, &own)) {
            return 0;
        }
        drop(cheaper);
        self.divide(|kept, own| covered(kept, own)).length
    }

    /// Drops what is no later, and gives how many points are gone.
    pub(super) fn drop_until(&mut self, last: Age) -> usize {
        self.divide(|kept, _| kept.age() <= last).length
    }

    /// Takes points out into a block of their own.
    fn divide(&mut self, mut goes: impl FnMut(&Kept, &Stored<'_>) -> bool) -> Self {
        let mut gone = Self::new(self.facts);
        let old = std::mem::replace(self, Self::new(self.facts));
        let goes = old.from(0).map(|(kept, own)| goes(&kept, &own));
        let mut goes = goes.collect::<Vec<bool>>().into_iter();
        old.each(|point, kept| {
            let half = if goes.next() == Some(true) {
                &mut gone
            } else {
                &mut *self
            };
            half.push(&point, &kept);
        });
        gone
    }

    /// Splits a block in two on the side that is longest as a share of all points' extent, and
    /// gives the upper block, with the side and its least fact there. Where all points stand
    /// in one place, it is the worse half.
    pub(super) fn split(&mut self, extents: &Extents) -> (Option<(usize, i32)>, Self) {
        let sides = self.corners.extents().into_iter().zip(extents);
        let shares = sides.map(|(own, extent)| {
            let share = u64::from(own) << 32;
            share.checked_div(u64::from(*extent)).unwrap_or(0)
        });
        let (side, share) = shares
            .enumerate()
            .max_by_key(|(_, share)| *share)
            .unwrap_or((0, 0));
        if share == 0 {
            let mut place = 0_usize;
            let worse = |_: &Kept, _: &Stored<'_>| {
                place = place.saturating_add(1);
                place > BLOCK / 2
            };
            return (None, self.divide(worse));
        }
        let on_side = |near: &Near| near.get(side).copied().unwrap_or(0);
        let mut sorted: Vec<i32> = self.rows().iter().map(|row| on_side(&row.near)).collect();
        sorted.sort_unstable();
        let first = sorted.first().copied().unwrap_or(0);
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let value = match sorted.iter().find(|own| **own > first) {
            Some(next) if middle == first => *next,
            Some(_) | None => middle,
        };
        let upper = self.divide(|_, own| on_side(own.near) >= value);
        (Some((side, value)), upper)
    }

    /// The better of `best` and the best point, if that is later than `end` and nowhere above.
    pub(super) fn best_if_nowhere_above(
        &self,
        point: &Point<'_>,
        end: Timestamp,
        best: Option<Kept>,
    ) -> Option<Kept> {
        let first = self.rows().first().map(|row| (0, row));
        self.better(first.into_iter(), point, end, best)
    }

    /// The better of `best` and the best of the points later than `end` that are nowhere above.
    pub(super) fn best_nowhere_above(
        &self,
        point: &Point<'_>,
        end: Timestamp,
        best: Option<Kept>,
    ) -> Option<Kept> {
        self.better(self.rows().iter().enumerate(), point, end, best)
    }

    fn better<'b>(
        &'b self,
        rows: impl Iterator<Item = (usize, &'b Row)>,
        point: &Point<'_>,
        end: Timestamp,
        best: Option<Kept>,
    ) -> Option<Kept> {
        let floor = best.map_or(i64::MIN, |best| best.worth);
        let found = rows
            .take_while(|(_, row)| row.worth >= floor)
            .filter(|(_, row)| nowhere_above(&row.near, &point.near))
            .find_map(|(place, _)| {
                let kept = self.kept(place).filter(|kept| kept.at > end)?;
                let is_found = self.stored(place)?.is_nowhere_above(point);
                is_found.then_some(kept)
            });
        best.into_iter().chain(found).max_by_key(Kept::rank)
    }
}

/// Inserts among the first `length` of a row, where there is room for one more.
fn insert<T>(row: &mut [T], place: usize, length: usize, new: T) {
    if let Some(moved) = row.get_mut(place..=length) {
        moved.rotate_right(1);
        if let Some(own) = moved.first_mut() {
            *own = new;
        }
    }
}
