//! What the commands do to the tables. The same for every store: a store has no rule.

mod approve;
mod books;
mod decide;
mod depart;
mod due;
mod entries;
mod judge;
mod norms;
mod queue;
mod timers;
mod txn;

use redress_model::{Actor, Code, Standing, Timestamp};
use serde::Serialize;
use serde_json::Value;
use smol_str::SmolStr;

use self::txn::Txn;
use crate::answer::{Answer, Answered, Promised, Refused, Replay, Reply};
use crate::cell::{Cell, Field as _};
use crate::command::{Command, Matter, Request};
use crate::group::Job;
use crate::ledger::again;
use crate::rows::{AccountRow, EntryRow, Meta, RequestRow, SCHEMA_VERSION};
use crate::store::{self, StoreError, StoreFault, Tables};
use crate::table::Record as _;

/// Why a command ends without an answer.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is refused.
    Refused(Refused),
    /// The store failed.
    Store(StoreError),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a command did, for its answer and its record.
#[derive(Debug)]
struct Done {
    did: Code,
    decision: Option<u64>,
    entries: Vec<EntryRow>,
    escalations: Vec<u64>,
    timers: Vec<u64>,
    warnings: Vec<Code>,
    details: Value,
}

impl Done {
    fn new(did: &'static str, decision: Option<u64>, details: &impl Serialize) -> Self {
        Self {
            did: Code::engine(did),
            decision,
            entries: Vec::new(),
            escalations: Vec::new(),
            timers: Vec::new(),
            warnings: Vec::new(),
            details: to_value(details),
        }
    }
}

/// Plain values become JSON without an error.
fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The row about a ledger that holds nothing.
#[must_use]
pub fn new_ledger() -> Meta {
    Meta {
        id: 0,
        schema_version: SCHEMA_VERSION,
        epoch: 0,
        now: Timestamp::EPOCH,
        seq: 0,
        entries: 0,
        escalations: 0,
        timers: 0,
        longest_window_days: 0,
    }
}

fn meta(tables: &mut dyn Tables) -> Result<Meta, StoreError> {
    let found = store::get(tables, &[0_u64.to_cell()])?;
    found.ok_or_else(|| StoreError::new(StoreFault::Corrupt, "the row about the ledger is gone"))
}

/// Applies the batches of a group, one after the other, each by its own clock.
///
/// # Errors
/// As [`apply`].
pub fn apply_all(tables: &mut dyn Tables, jobs: &[Job]) -> Result<Vec<Vec<Reply>>, StoreError> {
    let applied = jobs.iter().map(|job| apply(tables, &job.batch, job.at));
    applied.collect()
}

/// Applies commands in order to the tables of one transaction.
///
/// # Errors
/// [`StoreError`] when the store fails; the transaction is then to be rolled back.
pub fn apply(
    tables: &mut dyn Tables,
    batch: &[Request],
    at: Timestamp,
) -> Result<Vec<Reply>, StoreError> {
    let before = meta(tables)?;
    let mut meta = before.clone();
    let mut replies = Vec::with_capacity(batch.len());
    for request in batch {
        replies.push(one(tables, &mut meta, request, at)?);
    }
    if meta != before {
        tables.put(Meta::TABLE, &meta.to_row())?;
    }
    Ok(replies)
}

fn one(
    tables: &mut dyn Tables,
    meta: &mut Meta,
    request: &Request,
    at: Timestamp,
) -> Result<Reply, StoreError> {
    let key = SmolStr::from(request.key.as_str());
    let hash = request.command.hash();
    let known: Option<RequestRow> = store::get(tables, &[Cell::Text(key.clone())])?;
    if let Some(known) = known {
        return Ok(if known.hash == hash {
            Ok(again(known)?)
        } else {
            Err(Refused::KeyReused)
        });
    }
    let mut own = meta.clone();
    own.now = own.now.max(at);
    let mut txn = Txn::new(tables, own);
    let done = match carry_out(&mut txn, &request.command) {
        Ok(done) => done,
        Err(Stop::Refused(refused)) => return Ok(Err(refused)),
        Err(Stop::Store(error)) => return Err(error),
    };
    let kind = Code::engine(request.command.name());
    let seq = txn.append(kind, done.decision, done.details);
    let answer = Answer {
        seq,
        at: txn.now(),
        did: done.did,
        decision: done.decision,
        entries: done.entries.iter().map(promised).collect(),
        escalations: done.escalations,
        timers: done.timers,
        warnings: done.warnings,
    };
    let bytes = serde_json::to_vec(&answer)
        .map_err(|error| StoreError::new(StoreFault::Io, error.to_string()))?;
    txn.put(&RequestRow {
        key,
        hash,
        at: txn.now(),
        seq,
        answer: bytes.clone(),
    });
    *meta = txn.flush()?;
    Ok(Ok(Answered {
        answer,
        bytes,
        replay: Replay::First,
    }))
}

