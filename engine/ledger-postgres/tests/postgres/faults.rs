//! Connections that end, locks that last, servers that forget.

use redress_ledger::digest::digest;
use redress_ledger::{Ledger as _, Store as _, StoreError, StoreFault, engine};
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_trials::crowd;
use redress_ledger_trials::fixture::{actor, case, decide, goodwill, key, matter, start};

use crate::store::{decided, fault};
use redress_ledger_trials::server::{Server, terminate};

fn request(id: &str) -> redress_ledger::Request {
    let matter = matter(case(id, id, "c1"));
    let command = decide(&matter, goodwill(700), actor("ann", "agent"));
    redress_ledger_trials::fixture::request(key(id), command)
}

#[test]
fn idle_connections_that_ended_are_made_anew() {
    let Some(server) = Server::shared("idle_connections_that_ended") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    assert_eq!(ledger.records(0, 9).unwrap().len(), 1);
    assert_eq!(terminate(&mut server.control(), &name), 2);
    decided(&ledger, "2");
    assert_eq!(terminate(&mut server.control(), &name), 1);
    assert_eq!(ledger.records(0, 9).unwrap().len(), 2);
}

#[test]
fn a_connection_that_ends_within_a_write_leaves_nothing_behind() {
    let Some(server) = Server::shared("a_connection_that_ends_within_a_write") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    let mut control = server.control();
    // Before the last statement: nothing was applied, for certain.
    let ended = ledger.write(&mut |tables| {
        terminate(&mut control, &name);
        engine::apply(tables, &[request("2")], start(), None).map(|_| ())
    });
    fault(ended, "ledger_unreachable");
    assert_eq!(digest(&ledger).unwrap(), before);
    // At the commit: nobody who lost the connection can tell, and the key does.
    let ended = ledger.write(&mut |tables| {
        engine::apply(tables, &[request("2")], start(), None)?;
        terminate(&mut control, &name);
        Ok(())
    });
    fault(ended, "outcome_unknown");
    assert_eq!(ledger.answer(&key("2")).unwrap(), None);
    assert_eq!(digest(&ledger).unwrap(), before);
    decided(&ledger, "2");
    assert!(ledger.answer(&key("2")).unwrap().is_some());
}

#[test]
fn work_that_overlooks_a_failed_statement_is_not_committed() {
    let Some(server) = Server::shared("work_that_overlooks_a_failed_statement") else {
        return;
    };
    let (url, _) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    let overlooked = ledger.write(&mut |tables| {
        engine::apply(tables, &[request("2")], start(), None)?;
        let mut row = redress_ledger::table::Record::to_row(&engine::new_ledger());
        row[4] = redress_ledger::cell::Cell::Int(-1);
        let table = <redress_ledger::rows::Meta as redress_ledger::table::Record>::TABLE;
        assert!(tables.put(table, &row).is_err());
        Ok(())
    });
    fault(overlooked, "ledger_corrupt");
    let failed = ledger.write(&mut |tables| {
        engine::apply(tables, &[request("2")], start(), None)?;
        Err(StoreError::new(StoreFault::Io, "on purpose"))
    });
    fault(failed, "ledger_io");
    assert_eq!(digest(&ledger).unwrap(), before);
    decided(&ledger, "2");
}

#[test]
fn what_one_customer_meets_in_postgresql_fails_no_other_client() {
    let Some(server) = Server::shared("what_one_customer_meets") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    let text = "CREATE FUNCTION is_broken() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = 'check_violation'; END $$; \
         CREATE TRIGGER is_broken BEFORE INSERT ON decision FOR EACH ROW \
         WHEN (NEW.claimant = 'broken') EXECUTE FUNCTION is_broken()";
    server.within(&name).batch_execute(text).unwrap();
    crowd::beside_a_broken_customer(&ledger);
}

#[test]
fn whoever_waits_too_long_for_another_writer_is_told() {
    let Some(server) = Server::shared("whoever_waits_too_long") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&format!("{url}%20-clock_timeout%3D100ms")).unwrap();
    decided(&ledger, "1");
    let mut beside = server.within(&name);
    let mut other = beside.transaction().unwrap();
    other
        .batch_execute("SELECT 1 FROM meta FOR UPDATE")
        .unwrap();
    fault(ledger.apply(&[request("2")], start()), "ledger_locked");
    // A reader never waits.
    assert_eq!(ledger.records(0, 9).unwrap().len(), 1);
    other.rollback().unwrap();
    decided(&ledger, "2");
}

#[test]
fn a_server_that_forgets_commits_is_refused() {
    let Some(server) = Server::own("a_server_that_forgets_commits") else {
        return;
    };
    let (url, _) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    server.crash();
    decided(&ledger, "2");
    assert_eq!(ledger.records(0, 9).unwrap().len(), 2);
    for text in [
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET default_transaction_read_only = on",
    ] {
        server.control().batch_execute(text).unwrap();
    }
    server.crash();
    fault(PostgresLedger::open(&url), "ledger_unsafe");
}
