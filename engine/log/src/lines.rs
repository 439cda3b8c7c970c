//! Lines out of whatever pieces a file is read in.

use memchr::memchr_iter;

use crate::record::LINE_BYTES_MAX;

/// Splits a stream of bytes into lines and keeps no more than one of them.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    carry: Vec<u8>,
}

impl Lines {
    /// Nothing read yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { carry: Vec::new() }
    }

    /// Takes the next piece and gives the lines that end in it, all at once and without their
    /// newlines; nothing if none does.
    ///
    /// A line longer than [`LINE_BYTES_MAX`] is given as soon as it is, so that a file
    /// without newlines cannot fill the memory; whoever reads records refuses it.
    ///
    /// # Errors
    /// That of `take`, after which nothing more should be fed.
    pub fn feed<E>(
        &mut self,
        piece: &[u8],
        mut take: impl FnMut(&[&[u8]]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut ended, mut start) = (Vec::new(), 0);
        for end in memchr_iter(b'\n', piece) {
            ended.push(piece.get(start..end).unwrap_or_default());
            start = end.saturating_add(1);
        }
        let last = piece.get(start..).unwrap_or_default();
        if let Some(first) = ended.first_mut() {
            self.carry.extend(*first);
            *first = &self.carry;
            take(&ended)?;
            self.carry.clear();
        }
        self.carry.extend(last);
        if self.carry.len() > LINE_BYTES_MAX {
            take(&[&self.carry])?;
        }
        Ok(())
    }

    /// What is left after the last newline; a whole file leaves nothing.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        &self.carry
    }
}
