//! The facts, read from JSON straight into their slots.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{AdmitErrorKind, Problems, snippet};
use crate::code::nearest;
use crate::facts::{Facts, Value};
use crate::schema::{Entry, FactType, Schema, Slot, compile_escape as escape, find};

pub(super) fn read(json: &str, schema: &Schema, problems: &mut Problems) -> Option<Facts> {
    let mut facts = Facts::unknown(schema);
    let mut given = vec![false; schema.facts().len()];
    let mut reader = Reader {
        schema,
        facts: &mut facts,
        given: &mut given,
        problems,
    };
    let seed = ObjectSeed {
        reader: &mut reader,
        level: Level::Top,
    };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    if let Err(error) = seed.deserialize(&mut deserializer) {
        let found = error.to_string();
        problems.add(
            AdmitErrorKind::Syntax,
            "/facts",
            "an object of facts",
            found,
        );
        return None;
    }
    require(schema, &facts, problems);
    Some(facts)
}

/// Every required fact must be known.
pub(super) fn require(schema: &Schema, facts: &Facts, problems: &mut Problems) {
    for (slot, fact) in schema.slots() {
        if fact.required && facts.get(slot).is_none() {
            let pointer = format!("/facts/{}", fact.name.replace('.', "/"));
            // A fact that was given wrongly, or under a name like its own, has been told already.
            let told = problems.0.iter().any(|problem| {
                let like = || {
                    let (given, name) = (problem.pointer.rsplit('/'), fact.name.rsplit('.'));
                    let given = given.take(1).next().unwrap_or_default();
                    nearest(given, name.take(1)).is_some()
                };
                problem.pointer == pointer
                    || (problem.kind == AdmitErrorKind::UnknownField && like())
            });
            if !told {
                problems.add(
                    AdmitErrorKind::Missing,
                    pointer,
                    fact.ty.expected(),
                    "nothing",
                );
            }
        }
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    facts: &'a mut Facts,
    given: &'a mut [bool],
    problems: &'a mut Problems,
}

/// Where in the facts an object stands.
#[derive(Clone, Copy)]
enum Level<'a> {
    Top,
    Group {
        name: &'a str,
        members: &'a [(smol_str::SmolStr, Slot)],
    },
}

impl Level<'_> {
    fn pointer(&self, key: &str) -> String {
        match self {
            Self::Top => format!("/facts/{}", escape(key)),
            Self::Group { name, .. } => format!("/facts/{name}/{}", escape(key)),
        }
    }
}

struct ObjectSeed<'r, 'a> {
    reader: &'r mut Reader<'a>,
    level: Level<'a>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of facts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(KeySeed)? {
            self.reader.member(self.level, &key, &mut map)?;
        }
        Ok(())
    }

    /// An absent group: all of it is unknown.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        match self.level {
            Level::Top => Err(E::invalid_type(serde::de::Unexpected::Unit, &self)),
            Level::Group { .. } => Ok(()),
        }
    }
}

impl Reader<'_> {
    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        level: Level<'_>,
        key: &str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let entry = match level {
            Level::Top => self.schema.entry(key).cloned_slot(),
            Level::Group { members, .. } => find(members, key).map(|slot| Found::Slot(*slot)),
        };
        match entry {
            Some(Found::Slot(slot)) => self.fact(level, key, slot, map),
            Some(Found::Group) => self.group(key, map),
            None => {
                map.next_value::<IgnoredAny>()?;
                let expected = self.suggestion(level, key);
                let found = "an unknown member";
                self.problems.add(
                    AdmitErrorKind::UnknownField,
                    level.pointer(key),
                    expected,
                    found,
                );
                Ok(())
            }
        }
    }

    fn group<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let schema = self.schema;
        let Some(Entry::Group(members)) = schema.entry(key) else {
            return Ok(());
        };
        let twice = members
            .iter()
            .any(|(_, slot)| self.given.get(slot.index()).copied().unwrap_or_default());
        if twice {
            let at = Level::Top.pointer(key);
            let found = "the same member again";
            self.problems
                .add(AdmitErrorKind::DuplicateField, at, "each fact once", found);
        }
        let mut reader = Reader {
            schema,
            facts: self.facts,
            given: self.given,
            problems: self.problems,
        };
        let level = Level::Group {
            name: key_of(schema, key),
            members,
        };
        map.next_value_seed(GroupSeed(ObjectSeed {
            reader: &mut reader,
            level,
        }))
    }

    fn fact<'de, A: MapAccess<'de>>(
        &mut self,
        level: Level<'_>,
        key: &str,
        slot: Slot,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let Some(fact) = self.schema.fact(slot) else {
            return Ok(());
        };
        let read = map.next_value_seed(ValueSeed(&fact.ty))?;
        let given = self.given.get_mut(slot.index());
        if given.is_some_and(|given| std::mem::replace(given, true)) {
            let at = level.pointer(key);
            let found = "the same member again";
            self.problems
                .add(AdmitErrorKind::DuplicateField, at, "each fact once", found);
            return Ok(());
        }
        match read {
            Read::Known(value) => {
                if let Some(place) = self.facts.slot_mut(slot) {
                    *place = Some(value);
                }
            }
            Read::Unknown => {}
            Read::Wrong { item: None, found } => {
                let expected = fact.ty.expected();
                self.problems
                    .add(AdmitErrorKind::Invalid, level.pointer(key), expected, found);
            }
            Read::Wrong {
                item: Some(index),
                found,
            } => {
                let expected = match &fact.ty {
                    FactType::List { item, .. } => item.expected(),
                    other => other.expected(),
                };
                let at = format!("{}/{index}", level.pointer(key));
                self.problems
                    .add(AdmitErrorKind::Invalid, at, expected, found);
            }
        }
        Ok(())
    }

    /// The names there are, nearest first where one is near.
    fn suggestion(&self, level: Level<'_>, key: &str) -> Cow<'static, str> {
        let names: Vec<&str> = match level {
            Level::Top => self
                .schema
                .entries()
                .iter()
                .map(|(name, _)| name.as_str())
                .collect(),
            Level::Group { members, .. } => members.iter().map(|(name, _)| name.as_str()).collect(),
        };
        match nearest(key, names.iter().copied()) {
            Some(near) => format!("a fact of the schema; did you mean {near:?}?").into(),
            None => format!("one of {}", snippet(&names.join(", "))).into(),
        }
    }
}

