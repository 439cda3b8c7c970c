//! What a ledger keeps of its norms between transactions: the skyline of each class, so that
//! no decision makes it anew from the rows.
//!
//! Fronts are worth what the rows are worth, and no more: they stand for one head of the log,
//! whose last hash commits to everything that was ever recorded. Whoever comes with another
//! head (after a transaction that was rolled back, or when another process has written) finds
//! nothing and makes the class anew from its rows. So nothing here is ever to be undone, and a
//! ledger answers the same with fronts and without.
//!
//! Memory: for each class that was asked for what [`Skyline`] says, for at most
//! [`CLASSES_MAX`] classes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use redress_kernel::limits::BUCKET_SECONDS;
use redress_kernel::skyline::{Kept, Skyline};
use redress_model::{Currency, Digest, Timestamp};

use crate::rows::NormRow;

/// How many classes are kept; beyond it the one that nobody has asked for longest goes.
pub const CLASSES_MAX: usize = 4_096;

/// A place in the history: the number of the last record, and the head of the log there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) seq: u64,
    pub(crate) head: Vec<u8>,
}

/// A class as one release looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) class: Digest,
    pub(crate) facts: usize,
    pub(crate) points_max: usize,
    pub(crate) window_days: u32,
    pub(crate) currency: Currency,
}

impl Look {
    /// What was decided then or before is no norm any more at `now`.
    pub(crate) fn end(&self, now: Timestamp) -> Timestamp {
        let seconds = i64::from(self.window_days).saturating_mul(BUCKET_SECONDS);
        let end = now.plus_seconds(seconds.saturating_neg());
        end.unwrap_or(Timestamp::EPOCH)
    }
}

/// The norms of a class.
#[derive(Debug, Clone)]
pub(crate) struct Norms {
    currency: Currency,
    /// Those that can be compared.
    pub(crate) skyline: Skyline,
    /// Those in another currency.
    foreign: BTreeSet<(Timestamp, u64)>,
}

impl Norms {
    /// Those that were decided after `end`, in order of (decided at, number).
    pub(crate) fn new(look: &Look, end: Timestamp, rows: &[NormRow]) -> Self {
        let mut norms = Self {
            currency: look.currency,
            skyline: Skyline::new(look.facts, look.points_max),
            foreign: BTreeSet::new(),
        };
        norms.skyline.expire(end);
        for row in rows {
            if row.currency == look.currency {
                norms.skyline.insert(&row.norm());
            } else {
                norms.foreign.insert((row.at, row.decision));
            }
        }
        norms
    }

    /// How many norms after `end` are in another currency.
    pub(crate) fn not_compared(&self, end: Timestamp) -> u64 {
        let later = self.foreign.iter().rev().take_while(|(at, _)| *at > end);
        u64::try_from(later.count()).unwrap_or(u64::MAX)
    }

    fn form(&mut self, row: &NormRow, age: Age) -> Kept {
        if row.currency != self.currency {
            self.foreign.insert((row.at, row.decision));
            return Kept::Whole;
        }
        match age {
            Age::Last => {
                self.skyline.insert(&row.norm());
                Kept::Whole
            }
            Age::Late => self.skyline.insert_late(&row.norm()),
        }
    }

    fn forget(&mut self, row: &NormRow) -> Kept {
        if row.currency == self.currency {
            return self.skyline.remove(row.decision);
        }
        self.foreign.remove(&(row.at, row.decision));
        Kept::Whole
    }

    fn expire(&mut self, end: Timestamp) {
        self.skyline.expire(end);
        while self.foreign.first().is_some_and(|(at, _)| *at <= end) {
            self.foreign.pop_first();
        }
    }
}

/// Whether a norm was decided after all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// It was.
    Last,
    /// It was decided some time ago, and approved now.
    Late,
}

/// What a command did to the norms.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// A decision forms a norm.
    Formed(Box<NormRow>, Age),
    /// It forms none any more.
    Gone(Box<NormRow>),
}

#[derive(Debug)]
struct Entry {
    look: Look,
    norms: Arc<Norms>,
    /// When it was last asked for, counted in questions.
    used: u64,
}

#[derive(Debug, Default)]
struct State {
    place: Place,
    questions: u64,
    /// A class with each look at it.
    classes: BTreeMap<Digest, Vec<Entry>>,
}

impl State {
    fn begin(&mut self, place: &Place) {
        if self.place != *place {
            self.classes.clear();
            self.place = place.clone();
        }
    }
}

/// The fronts of a ledger; a store holds them and lends them to its transactions.
#[derive(Debug, Default)]
pub struct Fronts {
    state: Mutex<State>,
}

impl Fronts {
    /// Fronts of no class.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fronts after a thread died while it held them are not to be trusted: as if there were none.
    fn lock(&self) -> Option<MutexGuard<'_, State>> {
        self.state.lock().ok()
    }

    /// A writer begins here.
    pub(crate) fn begin(&self, place: &Place) {
        if let Some(mut state) = self.lock() {
            state.begin(place);
        }
    }

    /// The norms of a class after `end`, if they are known at this place.
    pub(crate) fn find(&self, place: &Place, look: &Look, end: Timestamp) -> Option<Arc<Norms>> {
        let mut state = self.lock().filter(|state| state.place == *place)?;
        state.questions = state.questions.saturating_add(1);
        let used = state.questions;
        let entries = state.classes.get_mut(&look.class)?;
        let entry = entries.iter_mut().find(|entry| entry.look == *look)?;
        entry.used = used;
        let known = entry.norms.skyline.ended() <= Some(end);
        known.then(|| Arc::clone(&entry.norms))
    }

    /// Keeps the norms of a class as they are at a place.
    pub(crate) fn keep(&self, place: &Place, look: Look, norms: Arc<Norms>) {
        let Some(mut state) = self.lock() else { return };
        // A reader of an older snapshot takes nothing away from those that are ahead.
        if state.place.seq < place.seq {
            state.begin(place);
        }
        if state.place != *place {
            return;
        }
        if state.classes.len() >= CLASSES_MAX {
            let last = |entries: &[Entry]| entries.iter().map(|entry| entry.used).max();
            let longest = state.classes.iter().min_by_key(|(_, own)| last(own));
            if let Some(class) = longest.map(|(class, _)| *class) {
                state.classes.remove(&class);
            }
        }
        let used = state.questions;
        let entries = state.classes.entry(look.class).or_default();
        entries.retain(|entry| entry.look != look);
        entries.push(Entry { look, norms, used });
    }

    /// Takes over what a command has changed.
    pub(crate) fn advance(&self, from: &Place, to: Place, now: Timestamp, changes: &[Change]) {
        let Some(mut state) = self.lock() else { return };
        state.begin(from);
        state.place = to;
        for change in changes {
            let (Change::Formed(row, _) | Change::Gone(row)) = change;
            let Some(entries) = state.classes.get_mut(&row.class) else {
                continue;
            };
            entries.retain_mut(|entry| {
                let norms = Arc::make_mut(&mut entry.norms);
                let kept = match change {
                    Change::Formed(row, age) => norms.form(row, *age),
                    Change::Gone(row) => norms.forget(row),
                };
                norms.expire(entry.look.end(now));
                kept == Kept::Whole
            });
        }
    }
}
