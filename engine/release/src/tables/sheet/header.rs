//! The header of a spreadsheet: which of its columns is which of the table's.

use std::path::Path;

use redress_model::code::nearest;
use redress_model::{CellType, Column};

use super::cells;
use crate::error::{Problems, ReleaseError};
use crate::tables::column::Columns;

/// Where a column of the table stands in the spreadsheet.
enum Place {
    /// In one column.
    At(usize),
    /// As a range in two columns, its start and its end.
    Range(usize, usize),
}

/// The columns of the table, in order.
pub(super) struct Header {
    places: Vec<Place>,
    width: usize,
}

impl Header {
    /// Finds every column of the table in the header; `None` after telling of those that
    /// are missing, twice there, or not the table's.
    pub(super) fn read(
        shown: &Path,
        line: u32,
        record: &csv::StringRecord,
        columns: &Columns,
        problems: &mut Problems,
    ) -> Option<Self> {
        let found: Vec<String> = record.iter().map(name).collect();
        let mut told = false;
        let mut tell = |problem: String, help: String| {
            told = true;
            problems.add(ReleaseError {
                line: Some(line),
                help: Some(help),
                ..ReleaseError::of_file(shown, problem)
            });
        };
        let declared: Vec<&str> = columns.names().collect();
        let all = declared.join(",");
        let mut used = Vec::new();
        let mut places = Vec::new();
        let inputs = columns.inputs.iter().map(|column| (column, true));
        let outputs = columns.outputs.iter().map(|column| (column, false));
        for (column, is_input) in inputs.chain(outputs) {
            match place(&found, column, is_input) {
                Ok(place) => {
                    match place {
                        Place::At(at) => used.push(at),
                        Place::Range(from, to) => used.extend([from, to]),
                    }
                    places.push(place);
                }
                Err(problem) => tell(problem, format!("the manifest declares {all}")),
            }
        }
        for (at, cell) in found.iter().enumerate() {
            if cell.is_empty() || used.contains(&at) {
                continue;
            }
            // A second column of one name has been told of above.
            if declared.contains(&cell.as_str()) {
                continue;
            }
            let help = match nearest(cell, declared.iter().copied()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("the manifest declares {all}"),
            };
            tell(
                format!("column {} ({cell}) is not a column of the table", at + 1),
                help,
            );
        }
        (!told).then_some(Self {
            places,
            width: record.len(),
        })
    }

    /// The cells of a row in the table's order and grammar; `None` after telling of those
    /// that do not fit.
    pub(super) fn cells(
        &self,
        shown: &Path,
        line: u32,
        record: &csv::StringRecord,
        columns: &Columns,
        separator: u8,
        problems: &mut Problems,
    ) -> Option<Vec<String>> {
        // Empty cells at the end of a row are often left out, or too many.
        let too_many = record.iter().skip(self.width).any(|cell| !cell.is_empty());
        if too_many {
            let (found, width) = (record.len(), self.width);
            problems.add(ReleaseError {
                line: Some(line),
                ..ReleaseError::of_file(shown, format!("expected {width} cells, found {found}"))
            });
            return None;
        }
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let all = columns.inputs.iter().chain(&columns.outputs);
        let inputs = columns.inputs.len();
        let mut whole = true;
        let mut row = Vec::new();
        for (at, (place, column)) in self.places.iter().zip(all).enumerate() {
            let read = match *place {
                Place::At(at) => cells::plain(&column.ty, cell(at), separator),
                Place::Range(from, to) => cells::range(&column.ty, cell(from), cell(to), separator),
            };
            let read = read.and_then(|cell| match cell.as_str() {
                "" if at < inputs => Err("an input is empty; write * for every value".to_owned()),
                _ => Ok(cell),
            });
            match read {
                Ok(cell) => row.push(cell),
                Err(problem) => {
                    whole = false;
                    let at = match *place {
                        Place::At(at) | Place::Range(at, _) => at,
                    };
                    problems.add(ReleaseError {
                        line: Some(line),
                        key: Some(format!("column {} ({})", at + 1, column.name)),
                        ..ReleaseError::of_file(shown, problem)
                    });
                }
            }
        }
        whole.then_some(row)
    }
}

/// A header's cell as a column's name: `Distance km` is `distance_km`.
fn name(cell: &str) -> String {
    cell.trim()
        .to_lowercase()
        .chars()
        .map(|c| if c == ' ' || c == '-' { '_' } else { c })
        .collect()
}

fn place(found: &[String], column: &Column, is_input: bool) -> Result<Place, String> {
    let at = |wanted: &str| -> Result<Option<usize>, String> {
        let mut places = found.iter().enumerate().filter(|(_, cell)| *cell == wanted);
        let first = places.next().map(|(at, _)| at);
        match (first, places.next()) {
            (Some(first), Some((second, _))) => Err(format!(
                "columns {} and {} are both named {wanted}",
                first + 1,
                second + 1
            )),
            (first, _) => Ok(first),
        }
    };
    if let Some(at) = at(&column.name)? {
        return Ok(Place::At(at));
    }
    let missing = format!("the column {} is missing", column.name);
    let ranged = is_input && matches!(column.ty, CellType::Int { .. } | CellType::Date { .. });
    if !ranged {
        return Err(missing);
    }
    let from = at(&format!("{}_from", column.name))?;
    let to = at(&format!("{}_to", column.name))?;
    match (from, to) {
        (Some(from), Some(to)) => Ok(Place::Range(from, to)),
        (None, None) => Err(missing),
        _ => Err(format!(
            "{0}_from and {0}_to go together, and one of them is missing",
            column.name
        )),
    }
}
