//! A bar chart out of block characters.

use super::set::{pad_left, pad_right, width};

/// Eighths of a block, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// One bar: its label, its height, and the height as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What stands to the left.
    pub label: String,
    /// The height, zero or more.
    pub height: u128,
    /// What stands to the right.
    pub value: String,
}

/// Draws one line for each bar, the highest as long as `columns` allow.
///
/// Labels are aligned left and values right; a height above zero always shows.
#[must_use]
pub fn bars(bars: &[Bar], columns: usize) -> String {
    let widest = |part: fn(&Bar) -> &str| bars.iter().map(|bar| width(part(bar))).max();
    let label = widest(|bar| &bar.label).unwrap_or_default();
    let value = widest(|bar| &bar.value).unwrap_or_default();
    let highest = bars.iter().map(|bar| bar.height).max().unwrap_or_default();
    let room = columns.saturating_sub(label + value + 2).max(4);
    let mut out = String::new();
    for bar in bars {
        let drawn = pad_right(&blocks(bar.height, highest, room), room);
        let (label, value) = (pad_right(&bar.label, label), pad_left(&bar.value, value));
        out.push_str(&format!("{label} {drawn} {value}\n"));
    }
    out
}

/// `height / highest` of `room` columns, rounded to eighths.
fn blocks(height: u128, highest: u128, room: usize) -> String {
    if height == 0 || highest == 0 {
        return String::new();
    }
    // Heights beyond 2^96 lose their low digits, which no chart shows.
    let shift = 32_u32.saturating_sub(highest.leading_zeros());
    let (height, highest) = (height >> shift, highest >> shift);
    let wanted = height.saturating_mul(u128::try_from(room).unwrap_or(u128::MAX).saturating_mul(8));
    let eighths = wanted.saturating_add(highest / 2) / highest.max(1);
    let eighths = usize::try_from(eighths).unwrap_or_default().max(1);
    let mut drawn = "█".repeat(eighths / 8);
    let part = (eighths % 8).checked_sub(1);
    drawn.extend(part.and_then(|part| EIGHTHS.get(part)));
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, height: u128) -> Bar {
        Bar {
            label: label.into(),
            height,
            value: height.to_string(),
        }
    }

    #[test]
    fn the_highest_bar_fills_the_line() {
        for columns in [40, 80] {
            let chart = bars(&[bar("2013-01", 500), bar("2013-02", 1_000)], columns);
            let widths: Vec<usize> = chart.lines().map(width).collect();
            assert_eq!(widths, [columns, columns], "{chart}");
        }
    }

    #[test]
    fn bars_are_drawn_in_eighths() {
        let drawn = |height| blocks(height, 16, 2);
        assert_eq!(drawn(0), "");
        assert_eq!(drawn(1), "▏");
        assert_eq!(drawn(4), "▌");
        assert_eq!(drawn(8), "█");
        assert_eq!(drawn(15), "█▉");
        assert_eq!(drawn(16), "██");
    }

    #[test]
    fn the_least_height_shows_and_the_greatest_does_not_overflow() {
        assert_eq!(blocks(1, u128::MAX, 10), "▏");
        assert_eq!(blocks(u128::MAX, u128::MAX, 10), "█".repeat(10));
        assert_eq!(blocks(u128::MAX / 2, u128::MAX, 10), "█".repeat(5));
    }

    #[test]
    fn no_bars_make_no_chart() {
        assert_eq!(bars(&[], 80), "");
        let zeros = bars(&[bar("一月", 0), bar("March", 0)], 40);
        assert_eq!(zeros.lines().map(width).collect::<Vec<_>>(), [40, 40]);
    }
}
