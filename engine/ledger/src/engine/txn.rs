//! One command's changes, kept apart until it is known that all of them hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use redress_log::canonical::CanonicalError;
use redress_log::{Draft, Head, Sealing, Seed};
use redress_model::{Code, Timestamp};
use serde_json::Value;
use smol_str::SmolStr;

use super::scribe::{Scribe, unwritable};
use super::{Stop, norms};
use crate::cell::{Cell, Field as _};
use crate::fronts::{Age, Change, Fronts, Look, Norms, Place};
use crate::rows::{AccountRow, DecisionRow, HeadRow, Meta, NormRow, NormState};
use crate::store::{self, Scan, StoreError, Tables};
use crate::table::{Record, Row, Table};

/// The log as a command leaves it; nothing while nothing is recorded.
pub(super) type Log = Option<(HeadRow, Head)>;

type Key = (&'static str, Vec<Cell>);

/// The changes of one command over the tables as they were before it.
///
/// [`Txn::get`] sees the changes; [`Txn::rows`] does not, and whoever scans what the same
/// command may have written looks at [`Txn::written`] too.
pub(super) struct Txn<'t> {
    tables: &'t mut dyn Tables,
    meta: Meta,
    scribe: Scribe,
    /// Where the history stood before the command.
    start: Place,
    writes: BTreeMap<Key, (&'static Table, Option<Row>)>,
    accounts: BTreeMap<(SmolStr, SmolStr), AccountRow>,
}

/// The changes at one moment, to go back to.
pub(super) struct Mark {
    meta: Meta,
    scribe: Scribe,
    writes: BTreeMap<Key, (&'static Table, Option<Row>)>,
    accounts: BTreeMap<(SmolStr, SmolStr), AccountRow>,
}

impl<'t> Txn<'t> {
    pub(super) fn new(tables: &'t mut dyn Tables, meta: Meta, scribe: Scribe) -> Self {
        let start = place(&meta, scribe.log());
        Self {
            tables,
            meta,
            scribe,
            start,
            writes: BTreeMap::new(),
            accounts: BTreeMap::new(),
        }
    }

    /// The ledger's time.
    pub(super) const fn now(&self) -> Timestamp {
        self.meta.now
    }

    /// The number of the last record.
    pub(super) const fn seq(&self) -> u64 {
        self.meta.seq
    }

    /// The number of the next record, which also numbers its decision.
    pub(super) const fn next_seq(&self) -> u64 {
        self.meta.seq.saturating_add(1)
    }

    /// A number for an entry.
    pub(super) fn new_entry(&mut self) -> u64 {
        self.meta.entries = self.meta.entries.saturating_add(1);
        self.meta.entries
    }

    /// A number for an escalation.
    pub(super) fn new_escalation(&mut self) -> u64 {
        self.meta.escalations = self.meta.escalations.saturating_add(1);
        self.meta.escalations
    }

    /// A number for a timer.
    pub(super) fn new_timer(&mut self) -> u64 {
        self.meta.timers = self.meta.timers.saturating_add(1);
        self.meta.timers
    }

    /// Keys of requests are kept as long as the longest window.
    pub(super) fn widen(&mut self, window_days: u32) {
        self.meta.longest_window_days = self.meta.longest_window_days.max(window_days);
    }

    pub(super) const fn longest_window_days(&self) -> u32 {
        self.meta.longest_window_days
    }

    pub(super) fn get<R: Record>(&mut self, key: &[Cell]) -> Result<Option<R>, StoreError> {
        match self.writes.get(&(R::TABLE.name, key.to_vec())) {
            Some((_, row)) => Ok(row.clone().and_then(R::from_row)),
            None => store::get(self.tables, key),
        }
    }

    pub(super) fn rows<R: Record>(&mut self, scan: &Scan) -> Result<Vec<R>, StoreError> {
        store::rows(self.tables, scan)
    }

    /// The rows of a table that this command has put.
    pub(super) fn written<R: Record>(&self) -> impl Iterator<Item = R> {
        let own = self
            .writes
            .values()
            .filter(|(table, _)| table.name == R::TABLE.name);
        own.filter_map(|(_, row)| row.clone().and_then(R::from_row))
    }

    pub(super) fn put<R: Record>(&mut self, record: &R) {
        let row = record.to_row();
        let key = R::TABLE.key_of(&row).to_vec();
        self.writes
            .insert((R::TABLE.name, key), (R::TABLE, Some(row)));
    }

    pub(super) fn remove<R: Record>(&mut self, key: Vec<Cell>) {
        self.writes.insert((R::TABLE.name, key), (R::TABLE, None));
    }

    /// The account as this command has left it, if it has looked at it.
    pub(super) fn account(&self, account: &SmolStr, subject: &SmolStr) -> Option<&AccountRow> {
        self.accounts.get(&(account.clone(), subject.clone()))
    }

    /// Keeps an account that was looked at and not changed.
    pub(super) fn keep_account(&mut self, row: AccountRow) {
        let key = (row.account.clone(), row.subject.clone());
        self.accounts.insert(key, row);
    }

    /// Appends the record of an act and gives its number. Its body is `details` with the
    /// number of the decision that it is about, whose customer it is about too.
    pub(super) fn append(
        &mut self,
        kind: Code,
        decision: Option<u64>,
        mut details: Value,
    ) -> Result<u64, Stop> {
        let row: Option<DecisionRow> = match decision {
            Some(id) => self.get(&[id.to_cell()])?,
            None => None,
        };
        if let (Some(id), Value::Object(members)) = (decision, &mut details) {
            members.insert("decision".to_owned(), id.into());
        }
        let seed = self.scribe.next_seed();
        let (sealing, claimant) = (Sealing::of_acts(), row.map(|row| row.claimant));
        let draft = Draft::act(kind, &details, &sealing, claimant.as_ref(), seed);
        self.append_draft(draft, decision)
    }

    /// The random bytes of the next record.
    pub(super) fn next_seed(&mut self) -> Seed {
        self.scribe.next_seed()
    }

    /// Appends a record and gives its number.
    pub(super) fn append_draft(
        &mut self,
        draft: Result<Draft, CanonicalError>,
        decision: Option<u64>,
    ) -> Result<u64, Stop> {
        let draft = draft.map_err(|error| unwritable(&error.into()))?;
        let written = self.scribe.append(draft, decision, self.meta.now)?;
        let seq = self.next_seq();
        self.meta.seq = seq;
        written.records.iter().for_each(|row| self.put(row));
        written.nodes.iter().for_each(|row| self.put(row));
        written.openings.iter().for_each(|row| self.put(row));
        Ok(seq)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            meta: self.meta.clone(),
            scribe: self.scribe.clone(),
            writes: self.writes.clone(),
            accounts: self.accounts.clone(),
        }
    }

    pub(super) fn rewind(&mut self, mark: Mark) {
        self.meta = mark.meta;
        self.scribe = mark.scribe;
        self.writes = mark.writes;
        self.accounts = mark.accounts;
    }

    /// The norms of a class after `end`, without those that this command has changed.
    pub(super) fn norms(&mut self, look: &Look, end: Timestamp) -> Result<Arc<Norms>, Stop> {
        let fronts = self.tables.fronts();
        let known = |fronts: &Arc<Fronts>| fronts.find(&self.start, look, end);
        if let Some(norms) = fronts.as_ref().and_then(known) {
            return Ok(norms);
        }
        let rows = norms::in_state(self, look.class, NormState::Norm, end, None)?;
        let norms = Arc::new(Norms::new(look, end, &rows));
        if let Some(fronts) = fronts {
            fronts.keep(&self.start, *look, Arc::clone(&norms));
        }
        Ok(norms)
    }

    /// What this command does to the norms that there were.
    fn changes(&mut self) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::new();
        let start = self.start.seq;
        for ((name, key), (_, row)) in &self.writes {
            if *name != NormRow::TABLE.name {
                continue;
            }
            let is_norm = |row: &NormRow| row.state == NormState::Norm;
            let before = store::get::<NormRow>(self.tables, key)?.filter(is_norm);
            let after = row.clone().and_then(NormRow::from_row).filter(is_norm);
            if before == after {
                continue;
            }
            changes.extend(before.map(|row| Change::Gone(Box::new(row))));
            changes.extend(after.map(|row| {
                let age = if row.decision > start && row.at == self.meta.now {
                    Age::Last
                } else {
                    Age::Late
                };
                Change::Formed(Box::new(row), age)
            }));
        }
        Ok(changes)
    }

    /// Saves every change, in order of tables and keys, so that two writers that lock rows
    /// lock them in the same order.
    pub(super) fn flush(mut self) -> Result<(Meta, Log), StoreError> {
        let fronts = self.tables.fronts();
        let changes = match &fronts {
            Some(_) => self.changes()?,
            None => Vec::new(),
        };
        for ((_, key), (table, row)) in self.writes {
            match row {
                Some(row) => self.tables.put(table, &row)?,
                None => self.tables.remove(table, &key)?,
            }
        }
        let log = self.scribe.into_log();
        if let Some(fronts) = fronts {
            let to = place(&self.meta, log.as_ref());
            fronts.advance(&self.start, to, self.meta.now, &changes);
        }
        Ok((self.meta, log))
    }
}

/// A place in the history.
pub(super) fn place(meta: &Meta, log: Option<&(HeadRow, Head)>) -> Place {
    Place {
        seq: meta.seq,
        head: log.map_or_else(Vec::new, |(row, _)| row.head.clone()),
    }
}
