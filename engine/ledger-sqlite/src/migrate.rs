//! From version 3 of the tables to version 4: records come into the log of today.

use redress_ledger::cell::Field;
use redress_ledger::engine::{OldRecord, adopt};
use redress_ledger::rows::{CheckpointRow, HeadRow, NodeRow, OpeningRow, RecordRow};
use redress_ledger::sql::Statements;
use redress_ledger::table::{Record as _, Table};
use redress_ledger::{StoreError, StoreFault};
use rusqlite::{OptionalExtension as _, Transaction};

use crate::error::store_error;
use crate::schema::{Migration, create, run};
use crate::statements::SQLITE;
use crate::tables::{SqliteTables, cell};

/// The log's tables are those of [`redress_ledger::rows`]. On the way down they stay where
/// they are, and an older program, which does not know them, gets its own filled from them.
pub(crate) const TO_LOG: Migration = Migration {
    to: 4,
    up: &[],
    then: take_in,
    down: &[
        "CREATE TABLE \"record\" (\"seq\" INTEGER NOT NULL, \"at\" INTEGER NOT NULL, \
         \"kind\" TEXT NOT NULL, \"decision\" INTEGER, \"body\" BLOB NOT NULL, \
         \"leaf\" BLOB NOT NULL, PRIMARY KEY (\"seq\"), CHECK (seq > 0)) STRICT",
        "CREATE INDEX \"record_by_decision\" ON \"record\" (\"decision\")",
        "CREATE TABLE \"personal\" (\"decision\" INTEGER NOT NULL, \"salt\" BLOB, \
         \"body\" BLOB, PRIMARY KEY (\"decision\")) STRICT",
        "INSERT INTO \"record\" SELECT \"seq\", \"at\", \"kind\", \"decision\", \"line\", \"leaf\" \
         FROM \"log_record\" WHERE \"seq\" > 0",
    ],
};

const TABLES_OF_LOG: [&Table; 5] = [
    HeadRow::TABLE,
    RecordRow::TABLE,
    NodeRow::TABLE,
    OpeningRow::TABLE,
    CheckpointRow::TABLE,
];

/// Records that the log does not have yet, with the case and the customer of each.
const OLD: &str = "SELECT r.seq, r.at, r.kind, r.decision, d.claimant, r.body, p.body, p.salt \
    FROM record r LEFT JOIN decision d ON d.id = r.decision \
    LEFT JOIN personal p ON p.decision = r.seq \
    WHERE NOT EXISTS (SELECT 1 FROM log_record l WHERE l.seq = r.seq) ORDER BY r.seq";

fn take_in(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let fail = |error: rusqlite::Error| store_error(&error);
    let known = "SELECT 1 FROM sqlite_schema WHERE name = 'log_record'";
    let is_there = transaction.query_row(known, [], |_| Ok(()));
    if is_there.optional().map_err(fail)?.is_none() {
        for text in TABLES_OF_LOG.into_iter().flat_map(create) {
            run(transaction, &text)?;
        }
    }
    let statements = Statements::new(SQLITE);
    let mut tables = SqliteTables::new(transaction, &statements);
    let mut statement = transaction.prepare(OLD).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    while let Some(row) = rows.next().map_err(fail)? {
        let text = |place| Ok(field::<Option<Vec<u8>>>(row, place)?.map(utf8));
        let old = OldRecord {
            seq: field(row, 0)?,
            at: field(row, 1)?,
            kind: field(row, 2)?,
            decision: field(row, 3)?,
            claimant: field(row, 4)?,
            body: utf8(field(row, 5)?),
            case: text(6)?,
            salt: field::<Option<Vec<u8>>>(row, 7)?.unwrap_or_default(),
        };
        adopt(&mut tables, &old)?;
    }
    // What was personal lies sealed in the log now, where it can be erased.
    run(transaction, "DROP TABLE \"record\"")?;
    run(transaction, "DROP TABLE \"personal\"")
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

fn field<T: Field>(row: &rusqlite::Row<'_>, place: usize) -> Result<T, StoreError> {
    let value = row.get_ref(place).map_err(|error| store_error(&error))?;
    let wrong = || StoreError::new(StoreFault::Corrupt, "an old record does not read back");
    T::from_cell(cell(value)).ok_or_else(wrong)
}
