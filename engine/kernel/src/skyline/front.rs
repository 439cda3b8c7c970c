//! One front: points in blocks that lie near each other, each with its corners, so that most
//! blocks are skipped.

use redress_model::Timestamp;

use super::block::{Age, Block, Kept, Rank};
use super::tree::Tree;
use super::{Found, Norm};

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

/// A block in the order of the best.
#[derive(Debug, Clone, Copy)]
struct Entry {
    best: Rank,
    block: usize,
}

/// One front.
#[derive(Debug, Clone)]
pub(super) struct Front {
    facts: usize,
    /// How many numbers a stored point has: one for each fact, and one where there is none.
    width: usize,
    question: Question,
    tree: Tree,
    blocks: Vec<Block>,
    /// The blocks that hold something, in order of their best rank, the best first.
    order: Vec<Entry>,
    /// The least of each coordinate of each block in that order, one block after the other.
    lows: Vec<i64>,
    points: usize,
    /// The most points that there were at once, before one was dropped for want of room.
    peak: usize,
    /// The most points that one new point covered.
    sweep: usize,
    oldest: Age,
    newest: Age,
    /// The last that was dropped for want of room; what is no later is not taken any more.
    lost: Option<Age>,
}

/// A point of so many facts is asked about without an allocation.
const FEW: usize = 8;

/// Older and newer than everything.
const FIRST: Age = (i64::MIN, 0);
const LAST: Age = (i64::MAX, u64::MAX);

impl Front {
    pub(super) fn new(facts: usize, question: Question) -> Self {
        let width = facts.max(1);
        Self {
            facts,
            width,
            question,
            tree: Tree::new(),
            blocks: vec![Block::new(width)],
            order: Vec::new(),
            lows: Vec::new(),
            points: 0,
            peak: 0,
            sweep: 0,
            oldest: LAST,
            newest: FIRST,
            lost: None,
        }
    }

    /// A point as it is stored; nothing if it has another number of facts.
    fn turned(&self, point: &[i64]) -> Option<Vec<i64>> {
        let mut turned = vec![0; self.width];
        self.turn_into(point, &mut turned)?;
        Some(turned)
    }

    /// The same into zeros; `None` for a point of another number of facts.
    fn turn_into(&self, point: &[i64], turned: &mut [i64]) -> Option<()> {
        if point.len() != self.facts {
            return None;
        }
        for (turned, own) in turned.iter_mut().zip(point) {
            *turned = self.question.turn(*own);
        }
        Some(())
    }

    /// How many points are later than `end`.
    pub(super) fn len(&self, end: Timestamp) -> usize {
        if self.oldest.0 > end.seconds() {
            return self.points;
        }
        let blocks = self.blocks.iter();
        blocks.map(|block| block.later_than(end)).sum()
    }

    /// The most points that there can have been at once, had `late` of the norms come when
    /// they were decided and `removed` of them never.
    ///
    /// A late one is one more. One that never was leaves those that it alone covered: as
    /// many as it swept away, and of a late one that is not known.
    pub(super) fn peak(&self, late: usize, removed: usize) -> usize {
        let peak = self.peak.saturating_add(late);
        let sweep = if late == 0 { self.sweep } else { peak };
        peak.saturating_add(sweep.saturating_mul(removed))
    }

    pub(super) fn lost(&self) -> Option<Timestamp> {
        let (at, _) = self.lost?;
        Timestamp::from_seconds(at)
    }

    /// Whether a decision is one of the points.
    pub(super) fn holds(&self, decision: u64) -> bool {
        self.blocks.iter().any(|block| block.holds(decision))
    }

