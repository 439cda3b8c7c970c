//! The commands on a ledger in a real PostgreSQL; skipped by name where there is none.

use std::fs;

use redress_ledger_trials::server::Server;

use crate::ledger::Desk;
use crate::run::redress;

const POLICY: &str = "policies/rail/delay";
const AS_OF: &str = "2025-03-05T10:00:00Z";

/// The address of a schema of the server, with a password that nobody asks for.
fn secret(server: &Server) -> String {
    server.schema().0.replace("redress@", "redress:sesame@")
}

#[test]
fn a_sum_is_reserved_approved_paid_and_proved_in_postgresql() {
    let Some(server) = Server::shared("a_sum_is_reserved_in_postgresql") else {
        return;
    };
    let url = secret(&server);
    let desk = Desk::at(&url);
    let (key, public) = (desk.path("log.key"), desk.path("log.pub"));
    let made = redress(&["log", "keygen", "rail.example/log", "--out", &key]);
    fs::write(&public, made.out).expect("a file");
    let mut told = String::new();
    let mut run = |arguments: &[&str]| {
        let ran = desk.run(arguments);
        told.push_str(&ran.out);
        told.push_str(&ran.err);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        ran
    };
    let (ann, sue) = (desk.path("ann.json"), desk.path("sue.json"));
    let own = ["--as-of", AS_OF, "--log-key", key.as_str()];
    let eval = [
        "eval",
        POLICY,
        "-i",
        "case.json",
        "-f",
        "json",
        "--actor",
        &ann,
    ];
    let eval = [&eval[..], &["--key", "order-9"], &own].concat();
    let first = run(&eval);
    assert_eq!(first.json("/did"), "escalate");
    assert_eq!(first.json("/entries/1/state"), "held");
    let again = run(&eval);
    assert_eq!(again.out, first.out, "the same key, the same bytes");
    let approve = [
        "queue", "approve", POLICY, "1", "--actor", &sue, "--key", "a-1",
    ];
    assert!(run(&[&approve[..], &own].concat()).out.contains("approved"));
    let settled = run(&[&["settle", "2", "--key", "s-1"][..], &own].concat());
    assert!(settled.out.contains("settled"), "{}", settled.out);
    let due = run(&[&["due"][..], &own].concat());
    assert!(due.out.contains("0 timers"), "{}", due.out);
    let escalation = run(&["queue", "show", "1"]);
    assert!(escalation.out.contains("proposed by"), "{}", escalation.out);
    assert!(run(&["queue", "list"]).out.contains("nothing waits"));
    let shown = run(&["ledger", "show", "customer", "p-1"]);
    assert!(shown.out.contains("settled"), "{}", shown.out);
    run(&["audit", "fairness", "-f", "json"]);
    run(&["log", "sign", "--key", &key]);
    let verified = run(&[
        "log",
        "verify",
        "--key",
        &public,
        "--replay",
        "--policies",
        "policies",
        "-f",
        "json",
    ]);
    assert_eq!(verified.json("/replay/same"), 2, "{}", verified.out);
    let receipt = desk.path("receipt.json");
    fs::write(&receipt, run(&["log", "prove", "1"]).out).expect("a file");
    let checked = redress(&["log", "receipt", &receipt, "--key", &public]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    let report = redress(&["report", &url, "--month", "2025-03", "-f", "json"]);
    assert_eq!(report.code, 0, "{}", report.err);
    assert!(
        !told.contains("sesame") && !report.out.contains("sesame"),
        "{told}"
    );
}

#[test]
fn a_new_ledger_in_postgresql_that_is_not_signed_says_so_without_its_password() {
    let Some(server) = Server::shared("a_new_ledger_in_postgresql") else {
        return;
    };
    let desk = Desk::at(&secret(&server));
    let first = desk.decided("order-9");
    assert_eq!(first.code, 0, "{}", first.err);
    let named = first
        .err
        .contains("the log of the new ledger postgres://redress@");
    assert!(
        named && first.err.contains("is not signed"),
        "{}",
        first.err
    );
    assert!(!first.err.contains("sesame"), "{}", first.err);
    assert_eq!(desk.decided("order-9").err, "");
}

#[test]
fn what_acts_on_a_history_begins_none_in_postgresql() {
    let Some(server) = Server::shared("what_acts_on_a_history_begins_none_in_postgresql") else {
        return;
    };
    let desk = Desk::at(&secret(&server));
    for _ in 0..2 {
        let ran = desk.run(&["due"]);
        assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
        let told =
            ran.err.contains("the schema holds no ledger") && ran.err.contains("postgres://");
        assert!(told && !ran.err.contains("sesame"), "{}", ran.err);
    }
    assert_eq!(desk.decided("order-9").code, 0);
    assert_eq!(desk.run(&["due", "--as-of", AS_OF]).code, 0);
}

#[test]
fn a_ledger_in_postgresql_is_a_history() {
    let Some(server) = Server::shared("a_ledger_in_postgresql_is_a_history") else {
        return;
    };
    let url = secret(&server);
    let desk = Desk::at(&url);
    assert_eq!(desk.decided("order-9").code, 0);
    let (old, new) = ("policies/rail/delay/1.0.0", "policies/rail/delay/1.1.0");
    let found = redress(&["backtest", new, &url, "--against", old, "-f", "json"]);
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(
        (found.json("/rows"), found.json("/compared")),
        (1.into(), 1.into())
    );
    assert_eq!(found.json("/currencies/0/statutory/new"), 3_000);
    let alone = redress(&["backtest", POLICY, &url]);
    assert_eq!(alone.code, 0, "{}", alone.err);
    let other = redress(&["backtest", "../../../../policies/air/eu261", &url]);
    assert_eq!(other.code, 3);
    assert!(other.err.contains("holds no case"), "{}", other.err);
    let file = desk.path("review.html");
    let mut review = vec!["review", new, "--against", old, "--history", &url];
    review.extend(["--skip", "proofs,coverage,mutants", "-o", &file]);
    let reviewed = redress(&review);
    assert_eq!(reviewed.code, 0, "{}", reviewed.err);
    let page = fs::read_to_string(&file).expect("a page");
    for ran in [&found, &alone, &other, &reviewed] {
        assert!(!ran.out.contains("sesame") && !ran.err.contains("sesame"));
    }
    assert!(page.contains("postgres://redress@") && !page.contains("sesame"));
}

#[test]
fn a_history_that_cannot_be_reached_shows_no_password() {
    for (address, code) in [
        (
            "postgres://ann:sesame@ledger.example/books",
            "ledger_unsafe",
        ),
        (
            "postgres://ann:sesame@localhost:1/books",
            "ledger_unreachable",
        ),
        (
            "postgres://ann:sesame@localhost:books",
            "ledger_unreachable",
        ),
    ] {
        let ran = redress(&["backtest", POLICY, address]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains(code), "{}", ran.err);
        assert!(!ran.err.contains("sesame"), "{}", ran.err);
    }
}

#[test]
fn only_a_file_is_copied_and_a_wrong_address_shows_no_password() {
    for (arguments, ledger, code, expected) in [
        (
            &["ledger", "backup", "copy.db"][..],
            "postgres://ann:sesame@localhost/books",
            2,
            "pg_dump",
        ),
        (
            &["queue", "list"][..],
            "postgres://ann:sesame@ledger.example/books",
            3,
            "ledger_unsafe",
        ),
        (
            &["queue", "list"][..],
            "postgres://ann:sesame@localhost:1/books",
            3,
            "ledger_unreachable",
        ),
        (
            &["queue", "list"][..],
            "postgres://ann:sesame@localhost:books",
            3,
            "ledger_unreachable",
        ),
        (
            &["queue", "list", "--owner", "---"][..],
            "postgres://ann@localhost/books?password=sesame",
            2,
            "---",
        ),
    ] {
        let ran = Desk::at(ledger).run(arguments);
        let told = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, code, "{told}");
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("sesame"), "{told}");
    }
}
