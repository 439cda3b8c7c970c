//! What is done to entries and decisions afterwards, and timers.

use redress_kernel::{codes, may_give};
use redress_ledger::accounts::limits;
use redress_ledger::command::{Clock, Gives, Override, Promise};
use redress_ledger::rows::{
    DecisionRow, EntryRow, EntryState, EscalationState, Ground, TimerKind, TimerRow, TimerState,
};
use redress_ledger::{Matter, Refused};
use redress_model::{Actor, ActorId, Amount, Assurance, Basis, ClaimantId, Code, Remedy};

use super::{Did, State};

impl State {
    fn find_entry(&mut self, id: u64) -> Result<EntryRow, Refused> {
        self.entry(id).cloned().ok_or(Refused::NoSuchEntry { id })
    }

    fn changed(&self, what: &'static str, entry: &EntryRow) -> Did {
        let mut did = Did::new(what, Some(entry.decision));
        did.entries.push(entry.id);
        did
    }

    pub(super) fn settle(&mut self, id: u64) -> Result<Did, Refused> {
        let (now, entry) = (self.now(), self.find_entry(id)?);
        match entry.state {
            EntryState::Held => return Err(Refused::AwaitsApproval),
            EntryState::Expired => return Err(Refused::ReservationExpired),
            EntryState::Granted if entry.expires_at.is_some_and(|at| at < now) => {
                return Err(Refused::ReservationExpired);
            }
            EntryState::Granted => {}
            state => return Err(Refused::EntryClosed { state }),
        }
        let own = self.entry(id).unwrap();
        own.state = EntryState::Settled;
        own.expires_at = None;
        own.closed_at = Some(now);
        Ok(self.changed("settled", &entry))
    }

    pub(super) fn void(&mut self, id: u64) -> Result<Did, Refused> {
        let entry = self.find_entry(id)?;
        match entry.state {
            EntryState::Held if entry.ground == Ground::Statutory => return Err(Refused::Binding),
            EntryState::Held | EntryState::Granted => {}
            EntryState::Expired => return Err(Refused::ReservationExpired),
            state => return Err(Refused::EntryClosed { state }),
        }
        self.end(id, EntryState::Voided);
        Ok(self.changed("voided", &entry))
    }

    pub(super) fn expire(&mut self, id: u64) -> Result<Did, Refused> {
        let entry = self.find_entry(id)?;
        match entry.state {
            EntryState::Granted if entry.expires_at.is_some_and(|at| at < self.now()) => {}
            EntryState::Held | EntryState::Granted => return Err(Refused::NotDue),
            state => return Err(Refused::EntryClosed { state }),
        }
        self.end(id, EntryState::Expired);
        Ok(self.changed("expired", &entry))
    }

    pub(super) fn overturn(&mut self, id: u64, by: &ActorId) -> Result<Did, Refused> {
        let row = self.find_decision(id)?;
        if row.overturned == 1 {
            return Err(Refused::AlreadyDone);
        }
        row.overturned = 1;
        let mut did = Did::new("overturned", Some(id));
        self.give_way(id, by, &mut did);
        Ok(did)
    }

    /// What is discretionary and held of a decision ends, and nobody is asked for it.
    fn give_way(&mut self, decision: u64, by: &ActorId, did: &mut Did) {
        let before = self.held(decision);
        for entry in &before {
            if entry.ground != Ground::Statutory {
                self.end(entry.id, EntryState::Voided);
                did.entries.push(entry.id);
            }
        }
        self.close_idle(decision, &before, EscalationState::Refused, Some(by), did);
    }

    /// Whether somebody may give this by their own word.
    pub(super) fn may_give(
        &self,
        matter: &Matter,
        gives: &Gives,
        actor: &Actor,
    ) -> Result<(), Refused> {
        if gives.worth.minor() < 0 {
            return Err(Refused::OutOfRange);
        }
        let claims = &matter.guardrails.claims;
        let known = |code: &Code| claims.iter().find(|claim| claim.code == *code);
        let other_head = gives
            .claim
            .as_ref()
            .is_some_and(|code| known(code).is_none_or(|claim| claim.head != gives.head));
        let basis = match (gives.ground, gives.claim.clone()) {
            _ if other_head => None,
            (Ground::Goodwill, None) => Some(Basis::Goodwill),
            (Ground::Statutory, Some(claim)) => Some(Basis::Statutory(claim)),
            (Ground::Contractual, Some(claim)) => Some(Basis::Contractual(claim)),
            _ => None,
        };
        let allowed = basis
            .ok_or(codes::NOT_ALLOWED_HERE.clone())
            .and_then(|basis| {
                let remedy = Remedy {
                    kind: gives.kind.clone(),
                    amount: Amount::Money(gives.worth),
                    basis,
                    reasons: Vec::new(),
                };
                may_give(&matter.case, remedy, &matter.guardrails, actor, self.now())
            });
        match allowed {
            Ok(()) => Ok(()),
            Err(reason) if reason == codes::OVER_AUTHORITY || reason == codes::NO_AUTHORITY_ROW => {
                let role = actor.role.clone();
                Err(Refused::OverAuthority { role })
            }
            Err(reason) => Err(Refused::StillEscalates { reason }),
        }
    }

