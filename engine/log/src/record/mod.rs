//! Records: what the log holds of one decision, or of one act that follows it.
//!
//! A record is one line of canonical JSON, `{"at", "body", "kind", "nonce", "prev",
//! "seq", "v"}`, and the bytes of the line are the leaf:
//!
//! - `seq` is its place, from 0; the number of a decision is the number of its record.
//! - `prev` is the hash of the leaf before it. The tree proves that the log is the one
//!   that was signed; the chain says which leaf is not, without a second file.
//! - `nonce` is random, so that nobody can confirm a guess at a neighbour's record from
//!   the hashes in a proof.
//! - `body` has commitments where personal values would stand ([`crate::seal`]).

mod decision;
mod draft;
mod line;
#[cfg(test)]
mod tests;

use redress_model::{Code, Digest, Timestamp};

pub use self::decision::{DecisionRecord, ReleaseRef};
pub use self::draft::Draft;
pub(crate) use self::line::write;
pub use self::line::{BadLine, LINE_BYTES_MAX, Line, LineProblem};
use crate::canonical::{self, ReadError, ReadLimits, Value};
use crate::seal::Salt;

/// What stands for the hash before the first leaf.
pub(crate) const NO_PREVIOUS: Digest = Digest::from_bytes([0; 32]);

/// The kind of the first record, which names the log.
pub const GENESIS: &str = "genesis";

/// The kind of a record that holds a decision.
pub const DECISION: &str = "decision";

/// The kind of a record that holds a decision made again, by whom approved it.
pub const APPROVAL: &str = "approval";

/// The kind of a record that says of which records openings were erased.
pub const ERASE: &str = "erase";

/// Whether a record of this kind holds a decision with all that it rests on.
#[must_use]
pub fn holds_decision(kind: &[u8]) -> bool {
    kind == DECISION.as_bytes() || kind == APPROVAL.as_bytes()
}

/// How a record is read: a case may be 64 KiB long, and a decision names what it found.
pub(crate) const RECORD_LIMITS: ReadLimits = ReadLimits {
    bytes_max: LINE_BYTES_MAX,
    depth_max: 32,
};

/// A record as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its place in the log, from 0.
    pub seq: u64,
    /// The ledger's time, never earlier than that of the record before.
    pub at: Timestamp,
    /// What it records: `decision`, `settled`, `overturned` and so on.
    pub kind: Code,
    /// Random bytes.
    pub nonce: Salt,
    /// The hash of the leaf before it.
    pub prev: Digest,
    /// What was recorded, with commitments in it.
    pub body: Value,
}

/// Why a line is not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It is not in the frame of a record.
    #[error(transparent)]
    Line(#[from] BadLine),
    /// Its body is not JSON.
    #[error("the body of the record is not JSON: {0}")]
    Json(#[from] ReadError),
    /// It is JSON, but not written in the one way in which records are.
    #[error("the record is not in canonical form")]
    NotCanonical,
}

impl RecordError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Line(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::NotCanonical => "record_not_canonical",
        }
    }
}

impl Record {
    /// Reads one line, without its newline, and holds it to its canonical form.
    ///
    /// # Errors
    /// [`RecordError`] for whatever a writer of records cannot have written.
    pub fn parse(line: &[u8]) -> Result<Self, RecordError> {
        let frame = Line::parse(line)?;
        let body = canonical::read(frame.body, RECORD_LIMITS)?;
        let record = Self {
            seq: frame.seq,
            at: frame.at().ok_or(RecordError::NotCanonical)?,
            kind: frame.kind().ok_or(RecordError::NotCanonical)?,
            nonce: frame.nonce().ok_or(RecordError::NotCanonical)?,
            prev: frame.prev().ok_or(RecordError::NotCanonical)?,
            body,
        };
        if has_number(&record.body) || record.to_line() != line {
            return Err(RecordError::NotCanonical);
        }
        Ok(record)
    }

    /// The bytes of the line, without a newline: those of the leaf.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        let body = self.body.write();
        write(self.at, &body, &self.kind, self.nonce, &self.prev, self.seq)
    }
}

/// Records hold no numbers: integers are texts there.
fn has_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(items) => items.iter().any(has_number),
        Value::Object(object) => object.iter().any(|(_, member)| has_number(member)),
        Value::Null | Value::Bool(_) | Value::Text(_) => false,
    }
}
