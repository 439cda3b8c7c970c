//! A release out of a store, to decide with: checked again, and not taken on the store's word.

use super::error::StoreError;
use super::{Activation, ActivationStore, Warrant};
use crate::archive::Archive;
use crate::signing::{Trust, VerifyError, verify};

/// Who stands in for what is in force. There is no default: leaving signatures unchecked is
/// asked for by name.
#[derive(Debug, Clone, Copy)]
pub enum Voucher<'a> {
    /// Those whose signatures this trust file counts.
    Trust(&'a Trust),
    /// Nobody: signatures are not looked at.
    Unchecked,
}

/// Why a release in a store must not decide.
#[derive(Debug, thiserror::Error)]
pub enum VouchError {
    /// The store failed, or its archive is not the one that was put in force.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Those whose word counts have not signed it.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// It was put in force without signatures.
    #[error("revision {} was put in force without signatures, asked by {asked_by}: {reason}", activation.revision)]
    Unsigned {
        /// What was put in force.
        activation: Box<Activation>,
        /// Who asked for it.
        asked_by: String,
        /// Why.
        reason: String,
    },
    /// The store's line says something else than what was signed, or than its archive.
    #[error("the store says of revision {} what its {what} does not say", activation.revision)]
    Differs {
        /// What the store says.
        activation: Box<Activation>,
        /// What says something else: `statement` or `archive`.
        what: &'static str,
    },
}

impl VouchError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Verify(error) => error.code(),
            Self::Unsigned { .. } => "in_force_unsigned",
            Self::Differs { .. } => "in_force_differs",
        }
    }
}

/// The archive of an activation, after its digests and signatures are checked again.
///
/// Keys count as of the day on which it was put in force; a key that was revoked since
/// counts no more.
///
/// # Errors
/// [`VouchError`]; the release must not decide then.
pub fn vouched(
    store: &dyn ActivationStore,
    activation: &Activation,
    voucher: Voucher<'_>,
) -> Result<Archive, VouchError> {
    let archive = store.archive(activation.archive_sha256)?;
    let differs = |what| {
        let activation = Box::new(activation.clone());
        VouchError::Differs { activation, what }
    };
    let manifest = archive.source().manifest();
    let said = (
        &activation.name,
        activation.version,
        activation.release_sha256,
    );
    if said != (&manifest.name, manifest.version, archive.source().digest()) {
        return Err(differs("archive"));
    }
    let Voucher::Trust(trust) = voucher else {
        return Ok(archive);
    };
    let verified_on = match &activation.warrant {
        Warrant::Signed { verified, .. } => verified.verified_on,
        Warrant::Unsigned { asked_by, reason } => {
            return Err(VouchError::Unsigned {
                activation: Box::new(activation.clone()),
                asked_by: asked_by.clone(),
                reason: reason.clone(),
            });
        }
    };
    let envelope = store.envelope(activation)?;
    let (statement, _) = verify(&archive, &envelope, trust, verified_on)?;
    if (statement.revision, statement.covers) != (activation.revision, activation.covers) {
        return Err(differs("statement"));
    }
    Ok(archive)
}
