//! Commands that work on a ledger: `settle`, `void`, `override`, `queue`, `due`, `ledger`.

pub(crate) mod args;
pub(crate) mod open;
pub(crate) mod place;
mod queue;
mod scene;
mod show;

use redress::ledger::clock::Ahead;
use redress::ledger::command::{Gives, Override, Settle, Sweep, Void};
use redress::ledger::rows::{DecisionRow, Ground};
use redress::ledger::{
    Answered, Command, DecisionLog, Ledger, Matter, Refused, Replay, Reply, Request, RequestKey,
    Seed, Store, StoreError,
};
use redress::{Case, Release, Schema};
use redress_log::Record;
use redress_log::record::DECISION;
use redress_log::replay::Inputs;
use redress_model::admit::{AdmitLimits, RawCase};
use redress_model::{ActorId, Code, Money, Timestamp};

use self::args::{AnswerFormat, DueArgs, OverrideArgs, SettleArgs, VoidArgs};
pub(crate) use self::queue::run as queue;
pub(crate) use self::show::run as show;
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
    /// A policy was named, and no scene of it.
    #[error("--policy goes with scene:SCENE alone")]
    NoScene,
    /// A scene was named without its policy.
    #[error("scene {0:?} may be a scene of any policy")]
    SceneOfWhich(String),
    /// The policy has no such scene.
    #[error("the policy has no scene {0:?}")]
    SceneMissing(String),
    /// The versions of a policy have the scene at different places.
    #[error("the versions of the policy keep scene {0:?} under different numbers")]
    SceneMoved(String),
    /// The case of a decision was erased, or never kept.
    #[error("the case of decision {0} is not kept any more, so it cannot be decided again")]
    Erased(u64),
    /// No version of the policy made the decision.
    #[error("no version of this policy made decision {0}")]
    OtherRelease(u64),
    /// What only a file can have done to it was asked of a server.
    #[error("only a ledger in a file is copied this way")]
    NotAFile,
    /// The clock of the machine stands outside the years that a decision may have.
    #[error("the machine's clock is wrong")]
    NoClock,
    /// The clock of the machine is so far ahead of a ledger that somebody has to say it is right.
    #[error(
        "ledger_clock_ahead: this machine's clock says {}, which is {} days after the ledger's \
         time {}; a ledger's time never goes back",
        _0.at,
        _0.days(),
        _0.ledger
    )]
    ClockAhead(Ahead),
    /// No random bytes could be had.
    #[error("the system gives no random bytes")]
    NoRandom,
}

/// The moment of a command.
pub(crate) fn moment(given: Option<Timestamp>) -> Result<Timestamp, Failure> {
    let now = given.or_else(clock::now);
    now.ok_or_else(|| Failure::internal(LedgerError::NoClock))
}

/// The moment of a command that writes to a ledger. The machine's own clock is not taken where it
/// would end every window of the ledger's limits at once: somebody says that it is right.
pub(crate) fn moment_for(
    ledger: &dyn Store,
    given: Option<Timestamp>,
) -> Result<Timestamp, Failure> {
    let at = moment(given)?;
    match redress::ledger::clock::ahead(ledger, at).map_err(store)? {
        Some(ahead) if given.is_none() => {
            let told = "nothing has changed; if the clock is right, say so once with \
                        `redress due --ledger LEDGER --as-of now`, and if it is not, set it";
            Err(Failure::invalid(LedgerError::ClockAhead(ahead)).help(told))
        }
        _ => Ok(at),
    }
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

pub(crate) fn code(text: &str) -> Result<Code, Failure> {
    Code::new(text).map_err(Failure::usage)
}

pub(crate) fn person(text: &str) -> Result<ActorId, Failure> {
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

/// Fresh random bytes, which hide personal values in the log.
pub(crate) fn seed() -> Result<Seed, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Failure::internal(LedgerError::NoRandom))?;
    Ok(Seed::new(bytes))
}

/// The store failed.
pub(crate) fn store(error: StoreError) -> Failure {
    Failure::invalid(LedgerError::Store(error))
}

/// The answer, or why there is none.
pub(crate) fn answered(reply: Result<Reply, StoreError>) -> Result<Answered, Failure> {
    let reply = reply.map_err(store)?;
    reply.map_err(|refused| Failure::invalid(LedgerError::Refused(refused)))
}

