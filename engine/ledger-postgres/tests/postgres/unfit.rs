//! Servers that cannot be written, are full, or held by others: each a typed error, and
//! nothing changed.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use postgres::Client;
use redress_ledger::digest::digest;
use redress_ledger::{Ledger as _, Request, Signing};
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_trials::crowd;
use redress_ledger_trials::fixture::{actor, case, decide, goodwill, key, matter, settle, start};
use redress_ledger_trials::server::Server;
use redress_log::note::{KeyName, SignerKey};

use crate::store::{decided, fault};

fn settles() -> [Request; 1] {
    [redress_ledger_trials::fixture::request(key("s"), settle(1))]
}

#[test]
fn a_role_without_the_right_to_write_reads_and_changes_nothing() {
    let Some(server) = Server::shared("a_role_without_the_right_to_write") else {
        return;
    };
    let (url, name) = server.schema();
    let owner = PostgresLedger::open(&url).unwrap();
    decided(&owner, "1");
    let before = digest(&owner).unwrap();
    let auditor = format!("auditor_{name}");
    let mut beside = server.within(&name);
    let text = format!(
        "CREATE ROLE {auditor} LOGIN; GRANT USAGE ON SCHEMA {name} TO {auditor}; \
         GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {auditor}"
    );
    beside.batch_execute(&text).unwrap();
    let own = url.replace("redress@", &format!("{auditor}@"));
    let reader = PostgresLedger::open_read_only(&own).unwrap();
    assert_eq!(digest(&reader).unwrap(), before);
    let writer = PostgresLedger::open(&own).unwrap();
    fault(writer.apply(&settles(), start()), "ledger_read_only");
    assert_eq!(digest(&owner).unwrap(), before);
    drop((reader, writer));
    let text = format!("DROP OWNED BY {auditor}; DROP ROLE {auditor}");
    beside.batch_execute(&text).unwrap();
}

#[test]
fn a_standby_is_read_and_never_written() {
    let Some(server) = Server::own("a_standby_is_read") else {
        return;
    };
    let (url, _) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    server.to_standby();
    // The one that was open finds its connection gone, and a standby in its place.
    fault(ledger.apply(&settles(), start()), "ledger_read_only");
    fault(PostgresLedger::open(&url), "ledger_read_only");
    let reader = PostgresLedger::open_read_only(&url).unwrap();
    assert_eq!(digest(&reader).unwrap(), before);
}

/// The server says with this code that its disk is full.
fn fill(beside: &mut Client) {
    let text = "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$; \
         CREATE TRIGGER is_full BEFORE INSERT ON log_record EXECUTE FUNCTION is_full()";
    beside.batch_execute(text).unwrap();
}

#[test]
fn a_full_disk_grants_nothing_and_the_ledger_goes_on_when_there_is_room() {
    let Some(server) = Server::shared("a_full_disk_grants_nothing") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    let mut beside = server.within(&name);
    fill(&mut beside);
    fault(ledger.apply(&settles(), start()), "ledger_full");
    assert_eq!(digest(&ledger).unwrap(), before);
    beside
        .batch_execute("DROP TRIGGER is_full ON log_record")
        .unwrap();
    ledger
        .apply(&settles(), start())
        .unwrap()
        .remove(0)
        .unwrap();
}

/// Takes the last room of a disk.
fn filled(disk: &Path) -> File {
    let mut filler = File::create(disk.join("filler")).unwrap();
    while filler.write_all(&[0; 4_096]).is_ok() {}
    filler
}

/// A decision about a case and an event of its own.
fn asked(number: u32) -> [Request; 1] {
    let id = number.to_string();
    let matter = matter(case(&id, &id, "c1"));
    let command = decide(&matter, goodwill(1), actor("ann", "agent"));
    [redress_ledger_trials::fixture::request(key(&id), command)]
}

