//! Approval, signatures, refusal, more time.

use redress_kernel::codes;
use redress_ledger::Refused;
use redress_ledger::accounts::{LimitRef, limits};
use redress_ledger::command::{Approval, Escalate, Extend, Gives, Refuse};
use redress_ledger::queue::{Rung, Wanted};
use redress_ledger::rows::{
    DecisionRow, EntryRow, EntryState, EscalationRow, EscalationState, Ground, SignatureRow, Terms,
    TimerRow,
};
use redress_model::{Actor, ActorId, Assurance, Code, Money};

use super::{Did, State};

/// Reasons that are about discretionary sums and nothing else.
fn of_discretion() -> [&'static Code; 7] {
    [
        &codes::OVER_AUTHORITY,
        &codes::NO_AUTHORITY_ROW,
        &codes::OFFER_ABOVE_CORRIDOR,
        &codes::LINKED_RATE_DIFFERS,
        &codes::PRECEDENT_PAYS_MORE,
        &codes::CAP_SPENT,
        &codes::BUDGET_SPENT,
    ]
}

/// Whether what a policy proposed is given no more.
fn is_past(decision: &DecisionRow) -> bool {
    decision.replaced_by.is_some() || decision.departure.is_some() || decision.overturned == 1
}

/// Whether somebody may speak for those who are asked.
fn is_asked(row: &EscalationRow, by: &Actor) -> Result<(), Refused> {
    let wanted: Vec<Wanted> = serde_json::from_str(&row.signatures).unwrap();
    let may = |wanted: &Wanted| wanted.holders.contains(&by.role);
    let role = by.role.clone();
    match by.assurance {
        Assurance::Authenticated if wanted.is_empty() || wanted.iter().any(may) => Ok(()),
        Assurance::Authenticated => Err(Refused::NotAuthorized { role }),
        _ => Err(Refused::ActorUnverified),
    }
}

/// Whether an entry is not paid before an escalation is approved.
fn waits_for(row: &EscalationRow, entry: &EntryRow) -> bool {
    if entry.ground != Ground::Statutory {
        return row.terms == Terms::Discretionary;
    }
    match &row.chain {
        _ if row.terms == Terms::Binding => true,
        Some(_) => row.chain == entry.chain,
        None => row.reason == codes::ACTOR_UNVERIFIED,
    }
}

