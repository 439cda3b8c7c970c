//! `redress log export`.

use std::io::{self, BufWriter, Write as _};

use redress_log::Record;
use redress_log::export::{cloud_event, opa_decision};
use redress_log::note::KeyName;

use super::args::{ExportArgs, ExportForm};
use super::source::{OpeningsFile, OpeningsOf, Source};
use crate::failure::{Exit, Failure};
use crate::term;

/// Why nothing is exported.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    /// A log with opened values is no log.
    #[error(
        "--openings and --open cannot be had with -f jsonl: a record with opened values is no leaf"
    )]
    OpenedLog,
    /// The first record does not name the log.
    #[error("the log has no name")]
    NoName,
}

/// Runs `redress log export`.
pub(super) fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    if args.format == ExportForm::Jsonl && (args.openings.is_some() || args.open) {
        return Err(Failure::usage(ExportError::OpenedLog));
    }
    let source = Source::open(args.log.as_deref(), args.ledger.as_ref())?;
    let mut openings = if args.open {
        OpeningsOf::new(&source, None)?
    } else {
        OpeningsOf::File(OpeningsFile::open(args.openings.as_deref())?)
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut origin: Option<KeyName> = None;
    let mut passed_over = 0_u64;
    source.verify(Vec::new(), |line, leaf| {
        if args.format == ExportForm::Jsonl {
            out.write_all(line)?;
            out.write_all(b"\n")?;
            return Ok(());
        }
        let mut record = Record::parse(line).map_err(Failure::invalid)?;
        let name = match &origin {
            Some(name) => name,
            None => origin.insert(name_of(&record)?),
        };
        openings.of(leaf.seq)?.open(&mut record.body);
        let exported = match args.format {
            ExportForm::Opa => opa_decision(name, &record, env!("CARGO_PKG_VERSION")),
            ExportForm::Cloudevents | ExportForm::Jsonl => {
                Some(cloud_event(name, &record, &leaf.hash))
            }
        };
        match exported {
            Some(bytes) => {
                out.write_all(&bytes)?;
                out.write_all(b"\n")?;
            }
            None => passed_over = passed_over.saturating_add(1),
        }
        Ok(())
    })?;
    out.flush()?;
    openings.finish()?;
    if passed_over > 0 {
        let told = match passed_over {
            1 => "1 record that is no decision has".to_owned(),
            count => format!("{count} records that are no decisions have"),
        };
        term::tell(&format!("{told} no place in OPA's log\n"));
    }
    Ok(Exit::Ok)
}

/// The name that the first record gives the log.
fn name_of(first: &Record) -> Result<KeyName, Failure> {
    let name = first.body.get("origin").and_then(|origin| origin.as_text());
    let name = name.and_then(|name| KeyName::new(name).ok());
    name.ok_or_else(|| Failure::invalid(ExportError::NoName))
}
