//! The cases that move most, in bounded memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use redress_kernel::Decision;
use redress_model::Case;

use super::Compared;

/// A case that was kept whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The line of the history, from 1.
    pub line: u64,
    /// By how much it moves, in minor units of the currency in which it moves most.
    pub by: i128,
    /// The case, as the new release admitted it.
    pub case: Case,
    /// The decision of the old release.
    pub old: Decision,
    /// The decision of the new one.
    pub new: Decision,
    /// The values of the segments.
    pub segments: Vec<String>,
}

/// The larger move first, the earlier line first among equals: one order for any number
/// of threads.
type Key = (Reverse<u128>, u64);

/// So many cases at most, of those that move most.
#[derive(Debug, Clone)]
pub struct Movers {
    kept: BTreeMap<Key, Kept>,
    limit: usize,
}

impl Movers {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            kept: BTreeMap::new(),
            limit,
        }
    }

    pub(super) fn offer(&mut self, by: i128, case: &Compared<'_>) {
        let key = (Reverse(by.unsigned_abs()), case.line);
        let is_less = || {
            self.kept
                .last_key_value()
                .is_some_and(|(last, _)| *last < key)
        };
        if self.kept.len() >= self.limit && is_less() {
            return;
        }
        self.insert(
            key,
            Kept {
                line: case.line,
                by,
                case: case.case.clone(),
                old: case.old.clone(),
                new: case.new.clone(),
                segments: case
                    .segments
                    .iter()
                    .map(|value| (*value).to_owned())
                    .collect(),
            },
        );
    }

    fn insert(&mut self, key: Key, kept: Kept) {
        self.kept.insert(key, kept);
        while self.kept.len() > self.limit {
            self.kept.pop_last();
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, kept) in other.kept {
            self.insert(key, kept);
        }
    }

    pub(super) fn largest(&self) -> Vec<&Kept> {
        self.kept.values().collect()
    }
}
