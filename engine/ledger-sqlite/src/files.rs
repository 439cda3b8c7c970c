//! The files below SQLite, where SQLite alone does not make them durable.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// How many bytes are written again at a time.
const PIECE_BYTES: u64 = 1 << 20;

/// How many links to a file that is not there yet are followed one after another, as Linux does.
const LINKS_MAX: u32 = 40;

/// Through what the files of a ledger are reached.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// The VFS of SQLite that opens them, by the name under which it was registered, with shared
    /// memory for the index of the WAL; the system's own if `None`.
    pub vfs: Option<&'static str>,
    /// Writes every byte of the WAL of the ledger at a path again and syncs it, if there is one.
    pub write_wal_again: fn(&Path) -> io::Result<()>,
}

impl Files {
    /// The files of the system.
    pub const SYSTEM: Self = Self {
        vfs: None,
        write_wal_again,
    };
}

/// Where a file is, or will be once it is made, with every link on the way followed.
///
/// SQLite follows links too, so the files beside a ledger have their names from what they lead
/// to.
///
/// # Errors
/// What the system says of a folder on the way, or of links that lead round in a circle.
pub fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let missing = match path.canonicalize() {
            Err(error) if error.kind() == ErrorKind::NotFound => error,
            found => return found,
        };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(missing);
        };
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new(".").canonicalize()?,
            false => folder.canonicalize()?,
        };
        let file = folder.join(name);
        match file.read_link() {
            Ok(target) => path = folder.join(target),
            // It is not there, or has just been made and is no link.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
                return Ok(file);
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many links lead on from it"))
}

/// Writes every byte of a WAL again, in place, and syncs it.
///
/// Linux takes a page for clean whose sync has failed: programs still read it, and it is never
/// written (Rebello and others, ATC 2020). Written again, it is what the next sync writes. Every
/// byte stays as it was, so that whoever reads meanwhile sees no change, and a loss of power
/// leaves what was durable already, or more of it.
fn write_wal_again(ledger: &Path) -> io::Result<()> {
    let mut name = match resolved(ledger) {
        Ok(path) => path.into_os_string(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    name.push("-wal");
    let mut file = match OpenOptions::new().read(true).write(true).open(name) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut piece = Vec::new();
    loop {
        piece.clear();
        let start = file.stream_position()?;
        (&mut file).take(PIECE_BYTES).read_to_end(&mut piece)?;
        if piece.is_empty() {
            return file.sync_all();
        }
        file.seek(SeekFrom::Start(start))?;
        file.write_all(&piece)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wal_of_several_pieces_stays_as_it_was() {
        let folder = tempfile::TempDir::new().unwrap();
        let (ledger, wal) = (folder.path().join("l"), folder.path().join("l-wal"));
        std::fs::write(&ledger, "").unwrap();
        let most = usize::try_from(PIECE_BYTES).unwrap();
        for length in [0, 1, most, 2 * most + 7] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            std::fs::write(&wal, &bytes).unwrap();
            write_wal_again(&ledger).unwrap();
            assert!(std::fs::read(&wal).unwrap() == bytes, "{length}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_yet_is_where_its_folder_and_its_links_lead() {
        let folder = tempfile::TempDir::new().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("in")).unwrap();
        let check = |given: &str, expected: &str| {
            let found = resolved(&folder.path().join(given)).unwrap();
            assert_eq!(found, real.join(expected), "{given}");
        };
        check("l", "l");
        check("in/../in/./l", "in/l");
        let nowhere = resolved(&folder.path().join("out/l")).unwrap_err();
        assert_eq!(nowhere.kind(), ErrorKind::NotFound);
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(resolved(Path::new("l")).unwrap(), here.join("l"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink("in", real.join("to")).unwrap();
            symlink("../l", real.join("in/up")).unwrap();
            symlink("to/up", real.join("far")).unwrap();
            check("to/l", "in/l");
            check("far", "l");
            std::fs::write(real.join("l"), "").unwrap();
            check("far", "l");
            symlink("round", real.join("round")).unwrap();
            resolved(&real.join("round")).unwrap_err();
        }
    }

    #[test]
    fn no_wal_and_no_ledger_are_nothing_to_write() {
        let folder = tempfile::TempDir::new().unwrap();
        let ledger = folder.path().join("l");
        write_wal_again(&ledger).unwrap();
        std::fs::write(&ledger, "").unwrap();
        write_wal_again(&ledger).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
