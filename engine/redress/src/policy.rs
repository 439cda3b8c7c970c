//! A policy with all its versions.

use redress_model::admit::{AdmitErrors, RawCase};
use redress_model::{Case, Date};

use crate::error::NoRelease;
use crate::release::Release;

/// Every version of one policy. The day of the incident picks the one that decides.
#[derive(Clone)]
pub struct Policy {
    // In order of effective dates, which never overlap; at least one.
    releases: Vec<Release>,
}

/// Why a case was not admitted to a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// The case is not valid.
    #[error(transparent)]
    Case(#[from] AdmitErrors),
    /// No version covers its incident.
    #[error(transparent)]
    NoRelease(#[from] NoRelease),
}

impl NotAdmitted {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Case(errors) => errors.code(),
            Self::NoRelease(error) => error.code(),
        }
    }
}

impl Policy {
    pub(crate) const fn new(releases: Vec<Release>) -> Self {
        Self { releases }
    }

    /// The versions, in order of their effective dates.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The version that covers an incident of this day.
    ///
    /// # Errors
    /// [`NoRelease`] when none does.
    pub fn release_for(&self, incident_date: Date) -> Result<&Release, NoRelease> {
        self.releases
            .iter()
            .find(|release| release.covers(incident_date))
            .ok_or_else(|| {
                let policy = self
                    .releases
                    .first()
                    .map(|first| first.id().name.to_string());
                NoRelease {
                    policy: policy.unwrap_or_default(),
                    incident_date,
                }
            })
    }

    /// Reads a case: its envelope, then its facts against the schema of the version that
    /// its incident date picks.
    ///
    /// # Errors
    /// [`NotAdmitted`] with everything that is wrong with the case.
    pub fn admit(&self, bytes: &[u8]) -> Result<(&Release, Case), NotAdmitted> {
        let limits = self.releases.first().map_or(
            redress_model::admit::AdmitLimits::STANDARD,
            Release::admit_limits,
        );
        let raw = RawCase::read(bytes, limits)?;
        let release = self.release_for(raw.incident_date())?;
        Ok((release, raw.admit(release.schema())?))
    }
}
