//! The way of the tables from one version to the next and back, the same in every store that
//! keeps them in SQL.

use crate::cell::{Cell, Field};
use crate::engine::{OldRecord, adopt};
use crate::rows::{
    ActivationRow, CheckpointRow, CountedRow, HeadRow, Meta, NodeRow, OpeningRow, RecordRow,
    SCHEMA_VERSION,
};
use crate::sql::{self, Dialect};
use crate::store::{StoreError, StoreFault, Tables};
use crate::table::{Record as _, Row, Table};

/// The tables of a ledger within one transaction that may change what tables there are.
pub trait Tableau {
    /// How the database spells what SQL leaves open.
    fn dialect(&self) -> Dialect;

    /// Runs a statement.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn run(&mut self, text: &str) -> Result<(), StoreError>;

    /// Runs a query and gives its rows.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn select(&mut self, text: &str) -> Result<Vec<Row>, StoreError>;

    /// Runs work on the rows of today's tables.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] when the store fails.
    fn within(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// A step between two versions of the tables. In its texts `{int}`, `{text}`, `{bytes}`,
/// `{table}` and `{table_by_key}` stand for what a [`Dialect`] spells.
struct Migration {
    /// The version that it leads to.
    to: i64,
    /// What is done on the way up.
    up: &'static [&'static str],
    /// What is done then, where SQL alone cannot.
    then: fn(&mut dyn Tableau) -> Result<(), StoreError>,
    /// What is done on the way down.
    down: &'static [&'static str],
}

