//! Commitments: a personal value stands in a record as a salted hash, and beside the
//! record as an opening that can be erased.
//!
//! A commitment is SHA-256 over a fixed tag, a salt of 16 random bytes and the canonical
//! bytes of the value. Whoever has the opening can check it; once the opening is erased,
//! guessing the value does not help, since the salt is gone too. The salts of a record
//! come out of one seed of 32 random bytes, which nobody keeps.

mod classes;
mod sealing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use redress_model::{ActorId, CaseId, ClaimantId, Digest};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

pub(crate) use self::classes::opened;
pub use self::classes::{SealedClass, classes};
pub use self::sealing::Sealing;
use crate::canonical::{
    self, CanonicalError, FromValueError, Object, ReadError, ReadLimits, Value,
};

/// The name of the one member of what stands in the place of a sealed value. No fact and
/// no field of a record can have this name.
pub const SEALED: &str = "$sealed";

const COMMITMENT_TAG: &[u8] = b"redress.sealed.v1\0";
const SALT_TAG: &[u8] = b"redress.salt.v1\0";
const PART_TAG: &[u8] = b"redress.part.v1\0";

/// 32 bytes that the host has fresh from its random number generator, for one record.
///
/// It must not be kept: from it every salt of the record could be made again.
#[derive(Clone, Copy)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed out of fresh random bytes.
    #[must_use]
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// The seed of one of several records that come of one request, by its number.
    #[must_use]
    pub fn part(&self, number: u32) -> Self {
        let hash = Sha256::new()
            .chain_update(PART_TAG)
            .chain_update(self.0)
            .chain_update(number.to_be_bytes());
        Self(hash.finalize().into())
    }

    /// The salt with this number.
    pub(crate) fn salt(&self, number: u32) -> Salt {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(SALT_TAG)
            .chain_update(self.0)
            .chain_update(number.to_be_bytes())
            .finalize()
            .into();
        let mut salt = [0; 16];
        for (to, from) in salt.iter_mut().zip(hash) {
            *to = from;
        }
        Salt(salt)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// What hides a value in its commitment: 16 random bytes, written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 16]);

impl Salt {
    /// The salt with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads 32 lower-case hexadecimal digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(lower) {
            return None;
        }
        u128::from_str_radix(text, 16)
            .ok()
            .map(|bits| Self(bits.to_be_bytes()))
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl Serialize for Salt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(deserializer)?;
        Self::from_hex(&text)
            .ok_or_else(|| serde::de::Error::custom("expected 32 hexadecimal digits"))
    }
}

/// Whom a sealed value is about: `claimant:ID` or `actor:ID`, or `case:ID` where the record
/// of one case names another. A request to erase names one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(SmolStr);

impl Subject {
    /// A customer.
    #[must_use]
    pub fn claimant(id: &ClaimantId) -> Self {
        Self::of("claimant", id.as_str())
    }

    /// A person who decides.
    #[must_use]
    pub fn actor(id: &ActorId) -> Self {
        Self::of("actor", id.as_str())
    }

    /// A case, where the record of another one names it.
    #[must_use]
    pub fn case(id: &CaseId) -> Self {
        Self::of("case", id.as_str())
    }

    /// A customer who is not named.
    #[must_use]
    pub const fn nobody() -> Self {
        Self(SmolStr::new_static("claimant:"))
    }

    fn of(kind: &str, id: &str) -> Self {
        Self(format!("{kind}:{id}").into())
    }

    /// The subject as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The opening of one commitment. It is personal data: it lives beside the log and goes
/// when its subject is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// What stands in the record.
    pub commitment: Digest,
    /// What hides the value.
    pub salt: Salt,
    /// Whom it is about.
    pub subject: Subject,
    /// The canonical JSON of the value, as a text.
    pub value: String,
}

impl Opening {
    /// Whether this opens its commitment.
    #[must_use]
    pub fn holds(&self) -> bool {
        commitment(self.salt, self.value.as_bytes()) == self.commitment
    }
}

fn commitment(salt: Salt, value: &[u8]) -> Digest {
    let hash = Sha256::new()
        .chain_update(COMMITMENT_TAG)
        .chain_update(salt.0)
        .chain_update(value);
    Digest::from_bytes(hash.finalize().into())
}

/// One line of a file of openings: an opening with the record that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningLine {
    /// The place of the record.
    pub seq: u64,
    /// The opening.
    pub opening: Opening,
}

