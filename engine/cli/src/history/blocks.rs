//! Cuts a text into blocks of whole records.

use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};

use super::csv::{Record, record};
use super::{BLOCK_BYTES, Format};

/// The longest line in bytes; a longer one is no text that this program reads.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// A piece of a history: whole records only.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Its place among the blocks, from 0.
    pub(crate) number: u64,
    /// The line of the file on which it starts, from 1.
    pub(crate) first_line: u64,
    /// The text.
    pub(crate) bytes: Vec<u8>,
}

/// The text of a history, from which blocks are cut.
pub(crate) struct Blocks {
    reader: Box<dyn Read + Send>,
    format: Format,
    /// What was read and not yet cut.
    rest: Vec<u8>,
    at_end: bool,
    next_number: u64,
    next_line: u64,
    /// How many records may still be cut.
    records_left: Option<u64>,
}

impl Blocks {
    /// Starts with text that was read already, which begins on `first_line`.
    pub(super) fn new(
        reader: Box<dyn Read + Send>,
        format: Format,
        rest: Vec<u8>,
        first_line: u64,
    ) -> Self {
        Self {
            reader,
            format,
            rest,
            at_end: false,
            next_number: 0,
            next_line: first_line,
            records_left: None,
        }
    }

    /// Cuts at most so many records.
    pub(crate) const fn limit(&mut self, records: Option<u64>) {
        self.records_left = records;
    }

    /// The last line that was cut, for messages.
    pub(crate) const fn line(&self) -> u64 {
        self.next_line.saturating_sub(1)
    }

    /// Cuts the next block into `block`; `false` at the end.
    ///
    /// # Errors
    /// Those of the reader, and a line longer than a mebibyte.
    pub(crate) fn next_into(&mut self, block: &mut Block) -> io::Result<bool> {
        let bytes = &mut block.bytes;
        bytes.clear();
        bytes.append(&mut self.rest);
        if self.records_left == Some(0) {
            return Ok(false);
        }
        let mut wanted = BLOCK_BYTES;
        let cut = loop {
            if !self.at_end && bytes.len() < wanted {
                let room = wanted - bytes.len();
                let room_u64 = u64::try_from(room).unwrap_or(u64::MAX);
                let read = self.reader.by_ref().take(room_u64).read_to_end(bytes)?;
                self.at_end = read < room;
            }
            let cut = cut(bytes, self.format, self.at_end);
            if cut > 0 || self.at_end {
                break cut;
            }
            if wanted > LINE_BYTES_MAX {
                let message = format!("a line is longer than {LINE_BYTES_MAX} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            wanted += BLOCK_BYTES;
        };
        if cut == 0 {
            return Ok(false);
        }
        let cut = self.within_limit(bytes, cut);
        self.rest
            .extend_from_slice(bytes.get(cut..).unwrap_or_default());
        bytes.truncate(cut);
        block.number = self.next_number;
        block.first_line = self.next_line;
        self.next_number += 1;
        let lines = memchr_iter(b'\n', bytes).count();
        self.next_line += u64::try_from(lines).unwrap_or_default();
        Ok(true)
    }

    /// Moves the cut forward to where the records asked for end.
    fn within_limit(&mut self, bytes: &[u8], cut: usize) -> usize {
        let Some(left) = &mut self.records_left else {
            return cut;
        };
        let (mut text, mut end) = (bytes.get(..cut).unwrap_or_default(), 0);
        while *left > 0 && !text.is_empty() {
            let length = match record(text, true) {
                _ if self.format == Format::JsonLines => line(text),
                Record::Whole(length) | Record::Broken(length) => length,
                Record::Open => text.len(),
            };
            let (first, rest) = text.split_at_checked(length).unwrap_or((text, &[]));
            *left -= u64::from(!first.trim_ascii().is_empty());
            end += first.len();
            text = rest;
        }
        end
    }
}

fn line(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1)
}

/// Where the last whole record of the text ends.
fn cut(text: &[u8], format: Format, at_end: bool) -> usize {
    if at_end {
        return text.len();
    }
    let last_line = memrchr(b'\n', text).map_or(0, |end| end + 1);
    if format == Format::JsonLines || memchr::memchr(b'"', text).is_none() {
        return last_line;
    }
    let mut cut = 0;
    while let Record::Whole(length) | Record::Broken(length) =
        record(text.get(cut..).unwrap_or_default(), false)
    {
        cut += length;
    }
    cut
}
