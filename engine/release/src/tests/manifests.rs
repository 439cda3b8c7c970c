//! `release.toml`: every mistake with its line and key.

use super::Bench;
use crate::{Effective, Form, Lineage, SourceFolder};

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let bench = Bench::new();
    bench.edit("release.toml", from, to);
    assert_eq!(bench.errors(), expected);
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_known_one() {
    check(
        "rounding =",
        "roundin = 1\nrounding =",
        "release.toml:5: roundin: this key is not known\n  help: did you mean `rounding`?",
    );
    check(
        "hit = ",
        "hits = \"unique\"\nhit = ",
        "release.toml:21: table[0].hits: this key is not known\n  help: did you mean `hit`?",
    );
}

#[test]
fn a_missing_key_is_told_with_the_line_of_its_table() {
    check(
        "rounding = \"half_up\"",
        "",
        "release.toml:1: rounding: this key is missing",
    );
    check(
        "[policy]\nrhai = \"policy.rhai\"",
        "[policy]",
        "release.toml:11: policy: expected a script, a module or both\n  \
         help: add `rhai = \"policy.rhai\"` or `wasm = \"policy.wasm\"`",
    );
}

#[test]
fn a_wrong_type_is_told_in_the_authors_words() {
    check(
        "version = \"0.1.0\"",
        "version = 1",
        "release.toml:2: version: expected a text, found an integer",
    );
    check(
        "\"2026-01-01\" ",
        "2026-01-01 ",
        "release.toml:4: effective_from: expected a text, found a date or time without quotes\n  \
         help: write it in quotes",
    );
    check(
        "\"2026-01-01\" ",
        "\"2026-02-30\" ",
        "release.toml:4: effective_from: \"2026-02-30\" is not a date such as 2026-10-01",
    );
    check(
        "\"half_up\"",
        "\"half_u\"",
        "release.toml:5: rounding: expected one of half_up, half_even, down, up, found \"half_u\"\n  \
         help: did you mean \"half_up\"?",
    );
    check(
        "inputs = [",
        "inputs = [3, ",
        "release.toml:22: table[0].inputs[0]: expected a text, found an integer",
    );
}

#[test]
fn a_duplicate_key_and_broken_toml_are_told_with_their_line() {
    check(
        "version = \"0.1.0\"",
        "version = \"0.1.0\"\nversion = \"0.1.0\"",
        "release.toml:3: duplicate key",
    );
    let bench = Bench::new();
    bench.edit("release.toml", "summary = ", "summary = = ");
    assert!(
        bench.errors().starts_with("release.toml:3: "),
        "{}",
        bench.errors()
    );
}

#[test]
fn several_mistakes_are_told_at_once() {
    let bench = Bench::new();
    bench
        .edit("release.toml", "\"half_up\"", "\"sideways\"")
        .edit("release.toml", "\"policy.rhai\"", "\"polcy.rhai\"")
        .edit("release.toml", "lineage = \"reset\"", "lineage = \"none\"")
        .edit(
            "facts.schema.json",
            "\"x-unit\": \"days\"",
            "\"x-unit\": \"\"",
        )
        .edit("messages/zh.toml", "{0}", "{9}")
        .edit("tables/lateness.csv", "10", "ten");
    let errors = bench.errors();
    for start in [
        "release.toml:5: rounding: ",
        "release.toml:7: lineage: ",
        "release.toml:12: policy.rhai: ",
        "facts.schema.json:16: /properties/days_late/x-unit: ",
        "messages/zh.toml:2: reasons.parcel_late: ",
        "tables/lateness.csv:3: column 3 (percent): ",
    ] {
        assert!(
            errors.lines().any(|line| line.starts_with(start)),
            "{start} is not in:\n{errors}"
        );
    }
}

#[test]
fn a_merit_fact_without_a_direction_is_refused_with_its_line() {
    let bench = Bench::new();
    let direction = "\"x-class\": \"merit\", \"x-direction\": \"higher_is_worse\", ";
    bench.edit("facts.schema.json", direction, "\"x-class\": \"merit\", ");
    assert_eq!(
        bench.errors(),
        "facts.schema.json:13: /properties/days_late: a merit fact needs `x-direction`: \
         higher_is_worse or lower_is_worse"
    );
    bench.edit("facts.schema.json", "\"required\"", "required");
    let errors = bench.errors();
    assert!(errors.starts_with("facts.schema.json:6: "), "{errors}");
}

