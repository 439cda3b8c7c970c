//! Records in the form of OPA's decision log service, for tools that read those.

use crate::canonical::{Object, Value};
use crate::note::KeyName;
use crate::record::{DECISION, Record};
use crate::seal;

/// One element of OPA's decision log, as canonical JSON; `None` for a record that holds
/// no decision.
///
/// - `decision_id`: the number of the record; `labels.id`: the log.
/// - `path`: the policy's name; `bundles`: the policy with its version and digest.
/// - `input`: case, standing, actor and moment; `result`: the decision.
/// - `erased`: JSON pointers of what is sealed and was left out here, as OPA has them.
///
/// Integers stay texts, since amounts may be larger than what a JSON number holds for
/// certain.
#[must_use]
pub fn opa_decision(origin: &KeyName, record: &Record, program: &str) -> Option<Vec<u8>> {
    if record.kind.as_str() != DECISION {
        return None;
    }
    let text = |value: &str| Value::Text(value.to_owned());
    let object = |members: Vec<(&str, Value)>| {
        let mut object = Object::default();
        for (name, value) in members {
            object.insert(name, value);
        }
        Value::Object(object)
    };
    let part = |name: &str| record.body.get(name).cloned().unwrap_or(Value::Null);
    let release = part("release");
    let of = |name: &str| {
        release
            .get(name)
            .and_then(|it| it.as_text())
            .unwrap_or_default()
    };
    let revision = format!("{}+sha256.{}", of("version"), of("digest"));
    let mut input = object(vec![
        ("actor", part("actor")),
        ("as_of", part("as_of")),
        ("case", part("case")),
        ("standing", part("standing")),
    ]);
    let mut result = part("decision");
    let mut erased = Vec::new();
    erase(&mut input, "/input", &mut erased);
    erase(&mut result, "/result", &mut erased);
    let by = input.get("actor").and_then(|actor| {
        let id = actor.get("id").or_else(|| actor.get("role"));
        id.and_then(|id| id.as_text()).map(str::to_owned)
    });
    let mut decision = vec![
        (
            "bundles",
            object(vec![(
                of("name"),
                object(vec![("revision", text(&revision))]),
            )]),
        ),
        ("decision_id", Value::Text(record.seq.to_string())),
        ("input", input),
        (
            "labels",
            object(vec![
                ("app", text("redress")),
                ("id", text(origin.as_str())),
                ("version", text(program)),
            ]),
        ),
        ("path", text(of("name"))),
        ("result", result),
        ("timestamp", Value::Text(record.at.to_string())),
    ];
    if !erased.is_empty() {
        decision.push(("erased", Value::Array(erased)));
    }
    if let Some(by) = by {
        decision.push(("requested_by", Value::Text(by)));
    }
    Some(object(decision).write())
}

/// Takes what is sealed out of a value and notes where it stood. What is taken out of an
/// array leaves `null`, so that pointers into it stay true.
fn erase(value: &mut Value, pointer: &str, erased: &mut Vec<Value>) {
    match value {
        Value::Object(object) => {
            let mut gone = Vec::new();
            for (name, member) in object.iter_mut() {
                let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                if is_sealed(member) {
                    erased.push(Value::Text(below));
                    gone.push(name.to_owned());
                } else {
                    erase(member, &below, erased);
                }
            }
            for name in gone {
                object.remove(&name);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let below = format!("{pointer}/{index}");
                if is_sealed(item) {
                    erased.push(Value::Text(below));
                    *item = Value::Null;
                } else {
                    erase(item, &below, erased);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

fn is_sealed(value: &Value) -> bool {
    value.as_object().and_then(seal::sealed).is_some()
}
