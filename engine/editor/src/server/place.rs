//! Places: bytes here, lines and UTF-16 units in the protocol.

use std::ops::Range as Bytes;

use lsp_types::{Position, Range};

/// The offset of a position; the end of the line or of the text for one past it.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = text.get(start..).unwrap_or_default();
    let mut units = 0;
    for (at, c) in line.char_indices() {
        if units >= position.character || c == '\n' {
            return start + at;
        }
        units += u32::try_from(c.len_utf16()).unwrap_or(1);
    }
    text.len()
}

/// The position of an offset.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let units = |text: &str| text.encode_utf16().count();
    Position {
        line: number(before.matches('\n').count()),
        character: number(units(before.get(start..).unwrap_or_default())),
    }
}

/// The range of some bytes.
pub(super) fn range(text: &str, bytes: Bytes<usize>) -> Range {
    Range {
        start: position(text, bytes.start),
        end: position(text, bytes.end),
    }
}

/// A line, counted from 1, without the spaces around it.
pub(super) fn line(text: &str, line: usize) -> Range {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = before.map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let whole = rest.lines().next().unwrap_or_default();
    let from = start + (whole.len() - whole.trim_start().len());
    range(text, from..(start + whole.trim_end().len()).max(from))
}

/// The whole text.
pub(super) fn whole(text: &str) -> Range {
    range(text, 0..text.len())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_outside_of_the_basic_plane_are_two_units() {
        let text = "a\n\u{20000}b中c\n";
        for (at, line, character) in [(0, 0, 0), (2, 1, 0), (6, 1, 2), (7, 1, 3), (10, 1, 4)] {
            let place = Position { line, character };
            assert_eq!(position(text, at), place);
            assert_eq!(offset(text, place), at);
        }
        assert_eq!(offset(text, Position::new(1, 99)), 11);
        assert_eq!(offset(text, Position::new(9, 0)), text.len());
        assert_eq!(
            line("x\n  y z \n", 2),
            Range::new(Position::new(1, 2), Position::new(1, 5))
        );
    }
}
