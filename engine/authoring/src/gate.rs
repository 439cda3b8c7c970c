//! The gate of released versions: what stands in `LOCK` never changes.

use std::fmt::Write as _;

use redress_model::Digest;
use redress_release::{Lock, LockError, ReleaseSource, Verified};

/// Why a release does not pass the gate.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The lock itself cannot be read.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The files are not those that were released.
    #[error(
        "{release} is released, and its files have changed since\n  released {expected}\n  now      {found}\n{files}  help: restore the files, or make a new version"
    )]
    Changed {
        /// Name and version.
        release: String,
        /// The digest in the lock.
        expected: Digest,
        /// The digest of the files.
        found: Digest,
        /// The files as they are now, a line for each.
        files: String,
    },
}

/// Whether a release is protected by a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// Its digest is in the lock and matches.
    Locked,
    /// It is not released yet, so its files may change.
    Draft,
}

/// Holds a release against the lock above it.
///
/// # Errors
/// [`GateError`] when the files changed or the lock cannot be read.
pub fn unchanged(release: &ReleaseSource) -> Result<Released, GateError> {
    match Lock::find(release.path())? {
        Some(lock) => unchanged_in(&lock, release),
        None => Ok(Released::Draft),
    }
}

/// Holds a release against a lock.
///
/// # Errors
/// [`GateError::Changed`] when the files changed.
pub fn unchanged_in(lock: &Lock, release: &ReleaseSource) -> Result<Released, GateError> {
    match lock.verify(release) {
        Verified::Unlisted => Ok(Released::Draft),
        Verified::Matches => Ok(Released::Locked),
        Verified::Changed { expected, found } => {
            let manifest = release.manifest();
            Err(GateError::Changed {
                release: format!("{} {}", manifest.name, manifest.version),
                expected,
                found,
                files: listing(release),
            })
        }
    }
}

/// Each file with its length and the start of its digest.
fn listing(release: &ReleaseSource) -> String {
    let mut text = String::new();
    for (name, bytes) in release.folder().files() {
        let digest = Digest::of(bytes).to_string();
        let short = digest.get(..12).unwrap_or(&digest);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {short}  {:>7} bytes  {name}", bytes.len());
    }
    text
}
