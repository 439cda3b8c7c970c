//! A recorded history as rows of cells: CSV or JSON Lines, plain or gzip, Parquet, or a ledger.
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
use std::path::PathBuf;

pub(crate) use self::blocks::{Block, Blocks};
#[cfg(test)]
pub(crate) use self::open::from_reader;
pub(crate) use self::open::{History, Progress, open};
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
    #[error("cannot open {}", crate::input::shown(path))]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Reading stopped, as at the broken end of a gzip file.
    #[error("cannot read {}{}", crate::input::shown(path), past(*line))]
    Read {
        /// The file.
        path: PathBuf,
        /// The last line that was read whole.
        line: u64,
        /// What the system or the decoder says.
        source: io::Error,
    },
    /// There is not even a header.
    #[error("{} is empty", crate::input::shown(path))]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// There is a header and nothing after it.
    #[error("{} holds no case", crate::input::shown(path))]
    NoCase {
        /// The file.
        path: PathBuf,
    },
    /// The text is UTF-16 or another encoding.
    #[error("{} is not UTF-8 text", crate::input::shown(path))]
    Encoding {
        /// The file.
        path: PathBuf,
    },
    /// It is a ledger, and cannot be read as one.
    #[error("cannot read the ledger {}: {error}", crate::input::shown(path))]
    Ledger {
        /// The file.
        path: PathBuf,
        /// What the store says.
        error: redress::ledger::StoreError,
    },
    /// A Parquet file comes through a pipe, and its end must be read first.
    #[error("Parquet cannot be read from standard input; name the file")]
    Piped,
    /// The header is not one.
    #[error("the header of {} is not valid: {problem}", crate::input::shown(path))]
    Header {
        /// The file.
        path: PathBuf,
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