impl State {
    pub(super) fn approve(&mut self, it: &Approval, people_max: u32) -> Result<Did, Refused> {
        let row = self.open(it.escalation)?.clone();
        let decision = self.find_decision(row.decision)?.clone();
        let wanted: Vec<Wanted> = serde_json::from_str(&row.signatures).unwrap();
        let people: u32 = wanted.iter().map(|wanted| wanted.count).sum();
        if people > people_max {
            return Err(Refused::NeedsSignatures);
        }
        if it.by.assurance != Assurance::Authenticated {
            return Err(Refused::ActorUnverified);
        }
        if it.by.id == row.proposer || row.opened_by.as_ref() == Some(&it.by.id) {
            return Err(Refused::ApproverIsProposer);
        }
        let envelope = &it.matter.case.envelope;
        let same = envelope.id == decision.case_id
            && envelope.event == decision.event
            && envelope.claimant.id == decision.claimant
            && it.matter.guardrails.release.digest == decision.release_digest
            && it.matter.team == decision.team
            && it.matter.campaign == decision.campaign;
        if !same {
            return Err(Refused::OtherCase);
        }
        let mut did = Did::new("signed", Some(decision.id));
        did.escalations.push(row.id);
        if !wanted.is_empty() {
            self.sign(it, &wanted)?;
            if self.signed(row.id) < people as usize {
                return Ok(did);
            }
        }
        let fired = self
            .timers
            .iter()
            .find(|timer| timer.fired == Some(decision.id));
        if let Some(timer) = fired.cloned() {
            if timer.ground != Ground::Statutory && is_past(&decision) {
                return Err(Refused::AlreadyDone);
            }
            return self.give(it, &timer, decision.id);
        }
        let others: Vec<EscalationRow> = self.asked_by(row.decision, row.id);
        let open: Vec<&EscalationRow> = others
            .iter()
            .filter(|other| other.state == EscalationState::Open)
            .collect();
        let held: Vec<EntryRow> = self.held(row.decision);
        let ids: Vec<u64> = held.iter().map(|entry| entry.id).collect();
        let limits = limits(&it.matter, &decision.proposer);
        let (again, _, new) = self.judge(&it.matter, &it.proposal, &it.by, &limits, &ids)?;
        let by_hand = row.opened_by.is_some();
        // Who was asked about it by the decision itself: of an escalation by hand, only those
        // who have approved count.
        let mut asked: Vec<&EscalationRow> = others
            .iter()
            .filter(|other| !by_hand || other.state == EscalationState::Approved)
            .collect();
        if !by_hand {
            asked.push(&row);
        }
        let second_look = row.terms == Terms::Binding;
        let law_stands = second_look && new.iter().any(|one| one.ground == Ground::Statutory);
        let over =
            |reason: &Code| *reason == codes::OVER_AUTHORITY || *reason == codes::NO_AUTHORITY_ROW;
        let alone = row.chain.is_none() && !second_look;
        if alone && again.reasons().any(|reason| over(&reason.code)) {
            let role = it.by.role.clone();
            return Err(Refused::OverAuthority { role });
        }
        let escalations = again.escalations().iter();
        for escalation in escalations.filter(|_| !law_stands) {
            let reason = &escalation.reason;
            let discretion = of_discretion().contains(&reason);
            let fine = if (second_look && discretion) || over(reason) {
                true
            } else if *reason == codes::APPROVAL_CHAIN {
                asked.iter().any(|other| other.chain == escalation.chain)
            } else if *reason == codes::SECOND_LOOK {
                asked.iter().any(|other| other.terms == Terms::Binding)
            } else if *reason == codes::CAP_SPENT || *reason == codes::BUDGET_SPENT {
                let of_chain = |entry: &EntryRow| entry.chain.is_some() && entry.chain == row.chain;
                second_look || held.iter().any(of_chain)
            } else if *reason == codes::SAFETY_CONCERN || discretion {
                let alone = |other: &&EscalationRow| {
                    other.chain.is_none() && other.terms == Terms::Discretionary
                };
                asked.iter().any(alone)
            } else {
                false
            };
            if !fine {
                let reason = reason.clone();
                return Err(Refused::StillEscalates { reason });
            }
        }
        if let Some(hold) = again.hold().filter(|_| !law_stands) {
            let reason = hold.missing.clone();
            return Err(Refused::StillEscalates { reason });
        }
        let ended: Vec<&EscalationRow> = others
            .iter()
            .filter(|other| {
                other.state == EscalationState::Refused || other.state == EscalationState::Expired
            })
            .collect();
        let mine = |entry: &EntryRow| match (open.is_empty(), waits_for(&row, entry)) {
            (true, own) => own || !second_look,
            (false, own) => own && !by_hand && open.iter().all(|other| !waits_for(other, entry)),
        };
        let past = is_past(&decision);
        let may = |entry: &EntryRow| {
            if entry.ground != Ground::Statutory {
                let refused = ended.iter().any(|other| waits_for(other, entry));
                return !past && (by_hand || !refused);
            }
            let signs = |other: &&EscalationRow| other.chain == entry.chain;
            let signed = row.chain == entry.chain || asked.iter().any(signs);
            entry.chain.is_none() || (signed && !ended.iter().any(signs))
        };
        let new: Vec<EntryRow> = new
            .into_iter()
            .filter(|one| mine(one) && may(one))
            .collect();
        let held: Vec<EntryRow> = held.into_iter().filter(|one| mine(one)).collect();
        let ids: Vec<u64> = held.iter().map(|entry| entry.id).collect();
        did.what = if open.is_empty() {
            "approved"
        } else {
            "approved_waiting"
        };
        self.close(row.id, EscalationState::Approved, Some(&it.by.id));
        let sum = |list: &[EntryRow], of: &EntryRow| -> i64 {
            let own = list
                .iter()
                .filter(|one| one.head == of.head && one.ground == of.ground);
            own.map(|one| one.worth_minor).sum()
        };
        let keeps = |of: &EntryRow| {
            of.ground != Ground::Statutory
                && held
                    .iter()
                    .any(|one| one.head == of.head && one.ground == of.ground)
                && sum(&new, of) >= sum(&held, of)
        };
        let policy = it.matter.guardrails.release.name.clone();
        let now = self.now();
        self.uses.take(&ids);
        for entry in &held {
            if keeps(entry) {
                let mut entry = entry.clone();
                entry.state = EntryState::Granted;
                entry.expires_at = self.expiry(&it.matter, entry.ground);
                self.promise_entry(&limits, &policy, entry)?;
            } else {
                let known = self.entry(entry.id).unwrap();
                known.state = EntryState::Voided;
                known.closed_at = Some(now);
            }
            did.entries.push(entry.id);
        }
        for entry in new.iter().filter(|entry| !keeps(entry)) {
            let mut entry = entry.clone();
            entry.decision = decision.id;
            entry.state = EntryState::Granted;
            entry.expires_at = self.expiry(&it.matter, entry.ground);
            did.entries
                .push(self.promise_entry(&limits, &policy, entry)?);
        }
        Ok(did)
    }

