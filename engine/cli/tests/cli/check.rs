use std::fs;

use crate::run::{arg, copied, redress, redress_in};

#[test]
fn valid_releases_are_listed() {
    insta::assert_snapshot!(redress(&["check", "policies"]).shown());
}

#[test]
fn versions_that_overlap_are_refused() {
    let folder = copied();
    let manifest = folder.path().join("rail/delay/1.1.0/release.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("2026-01-01", "2025-12-31")).unwrap();
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        ran.err.contains("both cover an incident of 2025-12-31"),
        "{}",
        ran.err
    );
}

#[test]
fn a_released_version_that_changed_or_vanished_fails_the_gate() {
    let folder = copied();
    let readme = folder.path().join("rail/delay/1.0.0/README.md");
    fs::write(&readme, "changed\n").unwrap();
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("its files have changed"), "{}", ran.err);
    fs::remove_dir_all(folder.path().join("rail/delay/1.0.0")).unwrap();
    let ran = redress(&["check", arg(folder.path())]);
    assert!(
        ran.err.contains("its folder is not there any more"),
        "{}",
        ran.err
    );
    assert_ne!(ran.code, 0);
}

#[test]
fn a_lock_takes_new_releases_and_refuses_changed_ones() {
    let folder = copied();
    let lock = folder.path().join("LOCK");
    let before = fs::read_to_string(&lock).unwrap();
    let ran = redress(&["lock", arg(folder.path())]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("\nlocked   rail/delay 1.1.0  sha256:"),
        "{}",
        ran.out
    );
    let after = fs::read_to_string(&lock).unwrap();
    assert!(
        after.starts_with(before.trim_end()) && after.len() > before.len(),
        "{after}"
    );
    let again = redress(&["lock", arg(folder.path())]);
    let already = "already  rail/delay 1.0.0  sha256:";
    assert!(again.out.starts_with(already), "{}", again.out);
    assert!(
        again
            .out
            .contains("\nnothing new, 2 releases were locked already: "),
        "{}",
        again.out
    );
    let readme = folder.path().join("rail/delay/1.1.0/README.md");
    fs::write(&readme, "changed\n").unwrap();
    let ran = redress(&["lock", arg(folder.path())]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.err.contains("rail/delay 1.1.0 is released"),
        "{}",
        ran.err
    );
    assert_eq!(
        fs::read_to_string(&lock).unwrap(),
        after,
        "the lock stays as it was"
    );
}

#[test]
fn an_invalid_release_keeps_the_lock_as_it_is() {
    let folder = copied();
    fs::write(
        folder.path().join("rail/delay/1.1.0/guardrails.toml"),
        "x = 1\n",
    )
    .unwrap();
    let before = fs::read_to_string(folder.path().join("LOCK")).unwrap();
    assert_eq!(redress(&["lock", arg(folder.path())]).code, 3);
    assert_eq!(
        fs::read_to_string(folder.path().join("LOCK")).unwrap(),
        before
    );
}

#[test]
fn a_lock_takes_a_release_or_a_policy_from_anywhere() {
    for (within, path) in [
        ("", "rail/delay/1.1.0"),
        ("", "rail/delay"),
        ("rail/delay/1.1.0", "."),
        ("rail", "delay/../delay"),
    ] {
        let folder = copied();
        let ran = redress_in(&folder.path().join(within), &["lock", path]);
        assert_eq!(ran.code, 0, "{path}: {}", ran.err);
        let text = fs::read_to_string(folder.path().join("LOCK")).unwrap();
        assert!(text.contains("rail/delay 1.1.0 sha256:"), "{path}: {text}");
        assert!(!folder.path().join("rail/LOCK").exists(), "{path}");
    }
    let folder = copied();
    fs::remove_file(folder.path().join("LOCK")).unwrap();
    let twice = ["lock", "rail/delay/1.0.0", "rail/delay"];
    let ran = redress_in(folder.path(), &twice);
    assert!(ran.out.ends_with("\n2 locked: LOCK\n"), "{}", ran.out);
}