/// Shows an answer: to people in lines, to programs byte for byte as it is stored.
pub(crate) fn tell(
    ledger: &dyn Ledger,
    answered: &Answered,
    format: AnswerFormat,
) -> Result<(), Failure> {
    let answer = &answered.answer;
    if format == AnswerFormat::Json {
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
        // What is about a decision of before is not what its reason was.
        let made = Some(answer.seq) == answer.decision;
        if let Some(row) = ledger.decision(decision).map_err(store)?.filter(|_| made) {
            line("reason", row.reason.to_string());
        }
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
    for id in &answer.escalations {
        let mut shown = id.to_string();
        if let Some((row, _)) = ledger.escalation(*id).map_err(store)? {
            shown.push_str(&format!("  {} for {}", row.reason, row.owner));
            if let Some(due) = row.due_at {
                shown.push_str(&format!(" by {due}"));
            }
        }
        line("escalation", shown);
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
pub(crate) fn apply(request: &args::Request, command: Command) -> Result<Exit, Failure> {
    let ledger = open::to_write(&request.ledger, request.log_key.as_deref())?;
    let key = key(&request.key)?;
    let at = moment_for(&ledger, request.as_of)?;
    let answered = one(&ledger, key, command, at)?;
    tell(&ledger, &answered, request.format)?;
    Ok(Exit::Ok)
}

fn one(
    ledger: &dyn Ledger,
    key: RequestKey,
    command: Command,
    at: Timestamp,
) -> Result<Answered, Failure> {
    let seed = seed()?;
    let replies = ledger.apply(&[Request { key, command, seed }], at);
    let none = || StoreError::new(redress::ledger::StoreFault::Io, "the ledger gave no reply");
    answered(replies.and_then(|mut replies| replies.pop().ok_or_else(none)))
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
    let (release, matter) = {
        let ledger = open::to_read(&args.request.ledger)?;
        again(&ledger, &args.policy, args.decision)?
    };
    let evidence = args::evidence(args.evidence.as_ref()).map_err(Failure::invalid)?;
    let departure = Override {
        decision: args.decision,
        matter,
        by: input::actor(&args.actor)?,
        approver: input::person(&args.approver)?,
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
    let done = apply(&args.request, Command::Override(Box::new(departure)));
    done.map_err(|failure| match failure.cause() {
        Some(LedgerError::Refused(Refused::NoReason | Refused::UnknownReason { .. })) => {
            failure.help(reasons(&release))
        }
        _ => failure,
    })
}

/// The reasons for which a release lets people depart from it, each with who approves.
fn reasons(release: &Release) -> String {
    let departures = release.guardrails().ledger.departures.iter();
    let named: Vec<String> = departures
        .map(|departure| format!("{} ({})", departure.code, departure.role))
        .collect();
    let id = release.id();
    if named.is_empty() {
        return format!("{} {} knows no departures", id.name, id.version);
    }
    let named = named.join(", ");
    format!(
        "{} {} knows these, with the role that approves: {named}",
        id.name, id.version
    )
}

/// The case of a decision again, out of its record, with its release.
pub(crate) fn again<L: Ledger + DecisionLog>(
    ledger: &L,
    policy: &std::path::Path,
    decision: u64,
) -> Result<(Release, Matter), Failure> {
    let missing = LedgerError::Missing {
        what: "decision",
        id: decision,
    };
    let found = ledger.decision(decision).map_err(store)?;
    let row = found.ok_or_else(|| Failure::invalid(missing))?;
    let engine = input::engine(None);
    let releases = input::releases(&engine, policy, None)?;
    let mut releases = releases.into_iter();
    let other = || Failure::invalid(LedgerError::OtherRelease(decision));
    let release = releases
        .find(|release| release.id().digest == row.release_digest)
        .ok_or_else(other)?;
    let text = recorded_case(ledger, &row, release.schema())?;
    let raw = RawCase::read(&text, AdmitLimits::STANDARD).map_err(Failure::invalid)?;
    let case = raw.admit(release.schema()).map_err(Failure::invalid)?;
    let mut matter = release.matter(case);
    (matter.team, matter.campaign) = (row.team, row.campaign);
    Ok((release, matter))
}

/// The case of a decision as JSON. A departure has that of the decision before it.
fn recorded_case<L: Ledger + DecisionLog>(
    ledger: &L,
    row: &DecisionRow,
    schema: &Schema,
) -> Result<Vec<u8>, Failure> {
    let erased = || Failure::invalid(LedgerError::Erased(row.id));
    let decisions = ledger.decisions(&row.case_id).map_err(store)?;
    let mut latest_first = decisions.iter().rev().filter(|own| own.id <= row.id);
    latest_first
        .find_map(|own| case_of(ledger, own.id, schema).transpose())
        .unwrap_or_else(|| Err(erased()))
}

/// The case as JSON, if this record holds it and it was not erased.
fn case_of(
    ledger: &impl DecisionLog,
    seq: u64,
    schema: &Schema,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(line) = ledger.line(seq).map_err(store)? else {
        return Ok(None);
    };
    let record = Record::parse(&line.line).map_err(Failure::invalid)?;
    let openings = ledger.openings(seq).map_err(store)?;
    if record.kind.as_str() == DECISION {
        let inputs = Inputs::of(&record, &openings).ok();
        return Ok(inputs.and_then(|inputs| inputs.case_json(schema).ok()));
    }
    // A record of an older program holds the text of its case, sealed.
    let mut body = record.body;
    openings.open(&mut body);
    let text = body.get("case").and_then(|case| case.as_text());
    Ok(text.map(|text| text.as_bytes().to_vec()))
}

/// Runs `redress due`.
pub(crate) fn due(args: &DueArgs) -> Result<Exit, Failure> {
    let ledger = open::to_write(&args.ledger, args.log_key.as_deref())?;
    let at = moment_for(&ledger, args.as_of)?;
    let (mut entries, mut escalations, mut timers) = (0_usize, 0_usize, 0_usize);
    loop {
        // A sweep is its own request: whoever sweeps again does only what is due again.
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(|_| Failure::internal(LedgerError::NoRandom))?;
        let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let command = Command::Due(Sweep { limit: 1_000 });
        let answer = one(&ledger, key(&format!("due {name}"))?, command, at)?.answer;
        if answer.did.as_str() == "nothing_due" {
            break;
        }
        entries = entries.saturating_add(answer.entries.len());
        escalations = escalations.saturating_add(answer.escalations.len());
        timers = timers.saturating_add(answer.timers.len());
    }
    term::print(&format!(
        "{} changed, {} moved, {} fired\n",
        term::counted(entries, "sum"),
        term::counted(escalations, "escalation"),
        term::counted(timers, "timer")
    ))?;
    Ok(Exit::Ok)
}
