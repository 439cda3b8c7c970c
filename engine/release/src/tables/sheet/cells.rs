//! Cells as people and spreadsheets write them, in the grammar of a release's tables.
//!
//! Nothing is guessed: what could be read in two ways is left as it is, and the reader of
//! the table refuses it.

use redress_model::CellType;

/// One cell.
pub(super) fn plain(ty: &CellType, cell: &str, separator: u8) -> Result<String, String> {
    let cell = cell.trim();
    Ok(match ty {
        CellType::Bool => flag(cell).to_owned(),
        CellType::Int { .. } | CellType::Date { .. } => match cell.split_once("..") {
            Some((low, high)) => format!("{}..{}", end(ty, low), end(ty, high)),
            None => end(ty, cell),
        },
        CellType::Money(currency) => {
            let number = cell.strip_suffix(currency.as_str()).unwrap_or(cell).trim();
            let number = decimal(number, separator);
            match number.is_empty() {
                true => number,
                false => format!("{number} {currency}"),
            }
        }
        CellType::Enum(_) | CellType::Text => cell.to_owned(),
    })
}

/// A range in two cells; an empty end is open, and two empty ends are every value.
pub(super) fn range(ty: &CellType, from: &str, to: &str, separator: u8) -> Result<String, String> {
    let (from, to) = (plain(ty, from, separator)?, plain(ty, to, separator)?);
    if from.contains("..") || to.contains("..") {
        return Err("a start or an end of a range is one value".into());
    }
    Ok(match (from.as_str(), to.as_str()) {
        ("" | "*", "" | "*") => "*".to_owned(),
        (from, to) if from == to => from.to_owned(),
        (from, to) => format!("{from}..{to}"),
    })
}

fn flag(cell: &str) -> &str {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "是" => "true",
        "false" | "no" | "否" => "false",
        _ => cell,
    }
}

/// A whole number or a date.
fn end(ty: &CellType, text: &str) -> String {
    let text = text.trim();
    match ty {
        CellType::Date { .. } => date(text),
        _ => match text.split_once('.') {
            // Spreadsheets write whole numbers with a fraction of nothing.
            Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => {
                whole.to_owned()
            }
            _ => text.to_owned(),
        },
    }
}

/// `2026/1/5` is `2026-01-05`; a date that does not start with its year stays as it is.
fn date(text: &str) -> String {
    let parts: Vec<&str> = text.split(['/', '-']).collect();
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match parts.as_slice() {
        [year, month, day]
            if year.len() == 4
                && [year, month, day].into_iter().all(|part| plain(part))
                && month.len() <= 2
                && day.len() <= 2 =>
        {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        _ => text.to_owned(),
    }
}

/// `250,00` is `250.00` where commas do not separate cells.
fn decimal(number: &str, separator: u8) -> String {
    let comma = separator != b',' && !number.contains('.') && number.matches(',').count() == 1;
    if comma {
        number.replace(',', ".")
    } else {
        number.to_owned()
    }
}
