//! The tables in SQL, their version, and the way from one version to the next and back.

use redress_ledger::migrate::{self, Tableau};
use redress_ledger::rows::{SCHEMA_VERSION, TABLES};
use redress_ledger::sql::{self, Dialect};
use redress_ledger::table::Row;
use redress_ledger::{StoreError, StoreFault, Tables, engine};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::store_error;
use crate::statements::{SQLITE, insert};
use crate::tables::{Param, SqliteTables};

/// `Rdrs`: tells a ledger from other SQLite files.
const APPLICATION_ID: i64 = 0x5264_7273;

/// Makes the tables in an empty file, or brings those of an older version up to date.
pub(crate) fn make_or_migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let fail = |error: rusqlite::Error| store_error(&error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fail)?;
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(fail)?;
    if tables == 0 {
        make(&transaction)?;
    } else {
        check_version(&transaction)?;
        walk(&transaction, SCHEMA_VERSION)?;
    }
    transaction.commit().map_err(fail)
}

/// The version of the tables in a file.
///
/// # Errors
/// [`StoreError`] when the file cannot be read.
pub fn schema_version(connection: &Connection) -> Result<i64, StoreError> {
    pragma(connection, "user_version")
}

/// Brings the tables of a file to another version, up or down.
///
/// # Errors
/// [`StoreError`] when it is not a ledger, or is of a version that this program does not know.
pub fn migrate_to(connection: &mut Connection, version: i64) -> Result<(), StoreError> {
    let fail = |error: rusqlite::Error| store_error(&error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fail)?;
    check_version(&transaction)?;
    walk(&transaction, version)?;
    transaction.commit().map_err(fail)
}

/// Refuses what is not a ledger, and one whose tables are of another version.
pub(crate) fn check_same(connection: &Connection) -> Result<(), StoreError> {
    check_version(connection)?;
    migrate::check_same(schema_version(connection)?)
}

/// Refuses what is not a ledger, and one that a newer program made.
fn check_version(connection: &Connection) -> Result<(), StoreError> {
    if pragma(connection, "application_id")? != APPLICATION_ID {
        let what = "the file is not a ledger";
        return Err(StoreError::new(StoreFault::Corrupt, what));
    }
    migrate::check(schema_version(connection)?)
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let read = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
    read.map_err(|error| store_error(&error))
}

/// Brings the tables from the version that they are of to another one.
fn walk(transaction: &Transaction<'_>, to: i64) -> Result<(), StoreError> {
    let mut tableau = InTransaction { transaction };
    let from = schema_version(transaction)?;
    migrate::walk(&mut tableau, from, to)?;
    // Even the same version would be written, and synced with every opening.
    if from == to {
        return Ok(());
    }
    set_version(transaction, to)
}

/// The tables of a ledger within a transaction.
struct InTransaction<'t> {
    transaction: &'t Transaction<'t>,
}

impl Tableau for InTransaction<'_> {
    fn dialect(&self) -> Dialect {
        SQLITE
    }

    fn run(&mut self, text: &str) -> Result<(), StoreError> {
        run(self.transaction, text)
    }

    fn select(&mut self, text: &str) -> Result<Vec<Row>, StoreError> {
        SqliteTables::new(self.transaction).select(text)
    }

    fn within(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        work(&mut SqliteTables::new(self.transaction))
    }
}

/// Notes the version where a reader finds it before it knows a table.
fn set_version(transaction: &Transaction<'_>, version: i64) -> Result<(), StoreError> {
    run(transaction, &format!("PRAGMA user_version = {version}"))
}

fn make(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        &format!("PRAGMA application_id = {APPLICATION_ID}"),
    )?;
    for table in TABLES {
        for text in sql::create(SQLITE, table) {
            run(transaction, &text)?;
        }
    }
    let row = redress_ledger::table::Record::to_row(&engine::new_ledger());
    let params = rusqlite::params_from_iter(row.iter().map(Param));
    let meta = TABLES
        .first()
        .map(|table| insert(table))
        .unwrap_or_default();
    let made = transaction.execute(&meta, params);
    made.map_err(|error| store_error(&error))?;
    set_version(transaction, SCHEMA_VERSION)
}

fn run(transaction: &Transaction<'_>, text: &str) -> Result<(), StoreError> {
    transaction
        .execute_batch(text)
        .map_err(|error| store_error(&error))
}

/// Raises the epoch of the ledger and gives the new one, durably.
pub(crate) fn next_epoch(connection: &mut Connection) -> Result<i64, StoreError> {
    let text = "UPDATE \"meta\" SET \"epoch\" = \"epoch\" + 1 RETURNING \"epoch\"";
    let raised = connection.query_row(text, [], |row| row.get(0));
    raised.map_err(|error| store_error(&error))
}
