//! What a commit group has changed and not saved yet.
//!
//! The commands of a group change the same few rows again and again: the row about the ledger,
//! the head of the log, the accounts of everybody and of a team. Kept here, each of them is
//! read once and saved once for a group, and a store may save many rows at a time. A scan knows
//! nothing of what waits here, so the table that is scanned is saved first.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cell::Cell;
use crate::fronts::Fronts;
use crate::store::{Scan, StoreError, Tables};
use crate::table::{Row, Table};

/// A row as the group has left it; nothing where it is gone, or was never there.
#[derive(Debug)]
struct Known {
    row: Option<Row>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The store has it so.
    Saved,
    /// The store has another.
    Waiting,
}

/// The rows of one table that the group has met.
#[derive(Debug)]
struct Met {
    table: &'static Table,
    rows: BTreeMap<Vec<Cell>, Known>,
    /// Whether any of them waits.
    waits: State,
}

/// The tables of a transaction with what its commands have changed before them.
pub(crate) struct Pending<'t> {
    tables: &'t mut dyn Tables,
    met: BTreeMap<&'static str, Met>,
}

impl<'t> Pending<'t> {
    pub(crate) fn new(tables: &'t mut dyn Tables) -> Self {
        Self {
            tables,
            met: BTreeMap::new(),
        }
    }

    /// Saves whatever waits.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails, or a check of a table does not hold.
    pub(crate) fn save(self) -> Result<(), StoreError> {
        let Self { tables, met } = self;
        met.into_values()
            .try_for_each(|mut met| save(tables, &mut met))
    }

    fn met(&mut self, table: &'static Table) -> &mut Met {
        self.met.entry(table.name).or_insert_with(|| Met {
            table,
            rows: BTreeMap::new(),
            waits: State::Saved,
        })
    }

    fn change(&mut self, table: &'static Table, key: &[Cell], row: Option<Row>) {
        let met = self.met(table);
        met.waits = State::Waiting;
        let state = State::Waiting;
        met.rows.insert(key.to_vec(), Known { row, state });
    }
}

/// Saves what waits of a table: what is gone first, then the rest in order of the keys.
fn save(tables: &mut dyn Tables, met: &mut Met) -> Result<(), StoreError> {
    if met.waits == State::Saved {
        return Ok(());
    }
    let mut rows: Vec<&[Cell]> = Vec::new();
    for (key, known) in &mut met.rows {
        if known.state == State::Saved {
            continue;
        }
        known.state = State::Saved;
        match &known.row {
            Some(row) => rows.push(row),
            None => tables.remove(met.table, key)?,
        }
    }
    met.waits = State::Saved;
    tables.put_all(met.table, &rows)
}

impl Tables for Pending<'_> {
    fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError> {
        if let Some(known) = self.met(table).rows.get(key) {
            return Ok(known.row.clone());
        }
        let row = self.tables.get(table, key)?;
        let known = Known {
            row: row.clone(),
            state: State::Saved,
        };
        self.met(table).rows.insert(key.to_vec(), known);
        Ok(row)
    }

    fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError> {
        if let Some(met) = self.met.get_mut(scan.table.name) {
            save(self.tables, met)?;
        }
        self.tables.scan(scan)
    }

    fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError> {
        self.change(table, table.key_of(row), Some(row.to_vec()));
        Ok(())
    }

    fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError> {
        self.change(table, key, None);
        Ok(())
    }

    fn fronts(&self) -> Option<Arc<Fronts>> {
        self.tables.fronts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Field as _;
    use crate::engine;
    use crate::rows::{LinkRow, Meta};
    use crate::store::Store as _;
    use crate::table::Record as _;
    use crate::{Memory, StoreFault};

    fn link(decision: i64, name: &str) -> Row {
        vec![Cell::Text(name.into()), Cell::Int(decision)]
    }

    fn links(tables: &mut dyn Tables) -> usize {
        let scan = Scan::new(LinkRow::TABLE, LinkRow::TABLE.key, Vec::new());
        tables.scan(&scan).unwrap().len()
    }

    /// A transaction that counts what reaches the store.
    struct Counted<'t>(&'t mut dyn Tables, [usize; 4]);

    impl Tables for Counted<'_> {
        fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError> {
            self.1[0] += 1;
            self.0.get(table, key)
        }

        fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError> {
            self.1[1] += 1;
            self.0.scan(scan)
        }

        fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError> {
            self.1[2] += 1;
            self.0.put(table, row)
        }

        fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError> {
            self.1[3] += 1;
            self.0.remove(table, key)
        }
    }

    #[test]
    fn a_row_is_read_once_and_saved_once_for_a_group() {
        let memory = Memory::new();
        let written = memory.write(&mut |tables| {
            let mut counted = Counted(tables, [0; 4]);
            let mut pending = Pending::new(&mut counted);
            for number in 1..=5 {
                let mut meta = engine::meta(&mut pending)?;
                meta.entries = number;
                pending.put(Meta::TABLE, &meta.to_row())?;
            }
            assert_eq!(engine::meta(&mut pending)?.entries, 5);
            pending.save()?;
            assert_eq!(counted.1, [1, 0, 1, 0]);
            Ok(())
        });
        written.unwrap();
        let read = memory.read(&mut |tables| {
            assert_eq!(engine::meta(tables)?.entries, 5);
            Ok(())
        });
        read.unwrap();
    }

    #[test]
    fn a_scan_sees_what_waits_and_what_is_gone() {
        let memory = Memory::new();
        let written = memory.write(&mut |tables| {
            let mut pending = Pending::new(tables);
            pending.put(LinkRow::TABLE, &link(1, "a"))?;
            pending.put(LinkRow::TABLE, &link(2, "b"))?;
            assert_eq!(links(&mut pending), 2);
            let key = LinkRow::TABLE.key_of(&link(1, "a")).to_vec();
            pending.remove(LinkRow::TABLE, &key)?;
            assert_eq!(pending.get(LinkRow::TABLE, &key)?, None);
            assert_eq!(links(&mut pending), 1);
            pending.put(LinkRow::TABLE, &link(1, "a"))?;
            pending.save()
        });
        written.unwrap();
        let read = memory.read(&mut |tables| {
            assert_eq!(links(tables), 2);
            Ok(())
        });
        read.unwrap();
    }

    #[test]
    fn what_was_not_saved_is_not_there() {
        let memory = Memory::new();
        let written = memory.write(&mut |tables| {
            let mut pending = Pending::new(tables);
            let key = [0_u64.to_cell()];
            pending.remove(Meta::TABLE, &key)?;
            assert!(engine::meta(&mut pending).is_err());
            Err(StoreError::new(StoreFault::Io, "on purpose"))
        });
        assert!(written.is_err());
        memory
            .read(&mut |tables| engine::meta(tables).map(|_| ()))
            .unwrap();
    }
}
