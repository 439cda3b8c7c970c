//! Which of the sealed personal values a pack opens, by class.

use std::collections::{BTreeMap, BTreeSet};

use redress_log::Opening;
use redress_log::canonical::Value;
use redress_log::seal::{SealedClass, classes};
use redress_model::{Digest, Schema};
use serde::{Deserialize, Serialize};

/// How many values of one class a pack opens and keeps closed; each stands under a
/// commitment of its own, and an id that stands in several places is one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The class.
    pub class: SealedClass,
    /// How many of its values can be read.
    pub open: u32,
    /// How many stay commitments: redacted by the packer, or erased before.
    pub closed: u32,
}

impl Sealed {
    /// What was not made again because of its closed values, in words; `None` if that takes
    /// nothing of the class, or nothing of it is closed.
    #[must_use]
    pub const fn not_made_again(&self) -> Option<&'static str> {
        if self.closed == 0 {
            return None;
        }
        Some(match self.class {
            SealedClass::Identity => "whose case it is, and that like cases bear on it",
            SealedClass::Merit => "the sum, as far as it follows from texts among the merit facts",
            SealedClass::Gate => "which rules apply, as far as texts among the gate facts say so",
            SealedClass::Route => "who is called for, in which queue and by when",
            SealedClass::Actor => "who may decide, as far as texts about them say so",
            SealedClass::Safety => "whether somebody's safety comes before everything else",
            SealedClass::Forbidden => "that what nothing may weigh moved nothing",
            SealedClass::Reasons => "the texts that reasons repeat",
            SealedClass::Inputs => "that these are all the inputs, by their digest",
            // Pseudonyms stand for these ids wherever a decision is made again.
            SealedClass::Others => return None,
        })
    }
}

/// What is sealed in a record and what of it is opened, in the order of the classes.
pub(super) fn sealed<'o>(
    body: &Value,
    openings: impl Iterator<Item = &'o Opening>,
    schema: &Schema,
) -> Vec<Sealed> {
    let opened: BTreeSet<Digest> = openings.map(|own| own.commitment).collect();
    let mut counts: BTreeMap<SealedClass, (u32, u32)> = BTreeMap::new();
    for (commitment, class) in classes(body, schema) {
        let (open, closed) = counts.entry(class).or_default();
        let count = if opened.contains(&commitment) {
            open
        } else {
            closed
        };
        *count = count.saturating_add(1);
    }
    let counts = counts.into_iter();
    let sealed = counts.map(|(class, (open, closed))| Sealed {
        class,
        open,
        closed,
    });
    sealed.collect()
}
