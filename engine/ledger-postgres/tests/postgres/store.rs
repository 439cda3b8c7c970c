//! The suite, the differential and the ways in which a database can be unfit.

use redress_ledger::digest::digest;
use redress_ledger::rows::{SCHEMA_VERSION, TABLES};
use redress_ledger::sql::Statements;
use redress_ledger::{Ledger, Memory, StoreError};
use redress_ledger_postgres::{Address, POSTGRES, PostgresLedger, migrate_to};
use redress_ledger_trials::fixture::{actor, apply, case, decide, goodwill, matter, start};
use redress_ledger_trials::generate::Generator;
use redress_ledger_trials::{Unchanged, conformance, differential};

use redress_ledger_trials::campaign::number;
use redress_ledger_trials::server::Server;

#[track_caller]
pub(crate) fn fault(found: Result<impl Sized, StoreError>, expected: &str) {
    let error = found.err();
    let code = error.as_ref().map(StoreError::code);
    assert_eq!(code, Some(expected), "{error:?}");
}

pub(crate) fn decided(ledger: &dyn Ledger, id: &str) {
    let matter = matter(case(id, id, "c1"));
    let command = decide(&matter, goodwill(700), actor("ann", "agent"));
    assert!(apply(ledger, id, command, start()).is_ok());
}

#[test]
fn the_ledger_in_postgresql_conforms() {
    let Some(server) = Server::shared("the_ledger_in_postgresql_conforms") else {
        return;
    };
    let ran = conformance::run(|| {
        let ledger = PostgresLedger::open(&server.schema().0).unwrap();
        Box::new(Unchanged(ledger))
    });
    assert!(ran >= 150, "{ran}");
}

