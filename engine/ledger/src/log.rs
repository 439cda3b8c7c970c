//! The decision log of a ledger: its records with their openings, its checkpoints, proofs.
//!
//! The records themselves are written by [`crate::engine`], in the transaction of whatever
//! they record. What is here reads them, and signs.

use std::collections::BTreeMap;

use redress_log::lines::Lines;
use redress_log::merkle::{NodeId, Plan};
use redress_log::note::{KeyName, SignerKey};
use redress_log::seal::OpeningLine;
use redress_log::{Checkpoint, Head, Openings, Record};
use redress_model::{Digest, Timestamp};
use smol_str::SmolStr;

use crate::cell::Field as _;
use crate::rows::{CheckpointRow, HeadRow, NodeRow, OpeningRow, RecordRow};
use crate::store::{self, Scan, Store, StoreError, StoreFault, Tables};
use crate::table::Record as _;

/// When a ledger signs checkpoints of its log, and with which key.
pub struct Signing {
    /// The key, whose name is the name of the log.
    pub key: SignerKey,
    /// After so many records since the last checkpoint.
    pub records: u64,
    /// Or with the first record so many seconds of ledger time after it.
    pub seconds: u32,
}

impl Signing {
    /// With this key: every 64 records, or every five minutes.
    #[must_use]
    pub const fn with(key: SignerKey) -> Self {
        Self {
            key,
            records: 64,
            seconds: 300,
        }
    }

    /// Whether a checkpoint is to be signed now.
    fn is_due(&self, head: &HeadRow, log: &Head) -> bool {
        let since = log.size().saturating_sub(head.signed_size);
        let seconds = log.at().seconds().saturating_sub(head.signed_at.seconds());
        since >= self.records || (since > 0 && seconds >= i64::from(self.seconds))
    }

    fn sign(&self, head: &mut HeadRow, log: &Head) -> Result<CheckpointRow, StoreError> {
        self.is_of(head)?;
        let checkpoint = log.checkpoint(self.key.name());
        let note = checkpoint.sign(&self.key).map_err(corrupt)?;
        (head.signed_size, head.signed_at) = (log.size(), log.at());
        Ok(CheckpointRow {
            size: log.size(),
            at: log.at(),
            note: note.to_string().into(),
        })
    }

    /// A key signs for the log of its own name and for no other.
    fn is_of(&self, head: &HeadRow) -> Result<(), StoreError> {
        let name = self.key.name();
        if name.as_str() == head.origin {
            return Ok(());
        }
        let what = format!("the key is of {name}, and the log is {}", head.origin);
        Err(StoreError::new(StoreFault::OtherLog, what))
    }
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing")
            .field("key", &self.key.name())
            .field("records", &self.records)
            .field("seconds", &self.seconds)
            .finish()
    }
}

/// Signs a checkpoint if one is due, within the transaction of the records.
pub(crate) fn sign_if_due(
    tables: &mut dyn Tables,
    head: &mut HeadRow,
    log: &Head,
    signing: &Signing,
) -> Result<(), StoreError> {
    if !signing.is_due(head, log) {
        return Ok(());
    }
    let row = signing.sign(head, log)?;
    tables.put(CheckpointRow::TABLE, &row.to_row())
}

/// The row about the log with the log's head; `None` while nothing is recorded.
pub(crate) fn head(tables: &mut dyn Tables) -> Result<Option<(HeadRow, Head)>, StoreError> {
    let row: Option<HeadRow> = store::get(tables, &[0_u64.to_cell()])?;
    let Some(row) = row else { return Ok(None) };
    let log = Head::from_bytes(&row.head).map_err(corrupt)?;
    Ok(Some((row, log)))
}

pub(crate) fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::new(StoreFault::Corrupt, error.to_string())
}

/// Refuses a key that is of another log.
///
/// # Errors
/// `other_log`, and [`StoreError`] when the store fails.
pub fn check_key(store: &dyn Store, signing: &Signing) -> Result<(), StoreError> {
    store.read(&mut |tables| match head(tables)? {
        Some((row, _)) => signing.is_of(&row),
        None => Ok(()),
    })
}

/// What every ledger that keeps a decision log can tell of it.
pub trait DecisionLog: Send + Sync {
    /// Records from this one on, in order; record 0 names the log.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn lines(&self, from: u64, limit: u32) -> Result<Vec<RecordRow>, StoreError>;

    /// One record.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn line(&self, seq: u64) -> Result<Option<RecordRow>, StoreError>;

    /// What a checkpoint of now would say; `None` while nothing is recorded.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn now(&self) -> Result<Option<Checkpoint>, StoreError>;

    /// What is still known of the personal values of a record.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails, or holds an opening that opens nothing.
    fn openings(&self, seq: u64) -> Result<Openings, StoreError>;

    /// The signed checkpoints that cover a record, the smallest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn checkpoints(&self, covering: u64, limit: u32) -> Result<Vec<CheckpointRow>, StoreError>;

    /// The last signed checkpoint.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn last_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError>;

    /// A proof out of the stored nodes: at most ⌈log₂ n⌉ hashes for a log of n records.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails or lacks a node.
    fn proof(&self, plan: &Plan) -> Result<Vec<Digest>, StoreError>;

    /// Signs a checkpoint of now and keeps it; `None` while nothing is recorded.
    ///
    /// # Errors
    /// `other_log` when the key has another name, and [`StoreError`] when the store fails.
    fn sign(&self, signing: &Signing) -> Result<Option<CheckpointRow>, StoreError>;
}

