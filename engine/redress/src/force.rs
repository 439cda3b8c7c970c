//! What is in force: the releases of a store that decide, each for its incident dates.

use redress_ledger::command::{Activate, Warrant};
use redress_ledger::{
    Command, Ledger, Refused, Request, RequestKey, Seed, StoreError as LedgerError, StoreFault,
};
use redress_model::{Date, Digest, Timestamp};
use redress_release::ReleaseName;
use redress_release::activation::{
    self, Activation, ActivationStore, StoreError, VouchError, Voucher, timetable, vouched,
};
use redress_release::signing::{Covers, Revision};

use crate::engine::Engine;
use crate::error::LoadError;
use crate::release::Release;

/// Why nothing can be decided with what is in force.
#[derive(Debug, thiserror::Error)]
pub enum InForceError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody whose word counts stands behind a release.
    #[error(transparent)]
    Vouch(#[from] VouchError),
    /// A release does not compile on this host.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No release of the policy was ever put in force.
    #[error("no release of {name} is in force")]
    Nothing {
        /// The policy.
        name: ReleaseName,
    },
    /// The store is older than what decided before.
    #[error(
        "the store has revision {store} of {name}, and revision {known} was in force already; it was brought back to an older state"
    )]
    Downgraded {
        /// The policy.
        name: ReleaseName,
        /// The store's highest revision.
        store: Revision,
        /// The highest revision that is known.
        known: Revision,
    },
    /// The store and the ledger know the same revision with other bytes.
    #[error("revision {revision} of {name} is {store} in the store, and {ledger} was in force")]
    Differs {
        /// The policy.
        name: ReleaseName,
        /// The revision.
        revision: Revision,
        /// The digest of the store's archive.
        store: Digest,
        /// The digest of the archive that the ledger knows.
        ledger: Digest,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(LedgerError),
    /// The ledger refused to record what is in force.
    #[error(transparent)]
    Refused(Refused),
}

impl InForceError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Vouch(error) => error.code(),
            Self::Load(error) => error.code(),
            Self::Nothing { .. } => "nothing_in_force",
            Self::Downgraded { .. } => "revision_downgraded",
            Self::Differs { .. } => "in_force_differs",
            Self::Ledger(error) => error.code(),
            Self::Refused(refused) => refused.code(),
        }
    }
}

/// A release in force with the activation that put it there.
#[derive(Clone)]
struct Active {
    activation: Activation,
    release: Release,
}

/// The releases of one policy that are in force, each for its incident dates; immutable, and
/// cheap to share.
///
/// A promotion is an activation in the store. A running host takes it up with
/// [`InForce::renewed`], and puts the result in the place of what it had: every decision is
/// made with the one or with the other, and never with a part of each.
#[derive(Clone)]
pub struct InForce {
    name: ReleaseName,
    /// In order of their dates, which never overlap.
    spans: Vec<(Covers, usize)>,
    active: Vec<Active>,
    /// The activation with the highest revision.
    newest: Activation,
}

impl InForce {
    /// Reads what is in force, checks it again and compiles it.
    ///
    /// # Errors
    /// [`InForceError`] for the first release that must not decide.
    pub fn load(
        engine: &Engine,
        store: &dyn ActivationStore,
        name: &ReleaseName,
        voucher: Voucher<'_>,
    ) -> Result<Self, InForceError> {
        let history = store.history()?;
        let own = history.iter().filter(|activation| activation.name == *name);
        let newest = own.max_by_key(|activation| activation.revision);
        let newest = newest.ok_or_else(|| InForceError::Nothing { name: name.clone() })?;
        let mut active: Vec<Active> = Vec::new();
        let mut spans = Vec::new();
        for span in timetable(&history, name, None) {
            let known = active
                .iter()
                .position(|own| own.activation.revision == span.activation.revision);
            let place = match known {
                Some(place) => place,
                None => {
                    let archive = vouched(store, span.activation, voucher)?;
                    active.push(Active {
                        activation: span.activation.clone(),
                        release: engine.compile(archive.source().clone())?,
                    });
                    active.len().saturating_sub(1)
                }
            };
            spans.push((span.covers, place));
        }
        Ok(Self {
            name: name.clone(),
            spans,
            active,
            newest: newest.clone(),
        })
    }

