//! The exact check for gaps, overlaps and unreachable rows.
//!
//! Every input column is an axis of whole numbers. The ends of all ranges cut it into
//! elementary intervals, within which no row can tell two values apart. The product of
//! the axes is a grid of cells; each row claims the cells it matches, and what is left
//! unclaimed, claimed twice or never claimed is exact, not sampled.

use std::collections::BTreeSet;

use super::axis::Axis;
use super::{
    CELLS_MAX, COLUMNS_MAX, CellType, Column, HitPolicy, Matcher, ROWS_MAX, Row, Table, TableError,
};

/// Claims that rows of a `first` table may make on cells that are taken already, for each
/// cell of the limit: without a bound many wide rows over a fine grid would take minutes.
const VISITS_PER_CELL: u64 = 4;

pub(super) fn check(table: &Table) -> Result<(), TableError> {
    columns(table)?;
    for (index, row) in table.rows.iter().enumerate() {
        cells(table, index, row)?;
    }
    let mut grid = Grid::new(Axis::all(table))?;
    for (index, row) in table.rows.iter().enumerate() {
        grid.claim(index, row, table.hit)?;
    }
    match grid.first_gap() {
        None => Ok(()),
        Some((from, to)) => Err(TableError::Gap {
            missing: grid.describe(&from, &to),
        }),
    }
}

pub(super) fn columns(table: &Table) -> Result<(), TableError> {
    for (side, columns) in [("input", &table.inputs), ("output", &table.outputs)] {
        if !(1..=COLUMNS_MAX).contains(&columns.len()) {
            let found = columns.len();
            return Err(TableError::ColumnCount { side, found });
        }
    }
    if table.rows.len() > ROWS_MAX {
        let found = table.rows.len();
        return Err(TableError::RowCount { found });
    }
    let mut names = BTreeSet::new();
    for column in table.inputs.iter().chain(&table.outputs) {
        if !names.insert(&column.name) {
            let column = column.name.clone();
            return Err(TableError::DuplicateColumn { column });
        }
        if let Some(problem) = empty(&column.ty) {
            let column = column.name.clone();
            return Err(TableError::ColumnType { column, problem });
        }
    }
    let misplaced = |column: &Column, problem| TableError::ColumnType {
        column: column.name.clone(),
        problem,
    };
    for column in &table.inputs {
        if matches!(column.ty, CellType::Text | CellType::Money(_)) {
            return Err(misplaced(column, "an input is a bool, int, enum or date"));
        }
    }
    for column in &table.outputs {
        if matches!(column.ty, CellType::Enum(_)) {
            return Err(misplaced(
                column,
                "an output is a bool, int, text, money or date",
            ));
        }
    }
    Ok(())
}

/// What makes a type without values, or with one value twice.
fn empty(ty: &CellType) -> Option<&'static str> {
    match ty {
        CellType::Int { min, max } => (min > max).then_some("the range ends before it starts"),
        CellType::Date { from, to } => (from > to).then_some("the range ends before it starts"),
        CellType::Enum(values) => {
            let distinct: BTreeSet<_> = values.iter().collect();
            (values.is_empty() || distinct.len() < values.len())
                .then_some("an enum lists one or more distinct values")
        }
        CellType::Bool | CellType::Text | CellType::Money(_) => None,
    }
}

pub(super) fn cells(table: &Table, index: usize, row: &Row) -> Result<(), TableError> {
    let expected = table.inputs.len() + table.outputs.len();
    let found = row.matchers.len() + row.outputs.len();
    if row.matchers.len() != table.inputs.len() || row.outputs.len() != table.outputs.len() {
        return Err(TableError::CellCount {
            row: index,
            expected,
            found,
        });
    }
    let inputs = table.inputs.iter().zip(&row.matchers);
    let outputs = table.outputs.iter().zip(&row.outputs);
    let misfit = inputs
        .filter(|(column, matcher)| !fits(&column.ty, matcher))
        .map(|(column, _)| column)
        .chain(
            outputs
                .filter(|(column, value)| !column.ty.admits(value))
                .map(|(column, _)| column),
        )
        .next();
    misfit.map_or(Ok(()), |column| {
        Err(TableError::Cell {
            row: index,
            column: column.name.clone(),
            expected: column.ty.expected(),
        })
    })
}

/// Whether the matcher is of the column's type, not empty and within its range.
fn fits(ty: &CellType, matcher: &Matcher) -> bool {
    match (ty, matcher) {
        (_, Matcher::Any) | (CellType::Bool, Matcher::Bool(_)) => true,
        (CellType::Int { min, max }, Matcher::Ints(low, high)) => {
            min <= low && low <= high && high <= max
        }
        (CellType::Date { from, to }, Matcher::Dates(first, last)) => {
            from <= first && first <= last && last <= to
        }
        (CellType::Enum(values), Matcher::OneOf(wanted)) => {
            !wanted.is_empty() && wanted.iter().all(|value| values.contains(value))
        }
        _ => false,
    }
}

/// The product of the axes, with the row that claimed each cell.
pub(super) struct Grid<'t> {
    axes: Vec<Axis<'t>>,
    /// For each axis, how far apart in `claims` two neighbours along it are.
    strides: Vec<usize>,
    claims: Vec<Option<u32>>,
    visits: u64,
}

