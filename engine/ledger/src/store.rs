//! What a store does for the ledger: it loads rows, saves rows and commits. It knows no rule.

use std::sync::Arc;

use redress_model::Timestamp;

use crate::answer::Reply;
use crate::cell::Cell;
use crate::command::Request;
use crate::engine;
use crate::fronts::Fronts;
use crate::log::Signing;
use crate::table::{Record, Row, Table};

/// What went wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreFault {
    /// Another writer has it.
    Locked,
    /// Another writer opened it since, with a higher epoch.
    Fenced,
    /// It cannot be written.
    ReadOnly,
    /// No space is left.
    Full,
    /// It is of a newer schema version than this program knows.
    Newer,
    /// It is of an older schema version, and was opened to be read.
    Older,
    /// It is not a ledger, or its content does not read back.
    Corrupt,
    /// The key that signs is of another log.
    OtherLog,
    /// A setting that durability rests on did not take.
    Unsafe,
    /// The connection was lost while it committed: the key of the request tells.
    OutcomeUnknown,
    /// It cannot be reached.
    Unreachable,
    /// Reading or writing failed.
    Io,
    /// The clock or a counter has left its range.
    OutOfRange,
}

impl StoreFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Locked => "ledger_locked",
            Self::Fenced => "ledger_fenced",
            Self::ReadOnly => "ledger_read_only",
            Self::Full => "ledger_full",
            Self::Newer => "ledger_newer",
            Self::Older => "ledger_older",
            Self::Corrupt => "ledger_corrupt",
            Self::OtherLog => "other_log",
            Self::Unsafe => "ledger_unsafe",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Unreachable => "ledger_unreachable",
            Self::Io => "ledger_io",
            Self::OutOfRange => "ledger_out_of_range",
        }
    }

    /// Whom it concerns.
    #[must_use]
    pub const fn concerns(self) -> Concerns {
        match self {
            Self::Corrupt | Self::OutOfRange => Concerns::One,
            Self::Locked
            | Self::Fenced
            | Self::ReadOnly
            | Self::Full
            | Self::Newer
            | Self::Older
            | Self::OtherLog
            | Self::Unsafe
            | Self::OutcomeUnknown
            | Self::Unreachable
            | Self::Io => Concerns::Everybody,
        }
    }
}

/// Whom a fault of a store concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Concerns {
    /// Perhaps only the batch that met it: another one may go through.
    One,
    /// Whoever uses the store just then.
    Everybody,
}

/// The store failed; nothing of the batch was applied, except where the outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", .fault.code())]
pub struct StoreError {
    /// What went wrong.
    pub fault: StoreFault,
    /// The details, for the host.
    pub what: String,
}

impl StoreError {
    /// A fault with its details.
    #[must_use]
    pub fn new(fault: StoreFault, what: impl Into<String>) -> Self {
        Self {
            fault,
            what: what.into(),
        }
    }

    /// A thread of this program died while it held what others need.
    #[must_use]
    pub fn poisoned() -> Self {
        Self::new(StoreFault::Io, "a thread died while it wrote")
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.fault.code()
    }
}

/// Rows of one table by an index, in the order of its columns and then of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The table.
    pub table: &'static Table,
    /// The columns of one of its indexes, or of its key.
    pub by: &'static [&'static str],
    /// What the first columns equal.
    pub equal: Vec<Cell>,
    /// The next column is above this; such a column that holds nothing is left out.
    pub above: Option<Cell>,
    /// The next column is at most this; such a column that holds nothing is left out.
    pub to: Option<Cell>,
    /// At most so many rows.
    pub limit: Option<u32>,
}

impl Scan {
    /// All rows whose first columns equal these.
    #[must_use]
    pub fn new(table: &'static Table, by: &'static [&'static str], equal: Vec<Cell>) -> Self {
        Self {
            table,
            by,
            equal,
            above: None,
            to: None,
            limit: None,
        }
    }

    /// Only rows whose next column is above this.
    #[must_use]
    pub fn above(mut self, cell: Cell) -> Self {
        self.above = Some(cell);
        self
    }

    /// Only rows whose next column is at most this.
    #[must_use]
    pub fn to(mut self, cell: Cell) -> Self {
        self.to = Some(cell);
        self
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: u32) -> Self {
        self.limit = Some(rows);
        self
    }
}

/// The rows of a ledger within one transaction.
pub trait Tables {
    /// The row with this key.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError>;

    /// The rows of a scan.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError>;

    /// Saves a row, in the place of the one with its key.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails, or a check of the table does not hold.
    fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError>;

    /// Saves rows of different keys, each as [`Tables::put`] does.
    ///
    /// # Errors
    /// As [`Tables::put`].
    fn put_all(&mut self, table: &'static Table, rows: &[&[Cell]]) -> Result<(), StoreError> {
        rows.iter().try_for_each(|row| self.put(table, row))
    }

    /// Takes the row with this key away, if there is one.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError>;

    /// What the store keeps of norms between transactions; without it each decision makes
    /// the skylines that it looks at from the rows.
    fn fronts(&self) -> Option<Arc<Fronts>> {
        None
    }
}

/// A store of tables; [`crate::Ledger`] is implemented for each.
pub trait Store: Send + Sync {
    /// Runs `work` in one transaction of the one writer and commits it durably; nothing of
    /// it stays if `work` or the commit fails. `work` may run again from the start where
    /// a store had to retry.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] when the store fails.
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// How the log is signed; `None` if it is not. A store hands this to
    /// [`engine::apply`] within the transaction.
    fn signing(&self) -> Option<&Signing> {
        None
    }

    /// Applies commands as [`crate::Ledger::apply`] does. A store may let those who commit at
    /// the same time share one commit.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn submit(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        let mut replies = Vec::new();
        self.write(&mut |tables| {
            replies = engine::apply(tables, batch, at, self.signing())?;
            Ok(())
        })?;
        Ok(replies)
    }

    /// Runs `work` on one snapshot.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] when the store fails.
    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// Reads a typed row.
///
/// # Errors
/// [`StoreError`] when the store fails or holds something else.
pub fn get<R: Record>(tables: &mut dyn Tables, key: &[Cell]) -> Result<Option<R>, StoreError> {
    tables.get(R::TABLE, key)?.map(typed).transpose()
}

/// Reads typed rows.
///
/// # Errors
/// [`StoreError`] when the store fails or holds something else.
pub fn rows<R: Record>(tables: &mut dyn Tables, scan: &Scan) -> Result<Vec<R>, StoreError> {
    tables.scan(scan)?.into_iter().map(typed).collect()
}

fn typed<R: Record>(row: Row) -> Result<R, StoreError> {
    R::from_row(row).ok_or_else(|| {
        let what = format!("a row of `{}` does not read back", R::TABLE.name);
        StoreError::new(StoreFault::Corrupt, what)
    })
}
