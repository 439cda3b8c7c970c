//! Receipts: proof for one customer that a decision is in the log, and enough to make it
//! again, without anything about anybody else.
//!
//! A receipt is the record, the openings that are about the customer, and a proof in the
//! form of C2SP `tlog-proof`. It comes as that text, with record and openings in its
//! `extra` line, or as JSON, which may be laid out anew: the canonical form brings back
//! the bytes of the leaf.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redress_model::{Digest, Schema};
use serde::Deserialize;

use crate::canonical::{self, FromValueError, Object, ReadError, ReadLimits, Value};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::merkle::{ProofError, leaf_hash, verify_inclusion};
use crate::note::{NOTE_BYTES_MAX, Note, NoteError, VerifierKey};
use crate::record::{LINE_BYTES_MAX, Record, RecordError};
use crate::seal::{self, BadOpening, Opening, Openings, SealedClass, Subject};

const TLOG_PROOF: &str = "c2sp.org/tlog-proof@v1";

/// The form of receipts that this is.
const FORM: &str = "redress.receipt.v1";

/// The most hashes in a proof: a tree has at most two to the power of 64 leaves.
const HASHES_MAX: usize = 64;

/// How a receipt is read: room for a record, its openings and the note, in Base64.
const LIMITS: ReadLimits = ReadLimits {
    bytes_max: 4 * (LINE_BYTES_MAX + NOTE_BYTES_MAX),
    depth_max: 40,
};

