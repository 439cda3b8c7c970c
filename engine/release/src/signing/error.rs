//! Why a key, an envelope or a trust file cannot be used, or a release is not signed.

use redress_model::{Date, Digest};

use super::key::KeyId;
use super::rule::RuleError;
use super::statement::Covers;

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not the PEM text asked for.
    #[error("expected a PEM text with the right BEGIN and END lines")]
    Label,
    /// It is not base64.
    #[error("the key is not base64")]
    Base64,
    /// It is a key of another algorithm, or encrypted.
    #[error("the key is not an unencrypted Ed25519 key")]
    Algorithm,
    /// It has another length.
    #[error("a key has 32 bytes")]
    Length,
    /// It is no point of the curve, or one that signs everything.
    #[error("the bytes are no public key")]
    Point,
    /// It is not a key's name.
    #[error("expected ed25519: and 64 hexadecimal digits")]
    Id,
}

impl KeyError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Label => "key_label",
            Self::Base64 => "key_base64",
            Self::Algorithm => "key_algorithm",
            Self::Length => "key_length",
            Self::Point => "key_point",
            Self::Id => "key_id",
        }
    }
}

/// Why a file is not an envelope, or cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It is too long.
    #[error("the envelope has {used} bytes, at most {limit} are read")]
    TooLarge {
        /// The most bytes.
        limit: u64,
        /// The bytes found.
        used: u64,
    },
    /// It is not a DSSE envelope.
    #[error("not a DSSE envelope: {problem}")]
    Malformed {
        /// What is wrong.
        problem: String,
    },
    /// It holds something else.
    #[error("the envelope holds {found:?} and not a statement about a release")]
    PayloadType {
        /// The type found.
        found: String,
    },
    /// What it holds is not a statement.
    #[error("the statement in the envelope is not one: {problem}")]
    Statement {
        /// What is wrong.
        problem: String,
    },
    /// It has too many signatures.
    #[error("the envelope has more than {limit} signatures")]
    TooManySignatures {
        /// The most.
        limit: usize,
    },
    /// The key has signed already.
    #[error("the key {key} has signed already")]
    SignedAlready {
        /// The key.
        key: KeyId,
    },
}

impl EnvelopeError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "envelope_too_large",
            Self::Malformed { .. } => "envelope_malformed",
            Self::PayloadType { .. } => "envelope_payload_type",
            Self::Statement { .. } => "envelope_statement",
            Self::TooManySignatures { .. } => "envelope_too_many_signatures",
            Self::SignedAlready { .. } => "envelope_signed_already",
        }
    }
}

/// Why a file does not say whose word counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// It is too long.
    #[error("the trust file has {used} bytes, at most {limit} are read")]
    TooLarge {
        /// The most bytes.
        limit: usize,
        /// The bytes found.
        used: usize,
    },
    /// It is not what a trust file looks like.
    #[error("line {line}: {problem}")]
    Malformed {
        /// The line, from 1.
        line: u32,
        /// What is wrong.
        problem: String,
    },
    /// It names no key.
    #[error("the trust file names no key, so that nothing could be verified")]
    NoKey,
    /// A key belongs to nobody.
    #[error("the key {key} has no person")]
    Nobody {
        /// The key.
        key: KeyId,
    },
    /// A key is there twice.
    #[error("the key {key} is there twice")]
    Twice {
        /// The key.
        key: KeyId,
    },
    /// Something owned, or with a rule of its own, is no policy and no folder of policies.
    #[error("{found:?} is neither a policy such as air/eu261 nor a folder of policies")]
    Folder {
        /// What was found.
        found: String,
    },
    /// A rule is not one.
    #[error(transparent)]
    Rule(#[from] RuleError),
}

impl TrustError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "trust_too_large",
            Self::Malformed { .. } => "trust_malformed",
            Self::NoKey => "trust_no_key",
            Self::Nobody { .. } => "trust_nobody",
            Self::Twice { .. } => "trust_key_twice",
            Self::Folder { .. } => "trust_folder",
            Self::Rule(error) => error.code(),
        }
    }
}

/// Why a release is not signed by those whose word counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The envelope is not one.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Nobody signed.
    #[error("the envelope has no signature")]
    Unsigned,
    /// What is signed is another archive.
    #[error("what is signed is {signed} (archive {expected}), and this archive is {found}")]
    Swapped {
        /// The release in the statement.
        signed: String,
        /// The digest in the statement.
        expected: Digest,
        /// The digest of the archive.
        found: Digest,
    },
    /// What is signed is for incident dates that the release does not cover.
    #[error("the statement is for incidents of {signed}, and the release covers {release}")]
    Covers {
        /// The dates signed.
        signed: Covers,
        /// The release's own.
        release: Covers,
    },
    /// A key is not in the trust file.
    #[error("the key {key} is not in the trust file")]
    Foreign {
        /// The key.
        key: KeyId,
    },
    /// A signature is not one of its key over this statement.
    #[error("the signature of {key} does not match the statement")]
    Bad {
        /// The key.
        key: KeyId,
    },
    /// A key has signed twice.
    #[error("the key {key} has signed twice")]
    Twice {
        /// The key.
        key: KeyId,
    },
    /// A key does not count on this day.
    #[error("the key {key} of {person} counts from {from} to {until}, and today is {today}")]
    KeyExpired {
        /// The key.
        key: KeyId,
        /// Whose it is.
        person: String,
        /// The first day.
        from: Date,
        /// The last day.
        until: Date,
        /// The day of the verification.
        today: Date,
    },
    /// A key was revoked.
    #[error("the key {key} of {person} was revoked: {reason}")]
    Revoked {
        /// The key.
        key: KeyId,
        /// Whose it is.
        person: String,
        /// Why.
        reason: String,
    },
    /// The statement has run out.
    #[error("the signatures expired on {expires_on}, and today is {today}")]
    Expired {
        /// The last day.
        expires_on: Date,
        /// The day of the verification.
        today: Date,
    },
    /// Too few signed.
    #[error("the rule {rule:?} is not met; nobody takes: {}", empty.join(", "))]
    Rule {
        /// The rule.
        rule: String,
        /// The seats that nobody takes.
        empty: Vec<String>,
    },
}

impl VerifyError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Envelope(error) => error.code(),
            Self::Unsigned => "signature_stripped",
            Self::Swapped { .. } => "signature_swapped",
            Self::Covers { .. } => "signature_covers",
            Self::Foreign { .. } => "signature_foreign",
            Self::Bad { .. } => "signature_bad",
            Self::Twice { .. } => "signature_twice",
            Self::KeyExpired { .. } => "signature_key_expired",
            Self::Revoked { .. } => "signature_key_revoked",
            Self::Expired { .. } => "signature_expired",
            Self::Rule { .. } => "signature_rule",
        }
    }
}
