//! The facts of a case, from TOML to the JSON that admission reads.

use serde_json::{Map, Value as Json};
use toml::de::DeValue;

use crate::reader::{Item, Reader, Section};

/// Reads `[facts]`; a case without facts leaves every fact unknown.
pub(super) fn read(root: &Section<'_>, reader: &mut Reader<'_>) -> Option<Map<String, Json>> {
    match root.get("facts") {
        None => Some(Map::new()),
        Some(item) => object(&item.section(reader)?, reader),
    }
}

fn object(section: &Section<'_>, reader: &mut Reader<'_>) -> Option<Map<String, Json>> {
    let mut facts = Map::new();
    let mut whole = true;
    for (name, item) in section.items() {
        match value(&item, reader) {
            Some(value) => {
                facts.insert(name.to_owned(), value);
            }
            None => whole = false,
        }
    }
    whole.then_some(facts)
}

fn value(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Json> {
    match item.value() {
        DeValue::String(text) => Some(Json::String(text.clone().into_owned())),
        DeValue::Boolean(flag) => Some(Json::Bool(*flag)),
        // TOML's own dates read as RFC 3339 texts, which is what the schema expects.
        DeValue::Datetime(time) => Some(Json::String(time.to_string())),
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(number.as_str(), number.radix());
            if read.is_err() {
                item.problem(reader, "the integer does not fit into 64 bits");
            }
            read.ok().map(Json::from)
        }
        DeValue::Float(_) => {
            item.problem(
                reader,
                "facts have no fractions; write an integer of a smaller unit",
            );
            None
        }
        DeValue::Array(_) => {
            let items = item.array(reader)?;
            let count = items.len();
            let values: Vec<Json> = items
                .iter()
                .filter_map(|item| value(item, reader))
                .collect();
            (values.len() == count).then_some(Json::Array(values))
        }
        DeValue::Table(_) => object(&item.section(reader)?, reader).map(Json::Object),
    }
}
