//! What keeps a policy's files tidy and helps to write them: the formatter, the
//! linter and the language server.
//!
//! Nothing here opens a terminal, a socket or a clock: texts and messages come in, and
//! texts and messages go out.

use std::path::{Path, PathBuf};

pub mod format;
pub mod lint;
pub mod server;

/// The folder of the release that a file belongs to.
#[must_use]
pub fn release_of(file: &Path) -> Option<PathBuf> {
    let mut folders = file.ancestors().skip(1);
    let release = folders.find(|folder| folder.join("release.toml").is_file());
    release.map(Path::to_owned)
}
