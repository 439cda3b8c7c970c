//! Escalations: opened, refused, extended, climbed. Approval has a file of its own.

use redress_kernel::decision::ApprovalTerms;
use redress_kernel::{Decision, codes};
use redress_model::{Actor, ActorId, Assurance, Code};

use super::txn::Txn;
use super::{Done, Stop, entries, norms};
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::command::{Escalate, Extend, Matter, Refuse};
use crate::queue::{Rung, Wanted, from_text, ladder, to_text, wanted};
use crate::rows::{
    DecisionRow, EntryRow, EntryState, EscalationRow, EscalationState, Ground, Terms,
};
use crate::store::{Scan, StoreError, StoreFault};
use crate::table::Record as _;

/// Opens every escalation of a decision. A repeated complaint starts one rung up, with the
/// deadline that it has.
pub(super) fn open_all(
    txn: &mut Txn<'_>,
    matter: &Matter,
    decision: &Decision,
    row: &DecisionRow,
    promised: &[EntryRow],
    raised: bool,
) -> Vec<u64> {
    let guardrails = &matter.guardrails;
    // Where a lawful sum waits, nothing expires.
    let is_lawful =
        |entry: &EntryRow| entry.state == EntryState::Held && entry.ground == Ground::Statutory;
    let lawful_waits = promised.iter().any(is_lawful);
    let span = guardrails.ledger.approval_expires_after;
    let mut ids = Vec::new();
    for escalation in decision.escalations() {
        let rungs = ladder(escalation, decision, guardrails);
        let terms = match escalation.terms {
            ApprovalTerms::Discretionary => Terms::Discretionary,
            ApprovalTerms::Binding => Terms::Binding,
        };
        let expires = terms == Terms::Discretionary && !lawful_waits;
        let due = span.filter(|_| expires);
        let due = due.and_then(|span| guardrails.calendar.due(txn.now(), span));
        let mut opened = EscalationRow {
            id: txn.new_escalation(),
            decision: row.id,
            reason: escalation.reason.clone(),
            owner: escalation.owner.clone(),
            chain: escalation.chain.clone(),
            signatures: to_text(&wanted(escalation, guardrails)),
            terms,
            proposer: row.proposer.clone(),
            opened_at: txn.now(),
            due_at: escalation.deadline.map(|due| due.at),
            level: 0,
            ladder: to_text(&rungs),
            climbs_at: None,
            expires_at: due.map(|due| due.at),
            state: EscalationState::Open,
            closed_by: None,
            closed_at: None,
            opened_by: None,
        };
        if let (true, Some(rung)) = (raised, rungs.first()) {
            opened.owner = rung.owner.clone();
            opened.level = 1;
        }
        opened.climbs_at = climbs_at(&opened, &rungs);
        txn.put(&opened);
        ids.push(opened.id);
    }
    ids
}

/// When an escalation climbs next: at its deadline, while there is a rung above.
pub(super) fn climbs_at(row: &EscalationRow, rungs: &[Rung]) -> Option<redress_model::Timestamp> {
    let level = usize::try_from(row.level).unwrap_or(usize::MAX);
    row.due_at.filter(|_| level < rungs.len())
}

/// A list of an escalation that must read back.
pub(super) fn list<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Result<Vec<T>, StoreError> {
    let what = "a list of an escalation does not read back";
    from_text(text).ok_or_else(|| StoreError::new(StoreFault::Corrupt, what))
}

pub(super) fn find_open(txn: &mut Txn<'_>, id: u64) -> Result<EscalationRow, Stop> {
    let found: Option<EscalationRow> = txn.get(&[id.to_cell()])?;
    let row = found.ok_or(Refused::NoSuchEscalation { id })?;
    match row.state {
        EscalationState::Open => Ok(row),
        EscalationState::Approved | EscalationState::Refused | EscalationState::Expired => {
            Err(Refused::EscalationClosed.into())
        }
    }
}

/// The other escalations of a decision, those that somebody asked for by hand apart: they
/// change nothing of what is decided, and hold nothing up.
pub(super) fn siblings(txn: &mut Txn<'_>, own: &EscalationRow) -> Result<Vec<EscalationRow>, Stop> {
    let mut rows = of_decision(txn, own.decision)?;
    rows.retain(|row| row.id != own.id);
    Ok(rows)
}

/// What a decision itself asks of people.
fn of_decision(txn: &mut Txn<'_>, decision: u64) -> Result<Vec<EscalationRow>, Stop> {
    let of = vec![decision.to_cell()];
    let scan = Scan::new(EscalationRow::TABLE, &["decision"], of);
    let mut rows: Vec<EscalationRow> = txn.rows(&scan)?;
    rows.retain(|row| row.opened_by.is_none());
    Ok(rows)
}

