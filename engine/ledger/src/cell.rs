//! Cells: the four kinds of value that a stored row is made of, and the types that fit.

use redress_model::{
    ActorId, CaseId, ClaimantId, Code, Currency, Date, Digest, EventId, Timestamp,
};
use smol_str::SmolStr;

/// One value in a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(SmolStr),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellType {
    /// [`Cell::Int`].
    Int,
    /// [`Cell::Text`].
    Text,
    /// [`Cell::Bytes`].
    Bytes,
}

/// Whether a column may hold nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Every row has a value.
    Required,
    /// A row may lack it.
    Optional,
}

/// A type that is kept in a column.
pub trait Field: Sized {
    /// The column's type.
    const TYPE: CellType;
    /// Whether a row may lack it.
    const PRESENCE: Presence = Presence::Required;

    /// The value as a cell.
    fn to_cell(&self) -> Cell;

    /// Reads a cell back; `None` if it is not such a value.
    fn from_cell(cell: Cell) -> Option<Self>;
}

impl Field for i64 {
    const TYPE: CellType = CellType::Int;

    fn to_cell(&self) -> Cell {
        Cell::Int(*self)
    }

    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Int(number) => Some(number),
            Cell::Null | Cell::Text(_) | Cell::Bytes(_) => None,
        }
    }
}

macro_rules! as_int {
    ($($ty:ty),*) => {
        $(impl Field for $ty {
            const TYPE: CellType = CellType::Int;

            fn to_cell(&self) -> Cell {
                // Numbers beyond 63 bits are never given out.
                Cell::Int(i64::try_from(*self).unwrap_or(i64::MAX))
            }

            fn from_cell(cell: Cell) -> Option<Self> {
                i64::from_cell(cell)?.try_into().ok()
            }
        })*
    };
}

as_int!(u64, u32);

impl Field for SmolStr {
    const TYPE: CellType = CellType::Text;

    fn to_cell(&self) -> Cell {
        Cell::Text(self.clone())
    }

    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text),
            Cell::Null | Cell::Int(_) | Cell::Bytes(_) => None,
        }
    }
}

macro_rules! as_text {
    ($($ty:ty),*) => {
        $(impl Field for $ty {
            const TYPE: CellType = CellType::Text;

            fn to_cell(&self) -> Cell {
                Cell::Text(self.as_str().into())
            }

            fn from_cell(cell: Cell) -> Option<Self> {
                Self::new(&SmolStr::from_cell(cell)?).ok()
            }
        })*
    };
}

as_text!(Code, CaseId, EventId, ClaimantId, ActorId, Currency);

impl Field for Date {
    const TYPE: CellType = CellType::Text;

    fn to_cell(&self) -> Cell {
        Cell::Text((*self).into())
    }

    fn from_cell(cell: Cell) -> Option<Self> {
        SmolStr::from_cell(cell)?.parse().ok()
    }
}

impl Field for Timestamp {
    const TYPE: CellType = CellType::Int;

    fn to_cell(&self) -> Cell {
        Cell::Int(self.seconds())
    }

    fn from_cell(cell: Cell) -> Option<Self> {
        Self::from_seconds(i64::from_cell(cell)?)
    }
}

impl Field for Vec<u8> {
    const TYPE: CellType = CellType::Bytes;

    fn to_cell(&self) -> Cell {
        Cell::Bytes(self.clone())
    }

    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Bytes(bytes) => Some(bytes),
            Cell::Null | Cell::Int(_) | Cell::Text(_) => None,
        }
    }
}

impl Field for Digest {
    const TYPE: CellType = CellType::Bytes;

    fn to_cell(&self) -> Cell {
        Cell::Bytes(self.bytes().to_vec())
    }

    fn from_cell(cell: Cell) -> Option<Self> {
        let bytes: [u8; 32] = Vec::from_cell(cell)?.try_into().ok()?;
        Some(Self::from_bytes(bytes))
    }
}

impl<T: Field> Field for Option<T> {
    const TYPE: CellType = T::TYPE;
    const PRESENCE: Presence = Presence::Optional;

    fn to_cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Null, Field::to_cell)
    }

    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// An enum that is kept, shown and sent by its name.
macro_rules! named {
    ($(#[$doc:meta])* $ty:ident { $($(#[$vdoc:meta])* $variant:ident = $name:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $ty {
            $($(#[$vdoc])* #[serde(rename = $name)] $variant),*
        }

        impl $ty {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in tables and in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }

        impl $crate::cell::Field for $ty {
            const TYPE: $crate::cell::CellType = $crate::cell::CellType::Text;

            fn to_cell(&self) -> $crate::cell::Cell {
                $crate::cell::Cell::Text(smol_str::SmolStr::new_static(self.name()))
            }

            fn from_cell(cell: $crate::cell::Cell) -> Option<Self> {
                let text = smol_str::SmolStr::from_cell(cell)?;
                Self::ALL.iter().copied().find(|own| own.name() == text)
            }
        }
    };
}

pub(crate) use named;
