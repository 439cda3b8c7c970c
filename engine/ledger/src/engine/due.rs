//! The sweep: whatever is due as of the ledger's time, each thing once.
//!
//! Whoever sweeps does it inside the one writer's transaction, and what was done is no longer
//! found by the next sweep; so any number of sweepers do each thing exactly once.

use redress_model::Code;
use serde_json::json;

use super::txn::Txn;
use super::{Done, Stop, entries, queue, timers, to_value};
use crate::answer::Refused;
use crate::cell::{Cell, Field as _};
use crate::command::Sweep;
use crate::rows::{
    EntryRow, EntryState, EscalationRow, EscalationState, RequestRow, TimerRow, TimerState,
};
use crate::store::Scan;
use crate::table::{Record, Table};

/// The most things that one sweep does.
const SWEEP_MAX: u32 = 10_000;

pub(super) fn sweep(txn: &mut Txn<'_>, it: &Sweep) -> Result<Done, Stop> {
    if !(1..=SWEEP_MAX).contains(&it.limit) {
        return Err(Refused::OutOfRange.into());
    }
    let mut left = it.limit;
    let mut done = Done::new("swept", None, &to_value(it));
    // One kind of thing each sweep: what one does, another would not see before it is saved.
    expire_entries(txn, &mut left, &mut done)?;
    if left == it.limit {
        expire_escalations(txn, &mut left, &mut done)?;
    }
    if left == it.limit {
        climb(txn, &mut left, &mut done)?;
    }
    if left == it.limit {
        fire(txn, &mut left, &mut done)?;
    }
    if left == it.limit {
        forget_keys(txn, left)?;
        done.did = Code::engine("nothing_due");
    }
    Ok(done)
}

/// Rows in a state whose time has passed, the earliest first.
fn overdue<R: Record>(
    txn: &mut Txn<'_>,
    table: &'static Table,
    by: &'static [&'static str],
    state: Cell,
    limit: u32,
) -> Result<Vec<R>, Stop> {
    let before = txn.now().seconds().saturating_sub(1);
    let scan = Scan::new(table, by, vec![state])
        .to(Cell::Int(before))
        .limit(limit);
    Ok(txn.rows(&scan)?)
}

fn expire_entries(txn: &mut Txn<'_>, left: &mut u32, done: &mut Done) -> Result<(), Stop> {
    let state = EntryState::Granted.to_cell();
    let by = &["state", "expires_at"];
    let rows: Vec<EntryRow> = overdue(txn, EntryRow::TABLE, by, state, *left)?;
    for entry in rows {
        let entry = entries::end(txn, &entry, EntryState::Expired)?;
        let details = json!({ "entry": entry.id });
        txn.append(Code::engine("expired"), Some(entry.decision), details)?;
        done.entries.push(entry);
        *left = left.saturating_sub(1);
    }
    Ok(())
}

fn expire_escalations(txn: &mut Txn<'_>, left: &mut u32, done: &mut Done) -> Result<(), Stop> {
    let state = EscalationState::Open.to_cell();
    let by = &["state", "expires_at"];
    let rows: Vec<EscalationRow> = overdue(txn, EscalationRow::TABLE, by, state, *left)?;
    let mut decisions = Vec::new();
    for row in rows {
        // One that expires takes the other discretionary ones of its decision with it.
        if decisions.contains(&row.decision) {
            continue;
        }
        decisions.push(row.decision);
        let (state, entry_state) = (EscalationState::Expired, EntryState::Expired);
        let (closed, changed) = queue::end(txn, &row, state, entry_state, None)?;
        let details = json!({ "escalations": closed });
        txn.append(
            Code::engine("approval_expired"),
            Some(row.decision),
            details,
        )?;
        done.escalations.extend(closed);
        done.entries.extend(changed);
        *left = left.saturating_sub(1);
    }
    Ok(())
}

fn climb(txn: &mut Txn<'_>, left: &mut u32, done: &mut Done) -> Result<(), Stop> {
    let state = EscalationState::Open.to_cell();
    let by = &["state", "climbs_at"];
    let rows: Vec<EscalationRow> = overdue(txn, EscalationRow::TABLE, by, state, *left)?;
    for row in rows {
        let owner = queue::climb(txn, &row)?;
        let details = json!({ "escalation": row.id, "owner": owner });
        txn.append(Code::engine("climbed"), Some(row.decision), details)?;
        done.escalations.push(row.id);
        *left = left.saturating_sub(1);
    }
    Ok(())
}

fn fire(txn: &mut Txn<'_>, left: &mut u32, done: &mut Done) -> Result<(), Stop> {
    let state = TimerState::Running.to_cell();
    let by = &["state", "due_at"];
    let rows: Vec<TimerRow> = overdue(txn, TimerRow::TABLE, by, state, *left)?;
    let mut events = Vec::new();
    for row in rows {
        // What was paid for an event is read before it is saved, so one timer of an event
        // each sweep.
        if events.contains(&row.event) {
            continue;
        }
        events.push(row.event.clone());
        let (given, called) = timers::fire(txn, &row)?;
        done.timers.push(row.id);
        done.entries.extend(given);
        done.escalations.extend(called);
        *left = left.saturating_sub(1);
    }
    Ok(())
}

/// Forgets keys that are older than the longest window: what they answered counts nowhere
/// any more.
fn forget_keys(txn: &mut Txn<'_>, limit: u32) -> Result<(), Stop> {
    let days = i64::from(txn.longest_window_days());
    if days == 0 {
        return Ok(());
    }
    let seconds = days.saturating_mul(redress_kernel::limits::BUCKET_SECONDS);
    let before = txn.now().seconds().saturating_sub(seconds);
    let scan = Scan::new(RequestRow::TABLE, &["at"], Vec::new())
        .to(Cell::Int(before.saturating_sub(1)))
        .limit(limit);
    let rows: Vec<RequestRow> = txn.rows(&scan)?;
    for row in rows {
        txn.remove::<RequestRow>(vec![row.key.to_cell()]);
    }
    Ok(())
}