/// Whether an entry waits for an escalation: for a second look what the law gives; for a
/// chain what is discretionary, and of the law what its claim gives to that chain; for somebody
/// who vouches for the actor all of it; for everything else what is discretionary, since
/// nothing but these holds back what the law gives.
pub(super) fn covers(row: &EscalationRow, entry: &EntryRow) -> bool {
    let lawful = entry.ground == Ground::Statutory;
    match (&row.chain, row.terms) {
        (_, Terms::Binding) => lawful,
        (Some(chain), Terms::Discretionary) => !lawful || entry.chain.as_ref() == Some(chain),
        (None, Terms::Discretionary) => !lawful || row.reason == codes::ACTOR_UNVERIFIED,
    }
}

/// Whether a reason is about discretionary sums alone.
pub(super) fn is_of_discretion(reason: &Code) -> bool {
    let reasons = [
        &codes::OVER_AUTHORITY,
        &codes::NO_AUTHORITY_ROW,
        &codes::OFFER_ABOVE_CORRIDOR,
        &codes::LINKED_RATE_DIFFERS,
        &codes::PRECEDENT_PAYS_MORE,
        &codes::CAP_SPENT,
        &codes::BUDGET_SPENT,
    ];
    reasons.into_iter().any(|code| code == reason)
}

/// Closes the discretionary escalations of a decision that have nothing left to decide, now
/// that some of what was held is not any more. A chain that was asked for no sum stays.
fn close_idle(
    txn: &mut Txn<'_>,
    open: &[EscalationRow],
    (before, after): (&[EntryRow], &[EntryRow]),
    state: EscalationState,
    by: Option<&ActorId>,
) -> Vec<u64> {
    let waits = |row: &EscalationRow, held: &[EntryRow]| held.iter().any(|own| covers(row, own));
    let idle = open.iter().filter(|row| {
        row.terms == Terms::Discretionary
            && !waits(row, after)
            && (row.chain.is_none() || waits(row, before))
    });
    idle.map(|row| {
        close(txn, row, state, by);
        row.id
    })
    .collect()
}

/// What is discretionary and held of a decision gives way to something else, and people
/// are not asked for it any more. Gives what was closed and what has ended.
pub(super) fn give_way(
    txn: &mut Txn<'_>,
    decision: u64,
    by: &ActorId,
) -> Result<(Vec<u64>, Vec<EntryRow>), Stop> {
    let mut open = of_decision(txn, decision)?;
    open.retain(|row| row.state == EscalationState::Open);
    let before = entries::in_state(txn, decision, EntryState::Held)?;
    let (lawful, rest): (Vec<_>, Vec<_>) = before
        .iter()
        .cloned()
        .partition(|entry| entry.ground == Ground::Statutory);
    let ended = rest
        .iter()
        .map(|entry| entries::end(txn, entry, EntryState::Voided));
    let ended = ended.collect::<Result<_, _>>()?;
    let state = EscalationState::Refused;
    let closed = close_idle(txn, &open, (&before, &lawful), state, Some(by));
    Ok((closed, ended))
}

pub(super) fn close(
    txn: &mut Txn<'_>,
    row: &EscalationRow,
    state: EscalationState,
    by: Option<&ActorId>,
) {
    txn.put(&EscalationRow {
        state,
        climbs_at: None,
        expires_at: None,
        closed_by: by.cloned(),
        closed_at: Some(txn.now()),
        ..row.clone()
    });
}

pub(super) fn escalate(txn: &mut Txn<'_>, it: &Escalate) -> Result<Done, Stop> {
    let id = it.decision;
    let found: Option<DecisionRow> = txn.get(&[id.to_cell()])?;
    let decision = found.ok_or(Refused::NoSuchDecision { id })?;
    let opened = EscalationRow {
        id: txn.new_escalation(),
        decision: id,
        reason: it.reason.clone(),
        owner: it.owner.clone(),
        chain: None,
        signatures: to_text::<Wanted>(&[]),
        terms: Terms::Discretionary,
        proposer: decision.proposer,
        opened_at: txn.now(),
        due_at: it.due_at,
        level: 0,
        ladder: to_text::<Rung>(&[]),
        climbs_at: None,
        expires_at: None,
        state: EscalationState::Open,
        closed_by: None,
        closed_at: None,
        opened_by: Some(it.by.clone()),
    };
    txn.put(&opened);
    let mut done = Done::new("escalated", Some(id), it);
    done.escalations.push(opened.id);
    Ok(done)
}

pub(super) fn refuse(txn: &mut Txn<'_>, it: &Refuse) -> Result<Done, Stop> {
    let row = find_open(txn, it.escalation)?;
    if row.terms == Terms::Binding {
        return Err(Refused::Binding.into());
    }
    // Whoever proposed may take it back, and not judge what somebody else says of it.
    if row.opened_by.is_some() && it.by.id == row.proposer {
        return Err(Refused::ApproverIsProposer.into());
    }
    check_asked(&row, &it.by)?;
    let mut done = Done::new("refused", Some(row.decision), it);
    let by = Some(&it.by.id);
    let ended = end(txn, &row, EscalationState::Refused, EntryState::Refused, by)?;
    (done.escalations, done.entries) = ended;
    Ok(done)
}

