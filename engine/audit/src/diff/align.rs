//! Where two lists of steps part: their longest common subsequence, and what lies between.

use super::Hunk;

/// The most steps that are aligned one by one; longer lists are told as a whole.
const STEPS_MAX: usize = 2_000;

/// The places where the lists differ, in order.
pub(super) fn hunks(before: &[String], after: &[String]) -> Vec<Hunk> {
    if before.len() > STEPS_MAX || after.len() > STEPS_MAX {
        let (before, after) = (before.to_vec(), after.to_vec());
        return vec![Hunk { before, after }];
    }
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut open = Hunk {
        before: Vec::new(),
        after: Vec::new(),
    };
    let (mut at, mut to) = (0, 0);
    for (next_at, next_to) in common(before, after)
        .into_iter()
        .chain([(before.len(), after.len())])
    {
        open.before
            .extend(before.get(at..next_at).unwrap_or_default().iter().cloned());
        open.after
            .extend(after.get(to..next_to).unwrap_or_default().iter().cloned());
        if !open.before.is_empty() || !open.after.is_empty() {
            hunks.push(std::mem::replace(
                &mut open,
                Hunk {
                    before: Vec::new(),
                    after: Vec::new(),
                },
            ));
        }
        (at, to) = (next_at.saturating_add(1), next_to.saturating_add(1));
    }
    hunks
}

/// The pairs of places of a longest common subsequence.
fn common(before: &[String], after: &[String]) -> Vec<(usize, usize)> {
    let width = after.len().saturating_add(1);
    let cell = |row: usize, column: usize| row.saturating_mul(width).saturating_add(column);
    let mut lengths = vec![0_u32; before.len().saturating_add(1).saturating_mul(width)];
    for (row, one) in before.iter().enumerate().rev() {
        for (column, other) in after.iter().enumerate().rev() {
            let get = |at: usize| lengths.get(at).copied().unwrap_or_default();
            let (down, right) = (
                cell(row.saturating_add(1), column),
                cell(row, column.saturating_add(1)),
            );
            let length = match one == other {
                true => get(right.saturating_add(width)).saturating_add(1),
                false => get(down).max(get(right)),
            };
            if let Some(place) = lengths.get_mut(cell(row, column)) {
                *place = length;
            }
        }
    }
    let get =
        |row: usize, column: usize| lengths.get(cell(row, column)).copied().unwrap_or_default();
    let (mut pairs, mut row, mut column) = (Vec::new(), 0, 0);
    while let (Some(one), Some(other)) = (before.get(row), after.get(column)) {
        let (down, right) = (row.saturating_add(1), column.saturating_add(1));
        if one == other {
            pairs.push((row, column));
            (row, column) = (down, right);
        } else if get(down, column) >= get(row, right) {
            row = down;
        } else {
            column = right;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_are_what_is_not_common() {
        let list = |text: &str| text.chars().map(|c| c.to_string()).collect::<Vec<_>>();
        let check = |before: &str, after: &str, expected: &[(&str, &str)]| {
            let found = hunks(&list(before), &list(after));
            let shown: Vec<_> = found
                .iter()
                .map(|h| (h.before.concat(), h.after.concat()))
                .collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect();
            assert_eq!(shown, expected, "{before} {after}");
        };
        check("abc", "abc", &[]);
        check("abc", "axc", &[("b", "x")]);
        check("abc", "c", &[("ab", "")]);
        check("", "xy", &[("", "xy")]);
        check("abcd", "xbyd", &[("a", "x"), ("c", "y")]);
    }
}
