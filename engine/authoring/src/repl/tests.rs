use std::fs;

use tempfile::TempDir;

use super::*;
use crate::text::{plain, width};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// A policy with two versions that a test may change.
struct Copied {
    _folder: TempDir,
    policy: PathBuf,
}

impl Copied {
    fn path(&self) -> &Path {
        &self.policy
    }
}

fn folder() -> Copied {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/policies");
    let policy = folder.path().join("rail/delay");
    copy(&fixtures.join("rail/delay"), &policy);
    fs::copy(fixtures.join("LOCK"), folder.path().join("LOCK")).unwrap();
    Copied {
        _folder: folder,
        policy,
    }
}

fn repl_at(folder: &Path, columns: usize) -> Repl {
    let setting = Setting {
        policy: folder.to_owned(),
        as_of: "2026-03-05T10:00:00Z".parse().unwrap(),
        actor: Repl::actor_of(Code::new("agent").unwrap()).unwrap(),
        standing: Standing::fresh(),
        lang: Lang::En,
        columns,
    };
    Repl::new(Engine::new(redress::EngineLimits::STANDARD), setting).unwrap()
}

fn said(repl: &mut Repl, block: &str) -> String {
    plain(&repl.feed(block).text)
}

/// What a session says to these blocks, as a person would see it.
fn transcript(columns: usize, blocks: &[&str]) -> String {
    let folder = folder();
    let mut repl = repl_at(folder.path(), columns);
    let mut all = plain(&repl.greeting());
    for block in blocks {
        all.push_str(&format!("> {}\n", block.replace('\n', "\n. ")));
        all.push_str(&said(&mut repl, block));
    }
    let all = all.replace(&folder.path().display().to_string(), "<folder>");
    let digest = |word: &str| word.len() >= 12 && word.chars().all(|c| c.is_ascii_hexdigit());
    let lines = all.lines().map(|line| {
        let words = line.split_inclusive([' ', ')']);
        let words = words.map(|word| match digest(word.trim_end_matches([' ', ')'])) {
            true => "<digest>",
            false => word,
        });
        words.collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_session_from_an_empty_case_to_a_saved_one() {
    insta::assert_snapshot!(transcript(
        80,
        &[
            ":facts",
            ":set fare 100.00 EUR",
            ":set delay_minutes 200",
            ":run",
            ":set cause operator",
            "facts.fare.percent(25)",
            "table(\"shares\", [facts.delay_minutes])",
            ":run",
            ":why customer zh",
            ":whynot",
            ":trace",
            ":actor supervisor",
            ":diff",
            ":fuel",
            ":save Two hundred minutes",
            ":test",
        ]
    ));
}

#[test]
fn errors_show_the_place_and_what_was_meant() {
    insta::assert_snapshot!(transcript(
        80,
        &[
            "facts.dely_minutes + 1",
            "let a = 1;\nlet b = a + ;\nb",
            "let 金额 = 1",
            "\"迟到\" + facts.delay_minuts",
            "monny(\"1.00 EUR\")",
            "money(\"1.00\")",
            "grant(1)",
            "facts.delay_minutes",
            ":whynot",
            ":whynot now",
            ":set delay_minutes many",
            ":set cause operater",
            ":set colour red",
            ":sett fare 1",
            ":sweep fare",
            ":case nowhere.json",
            ":case 60_minute",
            ":case 60",
            ":diff 9.9.9",
            ":actor king",
            ":doc nothing_of_this",
            ":doc shres",
            ":doc facts.maybe.delay",
            "facts.maybe.delay",
            ":facts cuase",
            ":facts zzz",
            ":test zzz",
            ":test 60_minute",
            ":quit now",
            ":exit now",
            "1 + 1",
        ]
    ));
}

#[test]
fn a_sweep_marks_its_boundaries_exactly() {
    insta::assert_snapshot!(transcript(
        72,
        &[
            ":case 60_minutes",
            ":sweep delay_minutes 0 240 25",
            ":sweep fare 0.00 EUR 100.00 EUR 25.00 EUR",
            ":sweep fare 0.00 100.00 50.00",
            ":sweep cause 1 2 3",
            ":sweep delay_minutes 0 1440 0",
        ]
    ));
}

#[test]
fn versions_are_held_against_each_other() {
    insta::assert_snapshot!(transcript(
        80,
        &[
            ":case 60_minutes",
            ":run",
            ":diff 1.0.0",
            ":doc rail_19",
            ":doc shares",
            ":doc fare",
            ":guardrails tier"
        ]
    ));
}

#[test]
fn every_example_of_the_documentation_runs() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 80);
    for (name, _, _, example) in FUNCTIONS {
        let answer = said(&mut repl, example);
        assert!(!answer.contains("error"), "{name}: {answer}");
    }
    let names: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
    assert!(names.is_sorted());
}

#[test]
fn every_command_is_known_to_its_help() {
    let folder = folder();
    for (name, arguments, _) in docs::COMMANDS.iter().filter(|(name, ..)| *name != ":quit") {
        let mut repl = repl_at(folder.path(), 80);
        let answer = said(&mut repl, name);
        assert!(!answer.contains("there is no command"), "{name}: {answer}");
        let misused = answer.contains(&format!("write {name}"));
        assert_eq!(
            misused,
            !arguments.is_empty() && !arguments.starts_with('['),
            "{name}: {answer}"
        );
    }
}

#[test]
fn a_changed_file_is_read_at_once_and_a_broken_one_keeps_the_version_before() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 80);
    said(&mut repl, ":case 60_minutes");
    let policy = folder.path().join("1.1.0/policy.rhai");
    let text = fs::read_to_string(&policy).unwrap();
    let later = |seconds| {
        let file = fs::File::options().write(true).open(&policy).unwrap();
        let base = file.metadata().unwrap().modified().unwrap();
        file.set_modified(base + std::time::Duration::from_secs(seconds))
            .unwrap();
    };
    fs::write(&policy, "fn remedy(facts) { facts.").unwrap();
    later(10);
    let broken = said(&mut repl, "1 + 1");
    assert!(
        broken.contains("cannot be used yet") && broken.ends_with("2\n"),
        "{broken}"
    );
    assert!(said(&mut repl, ":run").contains("GRANT"));
    fs::write(
        &policy,
        text.replace("\"own_fault\"", "\"less_than_an_hour\""),
    )
    .unwrap();
    later(20);
    assert!(said(&mut repl, "2").starts_with("reloaded"));
    assert_eq!(said(&mut repl, "2"), "2\n", "told once");
}