impl<'t> Grid<'t> {
    pub(super) fn new(axes: Vec<Axis<'t>>) -> Result<Self, TableError> {
        let used = axes.iter().fold(1_u64, |product, axis| {
            product.saturating_mul(u64::try_from(axis.len()).unwrap_or(u64::MAX))
        });
        let limit = CELLS_MAX;
        let size = usize::try_from(used)
            .ok()
            .filter(|_| used <= limit)
            .ok_or(TableError::TooComplex { limit, used })?;
        let mut strides = Vec::with_capacity(axes.len());
        let mut stride = size;
        for axis in &axes {
            stride /= axis.len().max(1);
            strides.push(stride);
        }
        Ok(Self {
            axes,
            strides,
            claims: vec![None; size],
            visits: 0,
        })
    }

    pub(super) fn claim(
        &mut self,
        index: usize,
        row: &Row,
        hit: HitPolicy,
    ) -> Result<(), TableError> {
        let covered: Vec<Vec<usize>> = self
            .axes
            .iter()
            .zip(&row.matchers)
            .map(|(axis, matcher)| axis.covered(matcher))
            .collect();
        let volume = covered.iter().fold(1_u64, |product, indices| {
            product.saturating_mul(u64::try_from(indices.len()).unwrap_or(u64::MAX))
        });
        self.visits = self.visits.saturating_add(volume);
        let limit = CELLS_MAX * VISITS_PER_CELL;
        if hit == HitPolicy::First && self.visits > limit {
            let used = self.visits;
            return Err(TableError::TooComplex { limit, used });
        }
        let owner = u32::try_from(index).ok();
        let mut claimed_any = false;
        let mut cursor = vec![0_usize; covered.len()];
        loop {
            let at = self.index(&covered, &cursor);
            match (self.claims.get_mut(at), hit) {
                (Some(claim @ None), _) => {
                    *claim = owner;
                    claimed_any = true;
                }
                (Some(Some(first)), HitPolicy::Unique) => {
                    let first = usize::try_from(*first).unwrap_or(usize::MAX);
                    let cell: Vec<usize> = picked(&covered, &cursor).collect();
                    let at = self.describe(&cell, &cell);
                    return Err(TableError::Overlap {
                        first,
                        second: index,
                        at,
                    });
                }
                _ => {}
            }
            if !advance(&mut cursor, &covered) {
                break;
            }
        }
        if claimed_any {
            Ok(())
        } else {
            Err(TableError::Unreachable { row: index })
        }
    }

    fn index(&self, covered: &[Vec<usize>], cursor: &[usize]) -> usize {
        let picked = picked(covered, cursor);
        picked
            .zip(&self.strides)
            .map(|(at, stride)| at * stride)
            .sum()
    }

    /// The first cells that no row claimed, as wide a block as starts there: its first
    /// and its last interval on each axis.
    pub(super) fn first_gap(&self) -> Option<(Vec<usize>, Vec<usize>)> {
        let first = self.claims.iter().position(Option::is_none)?;
        let mut rest = first;
        let from: Vec<usize> = self
            .strides
            .iter()
            .map(|stride| {
                let at = rest / stride;
                rest %= stride;
                at
            })
            .collect();
        let mut to = from.clone();
        for at in (0..self.axes.len()).rev() {
            while self.slab_is_free(&from, &to, at) {
                if let Some(end) = to.get_mut(at) {
                    *end += 1;
                }
            }
        }
        Some((from, to))
    }

    /// Claims a block, so that the next gap shows.
    pub(super) fn fill(&mut self, from: &[usize], to: &[usize]) {
        let block: Vec<Vec<usize>> = from
            .iter()
            .zip(to)
            .map(|(start, end)| (*start..=*end).collect())
            .collect();
        let mut cursor = vec![0_usize; block.len()];
        loop {
            let at = self.index(&block, &cursor);
            if let Some(claim) = self.claims.get_mut(at) {
                *claim = Some(u32::MAX);
            }
            if !advance(&mut cursor, &block) {
                return;
            }
        }
    }

    /// Whether the block can grow by one interval along an axis without meeting a claim.
    fn slab_is_free(&self, from: &[usize], to: &[usize], along: usize) -> bool {
        let next = to.get(along).map_or(0, |end| end + 1);
        let room = self.axes.get(along).map_or(0, |axis| axis.len());
        if next >= room {
            return false;
        }
        let covered: Vec<Vec<usize>> = from
            .iter()
            .zip(to)
            .enumerate()
            .map(|(axis, (start, end))| match axis == along {
                true => vec![next],
                false => (*start..=*end).collect(),
            })
            .collect();
        let mut cursor = vec![0_usize; covered.len()];
        loop {
            let at = self.index(&covered, &cursor);
            if self.claims.get(at).is_some_and(Option::is_some) {
                return false;
            }
            if !advance(&mut cursor, &covered) {
                return true;
            }
        }
    }

    pub(super) fn describe(&self, from: &[usize], to: &[usize]) -> String {
        let parts: Vec<String> = self
            .axes
            .iter()
            .zip(from.iter().zip(to))
            .map(|(axis, (from, to))| axis.describe(*from, *to))
            .collect();
        parts.join(", ")
    }
}

/// The interval that the cursor points at on each axis.
fn picked(covered: &[Vec<usize>], cursor: &[usize]) -> impl Iterator<Item = usize> {
    let pairs = covered.iter().zip(cursor);
    pairs.filter_map(|(indices, at)| indices.get(*at).copied())
}

/// Moves to the next combination, the last axis fastest; false after the last one.
fn advance(cursor: &mut [usize], covered: &[Vec<usize>]) -> bool {
    for (at, indices) in cursor.iter_mut().zip(covered).rev() {
        *at += 1;
        if *at < indices.len() {
            return true;
        }
        *at = 0;
    }
    false
}
