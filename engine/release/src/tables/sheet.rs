//! A table as a spreadsheet exports it, read into the form that a release keeps.
//!
//! | in the spreadsheet | becomes |
//! | --- | --- |
//! | columns in any order, `Distance km` | the declared columns in their order, `distance_km` |
//! | `distance_km_from` and `distance_km_to` | one column of ranges, an empty end is open |
//! | `TRUE`, `Yes`, `是`; `FALSE`, `No`, `否` | `true`; `false` |
//! | `2026/1/5` | `2026-01-05` |
//! | `1500.0` in a column of whole numbers | `1500` |
//! | `250,00` where cells are separated by `;` or tabs | `250.00 EUR` |
//! | rows without any text | nothing |

mod cells;
mod header;
#[cfg(test)]
mod tests;

use std::path::Path;

use redress_model::{Code, Row, Table};

use self::header::Header;
use super::column::Columns;
use super::{Declared, Lines, declared, row, tell_of_coverage};
use crate::error::{Problems, ReleaseError, ReleaseErrors};
use crate::folder::{MANIFEST, SourceFolder};
use crate::reader::{Reader, Section};

/// The longest spreadsheet, in bytes: as long as any file of a release.
pub(crate) const SHEET_BYTES_MAX: usize = 1024 * 1024;

/// What stands between the cells of a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// What the first line has most of, or names as `sep=;` does.
    Guess,
    /// `,`
    Comma,
    /// `;`, as where decimals have commas.
    Semicolon,
    /// A tab.
    Tab,
}

/// A table that is complete and can take its place in the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The file that the manifest names for the table.
    pub file: String,
    /// Its new text.
    pub csv: String,
    /// How many rows it has.
    pub rows: usize,
}

impl SourceFolder {
    /// Reads a spreadsheet's text for a table that the manifest declares; `shown` is the
    /// spreadsheet's name for messages.
    ///
    /// # Errors
    /// [`ReleaseErrors`] with everything that is wrong, each with file, line and column:
    /// a table that is not declared, columns that are missing or too many, cells that do
    /// not fit, and every gap and overlap as the range that is missing or said twice.
    pub fn sheet(
        &self,
        table: &str,
        shown: &Path,
        text: &str,
        separator: Separator,
    ) -> Result<Sheet, ReleaseErrors> {
        let mut problems = Problems::default();
        let sheet = self.read_sheet(table, shown, text, separator, &mut problems);
        problems.into_result(sheet)
    }

    fn read_sheet(
        &self,
        table: &str,
        shown: &Path,
        text: &str,
        separator: Separator,
        problems: &mut Problems,
    ) -> Option<Sheet> {
        if text.len() > SHEET_BYTES_MAX {
            let used = text.len();
            problems.file(
                shown,
                format!("has {used} bytes, at most {SHEET_BYTES_MAX} are read"),
            );
            return None;
        }
        let declared = self.declared_table(table, problems)?;
        let (text, first_line, separator) = separated(text, separator);
        let columns = &declared.columns;
        let rows = rows(shown, (text, first_line), separator, columns, problems)?;
        let csv = written(columns, &rows);
        let lines: Vec<u32> = rows.iter().map(|row| row.line).collect();
        let count = rows.len();
        let rows: Vec<Row> = rows.into_iter().map(|row| row.row).collect();
        let name: Code = declared.name;
        let (inputs, outputs) = (columns.inputs.clone(), columns.outputs.clone());
        let found = Table::coverage(name, declared.hit, inputs, outputs, rows);
        tell_of_coverage(shown, found, &lines, problems).then_some(Sheet {
            file: declared.file,
            csv,
            rows: count,
        })
    }

    fn declared_table(&self, table: &str, problems: &mut Problems) -> Option<Declared> {
        let manifest = self.shown(MANIFEST);
        let Some(text) = self.text(MANIFEST, problems) else {
            problems.file(&manifest, "is not there, so this is no release folder");
            return None;
        };
        let (mut reader, root) = Reader::parse(&manifest, text, problems)?;
        let reader = &mut reader;
        let items = match Section::root(&root).get("table") {
            Some(item) => item.array(reader)?,
            None => Vec::new(),
        };
        let mut names: Vec<&str> = Vec::new();
        for item in items {
            let section = item.section(reader)?;
            let name = section.need(reader, "name")?.text(reader)?;
            if name == table {
                return declared(&section, reader);
            }
            names.push(name);
        }
        let help = match names.as_slice() {
            [] => "declare it there with [[table]], name, file, hit, inputs and outputs".to_owned(),
            _ => format!("its tables are {}", names.join(", ")),
        };
        reader.problems().add(ReleaseError {
            help: Some(help),
            ..ReleaseError::of_file(&manifest, format!("declares no table {table:?}"))
        });
        None
    }
}

/// One row of the spreadsheet.
struct SheetRow {
    line: u32,
    cells: Vec<String>,
    row: Row,
}

/// The text without a line that only names the separator, the number of its first line,
/// and the separator.
fn separated(text: &str, separator: Separator) -> (&str, u32, u8) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let named = first.trim_end().strip_prefix("sep=");
    let named = named.and_then(|named| match named.as_bytes() {
        [byte] => Some(*byte),
        _ => None,
    });
    let (body, line) = if named.is_some() {
        (rest, 2)
    } else {
        (text, 1)
    };
    let byte = match (separator, named) {
        (Separator::Comma, _) => b',',
        (Separator::Semicolon, _) => b';',
        (Separator::Tab, _) => b'\t',
        (Separator::Guess, Some(named)) => named,
        (Separator::Guess, None) => most_frequent(
            text.lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default(),
        ),
    };
    (body, line, byte)
}

/// The separator that a header has most of; the comma where it has none.
fn most_frequent(header: &str) -> u8 {
    let count = |wanted: u8| header.bytes().filter(|byte| *byte == wanted).count();
    let mut best = b',';
    for byte in [b';', b'\t'] {
        if count(byte) > count(best) {
            best = byte;
        }
    }
    best
}

fn rows(
    shown: &Path,
    (text, first_line): (&str, u32),
    separator: u8,
    columns: &Columns,
    problems: &mut Problems,
) -> Option<Vec<SheetRow>> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Lines::new(text).starting_at(first_line);
    let mut header: Option<Header> = None;
    let mut found = Vec::new();
    let mut whole = true;
    for record in csv.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.file(shown, format!("is not CSV: {error}"));
                return None;
            }
        };
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        if record.iter().all(str::is_empty) {
            continue;
        }
        let Some(header) = &header else {
            header = Some(Header::read(shown, line, &record, columns, problems)?);
            continue;
        };
        let cells = header.cells(shown, line, &record, columns, separator, problems);
        let read = cells.and_then(|cells| {
            let record = csv::StringRecord::from(cells.clone());
            let row = row(shown, line, &record, columns, problems)?;
            Some(SheetRow { line, cells, row })
        });
        match read {
            Some(read) => found.push(read),
            None => whole = false,
        }
    }
    if header.is_none() {
        let names: Vec<&str> = columns.names().collect();
        problems.file(shown, format!("expected the header {}", names.join(",")));
        return None;
    }
    whole.then_some(found)
}

/// The rows as a release keeps them.
fn written(columns: &Columns, rows: &[SheetRow]) -> String {
    let quoted = |cell: &str| {
        if cell.contains([',', '"']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.to_owned()
        }
    };
    let names: Vec<&str> = columns.names().collect();
    let mut text = format!("{}\n", names.join(","));
    for row in rows {
        let cells: Vec<String> = row.cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}
