//! A few points that lie near each other, with their corners.

use redress_model::Timestamp;

use super::front::{nowhere_above, rows};

/// How many points a block has at most before it is split.
const BLOCK: usize = 64;

/// What decides between two: worth, then the later one.
pub(super) type Rank = (i64, i64, u64);

/// When something was decided, and its number.
pub(super) type Age = (i64, u64);

/// What is kept of a point besides its coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) worth: i64,
    pub(super) at: Timestamp,
    pub(super) decision: u64,
}

impl Kept {
    pub(super) const fn rank(&self) -> Rank {
        (self.worth, self.at.seconds(), self.decision)
    }

    pub(super) const fn age(&self) -> Age {
        (self.at.seconds(), self.decision)
    }
}

/// A few points.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The least of each coordinate.
    pub(super) low: Vec<i64>,
    /// The greatest of each coordinate.
    pub(super) high: Vec<i64>,
    /// The least worth in it.
    pub(super) least: i64,
    pub(super) oldest: Age,
    /// In order of their rank, the best first.
    kept: Vec<Kept>,
    /// The coordinates of each point, one after the other.
    coordinates: Vec<i64>,
}

impl Block {
    /// A block with nothing in it.
    pub(super) fn new(width: usize) -> Self {
        Self {
            low: vec![i64::MAX; width],
            high: vec![i64::MIN; width],
            least: i64::MAX,
            oldest: (i64::MAX, u64::MAX),
            kept: Vec::new(),
            coordinates: Vec::new(),
        }
    }

    pub(super) fn best(&self) -> Option<Rank> {
        self.kept.first().map(Kept::rank)
    }

    pub(super) fn holds(&self, decision: u64) -> bool {
        self.kept.iter().any(|kept| kept.decision == decision)
    }

    pub(super) fn later_than(&self, end: Timestamp) -> usize {
        self.kept.iter().filter(|kept| kept.at > end).count()
    }

    /// Each point with its coordinates.
    pub(super) fn points(&self, width: usize) -> impl Iterator<Item = (&Kept, &[i64])> {
        self.kept.iter().zip(rows(&self.coordinates, width))
    }

    pub(super) fn push(&mut self, width: usize, point: &[i64], kept: Kept) {
        let place = self.kept.partition_point(|own| own.rank() > kept.rank());
        self.kept.insert(place, kept);
        self.coordinates.extend_from_slice(point);
        let moved = self.coordinates.get_mut(place.saturating_mul(width)..);
        if let Some(moved) = moved {
            moved.rotate_right(width);
        }
        self.reach(point, &kept);
    }

    /// Widens the corners so far that a point is within.
    fn reach(&mut self, point: &[i64], kept: &Kept) {
        self.least = self.least.min(kept.worth);
        self.oldest = self.oldest.min(kept.age());
        for (low, own) in self.low.iter_mut().zip(point) {
            *low = (*low).min(*own);
        }
        for (high, own) in self.high.iter_mut().zip(point) {
            *high = (*high).max(*own);
        }
    }

    /// Whether one of the points proves all that a new one proves.
    pub(super) fn covers(&self, width: usize, point: &[i64], new: &Kept) -> bool {
        let mut points = self
            .points(width)
            .take_while(|(kept, _)| kept.worth >= new.worth);
        points.any(|(kept, own)| kept.age() >= new.age() && nowhere_above(own, point))
    }

    /// Drops what a new point covers, and gives how many those were.
    pub(super) fn drop_covered(&mut self, width: usize, point: &[i64], new: &Kept) -> usize {
        let covered = |kept: &Kept, own: &[i64]| {
            kept.worth <= new.worth && kept.age() <= new.age() && nowhere_above(point, own)
        };
        let first = self.kept.partition_point(|kept| kept.worth > new.worth);
        let from = first.saturating_mul(width);
        let tail = self.coordinates.get(from..).unwrap_or_default();
        let cheaper = self.kept.iter().skip(first).zip(rows(tail, width));
        let gone = cheaper.filter(|(kept, own)| covered(kept, own)).count();
        if gone == 0 {
            return 0;
        }
        self.retain(width, |kept, own| !covered(kept, own))
    }

    /// Keeps what is wanted, and gives how many points are gone.
    pub(super) fn retain(
        &mut self,
        width: usize,
        mut keep: impl FnMut(&Kept, &[i64]) -> bool,
    ) -> usize {
        let old = std::mem::replace(self, Self::new(width));
        for (kept, own) in old.points(width) {
            if keep(kept, own) {
                self.append(own, *kept);
            }
        }
        old.kept.len().saturating_sub(self.kept.len())
    }

    /// Adds a point that is no better than those that are there.
    fn append(&mut self, point: &[i64], kept: Kept) {
        self.kept.push(kept);
        self.coordinates.extend_from_slice(point);
        self.reach(point, &kept);
    }

    /// Splits a full block in two on the side that is longest as a share of all points' extent,
    /// and gives the side, the least coordinate of the upper block there, and that block.
    pub(super) fn split(&mut self, width: usize, extents: &[u64]) -> Option<(usize, i64, Self)> {
        if self.kept.len() <= BLOCK {
            return None;
        }
        let sides = self.low.iter().zip(&self.high).zip(extents);
        let shares = sides.map(|((low, high), extent)| {
            let share = u128::from(low.abs_diff(*high)) << 32;
            share.checked_div(u128::from(*extent)).unwrap_or(0)
        });
        let (side, share) = shares.enumerate().max_by_key(|(_, share)| *share)?;
        if share == 0 {
            return None;
        }
        let on_side = |own: &[i64]| own.get(side).copied().unwrap_or(0);
        let mut sorted: Vec<i64> = rows(&self.coordinates, width)
            .take(self.kept.len())
            .map(on_side)
            .collect();
        sorted.sort_unstable();
        let (first, middle) = (sorted.first()?, sorted.get(sorted.len() / 2)?);
        let value = match sorted.iter().find(|own| *own > first) {
            Some(next) if middle == first => *next,
            Some(_) | None => *middle,
        };
        let mut upper = Self::new(width);
        let old = std::mem::replace(self, Self::new(width));
        for (kept, own) in old.points(width) {
            let half = if on_side(own) < value {
                &mut *self
            } else {
                &mut upper
            };
            half.append(own, *kept);
        }
        Some((side, value, upper))
    }

    /// The better of `best` and the best point later than `end` that is nowhere above.
    pub(super) fn best_nowhere_above(
        &self,
        width: usize,
        point: &[i64],
        end: Timestamp,
        best: Option<Kept>,
    ) -> Option<Kept> {
        let floor = best.map(|best| best.rank());
        let better = self
            .points(width)
            .take_while(|(kept, _)| floor.is_none_or(|floor| kept.rank() > floor));
        let mut lower = better.filter(|(kept, own)| nowhere_above(own, point) && kept.at > end);
        lower.next().map(|(kept, _)| *kept).or(best)
    }
}
