//! Approval: by one person, or by the last of several signatures.

use redress_kernel::codes;
use redress_log::Draft;
use redress_model::{Assurance, Code};
use serde_json::json;

use super::judge::{Judged, Proposed, judge};
use super::txn::Txn;
use super::{Booked, Done, Recorded, Stop, entries, norms, on_record, queue};
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
    if it.by.id == row.proposer {
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
    let others = queue::others_open(txn, &row)?;
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
    stands(&judged, &row, &it.by.role)?;
    if others.is_empty() {
        done.did = Code::engine("approved");
        norms::approved(txn, &it.matter, id, &judged)?;
        done.entries = release(txn, &it.matter, &limits, &decision, held, &judged)?;
    } else {
        txn.rewind(before);
        done.did = Code::engine("approved_waiting");
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

/// Whether the decision of now leaves nothing but what these people have decided.
fn stands(judged: &Judged, row: &EscalationRow, role: &Code) -> Result<(), Refused> {
    let decision = &judged.decision;
    let by_authority = row.chain.is_none() && row.terms == Terms::Discretionary;
    for escalation in decision.escalations() {
        let reason = &escalation.reason;
        let authority = [&codes::OVER_AUTHORITY, &codes::NO_AUTHORITY_ROW];
        let decided = [
            &codes::APPROVAL_CHAIN,
            &codes::SECOND_LOOK,
            &codes::OFFER_ABOVE_CORRIDOR,
            &codes::PRECEDENT_PAYS_MORE,
            &codes::LINKED_RATE_DIFFERS,
            &codes::SAFETY_CONCERN,
        ];
        if authority.into_iter().any(|code| code == reason) {
            if by_authority {
                return Err(Refused::OverAuthority { role: role.clone() });
            }
        } else if !decided.into_iter().any(|code| code == reason) {
            let reason = reason.clone();
            return Err(Refused::StillEscalates { reason });
        }
    }
    if let Some(hold) = decision.hold() {
        let reason = hold.missing.clone();
        return Err(Refused::StillEscalates { reason });
    }
    Ok(())
}

/// Grants what was held, or less where less is due now; a lawful sum is what is due now.
fn release(
    txn: &mut Txn<'_>,
    matter: &Matter,
    limits: &[LimitRef],
    decision: &DecisionRow,
    held: Vec<EntryRow>,
    judged: &Judged,
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
            && sum(&judged.entries, of) >= sum(&held, of)
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
    for entry in judged.entries.iter().filter(|entry| !keeps(entry)) {
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
