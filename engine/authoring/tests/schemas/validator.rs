//! The part of JSON Schema 2020-12 that the schemas of the TOML files use.
//!
//! A keyword that is not known here is a failure of its own, so that nothing that a
//! schema says goes unread. A library for all of JSON Schema would bring some fifty crates
//! along for one test.

use regex::Regex;
use serde_json::Value as Json;

/// What is wrong with a value, each with its pointer; empty when it is valid.
pub(crate) fn problems(root: &Json, value: &Json) -> Vec<String> {
    let mut problems = Vec::new();
    check(root, root, value, "", &mut problems);
    problems
}

fn check(root: &Json, schema: &Json, value: &Json, at: &str, out: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        if *schema == Json::Bool(false) {
            out.push(format!("{at}: is not known here"));
        }
        return;
    };
    for (keyword, says) in schema {
        if let Some(problem) = one(root, schema, keyword, says, value, at, out) {
            out.push(format!("{at}: {problem}"));
        }
    }
}

/// Looks at one keyword; what it says of members and items goes to `out`.
fn one(
    root: &Json,
    schema: &serde_json::Map<String, Json>,
    keyword: &str,
    says: &Json,
    value: &Json,
    at: &str,
    out: &mut Vec<String>,
) -> Option<String> {
    let wrong = |problem: String, wrong: bool| wrong.then_some(problem);
    let number = says.as_i64();
    let count = |length: Option<usize>, fits: fn(i64, i64) -> bool| {
        let length = i64::try_from(length?).unwrap();
        wrong(
            format!("{keyword} is {says}, found {length}"),
            !fits(length, number.unwrap()),
        )
    };
    match keyword {
        "$schema" | "title" | "description" | "$defs" => None,
        "$ref" => {
            let pointer = says.as_str().unwrap().strip_prefix('#').unwrap();
            check(root, root.pointer(pointer).unwrap(), value, at, out);
            None
        }
        "type" => {
            let one = says.as_str().map(|one| vec![one]);
            let types = one.unwrap_or_else(|| {
                let list = says.as_array().unwrap();
                list.iter().map(|one| one.as_str().unwrap()).collect()
            });
            let fits = types.iter().any(|ty| match *ty {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64() || value.is_u64(),
                other => panic!("the type {other} is not known"),
            });
            wrong(format!("expected {types:?}"), !fits)
        }
        "enum" => wrong(
            format!("expected one of {says}, found {value}"),
            !says.as_array().unwrap().contains(value),
        ),
        "const" => wrong(format!("expected {says}, found {value}"), says != value),
        "pattern" => {
            let pattern = Regex::new(says.as_str().unwrap()).unwrap();
            let text = value.as_str()?;
            wrong(
                format!("{text:?} does not match {says}"),
                !pattern.is_match(text),
            )
        }
        "minimum" => wrong(
            format!("{value} is below {says}"),
            value.as_i64()? < number.unwrap(),
        ),
        "maximum" => wrong(
            format!("{value} is above {says}"),
            value.as_i64()? > number.unwrap(),
        ),
        "minItems" => count(value.as_array().map(Vec::len), |found, says| found >= says),
        "maxItems" => count(value.as_array().map(Vec::len), |found, says| found <= says),
        "minProperties" => count(value.as_object().map(|it| it.len()), |found, says| {
            found >= says
        }),
        "uniqueItems" => {
            let items = value.as_array()?;
            let twice = items
                .iter()
                .enumerate()
                .any(|(i, one)| items[..i].contains(one));
            wrong("an item stands twice".into(), twice)
        }
        "items" => {
            for (index, item) in value.as_array()?.iter().enumerate() {
                check(root, says, item, &format!("{at}/{index}"), out);
            }
            None
        }
        "properties" => {
            for (name, member) in value.as_object()? {
                if let Some(says) = says.get(name) {
                    check(root, says, member, &format!("{at}/{name}"), out);
                }
            }
            None
        }
        "additionalProperties" => {
            let named = schema.get("properties").and_then(Json::as_object);
            for (name, member) in value.as_object()? {
                if !named.is_some_and(|named| named.contains_key(name)) {
                    check(root, says, member, &format!("{at}/{name}"), out);
                }
            }
            None
        }
        "propertyNames" => {
            for name in value.as_object()?.keys() {
                check(
                    root,
                    says,
                    &Json::from(name.as_str()),
                    &format!("{at}/{name}"),
                    out,
                );
            }
            None
        }
        "required" => {
            let object = value.as_object()?;
            let names = says.as_array().unwrap().iter();
            let missing = names.filter(|name| !object.contains_key(name.as_str().unwrap()));
            let missing: Vec<String> = missing.map(ToString::to_string).collect();
            wrong(format!("{missing:?} is missing"), !missing.is_empty())
        }
        "dependentRequired" => {
            let object = value.as_object()?;
            for (name, needs) in says.as_object().unwrap() {
                for need in needs.as_array().unwrap() {
                    if object.contains_key(name) && !object.contains_key(need.as_str().unwrap()) {
                        return Some(format!("{name} needs {need}"));
                    }
                }
            }
            None
        }
        "allOf" => {
            for says in says.as_array().unwrap() {
                check(root, says, value, at, out);
            }
            None
        }
        "anyOf" => {
            let fits = says.as_array().unwrap().iter().any(|says| {
                let mut found = Vec::new();
                check(root, says, value, at, &mut found);
                found.is_empty()
            });
            wrong("fits none of the forms".into(), !fits)
        }
        other => panic!("the keyword {other} is not known"),
    }
}
