//! Connections that are encrypted, to a real server with a certificate of its own.

use postgres::{Client, NoTls};
use redress_ledger::Ledger as _;
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_trials::server::Server;

use crate::store::{decided, fault};

#[test]
fn a_server_is_taken_only_with_a_certificate_for_its_name_from_a_trusted_root() {
    let Some(server) = Server::own("a_server_is_taken_only_with") else {
        return;
    };
    let (port, certificates) = server.encrypt();
    let folder = certificates.display();
    let at = |host: &str, end: &str| format!("postgres://redress@{host}:{port}/postgres?{end}");
    let root = format!("sslrootcert={folder}/root.crt");
    let verified = at("localhost", &format!("{root}&sslmode=verify-full"));
    let ledger = PostgresLedger::open(&verified).unwrap();
    decided(&ledger, "1");
    let required = at("localhost", &format!("sslmode=require&{root}"));
    let reader = PostgresLedger::open_read_only(&required).unwrap();
    assert_eq!(reader.records(0, 9).unwrap().len(), 1);
    for (refused, code) in [
        // Another name than the one in the certificate.
        (
            at("127.0.0.1", &format!("sslmode=verify-full&{root}")),
            "ledger_unreachable",
        ),
        // A root that the server's certificate does not come from, and those of the system.
        (
            at(
                "localhost",
                &format!("sslmode=verify-full&sslrootcert={folder}/other.crt"),
            ),
            "ledger_unreachable",
        ),
        (at("localhost", "sslmode=require"), "ledger_unreachable"),
        // Roots that are not there, and a file that holds none.
        (
            at(
                "localhost",
                &format!("sslmode=require&sslrootcert={folder}/none.crt"),
            ),
            "ledger_unsafe",
        ),
        (
            at(
                "localhost",
                &format!("sslmode=require&sslrootcert={folder}/names"),
            ),
            "ledger_unsafe",
        ),
        // This server sends away whoever does not encrypt.
        (at("localhost", "sslmode=disable"), "ledger_unreachable"),
    ] {
        fault(PostgresLedger::open(&refused), code);
    }
    // The same name and root again, but years ago.
    let copied = std::fs::copy(
        certificates.join("expired.crt"),
        certificates.join("server.crt"),
    );
    copied.unwrap();
    let mut beside = Client::connect(
        &format!("host={folder} port={port} user=redress dbname=postgres"),
        NoTls,
    );
    let beside = beside.as_mut().unwrap();
    beside.batch_execute("SELECT pg_reload_conf()").unwrap();
    let told = (0..1_000).find_map(|_| PostgresLedger::open_read_only(&verified).err());
    let told = told.unwrap().to_string();
    assert!(told.contains("expired"), "{told}");
}
