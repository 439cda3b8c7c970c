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
