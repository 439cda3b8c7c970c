//! Entries: made of a decision, booked, settled, taken back.

use redress_kernel::limits::Bound;
use redress_kernel::{Decision, Payable, codes};
use redress_model::{Amount, Basis, Code, Currency, Timestamp};
use smol_str::SmolStr;

use super::txn::Txn;
use super::{Done, Stop, books};
use crate::accounts::{EVERYONE, LimitRef, statutory_account};
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::command::{Expire, Matter, Settle, Void};
use crate::rows::{ChargeRow, EntryRow, EntryState, Ground};
use crate::store::Scan;
use crate::table::Record as _;

/// The subjects of a limit; a limit that does not know them takes nothing.
pub(super) fn subjects(limit: &LimitRef) -> Result<&[SmolStr], Refused> {
    limit
        .subjects
        .as_deref()
        .ok_or_else(|| Refused::SubjectUnknown {
            name: limit.name.clone(),
        })
}

/// Sums of two currencies never add up.
pub(super) fn same_currency(limit: &LimitRef, currency: Currency) -> Result<(), Refused> {
    if limit.currency == currency {
        return Ok(());
    }
    let reason = codes::UNKNOWN_CURRENCY_LIMIT.clone();
    Err(Refused::StillEscalates { reason })
}

/// What a decision promises, without numbers: see [`promise`].
pub(super) fn of_decision(txn: &Txn<'_>, matter: &Matter, decision: &Decision) -> Vec<EntryRow> {
    let envelope = &matter.case.envelope;
    let remedies = decision.remedies().iter();
    let entries = remedies.filter_map(|remedy| {
        let worth = remedy.worth?;
        let (quantity, unit) = match &remedy.amount {
            Amount::Money(money) => (money.minor(), None),
            Amount::Units { unit, count } => (*count, Some(unit.clone())),
        };
        let ground = match &remedy.basis {
            Basis::Statutory(_) => Ground::Statutory,
            Basis::Contractual(_) => Ground::Contractual,
            Basis::Goodwill => Ground::Goodwill,
        };
        let state = match remedy.payable {
            Payable::Now => EntryState::Granted,
            Payable::OnApproval => EntryState::Held,
        };
        Some(EntryRow {
            id: 0,
            decision: 0,
            event: envelope.event.clone(),
            claimant: envelope.claimant.id.clone(),
            head: remedy.head.clone(),
            kind: remedy.kind.clone(),
            ground,
            claim: remedy.basis.claim().cloned(),
            quantity,
            unit,
            worth_minor: worth.minor(),
            currency: worth.currency(),
            state,
            at: txn.now(),
            expires_at: None,
            closed_at: None,
            chain: chain_of(matter, &remedy.basis),
        })
    });
    entries.collect()
}

/// The chain that the law's own claim names: without it, nobody is paid.
fn chain_of(matter: &Matter, basis: &Basis) -> Option<Code> {
    match basis {
        Basis::Statutory(code) => matter.guardrails.claim(code)?.approval.clone(),
        Basis::Contractual(_) | Basis::Goodwill => None,
    }
}

/// When a granted entry expires: a lawful sum never does.
pub(super) fn expiry(txn: &Txn<'_>, matter: &Matter, ground: Ground) -> Option<Timestamp> {
    let guardrails = &matter.guardrails;
    let span = guardrails.ledger.grant_expires_after?;
    match ground {
        Ground::Statutory => None,
        Ground::Contractual | Ground::Goodwill => {
            guardrails.calendar.due(txn.now(), span).map(|due| due.at)
        }
    }
}

/// Gives an entry its number, books it on every account that it touches and saves it.
pub(super) fn promise(
    txn: &mut Txn<'_>,
    limits: &[LimitRef],
    policy: &str,
    mut entry: EntryRow,
) -> Result<EntryRow, Stop> {
    if entry.id == 0 {
        entry.id = txn.new_entry();
    }
    if entry.ground == Ground::Statutory {
        let place = books::Place {
            account: &statutory_account(policy, entry.currency),
            subject: &EVERYONE,
            window_days: None,
            bound: Bound::Unlimited,
        };
        charge(txn, &entry, &place)?;
    } else if entry.worth_minor > 0 {
        for limit in limits
            .iter()
            .filter(|limit| limit.counts.contains(&entry.ground))
        {
            for subject in subjects(limit)? {
                let place = books::Place {
                    account: &limit.account,
                    subject,
                    window_days: limit.window_days,
                    bound: limit.bound(),
                };
                charge(txn, &entry, &place)?;
            }
        }
    }
    txn.put(&entry);
    Ok(entry)
}

