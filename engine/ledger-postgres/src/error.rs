//! What PostgreSQL says, as a fault of the store.

use std::error::Error as _;

use postgres::Error;
use postgres::error::{DbError, Severity, SqlState};
use redress_ledger::{StoreError, StoreFault};

/// A failed statement.
pub(crate) fn store_error(error: &Error) -> StoreError {
    StoreError::new(fault(error), said(error))
}

/// A failed commit. Only an answer of the server that it has rolled back is one; whatever ends
/// the connection may have come after the commit was durable.
pub(crate) fn committed(error: &Error) -> StoreError {
    let refused = error
        .as_db_error()
        .is_some_and(|error| error.parsed_severity() == Some(Severity::Error) && !ends(error));
    let fault = if refused {
        fault(error)
    } else {
        StoreFault::OutcomeUnknown
    };
    StoreError::new(fault, format!("the commit: {}", said(error)))
}

/// Whether the server tells of the connection's end and not of a statement.
fn ends(error: &DbError) -> bool {
    let code = error.code().code();
    code.starts_with("08") || code.starts_with("57P") || code == "40003"
}

fn fault(error: &Error) -> StoreFault {
    let Some(code) = error.code() else {
        // Whatever the client itself says is about the connection, or that there is none.
        return StoreFault::Unreachable;
    };
    if *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::T_R_DEADLOCK_DETECTED
        || *code == SqlState::T_R_SERIALIZATION_FAILURE
    {
        return StoreFault::Locked;
    }
    // A standby does not support transactions that write.
    if *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::INSUFFICIENT_PRIVILEGE
        || *code == SqlState::FEATURE_NOT_SUPPORTED
    {
        return StoreFault::ReadOnly;
    }
    if *code == SqlState::DISK_FULL {
        return StoreFault::Full;
    }
    // Classes of SQLSTATE, by PostgreSQL's own appendix of error codes.
    match code.code().get(..2) {
        // No connection, no permission to connect, no such database or schema, too many
        // connections, the server stops or starts, a transaction that idled too long.
        Some("08" | "25" | "28" | "3D" | "3F" | "53" | "57") => StoreFault::Unreachable,
        // A value, a constraint or a name that no ledger has, and a row that is too large.
        Some("22" | "23" | "42" | "54") => StoreFault::Corrupt,
        _ => StoreFault::Io,
    }
}

/// The library's own text leaves out what the server or the system said.
fn said(error: &Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} ({})", error.message(), error.code().code());
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
