//! One connection: how it is made, what it insists on, and its prepared statements.

use std::collections::BTreeMap;

use postgres::{Client, NoTls, Statement};
use redress_ledger::{StoreError, StoreFault};

use crate::address::Address;
use crate::error::store_error;

/// What every connection sets. A commit is durable when it returns. Unless the server or the
/// address has set them, whoever waits for another writer is told after a while, and a writer
/// that vanished within a transaction is ended by the server, which gives its lock to the next.
const SETTINGS: &str = "SET synchronous_commit = on; \
     SELECT set_config(name, '30s', false) FROM pg_settings \
     WHERE name IN ('lock_timeout', 'idle_in_transaction_session_timeout') AND setting = '0'";

/// What durability and equal digests rest on, and what it must be.
const REQUIRED: &[(&str, &str)] = &[
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("server_encoding", "UTF8"),
];

/// A connection with its prepared statements.
pub(crate) struct Session {
    pub(crate) client: Client,
    prepared: BTreeMap<String, Statement>,
}

impl Session {
    /// Connects. Settings that do not take are an error, not a hope.
    pub(crate) fn open(address: &Address) -> Result<Self, StoreError> {
        let connected = match address.tls() {
            Some(roots) => address.config().connect(roots.connector()?),
            None => address.config().connect(NoTls),
        };
        let mut client = connected.map_err(|error| store_error(&error))?;
        client
            .batch_execute(SETTINGS)
            .map_err(|error| store_error(&error))?;
        let names = REQUIRED
            .iter()
            .map(|(name, _)| format!("current_setting('{name}')"));
        let text = format!("SELECT {}", names.collect::<Vec<_>>().join(", "));
        let row = client.query_one(&text, &[]);
        let row = row.map_err(|error| store_error(&error))?;
        for (place, (name, expected)) in REQUIRED.iter().enumerate() {
            let found: String = row.try_get(place).map_err(|error| store_error(&error))?;
            if found != *expected {
                let what = format!("`{name}` is {found:?} and not {expected:?}");
                return Err(StoreError::new(StoreFault::Unsafe, what));
            }
        }
        Ok(Self {
            client,
            prepared: BTreeMap::new(),
        })
    }

    /// Runs statements without parameters.
    pub(crate) fn run(&mut self, text: &str) -> Result<(), StoreError> {
        let done = self.client.batch_execute(text);
        done.map_err(|error| store_error(&error))
    }

    /// The prepared statement of a text.
    pub(crate) fn statement(&mut self, text: &str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text)?;
        self.prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }
}