#[test]
fn a_session_takes_what_editors_on_other_systems_send() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 80);
    assert_eq!(said(&mut repl, "\u{feff}1 +\r\n1\r\n"), "2\n");
    assert_eq!(said(&mut repl, "  \n"), "");
    let long = format!("\"{}\"", "x".repeat(100_000));
    assert!(said(&mut repl, &long).contains("error"));
    assert_eq!(repl.feed(":quit").next, Next::End);
}

#[test]
fn a_block_is_whole_when_its_brackets_are() {
    for whole in [
        "1 + 1", "", "f(\"(\")", "// (", "{ 1 }", ")", ":set a (", "'\"'", "\"open",
    ] {
        assert!(Repl::is_whole(whole), "{whole}");
    }
    for open in ["if x {", "f(1,", "[1,\n2", "/* and", "`text"] {
        assert!(!Repl::is_whole(open), "{open}");
    }
}

#[test]
fn words_are_completed_by_their_place() {
    let folder = folder();
    let repl = repl_at(folder.path(), 80);
    let check = |before: &str, expected: &[&str]| {
        assert_eq!(repl.complete(before).words, expected, "{before}");
    };
    check(":se", &[":set"]);
    check(":set de", &["delay_minutes"]);
    check(":set cause op", &["operator"]);
    check("facts.d", &["facts.delay_minutes"]);
    check("let x = facts.maybe.t", &["facts.maybe.tone"]);
    check("table(\"sh", &["shares"]);
    check("facts.cause == \"we", &["weather"]);
    check("facts.cause == \"", &["operator", "passenger", "weather"]);
    check("if facts.maybe.cause != \"o", &["operator"]);
    check("let late = facts.cause==\"o", &["operator"]);
    check("facts.fare == \"", &[]);
    check("table(\"", &["shares"]);
    check("per", &["percent"]);
    check("let y = rem", &["remedy"]);
    check(":why cus", &["customer"]);
    check(":whyn", &[":whynot"]);
    check(":case 60", &["60_minutes"]);
    check("让 mon", &["money"]);
    assert_eq!(repl.complete("let x = facts.d").start, 8);
    assert_eq!(
        repl.hint(":set delay_minutes ").as_deref(),
        Some("  an integer from 0 to 1440, in minutes")
    );
    assert!(
        repl.hint("facts.cause")
            .is_some_and(|hint| hint.contains("operator"))
    );
    assert_eq!(repl.hint("x"), None);
}

