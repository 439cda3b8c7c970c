//! What is recorded of a decision: everything that it depends on, and the decision.

use redress_model::{
    Actor, Case, Digest, Envelope, FactType, Schema, Slot, Standing, Timestamp, Value,
    schema::Entry,
};
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

/// Which release decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReleaseRef<'r> {
    /// The digest of its files.
    pub digest: Digest,
    /// The policy's name, such as `air/eu261`.
    pub name: &'r str,
    /// Its version, such as `1.0.0`.
    pub version: &'r str,
}

/// A decision with what it rests on: enough to make it again and compare the bytes.
///
/// How long it took and which sandbox ran is no part of it.
#[derive(Debug, Clone, Copy)]
pub struct DecisionRecord<'r, D, X> {
    /// The version of the kernel's rules.
    pub semantics_version: u32,
    /// The release.
    pub release: ReleaseRef<'r>,
    /// The case.
    pub case: &'r Case,
    /// The schema that its facts fit.
    pub schema: &'r Schema,
    /// Who decided.
    pub actor: &'r Actor,
    /// What the ledger knew, with `as_of_seq`.
    pub standing: &'r Standing,
    /// The records that the standing was drawn from, by their place, in order.
    pub consulted: &'r [u64],
    /// The moment of the decision.
    pub as_of: Timestamp,
    /// The digest of all of the above, as the kernel makes it.
    pub inputs_digest: Digest,
    /// The decision, as JSON.
    pub decision: &'r D,
    /// What the ledger did with it: reservations, escalations.
    pub ledger: &'r X,
}

impl<D: Serialize, X: Serialize> Serialize for DecisionRecord<'_, D, X> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // In canonical order, so that nothing has to be moved.
        let mut out = serializer.serialize_struct("DecisionRecord", 10)?;
        out.serialize_field("actor", self.actor)?;
        out.serialize_field("as_of", &self.as_of)?;
        let case = CaseOut {
            envelope: &self.case.envelope,
            facts: FactsOut {
                case: self.case,
                schema: self.schema,
            },
        };
        out.serialize_field("case", &case)?;
        out.serialize_field("consulted", self.consulted)?;
        out.serialize_field("decision", self.decision)?;
        out.serialize_field("inputs_digest", &self.inputs_digest)?;
        out.serialize_field("ledger", self.ledger)?;
        out.serialize_field("release", &self.release)?;
        out.serialize_field("semantics_version", &self.semantics_version)?;
        out.serialize_field("standing", self.standing)?;
        out.end()
    }
}

/// The case in the form in which it is admitted.
#[derive(Serialize)]
struct CaseOut<'r> {
    #[serde(flatten)]
    envelope: &'r Envelope,
    facts: FactsOut<'r>,
}

/// The known facts by name, groups as objects.
struct FactsOut<'r> {
    case: &'r Case,
    schema: &'r Schema,
}

impl FactsOut<'_> {
    fn fact(&self, slot: Slot) -> Option<FactOut<'_>> {
        let ty = &self.schema.fact(slot)?.ty;
        let value = self.case.facts.get(slot)?;
        Some(FactOut { ty, value })
    }
}

impl Serialize for FactsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(None)?;
        for (name, entry) in self.schema.entries() {
            match entry {
                Entry::Fact(slot) => {
                    if let Some(fact) = self.fact(*slot) {
                        out.serialize_entry(name, &fact)?;
                    }
                }
                Entry::Group(members) => {
                    let group = GroupOut {
                        facts: self,
                        members,
                    };
                    if members.iter().any(|(_, slot)| self.fact(*slot).is_some()) {
                        out.serialize_entry(name, &group)?;
                    }
                }
            }
        }
        out.end()
    }
}

struct GroupOut<'r> {
    facts: &'r FactsOut<'r>,
    members: &'r [(smol_str::SmolStr, Slot)],
}

impl Serialize for GroupOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(None)?;
        for (name, slot) in self.members {
            if let Some(fact) = self.facts.fact(*slot) {
                out.serialize_entry(name, &fact)?;
            }
        }
        out.end()
    }
}

/// A value as admission reads it.
struct FactOut<'r> {
    ty: &'r FactType,
    value: &'r Value,
}

impl Serialize for FactOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.ty, self.value) {
            (FactType::List { item, .. }, Value::List(items)) => {
                let mut out = serializer.serialize_seq(Some(items.len()))?;
                for value in items {
                    out.serialize_element(&FactOut { ty: item, value })?;
                }
                out.end()
            }
            (FactType::Enum(names), Value::Enum(place)) => match names.get(usize::from(*place)) {
                Some(name) => serializer.serialize_str(name),
                None => Err(serde::ser::Error::custom("an enum value beyond its schema")),
            },
            (_, Value::Bool(value)) => serializer.serialize_bool(*value),
            (_, Value::Int(value)) => serializer.serialize_i64(*value),
            (_, Value::Date(value)) => serializer.collect_str(value),
            (_, Value::DateTime(value)) => serializer.collect_str(value),
            (_, Value::Money(value)) => serializer.collect_str(value),
            (_, Value::Text(value)) => serializer.serialize_str(value),
            (_, Value::Enum(_) | Value::List(_)) => {
                Err(serde::ser::Error::custom("a value of another schema"))
            }
        }
    }
}
