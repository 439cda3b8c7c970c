//! The fact schema: what a policy may know of a case, compiled once into slots.
//!
//! The source is a subset of JSON Schema 2020-12; [`compile`] documents it.

mod compile;
mod describe;
#[cfg(test)]
mod tests;

use smol_str::SmolStr;

pub(crate) use self::compile::escape as compile_escape;
pub use self::compile::{SCHEMA_BYTES_MAX, SchemaError, SchemaErrors};
use crate::facts::Value;
use crate::{Currency, Date, Digest, Timestamp};

/// The most facts that one schema may declare.
pub const FACTS_MAX: usize = 256;

/// Who may be moved by a fact, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactClass {
    /// May move the amount; has a direction.
    Merit,
    /// A category: cause, regime, scene.
    Gate,
    /// May move queue, priority and deadline, never an amount.
    Route,
    /// Who decides; authority only.
    Actor,
    /// Danger or vulnerability: duties and a person at once. Never precedent.
    Safety,
    /// Recorded; no policy reads it, nothing infers it.
    Forbidden,
}

impl FactClass {
    /// Every class.
    pub const ALL: [Self; 6] = [
        Self::Merit,
        Self::Gate,
        Self::Route,
        Self::Actor,
        Self::Safety,
        Self::Forbidden,
    ];

    /// The name in `x-class`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Merit => "merit",
            Self::Gate => "gate",
            Self::Route => "route",
            Self::Actor => "actor",
            Self::Safety => "safety",
            Self::Forbidden => "forbidden",
        }
    }

    /// Whether a policy's `remedy` may read facts of this class.
    #[must_use]
    pub const fn seen_by_remedy(self) -> bool {
        matches!(self, Self::Merit | Self::Gate)
    }

    /// Whether a policy's `route` may read facts of this class.
    #[must_use]
    pub const fn seen_by_route(self) -> bool {
        matches!(self, Self::Merit | Self::Gate | Self::Route)
    }
}

/// Which way a merit fact makes the case worse for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// A higher value (later date, `true`) is worse.
    HigherIsWorse,
    /// A lower value (earlier date, `false`) is worse.
    LowerIsWorse,
}

impl Direction {
    /// The name in `x-direction`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HigherIsWorse => "higher_is_worse",
            Self::LowerIsWorse => "lower_is_worse",
        }
    }
}

/// The type of a fact, with its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactType {
    /// `true` or `false`.
    Bool,
    /// An integer, both ends included.
    Int {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// One of a list of codes.
    Enum(Box<[SmolStr]>),
    /// A text of at most so many characters.
    Text {
        /// The most characters (Unicode scalar values).
        chars_max: u32,
    },
    /// A calendar date.
    Date,
    /// An instant.
    DateTime,
    /// A sum.
    Money {
        /// The currency; without one it may be any.
        currency: Option<Currency>,
        /// The least sum in minor units; without one it may be negative.
        min_minor: Option<i64>,
    },
    /// At most so many scalars of one type.
    List {
        /// The type of each item; never a list.
        item: Box<FactType>,
        /// The most items.
        items_max: u32,
    },
}

impl FactType {
    /// Whether values of this type have an order, as a merit fact needs.
    #[must_use]
    pub const fn is_ordered(&self) -> bool {
        matches!(
            self,
            Self::Bool | Self::Int { .. } | Self::Date | Self::DateTime | Self::Money { .. }
        )
    }
}

/// The place of a fact in every record of its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u16);

impl Slot {
    /// The slot with this number, counted from 0.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// The number, counted from 0.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The number as an index.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One fact of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactDef {
    /// The name that policies and limits use: `delay_minutes`, or `reroute.delay_minutes`
    /// inside a group.
    pub name: SmolStr,
    /// Its class.
    pub class: FactClass,
    /// Its type and range.
    pub ty: FactType,
    /// Which way is worse; a merit fact always has it, others never.
    pub direction: Option<Direction>,
    /// The unit of an integer, such as `minutes`; integers always have it.
    pub unit: Option<SmolStr>,
    /// Whether admission insists that the case knows it.
    pub required: bool,
    /// What it means, in a sentence.
    pub description: SmolStr,
}

/// A name at the top of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A fact.
    Fact(Slot),
    /// A group of facts, by their names within the group, in order.
    Group(Box<[(SmolStr, Slot)]>),
}

/// A fact schema, compiled: facts in slots, ordered by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    facts: Box<[FactDef]>,
    entries: Box<[(SmolStr, Entry)]>,
    digest: Digest,
}

impl Schema {
    /// Compiles the text of a `facts.schema.json`.
    ///
    /// # Errors
    /// [`SchemaErrors`] with everything that is wrong, each with its JSON pointer.
    pub fn compile(source: &[u8]) -> Result<Self, SchemaErrors> {
        compile::compile(source)
    }

