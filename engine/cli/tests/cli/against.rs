use std::fs;

use tempfile::TempDir;

use crate::run::{arg, copied, redress, redress_in};

const OLD: &str = "policies/rail/delay/1.0.0";
/// The cause, which the history lacks.
const CAUSE: &str = "--set=cause=operator";

/// The fixtures with a version 1.2.0 that pays half from thirty minutes on.
fn candidate() -> TempDir {
    let folder = copied();
    let new = folder.path().join("rail/delay/1.2.0");
    fs::create_dir_all(&new).unwrap();
    let status = std::process::Command::new("cp")
        .arg("-r")
        .arg(folder.path().join("rail/delay/1.1.0/."))
        .arg(&new)
        .status();
    assert!(status.unwrap().success());
    let edit = |file: &str, from: &str, to: &str| {
        let path = new.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from:?} is not in {file}: {text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    edit("release.toml", "1.1.0", "1.2.0");
    edit("tables/shares.csv", "60..119,25", "60..119,50");
    folder
}

#[test]
fn a_candidate_is_held_against_the_release_before() {
    let folder = candidate();
    let new = folder.path().join("rail/delay/1.2.0");
    let ran = redress(&[
        "backtest",
        arg(&new),
        "journeys.csv",
        "--against",
        OLD,
        CAUSE,
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    insta::assert_snapshot!(ran.out);
    let json = redress(&[
        "backtest",
        arg(&new),
        "journeys.csv",
        "--against",
        OLD,
        CAUSE,
        "-f",
        "json",
    ]);
    assert_eq!(json.json("/old/dates"), "any");
    assert!(json.json("/movers/0/why/1").as_str().unwrap().len() > 20);
}

#[test]
fn a_release_against_itself_changes_nothing() {
    let ran = redress(&[
        "backtest",
        OLD,
        "journeys.csv",
        "--against",
        OLD,
        CAUSE,
        "-f",
        "json",
        "--fail-if",
        "flips > 0",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json("/flips"), 0);
    assert_ne!(ran.json("/compared"), 0);
}

#[test]
fn a_gate_that_holds_fails_the_run() {
    let folder = candidate();
    let new = folder.path().join("rail/delay/1.2.0");
    let run = |gate: &str| {
        redress(&[
            "backtest",
            arg(&new),
            "journeys.csv",
            "--against",
            OLD,
            CAUSE,
            "--fail-if",
            gate,
        ])
    };
    let rises = run("total > +5%");
    assert_eq!(rises.code, 4, "{}", rises.err);
    assert!(
        rises.out.contains("gate failed total > +5%: "),
        "{}",
        rises.out
    );
    assert_eq!(run("losers > 0").code, 0);
    let wrong = run("total > 5%");
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("takes a sign"), "{}", wrong.err);
}

#[test]
fn broken_rows_are_told_by_line_and_fail_a_strict_run() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("h.csv");
    let text = fs::read_to_string(crate::run::fixtures().join("journeys.csv")).unwrap();
    let lines = text.lines().count();
    fs::write(&history, format!("{text}only,three,cells\n")).unwrap();
    let arguments = ["backtest", OLD, arg(&history), "--against", OLD, CAUSE];
    let ran = redress(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains(&format!("h.csv:{}: ", lines + 1)),
        "{}",
        ran.err
    );
    let mut strict = arguments.to_vec();
    strict.push("--strict");
    let ran = redress(&strict);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("--strict takes none"), "{}", ran.err);
    let alone = redress(&["backtest", OLD, arg(&history), "--strict", "-f", "json"]);
    assert_eq!(alone.code, 3, "{}", alone.err);
}

#[test]
fn two_policies_are_not_compared() {
    let folder = candidate();
    let made = redress_in(folder.path(), &["new", "hotel/late", "--dir", "."]);
    assert_eq!(made.code, 0, "{}", made.err);
    let other = folder.path().join("hotel/late/0.1.0");
    let ran = redress(&[
        "backtest",
        arg(&other),
        "journeys.csv",
        "--against",
        OLD,
        CAUSE,
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("are two policies"), "{}", ran.err);
    let csv = redress(&[
        "backtest",
        OLD,
        "journeys.csv",
        "--against",
        OLD,
        CAUSE,
        "-f",
        "csv",
    ]);
    assert_eq!(csv.code, 2);
}
