//! The reference model: lists of what happened, from which every sum is added up anew.
//!
//! No buckets, no running sums and no transactions: what is used of a limit is the sum over
//! the entries that count, whenever somebody asks. Short and plain, so that it can be read; a
//! ledger that differs from it is wrong, or the model is.

mod after;
mod approve;
mod decide;
mod due;
mod rows;
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
use redress_model::{Actor, CaseId, ClaimantId, Code, Money, Standing, Timestamp};
use smol_str::SmolStr;

use self::rows::{Rows, Uses};

#[derive(Debug, Default)]
struct State {
    now: Option<Timestamp>,
    seq: u64,
    longest_days: u32,
    /// What was asked under each key, and what it got.
    keys: BTreeMap<String, (Command, Answered)>,
    records: Rows<RecordRow>,
    decisions: Rows<DecisionRow>,
    entries: Rows<EntryRow>,
    uses: Uses,
    escalations: Rows<EscalationRow>,
    signatures: Rows<SignatureRow>,
    timers: Rows<TimerRow>,
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
            state.decisions.to_vec(),
            state.entries.to_vec(),
            state.escalations.to_vec(),
            state.timers.to_vec(),
        )
    }

    /// What is so at `at` or at the model's later time.
    fn as_of<T>(&self, at: Timestamp, look: impl FnOnce(&State) -> T) -> T {
        let mut state = self.state.lock().unwrap();
        let now = state.now;
        state.now = Some(state.now().max(at));
        let seen = look(&state);
        state.now = now;
        seen
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

    /// A command begins: whatever it changes can be taken back.
    fn begin(&mut self) {
        self.records.begin();
        self.decisions.begin();
        self.entries.begin();
        self.uses.begin();
        self.escalations.begin();
        self.signatures.begin();
        self.timers.begin();
    }

    /// The command has not been.
    fn go_back(&mut self) {
        self.records.go_back();
        self.decisions.go_back();
        self.entries.go_back();
        self.uses.go_back();
        self.escalations.go_back();
        self.signatures.go_back();
        self.timers.go_back();
    }

    fn one(&mut self, request: &Request, at: Timestamp) -> Reply {
        if let Some((known, answered)) = self.keys.get(request.key.as_str()) {
            let again = Answered {
                replay: Replay::Again,
                ..answered.clone()
            };
            return if known.hash() == request.command.hash() {
                Ok(again)
            } else {
                Err(Refused::KeyReused)
            };
        }
        let before = (self.now, self.seq, self.longest_days);
        let activations = self.activations.clone();
        self.begin();
        self.now = Some(self.now().max(at));
        let did = match self.carry_out(&request.command) {
            Ok(did) => did,
            Err(refused) => {
                self.go_back();
                (self.now, self.seq, self.longest_days) = before;
                self.activations = activations;
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
        let asked = request.command.clone();
        self.keys.insert(key, (asked, answered.clone()));
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
            Command::Overturn(it) => self.overturn(it.decision, &it.by),
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
        self.entries.find(|entry| entry.id == id)
    }

    fn find_decision(&mut self, id: u64) -> Result<&mut DecisionRow, Refused> {
        let found = self.decisions.find(|decision| decision.id == id);
        found.ok_or(Refused::NoSuchDecision { id })
    }

    fn open(&mut self, id: u64) -> Result<&mut EscalationRow, Refused> {
        let found = self.escalations.find(|row| row.id == id);
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
        self.uses.take(&[id]);
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
        let limits = redress_ledger::accounts::limits(matter, &actor.id);
        Ok(self.as_of(at, |state| state.standing(matter, &limits, &[], &[])))
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
        let subject = SmolStr::from(subject);
        Ok(self.as_of(at, |state| {
            let names = state.uses.accounts(&subject).into_iter();
            let rows = names.map(|(account, window_days)| {
                let (used_minor, used_times) =
                    state.used(&account, &subject, window_days, &[], &[]);
                AccountRow {
                    account,
                    subject: subject.clone(),
                    window_days,
                    head_bucket: 0,
                    used_minor,
                    used_times,
                    ceiling_minor: None,
                    ceiling_times: None,
                }
            });
            rows.collect()
        }))
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
