//! Decision tables: tariffs that people review as rows, checked to answer every
//! question exactly once.
//!
//! A table can only be built complete: a gap, an overlap (hit policy `unique`) or a row
//! that is never reached (hit policy `first`) is refused, so that a lookup within the
//! declared ranges always has an answer. The terms are those of DMN 1.5, chapter 8.

mod axis;
mod check;
mod coverage;
mod digest;
mod error;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use smol_str::{SmolStr, ToSmolStr};

pub use self::coverage::{Coverage, FINDINGS_MAX, Overlapping};
pub use self::error::{LookupError, TableError};
use crate::{Code, Currency, Date, Value};

/// The most rows that a table may have.
pub const ROWS_MAX: usize = 10_000;
/// The most input columns, and the most output columns, that a table may have.
pub const COLUMNS_MAX: usize = 32;
/// The most elementary cells that the check for gaps and overlaps looks at.
pub const CELLS_MAX: u64 = 1_000_000;

/// What happens where more than one row matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HitPolicy {
    /// Exactly one row matches; an overlap is refused when the table is built.
    Unique,
    /// The first row in file order answers.
    First,
}

impl HitPolicy {
    /// `unique` or `first`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::First => "first",
        }
    }
}

/// The type of a column's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellType {
    /// `true` or `false`.
    Bool,
    /// An integer, both ends included.
    Int {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// One of a list of distinct codes; inputs only.
    Enum(Box<[SmolStr]>),
    /// A date, both ends included.
    Date {
        /// The earliest date.
        from: Date,
        /// The latest date.
        to: Date,
    },
    /// A text; outputs only.
    Text,
    /// A sum of one currency; outputs only.
    Money(Currency),
}

impl CellType {
    /// What a value of this type looks like, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Int { min, max } => format!("an integer from {min} to {max}"),
            Self::Enum(values) => format!("one of {}", values.join(", ")),
            Self::Date { from, to } => format!("a date from {from} to {to}"),
            Self::Text => "a text".into(),
            Self::Money(currency) => format!("a sum such as \"100.00 {currency}\""),
        }
    }

    /// Whether the value is of this type and within its range.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Bool, Value::Bool(_)) | (Self::Text, Value::Text(_)) => true,
            (Self::Int { min, max }, Value::Int(value)) => (min..=max).contains(&value),
            (Self::Enum(values), Value::Text(value)) => values.contains(value),
            (Self::Date { from, to }, Value::Date(value)) => (from..=to).contains(&value),
            (Self::Money(currency), Value::Money(value)) => value.currency() == *currency,
            _ => false,
        }
    }

    /// Whether the value is of this type, whatever its range.
    const fn is_type_of(&self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::Bool, Value::Bool(_))
                | (Self::Text | Self::Enum(_), Value::Text(_))
                | (Self::Int { .. }, Value::Int(_))
                | (Self::Date { .. }, Value::Date(_))
                | (Self::Money(_), Value::Money(_))
        )
    }
}

/// A named column of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name, unique within the table.
    pub name: SmolStr,
    /// The type of its cells.
    pub ty: CellType,
}

/// What an input cell accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matcher {
    /// Every value of the column.
    Any,
    /// This boolean.
    Bool(bool),
    /// Integers from the first to the second, both included.
    Ints(i64, i64),
    /// Dates from the first to the second, both included.
    Dates(Date, Date),
    /// One of these enum values.
    OneOf(Box<[SmolStr]>),
}

impl Matcher {
    /// Whether the value is accepted; a value of another type is only accepted by [`Matcher::Any`].
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _) => true,
            (Self::Bool(wanted), Value::Bool(value)) => wanted == value,
            (Self::Ints(min, max), Value::Int(value)) => (min..=max).contains(&value),
            (Self::Dates(from, to), Value::Date(value)) => (from..=to).contains(&value),
            (Self::OneOf(values), Value::Text(value)) => values.contains(value),
            _ => false,
        }
    }
}

/// One row: what it matches and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One matcher for each input column, in order.
    pub matchers: Box<[Matcher]>,
    /// One value for each output column, in order.
    pub outputs: Box<[Value]>,
}

/// A decision table that answers every question within its ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    name: Code,
    hit: HitPolicy,
    inputs: Box<[Column]>,
    outputs: Box<[Column]>,
    rows: Box<[Row]>,
}

impl Table {
    /// Builds a table from rows in file order.
    ///
    /// # Errors
    /// [`TableError`] when columns or cells do not fit their types, when an input within
    /// the ranges has no row, when two rows of a `unique` table match the same input, when
    /// a row of a `first` table is never reached, or when the table is too large to check.
    pub fn new(
        name: Code,
        hit: HitPolicy,
        inputs: Vec<Column>,
        outputs: Vec<Column>,
        rows: Vec<Row>,
    ) -> Result<Self, TableError> {
        let table = Self {
            name,
            hit,
            inputs: inputs.into(),
            outputs: outputs.into(),
            rows: rows.into(),
        };
        check::check(&table)?;
        Ok(table)
    }

