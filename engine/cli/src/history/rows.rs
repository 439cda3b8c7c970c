//! The records of a block as rows of wanted cells.

use std::borrow::Cow;
use std::ops::Range;

use super::csv::{Cell, Record, cells, record};
use super::{Block, Format, RECORD_BYTES_MAX, json};

/// The columns that somebody reads, by name, of those that the file can have.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    names: Vec<String>,
    /// For each column of a CSV file its place among `names`.
    columns: Vec<Option<usize>>,
    /// The places whose cells may be arrays in JSON.
    lists: Vec<usize>,
    format: Format,
}

impl Wanted {
    /// The wanted names, each once; of a CSV file those that its header has, while JSON
    /// Lines may have any.
    pub(crate) fn new(mut names: Vec<String>, header: &[String], format: Format) -> Self {
        if format == Format::Csv {
            names.retain(|name| header.contains(name));
        }
        names.sort_unstable();
        names.dedup();
        let place = |name: &String| names.binary_search(name).ok();
        let columns = header.iter().map(place).collect();
        Self {
            names,
            columns,
            lists: Vec::new(),
            format,
        }
    }

    /// Lets the cells of these names be lists: arrays in JSON, and their text elsewhere.
    pub(crate) fn with_lists<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let places = names.into_iter().filter_map(|name| self.place(name));
        self.lists = places.collect();
        self
    }

    /// Whether the cell at this place may be a list.
    pub(super) fn is_list(&self, place: usize) -> bool {
        self.lists.contains(&place)
    }

    /// The place of a name among the wanted ones.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.names
            .binary_search_by(|own| own.as_str().cmp(name))
            .ok()
    }

    /// Whether this is a wanted name or a group with a wanted name in it.
    pub(super) fn concerns(&self, name: &str) -> bool {
        let in_group = |own: &String| {
            let rest = own.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        self.place(name).is_some() || self.names.iter().any(in_group)
    }

    /// How many names there are.
    pub(crate) const fn len(&self) -> usize {
        self.names.len()
    }
}

/// The wanted cells of one record; its memory is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// By place among the wanted names: where in `text` the cell's text stands.
    places: Vec<Option<Range<usize>>>,
    text: String,
}

impl Row {
    /// The text of a wanted cell; an empty cell and an absent one are both unknown.
    pub(crate) fn get(&self, place: usize) -> &str {
        match self.places.get(place) {
            Some(Some(range)) => self.text.get(range.clone()).unwrap_or_default(),
            _ => "",
        }
    }

    fn clear(&mut self, wanted: usize) {
        self.places.clear();
        self.places.resize(wanted, None);
        self.text.clear();
    }

    /// Keeps the text of a wanted cell; `false` if it has one already.
    pub(super) fn put(&mut self, place: usize, text: &str) -> bool {
        let start = self.text.len();
        self.text.push_str(text);
        self.refer(place, start..self.text.len())
    }

    /// Takes what is kept already as the text of a wanted cell; `false` if it has one.
    fn refer(&mut self, place: usize, at: Range<usize>) -> bool {
        match self.places.get_mut(place) {
            Some(range) if range.is_none() => *range = Some(at),
            _ => return false,
        }
        true
    }
}

/// A record that could not be read, or not as a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct BadRow {
    /// The line on which the record starts, from 1.
    pub(crate) line: u64,
    /// What is wrong with it.
    pub(crate) problem: Cow<'static, str>,
}

/// Reads the records of one block.
pub(crate) struct Rows<'a> {
    wanted: &'a Wanted,
    text: &'a [u8],
    line: u64,
}

impl<'a> Rows<'a> {
    /// Starts at the block's first record.
    pub(crate) fn new(block: &'a Block, wanted: &'a Wanted) -> Self {
        Self {
            wanted,
            text: &block.bytes,
            line: block.first_line,
        }
    }

    /// Reads the next record into `row` and gives its line; `None` after the last.
    pub(crate) fn next_into(&mut self, row: &mut Row) -> Option<Result<u64, BadRow>> {
        loop {
            let (length, whole) = match record(self.text, true) {
                _ if self.wanted.format == Format::JsonLines => (self.first_line_end(), true),
                Record::Whole(length) => (length, true),
                Record::Broken(length) => (length, false),
                Record::Open => return None,
            };
            let (bytes, rest) = self.text.split_at_checked(length)?;
            let line = self.line;
            self.text = rest;
            self.line += lines(bytes);
            if bytes.trim_ascii().is_empty() {
                if bytes.is_empty() {
                    return None;
                }
                continue;
            }
            let read = if whole {
                self.read(bytes, row)
            } else {
                Err("its quotes do not match".into())
            };
            return Some(
                read.map(|()| line)
                    .map_err(|problem| BadRow { line, problem }),
            );
        }
    }

    fn first_line_end(&self) -> usize {
        memchr::memchr(b'\n', self.text).map_or(self.text.len(), |end| end + 1)
    }

    fn read(&self, bytes: &[u8], row: &mut Row) -> Result<(), Cow<'static, str>> {
        row.clear(self.wanted.len());
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(format!(
                "expected at most {RECORD_BYTES_MAX} bytes, found {}",
                bytes.len()
            )
            .into());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "expected UTF-8 text")?;
        match self.wanted.format {
            Format::Csv => self.read_csv(text, row),
            Format::JsonLines => json::read(text, self.wanted, row),
        }
    }

    fn read_csv(&self, text: &str, row: &mut Row) -> Result<(), Cow<'static, str>> {
        let columns = &self.wanted.columns;
        row.text.push_str(text);
        let count = cells(text, |column, cell| {
            let Some(Some(place)) = columns.get(column) else {
                return;
            };
            match cell {
                Cell::Plain(at) => row.refer(*place, at),
                Cell::Quoted(at) => match text.get(at.clone()) {
                    Some(quoted) if quoted.contains("\"\"") => {
                        row.put(*place, &quoted.replace("\"\"", "\""))
                    }
                    _ => row.refer(*place, at),
                },
            };
        });
        if count == columns.len() {
            Ok(())
        } else {
            Err(format!("expected {} cells, found {count}", columns.len()).into())
        }
    }
}

/// The lines that a record takes: mostly the one that it ends with.
fn lines(bytes: &[u8]) -> u64 {
    match memchr::memchr(b'\n', bytes) {
        Some(end) if end + 1 == bytes.len() => 1,
        None => 0,
        Some(_) => u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or_default(),
    }
}
