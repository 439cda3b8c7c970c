//! One front: points in blocks, each with its corners, so that most blocks are skipped.

use redress_model::Timestamp;

use super::{Found, Norm};

/// How many points a block has at most before it is split.
const BLOCK: usize = 32;

/// How many points are dropped at once when a front is full: one in so many.
const DROPPED_SHARE: usize = 16;

/// Which question a front answers. Coordinates and sums are stored so that it is always the
/// same: of the points that are nowhere above, the one that is worth most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Who got most of those at most as bad.
    Most,
    /// Who got least of those at least as bad.
    Least,
}

impl Question {
    const fn turn(self, number: i64) -> i64 {
        match self {
            Self::Most => number,
            // The one number that has no negative stands at the edge either way.
            Self::Least => number.saturating_neg(),
        }
    }
}

/// What is kept of a point besides its coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept {
    worth: i64,
    at: Timestamp,
    decision: u64,
}

impl Kept {
    /// What decides between two: worth, then the later one.
    const fn rank(&self) -> (i64, i64, u64) {
        (self.worth, self.at.seconds(), self.decision)
    }

    const fn age(&self) -> (i64, u64) {
        (self.at.seconds(), self.decision)
    }
}

/// A few points that lie near each other.
#[derive(Debug, Clone)]
struct Block {
    /// The least of each coordinate.
    low: Vec<i64>,
    /// The greatest of each coordinate.
    high: Vec<i64>,
    /// The best rank in it.
    best: (i64, i64, u64),
    /// The least worth in it.
    least: i64,
    kept: Vec<Kept>,
    /// The coordinates of each point, one after the other.
    coordinates: Vec<i64>,
}

/// One front.
#[derive(Debug, Clone)]
pub(super) struct Front {
    facts: usize,
    question: Question,
    /// In order of their best rank, the best first.
    blocks: Vec<Block>,
    points: usize,
}

