//! `policies/LOCK`: the digest of every released version, so that none changes unseen.
//!
//! One line for each release, ordered by name and version, `#` starts a comment line:
//!
//! ```text
//! air/eu261 1.0.0 sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//! ```

mod error;

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use redress_model::Digest;

pub use self::error::LockError;
use crate::folder::{FILE_BYTES_MAX, MANIFEST};
use crate::source::ReleaseSource;
use crate::version::{ReleaseName, Version};

/// The name of the lock's file.
const LOCK: &str = "LOCK";
/// Where a new lock is written before it takes the place of the old one; whoever creates
/// it is the only writer.
const NEW_LOCK: &str = ".LOCK.new";
/// How far above a release its lock may lie.
const LEVELS_MAX: usize = 5;

/// One released version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The policy.
    pub name: ReleaseName,
    /// The version.
    pub version: Version,
    /// The digest of its folder.
    pub digest: Digest,
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} sha256:{}", self.name, self.version, self.digest)
    }
}

/// What a lock says of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// The version has not been released.
    Unlisted,
    /// The version is released and its files are as they were.
    Matches,
    /// The version is released and its files were changed.
    Changed {
        /// The digest in the lock.
        expected: Digest,
        /// The digest of the files.
        found: Digest,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Comment(String),
    Entry(Locked),
}

/// A lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    folder: PathBuf,
    text: String,
    lines: Vec<Line>,
}

impl Lock {
    /// Finds the lock that counts for a release: the nearest one in the five folders above
    /// it, since the path from a lock to a release is the name's one to four parts and the
    /// version.
    ///
    /// # Errors
    /// [`LockError::Io`] and [`LockError::Malformed`]; that there is none is no error.
    pub fn find(release: &Path) -> Result<Option<Self>, LockError> {
        let path = resolved(release)?;
        for folder in path.ancestors().skip(1).take(LEVELS_MAX) {
            if folder.join(LOCK).is_file() {
                return Self::read(folder).map(Some);
            }
        }
        Ok(None)
    }

    /// The lock that a release goes into: the one that counts for it, or else an empty one
    /// in the folder of all policies, which is where its name and version lead back to.
    ///
    /// # Errors
    /// [`LockError::Misplaced`] when the folders above the release are not its name and
    /// version from the lock on; [`LockError::Io`] and [`LockError::Malformed`].
    pub fn of(release: &ReleaseSource) -> Result<Self, LockError> {
        let manifest = release.manifest();
        let within = Path::new(manifest.name.as_str()).join(manifest.version.to_string());
        let found = resolved(release.path())?;
        let lock = match Self::find(&found)? {
            Some(lock) => Some(lock),
            None if found.ends_with(&within) => {
                let root = found.ancestors().nth(within.components().count());
                root.map(Self::read).transpose()?
            }
            None => None,
        };
        match lock {
            Some(lock) if lock.folder.join(&within) == found => Ok(lock),
            lock => Err(LockError::Misplaced {
                name: manifest.name.clone(),
                version: manifest.version,
                found,
                expected: lock.map_or(within.clone(), |lock| lock.folder.join(within)),
            }),
        }
    }

