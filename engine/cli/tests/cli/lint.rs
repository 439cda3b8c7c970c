use std::fs;

use crate::run::{arg, copied, redress};

#[test]
fn a_finding_is_shown_with_its_place_and_fails() {
    let folder = copied();
    let script = folder.path().join("rail/delay/1.1.0/policy.rhai");
    let text = fs::read_to_string(&script).unwrap();
    fs::write(&script, format!("{text}\nfn idle() {{ 1 }}\n")).unwrap();
    let ran = redress(&["lint", arg(&folder.path().join("rail/delay/1.1.0"))]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let shown = format!("{}{}", ran.out, ran.err);
    assert!(shown.contains("unused_function"), "{shown}");
    assert!(
        shown.contains("policy.rhai:") && shown.contains("^^^^"),
        "{shown}"
    );
    let excused = format!(
        "{text}\n// lint: allow(unused_function) because the next version calls it\nfn idle() {{ 1 }}\n"
    );
    fs::write(&script, excused).unwrap();
    let ran = redress(&[
        "lint",
        arg(&folder.path().join("rail/delay/1.1.0")),
        "-f",
        "json",
    ]);
    assert!(!ran.out.contains("unused_function"), "{}", ran.out);
}

#[test]
fn a_rule_is_explained_and_an_unknown_one_is_an_error() {
    let ran = redress(&["lint", "--explain", "written_sum"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("# written_sum\n"), "{}", ran.out);
    assert_eq!(redress(&["lint", "--explain", "nonsense"]).code, 2);
}

#[test]
fn a_case_that_cannot_be_read_is_told_and_no_release_with_it_is_clean() {
    let folder = copied();
    let case = folder.path().join("rail/delay/1.1.0/cases/60_minutes.toml");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("outcome", "outcom")).unwrap();
    let ran = redress(&["lint", arg(folder.path())]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.err.contains("did you mean `outcome`?"), "{}", ran.err);
    assert!(ran.out.contains("1 release, 1 error"), "{}", ran.out);
    let json = redress(&["lint", arg(folder.path()), "-f", "json"]);
    assert_eq!(json.code, 3, "{}", json.err);
    assert!(json.out.contains("60_minutes.toml:"), "{}", json.out);
    let sarif = redress(&["lint", arg(folder.path()), "-f", "sarif"]);
    assert!(sarif.out.contains("60_minutes.toml\""), "{}", sarif.out);
}

#[test]
fn a_misspelt_rule_is_told_the_near_one() {
    let ran = redress(&["lint", "--explain", "writen_sum"]);
    assert!(
        ran.err.contains("did you mean `written_sum`?"),
        "{}",
        ran.err
    );
}

#[test]
fn what_is_released_is_looked_at_in_its_latest_version_and_fails_nothing() {
    let folder = copied();
    let path = folder.path().join("rail");
    let all = redress(&["lint", arg(&path), "-f", "json"]);
    // 1.0.0 is released and 1.1.0 follows it.
    assert_eq!(all.json("/releases"), 1, "{}", all.out);
    assert_eq!(all.json("/passed_over"), 1);
    let both = redress(&["lint", arg(&path), "--all-versions", "-f", "json"]);
    assert_eq!(both.json("/releases"), 2, "{}", both.out);
    assert_eq!(both.json("/passed_over"), 0);
    let alone = redress(&["lint", arg(&path.join("delay/1.0.0")), "-f", "json"]);
    assert_eq!(alone.code, 0, "{}", alone.out);
    assert_eq!(alone.json("/findings/0/released"), true, "{}", alone.out);
    let text = redress(&["lint", arg(&path.join("delay/1.0.0"))]);
    assert!(text.out.contains("note["), "{}", text.out);
    assert!(
        text.out
            .contains(", for the next versions of what is released"),
        "{}",
        text.out
    );
    // A version that may still change is looked at, however many follow it.
    fs::remove_file(folder.path().join("LOCK")).unwrap();
    let drafts = redress(&["lint", arg(&path), "-f", "json"]);
    assert_eq!(drafts.json("/releases"), 2, "{}", drafts.out);
    assert_eq!(drafts.code, 4, "{}", drafts.out);
}

#[test]
fn facts_that_no_policy_may_read_are_not_unused() {
    let folder = copied();
    let release = folder.path().join("rail/delay/1.1.0");
    let schema = release.join("facts.schema.json");
    let text = fs::read_to_string(&schema).unwrap();
    let added = |class: &str| {
        format!(
            "\"properties\": {{\n    \"origin\": {{ \"type\": \"boolean\", \"x-class\": \"{class}\" }},"
        )
    };
    for (class, is_told) in [("forbidden", false), ("actor", false), ("gate", true)] {
        fs::write(
            &schema,
            text.replacen("\"properties\": {", &added(class), 1),
        )
        .unwrap();
        let ran = redress(&["lint", arg(&release)]);
        let unused = ran.out.contains("nothing reads the fact `origin`");
        assert_eq!(unused, is_told, "{class}: {}", ran.out);
    }
}
