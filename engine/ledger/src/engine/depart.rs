//! What is done to a decision afterwards: a departure in its place, overturned, an error.

use redress_kernel::codes;
use redress_model::{Actor, Amount, Assurance, Basis, Code, Remedy, Timestamp};
use serde_json::json;
use smol_str::SmolStr;

use super::judge::fits;
use super::txn::Txn;
use super::{Done, Stop, approve, entries, norms, queue};
use crate::accounts::limits;
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::command::{Gives, MarkError, Matter, Override, Overturn};
use crate::rows::{DecisionRow, EntryRow, EntryState, Ground, NormRow, NormState};
use crate::store::Scan;
use crate::table::Record as _;

pub(super) fn find(txn: &mut Txn<'_>, id: u64) -> Result<DecisionRow, Stop> {
    let found: Option<DecisionRow> = txn.get(&[id.to_cell()])?;
    Ok(found.ok_or(Refused::NoSuchDecision { id })?)
}

/// An entry of a sum in money.
pub(super) fn entry(txn: &Txn<'_>, matter: &Matter, gives: &Gives, minor: i64) -> EntryRow {
    let envelope = &matter.case.envelope;
    EntryRow {
        id: 0,
        decision: txn.next_seq(),
        event: envelope.event.clone(),
        claimant: envelope.claimant.id.clone(),
        head: gives.head.clone(),
        kind: gives.kind.clone(),
        ground: gives.ground,
        claim: gives.claim.clone(),
        quantity: minor,
        unit: None,
        worth_minor: minor,
        currency: gives.worth.currency(),
        state: EntryState::Granted,
        at: txn.now(),
        expires_at: entries::expiry(txn, matter, gives.ground),
        closed_at: None,
        chain: None,
    }
}

/// Whether somebody may give this by their own word.
pub(super) fn may_give(
    matter: &Matter,
    gives: &Gives,
    actor: &Actor,
    as_of: Timestamp,
) -> Result<(), Refused> {
    if gives.worth.minor() < 0 {
        return Err(Refused::OutOfRange);
    }
    // Under another head, what was paid for the claim would not count.
    let of_claim = |code: &Code| {
        let claim = matter.guardrails.claim(code);
        claim.is_some_and(|claim| claim.head == gives.head)
    };
    let basis = match (gives.ground, &gives.claim) {
        (Ground::Goodwill, None) => Basis::Goodwill,
        (Ground::Statutory, Some(claim)) if of_claim(claim) => Basis::Statutory(claim.clone()),
        (Ground::Contractual, Some(claim)) if of_claim(claim) => Basis::Contractual(claim.clone()),
        (Ground::Goodwill | Ground::Statutory | Ground::Contractual, _) => {
            let reason = codes::NOT_ALLOWED_HERE.clone();
            return Err(Refused::StillEscalates { reason });
        }
    };
    let remedy = Remedy {
        kind: gives.kind.clone(),
        amount: Amount::Money(gives.worth),
        basis,
        reasons: Vec::new(),
    };
    let allowed = redress_kernel::may_give(&matter.case, remedy, &matter.guardrails, actor, as_of);
    allowed.map_err(|reason| {
        if [&codes::OVER_AUTHORITY, &codes::NO_AUTHORITY_ROW].contains(&&reason) {
            let role = actor.role.clone();
            Refused::OverAuthority { role }
        } else {
            Refused::StillEscalates { reason }
        }
    })
}

