//! The digest of tables: what a compiled policy says it was built from.

use super::{CellType, HitPolicy, Matcher, Table, Tables};
use crate::{Digest, Value};

impl Tables {
    /// The digest of names, columns, hit policies and rows, in order.
    ///
    /// A policy compiled to WASM carries its tables inside; with this digest the host
    /// knows that they are those of the release. The layout of the CSV file, its quotes
    /// and line ends do not move it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = Bytes::default();
        bytes.text("redress tables 1");
        bytes.all(self.iter(), Bytes::table);
        Digest::of(&bytes.0)
    }
}

/// Bytes in which every part shows its own length, so that no two tables share them.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.push(tag);
        self
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.number(i64::try_from(text.len()).unwrap_or(i64::MAX));
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn all<T>(&mut self, items: impl ExactSizeIterator<Item = T>, write: fn(&mut Self, T)) {
        self.number(i64::try_from(items.len()).unwrap_or(i64::MAX));
        for item in items {
            write(self, item);
        }
    }

    fn table(&mut self, table: &Table) {
        self.text(table.name.as_str());
        self.tag(match table.hit {
            HitPolicy::Unique => 0,
            HitPolicy::First => 1,
        });
        for columns in [&table.inputs, &table.outputs] {
            self.all(columns.iter(), |bytes, column| {
                bytes.text(&column.name).cell_type(&column.ty);
            });
        }
        self.all(table.rows.iter(), |bytes, row| {
            bytes.all(row.matchers.iter(), Self::matcher);
            bytes.all(row.outputs.iter(), Self::value);
        });
    }

    fn cell_type(&mut self, ty: &CellType) {
        match ty {
            CellType::Bool => self.tag(0),
            CellType::Int { min, max } => self.tag(1).number(*min).number(*max),
            CellType::Enum(names) => {
                self.tag(2).all(names.iter(), |bytes, name| {
                    bytes.text(name);
                });
                self
            }
            CellType::Date { from, to } => self
                .tag(3)
                .number(from.days().into())
                .number(to.days().into()),
            CellType::Text => self.tag(4),
            CellType::Money(currency) => self.tag(5).text(currency.as_str()),
        };
    }

    fn matcher(&mut self, matcher: &Matcher) {
        match matcher {
            Matcher::Any => self.tag(0),
            Matcher::Bool(value) => self.tag(1).tag(u8::from(*value)),
            Matcher::Ints(min, max) => self.tag(2).number(*min).number(*max),
            Matcher::Dates(from, to) => self
                .tag(3)
                .number(from.days().into())
                .number(to.days().into()),
            Matcher::OneOf(names) => {
                self.tag(4).all(names.iter(), |bytes, name| {
                    bytes.text(name);
                });
                self
            }
        };
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Bool(value) => self.tag(0).tag(u8::from(*value)),
            Value::Int(value) => self.tag(1).number(*value),
            Value::Enum(place) => self.tag(2).number((*place).into()),
            Value::Date(date) => self.tag(3).number(date.days().into()),
            Value::DateTime(instant) => self.tag(4).number(instant.seconds()),
            Value::Money(money) => self
                .tag(5)
                .number(money.minor())
                .text(money.currency().as_str()),
            Value::Text(text) => self.tag(6).text(text),
            Value::List(items) => {
                self.tag(7).all(items.iter(), Self::value);
                self
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use crate::table::{CellType, Column, HitPolicy, Matcher, Row, Table, Tables};
    use crate::{Code, Value};

    fn tables(hit: HitPolicy, split: i64, names: [&str; 2]) -> Tables {
        let row = |from, to, text: &str| Row {
            matchers: Box::new([Matcher::Ints(from, to)]),
            outputs: Box::new([Value::Text(text.into())]),
        };
        let column = |name: &str, ty| Column {
            name: name.into(),
            ty,
        };
        let table = Table::new(
            Code::new("tariff").unwrap(),
            hit,
            vec![column("km", CellType::Int { min: 0, max: 9 })],
            vec![column("article", CellType::Text)],
            vec![row(0, split, names[0]), row(split + 1, 9, names[1])],
        );
        Tables::new([table.unwrap()]).unwrap()
    }

    #[test]
    fn the_digest_moves_with_everything_that_an_answer_depends_on() {
        let digest = |hit, split, names| tables(hit, split, names).digest();
        let one = digest(HitPolicy::Unique, 5, ["a", "bc"]);
        assert_eq!(one, digest(HitPolicy::Unique, 5, ["a", "bc"]));
        assert_ne!(one, digest(HitPolicy::First, 5, ["a", "bc"]));
        assert_ne!(one, digest(HitPolicy::Unique, 6, ["a", "bc"]));
        assert_ne!(one, digest(HitPolicy::Unique, 5, ["ab", "c"]));
        assert_ne!(one, Tables::default().digest());
    }
}
