//! Tables of a release: columns from the manifest, rows from CSV.

mod cell;
mod column;
pub(crate) mod sheet;
#[cfg(test)]
mod tests;

use std::path::Path;

use redress_model::{Code, Coverage, HitPolicy, Matcher, Row, Table, TableError, Tables, Value};

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

/// What a manifest says of a table.
struct Declared {
    name: Code,
    hit: HitPolicy,
    columns: Columns,
    /// The name of its file, which need not be there yet.
    file: String,
}

/// Reads a `[[table]]`, but not its file.
fn declared(section: &Section<'_>, reader: &mut Reader<'_>) -> Option<Declared> {
    section.only(reader, KEYS);
    let name = section.need(reader, "name");
    let name = name.and_then(|name| name.read(reader, Code::new));
    let file = section.need(reader, "file");
    let file = file.and_then(|file| SourceFolder::path_named(&file, ".csv", reader));
    let hit = section.need(reader, "hit");
    let hit = hit.and_then(|hit| hit.one_of(reader, HITS));
    let inputs = section.need(reader, "inputs");
    let inputs = inputs.and_then(|inputs| inputs.list(reader, column::input));
    let outputs = section.need(reader, "outputs");
    let outputs = outputs.and_then(|outputs| outputs.list(reader, column::output));
    Some(Declared {
        name: name?,
        hit: hit?,
        columns: Columns::new(inputs?, outputs?),
        file: file?.to_owned(),
    })
}

fn table(item: &Item<'_>, folder: &SourceFolder, reader: &mut Reader<'_>) -> Option<Table> {
    let section = item.section(reader)?;
    let Declared {
        name, hit, columns, ..
    } = declared(&section, reader)?;
    let file = section.need(reader, "file")?;
    let file = folder.named(&file, ".csv", reader)?;
    let problems = reader.problems();
    let text = folder.text(file, problems)?;
    let shown = folder.shown(file);
    let rows = rows(&shown, text, &columns, problems)?;
    let lines: Vec<u32> = rows.iter().map(|(line, _)| *line).collect();
    let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
    let Columns { inputs, outputs } = columns;
    let again = (name.clone(), inputs.clone(), outputs.clone(), rows.clone());
    match Table::new(name, hit, inputs, outputs, rows) {
        Ok(table) => Some(table),
        // A column's type stands in the manifest, everything else in the table's file.
        Err(
            error @ (TableError::ColumnCount { .. }
            | TableError::ColumnType { .. }
            | TableError::DuplicateColumn { .. }),
        ) => {
            item.problem(reader, error.to_string());
            None
        }
        Err(_) => {
            let (name, inputs, outputs, rows) = again;
            let found = Table::coverage(name, hit, inputs, outputs, rows);
            tell_of_coverage(&shown, found, &lines, reader.problems());
            None
        }
    }
}

/// Tells of every gap and overlap with the lines of the file; whether there are none.
fn tell_of_coverage(
    shown: &Path,
    found: Result<Coverage, TableError>,
    lines: &[u32],
    problems: &mut Problems,
) -> bool {
    let line = |row: usize| lines.get(row).copied();
    let mut tell = |line: Option<u32>, problem: String| {
        problems.add(ReleaseError {
            line,
            ..ReleaseError::of_file(shown, problem)
        });
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            tell(None, error.to_string());
            return false;
        }
    };
    for overlap in &found.overlaps {
        let earlier = line(overlap.first).unwrap_or_default();
        let later = line(overlap.second).unwrap_or_default();
        let at = &overlap.at;
        let problem = format!("lines {earlier} and {later} both answer for {at}");
        tell(line(overlap.second), problem);
    }
    for row in &found.unreachable {
        let problem = "this row is never reached: earlier rows answer for everything it matches";
        tell(line(*row), problem.to_owned());
    }
    for missing in &found.gaps {
        tell(None, format!("no row answers for {missing}"));
    }
    found.is_complete()
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

impl<'t> Lines<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// Counts from another line than the first.
    const fn starting_at(mut self, line: u32) -> Self {
        self.line = line;
        self
    }

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
    let mut lines = Lines::new(text);
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