pub(super) fn depart(txn: &mut Txn<'_>, it: &Override) -> Result<Done, Stop> {
    let old = find(txn, it.decision)?;
    if old.replaced_by.is_some() {
        return Err(Refused::AlreadyDone.into());
    }
    if !approve::is_of(&old, &it.matter) {
        return Err(Refused::OtherCase.into());
    }
    let reason = it.reason.as_ref().ok_or(Refused::NoReason)?;
    let rules = &it.matter.guardrails.ledger;
    let Some(departure) = rules.departure(reason) else {
        let reason = reason.clone();
        return Err(Refused::UnknownReason { reason }.into());
    };
    if it.evidence.is_none() {
        return Err(Refused::NoEvidence.into());
    }
    let both = [&it.by, &it.approver];
    if both
        .iter()
        .any(|actor| actor.assurance != Assurance::Authenticated)
    {
        return Err(Refused::ActorUnverified.into());
    }
    if it.approver.id == it.by.id || it.approver.id == old.proposer {
        return Err(Refused::ApproverIsProposer.into());
    }
    if !it
        .matter
        .guardrails
        .holds(&it.approver.role, &departure.role)
    {
        let role = it.approver.role.clone();
        return Err(Refused::NotAuthorized { role }.into());
    }
    if it.gives.ground == Ground::Statutory {
        return Err(Refused::Binding.into());
    }
    within_budget(txn, it)?;
    may_give(&it.matter, &it.gives, &it.approver, txn.now())?;
    // What is discretionary and not paid yet gives way; what is paid is counted.
    let scan = Scan::new(EntryRow::TABLE, &["event"], vec![old.event.to_cell()]);
    let live: Vec<EntryRow> = txn.rows(&scan)?;
    let (closed, mut changed) = queue::give_way(txn, old.id, &it.approver.id)?;
    let mut paid = 0_i64;
    let own = |entry: &&EntryRow| {
        entry.claimant == old.claimant
            && entry.ground != Ground::Statutory
            && entry.state.counts()
            && (entry.decision != old.id || entry.state != EntryState::Held)
    };
    for entry in live.iter().filter(own) {
        if entry.decision == old.id && entry.state != EntryState::Settled {
            changed.push(entries::end(txn, entry, EntryState::Voided)?);
        } else if entry.currency == it.gives.worth.currency() {
            paid = paid.saturating_add(entry.worth_minor);
        } else {
            return Err(Refused::OutOfRange.into());
        }
    }
    let minor = it.gives.worth.minor().saturating_sub(paid).max(0);
    let limits = limits(&it.matter, &it.by.id);
    let new = entry(txn, &it.matter, &it.gives, minor);
    let id = txn.next_seq();
    if minor > 0 {
        fits(txn, &limits, std::slice::from_ref(&new))?;
        let policy = &it.matter.guardrails.release.name;
        changed.push(entries::promise(txn, &limits, policy, new)?);
    }
    txn.put(&DecisionRow {
        id,
        at: txn.now(),
        outcome: SmolStr::new_static(if minor > 0 { "grant" } else { "refuse" }),
        reason: reason.clone(),
        proposer: it.by.id.clone(),
        role: it.by.role.clone(),
        arm: it.matter.arm.clone(),
        departure: Some(reason.clone()),
        error_rule: None,
        overturned: 0,
        replaced_by: None,
        ..old.clone()
    });
    txn.put(&DecisionRow {
        replaced_by: Some(id),
        ..old
    });
    let exposure = norms::exposure(txn, &it.matter, &it.gives, &it.by.id)?;
    norms::departed(txn, it, id)?;
    let details = json!({
        "replaces": it.decision,
        "by": it.by,
        "approver": it.approver,
        "gives": it.gives,
        "reason": reason,
        "evidence": it.evidence,
        "exposure": exposure,
    });
    let mut done = Done::new("overridden", Some(id), &details);
    done.entries = changed;
    done.escalations = closed;
    Ok(done)
}

/// Where like cases are compared, a departure takes somebody above who proposes it, and the
/// policy's owner once the budget is spent.
fn within_budget(txn: &mut Txn<'_>, it: &Override) -> Result<(), Stop> {
    let guardrails = &it.matter.guardrails;
    let Some(fairness) = &guardrails.fairness else {
        return Ok(());
    };
    let role = it.approver.role.clone();
    if guardrails.holds(&it.by.role, &role) {
        return Err(Refused::NotAuthorized { role }.into());
    }
    if let Some(budget) = &fairness.departures
        && norms::departures(txn, &it.matter, &it.by.id)? >= budget.times
        && !guardrails.holds(&role, &budget.owner)
    {
        let owner = budget.owner.clone();
        return Err(Refused::DepartureBudgetSpent { owner }.into());
    }
    Ok(())
}

pub(super) fn overturn(txn: &mut Txn<'_>, it: &Overturn) -> Result<Done, Stop> {
    let row = find(txn, it.decision)?;
    if row.overturned != 0 {
        return Err(Refused::AlreadyDone.into());
    }
    let (closed, ended) = queue::give_way(txn, it.decision, &it.by)?;
    txn.put(&DecisionRow {
        overturned: 1,
        ..row
    });
    norms::turn(txn, it.decision, NormState::Overturned)?;
    let mut done = Done::new("overturned", Some(it.decision), it);
    (done.escalations, done.entries) = (closed, ended);
    Ok(done)
}

pub(super) fn mark_error(txn: &mut Txn<'_>, it: &MarkError) -> Result<Done, Stop> {
    let row = find(txn, it.decision)?;
    if row.error_rule.is_some() {
        return Err(Refused::AlreadyDone.into());
    }
    // Nobody takes their own payment out of the norm.
    let known: Option<NormRow> = txn.get(&[it.decision.to_cell()])?;
    if known.is_some() && row.proposer == it.by {
        return Err(Refused::ApproverIsProposer.into());
    }
    txn.put(&DecisionRow {
        error_rule: Some(it.rule.clone()),
        ..row
    });
    norms::turn(txn, it.decision, NormState::Error)?;
    Ok(Done::new("marked_error", Some(it.decision), it))
}