/// A receipt, not yet checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    record: Record,
    openings: Vec<Opening>,
    index: u64,
    proof: Vec<Digest>,
    checkpoint: Note,
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReceiptError {
    /// It is not in the form of a receipt.
    #[error("this is no receipt: {what}")]
    Malformed {
        /// What is wrong with it.
        what: &'static str,
    },
    /// Its JSON cannot be read.
    #[error("this is no receipt: {0}")]
    Json(#[from] ReadError),
    /// A part of its JSON has another shape.
    #[error("this is no receipt: {0}")]
    Shape(#[from] FromValueError),
    /// What it holds is not a record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Its checkpoint is no note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Its checkpoint is signed by nobody who is known.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The record is not in the tree of the checkpoint.
    #[error("the record is not in the log of the checkpoint: {0}")]
    Proof(#[from] ProofError),
    /// An opening does not fit its commitment.
    #[error(transparent)]
    Opening(#[from] BadOpening),
}

impl ReceiptError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "receipt_malformed",
            Self::Json(error) => error.code(),
            Self::Shape(error) => error.code(),
            Self::Record(error) => error.code(),
            Self::Note(error) => error.code(),
            Self::Checkpoint(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Opening(error) => error.code(),
        }
    }
}

const fn malformed(what: &'static str) -> ReceiptError {
    ReceiptError::Malformed { what }
}

/// What a receipt has proved.
#[derive(Debug, Clone, PartialEq)]
pub struct Proven {
    /// The record as it is logged, with commitments in it.
    pub record: Record,
    /// The checkpoint of the log that it is in.
    pub checkpoint: Checkpoint,
    /// What the customer may read of what is sealed.
    pub openings: Openings,
}

/// The claimant of a record, if their id can be opened.
fn claimant(record: &Record, openings: &[Opening]) -> Option<Subject> {
    let in_case = record
        .body
        .get("case")
        .and_then(|case| case.get("claimant")?.get("id"));
    let id = in_case.or_else(|| record.body.get("claimant"))?;
    let commitment = seal::sealed(id.as_object()?)?;
    let opening = openings.iter().find(|own| own.commitment == commitment)?;
    Some(opening.subject.clone())
}

impl Receipt {
    /// A receipt for the claimant of a record. Of `openings`, those of the record, it
    /// keeps what is about the claimant.
    ///
    /// `proof` is the inclusion proof in the tree of the checkpoint.
    #[must_use]
    pub fn new(record: Record, openings: &[Opening], proof: Vec<Digest>, checkpoint: Note) -> Self {
        let claimant = claimant(&record, openings);
        let own = openings
            .iter()
            .filter(|own| Some(&own.subject) == claimant.as_ref());
        Self {
            openings: own.cloned().collect(),
            index: record.seq,
            record,
            proof,
            checkpoint,
        }
    }

    /// The record, with commitments in it.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// What it opens.
    #[must_use]
    pub fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// The same with the openings of some classes alone, by the schema of the release that
    /// decided: for somebody who may read a part of what is about the claimant. Whom the
    /// openings are about is left out unless the claimant's identity is opened.
    #[must_use]
    pub fn redacted(mut self, schema: &Schema, open: &BTreeSet<SealedClass>) -> Self {
        let classes = seal::classes(&self.record.body, schema);
        self.openings = seal::opened(&self.openings, &classes, open);
        self
    }

    /// Checks signatures, proof and openings with the keys that are known here.
    ///
    /// # Errors
    /// [`ReceiptError`] with the first thing that does not hold.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Proven, ReceiptError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, keys)?;
        if self.index != self.record.seq {
            return Err(malformed("the proof is of another record"));
        }
        let leaf = leaf_hash(&self.record.to_line());
        verify_inclusion(
            &leaf,
            self.index,
            checkpoint.size,
            &self.proof,
            &checkpoint.root,
        )?;
        let mut openings = Openings::default();
        for opening in &self.openings {
            openings.add(opening.clone())?;
        }
        Ok(Proven {
            record: self.record.clone(),
            checkpoint,
            openings,
        })
    }

    /// The proof as C2SP's text, with or without an `extra` line.
    fn proof_text(&self, extra: Option<&[u8]>) -> String {
        let mut text = format!("{TLOG_PROOF}\n");
        // Writing into a text does not fail.
        if let Some(extra) = extra {
            let _ = writeln!(text, "extra {}", STANDARD.encode(extra));
        }
        let _ = writeln!(text, "index {}", self.index);
        for hash in &self.proof {
            let _ = writeln!(text, "{}", STANDARD.encode(hash.bytes()));
        }
        let _ = write!(text, "\n{}", self.checkpoint);
        text
    }

    /// The receipt as a `tlog-proof`, which other tools check without knowing records.
    #[must_use]
    pub fn to_tlog_proof(&self) -> String {
        let mut extra = Object::default();
        extra.insert("openings", self.openings_value());
        extra.insert("record", self.record_value());
        self.proof_text(Some(&Value::Object(extra).write()))
    }

    /// The receipt as one object of canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut receipt = Object::default();
        receipt.insert("openings", self.openings_value());
        receipt.insert("proof", Value::Text(self.proof_text(None)));
        receipt.insert("receipt", Value::from(FORM));
        receipt.insert("record", self.record_value());
        Value::Object(receipt).write()
    }

    fn openings_value(&self) -> Value {
        let text = |text: &dyn ToString| Value::Text(text.to_string());
        let openings = self.openings.iter().map(|opening| {
            let mut object = Object::default();
            object.insert("commitment", text(&opening.commitment));
            object.insert("salt", text(&opening.salt));
            object.insert("subject", text(&opening.subject.as_str()));
            object.insert("value", text(&opening.value));
            Value::Object(object)
        });
        Value::Array(openings.collect())
    }

    fn record_value(&self) -> Value {
        // A record was read or made here, so its line reads back.
        canonical::read(&self.record.to_line(), LIMITS).unwrap_or(Value::Null)
    }

    /// Reads a receipt in either form.
    ///
    /// # Errors
    /// [`ReceiptError`] when it is not in the form of one.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > LIMITS.bytes_max {
            return Err(malformed("it is too long"));
        }
        if bytes.starts_with(TLOG_PROOF.as_bytes()) {
            let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
            let proof = Proof::parse(text)?;
            let extra = proof.extra.as_deref();
            let extra = extra.ok_or(malformed("its proof has no record"))?;
            let (record, rest) = parts(extra)?;
            let rest: InProof = canonical::from_value(rest)?;
            return Self::of(&record, rest.openings, proof);
        }
        let (record, rest) = parts(bytes)?;
        let rest: InJson = canonical::from_value(rest)?;
        if rest.receipt != FORM {
            return Err(malformed("its form is not known"));
        }
        let proof = Proof::parse(&rest.proof)?;
        if proof.extra.is_some() {
            return Err(malformed("it has two records"));
        }
        Self::of(&record, rest.openings, proof)
    }

    fn of(record: &Value, openings: Vec<Opening>, proof: Proof) -> Result<Self, ReceiptError> {
        Ok(Self {
            record: Record::parse(&record.write())?,
            openings,
            index: proof.index,
            proof: proof.hashes,
            checkpoint: proof.checkpoint,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InProof {
    openings: Vec<Opening>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InJson {
    openings: Vec<Opening>,
    proof: String,
    receipt: String,
}

/// The object with its record taken out, which stays the value that it is.
fn parts(bytes: &[u8]) -> Result<(Value, Value), ReceiptError> {
    let Value::Object(mut object) = canonical::read(bytes, LIMITS)? else {
        return Err(malformed("it is no object"));
    };
    let record = object
        .remove("record")
        .ok_or(malformed("it has no record"))?;
    Ok((record, Value::Object(object)))
}

/// A `tlog-proof` as it was read.
struct Proof {
    extra: Option<Vec<u8>>,
    index: u64,
    hashes: Vec<Digest>,
    checkpoint: Note,
}

impl Proof {
    fn parse(text: &str) -> Result<Self, ReceiptError> {
        let parted = text.split_once("\n\n");
        let (head, checkpoint) = parted.ok_or(malformed("its proof has no checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(TLOG_PROOF) {
            return Err(malformed("its proof has another form"));
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(extra) => {
                let extra = STANDARD.decode(extra);
                lines.next();
                Some(extra.map_err(|_| malformed("its record is not Base64"))?)
            }
            None => None,
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(|text| {
            let index: u64 = text.parse().ok()?;
            (index.to_string() == text).then_some(index)
        });
        let index = index.ok_or(malformed("its proof has no place"))?;
        let hashes: Option<Vec<Digest>> = lines
            .take(HASHES_MAX + 1)
            .map(|line| {
                let bytes: [u8; 32] = STANDARD.decode(line).ok()?.try_into().ok()?;
                Some(Digest::from_bytes(bytes))
            })
            .collect();
        let hashes = hashes.ok_or(malformed("its proof holds what is no hash"))?;
        if hashes.len() > HASHES_MAX {
            return Err(malformed("its proof has too many hashes"));
        }
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: Note::parse(checkpoint.as_bytes())?,
        })
    }
}