#[test]
fn a_missing_file_is_told_with_the_key_that_names_it() {
    check(
        "rhai = \"policy.rhai\"",
        "rhai = \"polcy.rhai\"",
        "release.toml:12: policy.rhai: there is no file \"polcy.rhai\" in the release\n  \
         help: did you mean \"policy.rhai\"?",
    );
    check(
        "\"guardrails.toml\"",
        "\"cases\"",
        "release.toml:9: guardrails: expected a file that ends in .toml, found \"cases\"",
    );
    check(
        "\"tables/lateness.csv\"",
        "\"tables/prices.csv\"",
        "release.toml:20: table[0].file: there is no file \"tables/prices.csv\" in the release",
    );
}

#[test]
fn a_path_cannot_leave_the_folder() {
    for (path, problem) in [
        ("../0.1.0/policy.rhai", "leaves the release folder"),
        ("tables/../policy.rhai", "leaves the release folder"),
        ("/etc/policy.rhai", "is an absolute path"),
        ("C:/policy.rhai", "is an absolute path"),
        (
            "tables\\\\policy.rhai",
            "has a backslash; paths have / between their parts",
        ),
        (
            "./policy.rhai",
            "is not a plain path of files that belong to the release",
        ),
        (
            ".git/policy.rhai",
            "is not a plain path of files that belong to the release",
        ),
        (
            "tables//policy.rhai",
            "is not a plain path of files that belong to the release",
        ),
        (
            "",
            "is not a plain path of files that belong to the release",
        ),
    ] {
        let bench = Bench::new();
        bench.edit(
            "release.toml",
            "rhai = \"policy.rhai\"",
            &format!("rhai = \"{path}\""),
        );
        let errors = bench.errors();
        let start = "release.toml:12: policy.rhai: ";
        let first = errors.lines().next().unwrap();
        assert!(
            first.starts_with(start) && first.ends_with(problem),
            "{path}: {errors}"
        );
    }
}

#[test]
fn name_and_version_are_those_of_the_folders() {
    check(
        "version = \"0.1.0\"",
        "version = \"0.2.0\"",
        "release.toml:2: version: the release has version 0.2.0, and its folder is named \"0.1.0\"\n  \
         help: rename the folder to \"0.2.0\", or change the version",
    );
    check(
        "retail/late-parcel",
        "retail/lost-parcel",
        "release.toml:1: name: the release is named retail/lost-parcel, and its versions lie in the \
         folder \"late-parcel\"\n  help: rename the folder to \"lost-parcel\", or change the name",
    );
    // The domain is where the project keeps the policy, and a copy elsewhere is the same.
    let bench = Bench::new();
    bench.edit("release.toml", "retail/late-parcel", "post/late-parcel");
    bench.read().unwrap();
}

#[test]
fn dates_and_lineage_are_checked_against_each_other() {
    let until = |date: &str| format!("effective_until = \"{date}\"\nrounding =");
    check(
        "rounding =",
        &until("2025-12-31"),
        "release.toml:5: effective_until: lies before `effective_from`, which is 2026-01-01",
    );
    let bench = Bench::new();
    bench.edit("release.toml", "rounding =", &until("2026-01-01"));
    let effective = bench.read().unwrap().manifest().effective;
    assert!(effective.covers("2026-01-01".parse().unwrap()));
    assert!(!effective.covers("2026-01-02".parse().unwrap()));
    assert!(!effective.covers("2025-12-31".parse().unwrap()));
    check(
        "\"reset\"",
        "\"same:0.1.0\"",
        "release.toml:7: lineage: 0.1.0 is not a version before this one",
    );
    let bench = Bench::new();
    bench.edit("release.toml", "\"reset\"", "\"same:0.0.9\"");
    let lineage = bench.read().unwrap().manifest().lineage;
    assert_eq!(lineage, Lineage::Same("0.0.9".parse().unwrap()));
    let bench = Bench::new();
    bench.edit("release.toml", "\"reset\"", "\"scaled:0.0.9:1.05\"");
    let lineage = bench.read().unwrap().manifest().lineage;
    assert_eq!(lineage.ancestor(), Some(("0.0.9".parse().unwrap(), 10_500)));
    for (wrong, problem) in [
        (
            "\"scaled:0.0.9\"",
            "expected \"reset\", \"same:VERSION\" or \"scaled:VERSION:FACTOR\", found \"scaled:0.0.9\"",
        ),
        (
            "\"scaled:0.0.9:0\"",
            "a factor is a number from 0.0001 to 100, such as 1.05, found \"0\"",
        ),
        (
            "\"scaled:0.0.9:1e3\"",
            "a factor is a number from 0.0001 to 100, such as 1.05, found \"1e3\"",
        ),
        (
            "\"scaled:0.1.0:2\"",
            "0.1.0 is not a version before this one",
        ),
    ] {
        check(
            "\"reset\"",
            wrong,
            &format!("release.toml:7: lineage: {problem}"),
        );
    }
}

