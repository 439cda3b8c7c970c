//! The facts of a schema, each with its place in the record.

use std::fmt::Write as _;

use redress_model::{FactClass, FactDef, FactType, Schema, Slot};

use super::comment;
use super::names::{Names, Taken, enum_values};
use crate::Layout;

pub(super) fn write(out: &mut String, schema: &Schema, layout: &Layout, names: &Names) {
    out.push_str("\n/* Facts. Those of class `route` can only be read in `route`. */\n");
    let mut taken = Taken::default();
    for (slot, fact) in schema.slots() {
        let name = taken.identifier(&fact.name, false);
        if !fact.class.seen_by_route() {
            continue;
        }
        let place = layout.offset(slot).unwrap_or_default();
        write_fact(
            out,
            &Place {
                slot,
                fact,
                name,
                place,
            },
            names,
        );
    }
}

struct Place<'s> {
    slot: Slot,
    fact: &'s FactDef,
    /// The C identifier.
    name: String,
    /// The offset of the field.
    place: usize,
}

fn write_fact(out: &mut String, at: &Place<'_>, names: &Names) {
    let Place {
        slot,
        fact,
        name,
        place,
    } = at;
    let unit = fact.unit.as_ref().map(|unit| format!(", in {unit}"));
    let _ = writeln!(
        out,
        "\n/* {}: {}; {}{} */",
        fact.name,
        fact.class.name(),
        comment(&fact.ty.expected()),
        comment(&unit.unwrap_or_default()),
    );
    let _ = writeln!(out, "#define RD_SLOT_{name} {}", slot.number());
    let _ = writeln!(out, "#define RD_FIELD_{name} {place}");
    let record = match fact.class {
        FactClass::Route => "seen_by_route_only",
        _ => "record",
    };
    let _ = writeln!(out, "#define RD_RECORD_{name}(facts) ((facts).{record})");
    if matches!(fact.ty, FactType::Date | FactType::DateTime) {
        let _ = writeln!(out, "#define RD_DATE_SLOT_{name} {}", slot.number());
    }
    if let FactType::List { item, .. } = &fact.ty {
        let size = match **item {
            FactType::Money { .. } => 16,
            _ => 8,
        };
        let head = format!("rd_item_{name}(const unsigned char *record, int64_t index)");
        let cell = format!("rd_item(record, {place}, index, {size})");
        reader(out, &head, item, &cell, names);
    } else {
        let head = format!("rd_read_{name}(const unsigned char *record)");
        reader(out, &head, &fact.ty, &format!("record + {place}"), names);
    }
}

/// A function that reads one cell.
fn reader(out: &mut String, head: &str, ty: &FactType, cell: &str, names: &Names) {
    let (result, value) = match ty {
        FactType::Bool => ("bool", format!("rd_load({cell}) != 0")),
        FactType::Int { .. } | FactType::List { .. } => ("int64_t", format!("rd_load({cell})")),
        FactType::Date => ("rd_date", format!("rd_load({cell})")),
        FactType::DateTime => ("rd_instant", format!("rd_load({cell})")),
        FactType::Money { .. } => ("rd_money", format!("rd_load_money({cell})")),
        FactType::Text { .. } => ("rd_text", format!("rd_load_text(record, {cell})")),
        FactType::Enum(_) => ("rd_name", format!("values[rd_load({cell})]")),
    };
    let _ = writeln!(out, "RD_API {result} {head} {{");
    if let FactType::Enum(_) = ty {
        let values = enum_values(ty).iter().map(|value| names.constant(value));
        let values: Vec<String> = values.collect();
        let _ = writeln!(
            out,
            "    static const rd_name values[] = {{{}}};",
            values.join(",\n        ")
        );
    }
    let _ = writeln!(out, "    return {value};\n}}");
}
