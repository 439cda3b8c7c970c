//! `redress batch`: each row once, up to the budget, killed and run again.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::run::{Ran, arg, copied, redress, redress_with};

struct Estate {
    folder: TempDir,
    policies: TempDir,
}

impl Estate {
    /// An estate whose budget for goodwill reaches this far.
    fn new(rows: u32, budget: &str) -> Self {
        let policies = copied();
        for version in fs::read_dir(policies.path().join("rail/delay")).unwrap() {
            let file = version.unwrap().path().join("guardrails.toml");
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            let text = text.replace("limit = \"10.00 EUR\"", "limit = \"50.00 EUR\"");
            let budget = format!(
                "\n[[budget]]\nname = \"estate\"\nbasis = \"goodwill\"\nlimit = \"{budget}\"\n\
                 \n[[departure]]\nreason = \"life_event\"\nrole = \"supervisor\"\n"
            );
            fs::write(&file, format!("{text}{budget}")).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let ann = r#"{"id":"ann","role":"agent","assurance":"authenticated"}"#;
        fs::write(folder.path().join("ann.json"), ann).unwrap();
        let estate = Self { folder, policies };
        let text: String = (1..=rows).map(|number| row(number, 180)).collect();
        estate.write("rows.jsonl", &text);
        estate
    }

    fn path(&self, name: &str) -> String {
        arg(&self.folder.path().join(name)).to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn arguments(&self, name: &str, ledger: &str) -> Vec<String> {
        self.arguments_into(name, ledger, &self.path(&format!("{ledger}.csv")))
    }

    /// With the account in another file than beside the ledger.
    fn arguments_into(&self, name: &str, ledger: &str, account: &str) -> Vec<String> {
        let policy = self.policies.path().join("rail/delay");
        let (rows, ann) = (self.path("rows.jsonl"), self.path("ann.json"));
        let ledger = self.path(ledger);
        let all = [
            "batch",
            arg(&policy),
            &rows,
            "--name",
            name,
            "--actor",
            &ann,
            "--ledger",
            &ledger,
            "--account",
            account,
            "--as-of",
            "2025-03-05T10:00:00Z",
            "-f",
            "json",
        ];
        all.map(str::to_owned).to_vec()
    }

    fn run(&self, name: &str, ledger: &str) -> Ran {
        self.run_into(name, ledger, &self.path(&format!("{ledger}.csv")))
    }

    fn run_into(&self, name: &str, ledger: &str, account: &str) -> Ran {
        let arguments = self.arguments_into(name, ledger, account);
        redress(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn account(&self, ledger: &str) -> String {
        fs::read_to_string(self.path(&format!("{ledger}.csv"))).unwrap()
    }
}

/// A row about a traveller of their own; 12.00 EUR of goodwill and 30.00 EUR by law.
fn row(number: u32, minutes: u32) -> String {
    format!(
        "{{\"id\":\"c-{number}\",\"incident_date\":\"2025-03-01\",\"event\":\"e-{number}\",\
         \"claimant\":{{\"id\":\"p-{number}\"}},\"stage\":\"proactive\",\"facts\":{{\
         \"fare\":\"60.00 EUR\",\"delay_minutes\":{minutes},\"cause\":\"weather\"}}}}\n"
    )
}

#[test]
fn a_batch_reaches_as_many_as_the_budget_and_says_whom_it_did_not() {
    let estate = Estate::new(6, "40.00 EUR");
    let ran = estate.run("late_trains", "book.db");
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    assert_eq!(ran.json("/rows"), 6);
    assert_eq!(ran.json("/reached"), 4, "{}", ran.out);
    assert_eq!(ran.json("/waiting/budget_spent"), 1);
    assert_eq!(ran.json("/stopped_at"), "c-5");
    assert_eq!(ran.json("/not_reached"), 1);
    let account = estate.account("book.db");
    let outcomes: Vec<&str> = account
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(2).unwrap())
        .collect();
    let expected = [
        "grant",
        "grant",
        "grant",
        "grant",
        "escalate",
        "not_reached",
    ];
    // The fourth got what was left.
    assert!(account.contains("c-4,p-4,grant,34.00 EUR,"), "{account}");
    assert_eq!(outcomes, expected, "{account}");
    // Again, it is the same, and nobody gets anything twice.
    let again = estate.run("late_trains", "book.db");
    assert_eq!((again.code, &again.out), (4, &ran.out));
    assert_eq!(estate.account("book.db"), account);
}

#[test]
fn a_wrong_row_is_told_before_anything_is_decided() {
    let estate = Estate::new(2, "400.00 EUR");
    estate.write(
        "rows.jsonl",
        &format!("{}{}{{}}\n{}", row(1, 180), row(2, 180), row(1, 180)),
    );
    let ran = estate.run("late_trains", "book.db");
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("line 3") && ran.err.contains("c-1 is there twice"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("2 rows are not valid, so nothing was decided"),
        "{}",
        ran.err
    );
    assert!(!estate.folder.path().join("book.db").exists());
    estate.write("rows.jsonl", &format!("{}{{}}\n", row(1, 180)));
    let one = estate.run("late_trains", "book.db");
    assert!(one.err.contains("one row is not valid,"), "{}", one.err);
    estate.write("rows.jsonl", "\n");
    assert!(estate.run("late_trains", "book.db").err.contains("no rows"));
}

#[test]
fn a_row_with_other_facts_is_not_decided_again_under_its_key() {
    let estate = Estate::new(2, "400.00 EUR");
    assert_eq!(estate.run("late_trains", "book.db").code, 0);
    estate.write("rows.jsonl", &format!("{}{}", row(1, 180), row(2, 240)));
    let changed = estate.run("late_trains", "book.db");
    assert_eq!(changed.code, 3);
    assert!(changed.err.contains("with other facts"), "{}", changed.err);
    // Nor is it when another person decides, or another team.
    estate.write("rows.jsonl", &format!("{}{}", row(1, 180), row(2, 180)));
    let mut arguments = estate.arguments("late_trains", "book.db");
    arguments.extend(["--team", "night"].map(str::to_owned));
    let other = redress(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(other.err.contains("another actor, team"), "{}", other.err);
    estate.write("rows.jsonl", &format!("{}{}", row(1, 180), row(2, 240)));
    // Under another name it is decided on what was paid already.
    let other = estate.run("later_trains", "book.db");
    assert_eq!(
        (other.code, other.json("/reached")),
        (0, 0.into()),
        "{}",
        other.out
    );
}

#[test]
fn a_departure_from_a_batch_is_on_record_and_the_log_verifies() {
    let estate = Estate::new(1, "400.00 EUR");
    assert_eq!(estate.run("late_trains", "book.db").code, 0);
    let sue = r#"{"id":"sue","role":"supervisor","assurance":"authenticated"}"#;
    estate.write("sue.json", sue);
    let policy = estate.policies.path().join("rail/delay");
    let (ledger, policies) = (estate.path("book.db"), arg(estate.policies.path()));
    let departed = redress(&[
        "override",
        arg(&policy),
        "1",
        "--gives",
        "40.00 EUR",
        "--reason",
        "life_event",
        "--evidence",
        &estate.path("sue.json"),
        "--actor",
        &estate.path("ann.json"),
        "--approver",
        &estate.path("sue.json"),
        "--as-of",
        "2025-03-05T11:00:00Z",
        "--key",
        "o-1",
        "--ledger",
        &ledger,
    ]);
    assert!(departed.out.starts_with("overridden"), "{}", departed.err);
    // The case is still one of the history, although another decision took its decision's place.
    let again = redress(&["backtest", arg(&policy), &ledger, "-f", "json"]);
    assert_eq!(again.json("/cases/read"), 1, "{}{}", again.out, again.err);
    let verified = redress(&[
        "log",
        "verify",
        "--ledger",
        &ledger,
        "--replay",
        "--policies",
        policies,
        "-f",
        "json",
    ]);
    assert_eq!(verified.code, 0, "{}", verified.err);
    assert_eq!(
        (verified.json("/size"), verified.json("/replay/same")),
        (3.into(), 1.into())
    );
}

#[test]
fn a_batch_that_is_killed_ends_the_same_when_it_runs_again() {
    let estate = Estate::new(60, "500.00 EUR");
    let whole = estate.run("late_trains", "whole.db");
    assert_eq!(whole.code, 4, "{}", whole.err);
    let wal = estate.folder.path().join("killed.db-wal");
    estate.write("killed.db.csv", "the account of before\n");
    for round in 1..=3_u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(estate.arguments("late_trains", "killed.db"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed once something was written in this round, or else when it has ended.
        let before = fs::metadata(&wal).map_or(0, |data| data.len());
        while child.try_wait().unwrap().is_none() {
            let grown = fs::metadata(&wal).map_or(0, |data| data.len());
            if grown > before + round * 40_000 {
                child.kill().unwrap();
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        if child.wait().unwrap().code().is_none() {
            assert_eq!(estate.account("killed.db"), "the account of before\n");
        }
    }
    let ended = estate.run("late_trains", "killed.db");
    assert_eq!((ended.code, &ended.out), (4, &whole.out), "{}", ended.err);
    assert_eq!(estate.account("killed.db"), estate.account("whole.db"));
    let shown = |ledger: &str| {
        let ledger = estate.path(ledger);
        redress(&["ledger", "show", "budget", "--ledger", &ledger]).out
    };
    assert_eq!(shown("killed.db"), shown("whole.db"));
    let verified = redress(&["log", "verify", "--ledger", &estate.path("killed.db")]);
    assert_eq!(verified.code, 0, "{}", verified.err);
}

#[test]
fn rows_that_can_be_read_only_once_are_refused() {
    let estate = Estate::new(1, "400.00 EUR");
    let mut arguments = estate.arguments("late_trains", "book.db");
    arguments[2] = "-".to_owned();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = redress_with(row(1, 180).as_bytes(), &arguments);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("they must be in a file"), "{}", ran.err);
}

#[test]
fn an_account_is_never_written_over_what_the_batch_needs() {
    let estate = Estate::new(2, "400.00 EUR");
    estate.write("log.key", "a key");
    // A ledger that another program reads has all its files.
    assert_eq!(estate.run("late_trains", "book.db").code, 0);
    for end in ["-wal", "-shm", "-journal"] {
        estate.write(&format!("book.db{end}"), "");
    }
    let book = estate.path("book.db");
    let policy = estate.policies.path().join("rail/delay");
    let version = fs::read_dir(&policy).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.is_dir().then_some(path)
    });
    let script = version.unwrap().join("guardrails.toml");
    fs::hard_link(&book, estate.path("linked.db")).unwrap();
    fs::hard_link(estate.path("rows.jsonl"), estate.path("passing.csv.new")).unwrap();
    let mut taken: Vec<(String, &str)> = vec![
        (estate.path("rows.jsonl"), "rows"),
        (
            estate.path(&format!("../{}/rows.jsonl", folder_name(&estate))),
            "rows",
        ),
        (estate.path("passing.csv"), "rows"),
        (estate.path("ann.json"), "actor"),
        (estate.path("linked.db"), "ledger"),
        (arg(&script).to_owned(), "policy"),
    ];
    for end in ["", "-wal", "-shm", "-journal", ".lock"] {
        taken.push((format!("{book}{end}"), "ledger"));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&book, estate.path("symbolic.csv")).unwrap();
        taken.push((estate.path("symbolic.csv"), "ledger"));
    }
    for (account, what) in taken {
        let before = fs::read(&account).ok();
        let ran = estate.run_into("later_trains", "book.db", &account);
        assert_eq!(ran.code, 2, "{account}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(what), "{account}: {}", ran.err);
        assert_eq!(fs::read(&account).ok(), before, "{account}");
    }
    // Nor over a ledger that the batch would begin.
    let new = estate.path("new.db");
    assert_eq!(estate.run_into("late_trains", "new.db", &new).code, 2);
    assert!(!estate.folder.path().join("new.db").exists());
}

fn folder_name(estate: &Estate) -> String {
    let name = estate.folder.path().file_name().unwrap();
    name.to_str().unwrap().to_owned()
}

#[test]
fn an_account_that_cannot_be_written_is_told_by_its_path_before_anything_is_decided() {
    let estate = Estate::new(2, "400.00 EUR");
    fs::create_dir(estate.path("folder")).unwrap();
    for name in ["missing/reached.csv", "folder"] {
        let account = estate.path(name);
        let ran = estate.run_into("late_trains", "book.db", &account);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        assert!(ran.err.contains(&account), "{}", ran.err);
        assert!(!estate.folder.path().join("book.db").exists());
    }
}

#[cfg(unix)]
#[test]
fn an_account_is_as_private_as_the_one_that_it_replaces() {
    use std::os::unix::fs::PermissionsExt as _;
    let estate = Estate::new(1, "400.00 EUR");
    estate.write("book.db.csv", "");
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(estate.path("book.db.csv"), private).unwrap();
    assert_eq!(estate.run("late_trains", "book.db").code, 0);
    let mode = fs::metadata(estate.path("book.db.csv"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    assert!(!estate.folder.path().join("book.db.csv.new").exists());
}

#[cfg(unix)]
#[test]
fn a_batch_that_is_interrupted_says_how_far_it_came() {
    use std::os::unix::process::ExitStatusExt as _;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let estate = Estate::new(400, "100000.00 EUR");
    let decided = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let ledger = Connection::open_with_flags(estate.path("book.db"), flags).ok()?;
        let text = "SELECT count(*) FROM decision";
        ledger.query_row(text, [], |row| row.get::<_, u32>(0)).ok()
    };
    for (signal, number, rows) in [(Signal::SIGINT, 2, 1), (Signal::SIGTERM, 15, 20)] {
        estate.write("book.db.csv", "the account of before\n");
        let child = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(estate.arguments("late_trains", "book.db"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while decided().is_none_or(|count| count < rows) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let id = Pid::from_raw(i32::try_from(child.id()).unwrap());
        kill(id, signal).unwrap();
        let ended = child.wait_with_output().unwrap();
        let err = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.signal(), Some(number), "{err}");
        assert!(err.contains(" of 400 rows are done"), "{err}");
        assert!(err.contains("the same command goes on"), "{err}");
        assert_eq!(estate.account("book.db"), "the account of before\n");
        assert!(!estate.folder.path().join("book.db.csv.new").exists());
    }
    let ended = estate.run("late_trains", "book.db");
    assert_eq!((ended.code, ended.json("/reached")), (0, 400.into()));
}

/// 15.10 CNY were charged too much for every cubic metre; every account of the estate gets them
/// back without a complaint, once.
#[test]
fn an_estate_returns_what_it_overcharged_per_cubic_metre_to_every_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| arg(&folder.path().join(name)).to_owned();
    let (ledger, account) = (path("book.db"), path("reached.csv"));
    let policies = "estate/policies";
    let batch = [
        "batch",
        "estate/policies/estate/water",
        "estate/accounts.jsonl",
        "--name",
        "overcharged_2025",
        "--actor",
        "estate/desk.json",
        "--ledger",
        &ledger,
        "--account",
        &account,
        "--as-of",
        "2026-01-05T02:00:00Z",
        "-f",
        "json",
    ];
    let first = redress(&batch);
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!(
        (first.json("/rows"), first.json("/reached")),
        (6.into(), 4.into())
    );
    let reached = fs::read_to_string(&account).unwrap();
    let rows: Vec<&str> = reached.lines().skip(1).collect();
    let expected = [
        "account-1,household-1,grant,181.20 CNY,1,overcharged",
        "account-2,household-2,grant,558.70 CNY,2,overcharged",
        "account-3,household-3,refuse,,3,nothing_charged",
        "account-4,household-4,hold,,4,unknown_fact",
        "account-5,household-5,grant,15100.00 CNY,5,overcharged",
        "account-6,household-6,grant,15.10 CNY,6,overcharged",
    ];
    assert_eq!(rows, expected);
    // Whoever runs it again pays nobody twice.
    assert_eq!(redress(&batch).out, first.out);
    let shown = redress(&[
        "ledger",
        "show",
        "customer",
        "household-2",
        "--ledger",
        &ledger,
    ]);
    assert_eq!(shown.out.matches("558.70 CNY").count(), 1, "{}", shown.out);
    let replay = ["--replay", "--policies", policies, "-f", "json"];
    let verify = [&["log", "verify", "--ledger", &ledger][..], &replay].concat();
    let verified = redress(&verify);
    assert_eq!(verified.json("/replay/same"), 6, "{}", verified.err);
}
