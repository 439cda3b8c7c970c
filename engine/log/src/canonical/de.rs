//! Reading typed values back from records, whose integers are texts.

use std::fmt::Display;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::value::{Key, Value};

/// Why a part of a record is not what its place asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FromValueError(String);

impl FromValueError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "record_invalid"
    }
}

impl serde::de::Error for FromValueError {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Reads a typed value: where an integer is asked for, a text of its digits must stand,
/// without a plus, without leading zeros.
///
/// # Errors
/// [`FromValueError`] when the value is of another shape.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, FromValueError> {
    T::deserialize(value)
}

impl IntoDeserializer<'_, FromValueError> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl IntoDeserializer<'_, FromValueError> for Key {
    type Deserializer = serde::de::value::StringDeserializer<FromValueError>;

    fn into_deserializer(self) -> Self::Deserializer {
        self.0.into_deserializer()
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FromValueError> {
            let integer = self.as_text().and_then(|text| {
                let integer: $type = text.parse().ok()?;
                // Only the one way in which it is written.
                (integer.to_string() == text).then_some(integer)
            });
            match integer {
                Some(integer) => visitor.$visit(integer),
                None => Err(self.wrong("an integer as a text")),
            }
        })*
    };
}

impl Value {
    fn wrong(&self, expected: &str) -> FromValueError {
        let found = match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        };
        FromValueError(format!("expected {expected}, found {found}"))
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = FromValueError;

    integers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FromValueError> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Number(_) => Err(self.wrong("a record, which holds no numbers")),
            Self::Text(text) => visitor.visit_string(text),
            Self::Array(items) => {
                let mut items = SeqDeserializer::new(items.into_iter());
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Self::Object(object) => {
                let mut members = MapDeserializer::new(object.into_iter());
                let value = visitor.visit_map(&mut members)?;
                members.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FromValueError> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FromValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FromValueError> {
        match self {
            Self::Text(name) => visitor.visit_enum(Variant { name, value: None }),
            Self::Object(object) if object.len() == 1 => match object.into_iter().next() {
                Some((Key(name), value)) => visitor.visit_enum(Variant {
                    name,
                    value: Some(value),
                }),
                None => Err(FromValueError("expected a variant".to_owned())),
            },
            other => Err(other.wrong("the name of a variant")),
        }
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct identifier ignored_any i128 u128
    }
}

/// A variant: its name, and its value unless it has none.
struct Variant {
    name: String,
    value: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = FromValueError;
    type Variant = VariantValue;

    fn variant_seed<V: serde::de::DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, VariantValue), FromValueError> {
        let name = seed.deserialize(self.name.into_deserializer())?;
        Ok((name, VariantValue(self.value)))
    }
}

struct VariantValue(Option<Value>);

impl VariantValue {
    fn some(self) -> Result<Value, FromValueError> {
        self.0
            .ok_or_else(|| FromValueError("the variant has a value".to_owned()))
    }
}

impl<'de> VariantAccess<'de> for VariantValue {
    type Error = FromValueError;

    fn unit_variant(self) -> Result<(), FromValueError> {
        match self.0 {
            None => Ok(()),
            Some(value) => Err(value.wrong("a variant without a value")),
        }
    }

    fn newtype_variant_seed<T: serde::de::DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, FromValueError> {
        seed.deserialize(self.some()?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, FromValueError> {
        self.some()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FromValueError> {
        self.some()?.deserialize_any(visitor)
    }
}
