use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;

use redress_ledger::digest::digest;
use redress_ledger::{Ledger as _, Signing, StoreError};
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::fixture::{
    actor, apply, case, decide, goodwill, key, matter, request, settle, start,
};
use redress_log::note::{KeyName, SignerKey};
use redress_model::Digest;
use rusqlite::Connection;
use tempfile::TempDir;

#[track_caller]
fn fault(found: Result<impl Sized, StoreError>, expected: &str) -> String {
    let error = found.err().expect(expected);
    assert_eq!(error.code(), expected, "{error}");
    error.what
}

/// A ledger with one decision, closed, and its digest.
fn made(path: &Path) -> Digest {
    let ledger = SqliteLedger::open(path).unwrap();
    let matter = matter(case("1", "1", "c1"));
    let command = decide(&matter, goodwill(700), actor("ann", "agent"));
    apply(&ledger, "1", command, start()).unwrap();
    digest(&ledger).unwrap()
}

fn now(path: &Path) -> Digest {
    digest(&SqliteLedger::open_read_only(path).unwrap()).unwrap()
}

/// Whom Unix lets do nothing in particular.
const NOBODY: u32 = 65_534;

/// As somebody who may not write: a file that may be read, in a folder that may be written, and
/// a folder that may not.
fn without_rights(folder: &Path) {
    let (file, shut) = (folder.join("open/ledger"), folder.join("shut/ledger"));
    fault(SqliteLedger::open(&file), "ledger_read_only");
    fault(SqliteLedger::open(&shut), "ledger_read_only");
    let before = fs::read_to_string(folder.join("digest")).unwrap();
    assert_eq!(now(&file).to_string(), before);
    let told = fault(SqliteLedger::open_read_only(&shut), "ledger_read_only");
    assert!(told.contains("a copy in another folder"), "{told}");
}

#[test]
fn a_file_or_folder_that_cannot_be_written_is_told_as_such_and_left_alone() {
    let test = "trials::a_file_or_folder_that_cannot_be_written_is_told_as_such_and_left_alone";
    if let Some(folder) = std::env::var_os("LEDGER_WITHOUT_RIGHTS") {
        return without_rights(Path::new(&folder));
    }
    let folder = TempDir::new().unwrap();
    let mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    mode(folder.path(), 0o755);
    let paths = ["open", "shut"].map(|name| folder.path().join(name));
    let mut digests = Vec::new();
    for path in &paths {
        fs::create_dir(path).unwrap();
        digests.push(made(&path.join("ledger")));
        for name in ["ledger", "ledger.lock"] {
            mode(
                &path.join(name),
                if name == "ledger" { 0o444 } else { 0o666 },
            );
        }
    }
    fs::write(folder.path().join("digest"), digests[0].to_string()).unwrap();
    mode(&paths[0], 0o777);
    mode(&paths[1], 0o555);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test]);
    child.env("LEDGER_WITHOUT_RIGHTS", folder.path());
    // Rights do not bind the superuser.
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        child.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    match child.output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        ),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            println!("skipped {test}: nobody else may run this program");
        }
        Err(error) => panic!("{error}"),
    }
    for (path, before) in paths.iter().zip(digests) {
        mode(path, 0o755);
        assert_eq!(now(&path.join("ledger")), before);
    }
}

#[test]
fn whoever_works_on_the_file_with_sql_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    made(&path);
    let ledger = SqliteLedger::open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Barrier::new(2);
    std::thread::scope(|scope| {
        let settled = scope.spawn(|| {
            begun.wait();
            apply(&ledger, "s", settle(1), start())
        });
        begun.wait();
        // A reader waits for nobody; meanwhile the writer has met the lock.
        for _ in 0..500 {
            assert_eq!(ledger.records(0, 9).unwrap().len(), 1);
        }
        other.execute_batch("ROLLBACK").unwrap();
        settled.join().unwrap().unwrap();
    });
}

#[test]
fn a_file_that_somebody_keeps_locked_is_told_after_a_while_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let before = made(&path);
    let ledger = SqliteLedger::open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let request = request(key("s"), settle(1));
    fault(
        ledger.apply(std::slice::from_ref(&request), start()),
        "ledger_locked",
    );
    assert_eq!(digest(&ledger).unwrap(), before);
    other.execute_batch("ROLLBACK").unwrap();
    ledger
        .apply(&[request], start())
        .unwrap()
        .remove(0)
        .unwrap();
}

#[test]
fn a_writer_that_is_fenced_off_or_of_another_log_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let before = made(&path);
    let first = SqliteLedger::open(&path).unwrap();
    fs::remove_file(folder.path().join("ledger.lock")).unwrap();
    let second = SqliteLedger::open(&path).unwrap();
    let request = request(key("s"), settle(1));
    fault(first.apply(&[request], start()), "ledger_fenced");
    let name = KeyName::new("other.example/log").unwrap();
    let signing = Signing::with(SignerKey::from_seed(name, &[5; 32]));
    fault(second.signed(signing), "other_log");
    assert_eq!(now(&path), before);
}

#[test]
fn a_newer_ledger_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let before = made(&path);
    let version = |version: i64| {
        let text = format!("PRAGMA user_version = {version}");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(&text).unwrap();
    };
    version(99);
    let bytes = fs::read(&path).unwrap();
    fault(SqliteLedger::open(&path), "ledger_newer");
    fault(SqliteLedger::open_read_only(&path), "ledger_newer");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    version(redress_ledger::rows::SCHEMA_VERSION);
    assert_eq!(now(&path), before);
}

/// Whoever copies the one file of a closed ledger has all of it.
#[test]
fn a_closed_ledger_is_one_file() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("ledger"), folder.path().join("copy"));
    let before = made(&path);
    let reader = SqliteLedger::open_read_only(&path).unwrap();
    assert_eq!(reader.records(0, 9).unwrap().len(), 1);
    drop(reader);
    let ledger = SqliteLedger::open(&path).unwrap();
    assert_eq!(digest(&ledger).unwrap(), before);
    drop(ledger);
    for beside in ["ledger-wal", "ledger-shm"] {
        assert!(!folder.path().join(beside).exists(), "{beside} is there");
    }
    fs::copy(&path, &copy).unwrap();
    assert_eq!(now(&copy), before);
}