/// Every step from the first version on, in order.
const MIGRATIONS: &[Migration] = &[
    Migration {
        // Entries and timers of one customer are found without reading them all.
        to: 2,
        up: &[
            "CREATE INDEX IF NOT EXISTS \"entry_by_claimant\" ON \"entry\" (\"claimant\")",
            "CREATE INDEX IF NOT EXISTS \"timer_by_claimant\" ON \"timer\" (\"claimant\")",
        ],
        then: |_| Ok(()),
        down: &[
            "DROP INDEX \"entry_by_claimant\"",
            "DROP INDEX \"timer_by_claimant\"",
        ],
    },
    Migration {
        // Decisions are compared with those of their class and of linked cases.
        to: 3,
        up: &[
            "CREATE TABLE \"norm\" (\"decision\" {int} NOT NULL, \"at\" {int} NOT NULL, \
             \"class\" {bytes} NOT NULL, \"label\" {text} NOT NULL, \"policy\" {text} NOT NULL, \
             \"version\" {text} NOT NULL, \"case_id\" {text} NOT NULL, \"event\" {text} NOT NULL, \
             \"claimant\" {text} NOT NULL, \"proposer\" {text} NOT NULL, \"point\" {text} NOT NULL, \
             \"units\" {int} NOT NULL, \"tariff_minor\" {int} NOT NULL, \
             \"sum_minor\" {int} NOT NULL, \"currency\" {text} NOT NULL, \
             \"state\" {text} NOT NULL, PRIMARY KEY (\"decision\"), CHECK (state IN ('open', \
             'norm', 'error', 'departure', 'overturned', 'experiment', 'past')), \
             CHECK (units > 0), CHECK (tariff_minor >= 0), CHECK (sum_minor >= 0)){table}",
            "CREATE INDEX \"norm_by_class_state_at\" ON \"norm\" (\"class\", \"state\", \"at\")",
            "CREATE INDEX \"norm_by_event\" ON \"norm\" (\"event\")",
            "CREATE INDEX \"norm_by_case_id\" ON \"norm\" (\"case_id\")",
            "CREATE TABLE \"link\" (\"link\" {text} NOT NULL, \"decision\" {int} NOT NULL, \
             PRIMARY KEY (\"link\", \"decision\")){table_by_key}",
            "CREATE INDEX \"timer_by_event\" ON \"timer\" (\"event\")",
        ],
        then: |_| Ok(()),
        down: &[
            "DROP INDEX \"timer_by_event\"",
            "DROP TABLE \"link\"",
            "DROP TABLE \"norm\"",
        ],
    },
    Migration {
        // Records come into the log of today, whose tables are those of [`crate::rows`]. On the
        // way down they stay where they are, and an older program, which does not know them,
        // gets its own filled from them.
        to: 4,
        up: &[],
        then: take_in,
        down: &[
            "CREATE TABLE \"record\" (\"seq\" {int} NOT NULL, \"at\" {int} NOT NULL, \
             \"kind\" {text} NOT NULL, \"decision\" {int}, \"body\" {bytes} NOT NULL, \
             \"leaf\" {bytes} NOT NULL, PRIMARY KEY (\"seq\"), CHECK (seq > 0)){table}",
            "CREATE INDEX \"record_by_decision\" ON \"record\" (\"decision\")",
            "CREATE TABLE \"personal\" (\"decision\" {int} NOT NULL, \"salt\" {bytes}, \
             \"body\" {bytes}, PRIMARY KEY (\"decision\")){table}",
            "INSERT INTO \"record\" SELECT \"seq\", \"at\", \"kind\", \"decision\", \"line\", \
             \"leaf\" FROM \"log_record\" WHERE \"seq\" > 0",
        ],
    },
    Migration {
        // Which revision of a policy is in force. The table stays on the way down, since a
        // ledger that forgot it would take an older store of releases for a new one.
        to: 5,
        up: &[],
        then: |tableau| make_unless_there(tableau, &[ActivationRow::TABLE]),
        down: &[],
    },
    Migration {
        // Who asked for an escalation by hand, which chain an entry waits for, what a timer
        // became, and which cases a counter has counted. Held sums of the law wait for the
        // chain that their decision has open: it alone can let them go. What was opened after
        // its decision without signatures and without a ladder was asked for by hand, unless something was held still, which may wait for it. What was
        // counted stays on the way down, or the same cases would be counted again.
        to: 6,
        up: &[
            "ALTER TABLE \"entry\" ADD COLUMN \"chain\" {text}",
            "UPDATE \"entry\" SET \"chain\" = (SELECT min(\"chain\") FROM \"escalation\" WHERE \
             \"escalation\".\"decision\" = \"entry\".\"decision\" AND \
             \"escalation\".\"state\" = 'open') \
             WHERE \"state\" = 'held' AND \"ground\" = 'statutory'",
            "ALTER TABLE \"escalation\" ADD COLUMN \"opened_by\" {text}",
            "UPDATE \"escalation\" SET \"opened_by\" = 'unnamed' WHERE \"signatures\" = '[]' \
             AND \"ladder\" = '[]' AND \"proposer\" <> 'ledger' AND \"opened_at\" > \
             (SELECT \"at\" FROM \"decision\" WHERE \"id\" = \"escalation\".\"decision\") \
             AND NOT EXISTS (SELECT 1 FROM \"entry\" WHERE \
             \"entry\".\"decision\" = \"escalation\".\"decision\" AND \
             \"entry\".\"state\" = 'held')",
            "ALTER TABLE \"timer\" ADD COLUMN \"team\" {text}",
            "ALTER TABLE \"timer\" ADD COLUMN \"campaign\" {text}",
            "ALTER TABLE \"timer\" ADD COLUMN \"fired\" {int}",
        ],
        then: |tableau| make_unless_there(tableau, &[CountedRow::TABLE]),
        down: &[
            "ALTER TABLE \"timer\" DROP COLUMN \"fired\"",
            "ALTER TABLE \"timer\" DROP COLUMN \"campaign\"",
            "ALTER TABLE \"timer\" DROP COLUMN \"team\"",
            "ALTER TABLE \"escalation\" DROP COLUMN \"opened_by\"",
            "ALTER TABLE \"entry\" DROP COLUMN \"chain\"",
        ],
    },
];

/// Refuses tables that a newer program made.
///
/// # Errors
/// `ledger_newer`.
pub fn check(found: i64) -> Result<(), StoreError> {
    if found > SCHEMA_VERSION {
        let what =
            format!("its tables are of version {found}, this program knows {SCHEMA_VERSION}");
        return Err(StoreError::new(StoreFault::Newer, what));
    }
    Ok(())
}

/// Refuses tables of another version than this program's.
///
/// # Errors
/// `ledger_newer` or `ledger_older`.
pub fn check_same(found: i64) -> Result<(), StoreError> {
    check(found)?;
    if found < SCHEMA_VERSION {
        let what = format!(
            "its tables are of version {found} and this program's of {SCHEMA_VERSION}: open it to \
             write, which brings them up to date"
        );
        return Err(StoreError::new(StoreFault::Older, what));
    }
    Ok(())
}

