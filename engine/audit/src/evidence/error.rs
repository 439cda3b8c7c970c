//! Why a pack proves nothing.

use redress::LoadError;
use redress_log::note::BadKey;
use redress_log::receipt::ReceiptError;
use redress_model::Digest;
use redress_release::ArchiveError;
use redress_release::signing::{EnvelopeError, TrustError, VerifyError};

/// Why a pack proves nothing. Nothing of it should be relied on.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// It is longer than any pack.
    #[error("the pack is longer than {limit} bytes")]
    TooLarge {
        /// The most bytes.
        limit: usize,
    },
    /// The file is not a pack, or holds something that no pack has.
    #[error("this is no pack of evidence: {problem}")]
    Malformed {
        /// What is wrong.
        problem: String,
    },
    /// A key of the log is none.
    #[error("the log's keys: {0}")]
    Key(#[from] BadKey),
    /// The receipt does not hold.
    #[error("the receipt: {0}")]
    Receipt(#[from] ReceiptError),
    /// The archive is not one.
    #[error("the release: {0}")]
    Archive(#[source] ArchiveError),
    /// The release cannot be compiled.
    #[error("the release: {0}")]
    Load(#[from] LoadError),
    /// Another release decided.
    #[error("the record names the release {recorded}, and the pack holds {found}")]
    OtherRelease {
        /// The digest in the record.
        recorded: String,
        /// That of the archive.
        found: Digest,
    },
    /// The signatures are no envelope.
    #[error("the signatures: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The trust file is none.
    #[error("the trust file: {0}")]
    Trust(#[from] TrustError),
    /// The signatures do not hold.
    #[error("the signatures: {0}")]
    Signatures(#[from] VerifyError),
    /// The release was signed for other incident dates.
    #[error("the release is signed for incidents of {covers}, and this one is of {incident}")]
    NotCovered {
        /// The dates that were signed.
        covers: String,
        /// The day of the incident.
        incident: String,
    },
    /// Nobody signed the release, and nobody said that this is right.
    #[error("the release in the pack is not signed")]
    Unsigned,
    /// What the pack says of itself is not what it holds.
    #[error("the pack says of {what} {said}, and shows {found}")]
    Claim {
        /// Of what.
        what: &'static str,
        /// What it says.
        said: String,
        /// What is so.
        found: String,
    },
    /// The decision came out otherwise when it was made again.
    #[error("made again, the decision differs at {pointer}")]
    Different {
        /// The first place that differs.
        pointer: String,
    },
}

impl EvidenceError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "evidence_too_large",
            Self::Archive(error) => error.code(),
            Self::Malformed { .. } => "evidence_malformed",
            Self::Key(_) => "evidence_bad_key",
            Self::Receipt(error) => error.code(),
            Self::Load(_) => "evidence_release_invalid",
            Self::OtherRelease { .. } => "evidence_other_release",
            Self::Envelope(_) => "evidence_bad_envelope",
            Self::Trust(_) => "evidence_bad_trust",
            Self::Signatures(error) => error.code(),
            Self::NotCovered { .. } => "evidence_not_covered",
            Self::Unsigned => "evidence_unsigned",
            Self::Claim { .. } => "evidence_false_claim",
            Self::Different { .. } => "evidence_different",
        }
    }
}
