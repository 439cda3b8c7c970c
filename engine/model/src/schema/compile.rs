//! From the text of a `facts.schema.json` to slots.
//!
//! The subset of JSON Schema 2020-12:
//!
//! | keyword | where | meaning |
//! | --- | --- | --- |
//! | `$schema`, `$id`, `title`, `$comment` | root | informative |
//! | `type: "object"`, `properties`, `required`, `additionalProperties: false` | root, group | facts by name; a group is one level deep |
//! | `type: "boolean"` | fact | |
//! | `type: "integer"`, `minimum`, `maximum` | fact, item | both ends required, included |
//! | `type: "string"`, `enum` | fact, item | 1 to 256 distinct ASCII codes |
//! | `type: "string"`, `maxLength` | fact, item | 1 to 4,096 characters |
//! | `type: "string"`, `format: "date"` or `"date-time"` | fact, item | RFC 3339 |
//! | `type: "string"`, `format: "money"`, `x-currency` | fact, item | `"250.00 EUR"`; without `x-currency` any currency |
//! | `x-minimum` | money with `x-currency` | the least sum, such as `"0.00 EUR"`; without it a sum may be negative |
//! | `type: "array"`, `items`, `maxItems` | fact | scalars, 1 to 256 items |
//! | `description`, `title`, `examples` | fact, group | informative |
//! | `x-class` | fact | `merit`, `gate`, `route`, `actor`, `safety`, `forbidden`; required |
//! | `x-direction` | merit fact | `higher_is_worse`, `lower_is_worse`; required there, refused elsewhere |
//! | `x-unit` | fact | the unit; required for integers |
//!
//! Every other keyword is an error. `additionalProperties` is `false` whether it is
//! written or not.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use super::{Direction, Entry, FACTS_MAX, FactClass, FactDef, FactType, Schema, Slot};
use crate::code::nearest;
use crate::{Currency, Digest, Money};

/// The longest schema source, in bytes.
pub const SCHEMA_BYTES_MAX: usize = 256 * 1024;

/// One thing that is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", if pointer.is_empty() { "/" } else { pointer })]
pub struct SchemaError {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// Everything that is wrong with a schema, at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaErrors(pub Vec<SchemaError>);

impl SchemaErrors {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "schema_invalid"
    }
}

impl fmt::Display for SchemaErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SchemaErrors {}

struct Compiler {
    errors: Vec<SchemaError>,
    facts: BTreeMap<String, FactDef>,
}

pub(super) fn compile(source: &[u8]) -> Result<Schema, SchemaErrors> {
    let fail = |problem: String| {
        SchemaErrors(vec![SchemaError {
            pointer: String::new(),
            problem,
        }])
    };
    if source.len() > SCHEMA_BYTES_MAX {
        let bytes = source.len();
        return Err(fail(format!(
            "the schema has {bytes} bytes, at most {SCHEMA_BYTES_MAX} are read"
        )));
    }
    let root: Json = serde_json::from_slice(source).map_err(|error| fail(error.to_string()))?;
    let mut compiler = Compiler {
        errors: Vec::new(),
        facts: BTreeMap::new(),
    };
    compiler.root(&root);
    if compiler.facts.len() > FACTS_MAX {
        let count = compiler.facts.len();
        compiler.problem(
            "/properties",
            format!("{count} facts, at most {FACTS_MAX} are allowed"),
        );
    }
    if compiler.errors.is_empty() {
        Ok(finish(compiler.facts))
    } else {
        Err(SchemaErrors(compiler.errors))
    }
}

