//! Opening a ledger from the command line.

use std::path::Path;
use std::thread;
use std::time::Duration;

use redress::ledger::StoreFault;
use redress_ledger_sqlite::SqliteLedger;

use super::LedgerError;
use crate::failure::Failure;

/// How often and how long a command waits for the writer before it.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// Opens a ledger to write, and makes it if it is not there. Waits up to five seconds for
/// another command to end.
pub(crate) fn to_write(path: &Path) -> Result<SqliteLedger, Failure> {
    let mut left = TRIES;
    loop {
        match SqliteLedger::open(path) {
            Err(error) if error.fault == StoreFault::Locked && left > 0 => {
                left -= 1;
                thread::sleep(PAUSE);
            }
            Ok(ledger) => return Ok(ledger),
            Err(error) => return Err(Failure::invalid(LedgerError::Store(error))),
        }
    }
}

/// Opens a ledger that is there, to read it.
pub(crate) fn to_read(path: &Path) -> Result<SqliteLedger, Failure> {
    SqliteLedger::open_read_only(path).map_err(|error| Failure::invalid(LedgerError::Store(error)))
}
