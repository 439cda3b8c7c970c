use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::run::{arg, fixtures, redress, redress_at, redress_with};

const POLICY: &str = "policies/rail/delay";

fn backtest(more: &[&str]) -> crate::run::Ran {
    let mut arguments = vec![
        "backtest",
        POLICY,
        "journeys.csv",
        "--set",
        "cause=operator",
    ];
    arguments.extend_from_slice(more);
    redress(&arguments)
}

#[test]
fn a_summary_ends_in_a_chart() {
    insta::assert_snapshot!(backtest(&[]).shown());
}

#[test]
fn a_summary_fits_a_narrow_terminal() {
    let arguments = [
        "backtest",
        POLICY,
        "journeys.csv",
        "--set",
        "cause=operator",
    ];
    let ran = redress_at(40, &arguments);
    for line in ran.out.lines() {
        assert!(
            unicode_width::UnicodeWidthStr::width(line) <= 40,
            "{line:?}"
        );
    }
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn json_has_the_same_content() {
    let mut json: serde_json::Value = serde_json::from_str(&backtest(&["-f", "json"]).out).unwrap();
    json["execution"] = serde_json::Value::Null;
    for release in json["releases"].as_array_mut().unwrap() {
        release["digest"] = serde_json::Value::Null;
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn csv_has_one_line_per_case() {
    insta::assert_snapshot!(backtest(&["-f", "csv"]).out);
}

#[test]
fn the_output_does_not_depend_on_the_threads() {
    // Long notes make several blocks out of few rows.
    let note = "n".repeat(400);
    let mut history = String::from("journey,day,from,to,fare,delay_minutes,note\n");
    for number in 0..6_000 {
        let (month, delay) = (1 + number % 12, number % 300);
        let place = number * 7 % 40;
        history.push_str(&format!(
            "j-{number},2025-{month:02}-15,A{place},B,{}.00 EUR,{delay},{note}\n",
            1 + number % 90
        ));
        if number % 500 == 0 {
            history.push_str("broken\n");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.csv");
    fs::write(&path, history).unwrap();
    let run = |threads: &str, format: &str| {
        redress(&[
            "backtest",
            POLICY,
            arg(&path),
            "--set",
            "cause=weather",
            "--threads",
            threads,
            "-f",
            format,
        ])
    };
    let lines = run("1", "csv");
    assert_eq!(lines.out.lines().count(), 6_001);
    assert_eq!(
        lines
            .err
            .lines()
            .filter(|line| line.contains("expected 7 cells"))
            .count(),
        12
    );
    let sums = |threads: &str| {
        let mut json: serde_json::Value = serde_json::from_str(&run(threads, "json").out).unwrap();
        json["execution"] = serde_json::Value::Null;
        json.to_string()
    };
    let one = sums("1");
    for threads in ["2", "5"] {
        assert!(run(threads, "csv").out == lines.out, "{threads} threads");
        assert_eq!(run(threads, "csv").err, lines.err);
        assert_eq!(sums(threads), one, "{threads} threads");
    }
}

#[test]
fn gzip_and_json_lines_give_the_same_sums() {
    let plain = backtest(&["-f", "csv"]).out;
    let text = fs::read(fixtures().join("journeys.csv")).unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&text).unwrap();
    let gzipped = encoder.finish().unwrap();
    let arguments = [
        "backtest",
        POLICY,
        "-",
        "--set",
        "cause=operator",
        "-f",
        "csv",
    ];
    assert_eq!(redress_with(&gzipped, &arguments).out, plain);
    let json = r#"{"journey":"j-2","day":"2025-01-04","from":"Paris","to":"Lyon","fare":"100.00 EUR","delay_minutes":60}"#;
    let ran = redress_with(format!("{json}\n").as_bytes(), &arguments);
    let expected: Vec<&str> = plain
        .lines()
        .filter(|line| line.starts_with("j-2,"))
        .collect();
    assert_eq!(ran.out.lines().skip(1).collect::<Vec<_>>(), expected);
}

#[test]
fn a_limit_decides_the_first_cases_only() {
    assert_eq!(
        backtest(&["-f", "json", "--limit", "3"]).json("/cases/read"),
        3
    );
    for nothing in ["0", "-1"] {
        let ran = backtest(&["--limit", nothing]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        assert!(ran.err.contains("for '--limit <N>'"), "{}", ran.err);
    }
}

#[test]
fn a_gzip_file_that_ends_in_the_middle_adds_nothing_up() {
    let mut text = String::from("journey,day,from,to,fare,delay_minutes\n");
    for number in 0..50_000 {
        text.push_str(&format!("j-{number},2025-01-15,A,B,10.00 EUR,{number}\n"));
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    let cut = &whole[..whole.len() / 2];
    let arguments = ["backtest", POLICY, "-", "--set", "cause=operator"];
    let ran = redress_with(cut, &arguments);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    for part in ["cannot read standard input past line", "ends in the middle"] {
        assert!(ran.err.contains(part), "{}", ran.err);
    }
}

#[test]
fn a_history_cannot_steer_the_terminal() {
    let text = "journey,day,from,to,fare,delay_minutes\n\
                j,2025-01-15,\u{1b}[2J\u{7}A,B,10.00 EUR,90\n";
    let arguments = ["backtest", POLICY, "-", "--set", "cause=operator"];
    let ran = redress_with(text.as_bytes(), &arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!ran.out.contains(control), "{:?}", ran.out);
    assert!(ran.out.contains("A-B"), "{}", ran.out);
}

#[test]
fn a_history_that_does_not_fit_is_refused() {
    let check = |text: &str, more: &[&str], code: i32, message: &str| {
        let mut arguments = vec!["backtest", POLICY, "-"];
        arguments.extend_from_slice(more);
        let ran = redress_with(text.as_bytes(), &arguments);
        assert_eq!(ran.code, code, "{}", ran.err);
        assert!(ran.err.contains(message), "{}", ran.err);
        assert_eq!(ran.out, "");
    };
    let good = "journey,day,from,to,fare\nj,2025-01-01,a,b,1.00 EUR\n";
    check("", &[], 3, "is empty");
    check(
        "journey,from,to\n",
        &[],
        3,
        "no column \"day\", which [history] of rail/delay 1.1.0 names as the incident date",
    );
    check(
        "journey,day,from,to\nj,2025-01-01,a,b\n",
        &[],
        3,
        "none of the 1 rows could be decided",
    );
    check(
        good,
        &["--set", "cause"],
        2,
        "--set cause: expected FACT=VALUE",
    );
    check(
        good,
        &["--set", "couse=weather"],
        2,
        "did you mean \"cause\"?",
    );
    check(
        good,
        &["--set", "cause=god"],
        2,
        "--set cause: expected one of operator, weather, passenger, found \"god\"",
    );
    check(
        good,
        &["--set", "fare=2.00 EUR"],
        2,
        "has a column of that name",
    );
    check(good, &["--threads", "0"], 2, "--threads");
}

/// A column that is a fact and of a type that no fact has is refused by its name.
#[test]
fn a_parquet_column_of_another_type_is_refused_by_name() {
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journeys.parquet");
    let schema = "message m { required binary journey (UTF8); required int32 day (DATE); required double fare; }";
    let schema = parse_message_type(schema).unwrap().into();
    let file = fs::File::create(&path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, std::sync::Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let ids = [ByteArray::from("j-1")];
    column
        .typed::<ByteArrayType>()
        .write_batch(&ids, None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int32Type>()
        .write_batch(&[20_148], None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<DoubleType>()
        .write_batch(&[60.0], None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let ran = redress(&["backtest", POLICY, arg(&path)]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{}", ran.err);
    assert!(ran.err.contains("\"fare\" is DOUBLE"), "{}", ran.err);
}
