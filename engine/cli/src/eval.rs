//! `redress eval`: decides one case.

use redress::ledger::{Ledger, Reply, StoreError};
use redress::shadow::Ask;
use redress::{Date, Decided, Engine, InForce, NoRelease, Release, Shadow};
use redress_kernel::Outcome;
use redress_model::admit::{AdmitErrors, AdmitLimits, RawCase};

use redress_authoring::card::card;
use redress_authoring::explain::{Explanation, Page};
use redress_authoring::whynot::{Asked, DECISIONS_MAX, WhyNot};

use crate::args::{EvalArgs, EvalFormat, SandboxName};
use crate::failure::{Exit, Failure};
use crate::{clock, in_force, input, ledger, sides, term};

/// Why a case cannot be decided at all.
#[derive(Debug, thiserror::Error)]
enum EvalError {
    /// The text is not a case of the release.
    #[error("the case is not valid\n{}", told(.0))]
    NotAdmitted(AdmitErrors),
    /// No version covers the incident.
    #[error(transparent)]
    NoRelease(NoRelease),
    /// The clock of the machine stands outside the years that a decision may have.
    #[error("the machine's clock is wrong")]
    NoClock,
}

/// One line for each thing that is wrong.
fn told(errors: &AdmitErrors) -> String {
    let lines: Vec<String> = errors.0.iter().map(|error| format!("  {error}")).collect();
    lines.join("\n")
}

/// Runs `redress eval`.
pub(crate) fn run(args: &EvalArgs) -> Result<Exit, Failure> {
    let actor = input::actor(&args.setting.actor)?;
    let standing = input::standing(args.setting.standing.as_deref())?;
    let text = input::case(&args.input)?;
    let invalid = |error| Failure::invalid(error).at(input::shown(&args.input));
    let raw = RawCase::read(&text, AdmitLimits::STANDARD);
    let raw = raw.map_err(|errors| invalid(EvalError::NotAdmitted(errors)))?;
    let engine = input::engine(args.setting.sandbox);
    // One case is interpreted sooner than its script is compiled.
    let engine = match (args.why, args.setting.sandbox) {
        (true, _) | (_, Some(SandboxName::Compiled)) => engine,
        _ => engine.interpreting(),
    };
    let in_force = match &args.in_force.store {
        Some(store) => Some(in_force::load(
            &engine,
            &args.in_force,
            store,
            &args.policy,
        )?),
        None => None,
    };
    let incident = raw.incident_date();
    let release = match &in_force {
        Some(in_force) => released(in_force, incident, &args.policy).map_err(invalid)?,
        None => of_folder(&engine, args, incident)?,
    };
    let release = input::in_form(&release, args.setting.sandbox)?;
    let case = raw.admit(release.schema());
    let case = case.map_err(|errors| invalid(EvalError::NotAdmitted(errors)))?;
    let as_of = match args.as_of {
        Some(as_of) => as_of,
        None => clock::now().ok_or_else(|| Failure::internal(EvalError::NoClock))?,
    };
    input::warn_of_role(&actor, std::iter::once(&release));
    if let (Some(place), Some(key)) = (&args.ledger, &args.key) {
        let outside = (args.team.as_deref(), args.campaign.as_deref());
        let matter = ledger::matter(&release, case, outside)?;
        let ledger = ledger::open::to_begin(place, args.log_key.as_deref())?;
        ledger::moment_for(&ledger, args.as_of)?;
        if let Some(in_force) = &in_force {
            in_force::announce(in_force, &ledger, as_of)?;
        }
        let ask = Ask {
            key: ledger::key(key)?,
            case: &text,
            matter,
            actor: &actor,
            at: as_of,
            seed: ledger::seed()?,
        };
        let reply = match &args.shadow {
            Some(candidate) => beside(&engine, candidate, &release, &ledger, ask)?,
            None => release.record(&ledger, ask.key, ask.matter, &actor, as_of, ask.seed),
        };
        let answered = ledger::answered(reply)?;
        ledger::tell(&ledger, &answered, args.format.into())?;
        return Ok(match answered.answer.did.as_str() {
            "refuse" if args.fail => Exit::Refused,
            "escalate" | "hold" if args.fail => Exit::Waiting,
            _ => Exit::Ok,
        });
    }
    let decided = release.decide(&case, &actor, &standing, as_of);
    let explanation = Explanation::new(&decided, &release, args.lang.into())
        .of_case(&case.facts, &standing.warnings);
    if let Some(reader) = args.reader {
        show(&explanation.page(reader.into()), args.format)?;
        return Ok(exit(args, &decided));
    }
    let why_not = args.why.then(|| {
        WhyNot::of(Asked {
            release: &release,
            case: &case,
            actor: &actor,
            standing: &standing,
            as_of,
            decisions_max: DECISIONS_MAX,
        })
    });
    match args.format {
        EvalFormat::Pretty => {
            let columns = term::columns_wide();
            let mut text = card(&explanation, columns);
            if let Some(why_not) = &why_not {
                text.push_str(&format!("\n{}", why_not.text(columns)));
            }
            term::print(&text)?;
        }
        EvalFormat::Json => {
            let inputs = release.inputs_digest(&case, &actor, &standing, as_of);
            let mut text = decided.to_json(inputs).map_err(Failure::internal)?;
            if let Some(why_not) = &why_not {
                text = why_not.beside(&text).map_err(Failure::internal)?;
            }
            text.push(b'\n');
            term::put(&text)?;
        }
    }
    Ok(exit(args, &decided))
}

