use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::run::{arg, redress, redress_solved};

#[test]
fn help_is_short_and_ends_in_examples() {
    insta::assert_snapshot!(redress(&["--help"]).shown());
    insta::assert_snapshot!(redress(&["backtest", "-h"]).shown());
    let ran = redress(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("Usage: redress"), "{}", ran.err);
    assert_eq!(redress(&["evall"]).code, 2);
}

#[test]
fn a_new_release_passes_its_tests() {
    let folder = tempfile::tempdir().unwrap();
    let dir = arg(folder.path());
    let ran = redress(&["new", "hotel/late-check-in", "--dir", dir]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let created = ran.out.trim();
    assert!(created.contains("hotel/late-check-in"), "{created}");
    let ran = redress(&["test", created]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(", 0 failed"), "{}", ran.out);
    for tool in [&["check"][..], &["lint"], &["fmt", "--check"]] {
        let ran = redress(&[tool, &[dir]].concat());
        assert_eq!(ran.code, 0, "{tool:?}: {}{}", ran.out, ran.err);
    }
    match std::env::var_os("SMT_SOLVER").map(PathBuf::from) {
        Some(solver) => {
            let ran = redress_solved(&solver, &["prove", created]);
            assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        }
        None => eprintln!("skipped in part: SMT_SOLVER names no solver"),
    }
    let again = redress(&["new", "hotel/late-check-in", "--dir", dir]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already"), "{}", again.err);
    assert_eq!(redress(&["new", "Not A Name", "--dir", dir]).code, 2);
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = redress(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("backtest"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(redress(&["man", arg(folder.path())]).code, 0);
    for page in ["redress.1", "redress-eval.1", "redress-backtest.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".TH redress"), "{page}");
    }
}

#[test]
fn bindings_name_the_facts_of_the_release() {
    let ran = redress(&["bindings", "policies/rail/delay/1.0.0"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for fact in ["fare", "delay_minutes", "cause"] {
        assert!(ran.out.contains(fact), "{fact}");
    }
    assert_eq!(redress(&["bindings", "policies/rail"]).code, 3);
    let folder = crate::run::copied();
    let release = folder.path().join("rail/delay/1.0.0");
    let manifest = release.join("release.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let module = "wasm = \"policy.wasm\"\nwasm_source = \"guest/policy.c\"";
    let text = text.replace("rhai = \"policy.rhai\"", module);
    std::fs::write(&manifest, text).unwrap();
    let unbuilt = redress(&["bindings", arg(&release)]);
    assert_eq!((unbuilt.code, unbuilt.out), (0, ran.out));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut history = String::from("journey,day,from,to,fare,delay_minutes\n");
    for number in 0..100_000 {
        history.push_str(&format!("j-{number},2025-01-15,A,B,10.00 EUR,90\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.csv");
    std::fs::write(&path, history).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args([
            "backtest",
            "policies/rail/delay",
            arg(&path),
            "--set",
            "cause=weather",
            "-f",
            "csv",
        ])
        .current_dir(crate::run::fixtures())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn colour_is_for_terminals_only() {
    let ran = redress(&["test", "policies"]);
    assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
}
