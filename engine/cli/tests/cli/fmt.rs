use std::fs;

use crate::run::{arg, copied, redress, redress_with};

#[test]
fn a_draft_is_formatted_and_what_is_released_is_left_alone() {
    let folder = copied();
    let draft = folder.path().join("rail/delay/1.1.0/policy.rhai");
    let released = folder.path().join("rail/delay/1.0.0/release.toml");
    let before = fs::read_to_string(&draft).unwrap();
    fs::write(&draft, before.replace('\n', "\r\n   ")).unwrap();
    let untidy = fs::read_to_string(&released).unwrap();

    let ran = redress(&["fmt", "--check", arg(folder.path())]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (4, format!("{}\n", draft.display()).as_str())
    );
    assert!(ran.err.contains("1 file would change"), "{}", ran.err);
    let ran = redress(&["fmt", arg(folder.path())]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("1 released and left alone"), "{}", ran.err);
    let after = fs::read_to_string(&draft).unwrap();
    assert!(
        !after.contains('\r') && after.contains("fn remedy(facts) {\n    if"),
        "{after}"
    );
    assert_eq!(redress(&["fmt", "--check", arg(folder.path())]).code, 0);

    let ran = redress(&["fmt", arg(&released)]);
    assert!(
        ran.err
            .contains("is released, so its files stay as they are"),
        "{}",
        ran.err
    );
    assert_eq!(fs::read_to_string(&released).unwrap(), untidy);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_formatted() {
    let folder = copied();
    let draft = folder.path().join("rail/delay/1.1.0");
    fs::write(
        draft.join("policy.rhai"),
        "fn remedy(facts) {\n  let = 1;\n}\n",
    )
    .unwrap();
    let messages = draft.join("messages/en.toml");
    let text = fs::read_to_string(&messages).unwrap();
    fs::write(&messages, format!("\u{feff}{text}\n\n\n")).unwrap();
    let ran = redress(&["fmt", arg(folder.path())]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("policy.rhai:2\n"), "{}", ran.err);
    assert_eq!(fs::read_to_string(&messages).unwrap(), text);
    fs::write(draft.join("policy.rhai"), b"// \xff\n").unwrap();
    let ran = redress(&["fmt", arg(&draft.join("policy.rhai"))]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("the text is not UTF-8"), "{}", ran.err);
    let ran = redress(&["fmt", arg(&draft.join("README.md"))]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn standard_input_comes_out_formatted() {
    let ran = redress_with(b"a=1\n", &["fmt", "-", "--language", "toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "a = 1\n"));
    let ran = redress_with(b"fn f(){}\n", &["fmt", "-", "--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (4, ""));
}

#[test]
fn a_path_that_does_not_exist_is_told_so() {
    let ran = redress(&["fmt", "nowhere"]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.err.contains("nowhere does not exist"), "{}", ran.err);
}
