//! Opening a ledger from the command line.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use redress::ledger::{
    DecisionLog as _, Reply, Request, Signing, Store, StoreError, StoreFault, Tables,
};
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_sqlite::SqliteLedger;
use redress_log::Checkpoint;
use redress_model::Timestamp;

use super::place::{self, Place};
use super::store;
use crate::failure::Failure;
use crate::log::signer;
use crate::term;

/// How often and how long a command waits for the writer before it.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// How the name of a log begins that nobody named.
const UNNAMED: &str = "unnamed.invalid/";

/// A ledger that a command has opened, in whichever store.
pub(crate) struct Book(Box<dyn Store>);

/// Every call goes to the store, also those that a store need not have.
impl Store for Book {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.0.write(work)
    }

    fn signing(&self) -> Option<&Signing> {
        self.0.signing()
    }

    fn submit(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        self.0.submit(batch, at)
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.0.read(work)
    }
}

/// Opens a ledger that is there, to write. What acts on a history begins none: out of a slip of
/// the pen it would make an empty ledger, in which nothing is due and nobody waits.
pub(crate) fn to_write(place: &Place, log_key: Option<&Path>) -> Result<Book, Failure> {
    is_there(place)?;
    to_begin(place, log_key)
}

/// Refuses a place without a ledger.
fn is_there(place: &Place) -> Result<(), Failure> {
    let error = match place {
        // A file with nothing in it is what SQLite makes a new ledger of.
        Place::File(path) => match fs::metadata(path) {
            Ok(data) if data.len() > 0 => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Ok(()),
            _ => StoreError::new(
                StoreFault::Unreachable,
                format!("there is no ledger at {place}"),
            ),
        },
        Place::Server(url) => {
            let address = place::address(url).map_err(store)?;
            match PostgresLedger::open_read_only_at(address) {
                Err(error) if error.fault == StoreFault::Unreachable => {
                    StoreError::new(error.fault, format!("{place}: {}", error.what))
                }
                // What is of an older program is brought up to date when it is written.
                _ => return Ok(()),
            }
        }
    };
    let help = "a ledger begins with `redress eval --ledger`, `redress batch` or \
                `redress release activate --ledger`";
    Err(store(error).help(help))
}

/// Opens a ledger to write, and makes it if it is not there. Waits up to five seconds for
/// another command to end. Says so if a new ledger's log is not signed.
pub(crate) fn to_begin(place: &Place, log_key: Option<&Path>) -> Result<Book, Failure> {
    let signing = log_key.map(signer).transpose()?.map(Signing::with);
    let is_signed = signing.is_some();
    let book = Book(match place {
        Place::File(path) => {
            let ledger = waited(path).map_err(store)?;
            with_key(ledger, signing, SqliteLedger::signed)?
        }
        Place::Server(url) => {
            let address = place::address(url).map_err(store)?;
            let ledger = PostgresLedger::open_at(address).map_err(store)?;
            with_key(ledger, signing, PostgresLedger::signed)?
        }
    });
    if !is_signed && book.now().map_err(store)?.is_none() {
        term::tell(&format!(
            "the log of the new ledger {place} is not signed; --log-key with the first command of \
             a ledger signs its log\n"
        ));
    }
    Ok(book)
}

/// The ledger with the key that signs its log, if there is one.
fn with_key<L: Store + 'static>(
    ledger: L,
    signing: Option<Signing>,
    signed: fn(L, Signing) -> Result<L, StoreError>,
) -> Result<Box<dyn Store>, Failure> {
    let Some(signing) = signing else {
        return Ok(Box::new(ledger));
    };
    let log = ledger.now().map_err(store)?;
    let signed = signed(ledger, signing);
    let signed = signed.map_err(|error| unfit_key(error, log.as_ref()))?;
    Ok(Box::new(signed))
}

/// The store failed; who has come with the key of another log is told which key would do.
pub(crate) fn unfit_key(error: StoreError, log: Option<&Checkpoint>) -> Failure {
    let is_other = error.fault == StoreFault::OtherLog;
    let failure = store(error);
    match log.map(|log| log.origin.as_str()) {
        Some(name) if is_other && name.starts_with(UNNAMED) => failure.help(format!(
            "the ledger was begun without a key, so that its log has a name of its own; a key of \
             that name signs it: `redress log keygen {name} --out FILE`"
        )),
        Some(name) if is_other => failure.help(format!("sign with the key of {name}")),
        _ => failure,
    }
}

fn waited(path: &Path) -> Result<SqliteLedger, StoreError> {
    let mut left = TRIES;
    loop {
        match SqliteLedger::open(path) {
            Err(error) if error.fault == StoreFault::Locked && left > 0 => {
                left -= 1;
                thread::sleep(PAUSE);
            }
            opened => return opened,
        }
    }
}

/// Opens a ledger that is there, to read it.
pub(crate) fn to_read(place: &Place) -> Result<Book, Failure> {
    read_only(place).map_err(store)
}

/// The same for who tells of the error in their own words.
pub(crate) fn read_only(place: &Place) -> Result<Book, StoreError> {
    Ok(Book(match place {
        Place::File(path) => Box::new(SqliteLedger::open_read_only(path)?),
        Place::Server(url) => {
            let address = place::address(url)?;
            Box::new(PostgresLedger::open_read_only_at(address)?)
        }
    }))
}