/// Why a line is not an opening.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadOpeningLine {
    /// It is not JSON.
    #[error("the line is no opening: {0}")]
    Json(#[from] ReadError),
    /// It has another shape.
    #[error("the line is no opening: {0}")]
    Shape(#[from] FromValueError),
}

impl BadOpeningLine {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Shape(error) => error.code(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineOut {
    commitment: Digest,
    salt: Salt,
    seq: u64,
    subject: Subject,
    value: String,
}

impl OpeningLine {
    /// The line, without a newline.
    ///
    /// # Errors
    /// None in practice: every opening has a canonical form.
    pub fn to_line(&self) -> Result<Vec<u8>, CanonicalError> {
        let opening = self.opening.clone();
        canonical::to_vec(&LineOut {
            commitment: opening.commitment,
            salt: opening.salt,
            seq: self.seq,
            subject: opening.subject,
            value: opening.value,
        })
    }

    /// Reads a line without its newline.
    ///
    /// # Errors
    /// [`BadOpeningLine`] when it is something else.
    pub fn parse(line: &[u8]) -> Result<Self, BadOpeningLine> {
        let line: LineOut = canonical::from_value(canonical::read(line, VALUE_LIMITS)?)?;
        Ok(Self {
            seq: line.seq,
            opening: Opening {
                commitment: line.commitment,
                salt: line.salt,
                subject: line.subject,
                value: line.value,
            },
        })
    }
}

/// An opening does not open the commitment that it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an opening does not fit the commitment {commitment}")]
pub struct BadOpening {
    /// The commitment.
    pub commitment: Digest,
}

impl BadOpening {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad_opening"
    }
}

/// The openings that are known of one record, each of them checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Openings(BTreeMap<Digest, Opening>);

impl Openings {
    /// Checks and keeps an opening.
    ///
    /// # Errors
    /// [`BadOpening`] when it does not open the commitment that it names.
    pub fn add(&mut self, opening: Opening) -> Result<(), BadOpening> {
        if !opening.holds() {
            let commitment = opening.commitment;
            return Err(BadOpening { commitment });
        }
        self.0.insert(opening.commitment, opening);
        Ok(())
    }

    /// The openings, by commitment.
    pub fn iter(&self) -> impl Iterator<Item = &Opening> {
        self.0.values()
    }

    /// Those about one subject and no other.
    #[must_use]
    pub fn about(&self, subject: &Subject) -> Self {
        let mut about = self.clone();
        about.0.retain(|_, opening| opening.subject == *subject);
        about
    }

    /// Puts values back in the places of their commitments, and counts the commitments
    /// that stay because their opening is not there.
    pub fn open(&self, value: &mut Value) -> u32 {
        match value {
            Value::Array(items) => items
                .iter_mut()
                .fold(0, |closed, item| self.open(item).saturating_add(closed)),
            Value::Object(object) => match sealed(object) {
                Some(commitment) => match self.value(&commitment) {
                    Some(opened) => {
                        *value = opened;
                        0
                    }
                    None => 1,
                },
                None => object.iter_mut().fold(0, |closed, (_, member)| {
                    self.open(member).saturating_add(closed)
                }),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => 0,
        }
    }

    fn value(&self, commitment: &Digest) -> Option<Value> {
        let opening = self.0.get(commitment)?;
        canonical::read(opening.value.as_bytes(), VALUE_LIMITS).ok()
    }
}

impl FromIterator<Opening> for Openings {
    /// Keeps the openings that hold and passes over the others.
    fn from_iter<I: IntoIterator<Item = Opening>>(openings: I) -> Self {
        let holding = openings.into_iter().filter(Opening::holds);
        Self(
            holding
                .map(|opening| (opening.commitment, opening))
                .collect(),
        )
    }
}

/// A sealed value is a scalar or a list of scalars, no longer than a case.
const VALUE_LIMITS: ReadLimits = ReadLimits {
    bytes_max: 2 * 1024 * 1024,
    depth_max: 8,
};

/// The commitment, if this object stands in the place of a sealed value.
pub(crate) fn sealed(object: &Object) -> Option<Digest> {
    match (object.len(), object.get(SEALED)) {
        (1, Some(Value::Text(hex))) => Digest::from_hex(hex),
        _ => None,
    }
}
