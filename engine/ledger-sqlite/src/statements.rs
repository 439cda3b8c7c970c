//! The texts of statements, made once for each table.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use redress_ledger::Scan;
use redress_ledger::rows::TABLES;
use redress_ledger::table::Table;

use crate::Texts;
use crate::schema::names;

/// What tells the statements of scans apart.
type ScanKey = (&'static str, &'static [&'static str], usize, [bool; 3]);

/// The texts of statements.
#[derive(Debug)]
pub(crate) struct Statements {
    get: Texts,
    put: Texts,
    remove: Texts,
    scans: RwLock<BTreeMap<ScanKey, Arc<str>>>,
}

impl Statements {
    pub(crate) fn new() -> Self {
        let all = |text: fn(&Table) -> String| {
            TABLES
                .iter()
                .map(|table| (table.name, text(table)))
                .collect()
        };
        Self {
            get: all(get),
            put: all(put),
            remove: all(remove),
            scans: RwLock::new(BTreeMap::new()),
        }
    }

    pub(crate) fn get(&self, table: &Table) -> &str {
        self.get.get(table.name).map_or("", String::as_str)
    }

    pub(crate) fn put(&self, table: &Table) -> &str {
        self.put.get(table.name).map_or("", String::as_str)
    }

    pub(crate) fn remove(&self, table: &Table) -> &str {
        self.remove.get(table.name).map_or("", String::as_str)
    }

    pub(crate) fn scan(&self, scan: &Scan) -> Arc<str> {
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
            let text: Arc<str> = select(scan).into();
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

/// `"a" = ?1 AND "b" = ?2`.
fn equals(columns: &[&str]) -> String {
    let each = columns
        .iter()
        .zip(1..)
        .map(|(column, number)| format!("\"{column}\" = ?{number}"));
    each.collect::<Vec<_>>().join(" AND ")
}

fn get(table: &Table) -> String {
    let (columns, name) = (all_columns(table), table.name);
    format!(
        "SELECT {columns} FROM \"{name}\" WHERE {}",
        equals(table.key)
    )
}

fn remove(table: &Table) -> String {
    format!("DELETE FROM \"{}\" WHERE {}", table.name, equals(table.key))
}

/// Inserts a row.
pub(crate) fn insert(table: &Table) -> String {
    let places = (1..=table.columns.len()).map(|number| format!("?{number}"));
    let places = places.collect::<Vec<_>>().join(", ");
    let (columns, name) = (all_columns(table), table.name);
    format!("INSERT INTO \"{name}\" ({columns}) VALUES ({places})")
}

/// Inserts a row, or changes the one with its key.
fn put(table: &Table) -> String {
    let others = table.columns.iter().skip(table.key.len());
    let changes = others.map(|column| format!("\"{0}\" = excluded.\"{0}\"", column.name));
    format!(
        "{} ON CONFLICT ({}) DO UPDATE SET {}",
        insert(table),
        names(table.key),
        changes.collect::<Vec<_>>().join(", ")
    )
}

fn select(scan: &Scan) -> String {
    let (table, width) = (scan.table, scan.equal.len());
    let mut conditions = Vec::new();
    let equal = scan.by.get(..width).unwrap_or_default();
    if !equal.is_empty() {
        conditions.push(equals(equal));
    }
    let mut number = width;
    let next = scan.by.get(width).copied().unwrap_or_default();
    if scan.above.is_some() {
        number += 1;
        conditions.push(format!("\"{next}\" > ?{number}"));
    }
    if scan.to.is_some() {
        number += 1;
        conditions.push(format!("\"{next}\" <= ?{number}"));
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
        Some(_) => format!(" LIMIT ?{}", number + 1),
        None => String::new(),
    };
    let (columns, name) = (all_columns(table), table.name);
    format!("SELECT {columns} FROM \"{name}\"{filter}{order}{limit}")
}
