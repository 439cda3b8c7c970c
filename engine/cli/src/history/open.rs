//! Opens a history: a file or standard input, gzip or not, CSV or JSON Lines.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::csv::{Cell, Record, cells, record};
use super::{BLOCK_BYTES, Blocks, Format, HistoryError, ledger, parquet};
use crate::input::shown;
use crate::ledger::place::Place;

/// How much of the file has been read, for the progress bar.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    pub(super) read: Arc<AtomicU64>,
    /// What there is to read: the bytes of the file, or the rows of a Parquet file; standard
    /// input has no known length.
    pub(crate) total: Option<u64>,
}

impl Progress {
    /// The bytes read so far, gzipped ones where the file is.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// So much has been read.
    pub(super) fn at(&self, read: u64) {
        self.read.store(read, Ordering::Relaxed);
    }
}

/// An opened history.
pub(crate) struct History {
    /// The file's name or the address of the ledger, for messages.
    pub(crate) name: String,
    /// How its records are written.
    pub(crate) format: Format,
    /// The names of the columns; JSON Lines have none.
    pub(crate) header: Vec<String>,
    /// Columns of types that no fact has, with their types.
    pub(crate) unread: Vec<(String, String)>,
    /// The records.
    pub(crate) blocks: Blocks,
    /// How much has been read.
    pub(crate) progress: Progress,
    /// Whether its rows are the cases of a ledger, with columns of their own names.
    pub(crate) is_ledger: bool,
}

/// Counts the bytes of the file as they pass.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let bytes = u64::try_from(count).unwrap_or_default();
        self.read.fetch_add(bytes, Ordering::Relaxed);
        Ok(count)
    }
}

/// What a history is called in messages.
pub(crate) fn name_of(place: &Place) -> String {
    place.file().map_or_else(|| place.to_string(), shown)
}

/// Opens a file, or standard input for `-`, and reads its header; of a ledger, in a file or in
/// PostgreSQL, the cases of a policy.
///
/// # Errors
/// [`HistoryError`] when it cannot be opened or read, is empty, or has no usable header.
pub(crate) fn open(place: &Place, policy: &str) -> Result<History, HistoryError> {
    let Some(path) = place.file() else {
        return ledger::open(place, policy);
    };
    let failed = |source| HistoryError::Open {
        name: shown(path),
        source,
    };
    let (source, total): (Box<dyn Read + Send>, _) = if path == Path::new("-") {
        (Box::new(io::stdin()), None)
    } else {
        let mut file = File::open(path).map_err(failed)?;
        let facts = file.metadata().map_err(failed)?;
        if facts.is_file() && starts_as(parquet::MAGIC, &mut file).map_err(failed)? {
            return parquet::open(file, path);
        }
        if facts.is_file() && starts_as(ledger::MAGIC, &mut file).map_err(failed)? {
            return ledger::open(place, policy);
        }
        (Box::new(file), facts.is_file().then_some(facts.len()))
    };
    let progress = Progress {
        total,
        ..Progress::default()
    };
    let read = Arc::clone(&progress.read);
    let source = BufReader::with_capacity(
        BLOCK_BYTES,
        Counted {
            inner: source,
            read,
        },
    );
    from_reader(source, &shown(path), progress)
}

/// Whether a file begins so; it is read from its start again after.
fn starts_as(magic: &[u8], file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    let length = u64::try_from(magic.len()).unwrap_or_default();
    file.by_ref().take(length).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(start == magic)
}

/// Reads a history from any reader; `name` is what it is called in messages.
pub(crate) fn from_reader(
    mut source: impl BufRead + Send + 'static,
    name: &str,
    progress: Progress,
) -> Result<History, HistoryError> {
    let name = name.to_owned();
    let failed = |source| HistoryError::Read {
        name: name.clone(),
        line: 0,
        source,
    };
    let magic = source.fill_buf().map_err(failed)?;
    if magic.starts_with(parquet::MAGIC) {
        return Err(HistoryError::Piped);
    }
    let mut reader: Box<dyn Read + Send> = if magic.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(source))
    } else {
        Box::new(source)
    };
    let mut text = Vec::with_capacity(BLOCK_BYTES);
    let first = u64::try_from(BLOCK_BYTES).unwrap_or(u64::MAX);
    let read = reader.by_ref().take(first).read_to_end(&mut text);
    read.map_err(failed)?;
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Err(HistoryError::Encoding { name });
    }
    if text.starts_with(b"\xef\xbb\xbf") {
        text.drain(..3);
    }
    let (format, header, length) = match text.trim_ascii_start().first() {
        None => return Err(HistoryError::Empty { name }),
        Some(b'{') => (Format::JsonLines, Vec::new(), 0),
        Some(_) => header(&text, &name)?,
    };
    let (top, rest) = text.split_at_checked(length).unwrap_or((&[], &text));
    let first_line = memchr::memchr_iter(b'\n', top).count().saturating_add(1);
    let first_line = u64::try_from(first_line).unwrap_or(1);
    let blocks = Blocks::new(reader, format, rest.to_vec(), first_line);
    Ok(History {
        name,
        format,
        header,
        unread: Vec::new(),
        blocks,
        progress,
        is_ledger: false,
    })
}

/// The names of the columns and the bytes that the header takes.
fn header(text: &[u8], name: &str) -> Result<(Format, Vec<String>, usize), HistoryError> {
    let not_valid = |problem: String| HistoryError::Header {
        name: name.to_owned(),
        problem,
    };
    let Record::Whole(length) = record(text, text.len() < BLOCK_BYTES) else {
        return Err(not_valid("its quotes do not match".into()));
    };
    let line = text.get(..length).unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| HistoryError::Encoding {
        name: name.to_owned(),
    })?;
    let mut names: Vec<String> = Vec::new();
    cells(line, |_, cell| {
        names.push(match cell {
            Cell::Plain(at) => line.get(at).unwrap_or_default().trim().to_owned(),
            Cell::Quoted(at) => line.get(at).unwrap_or_default().replace("\"\"", "\""),
        });
    });
    for (index, name) in names.iter().enumerate() {
        if !name.is_empty() && names.iter().take(index).any(|earlier| earlier == name) {
            return Err(not_valid(format!("column {name:?} is there twice")));
        }
    }
    let mark = |only: &String| {
        [';', '\t', '|']
            .into_iter()
            .find(|mark| only.contains(*mark))
    };
    if let [only] = names.as_slice()
        && let Some(mark) = mark(only)
    {
        return Err(not_valid(format!(
            "its columns are separated by {mark:?}, expected ','"
        )));
    }
    Ok((Format::Csv, names, length))
}
