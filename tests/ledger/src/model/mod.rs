//! The reference model: lists of what happened, from which every sum is added up anew.
//!
//! No accounts, no buckets, no indexes and no transactions: what is used of a limit is the
//! sum over the entries that count, whenever somebody asks. Slow, short and plain, so that it
//! can be read; a ledger that differs from it is wrong, or the model is.

mod after;
mod approve;
mod decide;
mod due;
mod standing;

use std::collections::BTreeMap;
use std::sync::Mutex;

use redress_ledger::command::{Activate, Command};
use redress_ledger::rows::{
    AccountRow, ActivationRow, DecisionRow, EntryRow, EntryState, EscalationRow, EscalationState,
    NormRow, RecordRow, SignatureRow, TimerRow,
};
use redress_ledger::{
    Answer, Answered, EntriesOf, Ledger, Matter, Promised, QueueOf, Refused, Replay, Reply,
    Request, RequestKey, StoreError,
};
use redress_log::merkle::leaf_hash;
use redress_model::{Actor, CaseId, ClaimantId, Code, Digest, Money, Standing, Timestamp};
use smol_str::SmolStr;

/// What an entry, or a case that is counted, uses of a limit.
#[derive(Debug, Clone)]
struct Use {
    /// The entry; a counted case has none.
    entry: Option<u64>,
    account: SmolStr,
    subject: SmolStr,
    window_days: Option<u32>,
    at: Timestamp,
    minor: i64,
}

#[derive(Debug, Clone, Default)]
struct State {
    now: Option<Timestamp>,
    seq: u64,
    longest_days: u32,
    keys: BTreeMap<String, (Digest, Answered)>,
    records: Vec<RecordRow>,
    decisions: Vec<DecisionRow>,
    entries: Vec<EntryRow>,
    uses: Vec<Use>,
    escalations: Vec<EscalationRow>,
    signatures: Vec<SignatureRow>,
    timers: Vec<TimerRow>,
    activations: BTreeMap<SmolStr, ActivationRow>,
}

/// What a command did.
#[derive(Debug, Default)]
struct Did {
    what: &'static str,
    decision: Option<u64>,
    entries: Vec<u64>,
    escalations: Vec<u64>,
    timers: Vec<u64>,
    warnings: Vec<Code>,
}

impl Did {
    fn new(what: &'static str, decision: Option<u64>) -> Self {
        Self {
            what,
            decision,
            ..Self::default()
        }
    }
}

/// The reference model of a ledger.
#[derive(Debug, Default)]
pub struct Model {
    state: Mutex<State>,
}

impl Model {
    /// A ledger that holds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every decision, entry, escalation and timer, for a comparison.
    #[must_use]
    pub fn everything(
        &self,
    ) -> (
        Vec<DecisionRow>,
        Vec<EntryRow>,
        Vec<EscalationRow>,
        Vec<TimerRow>,
    ) {
        let state = self.state.lock().unwrap();
        (
            state.decisions.clone(),
            state.entries.clone(),
            state.escalations.clone(),
            state.timers.clone(),
        )
    }

    /// How many records there are.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.state.lock().unwrap().seq
    }
}

impl State {
    fn now(&self) -> Timestamp {
        self.now.unwrap_or(Timestamp::EPOCH)
    }

    fn record(&mut self, kind: &str, decision: Option<u64>) {
        self.seq += 1;
        self.records.push(RecordRow {
            seq: self.seq,
            at: self.now(),
            kind: Code::new(kind).unwrap(),
            decision,
            line: Vec::new(),
            leaf: leaf_hash(b""),
        });
    }