/// Brings tables from one version to another, up or down, and notes the new version in the row
/// about the ledger.
///
/// # Errors
/// `ledger_newer` when this program does not know one of the versions, and what else a
/// [`StoreError`] tells.
pub fn walk(tableau: &mut dyn Tableau, from: i64, to: i64) -> Result<(), StoreError> {
    let lowest = MIGRATIONS
        .first()
        .map_or(SCHEMA_VERSION, |first| first.to.saturating_sub(1));
    let known = lowest..=SCHEMA_VERSION;
    if !known.contains(&to) || !known.contains(&from) {
        let what = format!("there is no way from version {from} to {to}");
        return Err(StoreError::new(StoreFault::Newer, what));
    }
    if from == to {
        return Ok(());
    }
    let up = MIGRATIONS
        .iter()
        .filter(|step| from < step.to && step.to <= to);
    for step in up {
        for text in step.up {
            run(tableau, text)?;
        }
        (step.then)(tableau)?;
    }
    let down = MIGRATIONS
        .iter()
        .rev()
        .filter(|step| to < step.to && step.to <= from);
    for text in down.flat_map(|step| step.down) {
        run(tableau, text)?;
    }
    let table = Meta::TABLE.name;
    tableau.run(&format!("UPDATE \"{table}\" SET \"schema_version\" = {to}"))
}

/// Runs a text of a migration in the database's own spelling.
fn run(tableau: &mut dyn Tableau, text: &str) -> Result<(), StoreError> {
    let dialect = tableau.dialect();
    let text = text
        .replace("{int}", dialect.int)
        .replace("{text}", dialect.text)
        .replace("{bytes}", dialect.bytes)
        .replace("{table_by_key}", dialect.table_by_key)
        .replace("{table}", dialect.table);
    tableau.run(&text)
}

const TABLES_OF_LOG: [&Table; 5] = [
    HeadRow::TABLE,
    RecordRow::TABLE,
    NodeRow::TABLE,
    OpeningRow::TABLE,
    CheckpointRow::TABLE,
];

/// Records that the log does not have yet, with the case and the customer of each: so many at a
/// time that any number of them can be migrated.
const OLD: &str = "SELECT r.seq, r.at, r.kind, r.decision, d.claimant, r.body, p.body, p.salt \
    FROM record r LEFT JOIN decision d ON d.id = r.decision \
    LEFT JOIN personal p ON p.decision = r.seq \
    WHERE r.seq > (SELECT coalesce(max(seq), 0) FROM log_record) ORDER BY r.seq LIMIT 1000";

/// Makes tables with their indexes, which are there where a newer program went down to the
/// version before.
fn make_unless_there(tableau: &mut dyn Tableau, tables: &[&Table]) -> Result<(), StoreError> {
    let dialect = tableau.dialect();
    for text in tables.iter().flat_map(|table| sql::create(dialect, table)) {
        let text = text
            .replacen("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1)
            .replacen("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1);
        tableau.run(&text)?;
    }
    Ok(())
}

fn take_in(tableau: &mut dyn Tableau) -> Result<(), StoreError> {
    make_unless_there(tableau, &TABLES_OF_LOG)?;
    loop {
        let rows = tableau.select(OLD)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let old = old(row)?;
            tableau.within(&mut |tables| adopt(tables, &old))?;
        }
    }
    // What was personal lies sealed in the log now, where it can be erased.
    tableau.run("DROP TABLE \"record\"")?;
    tableau.run("DROP TABLE \"personal\"")
}

fn old(row: Row) -> Result<OldRecord, StoreError> {
    let mut cells = row.into_iter();
    let (seq, at, kind) = (next(&mut cells)?, next(&mut cells)?, next(&mut cells)?);
    let (decision, claimant) = (next(&mut cells)?, next(&mut cells)?);
    let utf8 = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(OldRecord {
        seq,
        at,
        kind,
        decision,
        claimant,
        body: utf8(next(&mut cells)?),
        case: next::<Option<Vec<u8>>>(&mut cells)?.map(utf8),
        salt: next::<Option<Vec<u8>>>(&mut cells)?.unwrap_or_default(),
    })
}

fn next<T: Field>(cells: &mut impl Iterator<Item = Cell>) -> Result<T, StoreError> {
    let wrong = || StoreError::new(StoreFault::Corrupt, "an old record does not read back");
    let cell = cells.next().ok_or_else(wrong)?;
    T::from_cell(cell).ok_or_else(wrong)
}
