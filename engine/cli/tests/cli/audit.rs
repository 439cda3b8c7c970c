//! `redress audit fairness` on a ledger that the program itself has written.

use std::fs;
use std::path::Path;

use crate::ledger::Desk;
use crate::run::{Ran, arg};

fn policies() -> String {
    arg(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/travel/goodwill")).to_owned()
}

/// Three complaints on three days, of which the loudest lost least.
fn book() -> Desk {
    let desk = Desk::new();
    let policies = policies();
    let cases = [
        ("ann", "300.00", "calm"),
        ("ben", "200.00", "upset"),
        ("cai", "100.00", "shouting"),
    ];
    for (day, (id, loss, tone)) in (6..).zip(cases) {
        let case = serde_json::json!({
            "id": id, "incident_date": "2026-12-05", "event": format!("order-{id}"),
            "claimant": { "id": format!("p-{id}") }, "stage": "facts_recorded",
            "facts": {
                "scene": "hotel", "matter": "quality", "cause": "supplier",
                "harm": "inconvenience", "loss": format!("{loss} CNY"),
                "evidence": "complete", "evidence_days": 1, "tone": tone,
                "public_complaint": tone == "shouting", "follower_count": 7,
            },
        });
        let (input, actor) = (desk.path("case.json"), desk.path("ann.json"));
        fs::write(&input, case.to_string()).unwrap();
        let at = format!("2026-12-{day:02}T08:00:00Z");
        let ran = desk.run(&[
            "eval", &policies, "-i", &input, "--actor", &actor, "--as-of", &at, "--key", id,
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    desk
}

fn audit(desk: &Desk, more: &[&str]) -> Ran {
    let mut all = vec!["audit", "fairness"];
    all.extend(more);
    let ran = desk.run(&all);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    ran
}

fn figure(ran: &Ran, name: &str) -> serde_json::Value {
    let figures = ran.json("/figures");
    let mut all = figures.as_array().unwrap().iter();
    let found = all.find(|figure| figure["name"] == name);
    found.cloned().unwrap_or_default()
}

#[test]
fn an_audit_replays_flips_and_names_cases() {
    let desk = book();
    let ran = audit(&desk, &["--flip", &policies(), "-f", "json"]);
    let flips = figure(&ran, "flip_replay");
    assert_eq!(flips["value"], 0.0);
    assert_eq!(flips["measure"], "count");
    let lines = flips["lines"].as_array().unwrap();
    let tone = lines.iter().find(|line| line["label"] == "tone").unwrap();
    assert_eq!(tone["of"], 12, "three cases in four tones");
    assert_eq!(ran.json("/decisions"), 3);
    let spread = figure(&ran, "spread");
    assert_eq!(spread["value"], 0.0);
    // Nothing lies off its tariff; the two that the steepest step lies between are named.
    assert_eq!(spread["cases"], serde_json::json!([]));
    let steep = figure(&ran, "lipschitz");
    for decision in steep["cases"].as_array().unwrap() {
        let case = ran.json(&format!("/cases/{decision}"));
        assert!(
            ["ann", "ben", "cai"].contains(&case.as_str().unwrap()),
            "{case}"
        );
    }
    assert_eq!(steep["cases"].as_array().unwrap().len(), 2);
    // The release is at hand, so its own tolerance counts; without it, the default does.
    let own = ran.json("/tolerances/0");
    assert_eq!(
        (&own["by"], &own["basis_points"]),
        (&"release".into(), &500.into())
    );
    let by_default = audit(&desk, &["-f", "json"]).json("/tolerances/0/by");
    assert_eq!(by_default, "default");
    let named = audit(&desk, &["--policies", &policies()]).out;
    assert!(named.contains("by its own [fairness]"), "{named}");
    // Without the releases nothing is replayed, and the report says so.
    let plain = figure(&audit(&desk, &["-f", "json"]), "flip_replay");
    assert!(plain["value"].is_null() && plain["of"] == 0, "{plain}");
    let plain = audit(&desk, &[]).out;
    assert!(
        plain.contains("flip_replay         not measured (of 0)"),
        "{plain}"
    );
    assert!(audit(&desk, &["-f", "html"]).out.contains("not measured"));
    let elsewhere = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/rail");
    let elsewhere = arg(&elsewhere).to_owned();
    let none = audit(&desk, &["--flip", &elsewhere, "-f", "json"]);
    assert!(figure(&none, "flip_replay")["value"].is_null());
}

#[test]
fn an_audit_looks_at_the_time_that_is_asked_for() {
    let desk = book();
    let of = |more: &[&str]| {
        let mut all = more.to_vec();
        all.extend(["-f", "json"]);
        audit(&desk, &all).json("/decisions")
    };
    assert_eq!(of(&["--from", "2026-12-07T08:00:00Z"]), 2);
    assert_eq!(of(&["--from", "2026-12-07T08:00:01Z"]), 1);
    assert_eq!(
        of(&["--to", "2026-12-07T08:00:00Z"]),
        1,
        "the end is not within"
    );
    assert_eq!(of(&["--to", "2026-12-06T08:00:00Z"]), 0);
}

#[test]
fn an_audit_is_text_of_eighty_columns_or_one_page() {
    let desk = book();
    let text = audit(&desk, &["--by", "tone", "--flip", &policies()]);
    for line in text.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(
        text.out.contains("premium by tone"),
        "a fact without a group of 30 too"
    );
    assert!(text.out.contains("Decisions:") && text.out.contains("(ann)"));
    assert!(
        text.out.contains("flip_replay         0 (of"),
        "{}",
        text.out
    );
    let page = audit(&desk, &["--by", "tone", "-f", "html"]);
    assert!(page.out.starts_with("<!doctype html>"));
    assert!(page.out.contains("premium by tone") && page.out.contains("four fifths by tone"));
}

/// Who complains in public is a yes or a no, and how many follow them a number.
#[test]
fn an_audit_groups_by_every_fact_of_one_value_and_says_which_none_has() {
    let desk = book();
    let facts = ["public_complaint", "follower_count", "tone"];
    let by = facts.iter().flat_map(|fact| ["--by", fact]);
    let mut all: Vec<&str> = by.collect();
    all.extend(["-f", "json"]);
    let ran = audit(&desk, &all);
    let figures = ran.json("/figures");
    let figures = figures.as_array().unwrap().iter();
    let mut set: Vec<&str> = figures.filter_map(|it| it["by"].as_str()).collect();
    set.dedup();
    assert_eq!(set, ["follower_count", "public_complaint", "tone"]);

    let wrong = desk.run(&["audit", "fairness", "--by", "chanel", "--by", "tone"]);
    assert_eq!(wrong.code, 0);
    let says = "warning: no decision that was looked at tells the fact chanel\n";
    assert_eq!(wrong.err, says);
    assert!(!wrong.out.contains("chanel"), "{}", wrong.out);
}
