use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::run::{Ran, arg, redress};

const POLICY: &str = "policies/rail/delay";
const AS_OF: &str = "2025-03-05T10:00:00Z";

pub(crate) struct Desk {
    folder: TempDir,
    ledger: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (id, role) in [("ann", "agent"), ("sue", "supervisor")] {
            let text = format!(r#"{{"id":"{id}","role":"{role}","assurance":"authenticated"}}"#);
            fs::write(folder.path().join(format!("{id}.json")), text).unwrap();
        }
        let ledger = arg(&folder.path().join("book.db")).to_owned();
        Self { folder, ledger }
    }

    /// A desk whose ledger is elsewhere.
    pub(crate) fn at(ledger: &str) -> Self {
        let ledger = ledger.to_owned();
        Self {
            ledger,
            ..Self::new()
        }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        arg(&self.folder.path().join(name)).to_owned()
    }

    /// Runs a command on the desk's ledger.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut all = arguments.to_vec();
        all.extend(["--ledger", &self.ledger]);
        redress(&all)
    }

    /// Ann decides the case, which is over her authority.
    pub(crate) fn decided(&self, key: &str) -> Ran {
        let ann = self.path("ann.json");
        self.run(&[
            "eval",
            POLICY,
            "-i",
            "case.json",
            "--actor",
            &ann,
            "--as-of",
            AS_OF,
            "-f",
            "json",
            "--key",
            key,
        ])
    }

    pub(crate) fn approved(&self, who: &str, key: &str) -> Ran {
        let who = self.path(who);
        self.run(&[
            "queue", "approve", POLICY, "1", "--actor", &who, "--as-of", AS_OF, "--key", key,
        ])
    }
}

#[test]
fn a_sum_is_reserved_approved_and_paid_once() {
    let desk = Desk::new();
    let first = desk.decided("order-9");
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.err.contains("is not signed"), "{}", first.err);
    assert_eq!(first.json("/did"), "escalate");
    assert_eq!(
        first.json("/entries/0/state"),
        "granted",
        "the law does not wait"
    );
    assert_eq!(first.json("/entries/1/worth"), "12.00 EUR");
    assert_eq!(first.json("/entries/1/state"), "held");
    assert_eq!(
        desk.decided("order-9").out,
        first.out,
        "the same key, the same bytes"
    );
    let list = desk.run(&["queue", "list"]);
    assert!(
        list.out.contains("team_leads") && list.out.contains("over_authority"),
        "{}",
        list.out
    );
    let early = desk.run(&["settle", "2", "--key", "s-0", "--as-of", AS_OF]);
    assert_eq!(early.code, 3);
    assert!(early.err.contains("awaits_approval"), "{}", early.err);
    let own = desk.approved("ann.json", "a-0");
    assert!(own.err.contains("approver_is_proposer"), "{}", own.err);
    let approved = desk.approved("sue.json", "a-1");
    assert_eq!(approved.code, 0, "{}", approved.err);
    assert!(approved.out.contains("approved") && approved.out.contains("granted"));
    let settled = desk.run(&["settle", "2", "--key", "s-1", "--as-of", AS_OF]);
    assert!(
        settled.out.contains("12.00 EUR") && settled.out.contains("settled"),
        "{}",
        settled.out
    );
    let twice = desk.run(&[
        "void", "2", "--by", "ann", "--reason", "mistake", "--key", "v", "--as-of", AS_OF,
    ]);
    assert!(twice.err.contains("entry_closed"), "{}", twice.err);
    let shown = desk.run(&["ledger", "show", "customer", "p-1"]);
    assert!(
        shown.out.contains("30.00 EUR") && shown.out.contains("settled"),
        "{}",
        shown.out
    );
    assert!(desk.run(&["queue", "list"]).out.contains("nothing waits"));
}

#[test]
fn a_key_used_for_something_else_is_an_error() {
    let desk = Desk::new();
    assert_eq!(desk.decided("k").code, 0);
    let other = desk.run(&["settle", "1", "--key", "k", "--as-of", AS_OF]);
    assert_eq!(other.code, 3);
    assert!(other.err.contains("key_reused"), "{}", other.err);
}

#[test]
fn what_nobody_decides_climbs_no_further_than_there_are_roles() {
    let desk = Desk::new();
    desk.decided("k");
    let later = "2026-03-05T10:00:00Z";
    let swept = desk.run(&["due", "--as-of", later]);
    assert_eq!((swept.code, swept.err.as_str()), (0, ""));
    assert!(swept.out.contains("0 timers fired"), "{}", swept.out);
    let again = desk.run(&["due", "--as-of", later]);
    assert!(
        again.out.starts_with("0 sums changed, 0 escalations moved"),
        "{}",
        again.out
    );
}

#[test]
fn a_departure_without_a_reason_is_refused_and_changes_nothing() {
    let desk = Desk::new();
    desk.decided("k");
    let (ann, sue) = (desk.path("ann.json"), desk.path("sue.json"));
    let departed = desk.run(&[
        "override",
        POLICY,
        "1",
        "--gives",
        "50.00 EUR",
        "--actor",
        &ann,
        "--approver",
        &sue,
        "--key",
        "o",
        "--as-of",
        AS_OF,
    ]);
    assert_eq!(departed.code, 3);
    assert!(departed.err.contains("no_reason"), "{}", departed.err);
    let shown = desk.run(&["queue", "show", "1"]);
    assert!(
        shown.out.contains("held") && shown.out.contains("ann"),
        "{}",
        shown.out
    );
}

#[test]
fn a_backup_is_a_ledger_of_its_own() {
    let desk = Desk::new();
    desk.decided("k");
    let copy = desk.path("copy.db");
    assert_eq!(desk.run(&["ledger", "backup", &copy]).code, 0);
    let listed = redress(&["queue", "list", "--ledger", &copy]);
    assert!(listed.out.contains("over_authority"), "{}", listed.out);
    let over = desk.run(&["ledger", "backup", &copy]);
    assert_eq!(over.code, 3);
}

#[test]
fn a_file_that_is_no_ledger_is_told_as_such() {
    let desk = Desk::new();
    fs::write(desk.folder.path().join("book.db"), "x".repeat(4_096)).unwrap();
    let ran = desk.decided("k");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("ledger_corrupt"), "{}", ran.err);
    let missing = redress(&["queue", "list", "--ledger", "no/such/ledger.db"]);
    assert!(
        missing.err.contains("ledger_unreachable"),
        "{}",
        missing.err
    );
    assert!(!Path::new("no/such").exists());
}

#[test]
fn a_clock_far_ahead_needs_a_persons_word() {
    let desk = Desk::new();
    assert_eq!(desk.decided("k").code, 0);
    // The clock of whoever runs this stands more than a year after the case.
    let settle = ["settle", "1", "--key", "s-1"];
    let refused = desk.run(&settle);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(
        refused.err.contains("ledger_clock_ahead"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("--as-of now"), "{}", refused.err);
    assert_eq!(desk.run(&["due", "--as-of", "now"]).code, 0);
    let told = desk.run(&settle);
    assert!(!told.err.contains("ledger_clock_ahead"), "{}", told.err);
}
