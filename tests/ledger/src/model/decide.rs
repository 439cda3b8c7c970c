//! `decide`, and what follows from a decision.

use redress_kernel::decision::ApprovalTerms;
use redress_kernel::guardrails::Warning;
use redress_kernel::{Decision, Payable, codes, decide, inputs_digest};
use redress_ledger::accounts::{
    EVERYONE, LimitRef, counter, limits, reason_counter, statutory_account,
};
use redress_ledger::command::Decide;
use redress_ledger::queue::{ladder, wanted};
use redress_ledger::rows::{
    DecisionRow, EntryRow, EntryState, EscalationRow, EscalationState, Ground, Terms,
};
use redress_ledger::{Matter, Refused};
use redress_model::{
    Actor, Amount, Basis, ClaimantId, Code, Fault, Money, Proposal, Standing, Sums, Timestamp,
};

use super::rows::Use;
use super::{Did, State};

impl State {
    pub(super) fn decide(&mut self, it: &Decide) -> Result<Did, Refused> {
        let limits = limits(&it.matter, &it.actor.id);
        let warnings = it.matter.guardrails.ledger.warnings.iter();
        let windows = limits.iter().filter_map(|limit| limit.window_days);
        let longest = windows.chain(warnings.map(|rule| rule.window_days)).max();
        self.longest_days = self.longest_days.max(longest.unwrap_or(0));
        let (decision, mut standing, entries) =
            self.judge(&it.matter, &it.proposal, &it.actor, &limits, &[])?;
        // The kernel reads no warnings; on record are those that the policy saw.
        standing.warnings = it.warnings;
        let warned = self.warn(&it.matter, &decision);
        let id = self.seq + 1;
        let policy = it.matter.guardrails.release.name.clone();
        let mut did = Did::new(decision.outcome().name(), Some(id));
        for mut entry in entries {
            entry.decision = id;
            if entry.state == EntryState::Granted {
                entry.expires_at = self.expiry(&it.matter, entry.ground);
            }
            did.entries
                .push(self.promise_entry(&limits, &policy, entry)?);
        }
        let held: Vec<u64> = did.entries.clone();
        let lawful_waits = self.entries.iter().any(|entry| {
            held.contains(&entry.id)
                && entry.state == EntryState::Held
                && entry.ground == Ground::Statutory
        });
        let raised = warned.contains(&Code::new("repeated").unwrap());
        for escalation in decision.escalations() {
            let binding = escalation.terms == ApprovalTerms::Binding;
            let rules = &it.matter.guardrails;
            let span = rules.ledger.approval_expires_after;
            let span = span.filter(|_| !binding && !lawful_waits);
            let rungs = ladder(escalation, &decision, rules);
            let up = raised && !rungs.is_empty();
            let level = u32::from(up);
            let due_at = escalation.deadline.map(|due| due.at);
            let row = EscalationRow {
                id: self.escalations.len() as u64 + 1,
                decision: id,
                reason: escalation.reason.clone(),
                owner: if up {
                    rungs[0].owner.clone()
                } else {
                    escalation.owner.clone()
                },
                chain: escalation.chain.clone(),
                signatures: serde_json::to_string(&wanted(escalation, rules))
                    .unwrap()
                    .into(),
                terms: if binding {
                    Terms::Binding
                } else {
                    Terms::Discretionary
                },
                proposer: it.actor.id.clone(),
                opened_at: self.now(),
                due_at,
                level,
                climbs_at: due_at.filter(|_| (level as usize) < rungs.len()),
                ladder: serde_json::to_string(&rungs).unwrap().into(),
                expires_at: span
                    .and_then(|span| rules.calendar.due(self.now(), span))
                    .map(|due| due.at),
                state: EscalationState::Open,
                closed_by: None,
                closed_at: None,
                opened_by: None,
            };
            did.escalations.push(row.id);
            self.escalations.push(row);
        }
        let row = self.decision_row(&it.matter, &it.actor, &decision, &standing);
        self.decisions.push(row);
        did.warnings = warned;
        Ok(did)
    }

