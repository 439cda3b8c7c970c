//! Approval: by one person, or by the last of several signatures.

use redress_kernel::codes;
use redress_log::Draft;
use redress_model::{Assurance, Code};
use serde_json::json;

use super::judge::{Judged, Proposed, judge};
use super::txn::Txn;
use super::{Booked, Done, Recorded, Stop, entries, norms, on_record, queue, timers};
use crate::accounts::{LimitRef, limits};
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::command::{Approval, Matter};
use crate::queue::Wanted;
use crate::rows::{
    DecisionRow, EntryRow, EntryState, EscalationRow, EscalationState, Ground, SignatureRow, Terms,
};
use crate::store::Scan;
use crate::table::Record as _;

/// How many people a command lets decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signers {
    /// One, who approves.
    One,
    /// Several, of whom the last approves.
    Several,
}

pub(super) fn approve(txn: &mut Txn<'_>, it: &Approval, signers: Signers) -> Result<Done, Stop> {
    let row = queue::find_open(txn, it.escalation)?;
    let id = row.decision;
    let found: Option<DecisionRow> = txn.get(&[id.to_cell()])?;
    let decision = found.ok_or(Refused::NoSuchDecision { id })?;
    let wanted: Vec<Wanted> = queue::list(&row.signatures)?;
    let people: u32 = wanted
        .iter()
        .map(|wanted| wanted.count)
        .fold(0, u32::saturating_add);
    if signers == Signers::One && people > 1 {
        return Err(Refused::NeedsSignatures.into());
    }
    if it.by.assurance != Assurance::Authenticated {
        return Err(Refused::ActorUnverified.into());
    }
    if it.by.id == row.proposer || row.opened_by.as_ref() == Some(&it.by.id) {
        return Err(Refused::ApproverIsProposer.into());
    }
    if !is_of(&decision, &it.matter) {
        return Err(Refused::OtherCase.into());
    }
    let complete = sign(txn, it, &wanted)?;
    let mut done = Done::new("signed", Some(id), &json!({ "by": it.by }));
    done.escalations.push(row.id);
    if !complete {
        done.record = Recorded::Act(json!({ "by": it.by, "escalation": row.id }));
        return Ok(done);
    }
    if let Some(timer) = timers::before(txn, &decision)? {
        queue::close(txn, &row, EscalationState::Approved, Some(&it.by.id));
        return timers::give(txn, &timer, &decision, it);
    }
    let siblings = queue::siblings(txn, &row)?;
    let open: Vec<&EscalationRow> = siblings
        .iter()
        .filter(|other| other.state == EscalationState::Open)
        .collect();
    queue::close(txn, &row, EscalationState::Approved, Some(&it.by.id));
    let before = txn.mark();
    let held = entries::in_state(txn, id, EntryState::Held)?;
    for entry in &held {
        entries::unbook(txn, entry.id)?;
    }
    let own = held.iter().map(|entry| entry.id).collect();
    // What was proposed keeps its agent: approving does not move it to the approver's caps.
    let limits = limits(&it.matter, &decision.proposer);
    let proposed = Proposed {
        proposal: &it.proposal,
        warnings: it.warnings,
    };
    let judged = judge(txn, &it.matter, &proposed, &it.by, &limits, own)?;
    let asked = Asked {
        row: &row,
        siblings: &siblings,
        held: &held,
    };
    asked.stands(&judged, &it.by.role)?;
    txn.rewind(before);
    // What waits for somebody else still is not theirs to release.
    let decided = |entry: &EntryRow| {
        let is_own = queue::covers(&row, entry);
        if open.is_empty() {
            is_own || row.terms != Terms::Binding
        } else {
            let waits = open.iter().any(|other| queue::covers(other, entry));
            is_own && row.opened_by.is_none() && !waits
        }
    };
    let (held, new) = {
        let new = judged.entries.iter().cloned();
        let new = new.filter(|entry| decided(entry) && !asked.is_lost(&decision, entry));
        let held = held.iter().filter(|entry| decided(entry)).cloned();
        (held.collect::<Vec<_>>(), new.collect::<Vec<_>>())
    };
    for entry in &held {
        entries::unbook(txn, entry.id)?;
    }
    done.entries = release(txn, &it.matter, &limits, &decision, held, &new)?;
    done.did = Code::engine("approved_waiting");
    if open.is_empty() {
        norms::approved(txn, &it.matter, id, &judged)?;
        done.did = Code::engine("approved");
    }
    let booked = Booked {
        entries: done.entries.iter().map(|entry| entry.id).collect(),
        escalation: Some(row.id),
        of: Some(id),
        ..Booked::new(&it.matter)
    };
    let (seed, sealing) = (txn.next_seed(), it.matter.schema.sealing());
    done.record = on_record(txn, &it.matter, &it.by, &judged, &booked, |record| {
        Draft::approval(record, sealing, seed)
    })?;
    Ok(done)
}

