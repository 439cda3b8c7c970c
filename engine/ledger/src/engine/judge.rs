//! The kernel's decision on the standing of the moment, held against every limit.

use redress_kernel::guardrails::Warning;
use redress_kernel::limits::{Bound, Used};
use redress_kernel::{Decision, decide};
use redress_model::standing::Sum;
use redress_model::{Actor, ActorId, Fault, Money, Paid, Proposal, Standing, Sums, Warnings};
use smol_str::SmolStr;
use std::collections::BTreeMap;

use super::txn::Txn;
use super::{Stop, books, entries, norms};
use crate::accounts::{self, LimitRef, counter};
use crate::answer::Refused;
use crate::cell::Field as _;
use crate::command::Matter;
use crate::rows::{ChargeRow, CountedRow, EntryRow};
use crate::store::Scan;
use crate::table::Record as _;

/// What of the ledger does not count for a standing.
#[derive(Debug, Default)]
pub(super) struct Skip {
    /// Entries that are not paid for the event: those that an approval is about.
    pub(super) entries: Vec<u64>,
    /// Charges that no limit counts: the event's own, which are subtracted once at the end.
    pub(super) charges: Vec<ChargeRow>,
    /// Accounts that count as used up.
    pub(super) spent: Vec<String>,
}

/// What a policy proposed, and the counts of warnings that it saw.
pub(super) struct Proposed<'p> {
    pub(super) proposal: &'p Result<Proposal, Fault>,
    pub(super) warnings: Warnings,
}

/// A decision with what it rests on.
pub(super) struct Judged {
    pub(super) decision: Decision,
    /// The decisions whose sums count as paid for the event, in order.
    pub(super) consulted: Vec<u64>,
    pub(super) standing: Standing,
    pub(super) entries: Vec<EntryRow>,
}

/// Decides on the standing of the moment, so that what is granted fits every limit.
///
/// The kernel works on the event's whole entitlement and subtracts what was paid for the
/// event at the end, so the event's own sums must not fill the limits as well. Where they
/// then do not fit, because something else was paid for the event, they do fill them.
pub(super) fn judge(
    txn: &mut Txn<'_>,
    matter: &Matter,
    proposed: &Proposed<'_>,
    actor: &Actor,
    limits: &[LimitRef],
    skip_entries: Vec<u64>,
) -> Result<Judged, Stop> {
    let live = live_entries(txn, matter)?;
    let own = live.iter().filter(|entry| {
        entry.claimant == matter.case.envelope.claimant.id && !skip_entries.contains(&entry.id)
    });
    let mut consulted: Vec<u64> = live
        .iter()
        .filter(|entry| !skip_entries.contains(&entry.id))
        .map(|entry| entry.decision)
        .collect();
    consulted.sort_unstable();
    consulted.dedup();
    let mut charges = Vec::new();
    for entry in own {
        charges.extend(entries::charges(txn, entry.id)?);
    }
    let mut skip = Skip {
        entries: skip_entries,
        charges,
        spent: Vec::new(),
    };
    loop {
        let standing = Standing {
            // The policy ran before the transaction: what it saw is what it rests on.
            warnings: proposed.warnings,
            ..standing(txn, matter, &actor.id, limits, &skip)?
        };
        let (case, guardrails) = (&matter.case, &matter.guardrails);
        let decision = decide(
            case,
            proposed.proposal.clone(),
            guardrails,
            &standing,
            actor,
            txn.now(),
        );
        let entries = entries::of_decision(txn, matter, &decision);
        match fits(txn, limits, &entries) {
            Ok(()) => {
                return Ok(Judged {
                    decision,
                    consulted,
                    standing,
                    entries,
                });
            }
            Err(Stop::Refused(Refused::LimitExceeded { account })) => {
                if !skip.charges.is_empty() {
                    skip.charges.clear();
                } else if skip.spent.contains(&account) {
                    return Err(Refused::LimitExceeded { account }.into());
                } else {
                    // The kernel knows sums and not how often: two things at once may be one
                    // too many. Then nothing is left, and a person decides.
                    skip.spent.push(account);
                }
            }
            Err(stop) => return Err(stop),
        }
    }
}

/// Whether the limits have room for entries.
pub(super) fn fits(
    txn: &mut Txn<'_>,
    limits: &[LimitRef],
    entries: &[EntryRow],
) -> Result<(), Stop> {
    let mut used: BTreeMap<(&SmolStr, &SmolStr), Used> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.worth_minor > 0) {
        for limit in limits
            .iter()
            .filter(|limit| limit.counts.contains(&entry.ground))
        {
            for subject in entries::subjects(limit)? {
                entries::same_currency(limit, entry.currency)?;
                let key = (&limit.account, subject);
                let before = match used.get(&key) {
                    Some(before) => *before,
                    None => books::used(&books::load(
                        txn,
                        &limit.account,
                        subject,
                        limit.window_days,
                    )?),
                };
                let after = before
                    .reserve(entry.worth_minor, limit.bound())
                    .map_err(|refusal| books::refused(refusal, &limit.account))?;
                used.insert(key, after);
            }
        }
    }
    Ok(())
}

