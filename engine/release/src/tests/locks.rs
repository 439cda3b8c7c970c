//! `LOCK`: a released version never changes unseen.

use std::fs;

use super::Bench;
use crate::{Lock, LockError, Verified};

fn lock_text(bench: &Bench) -> String {
    fs::read_to_string(bench.root.path().join("LOCK")).unwrap()
}

#[test]
fn a_released_version_whose_files_change_is_told() {
    let bench = Bench::new();
    assert_eq!(Lock::find(&bench.folder).unwrap(), None);
    let release = bench.read().unwrap();
    let mut lock = Lock::read(bench.root.path()).unwrap();
    assert_eq!(lock.verify(&release), Verified::Unlisted);
    lock.add(&release).unwrap();
    assert_eq!(lock.verify(&release), Verified::Matches);
    assert_eq!(
        lock_text(&bench),
        format!("retail/late-parcel 0.1.0 sha256:{}\n", release.digest())
    );

    let mut found = Lock::find(&bench.folder).unwrap().unwrap();
    assert_eq!(found.verify(&release), Verified::Matches);
    bench.edit("tables/lateness.csv", "20", "25");
    let changed = bench.read().unwrap();
    let (expected, now) = (release.digest(), changed.digest());
    let verified = Verified::Changed {
        expected,
        found: now,
    };
    assert_eq!(found.verify(&changed), verified);
    let before = lock_text(&bench);
    let error = found.add(&changed).unwrap_err();
    assert_eq!(error.code(), "lock_released");
    assert_eq!(lock_text(&bench), before, "a line is never changed");
}

#[test]
fn a_folder_that_has_vanished_is_named() {
    let bench = Bench::new();
    let mut lock = Lock::read(bench.root.path()).unwrap();
    lock.add(&bench.read().unwrap()).unwrap();
    assert!(lock.vanished().is_empty());
    fs::remove_dir_all(&bench.folder).unwrap();
    let vanished = lock.vanished();
    assert_eq!(vanished.len(), 1);
    assert_eq!(vanished[0].name.as_str(), "retail/late-parcel");
}

fn digest(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

#[test]
fn a_new_line_goes_to_its_place_and_comments_stay() {
    let bench = Bench::new();
    let before = format!(
        "# Released versions.\nair/eu261 1.9.0 {}\nair/eu261 1.10.0 {}\n# Shops.\nretail/refund 1.0.0 {}\n",
        digest("1"),
        digest("2"),
        digest("3")
    );
    fs::write(bench.root.path().join("LOCK"), &before).unwrap();
    let release = bench.read().unwrap();
    let mut lock = Lock::read(bench.root.path()).unwrap();
    lock.add(&release).unwrap();
    lock.add(&release).unwrap();
    let line = format!(
        "retail/late-parcel 0.1.0 sha256:{}\nretail/refund",
        release.digest()
    );
    assert_eq!(lock_text(&bench), before.replace("retail/refund", &line));
    assert_eq!(Lock::read(bench.root.path()).unwrap(), lock);
    assert!(!bench.root.path().join(".LOCK.new").exists());
}

#[track_caller]
fn check(text: &str, line: u32, problem: &str) {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("LOCK"), text).unwrap();
    match Lock::read(root.path()) {
        Err(LockError::Malformed {
            line: at,
            problem: told,
            ..
        }) => {
            assert_eq!((at, told.as_str()), (line, problem));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_that_is_not_one_is_refused() {
    let (one, two) = (digest("1"), digest("2"));
    check(
        "air/eu261 1.0.0\n",
        1,
        "expected NAME VERSION sha256:DIGEST",
    );
    check(
        "# x\nair/eu261 1.0.0 sha256:12\n",
        2,
        "expected sha256: and 64 hexadecimal digits",
    );
    check(
        &format!("air/eu261 1.0 {one}\n"),
        1,
        "\"1.0\" is not a version such as 1.0.0",
    );
    check(
        &format!("a/b 1.0.0 {one}\na/b 1.0.0 {two}\n"),
        2,
        "a/b 1.0.0 is listed twice",
    );
    check(
        &format!("a/c 1.0.0 {one}\na/b 1.0.0 {two}\n"),
        2,
        "a/b 1.0.0 belongs before a/c 1.0.0",
    );
}

#[test]
fn two_writers_do_not_write_over_each_other() {
    let bench = Bench::new();
    let release = bench.read().unwrap();
    let mut first = Lock::read(bench.root.path()).unwrap();
    let mut late = first.clone();
    fs::write(bench.root.path().join(".LOCK.new"), "").unwrap();
    assert_eq!(first.add(&release).unwrap_err().code(), "lock_busy");
    fs::remove_file(bench.root.path().join(".LOCK.new")).unwrap();
    first.add(&release).unwrap();
    assert_eq!(late.add(&release).unwrap_err().code(), "lock_stale");
    assert!(!bench.root.path().join(".LOCK.new").exists());
}

#[test]
fn the_nearest_lock_above_counts_and_none_that_is_too_far() {
    let bench = Bench::new();
    let far = bench.root.path().join("a/b/c/d/e/1.0.0");
    fs::create_dir_all(&far).unwrap();
    fs::write(bench.root.path().join("LOCK"), "not a lock").unwrap();
    assert_eq!(Lock::find(&far).unwrap(), None);
    assert_eq!(
        Lock::find(&bench.folder).unwrap_err().code(),
        "lock_malformed"
    );
    fs::write(bench.root.path().join("retail/LOCK"), "").unwrap();
    let found = Lock::find(&bench.folder).unwrap().unwrap();
    assert!(found.folder().ends_with("retail"));
}

#[test]
fn a_release_goes_into_the_lock_above_it_or_where_its_name_leads_back_to() {
    let bench = Bench::new();
    let root = bench.root.path().canonicalize().unwrap();
    let release = bench.read().unwrap();
    assert_eq!(Lock::of(&release).unwrap().path(), root.join("LOCK"));
    fs::write(root.join("LOCK"), "").unwrap();
    let mut lock = Lock::of(&release).unwrap();
    lock.add(&release).unwrap();
    assert_eq!(lock.folder(), root);
    assert!(lock.vanished().is_empty(), "it is found again");

    // A lock that would look for it elsewhere takes nothing in.
    fs::write(root.join("retail/LOCK"), "").unwrap();
    let error = Lock::of(&release).unwrap_err();
    assert_eq!(error.code(), "lock_misplaced");
    let (found, expected) = (
        root.join("retail/late-parcel/0.1.0"),
        root.join("retail/retail/late-parcel/0.1.0"),
    );
    assert_eq!(
        error.to_string(),
        format!(
            "retail/late-parcel 0.1.0 lies in {}, and its lock would look for it in {}",
            found.display(),
            expected.display()
        )
    );
    let bench = Bench::new();
    bench.edit("release.toml", "retail/late-parcel", "post/late-parcel");
    let error = Lock::of(&bench.read().unwrap()).unwrap_err();
    assert_eq!(error.code(), "lock_misplaced");
}