    pub(super) fn mark_error(&mut self, id: u64, rule: &Code) -> Result<Did, Refused> {
        let row = self.find_decision(id)?;
        if row.error_rule.is_some() {
            return Err(Refused::AlreadyDone);
        }
        row.error_rule = Some(rule.clone());
        Ok(Did::new("marked_error", Some(id)))
    }

    pub(super) fn depart(&mut self, it: &Override) -> Result<Did, Refused> {
        let old = self.find_decision(it.decision)?.clone();
        let rules = &it.matter.guardrails;
        let envelope = &it.matter.case.envelope;
        if old.replaced_by.is_some() {
            return Err(Refused::AlreadyDone);
        }
        let same = envelope.id == old.case_id
            && envelope.event == old.event
            && envelope.claimant.id == old.claimant
            && rules.release.digest == old.release_digest
            && it.matter.team == old.team
            && it.matter.campaign == old.campaign;
        if !same {
            return Err(Refused::OtherCase);
        }
        let reason = it.reason.clone().ok_or(Refused::NoReason)?;
        let listed = rules
            .ledger
            .departures
            .iter()
            .find(|own| own.code == reason);
        let Some(listed) = listed else {
            return Err(Refused::UnknownReason { reason });
        };
        if it.evidence.is_none() {
            return Err(Refused::NoEvidence);
        }
        let known = |assurance| assurance == Assurance::Authenticated;
        if !known(it.by.assurance) || !known(it.approver.assurance) {
            return Err(Refused::ActorUnverified);
        }
        if it.approver.id == it.by.id || it.approver.id == old.proposer {
            return Err(Refused::ApproverIsProposer);
        }
        if !rules.holds(&it.approver.role, &listed.role) {
            let role = it.approver.role.clone();
            return Err(Refused::NotAuthorized { role });
        }
        if it.gives.ground == Ground::Statutory {
            return Err(Refused::Binding);
        }
        self.may_give(&it.matter, &it.gives, &it.approver)?;
        let id = self.seq + 1;
        let mut did = Did::new("overridden", Some(id));
        self.give_way(old.id, &it.approver.id, &mut did);
        let mut paid = 0;
        let own = self.entries.iter().filter(|entry| {
            entry.event == old.event
                && entry.claimant == old.claimant
                && entry.ground != Ground::Statutory
                && entry.state.counts()
        });
        for entry in own.cloned().collect::<Vec<EntryRow>>() {
            if entry.decision == old.id && entry.state != EntryState::Settled {
                self.end(entry.id, EntryState::Voided);
                did.entries.push(entry.id);
            } else if entry.currency != it.gives.worth.currency() {
                return Err(Refused::OutOfRange);
            } else {
                paid += entry.worth_minor;
            }
        }
        let minor = (it.gives.worth.minor() - paid).max(0);
        if minor > 0 {
            let entry = EntryRow {
                id: 0,
                decision: id,
                event: old.event.clone(),
                claimant: old.claimant.clone(),
                head: it.gives.head.clone(),
                kind: it.gives.kind.clone(),
                ground: it.gives.ground,
                claim: it.gives.claim.clone(),
                quantity: minor,
                unit: None,
                worth_minor: minor,
                currency: it.gives.worth.currency(),
                state: EntryState::Granted,
                at: self.now(),
                expires_at: self.expiry(&it.matter, it.gives.ground),
                closed_at: None,
                chain: None,
            };
            let limits = limits(&it.matter, &it.by.id);
            did.entries
                .push(self.promise_entry(&limits, &rules.release.name, entry)?);
        }
        let row = DecisionRow {
            id,
            at: self.now(),
            outcome: if minor > 0 { "grant" } else { "refuse" }.into(),
            reason: reason.clone(),
            proposer: it.by.id.clone(),
            role: it.by.role.clone(),
            arm: it.matter.arm.clone(),
            departure: Some(reason),
            error_rule: None,
            overturned: 0,
            replaced_by: None,
            ..old
        };
        self.decisions.push(row);
        self.find_decision(it.decision)?.replaced_by = Some(id);
        Ok(did)
    }

