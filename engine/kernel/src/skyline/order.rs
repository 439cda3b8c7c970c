//! The blocks of a front in the order of the best in them, with what tells whether a block is
//! to be looked into: all that a search reads of the blocks that it skips.

use super::block::{Age, Block};
use super::point::{Near, nowhere_above};

/// A block.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The highest worth in it.
    best: i64,
    /// The least of each fact.
    low: Near,
    number: usize,
}

/// The other end of a block.
#[derive(Debug, Clone, Copy)]
struct End {
    /// The lowest worth in it.
    least: i64,
    /// The greatest of each fact.
    high: Near,
    oldest: Age,
}

/// The blocks that hold something, the one with the highest worth first.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    entries: Vec<Entry>,
    /// In the same order.
    ends: Vec<End>,
}

impl Order {
    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// The blocks of which a point may be nowhere above, with the highest worth in each, the
    /// highest first.
    pub(super) fn reach_down_to(&self, near: Near) -> impl Iterator<Item = (i64, usize)> {
        let reach = self.entries.iter();
        reach
            .filter(move |entry| nowhere_above(&entry.low, &near))
            .map(|entry| (entry.best, entry.number))
    }

    /// The blocks of which a point may be worth no more than `worth` and nowhere below.
    pub(super) fn reach_up_to(&self, near: Near, worth: i64) -> impl Iterator<Item = usize> {
        let reach = self.entries.iter().zip(&self.ends);
        reach
            .filter(move |(_, end)| end.least <= worth && nowhere_above(&near, &end.high))
            .map(|(entry, _)| entry.number)
    }

    /// When the oldest point of all was made, and the block that it is in.
    pub(super) fn oldest(&self) -> Option<(Age, usize)> {
        let ends = self.ends.iter().zip(&self.entries);
        ends.map(|(end, entry)| (end.oldest, entry.number)).min()
    }

    /// Brings a block that has changed to its place; one that is empty has none.
    pub(super) fn settle(&mut self, number: usize, block: &Block) {
        let old = self.entries.iter().position(|own| own.number == number);
        let (Some(best), Some(least)) = (block.best(), block.least()) else {
            if let Some(old) = old {
                self.entries.remove(old);
                self.ends.remove(old);
            }
            return;
        };
        let entry = Entry {
            best,
            low: block.corners.low,
            number,
        };
        let end = End {
            least,
            high: block.corners.high,
            oldest: block.oldest,
        };
        if let Some(old) = old {
            if let (Some(own), Some(own_end)) = (self.entries.get_mut(old), self.ends.get_mut(old))
                && own.best == best
            {
                (*own, *own_end) = (entry, end);
                return;
            }
            self.entries.remove(old);
            self.ends.remove(old);
        }
        let place = self.entries.partition_point(|other| other.best > best);
        self.entries.insert(place, entry);
        self.ends.insert(place, end);
    }
}
