//! The record of a case's facts, with a fixed place for each slot of a schema.

mod encode;
#[cfg(test)]
mod tests;

use redress_model::{Digest, FactClass, FactType, Schema, Slot, Warnings};

pub use self::encode::EncodeError;

/// Where the counters of [`Warnings`] start.
const WARNINGS_AT: usize = 16;
/// Where the bitmap of known facts starts.
pub(crate) const BITMAP_AT: usize = 40;

/// Which function the record is for, which decides what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View<'w> {
    /// Merit and gate facts, no counters.
    Remedy,
    /// Merit, gate and route facts, and the early-warning counters.
    Route(&'w Warnings),
}

impl View<'_> {
    const fn sees(self, class: FactClass) -> bool {
        match self {
            Self::Remedy => class.seen_by_remedy(),
            Self::Route(_) => class.seen_by_route(),
        }
    }
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// Eight bytes: a number, a text or a list.
    Word,
    /// Sixteen bytes.
    Money,
}

impl Cell {
    const fn of(ty: &FactType) -> Self {
        match ty {
            FactType::Money { .. } => Self::Money,
            FactType::Bool
            | FactType::Int { .. }
            | FactType::Enum(_)
            | FactType::Text { .. }
            | FactType::Date
            | FactType::DateTime
            | FactType::List { .. } => Self::Word,
        }
    }

    const fn size(self) -> usize {
        match self {
            Self::Word => 8,
            Self::Money => 16,
        }
    }
}

/// The place of one fact in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    at: usize,
    class: FactClass,
    is_time: bool,
}

/// The layout of the records of one schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    schema: Digest,
    fields: Box<[Field]>,
    fixed_len: usize,
}

impl Layout {
    /// Lays the facts of a schema out, in slot order.
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        let count = schema.facts().len();
        let mut at = BITMAP_AT + count.div_ceil(64) * 8;
        let fields = schema
            .facts()
            .iter()
            .map(|fact| {
                let field = Field {
                    at,
                    class: fact.class,
                    is_time: matches!(fact.ty, FactType::Date | FactType::DateTime),
                };
                at += Cell::of(&fact.ty).size();
                field
            })
            .collect();
        Self {
            schema: schema.digest(),
            fields,
            fixed_len: at,
        }
    }

    /// The digest of the schema, which a module carries in its section `redress.schema`.
    #[must_use]
    pub const fn schema(&self) -> Digest {
        self.schema
    }

    /// The offset of a slot's field from the start of the record.
    #[must_use]
    pub fn offset(&self, slot: Slot) -> Option<usize> {
        self.fields.get(slot.index()).map(|field| field.at)
    }

    /// The bytes of header, bitmap and fields; a record without texts and lists has no more.
    #[must_use]
    pub const fn fixed_len(&self) -> usize {
        self.fixed_len
    }

    /// Whether the function that a view is for may read the fact in this slot.
    #[must_use]
    pub fn sees(&self, view: View<'_>, slot: Slot) -> bool {
        self.fields
            .get(slot.index())
            .is_some_and(|field| view.sees(field.class))
    }

    /// Whether a deadline may start from the fact in this slot: a date or an instant that
    /// `route` may read.
    pub(crate) fn starts_deadline(&self, slot: Slot) -> bool {
        self.fields
            .get(slot.index())
            .is_some_and(|field| field.class.seen_by_route() && field.is_time)
    }
}
