//! CloudEvents 1.0.2, JSON event format: one event for each record.

use redress_model::Digest;
use std::fmt::Write as _;

use crate::canonical::{Object, Value};
use crate::note::KeyName;
use crate::record::Record;

/// The event of a record, as canonical JSON.
///
/// - `source` and `id`: the log, and the place of the record in it; together unique.
/// - `type`: `redress.log.` and the kind of the record.
/// - `subject`: the number of the decision that it is about, if it is about one.
/// - `sequence` (a documented extension): the place, so that events sort by it as texts.
/// - `leafhash` (an extension of ours): the hash of the leaf, which ties the event to it.
/// - `data`: the body, sealed or opened as it is given here.
#[must_use]
pub fn cloud_event(origin: &KeyName, record: &Record, leaf: &Digest) -> Vec<u8> {
    let about = match record.kind.as_str() {
        crate::record::DECISION => Some(record.seq.to_string()),
        _ => record
            .body
            .get("decision")
            .and_then(|decision| decision.as_text())
            .map(str::to_owned),
    };
    let mut event = Object::default();
    event.insert("data", record.body.clone());
    event.insert("datacontenttype", Value::from("application/json"));
    event.insert("id", Value::Text(record.seq.to_string()));
    event.insert("leafhash", Value::Text(leaf.to_string()));
    event.insert("sequence", Value::Text(format!("{:020}", record.seq)));
    event.insert("source", Value::Text(source(origin)));
    event.insert("specversion", Value::from("1.0"));
    if let Some(about) = about {
        event.insert("subject", Value::Text(about));
    }
    event.insert("time", Value::Text(record.at.to_string()));
    event.insert("type", Value::Text(format!("redress.log.{}", record.kind)));
    Value::Object(event).write()
}

/// The origin as a URI reference (RFC 3986): it is a URL without its scheme, which is
/// written with two slashes; what may not stand in one is percent-encoded.
fn source(origin: &KeyName) -> String {
    let mut source = "//".to_owned();
    for byte in origin.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@!$&'()*,;=".contains(&byte) {
            source.push(char::from(byte));
        } else {
            // Writing into a text does not fail.
            let _ = write!(source, "%{byte:02X}");
        }
    }
    source
}
