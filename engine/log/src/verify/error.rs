//! Why a log is not the one that was signed.

use crate::note::KeyName;
use crate::record::LineProblem;

/// What is wrong with one leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafProblem {
    /// It is not a record.
    NoRecord(LineProblem),
    /// The first record does not begin a log.
    NoGenesis,
    /// It has the place of another: one was dropped, repeated or moved.
    Place {
        /// The place that it names.
        found: u64,
    },
    /// Its time is none.
    Time,
    /// It is older than the one before it.
    TimeRanBack,
    /// The hash that the record after it names is another one, or it names one itself
    /// that is not that of the leaf before.
    Chain,
    /// It does not end with a newline.
    NoNewline,
}

impl LeafProblem {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRecord(_) => "no_record",
            Self::NoGenesis => "no_genesis",
            Self::Place { .. } => "wrong_place",
            Self::Time => "no_time",
            Self::TimeRanBack => "time_ran_back",
            Self::Chain => "wrong_hash",
            Self::NoNewline => "no_newline",
        }
    }

    fn words(self) -> String {
        match self {
            Self::NoRecord(problem) => format!("is no record: {}", problem.words()),
            Self::NoGenesis => "does not begin a log".to_owned(),
            Self::Place { found } => format!("is record {found}: one was dropped or moved"),
            Self::Time => "has no time".to_owned(),
            Self::TimeRanBack => "is older than the one before it".to_owned(),
            Self::Chain => "was changed: its hash is another".to_owned(),
            Self::NoNewline => "does not end with a newline".to_owned(),
        }
    }
}

/// Why a log does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The first leaf that is not what was logged.
    #[error("leaf {leaf} {}", problem.words())]
    BadLeaf {
        /// Its place, from 0: line `leaf + 1` of the file.
        leaf: u64,
        /// What is wrong with it.
        problem: LeafProblem,
    },
    /// The log is not the one of the checkpoint, though its own leaves fit together: it
    /// was written anew, or it is another branch.
    #[error(
        "the first {size} leaves are not those of the checkpoint; the first {after} are confirmed"
    )]
    Fork {
        /// The size of the checkpoint.
        size: u64,
        /// How many leaves an earlier checkpoint confirms; 0 without one.
        after: u64,
    },
    /// The checkpoint has more leaves than the log.
    #[error("the log ends after {size} leaves, the checkpoint has {checkpoint}")]
    Truncated {
        /// Leaves of the log.
        size: u64,
        /// Leaves of the checkpoint.
        checkpoint: u64,
    },
    /// The checkpoint is of another log.
    #[error("the checkpoint is of {checkpoint}, and the log is {log}")]
    OtherLog {
        /// The name of the log.
        log: String,
        /// The name in the checkpoint.
        checkpoint: KeyName,
    },
}

impl VerifyError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadLeaf { .. } => "log_bad_leaf",
            Self::Fork { .. } => "log_fork",
            Self::Truncated { .. } => "log_truncated",
            Self::OtherLog { .. } => "log_other",
        }
    }
}
