use std::fs;

use crate::run::{arg, redress, redress_at, redress_with};

const POLICY: &str = "policies/rail/delay";
const AS_OF: &str = "2025-03-05T10:00:00Z";

fn eval(more: &[&str]) -> crate::run::Ran {
    let mut arguments = vec!["eval", POLICY, "--as-of", AS_OF];
    arguments.extend_from_slice(more);
    redress(&arguments)
}

#[test]
fn a_decision_is_a_card() {
    insta::assert_snapshot!(eval(&["-i", "case.json"]).shown());
}

#[test]
fn a_card_fits_a_narrow_terminal_and_speaks_chinese() {
    let arguments = [
        "eval",
        POLICY,
        "--as-of",
        AS_OF,
        "-i",
        "case.json",
        "--lang",
        "zh",
    ];
    let ran = redress_at(44, &arguments);
    for line in ran.out.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 44, "{line}");
    }
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn json_holds_the_decision_and_its_execution() {
    let ran = eval(&["-i", "case.json", "-f", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.json("/outcome"), "escalate");
    assert_eq!(ran.json("/remedies/0/amount_minor"), 3_000);
    assert_eq!(ran.json("/remedies/0/amount"), "30.00");
    assert_eq!(ran.json("/remedies/0/currency"), "EUR");
    assert_eq!(ran.json("/adjustments/0/rule"), "tier_cap");
    assert_eq!(ran.json("/release/version"), "1.0.0");
    assert_eq!(ran.json("/execution/sandbox"), "rhai");
    assert!(
        ran.json("/execution/steps")
            .as_u64()
            .is_some_and(|steps| steps > 0)
    );
}

#[test]
fn the_case_may_come_from_standard_input() {
    let case = fs::read(crate::run::fixtures().join("case.json")).unwrap();
    let arguments = ["eval", POLICY, "-i", "-", "-f", "json", "--as-of", AS_OF];
    let piped = redress_with(&case, &arguments);
    assert_eq!(piped.out, eval(&["-i", "case.json", "-f", "json"]).out);
}

#[test]
fn the_incident_date_picks_the_release() {
    let case = r#"{"id":"c","incident_date":"DATE","event":"e","claimant":{"id":"p"},
        "stage":"facts_recorded","facts":{"fare":"9.00 EUR","delay_minutes":60,"cause":"operator"}}"#;
    let version = |date: &str| {
        let case = case.replace("DATE", date);
        redress_with(case.as_bytes(), &["eval", POLICY, "-i", "-", "-f", "json"])
    };
    assert_eq!(version("2025-12-31").json("/release/version"), "1.0.0");
    assert_eq!(version("2026-01-01").json("/release/version"), "1.1.0");
    let none = version("2024-12-31");
    assert_eq!(none.code, 3);
    assert!(
        none.err
            .contains("help: 1.0.0 covers 2025-01-01 to 2025-12-31; 1.1.0"),
        "{}",
        none.err
    );
}

#[test]
fn the_actor_may_be_a_role_or_a_file() {
    let agent = eval(&["-i", "case.json", "-f", "json"]);
    let supervisor = eval(&[
        "-i",
        "case.json",
        "-f",
        "json",
        "--actor",
        "role=supervisor",
    ]);
    assert_eq!(agent.json("/outcome"), "escalate");
    assert_eq!(supervisor.json("/outcome"), "grant");
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "actor.toml",
            "id = \"x\"\nrole = \"supervisor\"\nassurance = \"authenticated\"\n",
        ),
        (
            "actor.json",
            "{\"id\":\"x\",\"role\":\"supervisor\",\"assurance\":\"authenticated\"}",
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let ran = eval(&["-i", "case.json", "-f", "json", "--actor", arg(&path)]);
        assert_eq!(ran.json("/outcome"), "grant", "{name}: {}", ran.err);
    }
}

#[test]
fn a_standing_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standing.toml");
    let text = "as_of_seq = 7\nrolling = \"fresh\"\nbudgets = \"fresh\"\n\
        [[paid]]\nbeneficiary = \"p-1\"\nhead = \"compensation\"\namount = \"30.00 EUR\"\n";
    fs::write(&path, text).unwrap();
    let ran = eval(&["-i", "case.json", "-f", "json", "--standing", arg(&path)]);
    assert_eq!(
        ran.json("/remedies/0/kind"),
        "voucher",
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn with_fail_the_exit_code_tells_the_outcome() {
    let case = r#"{"id":"c","incident_date":"2025-03-01","event":"e","claimant":{"id":"p"},
        "stage":"facts_recorded","facts":{"fare":"9.00 EUR"DELAY,"cause":"operator"}}"#;
    let check = |delay: &str, outcome: &str, code: i32| {
        let case = case.replace("DELAY", delay);
        let arguments = ["eval", POLICY, "-i", "-", "-f", "json", "--fail"];
        let ran = redress_with(case.as_bytes(), &arguments);
        assert_eq!(ran.json("/outcome"), outcome);
        assert_eq!(ran.code, code, "{outcome}");
        let without = redress_with(case.as_bytes(), &arguments[..6]);
        assert_eq!(without.code, 0, "{outcome} without --fail");
    };
    check(",\"delay_minutes\":60", "grant", 0);
    check(",\"delay_minutes\":10", "refuse", 5);
    check("", "hold", 6);
}

