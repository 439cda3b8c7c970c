//! The lock of the one process that writes, on a file beside the ledger.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use redress_ledger::{StoreError, StoreFault};

use crate::error::file_error;
use crate::files::resolved;

/// Held while a ledger is open to be written; the system gives it back when the process ends.
#[derive(Debug)]
pub(crate) struct WriterLock(File);

impl WriterLock {
    /// Takes the lock of a ledger. It is the same one whatever link leads to the ledger.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let io =
            |error: std::io::Error| file_error(path.display(), &error, StoreFault::Unreachable);
        let mut name = resolved(path).map_err(io)?.into_os_string();
        name.push(".lock");
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(name).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                let what = format!("another process writes to {}", path.display());
                Err(StoreError::new(StoreFault::Locked, what))
            }
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }
}

impl Drop for WriterLock {
    /// Closing the file is not enough: a process that this one is about to start shares it
    /// from `fork` to `exec`, and would hold the lock for as long.
    fn drop(&mut self) {
        // What cannot be given back here goes when the last copy of the file is closed.
        drop(self.0.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_file_in_a_process_about_to_start_does_not_keep_the_lock() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("ledger");
        let lock = WriterLock::take(&path).unwrap();
        let shared = lock.0.try_clone().unwrap();
        let held = WriterLock::take(&path).unwrap_err();
        assert_eq!(held.fault, StoreFault::Locked);
        drop(lock);
        WriterLock::take(&path).unwrap();
        drop(shared);
    }
}
