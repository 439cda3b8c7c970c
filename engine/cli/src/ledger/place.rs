//! Where a ledger is: a file of this machine, or a schema of PostgreSQL.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use redress::ledger::StoreError;
use redress_ledger_postgres::Address;

/// Where psql and its like look for a password, so that it need not stand on a command line,
/// which every user of the machine can read.
const PASSWORD: &str = "PGPASSWORD";

/// Where a ledger is, as the command line names it.
#[derive(Clone)]
pub(crate) enum Place {
    /// A file.
    File(PathBuf),
    /// What begins as the address of a PostgreSQL server does. It may hold a password, so it is
    /// never shown as it stands.
    Server(String),
}

impl From<OsString> for Place {
    /// Every text names some place; a wrong address is told when it is opened, without
    /// repeating it, which clap would do.
    fn from(given: OsString) -> Self {
        match given.to_str() {
            Some(text) if Address::is_meant(text) => Self::Server(text.to_owned()),
            _ => Self::File(PathBuf::from(given)),
        }
    }
}

impl Place {
    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }
}

/// The address of a server, with a password out of the surroundings if it has none.
pub(super) fn address(url: &str) -> Result<Address, StoreError> {
    let address: Address = url.parse()?;
    Ok(match std::env::var(PASSWORD) {
        Ok(password) => address.or_password(&password),
        Err(_) => address,
    })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(url) => match url.parse::<Address>() {
                Ok(address) => address.fmt(f),
                Err(_) => f.write_str("the ledger in PostgreSQL"),
            },
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
