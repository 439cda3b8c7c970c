//! Tables of a release: columns from the manifest, rows from CSV.

mod cell;
mod column;
#[cfg(test)]
mod tests;

use std::path::Path;

use redress_model::{Code, HitPolicy, Matcher, Row, Table, TableError, Tables, Value};

use self::column::Columns;
use crate::error::{Problems, ReleaseError};
use crate::folder::SourceFolder;
use crate::reader::{Item, Reader, Section};

const KEYS: &[&str] = &["name", "file", "hit", "inputs", "outputs"];
const HITS: &[(&str, HitPolicy)] = &[("unique", HitPolicy::Unique), ("first", HitPolicy::First)];

/// Reads every `[[table]]` of a manifest with its file.
pub(crate) fn read(
    root: &Section<'_>,
    folder: &SourceFolder,
    reader: &mut Reader<'_>,
) -> Option<Tables> {
    let items = match root.get("table") {
        Some(item) => item.array(reader)?,
        None => Vec::new(),
    };
    let count = items.len();
    let mut tables: Vec<Table> = Vec::new();
    for item in items {
        let Some(table) = table(&item, folder, reader) else {
            continue;
        };
        if tables.iter().any(|other| other.name() == table.name()) {
            item.problem(
                reader,
                format!("two tables are named {:?}", table.name().as_str()),
            );
            continue;
        }
        tables.push(table);
    }
    let complete = tables.len() == count;
    complete.then(|| Tables::new(tables).ok()).flatten()
}

fn table(item: &Item<'_>, folder: &SourceFolder, reader: &mut Reader<'_>) -> Option<Table> {
    let section = item.section(reader)?;
    section.only(reader, KEYS);
    let name = section.need(reader, "name");
    let name = name.and_then(|name| name.read(reader, Code::new));
    let file = section.need(reader, "file");
    let file = file.and_then(|file| folder.named(&file, ".csv", reader));
    let hit = section.need(reader, "hit");
    let hit = hit.and_then(|hit| hit.one_of(reader, HITS));
    let inputs = section.need(reader, "inputs");
    let inputs = inputs.and_then(|inputs| inputs.list(reader, column::input));
    let outputs = section.need(reader, "outputs");
    let outputs = outputs.and_then(|outputs| outputs.list(reader, column::output));
    let (name, hit, columns) = (name?, hit?, Columns::new(inputs?, outputs?));
    let file = file?;
    let problems = reader.problems();
    let text = folder.text(file, problems)?;
    let shown = folder.shown(file);
    let rows = rows(&shown, text, &columns, problems)?;
    let lines: Vec<u32> = rows.iter().map(|(line, _)| *line).collect();
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    match Table::new(name, hit, columns.inputs, columns.outputs, rows) {
        Ok(table) => Some(table),
        Err(error) => {
            let (line, problem) = in_lines(&error, &lines);
            // A column's type stands in the manifest, everything else in the table's file.
            match error {
                TableError::ColumnCount { .. }
                | TableError::ColumnType { .. }
                | TableError::DuplicateColumn { .. } => item.problem(reader, problem),
                _ => reader.problems().add(ReleaseError {
                    line,
                    ..ReleaseError::of_file(&shown, problem)
                }),
            }
            None
        }
    }
}

/// Counts the lines of a text from one record to the next.
///
/// The reader's own count is that of the line after the record before, which is wrong
/// where empty lines lie between.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of the first cell at or after a byte of the text, which moves forward.
    fn of(&mut self, byte: u64) -> u32 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let mut rest = self.text.get(self.at..).unwrap_or_default();
        while let Some((first, after)) = rest.split_first() {
            if self.at >= byte && !b"\r\n".contains(first) {
                break;
            }
            self.line = self.line.saturating_add(u32::from(*first == b'\n'));
            self.at += 1;
            rest = after;
        }
        self.line
    }
}

/// The error with the lines of the file in place of row numbers.
fn in_lines(error: &TableError, lines: &[u32]) -> (Option<u32>, String) {
    let line = |row: &usize| lines.get(*row).copied();
    match error {
        TableError::Overlap { first, second, at } => {
            let earlier = line(first).unwrap_or_default();
            let later = line(second).unwrap_or_default();
            let problem = format!("lines {earlier} and {later} both answer for {at}");
            (line(second), problem)
        }
        TableError::Unreachable { row } => (
            line(row),
            "this row is never reached: earlier rows answer for everything it matches".into(),
        ),
        _ => (None, error.to_string()),
    }
}

/// The rows with their lines; `None` after telling of everything that does not fit.
fn rows(
    file: &Path,
    text: &str,
    columns: &Columns,
    problems: &mut Problems,
) -> Option<Vec<(u32, Row)>> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Lines {
        text: text.as_bytes(),
        at: 0,
        line: 1,
    };
    let mut rows = Vec::new();
    let mut header_seen = false;
    let mut whole = true;
    for record in csv.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.file(file, format!("is not CSV: {error}"));
                return None;
            }
        };
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        if !header_seen {
            header_seen = true;
            header(file, line, &record, columns, problems)?;
            continue;
        }
        match row(file, line, &record, columns, problems) {
            Some(row) => rows.push((line, row)),
            None => whole = false,
        }
    }
    if !header_seen {
        let names: Vec<&str> = columns.names().collect();
        problems.file(file, format!("expected the header {}", names.join(",")));
        return None;
    }
    whole.then_some(rows)
}

fn header(
    file: &Path,
    line: u32,
    record: &csv::StringRecord,
    columns: &Columns,
    problems: &mut Problems,
) -> Option<()> {
    if record.iter().eq(columns.names()) {
        return Some(());
    }
    let names: Vec<&str> = columns.names().collect();
    let found: Vec<&str> = record.iter().collect();
    problems.add(ReleaseError {
        line: Some(line),
        help: Some(format!("the manifest declares {}", names.join(","))),
        ..ReleaseError::of_file(
            file,
            format!(
                "the header is {}, not the declared columns",
                found.join(",")
            ),
        )
    });
    None
}

fn row(
    file: &Path,
    line: u32,
    record: &csv::StringRecord,
    columns: &Columns,
    problems: &mut Problems,
) -> Option<Row> {
    let expected = columns.inputs.len() + columns.outputs.len();
    if record.len() != expected {
        let found = record.len();
        problems.add(ReleaseError {
            line: Some(line),
            ..ReleaseError::of_file(file, format!("expected {expected} cells, found {found}"))
        });
        return None;
    }
    let mut tell = |at: usize, name: &str, problem: String| {
        problems.add(ReleaseError {
            line: Some(line),
            key: Some(format!("column {} ({name})", at + 1)),
            ..ReleaseError::of_file(file, problem)
        });
    };
    let cells = record.iter().enumerate();
    let (mut matchers, mut outputs) = (Vec::<Matcher>::new(), Vec::<Value>::new());
    for ((at, cell), column) in cells.clone().zip(&columns.inputs) {
        match cell::matcher(&column.ty, cell) {
            Ok(matcher) => matchers.push(matcher),
            Err(problem) => tell(at, &column.name, problem),
        }
    }
    for ((at, cell), column) in cells.skip(columns.inputs.len()).zip(&columns.outputs) {
        match cell::value(&column.ty, cell) {
            Ok(value) => outputs.push(value),
            Err(problem) => tell(at, &column.name, problem),
        }
    }
    (matchers.len() + outputs.len() == expected).then(|| Row {
        matchers: matchers.into(),
        outputs: outputs.into(),
    })
}
