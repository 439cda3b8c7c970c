//! The suite, the differential and the ways in which a file can be unfit.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use redress_ledger::digest::digest;
use redress_ledger::rows::{LinkRow, SCHEMA_VERSION, TABLES};
use redress_ledger::sql::Statements;
use redress_ledger::table::Record as _;
use redress_ledger::{Ledger, Memory, Scan, Store as _, StoreError, Tables};
use redress_ledger_sqlite::{SQLITE, SqliteLedger, migrate_to, schema_version};
use redress_ledger_trials::fixture::{
    actor, apply, case, code, decide, due, goodwill, key, matter, request, settle, start,
};
use redress_ledger_trials::{Unchanged, conformance, differential, generate::Generator};
use rusqlite::Connection;
use tempfile::TempDir;

#[track_caller]
fn fault(found: Result<impl Sized, StoreError>, expected: &str) {
    let code = found.err().map(|error| error.code());
    assert_eq!(code, Some(expected));
}

fn decided(ledger: &dyn Ledger, id: &str) {
    let matter = matter(case(id, id, "c1"));
    let command = decide(&matter, goodwill(700), actor("ann", "agent"));
    assert!(apply(ledger, id, command, start()).is_ok());
}

#[test]
fn the_ledger_in_a_file_conforms() {
    let folder = TempDir::new().unwrap();
    let number = AtomicU64::new(0);
    let ran = conformance::run(|| {
        let name = number.fetch_add(1, Ordering::Relaxed).to_string();
        let ledger = SqliteLedger::open(&folder.path().join(name)).unwrap();
        Box::new(Unchanged(ledger))
    });
    assert!(ran >= 150, "{ran}");
}

#[test]
fn the_ledger_in_a_file_does_what_the_model_does() {
    let folder = TempDir::new().unwrap();
    for seed in 5_000..5_004 {
        let ledger = SqliteLedger::open(&folder.path().join(seed.to_string())).unwrap();
        differential::history(seed, 150, &ledger).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn equal_histories_give_equal_digests_in_every_store() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let memory = Memory::new();
    let mut file = SqliteLedger::open(&path).unwrap();
    let mut generator = Generator::new(77);
    for number in 0..300 {
        let (request, at) = generator.make();
        let batch = std::slice::from_ref(&request);
        let replies = memory.apply(batch, at).unwrap();
        assert_eq!(file.apply(batch, at).unwrap(), replies);
        generator.learn(&request, &replies[0]);
        if number == 150 {
            drop(file);
            file = SqliteLedger::open(&path).unwrap();
        }
    }
    assert_eq!(digest(&memory).unwrap(), digest(&file).unwrap());
}

#[test]
fn a_second_writer_is_told_that_the_ledger_is_locked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let first = SqliteLedger::open(&path).unwrap();
    fault(SqliteLedger::open(&path), "ledger_locked");
    // A reader is welcome, and cannot write.
    decided(&first, "1");
    let reader = SqliteLedger::open_read_only(&path).unwrap();
    assert_eq!(reader.records(0, 9).unwrap().len(), 1);
    fault(reader.apply(&[], start()), "ledger_read_only");
    drop(first);
    SqliteLedger::open(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn a_second_writer_that_comes_by_a_link_is_told_that_the_ledger_is_locked() {
    use std::os::unix::fs::symlink;

    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    // The first link is there before the ledger is, and leads to it by another.
    symlink("inner.db", path("outer.db")).unwrap();
    symlink("real.db", path("inner.db")).unwrap();
    let first = SqliteLedger::open(&path("outer.db")).unwrap();
    decided(&first, "1");
    assert!(path("real.db").exists() && path("real.db.lock").exists());
    symlink(path("real.db"), path("whole.db")).unwrap();
    symlink(".", path("folder")).unwrap();
    for name in ["real.db", "inner.db", "whole.db", "folder/real.db"] {
        fault(SqliteLedger::open(&path(name)), "ledger_locked");
    }
    drop(first);
    let last = SqliteLedger::open(&path("whole.db")).unwrap();
    fault(SqliteLedger::open(&path("outer.db")), "ledger_locked");
    assert_eq!(last.records(0, 9).unwrap().len(), 1);
    // Links that lead round in a circle are no place for a ledger.
    symlink("b", path("a")).unwrap();
    symlink("a", path("b")).unwrap();
    assert!(SqliteLedger::open(&path("a")).is_err());
}

#[test]
fn a_writer_whose_lock_was_lost_is_fenced_off() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let first = SqliteLedger::open(&path).unwrap();
    decided(&first, "1");
    std::fs::remove_file(folder.path().join("ledger.lock")).unwrap();
    let second = SqliteLedger::open(&path).unwrap();
    let request = request(key("s"), settle(1));
    fault(first.apply(&[request], start()), "ledger_fenced");
    decided(&second, "2");
    assert_eq!(second.records(0, 9).unwrap().len(), 2);
}

#[test]
fn a_file_that_is_no_ledger_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(
        &path,
        "this is not a database, not at all, and it is long enough",
    )
    .unwrap();
    fault(SqliteLedger::open(&path), "ledger_corrupt");
    let other = folder.path().join("other.db");
    let connection = Connection::open(&other).unwrap();
    connection.execute_batch("CREATE TABLE a (b)").unwrap();
    fault(SqliteLedger::open(&other), "ledger_corrupt");
    fault(SqliteLedger::open_read_only(&other), "ledger_corrupt");
    let nowhere = Path::new("/nowhere/at/all");
    fault(SqliteLedger::open_read_only(nowhere), "ledger_unreachable");
    fault(SqliteLedger::open(nowhere), "ledger_unreachable");
}

