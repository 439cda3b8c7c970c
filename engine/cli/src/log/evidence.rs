//! `redress evidence`: a pack about one decision, and its check by a third party.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use redress::replay::Replayer;
use redress::{Engine, EngineLimits};
use redress_audit::evidence::{
    Again, Checked, Doubts, Evidence, EvidenceError, PACK_BYTES_MAX, Proofs, Sealed, Signatures,
    Stand, THEMES_TEXT, verify,
};
use redress_log::merkle::{Collector, Plan};
use redress_log::receipt::Receipt;
use redress_log::record::{DECISION, ERASE, Line};
use redress_log::replay::{self, Erasures};
use redress_log::seal::SealedClass;
use redress_log::{Checkpoint, Openings, Record};
use redress_model::Digest;
use redress_release::Archive;
use redress_release::signing::{ENVELOPE_BYTES_MAX, Envelope, Trust};

use super::source::{self, OpeningsOf, Source};
use crate::failure::{Exit, Failure};
use crate::input::shown;
use crate::ledger::place::Place;
use crate::output::write_whole;
use crate::prove::ask;
use crate::sides;
use crate::term::{self, Tone, grouped};

/// The most bytes of a trust file.
const TRUST_BYTES_MAX: usize = 256 * 1024;

/// A refusal with the code that other programs know it by.
#[derive(Debug, thiserror::Error)]
#[error("{0}: {1}")]
struct Coded(&'static str, String);

/// `redress evidence`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
The pack holds the record of the decision, the inclusion proof and the signed checkpoint,
the release that decided with its signatures, and how the decision came out when it was
made again. `redress evidence verify` checks it alone, without this log and these releases.

What `redress prove` finds of the release is packed too, as the packer's word; `verify --prove`
asks again.

Without --open every personal value stays a commitment. Classes are opened one by one;
only where all are open can whoever checks the pack make the decision again, and everything
else can be checked in any case. What is about other people is never opened.

Examples:
  redress evidence case-7 --log log.jsonl --openings openings.jsonl --checkpoint checkpoint \\
    --key log.pub --release air-eu261-1.0.0.tar --trust trust.toml --open all \\
    -o case-7.json
  redress evidence case-7 --ledger book.db --checkpoint checkpoint --key log.pub \\
    --release air-eu261-1.0.0.tar --trust trust.toml --open identity,route -o case-7.json
  redress evidence verify case-7.json
  redress evidence verify case-7.json --key log.pub --trust trust.toml --prove")]
pub(crate) struct EvidenceArgs {
    #[command(subcommand)]
    command: Option<EvidenceCommand>,
    #[command(flatten)]
    build: Option<BuildArgs>,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum EvidenceCommand {
    /// Check a pack and nothing else
    Verify(VerifyArgs),
    /// Print which themes of ISO 10002 and of the FCA's DISP the parts of a pack help with
    Themes,
}

/// How an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Pretty,
    /// One object
    Json,
}

/// Which personal values of the claimant a pack opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Open {
    /// Every class, so that the decision can be made again
    All,
    /// Ids of the claimant, the case, its event and its links
    Identity,
    /// Texts among the merit facts; numbers and sums can always be read
    Merit,
    /// Texts among the gate facts
    Gate,
    /// Facts that only say who answers
    Route,
    /// Texts among the facts about who decides
    Actor,
    /// Facts about somebody's safety
    Safety,
    /// Facts that nothing may weigh
    Forbidden,
    /// Texts that reasons repeat
    Reasons,
    /// The digest of all inputs, against which closed values can be guessed
    Inputs,
}

impl Open {
    const fn classes(self) -> &'static [SealedClass] {
        match self {
            Self::All => &SealedClass::OF_CLAIMANT,
            Self::Identity => &[SealedClass::Identity],
            Self::Merit => &[SealedClass::Merit],
            Self::Gate => &[SealedClass::Gate],
            Self::Route => &[SealedClass::Route],
            Self::Actor => &[SealedClass::Actor],
            Self::Safety => &[SealedClass::Safety],
            Self::Forbidden => &[SealedClass::Forbidden],
            Self::Reasons => &[SealedClass::Reasons],
            Self::Inputs => &[SealedClass::Inputs],
        }
    }
}

