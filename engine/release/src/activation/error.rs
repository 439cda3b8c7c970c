//! Why a release is not put in force, or what is in force cannot be read.

use std::io;
use std::path::PathBuf;

use redress_model::{Date, Digest, Timestamp};

use crate::archive::ArchiveError;
use crate::signing::{EnvelopeError, Revision, VerifyError};
use crate::version::{ReleaseName, Version};

/// Why a store of activations cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no store. One that vanished must not look like one that holds nothing.
    #[error("{} holds no activations; a new store is made only when asked for", path.display())]
    NotThere {
        /// The folder.
        path: PathBuf,
    },
    /// There is a store already.
    #[error("{} holds activations already", path.display())]
    There {
        /// The folder.
        path: PathBuf,
    },
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
    /// A line is not what was written.
    #[error("{}:{line}: {problem}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// Somebody else is writing, or was stopped while doing so.
    #[error("{} is there: somebody else activates; remove the file if nobody does", path.display())]
    Busy {
        /// The file that the other writer made.
        path: PathBuf,
    },
    /// Another activation came first.
    #[error("revision {found} of {name} was activated meanwhile")]
    Moved {
        /// The policy.
        name: ReleaseName,
        /// Its highest revision now.
        found: Revision,
    },
    /// An archive that is kept is not one.
    #[error("{}: {error}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: ArchiveError,
    },
    /// An envelope that is kept is not one.
    #[error("{}: {error}", path.display())]
    Envelope {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: EnvelopeError,
    },
    /// An archive that is kept is another one.
    #[error("{} has the digest {found}, expected {expected}", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// The digest that it is kept under.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
}

impl StoreError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotThere { .. } => "store_not_there",
            Self::There { .. } => "store_there",
            Self::Io { .. } => "store_io",
            Self::Broken { .. } => "store_broken",
            Self::Busy { .. } => "store_busy",
            Self::Moved { .. } => "store_moved",
            Self::Archive { .. } => "store_archive",
            Self::Envelope { .. } => "store_envelope",
            Self::Digest { .. } => "store_digest",
        }
    }
}

/// Why a release is not put in force. What was in force before is in force still.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// It is not signed by those whose word counts.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Its review is overdue.
    #[error(
        "the release was to be reviewed by {review_by}, and today is {today}; review it and release it with a later date"
    )]
    ReviewOverdue {
        /// The date in its manifest.
        review_by: Date,
        /// The day of the activation.
        today: Date,
    },
    /// What was signed is an older revision than the one in force, or the same.
    #[error(
        "what is signed is revision {signed}, and revision {current} is in force already; going back is a new, higher revision"
    )]
    Downgraded {
        /// The revision signed.
        signed: Revision,
        /// The highest revision of the policy.
        current: Revision,
    },
    /// The version was in force with other files.
    #[error(
        "{name} {version} was in force with the digest {expected} and now has {found}; a released version never changes"
    )]
    Changed {
        /// The policy.
        name: ReleaseName,
        /// The version.
        version: Version,
        /// The digest that it had.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// Signatures are left out by nobody, or for no reason.
    #[error("leaving signatures out takes the name of who wants it, and a reason")]
    Nameless,
    /// The clock stands before the last activation.
    #[error("the last activation was at {last}, and the clock says {now}")]
    ClockBehind {
        /// The moment of the last activation.
        last: Timestamp,
        /// The moment given.
        now: Timestamp,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActivateError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Verify(error) => error.code(),
            Self::ReviewOverdue { .. } => "review_overdue",
            Self::Downgraded { .. } => "revision_downgraded",
            Self::Changed { .. } => "release_changed",
            Self::Nameless => "unsigned_nameless",
            Self::ClockBehind { .. } => "clock_behind",
            Self::Store(error) => error.code(),
        }
    }
}
