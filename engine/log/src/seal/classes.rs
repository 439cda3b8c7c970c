//! What kind of value each commitment of a decision hides, so that some can be opened and
//! others not.
//!
//! Every value has a commitment of its own, so opening one tells nothing of another. What
//! kind it is follows from its place in the record and from the schema of the release that
//! decided, both of which whoever checks a record has: it is nobody's word.

use std::collections::{BTreeMap, BTreeSet};

use redress_model::schema::Entry;
use redress_model::{Digest, FactClass, Schema};
use serde::{Deserialize, Serialize};

use super::{Opening, Subject, sealed};
use crate::canonical::Value;

/// The kinds of sealed values of a decision, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealedClass {
    /// Ids: of the claimant, of the case, of its event and of what links it.
    Identity,
    /// Texts among the merit facts; what else is a merit fact is never sealed.
    Merit,
    /// Texts among the gate facts; what else is a gate fact is never sealed.
    Gate,
    /// Facts that only say who answers, such as how somebody writes.
    Route,
    /// Texts among the facts about who decides.
    Actor,
    /// Facts about somebody's safety.
    Safety,
    /// Facts that nothing may weigh.
    Forbidden,
    /// Texts that reasons repeat from the facts.
    Reasons,
    /// The digest of everything that the decision was made of. Whoever knows all but one of
    /// those values can try out that one against it.
    Inputs,
    /// Ids of who decided and of other people's cases and payments: never the claimant's to
    /// open.
    Others,
}

impl SealedClass {
    /// Everything that is about the claimant.
    pub const OF_CLAIMANT: [Self; 9] = [
        Self::Identity,
        Self::Merit,
        Self::Gate,
        Self::Route,
        Self::Actor,
        Self::Safety,
        Self::Forbidden,
        Self::Reasons,
        Self::Inputs,
    ];

    /// The name, as records of what is opened write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Merit => "merit",
            Self::Gate => "gate",
            Self::Route => "route",
            Self::Actor => "actor",
            Self::Safety => "safety",
            Self::Forbidden => "forbidden",
            Self::Reasons => "reasons",
            Self::Inputs => "inputs",
            Self::Others => "others",
        }
    }

    const fn of_fact(class: FactClass) -> Self {
        match class {
            FactClass::Merit => Self::Merit,
            FactClass::Gate => Self::Gate,
            FactClass::Route => Self::Route,
            FactClass::Actor => Self::Actor,
            FactClass::Safety => Self::Safety,
            FactClass::Forbidden => Self::Forbidden,
        }
    }

    /// What hides in a place of a decision's record.
    fn at(path: &[&str], schema: &Schema) -> Self {
        match path {
            ["case", "facts", name] => match schema.slot(name) {
                Some(slot) => Self::of_slot(schema, slot),
                None => Self::Others,
            },
            ["case", "facts", group, name] => {
                let members = match schema.entry(group) {
                    Some(Entry::Group(members)) => members.iter(),
                    _ => [].iter(),
                };
                let mut members = members.filter(|(own, _)| own == name);
                members
                    .next()
                    .map_or(Self::Others, |(_, slot)| Self::of_slot(schema, *slot))
            }
            ["case" | "decision", .., "text"] => Self::Reasons,
            ["case" | "decision", ..] => Self::Identity,
            ["inputs_digest"] => Self::Inputs,
            _ => Self::Others,
        }
    }

    fn of_slot(schema: &Schema, slot: redress_model::Slot) -> Self {
        let class = schema.fact(slot).map(|fact| fact.class);
        class.map_or(Self::Others, Self::of_fact)
    }
}

/// What each commitment in the body of a decision's record hides. An id that stands in
/// several places has one commitment, and is the claimant's if one of the places is.
#[must_use]
pub fn classes(body: &Value, schema: &Schema) -> BTreeMap<Digest, SealedClass> {
    let mut found = BTreeMap::new();
    walk(body, &mut Vec::new(), schema, &mut found);
    found
}

fn walk<'v>(
    value: &'v Value,
    path: &mut Vec<&'v str>,
    schema: &Schema,
    found: &mut BTreeMap<Digest, SealedClass>,
) {
    match value {
        Value::Array(items) => {
            for item in items {
                walk(item, path, schema, found);
            }
        }
        Value::Object(object) => match sealed(object) {
            Some(commitment) => {
                let class = SealedClass::at(path, schema);
                let known = found.entry(commitment).or_insert(class);
                *known = class.min(*known);
            }
            None => {
                for (name, member) in object.iter() {
                    path.push(name);
                    walk(member, path, schema, found);
                    path.pop();
                }
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

/// Of openings, those of the classes that are to be opened. An opening names whom it is
/// about; where the claimant's identity stays closed, it names nobody.
#[must_use]
pub(crate) fn opened(
    openings: &[Opening],
    classes: &BTreeMap<Digest, SealedClass>,
    open: &BTreeSet<SealedClass>,
) -> Vec<Opening> {
    let is_open = |opening: &&Opening| {
        let class = classes.get(&opening.commitment);
        class.is_some_and(|class| open.contains(class))
    };
    let mut kept: Vec<Opening> = openings.iter().filter(is_open).cloned().collect();
    if !open.contains(&SealedClass::Identity) {
        for opening in &mut kept {
            opening.subject = Subject::nobody();
        }
    }
    kept
}
