//! `redress batch`: decides and reserves for a whole class, without a complaint.

mod account;
pub(crate) mod args;
mod rows;
mod sheet;
mod stop;

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use redress::Digest;
use redress::ledger::{Ledger, QueueOf, Refused, RequestKey};
use redress_kernel::codes;
use redress_model::{Actor, CaseId, Code, Timestamp};

use self::account::{Account, Came};
use self::args::BatchArgs;
use self::rows::Row;
use self::sheet::Sheet;
use self::stop::Stop;
use crate::failure::{Exit, Failure};
use crate::ledger::args::AnswerFormat;
use crate::ledger::open::Book;
use crate::ledger::{self, store};
use crate::{input, term};

/// Why a batch ends before its end.
#[derive(Debug, thiserror::Error)]
enum BatchError {
    /// What a case is decided on has changed since the batch decided it.
    #[error(
        "the batch {name} decided the case {id} before, with other facts, or with another actor, \
         team, campaign or release"
    )]
    Changed {
        /// The batch.
        name: Code,
        /// The case.
        id: CaseId,
    },
}

/// Everything that the rows have in common.
struct Batch<'a> {
    name: &'a Code,
    ledger: &'a Book,
    actor: &'a Actor,
    outside: (Option<&'a str>, Option<&'a str>),
    at: Timestamp,
}

/// Runs `redress batch`.
pub(crate) fn run(args: &BatchArgs) -> Result<Exit, Failure> {
    let stop = Stop::listen();
    let name = ledger::code(&args.name)?;
    let actor = input::actor(&args.actor)?;
    let engine = input::engine(None);
    let policy = engine.load_policy(&args.policy).map_err(Failure::invalid)?;
    input::warn_of_role(&actor, policy.releases().iter());
    let count = rows::check(&args.file, &policy)?;
    let sheet = args.account.as_ref();
    let sheet = sheet.map(|path| Sheet::begin(path, args)).transpose()?;
    let mut account = Account::new(&name, count, sheet)?;
    let ledger = ledger::open::to_begin(&args.ledger, args.log_key.as_deref())?;
    let at = ledger::moment_for(&ledger, args.as_of)?;
    let batch = Batch {
        name: &name,
        ledger: &ledger,
        actor: &actor,
        outside: (args.team.as_deref(), args.campaign.as_deref()),
        at,
    };
    let bar = bar(count);
    let (mut done, mut is_whole) = (0_u64, true);
    stop.after_a_row();
    rows::each(&args.file, &policy, |row| {
        is_whole = !stop.is_asked();
        if is_whole {
            batch.take(row, &mut account)?;
            done = done.saturating_add(1);
            bar.inc(1);
        }
        Ok(is_whole)
    })?;
    bar.finish_and_clear();
    if !is_whole {
        // Everything is closed before the end, which is as sudden as without all this.
        drop((account, ledger));
        term::tell(&interrupted(done, count, args));
        stop.end();
        return Ok(Exit::Internal);
    }
    account.finish()?;
    match args.format {
        AnswerFormat::Pretty => term::print(&account.pretty())?,
        AnswerFormat::Json => {
            let mut text = serde_json::to_vec(&account).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
    }
    Ok(if account.is_stopped() {
        Exit::Failed
    } else {
        Exit::Ok
    })
}

impl Batch<'_> {
    /// Decides a row, or tells that it is not reached.
    fn take(&self, row: Row<'_>, account: &mut Account) -> Result<(), Failure> {
        let envelope = row.case.envelope.clone();
        let (id, claimant) = (&envelope.id, &envelope.claimant.id);
        if account.is_stopped() {
            account.add(id, claimant, &Came::NotReached)?;
            return Ok(());
        }
        let matter = ledger::matter(row.release, row.case, self.outside)?;
        let (key, seed) = (self.key(id)?, ledger::seed()?);
        let (ledger, actor) = (self.ledger, self.actor);
        let reply = row
            .release
            .record(ledger, key, matter, actor, self.at, seed);
        match reply.map_err(store)? {
            Ok(answered) => {
                let answer = answered.answer;
                let decision = answer.decision.unwrap_or_default();
                let open = ledger.queue(&QueueOf::Decision(decision)).map_err(store)?;
                let spent = open.iter().find(|row| row.reason == codes::BUDGET_SPENT);
                let first = open.first().map(|row| row.reason.clone());
                let reason = match (spent, first) {
                    (Some(row), _) => row.reason.clone(),
                    (None, Some(first)) => first,
                    (None, None) => {
                        let row = ledger.decision(decision).map_err(store)?;
                        row.map_or(Code::engine("none"), |row| row.reason)
                    }
                };
                if spent.is_some() {
                    account.stop(id);
                }
                account.add(id, claimant, &Came::Decided(&answer, &reason))?;
                Ok(())
            }
            Err(Refused::KeyReused) => {
                let (name, id) = (self.name.clone(), id.clone());
                let help = "another name for the batch decides it anew";
                Err(Failure::invalid(BatchError::Changed { name, id }).help(help))
            }
            Err(refused) => {
                account.add(id, claimant, &Came::Refused(refused.code()))?;
                Ok(())
            }
        }
    }

    /// The key of a row: the same however often the batch runs.
    fn key(&self, id: &CaseId) -> Result<RequestKey, Failure> {
        let text = format!("batch {} {id}", self.name);
        match RequestKey::new(&text) {
            Some(key) => Ok(key),
            None => ledger::key(&format!("batch {}", Digest::of(text.as_bytes()))),
        }
    }
}

/// How far a batch came that somebody ended.
fn interrupted(done: u64, count: u64, args: &BatchArgs) -> String {
    let (done, count) = (term::grouped(done), term::grouped(count));
    let mut text = format!(
        "interrupted: {done} of {count} rows are done, and the same command goes on from there\n"
    );
    if let Some(path) = &args.account {
        let path = path.display();
        text.push_str(&format!("the account {path} is as it was before\n"));
    }
    text
}

/// A bar with remaining time on standard error, if that is a terminal.
fn bar(rows: u64) -> ProgressBar {
    if !term::shows_progress() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(rows);
    let template = if term::progress_columns() < 64 {
        "{pos} of {len} rows, {eta} left"
    } else {
        "{bar:24} {pos} of {len} rows, {eta} left"
    };
    // The template is a literal; with a bad one the default shows as well.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
