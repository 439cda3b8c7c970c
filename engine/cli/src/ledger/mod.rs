//! Commands that work on a ledger: `settle`, `void`, `override`, `queue`, `due`, `ledger`.

pub(crate) mod args;
pub(crate) mod open;
mod queue;
mod show;

use std::sync::Arc;

use redress::ledger::command::{Gives, Override, Settle, Sweep, Void};
use redress::ledger::rows::Ground;
use redress::ledger::{
    Answered, Command, Ledger, Matter, Personal, Refused, Replay, Reply, Request, RequestKey,
    StoreError,
};
use redress::{Case, Engine, Release};
use redress_model::admit::{AdmitLimits, RawCase};
use redress_model::{ActorId, Code, Money, Timestamp};

use self::args::{DueArgs, OverrideArgs, SettleArgs, VoidArgs};
pub(crate) use self::queue::run as queue;
pub(crate) use self::show::run as show;
use crate::args::EvalFormat;
use crate::failure::{Exit, Failure};
use crate::{clock, input, term};

/// Why a command on a ledger fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// The command is refused.
    #[error("{}: {_0}", _0.code())]
    Refused(Refused),
    /// A key or a name on the command line is not one.
    #[error("{found:?} is not {expected}")]
    Word {
        /// What was given.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// There is no such row.
    #[error("there is no {what} {id}")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Its number.
        id: u64,
    },
    /// The case of a decision was erased, or never kept.
    #[error("the case of decision {0} is not kept any more, so it cannot be decided again")]
    Erased(u64),
    /// No version of the policy made the decision.
    #[error("no version of this policy made decision {0}")]
    OtherRelease(u64),
    /// The clock of the machine stands outside the years that a decision may have.
    #[error("the machine's clock is wrong")]
    NoClock,
    /// No random bytes could be had.
    #[error("the system gives no random bytes")]
    NoRandom,
}

/// The moment of a command.
pub(crate) fn moment(given: Option<Timestamp>) -> Result<Timestamp, Failure> {
    let now = given.or_else(clock::now);
    now.ok_or_else(|| Failure::internal(LedgerError::NoClock))
}

/// A key from the command line.
pub(crate) fn key(text: &str) -> Result<RequestKey, Failure> {
    let expected = "a key of 1 to 128 characters";
    RequestKey::new(text).ok_or_else(|| word(text, expected))
}

fn word(found: &str, expected: &'static str) -> Failure {
    Failure::usage(LedgerError::Word {
        found: found.to_owned(),
        expected,
    })
}

fn code(text: &str) -> Result<Code, Failure> {
    Code::new(text).map_err(Failure::usage)
}

fn person(text: &str) -> Result<ActorId, Failure> {
    ActorId::new(text).map_err(Failure::usage)
}

/// A case for a ledger, with its team and campaign.
pub(crate) fn matter(
    release: &Release,
    case: Case,
    (team, campaign): (Option<&str>, Option<&str>),
) -> Result<Matter, Failure> {
    let mut matter = release.matter(case);
    matter.team = team.map(code).transpose()?;
    matter.campaign = campaign.map(code).transpose()?;
    Ok(matter)
}

/// The text of a case, kept apart under a salt so that it can be erased.
pub(crate) fn personal(text: &[u8]) -> Result<Personal, Failure> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|_| Failure::internal(LedgerError::NoRandom))?;
    Ok(Personal {
        salt,
        body: Arc::from(text),
    })
}

/// The answer, or why there is none.
pub(crate) fn answered(reply: Result<Reply, StoreError>) -> Result<Answered, Failure> {
    let reply = reply.map_err(|error| Failure::invalid(LedgerError::Store(error)))?;
    reply.map_err(|refused| Failure::invalid(LedgerError::Refused(refused)))
}

/// Shows an answer: to people in lines, to programs byte for byte as it is stored.
pub(crate) fn tell(answered: &Answered, format: EvalFormat) -> Result<(), Failure> {
    let answer = &answered.answer;
    if format == EvalFormat::Json {
        let mut text = answered.bytes.clone();
        text.push(b'\n');
        term::put(&text)?;
        return Ok(());
    }
    let again = match answered.replay {
        Replay::First => "",
        Replay::Again => " (the answer of before)",
    };
    let mut text = format!("{}{again}\n", answer.did);
    let mut line = |name: &str, value: String| text.push_str(&format!("  {name:<12}{value}\n"));
    line("record", format!("{} at {}", answer.seq, answer.at));
    if let Some(decision) = answer.decision {
        line("decision", decision.to_string());
    }
    for entry in &answer.entries {
        let shown = format!(
            "{}  {} {} {} ({})",
            entry.entry,
            entry.worth,
            entry.kind,
            entry.state.name(),
            entry.head
        );
        line("entry", shown);
    }
    for escalation in &answer.escalations {
        line("escalation", escalation.to_string());
    }
    for timer in &answer.timers {
        line("timer", timer.to_string());
    }
    for warning in &answer.warnings {
        line("warning", warning.to_string());
    }
    term::print(&text)?;
    Ok(())
}