#[test]
fn overlap_is_the_first_day_that_both_cover() {
    let range = |from: &str, until: Option<&str>| Effective {
        from: from.parse().unwrap(),
        until: until.map(|date| date.parse().unwrap()),
    };
    let first = range("2020-01-01", Some("2020-12-31"));
    assert_eq!(first.overlap(&range("2021-01-01", None)), None);
    let day = "2020-12-31".parse().ok();
    assert_eq!(first.overlap(&range("2020-12-31", None)), day);
    assert_eq!(range("2020-12-31", None).overlap(&first), day);
}

#[test]
fn a_byte_order_mark_and_crlf_change_nothing() {
    let plain = Bench::new();
    let marked = Bench::new();
    for file in [
        "release.toml",
        "guardrails.toml",
        "facts.schema.json",
        "messages/zh.toml",
        "tables/lateness.csv",
    ] {
        let text = std::fs::read_to_string(marked.path(file)).unwrap();
        marked.write(file, format!("\u{feff}{}", text.replace('\n', "\r\n")));
    }
    let (plain, marked) = (plain.read().unwrap(), marked.read().unwrap());
    assert_eq!(plain.manifest(), marked.manifest());
    assert_eq!(plain.tables(), marked.tables());
    assert_eq!(plain.messages(), marked.messages());
    assert_ne!(plain.digest(), marked.digest(), "the bytes differ");
}

#[test]
fn text_that_is_not_utf_8_is_told_with_its_line() {
    let bench = Bench::new();
    bench.write("messages/zh.toml", b"[reasons]\nx = \"\xb0\xfc\xb9\xfc\"\n");
    assert_eq!(
        bench.errors(),
        "messages/zh.toml:2: the text is not UTF-8\n  help: save the file as UTF-8"
    );
}

#[test]
fn a_history_names_its_columns() {
    let history = |rest: &str| format!("[history]\n{rest}\n[[table]]");
    let bench = Bench::new();
    let columns = "id = \"order\"\nincident_date = \"delivered\"\ngroup = [\"carrier\"]";
    bench.edit("release.toml", "[[table]]", &history(columns));
    let release = bench.read().unwrap();
    let history_read = release.manifest().history.as_ref().unwrap();
    assert_eq!(history_read.incident_date, "delivered");
    assert_eq!(history_read.group, ["carrier"]);
    check(
        "[[table]]",
        &history("id = \"order\""),
        "release.toml:18: history.incident_date: this key is missing",
    );
}

const WASM: &str = "rhai = \"policy.rhai\"\nwasm = \"policy.wasm\"\nwasm_source = \"guest/policy.c\"\n\
                    wasm_rebuild = \"guest/build.sh\"\nneeds = [\"days_late\"]\n";

/// A release with a module made from the source `int x;`.
fn with_module(sha256: &str) -> Bench {
    let bench = Bench::new();
    let keys = format!("{WASM}wasm_source_sha256 = \"{sha256}\"");
    bench
        .edit("release.toml", "rhai = \"policy.rhai\"", &keys)
        .write("policy.wasm", b"\0asm\x01\0\0\0")
        .write("guest/policy.c", "int x;");
    bench
}

fn sha256(text: &str) -> String {
    redress_model::Digest::of(text.as_bytes()).to_string()
}

#[test]
fn a_module_comes_with_the_source_it_was_made_from() {
    let release = with_module(&sha256("int x;")).read().unwrap();
    let wasm = release.policy().wasm().unwrap();
    assert_eq!(wasm.module, b"\0asm\x01\0\0\0");
    assert_eq!(wasm.needs, [release.schema().slot("days_late").unwrap()]);
    assert_eq!(release.policy().run(), Form::Rhai);

    let bench = with_module(&sha256("int y;"));
    assert_eq!(
        bench.errors(),
        format!(
            "release.toml:17: policy.wasm_source_sha256: \"guest/policy.c\" was changed after the \
             module was made: its SHA-256 is {}\n  help: make the module again with \
             `guest/build.sh`, then write the new digest here",
            sha256("int x;")
        )
    );
}

