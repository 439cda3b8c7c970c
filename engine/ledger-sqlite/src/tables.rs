//! The rows of one transaction.

use std::sync::Arc;

use redress_ledger::cell::Cell;
use redress_ledger::table::{Row, Table};
use redress_ledger::{Fronts, Scan, StoreError, StoreFault, Tables};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql};
use smol_str::SmolStr;

use crate::error::store_error;
use crate::statements::STATEMENTS;

/// The rows of one transaction on a connection.
pub(crate) struct SqliteTables<'c> {
    connection: &'c Connection,
    fronts: Option<&'c Arc<Fronts>>,
}

impl<'c> SqliteTables<'c> {
    pub(crate) const fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            fronts: None,
        }
    }

    /// The same, with what is kept of norms between transactions.
    pub(crate) const fn lending(mut self, fronts: &'c Arc<Fronts>) -> Self {
        self.fronts = Some(fronts);
        self
    }

    /// Refuses to write once another writer has opened the ledger.
    pub(crate) fn fence(&mut self, epoch: i64) -> Result<(), StoreError> {
        let text = "SELECT \"epoch\" FROM \"meta\"";
        let read = self
            .connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)));
        let found = read.map_err(|error| store_error(&error))?;
        if found == epoch {
            return Ok(());
        }
        let what = format!("another writer opened the ledger: its epoch is {found}, ours {epoch}");
        Err(StoreError::new(StoreFault::Fenced, what))
    }

    /// The rows of a query without parameters.
    pub(crate) fn select(&mut self, text: &str) -> Result<Vec<Row>, StoreError> {
        self.query(text, Vec::new())
            .map_err(|error| store_error(&error))
    }

    fn query(&mut self, text: &str, params: Vec<Param<'_>>) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.connection.prepare_cached(text)?;
        let width = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(params))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let mut cells = Vec::with_capacity(width);
            for place in 0..width {
                cells.push(cell(row.get_ref(place)?));
            }
            rows.push(cells);
        }
        Ok(rows)
    }

    fn execute(&mut self, text: &str, cells: &[Cell]) -> Result<(), StoreError> {
        let params = rusqlite::params_from_iter(cells.iter().map(Param));
        let done = self
            .connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.execute(params));
        done.map(|_| ()).map_err(|error| store_error(&error))
    }
}

impl Tables for SqliteTables<'_> {
    fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError> {
        let params = key.iter().map(Param).collect();
        let rows = self.query(STATEMENTS.get(table), params);
        Ok(rows.map_err(|error| store_error(&error))?.pop())
    }

    fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError> {
        let text = STATEMENTS.scan(scan);
        let limit = scan.limit.map(|limit| Cell::Int(i64::from(limit)));
        let params = scan
            .equal
            .iter()
            .chain(&scan.above)
            .chain(&scan.to)
            .chain(&limit);
        let params = params.map(Param).collect();
        self.query(&text, params)
            .map_err(|error| store_error(&error))
    }

    fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError> {
        self.execute(STATEMENTS.put(table), row)
    }

    fn put_all(&mut self, table: &'static Table, rows: &[&[Cell]]) -> Result<(), StoreError> {
        let save = || {
            let text = STATEMENTS.put(table);
            let mut statement = self.connection.prepare_cached(text)?;
            for row in rows {
                statement.execute(rusqlite::params_from_iter(row.iter().map(Param)))?;
            }
            Ok(())
        };
        if rows.is_empty() {
            return Ok(());
        }
        save().map_err(|error| store_error(&error))
    }

    fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError> {
        self.execute(STATEMENTS.remove(table), key)
    }

    fn fronts(&self) -> Option<Arc<Fronts>> {
        self.fronts.map(Arc::clone)
    }
}

/// A cell as a parameter.
pub(crate) struct Param<'a>(pub(crate) &'a Cell);

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Int(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// A stored value as a cell. The tables are strict, so nothing else can be there.
fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => Cell::Text(SmolStr::from(String::from_utf8_lossy(text))),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => Cell::Null,
    }
}
