//! Why a policy cannot be loaded or does not apply.

use std::path::PathBuf;

use redress_model::Date;
use redress_release::ReleaseErrors;
use redress_sandbox::PolicyError;

/// Why a policy cannot be loaded. Nothing of it can then decide.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The folder is not a release.
    #[error(transparent)]
    Release(#[from] ReleaseErrors),
    /// The policy does not compile.
    #[error("{}: {error}", .file.display())]
    Policy {
        /// The policy's file.
        file: PathBuf,
        /// What is wrong with it.
        error: PolicyError,
    },
    /// The host cannot run this kind of policy.
    #[error("WASM policies cannot be run on this host: {problem}")]
    Host {
        /// What failed.
        problem: String,
    },
}

impl LoadError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Release(errors) => errors.code(),
            Self::Policy { error, .. } => error.code(),
            Self::Host { .. } => "host_unfit",
        }
    }
}

/// No version of the policy covers the day of the incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no version of {policy} covers an incident of {incident_date}")]
pub struct NoRelease {
    /// The policy.
    pub policy: String,
    /// The day of the incident.
    pub incident_date: Date,
}

impl NoRelease {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "no_release"
    }
}
