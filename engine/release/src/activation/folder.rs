//! Activations in a folder, for one machine without a ledger.
//!
//! ```text
//! activations.jsonl      one line for each activation, each with the digest of the line before
//! sha256-….tar           the archives, by their digest
//! sha256-….dsse.json     the envelopes, by the digest of their archive and the revision
//! ```
//!
//! A line is added by writing the whole file anew and giving it the old one's name, after
//! everything that it names is on the disk; a reader sees the old file or the new one. The
//! chain shows a line that was changed, taken out or moved. Lines cut off at the end show
//! only to whoever has kept a later digest, as with any log that is kept in one place.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use redress_model::Digest;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::{Activation, ActivationStore, highest};
use crate::archive::{ARCHIVE_BYTES_MAX, Archive};
use crate::signing::{ENVELOPE_BYTES_MAX, Envelope, Revision};

const FILE: &str = "activations.jsonl";
const NEW_FILE: &str = ".activations.jsonl.new";
/// The most bytes of the file: hundreds of thousands of activations.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// The digest of the line before; of nothing for the first.
    previous_sha256: Digest,
    activation: Activation,
}

/// Activations in a folder.
#[derive(Debug, Clone)]
pub struct FolderStore {
    folder: PathBuf,
}

impl FolderStore {
    /// Opens a store that is there.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::Broken`] when it was changed.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let store = Self {
            folder: folder.to_owned(),
        };
        store.history()?;
        Ok(store)
    }

    /// Makes a store that holds nothing.
    ///
    /// # Errors
    /// [`StoreError::There`] when there is one, [`StoreError::Io`].
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        let store = Self {
            folder: folder.to_owned(),
        };
        let path = store.path(FILE);
        fs::create_dir_all(folder).map_err(|source| io_error(folder, "cannot be made", source))?;
        match fs::File::create_new(&path) {
            Ok(_) => Ok(store),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(StoreError::There {
                path: folder.to_owned(),
            }),
            Err(source) => Err(io_error(&path, "cannot be made", source)),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn text(&self) -> Result<String, StoreError> {
        let path = self.path(FILE);
        let bytes = read(&path, FILE_BYTES_MAX).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StoreError::NotThere {
                path: self.folder.clone(),
            },
            _ => io_error(&path, "cannot be read", source),
        })?;
        String::from_utf8(bytes).map_err(|_| StoreError::Broken {
            path,
            line: 1,
            problem: "the text is not UTF-8".into(),
        })
    }

    /// The activations of a text, and the digest of its last line.
    fn parse(&self, text: &str) -> Result<(Vec<Activation>, Digest), StoreError> {
        let mut last = Digest::of(b"");
        let mut history: Vec<Activation> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let broken = |problem: String| StoreError::Broken {
                path: self.path(FILE),
                line: number,
                problem,
            };
            let read: Line =
                serde_json::from_str(line).map_err(|error| broken(error.to_string()))?;
            if read.previous_sha256 != last {
                return Err(broken(
                    "the line before it is not the one it was written after".into(),
                ));
            }
            let activation = read.activation;
            if highest(&history, &activation.name) >= Some(activation.revision) {
                return Err(broken(format!(
                    "revision {} does not come after those before it",
                    activation.revision
                )));
            }
            last = Digest::of(line.as_bytes());
            history.push(activation);
        }
        Ok((history, last))
    }

    /// Writes a file that is there whole or not at all.
    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (path, new) = (self.path(name), self.path(&format!(".{name}.new")));
        let written = fs::File::create(&new).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        });
        written.map_err(|source| io_error(&path, "cannot be written", source))
    }

    /// Writes the file with one more line, unless somebody else did so first.
    fn add(&self, after: Option<Revision>, activation: &Activation) -> Result<(), StoreError> {
        let new = self.path(NEW_FILE);
        let mut file = match fs::File::create_new(&new) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(StoreError::Busy { path: new });
            }
            Err(source) => return Err(io_error(&new, "cannot be written", source)),
        };
        let written = self.with_line(after, activation).and_then(|text| {
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .and_then(|()| fs::rename(&new, self.path(FILE)))
                .and_then(|()| fs::File::open(&self.folder)?.sync_all())
                .map_err(|source| io_error(&new, "cannot be written", source))
        });
        if written.is_err() {
            // The first error is the one to tell; a file left behind is named as busy.
            let _ = fs::remove_file(&new);
        }
        written
    }

    fn with_line(
        &self,
        after: Option<Revision>,
        activation: &Activation,
    ) -> Result<String, StoreError> {
        let mut text = self.text()?;
        let (history, last) = self.parse(&text)?;
        let found = highest(&history, &activation.name);
        if found != after || found >= Some(activation.revision) {
            return Err(StoreError::Moved {
                name: activation.name.clone(),
                found: found.unwrap_or_default(),
            });
        }
        let line = Line {
            previous_sha256: last,
            activation: activation.clone(),
        };
        let line = serde_json::to_string(&line).map_err(|error| StoreError::Broken {
            path: self.path(FILE),
            line: history.len().saturating_add(1),
            problem: error.to_string(),
        })?;
        text.push_str(&line);
        text.push('\n');
        Ok(text)
    }
}

impl ActivationStore for FolderStore {
    fn history(&self) -> Result<Vec<Activation>, StoreError> {
        let text = self.text()?;
        self.parse(&text).map(|(history, _)| history)
    }

    fn append(
        &mut self,
        after: Option<Revision>,
        activation: &Activation,
        archive: &Archive,
        envelope: Option<&Envelope>,
    ) -> Result<(), StoreError> {
        let name = format!("sha256-{}", archive.digest());
        self.keep(&format!("{name}.tar"), archive.bytes())?;
        if let Some(envelope) = envelope {
            let name = format!("{name}.{}.dsse.json", activation.revision);
            self.keep(&name, &envelope.to_json())?;
        }
        self.add(after, activation)
    }

    fn archive(&self, digest: Digest) -> Result<Archive, StoreError> {
        let path = self.path(&format!("sha256-{digest}.tar"));
        let bytes = read(&path, ARCHIVE_BYTES_MAX)
            .map_err(|source| io_error(&path, "cannot be read", source))?;
        let found = Digest::of(&bytes);
        if found != digest {
            let expected = digest;
            return Err(StoreError::Digest {
                path,
                expected,
                found,
            });
        }
        Archive::read(bytes).map_err(|error| StoreError::Archive { path, error })
    }

    fn envelope(&self, activation: &Activation) -> Result<Envelope, StoreError> {
        let (archive, revision) = (activation.archive_sha256, activation.revision);
        let path = self.path(&format!("sha256-{archive}.{revision}.dsse.json"));
        let bytes = read(&path, ENVELOPE_BYTES_MAX)
            .map_err(|source| io_error(&path, "cannot be read", source))?;
        Envelope::parse(&bytes).map_err(|error| StoreError::Envelope { path, error })
    }
}

fn io_error(path: &Path, problem: &'static str, source: io::Error) -> StoreError {
    StoreError::Io {
        path: path.to_owned(),
        problem,
        source,
    }
}

/// At most so many bytes of a file; a longer one is an error.
fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        Ok(bytes)
    } else {
        let message = format!("it is longer than {limit} bytes");
        Err(io::Error::new(io::ErrorKind::InvalidData, message))
    }
}
