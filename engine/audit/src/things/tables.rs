//! The rows of the tables.

use redress_authoring::Lang;
use redress_model::Value;
use redress_model::table::{CellType, Column, Matcher, Table};
use redress_release::ReleaseSource;

use super::words::{self, any, comma};
use super::{Part, Said, Thing};

pub(super) fn tables(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let tables = release.tables().iter();
    tables.flat_map(|table| rows(table, lang)).collect()
}

fn rows(table: &Table, lang: Lang) -> Vec<Thing> {
    let inputs: Vec<&str> = table
        .inputs()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let outputs = table.outputs().iter().map(|column| column.name.to_string());
    let name = format!("{} {}", lang.say("table", "表"), table.name());
    let whole = Thing::new(Part::Tables, table.name().as_str(), name)
        .with(
            "hit",
            lang.say("rows that match", "匹配方式"),
            words::words(table.hit().name()),
        )
        .with(
            "inputs",
            lang.say("asks for", "输入"),
            words::words(inputs.join(", ")),
        )
        .with(
            "outputs",
            lang.say("answers", "输出"),
            Said::List(outputs.collect()),
        );
    let mut all = vec![whole];
    for row in table.rows() {
        let cells = |lang| -> Vec<String> {
            let cells = table.inputs().iter().zip(&row.matchers);
            cells
                .map(|(column, matcher)| {
                    format!("{} {}", column.name, matches(column, matcher, lang))
                })
                .collect()
        };
        let id = format!("{}: {}", table.name(), cells(Lang::En).join(", "));
        let name = match lang {
            Lang::En => format!("{}: {}", table.name(), cells(lang).join(comma(lang))),
            Lang::Zh => format!("{}：{}", table.name(), cells(lang).join(comma(lang))),
        };
        let mut thing = Thing::new(Part::Tables, id, name);
        for (column, value) in table.outputs().iter().zip(&row.outputs) {
            thing = thing.with("cell", &column.name, cell(value));
        }
        all.push(thing);
    }
    all
}

fn cell(value: &Value) -> Said {
    match value {
        Value::Int(number) => words::number(*number, ""),
        Value::Money(sum) => words::money(*sum),
        Value::Bool(value) => words::words(value),
        Value::Date(date) => words::words(date),
        Value::Text(text) => words::words(text),
        value => words::words(format!("{value:?}")),
    }
}

fn matches(column: &Column, matcher: &Matcher, lang: Lang) -> String {
    let ends = match &column.ty {
        CellType::Int { min, max } => Some((*min, *max)),
        _ => None,
    };
    match matcher {
        Matcher::Any => any(lang).to_owned(),
        Matcher::Bool(true) => lang.say("yes", "是").to_owned(),
        Matcher::Bool(false) => lang.say("no", "否").to_owned(),
        Matcher::Ints(from, to) if from == to => from.to_string(),
        Matcher::Ints(from, to) if ends.is_some_and(|(_, max)| *to == max) => format!("≥ {from}"),
        Matcher::Ints(from, to) if ends.is_some_and(|(min, _)| *from == min) => format!("≤ {to}"),
        Matcher::Ints(from, to) => format!("{from}–{to}"),
        Matcher::Dates(from, to) if from == to => from.to_string(),
        Matcher::Dates(from, to) => format!("{from} – {to}"),
        Matcher::OneOf(values) => values.join(lang.say(" or ", "或")),
    }
}