/// `redress evidence CASE`
#[derive(Debug, Args)]
struct BuildArgs {
    /// The id of the case
    case: String,
    /// The number of the decision [default: the last one of the case]
    #[arg(long, value_name = "N")]
    decision: Option<u64>,
    /// The ledger that the log is in, with what opens sealed values
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath, conflicts_with_all = ["log", "openings"])]
    ledger: Option<Place>,
    /// The log, as JSON Lines
    #[arg(long, value_name = "FILE", required_unless_present = "ledger", value_hint = ValueHint::FilePath)]
    log: Option<PathBuf>,
    /// The openings of sealed values, JSON Lines in the order of the records
    #[arg(long, value_name = "FILE", required_unless_present = "ledger", value_hint = ValueHint::FilePath)]
    openings: Option<PathBuf>,
    /// A signed checkpoint that covers the decision
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    checkpoint: PathBuf,
    /// The public key of the log, or a file with it; may be repeated
    #[arg(long, value_name = "KEY|FILE", required = true)]
    key: Vec<String>,
    /// The release that decided: an archive, or the folder of one version
    #[arg(long, value_name = "RELEASE", value_hint = ValueHint::AnyPath)]
    release: PathBuf,
    /// Its signatures [default: RELEASE.dsse.json]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    envelope: Option<PathBuf>,
    /// The trust file that says whose signatures count
    #[arg(long, value_name = "FILE", required_unless_present = "unsigned", value_hint = ValueHint::FilePath)]
    trust: Option<PathBuf>,
    /// Pack a release that nobody has signed
    #[arg(long, conflicts_with_all = ["trust", "envelope"])]
    unsigned: bool,
    /// Open the claimant's values of this class; may be repeated [default: none]
    #[arg(long, value_name = "CLASS", value_enum, value_delimiter = ',')]
    open: Vec<Open>,
    /// How long the solver may take for each property of the release, in seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Leave out what is proved of the release
    #[arg(long, conflicts_with = "seconds")]
    no_proofs: bool,
    /// Where to write the pack
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
}

/// `redress evidence verify`
#[derive(Debug, Args)]
struct VerifyArgs {
    /// The pack
    #[arg(value_hint = ValueHint::FilePath)]
    pack: PathBuf,
    /// The public key of the log, or a file with it [default: the pack's own]
    #[arg(long, value_name = "KEY|FILE")]
    key: Vec<String>,
    /// The trust file that says whose signatures count [default: the pack's own]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    trust: Option<PathBuf>,
    /// Let a pack of an unsigned release pass
    #[arg(long)]
    unsigned: bool,
    /// Ask the solver of this machine what the pack says is proved
    #[arg(long)]
    prove: bool,
    /// How long it may take for each property, in seconds
    #[arg(long, default_value_t = 10, requires = "prove", value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How to show the answer
    #[arg(short, long, value_enum, default_value = "pretty")]
    format: Form,
}

/// Why there is no pack.
#[derive(Debug, thiserror::Error)]
enum NoPack {
    /// No decision of the log opens to this case.
    #[error("no decision in the log is of case {case:?}, as far as its openings tell")]
    NoCase {
        /// The case.
        case: String,
    },
    /// The checkpoint is older than the record.
    #[error("the checkpoint has {size} leaves, and decision {id} came after it")]
    TooNew {
        /// The decision.
        id: u64,
        /// The size of the checkpoint.
        size: u64,
    },
    /// The log ended early.
    #[error("the log has no record {id}")]
    NoRecord {
        /// The record.
        id: u64,
    },
}

/// Runs `redress evidence`.
pub(crate) fn run(args: &EvidenceArgs) -> Result<Exit, Failure> {
    match (&args.command, &args.build) {
        (Some(EvidenceCommand::Verify(args)), _) => check(args),
        (Some(EvidenceCommand::Themes), _) => {
            term::print(THEMES_TEXT)?;
            Ok(Exit::Ok)
        }
        (None, Some(args)) => build(args),
        (None, None) => Err(Failure::usage(anyhow::anyhow!("name a case or a command"))),
    }
}

