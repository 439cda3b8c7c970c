//! The DSSE envelope: a payload with signatures over it and its type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::error::EnvelopeError;
use super::key::{KeyId, SecretKey};
use super::statement::Statement;

/// The type of the payload.
pub const PAYLOAD_TYPE: &str = "application/vnd.redress.release+json";
/// The most bytes of an envelope that is read.
pub const ENVELOPE_BYTES_MAX: u64 = 256 * 1024;
/// The most signatures of an envelope.
pub const SIGNATURES_MAX: usize = 64;

/// One signature with the name of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signed {
    pub(super) keyid: KeyId,
    sig: String,
}

impl Signed {
    /// The 64 bytes of the signature.
    pub(super) fn bytes(&self) -> Option<[u8; 64]> {
        STANDARD.decode(&self.sig).ok()?.try_into().ok()
    }
}

/// A statement with its signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    payload: String,
    payload_type: String,
    pub(super) signatures: Vec<Signed>,
}

impl Envelope {
    /// An envelope that nobody has signed yet.
    #[must_use]
    pub fn new(statement: &Statement) -> Self {
        Self {
            payload: STANDARD.encode(statement.to_json()),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: Vec::new(),
        }
    }

    /// Reads an envelope; members that DSSE does not know are passed over, as it asks.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let used = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if used > ENVELOPE_BYTES_MAX {
            let limit = ENVELOPE_BYTES_MAX;
            return Err(EnvelopeError::TooLarge { limit, used });
        }
        let envelope: Self =
            serde_json::from_slice(bytes).map_err(|error| EnvelopeError::Malformed {
                problem: error.to_string(),
            })?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType {
                found: envelope.payload_type.chars().take(80).collect(),
            });
        }
        if envelope.signatures.len() > SIGNATURES_MAX {
            return Err(EnvelopeError::TooManySignatures {
                limit: SIGNATURES_MAX,
            });
        }
        envelope.statement()?;
        Ok(envelope)
    }

    /// The envelope as a file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    fn payload(&self) -> Result<Vec<u8>, EnvelopeError> {
        let problem = || EnvelopeError::Malformed {
            problem: "the payload is not base64".into(),
        };
        STANDARD.decode(&self.payload).map_err(|_| problem())
    }

    /// What is signed. Whether anybody whose word counts signed it, only
    /// [`verify`](super::verify) says.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn statement(&self) -> Result<Statement, EnvelopeError> {
        Statement::parse(&self.payload()?)
    }

    /// The keys that signatures are said to be of.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.signatures.iter().map(|signed| signed.keyid)
    }

    /// Adds a signature.
    ///
    /// # Errors
    /// [`EnvelopeError::SignedAlready`] when this key has signed; [`EnvelopeError::TooManySignatures`].
    pub fn sign(&mut self, key: &SecretKey) -> Result<(), EnvelopeError> {
        let keyid = key.public().id();
        if self.key_ids().any(|id| id == keyid) {
            return Err(EnvelopeError::SignedAlready { key: keyid });
        }
        if self.signatures.len() >= SIGNATURES_MAX {
            return Err(EnvelopeError::TooManySignatures {
                limit: SIGNATURES_MAX,
            });
        }
        let sig = STANDARD.encode(key.sign(&self.message()?));
        self.signatures.push(Signed { keyid, sig });
        Ok(())
    }

    /// The bytes that a signature is over: the pre-authentication encoding of DSSE.
    pub(super) fn message(&self) -> Result<Vec<u8>, EnvelopeError> {
        let payload = self.payload()?;
        let (kind, length) = (&self.payload_type, payload.len());
        let mut message = format!("DSSEv1 {} {kind} {length} ", kind.len()).into_bytes();
        message.extend_from_slice(&payload);
        Ok(message)
    }
}
