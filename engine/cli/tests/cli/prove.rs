//! Proofs: with solvers that fail in every way, and with a real one where there is one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::run::redress_solved;

const POLICY: &str = "../../../../policies/utilities/gas-standards/1.1.0";

/// A program that does what a shell script says.
fn fake(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("solver");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn rows(solver: &Path) -> Vec<serde_json::Value> {
    let ran = redress_solved(solver, &["prove", POLICY, "-f", "json", "--seconds", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let rows = ran.json("/0/properties");
    rows.as_array().unwrap().clone()
}

#[test]
fn a_solver_that_fails_leaves_everything_unknown_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for (script, code) in [
        ("sleep 30", "solver_late"),
        ("exit 3", "solver_died"),
        ("kill -9 $$", "solver_died"),
        ("cat >/dev/null; echo proved", "solver_nonsense"),
        ("cat >/dev/null; echo sat", "solver_nonsense"),
        ("cat >/dev/null; echo unknown", "solver_undecided"),
    ] {
        let rows = rows(&fake(folder.path(), script));
        let unknown: Vec<_> = rows
            .iter()
            .filter(|row| row["answer"] == "unknown")
            .collect();
        assert!(!unknown.is_empty(), "{script}: {rows:#?}");
        for row in &unknown {
            assert_eq!(row["code"], code, "{script}: {row}");
        }
        assert!(rows.iter().all(|row| row["answer"] != "bug"), "{script}");
    }
    let rows = rows(&folder.path().join("nothing"));
    assert!(rows.iter().any(|row| row["code"] == "solver_missing"));
}

#[test]
fn a_model_that_does_not_replay_is_told_as_a_bug() {
    let folder = tempfile::tempdir().unwrap();
    // Every variable is what is least trouble: a case that shows nothing.
    let script = r#"awk '/^\(get-value/ { gsub(/^\(get-value \(|\)\)$/, ""); n = split($0, v, " "); print "sat"; printf "("; for (i = 1; i <= n; i++) printf "(%s %s)", v[i], (v[i] ~ /^[kx]/ ? "true" : "0"); print ")" }'"#;
    let rows = rows(&fake(folder.path(), script));
    let bugs: Vec<_> = rows.iter().filter(|row| row["answer"] == "bug").collect();
    assert!(!bugs.is_empty(), "{rows:#?}");
    assert!(bugs.iter().all(|row| row["code"] == "not_replayed"));
    assert!(
        rows.iter().all(|row| row["answer"] != "refuted"),
        "{rows:#?}"
    );
}

#[test]
fn a_real_solver_proves_what_holds_and_refutes_what_does_not() {
    let Some(solver) = std::env::var_os("SMT_SOLVER").map(PathBuf::from) else {
        eprintln!("skipped: SMT_SOLVER names no solver");
        return;
    };
    let rows = rows(&solver);
    assert!(
        rows.iter().all(|row| row["answer"] == "proved"),
        "{rows:#?}"
    );
    let (old, new) = (
        "../../../../policies/air/us-denied-boarding/1.0.0",
        "../../../../policies/air/us-denied-boarding/1.1.0",
    );
    let same = redress_solved(&solver, &["prove", old, "--against", old, "-f", "json"]);
    assert_eq!(
        same.json("/0/properties/0/answer"),
        "proved",
        "{}",
        same.out
    );
    let other = redress_solved(&solver, &["prove", old, "--against", new, "-f", "json"]);
    assert_eq!(
        other.json("/0/properties/0/answer"),
        "refuted",
        "{}",
        other.out
    );
}
