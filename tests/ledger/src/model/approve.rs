//! Approval, signatures, refusal, more time.

use redress_kernel::codes;
use redress_ledger::Refused;
use redress_ledger::accounts::limits;
use redress_ledger::command::{Approval, Escalate, Extend, Refuse};
use redress_ledger::queue::{Rung, Wanted};
use redress_ledger::rows::{
    EntryRow, EntryState, EscalationRow, EscalationState, Ground, SignatureRow, Terms,
};
use redress_model::{ActorId, Assurance};

use super::{Did, State};

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
        if it.by.id == row.proposer {
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
        let others = self.escalations.iter().any(|other| {
            other.id != row.id
                && other.decision == row.decision
                && other.state == EscalationState::Open
        });
        let held: Vec<EntryRow> = self.held(row.decision);
        let ids: Vec<u64> = held.iter().map(|entry| entry.id).collect();
        let limits = limits(&it.matter, &decision.proposer);
        let (again, _, new) = self.judge(&it.matter, &it.proposal, &it.by, &limits, &ids)?;
        for escalation in again.escalations() {
            let reason = &escalation.reason;
            if *reason == codes::OVER_AUTHORITY || *reason == codes::NO_AUTHORITY_ROW {
                if row.chain.is_none() && row.terms == Terms::Discretionary {
                    let role = it.by.role.clone();
                    return Err(Refused::OverAuthority { role });
                }
            } else if *reason != codes::APPROVAL_CHAIN
                && *reason != codes::SECOND_LOOK
                && *reason != codes::OFFER_ABOVE_CORRIDOR
                && *reason != codes::SAFETY_CONCERN
            {
                let reason = reason.clone();
                return Err(Refused::StillEscalates { reason });
            }
        }
        if let Some(hold) = again.hold() {
            let reason = hold.missing.clone();
            return Err(Refused::StillEscalates { reason });
        }
        self.close(row.id, EscalationState::Approved, Some(&it.by.id));
        if others {
            did.what = "approved_waiting";
            return Ok(did);
        }
        did.what = "approved";
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

    fn held(&self, decision: u64) -> Vec<EntryRow> {
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
        };
        let mut did = Did::new("escalated", Some(it.decision));
        did.escalations.push(row.id);
        self.escalations.push(row);
        Ok(did)
    }

    pub(super) fn refuse(&mut self, it: &Refuse) -> Result<Did, Refused> {
        let row = self.open(it.escalation)?.clone();
        if it.by.assurance != Assurance::Authenticated {
            return Err(Refused::ActorUnverified);
        }
        if row.terms == Terms::Binding {
            return Err(Refused::Binding);
        }
        let wanted: Vec<Wanted> = serde_json::from_str(&row.signatures).unwrap();
        let may = |wanted: &Wanted| wanted.holders.contains(&it.by.role);
        if !wanted.is_empty() && !wanted.iter().any(may) {
            let role = it.by.role.clone();
            return Err(Refused::NotAuthorized { role });
        }
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
        let others = self
            .escalations
            .iter()
            .filter(|other| other.decision == row.decision && other.state == EscalationState::Open);
        let others: Vec<EscalationRow> = others.cloned().collect();
        let mut binding = false;
        for other in others {
            if other.terms == Terms::Binding {
                binding = true;
            } else {
                self.close(other.id, state, by);
                did.escalations.push(other.id);
            }
        }
        for entry in self.held(row.decision) {
            if entry.ground != Ground::Statutory || (row.chain.is_some() && !binding) {
                self.end(entry.id, entry_state);
                did.entries.push(entry.id);
            } else if !binding {
                self.entry(entry.id).unwrap().state = EntryState::Granted;
                did.entries.push(entry.id);
            }
        }
    }

    pub(super) fn extend(&mut self, it: &Extend) -> Result<Did, Refused> {
        let now = self.now();
        let row = self.open(it.escalation)?;
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
