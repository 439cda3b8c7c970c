//! Escalations: opened, refused, extended, climbed. Approval has a file of its own.

use redress_kernel::Decision;
use redress_kernel::decision::ApprovalTerms;
use redress_model::{ActorId, Assurance, Code};

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

/// The other open escalations of a decision.
pub(super) fn others_open(
    txn: &mut Txn<'_>,
    own: &EscalationRow,
) -> Result<Vec<EscalationRow>, Stop> {
    let scan = Scan::new(
        EscalationRow::TABLE,
        &["decision"],
        vec![own.decision.to_cell()],
    );
    let mut rows: Vec<EscalationRow> = txn.rows(&scan)?;
    rows.retain(|row| row.id != own.id && row.state == EscalationState::Open);
    Ok(rows)
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
    };
    txn.put(&opened);
    let mut done = Done::new("escalated", Some(id), it);
    done.escalations.push(opened.id);
    Ok(done)
}

pub(super) fn refuse(txn: &mut Txn<'_>, it: &Refuse) -> Result<Done, Stop> {
    let row = find_open(txn, it.escalation)?;
    if it.by.assurance != Assurance::Authenticated {
        return Err(Refused::ActorUnverified.into());
    }
    if row.terms == Terms::Binding {
        return Err(Refused::Binding.into());
    }
    let wanted: Vec<Wanted> = list(&row.signatures)?;
    let holds = wanted
        .iter()
        .any(|wanted| wanted.holders.contains(&it.by.role));
    if !wanted.is_empty() && !holds {
        let role = it.by.role.clone();
        return Err(Refused::NotAuthorized { role }.into());
    }
    let mut done = Done::new("refused", Some(row.decision), it);
    let by = Some(&it.by.id);
    let ended = end(txn, &row, EscalationState::Refused, EntryState::Refused, by)?;
    (done.escalations, done.entries) = ended;
    Ok(done)
}

/// Ends an escalation without approval, with every other discretionary one of its decision,
/// and releases what they reserved. A lawful sum goes on: to those who still look at it, or
/// else to the customer, unless the chain that ends was to decide on the law itself.
pub(super) fn end(
    txn: &mut Txn<'_>,
    row: &EscalationRow,
    state: EscalationState,
    entry_state: EntryState,
    by: Option<&ActorId>,
) -> Result<(Vec<u64>, Vec<EntryRow>), Stop> {
    let others = others_open(txn, row)?;
    let binding = others.iter().any(|other| other.terms == Terms::Binding);
    let mut closed = vec![row.id];
    close(txn, row, state, by);
    norms::ended(txn, row.decision)?;
    for other in others
        .iter()
        .filter(|other| other.terms == Terms::Discretionary)
    {
        close(txn, other, state, by);
        closed.push(other.id);
    }
    let mut changed = Vec::new();
    for entry in entries::in_state(txn, row.decision, EntryState::Held)? {
        if entry.ground != Ground::Statutory || (row.chain.is_some() && !binding) {
            changed.push(entries::end(txn, &entry, entry_state)?);
        } else if !binding {
            let entry = EntryRow {
                state: EntryState::Granted,
                ..entry
            };
            txn.put(&entry);
            changed.push(entry);
        }
    }
    Ok((closed, changed))
}

pub(super) fn extend(txn: &mut Txn<'_>, it: &Extend) -> Result<Done, Stop> {
    let row = find_open(txn, it.escalation)?;
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