/// What counts as promised or paid for the event of a case, in order.
pub(super) fn live_entries(txn: &mut Txn<'_>, matter: &Matter) -> Result<Vec<EntryRow>, Stop> {
    let event = matter.case.envelope.event.to_cell();
    let scan = Scan::new(EntryRow::TABLE, &["event"], vec![event]);
    let mut rows: Vec<EntryRow> = txn.rows(&scan)?;
    rows.retain(|row| row.state.counts());
    Ok(rows)
}

/// What bears on a case.
pub(super) fn standing(
    txn: &mut Txn<'_>,
    matter: &Matter,
    actor: &ActorId,
    limits: &[LimitRef],
    skip: &Skip,
) -> Result<Standing, Stop> {
    let live = live_entries(txn, matter)?;
    let paid = live
        .into_iter()
        .filter(|entry| !skip.entries.contains(&entry.id));
    let paid = paid.map(|entry| Paid {
        amount: Money::new(entry.worth_minor, entry.currency),
        beneficiary: entry.claimant,
        head: entry.head,
    });
    let paid = paid.collect();
    let (mut rolling, mut budgets, mut outside) = (Vec::new(), Vec::new(), Vec::new());
    for limit in limits {
        // A limit that does not know whose it is stays out, and the kernel escalates.
        let Some(subjects) = &limit.subjects else {
            continue;
        };
        if subjects.is_empty() {
            outside.push(limit.name.clone());
            continue;
        }
        let mut most = 0;
        for subject in subjects {
            let row = books::load(txn, &limit.account, subject, limit.window_days)?;
            let mut used = books::used(&row);
            let outside = limit.window().last_outside(row.head_bucket);
            let own = skip.charges.iter().filter(|charge| {
                charge.account == limit.account
                    && charge.subject == *subject
                    && charge.bucket > outside
            });
            for charge in own {
                used = used
                    .release(charge.minor, 1)
                    .map_err(|_| Refused::OutOfRange)?;
            }
            most = most.max(used.against(limit.bound()));
        }
        if skip.spent.iter().any(|account| *account == limit.account) {
            most = most.max(limit.limit_minor);
        }
        let sum = |minor| Sum {
            name: limit.name.clone(),
            amount: Money::new(minor, limit.currency),
        };
        if limit.window_days.is_some() {
            rolling.push(sum(most));
        } else {
            budgets.push(sum(limit.limit_minor.saturating_sub(most)));
        }
    }
    Ok(Standing {
        as_of_seq: txn.seq(),
        paid,
        rolling: Sums::Known(rolling),
        budgets: Sums::Known(budgets),
        warnings: warnings(txn, matter)?,
        outside,
        fairness: norms::likeness(txn, matter, actor)?,
    })
}

/// Whether, and when, a counter has counted the case.
pub(super) fn counted(
    txn: &mut Txn<'_>,
    matter: &Matter,
    account: &SmolStr,
    subject: &SmolStr,
) -> Result<Option<CountedRow>, Stop> {
    let case = matter.case.envelope.id.to_cell();
    Ok(txn.get(&[account.to_cell(), subject.to_cell(), case])?)
}

/// How many other cases each warning rule counts within its window, in order of the rules.
pub(super) fn counts(txn: &mut Txn<'_>, matter: &Matter) -> Result<Vec<i64>, Stop> {
    let rules = &matter.guardrails.ledger.warnings;
    let mut counts = Vec::with_capacity(rules.len());
    for rule in rules {
        let place = match rule.fills {
            Warning::HotReason => None,
            Warning::Repeats | Warning::LikeCases | Warning::Burst => {
                counter(&matter.guardrails, rule, &matter.case)
            }
        };
        let Some((account, subject)) = place else {
            counts.push(0);
            continue;
        };
        let days = Some(rule.window_days);
        let row = books::load(txn, &account, &subject, days)?;
        let span = accounts::window(days);
        let outside = span.last_outside(row.head_bucket);
        let counted = counted(txn, matter, &account, &subject)?;
        let own = i64::from(counted.is_some_and(|own| own.bucket > outside));
        counts.push(row.used_minor.saturating_sub(own).max(0));
    }
    Ok(counts)
}

fn warnings(txn: &mut Txn<'_>, matter: &Matter) -> Result<Warnings, Stop> {
    let counts = counts(txn, matter)?;
    let mut warnings = Warnings::default();
    for (rule, count) in matter.guardrails.ledger.warnings.iter().zip(counts) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let field = match rule.fills {
            Warning::Repeats => &mut warnings.repeats,
            Warning::LikeCases => &mut warnings.like_cases,
            Warning::Burst => &mut warnings.burst,
            Warning::HotReason => continue,
        };
        *field = (*field).max(count);
    }
    Ok(warnings)
}

/// A counter has no bound.
pub(super) const COUNTER: Bound = Bound::Unlimited;
