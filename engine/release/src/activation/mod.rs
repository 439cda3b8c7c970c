//! What is in force: which release decides incidents of which dates, since when, and on
//! whose word.
//!
//! Nothing is ever taken back. Each activation is a revision of its policy, higher than
//! all before it; for an incident date the highest revision that covers it is in force.
//! Going back to an earlier version is an activation of that version as a new revision,
//! and so an old signature cannot be used to bring an old version back.
//!
//! Where activations are kept is behind [`ActivationStore`]; [`FolderStore`] keeps them
//! in a folder.

mod error;
mod folder;
#[cfg(test)]
mod tests;
mod vouch;

use redress_model::{Date, Digest, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::error::{ActivateError, StoreError};
pub use self::folder::FolderStore;
pub use self::vouch::{VouchError, Voucher, vouched};
use crate::archive::Archive;
use crate::signing::{Covers, Envelope, Revision, SignOff, Trust, Verified, verify};
use crate::version::{ReleaseName, Version};

/// On whose word a release is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warrant {
    /// Those whom the rule asks for have signed.
    Signed {
        /// Who, and by which rule.
        verified: Box<Verified>,
        /// The sign-off of a review page that they signed with it.
        signoff: Option<SignOff>,
    },
    /// Nobody signed, and somebody asked for that by name.
    Unsigned {
        /// Who.
        asked_by: String,
        /// Why.
        reason: String,
    },
}

/// One release put in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// The policy.
    pub name: ReleaseName,
    /// The revision, within the policy.
    pub revision: Revision,
    /// The version.
    pub version: Version,
    /// The digest of the release folder, which decisions carry.
    pub release_sha256: Digest,
    /// The digest of the archive.
    pub archive_sha256: Digest,
    /// For which incident dates.
    pub covers: Covers,
    /// Since when.
    pub activated_at: Timestamp,
    /// On whose word.
    pub warrant: Warrant,
}

/// Keeps activations and the archives that they are of.
///
/// Both are only ever added to. An implementation makes an activation visible in one
/// step, after everything that it is made of.
pub trait ActivationStore {
    /// Every activation of every policy, in the order in which they were made.
    ///
    /// # Errors
    /// [`StoreError`], also when what is kept has been changed.
    fn history(&self) -> Result<Vec<Activation>, StoreError>;

    /// Keeps an archive with its envelope and makes the activation visible, if and only
    /// if `after` is still the highest revision of its policy.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when another activation came first; whatever keeps it from
    /// being written. Nothing has changed then.
    fn append(
        &mut self,
        after: Option<Revision>,
        activation: &Activation,
        archive: &Archive,
        envelope: Option<&Envelope>,
    ) -> Result<(), StoreError>;

    /// The archive with this digest.
    ///
    /// # Errors
    /// [`StoreError`], also when it is not what was activated.
    fn archive(&self, digest: Digest) -> Result<Archive, StoreError>;

    /// What was signed for an activation.
    ///
    /// # Errors
    /// [`StoreError`], also when nothing was signed for it.
    fn envelope(&self, activation: &Activation) -> Result<Envelope, StoreError>;
}

/// The highest revision of a policy, or none.
#[must_use]
pub fn highest(history: &[Activation], name: &ReleaseName) -> Option<Revision> {
    let own = history.iter().filter(|activation| activation.name == *name);
    own.map(|activation| activation.revision).max()
}

/// What is in force for incidents of a date, as far as was activated by a moment.
#[must_use]
pub fn in_force<'h>(
    history: &'h [Activation],
    name: &ReleaseName,
    incident: Date,
    known_at: Option<Timestamp>,
) -> Option<&'h Activation> {
    history
        .iter()
        .filter(|activation| activation.name == *name && activation.covers.covers(incident))
        .filter(|activation| known_at.is_none_or(|moment| activation.activated_at <= moment))
        .max_by_key(|activation| activation.revision)
}

/// A span of incident dates with what is in force for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<'h> {
    /// The incident dates.
    pub covers: Covers,
    /// The activation.
    pub activation: &'h Activation,
}