/// Applies one command and shows its answer.
fn apply(request: &args::Request, command: Command) -> Result<Exit, Failure> {
    let ledger = open::to_write(&request.ledger)?;
    let key = key(&request.key)?;
    let at = moment(request.as_of)?;
    let reply = one(&ledger, key, command, at);
    tell(&answered(reply)?, request.format)?;
    Ok(Exit::Ok)
}

fn one(
    ledger: &dyn Ledger,
    key: RequestKey,
    command: Command,
    at: Timestamp,
) -> Result<Reply, StoreError> {
    let mut replies = ledger.apply(&[Request { key, command }], at)?;
    let none = || StoreError::new(redress::ledger::StoreFault::Io, "the ledger gave no reply");
    replies.pop().ok_or_else(none)
}

/// Runs `redress settle`.
pub(crate) fn settle(args: &SettleArgs) -> Result<Exit, Failure> {
    let command = Command::Settle(Settle { entry: args.entry });
    apply(&args.request, command)
}

/// Runs `redress void`.
pub(crate) fn void(args: &VoidArgs) -> Result<Exit, Failure> {
    let command = Command::Void(Void {
        entry: args.entry,
        by: person(&args.by)?,
        reason: code(&args.reason)?,
    });
    apply(&args.request, command)
}

/// Runs `redress override`.
pub(crate) fn depart(args: &OverrideArgs) -> Result<Exit, Failure> {
    let worth: Money = args.gives.parse().map_err(Failure::usage)?;
    let (_, matter) = {
        let ledger = open::to_read(&args.request.ledger)?;
        again(&ledger, &args.policy, args.decision)?
    };
    let evidence = args::evidence(args.evidence.as_ref()).map_err(Failure::invalid)?;
    let departure = Override {
        decision: args.decision,
        matter,
        by: input::actor(&args.actor)?,
        approver: input::actor(&args.approver)?,
        gives: Gives {
            kind: code(&args.kind)?,
            head: Code::engine("goodwill"),
            ground: Ground::Goodwill,
            claim: None,
            worth,
        },
        reason: args.reason.as_deref().map(code).transpose()?,
        evidence,
    };
    apply(&args.request, Command::Override(Box::new(departure)))
}

/// The case of a decision again, from what the ledger keeps of it, with its release.
fn again(
    ledger: &dyn Ledger,
    policy: &std::path::Path,
    decision: u64,
) -> Result<(Release, Matter), Failure> {
    let store = |error| Failure::invalid(LedgerError::Store(error));
    let missing = LedgerError::Missing {
        what: "decision",
        id: decision,
    };
    let found = ledger.decision(decision).map_err(store)?;
    let row = found.ok_or_else(|| Failure::invalid(missing))?;
    let kept = ledger.personal(decision).map_err(store)?;
    let erased = || Failure::invalid(LedgerError::Erased(decision));
    let text = kept.and_then(|row| row.body).ok_or_else(erased)?;
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let releases = input::releases(&engine, policy, None)?;
    let mut releases = releases.into_iter();
    let other = || Failure::invalid(LedgerError::OtherRelease(decision));
    let release = releases
        .find(|release| release.id().digest == row.release_digest)
        .ok_or_else(other)?;
    let raw = RawCase::read(&text, AdmitLimits::STANDARD).map_err(Failure::invalid)?;
    let case = raw.admit(release.schema()).map_err(Failure::invalid)?;
    let mut matter = release.matter(case);
    (matter.team, matter.campaign) = (row.team, row.campaign);
    Ok((release, matter))
}

/// Runs `redress due`.
pub(crate) fn due(args: &DueArgs) -> Result<Exit, Failure> {
    let ledger = open::to_write(&args.ledger)?;
    let at = moment(args.as_of)?;
    let (mut entries, mut escalations, mut timers) = (0_usize, 0_usize, 0_usize);
    loop {
        // A sweep is its own request: whoever sweeps again does only what is due again.
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(|_| Failure::internal(LedgerError::NoRandom))?;
        let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let command = Command::Due(Sweep { limit: 1_000 });
        let reply = one(&ledger, key(&format!("due {name}"))?, command, at);
        let answer = answered(reply)?.answer;
        if answer.did.as_str() == "nothing_due" {
            break;
        }
        entries = entries.saturating_add(answer.entries.len());
        escalations = escalations.saturating_add(answer.escalations.len());
        timers = timers.saturating_add(answer.timers.len());
    }
    term::print(&format!(
        "{entries} sums changed, {escalations} escalations moved, {timers} timers fired\n"
    ))?;
    Ok(Exit::Ok)
}