fn build(args: &BuildArgs) -> Result<Exit, Failure> {
    let keys = source::keys(&args.key)?;
    let note = source::note(&args.checkpoint)?;
    let checkpoint = Checkpoint::open(&note, &keys)
        .map_err(|error| Failure::gate(error).at(shown(&args.checkpoint)))?;
    let log = Source::open(args.log.as_deref(), args.ledger.as_ref())?;
    let id = find(args, &log)?;
    let (record, proof, erasures) = prove(&log, id, &checkpoint)?;
    let openings = OpeningsOf::new(&log, args.openings.as_deref())?.of(id)?;
    let release = sides::source(&args.release)?;
    let archive = Archive::build(&release).map_err(Failure::invalid)?;
    let compiled = Engine::new(EngineLimits::STANDARD)
        .compile(release)
        .map_err(Failure::invalid)?;
    let proofs = match args.no_proofs {
        true => None,
        false => {
            let limit = Duration::from_secs(args.seconds);
            // A release without a script has none, and its pack says so by having none.
            ask::never(&compiled, limit).ok().as_ref().map(Proofs::from)
        }
    };
    let outcome = replay::check(&record, &openings, &Replayer::new([compiled]));
    let made_again = Again::from(erasures.explain(id, outcome));
    let open = args.open.iter().flat_map(|open| open.classes()).copied();
    let given: Vec<_> = openings.iter().cloned().collect();
    let receipt = Receipt::new(record, &given, proof, note);
    let receipt = receipt.redacted(archive.source().schema(), &open.collect());
    let log_keys: String = keys.iter().map(|key| format!("{key}\n")).collect();
    let signed = signed(args)?;
    let pack = Evidence {
        decision: id,
        receipt: &receipt,
        log_keys: &log_keys,
        archive: &archive,
        signed: signed
            .as_ref()
            .map(|(envelope, trust)| (envelope, trust.as_str())),
        proofs: proofs.as_ref(),
        made_again: &made_again,
    }
    .pack()
    .map_err(Failure::internal)?;
    // Nobody is given a pack that its own check refuses.
    let checked = verify(&pack, &doubts(None, None, args.unsigned));
    let checked = checked.map_err(Failure::gate)?;
    write_whole(&args.output, &pack).map_err(|source| {
        let what = format!("cannot write {}", args.output.display());
        Failure::internal(anyhow::Error::new(source).context(what))
    })?;
    term::print(&format!(
        "{} {} ({} bytes, sha256:{})\n",
        Tone::Good.paint("written"),
        args.output.display(),
        grouped(u64::try_from(pack.len()).unwrap_or(u64::MAX)),
        Digest::of(&pack)
    ))?;
    term::print(&pretty(&checked, None))?;
    Ok(Exit::Ok)
}

fn signed(args: &BuildArgs) -> Result<Option<(Envelope, String)>, Failure> {
    let Some(trust) = &args.trust else {
        return Ok(None);
    };
    let path = args.envelope.clone().unwrap_or_else(|| {
        let mut name = args.release.as_os_str().to_owned();
        name.push(".dsse.json");
        name.into()
    });
    let most = usize::try_from(ENVELOPE_BYTES_MAX).unwrap_or(usize::MAX);
    let envelope = Envelope::parse(&source::whole(&path, most)?);
    let envelope = envelope.map_err(|error| Failure::invalid(error).at(shown(&path)))?;
    Ok(Some((envelope, text(trust)?)))
}

fn text(path: &Path) -> Result<String, Failure> {
    let bytes = source::whole(path, TRUST_BYTES_MAX)?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::invalid(anyhow::anyhow!("the text is not UTF-8")).at(shown(path)))
}

/// The number of the decision that was asked for: ids of cases stand sealed in the log.
fn find(args: &BuildArgs, log: &Source) -> Result<u64, Failure> {
    let mut openings = OpeningsOf::new(log, args.openings.as_deref())?;
    let mut found = None;
    log.lines(|lines| {
        for line in lines {
            let mut record = Record::parse(line).map_err(Failure::invalid)?;
            if record.kind.as_str() != DECISION || args.decision.is_some_and(|id| id != record.seq)
            {
                continue;
            }
            let own: Openings = openings.of(record.seq)?;
            own.open(&mut record.body);
            let case = record.body.get("case");
            let id = case.and_then(|case| case.get("id")?.as_text());
            if id == Some(args.case.as_str()) {
                found = Some(record.seq);
            }
        }
        Ok(())
    })?;
    let case = args.case.clone();
    found.ok_or_else(|| Failure::invalid(NoPack::NoCase { case }).at(log.name()))
}