    fn signed(&self, escalation: u64) -> usize {
        let own = self.signatures.iter();
        own.filter(|row| row.escalation == escalation).count()
    }

    fn sign(&mut self, it: &Approval, wanted: &[Wanted]) -> Result<(), Refused> {
        let own: Vec<&SignatureRow> = self
            .signatures
            .iter()
            .filter(|row| row.escalation == it.escalation)
            .collect();
        if own.iter().any(|row| row.person == it.by.id) {
            return Err(Refused::AlreadySigned);
        }
        let open = wanted.iter().find(|wanted| {
            let have = own.iter().filter(|row| row.role == wanted.role).count();
            have < wanted.count as usize && wanted.holders.contains(&it.by.role)
        });
        let Some(open) = open else {
            let role = it.by.role.clone();
            return Err(Refused::NotAuthorized { role });
        };
        let row = SignatureRow {
            escalation: it.escalation,
            person: it.by.id.clone(),
            role: open.role.clone(),
            at: self.now(),
        };
        self.signatures.push(row);
        Ok(())
    }

    pub(super) fn held(&self, decision: u64) -> Vec<EntryRow> {
        let own = self
            .entries
            .iter()
            .filter(|entry| entry.decision == decision && entry.state == EntryState::Held);
        own.cloned().collect()
    }

    fn close(&mut self, id: u64, state: EscalationState, by: Option<&ActorId>) {
        let now = self.now();
        let row = self.escalations.find(|row| row.id == id).unwrap();
        row.state = state;
        row.climbs_at = None;
        row.expires_at = None;
        row.closed_by = by.cloned();
        row.closed_at = Some(now);
    }

    pub(super) fn escalate(&mut self, it: &Escalate) -> Result<Did, Refused> {
        let proposer = self.find_decision(it.decision)?.proposer.clone();
        let row = EscalationRow {
            id: self.escalations.len() as u64 + 1,
            decision: it.decision,
            reason: it.reason.clone(),
            owner: it.owner.clone(),
            chain: None,
            signatures: "[]".into(),
            terms: Terms::Discretionary,
            proposer,
            opened_at: self.now(),
            due_at: it.due_at,
            level: 0,
            ladder: "[]".into(),
            climbs_at: None,
            expires_at: None,
            state: EscalationState::Open,
            closed_by: None,
            closed_at: None,
            opened_by: Some(it.by.clone()),
        };
        let mut did = Did::new("escalated", Some(it.decision));
        did.escalations.push(row.id);
        self.escalations.push(row);
        Ok(did)
    }

    pub(super) fn refuse(&mut self, it: &Refuse) -> Result<Did, Refused> {
        let row = self.open(it.escalation)?.clone();
        if row.terms == Terms::Binding {
            return Err(Refused::Binding);
        }
        if row.opened_by.is_some() && row.proposer == it.by.id {
            return Err(Refused::ApproverIsProposer);
        }
        is_asked(&row, &it.by)?;
        let mut did = Did::new("refused", Some(row.decision));
        let by = Some(&it.by.id);
        self.end_escalation(
            &row,
            EscalationState::Refused,
            EntryState::Refused,
            by,
            &mut did,
        );
        Ok(did)
    }

