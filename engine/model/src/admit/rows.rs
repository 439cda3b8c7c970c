//! Facts built one by one from text: rows of a history, values on a command line.

use super::{AdmitErrorKind, AdmitErrors, Problems};
use crate::facts::{Facts, Value};
use crate::schema::{Schema, Slot};

/// Builds facts value by value; the same checks apply as for JSON.
pub struct FactsBuilder<'s> {
    schema: &'s Schema,
    facts: Facts,
    problems: Problems,
}

impl<'s> FactsBuilder<'s> {
    /// Starts with every fact unknown.
    #[must_use]
    pub fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            facts: Facts::unknown(schema),
            problems: Problems::default(),
        }
    }

    /// Starts from facts that were built before, such as those that every row shares.
    #[must_use]
    pub fn from_facts(schema: &'s Schema, facts: Facts) -> Self {
        Self {
            schema,
            facts,
            problems: Problems::default(),
        }
    }

    /// Reads one fact from text; an empty text leaves it unknown.
    pub fn text(&mut self, slot: Slot, text: &str) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        match self.schema.read_text(slot, text) {
            Ok(value) => self.value(slot, value),
            Err(expected) => {
                let name = self.schema.fact(slot).map_or("", |fact| fact.name.as_str());
                let pointer = format!("/facts/{}", name.replace('.', "/"));
                let found = format!("{:?}", super::snippet(text));
                self.problems
                    .add(AdmitErrorKind::Invalid, pointer, expected, found);
                self
            }
        }
    }

    fn value(&mut self, slot: Slot, value: Value) -> &mut Self {
        if let Some(place) = self.facts.slot_mut(slot) {
            *place = Some(value);
        }
        self
    }

    /// The facts.
    ///
    /// # Errors
    /// [`AdmitErrors`] with every value that did not fit and every required fact that is missing.
    pub fn finish(mut self) -> Result<Facts, AdmitErrors> {
        super::facts::require(self.schema, &self.facts, &mut self.problems);
        self.problems.into_result(Some(self.facts))
    }

    /// The facts without the check for required ones, to be completed by another builder.
    ///
    /// # Errors
    /// [`AdmitErrors`] with every value that did not fit.
    pub fn finish_partial(self) -> Result<Facts, AdmitErrors> {
        self.problems.into_result(Some(self.facts))
    }
}