/// The record with its inclusion proof, from a log that is the checkpoint's, and what the log
/// says was erased.
fn prove(
    log: &Source,
    id: u64,
    checkpoint: &Checkpoint,
) -> Result<(Record, Vec<Digest>, Erasures), Failure> {
    let size = checkpoint.size;
    let plan = Plan::inclusion(id, size);
    let plan = plan.ok_or_else(|| Failure::invalid(NoPack::TooNew { id, size }))?;
    let mut collector = Collector::new(&plan);
    let mut record = None;
    let mut erasures = Erasures::default();
    log.verify(vec![checkpoint.clone()], |line, leaf| {
        collector.leaf(leaf.hash);
        if leaf.seq == id {
            record = Some(Record::parse(line).map_err(Failure::invalid)?);
        } else if Line::parse(line).is_ok_and(|line| line.kind == ERASE.as_bytes()) {
            erasures.take(&Record::parse(line).map_err(Failure::invalid)?);
        }
        Ok(())
    })?;
    let proven = record.zip(collector.finish());
    proven
        .map(|(record, proof)| (record, proof, erasures))
        .ok_or_else(|| Failure::invalid(NoPack::NoRecord { id }))
}

const fn doubts<'a>(
    keys: Option<&'a [redress_log::note::VerifierKey]>,
    trust: Option<&'a Trust>,
    unsigned: bool,
) -> Doubts<'a> {
    let signatures = if unsigned {
        Signatures::Waived
    } else {
        Signatures::Required
    };
    Doubts {
        keys,
        trust,
        signatures,
    }
}

