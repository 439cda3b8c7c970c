//! Facts to bytes.

use redress_model::{Digest, Facts, Money, Value};

use super::{BITMAP_AT, Layout, View, WARNINGS_AT};

/// Why facts cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The facts were admitted against another schema.
    #[error("the facts fit schema {facts}, the layout is that of schema {layout}")]
    SchemaMismatch {
        /// The schema of the layout.
        layout: Digest,
        /// The schema of the facts.
        facts: Digest,
    },
    /// The record does not fit into the addresses of a 32-bit memory.
    #[error("the record would have {used} bytes, at most {limit} can be addressed")]
    TooLong {
        /// The most bytes.
        limit: usize,
        /// The bytes needed.
        used: usize,
    },
}

impl EncodeError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SchemaMismatch { .. } => "record_schema_mismatch",
            Self::TooLong { .. } => "record_too_long",
        }
    }
}

/// The longest record: its end must be a positive 32-bit number for every guest language.
const RECORD_BYTES_MAX: u32 = 0x7fff_ffff;

impl Layout {
    /// Writes the record that a view shows of the facts, in place of what `out` held.
    ///
    /// Nothing is allocated once `out` has grown to the size of a record.
    ///
    /// # Errors
    /// [`EncodeError`] when the facts belong to another schema, or are too long to address.
    pub fn encode(
        &self,
        facts: &Facts,
        view: View<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if facts.schema() != self.schema {
            return Err(EncodeError::SchemaMismatch {
                layout: self.schema,
                facts: facts.schema(),
            });
        }
        out.clear();
        out.resize(self.fixed_len, 0);
        put(out, 0, &1_u32.to_le_bytes());
        put(out, 8, &low_u32(self.fields.len()).to_le_bytes());
        if let View::Route(warnings) = view {
            let counters = [warnings.repeats, warnings.like_cases, warnings.burst];
            for (at, counter) in (WARNINGS_AT..).step_by(8).zip(counters) {
                put(out, at, &i64::from(counter).to_le_bytes());
            }
        }
        for (number, (field, value)) in self.fields.iter().zip(facts.iter()).enumerate() {
            let Some(value) = value else { continue };
            if !view.sees(field.class) {
                continue;
            }
            if let Some(byte) = out.get_mut(BITMAP_AT + number / 8) {
                *byte |= 1 << (number % 8);
            }
            write(out, field.at, value);
        }
        let length = u32::try_from(out.len()).ok();
        let Some(length) = length.filter(|length| *length <= RECORD_BYTES_MAX) else {
            return Err(EncodeError::TooLong {
                limit: usize::try_from(RECORD_BYTES_MAX).unwrap_or(usize::MAX),
                used: out.len(),
            });
        };
        put(out, 4, &length.to_le_bytes());
        Ok(())
    }
}

/// Writes one value into its field at an offset, and what it refers to at the end.
#[inline]
fn write(out: &mut Vec<u8>, at: usize, value: &Value) {
    match value {
        Value::Text(text) => {
            let reference = reference(out.len(), text.len());
            out.extend_from_slice(text.as_bytes());
            put(out, at, &reference);
        }
        Value::List(items) => list(out, at, items),
        scalar => match word(scalar) {
            Ok(word) => put(out, at, &word.to_le_bytes()),
            Err(money) => put(out, at, &money_cell(money)),
        },
    }
}

/// The number that a scalar is written as, or the money that needs a wider cell.
#[inline]
fn word(value: &Value) -> Result<i64, Money> {
    match value {
        Value::Bool(value) => Ok(i64::from(*value)),
        Value::Int(value) => Ok(*value),
        Value::Enum(place) => Ok(i64::from(*place)),
        Value::Date(date) => Ok(i64::from(date.days())),
        Value::DateTime(instant) => Ok(instant.seconds()),
        Value::Money(money) => Err(*money),
        // References are written by `write`; a list never holds a list.
        Value::Text(_) | Value::List(_) => Ok(0),
    }
}

fn money_cell(money: Money) -> [u8; 16] {
    let mut cell = [0; 16];
    put(&mut cell, 0, &money.minor().to_le_bytes());
    put(&mut cell, 8, &money.currency().bytes());
    cell
}

fn list(out: &mut Vec<u8>, at: usize, items: &[Value]) {
    let first = out.len().next_multiple_of(8);
    let cell = match items.first() {
        Some(Value::Money(_)) => 16,
        _ => 8,
    };
    // A list holds at most 256 items and a record at most 256 facts: no overflow.
    out.resize(first + items.len() * cell, 0);
    put(out, at, &reference(first, items.len()));
    for (at, item) in (first..).step_by(cell).zip(items) {
        write(out, at, item);
    }
}

/// An offset and a length or count as one field.
fn reference(offset: usize, count: usize) -> [u8; 8] {
    let mut field = [0; 8];
    put(&mut field, 0, &low_u32(offset).to_le_bytes());
    put(&mut field, 4, &low_u32(count).to_le_bytes());
    field
}

/// The number as 32 bits; a record that needs more is refused by its length at the end.
fn low_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Writes bytes at a place that exists: every place is the layout's own.
#[inline]
fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = out.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
