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
                invalid(self.schema, slot, text, expected, &mut self.problems);
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

    /// The facts read so far, whether or not a required one is missing: for a case in
    /// the making, which nobody may decide yet.
    #[must_use]
    pub fn so_far(self) -> Facts {
        self.facts
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

impl Facts {
    /// Reads the cells of one row over the facts of the row before, without allocating
    /// where no cell needs it: a history of millions of rows shares one record.
    ///
    /// An empty cell makes its fact unknown; facts without a cell stay as they are.
    ///
    /// # Errors
    /// [`AdmitErrors`] with every cell that did not fit, which is left unknown, and every
    /// required fact that is missing; or one error when the facts fit another schema.
    pub fn read_cells<'t>(
        &mut self,
        schema: &Schema,
        cells: impl IntoIterator<Item = (Slot, &'t str)>,
    ) -> Result<(), AdmitErrors> {
        let mut problems = Problems::default();
        if self.schema() != schema.digest() {
            let (expected, found) = ("facts of this schema", "facts of another schema");
            problems.add(AdmitErrorKind::Invalid, "/facts", expected, found);
            return problems.into_result(None);
        }
        for (slot, text) in cells {
            let read = (!text.is_empty()).then(|| schema.read_text(slot, text));
            let value = match read.transpose() {
                Ok(value) => value,
                Err(expected) => {
                    invalid(schema, slot, text, expected, &mut problems);
                    None
                }
            };
            if let Some(place) = self.slot_mut(slot) {
                *place = value;
            }
        }
        super::facts::require(schema, self, &mut problems);
        problems.into_result(Some(()))
    }
}

fn invalid(schema: &Schema, slot: Slot, text: &str, expected: String, problems: &mut Problems) {
    let name = schema.fact(slot).map_or("", |fact| fact.name.as_str());
    let pointer = format!("/facts/{}", name.replace('.', "/"));
    let found = format!("{:?}", super::snippet(text));
    problems.add(AdmitErrorKind::Invalid, pointer, expected, found);
}
