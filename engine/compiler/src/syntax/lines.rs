//! Offsets to lines and columns.

use redress_model::fault::Position;
use rowan::{TextRange, TextSize};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Where each line of a source starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    text: Box<str>,
    starts: Box<[usize]>,
}

impl Lines {
    /// Finds the lines of a source.
    #[must_use]
    pub fn new(source: &str) -> Self {
        let after = source.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text: source.into(),
            starts: std::iter::once(0).chain(after).collect(),
        }
    }

    /// The source.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and the column, in characters, of an offset, as the interpreter counts
    /// them: both from 1, a byte-order mark not counted.
    #[must_use]
    pub fn position(&self, offset: TextSize) -> Position {
        let offset = usize::from(offset).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at));
        let before = self.text.get(start.copied().unwrap_or(0)..offset);
        let before = before.unwrap_or_default().trim_start_matches('\u{feff}');
        let column = before.chars().count();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).map_or(u32::MAX, |column| column.saturating_add(1)),
        }
    }

    /// The offset of a position; the end of the line for a column past it, `None` for a
    /// line that does not exist.
    #[must_use]
    pub fn offset(&self, position: Position) -> Option<TextSize> {
        let line = usize::try_from(position.line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(line)?;
        let text = self.line(position.line)?;
        let mark = if start == 0 && self.text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let skipped = usize::try_from(position.column).ok()?.checked_sub(1)?;
        let within = text
            .char_indices()
            .nth(skipped)
            .map_or(text.len(), |(at, _)| at);
        TextSize::try_from(start + mark + within).ok()
    }

    /// The text of a line, counted from 1, without its end and without a byte-order mark.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&str> {
        let at = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(at)?;
        let end = self.starts.get(at + 1).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end)?;
        Some(
            text.trim_end_matches(['\n', '\r'])
                .trim_start_matches('\u{feff}'),
        )
    }

    /// The line of a place with the place underlined; of one that goes on over lines, the
    /// rest of its first. An underline counts the columns of a terminal, two for each wide
    /// character; of a line that is too long for one, the part around the place is shown.
    #[must_use]
    pub fn excerpt(&self, at: TextRange) -> String {
        let (start, end) = (self.position(at.start()), self.position(at.end()));
        let line = self.line(start.line).unwrap_or_default();
        let number = start.line.to_string();
        let gutter = " ".repeat(number.len());
        let column = |column: u32| usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        let skip = column(start.column);
        let until = match end.line == start.line {
            true => column(end.column),
            false => usize::MAX,
        };
        let (cut, shown) = part(&line.replace('\t', " "), skip);
        let (skip, until) = match cut {
            // What is cut off leaves one sign in its place.
            1.. => (skip + 1 - cut, until.saturating_add(1).saturating_sub(cut)),
            0 => (skip, until),
        };
        let before: String = shown.chars().take(skip).collect();
        let marked = shown.chars().skip(skip).take(until.saturating_sub(skip));
        let marked: usize = marked.filter_map(|c| c.width()).sum();
        let (indent, mark) = (" ".repeat(before.width()), "^".repeat(marked.max(1)));
        format!("{gutter} |\n{number} | {shown}\n{gutter} | {indent}{mark}\n")
    }

    /// The whole source as a range.
    #[must_use]
    pub fn range(&self) -> TextRange {
        TextRange::up_to(TextSize::of(&*self.text))
    }
}

/// The most columns of a line that is shown whole.
const EXCERPT_COLUMNS: usize = 160;
/// The columns of the part of a line that is longer.
const PART_COLUMNS: usize = 100;
/// How many of them lie in front of the place.
const BEFORE_COLUMNS: usize = 50;

/// The part of a line around the character at `place`, and how many characters in front of
/// it are cut off.
fn part(line: &str, place: usize) -> (usize, String) {
    if line.width() <= EXCERPT_COLUMNS {
        return (0, line.to_owned());
    }
    let before: Vec<char> = line.chars().take(place).collect();
    let mut room = BEFORE_COLUMNS;
    let kept = before.iter().rev().take_while(|c| {
        let left = room.checked_sub(c.width().unwrap_or(0));
        room = left.unwrap_or(0);
        left.is_some()
    });
    let cut = before.len().saturating_sub(kept.count());
    let mut shown = String::new();
    if cut > 0 {
        shown.push('…');
    }
    let mut columns = 0_usize;
    for c in line.chars().skip(cut) {
        columns = columns.saturating_add(c.width().unwrap_or(0));
        if columns > PART_COLUMNS {
            shown.push('…');
            break;
        }
        shown.push(c);
    }
    (cut, shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_not_bytes() {
        let lines = Lines::new("let 名 = 1;\n  x");
        let at = |offset: u32| lines.position(TextSize::from(offset));
        assert_eq!(at(0), Position { line: 1, column: 1 });
        assert_eq!(at(7), Position { line: 1, column: 6 });
        assert_eq!(at(15), Position { line: 2, column: 3 });
        for offset in [0, 7, 15] {
            assert_eq!(lines.offset(at(offset)), Some(TextSize::from(offset)));
        }
        assert_eq!(lines.line(2), Some("  x"));
        assert_eq!(lines.line(3), None);
    }

    #[test]
    fn of_a_line_that_is_too_long_the_part_around_the_place_is_shown() {
        for (before, after) in [(0, 400), (60, 400), (61, 400), (4_000, 400), (4_000, 0)] {
            let text = format!("{}nope{}", "赔".repeat(before), " 付".repeat(after));
            let at = TextSize::of(&*"赔".repeat(before));
            let shown = Lines::new(&text).excerpt(TextRange::at(at, TextSize::from(4)));
            let lines: Vec<&str> = shown.lines().collect();
            let [_, line, mark] = lines.as_slice() else {
                panic!("{shown}");
            };
            assert!(line.width() <= 4 + EXCERPT_COLUMNS, "{shown}");
            let start = line.split_once("nope").unwrap().0.width();
            assert_eq!(mark.find('^'), Some(start), "{shown}");
            assert_eq!(mark.matches('^').count(), 4, "{shown}");
        }
        let short = Lines::new("let a = nope;");
        let at = TextRange::at(TextSize::from(8), TextSize::from(4));
        assert_eq!(
            short.excerpt(at),
            "  |\n1 | let a = nope;\n  |         ^^^^\n"
        );
    }

    #[test]
    fn a_byte_order_mark_has_no_column() {
        let lines = Lines::new("\u{feff}fn");
        let first = Position { line: 1, column: 1 };
        assert_eq!(lines.position(TextSize::from(3)), first);
        assert_eq!(lines.offset(first), Some(TextSize::from(3)));
    }
}
