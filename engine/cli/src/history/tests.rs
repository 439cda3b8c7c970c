use std::ffi::OsString;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn opened(text: impl Into<Vec<u8>>) -> Result<History, HistoryError> {
    let source = Cursor::new(text.into());
    from_reader(source, "history", Progress::default())
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Each row as `line: id|delay`, each bad row as `line! problem`.
fn rows_of(mut history: History, limit: Option<u64>) -> Vec<String> {
    let names = ["id", "reroute.delay"].map(str::to_owned);
    let wanted = Wanted::new(names.to_vec(), &history.header, history.format);
    let cell = |row: &Row, name: &str| {
        let place = wanted.place(name);
        place
            .map(|place| row.get(place).to_owned())
            .unwrap_or_default()
    };
    history.blocks.limit(limit);
    let (mut block, mut row, mut out) = (Block::default(), Row::default(), Vec::new());
    while history.blocks.next_into(&mut block).unwrap() {
        let mut rows = Rows::new(&block, &wanted);
        while let Some(read) = rows.next_into(&mut row) {
            out.push(match read {
                Ok(line) => format!(
                    "{line}: {}|{}",
                    cell(&row, "id"),
                    cell(&row, "reroute.delay")
                ),
                Err(bad) => format!("{}! {}", bad.line, bad.problem),
            });
        }
    }
    out
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(rows_of(opened(text).unwrap(), None), expected, "{text:?}");
    assert_eq!(
        rows_of(opened(gzipped(text)).unwrap(), None),
        expected,
        "gzip of {text:?}"
    );
}

#[track_caller]
fn check_error(text: impl Into<Vec<u8>>, code: &str, message: &str) {
    let error = opened(text).err().expect("an error");
    assert_eq!(error.code(), code);
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn columns_are_found_by_name() {
    check(
        "other,reroute.delay,id\nx,5,a\ny,,b\n",
        &["2: a|5", "3: b|"],
    );
    check("id,other\na,x\n", &["2: a|"]);
}

#[test]
fn byte_order_marks_and_windows_lines_are_read() {
    check(
        "\u{feff}id,reroute.delay\r\na,5\r\n\r\nb,6",
        &["2: a|5", "4: b|6"],
    );
    check("\u{feff}{\"id\":\"a\"}\r\n", &["1: a|"]);
}

#[test]
fn quoted_cells_may_hold_anything() {
    check(
        "id,reroute.delay\n\"a\nb\",5\n\"c,\"\"d\"\"\",\"6\"\n",
        &["2: a\nb|5", "4: c,\"d\"|6"],
    );
}

#[test]
fn broken_rows_are_told_with_their_line_and_end_with_it() {
    check(
        "id,reroute.delay\na\nb,1,2\nc,5\" pipe\n\"d,7\ne,8\n",
        &[
            "2! expected 2 cells, found 1",
            "3! expected 2 cells, found 3",
            "4! its quotes do not match",
            "5! its quotes do not match",
            "6: e|8",
        ],
    );
}

#[test]
fn text_that_is_not_utf_8_breaks_its_row_only() {
    let history = opened(b"id,reroute.delay\n\xb9\xfa,1\nb,2\n".to_vec()).unwrap();
    assert_eq!(rows_of(history, None), ["2! expected UTF-8 text", "3: b|2"]);
}

#[test]
fn json_lines_hold_scalars_and_one_level_of_groups() {
    check(
        "{\"id\":\"a\",\"reroute\":{\"delay\":-5,\"x\":[]},\"y\":[{}]}\n{\"reroute.delay\":true,\"id\":7}\n",
        &["1: a|-5", "2: 7|true"],
    );
    check(
        "{\"id\":\"a\",\"id\":\"b\"}\n{\"id\":\n{\"id\":[1]}\n{\"reroute\":{\"delay\":{}}}\n{\"id\":1.0}\n{} {}\n",
        &[
            "1! expected a JSON object: member \"id\" is there twice",
            "2! expected a JSON object: EOF while parsing a value",
            "3! expected a JSON object: invalid type: sequence, expected a scalar for \"id\"",
            "4! expected a JSON object: groups are one level deep",
            "5: 1.0|",
            "6! expected a JSON object: trailing characters",
        ],
    );
}

#[test]
fn a_history_without_a_usable_header_is_refused() {
    check_error("", "history_empty", "history is empty");
    check_error(" \n\n", "history_empty", "history is empty");
    check_error("\u{feff}", "history_empty", "history is empty");
    check_error(
        "id;delay\na;1\n",
        "history_header",
        "separated by ';', expected ','",
    );
    check_error("id,id\n", "history_header", "\"id\" is there twice");
    check_error("id,\"x\n", "history_header", "quotes do not match");
    check_error(b"\xff\xfei\0d\0".to_vec(), "history_encoding", "not UTF-8");
    check_error(b"\xb9\xfa,id\n".to_vec(), "history_encoding", "not UTF-8");
    let missing = open(&OsString::from("no/such/file").into(), "air/eu261")
        .err()
        .unwrap();
    assert_eq!(missing.code(), "history_open");
}

#[test]
fn a_cut_gzip_file_is_an_error_and_not_a_short_history() {
    let mut bytes = gzipped(&format!("id\n{}", "a\n".repeat(200_000)));
    bytes.truncate(bytes.len() - 20);
    let result = opened(bytes);
    let failed = match result {
        Err(error) => error.code() == "history_read",
        Ok(mut history) => loop {
            match history.blocks.next_into(&mut Block::default()) {
                Ok(true) => {}
                Ok(false) => break false,
                Err(_) => break true,
            }
        },
    };
    assert!(failed);
}

#[test]
fn a_limit_counts_rows_and_not_lines() {
    let text = "id,reroute.delay\n\na,1\n\"b\nb\",2\nc\nd,4\n";
    let check = |limit, expected: &[&str]| {
        assert_eq!(rows_of(opened(text).unwrap(), Some(limit)), expected);
    };
    check(0, &[]);
    check(1, &["3: a|1"]);
    check(2, &["3: a|1", "4: b\nb|2"]);
    check(3, &["3: a|1", "4: b\nb|2", "6! expected 2 cells, found 1"]);
    check(
        9,
        &[
            "3: a|1",
            "4: b\nb|2",
            "6! expected 2 cells, found 1",
            "7: d|4",
        ],
    );
}

#[test]
fn blocks_hold_whole_records_whatever_their_size() {
    for quote in ["", "\""] {
        let count = 3 * BLOCK_BYTES / 24;
        let mut text = String::from("id,reroute.delay\n");
        for number in 0..count {
            text.push_str(&format!(
                "{quote}row {number:09}{quote},{}\n",
                number % 1000
            ));
        }
        let rows = rows_of(opened(text).unwrap(), None);
        assert_eq!(rows.len(), count);
        for (number, row) in rows.iter().enumerate() {
            let expected = format!("{}: row {number:09}|{}", number + 2, number % 1000);
            assert_eq!(*row, expected);
        }
    }
}

#[test]
fn a_stray_quote_costs_one_row_even_in_a_large_file() {
    let mut text = String::from("id,reroute.delay\n\"stray,1\n");
    text.push_str(&"a,1\n".repeat(BLOCK_BYTES / 2));
    let rows = rows_of(opened(text).unwrap(), None);
    assert_eq!(rows[0], "2! its quotes do not match");
    assert_eq!(rows.len(), BLOCK_BYTES / 2 + 1);
    assert!(rows[1..].iter().all(|row| row.ends_with(": a|1")));
}

#[test]
fn a_line_without_end_is_refused_and_a_long_one_is_a_bad_row() {
    let long = format!(
        "id,reroute.delay\n{},1\nb,2\n",
        "x".repeat(RECORD_BYTES_MAX)
    );
    let rows = rows_of(opened(long).unwrap(), None);
    assert_eq!(rows[0], "2! expected at most 65536 bytes, found 65539");
    assert_eq!(rows[1], "3: b|2");
    let endless = format!("id\n{}\n", "x".repeat(3 * 1024 * 1024));
    let mut history = opened(endless).unwrap();
    let error = history.blocks.next_into(&mut Block::default()).unwrap_err();
    assert!(
        error.to_string().contains("a line is longer than"),
        "{error}"
    );
}