#[test]
fn a_module_that_is_not_built_yet_has_what_it_is_written_against() {
    let bench = with_module(&sha256("int y;"));
    std::fs::remove_file(bench.path("policy.wasm")).unwrap();
    bench.edit("release.toml", "rhai = \"policy.rhai\"\n", "");
    assert!(
        bench.errors().contains("there is no file \"policy.wasm\""),
        "{}",
        bench.errors()
    );
    let interface = SourceFolder::open(&bench.folder).unwrap().interface();
    let interface = interface.unwrap();
    assert!(interface.schema.slot("days_late").is_some());
    assert_eq!(interface.tables.iter().len(), 1);
    assert_eq!(interface.rounding, redress_model::Rounding::HalfUp);

    bench
        .edit("release.toml", "\"half_up\"", "\"half\"")
        .edit("tables/lateness.csv", "10", "ten");
    let errors = SourceFolder::open(&bench.folder).unwrap().interface();
    let errors = super::shown(&errors.unwrap_err(), &bench.folder);
    assert!(errors.starts_with("release.toml:5: rounding: "), "{errors}");
    assert!(errors.contains("tables/lateness.csv:3: "), "{errors}");
}

#[test]
fn the_form_that_runs_is_one_that_is_there() {
    let bench = with_module(&sha256("int x;"));
    bench.edit("release.toml", "needs =", "run = \"wasm\"\nneeds =");
    assert_eq!(bench.read().unwrap().policy().run(), Form::Wasm);
    check(
        "rhai = \"policy.rhai\"",
        "rhai = \"policy.rhai\"\nrun = \"wasm\"",
        "release.toml:13: policy.run: the release has no wasm form",
    );
    check(
        "rhai = \"policy.rhai\"",
        "rhai = \"policy.rhai\"\nneeds = []",
        "release.toml:13: policy.needs: goes with a module, and `policy.wasm` is not there",
    );
    let bench = with_module(&sha256("int x;"));
    bench.edit("release.toml", "rhai = \"policy.rhai\"\n", "");
    let release = bench.read().unwrap();
    assert_eq!(
        (release.policy().run(), release.policy().rhai()),
        (Form::Wasm, None)
    );
}

#[test]
fn the_facts_that_a_module_needs_are_ones_that_it_may_read() {
    let bench = with_module(&sha256("int x;"));
    bench
        .edit(
            "facts.schema.json",
            "\"x-class\": \"route\"",
            "\"x-class\": \"forbidden\"",
        )
        .edit(
            "release.toml",
            "[\"days_late\"]",
            "[\"tone\", \"day_late\", \"cause\"]",
        );
    assert_eq!(
        bench.errors(),
        "release.toml:16: policy.needs[0]: \"tone\" is a forbidden fact, which no policy reads\n\
         release.toml:16: policy.needs[1]: there is no fact \"day_late\"; did you mean \"days_late\"?"
    );
    let bench = with_module(&sha256("int x;"));
    bench.edit("release.toml", "[\"days_late\"]", "[\"cause\", \"cause\"]");
    assert_eq!(
        bench.errors(),
        "release.toml:16: policy.needs: a fact is named twice"
    );
}

#[test]
fn languages_have_the_same_sentences_with_the_same_arguments() {
    let bench = Bench::new();
    bench
        .edit("messages/en.toml", "{0} days", "some days")
        .edit("messages/zh.toml", "not_late_enough", "late_enough");
    assert_eq!(
        bench.errors(),
        "messages/en.toml: reasons.late_enough: the sentence is missing that zh has\n\
         messages/zh.toml: reasons.not_late_enough: the sentence is missing that en has\n\
         messages/zh.toml: reasons.parcel_late: the sentence names other arguments than that in en"
    );
}

#[test]
fn what_the_guardrails_show_to_people_has_a_sentence() {
    let bench = Bench::new();
    let hold = "[[hold]]\ncode = \"proof_missing\"\nmissing = \"proof\"\nowner = \"o\"\nwithin = \"1 hours\"\n";
    bench.edit(
        "guardrails.toml",
        "[unknown_fact]",
        &format!("{hold}[unknown_fact]"),
    );
    assert_eq!(
        bench.errors(),
        "release.toml:14: messages: the guardrails use \"proof_missing\", which has no sentence\n  \
         help: add `proof_missing = \"...\"` under [reasons] in every language"
    );
}

#[test]
fn a_mistake_in_the_guardrails_is_told_with_the_others() {
    let bench = Bench::new();
    bench.edit("guardrails.toml", "\"20.00 EUR\"", "\"20 EUROS\"");
    let errors = bench.errors();
    assert!(
        errors.starts_with("guardrails.toml:35: authority.limit: "),
        "{errors}"
    );
}
