//! The texts of statements, made once for each table, so that the stores in SQL keep the same
//! tables and differ only in their [`Dialect`].

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use crate::cell::{CellType, Presence};
use crate::rows::TABLES;
use crate::store::Scan;
use crate::table::Table;

/// How a database spells what SQL leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What stands before the number of a parameter.
    pub parameter: char,
    /// A whole number of 64 bits.
    pub int: &'static str,
    /// Text that is ordered by its bytes.
    pub text: &'static str,
    /// Bytes.
    pub bytes: &'static str,
    /// What follows a table whose key is one column.
    pub table: &'static str,
    /// What follows a table whose key is several columns.
    pub table_by_key: &'static str,
}

/// The texts of statements by what they do.
type Texts = BTreeMap<&'static str, String>;

/// What tells the statements of scans apart.
type ScanKey = (&'static str, &'static [&'static str], usize, [bool; 3]);

/// The texts of statements.
#[derive(Debug)]
pub struct Statements {
    dialect: Dialect,
    get: Texts,
    put: Texts,
    remove: Texts,
    scans: RwLock<BTreeMap<ScanKey, Arc<str>>>,
}

impl Statements {
    /// The statements of every table.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        let all = |text: fn(Dialect, &Table) -> String| {
            TABLES
                .iter()
                .map(|table| (table.name, text(dialect, table)))
                .collect()
        };
        Self {
            dialect,
            get: all(get),
            put: all(put),
            remove: all(remove),
            scans: RwLock::new(BTreeMap::new()),
        }
    }

    /// Selects the row with a key.
    #[must_use]
    pub fn get(&self, table: &Table) -> &str {
        self.get.get(table.name).map_or("", String::as_str)
    }

    /// Inserts a row, or changes the one with its key.
    #[must_use]
    pub fn put(&self, table: &Table) -> &str {
        self.put.get(table.name).map_or("", String::as_str)
    }

    /// Deletes the row with a key.
    #[must_use]
    pub fn remove(&self, table: &Table) -> &str {
        self.remove.get(table.name).map_or("", String::as_str)
    }

    /// Selects the rows of a scan. Its parameters are what the first columns equal, then the
    /// bounds, then the limit.
    #[must_use]
    pub fn scan(&self, scan: &Scan) -> Arc<str> {
        let bounds = [
            scan.above.is_some(),
            scan.to.is_some(),
            scan.limit.is_some(),
        ];
        let key: ScanKey = (scan.table.name, scan.by, scan.equal.len(), bounds);
        let known = self
            .scans
            .read()
            .ok()
            .and_then(|scans| scans.get(&key).cloned());
        known.unwrap_or_else(|| {
            let text: Arc<str> = select(self.dialect, scan).into();
            if let Ok(mut scans) = self.scans.write() {
                scans.insert(key, Arc::clone(&text));
            }
            text
        })
    }
}

fn all_columns(table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    names(&columns)
}

/// Quoted names of columns.
fn names(columns: &[&str]) -> String {
    let quoted = columns.iter().map(|column| format!("\"{column}\""));
    quoted.collect::<Vec<_>>().join(", ")
}

/// `"a" = ?1 AND "b" = ?2`.
fn equals(dialect: Dialect, columns: &[&str]) -> String {
    let parameter = dialect.parameter;
    let each = columns
        .iter()
        .zip(1..)
        .map(|(column, number)| format!("\"{column}\" = {parameter}{number}"));
    each.collect::<Vec<_>>().join(" AND ")
}

fn get(dialect: Dialect, table: &Table) -> String {
    let (columns, name) = (all_columns(table), table.name);
    format!(
        "SELECT {columns} FROM \"{name}\" WHERE {}",
        equals(dialect, table.key)
    )
}

fn remove(dialect: Dialect, table: &Table) -> String {
    format!(
        "DELETE FROM \"{}\" WHERE {}",
        table.name,
        equals(dialect, table.key)
    )
}

