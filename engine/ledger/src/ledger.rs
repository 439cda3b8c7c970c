//! The trait that every ledger has.

use redress_model::{Actor, CaseId, ClaimantId, Code, EventId, Standing, Timestamp};
use smol_str::SmolStr;

use crate::answer::{Answer, Answered, Replay, Reply};
use crate::cell::{Cell, Field as _};
use crate::command::{Matter, Request, RequestKey};
use crate::engine;
use crate::rows::{
    AccountRow, ActivationRow, DecisionRow, EntryRow, EscalationRow, EscalationState, NormRow,
    RecordRow, RequestRow, SignatureRow, TimerRow,
};
use crate::store::{self, Scan, Store, StoreError, StoreFault, Tables};
use crate::table::Record;

/// Which entries to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntriesOf {
    /// Those of an event.
    Event(EventId),
    /// Those of a decision.
    Decision(u64),
    /// Those of a customer.
    Claimant(ClaimantId),
}

/// Which escalations to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueOf {
    /// Every open one.
    Open,
    /// The open ones of an owner.
    Owner(Code),
    /// All of a decision, open or not.
    Decision(u64),
}

/// What has been promised and paid, who must decide what, and the record of every step.
///
/// Time comes from the host and only ever moves forward: a command is applied at the later of
/// `at` and the ledger's own time.
pub trait Ledger: Send + Sync {
    /// Applies commands in order, in one transaction that is durable on return. Each is
    /// carried out as a whole or refused as a whole; a refused one changes nothing and does
    /// not keep the others from being applied.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails. Nothing was applied then, except after
    /// `outcome_unknown`, where [`Ledger::answer`] tells.
    fn apply(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError>;

    /// What bears on a case if this actor decides it now.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn standing(
        &self,
        matter: &Matter,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Standing, StoreError>;

    /// The answer that a key got, if the command was carried out.
    ///
    /// Nothing, after an outcome that is unknown, does not say that the command will not be
    /// carried out: a server may still be at work on it. To apply it again with the same key
    /// waits for that, and does it once.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn answer(&self, key: &RequestKey) -> Result<Option<Answered>, StoreError>;

    /// One decision.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn decision(&self, id: u64) -> Result<Option<DecisionRow>, StoreError>;

    /// The decisions of a case, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn decisions(&self, case: &CaseId) -> Result<Vec<DecisionRow>, StoreError>;

    /// Entries, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn entries(&self, of: &EntriesOf) -> Result<Vec<EntryRow>, StoreError>;

    /// One escalation with its signatures.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn escalation(&self, id: u64)
    -> Result<Option<(EscalationRow, Vec<SignatureRow>)>, StoreError>;

    /// Escalations, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn queue(&self, of: &QueueOf) -> Result<Vec<EscalationRow>, StoreError>;

    /// What a subject has used of every limit as of a moment; see
    /// [`crate::accounts::customer`] and its like for subjects.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn accounts(&self, subject: &str, at: Timestamp) -> Result<Vec<AccountRow>, StoreError>;

    /// Timers of a customer, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn timers(&self, claimant: &ClaimantId) -> Result<Vec<TimerRow>, StoreError>;

    /// Records of the log after one, in order; the first record of all, which names the log,
    /// comes before record 1.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn records(&self, after: u64, limit: u32) -> Result<Vec<RecordRow>, StoreError>;

    /// What decisions after one are on their facts, in order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn norms(&self, after: u64, limit: u32) -> Result<Vec<NormRow>, StoreError>;

    /// The highest revision of a policy that was put in force, if any was recorded.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn activation(&self, policy: &str) -> Result<Option<ActivationRow>, StoreError>;
}

impl<S: Store> Ledger for S {
    fn apply(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        self.submit(batch, at)
    }

