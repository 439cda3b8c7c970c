//! `redress ledger`: looks into a ledger, or copies it.

use redress::ledger::{EntriesOf, Ledger, StoreError, accounts};
use redress_ledger_sqlite::SqliteLedger;
use redress_model::{ActorId, ClaimantId, EventId, Money};

use super::args::{LedgerArgs, LedgerBackupArgs, LedgerCommand, LedgerShowArgs, Subject};
use super::{LedgerError, moment, open};
use crate::failure::{Exit, Failure};
use crate::term;

/// Runs `redress ledger`.
pub(crate) fn run(args: &LedgerArgs) -> Result<Exit, Failure> {
    match &args.what {
        LedgerCommand::Show(args) => show(args),
        LedgerCommand::Backup(args) => backup(args),
    }
}

fn store(error: StoreError) -> Failure {
    Failure::invalid(LedgerError::Store(error))
}

fn show(args: &LedgerShowArgs) -> Result<Exit, Failure> {
    let ledger = open::to_read(&args.ledger)?;
    let at = moment(args.as_of)?;
    let id = args.id.as_deref().unwrap_or_default();
    let (subject, entries) = match args.subject {
        Subject::Customer => {
            let id = ClaimantId::new(id).map_err(Failure::usage)?;
            (accounts::customer(&id), Some(EntriesOf::Claimant(id)))
        }
        Subject::Event => {
            let id = EventId::new(id).map_err(Failure::usage)?;
            (accounts::event(&id), Some(EntriesOf::Event(id)))
        }
        Subject::Agent => {
            let id = ActorId::new(id).map_err(Failure::usage)?;
            (accounts::agent(&id), None)
        }
        Subject::Budget => (accounts::EVERYONE, None),
    };
    let mut table: Vec<Vec<String>> = Vec::new();
    if let Some(of) = entries {
        for entry in ledger.entries(&of).map_err(store)? {
            let worth = Money::new(entry.worth_minor, entry.currency);
            table.push(vec![
                format!("entry {}", entry.id),
                worth.to_string(),
                entry.kind.to_string(),
                entry.state.name().to_owned(),
                entry.at.to_string(),
            ]);
        }
    }
    for row in ledger.accounts(&subject, at).map_err(store)? {
        let of = row
            .ceiling_minor
            .map_or_else(String::new, |most| format!("of {most}"));
        let window = row
            .window_days
            .map_or_else(String::new, |days| format!("in {days} days"));
        let used = row.used_minor.to_string();
        table.push(vec![
            row.account.to_string(),
            used,
            of,
            window,
            String::new(),
        ]);
    }
    if table.is_empty() {
        term::print("nothing is recorded\n")?;
    } else {
        term::print(&term::columns(&table, 0))?;
    }
    Ok(Exit::Ok)
}

fn backup(args: &LedgerBackupArgs) -> Result<Exit, Failure> {
    let Some(path) = args.ledger.file() else {
        let help = "`pg_dump` copies a schema of PostgreSQL as of one moment";
        return Err(Failure::usage(LedgerError::NotAFile).help(help));
    };
    let ledger = SqliteLedger::open_read_only(path).map_err(store)?;
    ledger.backup(&args.to).map_err(store)?;
    term::print(&format!("copied to {}\n", args.to.display()))?;
    Ok(Exit::Ok)
}
