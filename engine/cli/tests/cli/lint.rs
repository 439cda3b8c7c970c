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
    assert!(ran.out.contains("2 releases, "), "{}", ran.out);
    let json = redress(&["lint", arg(folder.path()), "-f", "json"]);
    assert_eq!(json.code, 3, "{}", json.err);
    assert!(json.out.contains("60_minutes.toml:"), "{}", json.out);
    let sarif = redress(&["lint", arg(folder.path()), "-f", "sarif"]);
    assert!(sarif.out.contains("60_minutes.toml:"), "{}", sarif.out);
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
