//! A ledger in one SQLite file. Nothing needs to be installed, and an auditor can open the
//! file with SQL.
//!
//! The file is in WAL mode with `synchronous = FULL`, so a commit is durable when it returns,
//! and both are read back before anything is written. One process writes at a time: it holds
//! a lock on a file beside the ledger, whatever link leads to it, and an epoch in the ledger
//! itself fences off a writer whose lock was lost. Within a process, threads that commit at the
//! same time share one commit. Readers see one snapshot and never wait. Whoever meets another
//! program's lock on the file itself, such as that of somebody at work on it with SQL, waits
//! five seconds for it before `ledger_locked`.
//!
//! While a ledger is open, what was committed last stands in the files beside it. Once its
//! writer has closed it and no other program read it then, the one file is all of it;
//! [`SqliteLedger::backup`] copies it at any time.

mod error;
mod files;
mod lock;
mod schema;
mod statements;
mod tables;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use redress_ledger::group::Group;
use redress_ledger::log::check_key;
use redress_ledger::{Fronts, Reply, Request, Signing, Store, StoreError, StoreFault, Tables};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use self::error::{committed, file_error, store_error};
pub use self::files::{Files, resolved};
use self::lock::WriterLock;
pub use self::schema::{migrate_to, schema_version};
pub use self::statements::SQLITE;
use self::tables::SqliteTables;

/// How many prepared statements a connection keeps: more than the ledger has.
const STATEMENTS_MAX: usize = 256;

/// How long a statement waits for another connection.
const BUSY: Duration = Duration::from_secs(5);

/// How many idle readers are kept.
const READERS_MAX: usize = 8;

/// A ledger in one SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    path: PathBuf,
    files: Files,
    /// Before the writer, which closes last then: only the last connection to close may write
    /// the WAL into the file and take it away, and one that only reads does not.
    readers: Mutex<Vec<Connection>>,
    writer: Option<Mutex<Writer>>,
    fronts: Arc<Fronts>,
    group: Group,
    signing: Option<Signing>,
    /// Last, so that it is given back when every connection is closed.
    _lock: Option<WriterLock>,
}

/// The one connection that writes.
#[derive(Debug)]
struct Writer {
    /// Gone after a commit whose outcome is unknown; the next write opens it anew.
    connection: Option<Connection>,
    epoch: i64,
}

