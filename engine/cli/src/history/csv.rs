//! Comma-separated values as RFC 4180 writes them, and no looser: a quote inside an
//! unquoted cell or text after a closing quote breaks the row instead of being guessed at.

use std::ops::Range;

use memchr::{memchr, memchr_iter};

use super::RECORD_BYTES_MAX;

/// Where the record at the start of a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    /// After so many bytes, its line end included.
    Whole(usize),
    /// It breaks the rules of quoting; its first line ends after so many bytes.
    Broken(usize),
    /// The text ends before the record does.
    Open,
}

/// Finds the end of the record at the start of `text`; `last` says that nothing follows it.
pub(super) fn record(text: &[u8], last: bool) -> Record {
    let line = match memchr(b'\n', text) {
        Some(end) => end + 1,
        None if last && !text.is_empty() => text.len(),
        None => return Record::Open,
    };
    if memchr(b'"', text.get(..line).unwrap_or_default()).is_none() {
        return Record::Whole(line);
    }
    // A stray quote must not swallow the rest of the file, however the file was cut.
    let window = text.get(..RECORD_BYTES_MAX);
    match (quoted(window.unwrap_or(text)), window) {
        (Quoted::Ends(end), _) => Record::Whole(end),
        (Quoted::Breach, _) | (_, Some(_)) => Record::Broken(line),
        (Quoted::Outside | Quoted::Inside, None) if !last => Record::Open,
        (Quoted::Outside, None) => Record::Whole(text.len()),
        (Quoted::Inside, None) => Record::Broken(line),
    }
}

/// How far the rules of quoting lead.
enum Quoted {
    /// To the record's end, after so many bytes.
    Ends(usize),
    /// To text that breaks them.
    Breach,
    /// To the end of the text, after a cell.
    Outside,
    /// To the end of the text, between quotes.
    Inside,
}

fn quoted(text: &[u8]) -> Quoted {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        if rest.first() == Some(&b'"') {
            match closing(rest) {
                Some(end) => at += end,
                None => return Quoted::Inside,
            }
        } else {
            let end = rest.iter().position(|byte| b",\n\"".contains(byte));
            at += end.unwrap_or(rest.len());
        }
        match text.get(at..).unwrap_or_default() {
            [b',', ..] => at += 1,
            [b'\n', ..] => return Quoted::Ends(at + 1),
            [b'\r', b'\n', ..] => return Quoted::Ends(at + 2),
            [] | [b'\r'] => return Quoted::Outside,
            _ => return Quoted::Breach,
        }
    }
}

/// The bytes from an opening quote to after its closing one.
fn closing(text: &[u8]) -> Option<usize> {
    let mut quotes = memchr_iter(b'"', text).skip(1);
    loop {
        let at = quotes.next()?;
        match text.get(at + 1) {
            Some(b'"') => quotes.next()?,
            _ => return Some(at + 1),
        };
    }
}

/// The cells of one whole record, each with its place in the row; `with` gets where in the
/// record their text is, without quotes.
///
/// Returns how many cells there are.
pub(super) fn cells(record: &str, mut with: impl FnMut(usize, Cell)) -> usize {
    let record = record.strip_suffix('\n').unwrap_or(record);
    let record = record.strip_suffix('\r').unwrap_or(record);
    let bytes = record.as_bytes();
    let (mut start, mut count) = (0, 0);
    if memchr(b'"', bytes).is_none() {
        // Byte by byte, since most cells are shorter than what a search begins with.
        for (end, byte) in bytes.iter().enumerate() {
            if *byte == b',' {
                with(count, Cell::Plain(start..end));
                (start, count) = (end + 1, count + 1);
            }
        }
        with(count, Cell::Plain(start..bytes.len()));
        return count + 1;
    }
    loop {
        let rest = bytes.get(start..).unwrap_or_default();
        let quoted = if rest.first() == Some(&b'"') {
            closing(rest)
        } else {
            None
        };
        let end = match quoted {
            Some(end) => start + end,
            None => start + memchr(b',', rest).unwrap_or(rest.len()),
        };
        let cell = match quoted {
            Some(_) => Cell::Quoted(start + 1..end - 1),
            None => Cell::Plain(start..end),
        };
        with(count, cell);
        count += 1;
        if bytes.get(end) != Some(&b',') {
            return count;
        }
        start = end + 1;
    }
}

/// Where the text of a cell is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// As it stands.
    Plain(Range<usize>),
    /// Between quotes; a quote inside is still written twice.
    Quoted(Range<usize>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(record: &str, expected: &[&str]) {
        let mut found = Vec::new();
        assert_eq!(
            super::record(record.as_bytes(), true),
            Record::Whole(record.len())
        );
        let count = cells(record, |index, cell| {
            assert_eq!(index, found.len());
            found.push(match cell {
                Cell::Plain(at) => record[at].to_owned(),
                Cell::Quoted(at) => record[at].replace("\"\"", "\""),
            });
        });
        assert_eq!(count, found.len());
        assert_eq!(found, expected, "{record:?}");
    }

    #[test]
    fn cells_are_read_as_rfc_4180_writes_them() {
        check("a,b,c\n", &["a", "b", "c"]);
        check("a,b,c\r\n", &["a", "b", "c"]);
        check("a,b,c", &["a", "b", "c"]);
        check("a,,\n", &["a", "", ""]);
        check(",\n", &["", ""]);
        check("\"a\",b\n", &["a", "b"]);
        check("\"a,b\",c\r\n", &["a,b", "c"]);
        check("\"a\nb\",\"\"\n", &["a\nb", ""]);
        check("\"say \"\"hi\"\"\",\"\"\"\"", &["say \"hi\"", "\""]);
        check("上海,\"北,京\"\n", &["上海", "北,京"]);
    }

    #[test]
    fn a_record_that_breaks_the_rules_ends_with_its_line() {
        let check = |text: &str, expected| {
            assert_eq!(record(text.as_bytes(), true), expected, "{text:?}");
        };
        check("a,5\" pipe\nb,c\n", Record::Broken(10));
        check("\"a\"b,c\nd\n", Record::Broken(7));
        check("\"never closed,\nb,c\n", Record::Broken(15));
        check("\"never closed", Record::Broken(13));
    }

    #[test]
    fn a_record_waits_for_its_end() {
        let check =
            |text: &str| assert_eq!(record(text.as_bytes(), false), Record::Open, "{text:?}");
        check("");
        check("a,b");
        check("\"a\nb");
        check("\"a\n\"");
        check("\"a\"\r");
        let long = format!("\"a\n{}", "x".repeat(RECORD_BYTES_MAX));
        assert_eq!(record(long.as_bytes(), false), Record::Broken(3));
    }
}
