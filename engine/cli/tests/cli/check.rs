use std::fs;

use crate::run::{arg, copied, redress};

#[test]
fn valid_releases_are_listed() {
    insta::assert_snapshot!(redress(&["check", "policies"]).shown());
}

#[test]
fn versions_that_overlap_are_refused() {
    let folder = copied();
    let manifest = folder.path().join("rail/delay/1.1.0/release.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("2026-01-01", "2025-12-31")).unwrap();
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        ran.err.contains("both cover an incident of 2025-12-31"),
        "{}",
        ran.err
    );
}

#[test]
fn a_released_version_that_changed_or_vanished_fails_the_gate() {
    let folder = copied();
    let readme = folder.path().join("rail/delay/1.0.0/README.md");
    fs::write(&readme, "changed\n").unwrap();
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("its files have changed"), "{}", ran.err);
    fs::remove_dir_all(folder.path().join("rail/delay/1.0.0")).unwrap();
    let ran = redress(&["check", arg(folder.path())]);
    assert!(
        ran.err.contains("its folder is not there any more"),
        "{}",
        ran.err
    );
    assert_ne!(ran.code, 0);
}

#[test]
fn a_lock_takes_new_releases_and_refuses_changed_ones() {
    let folder = copied();
    let lock = folder.path().join("LOCK");
    let before = fs::read_to_string(&lock).unwrap();
    let ran = redress(&["lock", arg(folder.path())]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.starts_with("locked  rail/delay 1.1.0  sha256:"),
        "{}",
        ran.out
    );
    let after = fs::read_to_string(&lock).unwrap();
    assert!(
        after.starts_with(before.trim_end()) && after.len() > before.len(),
        "{after}"
    );
    let again = redress(&["lock", arg(folder.path())]);
    assert_eq!(again.out, "nothing new: all 2 releases are locked\n");
    let readme = folder.path().join("rail/delay/1.1.0/README.md");
    fs::write(&readme, "changed\n").unwrap();
    let ran = redress(&["lock", arg(folder.path())]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.err.contains("rail/delay 1.1.0 is released"),
        "{}",
        ran.err
    );
    assert_eq!(
        fs::read_to_string(&lock).unwrap(),
        after,
        "the lock stays as it was"
    );
}

#[test]
fn an_invalid_release_keeps_the_lock_as_it_is() {
    let folder = copied();
    fs::write(
        folder.path().join("rail/delay/1.1.0/guardrails.toml"),
        "x = 1\n",
    )
    .unwrap();
    let before = fs::read_to_string(folder.path().join("LOCK")).unwrap();
    assert_eq!(redress(&["lock", arg(folder.path())]).code, 3);
    assert_eq!(
        fs::read_to_string(folder.path().join("LOCK")).unwrap(),
        before
    );
}
