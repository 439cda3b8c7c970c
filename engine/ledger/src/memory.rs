//! A ledger in memory: for tests, trials and whatever need not outlive its process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::cell::Cell;
use crate::engine::new_ledger;
use crate::fronts::Fronts;
use crate::rows::{Meta, TABLES};
use crate::store::{Scan, Store, StoreError, StoreFault, Tables};
use crate::table::{Record as _, Row, Table};

/// A store that keeps its tables in memory.
#[derive(Debug)]
pub struct Memory {
    tables: Mutex<MemoryTables>,
}

impl Memory {
    /// A ledger that holds nothing.
    #[must_use]
    pub fn new() -> Self {
        let mut tables = MemoryTables::default();
        for table in TABLES {
            let indexes = table.indexes.iter().map(|by| (*by, BTreeSet::new()));
            tables.tables.insert(
                table.name,
                MemoryTable {
                    rows: BTreeMap::new(),
                    indexes: indexes.collect(),
                },
            );
        }
        tables.set(Meta::TABLE, new_ledger().to_row());
        Self {
            tables: Mutex::new(tables),
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, MemoryTables>, StoreError> {
        self.tables.lock().map_err(|_| StoreError::poisoned())
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for Memory {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut tables = self.lock()?;
        tables.undo.clear();
        let worked = work(&mut *tables);
        if worked.is_err() {
            tables.roll_back();
        }
        worked
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        work(&mut *self.lock()?)
    }
}

/// What a row was before it was changed.
type Before = (&'static Table, Vec<Cell>, Option<Row>);

#[derive(Debug, Default)]
struct MemoryTables {
    tables: BTreeMap<&'static str, MemoryTable>,
    undo: Vec<Before>,
    fronts: Arc<Fronts>,
}

#[derive(Debug)]
struct MemoryTable {
    rows: BTreeMap<Vec<Cell>, Row>,
    /// The columns of each index with its entries: the cells of the columns and the key.
    indexes: Vec<(&'static [&'static str], BTreeSet<Vec<Cell>>)>,
}

impl MemoryTables {
    fn table(&mut self, table: &Table) -> Result<&mut MemoryTable, StoreError> {
        let unknown = || StoreError::new(StoreFault::Corrupt, format!("no table {}", table.name));
        self.tables.get_mut(table.name).ok_or_else(unknown)
    }

    /// Sets a row and gives what was there.
    fn set(&mut self, table: &'static Table, row: Row) -> Option<Row> {
        let key = table.key_of(&row).to_vec();
        let own = self.tables.get_mut(table.name)?;
        let before = own.rows.insert(key.clone(), row.clone());
        for (by, entries) in &mut own.indexes {
            if let Some(before) = &before {
                entries.remove(&entry(table, by, before));
            }
            entries.insert(entry(table, by, &row));
        }
        before
    }

    fn unset(&mut self, table: &'static Table, key: &[Cell]) -> Option<Row> {
        let own = self.tables.get_mut(table.name)?;
        let before = own.rows.remove(key)?;
        for (by, entries) in &mut own.indexes {
            entries.remove(&entry(table, by, &before));
        }
        Some(before)
    }

    fn roll_back(&mut self) {
        for (table, key, before) in std::mem::take(&mut self.undo).into_iter().rev() {
            match before {
                Some(row) => {
                    self.set(table, row);
                }
                None => {
                    self.unset(table, &key);
                }
            }
        }
    }
}

/// The entry of a row in an index.
fn entry(table: &Table, by: &[&str], row: &[Cell]) -> Vec<Cell> {
    let cells = by
        .iter()
        .filter_map(|column| row.get(table.place_of(column)?));
    cells.chain(table.key_of(row)).cloned().collect()
}

impl Tables for MemoryTables {
    fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError> {
        Ok(self.table(table)?.rows.get(key).cloned())
    }

    fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError> {
        let own = self.table(scan.table)?;
        let most = scan
            .limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(usize::MAX);
        let mut low = scan.equal.clone();
        low.extend(scan.above.clone());
        let width = scan.equal.len();
        let within = |cells: &[Cell]| {
            let next = cells.get(width);
            let above = scan.above.as_ref().is_none_or(|above| next > Some(above));
            let bounded = scan.above.is_some() || scan.to.is_some();
            above && !(bounded && next == Some(&Cell::Null))
        };
        let ends = |cells: &[Cell]| {
            let past = scan
                .to
                .as_ref()
                .is_some_and(|to| cells.get(width) > Some(to));
            past || !cells.starts_with(&scan.equal)
        };
        let index = own.indexes.iter().find(|(by, _)| *by == scan.by);
        let rows = if let Some((by, entries)) = index {
            let found = entries.range(low..).take_while(|cells| !ends(cells));
            let keys = found
                .filter(|cells| within(cells))
                .map(|cells| cells.get(by.len()..));
            let rows = keys.filter_map(|key| own.rows.get(key?));
            rows.take(most).cloned().collect()
        } else {
            let found = own.rows.range(low..).take_while(|(key, _)| !ends(key));
            let rows = found.filter(|(key, _)| within(key)).map(|(_, row)| row);
            rows.take(most).cloned().collect()
        };
        Ok(rows)
    }

    fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError> {
        self.table(table)?;
        let key = table.key_of(row).to_vec();
        let before = self.set(table, row.to_vec());
        self.undo.push((table, key, before));
        Ok(())
    }

    fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError> {
        self.table(table)?;
        if let Some(before) = self.unset(table, key) {
            self.undo.push((table, key.to_vec(), Some(before)));
        }
        Ok(())
    }

    fn fronts(&self) -> Option<Arc<Fronts>> {
        Some(Arc::clone(&self.fronts))
    }
}