fn charge(txn: &mut Txn<'_>, entry: &EntryRow, place: &books::Place<'_>) -> Result<(), Stop> {
    let bucket = books::book(txn, place, entry.worth_minor)?;
    txn.put(&ChargeRow {
        entry: entry.id,
        account: place.account.clone(),
        subject: place.subject.clone(),
        bucket,
        minor: entry.worth_minor,
    });
    Ok(())
}

/// What an entry uses of accounts.
pub(super) fn charges(txn: &mut Txn<'_>, entry: u64) -> Result<Vec<ChargeRow>, Stop> {
    let by = &["entry", "account", "subject"];
    let scan = Scan::new(ChargeRow::TABLE, by, vec![entry.to_cell()]);
    Ok(txn.rows(&scan)?)
}

/// Takes back what an entry uses of accounts.
pub(super) fn unbook(txn: &mut Txn<'_>, entry: u64) -> Result<(), Stop> {
    for charge in charges(txn, entry)? {
        books::unbook(txn, &charge)?;
    }
    Ok(())
}

/// Ends an entry and releases what it reserved.
pub(super) fn end(
    txn: &mut Txn<'_>,
    entry: &EntryRow,
    state: EntryState,
) -> Result<EntryRow, Stop> {
    unbook(txn, entry.id)?;
    let entry = EntryRow {
        state,
        expires_at: None,
        closed_at: Some(txn.now()),
        ..entry.clone()
    };
    txn.put(&entry);
    Ok(entry)
}

/// The entries of a decision in one state.
pub(super) fn in_state(
    txn: &mut Txn<'_>,
    decision: u64,
    state: EntryState,
) -> Result<Vec<EntryRow>, Stop> {
    let scan = Scan::new(EntryRow::TABLE, &["decision"], vec![decision.to_cell()]);
    let mut rows: Vec<EntryRow> = txn.rows(&scan)?;
    rows.retain(|row| row.state == state);
    Ok(rows)
}

fn find(txn: &mut Txn<'_>, id: u64) -> Result<EntryRow, Stop> {
    let found: Option<EntryRow> = txn.get(&[id.to_cell()])?;
    Ok(found.ok_or(Refused::NoSuchEntry { id })?)
}

fn is_over(txn: &Txn<'_>, entry: &EntryRow) -> bool {
    entry.expires_at.is_some_and(|at| at < txn.now())
}

pub(super) fn settle(txn: &mut Txn<'_>, it: &Settle) -> Result<Done, Stop> {
    let entry = find(txn, it.entry)?;
    match entry.state {
        EntryState::Granted if is_over(txn, &entry) => {
            return Err(Refused::ReservationExpired.into());
        }
        EntryState::Granted => {}
        EntryState::Held => return Err(Refused::AwaitsApproval.into()),
        EntryState::Expired => return Err(Refused::ReservationExpired.into()),
        state @ (EntryState::Settled | EntryState::Voided | EntryState::Refused) => {
            return Err(Refused::EntryClosed { state }.into());
        }
    }
    let entry = EntryRow {
        state: EntryState::Settled,
        expires_at: None,
        closed_at: Some(txn.now()),
        ..entry
    };
    txn.put(&entry);
    let mut done = Done::new("settled", Some(entry.decision), it);
    done.entries.push(entry);
    Ok(done)
}

pub(super) fn void(txn: &mut Txn<'_>, it: &Void) -> Result<Done, Stop> {
    let entry = find(txn, it.entry)?;
    match entry.state {
        // Nobody takes what the law gives out of the hands of those who look at it.
        EntryState::Held if entry.ground == Ground::Statutory => {
            return Err(Refused::Binding.into());
        }
        EntryState::Granted | EntryState::Held => {}
        EntryState::Expired => return Err(Refused::ReservationExpired.into()),
        state @ (EntryState::Settled | EntryState::Voided | EntryState::Refused) => {
            return Err(Refused::EntryClosed { state }.into());
        }
    }
    let entry = end(txn, &entry, EntryState::Voided)?;
    let mut done = Done::new("voided", Some(entry.decision), it);
    done.entries.push(entry);
    Ok(done)
}

pub(super) fn expire(txn: &mut Txn<'_>, it: &Expire) -> Result<Done, Stop> {
    let entry = find(txn, it.entry)?;
    match entry.state {
        EntryState::Granted if is_over(txn, &entry) => {}
        EntryState::Granted | EntryState::Held => return Err(Refused::NotDue.into()),
        state @ (EntryState::Settled
        | EntryState::Voided
        | EntryState::Refused
        | EntryState::Expired) => return Err(Refused::EntryClosed { state }.into()),
    }
    let entry = end(txn, &entry, EntryState::Expired)?;
    let mut done = Done::new("expired", Some(entry.decision), it);
    done.entries.push(entry);
    Ok(done)
}