/// Numbers the slots by name and gathers the groups.
fn finish(facts: BTreeMap<String, FactDef>) -> Schema {
    let mut top: BTreeMap<SmolStr, Entry> = BTreeMap::new();
    for (number, name) in (0..).zip(facts.keys()) {
        match name.split_once('.') {
            None => {
                top.insert(name.into(), Entry::Fact(Slot(number)));
            }
            Some((group, member)) => {
                let entry = top
                    .entry(group.into())
                    .or_insert_with(|| Entry::Group(Box::default()));
                if let Entry::Group(members) = entry {
                    let mut grown = std::mem::take(members).into_vec();
                    grown.push((member.into(), Slot(number)));
                    *members = grown.into();
                }
            }
        }
    }
    let facts: Box<[FactDef]> = facts.into_values().collect();
    let digest = digest(&facts);
    Schema {
        facts,
        entries: top.into_iter().collect(),
        digest,
    }
}

/// A line for each fact with everything that a module compiled against it relies on.
fn digest(facts: &[FactDef]) -> Digest {
    let mut text = String::from("redress.schema.v1\n");
    for fact in facts {
        let direction = fact.direction.map_or("-", Direction::name);
        let unit = fact.unit.as_deref().unwrap_or("-");
        let required = if fact.required {
            "required"
        } else {
            "optional"
        };
        let class = fact.class.name();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} {class} {direction} {unit} {required} {}",
            fact.name,
            in_digest(&fact.ty)
        );
    }
    Digest::of(text.as_bytes())
}

/// A type as digests have it, which must never read otherwise: a sum without a least one
/// is written as it was before there were any.
fn in_digest(ty: &FactType) -> String {
    match ty {
        FactType::Money {
            currency,
            min_minor: None,
        } => format!("Money({currency:?})"),
        FactType::Money {
            currency,
            min_minor: Some(min_minor),
        } => format!("Money({currency:?}, {min_minor})"),
        FactType::List { item, items_max } => format!(
            "List {{ item: {}, items_max: {items_max} }}",
            in_digest(item)
        ),
        other => format!("{other:?}"),
    }
}

const ROOT_KEYS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
];
const GROUP_KEYS: &[&str] = &[
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
];
const FACT_KEYS: &[&str] = &[
    "title",
    "description",
    "examples",
    "type",
    "enum",
    "minimum",
    "maximum",
    "maxLength",
    "format",
    "items",
    "maxItems",
    "x-class",
    "x-direction",
    "x-unit",
    "x-currency",
    "x-minimum",
];

impl Compiler {
    fn problem(&mut self, pointer: &str, problem: impl Into<String>) {
        self.errors.push(SchemaError {
            pointer: pointer.into(),
            problem: problem.into(),
        });
    }

