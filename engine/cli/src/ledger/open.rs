//! Opening a ledger from the command line.

use std::path::Path;
use std::thread;
use std::time::Duration;

use redress::ledger::{Signing, StoreFault};
use redress_ledger_sqlite::SqliteLedger;

use super::LedgerError;
use crate::failure::Failure;
use crate::log::signer;
use crate::term;

/// How often and how long a command waits for the writer before it.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// Opens a ledger to write, and makes it if it is not there. Waits up to five seconds for
/// another command to end. Says so if a new ledger's log is not signed.
pub(crate) fn to_write(path: &Path, log_key: Option<&Path>) -> Result<SqliteLedger, Failure> {
    let store = |error| Failure::invalid(LedgerError::Store(error));
    let signing = log_key.map(signer).transpose()?.map(Signing::with);
    if signing.is_none() && !path.exists() {
        term::tell(&format!(
            "the log of the new ledger {} is not signed; --log-key signs it\n",
            path.display()
        ));
    }
    let mut left = TRIES;
    let ledger = loop {
        match SqliteLedger::open(path) {
            Err(error) if error.fault == StoreFault::Locked && left > 0 => {
                left -= 1;
                thread::sleep(PAUSE);
            }
            opened => break opened.map_err(store)?,
        }
    };
    match signing {
        Some(signing) => ledger.signed(signing).map_err(store),
        None => Ok(ledger),
    }
}

/// Opens a ledger that is there, to read it.
pub(crate) fn to_read(path: &Path) -> Result<SqliteLedger, Failure> {
    SqliteLedger::open_read_only(path).map_err(|error| Failure::invalid(LedgerError::Store(error)))
}
