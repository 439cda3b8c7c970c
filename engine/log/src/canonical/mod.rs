//! Canonical JSON (RFC 8785): one way to write a value, so that a digest of it means
//! something.
//!
//! [`Value`] with [`read`] and [`Value::write`] is the whole of RFC 8785, numbers as
//! doubles included. Records go through [`to_vec`] and [`from_value`] instead, which write
//! integers as texts and refuse floats: a double does not hold every `i64`, and there are
//! no floats near an amount.

mod compound;
mod de;
mod name;
mod number;
mod order;
mod read;
mod rules;
mod ser;
#[cfg(test)]
mod tests;
mod value;
mod write;

pub use self::de::{FromValueError, from_value};
pub use self::read::{ReadError, ReadLimits, ReadProblem, read};
pub(crate) use self::rules::{Rule, RuleSubject, Rules, SealValue};
pub(crate) use self::ser::to_vec_sealed;
pub use self::ser::{CanonicalError, to_vec};
pub use self::value::{Double, Key, Object, Value};
pub(crate) use self::write::text as write_text;