    /// The kernel's decision: first with what the event itself uses left out of the limits,
    /// and where its sums then do not fit, with it in.
    pub(super) fn judge(
        &self,
        matter: &Matter,
        proposal: &Result<Proposal, Fault>,
        actor: &Actor,
        limits: &[LimitRef],
        unpaid: &[u64],
    ) -> Result<(Decision, Standing, Vec<EntryRow>), Refused> {
        let envelope = &matter.case.envelope;
        let own = self.entries.iter().filter(|entry| {
            entry.event == envelope.event
                && entry.claimant == envelope.claimant.id
                && entry.state.counts()
        });
        let own: Vec<u64> = own.map(|entry| entry.id).collect();
        let mut spent: Vec<String> = Vec::new();
        let mut unused = own;
        for with_own in [true].into_iter().chain([false; 32]) {
            if !with_own {
                unused = unpaid.to_vec();
            }
            let mut standing = self.standing(matter, limits, unpaid, &unused);
            for limit in limits
                .iter()
                .filter(|limit| spent.contains(&limit.account.to_string()))
            {
                let used = Money::new(limit.limit_minor, limit.currency);
                let none = Money::new(0, limit.currency);
                let lists = [(&mut standing.rolling, used), (&mut standing.budgets, none)];
                for (list, all) in lists {
                    let Sums::Known(sums) = list else { continue };
                    for sum in sums.iter_mut().filter(|sum| sum.name == limit.name) {
                        sum.amount = if all.minor() == 0 || sum.amount.minor() < all.minor() {
                            all
                        } else {
                            sum.amount
                        };
                    }
                }
            }
            let (case, guardrails) = (&matter.case, &matter.guardrails);
            let decision = decide(
                case,
                proposal.clone(),
                guardrails,
                &standing,
                actor,
                self.now(),
            );
            let entries = self.entries_of(matter, &decision);
            match self.fits(limits, &entries, unpaid) {
                Ok(()) => return Ok((decision, standing, entries)),
                Err(Refused::LimitExceeded { account }) if !with_own => spent.push(account),
                Err(Refused::LimitExceeded { .. }) => {}
                Err(refused) => return Err(refused),
            }
        }
        unreachable!("every limit counts as used up by now")
    }

    /// Whether every limit has room for every entry, one after the other.
    pub(super) fn fits(
        &self,
        limits: &[LimitRef],
        entries: &[EntryRow],
        unused: &[u64],
    ) -> Result<(), Refused> {
        let mut trial = Vec::new();
        for entry in entries
            .iter()
            .filter(|entry| entry.ground != Ground::Statutory)
        {
            trial.extend(self.uses_of(limits, "", entry, unused, &trial)?);
        }
        Ok(())
    }

    /// What an entry would use. A limit that has no room, when `unused` use nothing and
    /// `also` is used, refuses it.
    fn uses_of(
        &self,
        limits: &[LimitRef],
        policy: &str,
        entry: &EntryRow,
        unused: &[u64],
        also: &[Use],
    ) -> Result<Vec<Use>, Refused> {
        let own = |account, subject, window_days| Use {
            entry: Some(entry.id),
            case: None,
            account,
            subject,
            window_days,
            at: self.now(),
            minor: entry.worth_minor,
        };
        let mut uses = Vec::new();
        if entry.ground == Ground::Statutory {
            uses.push(own(
                statutory_account(policy, entry.currency),
                EVERYONE,
                None,
            ));
        }
        for limit in limits {
            if !limit.counts.contains(&entry.ground) || entry.worth_minor == 0 {
                continue;
            }
            let subjects = limit
                .subjects
                .as_ref()
                .ok_or_else(|| Refused::SubjectUnknown {
                    name: limit.name.clone(),
                })?;
            for subject in subjects {
                let days = limit.window_days;
                let (minor, times) = self.used(&limit.account, subject, days, unused, also);
                if limit.currency != entry.currency {
                    let reason = codes::UNKNOWN_CURRENCY_LIMIT.clone();
                    return Err(Refused::StillEscalates { reason });
                }
                let over = minor + entry.worth_minor > limit.limit_minor;
                let often = limit.times.is_some_and(|most| times + 1 > i64::from(most));
                if over || often {
                    return Err(Refused::LimitExceeded {
                        account: limit.account.to_string(),
                    });
                }
                uses.push(own(limit.account.clone(), subject.clone(), days));
            }
        }
        Ok(uses)
    }

    /// Saves an entry with what it uses. A limit that has no room refuses it.
    pub(super) fn promise_entry(
        &mut self,
        limits: &[LimitRef],
        policy: &str,
        mut entry: EntryRow,
    ) -> Result<u64, Refused> {
        if entry.id == 0 {
            entry.id = self.entries.iter().map(|entry| entry.id).max().unwrap_or(0) + 1;
        }
        for own in self.uses_of(limits, policy, &entry, &[], &[])? {
            self.uses.push(own);
        }
        let id = entry.id;
        match self.entries.find(|known| known.id == id) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
        Ok(id)
    }

    pub(super) fn expiry(&self, matter: &Matter, ground: Ground) -> Option<Timestamp> {
        let rules = &matter.guardrails;
        let span = rules.ledger.grant_expires_after;
        let span = span.filter(|_| ground != Ground::Statutory)?;
        rules.calendar.due(self.now(), span).map(|due| due.at)
    }

