//! Text in columns, where a Chinese character is two columns wide.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

/// The columns that a text takes, colour codes not counted.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.contains('\u{1b}') {
        anstream::adapter::strip_str(text).to_string().width()
    } else {
        text.width()
    }
}

/// The text without what could steer a terminal: a case, a history or a file's name may
/// hold control characters, of which only colours and line ends stay.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control() && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        let colour = rest.strip_prefix("\u{1b}[").and_then(|code| {
            let end = code.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            code.get(end..)?.strip_prefix('m')
        });
        if let Some(after) = colour {
            let length = rest.len().saturating_sub(after.len());
            out.push_str(rest.get(..length).unwrap_or_default());
            rest = after;
            continue;
        }
        out.push(match character {
            '\n' => '\n',
            '\t' => ' ',
            '\r' if after.starts_with('\n') => ' ',
            character if character.is_control() => '\u{fffd}',
            character => character,
        });
        rest = after;
    }
    Cow::Owned(out)
}

/// So many of a thing, whose plural ends in `s`: `1 release`, `1,204 cases`.
#[must_use]
pub fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(count))
}

/// The text with spaces after it, at least `to` columns wide.
#[must_use]
pub fn pad_right(text: &str, to: usize) -> String {
    let space = to.saturating_sub(width(text));
    format!("{text}{:space$}", "")
}

/// The text with spaces before it, at least `to` columns wide.
#[must_use]
pub fn pad_left(text: &str, to: usize) -> String {
    let space = to.saturating_sub(width(text));
    format!("{:space$}{text}", "")
}

/// A number with its digits in groups of three: `1,234,567`.
#[must_use]
pub fn grouped(number: impl ToString) -> String {
    let text = number.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let mut out = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The text in lines of at most `to` columns, broken at spaces and after any wide
/// character; a word longer than a line stays whole.
#[must_use]
pub fn wrap(text: &str, to: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text) {
        let wide = width(piece.trim_end());
        if used > 0 && used + wide > to {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
            used += width(piece);
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// The pieces between which a line may break, spaces at their ends.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, character) in text.char_indices() {
        let breaks = match before {
            None => false,
            Some(' ') => character != ' ',
            Some(before) => is_wide(before) && character != ' ' && !closes(character),
        };
        if breaks {
            pieces.extend(text.get(start..at));
            start = at;
        }
        before = Some(character);
    }
    pieces.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}

fn is_wide(character: char) -> bool {
    unicode_width::UnicodeWidthChar::width(character) == Some(2)
}

/// Punctuation that never starts a line.
fn closes(character: char) -> bool {
    ",.;:!?)]}、，。；：！？）】」』”’》".contains(character)
}

/// Sets rows in columns two spaces apart, each as wide as its widest cell; the last is
/// ragged. Where that is wider than `room`, each row is a paragraph.
#[must_use]
pub fn columns(rows: &[Vec<String>], indent: usize, room: usize) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| width(cell)).max().unwrap_or_default()
        })
        .collect();
    let mut lines: Vec<String> = Vec::new();
    for row in rows {
        let mut line = " ".repeat(indent);
        for (index, (cell, to)) in row.iter().zip(&widths).enumerate() {
            if index > 0 {
                line.push_str("  ");
            }
            line.push_str(&pad_right(cell, *to));
        }
        lines.push(line.trim_end().to_owned());
    }
    if lines.iter().any(|line| width(line) > room) {
        lines = rows
            .iter()
            .flat_map(|row| paragraph(row, indent, room))
            .collect();
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The cells of one row in as many lines as they need, broken inside a cell only where it
/// does not fit on a line of its own.
fn paragraph(row: &[String], indent: usize, room: usize) -> Vec<String> {
    let mut lines = vec![" ".repeat(indent)];
    let mut used = indent;
    for cell in row
        .iter()
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty())
    {
        let (further, wide) = (indent + 4, width(cell));
        if used > further && used + wide > room {
            lines.push(" ".repeat(further));
            used = further;
        }
        for (index, part) in wrap(cell, room.saturating_sub(used)).iter().enumerate() {
            if index > 0 {
                lines.push(" ".repeat(further));
                used = further;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(part);
                line.push_str("  ");
                used += width(part) + 2;
            }
        }
    }
    lines
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!(width("现金 cash"), 9);
        assert_eq!(pad_right("现金", 6), "现金  ");
        assert_eq!(pad_left("现金", 6), "  现金");
    }

    #[test]
    fn colour_takes_no_column() {
        let red = super::super::Tone::Bad.paint("现金");
        assert_eq!(width(&red), 4);
        assert!(pad_right(&red, 6).ends_with("  "));
    }

    #[test]
    fn only_colours_and_line_ends_steer_the_terminal() {
        let red = super::super::Tone::Bad.paint("现金\n");
        assert_eq!(harmless(&red), red);
        let bell = "a\u{7}b\u{1b}]0;title\u{7}\u{1b}[2Jc\u{1b}[31mred\u{9b}1m\rx\u{1b}[";
        let shown = "a\u{fffd}b\u{fffd}]0;title\u{fffd}\u{fffd}[2Jc\u{1b}[31mred\u{fffd}1m\u{fffd}x\u{fffd}[";
        assert_eq!(harmless(bell), shown);
    }

    #[test]
    fn digits_come_in_groups_of_three() {
        let check = |number: i64, expected: &str| assert_eq!(grouped(number), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(-123_456, "-123,456");
        check(1_234_567, "1,234,567");
    }

    #[test]
    fn lines_break_at_spaces_and_between_wide_characters() {
        let check = |text: &str, to, expected: &[&str]| assert_eq!(wrap(text, to), expected);
        check("one two three", 8, &["one two", "three"]);
        check("one two three", 7, &["one two", "three"]);
        check("one two three", 6, &["one", "two", "three"]);
        check(
            "incomprehensibilities it is",
            8,
            &["incomprehensibilities", "it is"],
        );
        check("代金券可以折现。", 8, &["代金券可", "以折现。"]);
        check("代金券可以折现。", 14, &["代金券可以折", "现。"]);
        check("", 8, &[""]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["现金".to_owned(), "1".to_owned()],
            vec!["voucher".to_owned(), "20".to_owned()],
        ];
        assert_eq!(columns(&rows, 2, 80), "  现金     1\n  voucher  20\n");
    }

    #[test]
    fn rows_wider_than_the_page_become_paragraphs() {
        let row = ["ok", "air/eu261 1.0.0", "", "  101 cases", "rhai"].map(str::to_owned);
        let text = columns(&[row.to_vec()], 0, 24);
        assert_eq!(text, "ok  air/eu261 1.0.0\n    101 cases  rhai\n");
        let row = ["cause", "one of operator, weather, own_fault", "merit"].map(str::to_owned);
        let text = columns(&[row.to_vec()], 0, 24);
        let expected = "cause\n    one of operator,\n    weather, own_fault\n    merit\n";
        assert_eq!(text, expected);
    }
}