    pub(super) fn end_escalation(
        &mut self,
        row: &EscalationRow,
        state: EscalationState,
        entry_state: EntryState,
        by: Option<&ActorId>,
        did: &mut Did,
    ) {
        self.close(row.id, state, by);
        did.escalations.push(row.id);
        if row.opened_by.is_some() {
            return;
        }
        let before = self.held(row.decision);
        let others = self.asked_by(row.decision, row.id);
        let open = |other: &&EscalationRow| other.state == EscalationState::Open;
        for entry in &before {
            let mut open = others.iter().filter(open);
            let of_chain = entry.chain.is_some() && entry.chain == row.chain;
            if entry.ground != Ground::Statutory || of_chain {
                if waits_for(row, entry) {
                    self.end(entry.id, entry_state);
                    did.entries.push(entry.id);
                }
            } else if open.all(|other| !waits_for(other, entry)) {
                self.entry(entry.id).unwrap().state = EntryState::Granted;
                did.entries.push(entry.id);
            }
        }
        self.close_idle(row.decision, &before, state, by, did);
    }

    /// Closes what a decision asks of people and what nothing that is held waits for any
    /// more; a chain stays that nothing waited for.
    pub(super) fn close_idle(
        &mut self,
        decision: u64,
        before: &[EntryRow],
        state: EscalationState,
        by: Option<&ActorId>,
        did: &mut Did,
    ) {
        let after = self.held(decision);
        for other in self.asked_by(decision, 0) {
            let waited = before.iter().any(|entry| waits_for(&other, entry));
            let waits = after.iter().any(|entry| waits_for(&other, entry));
            let idle = !waits && (waited || other.chain.is_none());
            if idle && other.state == EscalationState::Open && other.terms != Terms::Binding {
                self.close(other.id, state, by);
                did.escalations.push(other.id);
            }
        }
    }

    /// What a decision itself asks of people, but for one escalation.
    fn asked_by(&self, decision: u64, but: u64) -> Vec<EscalationRow> {
        let own = self.escalations.iter().filter(|other| {
            other.decision == decision && other.id != but && other.opened_by.is_none()
        });
        own.cloned().collect()
    }

    /// What a timer owes still is given on somebody's word.
    fn give(&mut self, it: &Approval, timer: &TimerRow, decision: u64) -> Result<Did, Refused> {
        let mut did = Did::new("given", Some(decision));
        did.escalations.push(it.escalation);
        let owed = self.owed(timer, decision);
        if owed.worth_minor > 0 {
            let gives = Gives {
                kind: timer.gives.clone(),
                head: timer.head.clone(),
                ground: timer.ground,
                claim: timer.claim.clone(),
                worth: Money::new(owed.worth_minor, owed.currency),
            };
            self.may_give(&it.matter, &gives, &it.by)?;
            let limits: Vec<LimitRef> = serde_json::from_str(&timer.limits).unwrap();
            let given = self.promise_entry(&limits, &timer.policy, owed);
            did.entries.push(given.map_err(|refused| match refused {
                Refused::LimitExceeded { .. } => Refused::StillEscalates {
                    reason: codes::CAP_SPENT.clone(),
                },
                refused => refused,
            })?);
        }
        self.close(it.escalation, EscalationState::Approved, Some(&it.by.id));
        Ok(did)
    }

    pub(super) fn extend(&mut self, it: &Extend) -> Result<Did, Refused> {
        let now = self.now();
        let row = self.open(it.escalation)?;
        if row.terms == Terms::Binding {
            return Err(Refused::Binding);
        }
        if row.proposer == it.by.id {
            return Err(Refused::ApproverIsProposer);
        }
        is_asked(row, &it.by)?;
        let too_late = row.expires_at.is_some_and(|at| it.until > at);
        if it.until <= now || row.due_at.is_some_and(|due| it.until <= due) || too_late {
            return Err(Refused::DeadlineNotLater);
        }
        let mut rungs: Vec<Rung> = serde_json::from_str(&row.ladder).unwrap();
        if let Some(due) = row.due_at {
            for rung in &mut rungs {
                let later = it.until.seconds() - due.seconds();
                rung.due_at = rung.due_at.plus_seconds(later).ok_or(Refused::OutOfRange)?;
            }
        }
        row.ladder = serde_json::to_string(&rungs).unwrap().into();
        row.due_at = Some(it.until);
        row.climbs_at = row.due_at.filter(|_| (row.level as usize) < rungs.len());
        let mut did = Did::new("extended", Some(row.decision));
        did.escalations.push(it.escalation);
        Ok(did)
    }
}
