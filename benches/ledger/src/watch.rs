//! A store that is watched: what it reads, writes and commits.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use redress_ledger::cell::Cell;
use redress_ledger::group::Group;
use redress_ledger::table::{Row, Table};
use redress_ledger::{Reply, Request, Scan, Store, StoreError, Tables, Timestamp};

/// Something that was asked of the tables.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    /// One row.
    Get(&'static Table, Vec<Cell>),
    /// Several rows.
    Scan(Scan),
    /// A row was saved.
    Put(&'static Table, Row),
}

/// Whether what is asked is noted, which takes time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notes {
    /// It is noted.
    Taken,
    /// Only commits are counted.
    Commits,
}

/// A store of which everything that is asked is known.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    pub(crate) store: S,
    group: Group,
    notes: Notes,
    asked: Mutex<Vec<Asked>>,
    commits: AtomicU64,
}

/// What a store runs in a transaction.
type Work<'w> = dyn FnMut(&mut dyn Tables) -> Result<(), StoreError> + 'w;

impl<S: Store> Watched<S> {
    pub(crate) fn new(store: S, notes: Notes) -> Self {
        Self {
            store,
            group: Group::new(),
            notes,
            asked: Mutex::default(),
            commits: AtomicU64::new(0),
        }
    }

    /// What was asked since this was called last.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let asked = self.asked.lock();
        asked
            .map(|mut asked| std::mem::take(&mut *asked))
            .unwrap_or_default()
    }

    /// How many commits there were.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Runs work in a transaction and keeps what it asked of the tables, if that is noted.
    fn noting(
        &self,
        work: &mut Work<'_>,
        transaction: impl Fn(&mut Work<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.notes == Notes::Commits {
            return transaction(work);
        }
        let mut asked = Vec::new();
        transaction(&mut |tables| {
            asked.clear();
            work(&mut Noted {
                tables,
                asked: &mut asked,
            })
        })?;
        if let Ok(mut all) = self.asked.lock() {
            all.extend(asked);
        }
        Ok(())
    }
}

impl<S: Store> Store for Watched<S> {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.noting(work, |work| self.store.write(work))
    }

    fn submit(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        self.group.submit(self, batch, at)
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.noting(work, |work| self.store.read(work))
    }
}

struct Noted<'t> {
    tables: &'t mut dyn Tables,
    asked: &'t mut Vec<Asked>,
}

impl Tables for Noted<'_> {
    fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError> {
        self.asked.push(Asked::Get(table, key.to_vec()));
        self.tables.get(table, key)
    }

    fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError> {
        self.asked.push(Asked::Scan(scan.clone()));
        self.tables.scan(scan)
    }

    fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError> {
        self.asked.push(Asked::Put(table, row.to_vec()));
        self.tables.put(table, row)
    }

    /// Decisions take no row away, so this is never noted.
    fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError> {
        self.tables.remove(table, key)
    }
}
