//! What the cells of a table mean.
//!
//! | cell | column | matches |
//! | --- | --- | --- |
//! | `*` | any input | every value |
//! | `true`, `false` | bool | that value |
//! | `5`, `2026-10-01` | int, date | that value |
//! | `1501..3500` | int, date | both ends and what lies between |
//! | `..1500`, `3501..` | int, date | up to, or from, the end of the column's range |
//! | `weather\|strike` | enum | either |

use redress_model::{CellType, Date, Matcher, Money, Value};
use smol_str::SmolStr;

/// An input cell.
pub(super) fn matcher(ty: &CellType, cell: &str) -> Result<Matcher, String> {
    if cell == "*" {
        return Ok(Matcher::Any);
    }
    match ty {
        CellType::Bool => flag(cell).map(Matcher::Bool),
        CellType::Int { min, max } => {
            let number = |text: &str| text.parse::<i64>().ok();
            range(cell, (*min, *max), number)
                .map(|(low, high)| Matcher::Ints(low, high))
                .map_err(|reason| misfit(ty, cell, reason))
        }
        CellType::Date { from, to } => {
            let date = |text: &str| text.parse::<Date>().ok();
            range(cell, (*from, *to), date)
                .map(|(first, last)| Matcher::Dates(first, last))
                .map_err(|reason| misfit(ty, cell, reason))
        }
        CellType::Enum(values) => {
            let wanted: Vec<SmolStr> = cell.split('|').map(|v| SmolStr::new(v.trim())).collect();
            if !wanted.iter().all(|value| values.contains(value)) {
                return Err(misfit(ty, cell, ""));
            }
            let mut distinct = wanted.clone();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() < wanted.len() {
                return Err(format!("{cell:?} names a value twice"));
            }
            Ok(Matcher::OneOf(wanted.into()))
        }
        CellType::Text | CellType::Money(_) => Err(misfit(ty, cell, "")),
    }
}

/// An output cell.
pub(super) fn value(ty: &CellType, cell: &str) -> Result<Value, String> {
    let fail = || misfit(ty, cell, "");
    match ty {
        CellType::Bool => flag(cell).map(Value::Bool),
        CellType::Int { .. } => cell.parse().map(Value::Int).map_err(|_| fail()),
        CellType::Date { .. } => cell.parse().map(Value::Date).map_err(|_| fail()),
        CellType::Text if cell.contains(char::is_control) => {
            Err("a text has no line breaks or other control characters".into())
        }
        CellType::Text => Ok(Value::Text(cell.into())),
        CellType::Money(currency) => {
            let number = cell.strip_suffix(currency.as_str()).unwrap_or(cell);
            Money::from_decimal(number.trim_end(), *currency)
                .map(Value::Money)
                .map_err(|error| error.to_string())
        }
        CellType::Enum(_) => Err(fail()),
    }
}

fn flag(cell: &str) -> Result<bool, String> {
    match cell {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(misfit(&CellType::Bool, cell, "")),
    }
}

/// Both ends of a range or a single value, within the range of the column.
fn range<T: Copy + PartialOrd>(
    cell: &str,
    (min, max): (T, T),
    read: impl Fn(&str) -> Option<T>,
) -> Result<(T, T), &'static str> {
    let end = |text: &str, open: T| match text.trim() {
        "" => Some(open),
        text => read(text),
    };
    let (low, high) = match cell.split_once("..") {
        Some(("", "")) => return Err("; write * for every value"),
        Some((low, high)) => (end(low, min).ok_or("")?, end(high, max).ok_or("")?),
        None => {
            let value = read(cell).ok_or("")?;
            (value, value)
        }
    };
    if low > high {
        return Err("; the range ends before it starts");
    }
    if low < min || high > max {
        return Err("; this is outside the range");
    }
    Ok((low, high))
}

fn misfit(ty: &CellType, cell: &str, reason: &str) -> String {
    let found: String = cell.chars().take(80).collect();
    format!("expected {}, found {found:?}{reason}", ty.expected())
}
