//! The files of a release folder, read once: what is digested is what is used.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use redress_model::Digest;
use redress_model::code::nearest;

use crate::error::{Problems, ReleaseErrors};
use crate::reader::{Item, Reader};
use crate::version::{ReleaseName, Version};

/// The most bytes of a Rhai source: its compile time grows with the square of its length.
pub const RHAI_BYTES_MAX: u64 = 64 * 1024;
/// The most bytes of a WASM module.
pub const WASM_BYTES_MAX: u64 = 1024 * 1024;
/// The most bytes of a manifest, guardrails, messages or case file.
pub const TOML_BYTES_MAX: u64 = 256 * 1024;
/// The most bytes of a fact schema.
pub const SCHEMA_BYTES_MAX: u64 = 256 * 1024;
/// The most bytes of any other file, such as a table, a paper or a guest's source.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// The most bytes of all files together.
pub const FOLDER_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// The most files.
pub const FILES_MAX: usize = 2_000;
/// How many bytes a file usually has at most: room for it is made before its length is known.
const FILE_BYTES_USUAL: usize = 8 * 1024;
/// How deep folders may nest.
pub const DEPTH_MAX: u32 = 8;

/// The name of the manifest.
pub const MANIFEST: &str = "release.toml";

/// The files of one version's folder, in memory.
///
/// Names that start with a dot are not part of a release: they are neither read nor
/// digested, and a manifest cannot name them.
#[derive(Debug, Clone)]
pub struct SourceFolder {
    path: PathBuf,
    origin: Origin,
    files: BTreeMap<String, Vec<u8>>,
}

/// Where the files were read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A folder of the disk.
    Disk,
    /// An archive, whose path is made of the release's name and version.
    Archive,
}

impl SourceFolder {
    /// Reads every file of the folder.
    ///
    /// # Errors
    /// [`ReleaseErrors`] for a symbolic link or another thing that is not a regular file
    /// or a folder, a name that is not plain text, a file or a folder above its limit,
    /// and whatever the system refuses to read.
    pub fn open(path: &Path) -> Result<Self, ReleaseErrors> {
        let mut walk = Walk {
            root: path,
            files: BTreeMap::new(),
            bytes: 0,
            problems: Problems::default(),
        };
        walk.folder(path, "", 0);
        let files = walk.files;
        walk.problems.into_result(Some(Self {
            path: path.to_owned(),
            origin: Origin::Disk,
            files,
        }))
    }

    /// The files of an archive, under the path that its name and version give.
    pub(crate) fn in_archive(
        name: &ReleaseName,
        version: Version,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Self {
        Self {
            path: Path::new(name.as_str()).join(version.to_string()),
            origin: Origin::Archive,
            files,
        }
    }

    /// The folder with its links resolved, whose last parts are name and version.
    pub(crate) fn location(&self) -> std::io::Result<PathBuf> {
        match self.origin {
            Origin::Disk => self.path.canonicalize(),
            Origin::Archive => Ok(self.path.clone()),
        }
    }

    /// The same folder in memory with other bytes in a file: what an author might have
    /// written. Nothing on the disk changes.
    #[must_use]
    pub fn with_file(mut self, name: &str, bytes: Vec<u8>) -> Self {
        self.files.insert(name.to_owned(), bytes);
        self
    }

    /// The same folder in memory without a file. Nothing on the disk changes.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.files.remove(name);
        self
    }

    /// The path by which the folder was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of a file, by its path from the folder with `/` between the parts.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Every file's path and bytes, ordered by the bytes of the path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// SHA-256 over the line `redress.release.v1` and one line for each file, ordered by
    /// the bytes of the path: path, length in bytes and SHA-256 of the contents, with
    /// tabs between and a line feed after.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut listing = String::from("redress.release.v1\n");
        for (name, bytes) in &self.files {
            let line = format!("{name}\t{}\t{}\n", bytes.len(), Digest::of(bytes));
            listing.push_str(&line);
        }
        Digest::of(listing.as_bytes())
    }

    /// The path of a file for messages.
    pub(crate) fn shown(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A file as text, without a byte-order mark.
    pub(crate) fn text(&self, name: &str, problems: &mut Problems) -> Option<&str> {
        let bytes = self.file(name)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
                problems.add(crate::ReleaseError {
                    line: u32::try_from(line).ok(),
                    help: Some("save the file as UTF-8".into()),
                    ..crate::ReleaseError::of_file(&self.shown(name), "the text is not UTF-8")
                });
                None
            }
        }
    }

    /// The path that a manifest's key names, with the ending that its use asks for; the
    /// file need not be there.
    pub(crate) fn path_named<'d>(
        item: &Item<'d>,
        ending: &str,
        reader: &mut Reader<'_>,
    ) -> Option<&'d str> {
        let name = item.text(reader)?;
        if let Some(problem) = unsafe_path(name) {
            item.problem_with_help(
                reader,
                format!("{name:?} {problem}"),
                "name a file of this folder, such as \"tables/tariff.csv\"",
            );
            return None;
        }
        if !name.ends_with(ending) {
            item.problem(
                reader,
                format!("expected a file that ends in {ending}, found {name:?}"),
            );
            return None;
        }
        Some(name)
    }

    /// The file that a manifest's key names, with the ending that its use asks for.
    pub(crate) fn named<'d>(
        &self,
        item: &Item<'d>,
        ending: &str,
        reader: &mut Reader<'_>,
    ) -> Option<&'d str> {
        let name = Self::path_named(item, ending, reader)?;
        if self.files.contains_key(name) {
            return Some(name);
        }
        let problem = format!("there is no file {name:?} in the release");
        match nearest(name, self.files.keys().map(String::as_str)) {
            Some(nearest) => {
                item.problem_with_help(reader, problem, format!("did you mean {nearest:?}?"));
            }
            None => item.problem(reader, problem),
        }
        None
    }
}

