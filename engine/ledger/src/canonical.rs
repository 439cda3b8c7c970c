//! Records in canonical JSON (RFC 8785). Integers are written as strings, since the numbers
//! of RFC 8785 are doubles; there are no others in a record.

use redress_model::Digest;
use serde_json::Value;

/// The canonical bytes of a record.
#[must_use]
pub fn bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024);
    write(&mut out, value);
    out
}

/// The hash of a record as a leaf: SHA-256 over a zero byte and the record (RFC 6962 2.1).
#[must_use]
pub fn leaf(record: &[u8]) -> Digest {
    let mut bytes = Vec::with_capacity(record.len().saturating_add(1));
    bytes.push(0);
    bytes.extend(record);
    Digest::of(&bytes)
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) => text(out, &number.to_string()),
        Value::String(string) => text(out, string),
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            // Names are ASCII, for which the order of bytes is that of UTF-16 code units.
            for (place, (name, member)) in members.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                text(out, name);
                out.push(b':');
                write(out, member);
            }
            out.push(b'}');
        }
    }
}

/// A string as ECMAScript writes it, which is how `serde_json` writes it.
fn text(out: &mut Vec<u8>, text: &str) {
    // Writing a text into memory cannot fail.
    let written = serde_json::to_writer(&mut *out, text);
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_integers_are_strings() {
        let value = serde_json::json!({ "b": 1, "a": [true, null, "é\u{1}\"", -5], "c": {} });
        assert_eq!(
            String::from_utf8(bytes(&value)).unwrap(),
            r#"{"a":[true,null,"é\u0001\"","-5"],"b":"1","c":{}}"#
        );
    }

    #[test]
    fn the_leaf_of_nothing_is_that_of_the_standard() {
        // The hash of the empty leaf, as in the test vectors of Certificate Transparency.
        assert_eq!(
            leaf(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }
}
