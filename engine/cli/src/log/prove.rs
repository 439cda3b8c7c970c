//! `redress log prove`.

use redress::ledger::DecisionLog as _;
use redress_log::merkle::{Collector, Plan, leaf_hash, verify_inclusion};
use redress_log::note::Note;
use redress_log::receipt::Receipt;
use redress_log::{Checkpoint, Record};

use super::args::{ProveArgs, ReceiptForm};
use super::source::{self, OpeningsFile, Source};
use crate::failure::{Exit, Failure};
use crate::input::shown;
use crate::ledger::open::Book;
use crate::ledger::store;
use crate::term;

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
enum ProveError {
    /// The checkpoint is older than the record.
    #[error("the checkpoint has {size} leaves, and record {id} came after it")]
    TooNew {
        /// The record.
        id: u64,
        /// The size of the checkpoint.
        size: u64,
    },
    /// No checkpoint covers the record.
    #[error("no signed checkpoint covers record {id}")]
    NoCheckpoint {
        /// The record.
        id: u64,
    },
    /// The record that was asked for is not a decision, nor about one.
    #[error("record {id} is no decision but {kind}")]
    NoDecision {
        /// The record.
        id: u64,
        /// What it records.
        kind: String,
    },
    /// The log ended before the record, which the verifier tells first.
    #[error("the log has no record {id}")]
    NoRecord {
        /// The record.
        id: u64,
    },
}

/// Runs `redress log prove`.
pub(super) fn run(args: &ProveArgs) -> Result<Exit, Failure> {
    let source = Source::open(args.log.as_deref(), args.ledger.as_ref())?;
    let note = match (&args.checkpoint, &source) {
        (Some(path), _) => source::note(path)?,
        (None, Source::Ledger(_, ledger)) => own_checkpoint(ledger, args.id)?,
        (None, Source::File(_)) => {
            return Err(Failure::usage(ProveError::NoCheckpoint { id: args.id }));
        }
    };
    // Who trusts the receipt checks the signatures; here the tree must be the same.
    let checkpoint = Checkpoint::parse_body(note.unverified_text());
    let checkpoint = checkpoint.map_err(|error| match &args.checkpoint {
        Some(path) => Failure::invalid(error).at(shown(path)),
        None => Failure::invalid(error).at(source.name()),
    })?;
    let receipt = match &source {
        Source::Ledger(_, ledger) => of_ledger(ledger, args.id, &checkpoint, note)?,
        Source::File(_) => of_file(args, &source, checkpoint, note)?,
    };
    match args.format {
        ReceiptForm::Json => {
            let mut bytes = receipt.to_json();
            bytes.push(b'\n');
            term::put(&bytes)?;
        }
        ReceiptForm::TlogProof => term::put(receipt.to_tlog_proof().as_bytes())?,
    }
    Ok(Exit::Ok)
}

fn too_new(id: u64, size: u64) -> Failure {
    Failure::invalid(ProveError::TooNew { id, size })
}

fn none(id: u64) -> Failure {
    Failure::invalid(ProveError::NoRecord { id })
}

/// The smallest checkpoint of the ledger that covers a record.
fn own_checkpoint(ledger: &Book, id: u64) -> Result<Note, Failure> {
    let mut rows = ledger.checkpoints(id, 1).map_err(store)?;
    let row = rows.pop().ok_or_else(|| {
        let help = "`redress log sign --ledger` signs one of now";
        Failure::invalid(ProveError::NoCheckpoint { id }).help(help)
    })?;
    Note::parse(row.note.as_bytes()).map_err(Failure::invalid)
}

/// A receipt out of the nodes that a ledger keeps: at most ⌈log₂ n⌉ of them are read.
fn of_ledger(
    ledger: &Book,
    id: u64,
    checkpoint: &Checkpoint,
    note: Note,
) -> Result<Receipt, Failure> {
    let size = checkpoint.size;
    let row = ledger.line(id).map_err(store)?.ok_or_else(|| none(id))?;
    let plan = Plan::inclusion(id, size).ok_or_else(|| too_new(id, size))?;
    let record = decision(Record::parse(&row.line).map_err(Failure::invalid)?)?;
    let proof = ledger.proof(&plan).map_err(store)?;
    // A checkpoint of another log, or of another past, is no ground for a receipt.
    let leaf = leaf_hash(&row.line);
    let fits = verify_inclusion(&leaf, id, size, &proof, &checkpoint.root);
    fits.map_err(Failure::gate)?;
    let openings = ledger.openings(id).map_err(store)?;
    let openings: Vec<_> = openings.iter().cloned().collect();
    Ok(Receipt::new(record, &openings, proof, note))
}

/// A receipt out of one pass over a file.
fn of_file(
    args: &ProveArgs,
    source: &Source,
    checkpoint: Checkpoint,
    note: Note,
) -> Result<Receipt, Failure> {
    let (id, size) = (args.id, checkpoint.size);
    let plan = Plan::inclusion(id, size).ok_or_else(|| too_new(id, size))?;
    let mut collector = Collector::new(&plan);
    let mut record = None;
    source.verify(vec![checkpoint], |line, leaf| {
        collector.leaf(leaf.hash);
        if leaf.seq == id {
            record = Some(Record::parse(line).map_err(Failure::invalid)?);
        }
        Ok(())
    })?;
    let record = decision(record.ok_or_else(|| none(id))?)?;
    let proof = collector.finish().ok_or_else(|| none(id))?;
    let openings = OpeningsFile::open(args.openings.as_deref())?.of(id)?;
    let openings: Vec<_> = openings.iter().cloned().collect();
    Ok(Receipt::new(record, &openings, proof, note))
}

/// A receipt is about a decision.
fn decision(record: Record) -> Result<Record, Failure> {
    if record.kind.as_str() == redress_log::record::DECISION {
        return Ok(record);
    }
    let (id, kind) = (record.seq, record.kind.to_string());
    Err(Failure::invalid(ProveError::NoDecision { id, kind }))
}
