use std::path::Path;

use redress::{Engine, EngineLimits, Release};
use redress_release::SourceFolder;

use super::decision::{Evaluations, Vector};
use super::*;

fn policies() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

fn fixture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/policies/rail/delay/1.1.0")
}

/// The fixture with another script.
fn with_script(script: &str) -> Release {
    let engine = Engine::new(EngineLimits::STANDARD);
    let folder = SourceFolder::open(&fixture()).unwrap();
    let folder = folder.with_file("policy.rhai", script.as_bytes().to_vec());
    let release = engine.compile_script(folder.release().unwrap());
    release.unwrap().unwrap()
}

fn vector(values: &str, result: bool) -> Vector {
    let value = |c| match c {
        't' => Some(true),
        'f' => Some(false),
        _ => None,
    };
    Vector {
        values: values.chars().map(value).collect(),
        result,
    }
}

#[test]
fn a_condition_needs_two_evaluations_in_which_it_alone_differs() {
    // a && (b || c)
    let mut seen = Evaluations::default();
    seen.add(vector("tt-", true), 0);
    seen.add(vector("tff", false), 1);
    assert_eq!(seen.pair(0), None, "never false");
    assert_eq!(seen.pair(1), Some((0, 1)), "c was masked in the first");
    assert_eq!(seen.pair(2), None, "never true");
    seen.add(vector("f--", false), 2);
    assert_eq!(seen.pair(0), Some((0, 2)));
    seen.add(vector("tft", true), 3);
    assert_eq!(seen.pair(2), Some((3, 1)));
}

#[test]
fn a_condition_that_never_moves_the_result_shows_nothing() {
    let mut seen = Evaluations::default();
    seen.add(vector("tf", false), 0);
    seen.add(vector("f-", false), 1);
    assert_eq!(seen.pair(0), None);
    // Both are otherwise, so neither is shown to decide.
    let mut seen = Evaluations::default();
    seen.add(vector("tt", true), 0);
    seen.add(vector("ff", false), 1);
    assert_eq!((seen.pair(0), seen.pair(1)), (None, None));
}

/// Every way with how often it was taken, and every condition with whether it is shown.
fn told(script: &str) -> String {
    let coverage = measure(&with_script(script), |_| true).unwrap();
    let script = coverage.script.unwrap();
    let mut text = String::new();
    for site in &script.branches {
        for way in &site.ways {
            let at = script.words(site.at);
            text.push_str(&format!("{at}: {}: {}\n", way.what, way.taken));
        }
    }
    for decision in &script.decisions {
        for condition in &decision.conditions {
            let shown = condition.pair.is_some();
            let at = script.words(condition.at);
            text.push_str(&format!("{at}: {:?} {shown}\n", condition.seen));
        }
    }
    text
}

