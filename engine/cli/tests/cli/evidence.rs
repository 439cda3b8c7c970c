//! `redress evidence`, on a log of decisions that a shipped policy made.

use std::fs;

use crate::log::{Log, log};
use crate::run::Ran;

const ARCHIVE: &str = "travel-goodwill-1.0.0.tar";

/// A log of two decisions with a signed archive of the release that made them.
fn desk() -> Log {
    let log = log(2);
    let done = |arguments: &[&str]| {
        let ran = log.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        ran.out
    };
    let release = format!("{}/goodwill/1.0.0", log.policies());
    done(&["release", "build", &release]);
    let made = done(&["release", "key", "mei"]);
    let (_, entry) = made.split_once("[[key]]").unwrap();
    let entry = entry
        .replace("roles = []", "roles = [\"compliance\"]")
        .replace("valid_from = \"\"", "valid_from = \"2020-01-01\"")
        .replace("valid_until = \"\"", "valid_until = \"2999-12-31\"");
    log.write(
        "trust.toml",
        &format!("rule = \"1 of compliance\"\n[[key]]{entry}"),
    );
    done(&[
        "release",
        "sign",
        ARCHIVE,
        "--key",
        "mei.key",
        "--revision",
        "1",
        "--expires",
        "2999-01-01",
    ]);
    log
}

fn packed(log: &Log, more: &[&str]) -> Ran {
    let case = case(log);
    let mut arguments = vec![
        "evidence",
        &case,
        "--log",
        "log.jsonl",
        "--openings",
        "openings.jsonl",
        "--checkpoint",
        "checkpoint",
        "--key",
        "log.pub",
        "--release",
        ARCHIVE,
        "-o",
        "pack.json",
    ];
    arguments.extend(more);
    if !more.contains(&"--seconds") {
        arguments.push("--no-proofs");
    }
    log.run(&arguments)
}

/// The case of every decision in the log.
fn case(log: &Log) -> String {
    let policies = log.policies();
    let story = format!("{policies}/goodwill/story/two-hundred-for-nothing.json");
    let story: serde_json::Value = serde_json::from_slice(&fs::read(story).unwrap()).unwrap();
    story["id"].as_str().unwrap().to_owned()
}

const SIGNED: [&str; 2] = ["--trust", "trust.toml"];

#[track_caller]
fn refused(log: &Log, more: &[&str], code: &str) {
    let mut arguments = vec!["evidence", "verify", "pack.json"];
    arguments.extend(more);
    let ran = log.run(&arguments);
    assert_eq!((ran.code, ran.out.as_str()), (4, ""), "{}", ran.err);
    assert!(ran.err.contains(code), "{code} is not in:\n{}", ran.err);
}