    fn entries_of(&self, matter: &Matter, decision: &Decision) -> Vec<EntryRow> {
        let envelope = &matter.case.envelope;
        let remedies = decision.remedies().iter();
        let entries = remedies.map(|remedy| {
            let worth = remedy.worth.unwrap();
            let (quantity, unit) = match &remedy.amount {
                Amount::Money(money) => (money.minor(), None),
                Amount::Units { unit, count } => (*count, Some(unit.clone())),
            };
            EntryRow {
                id: 0,
                decision: 0,
                event: envelope.event.clone(),
                claimant: envelope.claimant.id.clone(),
                head: remedy.head.clone(),
                kind: remedy.kind.clone(),
                ground: match remedy.basis {
                    Basis::Statutory(_) => Ground::Statutory,
                    Basis::Contractual(_) => Ground::Contractual,
                    Basis::Goodwill => Ground::Goodwill,
                },
                claim: remedy.basis.claim().cloned(),
                quantity,
                unit,
                worth_minor: worth.minor(),
                currency: worth.currency(),
                state: if remedy.payable == Payable::Now {
                    EntryState::Granted
                } else {
                    EntryState::Held
                },
                at: self.now(),
                expires_at: None,
                closed_at: None,
                chain: match &remedy.basis {
                    Basis::Statutory(code) => {
                        let claim = matter.guardrails.claim(code).unwrap();
                        claim.approval.clone()
                    }
                    Basis::Contractual(_) | Basis::Goodwill => None,
                },
            }
        });
        entries.collect()
    }

    fn decision_row(
        &self,
        matter: &Matter,
        actor: &Actor,
        decision: &Decision,
        standing: &Standing,
    ) -> DecisionRow {
        let (envelope, release) = (&matter.case.envelope, &matter.guardrails.release);
        DecisionRow {
            id: self.seq + 1,
            at: self.now(),
            case_id: envelope.id.clone(),
            event: envelope.event.clone(),
            claimant: envelope.claimant.id.clone(),
            incident_date: envelope.incident_date,
            policy: release.name.clone(),
            version: release.version.clone(),
            release_digest: release.digest,
            outcome: decision.outcome().name().into(),
            reason: decision.reasons().next().unwrap().code.clone(),
            proposer: actor.id.clone(),
            role: actor.role.clone(),
            team: matter.team.clone(),
            campaign: matter.campaign.clone(),
            arm: matter.arm.clone(),
            inputs_digest: inputs_digest(release, &matter.case, actor, standing, self.now()),
            departure: None,
            error_rule: None,
            overturned: 0,
            replaced_by: None,
        }
    }

    /// Counts a new case and gives the warnings that it carries.
    fn warn(&mut self, matter: &Matter, decision: &Decision) -> Vec<Code> {
        let rules = &matter.guardrails;
        let case = &matter.case.envelope.id;
        let mut warned = Vec::new();
        for (rule, others) in rules.ledger.warnings.iter().zip(self.counts(matter)) {
            let days = Some(rule.window_days);
            let hot = rule.fills == Warning::HotReason;
            let place = if hot {
                Some(reason_counter(
                    rules,
                    rule,
                    &decision.reasons().next().unwrap().code,
                ))
            } else {
                counter(rules, rule, &matter.case)
            };
            let Some((account, subject)) = place else {
                continue;
            };
            let others = if hot {
                self.used(&account, &subject, days, &[], &[]).0
            } else {
                others
            };
            let known = self.uses.of(&account, &subject).iter();
            let mut known = known.filter(|own| own.case.as_ref() == Some(case));
            if hot || known.next().is_none() {
                self.uses.push(Use {
                    entry: None,
                    case: (!hot).then(|| case.clone()),
                    account,
                    subject,
                    window_days: days,
                    at: self.now(),
                    minor: 1,
                });
            }
            let code = rule.fills.code();
            let reached = rule
                .warns_from
                .is_some_and(|from| others + 1 >= i64::from(from));
            if reached && !warned.contains(&code) {
                warned.push(code);
            }
        }
        warned
    }

    pub(super) fn erase(&self, claimant: &ClaimantId) -> Result<Did, Refused> {
        let own = self
            .decisions
            .iter()
            .filter(|row| row.claimant == *claimant);
        let own: Vec<u64> = own.map(|row| row.id).collect();
        if own.is_empty() {
            return Err(Refused::NoSuchCustomer);
        }
        let open = self
            .escalations
            .iter()
            .filter(|row| row.state == EscalationState::Open && own.contains(&row.decision));
        // The escalation of the oldest decision is named first.
        match open.min_by_key(|row| (row.decision, row.id)) {
            Some(row) => Err(Refused::StillOpen { escalation: row.id }),
            None => Ok(Did::new("erased", None)),
        }
    }
}
