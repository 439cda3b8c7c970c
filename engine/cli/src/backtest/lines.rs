//! The result of a backtest as CSV, one line per case.

use std::fmt::Write as _;

use redress_kernel::Decision;
use redress_model::{Amount, Date};

/// The header.
pub(super) const HEADER: &str = "id,incident_date,release,outcome,amounts,claims,reasons,missing\n";

/// Writes the line of one case; lists have `;` between their items.
pub(super) fn write(out: &mut Vec<u8>, text: &mut String, decision: &Decision, incident: Date) {
    text.clear();
    cell(text, decision.case().as_str());
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        ",{incident},{},{},",
        decision.release().version,
        decision.outcome().name()
    );
    list(text, decision.remedies(), |text, remedy| {
        match &remedy.amount {
            Amount::Money(money) => write!(text, "{money}"),
            Amount::Units { unit, count } => write!(text, "{count} {unit}"),
        }
    });
    text.push(',');
    list(text, decision.remedies(), |text, remedy| {
        let claim = remedy.basis.claim();
        text.write_str(claim.map_or(remedy.basis.name(), |claim| claim.as_str()))
    });
    text.push(',');
    list(text, decision.reasons(), |text, reason| {
        text.write_str(reason.code.as_str())
    });
    text.push(',');
    if let Some(hold) = decision.hold() {
        text.push_str(hold.missing.as_str());
    }
    text.push('\n');
    out.extend_from_slice(text.as_bytes());
}

fn list<T>(
    text: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T) -> std::fmt::Result,
) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(';');
        }
        // Writing to a String cannot fail.
        let _ = write(text, item);
    }
}

/// A cell, quoted where RFC 4180 asks for it.
fn cell(text: &mut String, value: &str) {
    if value.contains([',', '"', '\n', '\r']) {
        let _ = write!(text, "\"{}\"", value.replace('"', "\"\""));
    } else {
        text.push_str(value);
    }
}
