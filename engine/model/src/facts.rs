//! The facts of one case, typed, by slot of a schema.

use smol_str::SmolStr;

use crate::{Date, Digest, Money, Schema, Slot, Timestamp};

/// The value of a known fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// An integer within the range of its schema.
    Int(i64),
    /// An enum value, by its place in the schema's list.
    Enum(u16),
    /// A date.
    Date(Date),
    /// An instant.
    DateTime(Timestamp),
    /// A sum.
    Money(Money),
    /// A text within the length of its schema.
    Text(SmolStr),
    /// A list of scalars within the length of its schema.
    List(Box<[Value]>),
}

/// The facts of one case; `None` is *unknown*, which is not zero.
///
/// Facts can only be built by admission against a schema, so every value has the
/// type and range that the schema gives its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    schema: Digest,
    values: Box<[Option<Value>]>,
}

impl Facts {
    /// Facts of which none is known yet.
    pub(crate) fn unknown(schema: &Schema) -> Self {
        Self {
            schema: schema.digest(),
            values: vec![None; schema.facts().len()].into(),
        }
    }

    pub(crate) fn slot_mut(&mut self, slot: Slot) -> Option<&mut Option<Value>> {
        self.values.get_mut(slot.index())
    }

    /// The digest of the schema that these facts fit.
    #[must_use]
    pub const fn schema(&self) -> Digest {
        self.schema
    }

    /// The value of a fact, or `None` while it is unknown.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Value> {
        self.values.get(slot.index())?.as_ref()
    }

    /// The value of a money fact, if it is known and is money.
    #[must_use]
    pub fn money(&self, slot: Slot) -> Option<Money> {
        match self.get(slot) {
            Some(Value::Money(money)) => Some(*money),
            _ => None,
        }
    }

    /// Every slot's value, in slot order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&Value>> {
        self.values.iter().map(Option::as_ref)
    }
}
