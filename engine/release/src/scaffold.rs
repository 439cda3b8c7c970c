//! A new release folder to start from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::version::ReleaseName;

/// The version that a new release starts with.
const VERSION: &str = "0.1.0";
/// Where the files are written before the folder gets its name, so that a folder that
/// bears the version's name is complete.
const UNFINISHED: &str = ".0.1.0.new";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("scaffold/", $name)))),*]
    };
}

/// The files, with `{{name}}` where the release's name goes.
const FILES: [(&str, &str); 13] = files![
    "README.md",
    "cases/above-the-agents-limit.toml",
    "cases/delivery-not-known.toml",
    "cases/late-and-angry.toml",
    "cases/three-days-late.toml",
    "cases/two-days-late.toml",
    "facts.schema.json",
    "guardrails.toml",
    "messages/en.toml",
    "messages/zh.toml",
    "policy.rhai",
    "release.toml",
    "tables/lateness.csv",
];

/// Why no release folder could be written.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// There is something at the place already; nothing was written over it.
    #[error("{} is there already", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{}: cannot be written: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ScaffoldError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "scaffold_exists",
            Self::Io { .. } => "scaffold_io",
        }
    }
}

/// Writes a small release to start from, with a policy, limits, sentences and cases that
/// pass, and returns its folder: `NAME/0.1.0` in `parent`.
///
/// # Errors
/// [`ScaffoldError`] when the folder exists, which is then left as it is, or cannot be written.
pub fn scaffold(name: &ReleaseName, parent: &Path) -> Result<PathBuf, ScaffoldError> {
    let versions = parent.join(name.as_str());
    let (folder, unfinished) = (versions.join(VERSION), versions.join(UNFINISHED));
    for path in [&folder, &unfinished] {
        if path.symlink_metadata().is_ok() {
            let path = path.clone();
            return Err(ScaffoldError::Exists { path });
        }
    }
    let written = write(name, &unfinished).and_then(|()| {
        let path = folder.clone();
        fs::rename(&unfinished, &folder).map_err(|source| ScaffoldError::Io { path, source })
    });
    if written.is_err() {
        // The first error is the one to tell; what is left behind has a dotted name.
        let _ = fs::remove_dir_all(&unfinished);
    }
    written.map(|()| folder)
}

fn write(name: &ReleaseName, folder: &Path) -> Result<(), ScaffoldError> {
    for (file, text) in FILES {
        let path = folder.join(file);
        let text = text.replace("{{name}}", name.as_str());
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|source| ScaffoldError::Io { path, source })?;
    }
    Ok(())
}
