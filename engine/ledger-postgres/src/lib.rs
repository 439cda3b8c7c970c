//! A ledger in PostgreSQL, for services on several machines.
//!
//! Any number of programs write to it at the same time. Each write takes the lock of the one
//! row about the ledger first, since the decision log is one sequence without a gap and the
//! ledger's time never runs backwards: so there is one order of everything, no two writers
//! ever wait for each other in a circle, and whoever asks for a crowded customer waits no
//! longer than whoever asks for a quiet one. What that lock costs is shared: the threads of
//! a program that commit at the same time share one transaction and one sync of the disk.
//!
//! A writer that loses its connection loses its transaction with it, so no epoch has to fence
//! it off. One whose connection ends while it commits is told `outcome_unknown`, and the key
//! of its request tells the outcome.

mod address;
mod error;
mod schema;
mod session;
mod tables;
mod tls;

use std::sync::{Arc, Mutex, MutexGuard};

use redress_ledger::group::Group;
use redress_ledger::migrate::check_same;
use redress_ledger::sql::Statements;
use redress_ledger::{
    Fronts, Reply, Request, Signing, Store, StoreError, StoreFault, Tables, Timestamp,
};

pub use self::address::Address;
use self::error::{committed, store_error};
pub use self::schema::{POSTGRES, migrate_to};
use self::session::Session;
use self::tables::PostgresTables;

/// How many idle readers are kept.
const READERS_MAX: usize = 8;

/// What begins a write. After the lock that follows, each statement sees what was committed
/// before, so nothing is ever to be tried again.
const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// What begins a read, on one snapshot.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Takes the ledger's one lock and tells of which version its tables are.
const LOCK: &str = "SELECT \"schema_version\" FROM \"meta\" WHERE \"id\" = 0 FOR UPDATE";

/// A ledger in one schema of a PostgreSQL database.
pub struct PostgresLedger {
    address: Address,
    writer: Option<Mutex<Option<Session>>>,
    readers: Mutex<Vec<Session>>,
    statements: Statements,
    fronts: Arc<Fronts>,
    group: Group,
    signing: Option<Signing>,
}

impl std::fmt::Debug for PostgresLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresLedger")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl PostgresLedger {
    /// Opens a ledger to read and write, makes it if its schema is empty, and brings tables of
    /// an older version up to date. The text is an [`Address`].
    ///
    /// # Errors
    /// `ledger_unreachable` when there is no such server, database or schema, `ledger_unsafe`
    /// when the server would not keep what it has committed or the way to it is not safe,
    /// `ledger_newer` when a program of another version made it, `ledger_corrupt` when the schema holds
    /// something else, and what else a [`StoreError`] tells.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_at(url.parse()?)
    }

    /// Opens the ledger at an address, as [`PostgresLedger::open`] does.
    ///
    /// # Errors
    /// As [`PostgresLedger::open`].
    pub fn open_at(address: Address) -> Result<Self, StoreError> {
        let mut session = Session::open(&address)?;
        schema::make_or_migrate(&mut session)?;
        let writer = Some(Mutex::new(Some(session)));
        Ok(Self::with(address, writer))
    }

    /// The ledger with a key that signs checkpoints of its log.
    ///
    /// # Errors
    /// `other_log` when the log has another name than the key.
    pub fn signed(mut self, signing: Signing) -> Result<Self, StoreError> {
        redress_ledger::log::check_key(&self, &signing)?;
        self.signing = Some(signing);
        Ok(self)
    }

    /// Opens a ledger that is there, to read it. Writing gives `ledger_read_only`.
    ///
    /// # Errors
    /// As [`PostgresLedger::open`].
    pub fn open_read_only(url: &str) -> Result<Self, StoreError> {
        Self::open_read_only_at(url.parse()?)
    }

    /// Opens the ledger at an address to read it.
    ///
    /// # Errors
    /// As [`PostgresLedger::open`].
    pub fn open_read_only_at(address: Address) -> Result<Self, StoreError> {
        let mut session = Session::open(&address)?;
        schema::check_version(&mut session)?;
        let own = Self::with(address, None);
        own.keep(session);
        Ok(own)
    }

    fn with(address: Address, writer: Option<Mutex<Option<Session>>>) -> Self {
        Self {
            address,
            writer,
            readers: Mutex::new(Vec::new()),
            statements: Statements::new(POSTGRES),
            fronts: Arc::new(Fronts::new()),
            group: Group::new(),
            signing: None,
        }
    }

    /// A connection on which a transaction has begun. An idle one may have died in the
    /// meantime; nothing was asked of it yet, so another takes its place.
    fn begin(&self, idle: Option<Session>, text: &str) -> Result<Session, StoreError> {
        if let Some(mut session) = idle {
            match session.run(text) {
                Ok(()) => return Ok(session),
                Err(error) if error.fault == StoreFault::Unreachable => {}
                Err(error) => return Err(error),
            }
        }
        let mut session = Session::open(&self.address)?;
        session.run(text)?;
        Ok(session)
    }

    fn keep(&self, session: Session) {
        if let Ok(mut readers) = self.readers.lock()
            && readers.len() < READERS_MAX
        {
            readers.push(session);
        }
    }
}

/// Takes the lock, runs the work and says whether every statement of it went through.
fn locked(
    session: &mut Session,
    statements: &Statements,
    fronts: &Arc<Fronts>,
    work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let found = session
        .statement(LOCK)
        .and_then(|lock| session.client.query_one(&lock, &[]))
        .and_then(|row| row.try_get(0));
    check_same(found.map_err(|error| store_error(&error))?)?;
    let mut tables = PostgresTables::new(session, statements).lending(fronts);
    work(&mut tables)?;
    tables.failed().map_or(Ok(()), Err)
}

impl Store for PostgresLedger {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else {
            let what = "the ledger was opened to be read";
            return Err(StoreError::new(StoreFault::ReadOnly, what));
        };
        let mut writer = lock_of(writer)?;
        let mut session = self.begin(writer.take(), WRITE)?;
        if let Err(error) = locked(&mut session, &self.statements, &self.fronts, work) {
            // A connection that cannot roll back is dropped, and the server rolls back.
            if session.run("ROLLBACK").is_ok() {
                *writer = Some(session);
            }
            return Err(error);
        }
        match session.client.batch_execute("COMMIT") {
            Ok(()) => {
                *writer = Some(session);
                Ok(())
            }
            Err(error) => Err(committed(&error)),
        }
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let idle = lock_of(&self.readers)?.pop();
        let mut session = self.begin(idle, READ)?;
        let mut tables = PostgresTables::new(&mut session, &self.statements).lending(&self.fronts);
        let worked = work(&mut tables);
        // A connection that cannot even end a read is not used again.
        if session.run("COMMIT").is_ok() {
            self.keep(session);
        }
        worked
    }

    fn signing(&self) -> Option<&Signing> {
        self.signing.as_ref()
    }

    fn submit(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        self.group.submit(self, batch, at)
    }
}

fn lock_of<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, StoreError> {
    mutex.lock().map_err(|_| StoreError::poisoned())
}
