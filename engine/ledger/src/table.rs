//! Tables, told once: every store makes its own schema, statements and checks of them.

use crate::cell::{Cell, CellType, Presence};

/// One row: a cell for each column, in order.
pub type Row = Vec<Cell>;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: CellType,
    /// Whether a row may lack it.
    pub presence: Presence,
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns; the first ones are the primary key.
    pub columns: &'static [Column],
    /// The names of the primary key's columns.
    pub key: &'static [&'static str],
    /// Indexes, each by the names of its columns.
    pub indexes: &'static [&'static [&'static str]],
    /// What holds for every row, in SQL that both stores understand.
    pub checks: &'static [&'static str],
}

impl Table {
    /// The columns of the primary key.
    #[must_use]
    pub fn key_columns(&self) -> &'static [Column] {
        self.columns.get(..self.key.len()).unwrap_or_default()
    }

    /// The place of a column.
    #[must_use]
    pub fn place_of(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|own| own.name == column)
    }

    /// The key of a row.
    #[must_use]
    pub fn key_of<'r>(&self, row: &'r [Cell]) -> &'r [Cell] {
        row.get(..self.key.len()).unwrap_or_default()
    }
}

/// A typed row of a table.
pub trait Record: Sized {
    /// The table.
    const TABLE: &'static Table;

    /// The row as cells.
    fn to_row(&self) -> Row;

    /// Reads cells back; `None` if they are not such a row.
    fn from_row(row: Row) -> Option<Self>;
}

/// Declares a typed row and its table.
macro_rules! table {
    (
        $(#[$doc:meta])*
        $row:ident in $name:literal,
        key [$($key:literal),+],
        indexes [$([$($index:literal),+]),*],
        checks [$($check:literal),*],
        { $($(#[$field_doc:meta])* $field:ident: $ty:ty),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $row {
            $($(#[$field_doc])* pub $field: $ty),+
        }

        impl $crate::table::Record for $row {
            const TABLE: &'static $crate::table::Table = &$crate::table::Table {
                name: $name,
                columns: &[$($crate::table::Column {
                    name: stringify!($field),
                    ty: <$ty as $crate::cell::Field>::TYPE,
                    presence: <$ty as $crate::cell::Field>::PRESENCE,
                }),+],
                key: &[$($key),+],
                indexes: &[$(&[$($index),+]),*],
                checks: &[$($check),*],
            };

            fn to_row(&self) -> $crate::table::Row {
                vec![$($crate::cell::Field::to_cell(&self.$field)),+]
            }

            fn from_row(row: $crate::table::Row) -> Option<Self> {
                let mut cells = row.into_iter();
                let own = Self {
                    $($field: $crate::cell::Field::from_cell(cells.next()?)?),+
                };
                cells.next().is_none().then_some(own)
            }
        }
    };
}

pub(crate) use table;