/// Whether something else was given in the place of what a policy proposed, or nothing.
pub(super) const fn is_past(decision: &DecisionRow) -> bool {
    decision.replaced_by.is_some() || decision.departure.is_some() || decision.overturned != 0
}

/// Whether a case and a release are those of a decision.
pub(super) fn is_of(decision: &DecisionRow, matter: &Matter) -> bool {
    let envelope = &matter.case.envelope;
    envelope.id == decision.case_id
        && envelope.event == decision.event
        && envelope.claimant.id == decision.claimant
        && matter.guardrails.release.digest == decision.release_digest
        && matter.team == decision.team
        && matter.campaign == decision.campaign
}

/// Adds the signature, where one is wanted. Gives whether nobody else must sign.
fn sign(txn: &mut Txn<'_>, it: &Approval, wanted: &[Wanted]) -> Result<bool, Stop> {
    if wanted.is_empty() {
        return Ok(true);
    }
    let by = &["escalation", "person"];
    let scan = Scan::new(SignatureRow::TABLE, by, vec![it.escalation.to_cell()]);
    let signed: Vec<SignatureRow> = txn.rows(&scan)?;
    if signed.iter().any(|row| row.person == it.by.id) {
        return Err(Refused::AlreadySigned.into());
    }
    let missing = |wanted: &Wanted| {
        let have = signed.iter().filter(|row| row.role == wanted.role).count();
        wanted
            .count
            .saturating_sub(u32::try_from(have).unwrap_or(u32::MAX))
    };
    let mine = wanted
        .iter()
        .find(|wanted| missing(wanted) > 0 && wanted.holders.contains(&it.by.role));
    let Some(mine) = mine else {
        let role = it.by.role.clone();
        return Err(Refused::NotAuthorized { role }.into());
    };
    txn.put(&SignatureRow {
        escalation: it.escalation,
        person: it.by.id.clone(),
        role: mine.role.clone(),
        at: txn.now(),
    });
    let left: u32 = wanted.iter().map(missing).fold(0, u32::saturating_add);
    Ok(left <= 1)
}

/// What people are asked about one decision.
struct Asked<'a> {
    /// The escalation that is approved.
    row: &'a EscalationRow,
    /// The others that the decision itself asks for.
    siblings: &'a [EscalationRow],
    /// What is held.
    held: &'a [EntryRow],
}

