//! `redress log prove`.

use redress_log::merkle::{Collector, Plan};
use redress_log::receipt::Receipt;
use redress_log::verify::Verifier;
use redress_log::{Checkpoint, Record};

use super::args::{ProveArgs, ReceiptForm};
use super::source::{self, OpeningsFile};
use crate::failure::{Exit, Failure};
use crate::input::shown;
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
    let note = source::note(&args.checkpoint)?;
    // Who trusts the receipt checks the signatures; here the tree must be the same.
    let checkpoint = Checkpoint::parse_body(note.unverified_text());
    let checkpoint =
        checkpoint.map_err(|error| Failure::invalid(error).at(shown(&args.checkpoint)))?;
    let (id, size) = (args.id, checkpoint.size);
    let plan = Plan::inclusion(id, size);
    let plan = plan.ok_or_else(|| Failure::invalid(ProveError::TooNew { id, size }))?;
    let mut collector = Collector::new(&plan);
    let not_the_log = source::not_the_log(&args.log);
    let mut verifier = Verifier::new(vec![checkpoint]).map_err(&not_the_log)?;
    let mut record = None;
    let rest = source::each_line(&args.log, |line| {
        let leaf = verifier.line(line).map_err(&not_the_log)?;
        collector.leaf(leaf.hash);
        if leaf.seq == id {
            record = Some(Record::parse(line).map_err(Failure::invalid)?);
        }
        Ok(())
    })?;
    verifier.finish(&rest).map_err(&not_the_log)?;
    let none = || Failure::invalid(ProveError::NoRecord { id });
    let record = record.ok_or_else(none)?;
    if record.kind.as_str() != redress_log::record::DECISION {
        let kind = record.kind.to_string();
        return Err(Failure::invalid(ProveError::NoDecision { id, kind }));
    }
    let proof = collector.finish().ok_or_else(none)?;
    let openings = OpeningsFile::open(args.openings.as_deref())?.of(id)?;
    let openings: Vec<_> = openings.iter().cloned().collect();
    let receipt = Receipt::new(record, &openings, proof, note);
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
