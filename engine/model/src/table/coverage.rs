//! Everything that is missing from a table or said twice, for authors who mend one.
//!
//! [`Table::new`](super::Table::new) stops at the first gap and the first overlap, which
//! is enough to refuse a table. Whoever has to fill it wants to see them all, as ranges.

use super::axis::Axis;
use super::check::{Grid, cells, columns};
use super::{HitPolicy, Table, TableError};

/// The most gaps, and the most overlaps, that are told of one table.
pub const FINDINGS_MAX: usize = 100;

/// Inputs that two rows of a `unique` table both answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlapping {
    /// The earlier row, from 0.
    pub first: usize,
    /// The later row, from 0.
    pub second: usize,
    /// All that both match, in the grammar of the cells.
    pub at: String,
}

/// What is missing from a table and what is said twice, at most [`FINDINGS_MAX`] of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Ranges that no row answers, which together are all there are, in the grammar of
    /// the cells.
    pub gaps: Vec<String>,
    /// Pairs of rows that answer for the same inputs; only where the hit policy is `unique`.
    pub overlaps: Vec<Overlapping>,
    /// Rows that are never reached, from 0; only where the hit policy is `first`.
    pub unreachable: Vec<usize>,
}

impl Coverage {
    /// Whether every question has its one answer.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.gaps.is_empty() && self.overlaps.is_empty() && self.unreachable.is_empty()
    }
}

/// Looks at a table whose cells are those of its columns.
pub(super) fn of(table: &Table) -> Result<Coverage, TableError> {
    columns(table)?;
    for (index, row) in table.rows.iter().enumerate() {
        cells(table, index, row)?;
    }
    let axes = Axis::all(table);
    let mut coverage = Coverage::default();
    if table.hit == HitPolicy::Unique {
        coverage.overlaps = overlaps(table, &axes);
    }
    let mut grid = Grid::new(axes)?;
    for (index, row) in table.rows.iter().enumerate() {
        // Overlaps have been told, so here every row claims what is still free.
        match grid.claim(index, row, HitPolicy::First) {
            Ok(()) => {}
            Err(TableError::Unreachable { row }) if table.hit == HitPolicy::First => {
                coverage.unreachable.push(row);
            }
            Err(TableError::Unreachable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    while let Some((from, to)) = grid.first_gap() {
        if coverage.gaps.len() == FINDINGS_MAX {
            break;
        }
        coverage.gaps.push(grid.describe(&from, &to));
        grid.fill(&from, &to);
    }
    Ok(coverage)
}

fn overlaps(table: &Table, axes: &[Axis<'_>]) -> Vec<Overlapping> {
    let claims: Vec<Vec<Vec<usize>>> = table
        .rows
        .iter()
        .map(|row| {
            let pairs = axes.iter().zip(&row.matchers);
            pairs.map(|(axis, matcher)| axis.covered(matcher)).collect()
        })
        .collect();
    let mut found = Vec::new();
    for (second, later) in claims.iter().enumerate() {
        for (first, earlier) in claims.iter().take(second).enumerate() {
            let Some(shared) = shared(earlier, later) else {
                continue;
            };
            if found.len() == FINDINGS_MAX {
                return found;
            }
            let parts: Vec<String> = axes
                .iter()
                .zip(&shared)
                .map(|(axis, indices)| axis.describe_all(indices))
                .collect();
            let at = parts.join(", ");
            found.push(Overlapping { first, second, at });
        }
    }
    found
}

/// The intervals that both rows match on every axis; `None` where an axis has none.
fn shared(earlier: &[Vec<usize>], later: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
    let mut all = Vec::with_capacity(earlier.len());
    for (one, other) in earlier.iter().zip(later) {
        let both: Vec<usize> = one
            .iter()
            .copied()
            .filter(|index| other.binary_search(index).is_ok())
            .collect();
        if both.is_empty() {
            return None;
        }
        all.push(both);
    }
    Some(all)
}
