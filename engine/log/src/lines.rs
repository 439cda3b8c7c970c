//! Lines out of whatever pieces a file is read in.

use memchr::memchr;

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

    /// Takes the next piece and gives each line that ends in it, without its newline.
    ///
    /// A line longer than [`LINE_BYTES_MAX`] is given as soon as it is, so that a file
    /// without newlines cannot fill the memory; whoever reads records refuses it.
    ///
    /// # Errors
    /// That of `take`, after which nothing more should be fed.
    pub fn feed<E>(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(end) = memchr(b'\n', piece) {
            let (line, rest) = piece.split_at_checked(end).unwrap_or_default();
            piece = rest.get(1..).unwrap_or_default();
            if self.carry.is_empty() {
                take(line)?;
            } else {
                self.carry.extend(line);
                take(&self.carry)?;
                self.carry.clear();
            }
        }
        self.carry.extend(piece);
        if self.carry.len() > LINE_BYTES_MAX {
            take(&self.carry)?;
        }
        Ok(())
    }

    /// What is left after the last newline; a whole file leaves nothing.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        &self.carry
    }
}