#[test]
fn the_ledger_in_postgresql_does_what_the_model_does() {
    let Some(server) = Server::shared("the_ledger_in_postgresql_does_what_the_model_does") else {
        return;
    };
    let (first, count) = (
        number("LEDGER_SEED", 6_000),
        number("LEDGER_DIFFERENTIAL", 3),
    );
    for seed in first..first + count {
        let ledger = PostgresLedger::open(&server.schema().0).unwrap();
        differential::history(seed, 150, &ledger).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn equal_histories_give_equal_digests_in_postgresql_and_in_memory() {
    let Some(server) = Server::shared("equal_histories_give_equal_digests") else {
        return;
    };
    let (url, _) = server.schema();
    let memory = Memory::new();
    let mut ledger = PostgresLedger::open(&url).unwrap();
    let mut generator = Generator::new(77);
    for number in 0..300 {
        let (request, at) = generator.make();
        let batch = std::slice::from_ref(&request);
        let replies = memory.apply(batch, at).unwrap();
        assert_eq!(ledger.apply(batch, at).unwrap(), replies);
        generator.learn(&request, &replies[0]);
        if number == 150 {
            ledger = PostgresLedger::open(&url).unwrap();
        }
    }
    assert_eq!(digest(&memory).unwrap(), digest(&ledger).unwrap());
}

#[test]
fn two_programs_write_at_the_same_time_in_one_order() {
    let Some(server) = Server::shared("two_programs_write_at_the_same_time") else {
        return;
    };
    let (url, _) = server.schema();
    // Both make the ledger, too.
    std::thread::scope(|scope| {
        for program in 0..2 {
            let url = &url;
            scope.spawn(move || {
                let ledger = PostgresLedger::open(url).unwrap();
                std::thread::scope(|scope| {
                    for thread in 0..4 {
                        let ledger = &ledger;
                        scope.spawn(move || {
                            for number in 0..6 {
                                decided(ledger, &format!("{program}-{thread}-{number}"));
                            }
                        });
                    }
                });
            });
        }
    });
    let ledger = PostgresLedger::open_read_only(&url).unwrap();
    let records = ledger.records(0, 1_000).unwrap();
    let numbers: Vec<u64> = records.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, (1..=48).collect::<Vec<_>>());
    // All of them ask for one customer, whose caps hold.
    let accounts = ledger.accounts("customer:c1", start()).unwrap();
    assert!(!accounts.is_empty());
    for row in accounts {
        let holds = row.ceiling_minor.is_none_or(|most| row.used_minor <= most);
        assert!(holds, "{row:?}");
    }
    fault(ledger.apply(&[], start()), "ledger_read_only");
}

#[test]
fn a_schema_that_holds_something_else_is_refused_and_left_alone() {
    let Some(server) = Server::shared("a_schema_that_holds_something_else") else {
        return;
    };
    let (url, name) = server.schema();
    fault(PostgresLedger::open_read_only(&url), "ledger_unreachable");
    let mut beside = server.within(&name);
    beside
        .batch_execute("CREATE TABLE meta (a bigint)")
        .unwrap();
    fault(PostgresLedger::open(&url), "ledger_corrupt");
    fault(PostgresLedger::open_read_only(&url), "ledger_corrupt");
    let tables = beside
        .query_one(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
            &[],
        )
        .unwrap();
    assert_eq!(tables.get::<_, i64>(0), 1);
    let nowhere = server.address("no_such_schema");
    fault(PostgresLedger::open(&nowhere), "ledger_unreachable");
}

/// Every column, index and check of a schema, by its text.
fn described(client: &mut postgres::Client) -> Vec<String> {
    let text = "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable \
         || ' ' || coalesce(collation_name, '') FROM information_schema.columns \
         WHERE table_schema = current_schema() \
         UNION ALL SELECT replace(indexdef, current_schema() || '.', '') FROM pg_indexes \
         WHERE schemaname = current_schema() \
         UNION ALL SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(c.oid) \
         FROM pg_constraint c WHERE connamespace = current_schema()::regnamespace \
         ORDER BY 1";
    let rows = client.query(text, &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn an_older_ledger_is_migrated_up_and_down_and_up() {
    let Some(server) = Server::shared("an_older_ledger_is_migrated") else {
        return;
    };
    let (url, name) = server.schema();
    let address: Address = url.parse().unwrap();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    let before = digest(&ledger).unwrap();
    let mut beside = server.within(&name);
    let made = described(&mut beside);
    migrate_to(&address, 1).unwrap();
    assert_ne!(described(&mut beside), made);
    fault(migrate_to(&address, 0), "ledger_newer");
    // Whoever only reads changes no table, and who has it open is told.
    fault(PostgresLedger::open_read_only(&url), "ledger_older");
    fault(ledger.apply(&[], start()), "ledger_older");
    let opened = PostgresLedger::open(&url).unwrap();
    assert_eq!(digest(&opened).unwrap(), before);
    assert_eq!(
        described(&mut beside),
        made,
        "migrated and new ledgers are the same"
    );
    decided(&ledger, "2");
}

#[test]
fn every_table_of_postgresql_takes_every_statement() {
    let Some(server) = Server::shared("every_table_takes_every_statement") else {
        return;
    };
    let (url, name) = server.schema();
    drop(PostgresLedger::open(&url).unwrap());
    let mut beside = server.within(&name);
    let statements = Statements::new(POSTGRES);
    for table in TABLES {
        for text in [
            statements.get(table),
            statements.put(table),
            statements.remove(table),
        ] {
            let prepared = beside.prepare(text);
            assert!(prepared.is_ok(), "{text}: {:?}", prepared.err());
        }
    }
}

#[test]
fn records_of_an_older_program_come_into_the_log() {
    let Some(server) = Server::shared("records_of_an_older_program") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    migrate_to(&url.parse().unwrap(), 3).unwrap();
    let old = "INSERT INTO record SELECT 2, at, 'voided', 1, 'body'::bytea, '\\x00'::bytea \
         FROM record WHERE seq = 1";
    server.within(&name).batch_execute(old).unwrap();
    let ledger = PostgresLedger::open(&url).unwrap();
    let rows = ledger.records(0, 10).unwrap();
    let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["decision", "adopted"]);
}

#[test]
fn tables_of_another_version_are_refused_even_while_they_are_open() {
    let Some(server) = Server::shared("tables_of_another_version") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    let mut beside = server.within(&name);
    let text = format!("UPDATE meta SET schema_version = {}", SCHEMA_VERSION + 1);
    beside.batch_execute(&text).unwrap();
    fault(ledger.apply(&[], start()), "ledger_newer");
    fault(PostgresLedger::open(&url), "ledger_newer");
    fault(PostgresLedger::open_read_only(&url), "ledger_newer");
    let text = format!("UPDATE meta SET schema_version = {SCHEMA_VERSION}");
    beside.batch_execute(&text).unwrap();
    decided(&ledger, "2");
}

#[test]
fn a_check_of_the_tables_stops_what_no_rule_should_let_through() {
    let Some(server) = Server::shared("a_check_of_the_tables") else {
        return;
    };
    let (url, name) = server.schema();
    let ledger = PostgresLedger::open(&url).unwrap();
    decided(&ledger, "1");
    let mut beside = server.within(&name);
    for text in [
        "UPDATE account SET used_minor = ceiling_minor + 1 WHERE ceiling_minor IS NOT NULL",
        "UPDATE account SET used_minor = -1",
        "UPDATE entry SET state = 'paid'",
        "UPDATE entry SET ground = 'statutory', expires_at = 1",
        "UPDATE decision SET outcome = 'maybe'",
        "UPDATE entry SET worth_minor = NULL",
    ] {
        let code = beside.batch_execute(text).unwrap_err();
        let code = code.code().map(|code| code.code().to_owned());
        let class = code.as_deref().and_then(|code| code.get(..2));
        assert_eq!(class, Some("23"), "{text}: {code:?}");
    }
}

#[test]
fn an_address_that_would_send_sums_in_the_clear_is_refused() {
    for url in [
        "postgres://redress@ledger.example/books",
        "postgres://redress@192.0.2.7/books",
        "postgres://redress@localhost,ledger.example/books",
    ] {
        fault(PostgresLedger::open(url), "ledger_unsafe");
    }
    fault(
        PostgresLedger::open("postgres://redress@h:port/books"),
        "ledger_unreachable",
    );
    fault(
        PostgresLedger::open("postgres://redress@%2Fno%2Fsuch%2Ffolder/books"),
        "ledger_unreachable",
    );
}
