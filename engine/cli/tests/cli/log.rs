//! `redress log`, on a log of decisions that a shipped policy made.

use std::fs;
use std::path::{Path, PathBuf};

use redress::{Actor, Assurance, Code, Engine, EngineLimits, SEMANTICS_VERSION, Standing};
use redress_log::note::KeyName;
use redress_log::seal::OpeningLine;
use redress_log::{DecisionRecord, Draft, Head, ReleaseRef, Sealing, Seed};
use redress_model::{ActorId, Digest, Timestamp};
use serde_json::json;
use tempfile::TempDir;

use crate::run::{Ran, redress_at, redress_in, redress_with};

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().expect("the root")
}

/// Folder with `log.jsonl`, `openings.jsonl`, `log.key`, `log.pub` and `checkpoint`.
pub(crate) struct Log {
    dir: TempDir,
}

impl Log {
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        redress_in(self.dir.path(), arguments)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    fn edit(&self, name: &str, edit: impl Fn(String) -> String) {
        self.write(name, &edit(self.read(name)));
    }

    pub(crate) fn policies(&self) -> String {
        root().join("policies/travel").display().to_string()
    }
}

/// A log of one decision and one settlement for each of these many customers.
pub(crate) fn log(customers: u64) -> Log {
    let folder = root().join("policies/travel/goodwill");
    let engine = Engine::new(EngineLimits::STANDARD);
    let policy = engine.load_policy(&folder).expect("a policy");
    let release = policy.releases().first().expect("a version");
    let story = fs::read_to_string(folder.join("story/two-hundred-for-nothing.json"));
    let story = story.expect("a case");
    let origin = KeyName::new("redress.example/log").expect("a name");
    let at: Timestamp = "2026-05-21T09:00:00Z".parse().expect("a time");
    let seed = |number: u64| Seed::new(*Digest::of(&number.to_be_bytes()).bytes());
    let (mut head, first) = Head::begin(&origin, at, seed(0)).expect("a head");
    let mut appended = vec![first];
    let sealing = Sealing::of_decisions(release.schema());
    let actor = Actor {
        id: ActorId::new("agent-li").expect("an id"),
        role: Code::new("agent").expect("a role"),
        assurance: Assurance::Authenticated,
    };
    let standing = Standing::fresh();
    for number in 0..customers {
        let text = story.replace("customer-9", &format!("customer-{number}"));
        let case = release.admit(text.as_bytes()).expect("a case");
        let decided = release.decide(&case, &actor, &standing, at);
        let id = release.id();
        let record = DecisionRecord {
            semantics_version: SEMANTICS_VERSION,
            release: ReleaseRef {
                digest: id.digest,
                name: &id.name,
                version: &id.version,
            },
            case: &case,
            schema: release.schema(),
            actor: &actor,
            standing: &standing,
            consulted: &[],
            as_of: at,
            inputs_digest: release.inputs_digest(&case, &actor, &standing, at),
            decision: &decided.decision,
            ledger: &json!({"entries": []}),
        };
        let draft = Draft::decision(&record, &sealing, seed(2 * number + 1)).expect("a draft");
        let decision = head.append(draft, at).expect("a record");
        let act = json!({"decision": decision.seq, "by": "agent-li", "reason": "told"});
        let kind = Code::new("closed").expect("a kind");
        let claimant = &case.envelope.claimant.id;
        let acts = Sealing::of_acts();
        let draft = Draft::act(kind, &act, &acts, Some(claimant), seed(2 * number + 2));
        appended.push(decision);
        appended.push(head.append(draft.expect("a draft"), at).expect("a record"));
    }
    let dir = TempDir::new().expect("a folder");
    let (mut lines, mut openings) = (Vec::new(), Vec::new());
    for it in appended {
        lines.extend(&it.line);
        lines.push(b'\n');
        for opening in it.openings {
            let line = OpeningLine {
                seq: it.seq,
                opening,
            };
            openings.extend(line.to_line().expect("a line"));
            openings.push(b'\n');
        }
    }
    let log = Log { dir };
    fs::write(log.path("log.jsonl"), lines).expect("a file");
    fs::write(log.path("openings.jsonl"), openings).expect("a file");
    let made = log.run(&["log", "keygen", "redress.example/log", "--out", "log.key"]);
    assert_eq!(made.code, 0, "{}", made.err);
    log.write("log.pub", &made.out);
    let signed = log.run(&["log", "sign", "log.jsonl", "--key", "log.key"]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    log.write("checkpoint", &signed.out);
    log
}

const VERIFY: [&str; 7] = [
    "log",
    "verify",
    "log.jsonl",
    "--checkpoint",
    "checkpoint",
    "--key",
    "log.pub",
];

#[track_caller]
fn fails(ran: &Ran, code: i32, says: &[&str]) {
    assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
    assert_eq!(ran.out, "", "nothing is claimed");
    for words in says {
        assert!(ran.err.contains(words), "{words:?} is not in:\n{}", ran.err);
    }
}

#[test]
fn a_log_verifies_and_replays() {
    let log = log(20);
    let ran = log.run(&VERIFY);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for words in ["redress.example/log", "41", "41 as signed"] {
        assert!(ran.out.contains(words), "{words:?} is not in:\n{}", ran.out);
    }
    let policies = log.policies();
    let replay = [
        "--replay",
        "--policies",
        &policies,
        "--openings",
        "openings.jsonl",
        "-f",
        "json",
    ];
    let ran = log.run(&[&VERIFY[..], &replay].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json("/size"), 41);
    assert_eq!(ran.json("/anchored"), 41);
    assert_eq!(ran.json("/replay/same"), 20);
    assert_eq!(ran.json("/replay/different"), 0);
    // From a pipe it is the same.
    let bytes = fs::read(log.path("log.jsonl")).expect("a file");
    let key = log.read("log.pub");
    let checkpoint = log.path("checkpoint").display().to_string();
    let piped = [
        "log",
        "verify",
        "-",
        "--checkpoint",
        &checkpoint,
        "--key",
        key.trim(),
        "-f",
        "json",
    ];
    let ran = redress_with(&bytes, &piped);
    assert_eq!(ran.json("/anchored"), 41, "{}", ran.err);
}

#[test]
fn without_a_checkpoint_it_says_what_is_not_shown() {
    let log = log(1);
    let ran = log.run(&["log", "verify", "log.jsonl"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("only shown to fit together"),
        "{}",
        ran.out
    );
    let file = log.path("log.jsonl").display().to_string();
    for columns in [40, 80] {
        let ran = redress_at(columns, &["log", "verify", &file]);
        // A hash is one word and may stand out.
        let long = ran.out.lines().filter(|line| !line.contains("sha256"));
        let widest = long
            .map(|line| line.chars().count())
            .max()
            .unwrap_or_default();
        assert!(widest <= columns.into(), "{widest} columns:\n{}", ran.out);
    }
}

#[test]
fn openings_that_no_erasure_has_taken_fail_a_replay() {
    let log = log(3);
    log.edit("openings.jsonl", |text| {
        let kept = text
            .lines()
            .filter(|line| !line.contains("claimant:customer-1\""));
        kept.map(|line| format!("{line}\n")).collect()
    });
    let policies = log.policies();
    let replay = [
        "--replay",
        "--policies",
        &policies,
        "--openings",
        "openings.jsonl",
        "-f",
        "json",
    ];
    let ran = log.run(&[&VERIFY[..], &replay].concat());
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    assert_eq!(ran.json("/replay/same"), 2);
    assert_eq!(ran.json("/replay/not_replayable/openings_missing"), 1);
    assert_eq!(ran.json("/replay/unexplained/0/decision"), 3);
    assert_eq!(ran.json("/replay/unexplained/0/reason"), "openings_missing");
    assert_eq!(ran.json("/anchored"), 7, "every proof stays valid");
    // Without any openings nothing can be made again, and that is no success.
    let ran = log.run(&[&VERIFY[..], &["--replay", "--policies", &policies]].concat());
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    for words in [
        "0 the same",
        "3 not replayable: openings_missing",
        "no opening of them is at hand",
    ] {
        assert!(ran.out.contains(words), "{words:?} is not in:\n{}", ran.out);
    }
}

#[test]
fn a_release_that_is_not_at_hand_fails_a_replay() {
    let log = log(2);
    let other = root().join("policies/air").display().to_string();
    let replay = [
        "--replay",
        "--policies",
        &other,
        "--openings",
        "openings.jsonl",
        "-f",
        "json",
    ];
    let ran = log.run(&[&VERIFY[..], &replay].concat());
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    assert_eq!(ran.json("/replay/same"), 0);
    assert_eq!(ran.json("/replay/not_replayable/no_release"), 2);
    assert_eq!(ran.json("/replay/unexplained/1/decision"), 3);
    let said = ran.json("/replay/unexplained/1/said").to_string();
    assert!(said.contains("travel/goodwill"), "{said}");
}

#[test]
fn a_changed_log_fails_with_its_line() {
    let log = log(5);
    log.edit("log.jsonl", |text| {
        text.replacen("\"outcome\":\"refuse\"", "\"outcome\":\"grant\"", 1)
    });
    fails(&log.run(&VERIFY), 4, &["leaf 1 was changed", "log.jsonl:2"]);
    for command in ["verify", "export"] {
        let ran = log.run(&["log", command, "log.jsonl"]);
        assert_eq!(ran.code, 4, "{command}: {}", ran.err);
    }
    let ran = log.run(&["log", "sign", "log.jsonl", "--key", "log.key"]);
    fails(&ran, 4, &["leaf 1 was changed"]);
}

#[test]
fn a_truncated_log_fails_against_its_checkpoint() {
    let log = log(5);
    log.edit("log.jsonl", |text| {
        text.lines()
            .take(7)
            .map(|line| format!("{line}\n"))
            .collect()
    });
    fails(
        &log.run(&VERIFY),
        4,
        &["the log ends after 7 leaves, the checkpoint has 11"],
    );
}

#[test]
fn a_checkpoint_of_another_log_or_of_nobody_fails() {
    let ours = log(2);
    let made = ours.run(&["log", "keygen", "redress.example/log", "--out", "other.key"]);
    ours.write("other.pub", &made.out);
    let other = [
        "log",
        "verify",
        "log.jsonl",
        "--checkpoint",
        "checkpoint",
        "--key",
        "other.pub",
    ];
    fails(
        &ours.run(&other),
        4,
        &["none of the 1 signatures is from a known key"],
    );
    ours.edit("checkpoint", |text| text.replacen("\n5\n", "\n6\n", 1));
    fails(
        &ours.run(&VERIFY),
        4,
        &["the signature of redress.example/log does not fit"],
    );
    ours.write("checkpoint", "what is this\n");
    fails(
        &ours.run(&VERIFY),
        3,
        &["this is no signed note", "checkpoint"],
    );
    ours.write("log.pub", "\n");
    fails(&ours.run(&VERIFY), 3, &["log.pub holds no key"]);
    ours.write("log.pub", "not a key\n");
    fails(&ours.run(&VERIFY), 3, &["this is no key"]);
    let ran = ours.run(&["log", "verify", "log.jsonl", "--checkpoint", "checkpoint"]);
    assert_eq!(ran.code, 2, "a checkpoint without a key shows nothing");
}

#[test]
fn a_log_that_was_written_anew_is_a_fork() {
    let ours = log(4);
    let text = ours.read("log.jsonl");
    let cut: String = text
        .lines()
        .take(8)
        .map(|line| format!("{line}\n"))
        .collect();
    let last = text
        .lines()
        .nth(8)
        .expect("a line")
        .replacen("\"told\"", "\"cold\"", 1);
    ours.write("log.jsonl", &format!("{cut}{last}\n"));
    fails(
        &ours.run(&VERIFY),
        4,
        &["the first 9 leaves are not those of the checkpoint"],
    );
}

#[test]
fn a_receipt_is_made_and_checked_in_both_forms() {
    let log = log(6);
    let policies = log.policies();
    for form in ["json", "tlog-proof"] {
        let prove = [
            "log",
            "prove",
            "5",
            "--log",
            "log.jsonl",
            "--checkpoint",
            "checkpoint",
        ];
        let ran = log.run(&[&prove[..], &["--openings", "openings.jsonl", "-f", form]].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        log.write("receipt", &ran.out);
        for other in ["customer-0", "customer-1", "customer-3", "agent-li"] {
            assert!(!ran.out.contains(other), "{other} in {}", ran.out);
        }
        let check = ["log", "receipt", "receipt", "--key", "log.pub"];
        let ran = log.run(&check);
        assert_eq!(ran.code, 0, "{}", ran.err);
        for words in [
            "customer-2",
            "two-hundred-for-nothing",
            "refuse",
            "among 13 leaves",
        ] {
            assert!(ran.out.contains(words), "{words:?} is not in:\n{}", ran.out);
        }
        let replay = ["--replay", "--policies", &policies, "-f", "json"];
        let ran = log.run(&[&check[..], &replay].concat());
        assert_eq!(ran.json("/replay/same"), 1, "{}{}", ran.out, ran.err);
        let other = root().join("policies/air").display().to_string();
        let replay = ["--replay", "--policies", &other, "-f", "json"];
        let ran = log.run(&[&check[..], &replay].concat());
        assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
        assert_eq!(ran.json("/replay/not_replayable/no_release"), 1);
        assert_eq!(ran.json("/decision"), 5);
    }
    log.edit("receipt", |text| text.replacen("index 5", "index 7", 1));
    let ran = log.run(&["log", "receipt", "receipt", "--key", "log.pub"]);
    fails(&ran, 4, &["the proof is of another record"]);
    log.write("receipt", "{}");
    let ran = log.run(&["log", "receipt", "receipt", "--key", "log.pub"]);
    fails(&ran, 3, &["this is no receipt"]);
}

#[test]
fn what_cannot_be_proved_says_why() {
    let log = log(3);
    let prove = |id: &str| {
        log.run(&[
            "log",
            "prove",
            id,
            "--log",
            "log.jsonl",
            "--checkpoint",
            "checkpoint",
        ])
    };
    fails(
        &prove("7"),
        3,
        &["the checkpoint has 7 leaves, and record 7 came after it"],
    );
    fails(&prove("2"), 3, &["record 2 is no decision but closed"]);
    fails(&prove("0"), 3, &["record 0 is no decision but genesis"]);
}

#[test]
fn exports_go_to_other_systems() {
    let log = log(3);
    let ran = log.run(&["log", "export", "log.jsonl"]);
    assert_eq!(
        ran.out,
        log.read("log.jsonl"),
        "JSON Lines are the log itself"
    );
    let ran = log.run(&["log", "export", "log.jsonl", "-f", "cloudevents"]);
    assert_eq!(ran.out.lines().count(), 7);
    assert!(
        ran.out
            .lines()
            .all(|line| line.contains("\"specversion\":\"1.0\""))
    );
    assert!(
        !ran.out.contains("customer-1"),
        "what is sealed stays sealed"
    );
    let ran = log.run(&[
        "log",
        "export",
        "log.jsonl",
        "-f",
        "opa",
        "--openings",
        "openings.jsonl",
    ]);
    assert_eq!(ran.out.lines().count(), 3);
    assert!(ran.out.contains("customer-1"), "{}", ran.out);
    assert!(
        ran.err.contains("4 records that are no decisions"),
        "{}",
        ran.err
    );
    let ran = log.run(&["log", "export", "log.jsonl", "--openings", "openings.jsonl"]);
    fails(&ran, 2, &["a record with opened values is no leaf"]);
}

#[test]
fn openings_out_of_order_or_of_another_record_are_told() {
    let log = log(3);
    let policies = log.policies();
    let replay = [
        "--replay",
        "--policies",
        &policies,
        "--openings",
        "openings.jsonl",
    ];
    let whole = log.read("openings.jsonl");
    let lines: Vec<&str> = whole.lines().rev().collect();
    log.write("openings.jsonl", &lines.join("\n"));
    fails(
        &log.run(&[&VERIFY[..], &replay].concat()),
        3,
        &["come after those of a later record"],
    );
    log.write(
        "openings.jsonl",
        &whole.replacen("\\\"customer-0", "\\\"customer-x", 1),
    );
    let ran = log.run(&[&VERIFY[..], &replay].concat());
    fails(
        &ran,
        3,
        &["an opening does not fit the commitment", "openings.jsonl:"],
    );
    log.write("openings.jsonl", "{}\n");
    fails(
        &log.run(&[&VERIFY[..], &replay].concat()),
        3,
        &["the line is no opening", "openings.jsonl:1"],
    );
}

#[cfg(unix)]
#[test]
fn a_private_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let log = log(1);
    let mode = fs::metadata(log.path("log.key"))
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = log.run(&["log", "keygen", "redress.example/log", "--out", "log.key"]);
    fails(&again, 2, &["a key is never overwritten"]);
    fs::set_permissions(log.path("log.key"), fs::Permissions::from_mode(0o640)).expect("a mode");
    let ran = log.run(&["log", "sign", "log.jsonl", "--key", "log.key"]);
    fails(
        &ran,
        2,
        &["can be read by others (mode 640)", "chmod 600 log.key"],
    );
    fs::set_permissions(log.path("log.pub"), fs::Permissions::from_mode(0o644)).expect("a mode");
    let ran = log.run(&["log", "sign", "log.jsonl", "--key", "log.pub"]);
    fails(&ran, 2, &["log.pub is a public key"]);
    assert!(!ran.err.contains("chmod"), "{}", ran.err);
    let public = log.read("log.pub");
    let private = log.read("log.key");
    assert!(!public.contains("PRIVATE") && private.starts_with("PRIVATE+KEY+redress.example/log+"));
    fails(
        &log.run(&["log", "keygen", "two words", "--out", "x.key"]),
        2,
        &["this is no key"],
    );
    assert!(!log.path("x.key").exists());
}

#[test]
fn a_log_signs_only_what_goes_on_from_what_it_signed() {
    let (short, long) = (log(2), log(4));
    let sign = [
        "log",
        "sign",
        "log.jsonl",
        "--key",
        "log.key",
        "--after",
        "checkpoint",
    ];
    // The longer log begins with the shorter one.
    short.write("log.jsonl", &long.read("log.jsonl"));
    let ran = short.run(&sign);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.starts_with("redress.example/log\n9\n"),
        "{}",
        ran.out
    );
    short.edit("log.jsonl", |text| {
        text.lines()
            .take(3)
            .map(|line| format!("{line}\n"))
            .collect()
    });
    fails(
        &short.run(&sign),
        4,
        &["the log ends after 3 leaves, the checkpoint has 5"],
    );
    let made = short.run(&["log", "keygen", "other.example/log", "--out", "other.key"]);
    assert_eq!(made.code, 0);
    let ran = short.run(&["log", "sign", "log.jsonl", "--key", "other.key"]);
    fails(
        &ran,
        2,
        &["the key is of other.example/log, and the log is redress.example/log"],
    );
}
