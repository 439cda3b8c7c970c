//! The norms of one class: of those at most as bad as a case, who got most; of those at
//! least as bad, who got least.
//!
//! A point is the merit facts of a case, turned so that higher is worse. One point *covers*
//! another when whatever the other proves it proves as well: it is no worse on any fact, got
//! no less, and was decided no earlier, so that it also stays in the window as long. Covered
//! points are dropped; what is left is the skyline (Börzsönyi, Kossmann, Stocker: The Skyline
//! Operator, ICDE 2001), one for each of the two questions.
//!
//! Since nothing covers what is later than itself, the skyline of a window is what of the
//! skyline of a longer window is within. So a skyline that was kept for a year answers as one
//! that is made anew from the norms of the last 90 days, and it is partial exactly when that
//! one is.

mod block;
mod front;
mod order;
mod point;
#[cfg(test)]
mod tests;
mod tree;

use redress_model::Timestamp;

use self::front::{Front, Question};

/// A norm: what a decision was on its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Norm {
    /// The decision's number.
    pub decision: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Its merit facts; higher is worse.
    pub point: Vec<i64>,
    /// Its norm in minor units.
    pub minor: i64,
}

/// A norm that answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The decision's number.
    pub decision: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Its norm in minor units.
    pub minor: i64,
}

/// Whether a skyline is still what its norms make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is.
    Whole,
    /// It is to be made anew from the norms.
    Stale,
}

/// The norms of one class.
///
/// Memory: two fronts of at most `points_max` points, in blocks of 64 places of 40 bytes of
/// which on average two thirds are taken; 8 more for each fact where there are more than
/// four, or one that 32 bits do not hold.
#[derive(Debug, Clone)]
pub struct Skyline {
    most: Front,
    least: Front,
    /// The window's end: what was decided then or before no longer counts.
    ended: Option<Timestamp>,
    points_max: usize,
    /// How many norms came late, and how many were taken away.
    late: usize,
    removed: usize,
}

impl Skyline {
    /// A class of so many merit facts of which no norm is known, that keeps at most
    /// `points_max` points for each question.
    #[must_use]
    pub fn new(facts: usize, points_max: usize) -> Self {
        Self {
            most: Front::new(facts, Question::Most),
            least: Front::new(facts, Question::Least),
            ended: None,
            points_max,
            late: 0,
            removed: 0,
        }
    }

    /// Adds a norm that was decided after all that are there. One with another number of
    /// facts than the class has is not kept.
    ///
    /// Beyond the limit the oldest points are dropped, and [`is_partial`](Self::is_partial)
    /// until they would have left the window anyway.
    pub fn insert(&mut self, norm: &Norm) {
        if self.ended.is_some_and(|ended| norm.at <= ended) {
            return;
        }
        self.most.insert(norm, self.points_max);
        self.least.insert(norm, self.points_max);
    }

    /// Adds a norm that was decided before others that are there, as an approval does.
    ///
    /// It is [`Kept::Stale`] where the class could have been over its limit on the way, had
    /// the norm come in time: what it would have dropped then only its norms tell.
    #[must_use]
    pub fn insert_late(&mut self, norm: &Norm) -> Kept {
        self.late = self.late.saturating_add(1);
        self.insert(norm);
        self.kept()
    }

    /// Takes a norm away, where the skyline does not rest on it. The limit is as for
    /// [`insert_late`](Self::insert_late).
    #[must_use]
    pub fn remove(&mut self, decision: u64) -> Kept {
        if self.most.holds(decision) || self.least.holds(decision) {
            return Kept::Stale;
        }
        self.removed = self.removed.saturating_add(1);
        self.kept()
    }

    fn kept(&self) -> Kept {
        let peak = |front: &Front| front.peak(self.late, self.removed);
        if peak(&self.most).max(peak(&self.least)) > self.points_max {
            Kept::Stale
        } else {
            Kept::Whole
        }
    }

    /// Drops what was decided at `end` or before.
    pub fn expire(&mut self, end: Timestamp) {
        if self.ended >= Some(end) {
            return;
        }
        self.ended = Some(end);
        self.most.expire(end);
        self.least.expire(end);
    }

    /// What was decided then or before is not known any more.
    #[must_use]
    pub const fn ended(&self) -> Option<Timestamp> {
        self.ended
    }

    /// Of the norms after `end` at most as bad as `point` on every fact, the one that got
    /// most; of equals the one with the latest (decided at, number).
    #[must_use]
    pub fn most(&self, point: &[i64], end: Timestamp) -> Option<Found> {
        self.most.answer(point, end)
    }

    /// Of the norms after `end` at least as bad as `point` on every fact, the one that got
    /// least; of equals the one with the latest (decided at, number).
    #[must_use]
    pub fn least(&self, point: &[i64], end: Timestamp) -> Option<Found> {
        self.least.answer(point, end)
    }

    /// Whether norms after `end` were dropped for want of room: a breach may then be
    /// missed, none is invented.
    #[must_use]
    pub fn is_partial(&self, end: Timestamp) -> bool {
        self.most.lost().max(self.least.lost()) > Some(end)
    }

    /// How many points after `end` the larger of the two fronts has.
    #[must_use]
    pub fn len(&self, end: Timestamp) -> usize {
        self.most.len(end).max(self.least.len(end))
    }

    /// Whether no norm after `end` is known.
    #[must_use]
    pub fn is_empty(&self, end: Timestamp) -> bool {
        self.len(end) == 0
    }
}