/// Inserts a row.
#[must_use]
pub fn insert(dialect: Dialect, table: &Table) -> String {
    insert_from(table, &values(dialect, table))
}

/// `VALUES (?1, ?2)`.
fn values(dialect: Dialect, table: &Table) -> String {
    let parameter = dialect.parameter;
    let places = (1..=table.columns.len()).map(|number| format!("{parameter}{number}"));
    format!("VALUES ({})", places.collect::<Vec<_>>().join(", "))
}

fn insert_from(table: &Table, source: &str) -> String {
    let (columns, name) = (all_columns(table), table.name);
    format!("INSERT INTO \"{name}\" ({columns}) {source}")
}

/// Inserts a row, or changes the one with its key.
fn put(dialect: Dialect, table: &Table) -> String {
    put_from(table, &values(dialect, table))
}

/// Inserts the rows that a source gives (`VALUES` or a query), or changes those with their keys.
#[must_use]
pub fn put_from(table: &Table, source: &str) -> String {
    let others = table.columns.iter().skip(table.key.len());
    let changes = others.map(|column| format!("\"{0}\" = excluded.\"{0}\"", column.name));
    let changes = changes.collect::<Vec<_>>().join(", ");
    // A row that is all key is there already.
    let otherwise = if changes.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {changes}")
    };
    format!(
        "{} ON CONFLICT ({}) DO {otherwise}",
        insert_from(table, source),
        names(table.key)
    )
}

fn select(dialect: Dialect, scan: &Scan) -> String {
    let (table, width, parameter) = (scan.table, scan.equal.len(), dialect.parameter);
    let mut conditions = Vec::new();
    let equal = scan.by.get(..width).unwrap_or_default();
    if !equal.is_empty() {
        conditions.push(equals(dialect, equal));
    }
    let mut number = width;
    let next = scan.by.get(width).copied().unwrap_or_default();
    if scan.above.is_some() {
        number += 1;
        conditions.push(format!("\"{next}\" > {parameter}{number}"));
    }
    if scan.to.is_some() {
        number += 1;
        conditions.push(format!("\"{next}\" <= {parameter}{number}"));
    }
    let filter = if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    };
    let mut order: Vec<&str> = scan.by.iter().skip(width).copied().collect();
    order.extend(table.key.iter().filter(|column| !scan.by.contains(column)));
    let order = if order.is_empty() {
        String::new()
    } else {
        format!(" ORDER BY {}", names(&order))
    };
    let limit = match scan.limit {
        Some(_) => format!(" LIMIT {parameter}{}", number + 1),
        None => String::new(),
    };
    let (columns, name) = (all_columns(table), table.name);
    format!("SELECT {columns} FROM \"{name}\"{filter}{order}{limit}")
}

/// The statements that make a table and its indexes.
#[must_use]
pub fn create(dialect: Dialect, table: &Table) -> Vec<String> {
    let columns = table.columns.iter().map(|column| {
        let ty = match column.ty {
            CellType::Int => dialect.int,
            CellType::Text => dialect.text,
            CellType::Bytes => dialect.bytes,
        };
        let presence = match column.presence {
            Presence::Required => " NOT NULL",
            Presence::Optional => "",
        };
        format!("\"{}\" {ty}{presence}", column.name)
    });
    let mut parts: Vec<String> = columns.collect();
    parts.push(format!("PRIMARY KEY ({})", names(table.key)));
    parts.extend(table.checks.iter().map(|check| format!("CHECK ({check})")));
    let end = if table.key.len() > 1 {
        dialect.table_by_key
    } else {
        dialect.table
    };
    let mut texts = vec![format!(
        "CREATE TABLE \"{}\" ({}){end}",
        table.name,
        parts.join(", ")
    )];
    texts.extend(table.indexes.iter().map(|by| {
        format!(
            "CREATE INDEX \"{}_by_{}\" ON \"{}\" ({})",
            table.name,
            by.join("_"),
            table.name,
            names(by)
        )
    }));
    texts
}
