use std::path::Path;

use super::{SHEET_BYTES_MAX, Separator, Sheet};
use crate::folder::SourceFolder;
use crate::tests::Bench;

/// Reads a spreadsheet for the scaffold's table of `days_late` to `tier` and `percent`.
fn read(bench: &Bench, text: &str, separator: Separator) -> Result<Sheet, String> {
    let folder = SourceFolder::open(&bench.path("")).unwrap();
    let sheet = folder.sheet("lateness", Path::new("tariff.csv"), text, separator);
    sheet.map_err(|errors| errors.to_string())
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let sheet = read(&Bench::new(), text, Separator::Guess).unwrap();
    assert_eq!(sheet.csv, expected);
    assert_eq!(sheet.file, "tables/lateness.csv");
    assert_eq!(sheet.rows, expected.lines().count() - 1);
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = read(&Bench::new(), text, Separator::Guess).unwrap_err();
    assert_eq!(error, expected);
}

const PLAIN: &str = "days_late,tier,percent\n..2,none,0\n3..6,level_1,10\n7..,level_2,20\n";

#[test]
fn a_table_comes_in_however_a_spreadsheet_wrote_it() {
    check(PLAIN, PLAIN);
    check(&format!("\u{feff}{}", PLAIN.replace('\n', "\r\n")), PLAIN);
    check(&PLAIN.replace(',', ";"), PLAIN);
    check(&PLAIN.replace(',', "\t"), PLAIN);
    check(&format!("sep=;\r\n{}", PLAIN.replace(',', ";")), PLAIN);
    // Columns in another order, names as people write them, empty rows and cells.
    check(
        "Percent,Tier,Days late,\n0,none,..2,\n\n10.0,level_1, 3 .. 6 ,\n,,,\n20,level_2,7..,\n",
        PLAIN,
    );
    // A range in two columns, with open ends.
    check(
        "days_late_from,days_late_to,tier,percent\n,2,none,0\n3,6,level_1,10\n7,,level_2,20\n",
        PLAIN,
    );
    check(
        "days_late_from,days_late_to,tier,percent\n,,\"a, b\",0\n",
        "days_late,tier,percent\n*,\"a, b\",0\n",
    );
    check(
        "days_late_from,days_late_to,tier,percent\n0,0,none,0\n1,365,\"say \"\"x\"\"\",1\n",
        "days_late,tier,percent\n0,none,0\n1..365,\"say \"\"x\"\"\",1\n",
    );
}

#[test]
fn cells_of_every_type_come_in() {
    let bench = Bench::new();
    bench
        .edit(
            "release.toml",
            "\"days_late: int 0..365\"",
            "\"on: date 2026-01-01..2026-12-31\", \"vip: bool\"",
        )
        .edit(
            "release.toml",
            "\"tier: text\", \"percent: int\"",
            "\"sum: money EUR\", \"last: bool\"",
        );
    let text = "on;vip;sum;last\n\
                ..2026/6/30;*;250,00;TRUE\n\
                2026/7/1..;是;100;No\n\
                2026-7-1..;false;0,50 EUR;否\n";
    assert_eq!(
        read(&bench, text, Separator::Guess).unwrap().csv,
        "on,vip,sum,last\n\
         ..2026-06-30,*,250.00 EUR,true\n\
         2026-07-01..,true,100 EUR,false\n\
         2026-07-01..,false,0.50 EUR,false\n"
    );
    // A date that does not begin with its year could be read in two ways.
    let error = read(
        &bench,
        &text.replace("2026/7/1..", "1/7/2026.."),
        Separator::Guess,
    );
    assert_eq!(
        error.unwrap_err(),
        "tariff.csv:3: column 1 (on): expected a date from 2026-01-01 to 2026-12-31, found \
         \"1/7/2026..\""
    );
    // So could a sum with both signs.
    let error = read(
        &bench,
        &text.replace("250,00", "1.250,00"),
        Separator::Guess,
    );
    assert!(
        error
            .unwrap_err()
            .starts_with("tariff.csv:2: column 3 (sum): ")
    );
}

