//! The norms of one class: of those at most as bad as a case, who got most; of those at
//! least as bad, who got least.
//!
//! A point is the merit facts of a case, turned so that higher is worse. One point *covers*
//! another when whatever the other proves it proves as well: it is no worse on any fact, got
//! no less, and was decided no earlier, so that it also stays in the window as long. Covered
//! points are dropped; what is left is the skyline (Börzsönyi, Kossmann, Stocker: The Skyline
//! Operator, ICDE 2001), one for each of the two questions.

mod front;
#[cfg(test)]
mod tests;

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

/// The norms of one class.
///
/// Memory: two fronts of at most `points_max` points, each point 24 bytes and 8 more for
/// each fact, in blocks of 32 with two corners: for 4,096 points of four facts about 500 KiB.
#[derive(Debug, Clone)]
pub struct Skyline {
    most: Front,
    least: Front,
    /// The last of the norms that were dropped for want of room.
    lost: Option<Timestamp>,
    /// The window's end: what was decided then or before no longer counts.
    ended: Option<Timestamp>,
    points_max: usize,
}

impl Skyline {
    /// A class of so many merit facts of which no norm is known, that keeps at most
    /// `points_max` points for each question.
    #[must_use]
    pub fn new(facts: usize, points_max: usize) -> Self {
        Self {
            most: Front::new(facts, Question::Most),
            least: Front::new(facts, Question::Least),
            lost: None,
            ended: None,
            points_max,
        }
    }

    /// Adds a norm. One with another number of facts than the class has is not kept.
    ///
    /// Beyond the limit the oldest points are dropped, and [`is_partial`](Self::is_partial)
    /// until they would have left the window anyway.
    pub fn insert(&mut self, norm: &Norm) {
        if self.ended.is_some_and(|ended| norm.at <= ended) {
            return;
        }
        for front in [&mut self.most, &mut self.least] {
            front.insert(norm);
            if let Some(lost) = front.keep_newest(self.points_max) {
                self.lost = self.lost.max(Some(lost));
            }
        }
    }

    /// Drops what was decided at `end` or before.
    pub fn expire(&mut self, end: Timestamp) {
        if self.ended >= Some(end) {
            return;
        }
        self.ended = Some(end);
        for front in [&mut self.most, &mut self.least] {
            front.expire(end);
        }
    }

    /// Of the norms at most as bad as `point` on every fact, the one that got most; of
    /// equals the one with the latest (decided at, number).
    #[must_use]
    pub fn most(&self, point: &[i64]) -> Option<Found> {
        self.most.answer(point)
    }

    /// Of the norms at least as bad as `point` on every fact, the one that got least; of
    /// equals the one with the latest (decided at, number).
    #[must_use]
    pub fn least(&self, point: &[i64]) -> Option<Found> {
        self.least.answer(point)
    }

    /// Whether norms within the window were dropped for want of room: a breach may then be
    /// missed, none is invented.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.lost.is_some_and(|lost| Some(lost) > self.ended)
    }

    /// How many points the larger of the two fronts has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.most.len().max(self.least.len())
    }

    /// Whether no norm is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
