use std::fs;
use std::path::Path;

use crate::run::{Ran, arg, copied, redress_in};

/// A folder with policies, the keys of three people and a trust file.
struct Desk {
    folder: tempfile::TempDir,
}

const ARCHIVE: &str = "rail-delay-1.1.0.tar";

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: copied() };
        let mut trust = String::from("rule = \"2 of compliance + owner of policy\"\n");
        for (person, role, owns) in [
            ("mei", "\"compliance\"", ""),
            ("jan", "\"compliance\"", ""),
            ("ada", "", "\"rail\""),
        ] {
            let made = desk.run(&["release", "key", person]);
            assert_eq!(made.code, 0, "{}", made.err);
            let (_, entry) = made.out.split_once("[[key]]").unwrap();
            let entry = entry
                .replace("roles = []", &format!("roles = [{role}]"))
                .replace("owns = []", &format!("owns = [{owns}]"))
                .replace("valid_from = \"\"", "valid_from = \"2020-01-01\"")
                .replace("valid_until = \"\"", "valid_until = \"2999-12-31\"");
            trust.push_str(&format!("[[key]]{entry}"));
        }
        desk.write("trust.toml", &trust);
        // The fixture's own date would stop this test on a day to come.
        let manifest = desk.path("rail/delay/1.1.0/release.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let text: Vec<String> = text
            .lines()
            .map(|line| match line.starts_with("review_by") {
                true => "review_by = \"2999-12-31\"".to_owned(),
                false => line.to_owned(),
            })
            .collect();
        fs::write(&manifest, text.join("\n")).unwrap();
        desk
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        redress_in(self.folder.path(), arguments)
    }

    /// Runs a command that must do what it is asked for.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        ran.out
    }

    fn build(&self) {
        self.done(&["release", "build", "rail/delay/1.1.0"]);
    }

    fn sign(&self, person: &str, more: &[&str]) {
        let key = format!("{person}.key");
        let mut arguments = vec!["release", "sign", ARCHIVE, "--key", &key];
        arguments.extend(more);
        self.done(&arguments);
    }

    fn activate(&self, more: &[&str]) -> Ran {
        let mut arguments = vec!["release", "activate", ARCHIVE, "--trust", "trust.toml"];
        arguments.extend(more);
        self.run(&arguments)
    }
}

#[test]
fn a_release_goes_from_its_folder_into_force() {
    let desk = Desk::new();
    desk.build();
    desk.sign("mei", &["--revision", "1"]);
    desk.sign("jan", &[]);
    let early = desk.activate(&["--new-store"]);
    assert_eq!(early.code, 4);
    assert!(
        early.err.contains("nobody takes: owner of policy"),
        "{}",
        early.err
    );
    desk.sign("ada", &[]);
    let verified = desk.done(&["release", "verify", ARCHIVE, "--trust", "trust.toml"]);
    assert!(verified.contains("verified as revision 1"), "{verified}");
    let active = desk.activate(&[]);
    assert_eq!(active.code, 0, "{}", active.err);
    assert!(
        active.out.contains("in force as revision 1"),
        "{}",
        active.out
    );
    let at = desk.done(&["release", "at", "2026-03-01"]);
    assert!(
        at.starts_with("rail/delay 1.1.0 for incidents of 2026-03-01"),
        "{at}"
    );
    assert!(at.contains("owner of policy"), "{at}");
    let none = desk.done(&["release", "at", "2019-03-01"]);
    assert_eq!(none, "nothing is in force for incidents of 2019-03-01\n");
    let listed = desk.run(&["release", "list", "-f", "json"]);
    assert_eq!(listed.json("/0/revision"), 1);
    let again = desk.activate(&[]);
    assert_eq!(again.code, 4);
    assert!(
        again.err.contains("going back is a new, higher revision"),
        "{}",
        again.err
    );
}

#[test]
fn two_builds_are_the_same_bytes() {
    let desk = Desk::new();
    desk.build();
    let first = fs::read(desk.path(ARCHIVE)).unwrap();
    let folder = desk.path("elsewhere/delay");
    fs::create_dir_all(&folder).unwrap();
    fs::rename(desk.path("rail/delay/1.1.0"), folder.join("1.1.0")).unwrap();
    desk.done(&[
        "release",
        "build",
        "elsewhere/delay/1.1.0",
        "-o",
        "other.tar",
    ]);
    assert_eq!(fs::read(desk.path("other.tar")).unwrap(), first);
    let listed = std::process::Command::new("tar")
        .arg("-tf")
        .arg(desk.path(ARCHIVE))
        .output();
    if let Ok(listed) = listed {
        let names = String::from_utf8(listed.stdout).unwrap();
        assert!(
            names.starts_with(".redress/manifest.json\nREADME.md\n"),
            "{names}"
        );
    }
}