/// What is in force for every incident date of a policy, in order of the dates.
#[must_use]
pub fn timetable<'h>(
    history: &'h [Activation],
    name: &ReleaseName,
    known_at: Option<Timestamp>,
) -> Vec<Span<'h>> {
    let own = history.iter().filter(|activation| activation.name == *name);
    let mut starts: Vec<Date> = own
        .flat_map(|activation| {
            let after = activation.covers.until.and_then(|until| until.plus_days(1));
            [Some(activation.covers.from), after]
        })
        .flatten()
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let mut spans: Vec<Span<'h>> = Vec::new();
    for (place, from) in starts.iter().enumerate() {
        let next = starts.get(place.saturating_add(1));
        let until = next.and_then(|next| next.plus_days(-1));
        let Some(activation) = in_force(history, name, *from, known_at) else {
            continue;
        };
        let touches = |last: &&mut Span<'_>| {
            let after = last.covers.until.and_then(|until| until.plus_days(1));
            last.activation == activation && after == Some(*from)
        };
        match spans.last_mut().filter(touches) {
            Some(last) => last.covers.until = until,
            None => spans.push(Span {
                covers: Covers { from: *from, until },
                activation,
            }),
        }
    }
    spans
}

/// On whose word a release shall be put in force. There is no default: leaving signatures
/// out takes a name and a reason, which everybody sees ever after.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// On that of those who signed.
    Signed {
        /// What they signed.
        envelope: &'a Envelope,
        /// Whose word counts.
        trust: &'a Trust,
    },
    /// On nobody's.
    Unsigned {
        /// Who wants this.
        asked_by: &'a str,
        /// Why.
        reason: &'a str,
    },
}

/// Puts a release in force.
///
/// `now` is the moment that the host gives, `today` its day where compliance sits. With a
/// statement, the revision and the incident dates are those that were signed; without, the
/// next revision and all dates that the release covers.
///
/// # Errors
/// [`ActivateError`]; what was in force before is in force still.
pub fn activate(
    store: &mut dyn ActivationStore,
    archive: &Archive,
    asked: Asked<'_>,
    now: Timestamp,
    today: Date,
) -> Result<Activation, ActivateError> {
    let manifest = archive.source().manifest();
    let history = store.history()?;
    let current = highest(&history, &manifest.name);
    if let Some(last) = history.last().filter(|last| last.activated_at > now) {
        return Err(ActivateError::ClockBehind {
            last: last.activated_at,
            now,
        });
    }
    let (revision, covers, warrant) = match asked {
        Asked::Signed { envelope, trust } => {
            let (statement, verified) = verify(archive, envelope, trust, today)?;
            let signoff = statement.signoff;
            let verified = Box::new(verified);
            let warrant = Warrant::Signed { verified, signoff };
            (statement.revision, statement.covers, warrant)
        }
        Asked::Unsigned { asked_by, reason } => {
            if asked_by.trim().is_empty() || reason.trim().is_empty() {
                return Err(ActivateError::Nameless);
            }
            let warrant = Warrant::Unsigned {
                asked_by: asked_by.to_owned(),
                reason: reason.to_owned(),
            };
            let revision = current.unwrap_or_default().next();
            (revision, manifest.effective.into(), warrant)
        }
    };
    if manifest.review_by < today {
        return Err(ActivateError::ReviewOverdue {
            review_by: manifest.review_by,
            today,
        });
    }
    if revision <= current.unwrap_or_default() {
        return Err(ActivateError::Downgraded {
            signed: revision,
            current: current.unwrap_or_default(),
        });
    }
    unchanged(&history, archive)?;
    let activation = Activation {
        name: manifest.name.clone(),
        revision,
        version: manifest.version,
        release_sha256: archive.source().digest(),
        archive_sha256: archive.digest(),
        covers,
        activated_at: now,
        warrant,
    };
    let envelope = match asked {
        Asked::Signed { envelope, .. } => Some(envelope),
        Asked::Unsigned { .. } => None,
    };
    store.append(current, &activation, archive, envelope)?;
    Ok(activation)
}

/// A version that was in force once has the same digest for ever.
fn unchanged(history: &[Activation], archive: &Archive) -> Result<(), ActivateError> {
    let manifest = archive.source().manifest();
    let found = archive.source().digest();
    let same = |other: &&Activation| {
        (&other.name, other.version) == (&manifest.name, manifest.version)
            && other.release_sha256 != found
    };
    match history.iter().find(same) {
        Some(before) => Err(ActivateError::Changed {
            name: manifest.name.clone(),
            version: manifest.version,
            expected: before.release_sha256,
            found,
        }),
        None => Ok(()),
    }
}