#[test]
fn an_opened_pack_is_checked_and_decided_again_with_nothing_else() {
    let log = desk();
    let ran = packed(&log, &[&SIGNED[..], &["--open"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let first = log.read("pack.json");
    assert_eq!(packed(&log, &[&SIGNED[..], &["--open"]].concat()).code, 0);
    assert_eq!(
        first,
        log.read("pack.json"),
        "the same parts give the same bytes"
    );
    for gone in ["log.jsonl", "openings.jsonl", "checkpoint", ARCHIVE] {
        fs::remove_file(log.path(gone)).unwrap();
    }
    let ran = log.run(&["evidence", "verify", "pack.json", "-f", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json("/made_again/result"), "same");
    assert_eq!(ran.json("/signed/signers/0/person"), "mei");
    assert_eq!(ran.json("/log/size"), 5);
    let own = [
        "evidence",
        "verify",
        "pack.json",
        "--key",
        "log.pub",
        "--trust",
        "trust.toml",
    ];
    assert_eq!(log.run(&own).code, 0);
}

#[test]
fn a_sealed_pack_holds_no_personal_value_and_says_what_cannot_be_done() {
    let log = desk();
    assert_eq!(packed(&log, &SIGNED).code, 0);
    let pack = log.read("pack.json");
    for personal in ["customer-0", "customer-1", "agent-li", &case(&log)] {
        assert!(!pack.contains(personal), "{personal}");
    }
    let ran = log.run(&["evidence", "verify", "pack.json", "-f", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json("/made_again/reason"), "erased");
    assert_eq!(ran.json("/packer_made_again/result"), "same");
}

#[test]
fn a_pack_with_anything_exchanged_is_refused_with_its_reason() {
    let log = desk();
    assert_eq!(packed(&log, &SIGNED).code, 0);
    let pack = log.read("pack.json");
    let change = |from: &str, to: &str, code: &str| {
        assert!(pack.contains(from), "{from}");
        log.write("pack.json", &pack.replacen(from, to, 1));
        refused(&log, &[], code);
    };
    change(
        "{\n",
        "{\n  \"../../etc/passwd\": \"\",\n",
        "evidence_malformed",
    );
    change("\"decision\": ", "\"decision\":  ", "evidence_malformed");
    change(
        "\"redaction\": \"sealed\"",
        "\"redaction\": \"claimant_opened\"",
        "evidence_false_claim",
    );
    change(
        "\\\"kind\\\":\\\"decision\\\"",
        "\\\"kind\\\":\\\"decisiom\\\"",
        "the checkpoint",
    );
    change("1 of compliance", "2 of compliance", "");
    log.write("pack.json", "\u{1f}\u{8b}");
    refused(&log, &[], "evidence_malformed");
}

#[test]
fn keys_and_trust_of_somebody_else_are_foreign() {
    let log = desk();
    assert_eq!(packed(&log, &SIGNED).code, 0);
    let made = log.run(&["log", "keygen", "redress.example/log", "--out", "other.key"]);
    log.write("other.pub", &made.out);
    refused(&log, &["--key", "other.pub"], "");
    let made = log.run(&["release", "key", "eve"]).out;
    let (_, entry) = made.split_once("[[key]]").unwrap();
    let entry = entry
        .replace("roles = []", "roles = [\"compliance\"]")
        .replace("valid_from = \"\"", "valid_from = \"2020-01-01\"")
        .replace("valid_until = \"\"", "valid_until = \"2999-12-31\"");
    log.write(
        "eve.toml",
        &format!("rule = \"1 of compliance\"\n[[key]]{entry}"),
    );
    refused(&log, &["--trust", "eve.toml"], "");
}

#[test]
fn an_unsigned_release_passes_only_where_that_is_asked_for_by_name() {
    let log = desk();
    assert_eq!(packed(&log, &[]).code, 2);
    assert_eq!(packed(&log, &["--unsigned"]).code, 0);
    refused(&log, &[], "evidence_unsigned");
    let ran = log.run(&["evidence", "verify", "pack.json", "--unsigned"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// The proofs in a pack are the packer's word, which can be asked again, and not the other
/// way round.
#[test]
fn a_pack_holds_what_was_proved_of_its_release() {
    let log = desk();
    let ran = packed(&log, &[&SIGNED[..], &["--seconds", "5"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = log.run(&["evidence", "verify", "pack.json", "-f", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json("/proofs/solver"), serde_json::Value::Null);
    let properties = ran.json("/proofs/properties");
    assert!(properties.as_array().unwrap().len() > 5, "{properties}");
    let shown = log.run(&["evidence", "verify", "pack.json"]);
    assert!(
        shown.out.contains("with no solver (their word)"),
        "{}",
        shown.out
    );
    // Without a solver nothing is asked again, and nothing is passed over.
    let again = log.run(&["evidence", "verify", "pack.json", "--prove"]);
    assert_eq!(again.code, 2, "{}", again.err);
    assert_eq!(packed(&log, &SIGNED).code, 0);
    let none = log.run(&["evidence", "verify", "pack.json", "--prove"]);
    assert_eq!(none.code, 4, "{}", none.err);
}