    fn standing(
        &self,
        matter: &Matter,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Standing, StoreError> {
        look(self, |tables| engine::standing(tables, matter, actor, at))
    }

    fn answer(&self, key: &RequestKey) -> Result<Option<Answered>, StoreError> {
        look(self, |tables| {
            let row: Option<RequestRow> = store::get(tables, &[Cell::Text(key.as_str().into())])?;
            row.map(again).transpose()
        })
    }

    fn decision(&self, id: u64) -> Result<Option<DecisionRow>, StoreError> {
        look(self, |tables| store::get(tables, &[id.to_cell()]))
    }

    fn decisions(&self, case: &CaseId) -> Result<Vec<DecisionRow>, StoreError> {
        of(self, &["case_id"], case.to_cell())
    }

    fn entries(&self, of: &EntriesOf) -> Result<Vec<EntryRow>, StoreError> {
        match of {
            EntriesOf::Event(event) => self::of(self, &["event"], event.to_cell()),
            EntriesOf::Decision(decision) => self::of(self, &["decision"], decision.to_cell()),
            EntriesOf::Claimant(claimant) => self::of(self, &["claimant"], claimant.to_cell()),
        }
    }

    fn escalation(
        &self,
        id: u64,
    ) -> Result<Option<(EscalationRow, Vec<SignatureRow>)>, StoreError> {
        look(self, |tables| {
            let Some(row) = store::get(tables, &[id.to_cell()])? else {
                return Ok(None);
            };
            let by = &["escalation", "person"];
            let scan = Scan::new(SignatureRow::TABLE, by, vec![id.to_cell()]);
            Ok(Some((row, store::rows(tables, &scan)?)))
        })
    }

    fn queue(&self, of: &QueueOf) -> Result<Vec<EscalationRow>, StoreError> {
        let open = EscalationState::Open.to_cell();
        let (by, equal): (&'static [&'static str], _) = match of {
            QueueOf::Open => (&["state", "owner"], vec![open]),
            QueueOf::Owner(owner) => (&["state", "owner"], vec![open, owner.to_cell()]),
            QueueOf::Decision(decision) => (&["decision"], vec![decision.to_cell()]),
        };
        let scan = Scan::new(EscalationRow::TABLE, by, equal);
        let mut rows: Vec<EscalationRow> = look(self, |tables| store::rows(tables, &scan))?;
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    fn accounts(&self, subject: &str, at: Timestamp) -> Result<Vec<AccountRow>, StoreError> {
        let subject = SmolStr::from(subject);
        look(self, |tables| engine::accounts_of(tables, &subject, at))
    }

    fn timers(&self, claimant: &ClaimantId) -> Result<Vec<TimerRow>, StoreError> {
        of(self, &["claimant"], claimant.to_cell())
    }

    fn records(&self, after: u64, limit: u32) -> Result<Vec<RecordRow>, StoreError> {
        let scan = Scan::new(RecordRow::TABLE, &["seq"], Vec::new())
            .above(after.to_cell())
            .limit(limit);
        look(self, |tables| store::rows(tables, &scan))
    }

    fn norms(&self, after: u64, limit: u32) -> Result<Vec<NormRow>, StoreError> {
        let scan = Scan::new(NormRow::TABLE, &["decision"], Vec::new())
            .above(after.to_cell())
            .limit(limit);
        look(self, |tables| store::rows(tables, &scan))
    }

    fn activation(&self, policy: &str) -> Result<Option<ActivationRow>, StoreError> {
        let key = [SmolStr::from(policy).to_cell()];
        look(self, |tables| store::get(tables, &key))
    }
}

/// The stored answer of a key.
pub(crate) fn again(row: RequestRow) -> Result<Answered, StoreError> {
    let answer: Answer = serde_json::from_slice(&row.answer)
        .map_err(|error| StoreError::new(StoreFault::Corrupt, error.to_string()))?;
    Ok(Answered {
        answer,
        bytes: row.answer,
        replay: Replay::Again,
    })
}

fn of<R: Record>(
    store: &impl Store,
    by: &'static [&'static str],
    equal: Cell,
) -> Result<Vec<R>, StoreError> {
    let scan = Scan::new(R::TABLE, by, vec![equal]);
    look(store, |tables| store::rows(tables, &scan))
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
