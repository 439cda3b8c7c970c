use std::fs;

use tempfile::TempDir;

use crate::run::{arg, copied, copy, redress, redress_in};

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

/// Two releases of a shipped policy over flights that were flown: what the comparison adds up is
/// what the main job finds under each of them alone, in total, by month and by outcome.
#[test]
fn a_comparison_over_flights_adds_up_to_what_each_release_gives_alone() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let old = here.join("../../policies/air/eu261/1.0.0");
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("eu261/1.1.0");
    copy(&old, &new);
    let edit = |file: &str, pairs: &[(&str, &str)]| {
        let mut text = fs::read_to_string(new.join(file)).unwrap();
        for (from, to) in pairs {
            assert!(text.contains(from), "{from:?} is not in {file}: {text}");
            text = text.replace(from, to);
        }
        fs::write(new.join(file), text).unwrap();
    };
    edit(
        "release.toml",
        &[("\"1.0.0\"", "\"1.1.0\""), ("eu261/1.0.0", "eu261/1.1.0")],
    );
    let manifest = fs::read_to_string(new.join("release.toml")).unwrap();
    let script = manifest.lines().filter(|line| !line.starts_with("wasm"));
    let script: Vec<&str> = script.collect();
    fs::write(new.join("release.toml"), script.join("\n")).unwrap();
    let raised = [("250.00 EUR", "300.00 EUR"), ("125.00 EUR", "150.00 EUR")];
    edit("guardrails.toml", &raised);
    edit("tables/bands.csv", &raised);
    edit(
        "tables/bands.csv",
        &[
            ("..1500,", "..1800,"),
            ("1501..3500,*,400.00", "1801..3500,*,350.00"),
        ],
    );
    let flights = here.join("../../tests/data/nyc-flights-2013/flights.csv.gz");
    let rest = [
        "--limit",
        "9000",
        "-f",
        "json",
        "--set",
        "intra_union=false",
        "--set",
    ];
    let rest = [
        &rest[..],
        &["notice_days=0", "--set", "reroute.offered=false"],
    ]
    .concat();
    let of = |start: &[&str]| {
        let ran = redress(&[start, &rest].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran
    };
    let alone = [&old, &new].map(|release| of(&["backtest", arg(release), arg(&flights)]));
    let both = of(&["backtest", arg(&new), arg(&flights), "--against", arg(&old)]);
    let count = |value: serde_json::Value| value.as_i64().unwrap();
    let money = |months: &serde_json::Value, side: &str| -> Vec<i64> {
        let months = months.as_array().unwrap().iter();
        let sum = |month: &serde_json::Value| count(month["sums"][0][1][side].clone());
        months.map(sum).collect()
    };
    let sides = ["old", "new"];
    for (ran, side) in alone.iter().zip(sides) {
        let total = count(ran.json("/owed/total/0/amount_minor"));
        assert_eq!(
            count(both.json(&format!("/currencies/0/total/{side}"))),
            total
        );
        let months = ran.json("/months");
        let months = months.as_array().unwrap().iter();
        let months: Vec<i64> = months
            .map(|month| count(month["total"][0]["amount_minor"].clone()))
            .collect();
        assert_eq!(money(&both.json("/months"), side), months);
        let held = count(ran.json("/outcomes/hold"));
        assert_eq!(count(both.json("/undetermined/both")), held);
        let matrix = both.json("/matrix");
        for outcome in ["grant", "escalate", "refuse"] {
            let (from, to) = if side == "old" {
                ("from", "to")
            } else {
                ("to", "from")
            };
            let cells = matrix.as_array().unwrap().iter();
            let own = cells.filter(|cell| cell[from] == outcome && cell[to] != "hold");
            let cases: i64 = own.map(|cell| count(cell["cases"].clone())).sum();
            assert_eq!(
                cases,
                count(ran.json(&format!("/outcomes/{outcome}"))),
                "{outcome}"
            );
        }
    }
    // Of who gains and who loses, by the sums that each release gives for each claim.
    let given = |ran: &crate::run::Ran, claim: &str| -> i64 {
        let lines = ran.json("/given");
        let lines = lines.as_array().unwrap().iter();
        let own = lines.filter(|line| line["claim"] == claim);
        own.map(|line| count(line["cases"].clone())).sum()
    };
    let short = "eu261_art7_1_a";
    let (gain, moved) = (given(&alone[0], short), given(&alone[1], short));
    let lose = given(&alone[0], "eu261_art7_1_b");
    assert!(
        gain > 30 && moved > gain && lose > moved - gain,
        "{gain} {moved} {lose}: {}",
        alone[0].json("/given")
    );
    let moves = both.json("/currencies/0/moves/total");
    assert_eq!(
        (
            count(moves["gainers"].clone()),
            count(moves["losers"].clone())
        ),
        (gain, lose)
    );
    assert_eq!(count(moves["gained"].clone()), gain * 5_000);
    let lost = (moved - gain) * 10_000 + (lose - (moved - gain)) * 5_000;
    assert_eq!(count(moves["lost"].clone()), lost);
    assert_eq!(count(both.json("/flips")), gain + lose);
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
