//! The same rows and the same SELECTs in bare SQLite.

use std::path::Path;

use anyhow::{Result, ensure};
use redress_ledger::cell::Cell;
use redress_ledger::sql::Statements;
use redress_ledger::table::{Row, Table};
use redress_ledger_sqlite::{SQLITE, SqliteLedger};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::watch::Asked;

/// A connection with prepared statements, and nothing else.
pub(crate) struct Bare {
    connection: Connection,
    statements: Statements,
}

impl Bare {
    /// A file with a ledger's tables and a ledger's settings.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        drop(SqliteLedger::open(path)?);
        let connection = Connection::open(path)?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        ensure!(mode == "wal");
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON")?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(256);
        Ok(Self {
            connection,
            statements: Statements::new(SQLITE),
        })
    }

    /// Saves a group of rows in one transaction.
    pub(crate) fn save(&self, group: &[(&'static Table, Row)]) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for (table, row) in group {
            let mut statement = self.connection.prepare_cached(self.statements.put(table))?;
            statement.execute(params_from_iter(row.iter().map(Param)))?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Reads what was asked, every column of every row, on one snapshot. Tells how many rows.
    pub(crate) fn select(&self, asked: &[Asked]) -> Result<usize> {
        let mut rows_found = 0;
        self.connection.execute_batch("BEGIN")?;
        for one in asked {
            let limit;
            let (text, cells): (_, Vec<&Cell>) = match one {
                Asked::Get(table, key) => (self.statements.get(table).into(), key.iter().collect()),
                Asked::Scan(scan) => {
                    limit = scan.limit.map(|rows| Cell::Int(i64::from(rows)));
                    let cells = scan
                        .equal
                        .iter()
                        .chain(&scan.above)
                        .chain(&scan.to)
                        .chain(&limit);
                    (self.statements.scan(scan), cells.collect())
                }
                Asked::Put(..) => continue,
            };
            let mut statement = self.connection.prepare_cached(&text)?;
            let width = statement.column_count();
            let mut rows = statement.query(params_from_iter(cells.into_iter().map(Param)))?;
            while let Some(row) = rows.next()? {
                for place in 0..width {
                    std::hint::black_box(row.get_ref(place)?);
                }
                rows_found += 1;
            }
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(rows_found)
    }
}

struct Param<'c>(&'c Cell);

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