    /// Tells of every keyword that is not known. What is near to one that is known and not
    /// there is read as that one, so that one slip of the hand is one error.
    fn keywords(
        &mut self,
        pointer: &str,
        object: &Map<String, Json>,
        known: &[&str],
    ) -> Map<String, Json> {
        let mut read = object.clone();
        for (key, value) in object
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()))
        {
            let missing = known.iter().filter(|name| !object.contains_key(**name));
            let near = nearest(key, missing.copied());
            let hint = meant(near);
            self.problem(
                &format!("{pointer}/{}", escape(key)),
                format!("the keyword {key:?} is not supported here{hint}"),
            );
            if let Some(near) = near {
                read.remove(key);
                read.insert(near.to_owned(), value.clone());
            }
        }
        read
    }

    fn root(&mut self, root: &Json) {
        let Some(object) = root.as_object() else {
            self.problem("", "expected an object with `properties`");
            return;
        };
        let object = &self.keywords("", object, ROOT_KEYS);
        if let Some(dialect) = object.get("$schema")
            && dialect != "https://json-schema.org/draft/2020-12/schema"
        {
            self.problem("/$schema", "only JSON Schema 2020-12 is understood");
        }
        for (name, property, required) in self.properties("", object) {
            let pointer = format!("/properties/{}", escape(&name));
            let group = property
                .as_object()
                .filter(|object| object.get("type").is_some_and(|ty| ty == "object"));
            let Some(group) = group else {
                self.fact(&pointer, name, &property, required);
                continue;
            };
            if required {
                self.problem(
                    "/required",
                    format!("{name:?} is a group; list the facts inside it"),
                );
            }
            let group = &self.keywords(&pointer, group, GROUP_KEYS);
            for (member, property, required) in self.properties(&pointer, group) {
                let pointer = format!("{pointer}/properties/{}", escape(&member));
                self.fact(&pointer, format!("{name}.{member}"), &property, required);
            }
        }
    }

    /// The properties of an object with their names checked and whether each is required.
    fn properties(
        &mut self,
        pointer: &str,
        object: &Map<String, Json>,
    ) -> Vec<(String, Json, bool)> {
        if object.get("type").is_none_or(|ty| ty != "object") {
            self.problem(&format!("{pointer}/type"), "expected \"object\"");
        }
        if object
            .get("additionalProperties")
            .is_some_and(|value| value != &Json::Bool(false))
        {
            let at = format!("{pointer}/additionalProperties");
            self.problem(
                &at,
                "only false is supported: a case never holds facts the schema lacks",
            );
        }
        let empty = Map::new();
        let properties = object
            .get("properties")
            .and_then(Json::as_object)
            .unwrap_or_else(|| {
                self.problem(
                    &format!("{pointer}/properties"),
                    "expected an object of facts",
                );
                &empty
            });
        let mut required = Vec::new();
        match object.get("required") {
            None => {}
            Some(Json::Array(names)) if names.iter().all(Json::is_string) => {
                required.extend(names.iter().filter_map(Json::as_str));
            }
            Some(_) => self.problem(&format!("{pointer}/required"), "expected an array of names"),
        }
        for name in required
            .iter()
            .filter(|name| !properties.contains_key(**name))
        {
            let at = format!("{pointer}/required");
            let hint = meant(nearest(name, properties.keys().map(String::as_str)));
            self.problem(
                &at,
                format!("{name:?} is required but not among the properties{hint}"),
            );
        }
        for name in properties.keys().filter(|name| !is_fact_name(name)) {
            let at = format!("{pointer}/properties/{}", escape(name));
            self.problem(&at, NAME_RULE);
        }
        let mut list = Vec::new();
        for (name, property) in properties.iter().filter(|(name, _)| is_fact_name(name)) {
            list.push((
                name.clone(),
                property.clone(),
                required.contains(&name.as_str()),
            ));
        }
        list
    }

    fn fact(&mut self, pointer: &str, name: String, property: &Json, required: bool) {
        let Some(object) = property.as_object() else {
            self.problem(pointer, "expected an object that describes the fact");
            return;
        };
        let object = &self.keywords(pointer, object, FACT_KEYS);
        let ty = self.fact_type(pointer, object);
        let class = self.named(
            pointer,
            object,
            "x-class",
            &FactClass::ALL.map(|c| (c.name(), c)),
        );
        if !object.contains_key("x-class") {
            self.problem(
                pointer,
                "`x-class` is missing: merit, gate, route, actor, safety or forbidden",
            );
        }
        let directions = [Direction::HigherIsWorse, Direction::LowerIsWorse].map(|d| (d.name(), d));
        let direction = self.named(pointer, object, "x-direction", &directions);
        let unit = self.text(pointer, object, "x-unit");
        let description = self
            .text(pointer, object, "description")
            .unwrap_or_default();
        let (Some(ty), Some(class)) = (ty, class) else {
            return;
        };
        match class {
            FactClass::Merit if !ty.is_ordered() => self.problem(
                pointer,
                "a merit fact is a boolean, integer, date, date-time or money; a category is a gate fact",
            ),
            FactClass::Merit if !object.contains_key("x-direction") => self.problem(
                pointer,
                "a merit fact needs `x-direction`: higher_is_worse or lower_is_worse",
            ),
            FactClass::Merit => {}
            _ if object.contains_key("x-direction") => {
                self.problem(&format!("{pointer}/x-direction"), "only a merit fact has a direction");
            }
            _ => {}
        }
        if matches!(ty, FactType::Int { .. }) && unit.is_none() {
            self.problem(
                pointer,
                "an integer needs `x-unit`, such as \"minutes\" or \"count\"",
            );
        }
        let key = name.clone();
        let name = name.into();
        let def = FactDef {
            name,
            class,
            ty,
            direction,
            unit,
            required,
            description,
        };
        self.facts.insert(key, def);
    }

    fn fact_type(&mut self, pointer: &str, object: &Map<String, Json>) -> Option<FactType> {
        match object.get("type").and_then(Json::as_str) {
            Some("array") => {
                let items_max = self.number(pointer, object, "maxItems", 1, 256);
                let Some(items) = object.get("items").and_then(Json::as_object) else {
                    self.problem(pointer, "an array needs `items`, the type of its scalars");
                    return None;
                };
                let at = format!("{pointer}/items");
                let items = &self.keywords(
                    &at,
                    items,
                    &["type", "enum", "minimum", "maximum", "maxLength", "format"],
                );
                let item = Box::new(self.scalar(&at, items)?);
                let items_max = u32::try_from(items_max?).ok()?;
                Some(FactType::List { item, items_max })
            }
            _ => self.scalar(pointer, object),
        }
    }

    fn scalar(&mut self, pointer: &str, object: &Map<String, Json>) -> Option<FactType> {
        let ty = object
            .get("type")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let kind = ["enum", "format", "maxLength"].map(|key| object.contains_key(key));
        let allowed: &[&str] = match (ty, kind) {
            ("boolean", _) => &[],
            ("integer", _) => &["minimum", "maximum"],
            ("string", [true, ..]) => &["enum"],
            ("string", [_, true, _]) => &["format", "x-currency", "x-minimum"],
            ("string", _) => &["maxLength"],
            ("array" | "object", _) => {
                self.problem(
                    &format!("{pointer}/type"),
                    "lists and groups are one level deep",
                );
                return None;
            }
            ("number", _) => {
                let at = format!("{pointer}/type");
                self.problem(
                    &at,
                    "numbers with fractions are not supported; use an integer of a smaller unit",
                );
                return None;
            }
            _ => {
                let at = format!("{pointer}/type");
                self.problem(
                    &at,
                    "expected \"boolean\", \"integer\", \"string\", \"array\" or \"object\"",
                );
                return None;
            }
        };
        let constraints = [
            "enum",
            "format",
            "maxLength",
            "minimum",
            "maximum",
            "x-currency",
            "x-minimum",
        ];
        for key in constraints.iter().filter(|key| object.contains_key(**key)) {
            if !allowed.contains(key) {
                self.problem(
                    &format!("{pointer}/{key}"),
                    format!("{key:?} does not go with this type"),
                );
            }
        }
        match allowed {
            [] => Some(FactType::Bool),
            ["minimum", ..] => {
                let min = self.number(pointer, object, "minimum", i64::MIN, i64::MAX);
                let max = self.number(pointer, object, "maximum", i64::MIN, i64::MAX);
                let (min, max) = (min?, max?);
                if min > max {
                    self.problem(pointer, "`minimum` is above `maximum`");
                }
                Some(FactType::Int { min, max })
            }
            ["enum"] => self.enumeration(pointer, object),
            ["maxLength"] => {
                let chars_max = self.number(pointer, object, "maxLength", 1, 4_096)?;
                Some(FactType::Text {
                    chars_max: u32::try_from(chars_max).ok()?,
                })
            }
            _ => self.formatted(pointer, object),
        }
    }

    fn enumeration(&mut self, pointer: &str, object: &Map<String, Json>) -> Option<FactType> {
        let values = object.get("enum").and_then(Json::as_array);
        let names: Vec<&str> = values
            .map(|list| list.iter().filter_map(Json::as_str).collect())
            .unwrap_or_default();
        let mut distinct = names.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let complete = values.is_some_and(|list| list.len() == names.len());
        let ascii = names.iter().all(|name| {
            (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let counted = (1..=256).contains(&names.len()) && distinct.len() == names.len();
        if !(complete && ascii && counted) {
            let at = format!("{pointer}/enum");
            self.problem(
                &at,
                "expected 1 to 256 distinct strings of 1 to 64 visible ASCII characters",
            );
            return None;
        }
        Some(FactType::Enum(
            names.into_iter().map(SmolStr::new).collect(),
        ))
    }

    fn formatted(&mut self, pointer: &str, object: &Map<String, Json>) -> Option<FactType> {
        let format = object
            .get("format")
            .and_then(Json::as_str)
            .unwrap_or_default();
        for (key, problem) in [
            ("x-currency", "only money has a currency"),
            ("x-minimum", "only money has a least sum"),
        ] {
            if matches!(format, "date" | "date-time") && object.contains_key(key) {
                self.problem(&format!("{pointer}/{key}"), problem);
            }
        }
        match format {
            "date" => Some(FactType::Date),
            "date-time" => Some(FactType::DateTime),
            "money" => self.money(pointer, object),
            _ => {
                let at = format!("{pointer}/format");
                self.problem(&at, "expected \"date\", \"date-time\" or \"money\"");
                None
            }
        }
    }

    fn money(&mut self, pointer: &str, object: &Map<String, Json>) -> Option<FactType> {
        let currency = match self.text(pointer, object, "x-currency") {
            None => None,
            Some(code) => match Currency::new(&code) {
                Ok(currency) => Some(currency),
                Err(error) => {
                    self.problem(&format!("{pointer}/x-currency"), error.to_string());
                    return None;
                }
            },
        };
        let Some(least) = self.text(pointer, object, "x-minimum") else {
            return Some(FactType::Money {
                currency,
                min_minor: None,
            });
        };
        let least = least.parse::<Money>().ok();
        let least = least.filter(|least| currency == Some(least.currency()));
        if least.is_none() {
            let problem = match currency {
                Some(currency) => format!("expected a sum such as \"0.00 {currency}\""),
                None => "a least sum needs `x-currency` beside it".to_owned(),
            };
            self.problem(&format!("{pointer}/x-minimum"), problem);
        }
        Some(FactType::Money {
            currency,
            min_minor: Some(least?.minor()),
        })
    }

    fn number(
        &mut self,
        pointer: &str,
        object: &Map<String, Json>,
        key: &str,
        min: i64,
        max: i64,
    ) -> Option<i64> {
        let number = object
            .get(key)
            .and_then(Json::as_i64)
            .filter(|n| (min..=max).contains(n));
        if number.is_none() {
            let at = format!("{pointer}/{key}");
            self.problem(&at, format!("expected an integer from {min} to {max}"));
        }
        number
    }

    fn text(&mut self, pointer: &str, object: &Map<String, Json>, key: &str) -> Option<SmolStr> {
        let value = object.get(key)?;
        let text = value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.problem(&format!("{pointer}/{key}"), "expected a text");
        }
        text.map(SmolStr::new)
    }

    fn named<T: Copy>(
        &mut self,
        pointer: &str,
        object: &Map<String, Json>,
        key: &str,
        names: &[(&str, T)],
    ) -> Option<T> {
        let value = object.get(key)?;
        let found = names
            .iter()
            .find(|(name, _)| value == name)
            .map(|(_, value)| *value);
        if found.is_none() {
            let list: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            self.problem(
                &format!("{pointer}/{key}"),
                format!("expected one of {}", list.join(", ")),
            );
        }
        found
    }
}

const NAME_RULE: &str = "a fact's name is 1 to 64 characters out of a-z, 0-9 and '_', starts with \
                         a letter, and is not `maybe`";

/// What somebody probably meant, to stand behind a problem.
fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"))
}

/// `maybe` is how a policy reads a fact that may be unknown, so no fact has that name.
fn is_fact_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && name != "maybe"
}

/// Escapes a key for a JSON pointer (RFC 6901).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