fn check(args: &VerifyArgs) -> Result<Exit, Failure> {
    let bytes = source::whole(&args.pack, PACK_BYTES_MAX)?;
    let keys = source::keys(&args.key)?;
    let keys = Some(keys.as_slice()).filter(|keys| !keys.is_empty());
    let trust = match &args.trust {
        Some(path) => Some(
            Trust::parse(&text(path)?).map_err(|error| Failure::invalid(error).at(shown(path)))?,
        ),
        None => None,
    };
    let checked = verify(&bytes, &doubts(keys, trust.as_ref(), args.unsigned));
    let checked = checked.map_err(|error| {
        let failure = Failure::gate(Coded(error.code(), error.to_string()));
        let failure = failure.at(shown(&args.pack));
        match error {
            EvidenceError::Unsigned => failure.help("`--unsigned` takes it all the same"),
            _ => failure,
        }
    })?;
    let stand = match args.prove {
        true => {
            let again = prove_again(&checked, Duration::from_secs(args.seconds));
            Some(again.map_err(|failure| failure.at(shown(&args.pack)))?)
        }
        false => None,
    };
    match args.format {
        Form::Pretty => term::print(&pretty(&checked, stand))?,
        Form::Json => {
            let answer = answer(&checked, stand);
            let mut text = serde_json::to_vec(&answer).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
    }
    Ok(Exit::Ok)
}

/// Asks of the release in the pack what the pack says is proved of it.
fn prove_again(checked: &Checked, limit: Duration) -> Result<Stand, Failure> {
    let Some(proofs) = &checked.proofs else {
        return Err(Failure::gate(anyhow::anyhow!("the pack holds no proofs")));
    };
    let engine = Engine::new(EngineLimits::STANDARD);
    let release = engine.compile(checked.archive.source().clone());
    let release = release.map_err(Failure::invalid)?;
    let found = ask::never(&release, limit);
    let found = found.map_err(|why| Failure::gate(anyhow::anyhow!(why)))?;
    if found.solver.is_none() {
        let error = anyhow::anyhow!("no solver was found, so nothing can be proved again");
        return Err(Failure::usage(error).help("install z3, or name one in SMT_SOLVER"));
    }
    let stand = proofs.stand(&found);
    stand.map_err(|error| Failure::gate(Coded(error.code(), error.to_string())))
}

/// How many properties have an answer.
fn answers(proofs: &Proofs) -> String {
    let count = |answer: &str| {
        let own = proofs.properties.iter().filter(|it| it.answer == answer);
        own.count()
    };
    let solver = proofs.solver.as_deref().unwrap_or("no solver");
    format!(
        "{} proved, {} refuted, {} unknown, with {solver} (their word)",
        count("proved"),
        count("refuted") + count("bug"),
        count("unknown")
    )
}

fn answer(checked: &Checked, stand: Option<Stand>) -> serde_json::Value {
    let (proven, manifest) = (&checked.proven, checked.archive.source().manifest());
    let values = checked.values.iter().map(|it| {
        serde_json::json!({
            "class": it.class, "open": it.open, "closed": it.closed,
            "not_made_again": it.not_made_again(),
        })
    });
    let values: Vec<serde_json::Value> = values.collect();
    serde_json::json!({
        "decision": proven.record.seq,
        "at": proven.record.at,
        "log": { "origin": proven.checkpoint.origin.as_str(), "size": proven.checkpoint.size,
                 "keys_sha256": checked.log_keys_sha256 },
        "release": { "name": manifest.name, "version": manifest.version,
                     "sha256": checked.archive.source().digest(),
                     "archive_sha256": checked.archive.digest() },
        "signed": checked.signed.as_ref().map(|(_, verified)| verified),
        "proofs": checked.proofs,
        "asked_again": stand,
        "values": values,
        "made_again": checked.made_again,
        "packer_made_again": checked.packer_made_again,
    })
}

fn pretty(checked: &Checked, stand: Option<Stand>) -> String {
    let (proven, manifest) = (&checked.proven, checked.archive.source().manifest());
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let said = |again: &Again| match again {
        Again::Same => Tone::Good.paint("the same bytes"),
        Again::NotReplayable { reason } => Tone::Wait.paint(&format!("not possible: {reason}")),
        Again::Different { pointer } => Tone::Bad.paint(&format!("differs at {pointer}")),
    };
    let log = format!(
        "in the log {}, among {} leaves",
        proven.checkpoint.origin,
        grouped(proven.checkpoint.size)
    );
    let mut rows = vec![
        row("Record", Tone::Good.paint(&log)),
        row("Log keys", format!("sha256:{}", checked.log_keys_sha256)),
        row(
            "Decision",
            format!("{}, {}", proven.record.seq, proven.record.at),
        ),
        row("Release", format!("{} {}", manifest.name, manifest.version)),
        row("Archive", format!("sha256:{}", checked.archive.digest())),
    ];
    match &checked.signed {
        Some((covers, verified)) => {
            rows.push(row(
                "Signed",
                Tone::Good.paint(&format!("{} for incidents of {covers}", verified.rule)),
            ));
            rows.push(row("Trust", format!("sha256:{}", verified.trust_sha256)));
            for filled in &verified.signers {
                rows.push(row("", format!("{} as {}", filled.person, filled.seat)));
            }
        }
        None => rows.push(row(
            "Signed",
            Tone::Wait.paint("by nobody, as was asked for"),
        )),
    }
    if let Some(proofs) = &checked.proofs {
        rows.push(row("Proofs", answers(proofs)));
    }
    if let Some(Stand { confirmed, open }) = stand {
        let same = Tone::Good.paint(&format!("{confirmed} the same"));
        rows.push(row("Asked again", format!("{same}, {open} open")));
    }
    let counts = |which: fn(&Sealed) -> u32| {
        let some = checked.values.iter().filter(|it| which(it) > 0);
        let some = some.map(|it| format!("{} {}", it.class.name(), grouped(which(it))));
        let some: Vec<String> = some.collect();
        match some.as_slice() {
            [] => "nothing".to_owned(),
            some => some.join(", "),
        }
    };
    rows.push(row("Opened", counts(|it| it.open)));
    rows.push(row("Closed", counts(|it| it.closed)));
    rows.push(row("Made again", said(&checked.made_again)));
    if checked.made_again != Again::Same {
        let of = checked.values.iter();
        let of = of.filter_map(|it| Some((it.class.name(), it.not_made_again()?)));
        rows.extend(of.map(|(class, what)| row("", format!("{class} closed: not {what}"))));
    }
    if checked.made_again != checked.packer_made_again {
        let by = format!("{} (their word)", said(&checked.packer_made_again));
        rows.push(row("By the packer", by));
    }
    term::columns(&rows, 0)
}