    /// Adds a point, and drops the oldest where there are more than `most` then.
    pub(super) fn insert(&mut self, norm: &Norm, most: usize) {
        let Some(point) = self.turned(&norm.point) else {
            return;
        };
        let question = self.question;
        let new = Kept {
            worth: question.turn(norm.minor),
            at: norm.at,
            decision: norm.decision,
        };
        if self.lost.is_some_and(|lost| new.age() <= lost) {
            return;
        }
        // What comes last is covered by nothing, since whatever covers it is no earlier.
        if new.age() <= self.newest && self.is_covered(&point, &new) {
            return;
        }
        self.drop_covered(&point, &new);
        self.place(&point, new);
        self.points = self.points.saturating_add(1);
        self.oldest = self.oldest.min(new.age());
        self.newest = self.newest.max(new.age());
        self.peak = self.peak.max(self.points);
        if self.points > most {
            self.drop_oldest();
        }
    }

    /// Whether a point proves nothing that another does not prove.
    fn is_covered(&self, point: &[i64], new: &Kept) -> bool {
        let entries = self.order.iter().zip(rows(&self.lows, self.width));
        let mut could = entries
            .take_while(|(entry, _)| entry.best.0 >= new.worth)
            .filter(|(_, low)| nowhere_above(low, point));
        could.any(|(entry, _)| {
            let block = self.blocks.get(entry.block);
            block.is_some_and(|block| block.covers(self.width, point, new))
        })
    }

    /// Drops the points that a new one covers.
    fn drop_covered(&mut self, point: &[i64], new: &Kept) {
        let width = self.width;
        let mut dropped = 0_usize;
        for (number, block) in self.blocks.iter_mut().enumerate() {
            if block.least > new.worth || !nowhere_above(point, &block.high) {
                continue;
            }
            let gone = block.drop_covered(width, point, new);
            if gone > 0 {
                dropped = dropped.saturating_add(gone);
                settle(&mut self.order, &mut self.lows, width, number, block);
            }
        }
        self.sweep = self.sweep.max(dropped);
        self.forget(dropped);
    }

    fn forget(&mut self, dropped: usize) {
        if dropped == 0 {
            return;
        }
        self.points = self.points.saturating_sub(dropped);
        let ages = self.blocks.iter().map(|block| block.oldest);
        self.oldest = ages.min().unwrap_or(LAST);
    }

    /// Puts a point into its block; a full block is split.
    fn place(&mut self, point: &[i64], new: Kept) {
        let width = self.width;
        let number = self.tree.find(point);
        let Some(block) = self.blocks.get_mut(number) else {
            return;
        };
        block.push(width, point, new);
        let split = block.split(width, self.tree.extents(point));
        settle(&mut self.order, &mut self.lows, width, number, block);
        if let Some((side, value, other)) = split {
            let upper = self.blocks.len();
            self.tree.split(number, side, value, upper);
            settle(&mut self.order, &mut self.lows, width, upper, &other);
            self.blocks.push(other);
        }
    }

    /// Drops what was decided at `end` or before.
    pub(super) fn expire(&mut self, end: Timestamp) {
        if self.oldest.0 > end.seconds() {
            return;
        }
        let width = self.width;
        let mut dropped = 0_usize;
        for (number, block) in self.blocks.iter_mut().enumerate() {
            if block.oldest.0 > end.seconds() {
                continue;
            }
            dropped = dropped.saturating_add(block.retain(width, |kept, _| kept.at > end));
            settle(&mut self.order, &mut self.lows, width, number, block);
        }
        self.forget(dropped);
        // Where facts move on with time, blocks of the past would stay behind empty.
        if self.blocks.len() > self.order.len().saturating_mul(2).saturating_add(8) {
            self.rebuild();
        }
    }

    /// Makes the blocks anew from the points that there are.
    fn rebuild(&mut self) {
        let old = std::mem::replace(&mut self.blocks, vec![Block::new(self.width)]);
        self.tree = Tree::new();
        self.order.clear();
        self.lows.clear();
        for block in &old {
            for (kept, point) in block.points(self.width) {
                self.place(point, *kept);
            }
        }
    }