#[test]
fn colours_change_no_character() {
    for block in [
        "let x = money(\"1.00 EUR\") // 注",
        ":set fare 1",
        "`a",
        "/* b",
        "'x' + 12",
    ] {
        assert_eq!(plain(&Repl::highlight(block)), block);
    }
    assert_ne!(Repl::highlight("let x = 1"), "let x = 1");
}

#[test]
fn replies_fit_a_narrow_terminal() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 40);
    said(&mut repl, ":case 60_minutes");
    for block in [
        ":facts",
        ":run",
        ":why agent zh",
        ":sweep delay_minutes 0 240 60",
        ":help",
        "facts.dely_minutes",
        ":set cause operater",
    ] {
        for line in said(&mut repl, block).lines() {
            let unbroken = line.trim().split(' ').any(|word| width(word) > 36);
            assert!(width(line) <= 40 || unbroken, "{block}: {line}");
        }
    }
}

#[test]
fn no_word_is_cut_at_the_end_of_a_line() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 40);
    let greeting = plain(&repl.greeting());
    assert_eq!(
        greeting,
        "rail/delay 1.1.0: Compensation for\n  late trains\nType code, or :help for the commands.\n"
    );
    said(&mut repl, ":case 60_minutes");
    for block in [
        ":facts",
        ":doc delay_minutes",
        ":doc shares",
        ":doc because",
        ":reload",
    ] {
        for line in said(&mut repl, block).lines() {
            assert!(width(line) <= 40, "{block}: {line}");
        }
    }
}

#[test]
fn a_run_is_held_against_another_or_not_at_all() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 80);
    said(&mut repl, ":case 60_minutes");
    assert!(said(&mut repl, ":diff").contains("nothing was run yet"));
    said(&mut repl, ":run");
    let once = said(&mut repl, ":diff");
    assert!(once.contains("there is one run"), "{once}");
    said(&mut repl, ":set delay_minutes 180");
    assert!(said(&mut repl, ":diff").contains("\n+ "));
    said(&mut repl, ":set delay_minutes 60");
    said(&mut repl, ":run");
    assert_eq!(said(&mut repl, ":diff"), "no difference\n");
}

#[test]
fn nothing_is_saved_into_a_released_version_or_over_a_case() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 80);
    for block in [
        ":set fare 9.00 EUR",
        ":set cause operator",
        ":set delay_minutes 70",
    ] {
        assert_eq!(said(&mut repl, block), "");
    }
    assert!(said(&mut repl, ":save 60 minutes").contains("is there already"));
    assert!(said(&mut repl, ":save 59 minutes pay nothing").contains("the name"));
    assert!(said(&mut repl, ":save 七十分钟").starts_with("saved"));
    assert!(said(&mut repl, ":test 七十").contains("2 passed, 0 failed"));
    assert_eq!(said(&mut repl, ":set incident_date 2025-03-01"), "");
    assert!(said(&mut repl, ":save seventy").contains("is released"));
    assert!(said(&mut repl, ":set incident_date 2020-01-01").contains("no version"));
    assert!(said(&mut repl, ":unset delay_minutes").is_empty());
    assert!(said(&mut repl, ":run").contains("HOLD"));
    assert!(said(&mut repl, ":unset fare").is_empty());
    assert!(said(&mut repl, ":run").contains("cannot be decided yet"));
}

