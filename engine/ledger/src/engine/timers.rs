//! Timers: what is owed when a promise is broken, what is given after a quiet period.

use redress_kernel::inputs_digest;
use redress_model::{Assurance, Code, Money, Standing};
use serde_json::json;
use smol_str::SmolStr;

use super::approve::is_past;
use super::decide::widen;
use super::depart::may_give;
use super::judge::fits;
use super::txn::Txn;
use super::{Done, Stop, entries};
use crate::accounts::{LimitRef, limits};
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::command::{Activity, Approval, Clock, Gives, Keep, Promise};
use crate::queue::{Rung, Wanted, to_text};
use crate::rows::{
    DecisionRow, EntryRow, EntryState, EscalationRow, EscalationState, Ground, Terms, TimerKind,
    TimerRow, TimerState,
};
use crate::store::Scan;
use crate::table::Record as _;

/// Who decides what a timer gives.
const ENGINE: &str = "ledger";

pub(super) fn promise(txn: &mut Txn<'_>, it: &Promise) -> Result<Done, Stop> {
    if it.by.assurance != Assurance::Authenticated {
        return Err(Refused::ActorUnverified.into());
    }
    may_give(&it.matter, &it.gives, &it.by, txn.now())?;
    let (kind, due_at, quiet_seconds) = match it.clock {
        Clock::Breach(due) if due < txn.now() => return Err(Refused::DeadlineNotLater.into()),
        Clock::Breach(due) => (TimerKind::Breach, Some(due), None),
        Clock::Quiet(0) => return Err(Refused::OutOfRange.into()),
        Clock::Quiet(seconds) => {
            let seconds = i64::from(seconds);
            let due = txn.now().plus_seconds(seconds);
            (TimerKind::Quiet, due, Some(seconds))
        }
    };
    let touched = limits(&it.matter, &it.by.id);
    widen(txn, &it.matter, &touched);
    let (envelope, release) = (&it.matter.case.envelope, &it.matter.guardrails.release);
    let row = TimerRow {
        id: txn.new_timer(),
        kind,
        seq: txn.next_seq(),
        case_id: envelope.id.clone(),
        event: envelope.event.clone(),
        claimant: envelope.claimant.id.clone(),
        due_at: due_at.ok_or(Refused::OutOfRange)?,
        quiet_seconds,
        head: it.gives.head.clone(),
        gives: it.gives.kind.clone(),
        ground: it.gives.ground,
        claim: it.gives.claim.clone(),
        worth_minor: it.gives.worth.minor(),
        currency: it.gives.worth.currency(),
        limits: to_text(&touched),
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
    // A promise that no limit could ever take is none.
    for limit in touched
        .iter()
        .filter(|limit| limit.counts.contains(&row.ground))
    {
        if !entries::subjects(limit)?.is_empty() {
            entries::same_currency(limit, row.currency)?;
        }
    }
    txn.put(&row);
    let inputs = inputs_digest(
        release,
        &it.matter.case,
        &it.by,
        &Standing::fresh(),
        txn.now(),
    );
    let details = json!({
        "by": it.by,
        "case": envelope.id,
        "gives": it.gives,
        "due_at": row.due_at,
        "quiet_seconds": row.quiet_seconds,
        "inputs_digest": inputs,
    });
    let mut done = Done::new("promised", None, &details);
    done.timers.push(row.id);
    Ok(done)
}

pub(super) fn keep(txn: &mut Txn<'_>, it: &Keep) -> Result<Done, Stop> {
    let id = it.timer;
    let found: Option<TimerRow> = txn.get(&[id.to_cell()])?;
    let row = found.ok_or(Refused::NoSuchTimer { id })?;
    // Kept too late is broken, whether or not the sweep has come by.
    if row.state != TimerState::Running || row.due_at < txn.now() {
        return Err(Refused::TimerStopped.into());
    }
    txn.put(&TimerRow {
        state: TimerState::Kept,
        ..row
    });
    let mut done = Done::new("kept", None, it);
    done.timers.push(id);
    Ok(done)
}

pub(super) fn activity(txn: &mut Txn<'_>, it: &Activity) -> Result<Done, Stop> {
    let scan = Scan::new(TimerRow::TABLE, &["claimant"], vec![it.claimant.to_cell()]);
    let rows: Vec<TimerRow> = txn.rows(&scan)?;
    let mut done = Done::new("active", None, it);
    for row in rows {
        // A quiet period that is over before this activity fires all the same.
        let runs = row.state == TimerState::Running && row.due_at >= txn.now();
        let Some(seconds) = row.quiet_seconds.filter(|_| runs) else {
            continue;
        };
        let due_at = txn.now().plus_seconds(seconds).ok_or(Refused::OutOfRange)?;
        done.timers.push(row.id);
        txn.put(&TimerRow { due_at, ..row });
    }
    Ok(done)
}

/// What a timer owes now, as an entry of a decision: what was promised, less what was paid
/// for it. Nothing if all of it was.
fn owed(txn: &mut Txn<'_>, row: &TimerRow, decision: u64) -> Result<Option<EntryRow>, Stop> {
    let scan = Scan::new(EntryRow::TABLE, &["event"], vec![row.event.to_cell()]);
    let live: Vec<EntryRow> = txn.rows(&scan)?;
    let own = live.iter().filter(|entry| {
        entry.state.counts()
            && entry.claimant == row.claimant
            && entry.head == row.head
            && entry.currency == row.currency
    });
    let paid = own
        .map(|entry| entry.worth_minor)
        .fold(0, i64::saturating_add);
    let minor = row.worth_minor.saturating_sub(paid).max(0);
    Ok((minor > 0).then(|| EntryRow {
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
        at: txn.now(),
        expires_at: None,
        closed_at: None,
        chain: None,
    }))
}

/// The timer that became a decision, if one did.
pub(super) fn before(txn: &mut Txn<'_>, decision: &DecisionRow) -> Result<Option<TimerRow>, Stop> {
    if decision.role != Code::engine(ENGINE) {
        return Ok(None);
    }
    let of = vec![decision.event.to_cell()];
    let timers: Vec<TimerRow> = txn.rows(&Scan::new(TimerRow::TABLE, &["event"], of))?;
    let mut timers = timers.into_iter();
    Ok(timers.find(|row| row.fired == Some(decision.id)))
}

/// Gives what a fired timer still owes, now that somebody has approved it whose authority
/// covers it, if the limits have room by now.
pub(super) fn give(
    txn: &mut Txn<'_>,
    row: &TimerRow,
    decision: &DecisionRow,
    it: &Approval,
) -> Result<Done, Stop> {
    if row.ground != Ground::Statutory && is_past(decision) {
        return Err(Refused::AlreadyDone.into());
    }
    let decision = decision.id;
    let details = json!({ "by": it.by, "escalation": it.escalation });
    let mut done = Done::new("given", Some(decision), &details);
    done.escalations.push(it.escalation);
    let Some(entry) = owed(txn, row, decision)? else {
        return Ok(done);
    };
    let gives = Gives {
        kind: row.gives.clone(),
        head: row.head.clone(),
        ground: row.ground,
        claim: row.claim.clone(),
        worth: Money::new(entry.worth_minor, entry.currency),
    };
    may_give(&it.matter, &gives, &it.by, txn.now())?;
    let limits: Vec<LimitRef> = super::queue::list(&row.limits)?;
    if let Err(stop) = fits(txn, &limits, std::slice::from_ref(&entry)) {
        return Err(match stop {
            Stop::Refused(Refused::LimitExceeded { .. }) => {
                let reason = redress_kernel::codes::CAP_SPENT.clone();
                Refused::StillEscalates { reason }.into()
            }
            stop => stop,
        });
    }
    done.entries
        .push(entries::promise(txn, &limits, &row.policy, entry)?);
    Ok(done)
}

/// Gives what a timer owes, less what was paid for it, or calls its owner when a limit
/// leaves nothing. A decision and a record of its own. Fires once.
pub(super) fn fire(txn: &mut Txn<'_>, row: &TimerRow) -> Result<(Vec<EntryRow>, Vec<u64>), Stop> {
    let id = txn.next_seq();
    let limits: Vec<LimitRef> = super::queue::list(&row.limits)?;
    let (mut given, mut called) = (Vec::new(), Vec::new());
    let (mut outcome, mut reason) = ("grant", row.head.clone());
    let mut minor = 0;
    match owed(txn, row, id)? {
        None => (outcome, reason) = ("refuse", redress_kernel::codes::ALREADY_PAID.clone()),
        Some(entry) => match fits(txn, &limits, std::slice::from_ref(&entry)) {
            Ok(()) => {
                minor = entry.worth_minor;
                given.push(entries::promise(txn, &limits, &row.policy, entry)?);
            }
            Err(Stop::Refused(
                Refused::LimitExceeded { .. }
                | Refused::SubjectUnknown { .. }
                | Refused::StillEscalates { .. },
            )) => {
                (outcome, reason) = ("escalate", redress_kernel::codes::CAP_SPENT.clone());
                called.push(call_owner(txn, row, id, &reason)?);
            }
            Err(stop) => return Err(stop),
        },
    }
    let proposer = redress_model::ActorId::new(ENGINE).map_err(|_| Refused::OutOfRange)?;
    txn.put(&DecisionRow {
        id,
        at: txn.now(),
        case_id: row.case_id.clone(),
        event: row.event.clone(),
        claimant: row.claimant.clone(),
        incident_date: row.incident_date,
        policy: row.policy.clone(),
        version: row.version.clone(),
        release_digest: row.release_digest,
        outcome: SmolStr::new_static(outcome),
        reason,
        proposer,
        role: Code::engine(ENGINE),
        team: row.team.clone(),
        campaign: row.campaign.clone(),
        arm: None,
        inputs_digest: row.release_digest,
        departure: None,
        error_rule: None,
        overturned: 0,
        replaced_by: None,
    });
    txn.put(&TimerRow {
        state: TimerState::Fired,
        fired: Some(id),
        ..row.clone()
    });
    let numbers: Vec<u64> = given.iter().map(|entry| entry.id).collect();
    let details = json!({
        "timer": row.id,
        "owed_minor": row.worth_minor,
        "given_minor": minor,
        "currency": row.currency,
        "entries": numbers,
        "escalations": called,
    });
    txn.append(Code::engine("fired"), Some(id), details)?;
    Ok((given, called))
}

fn call_owner(
    txn: &mut Txn<'_>,
    row: &TimerRow,
    decision: u64,
    reason: &Code,
) -> Result<u64, Stop> {
    let opened = EscalationRow {
        id: txn.new_escalation(),
        decision,
        reason: reason.clone(),
        owner: row.owner.clone(),
        chain: None,
        signatures: to_text::<Wanted>(&[]),
        terms: Terms::Discretionary,
        proposer: redress_model::ActorId::new(ENGINE).map_err(|_| Refused::OutOfRange)?,
        opened_at: txn.now(),
        due_at: None,
        level: 0,
        ladder: to_text::<Rung>(&[]),
        climbs_at: None,
        expires_at: None,
        state: EscalationState::Open,
        closed_by: None,
        closed_at: None,
        opened_by: None,
    };
    txn.put(&opened);
    Ok(opened.id)
}
