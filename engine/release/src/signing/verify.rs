//! Whether a release is signed by those whose word counts.

use redress_model::{Date, Digest};
use serde::{Deserialize, Serialize};

use super::envelope::Envelope;
use super::error::VerifyError;
use super::rule::{Filled, Ownership, Signer};
use super::statement::Statement;
use super::trust::Trust;
use crate::archive::Archive;

/// A statement that the rule's people have signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verified {
    /// The rule that was met.
    pub rule: String,
    /// Who took which seat.
    pub signers: Vec<Filled>,
    /// The digest of the trust file that says whose word counts.
    pub trust_sha256: Digest,
    /// The digest of the envelope.
    pub envelope_sha256: Digest,
    /// The day on which it was verified.
    pub verified_on: Date,
}

/// Holds an envelope against an archive, as of a day that the host gives.
///
/// # Errors
/// [`VerifyError`] for the first thing that is wrong; nothing is passed over.
pub fn verify(
    archive: &Archive,
    envelope: &Envelope,
    trust: &Trust,
    today: Date,
) -> Result<(Statement, Verified), VerifyError> {
    let statement = envelope.statement()?;
    is_about(&statement, archive)?;
    if envelope.signatures.is_empty() {
        return Err(VerifyError::Unsigned);
    }
    let message = envelope.message()?;
    let mut signers: Vec<Signer> = Vec::new();
    for signed in &envelope.signatures {
        let key = signed.keyid;
        let trusted = trust.key(key).ok_or(VerifyError::Foreign { key })?;
        let bytes = signed.bytes().ok_or(VerifyError::Bad { key })?;
        if !trusted.public.has_signed(&message, &bytes) {
            return Err(VerifyError::Bad { key });
        }
        let person = trusted.person.clone();
        if let Some(reason) = &trusted.revoked {
            let reason = reason.clone();
            return Err(VerifyError::Revoked {
                key,
                person,
                reason,
            });
        }
        if !(trusted.valid_from..=trusted.valid_until).contains(&today) {
            return Err(VerifyError::KeyExpired {
                key,
                person,
                from: trusted.valid_from,
                until: trusted.valid_until,
                today,
            });
        }
        if signers.iter().any(|other| other.key == key) {
            return Err(VerifyError::Twice { key });
        }
        signers.push(Signer {
            person,
            key,
            roles: trusted.roles.clone(),
            is_owner: if trusted.owns(&statement.name) {
                Ownership::OfThisPolicy
            } else {
                Ownership::None
            },
        });
    }
    if statement.expires_on < today {
        return Err(VerifyError::Expired {
            expires_on: statement.expires_on,
            today,
        });
    }
    let rule = trust.rule_for(&statement.name);
    let filled = rule.fill(&signers).map_err(|empty| VerifyError::Rule {
        rule: rule.to_string(),
        empty,
    })?;
    let verified = Verified {
        rule: rule.to_string(),
        signers: filled,
        trust_sha256: trust.digest(),
        envelope_sha256: Digest::of(&envelope.to_json()),
        verified_on: today,
    };
    Ok((statement, verified))
}

/// The statement must be about this very archive.
fn is_about(statement: &Statement, archive: &Archive) -> Result<(), VerifyError> {
    let manifest = archive.source().manifest();
    let same = statement.archive_sha256 == archive.digest()
        && statement.release_sha256 == archive.source().digest()
        && statement.name == manifest.name
        && statement.version == manifest.version;
    if !same {
        return Err(VerifyError::Swapped {
            signed: format!("{} {}", statement.name, statement.version),
            expected: statement.archive_sha256,
            found: archive.digest(),
        });
    }
    if !statement.covers.is_within(&manifest.effective) {
        return Err(VerifyError::Covers {
            signed: statement.covers,
            release: manifest.effective.into(),
        });
    }
    Ok(())
}
