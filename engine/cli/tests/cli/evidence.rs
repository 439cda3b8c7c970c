//! `redress evidence`, on a log of decisions that a shipped policy made.

use std::fs;
use std::path::PathBuf;

use crate::ledger::Desk;
use crate::log::{Log, log};
use crate::run::{Ran, arg, copied, redress, redress_solved};

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
    let ran = packed(&log, &[&SIGNED[..], &["--open", "all"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let first = log.read("pack.json");
    assert_eq!(
        packed(&log, &[&SIGNED[..], &["--open", "all"]].concat()).code,
        0
    );
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
    assert_eq!(ran.json("/made_again/reason"), "closed");
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
    change("\"open\": 0", "\"open\": 1", "evidence_false_claim");
    change(
        "\\\"kind\\\":\\\"decision\\\"",
        "\\\"kind\\\":\\\"decisiom\\\"",
        "the checkpoint",
    );
    change("1 of compliance", "2 of compliance", "");
    log.write("pack.json", "\u{1f}\u{8b}");
    refused(&log, &[], "evidence_malformed");
}

/// How many values of a class a pack opens and keeps closed, as its check says.
fn values(ran: &Ran, class: &str) -> (u64, u64) {
    let values = ran.json("/values");
    let values = values.as_array().unwrap();
    let own = values.iter().find(|it| it["class"] == class);
    let count = |what: &str| own.map_or(0, |own| own[what].as_u64().unwrap());
    (count("open"), count("closed"))
}

#[test]
fn classes_are_opened_one_by_one_and_nothing_else_is_told() {
    let log = desk();
    let opened = [&SIGNED[..], &["--open", "route", "--open", "reasons"]].concat();
    let ran = packed(&log, &opened);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let pack = log.read("pack.json");
    // Not even whom an opened value is about, since that would tell the id.
    for personal in ["customer-0", "customer-1", "agent-li", &case(&log)] {
        assert!(!pack.contains(personal), "{personal}");
    }
    let ran = log.run(&["evidence", "verify", "pack.json", "-f", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (open, closed) = values(&ran, "route");
    assert!(open > 0 && closed == 0, "{}", ran.out);
    for closed in ["identity", "inputs"] {
        let (open, closed) = values(&ran, closed);
        assert!(open == 0 && closed > 0, "{}", ran.out);
    }
    assert_eq!(ran.json("/made_again/reason"), "closed");
    assert_eq!(ran.json("/packer_made_again/result"), "same");
    // What else a pack shows holds all the same.
    assert_eq!(ran.json("/signed/signers/0/person"), "mei");
    assert_eq!(ran.json("/log/size"), 5);
    let shown = log.run(&["evidence", "verify", "pack.json"]);
    assert!(
        shown.out.contains("identity closed: not whose case it is"),
        "{}",
        shown.out
    );
    assert!(!shown.out.contains("route closed"), "{}", shown.out);
    let wrong = packed(&log, &[&SIGNED[..], &["--open", "everything"]].concat());
    assert_eq!(wrong.code, 2, "{}", wrong.err);
}

#[test]
fn a_half_open_pack_with_anything_exchanged_is_refused() {
    let log = desk();
    let opened = [&SIGNED[..], &["--open", "route"]].concat();
    assert_eq!(packed(&log, &opened).code, 0);
    let pack = log.read("pack.json");
    let receipt = |pack: &str| -> String {
        let pack: serde_json::Value = serde_json::from_str(pack).unwrap();
        pack["receipt"].as_str().unwrap().to_owned()
    };
    let text = |value: &str| serde_json::to_string(value).unwrap();
    let openings = |receipt: &str| -> Vec<serde_json::Value> {
        let receipt: serde_json::Value = serde_json::from_str(receipt).unwrap();
        receipt["openings"].as_array().unwrap().clone()
    };
    let own = openings(&receipt(&pack));
    // The same pack with other openings in its receipt.
    let exchanged = |openings: Vec<serde_json::Value>, code: &str| {
        let written = receipt(&pack);
        let mut changed: serde_json::Value = serde_json::from_str(&written).unwrap();
        changed["openings"] = openings.into();
        let changed = serde_json::to_string(&changed).unwrap();
        assert_ne!(changed, written);
        log.write(
            "pack.json",
            &pack.replacen(&text(&written), &text(&changed), 1),
        );
        refused(&log, &[], code);
    };
    let with = |name: &str, value: &str| {
        let mut openings = own.clone();
        openings[0][name] = value.into();
        openings
    };
    // Another value, an opening that was taken out, and one about a person who is named.
    exchanged(with("value", "\"furious\""), "bad_opening");
    exchanged(own[1..].to_vec(), "evidence_false_claim");
    exchanged(
        with("subject", "claimant:customer-7"),
        "evidence_false_claim",
    );
    // An opening out of another record: it holds, and what it opens stands nowhere here.
    let wide = [&SIGNED[..], &["--open", "all", "--decision", "1"]].concat();
    let ran = packed(&log, &wide);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut foreign = openings(&receipt(&log.read("pack.json")));
    let mut both = own.clone();
    both.push(foreign.swap_remove(0));
    exchanged(both, "evidence_malformed");
    // Another class for the same counts.
    let (from, to) = ("\"class\": \"route\"", "\"class\": \"merit\"");
    assert!(pack.contains(from));
    log.write("pack.json", &pack.replacen(from, to, 1));
    refused(&log, &[], "evidence_false_claim");
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
    let plain = log.run(&["evidence", "verify", "pack.json"]);
    let told =
        plain.err.contains("evidence_unsigned: ") && plain.err.contains("help: `--unsigned`");
    assert!(told, "{}", plain.err);
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

/// A pack of a release of which something is proved and something refuted.
#[test]
fn a_real_solver_is_asked_again_and_refutes_a_false_proof() {
    let Some(solver) = std::env::var_os("SMT_SOLVER").map(PathBuf::from) else {
        eprintln!("skipped: SMT_SOLVER names no solver");
        return;
    };
    let (policies, desk) = (copied(), Desk::new());
    let release = policies.path().join("rail/delay/1.0.0");
    let says = "nobody gets more than a thousand";
    let own =
        format!("[[property]]\nholds = \"at_most\"\nsum = \"1000.00 EUR\"\nsays = \"{says}\"\n");
    fs::write(release.join("properties.toml"), own).unwrap();
    fs::remove_file(policies.path().join("LOCK")).unwrap();
    let (key, public) = (desk.path("log.key"), desk.path("log.pub"));
    let made = redress(&["log", "keygen", "rail.example/log", "--out", &key]);
    fs::write(&public, made.out).unwrap();
    let (ann, checkpoint, pack) = (
        desk.path("ann.json"),
        desk.path("checkpoint"),
        desk.path("pack.json"),
    );
    let mut eval = vec!["eval", arg(&release), "-i", "case.json", "--actor", &ann];
    eval.extend(["--key", "order-9", "--log-key", &key]);
    let decided = desk.run(&eval);
    assert_eq!(decided.code, 0, "{}", decided.err);
    fs::write(&checkpoint, desk.run(&["log", "sign", "--key", &key]).out).unwrap();
    let book = desk.path("book.db");
    let mut pack_it = vec!["evidence", "c-1", "--ledger", &book, "--key", &public];
    pack_it.extend(["--checkpoint", &checkpoint, "--release", arg(&release)]);
    pack_it.extend(["--unsigned", "-o", &pack]);
    let packed = redress_solved(&solver, &pack_it);
    assert_eq!(packed.code, 0, "{}", packed.err);
    let verify = ["evidence", "verify", &pack, "--unsigned"];
    let asked = [&verify[..], &["--prove", "-f", "json"]].concat();
    let honest = redress_solved(&solver, &asked);
    assert_eq!(honest.code, 0, "{}", honest.err);
    let properties = honest.json("/proofs/properties");
    let properties = properties.as_array().unwrap();
    let answers = |answer: &str| {
        let own = properties.iter().filter(|it| it["answer"] == answer);
        own.count()
    };
    let (proved, refuted) = (answers("proved"), answers("refuted"));
    assert!(proved > 1 && refuted > 1, "{properties:#?}");
    assert_eq!(proved + refuted, properties.len(), "{properties:#?}");
    let own = properties.iter().find(|it| it["says"] == says).unwrap();
    assert_eq!(own["answer"], "refuted");
    let first = properties
        .iter()
        .find(|it| it["answer"] == "refuted")
        .unwrap();
    let first = first["says"].as_str().unwrap();
    assert_eq!(honest.json("/asked_again/confirmed"), properties.len());
    assert_eq!(honest.json("/asked_again/open"), 0);

    let text = fs::read_to_string(&pack).unwrap();
    let falsified = |from: &str, to: &str, told: &str| {
        assert!(text.contains(from), "{from}");
        fs::write(&pack, text.replacen(from, to, 1)).unwrap();
        // It is their word, until somebody asks.
        assert_eq!(redress(&verify).code, 0);
        let ran = redress_solved(&solver, &asked);
        assert_eq!((ran.code, ran.out.as_str()), (4, ""), "{}", ran.err);
        for told in ["evidence_false_claim", told] {
            assert!(ran.err.contains(told), "{told} is not in:\n{}", ran.err);
        }
    };
    falsified("\"answer\": \"refuted\"", "\"answer\": \"proved\"", first);
    falsified(
        "\"answer\": \"proved\"",
        "\"answer\": \"refuted\"",
        "proved",
    );
    falsified(says, "nobody gets more than a million", "the properties");
}