    fn one(&mut self, request: &Request, at: Timestamp) -> Reply {
        let hash = request.command.hash();
        if let Some((known, answered)) = self.keys.get(request.key.as_str()) {
            let again = Answered {
                replay: Replay::Again,
                ..answered.clone()
            };
            return if *known == hash {
                Ok(again)
            } else {
                Err(Refused::KeyReused)
            };
        }
        let before = self.clone();
        self.now = Some(self.now().max(at));
        let did = match self.carry_out(&request.command) {
            Ok(did) => did,
            Err(refused) => {
                *self = before;
                return Err(refused);
            }
        };
        let kind = match (&request.command, did.what) {
            (Command::Decide(_), _) => "decision",
            (Command::Approve(_) | Command::Sign(_), "approved" | "approved_waiting") => "approval",
            (command, _) => command.name(),
        };
        self.record(kind, did.decision);
        let promised = did.entries.iter().map(|id| {
            let entry = self.entries.iter().find(|entry| entry.id == *id).unwrap();
            Promised {
                entry: entry.id,
                head: entry.head.clone(),
                kind: entry.kind.clone(),
                worth: Money::new(entry.worth_minor, entry.currency),
                state: entry.state,
            }
        });
        let answer = Answer {
            seq: self.seq,
            at: self.now(),
            did: Code::new(did.what).unwrap(),
            decision: did.decision,
            entries: promised.collect(),
            escalations: did.escalations,
            timers: did.timers,
            warnings: did.warnings,
        };
        let answered = Answered {
            bytes: serde_json::to_vec(&answer).unwrap(),
            answer,
            replay: Replay::First,
        };
        let key = request.key.as_str().to_owned();
        self.keys.insert(key, (hash, answered.clone()));
        Ok(answered)
    }

    fn carry_out(&mut self, command: &Command) -> Result<Did, Refused> {
        match command {
            Command::Decide(it) => self.decide(it),
            Command::Approve(it) => self.approve(it, 1),
            Command::Sign(it) => self.approve(it, u32::MAX),
            Command::Escalate(it) => self.escalate(it),
            Command::Refuse(it) => self.refuse(it),
            Command::Extend(it) => self.extend(it),
            Command::Settle(it) => self.settle(it.entry),
            Command::Void(it) => self.void(it.entry),
            Command::Expire(it) => self.expire(it.entry),
            Command::Override(it) => self.depart(it),
            Command::Overturn(it) => self.overturn(it.decision),
            Command::MarkError(it) => self.mark_error(it.decision, &it.rule),
            Command::Promise(it) => self.promise(it),
            Command::Keep(it) => self.keep(it.timer),
            Command::Activity(it) => self.activity(&it.claimant),
            Command::Due(it) => self.sweep(it.limit),
            Command::Erase(it) => self.erase(&it.claimant),
            Command::Activate(it) => self.activate(it),
            Command::Shadow(it) => {
                self.find_decision(it.decision)?;
                Ok(Did::new("observed", Some(it.decision)))
            }
        }
    }

    fn activate(&mut self, it: &Activate) -> Result<Did, Refused> {
        let current = self.activations.get(&it.policy);
        match current.map_or(0, |row| row.revision) {
            _ if it.revision == 0 => return Err(Refused::OutOfRange),
            current if it.revision > current => {}
            current => {
                let row = &self.activations[&it.policy];
                let digests = (row.archive_digest, row.release_digest);
                if it.revision == current && digests == (it.archive, it.release) {
                    return Err(Refused::AlreadyDone);
                }
                let policy = it.policy.to_string();
                return Err(Refused::Downgraded { policy, current });
            }
        }
        let row = ActivationRow {
            policy: it.policy.clone(),
            revision: it.revision,
            version: it.version.clone(),
            release_digest: it.release,
            archive_digest: it.archive,
            at: self.now(),
        };
        self.activations.insert(it.policy.clone(), row);
        Ok(Did::new("activated", None))
    }

    fn entry(&mut self, id: u64) -> Option<&mut EntryRow> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }

    fn find_decision(&mut self, id: u64) -> Result<&mut DecisionRow, Refused> {
        let found = self.decisions.iter_mut().find(|decision| decision.id == id);
        found.ok_or(Refused::NoSuchDecision { id })
    }

    fn open(&mut self, id: u64) -> Result<&mut EscalationRow, Refused> {
        let found = self.escalations.iter_mut().find(|row| row.id == id);
        let row = found.ok_or(Refused::NoSuchEscalation { id })?;
        if row.state == EscalationState::Open {
            Ok(row)
        } else {
            Err(Refused::EscalationClosed)
        }
    }

    /// Ends an entry: it counts no more.
    fn end(&mut self, id: u64, state: EntryState) {
        let now = self.now();
        let entry = self.entry(id).unwrap();
        entry.state = state;
        entry.expires_at = None;
        entry.closed_at = Some(now);
        self.uses.retain(|own| own.entry != Some(id));
    }
}