#[test]
fn every_way_and_every_condition_of_a_script_is_told() {
    // The cases have delays of 59, 60 and nothing known.
    let script = r#"
fn remedy(facts) {
    let late = facts.maybe.delay_minutes ?? 0;
    if !(late >= 60 && facts.cause == "operator") || late > 1000 { // more
        return refuse("less_than_an_hour");
    }
    let times = 0;
    for n in [1, 2] { if n > 1 { times += 1 } }
    switch times { 7 => { times = 8 } }
    switch times {
        0 => hold("x"), // never
        1 if late == 60 => grant([statutory(cash(facts.fare.percent(25)), "rail_19")]),
        _ => refuse("own_fault"),
    }
}
fn route(facts, warnings) { route().queue("rail") }
fn idle(x) { x < 1 || x > 2 }
"#;
    assert_eq!(
        told(script),
        "\
!(late >= 60 && facts.cause == \"operator\") || late > 1000: the condition holds: 2
!(late >= 60 && facts.cause == \"operator\") || late > 1000: the condition does not hold: 1
n > 1: the condition holds: 1
n > 1: the condition does not hold: 1
times: the value is 7: 0
times: no arm is for the value: 1
times: the value is 0: 0
times: the value is 1: 1
times: no other arm is for the value: 0
late >= 60: (true, true) true
facts.cause == \"operator\": (true, false) false
late > 1000: (false, true) false
n > 1: (true, true) true
late == 60: (true, false) false
x < 1: (false, false) false
x > 2: (false, false) false
"
        .replacen(
            "!(late",
            "facts.maybe.delay_minutes ?? 0: the value is known: 2\n\
             facts.maybe.delay_minutes ?? 0: the value is unknown: 1\n!(late",
            1
        )
    );
}

#[test]
fn a_decision_within_itself_is_two_evaluations() {
    let script = r#"
fn deep(n) { n > 0 && (deep(n - 1) || n == 2) }
fn remedy(facts) {
    if deep(2) { refuse("own_fault") } else { refuse("less_than_an_hour") }
}
"#;
    let told = told(script);
    assert!(told.contains("n > 0: (true, true) true\n"), "{told}");
    assert!(told.contains("n == 2: (true, true) true\n"), "{told}");
}

#[test]
fn every_shipped_policy_is_decided_alike_with_probes() {
    let engine = Engine::new(EngineLimits::STANDARD);
    for folder in redress_release::find_releases(&policies()).unwrap() {
        let release = engine.load(&folder).unwrap();
        let coverage = measure(&release, |_| true).unwrap();
        for metric in [Metric::Lines, Metric::Branches, Metric::Conditions] {
            let share = coverage.share(metric);
            assert!(share.hit > 0, "{} {}", coverage.release, metric.name());
        }
    }
}

#[test]
fn a_tracefile_has_lines_branches_conditions_rows_and_guardrails() {
    let engine = Engine::new(EngineLimits::STANDARD);
    let mut coverage = measure(&engine.load(&fixture()).unwrap(), |_| true).unwrap();
    let script = coverage.script.as_mut().unwrap();
    script.file = "policy.rhai".into();
    coverage.tables[0].file = "shares.csv".into();
    coverage.guardrails_file = Some("guardrails.toml".into());
    let text = lcov(&[coverage]);
    for line in [
        "SF:policy.rhai",
        "FN:1,remedy",
        "FNDA:3,remedy",
        "DA:3,0",
        "DA:5,3",
        "BRDA:2,0,0,0",
        "BRDA:2,0,1,3",
        "MCDC:6,1,t,1,0,row.percent == 0",
        "MCDC:2,1,f,0,0,facts.cause == \"passenger\"",
        "SF:shares.csv",
        "DA:2,1",
        "DA:4,0",
        "SF:guardrails.toml",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
    let records = text.lines().filter(|line| *line == "end_of_record");
    assert_eq!(records.count(), 3);
}

#[test]
fn nothing_of_a_release_becomes_markup_of_a_page() {
    let release = with_script(
        "fn remedy(facts) { // <script>alert(1)</script>\n    refuse(if 1 < 2 { \"own_fault\" } else { \"x\" })\n}",
    );
    let (name, page) = page(&measure(&release, |_| true).unwrap());
    assert_eq!(name, "rail_delay_1.1.0.html");
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(page.contains("never: the condition does not hold"));
}

#[test]
fn a_threshold_is_a_metric_and_a_share() {
    let threshold = |text: &str| text.parse::<Threshold>().map(|it| it.to_string());
    assert_eq!(threshold(" branches = 90 % "), Ok("branches=90".into()));
    for wrong in ["branches", "branches=101", "twigs=9", "rows=-1", "rows="] {
        assert_eq!(threshold(wrong), Err(ThresholdError), "{wrong}");
    }
    let share = Share { hit: 2, found: 3 };
    assert!(share.reaches(66) && !share.reaches(67));
    assert!(Share::default().reaches(100));
}

#[test]
fn a_limit_counts_once_it_was_weighed() {
    let engine = Engine::new(EngineLimits::STANDARD);
    let goodwill = policies().join("travel/goodwill/1.0.0");
    let coverage = measure(&engine.load(&goodwill).unwrap(), |_| true).unwrap();
    let touched = |section: &str| {
        let all = coverage.guardrails.iter();
        let of = all.filter(|entry| entry.section == section);
        Share::of(of.map(|entry| entry.touched > 0))
    };
    for section in [
        "cap", "budget", "tier", "chain", "ladder", "safety", "review",
    ] {
        let share = touched(section);
        assert_eq!(share.hit, share.found, "{section}");
        assert!(share.found > 0, "{section}");
    }
    // A sum is, a clock is not: no case of the release gives one.
    assert_eq!(touched("taboo"), Share { hit: 1, found: 2 });
    let one = measure(&engine.load(&fixture()).unwrap(), |case| {
        case.stem == "unknown_delay"
    });
    let one = one.unwrap();
    let names = |hit: bool| -> Vec<&str> {
        let all = one.guardrails.iter().filter(|it| (it.touched > 0) == hit);
        all.map(|it| it.section).collect()
    };
    assert_eq!(names(true), ["unknown_fact"]);
    assert!(names(false).contains(&"statutory"));
}