impl<S: Store> DecisionLog for S {
    fn lines(&self, from: u64, limit: u32) -> Result<Vec<RecordRow>, StoreError> {
        let mut scan = Scan::new(RecordRow::TABLE, &["seq"], Vec::new()).limit(limit);
        if let Some(before) = from.checked_sub(1) {
            scan = scan.above(before.to_cell());
        }
        look(self, |tables| store::rows(tables, &scan))
    }

    fn line(&self, seq: u64) -> Result<Option<RecordRow>, StoreError> {
        look(self, |tables| store::get(tables, &[seq.to_cell()]))
    }

    fn now(&self) -> Result<Option<Checkpoint>, StoreError> {
        look(self, |tables| {
            let Some((row, log)) = head(tables)? else {
                return Ok(None);
            };
            let name = KeyName::new(&row.origin).map_err(corrupt)?;
            Ok(Some(log.checkpoint(&name)))
        })
    }

    fn openings(&self, seq: u64) -> Result<Openings, StoreError> {
        look(self, |tables| openings_of(tables, seq))
    }

    fn checkpoints(&self, covering: u64, limit: u32) -> Result<Vec<CheckpointRow>, StoreError> {
        let scan = Scan::new(CheckpointRow::TABLE, &["size"], Vec::new())
            .above(covering.to_cell())
            .limit(limit);
        look(self, |tables| store::rows(tables, &scan))
    }

    fn last_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError> {
        look(self, |tables| match head(tables)? {
            Some((row, _)) => store::get(tables, &[row.signed_size.to_cell()]),
            None => Ok(None),
        })
    }

    fn proof(&self, plan: &Plan) -> Result<Vec<Digest>, StoreError> {
        let mut nodes: BTreeMap<NodeId, Digest> = BTreeMap::new();
        look(self, |tables| {
            nodes.clear();
            for id in plan.nodes() {
                let found = match id.level {
                    0 => store::get(tables, &[id.index.to_cell()])?.map(|row: RecordRow| row.leaf),
                    level => {
                        let key = [u32::from(level).to_cell(), id.index.to_cell()];
                        store::get(tables, &key)?.map(|row: NodeRow| row.hash)
                    }
                };
                nodes.extend(found.map(|hash| (id, hash)));
            }
            Ok(())
        })?;
        plan.proof(&nodes).map_err(corrupt)
    }

    fn sign(&self, signing: &Signing) -> Result<Option<CheckpointRow>, StoreError> {
        let mut signed = None;
        self.write(&mut |tables| {
            signed = None;
            let Some((mut row, log)) = head(tables)? else {
                return Ok(());
            };
            let checkpoint = signing.sign(&mut row, &log)?;
            tables.put(CheckpointRow::TABLE, &checkpoint.to_row())?;
            tables.put(HeadRow::TABLE, &row.to_row())?;
            signed = Some(checkpoint);
            Ok(())
        })?;
        Ok(signed)
    }
}

fn openings_of(tables: &mut dyn Tables, seq: u64) -> Result<Openings, StoreError> {
    let scan = Scan::new(OpeningRow::TABLE, &["seq", "subject"], vec![seq.to_cell()]);
    let rows: Vec<OpeningRow> = store::rows(tables, &scan)?;
    let mut openings = Openings::default();
    let mut lines = Lines::new();
    for row in rows {
        lines.feed(&row.openings, |lines| {
            lines.iter().try_for_each(|line| {
                let opening = OpeningLine::parse(line).map_err(corrupt)?.opening;
                openings.add(opening).map_err(corrupt)
            })
        })?;
    }
    Ok(openings)
}

/// A fact of a decision's case that is a text or the name of a choice, as far as it is not
/// erased.
///
/// # Errors
/// [`StoreError`] when the store fails or the record does not read back.
pub fn text_fact(
    tables: &mut dyn Tables,
    decision: u64,
    name: &str,
) -> Result<Option<SmolStr>, StoreError> {
    let row: Option<RecordRow> = store::get(tables, &[decision.to_cell()])?;
    let Some(row) = row else { return Ok(None) };
    let mut body = Record::parse(&row.line).map_err(corrupt)?.body;
    openings_of(tables, decision)?.open(&mut body);
    let fact = body
        .get("case")
        .and_then(|case| case.get("facts")?.get(name)?.as_text());
    Ok(fact.map(SmolStr::from))
}

/// Reads on one snapshot.
fn look<T>(
    store: &impl Store,
    mut read: impl FnMut(&mut dyn Tables) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut found = None;
    store.read(&mut |tables| {
        found = Some(read(tables)?);
        Ok(())
    })?;
    found.ok_or_else(|| StoreError::new(StoreFault::Io, "the store did not read"))
}

/// What a log begins with: the row about it, and its head with the first record.
pub(crate) fn head_row(origin: &KeyName, at: Timestamp) -> HeadRow {
    HeadRow {
        id: 0,
        origin: SmolStr::from(origin.as_str()),
        head: Vec::new(),
        signed_size: 0,
        signed_at: at,
    }
}

/// Reads checkpoints as a verifier holds a log to them, each signed by a known key.
///
/// # Errors
/// [`redress_log::checkpoint::CheckpointError`] for the first that is not.
pub fn opened(
    rows: &[CheckpointRow],
    keys: &[redress_log::note::VerifierKey],
) -> Result<Vec<Checkpoint>, redress_log::checkpoint::CheckpointError> {
    rows.iter()
        .map(|row| Checkpoint::read(row.note.as_bytes(), keys))
        .collect()
}
