//! `redress log receipt`.

use redress_log::receipt::{Proven, Receipt};
use redress_log::replay;
use serde::Serialize;

use super::args::{ReceiptArgs, ShownAs};
use super::source;
use super::verify::Replays;
use crate::failure::{Exit, Failure};
use crate::input::shown;
use crate::term::{self, Tone, grouped};

/// The longest receipt that is read, in bytes.
const RECEIPT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The answer for programs.
#[derive(Serialize)]
struct Answer<'a> {
    origin: &'a str,
    size: u64,
    decision: u64,
    at: String,
    outcome: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<&'a Replays>,
}

/// Runs `redress log receipt`.
pub(super) fn run(args: &ReceiptArgs) -> Result<Exit, Failure> {
    let keys = source::keys(&args.key)?;
    let bytes = source::whole(&args.receipt, RECEIPT_BYTES_MAX)?;
    let at = || shown(&args.receipt);
    let receipt = Receipt::parse(bytes.trim_ascii());
    // The text form ends with the newline of its last signature.
    let receipt = receipt.or_else(|_| Receipt::parse(&bytes));
    let receipt = receipt.map_err(|error| Failure::invalid(error).at(at()))?;
    let proven = receipt
        .verify(&keys)
        .map_err(|error| Failure::gate(error).at(at()))?;
    let mut replays = Replays::default();
    let replayer = source::replayer(&args.replay)?;
    if let Some(replayer) = &replayer {
        let outcome = replay::check(&proven.record, &proven.openings, replayer);
        replays.add(proven.record.seq, outcome);
    }
    let replays = replayer.is_some().then_some(&replays);
    let outcome = proven
        .record
        .body
        .get("decision")
        .and_then(|it| it.get("outcome")?.as_text());
    match args.format {
        ShownAs::Pretty => term::print(&pretty(&proven, outcome, replays))?,
        ShownAs::Json => {
            let answer = Answer {
                origin: proven.checkpoint.origin.as_str(),
                size: proven.checkpoint.size,
                decision: proven.record.seq,
                at: proven.record.at.to_string(),
                outcome,
                replay: replays,
            };
            let mut text = serde_json::to_vec(&answer).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
    }
    Ok(replays.map_or(Exit::Ok, Replays::exit))
}

fn pretty(proven: &Proven, outcome: Option<&str>, replays: Option<&Replays>) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let record = &proven.record;
    let mut body = record.body.clone();
    proven.openings.open(&mut body);
    let text = |path: &[&str]| {
        let value = path.iter().try_fold(&body, |value, name| value.get(name));
        value
            .and_then(|value| value.as_text())
            .unwrap_or("(sealed)")
            .to_owned()
    };
    let log = format!(
        "in the log {}, among {} leaves",
        proven.checkpoint.origin,
        grouped(proven.checkpoint.size)
    );
    let mut rows = vec![
        row("Receipt", Tone::Good.paint(&log)),
        row("Decision", format!("{}, {}", record.seq, record.at)),
        row("Outcome", outcome.unwrap_or("none").to_owned()),
        row("Case", text(&["case", "id"])),
        row("Claimant", text(&["case", "claimant", "id"])),
        row(
            "Release",
            format!(
                "{} {}",
                text(&["release", "name"]),
                text(&["release", "version"])
            ),
        ),
    ];
    rows.extend(replays.into_iter().flat_map(Replays::rows));
    term::columns(&rows, 0)
}