/// The schema's own copy of a group's name, which outlives the text.
fn key_of<'a>(schema: &'a Schema, key: &str) -> &'a str {
    schema
        .entries()
        .iter()
        .find(|(name, _)| name == key)
        .map(|(name, _)| name.as_str())
        .unwrap_or_default()
}

enum Found {
    Slot(Slot),
    Group,
}

trait ClonedSlot {
    fn cloned_slot(self) -> Option<Found>;
}

impl ClonedSlot for Option<&Entry> {
    fn cloned_slot(self) -> Option<Found> {
        self.map(|entry| match entry {
            Entry::Fact(slot) => Found::Slot(*slot),
            Entry::Group(_) => Found::Group,
        })
    }
}

/// A group may be anything in a hostile text; anything but an object is told, not fatal.
struct GroupSeed<'r, 'a>(ObjectSeed<'r, 'a>);

impl<'de> DeserializeSeed<'de> for GroupSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw: &serde_json::value::RawValue = serde::Deserialize::deserialize(deserializer)?;
        let ObjectSeed { reader, level } = self.0;
        let at = level.pointer("");
        let mut inner = serde_json::Deserializer::from_str(raw.get());
        if (ObjectSeed { reader, level })
            .deserialize(&mut inner)
            .is_err()
        {
            let at = at.trim_end_matches('/').to_owned();
            let found = snippet(raw.get());
            reader
                .problems
                .add(AdmitErrorKind::Invalid, at, "an object of facts", found);
        }
        Ok(())
    }
}

/// An object's key, borrowed where the text has no escape.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// What stood in the place of a fact.
enum Read {
    Known(Value),
    Unknown,
    Wrong {
        item: Option<usize>,
        found: Cow<'static, str>,
    },
}

impl Read {
    fn wrong(found: impl Into<Cow<'static, str>>) -> Self {
        Self::Wrong {
            item: None,
            found: found.into(),
        }
    }

    fn known_or(value: Option<Value>, found: impl FnOnce() -> String) -> Self {
        value.map_or_else(|| Self::wrong(found()), Self::Known)
    }
}

struct ValueSeed<'a>(&'a FactType);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.expected())
    }

    fn visit_unit<E>(self) -> Result<Read, E> {
        Ok(Read::Unknown)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Read, E> {
        Ok(match self.0 {
            FactType::Bool => Read::Known(Value::Bool(value)),
            _ => Read::wrong(value.to_string()),
        })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Read, E> {
        Ok(Read::known_or(self.0.read_int(number), || {
            number.to_string()
        }))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Read, E> {
        let value = i64::try_from(number)
            .ok()
            .and_then(|number| self.0.read_int(number));
        Ok(Read::known_or(value, || number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Read, E> {
        Ok(Read::wrong(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Read, E> {
        Ok(Read::known_or(self.0.read_str(text), || {
            format!("{:?}", snippet(text))
        }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Read, A::Error> {
        let FactType::List { item, items_max } = self.0 else {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Read::wrong("an array"));
        };
        let items_max = usize::try_from(*items_max).unwrap_or(usize::MAX);
        let (mut items, mut count, mut wrong) = (Vec::new(), 0_usize, None);
        while let Some(read) = seq.next_element_seed(ValueSeed(item))? {
            match read {
                Read::Known(value) if count < items_max => items.push(value),
                Read::Known(_) => {}
                Read::Unknown => {
                    wrong.get_or_insert((count, Cow::Borrowed("null")));
                }
                Read::Wrong { found, .. } => {
                    wrong.get_or_insert((count, found));
                }
            }
            count = count.saturating_add(1);
        }
        Ok(match wrong {
            _ if count > items_max => Read::wrong(format!("{count} items")),
            Some((index, found)) => Read::Wrong {
                item: Some(index),
                found,
            },
            None => Read::Known(Value::List(items.into())),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Read::wrong("an object"))
    }
}