#[test]
fn an_older_ledger_is_migrated_up_and_down_and_up() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let ledger = SqliteLedger::open(&path).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    drop(ledger);
    let mut connection = Connection::open(&path).unwrap();
    let schema = |connection: &Connection| {
        let text =
            "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema ORDER BY name)";
        connection
            .query_row(text, [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    let made = schema(&connection);
    migrate_to(&mut connection, 1).unwrap();
    assert_eq!(schema_version(&connection).unwrap(), 1);
    assert_ne!(schema(&connection), made);
    fault(migrate_to(&mut connection, 0), "ledger_newer");
    drop(connection);
    // Whoever only reads changes no table.
    fault(SqliteLedger::open_read_only(&path), "ledger_older");
    let ledger = SqliteLedger::open(&path).unwrap();
    assert_eq!(digest(&ledger).unwrap(), before);
    let connection = Connection::open(&path).unwrap();
    assert_eq!(schema_version(&connection).unwrap(), SCHEMA_VERSION);
    assert_eq!(
        schema(&connection),
        made,
        "migrated and new ledgers are the same"
    );
}

/// A tie of a case is a row that is all key, and is saved again whenever its case is.
#[test]
fn every_table_takes_a_row_and_takes_it_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let ledger = SqliteLedger::open(&path).unwrap();
    let row = LinkRow {
        link: "booking:B-77".into(),
        decision: 7,
    };
    let mut found = Vec::new();
    for _ in 0..2 {
        let put = &mut |tables: &mut dyn Tables| tables.put(LinkRow::TABLE, &row.to_row());
        ledger.write(put).unwrap();
    }
    ledger
        .read(&mut |tables| {
            found = tables.scan(&Scan::new(
                LinkRow::TABLE,
                &["link", "decision"],
                Vec::new(),
            ))?;
            Ok(())
        })
        .unwrap();
    assert_eq!(found, [row.to_row()]);
    let connection = Connection::open(&path).unwrap();
    let statements = Statements::new(SQLITE);
    for table in TABLES {
        for text in [
            statements.get(table),
            statements.put(table),
            statements.remove(table),
        ] {
            let prepared = connection.prepare(text);
            assert!(prepared.is_ok(), "{text}: {:?}", prepared.err());
        }
    }
}

#[test]
fn a_check_of_the_tables_stops_what_no_rule_should_let_through() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let ledger = SqliteLedger::open(&path).unwrap();
    decided(&ledger, "1");
    drop(ledger);
    let connection = Connection::open(&path).unwrap();
    for text in [
        "UPDATE account SET used_minor = ceiling_minor + 1 WHERE ceiling_minor IS NOT NULL",
        "UPDATE account SET used_minor = -1",
        "UPDATE account SET used_times = 'many'",
        "UPDATE entry SET state = 'paid'",
        "UPDATE entry SET ground = 'statutory', expires_at = 1",
        "UPDATE decision SET outcome = 'maybe'",
        "UPDATE entry SET worth_minor = NULL",
    ] {
        assert!(connection.execute_batch(text).is_err(), "{text}");
    }
}

#[test]
fn what_fails_within_a_transaction_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    let failed = ledger.write(&mut |tables| {
        let row = redress_ledger::table::Record::to_row(&redress_ledger::rows::SignatureRow {
            escalation: 1,
            person: redress_model::ActorId::new("sue").unwrap(),
            role: code("supervisor"),
            at: start(),
        });
        tables.put(
            <redress_ledger::rows::SignatureRow as redress_ledger::table::Record>::TABLE,
            &row,
        )?;
        Err(StoreError::new(
            redress_ledger::StoreFault::Io,
            "on purpose",
        ))
    });
    fault(failed, "ledger_io");
    assert_eq!(digest(&ledger).unwrap(), before);
    decided(&ledger, "2");
}

#[test]
fn a_backup_holds_what_the_ledger_held() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("ledger"), folder.path().join("copy"));
    let ledger = SqliteLedger::open(&path).unwrap();
    decided(&ledger, "1");
    ledger.backup(&copy).unwrap();
    fault(ledger.backup(&copy), "ledger_io");
    let before = digest(&ledger).unwrap();
    decided(&ledger, "2");
    let restored = SqliteLedger::open(&copy).unwrap();
    assert_eq!(digest(&restored).unwrap(), before);
    apply(&restored, "due", due(), start()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_backup_to_a_name_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
    decided(&ledger, "1");
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    let before = files();
    let copy = folder.path().join(OsStr::from_bytes(b"copy-\xff"));
    let refused = ledger.backup(&copy).unwrap_err();
    assert!(refused.what.contains("UTF-8"), "{refused}");
    assert_eq!(files(), before);
}

#[test]
fn threads_share_commits_and_none_is_lost() {
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let ledger = &ledger;
            scope.spawn(move || {
                for number in 0..12 {
                    decided(ledger, &format!("{thread}-{number}"));
                }
            });
        }
    });
    let records = ledger.records(0, 1_000).unwrap();
    let numbers: Vec<u64> = records.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, (1..=96).collect::<Vec<_>>());
    // All of them ask for one customer, whose caps hold.
    for row in ledger.accounts("customer:c1", start()).unwrap() {
        assert!(
            row.ceiling_minor.is_none_or(|most| row.used_minor <= most),
            "{row:?}"
        );
    }
}