/// Whether somebody is known and of a role that is asked; where no role is, anybody known.
fn check_asked(row: &EscalationRow, by: &Actor) -> Result<(), Stop> {
    if by.assurance != Assurance::Authenticated {
        return Err(Refused::ActorUnverified.into());
    }
    let wanted: Vec<Wanted> = list(&row.signatures)?;
    let mut holders = wanted.iter().flat_map(|wanted| &wanted.holders);
    if !wanted.is_empty() && !holders.any(|role| *role == by.role) {
        let role = by.role.clone();
        return Err(Refused::NotAuthorized { role }.into());
    }
    Ok(())
}

/// Ends an escalation without approval, and what was held for it: what is discretionary, and
/// of the law what its chain was to decide on. What else of the law waited for it goes on, to
/// those who still look at it or else to the customer. Others that have nothing left to decide
/// then close with it. One that was asked for by hand ends alone.
pub(super) fn end(
    txn: &mut Txn<'_>,
    row: &EscalationRow,
    state: EscalationState,
    entry_state: EntryState,
    by: Option<&ActorId>,
) -> Result<(Vec<u64>, Vec<EntryRow>), Stop> {
    close(txn, row, state, by);
    let mut closed = vec![row.id];
    if row.opened_by.is_some() {
        return Ok((closed, Vec::new()));
    }
    norms::ended(txn, row.decision)?;
    let mut open = siblings(txn, row)?;
    open.retain(|other| other.state == EscalationState::Open);
    let before = entries::in_state(txn, row.decision, EntryState::Held)?;
    let (mut after, mut changed) = (Vec::new(), Vec::new());
    for entry in &before {
        let goes_on = entry.ground == Ground::Statutory
            && (entry.chain.is_none() || entry.chain != row.chain);
        let waits = open.iter().any(|other| covers(other, entry));
        if (goes_on && waits) || (!goes_on && !covers(row, entry)) {
            after.push(entry.clone());
        } else if goes_on {
            let entry = EntryRow {
                state: EntryState::Granted,
                ..entry.clone()
            };
            txn.put(&entry);
            changed.push(entry);
        } else {
            changed.push(entries::end(txn, entry, entry_state)?);
        }
    }
    closed.extend(close_idle(txn, &open, (&before, &after), state, by));
    Ok((closed, changed))
}

pub(super) fn extend(txn: &mut Txn<'_>, it: &Extend) -> Result<Done, Stop> {
    let row = find_open(txn, it.escalation)?;
    // What the law gives is put off by nobody: it climbs.
    if row.terms == Terms::Binding {
        return Err(Refused::Binding.into());
    }
    if it.by.id == row.proposer {
        return Err(Refused::ApproverIsProposer.into());
    }
    check_asked(&row, &it.by)?;
    let before = row.due_at.unwrap_or(txn.now()).max(txn.now());
    let expired = row.expires_at.is_some_and(|at| it.until > at);
    if it.until <= before || expired {
        return Err(Refused::DeadlineNotLater.into());
    }
    let mut rungs: Vec<Rung> = list(&row.ladder)?;
    // The rungs above keep their distance.
    if let Some(due) = row.due_at {
        let later = it.until.seconds().saturating_sub(due.seconds());
        for rung in &mut rungs {
            rung.due_at = rung.due_at.plus_seconds(later).ok_or(Refused::OutOfRange)?;
        }
    }
    let mut row = EscalationRow {
        due_at: Some(it.until),
        ladder: to_text(&rungs),
        ..row
    };
    row.climbs_at = climbs_at(&row, &rungs);
    txn.put(&row);
    let mut done = Done::new("extended", Some(row.decision), it);
    done.escalations.push(row.id);
    Ok(done)
}

/// Climbs to the rung that answers now. `None` if its deadline has not passed.
pub(super) fn climb(txn: &mut Txn<'_>, row: &EscalationRow) -> Result<Code, Stop> {
    let rungs: Vec<Rung> = list(&row.ladder)?;
    let mut row = row.clone();
    while climbs_at(&row, &rungs).is_some_and(|at| at < txn.now()) {
        let level = usize::try_from(row.level).unwrap_or(usize::MAX);
        let Some(rung) = rungs.get(level) else {
            break;
        };
        row.owner = rung.owner.clone();
        row.due_at = Some(rung.due_at);
        row.level = row.level.saturating_add(1);
    }
    row.climbs_at = climbs_at(&row, &rungs);
    txn.put(&row);
    Ok(row.owner)
}
