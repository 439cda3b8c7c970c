//! `activate` and `shadow`: what is in force, and what a candidate would have decided.

use super::txn::Txn;
use super::{Done, Stop};
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::command::{Activate, Shadow};
use crate::rows::{ActivationRow, DecisionRow};

/// Records that a release came into force. The same once more is refused as done; anything
/// that does not come after what was in force is refused as a downgrade.
pub(super) fn activate(txn: &mut Txn<'_>, it: &Activate) -> Result<Done, Stop> {
    if it.revision == 0 {
        return Err(Refused::OutOfRange.into());
    }
    let known: Option<ActivationRow> = txn.get(&[it.policy.to_cell()])?;
    if let Some(known) = known.filter(|known| known.revision >= it.revision) {
        let same = known.revision == it.revision
            && known.archive_digest == it.archive
            && known.release_digest == it.release;
        return Err(match same {
            true => Refused::AlreadyDone.into(),
            false => Refused::Downgraded {
                policy: known.policy.to_string(),
                current: known.revision,
            }
            .into(),
        });
    }
    txn.put(&ActivationRow {
        policy: it.policy.clone(),
        revision: it.revision,
        version: it.version.clone(),
        release_digest: it.release,
        archive_digest: it.archive,
        at: txn.now(),
    });
    Ok(Done::new("activated", None, it))
}

/// Puts on record what a candidate would have decided, and does nothing else.
pub(super) fn shadow(txn: &mut Txn<'_>, it: &Shadow) -> Result<Done, Stop> {
    let found: Option<DecisionRow> = txn.get(&[it.decision.to_cell()])?;
    if found.is_none() {
        return Err(Refused::NoSuchDecision { id: it.decision }.into());
    }
    Ok(Done::new("observed", Some(it.decision), it))
}
