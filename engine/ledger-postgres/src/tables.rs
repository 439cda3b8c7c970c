//! The rows of one transaction.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, LazyLock};

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use redress_ledger::cell::{Cell, CellType};
use redress_ledger::rows::TABLES;
use redress_ledger::sql::{Statements, put_from};
use redress_ledger::table::{Row, Table};
use redress_ledger::{Fronts, Scan, StoreError, Tables};
use smol_str::SmolStr;

use crate::error::store_error;
use crate::session::Session;

/// The rows of one transaction on a connection.
pub(crate) struct PostgresTables<'s> {
    session: &'s mut Session,
    statements: &'s Statements,
    fronts: Option<&'s Arc<Fronts>>,
    failed: Option<StoreError>,
}

impl<'s> PostgresTables<'s> {
    pub(crate) const fn new(session: &'s mut Session, statements: &'s Statements) -> Self {
        Self {
            session,
            statements,
            fronts: None,
            failed: None,
        }
    }

    /// The same, with what is kept of norms between transactions.
    pub(crate) const fn lending(mut self, fronts: &'s Arc<Fronts>) -> Self {
        self.fronts = Some(fronts);
        self
    }

    /// The first statement that failed. The server has given the transaction up then, and
    /// would answer a commit by rolling back without an error.
    pub(crate) fn failed(self) -> Option<StoreError> {
        self.failed
    }

    /// The rows of a query without parameters.
    pub(crate) fn select(&mut self, text: &str) -> Result<Vec<Row>, StoreError> {
        self.query(text, &[])
    }

    fn query(&mut self, text: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let params = places(params);
        let found = self
            .session
            .statement(text)
            .and_then(|statement| self.session.client.query(&statement, &params));
        let rows = found.and_then(|rows| {
            let rows = rows.iter().map(|row| {
                let cells = (0..row.len()).map(|place| Ok(row.try_get::<_, Loaded>(place)?.0));
                cells.collect::<Result<Row, postgres::Error>>()
            });
            rows.collect::<Result<Vec<Row>, postgres::Error>>()
        });
        rows.map_err(|error| self.fail(&error))
    }

    fn execute(&mut self, text: &str, cells: &[Cell]) -> Result<(), StoreError> {
        let params: Vec<Param<'_>> = cells.iter().map(Param).collect();
        let params = places(&params);
        let done = self
            .session
            .statement(text)
            .and_then(|statement| self.session.client.execute(&statement, &params));
        done.map(|_| ()).map_err(|error| self.fail(&error))
    }

    fn fail(&mut self, error: &postgres::Error) -> StoreError {
        let error = store_error(error);
        self.failed.get_or_insert(error.clone());
        error
    }
}

impl Tables for PostgresTables<'_> {
    fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError> {
        let params: Vec<Param<'_>> = key.iter().map(Param).collect();
        let statements = self.statements;
        Ok(self.query(statements.get(table), &params)?.pop())
    }

    fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError> {
        let text = self.statements.scan(scan);
        let limit = scan.limit.map(|limit| Cell::Int(i64::from(limit)));
        let params = scan
            .equal
            .iter()
            .chain(&scan.above)
            .chain(&scan.to)
            .chain(&limit);
        let params: Vec<Param<'_>> = params.map(Param).collect();
        self.query(&text, &params)
    }

    fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError> {
        let statements = self.statements;
        self.execute(statements.put(table), row)
    }

    /// All rows of a table go to the server at once: a trip there and back costs more than what
    /// it does with a row.
    fn put_all(&mut self, table: &'static Table, rows: &[&[Cell]]) -> Result<(), StoreError> {
        match rows {
            [] => return Ok(()),
            [row] => return self.put(table, row),
            _ => {}
        }
        let columns = (0..table.columns.len()).map(|place| {
            let cells = rows.iter().map(|row| row.get(place).unwrap_or(&Cell::Null));
            cells.map(Param).collect::<Vec<_>>()
        });
        let columns: Vec<Vec<Param<'_>>> = columns.collect();
        let params = columns.iter();
        let params: Vec<&(dyn ToSql + Sync)> = params
            .map(|column| -> &(dyn ToSql + Sync) { column })
            .collect();
        let done = self
            .session
            .statement(put_all(table))
            .and_then(|statement| self.session.client.execute(&statement, &params));
        done.map(|_| ()).map_err(|error| self.fail(&error))
    }

    fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError> {
        let statements = self.statements;
        self.execute(statements.remove(table), key)
    }

    fn fronts(&self) -> Option<Arc<Fronts>> {
        self.fronts.map(Arc::clone)
    }
}

/// Saves rows that are given column by column, each as an array.
fn put_all(table: &Table) -> &'static str {
    static TEXTS: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
        let text = |table: &Table| {
            let arrays = table.columns.iter().zip(1..).map(|(column, number)| {
                let ty = match column.ty {
                    CellType::Int => "int8",
                    CellType::Text => "text",
                    CellType::Bytes => "bytea",
                };
                format!("${number}::{ty}[]")
            });
            let arrays = arrays.collect::<Vec<_>>().join(", ");
            put_from(table, &format!("SELECT * FROM unnest({arrays})"))
        };
        let each = TABLES.iter().map(|table| (table.name, text(table)));
        each.collect()
    });
    TEXTS.get(table.name).map_or("", String::as_str)
}

/// A cell as a parameter.
#[derive(Debug)]
pub(crate) struct Param<'a>(pub(crate) &'a Cell);

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Cell::Null => Ok(IsNull::Yes),
            Cell::Int(number) => number.to_sql_checked(ty, out),
            Cell::Text(text) => text.as_str().to_sql_checked(ty, out),
            Cell::Bytes(bytes) => bytes.to_sql_checked(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

/// Parameters as the client takes them.
pub(crate) fn places<'p>(params: &'p [Param<'_>]) -> Vec<&'p (dyn ToSql + Sync)> {
    let each = params.iter();
    each.map(|param| -> &(dyn ToSql + Sync) { param }).collect()
}

/// A stored value as a cell.
struct Loaded(Cell);

impl<'a> FromSql<'a> for Loaded {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(if *ty == Type::INT8 {
            Cell::Int(i64::from_sql(ty, raw)?)
        } else if *ty == Type::TEXT {
            Cell::Text(SmolStr::from(<&str>::from_sql(ty, raw)?))
        } else {
            Cell::Bytes(raw.to_vec())
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }
}
