//! Booking on accounts. The arithmetic is the kernel's; this loads what it needs and saves
//! what it gives.

use std::collections::BTreeMap;

use redress_kernel::limits::{Bound, Refusal, Used};
use smol_str::SmolStr;

use super::Stop;
use super::txn::Txn;
use crate::accounts::window;
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::rows::{AccountRow, BucketRow, ChargeRow};
use crate::store::Scan;
use crate::table::Record as _;

/// The account as of now: what has left the window since it was last looked at is taken off.
pub(super) fn load(
    txn: &mut Txn<'_>,
    account: &SmolStr,
    subject: &SmolStr,
    window_days: Option<u32>,
) -> Result<AccountRow, Stop> {
    let seen = txn.account(account, subject);
    if let Some(row) = seen.filter(|row| row.window_days == window_days) {
        return Ok(row.clone());
    }
    let span = window(window_days);
    let bucket = span.bucket(txn.now());
    let found: Option<AccountRow> = txn.get(&[account.to_cell(), subject.to_cell()])?;
    let row = match found {
        None => AccountRow {
            account: account.clone(),
            subject: subject.clone(),
            window_days,
            head_bucket: bucket,
            used_minor: 0,
            used_times: 0,
            ceiling_minor: None,
            ceiling_times: None,
        },
        Some(row) if row.window_days != window_days => {
            // A release changed the window, so the buckets are added up anew.
            let used = sum(txn, account, subject, span.last_outside(bucket), None)?;
            AccountRow {
                window_days,
                head_bucket: bucket,
                used_minor: used.minor,
                used_times: used.times,
                ..row
            }
        }
        Some(row) => {
            let (from, to) = (
                span.last_outside(row.head_bucket),
                span.last_outside(bucket),
            );
            let gone = if from < to {
                sum(txn, account, subject, from, Some(to))?
            } else {
                Used::default()
            };
            let used = used(&row).release(gone.minor, gone.times).map_err(fault)?;
            AccountRow {
                head_bucket: bucket.max(row.head_bucket),
                used_minor: used.minor,
                used_times: used.times,
                ..row
            }
        }
    };
    txn.keep_account(row.clone());
    Ok(row)
}

/// What an account has used.
pub(super) const fn used(row: &AccountRow) -> Used {
    Used {
        minor: row.used_minor,
        times: row.used_times,
    }
}

/// What was booked above one bucket and up to another.
fn sum(
    txn: &mut Txn<'_>,
    account: &SmolStr,
    subject: &SmolStr,
    above: i64,
    to: Option<i64>,
) -> Result<Used, Stop> {
    let by = &["account", "subject", "bucket"];
    let equal = vec![account.to_cell(), subject.to_cell()];
    let mut scan = Scan::new(BucketRow::TABLE, by, equal);
    if above > i64::MIN {
        scan = scan.above(above.to_cell());
    }
    if let Some(to) = to {
        scan = scan.to(to.to_cell());
    }
    let rows: Vec<BucketRow> = txn.rows(&scan)?;
    let mut buckets: BTreeMap<i64, BucketRow> =
        rows.into_iter().map(|row| (row.bucket, row)).collect();
    // What this command has booked already is not yet in the table.
    let own = txn.written::<BucketRow>().filter(|row| {
        row.account == *account
            && row.subject == *subject
            && row.bucket > above
            && to.is_none_or(|to| row.bucket <= to)
    });
    buckets.extend(own.map(|row| (row.bucket, row)));
    let mut total = Used::default();
    for row in buckets.into_values() {
        total.minor = total.minor.saturating_add(row.minor);
        total.times = total.times.saturating_add(row.times);
    }
    Ok(total)
}

/// Where a sum is booked.
pub(super) struct Place<'a> {
    pub(super) account: &'a SmolStr,
    pub(super) subject: &'a SmolStr,
    pub(super) window_days: Option<u32>,
    pub(super) bound: Bound,
}

/// Books a sum, if the bound allows it, and tells in which bucket.
pub(super) fn book(txn: &mut Txn<'_>, place: &Place<'_>, minor: i64) -> Result<i64, Stop> {
    let mut row = load(txn, place.account, place.subject, place.window_days)?;
    let used = used(&row);
    let next = used
        .reserve(minor, place.bound)
        .map_err(|refusal| refused(refusal, place.account))?;
    row.used_minor = next.minor;
    row.used_times = next.times;
    (row.ceiling_minor, row.ceiling_times) = match place.bound {
        Bound::AtMost { minor, times } => (Some(minor), times.map(i64::from)),
        Bound::Unlimited => (None, None),
    };
    let bucket = window(place.window_days).bucket(txn.now());
    change_bucket(txn, place.account, place.subject, bucket, minor, 1)?;
    // The bare bound, so that the row's check would stop a sum that the arithmetic let through.
    save(txn, row);
    Ok(bucket)
}

/// Takes a charge back: its bucket falls, and what is used if the bucket still counts.
pub(super) fn unbook(txn: &mut Txn<'_>, charge: &ChargeRow) -> Result<(), Stop> {
    let key = [charge.account.to_cell(), charge.subject.to_cell()];
    let days = match txn.account(&charge.account, &charge.subject) {
        Some(row) => row.window_days,
        None => {
            let row: Option<AccountRow> = txn.get(&key)?;
            row.and_then(|row| row.window_days)
        }
    };
    let mut row = load(txn, &charge.account, &charge.subject, days)?;
    if charge.bucket > window(days).last_outside(row.head_bucket) {
        let used = used(&row).release(charge.minor, 1).map_err(fault)?;
        row.used_minor = used.minor;
        row.used_times = used.times;
    }
    let less = charge.minor.checked_neg().ok_or(Refused::OutOfRange)?;
    change_bucket(
        txn,
        &charge.account,
        &charge.subject,
        charge.bucket,
        less,
        -1,
    )?;
    // Where a release has lowered the limit below what was used already, the row's check holds
    // what is used still, so that it can only fall.
    row.ceiling_minor = row.ceiling_minor.map(|most| most.max(row.used_minor));
    row.ceiling_times = row.ceiling_times.map(|most| most.max(row.used_times));
    save(txn, row);
    txn.remove::<ChargeRow>(vec![
        charge.entry.to_cell(),
        charge.account.to_cell(),
        charge.subject.to_cell(),
    ]);
    Ok(())
}

fn save(txn: &mut Txn<'_>, row: AccountRow) {
    txn.put(&row);
    txn.keep_account(row);
}

fn change_bucket(
    txn: &mut Txn<'_>,
    account: &SmolStr,
    subject: &SmolStr,
    bucket: i64,
    minor: i64,
    times: i64,
) -> Result<(), Stop> {
    let key = [account.to_cell(), subject.to_cell(), bucket.to_cell()];
    let row: Option<BucketRow> = txn.get(&key)?;
    let (had_minor, had_times) = row.map_or((0, 0), |row| (row.minor, row.times));
    let sums = had_minor
        .checked_add(minor)
        .zip(had_times.checked_add(times));
    let (minor, times) = sums.ok_or(Refused::OutOfRange)?;
    txn.put(&BucketRow {
        account: account.clone(),
        subject: subject.clone(),
        bucket,
        minor,
        times,
    });
    Ok(())
}

pub(super) fn refused(refusal: Refusal, account: &SmolStr) -> Refused {
    match refusal {
        Refusal::Exceeded => Refused::LimitExceeded {
            account: account.to_string(),
        },
        Refusal::OutOfRange => Refused::OutOfRange,
    }
}

fn fault(_: Refusal) -> Stop {
    Stop::Refused(Refused::OutOfRange)
}