    /// Reads the lock of a tree of policies; a tree without one has an empty lock.
    ///
    /// # Errors
    /// [`LockError::Io`] and [`LockError::Malformed`].
    pub fn read(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(LOCK);
        let text = read_text(&path)?;
        let mut lines = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let malformed = |problem: String| LockError::Malformed {
                path: path.clone(),
                line: number,
                problem,
            };
            if line.trim().is_empty() || line.starts_with('#') {
                lines.push(Line::Comment(line.to_owned()));
                continue;
            }
            let entry = entry(line).map_err(malformed)?;
            let last = entries(&lines).last();
            if let Some(last) = last.filter(|last| key(last) >= key(&entry)) {
                let problem = if key(last) == key(&entry) {
                    format!("{} {} is listed twice", entry.name, entry.version)
                } else {
                    format!(
                        "{} {} belongs before {} {}",
                        entry.name, entry.version, last.name, last.version
                    )
                };
                return Err(malformed(problem));
            }
            lines.push(Line::Entry(entry));
        }
        Ok(Self {
            folder: folder.to_owned(),
            text,
            lines,
        })
    }

    /// The folder that the lock lies in, above all the policies that it lists.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The lock's file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(LOCK)
    }

    /// The released versions, ordered by name and version.
    pub fn entries(&self) -> impl Iterator<Item = &Locked> {
        entries(&self.lines)
    }

    fn digest(&self, name: &ReleaseName, version: Version) -> Option<Digest> {
        self.entries()
            .find(|entry| (&entry.name, entry.version) == (name, version))
            .map(|entry| entry.digest)
    }

    /// Holds a release against its line.
    #[must_use]
    pub fn verify(&self, release: &ReleaseSource) -> Verified {
        let manifest = release.manifest();
        let found = release.digest();
        match self.digest(&manifest.name, manifest.version) {
            None => Verified::Unlisted,
            Some(expected) if expected == found => Verified::Matches,
            Some(expected) => Verified::Changed { expected, found },
        }
    }

    /// The released versions whose folders are not there any more.
    #[must_use]
    pub fn vanished(&self) -> Vec<&Locked> {
        let there = |entry: &&Locked| {
            let folder = self.folder.join(entry.name.as_str());
            folder
                .join(entry.version.to_string())
                .join(MANIFEST)
                .is_file()
        };
        self.entries().filter(|entry| !there(entry)).collect()
    }

    /// Lists a release and writes the lock in one step; a release that is listed with the
    /// same digest changes nothing.
    ///
    /// # Errors
    /// [`LockError::Released`] when the version is listed with another digest,
    /// [`LockError::Busy`] or [`LockError::Stale`] when somebody else writes,
    /// [`LockError::Io`].
    pub fn add(&mut self, release: &ReleaseSource) -> Result<(), LockError> {
        let manifest = release.manifest();
        let (name, version) = (manifest.name.clone(), manifest.version);
        match self.verify(release) {
            Verified::Matches => return Ok(()),
            Verified::Changed { expected, found } => {
                return Err(LockError::Released {
                    name,
                    version,
                    expected,
                    found,
                });
            }
            Verified::Unlisted => {}
        }
        let digest = release.digest();
        let entry = Locked {
            name,
            version,
            digest,
        };
        let mut lines = self.lines.clone();
        let follows = |line: &Line| matches!(line, Line::Entry(other) if key(other) > key(&entry));
        let at = lines.iter().position(follows).unwrap_or(lines.len());
        lines.insert(at, Line::Entry(entry));
        let mut text = String::new();
        for line in &lines {
            match line {
                Line::Comment(comment) => text.push_str(comment),
                Line::Entry(entry) => text.push_str(&entry.to_string()),
            }
            text.push('\n');
        }
        self.replace(&text)?;
        self.lines = lines;
        self.text = text;
        Ok(())
    }

    /// Writes a new file, then gives it the lock's name, so that a reader sees the old
    /// lock or the new one and never a part.
    fn replace(&self, text: &str) -> Result<(), LockError> {
        let (path, new) = (self.path(), self.folder.join(NEW_LOCK));
        let failed = |problem| {
            let path = new.clone();
            move |source| LockError::Io {
                path,
                problem,
                source,
            }
        };
        let mut file = match fs::File::create_new(&new) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(LockError::Busy { path: new });
            }
            Err(error) => return Err(failed("cannot be written")(error)),
        };
        let written = match read_text(&path) {
            Ok(current) if current != self.text => Err(LockError::Stale { path: path.clone() }),
            Ok(_) => file
                .write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .and_then(|()| fs::rename(&new, &path))
                .map_err(failed("cannot be written")),
            Err(error) => Err(error),
        };
        if written.is_err() {
            // The first error is the one to tell; a file left behind is named as busy.
            let _ = fs::remove_file(&new);
        }
        written
    }
}

/// The folder with its links resolved.
fn resolved(release: &Path) -> Result<PathBuf, LockError> {
    release.canonicalize().map_err(|source| LockError::Io {
        path: release.to_owned(),
        problem: "the folder cannot be found",
        source,
    })
}

fn entries(lines: &[Line]) -> impl Iterator<Item = &Locked> {
    lines.iter().filter_map(|line| match line {
        Line::Entry(entry) => Some(entry),
        Line::Comment(_) => None,
    })
}

const fn key(entry: &Locked) -> (&ReleaseName, Version) {
    (&entry.name, entry.version)
}

fn entry(line: &str) -> Result<Locked, String> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [name, version, digest] = parts.as_slice() else {
        return Err("expected NAME VERSION sha256:DIGEST".into());
    };
    let digest = digest
        .strip_prefix("sha256:")
        .and_then(Digest::from_hex)
        .ok_or("expected sha256: and 64 hexadecimal digits")?;
    Ok(Locked {
        name: name
            .parse()
            .map_err(|error: crate::BadRelease| error.to_string())?,
        version: version
            .parse()
            .map_err(|error: crate::BadRelease| error.to_string())?,
        digest,
    })
}

/// The text of a lock; empty if there is none.
fn read_text(path: &Path) -> Result<String, LockError> {
    let failed = |problem| {
        move |source| LockError::Io {
            path: path.to_owned(),
            problem,
            source,
        }
    };
    let bytes = match fs::File::open(path) {
        Ok(file) => {
            let mut bytes = Vec::new();
            let mut part = io::Read::take(file, FILE_BYTES_MAX.saturating_add(1));
            io::Read::read_to_end(&mut part, &mut bytes).map_err(failed("cannot be read"))?;
            bytes
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed("cannot be read")(error)),
    };
    let malformed = |problem: &str| LockError::Malformed {
        path: path.to_owned(),
        line: 1,
        problem: problem.to_owned(),
    };
    if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_BYTES_MAX) {
        return Err(malformed("the lock is longer than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| malformed("the lock is not UTF-8"))
}
