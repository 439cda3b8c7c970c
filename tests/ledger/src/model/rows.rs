//! Lists that can go back to what they were before a command, so that a refused command costs
//! what it touched and not a copy of everything.

use std::collections::BTreeMap;
use std::ops::Deref;

use redress_model::{CaseId, Timestamp};
use smol_str::SmolStr;

/// Rows in the order in which they came.
#[derive(Debug)]
pub(super) struct Rows<T> {
    rows: Vec<T>,
    /// How many there were before the command.
    len: usize,
    /// What the command has changed, each as it was.
    before: Vec<(usize, T)>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            len: 0,
            before: Vec::new(),
        }
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<T: Clone> Rows<T> {
    /// A command begins.
    pub(super) fn begin(&mut self) {
        self.len = self.rows.len();
        self.before.clear();
    }

    /// The command has not been.
    pub(super) fn go_back(&mut self) {
        for (place, row) in self.before.drain(..).rev() {
            self.rows[place] = row;
        }
        self.rows.truncate(self.len);
    }

    pub(super) fn push(&mut self, row: T) {
        self.rows.push(row);
    }

    /// The first such row, to be changed.
    pub(super) fn find(&mut self, is_it: impl Fn(&T) -> bool) -> Option<&mut T> {
        let place = self.rows.iter().position(is_it)?;
        self.before.push((place, self.rows[place].clone()));
        Some(&mut self.rows[place])
    }
}

/// What an entry, or a case that is counted, uses of a limit.
#[derive(Debug, Clone)]
pub(super) struct Use {
    /// The entry; a counted case has none.
    pub(super) entry: Option<u64>,
    /// The case that is counted; a counted reason has none.
    pub(super) case: Option<CaseId>,
    pub(super) account: SmolStr,
    pub(super) subject: SmolStr,
    pub(super) window_days: Option<u32>,
    pub(super) at: Timestamp,
    pub(super) minor: i64,
}

/// Of what, and whose.
type Place = (SmolStr, SmolStr);

#[derive(Debug)]
enum Change {
    Pushed(Place),
    Taken(Place, usize, Use),
}

/// Every use that counts, apart for each account and subject; nothing is added up ahead.
#[derive(Debug, Default)]
pub(super) struct Uses {
    of: BTreeMap<Place, Vec<Use>>,
    changes: Vec<Change>,
}

impl Uses {
    /// A command begins.
    pub(super) fn begin(&mut self) {
        self.changes.clear();
    }

    /// The command has not been.
    pub(super) fn go_back(&mut self) {
        for change in self.changes.drain(..).rev() {
            match change {
                Change::Pushed(place) => {
                    self.of.get_mut(&place).unwrap().pop();
                }
                Change::Taken(place, index, own) => {
                    self.of.get_mut(&place).unwrap().insert(index, own);
                }
            }
        }
    }

    pub(super) fn push(&mut self, own: Use) {
        let place = (own.account.clone(), own.subject.clone());
        self.of.entry(place.clone()).or_default().push(own);
        self.changes.push(Change::Pushed(place));
    }

    /// These entries use nothing any more.
    pub(super) fn take(&mut self, entries: &[u64]) {
        for (place, list) in &mut self.of {
            let is_own = |own: &Use| own.entry.is_some_and(|entry| entries.contains(&entry));
            while let Some(index) = list.iter().position(is_own) {
                let own = list.remove(index);
                self.changes.push(Change::Taken(place.clone(), index, own));
            }
        }
    }

    /// The uses of an account by a subject.
    pub(super) fn of(&self, account: &SmolStr, subject: &SmolStr) -> &[Use] {
        let found = self.of.get(&(account.clone(), subject.clone()));
        found.map_or(&[], Vec::as_slice)
    }

    /// The accounts that a subject uses, each with the window of its last use.
    pub(super) fn accounts(&self, subject: &str) -> BTreeMap<SmolStr, Option<u32>> {
        let own = self.of.values().flatten();
        let own = own.filter(|own| own.subject == subject);
        own.map(|own| (own.account.clone(), own.window_days))
            .collect()
    }
}
