//! The files below SQLite, where SQLite alone does not make them durable.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// How many bytes are written again at a time.
const PIECE_BYTES: u64 = 1 << 20;

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

/// Writes every byte of a WAL again, in place, and syncs it.
///
/// Linux takes a page for clean whose sync has failed: programs still read it, and it is never
/// written (Rebello and others, ATC 2020). Written again, it is what the next sync writes. Every
/// byte stays as it was, so that whoever reads meanwhile sees no change, and a loss of power
/// leaves what was durable already, or more of it.
fn write_wal_again(ledger: &Path) -> io::Result<()> {
    let mut name: OsString = match ledger.canonicalize() {
        Ok(path) => path.into(),
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
    fn no_wal_and_no_ledger_are_nothing_to_write() {
        let folder = tempfile::TempDir::new().unwrap();
        let ledger = folder.path().join("l");
        write_wal_again(&ledger).unwrap();
        std::fs::write(&ledger, "").unwrap();
        write_wal_again(&ledger).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