impl SqliteLedger {
    /// Opens a ledger to read and write, and makes it if the file is not there.
    ///
    /// # Errors
    /// `ledger_locked` when another process writes to it, `ledger_newer` when a newer program
    /// made it, `ledger_corrupt` when the file is something else, and what else a
    /// [`StoreError`] tells.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Files::SYSTEM)
    }

    /// Opens a ledger whose files are reached in another way.
    ///
    /// # Errors
    /// As [`SqliteLedger::open`].
    pub fn open_with(path: &Path, files: Files) -> Result<Self, StoreError> {
        let lock = WriterLock::take(path)?;
        let mut connection = connect(path, files)?;
        schema::make_or_migrate(&mut connection)?;
        let epoch = schema::next_epoch(&mut connection)?;
        let writer = Writer {
            connection: Some(connection),
            epoch,
        };
        Ok(Self {
            writer: Some(Mutex::new(writer)),
            ..Self::reading(path, files, Some(lock))
        })
    }

    /// The ledger with a key that signs checkpoints of its log.
    ///
    /// # Errors
    /// `other_log` when the log has another name than the key.
    pub fn signed(mut self, signing: Signing) -> Result<Self, StoreError> {
        check_key(&self, &signing)?;
        self.signing = Some(signing);
        Ok(self)
    }

    /// Opens a ledger that is there, to read it. Writing gives `ledger_read_only`.
    ///
    /// # Errors
    /// As [`SqliteLedger::open`], but never `ledger_locked`; `ledger_read_only` where the files
    /// that readers share are not there and the folder lets nobody make them.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let own = Self::reading(path, Files::SYSTEM, None);
        let connection = own.reader()?;
        schema::check_same(&connection).map_err(|error| unreadable(path, error))?;
        own.keep(connection);
        Ok(own)
    }

    fn reading(path: &Path, files: Files, lock: Option<WriterLock>) -> Self {
        Self {
            path: path.to_owned(),
            files,
            writer: None,
            readers: Mutex::new(Vec::new()),
            fronts: Arc::new(Fronts::new()),
            group: Group::new(),
            signing: None,
            _lock: lock,
        }
    }

    /// Writes a copy of the ledger as of now into a new file, while others read and write.
    ///
    /// # Errors
    /// [`StoreError`] when either file fails, or the new one is there already.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        if to.exists() {
            let what = format!("{} is there already", to.display());
            return Err(StoreError::new(StoreFault::Io, what));
        }
        let Some(text) = to.to_str() else {
            // A text that is only like the name would be the name of another file.
            let what = format!(
                "{} is no name in UTF-8: SQLite takes no other",
                to.display()
            );
            return Err(StoreError::new(StoreFault::Io, what));
        };
        let connection = self.reader()?;
        connection
            .execute("VACUUM INTO ?1", [text])
            .map_err(|error| store_error(&error))?;
        // The copy is durable before it is called one.
        File::open(to)
            .and_then(|file| file.sync_all())
            .map_err(|error| StoreError::new(StoreFault::Io, error.to_string()))?;
        self.keep(connection);
        Ok(())
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        let idle = lock_of(&self.readers)?.pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = open(&self.path, flags, self.files)?;
                connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
                Ok(connection)
            }
        }
    }

    fn keep(&self, connection: Connection) {
        if let Ok(mut readers) = self.readers.lock()
            && readers.len() < READERS_MAX
        {
            readers.push(connection);
        }
    }
}

impl Writer {
    fn write(
        &mut self,
        ledger: &SqliteLedger,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&ledger.path, ledger.files)?,
        };
        let begun = connection.execute_batch("BEGIN IMMEDIATE");
        if let Err(error) = begun {
            self.connection = Some(connection);
            return Err(store_error(&error));
        }
        let mut tables = SqliteTables::new(&connection).lending(&ledger.fronts);
        let worked = tables.fence(self.epoch).and_then(|()| work(&mut tables));
        if let Err(error) = worked {
            // If even this fails, SQLite rolls back when it opens the file again.
            if connection.execute_batch("ROLLBACK").is_ok() {
                self.connection = Some(connection);
            }
            return Err(error);
        }
        match connection.execute_batch("COMMIT") {
            Ok(()) => {
                self.connection = Some(connection);
                Ok(())
            }
            Err(error) => {
                let error = committed(&error);
                if connection.execute_batch("ROLLBACK").is_ok()
                    && error.fault != StoreFault::OutcomeUnknown
                {
                    self.connection = Some(connection);
                } else {
                    // Closing would write a WAL into the file whose sync has just failed. What
                    // is told is the commit's outcome, whatever becomes of this.
                    let keep = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
                    drop(connection.set_db_config(keep, true));
                }
                Err(error)
            }
        }
    }
}

impl Store for SqliteLedger {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else {
            let what = "the ledger was opened to be read";
            return Err(StoreError::new(StoreFault::ReadOnly, what));
        };
        lock_of(writer)?.write(self, work)
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let connection = self.reader()?;
        let begun = connection.execute_batch("BEGIN");
        begun.map_err(|error| store_error(&error))?;
        let mut tables = SqliteTables::new(&connection).lending(&self.fronts);
        let worked = work(&mut tables);
        // A connection that cannot even end a read is not used again.
        if connection.execute_batch("COMMIT").is_ok() {
            self.keep(connection);
        }
        worked
    }

    fn signing(&self) -> Option<&Signing> {
        self.signing.as_ref()
    }

    fn submit(
        &self,
        batch: &[Request],
        at: redress_ledger::Timestamp,
    ) -> Result<Vec<Reply>, StoreError> {
        self.group.submit(self, batch, at)
    }
}

