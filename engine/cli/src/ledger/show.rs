//! `redress ledger`: looks into a ledger, or copies it.

use redress::ledger::rows::AccountRow;
use redress::ledger::{EntriesOf, Ledger, accounts};
use redress_ledger_sqlite::SqliteLedger;
use redress_model::{ActorId, ClaimantId, Currency, EventId, Money};

use super::args::{LedgerArgs, LedgerBackupArgs, LedgerCommand, LedgerShowArgs, Subject};
use super::scene::Scene;
use super::{LedgerError, moment, open, store};
use crate::failure::{Exit, Failure};
use crate::term;

/// Runs `redress ledger`.
pub(crate) fn run(args: &LedgerArgs) -> Result<Exit, Failure> {
    match &args.what {
        LedgerCommand::Show(args) => show(args),
        LedgerCommand::Backup(args) => backup(args),
    }
}

/// The forms of a budget's subject, for whoever gave something else.
const SUBJECTS: &str = "\
a budget's subject is everyone, team:TEAM, campaign:CAMPAIGN, scene:SCENE with --policy, \
agent:ID, agent:ID>customer:ID, customer:ID, event:ID or linked:KIND:ID";

fn show(args: &LedgerShowArgs) -> Result<Exit, Failure> {
    let at = moment(args.as_of)?;
    let id = args.id.as_deref().unwrap_or_default();
    let scene = match (args.subject, &args.id) {
        (Subject::Budget, Some(id)) => Scene::named(id, args.policy.as_deref())?,
        _ => None,
    };
    if args.policy.is_some() && scene.is_none() {
        return Err(Failure::usage(LedgerError::NoScene).help(SUBJECTS));
    }
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
        Subject::Budget => {
            let subject = match (&scene, &args.id) {
                (Some(scene), _) => scene.subject(),
                (None, Some(id)) => {
                    accounts::subject(id).map_err(|error| Failure::usage(error).help(SUBJECTS))?
                }
                (None, None) => accounts::EVERYONE,
            };
            (subject, None)
        }
    };
    let ledger = open::to_read(&args.ledger)?;
    let mut promised = vec![line(["ENTRY", "SUM", "KIND", "STATE", "AT", "EVENT"])];
    if let Some(of) = entries {
        for entry in ledger.entries(&of).map_err(store)? {
            let worth = Money::new(entry.worth_minor, entry.currency);
            promised.push(line([
                &entry.id.to_string(),
                &worth.to_string(),
                entry.kind.as_str(),
                entry.state.name(),
                &entry.at.to_string(),
                entry.event.as_str(),
            ]));
        }
    }
    let mut limits = vec![line(["LIMIT", "USED", "OF", "TIMES", "WINDOW"])];
    let rows = ledger.accounts(&subject, at).map_err(store)?;
    let rows = rows.iter().filter(|row| match &scene {
        Some(scene) => scene.keeps(row),
        None => true,
    });
    limits.extend(rows.map(used));
    let tables = [promised, limits];
    let filled = tables.iter().filter(|table| table.len() > 1);
    let shown: Vec<String> = filled.map(|table| term::columns(table, 0)).collect();
    if shown.is_empty() {
        term::print("nothing is recorded\n")?;
    } else {
        term::print(&shown.join("\n"))?;
    }
    Ok(Exit::Ok)
}

fn line<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// What is used of a limit, or how often a warning was counted.
fn used(row: &AccountRow) -> Vec<String> {
    // The account of a limit ends in its currency, that of a warning in its name.
    let ends = row.account.rsplit_once(':');
    let money = ends.and_then(|(name, currency)| Some((name, Currency::new(currency).ok()?)));
    let amount = |minor: i64| match money {
        Some((_, currency)) => Money::new(minor, currency).to_string(),
        None => format!("{minor} cases"),
    };
    let times = match row.ceiling_times {
        Some(most) => format!("{} of {most}", row.used_times),
        None => row.used_times.to_string(),
    };
    let window = row.window_days.map(|days| format!("{days} days"));
    line([
        money.map_or(row.account.as_str(), |(name, _)| name),
        &amount(row.used_minor),
        &row.ceiling_minor.map_or_else(none, amount),
        &times,
        &window.unwrap_or_else(none),
    ])
}

fn none() -> String {
    "-".to_owned()
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
