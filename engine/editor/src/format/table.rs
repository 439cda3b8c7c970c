//! Tables: cells without spaces around them, in quotes where they need them.

use super::FormatError;

pub(super) fn format(text: &str) -> Result<String, FormatError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        // A line of commas alone is one that a spreadsheet left behind.
        if record.iter().all(str::is_empty) {
            continue;
        }
        writer
            .write_record(&record)
            .map_err(|error| broken(&error))?;
    }
    let bytes = writer.into_inner().map_err(|_| FormatError::Unfaithful)?;
    String::from_utf8(bytes).map_err(|_| FormatError::Unfaithful)
}

fn broken(error: &csv::Error) -> FormatError {
    let line = error.position().map_or(1, csv::Position::line);
    FormatError::Broken {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        problem: error.to_string(),
    }
}