#[test]
fn versions_that_do_not_go_together_are_not_locked() {
    let folder = copied();
    let manifest = folder.path().join("rail/delay/1.1.0/release.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("2026-01-01", "2025-12-31")).unwrap();
    let before = fs::read_to_string(folder.path().join("LOCK")).unwrap();
    assert_eq!(redress(&["lock", arg(folder.path())]).code, 3);
    let after = fs::read_to_string(folder.path().join("LOCK")).unwrap();
    assert_eq!(after, before);
}

#[test]
fn a_version_is_checked_and_tested_from_within_and_named_as_it_was_given() {
    let folder = copied();
    let version = folder.path().join("rail/delay/1.1.0");
    for command in ["check", "test"] {
        let ran = redress_in(&version, &[command, "."]);
        assert_eq!(ran.code, 0, "{command}: {}{}", ran.out, ran.err);
    }
    let case = fs::read(crate::run::fixtures().join("case.json")).unwrap();
    fs::write(folder.path().join("case.json"), case).unwrap();
    let older = folder.path().join("rail/delay/1.0.0");
    let eval = ["eval", ".", "-i", "../../../case.json"];
    let ran = redress_in(&older, &eval);
    assert_eq!(ran.code, 0, "{}", ran.err);

    let manifest = version.join("release.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("half_up", "half")).unwrap();
    let ran = redress_in(&version, &["check", "."]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("--> ./release.toml:"), "{}", ran.err);
    assert_eq!(ran.err.matches("rounding").count(), 1, "{}", ran.err);

    // A version beside it is named as the path leads to it.
    fs::write(&manifest, text.replace("2026-01-01", "2025-12-31")).unwrap();
    let ran = redress_in(&older, &["check", "."]);
    assert!(
        ran.err.contains("--> ../1.1.0/release.toml:4"),
        "{}",
        ran.err
    );
}

#[test]
fn a_superseded_version_is_listed_with_its_end() {
    let folder = copied();
    let path = |version: &str| {
        folder
            .path()
            .join(format!("rail/delay/{version}/release.toml"))
    };
    let edit = |version: &str, from: &str, to: &str| {
        let text = fs::read_to_string(path(version)).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path(version), text.replace(from, to)).unwrap();
    };
    fs::remove_file(folder.path().join("LOCK")).unwrap();
    edit("1.0.0", "effective_until = \"2025-12-31\"\n", "");
    assert_eq!(redress(&["check", arg(folder.path())]).code, 3);
    let from = "effective_from = \"2026-01-01\"";
    edit("1.1.0", from, &format!("{from}\nsupersedes = \"1.0.0\""));
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let first = ran.out.lines().next().unwrap();
    assert!(first.contains(" to 2025-12-31 "), "{first}");
}

/// The newer version without the sentence of a code.
fn without_a_sentence(code: &str) -> tempfile::TempDir {
    let folder = copied();
    for language in ["en", "zh"] {
        let file = format!("rail/delay/1.1.0/messages/{language}.toml");
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with(code));
        fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    }
    folder
}

#[test]
fn a_code_that_a_script_writes_down_has_a_sentence() {
    for (code, line) in [
        ("less_than_an_hour", 7),
        ("very_late", 12),
        ("say_sorry", 19),
    ] {
        let folder = without_a_sentence(code);
        for command in ["check", "lock"] {
            let ran = redress(&[command, arg(folder.path())]);
            assert_eq!(ran.code, 3, "{command} {code}: {}", ran.out);
            let place = format!("policy.rhai:{line}");
            assert!(ran.err.contains(&place), "{command}: {}", ran.err);
            let problem = format!("\"{code}\" has no sentence");
            assert!(ran.err.contains(&problem), "{command}: {}", ran.err);
        }
    }
}

