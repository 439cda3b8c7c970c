//! `redress queue`: what waits for people.

use std::collections::BTreeMap;

use redress::ledger::command::{Extend, Refuse};
use redress::ledger::rows::{EntryRow, EntryState};
use redress::ledger::{Command, EntriesOf, Ledger, QueueOf};
use redress_model::{Currency, Money};

use super::args::{QueueApproveArgs, QueueArgs, QueueCommand, QueueListArgs, QueueShowArgs};
use super::{LedgerError, again, apply, code, key, moment_for, one, open, store, tell};
use crate::failure::{Exit, Failure};
use crate::{input, term};

/// Runs `redress queue`.
pub(crate) fn run(args: &QueueArgs) -> Result<Exit, Failure> {
    match &args.what {
        QueueCommand::List(args) => list(args),
        QueueCommand::Show(args) => show(args),
        QueueCommand::Approve(args) => approve(args, |it| Command::Approve(Box::new(it))),
        QueueCommand::Sign(args) => approve(args, |it| Command::Sign(Box::new(it))),
        QueueCommand::Refuse(args) => {
            let command = Command::Refuse(Refuse {
                escalation: args.escalation,
                by: input::person(&args.actor)?,
                reason: code(&args.reason)?,
            });
            apply(&args.request, command)
        }
        QueueCommand::Extend(args) => {
            let command = Command::Extend(Extend {
                escalation: args.escalation,
                by: input::person(&args.actor)?,
                until: args.until,
            });
            apply(&args.request, command)
        }
    }
}

fn list(args: &QueueListArgs) -> Result<Exit, Failure> {
    let ledger = open::to_read(&args.ledger)?;
    let of = match &args.owner {
        Some(owner) => QueueOf::Owner(code(owner)?),
        None => QueueOf::Open,
    };
    let mut rows = ledger.queue(&of).map_err(store)?;
    // The most urgent first; what has no deadline comes last.
    rows.sort_by_key(|row| (row.due_at.is_none(), row.due_at, row.id));
    if rows.is_empty() {
        term::print("nothing waits\n")?;
        return Ok(Exit::Ok);
    }
    let header = ["ID", "DUE", "OWNER", "REASON", "SUM", "CASE"];
    let mut table = vec![header.map(str::to_owned).to_vec()];
    for row in rows {
        let none = || "-".to_owned();
        let decided = ledger.decision(row.decision).map_err(store)?;
        let entries = ledger.entries(&EntriesOf::Decision(row.decision));
        table.push(vec![
            row.id.to_string(),
            row.due_at.map_or_else(none, |at| at.to_string()),
            row.owner.to_string(),
            row.reason.to_string(),
            held(&entries.map_err(store)?).unwrap_or_else(none),
            decided.map_or_else(none, |row| row.case_id.to_string()),
        ]);
    }
    term::print(&term::columns(&table, 0))?;
    Ok(Exit::Ok)
}

/// What of a decision is held until people have decided, one sum for each currency.
fn held(entries: &[EntryRow]) -> Option<String> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for entry in entries {
        if entry.state == EntryState::Held {
            let sum = sums.entry(entry.currency).or_default();
            *sum = sum.saturating_add(entry.worth_minor);
        }
    }
    let sums = sums.into_iter();
    let sums: Vec<String> = sums
        .map(|(currency, minor)| Money::new(minor, currency).to_string())
        .collect();
    (!sums.is_empty()).then(|| sums.join(" and "))
}

fn show(args: &QueueShowArgs) -> Result<Exit, Failure> {
    let ledger = open::to_read(&args.ledger)?;
    let missing = LedgerError::Missing {
        what: "escalation",
        id: args.escalation,
    };
    let found = ledger.escalation(args.escalation).map_err(store)?;
    let (row, signed) = found.ok_or_else(|| Failure::invalid(missing))?;
    let mut text = format!("escalation {}: {}\n", row.id, row.state.name());
    let mut line = |name: &str, value: String| text.push_str(&format!("  {name:<12}{value}\n"));
    line("reason", row.reason.to_string());
    line("owner", row.owner.to_string());
    if let Some(due) = row.due_at {
        line("due", due.to_string());
    }
    if let Some(expires) = row.expires_at {
        line("expires", expires.to_string());
    }
    if let Some(chain) = &row.chain {
        line("chain", chain.to_string());
    }
    line("proposed by", row.proposer.to_string());
    line("decision", row.decision.to_string());
    if let Some(of) = ledger.decision(row.decision).map_err(store)? {
        line("case", format!("{} of {}", of.case_id, of.claimant));
        line("release", format!("{} {}", of.policy, of.version));
    }
    for signature in signed {
        line(
            "signed",
            format!("{} as {}", signature.person, signature.role),
        );
    }
    let entries = ledger
        .entries(&EntriesOf::Decision(row.decision))
        .map_err(store)?;
    for entry in entries {
        let worth = Money::new(entry.worth_minor, entry.currency);
        let (id, kind, state) = (entry.id, entry.kind, entry.state.name());
        line("entry", format!("{id}  {worth} {kind} {state}"));
    }
    term::print(&text)?;
    Ok(Exit::Ok)
}

fn approve(
    args: &QueueApproveArgs,
    command: fn(redress::ledger::command::Approval) -> Command,
) -> Result<Exit, Failure> {
    let by = input::person(&args.actor)?;
    let ledger = open::to_write(&args.request.ledger, args.request.log_key.as_deref())?;
    let at = moment_for(&ledger, args.request.as_of)?;
    let missing = LedgerError::Missing {
        what: "escalation",
        id: args.escalation,
    };
    let found = ledger.escalation(args.escalation).map_err(store)?;
    let (row, _) = found.ok_or_else(|| Failure::invalid(missing))?;
    let (release, matter) = again(&ledger, &args.policy, row.decision)?;
    let approval = release.approval(&ledger, args.escalation, matter, &by, at);
    let command = command(approval.map_err(store)?);
    let answered = one(&ledger, key(&args.request.key)?, command, at)?;
    tell(&ledger, &answered, args.request.format)?;
    Ok(Exit::Ok)
}
