//! An input column as an axis of whole numbers, cut into elementary intervals.

use std::collections::BTreeSet;

use smol_str::ToSmolStr;

use super::{CellType, Column, Matcher, Table};
use crate::Date;

/// An input column as whole numbers, cut where any row's range starts or ends.
pub(super) struct Axis<'t> {
    column: &'t Column,
    last: i64,
    /// The first number of each elementary interval, ascending.
    starts: Vec<i64>,
}

impl<'t> Axis<'t> {
    pub(super) fn new<'m>(column: &'t Column, matchers: impl Iterator<Item = &'m Matcher>) -> Self {
        let (first, last) = match &column.ty {
            CellType::Int { min, max } => (*min, *max),
            CellType::Date { from, to } => (day(*from), day(*to)),
            CellType::Enum(values) => (0, place(values.len()).saturating_sub(1)),
            CellType::Bool | CellType::Text | CellType::Money(_) => (0, 1),
        };
        let mut starts = BTreeSet::from([first]);
        for matcher in matchers {
            for (low, high) in spans(&column.ty, matcher, (first, last)) {
                starts.insert(low);
                starts.extend((high < last).then(|| high.saturating_add(1)));
            }
        }
        Self {
            column,
            last,
            starts: starts.into_iter().collect(),
        }
    }

    /// The axes of a table's input columns, in order.
    pub(super) fn all(table: &'t Table) -> Vec<Self> {
        let columns = table.inputs.iter().enumerate();
        columns
            .map(|(at, column)| {
                let matchers = table.rows.iter().filter_map(|row| row.matchers.get(at));
                Self::new(column, matchers)
            })
            .collect()
    }

    /// How many elementary intervals there are, at least one.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The elementary intervals that a matcher covers, ascending and distinct.
    pub(super) fn covered(&self, matcher: &Matcher) -> Vec<usize> {
        let all = (self.starts.first().copied().unwrap_or(self.last), self.last);
        let mut indices: Vec<usize> = spans(&self.column.ty, matcher, all)
            .into_iter()
            .flat_map(|(low, high)| {
                let from = self.starts.partition_point(|start| *start < low);
                from..self.starts.partition_point(|start| *start <= high)
            })
            .collect();
        indices.sort_unstable();
        indices.dedup();
        indices
    }

    /// Intervals that need not lie side by side, in the grammar of the cells.
    pub(super) fn describe_all(&self, indices: &[usize]) -> String {
        let (from, to) = (
            indices.first().copied().unwrap_or_default(),
            indices.last().copied().unwrap_or_default(),
        );
        let CellType::Enum(values) = &self.column.ty else {
            return self.describe(from, to);
        };
        if indices.len() == self.len() {
            return self.describe(from, to);
        }
        // The intervals of an enum may be wider than one value.
        let chosen: Vec<&str> = values
            .iter()
            .enumerate()
            .filter(|(at, _)| {
                let interval = self.starts.partition_point(|start| *start <= place(*at));
                indices.contains(&interval.saturating_sub(1))
            })
            .map(|(_, value)| value.as_str())
            .collect();
        format!("{} {}", self.column.name, chosen.join("|"))
    }

    /// The intervals from one index to another, in the grammar of the cells.
    pub(super) fn describe(&self, from: usize, to: usize) -> String {
        let name = &self.column.name;
        let low = self.starts.get(from).copied().unwrap_or(self.last);
        let high = self
            .starts
            .get(to + 1)
            .map_or(self.last, |next| next.saturating_sub(1));
        if from == 0 && to + 1 == self.starts.len() {
            return format!("{name} *");
        }
        let show = |number: i64| match &self.column.ty {
            CellType::Date { .. } => i32::try_from(number)
                .ok()
                .and_then(Date::from_days)
                .map_or_else(|| number.to_smolstr(), |date| date.to_smolstr()),
            CellType::Bool => (number == 1).to_smolstr(),
            _ => number.to_smolstr(),
        };
        match &self.column.ty {
            CellType::Enum(values) => {
                let (skip, end) = (usize::try_from(low), usize::try_from(high));
                let chosen: Vec<_> = values
                    .iter()
                    .take(end.unwrap_or_default().saturating_add(1))
                    .skip(skip.unwrap_or_default())
                    .map(|value| value.as_str())
                    .collect();
                format!("{name} {}", chosen.join("|"))
            }
            _ if low == high => format!("{name} {}", show(low)),
            _ => format!("{name} {}..{}", show(low), show(high)),
        }
    }
}

/// The ranges of whole numbers that a matcher accepts.
fn spans(ty: &CellType, matcher: &Matcher, all: (i64, i64)) -> Vec<(i64, i64)> {
    match matcher {
        Matcher::Any => vec![all],
        Matcher::Bool(value) => vec![(i64::from(*value), i64::from(*value))],
        Matcher::Ints(low, high) => vec![(*low, *high)],
        Matcher::Dates(from, to) => vec![(day(*from), day(*to))],
        Matcher::OneOf(wanted) => {
            let CellType::Enum(values) = ty else {
                return Vec::new();
            };
            let places = values.iter().enumerate();
            places
                .filter(|(_, value)| wanted.contains(value))
                .map(|(index, _)| (place(index), place(index)))
                .collect()
        }
    }
}

fn day(date: Date) -> i64 {
    i64::from(date.days())
}

fn place(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
