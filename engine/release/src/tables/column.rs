//! How a manifest declares the columns of a table: `distance_km: int 0..20038`.

use redress_model::{CellType, Column, Currency, Date};
use smol_str::SmolStr;

/// The columns of one table.
pub(super) struct Columns {
    pub(super) inputs: Vec<Column>,
    pub(super) outputs: Vec<Column>,
}

impl Columns {
    pub(super) const fn new(inputs: Vec<Column>, outputs: Vec<Column>) -> Self {
        Self { inputs, outputs }
    }

    /// The names that the header of the file has, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let columns = self.inputs.iter().chain(&self.outputs);
        columns.map(|column| column.name.as_str())
    }
}

const INPUT: &str =
    "expected \"name: type\" with the type bool, int MIN..MAX, enum a|b or date FROM..TO";
const OUTPUT: &str = "expected \"name: type\" with the type bool, int, text, date or money CUR";

/// An input column.
pub(super) fn input(text: &str) -> Result<Column, String> {
    let fail = || format!("{INPUT}, found {text:?}");
    let (name, ty, range) = parts(text).ok_or_else(fail)?;
    let ends = || range.split_once("..");
    let ty = match ty {
        "bool" if range.is_empty() => CellType::Bool,
        "int" => {
            let (min, max) = ends().ok_or_else(fail)?;
            let number = |end: &str| end.trim().parse::<i64>().map_err(|_| fail());
            let (min, max) = (number(min)?, number(max)?);
            CellType::Int { min, max }
        }
        "date" => {
            let (from, to) = ends().ok_or_else(fail)?;
            let date = |end: &str| end.trim().parse::<Date>().map_err(|_| fail());
            let (from, to) = (date(from)?, date(to)?);
            CellType::Date { from, to }
        }
        "enum" => {
            let values: Vec<SmolStr> = range.split('|').map(|v| SmolStr::new(v.trim())).collect();
            let plain = |value: &SmolStr| {
                !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && b != b'*')
            };
            if !values.iter().all(plain) {
                return Err(fail());
            }
            CellType::Enum(values.into())
        }
        _ => return Err(fail()),
    };
    Ok(Column { name, ty })
}

/// An output column.
pub(super) fn output(text: &str) -> Result<Column, String> {
    let fail = || format!("{OUTPUT}, found {text:?}");
    let (name, ty, rest) = parts(text).ok_or_else(fail)?;
    let ty = match (ty, rest) {
        ("bool", "") => CellType::Bool,
        ("int", "") => CellType::Int {
            min: i64::MIN,
            max: i64::MAX,
        },
        ("text", "") => CellType::Text,
        ("date", "") => {
            let to = Date::from_ymd(9999, 12, 31).ok_or_else(fail)?;
            let from = Date::from_ymd(1, 1, 1).ok_or_else(fail)?;
            CellType::Date { from, to }
        }
        ("money", currency) => {
            CellType::Money(Currency::new(currency).map_err(|error| error.to_string())?)
        }
        _ => return Err(fail()),
    };
    Ok(Column { name, ty })
}

/// Name, type and what follows the type.
fn parts(text: &str) -> Option<(SmolStr, &str, &str)> {
    let (name, ty) = text.split_once(':')?;
    let (name, ty) = (name.trim(), ty.trim());
    let (ty, rest) = ty.split_once(' ').unwrap_or((ty, ""));
    let plain = (1..=64).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    plain.then(|| (SmolStr::new(name), ty, rest.trim()))
}
