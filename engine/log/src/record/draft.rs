//! A record before it has its place in the log.

use redress_model::{ClaimantId, Code};
use serde::Serialize;

use super::{APPROVAL, DECISION, DecisionRecord};
use crate::canonical::CanonicalError;
use crate::seal::{Opening, Salt, Sealing, Seed};

/// What is to be recorded: body and openings are made, place and time are not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub(crate) kind: Code,
    pub(crate) body: Vec<u8>,
    pub(crate) nonce: Salt,
    pub(crate) openings: Vec<Opening>,
}

impl Draft {
    /// A decision.
    ///
    /// # Errors
    /// [`CanonicalError`] when a part has no canonical form.
    pub fn decision<D: Serialize, X: Serialize>(
        record: &DecisionRecord<'_, D, X>,
        sealing: &Sealing,
        seed: Seed,
    ) -> Result<Self, CanonicalError> {
        Self::decided(Code::engine(DECISION), record, sealing, seed)
    }

    /// A decision made again, in the name of whom approved what it gives.
    ///
    /// # Errors
    /// [`CanonicalError`] when a part has no canonical form.
    pub fn approval<D: Serialize, X: Serialize>(
        record: &DecisionRecord<'_, D, X>,
        sealing: &Sealing,
        seed: Seed,
    ) -> Result<Self, CanonicalError> {
        Self::decided(Code::engine(APPROVAL), record, sealing, seed)
    }

    fn decided<D: Serialize, X: Serialize>(
        kind: Code,
        record: &DecisionRecord<'_, D, X>,
        sealing: &Sealing,
        seed: Seed,
    ) -> Result<Self, CanonicalError> {
        let claimant = &record.case.envelope.claimant.id;
        Self::new(kind, record, sealing, Some(claimant), seed)
    }

    /// The kind of the record.
    #[must_use]
    pub const fn kind(&self) -> &Code {
        &self.kind
    }

    /// Anything else: a settlement, an approval, an override. `claimant` is the customer
    /// of the decision that it belongs to.
    ///
    /// # Errors
    /// [`CanonicalError`] when the body has no canonical form.
    pub fn act<T: Serialize + ?Sized>(
        kind: Code,
        body: &T,
        sealing: &Sealing,
        claimant: Option<&ClaimantId>,
        seed: Seed,
    ) -> Result<Self, CanonicalError> {
        Self::new(kind, body, sealing, claimant, seed)
    }

    fn new<T: Serialize + ?Sized>(
        kind: Code,
        body: &T,
        sealing: &Sealing,
        claimant: Option<&ClaimantId>,
        seed: Seed,
    ) -> Result<Self, CanonicalError> {
        let (body, openings) = sealing.seal(body, claimant, seed)?;
        Ok(Self {
            kind,
            body,
            nonce: seed.salt(0),
            openings,
        })
    }
}
