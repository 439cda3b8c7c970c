//! The tables in SQL, their version, and the way from one version to the next and back.

use redress_ledger::migrate::{self, Tableau};
use redress_ledger::rows::{Meta, SCHEMA_VERSION, TABLES};
use redress_ledger::sql::{self, Dialect, Statements};
use redress_ledger::table::{Record as _, Row};
use redress_ledger::{StoreError, StoreFault, Tables, engine};

use crate::Address;
use crate::error::store_error;
use crate::session::Session;
use crate::tables::{Param, PostgresTables, places};

/// PostgreSQL's dialect. Text is ordered by its bytes and not by the language of the server,
/// as in every other store.
pub const POSTGRES: Dialect = Dialect {
    parameter: '$',
    int: "bigint",
    text: "text COLLATE \"C\"",
    bytes: "bytea",
    table: "",
    table_by_key: "",
};

/// Tells a ledger from other tables: the comment of its first table.
const MARK: &str = "redress ledger";

/// Makes the tables in an empty schema, or brings those of an older version up to date. Several
/// programs may do so at the same time: all but one wait.
pub(crate) fn make_or_migrate(session: &mut Session) -> Result<(), StoreError> {
    whole(session, |session| {
        if is_empty(session)? {
            return make(session);
        }
        let found = version(session)?;
        migrate::check(found)?;
        if found == SCHEMA_VERSION {
            return Ok(());
        }
        walk(session, found, SCHEMA_VERSION)
    })
}

/// Refuses what is not a ledger, and one whose tables are of another version.
pub(crate) fn check_version(session: &mut Session) -> Result<(), StoreError> {
    if is_empty(session)? {
        return Err(no_ledger());
    }
    migrate::check_same(version(session)?)
}

/// Brings the tables of a ledger to another version, up or down. A program that has it open is
/// refused with its next write.
///
/// # Errors
/// [`StoreError`] when it is not a ledger, or is of a version that this program does not know.
pub fn migrate_to(address: &Address, to: i64) -> Result<(), StoreError> {
    let mut session = Session::open(address)?;
    whole(&mut session, |session| {
        if is_empty(session)? {
            return Err(no_ledger());
        }
        let found = version(session)?;
        walk(session, found, to)
    })
}

fn no_ledger() -> StoreError {
    StoreError::new(StoreFault::Unreachable, "the schema holds no ledger")
}

/// The version of the tables.
fn version(session: &mut Session) -> Result<i64, StoreError> {
    let fail = |error: postgres::Error| store_error(&error);
    let text = "SELECT \"schema_version\" FROM \"meta\"";
    let row = session.client.query_one(text, &[]).map_err(fail)?;
    row.try_get(0).map_err(fail)
}

/// Goes from one version to another under the lock that every write takes first.
fn walk(session: &mut Session, from: i64, to: i64) -> Result<(), StoreError> {
    session.run("LOCK TABLE \"meta\" IN ACCESS EXCLUSIVE MODE")?;
    let statements = Statements::new(POSTGRES);
    let mut tableau = InTransaction {
        session,
        statements: &statements,
    };
    migrate::walk(&mut tableau, from, to)
}

/// The tables of a ledger within a transaction.
struct InTransaction<'t> {
    session: &'t mut Session,
    statements: &'t Statements,
}

impl Tableau for InTransaction<'_> {
    fn dialect(&self) -> Dialect {
        POSTGRES
    }

    fn run(&mut self, text: &str) -> Result<(), StoreError> {
        self.session.run(text)
    }

    fn select(&mut self, text: &str) -> Result<Vec<Row>, StoreError> {
        PostgresTables::new(self.session, self.statements).select(text)
    }

    fn within(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        work(&mut PostgresTables::new(self.session, self.statements))
    }
}

/// Runs work in one transaction that no other opening of a ledger overlaps.
fn whole(
    session: &mut Session,
    work: impl FnOnce(&mut Session) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    session.run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?;
    let lock =
        "SELECT pg_advisory_xact_lock(hashtext('redress ledger'), hashtext(current_schema()))";
    let done = session.run(lock).and_then(|()| work(session));
    match done {
        Ok(()) => session.run("COMMIT"),
        Err(error) => {
            // A connection that cannot even roll back is dropped by its caller.
            session.run("ROLLBACK")?;
            Err(error)
        }
    }
}

/// Whether the schema holds no table at all. One that holds others is refused, since a ledger
/// of its own needs a schema of its own.
fn is_empty(session: &mut Session) -> Result<bool, StoreError> {
    let text = "SELECT count(*), \
         max(obj_description(c.oid, 'pg_class')) FILTER (WHERE c.relname = 'meta') \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";
    let fail = |error: postgres::Error| store_error(&error);
    let row = session.client.query_one(text, &[]).map_err(fail)?;
    let (tables, mark): (i64, Option<String>) =
        (row.try_get(0).map_err(fail)?, row.try_get(1).map_err(fail)?);
    if tables > 0 && mark.as_deref() != Some(MARK) {
        let what = "the schema holds other tables and no ledger: give the ledger a schema of its \
                    own with `options=-csearch_path=NAME`";
        return Err(StoreError::new(StoreFault::Corrupt, what));
    }
    Ok(tables == 0)
}

fn make(session: &mut Session) -> Result<(), StoreError> {
    for table in TABLES {
        for text in sql::create(POSTGRES, table) {
            session.run(&text)?;
        }
    }
    session.run(&format!("COMMENT ON TABLE \"meta\" IS '{MARK}'"))?;
    let row = engine::new_ledger().to_row();
    let params: Vec<Param<'_>> = row.iter().map(Param).collect();
    let text = sql::insert(POSTGRES, Meta::TABLE);
    let made = session.client.execute(&text, &places(&params));
    made.map(|_| ()).map_err(|error| store_error(&error))
}
