use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::run::{arg, copied, redress, redress_in};

#[test]
fn passing_cases_are_counted_by_release() {
    insta::assert_snapshot!(redress(&["test", "policies"]).shown());
}

#[test]
fn a_failing_case_shows_what_was_expected_and_found() {
    let folder = copied();
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let text = fs::read_to_string(&case).unwrap();
    let text = text
        .replace("outcome = \"grant\"", "outcome = \"refuse\"\nreasons = [\"a\", \"b\"]\nmissing = \"x\"\npriority = 3\nduties = [\"call\"]")
        .replace("amount = \"25.00 EUR\"", "amount = \"26.00 EUR\"")
        .replace("payable = \"now\"", "payable = \"on_approval\"");
    fs::write(&case, text).unwrap();
    let path = folder.path().join("rail");
    for format in ["pretty", "json", "junit", "tap", "github"] {
        let ran = redress(&["test", arg(&path), "-f", format, "-r", "60 minutes|unknown"]);
        assert_eq!(ran.code, 4);
        let shown = ran.shown().replace(arg(folder.path()), "<folder>");
        insta::assert_snapshot!(format!("failing_case_{format}"), shown);
    }
}

#[test]
fn a_filter_picks_cases_by_release_file_or_name() {
    let passed =
        |regex: &str| redress(&["test", "policies", "-f", "json", "-r", regex]).json("/passed");
    assert_eq!(passed("nothing$"), 4);
    assert_eq!(passed("1\\.1\\.0.*60_minutes"), 2);
    let none = redress(&["test", "policies", "-f", "json", "-r", "no such case"]);
    assert_eq!((none.code, none.out.as_str()), (2, ""));
    assert!(
        none.err.contains("no case matches \"no such case\""),
        "{}",
        none.err
    );
    assert_eq!(redress(&["test", "policies", "-r", "("]).code, 2);
    let one = redress(&["test", "policies", "-r", "1\\.1\\.0.*60_minutes"]).out;
    assert!(!one.contains("rail/delay 1.0.0"), "{one}");
}

#[test]
fn a_released_version_whose_files_changed_fails_with_their_list() {
    let folder = copied();
    let policy = folder.path().join("rail/delay/1.0.0/policy.rhai");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, format!("{text}// a comment\n")).unwrap();
    let ran = redress(&["test", arg(folder.path())]);
    assert_eq!(ran.code, 4);
    let shown = ran.shown();
    assert!(
        shown.contains("rail/delay 1.0.0 is released, and its files have changed"),
        "{shown}"
    );
    assert!(shown.contains("bytes  policy.rhai"), "{shown}");
    assert!(shown.contains("1 release not usable"), "{shown}");
}

#[test]
fn facts_that_are_not_a_case_are_not_valid() {
    let folder = copied();
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("operator", "god")).unwrap();
    let ran = redress(&["test", arg(folder.path()), "-r", "60_minutes"]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        ran.out.contains("/facts/cause: expected one of operator"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("2 passed, 2 failed (2 of them not valid)"),
        "{}",
        ran.out
    );
}

