//! The sweep.

use redress_kernel::codes;
use redress_ledger::Refused;
use redress_ledger::accounts::LimitRef;
use redress_ledger::queue::Rung;
use redress_ledger::rows::{
    DecisionRow, EntryRow, EntryState, EscalationRow, EscalationState, Terms, TimerRow, TimerState,
};
use redress_model::{ActorId, Code, Timestamp};

use super::{Did, State};

/// The earliest overdue of a list, by time and then by number.
fn overdue<T: Clone>(
    list: &[T],
    now: Timestamp,
    limit: u32,
    due: impl Fn(&T) -> Option<(Timestamp, u64)>,
) -> Vec<T> {
    let mut found: Vec<((Timestamp, u64), &T)> = list
        .iter()
        .filter_map(|one| Some((due(one)?, one)))
        .filter(|((at, _), _)| *at < now)
        .collect();
    found.sort_by_key(|(due, _)| *due);
    found.truncate(limit as usize);
    found.into_iter().map(|(_, one)| one.clone()).collect()
}

impl State {
    pub(super) fn sweep(&mut self, limit: u32) -> Result<Did, Refused> {
        if limit == 0 || limit > 10_000 {
            return Err(Refused::OutOfRange);
        }
        let now = self.now();
        let mut did = Did::new("swept", None);
        let granted = |entry: &EntryRow| {
            let at = entry
                .expires_at
                .filter(|_| entry.state == EntryState::Granted)?;
            Some((at, entry.id))
        };
        let expired = overdue(&self.entries, now, limit, granted);
        for entry in &expired {
            self.end(entry.id, EntryState::Expired);
            self.record("expired", Some(entry.decision));
            did.entries.push(entry.id);
        }
        if !expired.is_empty() {
            return Ok(did);
        }
        let open = |row: &EscalationRow, at: Option<Timestamp>| {
            let at = at.filter(|_| row.state == EscalationState::Open)?;
            Some((at, row.id))
        };
        let expired = overdue(&self.escalations, now, limit, |row| {
            open(row, row.expires_at)
        });
        let mut decisions = Vec::new();
        for row in &expired {
            if !decisions.contains(&row.decision) {
                decisions.push(row.decision);
                let (state, entry_state) = (EscalationState::Expired, EntryState::Expired);
                self.end_escalation(row, state, entry_state, None, &mut did);
                self.record("approval_expired", Some(row.decision));
            }
        }
        if !expired.is_empty() {
            return Ok(did);
        }
        let climbing = overdue(&self.escalations, now, limit, |row| {
            open(row, row.climbs_at)
        });
        for row in &climbing {
            self.climb(row.id, now);
            self.record("climbed", Some(row.decision));
            did.escalations.push(row.id);
        }
        if !climbing.is_empty() {
            return Ok(did);
        }
        let running =
            |row: &TimerRow| (row.state == TimerState::Running).then_some((row.due_at, row.id));
        let firing = overdue(&self.timers, now, limit, running);
        let mut events = Vec::new();
        for row in &firing {
            if !events.contains(&row.event) {
                events.push(row.event.clone());
                self.fire(row, &mut did)?;
            }
        }
        if !firing.is_empty() {
            return Ok(did);
        }
        did.what = "nothing_due";
        if self.longest_days > 0 {
            let oldest = now.seconds() - i64::from(self.longest_days) * 86_400;
            let mut old: Vec<(Timestamp, String)> = self
                .keys
                .iter()
                .filter(|(_, (_, answered))| answered.answer.at.seconds() < oldest)
                .map(|(key, (_, answered))| (answered.answer.at, key.clone()))
                .collect();
            old.sort();
            for (_, key) in old.into_iter().take(limit as usize) {
                self.keys.remove(&key);
            }
        }
        Ok(did)
    }

    fn climb(&mut self, id: u64, now: Timestamp) {
        let row = self.escalations.find(|row| row.id == id).unwrap();
        let rungs: Vec<Rung> = serde_json::from_str(&row.ladder).unwrap();
        while let Some(rung) = rungs.get(row.level as usize)
            && row.due_at.is_some_and(|due| due < now)
        {
            row.owner = rung.owner.clone();
            row.due_at = Some(rung.due_at);
            row.level += 1;
        }
        row.climbs_at = row.due_at.filter(|_| (row.level as usize) < rungs.len());
    }

    /// What a timer owes that was not paid for it: nothing, if all of it was.
    pub(super) fn owed(&self, row: &TimerRow, decision: u64) -> EntryRow {
        let paid: i64 = self
            .entries
            .iter()
            .filter(|entry| {
                entry.event == row.event
                    && entry.claimant == row.claimant
                    && entry.head == row.head
                    && entry.currency == row.currency
                    && entry.state.counts()
            })
            .map(|entry| entry.worth_minor)
            .sum();
        let minor = (row.worth_minor - paid).max(0);
        EntryRow {
            id: 0,
            decision,
            event: row.event.clone(),
            claimant: row.claimant.clone(),
            head: row.head.clone(),
            kind: row.gives.clone(),
            ground: row.ground,
            claim: row.claim.clone(),
            quantity: minor,
            unit: None,
            worth_minor: minor,
            currency: row.currency,
            state: EntryState::Granted,
            at: self.now(),
            expires_at: None,
            closed_at: None,
            chain: None,
        }
    }

    fn fire(&mut self, row: &TimerRow, did: &mut Did) -> Result<(), Refused> {
        let id = self.seq + 1;
        let ledger = ActorId::new("ledger").unwrap();
        let owed = self.owed(row, id);
        let limits: Vec<LimitRef> = serde_json::from_str(&row.limits).unwrap();
        let (mut outcome, mut reason) = ("grant", row.head.clone());
        if owed.worth_minor == 0 {
            (outcome, reason) = ("refuse", codes::ALREADY_PAID.clone());
        } else {
            let policy = row.policy.clone();
            match self.promise_entry(&limits, &policy, owed) {
                Ok(entry) => did.entries.push(entry),
                Err(_) => {
                    (outcome, reason) = ("escalate", codes::CAP_SPENT.clone());
                    let called = EscalationRow {
                        id: self.escalations.len() as u64 + 1,
                        decision: id,
                        reason: reason.clone(),
                        owner: row.owner.clone(),
                        chain: None,
                        signatures: "[]".into(),
                        terms: Terms::Discretionary,
                        proposer: ledger.clone(),
                        opened_at: self.now(),
                        due_at: None,
                        level: 0,
                        ladder: "[]".into(),
                        climbs_at: None,
                        expires_at: None,
                        state: EscalationState::Open,
                        closed_by: None,
                        closed_at: None,
                        opened_by: None,
                    };
                    did.escalations.push(called.id);
                    self.escalations.push(called);
                }
            }
        }
        self.decisions.push(DecisionRow {
            id,
            at: self.now(),
            case_id: row.case_id.clone(),
            event: row.event.clone(),
            claimant: row.claimant.clone(),
            incident_date: row.incident_date,
            policy: row.policy.clone(),
            version: row.version.clone(),
            release_digest: row.release_digest,
            outcome: outcome.into(),
            reason,
            proposer: ledger,
            role: Code::new("ledger").unwrap(),
            team: row.team.clone(),
            campaign: row.campaign.clone(),
            arm: None,
            inputs_digest: row.release_digest,
            departure: None,
            error_rule: None,
            overturned: 0,
            replaced_by: None,
        });
        let own = self.timers.find(|own| own.id == row.id).unwrap();
        own.state = TimerState::Fired;
        own.fired = Some(id);
        did.timers.push(row.id);
        self.record("fired", Some(id));
        Ok(())
    }
}
