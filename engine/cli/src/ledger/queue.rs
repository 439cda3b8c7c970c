//! `redress queue`: what waits for people.

use redress::ledger::command::{Extend, Refuse};
use redress::ledger::{Command, EntriesOf, Ledger, QueueOf};

use super::args::{QueueApproveArgs, QueueArgs, QueueCommand, QueueListArgs, QueueShowArgs};
use super::{LedgerError, again, apply, code, key, moment, one, open, person, tell};
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
                by: input::actor(&args.actor)?,
                reason: code(&args.reason)?,
            });
            apply(&args.request, command)
        }
        QueueCommand::Extend(args) => {
            let command = Command::Extend(Extend {
                escalation: args.escalation,
                by: person(&args.by)?,
                until: args.until,
            });
            apply(&args.request, command)
        }
    }
}

fn store(error: redress::ledger::StoreError) -> Failure {
    Failure::invalid(LedgerError::Store(error))
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
    let header = ["ID", "DUE", "OWNER", "REASON", "DECISION"].map(str::to_owned);
    let lines = rows.into_iter().map(|row| {
        let due = row
            .due_at
            .map_or_else(|| "-".to_owned(), |at| at.to_string());
        vec![
            row.id.to_string(),
            due,
            row.owner.to_string(),
            row.reason.to_string(),
            row.decision.to_string(),
        ]
    });
    let table: Vec<Vec<String>> = std::iter::once(header.to_vec()).chain(lines).collect();
    term::print(&term::columns(&table, 0))?;
    Ok(Exit::Ok)
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
    if let Some(chain) = &row.chain {
        line("chain", chain.to_string());
    }
    line("proposed by", row.proposer.to_string());
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
        let worth = redress_model::Money::new(entry.worth_minor, entry.currency);
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
    let ledger = open::to_write(&args.request.ledger, args.request.log_key.as_deref())?;
    let at = moment(args.request.as_of)?;
    let missing = LedgerError::Missing {
        what: "escalation",
        id: args.escalation,
    };
    let found = ledger.escalation(args.escalation).map_err(store)?;
    let (row, _) = found.ok_or_else(|| Failure::invalid(missing))?;
    let (release, matter) = again(&ledger, &args.policy, row.decision)?;
    let by = input::actor(&args.actor)?;
    let approval = release.approval(&ledger, args.escalation, matter, &by, at);
    let command = command(approval.map_err(store)?);
    let answered = one(&ledger, key(&args.request.key)?, command, at)?;
    tell(&answered, args.request.format)?;
    Ok(Exit::Ok)
}