/// Why a path in a manifest may name something outside the release.
pub(crate) fn unsafe_path(name: &str) -> Option<&'static str> {
    if name.starts_with('/') || name.contains(':') {
        return Some("is an absolute path");
    }
    if name.contains('\\') {
        return Some("has a backslash; paths have / between their parts");
    }
    if name.split('/').any(|part| part == "..") {
        return Some("leaves the release folder");
    }
    if name
        .split('/')
        .any(|part| part.is_empty() || part.starts_with('.'))
    {
        return Some("is not a plain path of files that belong to the release");
    }
    None
}

/// Why a folder cannot be read, in the words of whoever named it.
pub(crate) fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such folder".into(),
        std::io::ErrorKind::NotADirectory => "is a file, and a folder was expected".into(),
        _ => format!("the folder cannot be read: {error}"),
    }
}

/// The most bytes of a file, by the ending of its name.
pub(crate) fn bytes_max(name: &str) -> u64 {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("rhai") => RHAI_BYTES_MAX,
        Some("wasm") => WASM_BYTES_MAX,
        Some("toml") => TOML_BYTES_MAX,
        Some("json") => SCHEMA_BYTES_MAX,
        _ => FILE_BYTES_MAX,
    }
}

struct Walk<'p> {
    root: &'p Path,
    files: BTreeMap<String, Vec<u8>>,
    bytes: u64,
    problems: Problems,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: u32) {
        if depth > DEPTH_MAX {
            let problem = format!("folders nest deeper than {DEPTH_MAX}");
            self.problems.file(folder, problem);
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.problems.file(folder, unreadable(&error));
                return;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let problem = format!("the folder cannot be read: {error}");
                    self.problems.file(folder, problem);
                    return;
                }
            };
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else {
                self.problems.file(&path, "the name is not UTF-8");
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            // The digest lists one file per line, and a name is also read on other systems.
            if name.contains(|c: char| c.is_control() || c == '\\') {
                self.problems
                    .file(&path, "the name has a control character or a backslash");
                continue;
            }
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    self.problems
                        .file(&path, format!("cannot be read: {error}"));
                    continue;
                }
            };
            self.entry(&path, kind, &format!("{prefix}{name}"), depth);
        }
    }

    fn entry(&mut self, path: &Path, kind: fs::FileType, name: &str, depth: u32) {
        if kind.is_symlink() {
            self.problems.file(
                path,
                "is a symbolic link; a release holds its files itself, so that its digest covers them",
            );
        } else if kind.is_dir() {
            self.folder(path, &format!("{name}/"), depth.saturating_add(1));
        } else if kind.is_file() {
            self.file(path, name);
        } else {
            self.problems.file(path, "is neither a file nor a folder");
        }
    }

    fn file(&mut self, path: &Path, name: &str) {
        if self.files.len() >= FILES_MAX || self.bytes > FOLDER_BYTES_MAX {
            return self.too_much();
        }
        let limit = bytes_max(name);
        let mut bytes = Vec::with_capacity(FILE_BYTES_USUAL);
        let read = fs::File::open(path)
            .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes));
        let count = match read {
            Ok(count) => u64::try_from(count).unwrap_or(u64::MAX),
            Err(error) => {
                self.problems.file(path, format!("cannot be read: {error}"));
                return;
            }
        };
        if count > limit {
            // How long it is says more than that it is too long.
            let used = fs::metadata(path).map_or(count, |meta| meta.len().max(count));
            let problem = format!("has {used} bytes, at most {limit} are read");
            self.problems.file(path, problem);
            return;
        }
        self.bytes = self.bytes.saturating_add(count);
        if self.bytes > FOLDER_BYTES_MAX {
            return self.too_much();
        }
        bytes.shrink_to_fit();
        self.files.insert(name.to_owned(), bytes);
    }

    /// Tells once that the folder is beyond its limits.
    fn too_much(&mut self) {
        let problem = format!(
            "a release has at most {FILES_MAX} files and {FOLDER_BYTES_MAX} bytes together"
        );
        if !self.problems.has(self.root, &problem) {
            self.problems.file(self.root, problem);
        }
    }
}
