//! Which rows of tables have answered.

use redress_release::ReleaseSource;
use toml_edit::Document;

use super::observe::Observed;

/// A table with its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCover {
    /// Its name.
    pub name: String,
    /// The path of its file, with the release's.
    pub file: String,
    /// Its rows, in order.
    pub rows: Vec<RowCover>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCover {
    /// Its line in the file.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// How often it answered.
    pub count: u64,
}

/// The tables of a release.
pub(super) fn covered(source: &ReleaseSource, observed: &Observed) -> Vec<TableCover> {
    let tables = source.tables().iter().enumerate();
    tables
        .filter_map(|(number, table)| {
            let name = table.name().to_string();
            let file = file_of(source, &name)?;
            let text = std::str::from_utf8(source.folder().file(&file)?).ok()?;
            let text = text.trim_start_matches('\u{feff}');
            // A cell has no line breaks, so each line that is not empty is a row; the first
            // is the header.
            let lines = (1_u32..).zip(text.lines());
            let lines = lines.filter(|(_, line)| !line.trim().is_empty()).skip(1);
            let rows = lines.enumerate().map(|(row, (line, text))| RowCover {
                line,
                text: text.to_owned(),
                count: observed.rows.get(&(number, row)).copied().unwrap_or(0),
            });
            Some(TableCover {
                name,
                file: source.path().join(&file).display().to_string(),
                rows: rows.collect(),
            })
        })
        .collect()
}

/// The file that the manifest names for a table.
fn file_of(source: &ReleaseSource, name: &str) -> Option<String> {
    let text = std::str::from_utf8(source.folder().file("release.toml")?).ok()?;
    let manifest = Document::parse(text).ok()?;
    let tables = manifest.get("table")?.as_array_of_tables()?;
    let is_named =
        |table: &&toml_edit::Table| table.get("name").and_then(|own| own.as_str()) == Some(name);
    let table = tables.iter().find(is_named)?;
    Some(table.get("file")?.as_str()?.to_owned())
}
