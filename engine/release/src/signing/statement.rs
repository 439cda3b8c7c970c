//! What is signed.

use std::fmt;

use redress_model::{Date, Digest};
use serde::{Deserialize, Serialize};

use super::error::EnvelopeError;
use crate::archive::Archive;
use crate::manifest::Effective;
use crate::version::{ReleaseName, Version};

/// The name of this format.
const FORMAT: &str = "redress.statement.v1";

/// The place of a release among everything that was ever put in force for its policy,
/// counted from 1. It only grows: going back to an earlier version is a higher revision.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The incident dates for which a release is put in force, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    /// The first incident date.
    pub from: Date,
    /// The last one; `null` for all that follow.
    pub until: Option<Date>,
}

impl Covers {
    /// Whether an incident of this date is covered.
    #[must_use]
    pub fn covers(&self, incident: Date) -> bool {
        Effective::from(*self).covers(incident)
    }

    /// Whether all of these dates are among the others.
    #[must_use]
    pub fn is_within(&self, other: &Effective) -> bool {
        let ends = match (self.until, other.until) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own <= other,
        };
        ends && other.from <= self.from && self.until.is_none_or(|until| self.from <= until)
    }
}

impl From<Effective> for Covers {
    fn from(effective: Effective) -> Self {
        Self {
            from: effective.from,
            until: effective.until,
        }
    }
}

impl From<Covers> for Effective {
    fn from(covers: Covers) -> Self {
        Self {
            from: covers.from,
            until: covers.until,
        }
    }
}

impl fmt::Display for Covers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Effective::from(*self).fmt(f)
    }
}

/// What a reviewer wrote down at the end of a review page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// Who read it.
    pub reviewer: String,
    /// `approved`; anything else is not signed.
    pub answer: String,
    /// What they remarked.
    #[serde(default)]
    pub remarks: String,
    /// The digest of the release that the page was about.
    pub release_sha256: Digest,
    /// What the page reviewed: the digest of the data that stands in it.
    pub review_sha256: Digest,
}

/// What the signers agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The format's name.
    format: String,
    /// The policy.
    pub name: ReleaseName,
    /// The version.
    pub version: Version,
    /// The digest of the release folder.
    pub release_sha256: Digest,
    /// The digest of the archive.
    pub archive_sha256: Digest,
    /// The revision that the activation gets.
    pub revision: Revision,
    /// For which incident dates.
    pub covers: Covers,
    /// The last day on which the statement can be acted on.
    pub expires_on: Date,
    /// The sign-off of a review page, if there was one.
    pub signoff: Option<SignOff>,
}

impl Statement {
    /// A statement about an archive.
    #[must_use]
    pub fn about(
        archive: &Archive,
        revision: Revision,
        covers: Covers,
        expires_on: Date,
        signoff: Option<SignOff>,
    ) -> Self {
        let manifest = archive.source().manifest();
        Self {
            format: FORMAT.to_owned(),
            name: manifest.name.clone(),
            version: manifest.version,
            release_sha256: archive.source().digest(),
            archive_sha256: archive.digest(),
            revision,
            covers,
            expires_on,
            signoff,
        }
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Plain values are written into memory, which does not fail; were it to, nobody
        // could verify the empty statement.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the bytes that are signed.
    ///
    /// # Errors
    /// [`EnvelopeError::Statement`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let problem = |problem: String| EnvelopeError::Statement { problem };
        let statement: Self =
            serde_json::from_slice(bytes).map_err(|error| problem(error.to_string()))?;
        if statement.format != FORMAT {
            let found = statement.format.chars().take(80).collect::<String>();
            return Err(problem(format!(
                "expected the format {FORMAT}, found {found:?}"
            )));
        }
        // Two readers that take a repeated key or a number differently must not both be right.
        if statement.to_json() != bytes {
            return Err(problem(
                "it is not written in the one way in which it is signed".into(),
            ));
        }
        Ok(statement)
    }
}
