//! Where a norm stands: its facts turned so that a front asks one question only, and small.

use super::front::Question;

/// How many facts a search compares at once.
const LANES: usize = 4;

/// The first facts of a point in 32 bits, which is what a search reads of most points.
///
/// A fact beyond 32 bits stands at their edge, so that what is above is no lower here. Where
/// nothing stands at the edge and there are no more facts, this is all of the point.
pub(super) type Near = [i32; LANES];

/// How far points lie apart in each near fact.
pub(super) type Extents = [u32; LANES];

/// The least and the greatest of each near fact among points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corners {
    pub(super) low: Near,
    pub(super) high: Near,
}

impl Corners {
    /// Those of no point.
    pub(super) const NONE: Self = Self {
        low: [i32::MAX; LANES],
        high: [i32::MIN; LANES],
    };

    /// Widens them so far that a point is within.
    pub(super) fn reach(&mut self, near: &Near) {
        for (low, own) in self.low.iter_mut().zip(near) {
            *low = (*low).min(*own);
        }
        for (high, own) in self.high.iter_mut().zip(near) {
            *high = (*high).max(*own);
        }
    }

    /// How far they lie apart.
    pub(super) fn extents(&self) -> Extents {
        let mut extents = Extents::default();
        let corners = self.low.iter().zip(&self.high);
        for (extent, (low, high)) in extents.iter_mut().zip(corners) {
            *extent = low.abs_diff(*high);
        }
        extents
    }
}

/// A point of so many facts is turned without an allocation.
const FEW: usize = 8;

/// A point that a front is asked about or given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point<'a> {
    pub(super) near: Near,
    /// All facts in full.
    pub(super) full: &'a [i64],
}

impl Point<'_> {
    /// Turns a norm's facts for a question.
    pub(super) fn turned<T>(
        question: Question,
        facts: &[i64],
        look: impl FnOnce(Point<'_>) -> T,
    ) -> T {
        let turn = |full: &mut [i64]| {
            for (turned, own) in full.iter_mut().zip(facts) {
                *turned = question.turn(*own);
            }
            look(Point::new(full))
        };
        match [0; FEW].get_mut(..facts.len()) {
            Some(full) => turn(full),
            None => turn(&mut vec![0; facts.len()]),
        }
    }

    pub(super) fn new(full: &[i64]) -> Point<'_> {
        let mut near = [0; LANES];
        for (near, own) in near.iter_mut().zip(full) {
            let edge = if *own < 0 { i32::MIN } else { i32::MAX };
            *near = i32::try_from(*own).unwrap_or(edge);
        }
        Point { near, full }
    }

    /// Whether the near facts are all of it.
    pub(super) fn is_near(&self) -> bool {
        let at_edge = |own: &i32| *own == i32::MIN || *own == i32::MAX;
        self.full.len() <= LANES && !self.near.iter().any(at_edge)
    }
}

/// Whether no fact of the one is above that of the other.
pub(super) const fn nowhere_above(one: &Near, other: &Near) -> bool {
    let ([a, b, c, d], [p, q, r, s]) = (one, other);
    // Without a branch for each fact, which would be guessed wrong half of the time.
    (*a <= *p) & (*b <= *q) & (*c <= *r) & (*d <= *s)
}

/// The same of facts in full.
pub(super) fn fully_nowhere_above(one: &[i64], other: &[i64]) -> bool {
    one.iter().zip(other).all(|(one, other)| one <= other)
}
