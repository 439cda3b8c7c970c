//! The tables of a release as arrays, each with a function that finds its row.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use redress_model::table::{CellType, Column, Matcher, Row, Table, Tables};
use redress_model::{Date, Value};
use smol_str::SmolStr;

use super::names::{Names, Taken};
use super::{comment, literal, number};

pub(super) fn write(out: &mut String, tables: &Tables, names: &Names) {
    let mut taken = Taken::default();
    for table in tables.iter() {
        let name = taken.identifier(table.name().as_str(), false);
        write_table(out, table, &name, names);
    }
}

fn write_table(out: &mut String, table: &Table, name: &str, names: &Names) {
    let _ = writeln!(
        out,
        "\n/* Table {}, hit policy {}. A lookup outside the ranges stops the policy.\n *",
        table.name(),
        table.hit().name()
    );
    for column in table.inputs() {
        describe(out, column, "takes");
    }
    for column in table.outputs() {
        describe(out, column, "gives");
    }
    out.push_str(" */\n");

    let outputs = identifiers(table.outputs());
    let _ = writeln!(out, "typedef struct {{");
    for (column, field) in table.outputs().iter().zip(&outputs) {
        let _ = writeln!(out, "    {} {field};", c_type(&column.ty));
    }
    let _ = writeln!(out, "}} rd_row_{name};\n");

    let inputs = identifiers(table.inputs());
    let accepted = write_names(out, table, name, names);
    let _ = writeln!(
        out,
        "RD_API const rd_row_{name} *rd_table_{name}({}) {{",
        parameters(table, &inputs)
    );
    out.push_str("    static const struct {\n");
    for (number, column) in table.inputs().iter().enumerate() {
        let _ = writeln!(out, "        {}", matcher_fields(number, &column.ty));
    }
    let _ = writeln!(out, "        rd_row_{name} row;\n    }} rows[] = {{");
    for (row, accepted) in table.rows().iter().zip(&accepted) {
        let _ = writeln!(out, "        {{{}}},", cells(table, row, accepted));
    }
    out.push_str("    };\n");
    search(out, table, name, &inputs);
    out.push_str("}\n");
}

fn describe(out: &mut String, column: &Column, verb: &str) {
    let expected = match column.ty {
        CellType::Int {
            min: i64::MIN,
            max: i64::MAX,
        } => "an integer".into(),
        CellType::Money(currency) => format!("a sum in {currency}"),
        _ => column.ty.expected(),
    };
    let line = comment(&format!("{verb} {}: {expected}", column.name));
    let _ = writeln!(out, " * {line}");
}

fn identifiers(columns: &[Column]) -> Vec<String> {
    let mut taken = Taken::default();
    columns
        .iter()
        .map(|column| taken.identifier(&column.name, true))
        .collect()
}

const fn c_type(ty: &CellType) -> &'static str {
    match ty {
        CellType::Bool => "bool",
        CellType::Int { .. } => "int64_t",
        CellType::Enum(_) => "rd_name",
        CellType::Date { .. } => "rd_date",
        CellType::Text => "rd_text",
        CellType::Money(_) => "rd_money",
    }
}

fn parameters(table: &Table, inputs: &[String]) -> String {
    let columns = table.inputs().iter().zip(inputs);
    let list: Vec<String> = columns
        .map(|(column, input)| format!("{} {input}", c_type(&column.ty)))
        .collect();
    list.join(", ")
}

/// The names that a row accepts in each input: where their list starts, and its length.
type Accepted = Vec<(usize, usize)>;

/// Writes the lists of names that rows accept into one array, each list once.
fn write_names(out: &mut String, table: &Table, name: &str, names: &Names) -> Vec<Accepted> {
    let mut all: Vec<String> = Vec::new();
    let mut known: BTreeMap<&[SmolStr], usize> = BTreeMap::new();
    let mut places = Vec::new();
    for row in table.rows() {
        let mut accepted = Accepted::new();
        for (matcher, column) in row.matchers.iter().zip(table.inputs()) {
            let list: &[SmolStr] = match (matcher, &column.ty) {
                (Matcher::OneOf(list), _) | (_, CellType::Enum(list)) => list,
                _ => &[],
            };
            let first = *known.entry(list).or_insert(all.len());
            if first == all.len() {
                all.extend(list.iter().map(|value| names.constant(value)));
            }
            accepted.push((first, list.len()));
        }
        places.push(accepted);
    }
    if !all.is_empty() {
        let _ = writeln!(
            out,
            "static const rd_name rd_accepted_{name}[] = {{\n    {}}};\n",
            all.join(",\n    ")
        );
    }
    places
}

fn matcher_fields(input: usize, ty: &CellType) -> String {
    match ty {
        CellType::Bool => format!("bool no{input}, yes{input};"),
        CellType::Enum(_) => format!("uint32_t first{input}, count{input};"),
        _ => format!("int64_t least{input}, most{input};"),
    }
}

fn cells(table: &Table, row: &Row, accepted: &Accepted) -> String {
    let mut cells: Vec<String> = Vec::new();
    let columns = table.inputs().iter().zip(accepted);
    for (matcher, (column, (first, count))) in row.matchers.iter().zip(columns) {
        let span = |least, most| format!("{}, {}", number(least), number(most));
        let days = |from: Date, to: Date| span(from.days().into(), to.days().into());
        cells.push(match (matcher, &column.ty) {
            (Matcher::Bool(value), _) => format!("{}, {value}", !value),
            (Matcher::Ints(least, most), _) => span(*least, *most),
            (Matcher::Dates(from, to), _) => days(*from, *to),
            (Matcher::OneOf(_), _) | (_, CellType::Enum(_)) => format!("{first}, {count}"),
            // Any value of the column's range, and none outside it.
            (Matcher::Any, CellType::Int { min, max }) => span(*min, *max),
            (Matcher::Any, CellType::Date { from, to }) => days(*from, *to),
            (Matcher::Any, _) => "true, true".into(),
        });
    }
    let outputs: Vec<String> = row.outputs.iter().map(value).collect();
    format!("{}, {{{}}}", cells.join(", "), outputs.join(", "))
}

fn value(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => number(*value),
        Value::Date(date) => date.days().to_string(),
        Value::DateTime(instant) => number(instant.seconds()),
        Value::Money(money) => {
            let [a, b, c] = money.currency().bytes();
            let currency = u32::from_le_bytes([a, b, c, 0]);
            format!("{{{}, {currency:#x}}}", number(money.minor()))
        }
        Value::Text(text) => format!("{{{}, {}}}", literal(text), text.len()),
        // Neither can stand in a table.
        Value::Enum(place) => place.to_string(),
        Value::List(_) => "0".into(),
    }
}

fn search(out: &mut String, table: &Table, name: &str, inputs: &[String]) {
    let mut wanted: Vec<String> = Vec::new();
    for (number, (column, input)) in table.inputs().iter().zip(inputs).enumerate() {
        wanted.push(match &column.ty {
            CellType::Bool => format!("({input} ? rows[i].yes{number} : rows[i].no{number})"),
            CellType::Enum(_) => format!(
                "rd_among({input}, rd_accepted_{name} + rows[i].first{number}, \
                 rows[i].count{number})"
            ),
            _ => format!("{input} >= rows[i].least{number} && {input} <= rows[i].most{number}"),
        });
    }
    let _ = writeln!(
        out,
        "    for (uint32_t i = 0; i < {}; i++) {{\n        if ({}) {{\n            \
         return &rows[i].row;\n        }}\n    }}\n    rd_stop();\n    return &rows[0].row;",
        table.rows().len(),
        wanted.join(" &&\n            "),
    );
}
