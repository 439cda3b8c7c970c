//! The log of a ledger from the command line: signed, verified, replayed, proved, erased.

use std::fs;

use redress_log::note::KeyName;
use rusqlite::Connection;

use crate::ledger::Desk;
use crate::run::{Ran, arg, copied, copy, fixtures, redress};

const POLICY: &str = "policies/rail/delay";
const AS_OF: &str = "2025-03-05T10:00:00Z";

/// A desk whose ledger is signed.
struct Office {
    desk: Desk,
    key: String,
    public: String,
}

impl Office {
    fn new() -> Self {
        let desk = Desk::new();
        let (key, public) = (desk.path("log.key"), desk.path("log.pub"));
        let made = redress(&["log", "keygen", "rail.example/log", "--out", &key]);
        assert_eq!(made.code, 0, "{}", made.err);
        fs::write(&public, made.out).unwrap();
        Self { desk, key, public }
    }

    fn signed(&self, arguments: &[&str]) -> Ran {
        let mut all = arguments.to_vec();
        all.extend(["--log-key", &self.key, "--as-of", AS_OF]);
        self.desk.run(&all)
    }

    fn eval(&self, key: &str) -> Ran {
        self.eval_of("case.json", key)
    }

    /// A file with the case of the fixtures under other ids and with another delay.
    fn other_case(&self, id: &str, claimant: &str, delay: u32) -> String {
        let text = fs::read_to_string(fixtures().join("case.json")).unwrap();
        let mut case: serde_json::Value = serde_json::from_str(&text).unwrap();
        case["id"] = id.into();
        case["event"] = format!("train of {id}").into();
        case["claimant"]["id"] = claimant.into();
        case["facts"]["delay_minutes"] = delay.into();
        let file = self.desk.path(&format!("{id}-{delay}.json"));
        fs::write(&file, case.to_string()).unwrap();
        file
    }

    fn eval_of(&self, case: &str, key: &str) -> Ran {
        let ann = self.desk.path("ann.json");
        self.signed(&[
            "eval", POLICY, "-i", case, "--actor", &ann, "-f", "json", "--key", key,
        ])
    }

    fn verify(&self) -> Ran {
        self.desk.run(&[
            "log",
            "verify",
            "--key",
            &self.public,
            "--replay",
            "--policies",
            "policies",
            "-f",
            "json",
        ])
    }

    fn evidence(&self, case: &str, checkpoint: &str, pack: &str) -> Ran {
        let (public, pack) = (&self.public, self.desk.path(pack));
        let release = "policies/rail/delay/1.0.0";
        self.desk.run(&[
            "evidence",
            case,
            "--checkpoint",
            checkpoint,
            "--key",
            public,
            "--release",
            release,
            "--unsigned",
            "-o",
            &pack,
        ])
    }

    fn edit(&self, text: &str) {
        let connection = Connection::open(self.desk.path("book.db")).unwrap();
        connection.execute_batch(text).unwrap();
    }
}

