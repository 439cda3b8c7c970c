//! One JSON object as a row: each member a cell, a group of facts as a nested object, a list
//! as an array.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::rows::{Row, Wanted};

/// Reads the members that somebody wants into `row`.
pub(super) fn read(line: &str, wanted: &Wanted, row: &mut Row) -> Result<(), Cow<'static, str>> {
    let mut json = serde_json::Deserializer::from_str(line);
    let object = Object {
        wanted,
        row,
        group: "",
    };
    object
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|error| {
            // The line is the history's, not the one line that the parser saw.
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            format!("expected a JSON object: {text}").into()
        })
}

struct Object<'a> {
    wanted: &'a Wanted,
    row: &'a mut Row,
    /// The name of the group that the object is, or nothing at the top.
    group: &'a str,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            let name = if self.group.is_empty() {
                key
            } else {
                Cow::Owned(format!("{}.{key}", self.group))
            };
            map.next_value_seed(Member {
                wanted: self.wanted,
                row: self.row,
                name: &name,
                at_top: self.group.is_empty(),
            })?;
        }
        Ok(())
    }
}

struct Member<'a> {
    wanted: &'a Wanted,
    row: &'a mut Row,
    name: &'a str,
    at_top: bool,
}

impl Member<'_> {
    fn put<E: Error>(self, text: &str) -> Result<(), E> {
        let Some(place) = self.wanted.place(self.name) else {
            return Ok(());
        };
        if self.row.put(place, text) {
            Ok(())
        } else {
            Err(E::custom(format_args!(
                "member {:?} is there twice",
                self.name
            )))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.wanted.concerns(self.name) {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_ignored_any(IgnoredAny).map(drop)
        }
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a scalar for {:?}", self.name)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(if value { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(&value.to_string())
    }

    /// A number with a point keeps it, so that no integer fact takes it.
    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.put(&format!("{value:?}"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(value)
    }

    /// A list stays the array that it is; whether its items are what the fact's may be is
    /// told where the cell is read.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let place = self.wanted.place(self.name);
        if !place.is_some_and(|place| self.wanted.is_list(place)) {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<serde_json::Value>()? {
            items.push(item);
        }
        self.put(&serde_json::Value::Array(items).to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        if !self.at_top {
            return Err(A::Error::custom("groups are one level deep"));
        }
        let group = Object {
            wanted: self.wanted,
            row: self.row,
            group: self.name,
        };
        group.visit_map(map)
    }
}
