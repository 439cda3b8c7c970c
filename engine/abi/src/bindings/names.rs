//! Names of C: identifiers from names of facts and columns, constants for enum values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use redress_model::table::{CellType, Tables};
use redress_model::{FactType, Schema};

use super::literal;

/// The constants for enum values. A value has the same number wherever it is named, so
/// that facts and tables compare as texts do.
pub(super) struct Names {
    /// By value: its number from 1, and its C name without `RD_NAME_`.
    values: BTreeMap<String, (u16, String)>,
}

impl Names {
    /// Gathers the enum values of every fact that a policy may read and of every table.
    pub(super) fn of(schema: &Schema, tables: &Tables) -> Self {
        let readable = schema
            .facts()
            .iter()
            .filter(|fact| fact.class.seen_by_route());
        let of_facts = readable.flat_map(|fact| enum_values(&fact.ty));
        let of_tables = tables.iter().flat_map(|table| {
            table.inputs().iter().flat_map(|column| match &column.ty {
                CellType::Enum(values) => values.iter(),
                _ => [].iter(),
            })
        });
        let distinct: BTreeSet<&str> = of_facts.chain(of_tables).map(|v| v.as_str()).collect();
        let mut taken = Taken::default();
        let values = (1..)
            .zip(distinct)
            .map(|(number, value)| (value.to_owned(), (number, taken.identifier(value, false))))
            .collect();
        Self { values }
    }

    /// The constant of a value: `RD_NAME_cancellation`.
    pub(super) fn constant(&self, value: &str) -> String {
        self.values
            .get(value)
            .map_or_else(|| "0".into(), |(_, name)| format!("RD_NAME_{name}"))
    }

    pub(super) fn write(&self, out: &mut String) {
        if self.values.is_empty() {
            return;
        }
        out.push_str("\n/* Values of enums. */\n");
        for (number, name) in self.values.values() {
            let _ = writeln!(out, "#define RD_NAME_{name} ((rd_name){number})");
        }
        out.push_str(
            "\n/* A value's name, for use inside a reason: rd_words(rd_name_text(name)). */\n",
        );
        out.push_str("RD_API rd_text rd_name_text(rd_name name) {\n");
        out.push_str("    static const char *const texts[] = {\"\"");
        for value in self.values.keys() {
            let _ = write!(out, ",\n        {}", literal(value));
        }
        out.push_str("};\n");
        let count = self.values.len();
        let _ = writeln!(
            out,
            "    return rd_text_of_chars(texts[name <= {count} ? name : 0]);\n}}"
        );
    }
}

/// The values of an enum, or of a list of one.
pub(super) fn enum_values(ty: &FactType) -> &[smol_str::SmolStr] {
    match ty {
        FactType::Enum(values) => values,
        FactType::List { item, .. } => enum_values(item),
        _ => &[],
    }
}

/// Identifiers given out so far. Two names that C cannot tell apart get a number.
#[derive(Default)]
pub(super) struct Taken(BTreeSet<String>);

impl Taken {
    /// An identifier for a name; with `standing_alone`, one that is no word of C either.
    pub(super) fn identifier(&mut self, name: &str, standing_alone: bool) -> String {
        let mut wanted: String = name
            .replace('.', "__")
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let digit_first = wanted.starts_with(|c: char| c.is_ascii_digit());
        if standing_alone && (WORDS_OF_C.contains(&wanted.as_str()) || digit_first) {
            wanted.insert(0, '_');
        }
        let mut found = wanted.clone();
        let mut number = 2_u32;
        while !self.0.insert(found.clone()) {
            found = format!("{wanted}_{number}");
            number = number.saturating_add(1);
        }
        found
    }
}

const WORDS_OF_C: [&str; 39] = [
    "asm", "auto", "bool", "break", "case", "char", "const", "continue", "default", "do", "double",
    "else", "enum", "extern", "false", "float", "for", "goto", "if", "inline", "int", "long",
    "register", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch",
    "true", "typedef", "typeof", "union", "unsigned", "void", "volatile", "while",
];
