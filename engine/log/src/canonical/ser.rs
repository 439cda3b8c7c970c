//! A serde serializer that writes records in their canonical form, and puts a commitment
//! in the place of what is sealed.

use std::borrow::Cow;
use std::fmt::Display;

use serde::ser::{Serialize, Serializer};

use super::compound::{Items, Members, Variant};
use super::rules::{Rule, Rules, SealValue};
use super::write;

/// Why a value has no canonical form as a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Records hold no floats, since no amount may ever be one.
    #[error("a record holds no floating-point number")]
    Float,
    /// Two members of one object have the same name.
    #[error("the member {name:?} is there twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// The name of a member is no text.
    #[error("the name of a member is no text")]
    Name,
    /// The value says itself that it cannot be written.
    #[error("{0}")]
    Value(String),
}

impl CanonicalError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Float => "record_holds_float",
            Self::Duplicate { .. } => "record_duplicate_name",
            Self::Name => "record_bad_name",
            Self::Value(_) => "record_not_writable",
        }
    }
}

impl serde::ser::Error for CanonicalError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Value(message.to_string())
    }
}

/// The canonical bytes of a value: members in order, integers as texts.
///
/// # Errors
/// [`CanonicalError`] when the value holds a float or a name twice.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    to_vec_sealed(value, &Rules::default(), &mut NoSeal)
}

/// The same with commitments in the places that the rules name.
pub(crate) fn to_vec_sealed<T: Serialize + ?Sized>(
    value: &T,
    rules: &Rules,
    seal: &mut dyn SealValue,
) -> Result<Vec<u8>, CanonicalError> {
    let mut writer = Writer {
        out: Vec::with_capacity(2_048),
        scratch: Vec::new(),
        spans: Vec::new(),
        rules: Some(rules),
        seal,
    };
    value.serialize(&mut writer)?;
    Ok(writer.out)
}

struct NoSeal;

impl SealValue for NoSeal {
    fn seal(&mut self, _: Rule, value: &[u8], out: &mut Vec<u8>) {
        out.extend(value);
    }
}

pub(super) struct Writer<'w> {
    pub(super) out: Vec<u8>,
    pub(super) scratch: Vec<u8>,
    /// The members of all objects that are open, the outermost first.
    pub(super) spans: Vec<Span>,
    /// What is sealed at this place and below it.
    pub(super) rules: Option<&'w Rules>,
    seal: &'w mut dyn SealValue,
}

/// One member in the output: from the quote before its name to the end of its value.
pub(super) struct Span {
    pub(super) name: Cow<'static, str>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'w> Writer<'w> {
    /// Writes a value that stands below this one, and seals it if a rule says so.
    pub(super) fn below<T: Serialize + ?Sized>(
        &mut self,
        rules: Option<&'w Rules>,
        value: &T,
    ) -> Result<(), CanonicalError> {
        let outer = std::mem::replace(&mut self.rules, rules);
        let start = self.out.len();
        value.serialize(&mut *self)?;
        self.rules = outer;
        if let Some(rule) = rules.and_then(|rules| rules.here) {
            self.scratch.clear();
            self.scratch
                .extend(self.out.get(start..).unwrap_or_default());
            // Nothing is known here, and so there is nothing to hide.
            if self.scratch != b"null" {
                self.out.truncate(start);
                self.seal.seal(rule, &self.scratch, &mut self.out);
            }
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) {
        write::text(&mut self.out, text);
    }

    fn integer(&mut self, integer: impl Display) {
        use std::io::Write as _;
        // Writing into memory does not fail.
        let _ = write!(self.out, "\"{integer}\"");
    }

    fn object(&mut self) -> Members<'_, 'w> {
        let (base, start) = (self.spans.len(), self.out.len());
        self.out.push(b'{');
        Members {
            writer: self,
            base,
            start,
            name: None,
            variant: Variant::No,
        }
    }

    fn array(&mut self) -> Items<'_, 'w> {
        self.out.push(b'[');
        Items {
            writer: self,
            empty: true,
            variant: Variant::No,
        }
    }

    /// Opens the object that names a variant; its one member needs no order.
    fn variant(&mut self, variant: &'static str) {
        self.out.push(b'{');
        self.text(variant);
        self.out.push(b':');
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), CanonicalError> {
            self.integer(value);
            Ok(())
        })*
    };
}

impl<'m, 'w> Serializer for &'m mut Writer<'w> {
    type Ok = ();
    type Error = CanonicalError;
    type SerializeSeq = Items<'m, 'w>;
    type SerializeTuple = Items<'m, 'w>;
    type SerializeTupleStruct = Items<'m, 'w>;
    type SerializeTupleVariant = Items<'m, 'w>;
    type SerializeMap = Members<'m, 'w>;
    type SerializeStruct = Members<'m, 'w>;
    type SerializeStructVariant = Members<'m, 'w>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128
    }

    fn serialize_bool(self, value: bool) -> Result<(), CanonicalError> {
        let word: &[u8] = if value { b"true" } else { b"false" };
        self.out.extend(word);
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), CanonicalError> {
        Err(CanonicalError::Float)
    }

    fn serialize_f64(self, _: f64) -> Result<(), CanonicalError> {
        Err(CanonicalError::Float)
    }

    fn serialize_char(self, value: char) -> Result<(), CanonicalError> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), CanonicalError> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), CanonicalError> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<(), CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), CanonicalError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), CanonicalError> {
        self.out.extend(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), CanonicalError> {
        self.text(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), CanonicalError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), CanonicalError> {
        self.variant(variant);
        let rules = self.rules.and_then(|rules| rules.member(variant));
        self.below(rules, value)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'m, 'w>, CanonicalError> {
        Ok(self.array())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'m, 'w>, CanonicalError> {
        Ok(self.array())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Items<'m, 'w>, CanonicalError> {
        Ok(self.array())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'m, 'w>, CanonicalError> {
        self.variant(variant);
        let mut items = self.array();
        items.variant = Variant::Open;
        Ok(items)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'m, 'w>, CanonicalError> {
        Ok(self.object())
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Members<'m, 'w>, CanonicalError> {
        Ok(self.object())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'m, 'w>, CanonicalError> {
        self.variant(variant);
        let mut members = self.object();
        members.variant = Variant::Open;
        Ok(members)
    }
}