/// The release in force for incidents of a date.
fn released(
    in_force: &InForce,
    incident_date: Date,
    policy: &std::path::Path,
) -> Result<Release, EvalError> {
    let found = in_force.release_for(incident_date);
    let found = found.map(|(release, _)| release.clone());
    found.ok_or_else(|| {
        EvalError::NoRelease(NoRelease {
            policy: policy.display().to_string(),
            incident_date,
        })
    })
}

/// The version of a folder that covers a date.
fn of_folder(engine: &Engine, args: &EvalArgs, incident: Date) -> Result<Release, Failure> {
    let policy = engine.load_policy(&args.policy).map_err(Failure::invalid)?;
    let found = policy.release_for(incident).cloned();
    found.map_err(|error| {
        let covers = policy.releases().iter().map(|release| {
            let manifest = release.source().manifest();
            format!("{} covers {}", manifest.version, manifest.effective)
        });
        Failure::invalid(EvalError::NoRelease(error))
            .at(input::shown(&args.input))
            .help(covers.collect::<Vec<_>>().join("; "))
    })
}

/// Records a case with a candidate beside the release that decides it, and tells of it apart
/// from the answer.
fn beside(
    engine: &Engine,
    candidate: &std::path::Path,
    release: &Release,
    ledger: &dyn Ledger,
    ask: Ask<'_>,
) -> Result<Result<Reply, StoreError>, Failure> {
    let shadow = Shadow::new(&sides::release(engine, candidate)?);
    let observed = match shadow.record(release, ledger, ask) {
        Ok(observed) => observed,
        Err(error) => return Ok(Err(error)),
    };
    let noted = match &observed.noted {
        Ok(seq) => format!("record {seq}"),
        Err(error) => format!("not on record: {error}"),
    };
    let (version, seen) = (&shadow.id().version, observed.seen.name());
    term::tell(&format!("beside it, {version} says {seen} ({noted})\n"));
    Ok(Ok(observed.reply))
}

fn show(page: &Page, format: EvalFormat) -> Result<(), Failure> {
    match format {
        EvalFormat::Pretty => term::print(&page.text(term::columns_wide()))?,
        EvalFormat::Json => {
            let mut text = serde_json::to_vec(page).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
    }
    Ok(())
}

fn exit(args: &EvalArgs, decided: &Decided) -> Exit {
    match decided.decision.outcome() {
        _ if !args.fail => Exit::Ok,
        Outcome::Grant => Exit::Ok,
        Outcome::Refuse => Exit::Refused,
        Outcome::Escalate | Outcome::Hold => Exit::Waiting,
    }
}
