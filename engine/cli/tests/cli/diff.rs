use std::fs;
use std::path::PathBuf;

use crate::run::{arg, copied, redress, redress_at, redress_in, redress_solved};

const OLD: &str = "policies/rail/delay/1.0.0";
const NEW: &str = "policies/rail/delay/1.1.0";

#[test]
fn a_difference_is_told_in_words() {
    insta::assert_snapshot!(redress(&["diff", OLD, NEW]).shown());
}

#[test]
fn a_difference_fits_a_narrow_terminal() {
    let ran = redress_at(40, &["diff", OLD, NEW, "--no-proof", "--lang", "zh"]);
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
            "--no-proof",
        ],
    );
    let folders = redress(&["diff", OLD, NEW, "-f", "json", "--no-proof"]);
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
    let markdown = redress(&["diff", OLD, NEW, "-f", "markdown", "--no-proof"]);
    assert!(
        markdown.out.starts_with("## rail/delay 1.0.0 → 1.1.0"),
        "{}",
        markdown.out
    );
}

/// The new version with another share in its table.
fn with_share(share: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = copied();
    let new = folder.path().join("rail/delay/1.1.0");
    let table = new.join("tables/shares.csv");
    let text = fs::read_to_string(&table).unwrap();
    assert!(text.contains("60..119,25"), "{text}");
    fs::write(
        &table,
        text.replace("60..119,25", &format!("60..119,{share}")),
    )
    .unwrap();
    (folder, new)
}

/// A case that chance finds needs no solver; that nobody gets less does.
#[test]
fn a_difference_says_where_two_releases_part() {
    let (_folder, new) = with_share("50");
    let ran = redress(&["diff", OLD, arg(&new), "-f", "json"]);
    assert_eq!(ran.json("/proof/answer"), "part", "{}", ran.out);
    let facts = ran.json("/proof/witness/facts").to_string();
    assert!(facts.contains("delay_minutes"), "{facts}");
    assert_ne!(
        ran.json("/proof/witness/old"),
        ran.json("/proof/witness/new")
    );
}

#[test]
fn a_difference_has_the_answer_of_the_proof() {
    let Some(solver) = std::env::var_os("SMT_SOLVER").map(PathBuf::from) else {
        eprintln!("skipped: SMT_SOLVER names no solver");
        return;
    };
    let same = redress_solved(&solver, &["diff", OLD, NEW, "-f", "json"]);
    assert_eq!(same.json("/proof/answer"), "equivalent", "{}", same.out);
    for (voucher, answer) in [("30.00 EUR", "never_less"), ("10.00 EUR", "never_more")] {
        let folder = copied();
        let new = folder.path().join("rail/delay/1.1.0");
        let script = new.join("policy.rhai");
        let text = fs::read_to_string(&script).unwrap();
        assert!(text.contains("20.00 EUR"), "{text}");
        fs::write(&script, text.replace("20.00 EUR", voucher)).unwrap();
        let ran = redress_solved(&solver, &["diff", OLD, arg(&new), "-f", "json"]);
        assert_eq!(ran.json("/proof/answer"), answer, "{}", ran.out);
    }
    // A fare below nothing is allowed by the schema, and half of it is less than a quarter.
    let (_folder, new) = with_share("50");
    let ran = redress_solved(&solver, &["diff", OLD, arg(&new), "-f", "json"]);
    assert_eq!(ran.json("/proof/answer"), "part", "{}", ran.out);
}
