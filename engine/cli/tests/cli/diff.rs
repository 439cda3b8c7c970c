use crate::run::{arg, copied, redress, redress_at, redress_in};

const OLD: &str = "policies/rail/delay/1.0.0";
const NEW: &str = "policies/rail/delay/1.1.0";

#[test]
fn a_difference_is_told_in_words() {
    insta::assert_snapshot!(redress(&["diff", OLD, NEW]).shown());
}

#[test]
fn a_difference_fits_a_narrow_terminal() {
    let ran = redress_at(40, &["diff", OLD, NEW, "--lang", "zh"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in ran.out.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 40, "{line}");
    }
}

#[test]
fn archives_are_compared_as_folders_are() {
    let folder = copied();
    for version in ["1.0.0", "1.1.0"] {
        let release = format!("rail/delay/{version}");
        let built = redress_in(folder.path(), &["release", "build", &release]);
        assert_eq!(built.code, 0, "{}", built.err);
    }
    let archives = redress_in(
        folder.path(),
        &[
            "diff",
            "rail-delay-1.0.0.tar",
            "rail-delay-1.1.0.tar",
            "-f",
            "json",
        ],
    );
    let folders = redress(&["diff", OLD, NEW, "-f", "json"]);
    assert_eq!(archives.out, folders.out, "{}", archives.err);
    assert_eq!(folders.json("/proof/answer"), "not_asked");
}

#[test]
fn what_is_no_release_is_refused() {
    let missing = redress(&["diff", OLD, "nowhere.tar"]);
    assert_eq!(missing.code, 3);
    assert!(
        missing
            .err
            .contains("an archive of `redress release build`"),
        "{}",
        missing.err
    );
    let folder = copied();
    let history = arg(folder.path()).to_owned() + "/LOCK";
    assert_eq!(redress(&["diff", OLD, &history]).code, 3);
    let markdown = redress(&["diff", OLD, NEW, "-f", "markdown"]);
    assert!(
        markdown.out.starts_with("## rail/delay 1.0.0 → 1.1.0"),
        "{}",
        markdown.out
    );
}