#[test]
fn a_code_that_a_case_brings_out_has_a_sentence() {
    let folder = without_a_sentence("less_than_an_hour");
    let script = folder.path().join("rail/delay/1.1.0/policy.rhai");
    let text = fs::read_to_string(&script).unwrap();
    let text = text.replace("refuse(\"less", "let why = \"less");
    let text = text.replace("an_hour\");", "an_hour\"; return refuse(why);");
    fs::write(&script, text.replace("return let", "let")).unwrap();
    assert_eq!(redress(&["check", arg(folder.path())]).code, 0);
    let ran = redress(&["test", arg(folder.path())]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    let key = "messages.less_than_an_hour";
    // Once for each form of the policy.
    assert_eq!(ran.out.matches(key).count(), 2, "{}", ran.out);
}

/// The fixtures with a line of the newer release's script changed.
fn with_line(from: &str, to: &str) -> tempfile::TempDir {
    let folder = copied();
    let script = folder.path().join("rail/delay/1.1.0/policy.rhai");
    let text = fs::read_to_string(&script).unwrap();
    assert!(text.contains(from));
    fs::write(&script, text.replace(from, to)).unwrap();
    folder
}

#[test]
fn what_is_wrong_with_a_script_is_underlined_and_helped() {
    let folder = with_line("facts.delay_minutes >= 180", "facts.delay_minuts >= 180");
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    for part in [
        "error[unknown_fact]: there is no fact `delay_minuts`",
        "policy.rhai:11:14",
        "11 |     if facts.delay_minuts >= 180 {",
        "   |              ^^^^^^^^^^^^",
        "help: did you mean `delay_minutes`?",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn what_is_said_of_a_script_comes_as_json_and_as_sarif() {
    let folder = with_line("\"passenger\"", "\"pasenger\"");
    let json = redress(&["check", arg(folder.path()), "-f", "json"]);
    assert_eq!(json.code, 0, "{}", json.err);
    assert_eq!(json.json("/diagnostics/0/code"), "impossible_value");
    assert_eq!(json.json("/diagnostics/0/severity"), "warning");
    assert_eq!(json.json("/diagnostics/0/line"), 2);
    assert_eq!(json.json("/releases/0/forms/0"), "compiled");
    let sarif = redress(&["check", arg(folder.path()), "-f", "sarif"]);
    assert_eq!(sarif.json("/version"), "2.1.0");
    assert_eq!(sarif.json("/runs/0/results/0/ruleId"), "impossible_value");
}

/// The fixtures with one text of a file of the newest release replaced.
fn with(file: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = copied();
    let path = folder.path().join("rail/delay/1.1.0").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from:?} is not in {file}");
    fs::write(&path, text.replace(from, to)).unwrap();
    folder
}

#[test]
fn a_release_without_english_or_chinese_is_refused() {
    for (language, name) in [("en", "English"), ("zh", "Chinese")] {
        let line = format!("{language} = \"messages/{language}.toml\"\n");
        let folder = with("release.toml", &line, "");
        for command in ["check", "lock"] {
            let ran = redress(&[command, arg(folder.path())]);
            assert_eq!(ran.code, 3, "{command} {language}: {}", ran.out);
            let problem = format!("messages.{language}: the release has no {name} sentences");
            assert!(ran.err.contains(&problem), "{command}: {}", ran.err);
            assert!(ran.err.contains("1.1.0/release.toml:14"), "{}", ran.err);
        }
    }
}

#[test]
fn a_sentence_that_takes_what_nobody_gives_is_refused() {
    let folder = with("policy.rhai", "[facts.delay_minutes])];", "[])];");
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    let problem = "the sentence `train_late` (en, zh) has {0}, and no argument is given";
    assert!(ran.err.contains(problem), "{}", ran.err);
    assert!(ran.err.contains("policy.rhai:10:"), "{}", ran.err);
    assert!(
        ran.out.ends_with("1 release valid, 1 not: 1 error\n"),
        "{}",
        ran.out
    );
}

#[test]
fn a_case_that_says_what_its_release_does_not_know_is_refused() {
    let folder = with("cases/60_minutes.toml", "delay_minutes", "delay_minuts");
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        ran.err.contains("did you mean \"delay_minutes\"?"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("60_minutes.toml:"), "{}", ran.err);
}

#[test]
fn a_misspelt_code_is_told_once() {
    let folder = with("policy.rhai", "\"own_fault\"", "\"own_falt\"");
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert_eq!(ran.err.matches("own_falt").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("did you mean `own_fault`?"), "{}", ran.err);
}

#[test]
fn properties_are_held_against_their_release() {
    for (text, problem) in [
        (
            "[[property]]\nsays = \"x\"\nholds = \"monotone\"\nfact = \"delay_minuts\"\n",
            "there is no fact `delay_minuts`; did you mean `delay_minutes`?",
        ),
        (
            "[[propert]]\n",
            "the key `propert` is not known; did you mean `property`?",
        ),
    ] {
        let folder = copied();
        fs::write(folder.path().join("rail/delay/1.1.0/properties.toml"), text).unwrap();
        let ran = redress(&["check", arg(folder.path())]);
        assert_eq!(ran.code, 3, "{}", ran.out);
        assert!(ran.err.contains(problem), "{}", ran.err);
    }
}

#[test]
fn what_the_guardrails_do_not_declare_is_told_with_the_near_name() {
    for (from, to, told) in [
        ("\"rail_19\"", "\"rail_91\"", "no claim `rail_91`"),
        ("\"level_1\"", "\"level_9\"", "no level `level_9`"),
    ] {
        let folder = with("policy.rhai", from, to);
        let ran = redress(&["check", arg(folder.path())]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.err.contains(told), "{}", ran.err);
        assert!(ran.err.contains("did you mean"), "{}", ran.err);
    }
}

#[test]
fn a_condition_beyond_the_range_of_its_fact_is_told() {
    let folder = with("policy.rhai", ">= 180", "> 1440");
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told = "warning[unreachable]: this never holds: the value is within 0 to 1440";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(ran.err.contains("policy.rhai:11:"), "{}", ran.err);
}

#[test]
fn a_switch_with_a_hole_is_told_of_once() {
    let from = "    grant_in_tier(\"level_1\", remedies)";
    let to = "    switch facts.delay_minutes {\n        1 => grant_in_tier(\"level_1\", remedies),\n    }";
    let folder = with("policy.rhai", from, to);
    let ran = redress(&["check", arg(folder.path())]);
    assert_eq!(ran.err.matches("policy.rhai:14:").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("warning[no_default]"), "{}", ran.err);
}

#[test]
fn what_is_wrong_with_a_release_has_its_place_as_json_and_as_sarif() {
    let folder = copied();
    let file = folder.path().join("rail/delay/1.1.0/guardrails.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("rank = 1", "rnak = 1", 1)).unwrap();
    let json = redress(&["check", arg(folder.path()), "-f", "json"]);
    assert_eq!(json.code, 3, "{}", json.err);
    assert_eq!(json.json("/defects/0/line"), 20, "{}", json.out);
    assert_eq!(json.json("/defects/0/help"), "did you mean `rank`?");
    assert_eq!(json.json("/defects/0/file"), arg(&file));
    assert_eq!(json.json("/releases/0/version"), "1.0.0");
    let sarif = redress(&["check", arg(folder.path()), "-f", "sarif"]);
    let place = sarif.json("/runs/0/results/0/locations/0/physicalLocation");
    assert_eq!(place["artifactLocation"]["uri"], arg(&file), "{place}");
    assert_eq!(place["region"]["startLine"], 20, "{place}");
}

#[test]
fn one_slip_of_the_hand_in_a_file_is_told_once_with_what_was_meant() {
    for (file, from, to, near) in [
        ("release.toml", "version =", "vesrion =", "version"),
        ("release.toml", "name =", "naem =", "name"),
        ("release.toml", "rhai =", "rhia =", "rhai"),
        ("guardrails.toml", "[[role]]", "[[roel]]", "role"),
        ("guardrails.toml", "head =", "haed =", "head"),
        ("guardrails.toml", "of = \"fare\"", "of = \"faer\"", "fare"),
        ("facts.schema.json", "\"x-class\"", "\"x-clsas\"", "x-class"),
        ("facts.schema.json", "\"format\"", "\"fomrat\"", "format"),
        (
            "facts.schema.json",
            "\"properties\"",
            "\"prpoerties\"",
            "properties",
        ),
        ("facts.schema.json", "[\"fare\"]", "[\"faer\"]", "fare"),
        (
            "cases/60_minutes.toml",
            "incident_date",
            "inicdent_date",
            "incident_date",
        ),
        ("cases/60_minutes.toml", "fare =", "faer =", "fare"),
        ("policy.rhai", "fn remedy(", "fn reemdy(", "reemdy"),
        (
            "policy.rhai",
            "fn remedy(facts)",
            "fn remedy(fatcs)",
            "fatcs",
        ),
        ("policy.rhai", "let row", "let rwo", "rwo"),
        ("messages/en.toml", "train_late", "trian_late", "trian_late"),
    ] {
        let folder = copied();
        let path = folder.path().join("rail/delay/1.1.0").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let ran = redress(&["check", arg(&folder.path().join("rail/delay/1.1.0"))]);
        assert_eq!(ran.code, 3, "{file}: {to}: {}{}", ran.out, ran.err);
        let told = ran.err.lines().filter(|line| line.starts_with("error"));
        assert_eq!(told.count(), 1, "{file}: {to}: {}", ran.err);
        let meant = [format!("`{near}`"), format!("{near:?}")];
        assert!(
            meant.iter().any(|meant| ran.err.contains(meant)),
            "{file}: {to}: {}",
            ran.err
        );
    }
}

#[test]
fn sources_past_a_limit_are_refused_in_a_few_lines() {
    let folder = copied();
    let release = folder.path().join("rail/delay/1.1.0");
    let policy = fs::read_to_string(release.join("policy.rhai")).unwrap();
    let body = |code: &str| policy.replacen("let row", &format!("{code}; let row"), 1);
    let many = |count: usize, part: &str| part.repeat(count);
    let arms: String = (0..3_000).map(|n| format!("{n} => {n}, ")).collect();
    for (file, text) in [
        (
            "policy.rhai",
            format!("{policy}\n// {}", many(10_000_000, "x")),
        ),
        (
            "policy.rhai",
            body(&format!(
                "let a = {}1{}",
                many(5_000, "("),
                many(5_000, ")")
            )),
        ),
        (
            "policy.rhai",
            body(&format!("let a = {}true", many(20_000, "!"))),
        ),
        (
            "policy.rhai",
            body(&format!("let a = 1{}", many(12_000, "+1"))),
        ),
        (
            "policy.rhai",
            body(&format!("let a = facts{}", many(12_000, ".a"))),
        ),
        (
            "policy.rhai",
            body(&format!("let a = {}", many(20_000, "["))),
        ),
        (
            "policy.rhai",
            body(&format!("let a = {}", many(15_000, "`${"))),
        ),
        ("policy.rhai", body(&many(20_000, "/*"))),
        (
            "policy.rhai",
            body(&format!("let a = {}1", many(12_000, "|x| "))),
        ),
        (
            "policy.rhai",
            body(&format!("switch facts.delay_minutes {{ {arms} _ => 0 }}")),
        ),
        (
            "policy.rhai",
            body(&format!("let a = \"{}\" + nope", many(4_000, "a"))),
        ),
        ("guardrails.toml", format!("x = {}", many(20_000, "["))),
        ("guardrails.toml", format!("#{}", many(10_000_000, "x"))),
        ("facts.schema.json", many(100_000, "[")),
        ("cases/60_minutes.toml", many(300_000, "#")),
    ] {
        let path = release.join(file);
        let before = fs::read(&path).unwrap();
        fs::write(&path, &text).unwrap();
        let ran = redress(&["check", arg(&release)]);
        let start: String = text.chars().rev().take(60).collect();
        assert_eq!(ran.code, 3, "{file} {start}: {}", ran.err);
        assert!(ran.err.len() < 2_000, "{file} {start}: {}", ran.err);
        let widest = ran.err.lines().map(|line| line.chars().count()).max();
        assert!(widest < Some(200), "{file} {start}: {}", ran.err);
        fs::write(&path, before).unwrap();
    }
}
