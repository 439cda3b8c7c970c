//! The tables in SQL, their version, and the way from one version to the next and back.

use redress_ledger::rows::{SCHEMA_VERSION, TABLES};
use redress_ledger::table::Table;
use redress_ledger::{StoreError, StoreFault, engine, sql};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::store_error;
use crate::migrate;
use crate::statements::{SQLITE, insert};
use crate::tables::Param;

/// `Rdrs`: tells a ledger from other SQLite files.
const APPLICATION_ID: i64 = 0x5264_7273;

/// A step between two versions of the tables.
pub(crate) struct Migration {
    /// The version that it leads to.
    pub(crate) to: i64,
    /// What is done on the way up.
    pub(crate) up: &'static [&'static str],
    /// What is done then, where SQL alone cannot.
    pub(crate) then: fn(&Transaction<'_>) -> Result<(), StoreError>,
    /// What is done on the way down.
    pub(crate) down: &'static [&'static str],
}

/// Every step from the first version on, in order.
const MIGRATIONS: &[Migration] = &[
    Migration {
        // Entries and timers of one customer are found without reading them all.
        to: 2,
        up: &[
            "CREATE INDEX IF NOT EXISTS \"entry_by_claimant\" ON \"entry\" (\"claimant\")",
            "CREATE INDEX IF NOT EXISTS \"timer_by_claimant\" ON \"timer\" (\"claimant\")",
        ],
        then: |_| Ok(()),
        down: &[
            "DROP INDEX \"entry_by_claimant\"",
            "DROP INDEX \"timer_by_claimant\"",
        ],
    },
    Migration {
        // Decisions are compared with those of their class and of linked cases.
        to: 3,
        up: &[
            "CREATE TABLE \"norm\" (\"decision\" INTEGER NOT NULL, \"at\" INTEGER NOT NULL, \
             \"class\" BLOB NOT NULL, \"label\" TEXT NOT NULL, \"policy\" TEXT NOT NULL, \
             \"version\" TEXT NOT NULL, \"case_id\" TEXT NOT NULL, \"event\" TEXT NOT NULL, \
             \"claimant\" TEXT NOT NULL, \"proposer\" TEXT NOT NULL, \"point\" TEXT NOT NULL, \
             \"units\" INTEGER NOT NULL, \"tariff_minor\" INTEGER NOT NULL, \
             \"sum_minor\" INTEGER NOT NULL, \"currency\" TEXT NOT NULL, \
             \"state\" TEXT NOT NULL, PRIMARY KEY (\"decision\"), CHECK (state IN ('open', \
             'norm', 'error', 'departure', 'overturned', 'experiment', 'past')), \
             CHECK (units > 0), CHECK (tariff_minor >= 0), CHECK (sum_minor >= 0)) STRICT",
            "CREATE INDEX \"norm_by_class_state_at\" ON \"norm\" (\"class\", \"state\", \"at\")",
            "CREATE INDEX \"norm_by_event\" ON \"norm\" (\"event\")",
            "CREATE INDEX \"norm_by_case_id\" ON \"norm\" (\"case_id\")",
            "CREATE TABLE \"link\" (\"link\" TEXT NOT NULL, \"decision\" INTEGER NOT NULL, \
             PRIMARY KEY (\"link\", \"decision\")) STRICT, WITHOUT ROWID",
            "CREATE INDEX \"timer_by_event\" ON \"timer\" (\"event\")",
        ],
        then: |_| Ok(()),
        down: &[
            "DROP INDEX \"timer_by_event\"",
            "DROP TABLE \"link\"",
            "DROP TABLE \"norm\"",
        ],
    },
    migrate::TO_LOG,
];

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

/// Refuses what is not a ledger, and one that a newer program made.
pub(crate) fn check_version(connection: &Connection) -> Result<(), StoreError> {
    if pragma(connection, "application_id")? != APPLICATION_ID {
        let what = "the file is not a ledger";
        return Err(StoreError::new(StoreFault::Corrupt, what));
    }
    let found = schema_version(connection)?;
    if found > SCHEMA_VERSION {
        let what =
            format!("its tables are of version {found}, this program knows {SCHEMA_VERSION}");
        return Err(StoreError::new(StoreFault::Newer, what));
    }
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let read = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
    read.map_err(|error| store_error(&error))
}

fn walk(transaction: &Transaction<'_>, to: i64) -> Result<(), StoreError> {
    let from = schema_version(transaction)?;
    let lowest = MIGRATIONS
        .first()
        .map_or(SCHEMA_VERSION, |first| first.to.saturating_sub(1));
    if !(lowest..=SCHEMA_VERSION).contains(&to) || from < lowest {
        let what = format!("there is no way from version {from} to {to}");
        return Err(StoreError::new(StoreFault::Newer, what));
    }
    let up = MIGRATIONS
        .iter()
        .filter(|step| from < step.to && step.to <= to);
    for step in up {
        step.up.iter().try_for_each(|text| run(transaction, text))?;
        (step.then)(transaction)?;
    }
    let down = MIGRATIONS
        .iter()
        .rev()
        .filter(|step| to < step.to && step.to <= from);
    for text in down.flat_map(|step| step.down) {
        run(transaction, text)?;
    }
    set_version(transaction, to)
}

fn set_version(transaction: &Transaction<'_>, version: i64) -> Result<(), StoreError> {
    run(transaction, &format!("PRAGMA user_version = {version}"))?;
    run(
        transaction,
        &format!("UPDATE \"meta\" SET \"schema_version\" = {version}"),
    )
}

fn make(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        &format!("PRAGMA application_id = {APPLICATION_ID}"),
    )?;
    for table in TABLES {
        for text in create(table) {
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

pub(crate) fn run(transaction: &Transaction<'_>, text: &str) -> Result<(), StoreError> {
    transaction
        .execute_batch(text)
        .map_err(|error| store_error(&error))
}

/// The statements that make a table and its indexes.
pub(crate) fn create(table: &Table) -> Vec<String> {
    sql::create(SQLITE, table)
}

/// Raises the epoch of the ledger and gives the new one, durably.
pub(crate) fn next_epoch(connection: &mut Connection) -> Result<i64, StoreError> {
    let text = "UPDATE \"meta\" SET \"epoch\" = \"epoch\" + 1 RETURNING \"epoch\"";
    let raised = connection.query_row(text, [], |row| row.get(0));
    raised.map_err(|error| store_error(&error))
}
