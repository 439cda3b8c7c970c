//! Where everything lies in the module's memory, and the bytes that are there from the
//! start: texts, enum values, tables.

use std::collections::BTreeMap;

use redress_model::table::{CellType, Matcher, Table, Tables};
use redress_model::{Code as ModelCode, FactType, Schema, Slot, Value};
use smol_str::SmolStr;

use crate::ir::TextId;

/// Where the report lies: past the first bytes, so that nothing lies at address 0.
pub(super) const REPORT_AT: u32 = 16;

/// A table in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableData {
    /// Sixteen bytes for each input column of each row: the least and the greatest value,
    /// or the set of enum values as bits.
    pub(super) rows_at: u32,
    pub(super) row_bytes: u32,
    pub(super) rows: u32,
    /// Eight bytes for each output column of each row.
    pub(super) outputs_at: u32,
    pub(super) output_bytes: u32,
}

/// The bytes that are there from the start.
#[derive(Debug)]
pub(super) struct Data {
    start: u32,
    bytes: Vec<u8>,
    texts: Vec<i64>,
    text_ids: BTreeMap<SmolStr, i64>,
    enums: BTreeMap<Slot, u32>,
    pub(super) tables: Vec<TableData>,
}

impl Data {
    pub(super) fn new(start: u32, texts: &[SmolStr], schema: &Schema, tables: &Tables) -> Self {
        let mut data = Self {
            start,
            bytes: Vec::new(),
            texts: Vec::new(),
            text_ids: BTreeMap::new(),
            enums: BTreeMap::new(),
            tables: Vec::new(),
        };
        for text in texts {
            let packed = data.text(text);
            data.texts.push(packed);
        }
        for (slot, fact) in schema.slots() {
            let values = match &fact.ty {
                FactType::Enum(values) => values,
                FactType::List { item, .. } => match &**item {
                    FactType::Enum(values) => values,
                    _ => continue,
                },
                _ => continue,
            };
            let packed: Vec<i64> = values.iter().map(|value| data.text(value)).collect();
            let at = data.words(&packed);
            data.enums.insert(slot, at);
        }
        for table in tables.iter() {
            let made = data.table(table);
            data.tables.push(made);
        }
        data
    }

    /// The end of the bytes, for what lies behind them. Texts are copied in eights, so that
    /// a few bytes behind the last one are read too.
    pub(super) fn end(&self) -> u32 {
        self.start
            .saturating_add(length(&self.bytes))
            .saturating_add(16)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn here(&self) -> u32 {
        self.start.saturating_add(length(&self.bytes))
    }

    fn align(&mut self) {
        while !self.here().is_multiple_of(8) {
            self.bytes.push(0);
        }
    }

    /// A text as its address and length, with a byte before it that says whether it is a
    /// code. The same text is one place, so that comparing places compares texts.
    pub(super) fn text(&mut self, text: &SmolStr) -> i64 {
        if let Some(packed) = self.text_ids.get(text) {
            return *packed;
        }
        self.bytes.push(u8::from(ModelCode::new(text).is_ok()));
        let address = self.here();
        self.bytes.extend_from_slice(text.as_bytes());
        let packed = pack(address, length(text.as_bytes()));
        self.text_ids.insert(text.clone(), packed);
        packed
    }

    pub(super) fn of_text(&self, id: TextId) -> i64 {
        let at = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.texts.get(at).copied().unwrap_or_default()
    }

    /// Where the values of an enum fact are, as texts.
    pub(super) fn of_enum(&self, slot: Slot) -> u32 {
        self.enums.get(&slot).copied().unwrap_or_default()
    }

    pub(super) fn words(&mut self, words: &[i64]) -> u32 {
        self.align();
        let at = self.here();
        for word in words {
            self.bytes.extend_from_slice(&word.to_le_bytes());
        }
        at
    }

    fn table(&mut self, table: &Table) -> TableData {
        let mut rows = Vec::new();
        let mut outputs = Vec::new();
        for row in table.rows() {
            for (matcher, column) in row.matchers.iter().zip(table.inputs()) {
                let (low, high) = ends(matcher, &column.ty);
                rows.extend([low, high]);
            }
            for value in &row.outputs {
                outputs.push(match value {
                    Value::Bool(value) => i64::from(*value),
                    Value::Int(value) => *value,
                    Value::Date(date) => i64::from(date.days()),
                    Value::DateTime(instant) => instant.seconds(),
                    Value::Money(money) => money.minor(),
                    Value::Text(text) => self.text(text),
                    Value::Enum(_) | Value::List(_) => 0,
                });
            }
        }
        let rows_at = self.words(&rows);
        let outputs_at = self.words(&outputs);
        let size =
            |columns: usize, each: u32| u32::try_from(columns).unwrap_or(0).saturating_mul(each);
        TableData {
            rows_at,
            row_bytes: size(table.inputs().len(), 16),
            rows: u32::try_from(table.rows().len()).unwrap_or(u32::MAX),
            outputs_at,
            output_bytes: size(table.outputs().len(), 8),
        }
    }
}

/// The least and the greatest value that a cell accepts; of an enum, the places of its
/// values as bits.
fn ends(matcher: &Matcher, ty: &CellType) -> (i64, i64) {
    match (matcher, ty) {
        (Matcher::Bool(value), _) => (i64::from(*value), i64::from(*value)),
        (Matcher::Ints(low, high), _) => (*low, *high),
        (Matcher::Dates(from, to), _) => (i64::from(from.days()), i64::from(to.days())),
        (Matcher::OneOf(wanted), CellType::Enum(values)) => {
            let bits = values
                .iter()
                .enumerate()
                .filter(|(_, value)| wanted.contains(value));
            let bits = bits.fold(0_u64, |bits, (place, _)| {
                bits | 1_u64
                    .checked_shl(u32::try_from(place).unwrap_or(64))
                    .unwrap_or(0)
            });
            (bits.cast_signed(), 0)
        }
        (_, CellType::Enum(_)) => (-1, 0),
        _ => (i64::MIN, i64::MAX),
    }
}

/// The most values that an enum column may have, since a set of them is 64 bits.
pub(super) const ENUM_VALUES_MAX: usize = 64;

pub(super) fn pack(address: u32, length: u32) -> i64 {
    redress_abi::pack(address, length)
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
