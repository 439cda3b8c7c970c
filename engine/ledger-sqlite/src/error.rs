//! What SQLite says, as a fault of the store.

use std::fmt::Display;
use std::io::{self, ErrorKind};

use redress_ledger::{StoreError, StoreFault};
use rusqlite::{Error, ErrorCode};

/// A failed statement.
pub(crate) fn store_error(error: &Error) -> StoreError {
    StoreError::new(fault(error), error.to_string())
}

/// A failed commit. Where the disk failed, the commit may have reached it all the same.
pub(crate) fn committed(error: &Error) -> StoreError {
    let fault = match fault(error) {
        StoreFault::Io | StoreFault::Full => StoreFault::OutcomeUnknown,
        other => other,
    };
    StoreError::new(fault, format!("the commit: {error}"))
}

/// What the system says of a file, which is named; `otherwise` is the fault of all that is not
/// about rights or room.
pub(crate) fn file_error(
    name: impl Display,
    error: &io::Error,
    otherwise: StoreFault,
) -> StoreError {
    let fault = match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreFault::ReadOnly,
        ErrorKind::StorageFull => StoreFault::Full,
        _ => otherwise,
    };
    StoreError::new(fault, format!("{name}: {error}"))
}

fn fault(error: &Error) -> StoreFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreFault::Locked,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreFault::ReadOnly,
        Some(ErrorCode::DiskFull) => StoreFault::Full,
        Some(ErrorCode::CannotOpen) => StoreFault::Unreachable,
        Some(
            ErrorCode::NotADatabase
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::ConstraintViolation
            | ErrorCode::TypeMismatch,
        ) => StoreFault::Corrupt,
        Some(_) => StoreFault::Io,
        None => StoreFault::Corrupt,
    }
}
