//! What SQLite spells in its own way.

use std::sync::LazyLock;

use redress_ledger::sql::{self, Dialect, Statements};
use redress_ledger::table::Table;

/// SQLite's dialect: strict tables, and a key of several columns is the table's own order; one
/// of a number is so by itself.
pub const SQLITE: Dialect = Dialect {
    parameter: '?',
    int: "INTEGER",
    text: "TEXT",
    bytes: "BLOB",
    table: " STRICT",
    table_by_key: " STRICT, WITHOUT ROWID",
};

/// The statements, whose texts are made once for a process.
pub(crate) static STATEMENTS: LazyLock<Statements> = LazyLock::new(|| Statements::new(SQLITE));

/// Inserts a row.
pub(crate) fn insert(table: &Table) -> String {
    sql::insert(SQLITE, table)
}
