//! Why a lock cannot be read or written.

use std::io;
use std::path::PathBuf;

use redress_model::Digest;

use crate::version::{ReleaseName, Version};

/// Why a lock cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The system refused.
    #[error("{}: {problem}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        problem: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A line is not one of a lock.
    #[error("{}:{line}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// The release is listed already with another digest.
    #[error(
        "{name} {version} is released with the digest {expected} and its files now have {found}; \
         a released version never changes: make a new version"
    )]
    Released {
        /// The policy.
        name: ReleaseName,
        /// The version.
        version: Version,
        /// The digest in the lock.
        expected: Digest,
        /// The digest of the files.
        found: Digest,
    },
    /// The release does not lie where the lock would look for it.
    #[error(
        "{name} {version} lies in {}, and its lock would look for it in {}",
        found.display(), expected.display()
    )]
    Misplaced {
        /// The policy.
        name: ReleaseName,
        /// The version.
        version: Version,
        /// The folder that it lies in.
        found: PathBuf,
        /// The folder that it should lie in, of which only the end is known where no lock
        /// lies above the release.
        expected: PathBuf,
    },
    /// Somebody else is writing the lock, or was stopped while doing so.
    #[error("{} is there: the lock is being written; remove the file if nobody does", path.display())]
    Busy {
        /// The file that the other writer made.
        path: PathBuf,
    },
    /// The file is not the one that was read.
    #[error("{} has changed since it was read; read it again", path.display())]
    Stale {
        /// The file.
        path: PathBuf,
    },
}

impl LockError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "lock_io",
            Self::Malformed { .. } => "lock_malformed",
            Self::Released { .. } => "lock_released",
            Self::Misplaced { .. } => "lock_misplaced",
            Self::Busy { .. } => "lock_busy",
            Self::Stale { .. } => "lock_stale",
        }
    }
}
