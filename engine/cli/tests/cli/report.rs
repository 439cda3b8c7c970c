//! The periodic report of a ledger.

use std::fs;

use crate::chromium::{self, skipped};
use crate::run::{arg, redress};

fn decided(folder: &std::path::Path) -> String {
    let ledger = arg(&folder.join("book.db")).to_owned();
    let ann = folder.join("ann.json");
    fs::write(
        &ann,
        r#"{"id":"ann","role":"agent","assurance":"authenticated"}"#,
    )
    .unwrap();
    let ran = redress(&[
        "eval",
        "policies/rail/delay",
        "-i",
        "case.json",
        "--actor",
        arg(&ann),
        "--as-of",
        "2025-03-05T10:00:00Z",
        "--key",
        "one",
        "--ledger",
        &ledger,
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ledger
}

#[test]
fn a_deadline_that_passed_is_overdue_as_of_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = decided(folder.path());
    let report = |as_of: &str| {
        redress(&[
            "report",
            &ledger,
            "--quarter",
            "2025-Q1",
            "-f",
            "json",
            "--as-of",
            as_of,
        ])
    };
    let early = report("2025-03-05T10:00:01Z");
    assert_eq!((early.code, early.json("/total/decisions")), (0, 1.into()));
    assert_eq!(early.json("/outcomes/escalate"), 1);
    assert_eq!(early.json("/overdue"), serde_json::json!([]));
    let late = report("2025-06-05T10:00:00Z");
    assert_eq!(late.json("/overdue/0/what"), "escalation");
    assert_eq!(late.json("/overdue/0/closed_at"), serde_json::Value::Null);
    // The ledger was only read: the same bytes come again.
    assert_eq!(late.out, report("2025-06-05T10:00:00Z").out);
}

#[test]
fn a_report_is_written_as_a_page_and_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = decided(folder.path());
    let page = folder.path().join("march.html");
    let ran = redress(&["report", &ledger, "--month", "2025-03", "-o", arg(&page)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("By channel") && text.contains("按渠道"));
    let csv = redress(&["report", &ledger, "--month", "2025-03", "-f", "csv"]);
    assert!(csv.out.starts_with("section,key,decisions,currency,"));
    assert!(csv.out.contains("\r\nrole,agent,1,"), "{}", csv.out);
}

/// The page at two widths, light and dark, as it was.
#[test]
fn the_page_of_a_report_looks_as_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = decided(folder.path());
    let page = folder.path().join("march.html");
    let mut report = vec!["report", &ledger, "--month", "2025-03", "-o", arg(&page)];
    report.extend(["--as-of", "2025-06-05T10:00:00Z"]);
    assert_eq!(redress(&report).code, 0);
    // The ledger stands in a folder that has another name each time.
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replace(&ledger, "book.db")).unwrap();
    let address = format!("file://{}", page.display());
    for (name, size) in [("report-1280", "1280,2400"), ("report-500", "500,2400")] {
        if chromium::looks_as_kept(folder.path(), name, size, &address).is_none() {
            return skipped("the_page_of_a_report_looks_as_it_did");
        }
    }
}

#[test]
fn a_report_without_a_period_or_a_ledger_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = arg(&folder.path().join("none.db")).to_owned();
    assert_eq!(redress(&["report", &ledger]).code, 2);
    assert_eq!(redress(&["report", &ledger, "--month", "2025-13"]).code, 2);
    assert_eq!(redress(&["report", &ledger, "--month", "2025-03"]).code, 3);
    let bad = redress(&["report", &ledger, "--month", "2025-03", "--offset", "8"]);
    assert_eq!(bad.code, 2);
}
