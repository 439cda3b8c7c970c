//! What the commands do to the tables. The same for every store: a store has no rule.

mod adopt;
mod approve;
mod books;
mod decide;
mod depart;
mod due;
mod entries;
mod erase;
mod force;
mod judge;
mod norms;
mod queue;
mod scribe;
mod timers;
mod txn;

use redress_kernel::{Decision, SEMANTICS_VERSION, inputs_digest};
use redress_log::note::KeyName;
use redress_log::{DecisionRecord, Draft, ReleaseRef, Seed};
use redress_model::{Actor, Code, Standing, Timestamp};
use serde::Serialize;
use serde_json::Value;
use smol_str::SmolStr;

pub use self::adopt::{OldRecord, adopt};
use self::scribe::Scribe;
use self::txn::Txn;
use crate::answer::{Answer, Answered, Promised, Refused, Replay, Reply};
use crate::cell::{Cell, Field as _};
use crate::command::{Command, Matter, Request};
use crate::group::Job;
use crate::ledger::again;
use crate::log::{self, Signing};
use crate::pending::Pending;
use crate::rows::{AccountRow, EntryRow, HeadRow, Meta, RequestRow, SCHEMA_VERSION};
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
    record: Recorded,
}

/// What the record of a command says.
#[derive(Debug)]
enum Recorded {
    /// What was done.
    Act(Value),
    /// A decision, with everything that it rests on.
    Decision(Box<Draft>),
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
            record: Recorded::Act(to_value(details)),
        }
    }
}

/// What the record of a decision says beside the decision: what the ledger did with it.
#[derive(Debug, Serialize)]
struct Booked<'b> {
    arm: Option<&'b Code>,
    campaign: Option<&'b Code>,
    entries: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalation: Option<u64>,
    escalations: &'b [u64],
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
    team: Option<&'b Code>,
    warnings: &'b [Code],
}

impl<'b> Booked<'b> {
    const fn new(matter: &'b Matter) -> Self {
        Self {
            arm: matter.arm.as_ref(),
            campaign: matter.campaign.as_ref(),
            entries: Vec::new(),
            escalation: None,
            escalations: &[],
            of: None,
            team: matter.team.as_ref(),
            warnings: &[],
        }
    }
}

/// Hands everything that a decision rests on to one of the two ways to record it.
fn on_record(
    txn: &Txn<'_>,
    matter: &Matter,
    actor: &Actor,
    judged: &judge::Judged,
    booked: &Booked<'_>,
    draft: impl FnOnce(
        &DecisionRecord<'_, Decision, Booked<'_>>,
    ) -> Result<Draft, redress_log::canonical::CanonicalError>,
) -> Result<Recorded, Stop> {
    let release = &matter.guardrails.release;
    let (case, standing, as_of) = (&*matter.case, &judged.standing, txn.now());
    let record = DecisionRecord {
        semantics_version: SEMANTICS_VERSION,
        release: ReleaseRef {
            digest: release.digest,
            name: &release.name,
            version: &release.version,
        },
        case,
        schema: matter.schema.schema(),
        actor,
        standing,
        consulted: &judged.consulted,
        as_of,
        inputs_digest: inputs_digest(release, case, actor, standing, as_of),
        decision: &judged.decision,
        ledger: booked,
    };
    let draft = draft(&record).map_err(|error| scribe::unwritable(&error.into()))?;
    Ok(Recorded::Decision(Box::new(draft)))
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

/// The row about the ledger.
pub(crate) fn meta(tables: &mut dyn Tables) -> Result<Meta, StoreError> {
    let found = store::get(tables, &[0_u64.to_cell()])?;
    found.ok_or_else(|| StoreError::new(StoreFault::Corrupt, "the row about the ledger is gone"))
}

/// Applies the batches of a group, one after the other, each by its own clock, and saves what
/// they have changed together.
///
/// # Errors
/// As [`apply`].
pub(crate) fn apply_all(
    tables: &mut dyn Tables,
    jobs: &[Job],
    signing: Option<&Signing>,
) -> Result<Vec<Vec<Reply>>, StoreError> {
    let mut pending = Pending::new(tables);
    let applied = jobs
        .iter()
        .map(|job| apply(&mut pending, &job.batch, job.at, signing));
    let applied = applied.collect::<Result<_, _>>()?;
    pending.save()?;
    Ok(applied)
}

/// Applies commands in order to the tables of one transaction, and writes the log with them:
/// what cannot be recorded is not done.
///
/// # Errors
/// [`StoreError`] when the store fails; the transaction is then to be rolled back.
pub fn apply(
    tables: &mut dyn Tables,
    batch: &[Request],
    at: Timestamp,
    signing: Option<&Signing>,
) -> Result<Vec<Reply>, StoreError> {
    let before = meta(tables)?;
    let mut state = State {
        log: log::head(tables)?,
        meta: before.clone(),
        name: signing.map(|signing| signing.key.name().clone()),
    };
    if let Some(fronts) = tables.fronts() {
        fronts.begin(&txn::place(&state.meta, state.log.as_ref()));
    }
    let mut replies = Vec::with_capacity(batch.len());
    for request in batch {
        replies.push(one(tables, &mut state, request, at)?);
    }
    if state.meta != before {
        tables.put(Meta::TABLE, &state.meta.to_row())?;
        if let Some((row, head)) = &mut state.log {
            if let Some(signing) = signing {
                log::sign_if_due(tables, row, head, signing)?;
            }
            tables.put(HeadRow::TABLE, &row.to_row())?;
        }
    }
    Ok(replies)
}

/// What one command after another changes of the ledger as a whole.
struct State {
    meta: Meta,
    log: txn::Log,
    /// The name of a log that is about to begin.
    name: Option<KeyName>,
}

fn one(
    tables: &mut dyn Tables,
    state: &mut State,
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
    let mut own = state.meta.clone();
    own.now = own.now.max(at);
    let scribe = Scribe::new(state.log.clone(), state.name.clone(), request.seed);
    let mut txn = Txn::new(tables, own, scribe);
    let (done, seq) = match record(&mut txn, &request.command) {
        Ok(recorded) => recorded,
        Err(Stop::Refused(refused)) => return Ok(Err(refused)),
        Err(Stop::Store(error)) => return Err(error),
    };
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
    (state.meta, state.log) = txn.flush()?;
    Ok(Ok(Answered {
        answer,
        bytes,
        replay: Replay::First,
    }))
}

/// Carries a command out and puts it on record.
fn record(txn: &mut Txn<'_>, command: &Command) -> Result<(Done, u64), Stop> {
    let mut done = carry_out(txn, command)?;
    let record = std::mem::replace(&mut done.record, Recorded::Act(Value::Null));
    let seq = match record {
        Recorded::Act(details) => {
            let kind = Code::engine(command.name());
            txn.append(kind, done.decision, details)?
        }
        Recorded::Decision(draft) => txn.append_draft(Ok(*draft), done.decision)?,
    };
    Ok((done, seq))
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
        Command::Erase(it) => erase::erase(txn, it),
        Command::Activate(it) => force::activate(txn, it),
        Command::Shadow(it) => force::shadow(txn, it),
    }
}

/// A transaction that only reads.
fn reading(tables: &mut dyn Tables, meta: Meta, log: txn::Log) -> Txn<'_> {
    Txn::new(tables, meta, Scribe::new(log, None, Seed::new([0; 32])))
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
    // Only fairness asks where the history stands.
    let log = match matter.guardrails.fairness {
        Some(_) => log::head(tables)?,
        None => None,
    };
    let mut txn = reading(tables, meta, log);
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
    let mut txn = reading(tables, meta, None);
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