/// A disk that is full indeed. Rows that fit on pages that are there already still go through, so
/// decisions are made until one does not.
#[test]
fn a_disk_without_room_grants_nothing_and_the_ledger_goes_on_when_there_is_some() {
    let test = "a_disk_without_room_grants_nothing";
    let Some(server) = Server::own(test) else {
        return;
    };
    let Some(disk) = server.small(test, 24) else {
        return;
    };
    let (url, _) = server.schema();
    let ledger = PostgresLedger::open(&format!("{url}%20-cdefault_tablespace%3Dsmall")).unwrap();
    decided(&ledger, "0");
    let filler = filled(&disk);
    let mut before = digest(&ledger).unwrap();
    let refused = (1..500).find_map(|number| {
        let error = ledger.apply(&asked(number), start()).err();
        if error.is_none() {
            before = digest(&ledger).unwrap();
        }
        error.map(|error| (number, error))
    });
    let (number, error) = refused.unwrap();
    assert_eq!(error.code(), "ledger_full", "{error}");
    assert_eq!(digest(&ledger).unwrap(), before);
    filler.set_len(0).unwrap();
    let replies = ledger.apply(&asked(number), start()).unwrap();
    assert!(replies[0].is_ok(), "{replies:?}");
}

/// A server that cannot write its write-ahead log panics, and ends or starts over as long as
/// there is no room. Nobody can tell what became of the commit at which it did; the key can.
#[test]
fn a_log_without_room_takes_no_acknowledged_decision_along() {
    let test = "a_log_without_room_takes_no_acknowledged";
    let Some(server) = Server::own(test) else {
        return;
    };
    let Some(disk) = server.wal(test, 64) else {
        return;
    };
    let (url, _) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "0");
    let asks = |number| ledger.apply(&asked(number), start());
    let mut answers: Vec<_> = (1..20).map(|number| asks(number).unwrap()).collect();
    let filler = filled(&disk);
    // What is left of the segment stays empty, so that the next one is needed at once.
    drop(server.control().batch_execute("SELECT pg_switch_wal()"));
    let (number, error) = loop {
        let number = 1 + u32::try_from(answers.len()).unwrap();
        match asks(number) {
            Ok(replies) => answers.push(replies),
            Err(error) => break (number, error),
        }
    };
    let codes = ["ledger_unreachable", "outcome_unknown"];
    assert!(codes.contains(&error.code()), "{error}");
    filler.set_len(0).unwrap();
    server.crash();
    for (number, replies) in (1..).zip(&answers) {
        let found = ledger.answer(&key(&u32::to_string(&number))).unwrap();
        let acknowledged = &replies[0].as_ref().unwrap().bytes;
        assert_eq!(&found.unwrap().bytes, acknowledged, "{number}");
    }
    let replies = asks(number).unwrap();
    assert!(replies[0].is_ok(), "{replies:?}");
    let records = ledger.records(0, u32::MAX).unwrap();
    // That of "0", those that were acknowledged, and the one that was asked for again, once.
    assert_eq!(records.len(), answers.len() + 2);
}

#[test]
fn a_locked_newer_or_foreign_ledger_is_told_and_left_alone() {
    let Some(server) = Server::shared("a_locked_newer_or_foreign_ledger") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&format!("{url}%20-clock_timeout%3D100ms")).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    let mut beside = server.within(&name);
    let mut other = beside.transaction().unwrap();
    other
        .batch_execute("SELECT 1 FROM meta FOR UPDATE")
        .unwrap();
    fault(ledger.apply(&settles(), start()), "ledger_locked");
    other.rollback().unwrap();
    beside
        .batch_execute("UPDATE meta SET schema_version = schema_version + 1")
        .unwrap();
    fault(ledger.apply(&settles(), start()), "ledger_newer");
    fault(PostgresLedger::open(&url), "ledger_newer");
    beside
        .batch_execute("UPDATE meta SET schema_version = schema_version - 1")
        .unwrap();
    let other = KeyName::new("other.example/log").unwrap();
    let signing = Signing::with(SignerKey::from_seed(other, &[5; 32]));
    let foreign = PostgresLedger::open(&url).unwrap().signed(signing);
    fault(foreign, "other_log");
    assert_eq!(digest(&ledger).unwrap(), before);
}

#[test]
fn sweepers_and_clients_of_two_programs_share_a_ledger() {
    let Some(server) = Server::shared("sweepers_and_clients_of_two_programs") else {
        return;
    };
    let (url, _) = server.schema();
    let programs = [(); 2].map(|()| PostgresLedger::open(&url).unwrap());
    crowd::sweepers(&[&programs[0], &programs[1]]);
    let (url, _) = server.schema();
    let programs = [(); 2].map(|()| PostgresLedger::open(&url).unwrap());
    let done = crowd::clients(65, 16, 12, &[&programs[0], &programs[1]]);
    let done = done.unwrap_or_else(|error| panic!("{error}"));
    assert!(done > 16, "{done}");
}