impl Front {
    pub(super) const fn new(facts: usize, question: Question) -> Self {
        Self {
            facts,
            question,
            blocks: Vec::new(),
            points: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.points
    }

    pub(super) fn insert(&mut self, norm: &Norm) {
        if norm.point.len() != self.facts {
            return;
        }
        let question = self.question;
        let point: Vec<i64> = norm.point.iter().map(|n| question.turn(*n)).collect();
        let new = Kept {
            worth: question.turn(norm.minor),
            at: norm.at,
            decision: norm.decision,
        };
        if self.is_covered(&point, &new) {
            return;
        }
        self.drop_covered(&point, &new);
        self.place(&point, new);
        self.points = self.points.saturating_add(1);
    }

    /// Whether a point proves nothing that another does not prove.
    fn is_covered(&self, point: &[i64], new: &Kept) -> bool {
        let blocks = self.blocks.iter();
        let mut could = blocks.filter(|b| b.best.0 >= new.worth && nowhere_above(&b.low, point));
        could.any(|block| {
            block.points(self.facts).any(|(kept, own)| {
                kept.worth >= new.worth && kept.age() >= new.age() && nowhere_above(own, point)
            })
        })
    }

    /// Drops the points that a new one covers.
    fn drop_covered(&mut self, point: &[i64], new: &Kept) {
        let facts = self.facts;
        let covered = |kept: &Kept, own: &[i64]| {
            kept.worth <= new.worth && kept.age() <= new.age() && nowhere_above(point, own)
        };
        let mut dropped = 0_usize;
        for block in &mut self.blocks {
            if block.least > new.worth || !nowhere_above(point, &block.high) {
                continue;
            }
            dropped = dropped.saturating_add(block.retain(facts, |kept, own| !covered(kept, own)));
        }
        self.tidy(dropped);
    }

    /// Forgets blocks that have become empty, and puts the others in order again.
    fn tidy(&mut self, dropped: usize) {
        if dropped == 0 {
            return;
        }
        self.points = self.points.saturating_sub(dropped);
        self.blocks.retain(|block| !block.kept.is_empty());
        self.blocks
            .sort_by_key(|block| std::cmp::Reverse(block.best));
    }

    /// Puts a point into the block that it widens least; a full block is split.
    fn place(&mut self, point: &[i64], new: Kept) {
        let widening = |block: &Block| -> u128 {
            let sides = block.low.iter().zip(&block.high).zip(point);
            let wider = sides.map(|((low, high), own)| {
                u128::from(low.abs_diff(*low.min(own)))
                    .saturating_add(u128::from(high.abs_diff(*high.max(own))))
            });
            wider.fold(0, u128::saturating_add)
        };
        let nearest = self.blocks.iter_mut().min_by_key(|block| widening(block));
        let Some(block) = nearest else {
            self.blocks.push(Block::of(self.facts, point, new));
            return;
        };
        block.push(point, new);
        if let Some(half) = block.split(self.facts) {
            self.blocks.push(half);
        }
        // Nearly sorted, which this sort is quick at.
        self.blocks
            .sort_by_key(|block| std::cmp::Reverse(block.best));
    }

    pub(super) fn expire(&mut self, end: Timestamp) {
        let facts = self.facts;
        let mut dropped = 0_usize;
        for block in &mut self.blocks {
            dropped = dropped.saturating_add(block.retain(facts, |kept, _| kept.at > end));
        }
        self.tidy(dropped);
    }

    /// Drops the oldest once there are more than `most`, and gives the last of them.
    pub(super) fn keep_newest(&mut self, most: usize) -> Option<Timestamp> {
        if self.points <= most {
            return None;
        }
        let mut ages: Vec<(i64, u64)> = Vec::with_capacity(self.points);
        for block in &self.blocks {
            ages.extend(block.kept.iter().map(Kept::age));
        }
        let over = self.points.saturating_sub(most);
        let share = most.checked_div(DROPPED_SHARE).unwrap_or(0);
        let place = over
            .max(share)
            .saturating_sub(1)
            .min(ages.len().saturating_sub(1));
        let (_, last, _) = ages.select_nth_unstable(place);
        let last = *last;
        let facts = self.facts;
        let mut dropped = 0_usize;
        let mut lost = None;
        for block in &mut self.blocks {
            dropped = dropped.saturating_add(block.retain(facts, |kept, _| {
                let keep = kept.age() > last;
                if !keep {
                    lost = lost.max(Some(kept.at));
                }
                keep
            }));
        }
        self.tidy(dropped);
        lost
    }

    pub(super) fn answer(&self, point: &[i64]) -> Option<Found> {
        if point.len() != self.facts {
            return None;
        }
        let turned: Vec<i64>;
        let point = match self.question {
            Question::Most => point,
            Question::Least => {
                turned = point.iter().map(|n| self.question.turn(*n)).collect();
                &turned
            }
        };
        let mut best: Option<Kept> = None;
        for block in &self.blocks {
            if best.is_some_and(|best| best.rank() >= block.best) {
                break;
            }
            if !nowhere_above(&block.low, point) {
                continue;
            }
            for (kept, own) in block.points(self.facts) {
                let better = best.is_none_or(|best| kept.rank() > best.rank());
                if better && nowhere_above(own, point) {
                    best = Some(*kept);
                }
            }
        }
        best.map(|best| Found {
            decision: best.decision,
            at: best.at,
            minor: self.question.turn(best.worth),
        })
    }
}

impl Block {
    fn of(facts: usize, point: &[i64], kept: Kept) -> Self {
        let mut coordinates = Vec::with_capacity(facts.saturating_mul(BLOCK));
        coordinates.extend_from_slice(point);
        Self {
            low: point.to_vec(),
            high: point.to_vec(),
            best: kept.rank(),
            least: kept.worth,
            kept: vec![kept],
            coordinates,
        }
    }