    pub(super) fn promise(&mut self, it: &Promise) -> Result<Did, Refused> {
        if it.by.assurance != Assurance::Authenticated {
            return Err(Refused::ActorUnverified);
        }
        self.may_give(&it.matter, &it.gives, &it.by)?;
        let (kind, due_at, quiet_seconds) = match it.clock {
            Clock::Breach(due) if due < self.now() => return Err(Refused::DeadlineNotLater),
            Clock::Breach(due) => (TimerKind::Breach, due, None),
            Clock::Quiet(0) => return Err(Refused::OutOfRange),
            Clock::Quiet(seconds) => {
                let due = self.now().plus_seconds(i64::from(seconds));
                let due = due.ok_or(Refused::OutOfRange)?;
                (TimerKind::Quiet, due, Some(i64::from(seconds)))
            }
        };
        let limits = limits(&it.matter, &it.by.id);
        let warnings = it.matter.guardrails.ledger.warnings.iter();
        let windows = limits.iter().filter_map(|limit| limit.window_days);
        let longest = windows.chain(warnings.map(|rule| rule.window_days)).max();
        self.longest_days = self.longest_days.max(longest.unwrap_or(0));
        let (envelope, release) = (&it.matter.case.envelope, &it.matter.guardrails.release);
        let row = TimerRow {
            id: self.timers.len() as u64 + 1,
            kind,
            seq: self.seq + 1,
            case_id: envelope.id.clone(),
            event: envelope.event.clone(),
            claimant: envelope.claimant.id.clone(),
            due_at,
            quiet_seconds,
            head: it.gives.head.clone(),
            gives: it.gives.kind.clone(),
            ground: it.gives.ground,
            claim: it.gives.claim.clone(),
            worth_minor: it.gives.worth.minor(),
            currency: it.gives.worth.currency(),
            limits: serde_json::to_string(&limits).unwrap().into(),
            owner: it.owner.clone(),
            policy: release.name.clone(),
            version: release.version.clone(),
            release_digest: release.digest,
            incident_date: envelope.incident_date,
            state: TimerState::Running,
            team: it.matter.team.clone(),
            campaign: it.matter.campaign.clone(),
            fired: None,
        };
        for limit in limits
            .iter()
            .filter(|limit| limit.counts.contains(&row.ground))
        {
            if limit.subjects.is_none() {
                let name = limit.name.clone();
                return Err(Refused::SubjectUnknown { name });
            }
            let touched = limit.subjects.iter().flatten().next().is_some();
            if touched && limit.currency != row.currency {
                let reason = codes::UNKNOWN_CURRENCY_LIMIT.clone();
                return Err(Refused::StillEscalates { reason });
            }
        }
        let mut did = Did::new("promised", None);
        did.timers.push(row.id);
        self.timers.push(row);
        Ok(did)
    }

    pub(super) fn keep(&mut self, id: u64) -> Result<Did, Refused> {
        let now = self.now();
        let found = self.timers.find(|row| row.id == id);
        let row = found.ok_or(Refused::NoSuchTimer { id })?;
        if row.state != TimerState::Running || row.due_at < now {
            return Err(Refused::TimerStopped);
        }
        row.state = TimerState::Kept;
        let mut did = Did::new("kept", None);
        did.timers.push(id);
        Ok(did)
    }

    pub(super) fn activity(&mut self, claimant: &ClaimantId) -> Result<Did, Refused> {
        let now = self.now();
        let mut did = Did::new("active", None);
        let quiet = self.timers.iter().filter(|row| {
            row.claimant == *claimant
                && row.state == TimerState::Running
                && row.due_at >= now
                && row.quiet_seconds.is_some()
        });
        for id in quiet.map(|row| row.id).collect::<Vec<u64>>() {
            let row = self.timers.find(|row| row.id == id).unwrap();
            let seconds = row.quiet_seconds.unwrap();
            row.due_at = now.plus_seconds(seconds).ok_or(Refused::OutOfRange)?;
            did.timers.push(id);
        }
        Ok(did)
    }
}
