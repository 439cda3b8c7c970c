//! The digest of everything that a decision depends on.

use redress_model::{Actor, Case, Digest, Standing, Timestamp, Value};

use crate::decide::SEMANTICS_VERSION;
use crate::decision::ReleaseId;

/// The digest of semantics version, release, case, actor, standing and time: equal
/// inputs give equal decisions, so this names the decision before it is made.
///
/// SHA-256 over length-prefixed fields, integers in little-endian order.
#[must_use]
pub fn inputs_digest(
    release: &ReleaseId,
    case: &Case,
    actor: &Actor,
    standing: &Standing,
    as_of: Timestamp,
) -> Digest {
    let mut out = Vec::with_capacity(1_024);
    field(&mut out, b"redress.inputs.v1");
    out.extend(SEMANTICS_VERSION.to_le_bytes());
    out.extend(release.digest.bytes());
    out.extend(as_of.seconds().to_le_bytes());
    // Serialising plain structs into memory cannot fail; an empty field would only
    // make digests differ.
    field(
        &mut out,
        &serde_json::to_vec(&case.envelope).unwrap_or_default(),
    );
    field(
        &mut out,
        &serde_json::to_vec(&(actor, standing)).unwrap_or_default(),
    );
    out.extend(case.facts.schema().bytes());
    for value in case.facts.iter() {
        match value {
            None => out.push(0),
            Some(value) => encode(&mut out, value),
        }
    }
    Digest::of(&out)
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
    out.extend(bytes);
}

fn encode(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Bool(value) => out.extend([1, u8::from(*value)]),
        Value::Int(value) => tagged(out, 2, *value),
        Value::Enum(value) => tagged(out, 3, i64::from(*value)),
        Value::Date(value) => tagged(out, 4, i64::from(value.days())),
        Value::DateTime(value) => tagged(out, 5, value.seconds()),
        Value::Money(value) => {
            tagged(out, 6, value.minor());
            out.extend(value.currency().bytes());
        }
        Value::Text(value) => {
            out.push(7);
            field(out, value.as_bytes());
        }
        Value::List(items) => {
            out.push(8);
            out.extend(u64::try_from(items.len()).unwrap_or(u64::MAX).to_le_bytes());
            for item in items {
                encode(out, item);
            }
        }
    }
}

fn tagged(out: &mut Vec<u8>, tag: u8, number: i64) {
    out.push(tag);
    out.extend(number.to_le_bytes());
}
