//! Facts to bytes.

use redress_model::{Digest, Facts, Value};

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
        let mut values = facts.iter();
        for (at, fields) in (BITMAP_AT..).step_by(8).zip(self.fields.chunks(64)) {
            let mut known = 0_u64;
            for (number, field) in fields.iter().enumerate() {
                if let Some(Some(value)) = values.next()
                    && view.sees(field.class)
                {
                    known |= 1 << number;
                    let word = match value {
                        Value::List(items) => list(out, items),
                        scalar => word(out, field.at, scalar),
                    };
                    put(out, field.at, &word.to_le_bytes());
                }
            }
            put(out, at, &known.to_le_bytes());
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

/// What stands in a scalar's or a text's field at an offset. What does not fit there is
/// written beside it or at the end.
#[inline]
fn word(out: &mut Vec<u8>, at: usize, value: &Value) -> i64 {
    match value {
        Value::Bool(value) => i64::from(*value),
        Value::Int(value) => *value,
        Value::Enum(place) => i64::from(*place),
        Value::Date(date) => i64::from(date.days()),
        Value::DateTime(instant) => instant.seconds(),
        Value::Money(money) => {
            put(out, at + 8, &money.currency().bytes());
            money.minor()
        }
        Value::Text(text) => {
            let reference = reference(out.len(), text.len());
            out.extend_from_slice(text.as_bytes());
            reference
        }
        // A list holds no list, and `encode` writes those that a fact is.
        Value::List(_) => 0,
    }
}

/// Writes the items at the end, and gives their place.
fn list(out: &mut Vec<u8>, items: &[Value]) -> i64 {
    let first = out.len().next_multiple_of(8);
    let cell = match items.first() {
        Some(Value::Money(_)) => 16,
        _ => 8,
    };
    // A list holds at most 256 items and a record at most 256 facts: no overflow.
    out.resize(first + items.len() * cell, 0);
    for (at, item) in (first..).step_by(cell).zip(items) {
        let word = word(out, at, item);
        put(out, at, &word.to_le_bytes());
    }
    reference(first, items.len())
}

/// An offset and a length or count as one field.
fn reference(offset: usize, count: usize) -> i64 {
    i64::from(low_u32(count)) << 32 | i64::from(low_u32(offset))
}

/// The number as 32 bits; a record that needs more is refused by its length at the end.
fn low_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Writes bytes at a place that exists: every place is the layout's own.
#[inline]
fn put<const LEN: usize>(out: &mut [u8], at: usize, bytes: &[u8; LEN]) {
    let rest = out.get_mut(at..);
    if let Some(place) = rest.and_then(<[u8]>::first_chunk_mut) {
        *place = *bytes;
    }
}
