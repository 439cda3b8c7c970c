//! The file of an account: never one that the batch reads or keeps, and whole or as it was.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::args::BatchArgs;
use crate::failure::Failure;

/// What SQLite and the ledger add to the name of a ledger for the files beside it.
const COMPANIONS: [&str; 5] = ["", "-wal", "-shm", "-journal", ".lock"];

/// Why there is no account of every row.
#[derive(Debug, thiserror::Error)]
enum SheetError {
    /// The batch needs the file for something else.
    #[error("the account would be written over {what} ({})", path.display())]
    Taken {
        /// The file that was named.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// It cannot be written. A reader that has gone is told, too: rows were decided.
    #[error("cannot write the account {}: {problem}", path.display())]
    Write {
        /// The file that was named.
        path: PathBuf,
        /// What the system says.
        problem: io::Error,
    },
}

/// A file that is written beside its place, and takes it when it is whole.
#[derive(Debug)]
pub(super) struct Sheet {
    /// As the command line names it.
    named: PathBuf,
    file: BufWriter<File>,
    /// Where it is written, and its place; a pipe or a device is written as it is.
    moves: Option<(PathBuf, PathBuf)>,
}

impl Sheet {
    /// Begins the file, once it is known to be nothing else that the batch needs.
    pub(super) fn begin(path: &Path, args: &BatchArgs) -> Result<Self, Failure> {
        let unwritten = |problem| unwritten(path, problem);
        check_free(path, path, args)?;
        let is_device = fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir());
        let (file, moves) = if is_device {
            (OpenOptions::new().write(true).open(path), None)
        } else {
            let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let new = with_end(&place, ".new");
            check_free(&new, path, args)?;
            (begun(&place, &new), Some((new, place)))
        };
        Ok(Self {
            named: path.to_owned(),
            file: BufWriter::new(file.map_err(unwritten)?),
            moves,
        })
    }

    /// Adds a line.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        let written = writeln!(self.file, "{text}");
        written.map_err(|problem| unwritten(&self.named, problem))
    }

    /// Puts the whole file into its place.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let moves = self.moves.take();
        let ended = self.file.flush().and_then(|()| match &moves {
            Some((new, place)) => {
                self.file.get_ref().sync_all()?;
                fs::rename(new, place)
            }
            None => Ok(()),
        });
        if ended.is_err() {
            self.moves = moves;
        }
        ended.map_err(|problem| unwritten(&self.named, problem))
    }
}

impl Drop for Sheet {
    /// What is half written is of no use; that it cannot be removed is no news.
    fn drop(&mut self) {
        if let Some((new, _)) = &self.moves {
            drop(fs::remove_file(new));
        }
    }
}

fn unwritten(path: &Path, problem: io::Error) -> Failure {
    let path = path.to_owned();
    Failure::internal(SheetError::Write { path, problem })
}

/// A new file under its passing name, for the eyes of the same people as the old one. What a
/// batch left there that was killed is taken away, and a link with it, not what it leads to.
fn begun(place: &Path, new: &Path) -> io::Result<File> {
    let before = match fs::metadata(place) {
        Ok(data) if data.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(data) => Some(data.permissions()),
        Err(_) => None,
    };
    match fs::remove_file(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).open(new)?;
    if let Some(permissions) = before {
        file.set_permissions(permissions)?;
    }
    Ok(file)
}

/// Refuses a file that the batch reads, and one of the ledger's.
fn check_free(path: &Path, named: &Path, args: &BatchArgs) -> Result<(), Failure> {
    let taken = |what| {
        let path = named.to_owned();
        Err(Failure::usage(SheetError::Taken { path, what }))
    };
    if is_same(path, &args.file) {
        return taken("the rows of the batch");
    }
    if is_same(path, Path::new(&args.actor)) {
        return taken("the actor");
    }
    if args.log_key.iter().any(|key| is_same(path, key)) {
        return taken("the key of the log");
    }
    if let Some(ledger) = args.ledger.file() {
        for own in [ledger, &resolved(ledger)] {
            let mut files = COMPANIONS.iter().map(|end| with_end(own, end));
            if files.any(|file| is_same(path, &file)) {
                return taken("the ledger, or a file that belongs to it");
            }
        }
    }
    if resolved(path).starts_with(resolved(&args.policy)) {
        return taken("what is in the policy");
    }
    Ok(())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Where a path leads, also one at which there is no file yet; the path itself where nobody
/// can tell.
fn resolved(path: &Path) -> PathBuf {
    redress_ledger_sqlite::resolved(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether two paths lead to one file, whatever its names.
fn is_same(one: &Path, other: &Path) -> bool {
    resolved(one) == resolved(other) || is_linked(one, other)
}

#[cfg(unix)]
fn is_linked(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |path| fs::metadata(path).map(|data| (data.dev(), data.ino()));
    matches!((id(one), id(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_linked(_: &Path, _: &Path) -> bool {
    false
}
