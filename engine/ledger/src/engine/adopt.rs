//! Records of before the log had its present form, taken into it.

use redress_log::{Draft, Sealing, Seed};
use redress_model::{ClaimantId, Code, Digest, Timestamp};
use serde_json::json;

use super::Stop;
use super::scribe::{Scribe, unwritable};
use crate::log;
use crate::rows::HeadRow;
use crate::store::{StoreError, StoreFault, Tables};
use crate::table::Record as _;

/// A record that an older program wrote.
#[derive(Debug, Clone)]
pub struct OldRecord {
    /// Its number.
    pub seq: u64,
    /// The ledger's time.
    pub at: Timestamp,
    /// What was done.
    pub kind: Code,
    /// The decision that it is about.
    pub decision: Option<u64>,
    /// The customer of that decision.
    pub claimant: Option<ClaimantId>,
    /// The record.
    pub body: String,
    /// The case as it came in, where the record is of a decision and it was kept.
    pub case: Option<String>,
    /// The salt of the case, if there is one: whatever random bytes there are.
    pub salt: Vec<u8>,
}

/// Appends an older record to the log as a record of the kind `adopted`, which holds it
/// sealed, so that it can be opened, proved and erased as any other.
///
/// # Errors
/// [`StoreError`] when the store fails, or the record is not the next one.
pub fn adopt(tables: &mut dyn Tables, old: &OldRecord) -> Result<(), StoreError> {
    let seed = Digest::of(&[old.salt.as_slice(), old.body.as_bytes()].concat());
    let mut scribe = Scribe::new(log::head(tables)?, None, Seed::new(*seed.bytes()));
    let mut body = json!({
        "decision": old.decision,
        "reference": old.body,
        "was": old.kind,
    });
    if let (Some(case), Some(members)) = (&old.case, body.as_object_mut()) {
        members.insert("case".to_owned(), case.clone().into());
    }
    let (kind, sealing) = (Code::engine("adopted"), Sealing::of_acts());
    let seed = scribe.next_seed();
    let draft = Draft::act(kind, &body, &sealing, old.claimant.as_ref(), seed);
    let draft = draft.map_err(|error| unwritable(&error.into()));
    let written = draft.and_then(|draft| scribe.append(draft, old.decision, old.at));
    let written = match written.map_err(Stop::from) {
        Ok(written) => written,
        Err(Stop::Refused(refused)) => return Err(log::corrupt(refused)),
        Err(Stop::Store(error)) => return Err(error),
    };
    if written.records.last().is_none_or(|row| row.seq != old.seq) {
        let what = format!("record {} does not follow the one before it", old.seq);
        return Err(StoreError::new(StoreFault::Corrupt, what));
    }
    written.save(tables)?;
    match scribe.into_log() {
        Some((row, _)) => tables.put(HeadRow::TABLE, &row.to_row()),
        None => Ok(()),
    }
}
