//! One front: points in blocks that lie near each other, each with its corners, so that most
//! blocks are skipped.

use redress_model::Timestamp;

use super::block::{Age, Block, Kept, LAST};
use super::order::Order;
use super::point::Point;
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
    pub(super) const fn turn(self, number: i64) -> i64 {
        match self {
            Self::Most => number,
            // The one number that has no negative stands at the edge either way.
            Self::Least => number.saturating_neg(),
        }
    }
}

/// One front.
#[derive(Debug, Clone)]
pub(super) struct Front {
    facts: usize,
    question: Question,
    tree: Tree,
    blocks: Vec<Block>,
    order: Order,
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

/// How many blocks are looked at before one of them is gone through, so that they are fetched
/// from memory side by side.
const AT_ONCE: usize = 8;

/// Older than everything.
const FIRST: Age = (i64::MIN, 0);

impl Front {
    pub(super) fn new(facts: usize, question: Question) -> Self {
        Self {
            facts,
            question,
            tree: Tree::new(),
            blocks: vec![Block::new(facts)],
            order: Order::default(),
            points: 0,
            peak: 0,
            sweep: 0,
            oldest: LAST,
            newest: FIRST,
            lost: None,
        }
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
        if norm.point.len() != self.facts {
            return;
        }
        let question = self.question;
        let new = Kept {
            worth: question.turn(norm.minor),
            at: norm.at,
            decision: norm.decision,
        };
        Point::turned(question, &norm.point, |point| {
            self.insert_point(&point, new, most);
        });
    }

    fn insert_point(&mut self, point: &Point<'_>, new: Kept, most: usize) {
        if self.lost.is_some_and(|lost| new.age() <= lost) {
            return;
        }
        // What comes last is covered by nothing, since whatever covers it is no earlier.
        if new.age() <= self.newest && self.is_covered(point, &new) {
            return;
        }
        self.drop_covered(point, &new);
        self.place(point, &new);
        self.points = self.points.saturating_add(1);
        self.oldest = self.oldest.min(new.age());
        self.newest = self.newest.max(new.age());
        self.peak = self.peak.max(self.points);
        if self.points > most {
            self.drop_oldest();
        }
    }

    /// Whether a point proves nothing that another does not prove.
    fn is_covered(&self, point: &Point<'_>, new: &Kept) -> bool {
        let blocks = self.order.reach_down_to(point.near);
        let mut could = blocks.take_while(|(best, _)| *best >= new.worth);
        could.any(|(_, block)| {
            let block = self.blocks.get(block);
            block.is_some_and(|block| block.covers(point, new))
        })
    }

    /// Drops the points that a new one covers.
    fn drop_covered(&mut self, point: &Point<'_>, new: &Kept) {
        let could = self.order.reach_up_to(point.near, new.worth);
        let mut dropped = 0_usize;
        for number in could.collect::<Vec<_>>() {
            let Some(block) = self.blocks.get_mut(number) else {
                continue;
            };
            let gone = block.drop_covered(point, new);
            if gone > 0 {
                dropped = dropped.saturating_add(gone);
                self.order.settle(number, block);
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
        self.oldest = self.order.oldest().map_or(LAST, |(age, _)| age);
    }

    /// Puts a point into its block; a full block is split before.
    fn place(&mut self, point: &Point<'_>, new: &Kept) {
        self.tree.corners.reach(&point.near);
        let mut number = self.tree.find(&point.near);
        if self.blocks.get(number).is_some_and(Block::is_full) {
            self.split(number);
            number = self.tree.find(&point.near);
        }
        if let Some(block) = self.blocks.get_mut(number) {
            block.push(point, new);
            self.order.settle(number, block);
        }
    }

    fn split(&mut self, number: usize) {
        let upper = self.blocks.len();
        let Some(block) = self.blocks.get_mut(number) else {
            return;
        };
        let (at, other) = block.split(&self.tree.corners.extents());
        self.order.settle(number, block);
        self.order.settle(upper, &other);
        if let Some((side, value)) = at {
            self.tree.split(number, side, value, upper);
        }
        // An eighth more each time: twice as much would lie empty.
        if self.blocks.capacity() == upper {
            self.blocks.reserve_exact((upper / 8).saturating_add(1));
        }
        self.blocks.push(other);
    }

    /// Drops what was decided at `end` or before.
    pub(super) fn expire(&mut self, end: Timestamp) {
        if self.oldest.0 > end.seconds() {
            return;
        }
        let mut dropped = 0_usize;
        while let Some((oldest, number)) = self.order.oldest() {
            if oldest.0 > end.seconds() {
                break;
            }
            dropped = dropped.saturating_add(self.drop_until(number, (end.seconds(), u64::MAX)));
        }
        self.forget(dropped);
        // Where facts move on with time, blocks of the past would stay behind empty.
        if self.blocks.len() > self.order.len().saturating_mul(2).saturating_add(8) {
            self.rebuild();
        }
    }

    /// Drops what a block has that is no later, and gives how many points are gone.
    fn drop_until(&mut self, number: usize, last: Age) -> usize {
        let Some(block) = self.blocks.get_mut(number) else {
            return 0;
        };
        let dropped = block.drop_until(last);
        self.order.settle(number, block);
        dropped
    }

    /// Makes the blocks anew from the points that there are.
    fn rebuild(&mut self) {
        let old = std::mem::replace(&mut self.blocks, vec![Block::new(self.facts)]);
        self.tree = Tree::new();
        self.order = Order::default();
        for block in &old {
            block.each(|point, kept| self.place(&point, &kept));
        }
    }

    fn drop_oldest(&mut self) {
        let Some((oldest, number)) = self.order.oldest() else {
            return;
        };
        let dropped = self.drop_until(number, oldest);
        self.lost = self.lost.max(Some(oldest));
        self.forget(dropped);
    }

    /// Of the points later than `end` that are nowhere above, the best.
    pub(super) fn answer(&self, point: &[i64], end: Timestamp) -> Option<Found> {
        if point.len() != self.facts {
            return None;
        }
        let best = |point: Point<'_>| self.best_nowhere_above(&point, end);
        Point::turned(self.question, point, best)
    }

    fn best_nowhere_above(&self, point: &Point<'_>, end: Timestamp) -> Option<Found> {
        let mut best: Option<Kept> = None;
        let could = self.order.reach_down_to(point.near);
        let mut could = could.filter_map(|(worth, number)| Some((worth, self.blocks.get(number)?)));
        loop {
            let few: [_; AT_ONCE] = std::array::from_fn(|_| could.next());
            for (_, block) in few.iter().flatten() {
                best = block.best_if_nowhere_above(point, end, best);
            }
            for (worth, block) in few.iter().flatten() {
                if best.is_none_or(|best| best.worth <= *worth) {
                    best = block.best_nowhere_above(point, end, best);
                }
            }
            match few.last() {
                Some(Some((worth, _))) if best.is_none_or(|best| best.worth <= *worth) => {}
                _ => break,
            }
        }
        best.map(|best| Found {
            decision: best.decision,
            at: best.at,
            minor: self.question.turn(best.worth),
        })
    }
}