/// SQLite says of a reader, too, that it attempted to write.
fn unreadable(path: &Path, error: StoreError) -> StoreError {
    if error.fault != StoreFault::ReadOnly {
        return error;
    }
    let what = format!(
        "nobody has {} open, and its folder cannot be written, which even reading needs: read \
         a copy in another folder",
        path.display()
    );
    StoreError::new(StoreFault::ReadOnly, what)
}

fn lock_of<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, StoreError> {
    mutex.lock().map_err(|_| StoreError::poisoned())
}

fn open(path: &Path, flags: OpenFlags, files: Files) -> Result<Connection, StoreError> {
    let opened = match files.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
        None => Connection::open_with_flags(path, flags),
    };
    let connection = opened.map_err(|error| store_error(&error))?;
    let fail = |error: rusqlite::Error| store_error(&error);
    connection.busy_timeout(BUSY).map_err(fail)?;
    // A plan that rests on the values of parameters is made anew, and the statement parsed anew,
    // each time that they change; the ledger's statements have the same plan for all values.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(fail)?;
    Ok(connection)
}

/// A connection that writes durably. Settings that do not take are an error, not a hope.
fn connect(path: &Path, files: Files) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // The WAL may be one whose last sync failed, and look whole all the same.
    (files.write_wal_again)(path).map_err(|error| file_error("the WAL", &error, StoreFault::Io))?;
    let connection = open(path, flags, files)?;
    let refuse_other = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    refuse_other.map_err(|error| store_error(&error))?;
    set(&connection, "journal_mode", "WAL", "wal")?;
    set(&connection, "synchronous", "FULL", "2")?;
    set(&connection, "trusted_schema", "OFF", "0")?;
    set(&connection, "cell_size_check", "ON", "1")?;
    // What is erased is gone from the pages, too, and not only from the tables.
    set(&connection, "secure_delete", "ON", "1")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

fn set(connection: &Connection, name: &str, value: &str, expected: &str) -> Result<(), StoreError> {
    let mut found = String::new();
    for text in [format!("PRAGMA {name} = {value}"), format!("PRAGMA {name}")] {
        let mut statement = connection
            .prepare(&text)
            .map_err(|error| store_error(&error))?;
        let mut rows = statement.query([]).map_err(|error| store_error(&error))?;
        while let Some(row) = rows.next().map_err(|error| store_error(&error))? {
            let value: rusqlite::types::Value = row.get(0).map_err(|error| store_error(&error))?;
            found = match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                _ => String::new(),
            };
        }
    }
    if found == expected {
        return Ok(());
    }
    let what = format!("`{name}` is {found:?} and not {expected:?}");
    Err(StoreError::new(StoreFault::Unsafe, what))
}

#[cfg(test)]
mod tests {
    use redress_ledger::Scan;
    use redress_ledger::cell::Cell;
    use redress_ledger::rows::{BucketRow, RecordRow};
    use redress_ledger::table::Record as _;
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_not_parsed_again_for_other_values() {
        let folder = tempfile::TempDir::new().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
        let connection = ledger.reader().unwrap();
        let text = |name: &str| Cell::Text(name.into());
        let by = &["account", "subject", "bucket"];
        let buckets = Scan::new(BucketRow::TABLE, by, vec![text("a"), text("b")])
            .above(Cell::Int(1))
            .to(Cell::Int(2));
        let records = Scan::new(RecordRow::TABLE, &["seq"], Vec::new())
            .above(Cell::Int(0))
            .limit(1);
        for scan in [buckets, records] {
            let text = statements::STATEMENTS.scan(&scan);
            let mut statement = connection.prepare(&text).unwrap();
            for number in 0..3 {
                let values = vec![number; statement.parameter_count()];
                let mut rows = statement.query(rusqlite::params_from_iter(values)).unwrap();
                while rows.next().unwrap().is_some() {}
            }
            let again = statement.get_status(StatementStatus::RePrepare);
            assert_eq!(again, 0, "{text}");
        }
    }
}