#[test]
fn a_ledger_is_signed_verified_replayed_proved_and_erased() {
    let office = Office::new();
    let first = office.eval("order-9");
    assert_eq!(
        (first.code, first.err.as_str()),
        (0, ""),
        "a signed log says nothing"
    );
    let sue = office.desk.path("sue.json");
    let held = office.signed(&["erase", "p-1", "--by", "dpo", "--key", "e-0"]);
    assert!(held.err.contains("still_open"), "{}", held.err);
    let approved = office.signed(&[
        "queue", "approve", POLICY, "1", "--actor", &sue, "--key", "a-1",
    ]);
    assert_eq!(approved.code, 0, "{}", approved.err);
    assert_eq!(office.signed(&["settle", "1", "--key", "s-1"]).code, 0);
    let none = office.desk.run(&["log", "prove", "1"]);
    assert!(none.err.contains("no signed checkpoint"), "{}", none.err);

    let signed = office.desk.run(&["log", "sign", "--key", &office.key]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    assert!(
        signed.out.starts_with("rail.example/log\n4\n"),
        "{}",
        signed.out
    );
    let found = office.verify();
    assert_eq!((found.code, found.err.as_str()), (0, ""));
    assert_eq!(
        (found.json("/size"), found.json("/anchored")),
        (4.into(), 4.into())
    );
    // The decision and the approval are both made again.
    assert_eq!(found.json("/replay/same"), 2);
    assert_eq!(found.json("/replay/different"), 0);

    let receipt = office.desk.path("receipt.json");
    let proved = office.desk.run(&["log", "prove", "1"]);
    assert_eq!(proved.code, 0, "{}", proved.err);
    assert!(proved.out.contains("p-1") && !proved.out.contains("\"ann\""));
    fs::write(&receipt, &proved.out).unwrap();
    let check = [
        "log",
        "receipt",
        &receipt,
        "--key",
        &office.public,
        "--replay",
    ];
    let checked = redress(&check);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert!(checked.out.contains("1 the same"), "{}", checked.out);

    let opened = office.desk.run(&["log", "export", "-f", "opa", "--open"]);
    assert!(opened.out.contains("p-1"), "{}", opened.err);
    let erased = office.signed(&["erase", "p-1", "--by", "dpo", "--key", "e-1"]);
    assert_eq!(erased.code, 0, "{}", erased.err);
    let again = office.verify();
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(again.json("/replay/not_replayable/erased"), 2);
    let opened = office.desk.run(&["log", "export", "-f", "opa", "--open"]);
    assert!(!opened.out.contains("p-1"), "{}", opened.out);
    // What was given to the customer before is theirs, and still holds.
    assert_eq!(redress(&check).code, 0);
    let late = office.desk.run(&["log", "prove", "1"]);
    assert!(late.code == 0 && !late.out.contains("p-1"), "{}", late.err);
    // An exported log is the log.
    let file = office.desk.path("log.jsonl");
    fs::write(&file, office.desk.run(&["log", "export"]).out).unwrap();
    let from_file = redress(&["log", "verify", &file, "-f", "json"]);
    assert_eq!(from_file.json("/root"), again.json("/root"));
}

/// Whoever can write the file can take openings away; what was erased is on record.
#[test]
fn openings_that_were_taken_out_of_a_ledger_fail_a_replay_and_erased_ones_do_not() {
    let office = Office::new();
    // A delay within Ann's authority, so that nothing waits for anybody.
    for (id, claimant) in [("c-1", "p-1"), ("c-2", "p-2")] {
        let case = office.other_case(id, claimant, 65);
        let decided = office.eval_of(&case, id);
        assert_eq!(decided.code, 0, "{}", decided.err);
    }
    let whole = office.verify();
    assert_eq!(whole.code, 0, "{}{}", whole.out, whole.err);
    assert_eq!(whole.json("/replay/same"), 2);
    let erased = office.signed(&["erase", "p-1", "--by", "dpo", "--key", "e-1"]);
    assert_eq!(erased.code, 0, "{}", erased.err);
    let again = office.verify();
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    assert_eq!(again.json("/replay/not_replayable/erased"), 1);
    assert_eq!(again.json("/replay/unexplained"), serde_json::json!([]));
    office.edit("DELETE FROM log_opening WHERE seq = 2");
    let taken = office.verify();
    assert_eq!(taken.code, 4, "{}{}", taken.out, taken.err);
    assert_eq!(taken.json("/replay/same"), 0);
    assert_eq!(taken.json("/replay/not_replayable/erased"), 1);
    assert_eq!(taken.json("/replay/not_replayable/openings_missing"), 1);
    assert_eq!(taken.json("/replay/unexplained/0/decision"), 2);
}

#[test]
fn a_ledger_that_was_begun_without_a_key_tells_which_key_signs_its_log() {
    let office = Office::new();
    let first = office.desk.decided("k");
    assert!(
        first.err.contains("--log-key with the first command"),
        "{}",
        first.err
    );
    let other = office.desk.run(&["log", "sign", "--key", &office.key]);
    let with_it = office.signed(&["settle", "1", "--key", "s"]);
    assert!(other.err.contains("other_log"), "{}", other.err);
    assert_eq!(other.err, with_it.err);
    let (_, told) = other.err.split_once("`redress log keygen ").unwrap();
    let name = told.split_whitespace().next().unwrap();
    let own = office.desk.path("own.key");
    let made = redress(&["log", "keygen", name, "--out", &own]);
    assert_eq!(made.code, 0, "{}", made.err);
    let signed = office.desk.run(&["log", "sign", "--key", &own]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    let settle = [
        "settle",
        "1",
        "--key",
        "s",
        "--as-of",
        AS_OF,
        "--log-key",
        &own,
    ];
    let settled = office.desk.run(&settle);
    assert_eq!(settled.code, 0, "{}", settled.err);
    // A log with a name has a key already.
    let named = Office::new();
    assert_eq!(named.eval("k").code, 0);
    let other = named.desk.run(&["log", "sign", "--key", &own]);
    assert!(
        other.err.contains("the key of rail.example/log"),
        "{}",
        other.err
    );
}

#[test]
fn what_was_changed_cut_off_or_is_of_another_log_is_found() {
    let office = Office::new();
    office.eval("k");
    office.signed(&["settle", "1", "--key", "s"]);
    let signed = office.desk.run(&["log", "sign", "--key", &office.key]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    // The checkpoint of another log proves nothing here.
    let (other_key, other_pub) = (office.desk.path("o.key"), office.desk.path("o.pub"));
    let made = redress(&["log", "keygen", "other.example/log", "--out", &other_key]);
    fs::write(&other_pub, &made.out).unwrap();
    let name = KeyName::new("other.example/log").unwrap();
    assert!(made.out.starts_with(name.as_str()));
    let foreign = office.desk.path("foreign.db");
    let ann = office.desk.path("ann.json");
    let there = redress(&[
        "eval",
        POLICY,
        "-i",
        "case.json",
        "--actor",
        &ann,
        "--key",
        "k",
        "--as-of",
        AS_OF,
        "--ledger",
        &foreign,
        "--log-key",
        &other_key,
    ]);
    assert_eq!(there.code, 0, "{}", there.err);
    let note = redress(&["log", "sign", "--ledger", &foreign, "--key", &other_key]);
    let checkpoint = office.desk.path("foreign.checkpoint");
    fs::write(&checkpoint, note.out).unwrap();
    let strange = office.desk.run(&[
        "log",
        "verify",
        "--checkpoint",
        &checkpoint,
        "--key",
        &other_pub,
        "--key",
        &office.public,
    ]);
    assert_eq!(strange.code, 4, "{}", strange.out);
    let proof = office
        .desk
        .run(&["log", "prove", "1", "--checkpoint", &checkpoint]);
    assert_eq!(proof.code, 4, "{}", proof.err);
    let wrong = office.desk.run(&["log", "sign", "--key", &other_key]);
    assert!(wrong.err.contains("other_log"), "{}", wrong.err);
    let refused = office.desk.run(&[
        "settle",
        "2",
        "--key",
        "x",
        "--as-of",
        AS_OF,
        "--log-key",
        &other_key,
    ]);
    assert!(refused.err.contains("other_log"), "{}", refused.err);
    // One byte of a record.
    office.edit(
        "UPDATE log_record SET line = CAST(replace(CAST(line AS TEXT), '\"grant', '\"gramt') \
         AS BLOB) WHERE seq = 1; UPDATE log_record SET line = CAST(replace(CAST(line AS TEXT), \
         'escalate', 'escalatd') AS BLOB) WHERE seq = 1",
    );
    let changed = office.verify();
    assert_eq!(changed.code, 4, "{}", changed.out);
    // The last record gone, and no checkpoint asked for: the head tells.
    let office = Office::new();
    office.eval("k");
    office.signed(&["settle", "1", "--key", "s"]);
    office.edit("DELETE FROM log_record WHERE seq = 2");
    let cut = office.desk.run(&["log", "verify"]);
    assert_eq!(cut.code, 4);
    assert!(cut.err.contains("head of the log"), "{}", cut.err);
}

#[test]
fn what_is_done_afterwards_has_a_command_and_a_closed_list() {
    let office = Office::new();
    office.eval("k");
    let done = |arguments: &[&str], expected: &str| {
        let ran = office.signed(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        assert!(ran.out.starts_with(expected), "{}", ran.out);
    };
    done(
        &[
            "escalate",
            "1",
            "--by",
            "ann",
            "--reason",
            "new_evidence",
            "--owner",
            "team_leads",
            "--key",
            "e",
        ],
        "escalated",
    );
    let ann = office.desk.path("ann.json");
    done(
        &[
            "promise",
            POLICY,
            "1",
            "--gives",
            "5.00 EUR",
            "--by-date",
            "2025-03-06T10:00:00Z",
            "--owner",
            "team_leads",
            "--actor",
            &ann,
            "--key",
            "p",
        ],
        "promised",
    );
    done(
        &[
            "promise",
            POLICY,
            "1",
            "--gives",
            "5.00 EUR",
            "--quiet-days",
            "30",
            "--owner",
            "team_leads",
            "--actor",
            &ann,
            "--key",
            "q",
        ],
        "promised",
    );
    done(&["keep", "1", "--by", "ann", "--key", "kept"], "kept");
    done(&["activity", "p-1", "--key", "act"], "active");
    done(
        &[
            "mark-error",
            "1",
            "--by",
            "sue",
            "--rule",
            "wrong_fact",
            "--key",
            "m",
        ],
        "marked_error",
    );
    done(
        &[
            "overturn",
            "1",
            "--by",
            "sue",
            "--reason",
            "appeal_upheld",
            "--key",
            "o",
        ],
        "overturned",
    );
    let twice = office.signed(&[
        "overturn",
        "1",
        "--by",
        "sue",
        "--reason",
        "appeal_upheld",
        "--key",
        "o-2",
    ]);
    assert!(twice.err.contains("already_done"), "{}", twice.err);
    let unlisted = office.signed(&[
        "overturn", "1", "--by", "sue", "--reason", "because", "--key", "o-3",
    ]);
    assert_eq!(unlisted.code, 2);
    assert!(unlisted.err.contains("appeal_upheld"), "{}", unlisted.err);
    let nobody = office.signed(&["erase", "p-9", "--by", "dpo", "--key", "n"]);
    assert!(nobody.err.contains("no_such_customer"), "{}", nobody.err);
    let neither = office.signed(&[
        "promise",
        POLICY,
        "1",
        "--gives",
        "5.00 EUR",
        "--owner",
        "team_leads",
        "--actor",
        &ann,
        "--key",
        "r",
    ]);
    assert_eq!(neither.code, 2);
    assert_eq!(office.verify().code, 0);
}

#[test]
fn a_pack_of_evidence_comes_out_of_a_ledger() {
    let office = Office::new();
    assert_eq!(office.eval("order-9").code, 0);
    let checkpoint = office.desk.path("checkpoint");
    let early = office.evidence("c-1", &checkpoint, "pack.json");
    assert_eq!(early.code, 3, "there is no checkpoint yet: {}", early.err);
    let signed = office.desk.run(&["log", "sign", "--key", &office.key]);
    fs::write(&checkpoint, signed.out).unwrap();
    let packed = office.evidence("c-1", &checkpoint, "pack.json");
    assert_eq!(packed.code, 0, "{}", packed.err);
    let pack = office.desk.path("pack.json");
    let checked = redress(&[
        "evidence",
        "verify",
        &pack,
        "--key",
        &office.public,
        "--unsigned",
    ]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    assert!(
        !fs::read_to_string(&pack).unwrap().contains("p-1"),
        "it is sealed"
    );
    let other = office.evidence("c-2", &checkpoint, "other.json");
    assert_eq!(other.code, 3);
    assert!(
        other.err.contains("no decision in the log"),
        "{}",
        other.err
    );
}

/// The cases of a ledger are decided again under two releases; what was erased is counted
/// and not guessed.
#[test]
fn a_ledger_is_a_history_and_what_was_erased_is_too_few_facts() {
    let office = Office::new();
    office.eval("order-9");
    let book = office.desk.path("book.db");
    let (old, new) = ("policies/rail/delay/1.0.0", "policies/rail/delay/1.1.0");
    let compare = || redress(&["backtest", new, &book, "--against", old, "-f", "json"]);
    let found = compare();
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(
        (found.json("/rows"), found.json("/compared")),
        (1.into(), 1.into())
    );
    assert_eq!(found.json("/currencies/0/statutory/new"), 3_000);
    let other = redress(&["backtest", "../../../../policies/air/eu261", &book]);
    assert_eq!(other.code, 3);
    assert!(other.err.contains("holds no case"), "{}", other.err);
    let sue = office.desk.path("sue.json");
    office.signed(&[
        "queue", "approve", POLICY, "1", "--actor", &sue, "--key", "a-1",
    ]);
    let erased = office.signed(&["erase", "p-1", "--by", "dpo", "--key", "e-1"]);
    assert_eq!(erased.code, 0, "{}", erased.err);
    let found = compare();
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(found.json("/compared"), 0);
    assert_eq!(found.json("/undetermined/both"), 1);
    assert_eq!(
        found.json("/undetermined/missing/0"),
        serde_json::json!(["tone", 1, 1])
    );
    let alone = redress(&["backtest", POLICY, &book]);
    assert!(alone.err.contains("too few facts: tone"), "{}", alone.err);
}

/// Facts that came later are those of the case; what it was before is no second case.
#[test]
fn a_case_that_was_decided_again_is_one_of_the_history() {
    let office = Office::new();
    office.eval("order-9");
    let second = office.other_case("c-1", "p-1", 61);
    assert_eq!(office.eval_of(&second, "order-10").code, 0);
    let book = office.desk.path("book.db");
    let (old, new) = ("policies/rail/delay/1.0.0", "policies/rail/delay/1.1.0");
    let found = redress(&["backtest", new, &book, "--against", old, "-f", "json"]);
    assert_eq!(found.json("/rows"), 1, "{}{}", found.out, found.err);
    assert_eq!(found.json("/currencies/0/statutory/old"), 1_500);
}

/// Facts that are lists are read back as they were, in the file and out of its sealed values.
#[test]
fn lists_of_a_ledger_s_cases_are_facts_of_the_history() {
    let office = Office::new();
    let policies = copied();
    let release = policies.path().join("rail/delay/1.0.0");
    fs::remove_file(policies.path().join("LOCK")).unwrap();
    fs::remove_dir_all(policies.path().join("rail/delay/1.1.0")).unwrap();
    let edit = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(release.join(file)).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(release.join(file), text.replacen(from, to, 1)).unwrap();
    };
    edit(
        "facts.schema.json",
        "\"tone\": {",
        r#""missed": { "type": "array", "maxItems": 3, "x-class": "gate",
            "items": { "type": "integer", "minimum": 0, "maximum": 99 } },
           "stops": { "type": "array", "maxItems": 3, "x-class": "gate",
            "items": { "type": "string", "maxLength": 20 } },
           "tone": {"#,
    );
    edit(
        "facts.schema.json",
        "[\"fare\"]",
        "[\"fare\", \"missed\", \"stops\"]",
    );
    let text = fs::read_to_string(fixtures().join("case.json")).unwrap();
    let mut case: serde_json::Value = serde_json::from_str(&text).unwrap();
    case["facts"]["missed"] = serde_json::json!([7, 12]);
    case["facts"]["stops"] = serde_json::json!(["Lyon, \"Part-Dieu\"", "Genève"]);
    let file = office.desk.path("lists.json");
    fs::write(&file, case.to_string()).unwrap();
    let ann = office.desk.path("ann.json");
    let mut eval = vec!["eval", arg(&release), "-i", &file, "--actor", &ann];
    eval.extend(["--key", "order-9"]);
    let decided = office.signed(&eval);
    assert_eq!(decided.code, 0, "{}", decided.err);
    let newer = policies.path().join("rail/delay/1.0.1");
    copy(&release, &newer);
    let manifest = fs::read_to_string(newer.join("release.toml")).unwrap();
    fs::write(
        newer.join("release.toml"),
        manifest.replace("1.0.0", "1.0.1"),
    )
    .unwrap();
    let book = office.desk.path("book.db");
    let against = ["backtest", arg(&newer), &book, "--against", arg(&release)];
    let found = redress(&[&against[..], &["-f", "json"]].concat());
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(
        (found.json("/compared"), found.json("/undetermined/both")),
        (1.into(), 0.into()),
        "{}",
        found.out
    );
    // The same lists as lines of JSON and as cells of CSV.
    for (column, value) in [
        ("journey", "c-1"),
        ("day", "2025-03-01"),
        ("from", "a"),
        ("to", "b"),
    ] {
        case["facts"][column] = value.into();
    }
    let csv = "journey,day,from,to,fare,missed,stops\n\
               c-1,2025-03-01,a,b,60.00 EUR,\"[7,12]\",[]\n\
               c-2,2025-03-01,a,b,60.00 EUR,7,[]\n";
    for (name, text, broken) in [
        ("history.jsonl", case["facts"].to_string(), 0),
        ("history.csv", csv.to_owned(), 1),
    ] {
        let history = office.desk.path(name);
        fs::write(&history, text).unwrap();
        let found = redress(&["backtest", arg(&release), &history, "-f", "json"]);
        assert_eq!(found.code, 0, "{}", found.err);
        let cases = (found.json("/cases/decided"), found.json("/cases/bad"));
        assert_eq!(cases, (1.into(), broken.into()), "{}", found.out);
    }
}

/// What does not read back is counted by the number of its record, as broken rows are.
#[test]
fn a_record_of_a_ledger_that_does_not_read_back_is_a_broken_row() {
    let office = Office::new();
    office.eval("order-9");
    for (number, key) in [(2, "order-10"), (3, "order-11"), (4, "order-12")] {
        let file = office.other_case(&format!("c-{number}"), &format!("p-{number}"), 90);
        let ran = office.eval_of(&file, key);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    office.edit(
        "UPDATE log_record SET line = substr(line, 1, 40) WHERE seq = 1;
         UPDATE log_opening SET openings = CAST(replace(openings, 'salt', 'malt') AS BLOB)
         WHERE seq = 2;
         DELETE FROM decision WHERE id = 3;",
    );
    let book = office.desk.path("book.db");
    let compared = [
        "backtest",
        "policies/rail/delay/1.1.0",
        &book,
        "--against",
        "policies/rail/delay/1.0.0",
        "-f",
        "json",
    ];
    let found = redress(&compared);
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(
        (found.json("/rows"), found.json("/bad_rows")),
        (4.into(), 3.into()),
        "{}",
        found.out
    );
    for told in [
        "book.db:1: the record does not read back",
        "book.db:2: the record does not read back",
        "book.db:3: the record does not read back: the ledger lacks the decision",
        "3 of 4 rows were not decided",
    ] {
        assert!(found.err.contains(told), "{told} is not in:\n{}", found.err);
    }
    assert_eq!(redress(&[&compared[..], &["--strict"]].concat()).code, 3);
    let gate = ["--fail-if", "bad_rows > 0"];
    assert_eq!(redress(&[&compared[..], &gate].concat()).code, 4);
    let alone = redress(&["backtest", POLICY, &book, "--strict"]);
    assert_eq!(alone.code, 3);
    assert!(alone.err.contains("book.db:1: the record"), "{}", alone.err);
}

/// A pack straight out of a ledger: sealed, and opened for the claimant.
#[test]
fn evidence_is_packed_straight_out_of_a_ledger() {
    let office = Office::new();
    office.eval("order-9");
    let signed = office.desk.run(&["log", "sign", "--key", &office.key]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    let (checkpoint, pack) = (
        office.desk.path("checkpoint"),
        office.desk.path("pack.json"),
    );
    fs::write(&checkpoint, signed.out).unwrap();
    for (open, result) in [(false, "not_replayable"), (true, "same")] {
        let mut arguments = vec!["evidence", "c-1", "--checkpoint", &checkpoint];
        arguments.extend(["--key", &office.public, "--unsigned", "--no-proofs"]);
        arguments.extend(["--release", "policies/rail/delay/1.0.0", "-o", &pack]);
        if open {
            arguments.extend(["--open", "all"]);
        }
        let packed = office.desk.run(&arguments);
        assert_eq!(packed.code, 0, "{}", packed.err);
        let text = fs::read_to_string(&pack).unwrap();
        assert_eq!(text.contains("p-1"), open);
        // Sealed by class: what moves the sum can be read, how somebody wrote cannot.
        assert!(text.contains("delay_minutes"));
        let receipt: serde_json::Value = serde_json::from_str(&text).unwrap();
        let receipt = receipt["receipt"].as_str().unwrap().to_owned();
        assert!(receipt.contains("60.00 EUR"), "{receipt}");
        assert_eq!(
            receipt.contains("\"angry\"") || receipt.contains("\\\"angry\\\""),
            open,
            "{receipt}"
        );
        let checked = redress(&["evidence", "verify", &pack, "--unsigned", "-f", "json"]);
        assert_eq!(checked.code, 0, "{}", checked.err);
        assert_eq!(checked.json("/made_again/result"), result);
    }
}