impl Asked<'_> {
    /// Whether the decision of now leaves nothing but what people have decided, or decide
    /// still.
    fn stands(&self, judged: &Judged, role: &Code) -> Result<(), Refused> {
        let decision = &judged.decision;
        // A second look is on the law alone. What stands in the way of the law itself leaves
        // nothing of it in the decision; all else is about what is discretionary.
        let lawful = |entry: &EntryRow| entry.ground == Ground::Statutory;
        if self.row.terms == Terms::Binding && judged.entries.iter().any(lawful) {
            return Ok(());
        }
        let authority = [&codes::OVER_AUTHORITY, &codes::NO_AUTHORITY_ROW];
        if self.row.chain.is_none() && self.row.terms == Terms::Discretionary {
            // Where the same people are asked for several reasons, only the reasons name it.
            let mut reasons = decision.reasons();
            if reasons.any(|reason| authority.contains(&&reason.code)) {
                return Err(Refused::OverAuthority { role: role.clone() });
            }
        }
        for escalation in decision.escalations() {
            let reason = &escalation.reason;
            let still = || Refused::StillEscalates {
                reason: reason.clone(),
            };
            // What is discretionary is not what a second look is about.
            let is_other = self.row.terms == Terms::Binding && queue::is_of_discretion(reason);
            if is_other || authority.contains(&reason) {
                continue;
            }
            if *reason == codes::APPROVAL_CHAIN {
                if !self.any(|row| row.chain == escalation.chain) {
                    return Err(still());
                }
            } else if *reason == codes::SECOND_LOOK {
                if !self.any(|row| row.terms == Terms::Binding) {
                    return Err(still());
                }
            } else if [&codes::CAP_SPENT, &codes::BUDGET_SPENT].contains(&reason) {
                // No limit delays what the law gives.
                if !self.signs_the_law() {
                    return Err(still());
                }
            } else if !Self::is_for_people(reason)
                || !self.any(|row| row.chain.is_none() && row.terms == Terms::Discretionary)
            {
                return Err(still());
            }
        }
        if let Some(hold) = decision.hold() {
            let reason = hold.missing.clone();
            return Err(Refused::StillEscalates { reason });
        }
        Ok(())
    }

    /// Reasons that ask for people's judgement and not for something to be mended first.
    fn is_for_people(reason: &Code) -> bool {
        let reasons = [
            &codes::OFFER_ABOVE_CORRIDOR,
            &codes::PRECEDENT_PAYS_MORE,
            &codes::LINKED_RATE_DIFFERS,
            &codes::SAFETY_CONCERN,
        ];
        reasons.contains(&reason)
    }

    /// Whether the decision asked for something like it: of those who are asked now, or were.
    /// Who was asked by hand answers for nobody else, unless they have approved.
    fn any(&self, is_it: impl Fn(&EscalationRow) -> bool) -> bool {
        let by_hand = self.row.opened_by.is_some();
        let counts = |row: &EscalationRow| !by_hand || row.state == EscalationState::Approved;
        (!by_hand && is_it(self.row)) || self.siblings.iter().any(|row| counts(row) && is_it(row))
    }

    /// Whether a chain approves what the law gives to it.
    fn signs_the_law(&self) -> bool {
        let own = |entry: &EntryRow| entry.chain.is_some() && entry.chain == self.row.chain;
        self.held.iter().any(own)
    }

    /// Whether an entry is not to be given, whatever the policy proposes for it now: its chain
    /// has not approved it, or it was refused, or something else took its place.
    fn is_lost(&self, decision: &DecisionRow, entry: &EntryRow) -> bool {
        let ended = |row: &&EscalationRow| {
            matches!(
                row.state,
                EscalationState::Refused | EscalationState::Expired
            )
        };
        let mut ended = self.siblings.iter().filter(ended);
        if entry.ground == Ground::Statutory {
            let by_chain = |row: &EscalationRow| row.chain == entry.chain;
            entry.chain.is_some()
                && (ended.any(by_chain) || !(by_chain(self.row) || self.any(by_chain)))
        } else {
            is_past(decision)
                || (self.row.opened_by.is_none() && ended.any(|row| queue::covers(row, entry)))
        }
    }
}

/// Grants what was held, or less where less is due now; a lawful sum is what is due now.
fn release(
    txn: &mut Txn<'_>,
    matter: &Matter,
    limits: &[LimitRef],
    decision: &DecisionRow,
    held: Vec<EntryRow>,
    new: &[EntryRow],
) -> Result<Vec<EntryRow>, Stop> {
    let policy = &matter.guardrails.release.name;
    let same =
        |one: &EntryRow, other: &EntryRow| one.head == other.head && one.ground == other.ground;
    let sum = |list: &[EntryRow], of: &EntryRow| {
        let own = list.iter().filter(|entry| same(entry, of));
        own.map(|entry| entry.worth_minor)
            .fold(0, i64::saturating_add)
    };
    let keeps = |of: &EntryRow| {
        of.ground != Ground::Statutory
            && held.iter().any(|entry| same(entry, of))
            && sum(new, of) >= sum(&held, of)
    };
    let mut changed = Vec::new();
    for entry in &held {
        if keeps(entry) {
            let granted = EntryRow {
                state: EntryState::Granted,
                expires_at: entries::expiry(txn, matter, entry.ground),
                ..entry.clone()
            };
            changed.push(entries::promise(txn, limits, policy, granted)?);
        } else {
            let ended = EntryRow {
                state: EntryState::Voided,
                closed_at: Some(txn.now()),
                ..entry.clone()
            };
            txn.put(&ended);
            changed.push(ended);
        }
    }
    for entry in new.iter().filter(|entry| !keeps(entry)) {
        let granted = EntryRow {
            decision: decision.id,
            state: EntryState::Granted,
            expires_at: entries::expiry(txn, matter, entry.ground),
            ..entry.clone()
        };
        changed.push(entries::promise(txn, limits, policy, granted)?);
    }
    Ok(changed)
}