impl Ledger for Model {
    fn apply(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        let mut state = self.state.lock().unwrap();
        Ok(batch.iter().map(|request| state.one(request, at)).collect())
    }

    fn standing(
        &self,
        matter: &Matter,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Standing, StoreError> {
        let mut state = self.state.lock().unwrap().clone();
        state.now = Some(state.now().max(at));
        let limits = redress_ledger::accounts::limits(matter, &actor.id);
        Ok(state.standing(matter, &limits, &[], &[]))
    }

    fn answer(&self, key: &RequestKey) -> Result<Option<Answered>, StoreError> {
        let state = self.state.lock().unwrap();
        let found = state.keys.get(key.as_str());
        Ok(found.map(|(_, answered)| Answered {
            replay: Replay::Again,
            ..answered.clone()
        }))
    }

    fn decision(&self, id: u64) -> Result<Option<DecisionRow>, StoreError> {
        Ok(self.everything().0.into_iter().find(|row| row.id == id))
    }

    fn decisions(&self, case: &CaseId) -> Result<Vec<DecisionRow>, StoreError> {
        let rows = self.everything().0.into_iter();
        Ok(rows.filter(|row| row.case_id == *case).collect())
    }

    fn entries(&self, of: &EntriesOf) -> Result<Vec<EntryRow>, StoreError> {
        let rows = self.everything().1.into_iter();
        let is_of = |row: &EntryRow| match of {
            EntriesOf::Event(event) => row.event == *event,
            EntriesOf::Decision(decision) => row.decision == *decision,
            EntriesOf::Claimant(claimant) => row.claimant == *claimant,
        };
        Ok(rows.filter(is_of).collect())
    }

    fn escalation(
        &self,
        id: u64,
    ) -> Result<Option<(EscalationRow, Vec<SignatureRow>)>, StoreError> {
        let state = self.state.lock().unwrap();
        let row = state.escalations.iter().find(|row| row.id == id).cloned();
        let signed = state.signatures.iter().filter(|row| row.escalation == id);
        let mut signed: Vec<SignatureRow> = signed.cloned().collect();
        signed.sort_by(|left, right| left.person.cmp(&right.person));
        Ok(row.map(|row| (row, signed)))
    }

    fn queue(&self, of: &QueueOf) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self.everything().2.into_iter();
        let is_of = |row: &EscalationRow| match of {
            QueueOf::Open => row.state == EscalationState::Open,
            QueueOf::Owner(owner) => row.state == EscalationState::Open && row.owner == *owner,
            QueueOf::Decision(decision) => row.decision == *decision,
        };
        Ok(rows.filter(is_of).collect())
    }

    fn accounts(&self, subject: &str, at: Timestamp) -> Result<Vec<AccountRow>, StoreError> {
        let mut state = self.state.lock().unwrap().clone();
        state.now = Some(state.now().max(at));
        let own = state.uses.iter().filter(|own| own.subject == subject);
        let names: BTreeMap<SmolStr, Option<u32>> = own
            .map(|own| (own.account.clone(), own.window_days))
            .collect();
        let rows = names.into_iter().map(|(account, window_days)| {
            let (used_minor, used_times) = state.used(&account, subject, window_days, &[]);
            AccountRow {
                account,
                subject: subject.into(),
                window_days,
                head_bucket: 0,
                used_minor,
                used_times,
                ceiling_minor: None,
                ceiling_times: None,
            }
        });
        Ok(rows.collect())
    }

    fn timers(&self, claimant: &ClaimantId) -> Result<Vec<TimerRow>, StoreError> {
        let rows = self.everything().3.into_iter();
        Ok(rows.filter(|row| row.claimant == *claimant).collect())
    }

    fn records(&self, after: u64, limit: u32) -> Result<Vec<RecordRow>, StoreError> {
        let state = self.state.lock().unwrap();
        let rows = state.records.iter().filter(|row| row.seq > after);
        Ok(rows.take(limit as usize).cloned().collect())
    }

    // The trials' releases compare no cases, so there is nothing to keep.
    fn norms(&self, _: u64, _: u32) -> Result<Vec<NormRow>, StoreError> {
        Ok(Vec::new())
    }

    fn activation(&self, policy: &str) -> Result<Option<ActivationRow>, StoreError> {
        let state = self.state.lock().unwrap();
        Ok(state.activations.get(policy).cloned())
    }
}