    /// The facts, by slot.
    #[must_use]
    pub fn facts(&self) -> &[FactDef] {
        &self.facts
    }

    /// Each slot with its fact.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, &FactDef)> {
        (0..).map(Slot).zip(&self.facts)
    }

    /// The fact in a slot.
    #[must_use]
    pub fn fact(&self, slot: Slot) -> Option<&FactDef> {
        self.facts.get(slot.index())
    }

    /// The slot of a fact, by its full name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot> {
        let index = self
            .facts
            .binary_search_by(|fact| fact.name.as_str().cmp(name))
            .ok()?;
        u16::try_from(index).ok().map(Slot)
    }

    /// The names at the top, in order: facts and groups.
    #[must_use]
    pub fn entries(&self) -> &[(SmolStr, Entry)] {
        &self.entries
    }

    /// The entry with this name at the top.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        find(&self.entries, name)
    }

    /// The digest of slots, types, ranges and classes. Descriptions do not move it.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The value as JSON and people write it: enum values by name.
    #[must_use]
    pub fn show(&self, slot: Slot, value: &Value) -> SmolStr {
        describe::show(self.fact(slot).map(|fact| &fact.ty), value)
    }

    /// Reads one value of a fact from text, as a CSV cell or a command line gives it.
    ///
    /// # Errors
    /// What was expected, when the text is not a value of the fact's type and range.
    pub fn read_text(&self, slot: Slot, text: &str) -> Result<Value, String> {
        let ty = &self.fact(slot).ok_or("a fact of the schema")?.ty;
        ty.read_text(text).ok_or_else(|| describe::expected(ty))
    }
}

/// Looks a name up in a list ordered by name.
pub(crate) fn find<'a, T>(entries: &'a [(SmolStr, T)], name: &str) -> Option<&'a T> {
    let index = entries
        .binary_search_by(|(key, _)| key.as_str().cmp(name))
        .ok()?;
    entries.get(index).map(|(_, value)| value)
}

/// Reads an array of scalars, none of them unknown.
fn read_list(item: &FactType, items_max: u32, text: &str) -> Option<Value> {
    let scalars: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    if u32::try_from(scalars.len()).ok()? > items_max {
        return None;
    }
    let items = scalars.iter().map(|scalar| match scalar {
        serde_json::Value::Bool(value) => item.read_text(if *value { "true" } else { "false" }),
        serde_json::Value::Number(number) => item.read_int(number.as_i64()?),
        serde_json::Value::String(text) => item.read_text(text),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            None
        }
    });
    let items: Option<Vec<Value>> = items.collect();
    Some(Value::List(items?.into()))
}

impl FactType {
    /// What a value of this type looks like, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        describe::expected(self)
    }

    /// A value of this type from its text; `None` if the text is not one. A list is an array
    /// of JSON, its items as their type is written, integers with or without quotes.
    #[must_use]
    pub fn read_text(&self, text: &str) -> Option<Value> {
        match self {
            Self::Bool => match text {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            Self::Int { .. } => self.read_int(text.parse().ok()?),
            Self::List { item, items_max } => read_list(item, *items_max, text),
            Self::Enum(_)
            | Self::Text { .. }
            | Self::Date
            | Self::DateTime
            | Self::Money { .. } => self.read_str(text),
        }
    }

    /// An integer of this type; `None` if the type or the range is another.
    #[must_use]
    pub(crate) fn read_int(&self, number: i64) -> Option<Value> {
        match self {
            Self::Int { min, max } => (*min..=*max)
                .contains(&number)
                .then_some(Value::Int(number)),
            _ => None,
        }
    }

    /// A value that JSON writes as a string; `None` if the type is another or the text not one.
    #[must_use]
    pub(crate) fn read_str(&self, text: &str) -> Option<Value> {
        match self {
            Self::Enum(values) => {
                let place = values.iter().position(|value| value == text)?;
                Some(Value::Enum(u16::try_from(place).ok()?))
            }
            Self::Text { chars_max } => {
                let short = u32::try_from(text.len()).is_ok_and(|bytes| bytes <= *chars_max)
                    || u32::try_from(text.chars().count()).is_ok_and(|chars| chars <= *chars_max);
                short.then(|| Value::Text(text.into()))
            }
            Self::Date => text.parse::<Date>().ok().map(Value::Date),
            Self::DateTime => text.parse::<Timestamp>().ok().map(Value::DateTime),
            Self::Money {
                currency,
                min_minor,
            } => {
                let money: crate::Money = text.parse().ok()?;
                let fits = currency.is_none_or(|currency| currency == money.currency())
                    && min_minor.is_none_or(|least| least <= money.minor());
                fits.then_some(Value::Money(money))
            }
            Self::Bool | Self::Int { .. } | Self::List { .. } => None,
        }
    }
}