#[test]
fn a_case_from_a_file_and_a_standing_are_taken_or_told_of() {
    let folder = folder();
    let mut repl = repl_at(folder.path(), 80);
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(format!("../../{name}"));
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let case = r#"{"id":"c","incident_date":"2026-03-01","event":"e","claimant":{"id":"p"},
        "stage":"facts_recorded","facts":{"fare":"10.00 EUR","delay_minutes":60,"cause":"operator"}}"#;
    let good = file(
        "good.json",
        format!("\u{feff}{}", case.replace('\n', "\r\n")).as_bytes(),
    );
    assert!(said(&mut repl, &format!(":case {good}")).starts_with("case "));
    assert!(said(&mut repl, ":run").contains("2.50 EUR"));
    for (name, bytes, problem) in [
        (
            "half.json",
            case.as_bytes().get(..60).unwrap(),
            "is not a case",
        ),
        ("other.json", b"{\"id\":\"\xb3\xd9\"}", "save it as UTF-8"),
        ("list.json", b"[1]", "an object in braces"),
        ("long.json", &[b' '; 100_000], "is longer than"),
        (
            "key.json",
            case.replace("\"fare\"", "\"fair\"").as_bytes(),
            "/facts/fair",
        ),
    ] {
        let path = file(name, bytes);
        let answer = said(&mut repl, &format!(":case {path}"));
        assert!(
            answer.replace("\n  ", " ").contains(problem),
            "{name}: {answer}"
        );
    }
    assert!(said(&mut repl, &format!(":case {good}")).starts_with("case "));
    let toml = "name = \"c\"\nincident_date = \"2026-03-01\"\nactor = { role = \"supervisor\" }\n\
        [facts]\nfare = \"20.00 EUR\"\ndelay_minutes = 60\ncause = \"operator\"\n\
        [expect]\noutcome = \"grant\"\n";
    let case = file(
        "case.toml",
        format!("\u{feff}{}", toml.replace('\n', "\r\n")).as_bytes(),
    );
    assert_eq!(
        said(&mut repl, &format!(":case {case}")),
        format!("case {case}\n")
    );
    assert!(said(&mut repl, ":run").contains("5.00 EUR"));
    assert!(said(&mut repl, ":actor").starts_with("supervisor"));
    for (name, text, problem) in [
        ("key.toml", toml.replace("fare", "fair"), "/facts/fair"),
        (
            "half.toml",
            toml.replace("[expect]", "[expect"),
            "half.toml:8: ",
        ),
        (
            "none.toml",
            toml.replace("outcome = \"grant\"", ""),
            "none.toml",
        ),
        ("empty.toml", String::new(), "incident_date"),
    ] {
        let path = file(name, text.as_bytes());
        let answer = said(&mut repl, &format!(":case {path}"));
        assert!(
            answer.contains("is not a case") && answer.replace("\n  ", " ").contains(problem),
            "{name}: {answer}"
        );
    }
    let own = folder.path().join("1.1.0/cases/60_minutes.toml");
    let answer = said(&mut repl, &format!(":case {}", own.display()));
    assert!(answer.starts_with("case "), "{answer}");
    assert!(said(&mut repl, &format!(":case {good}")).starts_with("case "));
    let paid = r#"{"as_of_seq":3,"paid":[{"beneficiary":"p","head":"compensation","amount":"2.50 EUR"}],
        "rolling":"fresh","budgets":"fresh"}"#;
    let paid = file("paid.json", paid.as_bytes());
    assert!(said(&mut repl, &format!(":standing {paid}")).contains("2.50 EUR"));
    assert!(said(&mut repl, ":run").contains("already_paid"));
    assert!(said(&mut repl, ":standing fresh").contains("fresh"));
    let broken = file("broken.json", b"{");
    assert!(said(&mut repl, &format!(":standing {broken}")).contains("is not a standing"));
}
