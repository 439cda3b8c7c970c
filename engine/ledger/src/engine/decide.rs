//! `decide`: the kernel inside the transaction, then everything that follows from it.

use redress_kernel::guardrails::Warning;
use redress_kernel::{Decision, inputs_digest};
use redress_log::Draft;
use redress_model::{Actor, Code, Reason};
use smol_str::SmolStr;

use super::judge::{COUNTER, Judged, Proposed, counted, counts, judge};
use super::txn::Txn;
use super::{Booked, Done, Stop, books, entries, norms, on_record, queue};
use crate::accounts::{LimitRef, counter, limits, reason_counter};
use crate::command::{Decide, Matter};
use crate::rows::{CountedRow, DecisionRow, EntryRow, EntryState};

pub(super) fn decide(txn: &mut Txn<'_>, it: &Decide) -> Result<Done, Stop> {
    let Decide {
        matter,
        proposal,
        warnings,
        actor,
    } = it;
    let limits = limits(matter, &actor.id);
    widen(txn, matter, &limits);
    let proposed = Proposed {
        proposal,
        warnings: *warnings,
    };
    let judged = judge(txn, matter, &proposed, actor, &limits, Vec::new())?;
    let warned = warn(txn, matter, &judged.decision)?;
    let id = txn.next_seq();
    let row = decision_row(txn, matter, actor, &judged, id);
    let mut promised = Vec::with_capacity(judged.entries.len());
    for entry in judged.entries.iter().cloned() {
        let expires_at = match entry.state {
            EntryState::Granted => entries::expiry(txn, matter, entry.ground),
            _ => None,
        };
        let entry = EntryRow {
            decision: id,
            expires_at,
            ..entry
        };
        let policy = &matter.guardrails.release.name;
        promised.push(entries::promise(txn, &limits, policy, entry)?);
    }
    let raised = warned.contains(&Warning::Repeats.code());
    let escalations = queue::open_all(txn, matter, &judged.decision, &row, &promised, raised);
    txn.put(&row);
    norms::record(txn, matter, &judged, &row)?;
    let booked = Booked {
        entries: promised.iter().map(|entry| entry.id).collect(),
        escalations: &escalations,
        warnings: &warned,
        ..Booked::new(matter)
    };
    let (seed, sealing) = (txn.next_seed(), matter.schema.sealing());
    let record = on_record(txn, matter, actor, &judged, &booked, |record| {
        Draft::decision(record, sealing, seed)
    })?;
    let mut done = Done::new("decided", Some(id), &());
    done.record = record;
    done.did = Code::new(judged.decision.outcome().name()).unwrap_or(done.did);
    done.entries = promised;
    done.escalations = escalations;
    done.warnings = warned;
    Ok(done)
}

/// Keeps the keys of requests for as long as a limit or a warning counts what a case brings.
pub(super) fn widen(txn: &mut Txn<'_>, matter: &Matter, limits: &[LimitRef]) {
    let guardrails = &matter.guardrails;
    let limits = limits.iter().filter_map(|limit| limit.window_days);
    let warnings = guardrails.ledger.warnings.iter();
    let days = limits.chain(warnings.map(|rule| rule.window_days));
    days.for_each(|days| txn.widen(days));
}

/// The row of a decision.
pub(super) fn decision_row(
    txn: &Txn<'_>,
    matter: &Matter,
    actor: &Actor,
    judged: &Judged,
    id: u64,
) -> DecisionRow {
    let (envelope, release) = (&matter.case.envelope, &matter.guardrails.release);
    let standing = &judged.standing;
    DecisionRow {
        id,
        at: txn.now(),
        case_id: envelope.id.clone(),
        event: envelope.event.clone(),
        claimant: envelope.claimant.id.clone(),
        incident_date: envelope.incident_date,
        policy: release.name.clone(),
        version: release.version.clone(),
        release_digest: release.digest,
        outcome: SmolStr::new_static(judged.decision.outcome().name()),
        reason: first_reason(&judged.decision),
        proposer: actor.id.clone(),
        role: actor.role.clone(),
        team: matter.team.clone(),
        campaign: matter.campaign.clone(),
        arm: matter.arm.clone(),
        inputs_digest: inputs_digest(release, &matter.case, actor, standing, txn.now()),
        departure: None,
        error_rule: None,
        overturned: 0,
        replaced_by: None,
    }
}

fn first_reason(decision: &Decision) -> Code {
    let first = decision
        .reasons()
        .next()
        .map(|reason: &Reason| &reason.code);
    first.cloned().unwrap_or(Code::engine("none"))
}

/// Counts a case that is new and gives the warnings that it carries.
fn warn(txn: &mut Txn<'_>, matter: &Matter, decision: &Decision) -> Result<Vec<Code>, Stop> {
    let guardrails = &matter.guardrails;
    let rules = &guardrails.ledger.warnings;
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let others = counts(txn, matter)?;
    let mut warned = Vec::new();
    for (rule, others) in rules.iter().zip(others) {
        let days = Some(rule.window_days);
        let place = match rule.fills {
            Warning::HotReason => Some(reason_counter(guardrails, rule, &first_reason(decision))),
            Warning::Repeats | Warning::LikeCases | Warning::Burst => {
                counter(guardrails, rule, &matter.case)
            }
        };
        let Some((account, subject)) = place else {
            continue;
        };
        let others = match rule.fills {
            Warning::HotReason => books::load(txn, &account, &subject, days)?.used_minor,
            Warning::Repeats | Warning::LikeCases | Warning::Burst => others,
        };
        // A reason is counted with every decision, a case once: with the first that knows the
        // facts to count it by.
        let of_cases = rule.fills != Warning::HotReason;
        if !of_cases || counted(txn, matter, &account, &subject)?.is_none() {
            let place = books::Place {
                account: &account,
                subject: &subject,
                window_days: days,
                bound: COUNTER,
            };
            let bucket = books::book(txn, &place, 1)?;
            if of_cases {
                let case_id = matter.case.envelope.id.clone();
                txn.put(&CountedRow {
                    account,
                    subject,
                    case_id,
                    bucket,
                });
            }
        }
        let reached = rule
            .warns_from
            .is_some_and(|from| others >= i64::from(from).saturating_sub(1));
        let code = rule.fills.code();
        if reached && !warned.contains(&code) {
            warned.push(code);
        }
    }
    Ok(warned)
}
