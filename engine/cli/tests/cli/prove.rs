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

#[test]
fn where_a_law_is_not_monotone_is_told_exactly() {
    let Some(solver) = std::env::var_os("SMT_SOLVER").map(PathBuf::from) else {
        eprintln!("skipped: SMT_SOLVER names no solver");
        return;
    };
    let policy = "../../../../policies/air/canada-appr/1.0.0";
    let ran = redress_solved(&solver, &["prove", policy, "-f", "json"]);
    let rows = ran.json("/0/properties");
    let rows = rows.as_array().unwrap();
    let refuted: Vec<_> = rows
        .iter()
        .filter(|row| row["answer"] != "proved")
        .collect();
    let [delay] = refuted.as_slice() else {
        panic!("{refuted:#?}");
    };
    // Who is told of three hours may give the journey up, for the price and no more.
    assert_eq!(
        delay["property"],
        "a higher expected_delay_minutes never pays less"
    );
    assert_eq!(delay["answer"], "refuted", "{delay:#}");
    let gives = delay["gives"].as_array().unwrap();
    assert_eq!(gives.last().unwrap(), "it falls at 180 and nowhere else");
    assert_eq!(
        ran.json("/0/assumes/0"),
        "what is due back for a ticket is neither less than nothing nor more than a million"
    );
}

/// A version of the smallest policy, with properties of its own and of its policy.
fn with_properties(own: &str, shared: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/rail/delay-repay/1.0.0");
    let to = folder.path().join("rail/delay-repay/1.0.0");
    crate::run::copy(&from, &to);
    fs::write(to.join("properties.toml"), own).unwrap();
    fs::write(to.join("../properties.toml"), shared).unwrap();
    folder
}

#[test]
fn properties_of_a_release_and_of_its_policy_are_asked() {
    let Some(solver) = std::env::var_os("SMT_SOLVER").map(PathBuf::from) else {
        eprintln!("skipped: SMT_SOLVER names no solver");
        return;
    };
    let own = "[[assume]]\nfact = \"price\"\nat_least = \"0.00 GBP\"\nsays = \"no price is below nothing\"\n";
    let shared = r#"
[[property]]
holds = "independent"
fact = "vouchers_wanted"
says = "vouchers are worth what money is"

[[property]]
holds = "at_most"
sum = "1000.00 GBP"
says = "nobody gets more than a thousand"
"#;
    let folder = with_properties(own, shared);
    let policy = folder.path().join("rail/delay-repay/1.0.0");
    let (policy, offered) = (policy.to_str().unwrap(), folder.path().join("offered"));
    let cases = ["--cases", offered.to_str().unwrap()];
    let ran = redress_solved(
        &solver,
        &[&["prove", policy, "-f", "json"], &cases[..]].concat(),
    );
    assert_eq!(
        ran.json("/0/assumes/0"),
        "no price is below nothing",
        "{}",
        ran.err
    );
    let rows = ran.json("/0/properties");
    let answer = |says: &str| {
        let row = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["property"] == says);
        row.unwrap()["answer"].clone()
    };
    assert_eq!(answer("nothing given is below zero"), "proved");
    assert_eq!(answer("vouchers are worth what money is"), "proved");
    assert_eq!(answer("nobody gets more than a thousand"), "refuted");
    // The case is one of the release's once it is moved there, and passes.
    let file = offered.join("rail_delay-repay_1.0.0/counterexample_1.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with("name = \"not: nobody gets more than a thousand\""),
        "{text}"
    );
    let into = Path::new(policy).join("cases/more_than_a_thousand.toml");
    fs::copy(&file, into).unwrap();
    let ran = redress_solved(&solver, &["test", policy, "-r", "more_than_a_thousand"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    // Once in each engine.
    assert!(ran.out.contains("2 passed"), "{}", ran.out);
}

#[test]
fn a_property_of_what_the_release_does_not_have_is_refused() {
    for (file, problem) in [
        (
            "[[assume]]\nfact = \"fare\"\nsays = \"x\"",
            "there is no fact `fare`",
        ),
        (
            "[[assume]]\nfact = \"price\"\nat_least = 0\nsays = \"x\"",
            "`price` cannot be 0",
        ),
        (
            "[[assume]]\nfact = \"price\"\nat_least = \"0.00 EUR\"\nsays = \"x\"",
            "`price` cannot be \"0.00 EUR\"",
        ),
        (
            "[[property]]\nholds = \"always\"\nsays = \"x\"",
            "the value `always` is not known",
        ),
    ] {
        let folder = with_properties("", file);
        let policy = folder.path().join("rail/delay-repay/1.0.0");
        let ran = redress_solved(Path::new("nothing"), &["prove", policy.to_str().unwrap()]);
        assert_eq!(ran.code, 3, "{file}: {}", ran.out);
        assert!(ran.err.contains(problem), "{file}: {}", ran.err);
    }
}
