//! Pages of documentation whose blocks are run.

use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block of a page: ` ```LANG NAME `.
pub(crate) struct Block {
    pub(crate) lang: String,
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The folder of the documentation.
pub(crate) fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// The pages of a folder, in order of their names, with their texts.
pub(crate) fn pages(folder: &str) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = fs::read_dir(docs().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    pages.sort();
    pages
}

/// The fenced blocks of a page, in order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let (lang, name) = info.split_once(' ').unwrap_or((info, ""));
                open = Some(Block {
                    lang: lang.to_owned(),
                    name: name.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}