#[test]
fn a_release_that_does_not_load_does_not_hide_the_others() {
    let folder = copied();
    let policy = folder.path().join("rail/delay/1.1.0/policy.rhai");
    fs::write(&policy, "fn remedy(facts) { facts.").unwrap();
    let ran = redress(&["test", arg(folder.path())]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.out.contains("8 passed, 0 failed; 1 release not usable"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("policy.rhai"), "{}", ran.out);
}

#[test]
fn mutants_that_no_case_notices_are_listed_with_their_killers() {
    let ran = redress(&["test", "policies/rail/delay/1.1.0", "--mutants"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(
        ran.out.contains("survived policy.rhai:11 180 → 181"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("  | delay_minutes = 180"), "{}", ran.out);
    let json = redress(&[
        "test",
        "policies/rail/delay/1.1.0",
        "--mutants",
        "-f",
        "json",
    ]);
    assert_eq!(json.json("/0/release"), "rail/delay 1.1.0");
    let mutants = json.json("/0/mutants");
    let of = |what: &str| {
        let mut mutants = mutants.as_array().unwrap().iter();
        mutants.find(|mutant| mutant["what"] == what).unwrap()
    };
    let (survived, killed) = (of("180 → 181"), of("boundary 59 moved by 1"));
    assert_eq!(survived["file"], "policy.rhai");
    assert_eq!(survived["line"], 11);
    assert_eq!(survived["result"], "survived");
    assert!(
        survived["killer"]
            .as_str()
            .unwrap()
            .contains("delay_minutes = 180")
    );
    assert_eq!(killed["result"], "killed");
    assert!(killed["by"].is_string());
    let folder = copied();
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("25.00 EUR", "26.00 EUR")).unwrap();
    let ran = redress(&["test", arg(folder.path()), "--mutants"]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("does not pass its cases"), "{}", ran.err);
}

#[test]
fn an_update_is_shown_first_and_written_when_agreed_to() {
    let folder = copied();
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let text = fs::read_to_string(&case).unwrap();
    let wrong = text.replace("total = \"25.00 EUR\"", "total = \"26.00 EUR\"");
    fs::write(&case, &wrong).unwrap();
    let path = folder.path().join("rail");
    let ran = redress(&["test", arg(&path), "--update"]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.out
            .contains("- total = \"26.00 EUR\"\n+ total = \"25.00 EUR\""),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .ends_with("0 written, 1 left as they were; --yes writes them\n"),
        "{}",
        ran.out
    );
    assert_eq!(fs::read_to_string(&case).unwrap(), wrong, "nobody agreed");
    let ran = redress(&["test", arg(&path), "--update", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!(fs::read_to_string(&case).unwrap(), text);
}

#[test]
fn an_update_leaves_a_released_version_alone() {
    let folder = copied();
    let lock = folder.path().join("LOCK");
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(
        &case,
        text.replace("total = \"25.00 EUR\"", "total = \"26.00 EUR\""),
    )
    .unwrap();
    fs::remove_file(&lock).unwrap();
    assert_eq!(redress(&["lock", arg(folder.path())]).code, 0);
    let ran = redress(&["test", arg(folder.path()), "--update", "--yes"]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.err
            .contains("is released, and its files may not change"),
        "{}",
        ran.err
    );
    assert!(fs::read_to_string(&case).unwrap().contains("26.00 EUR"));
    // Each form of the policy runs the case, and the file is one.
    assert_eq!(ran.err.matches("is released").count(), 1, "{}", ran.err);
    assert!(
        ran.out.ends_with("0 written, 1 left as they were\n"),
        "{}",
        ran.out
    );
}

#[test]
fn an_update_counts_files_whose_facts_are_not_valid_once() {
    let folder = copied();
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(
        &case,
        text.replace("delay_minutes = 60", "delay_minutes = -60"),
    )
    .unwrap();
    let path = folder.path().join("rail");
    let ran = redress(&["test", arg(&path), "--update", "--yes"]);
    assert_eq!(ran.code, 4, "{}", ran.out);
    assert_eq!(ran.err.matches("are not valid").count(), 1, "{}", ran.err);
    assert!(
        ran.out.ends_with("0 written, 1 left as they were\n"),
        "{}",
        ran.out
    );
}

#[test]
fn boundaries_without_a_case_are_written_where_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let release = "policies/rail/delay/1.1.0";
    let ran = redress(&["test", release, "--boundaries", arg(folder.path())]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let offered = folder
        .path()
        .join("rail_delay_1.1.0/delay_minutes_120.toml");
    let text = fs::read_to_string(offered).unwrap();
    assert!(text.contains("delay_minutes = 120\n"), "{text}");
    assert!(ran.out.contains("sides without a case "), "{}", ran.out);
}

#[test]
fn a_watch_runs_again_when_a_file_changes() {
    let folder = copied();
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let watch = Watch::start(folder.path());
    assert_eq!(watch.sum(), "14 passed, 0 failed");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("25.00 EUR", "26.00 EUR")).unwrap();
    // A file may be seen while it is written, so the first look need not be the last.
    while watch.sum() != "12 passed, 2 failed" {}
}

/// A running `redress test --watch`, which ends with the test whatever becomes of it.
struct Watch {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Watch {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["test", arg(folder), "--watch"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            let mut lines = out.lines().map_while(Result::ok);
            lines.try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// The next line that counts the cases; a program that says nothing more fails the
    /// test instead of holding it for ever.
    #[track_caller]
    fn sum(&self) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60)).unwrap();
            if line.contains(" passed, ") {
                return line;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Either fails only where the program has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `redress test` says of a release one of whose files has these bytes.
#[track_caller]
fn check_file(file: &str, bytes: &[u8], code: i32, expected: &str) {
    let folder = copied();
    let path = folder.path().join("rail/delay/1.1.0").join(file);
    fs::write(path, bytes).unwrap();
    let ran = redress(&[
        "test",
        arg(folder.path()),
        "-r",
        "1\\.1\\.0|rail/delay/1.1.0",
    ]);
    let all = format!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, code, "{file}: {all}");
    assert!(all.contains(expected), "{file}: {all}");
    assert!(!all.contains("panicked"), "{all}");
}

#[test]
fn files_that_are_not_what_they_should_be_are_told_of() {
    let folder = copied();
    let text =
        |file: &str| fs::read_to_string(folder.path().join("rail/delay/1.1.0").join(file)).unwrap();
    let (case, policy) = (text("cases/60_minutes.toml"), text("policy.rhai"));
    let file = "cases/60_minutes.toml";
    // Line ends of another system and a byte-order mark are nobody's mistake.
    check_file(
        file,
        case.replace('\n', "\r\n").as_bytes(),
        0,
        "6 passed, 0 failed",
    );
    check_file(
        file,
        format!("\u{feff}{case}").as_bytes(),
        0,
        "6 passed, 0 failed",
    );
    let script = format!("\u{feff}{}", policy.replace('\n', "\r\n"));
    check_file("policy.rhai", script.as_bytes(), 0, "6 passed, 0 failed");
    check_file(file, &case.as_bytes()[..40], 3, "60_minutes.toml");
    check_file(
        file,
        b"name = \"\xb3\xd9\xb5\xbd\"\n",
        3,
        "save the file as UTF-8",
    );
    let misspelt = case.replace("incident_date", "incident_dat");
    check_file(
        file,
        misspelt.as_bytes(),
        3,
        "did you mean `incident_date`?",
    );
    let twice = case.replace("60 minutes pay a quarter", "59 minutes pay nothing");
    check_file(
        file,
        twice.as_bytes(),
        3,
        "has the name \"59 minutes pay nothing\" too",
    );
    check_file(file, &vec![b'#'; 10_000_000], 3, "at most 262144 are read");
    check_file(
        "policy.rhai",
        &policy.as_bytes()[..policy.len() / 2],
        3,
        "policy.rhai",
    );
    check_file(
        "policy.rhai",
        &vec![b'/'; 10_000_000],
        3,
        "at most 65536 are read",
    );
}

#[test]
fn coverage_below_a_threshold_fails() {
    let release = "policies/rail/delay/1.1.0";
    let good = redress(&["test", release, "--threshold", "branches=60,rows=66"]);
    assert_eq!(good.code, 0, "{}", good.err);
    let bad = redress(&["test", release, "--threshold", "branches=61,rows=66"]);
    assert_eq!(bad.code, 4);
    assert_eq!(
        bad.err,
        "warning: rail/delay 1.1.0: branches 60 % (6/10), at least 61 % is asked\n"
    );
    let unknown = redress(&["test", release, "--threshold", "twigs=61"]);
    assert_eq!(unknown.code, 2);
}

#[test]
fn coverage_is_written_as_a_tracefile_and_as_pages() {
    let folder = tempfile::tempdir().unwrap();
    let (file, pages) = (folder.path().join("c.info"), folder.path().join("pages"));
    let args = [
        "test",
        "policies/rail/delay/1.1.0",
        "-f",
        "json",
        "--lcov",
        arg(&file),
    ];
    let ran = redress(&[&args[..], &["--coverage-html", arg(&pages)]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["coverage"][0]["conditions"]["found"], 4);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("SF:policies/rail/delay/1.1.0/policy.rhai\n"));
    let index = fs::read_to_string(pages.join("index.html")).unwrap();
    assert!(index.contains("href=\"rail_delay_1.1.0.html\""));
    assert!(pages.join("rail_delay_1.1.0.html").is_file());
}

/// `lcov` itself reads the tracefile and finds in it what the program says.
#[test]
fn lcov_reads_the_tracefile() {
    let Ok(version) = Command::new("lcov").arg("--version").output() else {
        println!("skipped lcov_reads_the_tracefile: there is no lcov here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coverage.info");
    let release = "policies/rail/delay/1.1.0";
    let ran = redress(&["test", release, "-f", "json", "--lcov", arg(&file)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let branches = &json["coverage"][0]["branches"];
    // The setting has one name in lcov 1 and another in lcov 2.
    let is_first = String::from_utf8(version.stdout)
        .unwrap()
        .contains("version 1.");
    let setting = match is_first {
        true => "lcov_branch_coverage=1",
        false => "branch_coverage=1",
    };
    let read = Command::new("lcov")
        .args(["--summary", arg(&file), "--rc", setting])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&read.stdout) + String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{told}");
    let expected = format!("({} of {} branches)", branches["hit"], branches["found"]);
    assert!(told.contains(&expected), "{expected}\n{told}");
    assert!(told.contains("functions"), "{told}");
}

#[test]
fn a_broken_release_is_told_in_every_format_and_the_others_are_tested() {
    let folder = copied();
    let file = folder.path().join("rail/delay/1.1.0/guardrails.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("rank = 1", "rnak = 1", 1)).unwrap();
    for format in ["pretty", "json", "junit", "tap", "github"] {
        let ran = redress_in(folder.path(), &["test", "rail", "-f", format]);
        assert_eq!(ran.code, 3, "{format}: {}", ran.err);
        insta::assert_snapshot!(format!("broken_release_{format}"), ran.shown());
    }
    let json = redress_in(folder.path(), &["test", "rail", "-f", "json"]);
    let defect = json.json("/releases/1/defects/0");
    assert!(
        defect["file"]
            .as_str()
            .unwrap()
            .ends_with("guardrails.toml"),
        "{defect}"
    );
    assert_eq!(defect["line"], 20, "{defect}");
    assert_eq!(defect["help"], "did you mean `rank`?");
    assert!(json.json("/passed").as_u64().unwrap() > 0);
    // One line for each test of the plan, numbered.
    let tap = redress_in(folder.path(), &["test", "rail", "-f", "tap"]).out;
    let plan = tap.lines().find_map(|line| line.strip_prefix("1.."));
    let planned: usize = plan.unwrap().parse().unwrap();
    let numbers = tap.lines().filter_map(|line| {
        let line = line.strip_prefix("not ").unwrap_or(line);
        line.strip_prefix("ok ")?.split(' ').next()?.parse().ok()
    });
    assert_eq!(
        numbers.collect::<Vec<usize>>(),
        (1..=planned).collect::<Vec<_>>()
    );
    assert_eq!(tap.matches("\nnot ok ").count(), 1, "{tap}");
}