    /// What is in force now, in the place of this.
    ///
    /// # Errors
    /// [`InForceError`]; this is still good then. [`InForceError::Downgraded`] if the store
    /// holds less than it did.
    pub fn renewed(
        &self,
        engine: &Engine,
        store: &dyn ActivationStore,
        voucher: Voucher<'_>,
    ) -> Result<Self, InForceError> {
        let new = Self::load(engine, store, &self.name, voucher)?;
        let (known, found) = (self.newest.revision, new.newest.revision);
        if found < known {
            return Err(self.downgraded(found, known));
        }
        if found == known && new.newest.archive_sha256 != self.newest.archive_sha256 {
            return Err(self.differs(new.newest.archive_sha256, self.newest.archive_sha256));
        }
        Ok(new)
    }

    fn downgraded(&self, store: Revision, known: Revision) -> InForceError {
        InForceError::Downgraded {
            name: self.name.clone(),
            store,
            known,
        }
    }

    fn differs(&self, store: Digest, ledger: Digest) -> InForceError {
        InForceError::Differs {
            name: self.name.clone(),
            revision: self.newest.revision,
            store,
            ledger,
        }
    }

    /// The release that decides incidents of a date, with the activation that put it there.
    #[must_use]
    pub fn release_for(&self, incident: Date) -> Option<(&Release, &Activation)> {
        let mut spans = self.spans.iter();
        let (_, place) = spans.find(|(covers, _)| covers.covers(incident))?;
        let active = self.active.get(*place)?;
        Some((&active.release, &active.activation))
    }

    /// The highest revision of the policy.
    #[must_use]
    pub const fn newest(&self) -> &Activation {
        &self.newest
    }

    /// Holds the store against the highest revision that a ledger knows, and puts a higher one
    /// on record there before it decides.
    ///
    /// # Errors
    /// [`InForceError::Downgraded`] and [`InForceError::Differs`] when the ledger knows
    /// better: nothing may be decided then. The ledger's own errors.
    pub fn announce(
        &self,
        ledger: &dyn Ledger,
        at: Timestamp,
        seed: Seed,
    ) -> Result<(), InForceError> {
        let known = ledger.activation(self.name.as_str());
        let newest = &self.newest;
        if let Some(known) = known.map_err(InForceError::Ledger)? {
            let revision = Revision(known.revision);
            if revision > newest.revision {
                return Err(self.downgraded(newest.revision, revision));
            }
            if revision == newest.revision {
                let same = known.archive_digest == newest.archive_sha256;
                return match same {
                    true => Ok(()),
                    false => Err(self.differs(newest.archive_sha256, known.archive_digest)),
                };
            }
        }
        let reply = recorded(newest, ledger, at, seed).map_err(InForceError::Ledger)?;
        match reply {
            // Somebody else was as fast, and has put the same on record.
            Ok(()) | Err(Refused::AlreadyDone | Refused::KeyReused) => Ok(()),
            Err(Refused::Downgraded { current, .. }) => {
                Err(self.downgraded(newest.revision, Revision(current)))
            }
            Err(refused) => Err(InForceError::Refused(refused)),
        }
    }
}

/// Puts an activation on record in a ledger.
fn recorded(
    activation: &Activation,
    ledger: &dyn Ledger,
    at: Timestamp,
    seed: Seed,
) -> Result<Result<(), Refused>, LedgerError> {
    let lost = || LedgerError::new(StoreFault::OutOfRange, "the activation has no key");
    let named = format!(
        "activate {} {} {}",
        activation.name, activation.revision, activation.archive_sha256
    );
    let key = Digest::of(named.as_bytes());
    let key = RequestKey::new(&format!("activate-{key}")).ok_or_else(lost)?;
    let warrant = match &activation.warrant {
        activation::Warrant::Signed { verified, .. } => {
            let keys = verified.signers.iter().map(|filled| filled.key.to_string());
            Warrant::Signed(keys.map(Into::into).collect())
        }
        activation::Warrant::Unsigned { asked_by, .. } => {
            Warrant::Unsigned(asked_by.as_str().into())
        }
    };
    let command = Command::Activate(Activate {
        policy: activation.name.as_str().into(),
        revision: activation.revision.0,
        version: activation.version.to_string().into(),
        release: activation.release_sha256,
        archive: activation.archive_sha256,
        from: activation.covers.from,
        until: activation.covers.until,
        warrant,
    });
    let mut replies = ledger.apply(&[Request { key, command, seed }], at)?;
    let reply = replies.pop().ok_or_else(lost)?;
    Ok(reply.map(|_| ()))
}