#[test]
fn every_gap_and_overlap_is_told_as_its_range() {
    refused(
        "days_late,tier,percent\n1..2,none,0\n5..10,level_1,10\n8..20,level_2,20\n30..300,x,1\n",
        "tariff.csv:4: lines 3 and 4 both answer for days_late 8..10\n\
         tariff.csv: no row answers for days_late 0\n\
         tariff.csv: no row answers for days_late 3..4\n\
         tariff.csv: no row answers for days_late 21..29\n\
         tariff.csv: no row answers for days_late 301..365",
    );
    refused(
        "days_late,tier,percent\n",
        "tariff.csv: no row answers for days_late *",
    );
    let bench = Bench::new();
    bench.edit("release.toml", "\"unique\"", "\"first\"");
    let error = read(
        &bench,
        "days_late,tier,percent\n*,none,0\n3..6,level_1,10\n",
        Separator::Guess,
    );
    assert_eq!(
        error.unwrap_err(),
        "tariff.csv:3: this row is never reached: earlier rows answer for everything it matches"
    );
}

#[test]
fn gaps_in_two_dimensions_are_blocks() {
    let bench = Bench::new();
    bench.edit(
        "release.toml",
        "\"days_late: int 0..365\"",
        "\"days_late: int 0..365\", \"cause: enum carrier|own|weather\"",
    );
    let text =
        "days_late,cause,tier,percent\n..9,carrier|weather,none,0\n5..9,*,none,0\n20..,*,x,1\n";
    assert_eq!(
        read(&bench, text, Separator::Guess).unwrap_err(),
        "tariff.csv:3: lines 2 and 3 both answer for days_late 5..9, cause carrier|weather\n\
         tariff.csv: no row answers for days_late 0..4, cause own\n\
         tariff.csv: no row answers for days_late 10..19, cause *"
    );
}

#[test]
fn what_does_not_fit_is_told_with_line_and_column() {
    refused(
        "days_late,tier,percent\n..2,none,0,9\n,none,0\n3..,level_1,1.5\nx..4..5,a,1\n",
        "tariff.csv:2: expected 3 cells, found 4\n\
         tariff.csv:3: column 1 (days_late): an input is empty; write * for every value\n\
         tariff.csv:4: column 3 (percent): expected an integer from -9223372036854775808 to \
         9223372036854775807, found \"1.5\"\n\
         tariff.csv:5: column 1 (days_late): expected an integer from 0 to 365, found \
         \"x..4..5\"",
    );
    refused(
        "days_late_from,days_late_to,tier,percent\n1..2,3,none,0\n",
        "tariff.csv:2: column 1 (days_late): a start or an end of a range is one value",
    );
    // Line numbers count from the top of the file, whatever stands there.
    refused(
        "sep=;\n\ndays_late;tier;percent\n\nx;none;0\n",
        "tariff.csv:5: column 1 (days_late): expected an integer from 0 to 365, found \"x\"",
    );
}

#[test]
fn a_header_that_does_not_fit_is_told_column_by_column() {
    let all = "\n  help: the manifest declares days_late,tier,percent";
    refused(
        "days_lat,tier,percent,percent\n",
        &format!(
            "tariff.csv:1: the column days_late is missing{all}\n\
             tariff.csv:1: columns 3 and 4 are both named percent{all}\n\
             tariff.csv:1: column 1 (days_lat) is not a column of the table\n  \
             help: did you mean `days_late`?"
        ),
    );
    refused(
        "days_late_from,tier,percent\n",
        &format!(
            "tariff.csv:1: days_late_from and days_late_to go together, and one of them is \
             missing{all}\n\
             tariff.csv:1: column 1 (days_late_from) is not a column of the table{all}"
        ),
    );
    refused("", "tariff.csv: expected the header days_late,tier,percent");
    refused(
        "\n\n;;\n",
        "tariff.csv: expected the header days_late,tier,percent",
    );
}

#[test]
fn a_table_that_is_not_declared_and_a_huge_sheet_are_refused() {
    let bench = Bench::new();
    let folder = SourceFolder::open(&bench.path("")).unwrap();
    let sheet = |table: &str, text: &str| {
        let sheet = folder.sheet(table, Path::new("t.csv"), text, Separator::Comma);
        sheet.unwrap_err().to_string()
    };
    let error = sheet("late", PLAIN);
    assert!(
        error
            .ends_with("release.toml: declares no table \"late\"\n  help: its tables are lateness"),
        "{error}"
    );
    let huge = "x".repeat(SHEET_BYTES_MAX + 1);
    assert_eq!(
        sheet("lateness", &huge),
        "t.csv: has 1048577 bytes, at most 1048576 are read"
    );
}