    /// Everything that [`Table::new`] would refuse such a table for, gap by gap and overlap
    /// by overlap, for the author who mends it.
    ///
    /// # Errors
    /// [`TableError`] when columns or cells do not fit their types, or when the table is too
    /// large to check.
    pub fn coverage(
        name: Code,
        hit: HitPolicy,
        inputs: Vec<Column>,
        outputs: Vec<Column>,
        rows: Vec<Row>,
    ) -> Result<Coverage, TableError> {
        coverage::of(&Self {
            name,
            hit,
            inputs: inputs.into(),
            outputs: outputs.into(),
            rows: rows.into(),
        })
    }

    /// The name by which a policy looks it up.
    #[must_use]
    pub const fn name(&self) -> &Code {
        &self.name
    }

    /// What happens where more than one row matches.
    #[must_use]
    pub const fn hit(&self) -> HitPolicy {
        self.hit
    }

    /// The input columns, in order.
    #[must_use]
    pub fn inputs(&self) -> &[Column] {
        &self.inputs
    }

    /// The output columns, in order.
    #[must_use]
    pub fn outputs(&self) -> &[Column] {
        &self.outputs
    }

    /// The rows, in file order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row that answers for these inputs, one value for each input column in order;
    /// an enum value is given as [`Value::Text`].
    ///
    /// A scan over the rows; nothing is allocated unless it fails.
    ///
    /// # Errors
    /// [`LookupError`] when the number, a type or a range is wrong.
    pub fn find(&self, inputs: &[Value]) -> Result<&Row, LookupError> {
        if inputs.len() != self.inputs.len() {
            return Err(LookupError::WrongCount {
                table: self.name.clone(),
                expected: self.inputs.len(),
                found: inputs.len(),
            });
        }
        for (column, value) in self.inputs.iter().zip(inputs) {
            if !column.ty.admits(value) {
                return Err(self.misfit(column, value));
            }
        }
        let matches = |row: &&Row| row.matchers.iter().zip(inputs).all(|(m, v)| m.accepts(v));
        // INVARIANT: no gap, checked when the table was built.
        self.rows
            .iter()
            .find(matches)
            .ok_or_else(|| LookupError::NoRow {
                table: self.name.clone(),
            })
    }

    fn misfit(&self, column: &Column, value: &Value) -> LookupError {
        let table = self.name.clone();
        let expected = column.ty.expected();
        let found = show(value);
        let column_name = column.name.clone();
        if column.ty.is_type_of(value) {
            LookupError::OutOfRange {
                table,
                column: column_name,
                expected,
                found,
            }
        } else {
            LookupError::WrongType {
                table,
                column: column_name,
                expected,
                found,
            }
        }
    }

    /// The place of an output column, for use with [`Row::outputs`].
    #[must_use]
    pub fn output_index(&self, column: &str) -> Option<usize> {
        self.outputs.iter().position(|output| output.name == column)
    }

    /// The value of a row's output column; `None` if there is no such column.
    #[must_use]
    pub fn output<'r>(&self, row: &'r Row, column: &str) -> Option<&'r Value> {
        row.outputs.get(self.output_index(column)?)
    }
}

/// The value in the words of an error message.
fn show(value: &Value) -> SmolStr {
    match value {
        Value::Bool(value) => value.to_smolstr(),
        Value::Int(value) => value.to_smolstr(),
        Value::Enum(_) => "an enum value".into(),
        Value::Date(value) => value.to_smolstr(),
        Value::DateTime(value) => value.to_smolstr(),
        Value::Money(value) => value.to_smolstr(),
        Value::Text(value) => format_args!("{:?}", cut(value)).to_smolstr(),
        Value::List(_) => "a list".into(),
    }
}

/// At most 80 characters of a text, for messages.
fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(80).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

/// The tables of a release, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tables(BTreeMap<SmolStr, Table>);

impl Tables {
    /// Gathers tables.
    ///
    /// # Errors
    /// [`TableError::DuplicateTable`] when two have one name.
    pub fn new(tables: impl IntoIterator<Item = Table>) -> Result<Self, TableError> {
        let mut by_name = BTreeMap::new();
        for table in tables {
            let key = SmolStr::new(table.name.as_str());
            let name = table.name.clone();
            if by_name.insert(key, table).is_some() {
                return Err(TableError::DuplicateTable { name });
            }
        }
        Ok(Self(by_name))
    }

    /// The table with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Table> {
        self.0.get(name)
    }

    /// Every table, ordered by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Table> {
        self.0.values()
    }
}
