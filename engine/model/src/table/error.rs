//! Why a table is refused, and why a lookup fails.

use smol_str::SmolStr;

use super::{COLUMNS_MAX, ROWS_MAX};
use crate::Code;

/// Why a table is refused. Rows are counted from 0 in the fields and from 1 in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Two tables of one release share a name.
    #[error("two tables are named {name}")]
    DuplicateTable {
        /// The name.
        name: Code,
    },
    /// The table has no input or no output column, or too many.
    #[error("a table has 1 to {COLUMNS_MAX} {side} columns, this one has {found}")]
    ColumnCount {
        /// `input` or `output`.
        side: &'static str,
        /// How many there are.
        found: usize,
    },
    /// The table has more rows than are read.
    #[error("a table has at most {ROWS_MAX} rows, this one has {found}")]
    RowCount {
        /// How many there are.
        found: usize,
    },
    /// Two columns share a name.
    #[error("two columns are named {column:?}")]
    DuplicateColumn {
        /// The name.
        column: SmolStr,
    },
    /// A column's type cannot stand there, or holds no value.
    #[error("column {column:?}: {problem}")]
    ColumnType {
        /// The column.
        column: SmolStr,
        /// What is wrong with its type.
        problem: &'static str,
    },
    /// A row has another number of cells than the table has columns.
    #[error("row {} has {found} cells for {expected} columns", row + 1)]
    CellCount {
        /// The row, from 0.
        row: usize,
        /// The columns.
        expected: usize,
        /// The cells.
        found: usize,
    },
    /// A cell does not fit the type or the range of its column.
    #[error("row {}, column {column:?}: expected {expected}", row + 1)]
    Cell {
        /// The row, from 0.
        row: usize,
        /// The column.
        column: SmolStr,
        /// What fits.
        expected: String,
    },
    /// Inputs that no row answers.
    #[error("no row answers for {missing}")]
    Gap {
        /// The range left out, in the grammar of the cells.
        missing: String,
    },
    /// Two rows of a `unique` table answer for the same inputs.
    #[error("rows {} and {} both answer for {at}", first + 1, second + 1)]
    Overlap {
        /// The earlier row, from 0.
        first: usize,
        /// The later row, from 0.
        second: usize,
        /// Inputs that both match, in the grammar of the cells.
        at: String,
    },
    /// A row of a `first` table that can never answer.
    #[error("row {} is never reached: earlier rows answer for everything it matches", row + 1)]
    Unreachable {
        /// The row, from 0.
        row: usize,
    },
    /// The ranges cut each other into more cells than the check looks at.
    #[error("the ranges cut each other into {used} cells, at most {limit} can be checked")]
    TooComplex {
        /// The most cells that are checked.
        limit: u64,
        /// The cells there are, or more.
        used: u64,
    },
}

impl TableError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DuplicateTable { .. } => "table_duplicate",
            Self::ColumnCount { .. } => "table_column_count",
            Self::RowCount { .. } => "table_row_count",
            Self::DuplicateColumn { .. } => "table_duplicate_column",
            Self::ColumnType { .. } => "table_column_type",
            Self::CellCount { .. } => "table_cell_count",
            Self::Cell { .. } => "table_cell",
            Self::Gap { .. } => "table_gap",
            Self::Overlap { .. } => "table_overlap",
            Self::Unreachable { .. } => "table_unreachable_row",
            Self::TooComplex { .. } => "table_too_complex",
        }
    }
}

/// Why a lookup has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// Another number of inputs than the table has input columns.
    #[error("table {table} takes {expected} inputs, {found} were given")]
    WrongCount {
        /// The table.
        table: Code,
        /// The input columns.
        expected: usize,
        /// The inputs given.
        found: usize,
    },
    /// An input of another type than its column.
    #[error("table {table}, column {column:?}: expected {expected}, found {found}")]
    WrongType {
        /// The table.
        table: Code,
        /// The column.
        column: SmolStr,
        /// What fits.
        expected: String,
        /// What was given.
        found: SmolStr,
    },
    /// An input outside the range of its column.
    #[error("table {table}, column {column:?}: {found} is out of range, expected {expected}")]
    OutOfRange {
        /// The table.
        table: Code,
        /// The column.
        column: SmolStr,
        /// What fits.
        expected: String,
        /// What was given.
        found: SmolStr,
    },
    /// No row matches, which a table that passed its checks rules out.
    #[error("table {table} has no row for these inputs")]
    NoRow {
        /// The table.
        table: Code,
    },
}

impl LookupError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongCount { .. } => "lookup_wrong_count",
            Self::WrongType { .. } => "lookup_wrong_type",
            Self::OutOfRange { .. } => "lookup_out_of_range",
            Self::NoRow { .. } => "lookup_no_row",
        }
    }
}