    /// Each point with its coordinates; a point of no facts has none.
    fn points(&self, facts: usize) -> impl Iterator<Item = (&Kept, &[i64])> {
        self.kept.iter().enumerate().map(move |(place, kept)| {
            let from = place.saturating_mul(facts);
            let own = self.coordinates.get(from..from.saturating_add(facts));
            (kept, own.unwrap_or_default())
        })
    }

    fn push(&mut self, point: &[i64], kept: Kept) {
        self.kept.push(kept);
        self.coordinates.extend_from_slice(point);
        self.best = self.best.max(kept.rank());
        self.least = self.least.min(kept.worth);
        for (low, own) in self.low.iter_mut().zip(point) {
            *low = (*low).min(*own);
        }
        for (high, own) in self.high.iter_mut().zip(point) {
            *high = (*high).max(*own);
        }
    }

    /// Keeps what is wanted, and gives how many points are gone.
    fn retain(&mut self, facts: usize, mut keep: impl FnMut(&Kept, &[i64]) -> bool) -> usize {
        let flags: Vec<bool> = self
            .points(facts)
            .map(|(kept, own)| keep(kept, own))
            .collect();
        let gone = flags.iter().filter(|keep| !**keep).count();
        if gone > 0 {
            let old = std::mem::take(&mut self.kept);
            let points = std::mem::take(&mut self.coordinates);
            self.refill(facts, old.iter().zip(chunks(&points, facts)).zip(flags));
        }
        gone
    }

    /// Fills the block anew with the points that are flagged.
    fn refill<'p>(
        &mut self,
        facts: usize,
        points: impl Iterator<Item = ((&'p Kept, &'p [i64]), bool)>,
    ) {
        self.low = vec![i64::MAX; facts];
        self.high = vec![i64::MIN; facts];
        self.best = (i64::MIN, i64::MIN, 0);
        self.least = i64::MAX;
        for ((kept, own), keep) in points {
            if keep {
                self.push(own, *kept);
            }
        }
    }

    /// Splits a full block in two along its longest side.
    fn split(&mut self, facts: usize) -> Option<Self> {
        if self.kept.len() <= BLOCK {
            return None;
        }
        let sides = self.low.iter().zip(&self.high);
        let longest = sides.enumerate().max_by_key(|(_, (l, h))| l.abs_diff(**h));
        let side = longest.map_or(0, |(side, _)| side);
        let old = std::mem::take(&mut self.kept);
        let points = std::mem::take(&mut self.coordinates);
        let mut order: Vec<(i64, usize)> = chunks(&points, facts)
            .map(|own| own.get(side).copied().unwrap_or(0))
            .take(old.len())
            .zip(0..)
            .collect();
        order.sort_unstable();
        let half = order.len() / 2;
        let mut upper = vec![false; order.len()];
        for (_, place) in order.iter().skip(half) {
            if let Some(flag) = upper.get_mut(*place) {
                *flag = true;
            }
        }
        let mut other = Self {
            low: Vec::new(),
            high: Vec::new(),
            best: (i64::MIN, i64::MIN, 0),
            least: i64::MAX,
            kept: Vec::with_capacity(BLOCK),
            coordinates: Vec::with_capacity(facts.saturating_mul(BLOCK)),
        };
        let all = || old.iter().zip(chunks(&points, facts));
        other.refill(facts, all().zip(upper.iter().copied()));
        self.refill(facts, all().zip(upper.iter().map(|upper| !upper)));
        Some(other)
    }
}

/// The coordinates of one point after the other; endlessly none where a point has no facts.
fn chunks(coordinates: &[i64], facts: usize) -> impl Iterator<Item = &[i64]> {
    (0_usize..).map(move |place| {
        let from = place.saturating_mul(facts);
        coordinates
            .get(from..from.saturating_add(facts))
            .unwrap_or_default()
    })
}

/// Whether no coordinate of the one is above that of the other.
fn nowhere_above(one: &[i64], other: &[i64]) -> bool {
    one.iter().zip(other).all(|(one, other)| one <= other)
}