    fn drop_oldest(&mut self) {
        let width = self.width;
        let blocks = self.blocks.iter_mut().enumerate();
        let Some((number, block)) = blocks.min_by_key(|(_, block)| block.oldest) else {
            return;
        };
        let oldest = block.oldest;
        let dropped = block.retain(width, |kept, _| kept.age() > oldest);
        settle(&mut self.order, &mut self.lows, width, number, block);
        self.lost = self.lost.max(Some(oldest));
        self.forget(dropped);
    }

    /// Of the points later than `end` that are nowhere above, the best.
    pub(super) fn answer(&self, point: &[i64], end: Timestamp) -> Option<Found> {
        let mut few = [0; FEW];
        match few.get_mut(..self.width) {
            Some(turned) => {
                self.turn_into(point, turned)?;
                self.best_nowhere_above(turned, end)
            }
            None => self.best_nowhere_above(&self.turned(point)?, end),
        }
    }

    fn best_nowhere_above(&self, point: &[i64], end: Timestamp) -> Option<Found> {
        let mut best: Option<Kept> = None;
        for (entry, low) in self.order.iter().zip(rows(&self.lows, self.width)) {
            if best.is_some_and(|best| best.rank() >= entry.best) {
                break;
            }
            if nowhere_above(low, point)
                && let Some(block) = self.blocks.get(entry.block)
            {
                best = block.best_nowhere_above(self.width, point, end, best);
            }
        }
        best.map(|best| Found {
            decision: best.decision,
            at: best.at,
            minor: self.question.turn(best.worth),
        })
    }
}

/// Brings a block that has changed to its place in the order; one that is empty has none.
fn settle(order: &mut Vec<Entry>, lows: &mut Vec<i64>, width: usize, number: usize, block: &Block) {
    let old = order.iter().position(|entry| entry.block == number);
    let Some(best) = block.best() else {
        if let Some(old) = old {
            order.remove(old);
            let from = old.saturating_mul(width);
            lows.drain(from..from.saturating_add(width));
        }
        return;
    };
    let old = old.unwrap_or_else(|| {
        order.push(Entry {
            best,
            block: number,
        });
        lows.extend_from_slice(&block.low);
        order.len().saturating_sub(1)
    });
    let others = order.iter().enumerate();
    let better = others.filter(|(place, entry)| *place != old && entry.best > best);
    let new = better.count();
    let (from, to) = (old.min(new), old.max(new).saturating_add(1));
    let (turned, moved) = (order.get_mut(from..to), from.saturating_mul(width));
    let corners = lows.get_mut(moved..to.saturating_mul(width));
    if let (Some(turned), Some(corners)) = (turned, corners) {
        if new < old {
            turned.rotate_right(1);
            corners.rotate_right(width);
        } else if new > old {
            turned.rotate_left(1);
            corners.rotate_left(width);
        }
    }
    if let Some(entry) = order.get_mut(new) {
        entry.best = best;
    }
    let from = new.saturating_mul(width);
    if let Some(corner) = lows.get_mut(from..from.saturating_add(width)) {
        corner.copy_from_slice(&block.low);
    }
}

/// The coordinates of one point after the other.
pub(super) fn rows(coordinates: &[i64], width: usize) -> std::slice::ChunksExact<'_, i64> {
    coordinates.chunks_exact(width.max(1))
}

/// Whether no coordinate of the one is above that of the other.
pub(super) fn nowhere_above(one: &[i64], other: &[i64]) -> bool {
    match (one, other) {
        // Without a branch for each coordinate, which would be guessed wrong half of the time.
        ([a, b], [p, q]) => (a <= p) & (b <= q),
        ([a, b, c], [p, q, r]) => (a <= p) & (b <= q) & (c <= r),
        ([a, b, c, d], [p, q, r, s]) => (a <= p) & (b <= q) & (c <= r) & (d <= s),
        (one, other) => one.iter().zip(other).all(|(one, other)| one <= other),
    }
}