#[test]
fn a_changed_released_version_is_not_built() {
    let desk = Desk::new();
    let readme = desk.path("rail/delay/1.0.0/README.md");
    fs::write(readme, "changed\n").unwrap();
    let ran = desk.run(&["release", "build", "rail/delay/1.0.0"]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("its files have changed"), "{}", ran.err);
}

#[test]
fn nothing_is_activated_unsigned_unless_asked_for_by_name() {
    let desk = Desk::new();
    desk.build();
    let bare = desk.run(&["release", "activate", ARCHIVE, "--new-store"]);
    assert_eq!(bare.code, 2);
    assert!(bare.err.contains("--trust"), "{}", bare.err);
    let nameless = [
        "release",
        "activate",
        ARCHIVE,
        "--new-store",
        "--without-signatures",
    ];
    assert_eq!(desk.run(&nameless).code, 2);
    let mut named = nameless.to_vec();
    named.extend(["--asked-by", "ada", "--reason", "a trial"]);
    desk.done(&named);
    let listed = desk.done(&["release", "list"]);
    assert!(
        listed.contains("without signatures, asked by ada"),
        "{listed}"
    );
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_itself() {
    let desk = Desk::new();
    desk.build();
    for person in ["mei", "jan", "ada"] {
        let more: &[&str] = if person == "mei" {
            &["--revision", "1"]
        } else {
            &[]
        };
        desk.sign(person, more);
    }
    let ran = desk.activate(&[]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("--new-store"), "{}", ran.err);
    assert!(!Path::new(&desk.path("releases")).exists());
}

#[test]
fn signers_sign_one_statement() {
    let desk = Desk::new();
    desk.build();
    let first = desk.run(&["release", "sign", ARCHIVE, "--key", "mei.key"]);
    assert_eq!(first.code, 2);
    desk.sign("mei", &["--revision", "2", "--from", "2026-02-01"]);
    let other = desk.run(&[
        "release",
        "sign",
        ARCHIVE,
        "--key",
        "jan.key",
        "--revision",
        "3",
    ]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("--revision differs"), "{}", other.err);
    let twice = desk.run(&["release", "sign", ARCHIVE, "--key", "mei.key"]);
    assert_eq!(twice.code, 3);
    let shown = desk.done(&["release", "show", ARCHIVE]);
    assert!(
        shown.contains("signed as revision 2 for incidents of 2026-02-01"),
        "{shown}"
    );
}

#[test]
fn a_sign_off_is_of_the_release_that_is_signed() {
    let desk = Desk::new();
    desk.build();
    let shown = desk.run(&["release", "show", ARCHIVE, "-f", "json"]);
    let digest = shown.json("/listing/release_sha256");
    let digest = digest.as_str().unwrap();
    let signoff = |answer: &str, digest: &str| {
        format!(
            "{{\"reviewer\": \"Mei Lin\", \"answer\": \"{answer}\", \"remarks\": \"read\", \"release_sha256\": \"{digest}\", \"review_sha256\": \"{digest}\"}}"
        )
    };
    let sign = [
        "release",
        "sign",
        ARCHIVE,
        "--key",
        "mei.key",
        "--revision",
        "1",
        "--signoff",
        "off.json",
    ];
    desk.write("off.json", &signoff("rejected", digest));
    assert_eq!(desk.run(&sign).code, 3);
    desk.write("off.json", &signoff("approved", &"0".repeat(64)));
    assert!(desk.run(&sign).err.contains("is about the release"));
    desk.write("off.json", &signoff("approved", digest));
    desk.done(&sign);
    desk.sign("jan", &["--signoff", "off.json"]);
    desk.sign("ada", &[]);
    assert_eq!(desk.activate(&["--new-store"]).code, 0);
    let at = desk.done(&["release", "at", "2026-03-01"]);
    assert!(at.contains("reviewed by Mei Lin: read"), "{at}");
}

#[test]
fn a_secret_key_is_its_owners_and_never_written_over() {
    let desk = Desk::new();
    let again = desk.run(&["release", "key", "mei"]);
    assert_eq!(again.code, 2);
    assert_eq!(desk.run(&["release", "key", "../x"]).code, 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(desk.path("mei.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0);
    }
    assert!(arg(&desk.path("mei.pub")).ends_with("mei.pub"));
}

const CASE: &str = r#"{"id": "c-9", "incident_date": "2026-03-01", "event": "e-9",
    "claimant": {"id": "p-9"}, "stage": "facts_recorded",
    "facts": {"fare": "60.00 EUR", "delay_minutes": 60, "cause": "weather"}}"#;

impl Desk {
    /// Everybody signs the archive as this revision, anew.
    fn all_sign(&self, revision: &str) {
        let _ = fs::remove_file(self.path(&format!("{ARCHIVE}.dsse.json")));
        self.sign("mei", &["--revision", revision]);
        self.sign("jan", &[]);
        self.sign("ada", &[]);
    }

    /// Decides with what is in force.
    fn eval(&self, more: &[&str]) -> Ran {
        self.write("case.json", CASE);
        let mut arguments = vec!["eval", "rail/delay", "--store", "releases"];
        arguments.extend(["-i", "case.json", "-f", "json"]);
        arguments.extend(more);
        self.run(&arguments)
    }
}

#[test]
fn whatever_is_in_force_decides() {
    let desk = Desk::new();
    desk.build();
    desk.all_sign("1");
    assert_eq!(desk.activate(&["--new-store"]).code, 0);
    let bare = desk.eval(&[]);
    assert_eq!(bare.code, 2, "{}", bare.err);
    assert!(bare.err.contains("--trust"), "{}", bare.err);
    let trusted = desk.eval(&["--trust", "trust.toml"]);
    assert_eq!(trusted.code, 0, "{}", trusted.err);
    assert_eq!(trusted.json("/release/version"), "1.1.0");
    let unchecked = desk.eval(&["--without-signatures"]);
    assert_eq!(unchecked.json("/release/version"), "1.1.0");
    // A trust file that counts nobody's keys, and a store whose signatures were taken away.
    let trust = fs::read_to_string(desk.path("trust.toml")).unwrap();
    let (rule, _) = trust.split_once("[[key]]").unwrap();
    let made = desk.done(&["release", "key", "eve"]);
    let (_, entry) = made.split_once("[[key]]").unwrap();
    let entry = entry
        .replace("valid_from = \"\"", "valid_from = \"2020-01-01\"")
        .replace("valid_until = \"\"", "valid_until = \"2999-12-31\"");
    desk.write("others.toml", &format!("{rule}[[key]]{entry}"));
    let foreign = desk.eval(&["--trust", "others.toml"]);
    assert_eq!(foreign.code, 4, "{}", foreign.err);
    for entry in fs::read_dir(desk.path("releases")).unwrap() {
        let path = entry.unwrap().path();
        if path.to_str().unwrap().ends_with(".dsse.json") {
            let text = fs::read_to_string(&path).unwrap();
            let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
            json["signatures"] = serde_json::json!([]);
            fs::write(path, json.to_string()).unwrap();
        }
    }
    let stripped = desk.eval(&["--trust", "trust.toml"]);
    assert_eq!(stripped.code, 4, "{}", stripped.err);
}

#[test]
fn a_ledger_refuses_a_store_that_was_brought_back() {
    let desk = Desk::new();
    desk.build();
    desk.all_sign("1");
    let ledger = ["--ledger", "book.db"];
    let first = desk.activate(&["--new-store", "--ledger", "book.db"]);
    assert_eq!(first.code, 0, "{}", first.err);
    let decide = |key: &str| {
        let more = ["--trust", "trust.toml", "--ledger", "book.db", "--key", key];
        desk.eval(&more)
    };
    assert_eq!(decide("k-1").code, 0);
    let old = fs::read(desk.path("releases/activations.jsonl")).unwrap();
    desk.all_sign("2");
    assert_eq!(desk.activate(&ledger).code, 0);
    assert_eq!(decide("k-2").code, 0);
    fs::write(desk.path("releases/activations.jsonl"), old).unwrap();
    let refused = decide("k-3");
    assert_eq!(refused.code, 4, "{}", refused.err);
    assert!(refused.err.contains("brought back"), "{}", refused.err);
    desk.all_sign("3");
    let refused = desk.activate(&ledger);
    assert_eq!(refused.code, 4, "{}", refused.err);
    let listed = desk.run(&["release", "list", "-f", "json"]);
    assert_eq!(listed.json("/1"), serde_json::Value::Null);
}

#[test]
fn a_candidate_beside_a_decision_changes_no_byte_of_it() {
    let desk = Desk::new();
    desk.build();
    desk.all_sign("1");
    assert_eq!(desk.activate(&["--new-store"]).code, 0);
    let more = |ledger: &'static str| ["--trust", "trust.toml", "--ledger", ledger, "--key", "k"];
    let at = ["--as-of", "2026-03-05T10:00:00Z"];
    let alone = desk.eval(&[&more("one.db")[..], &at].concat());
    let beside = [&more("two.db")[..], &at, &["--shadow", "rail/delay/1.0.0"]].concat();
    let beside = desk.eval(&beside);
    assert_eq!(
        (beside.code, &beside.out),
        (0, &alone.out),
        "{}",
        beside.err
    );
    let told = beside.err.lines().last().unwrap();
    assert!(told.starts_with("beside it, 1.0.0 says "), "{told}");
    assert!(told.ends_with("(record 3)"), "{told}");
}
