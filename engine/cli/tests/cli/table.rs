use std::fs;

use crate::run::{Ran, arg, redress_in, redress_with};

const TARIFF: &str =
    "days_late;tier;percent\r\n..2;none;0\r\n3..6;level_1;10\r\n7..;level_2;25\r\n";

/// A scaffolded release and the spreadsheet beside it.
fn release(bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ran = redress_in(folder.path(), &["new", "retail/late-parcel"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    fs::write(folder.path().join("tariff.csv"), bytes).unwrap();
    folder
}

const FOLDER: &str = "policies/retail/late-parcel/0.1.0";

fn import(bytes: &[u8], more: &[&str]) -> Ran {
    let folder = release(bytes);
    let mut arguments = vec!["table", "import", FOLDER, "lateness", "tariff.csv"];
    arguments.extend(more);
    redress_in(folder.path(), &arguments)
}

#[test]
fn a_spreadsheet_becomes_a_table_on_standard_output() {
    let ran = import(TARIFF.as_bytes(), &[]);
    assert_eq!(
        ran.out,
        "days_late,tier,percent\n..2,none,0\n3..6,level_1,10\n7..,level_2,25\n"
    );
    assert_eq!(
        ran.err,
        "complete tables/lateness.csv: 3 rows, 1 of them not in the file before\n"
    );
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend_from_slice(TARIFF.as_bytes());
    assert_eq!(import(&marked, &[]).out, ran.out);
    let folder = release(b"");
    let piped = folder.path().join(FOLDER);
    let piped = redress_with(
        TARIFF.as_bytes(),
        &["table", "import", arg(&piped), "lateness", "-"],
    );
    assert_eq!(piped.out, ran.out);
}

#[test]
fn what_is_written_passes_the_check_and_a_locked_release_stays() {
    let folder = release(TARIFF.as_bytes());
    let arguments = [
        "table",
        "import",
        FOLDER,
        "lateness",
        "tariff.csv",
        "--write",
    ];
    let ran = redress_in(folder.path(), &arguments);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let file = folder.path().join(FOLDER).join("tables/lateness.csv");
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .ends_with("7..,level_2,25\n")
    );
    assert_eq!(redress_in(folder.path(), &["check", "policies"]).code, 0);
    assert_eq!(redress_in(folder.path(), &["lock", "policies"]).code, 0);
    let before = fs::read(&file).unwrap();
    let ran = redress_in(folder.path(), &arguments);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("the release is locked"), "{}", ran.err);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn gaps_and_overlaps_are_shown_as_ranges() {
    let text = "days_late,tier,percent\n0..2,none,0\n5..9,level_1,10\n8..20,level_2,20\n";
    let ran = import(text.as_bytes(), &[]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert_eq!(
        ran.err,
        "error: lines 3 and 4 both answer for days_late 8..9\n  --> tariff.csv:4\n\
         error: no row answers for days_late 3..4\n  --> tariff.csv\n\
         error: no row answers for days_late 21..365\n  --> tariff.csv\n"
    );
}

#[test]
fn gb18030_is_read_when_told_so_and_told_of_when_not() {
    // "延误" and "无" in GB18030, as a spreadsheet in China writes them.
    let mut bytes = b"days_late,tier,percent\n*,".to_vec();
    bytes.extend_from_slice(b"\xd1\xd3\xce\xf3,0\n");
    let ran = import(&bytes, &["--encoding", "gb18030"]);
    assert_eq!(ran.out, "days_late,tier,percent\n*,延误,0\n");
    let ran = import(&bytes, &[]);
    assert_eq!(ran.code, 3);
    assert_eq!(
        ran.err,
        "error: the text is not UTF-8\n  --> tariff.csv:2\n  \
         help: save it as UTF-8, or say --encoding gb18030 if it is that\n"
    );
}

#[test]
fn bad_input_is_told_and_nothing_is_written() {
    for (bytes, expected) in [
        (&b""[..], "expected the header days_late,tier,percent"),
        (b"\xff\xfe\0", "the text is not UTF-16LE"),
        (
            b"days_late,tier,percent\n..2,\"none,0\n",
            "column 3 (percent): expected an integer",
        ),
        (b"\0\0\0,\0,\0\n\0", "the column days_late is missing"),
    ] {
        let ran = import(bytes, &["--write"]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
    let long = "x".repeat(10 * 1024 * 1024);
    let ran = import(long.as_bytes(), &[]);
    assert!(
        ran.err.contains("is longer than 2097154 bytes"),
        "{}",
        ran.err
    );
    let ran = import(b"", &["--separator", "pipe"]);
    assert_eq!(ran.code, 2);
    let folder = release(b"");
    let ran = redress_in(
        folder.path(),
        &["table", "import", FOLDER, "late", "tariff.csv"],
    );
    assert!(
        ran.err.contains("declares no table \"late\"")
            && ran.err.contains("its tables are lateness"),
        "{}",
        ran.err
    );
    let ran = redress_in(
        folder.path(),
        &["table", "import", FOLDER, "lateness", "no.csv"],
    );
    assert!(ran.err.contains("no.csv") && ran.code == 3, "{}", ran.err);
}
