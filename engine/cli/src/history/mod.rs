//! A recorded history as rows of cells: CSV or JSON Lines, plain or gzip, Parquet, or a ledger
//! in a file or in PostgreSQL.
//!
//! One thread unzips and cuts [`Block`]s of whole records ([`blocks`]); many threads
//! read the records of a block ([`rows`]). Both agree on where a record ends because
//! both ask [`csv::record`].

mod blocks;
mod csv;
mod json;
pub(crate) mod ledger;
mod open;
mod parquet;
mod rows;
#[cfg(test)]
mod tests;

use std::io;

pub(crate) use self::blocks::{Block, Blocks};
#[cfg(test)]
pub(crate) use self::open::from_reader;
pub(crate) use self::open::{History, Progress, name_of, open};
pub(crate) use self::rows::{BadRow, Row, Rows, Wanted};

/// The longest record in bytes, as long as a case may be.
pub(crate) const RECORD_BYTES_MAX: usize = 64 * 1024;

/// How much text one block holds, about.
pub(crate) const BLOCK_BYTES: usize = 256 * 1024;

/// How the records of a history are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Comma-separated values (RFC 4180) with a header.
    Csv,
    /// One JSON object on each line.
    JsonLines,
}

/// Why a history cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    /// The file cannot be opened.
    #[error("cannot open {name}")]
    Open {
        /// What the history is called.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// Reading stopped, as at the broken end of a gzip file.
    #[error("cannot read {name}{}", past(*line))]
    Read {
        /// What the history is called.
        name: String,
        /// The last line that was read whole.
        line: u64,
        /// What the system or the decoder says.
        source: io::Error,
    },
    /// There is not even a header.
    #[error("{name} is empty")]
    Empty {
        /// What the history is called.
        name: String,
    },
    /// There is a header and nothing after it.
    #[error("{name} holds no case")]
    NoCase {
        /// What the history is called.
        name: String,
    },
    /// The text is UTF-16 or another encoding.
    #[error("{name} is not UTF-8 text")]
    Encoding {
        /// What the history is called.
        name: String,
    },
    /// It is a ledger, and cannot be read as one.
    #[error("cannot read the ledger {name}: {error}")]
    Ledger {
        /// What the history is called.
        name: String,
        /// What the store says.
        error: redress::ledger::StoreError,
    },
    /// A Parquet file comes through a pipe, and its end must be read first.
    #[error("Parquet cannot be read from standard input; name the file")]
    Piped,
    /// The header is not one.
    #[error("the header of {name} is not valid: {problem}")]
    Header {
        /// What the history is called.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Where reading stopped, if anything was read at all.
fn past(line: u64) -> String {
    match line {
        0 => String::new(),
        line => format!(" past line {line}"),
    }
}

impl HistoryError {
    /// The stable code of this error.
    #[cfg(test)]
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "history_open",
            Self::Read { .. } => "history_read",
            Self::Empty { .. } => "history_empty",
            Self::NoCase { .. } => "history_no_case",
            Self::Encoding { .. } => "history_encoding",
            Self::Ledger { .. } => "history_ledger",
            Self::Piped => "history_piped",
            Self::Header { .. } => "history_header",
        }
    }
}