#[test]
fn every_error_of_a_case_is_told_at_once() {
    let case = r#"{"id":"c","incident_date":"2025-03-01","event":"e","claimant":{"id":"p"},"stage":"now",
        "facts":{"fare":"9 XXX","delay_minute":60,"cause":"god"}}"#;
    let ran = redress_with(case.as_bytes(), &["eval", POLICY, "-i", "-"]);
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn what_is_missing_is_named() {
    let check = |arguments: &[&str], code: i32, message: &str| {
        let ran = redress(arguments);
        assert_eq!(ran.code, code, "{}", ran.err);
        assert!(ran.err.contains(message), "{}", ran.err);
        assert_eq!(ran.out, "");
    };
    let case = ["-i", "case.json"];
    check(
        &["eval", "policies/none", case[0], case[1]],
        3,
        "policies/none",
    );
    check(
        &["eval", "policies", case[0], case[1]],
        3,
        "name the folder of one policy, such as policies/rail/delay",
    );
    check(
        &["eval", "case.json", case[0], case[1]],
        3,
        "is a file, and a folder was expected",
    );
    check(
        &["eval", POLICY, "-i", "policies"],
        3,
        "cannot read policies: Is a directory",
    );
    check(
        &["eval", POLICY, "-i", "none.json"],
        3,
        "cannot read none.json",
    );
    check(
        &["eval", POLICY, case[0], case[1], "--actor", "role=No"],
        2,
        "--actor role=No",
    );
    check(
        &["eval", POLICY, case[0], case[1], "--actor", "case.json"],
        3,
        "is not an actor",
    );
    check(
        &["eval", POLICY, case[0], case[1], "--sandbox", "wasm"],
        2,
        "has no wasm form",
    );
    check(
        &["eval", POLICY, case[0], case[1], "--as-of", "today"],
        2,
        "a date and time with offset",
    );
    check(&["eval", POLICY], 2, "--input");
}

#[test]
fn a_role_that_nobody_has_is_warned_of_and_approves_nothing() {
    let ran = eval(&["-i", "case.json", "--actor", "role=supervizor"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("role \"supervizor\" is not in the guardrails"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("agent, supervisor"), "{}", ran.err);
    assert_eq!(
        eval(&["-i", "case.json", "--actor", "role=supervisor"]).err,
        ""
    );
}

#[test]
fn an_empty_case_is_called_empty() {
    for text in ["", " \n"] {
        let ran = redress_with(text.as_bytes(), &["eval", POLICY, "-i", "-"]);
        assert_eq!(ran.code, 3);
        let message = "error: standard input is empty; expected a case as JSON\n";
        assert_eq!(ran.err, message);
    }
}

#[test]
fn a_decision_is_explained_to_its_reader() {
    let customer = eval(&["-i", "case.json", "--for", "customer"]).out;
    assert!(
        customer.contains("30.00 EUR, in money (the law gives it to you)"),
        "{customer}"
    );
    assert!(
        !customer.contains("12.00 EUR"),
        "nobody has approved it yet: {customer}"
    );
    let agent = eval(&["-i", "case.json", "--for", "agent", "--lang", "zh"]).out;
    assert!(
        agent.contains("由 team_leads 负责，supervisor 签字"),
        "{agent}"
    );
    let auditor = eval(&["-i", "case.json", "--for", "auditor", "-f", "json"]);
    assert_eq!(auditor.json("/reader"), "auditor");
    assert!(
        auditor.out.contains("tier_cap 20.00 EUR → 12.00 EUR"),
        "{}",
        auditor.out
    );
}

#[test]
fn why_not_stands_below_the_card_and_beside_the_decision() {
    let ran = eval(&["-i", "case.json", "--why"]);
    insta::assert_snapshot!(ran.shown());
    let ran = eval(&["-i", "case.json", "--why", "-f", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.json("/outcome"), "escalate");
    assert_eq!(ran.json("/execution/sandbox"), "compiled");
    assert_eq!(ran.json("/why_not/not_followed"), serde_json::Value::Null);
    assert_eq!(ran.json("/why_not/search/complete"), true);
    assert_eq!(ran.json("/why_not/changes/0/facts/0/name"), "delay_minutes");
    assert_eq!(ran.json("/why_not/changes/0/facts/0/to"), "179");
    assert_eq!(ran.json("/why_not/changes/0/would/outcome"), "grant");
    // Without the question, a single case is interpreted.
    let without = eval(&["-i", "case.json", "-f", "json", "--sandbox", "compiled"]);
    let plain = without.out.trim_end().strip_suffix('}').unwrap();
    assert!(ran.out.starts_with(plain), "{}", ran.out);
}

#[test]
fn why_not_has_nothing_to_say_of_a_case_that_is_not_decided() {
    let ran = redress_with(
        br#"{"id":"c"}"#,
        &["eval", POLICY, "-i", "-", "--why", "--as-of", AS_OF],
    );
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    let ran = eval(&["-i", "case.json", "--why", "--for", "agent"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
}
