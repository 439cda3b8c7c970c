//! What one reader is told, as text and as data.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::Reader;
use crate::text::{Tone, wrap};
use crate::words::Lang;

/// A heading with what is said under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// The heading; empty for what is said first.
    pub heading: String,
    /// A sentence each; one that starts with two spaces belongs to the one before it.
    pub lines: Vec<String>,
}

impl Block {
    pub(super) fn new(heading: &str, lines: Vec<String>) -> Self {
        Self {
            heading: heading.to_owned(),
            lines,
        }
    }
}

/// An explanation for one reader in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Who reads it.
    pub reader: Reader,
    /// In which language.
    pub lang: Lang,
    /// What is said, in order; no block is empty.
    pub blocks: Vec<Block>,
}

impl Page {
    /// The page in lines of at most `columns` where words allow it, with colours.
    #[must_use]
    pub fn text(&self, columns: usize) -> String {
        let columns = columns.min(100);
        let mut text = String::new();
        for (index, block) in self.blocks.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            let indent = if block.heading.is_empty() { "" } else { "  " };
            if !block.heading.is_empty() {
                text.push_str(&format!("{}\n", Tone::Strong.paint(&block.heading)));
            }
            for line in &block.lines {
                let own = line.len().saturating_sub(line.trim_start().len());
                let margin = format!("{indent}{}", " ".repeat(own));
                let room = columns.saturating_sub(margin.len()).max(16);
                for part in wrap(line.trim_start(), room) {
                    text.push_str(&format!("{margin}{part}\n"));
                }
            }
        }
        text
    }
}

impl Serialize for Page {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Page", 3)?;
        out.serialize_field("reader", self.reader.name())?;
        out.serialize_field("lang", self.lang.code())?;
        out.serialize_field("blocks", &self.blocks)?;
        out.end()
    }
}