fn carry_out(txn: &mut Txn<'_>, command: &Command) -> Result<Done, Stop> {
    match command {
        Command::Decide(it) => decide::decide(txn, it),
        Command::Approve(it) => approve::approve(txn, it, approve::Signers::One),
        Command::Sign(it) => approve::approve(txn, it, approve::Signers::Several),
        Command::Escalate(it) => queue::escalate(txn, it),
        Command::Refuse(it) => queue::refuse(txn, it),
        Command::Extend(it) => queue::extend(txn, it),
        Command::Settle(it) => entries::settle(txn, it),
        Command::Void(it) => entries::void(txn, it),
        Command::Expire(it) => entries::expire(txn, it),
        Command::Override(it) => depart::depart(txn, it),
        Command::Overturn(it) => depart::overturn(txn, it),
        Command::MarkError(it) => depart::mark_error(txn, it),
        Command::Promise(it) => timers::promise(txn, it),
        Command::Keep(it) => timers::keep(txn, it),
        Command::Activity(it) => timers::activity(txn, it),
        Command::Due(it) => due::sweep(txn, it),
        Command::Erase(it) => decide::erase(txn, it),
    }
}

fn promised(entry: &EntryRow) -> Promised {
    Promised {
        entry: entry.id,
        head: entry.head.clone(),
        kind: entry.kind.clone(),
        worth: redress_model::Money::new(entry.worth_minor, entry.currency),
        state: entry.state,
    }
}

/// What bears on a case if this actor decides it at `at` or at the ledger's later time.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn standing(
    tables: &mut dyn Tables,
    matter: &Matter,
    actor: &Actor,
    at: Timestamp,
) -> Result<Standing, StoreError> {
    let mut meta = meta(tables)?;
    meta.now = meta.now.max(at);
    let mut txn = Txn::new(tables, meta);
    let limits = crate::accounts::limits(matter, &actor.id);
    let none = judge::Skip::default();
    match judge::standing(&mut txn, matter, &actor.id, &limits, &none) {
        Ok(standing) => Ok(standing),
        Err(Stop::Store(error)) => Err(error),
        Err(Stop::Refused(refused)) => Err(StoreError::new(StoreFault::OutOfRange, refused.code())),
    }
}

/// The accounts of a subject as of a moment, in order of their names.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn accounts_of(
    tables: &mut dyn Tables,
    subject: &SmolStr,
    at: Timestamp,
) -> Result<Vec<AccountRow>, StoreError> {
    let mut meta = meta(tables)?;
    meta.now = meta.now.max(at);
    let scan = store::Scan::new(AccountRow::TABLE, &["subject"], vec![subject.to_cell()]);
    let rows: Vec<AccountRow> = store::rows(tables, &scan)?;
    let mut txn = Txn::new(tables, meta);
    let rolled = rows.into_iter().map(|row| {
        let days = row.window_days;
        books::load(&mut txn, &row.account, &row.subject, days)
    });
    let rolled: Result<Vec<AccountRow>, Stop> = rolled.collect();
    match rolled {
        Ok(mut rows) => {
            rows.sort_by(|left, right| left.account.cmp(&right.account));
            Ok(rows)
        }
        Err(Stop::Store(error)) => Err(error),
        Err(Stop::Refused(refused)) => Err(StoreError::new(StoreFault::OutOfRange, refused.code())),
    }
}
