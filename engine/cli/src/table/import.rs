//! `redress table import`: from a spreadsheet's CSV to a table of a release.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use redress_authoring::encoding::{DecodeError, decode};
use redress_authoring::gate::{self, Released};
use redress_authoring::text::counted;
use redress_release::{ReleaseError, ReleaseErrors, Sheet, SourceFolder};

use super::args::{EncodingName, ImportArgs};
use crate::failure::{Exit, Failure};
use crate::term::{self, Tone};

/// The longest file that is read, in bytes: a sheet of the greatest length in UTF-16.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024 + 2;

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    /// The release's files may not change any more.
    #[error("the release is locked, and its files may not change")]
    Locked,
    /// The system refused.
    #[error("{}: cannot be written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Runs `redress table import`.
pub(crate) fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let shown = if args.file.as_os_str() == "-" {
        Path::new("standard input")
    } else {
        args.file.as_path()
    };
    let bytes = read(args, shown).map_err(Failure::invalid)?;
    let text = decode(&bytes, args.encoding.into());
    let text = text.map_err(|error| Failure::invalid(undecodable(shown, args.encoding, &error)))?;
    let folder = SourceFolder::open(&args.release).map_err(Failure::invalid)?;
    let sheet = folder.sheet(&args.table, shown, &text, args.separator.into());
    let sheet = sheet.map_err(Failure::invalid)?;
    let before = folder.file(&sheet.file).unwrap_or_default();
    let changed = changed_rows(before, &sheet);
    if args.write {
        write(&folder, &sheet)?;
    } else {
        term::put(sheet.csv.as_bytes())?;
    }
    let done = if args.write { "written" } else { "complete" };
    term::tell(&format!(
        "{} {}: {}, {changed} of them not in the file before\n",
        Tone::Good.paint(done),
        sheet.file,
        counted(sheet.rows, "row"),
    ));
    Ok(Exit::Ok)
}

fn read(args: &ImportArgs, shown: &Path) -> Result<Vec<u8>, ReleaseErrors> {
    let mut bytes = Vec::new();
    let limit = FILE_BYTES_MAX;
    let read = if args.file.as_os_str() == "-" {
        io::stdin().take(limit + 1).read_to_end(&mut bytes)
    } else {
        let file = fs::File::open(&args.file);
        file.and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    match read {
        Ok(count) if u64::try_from(count).is_ok_and(|count| count <= limit) => Ok(bytes),
        Ok(_) => {
            let problem = format!("is longer than {limit} bytes");
            Err(ReleaseError::of_file(shown, problem).into())
        }
        Err(error) => Err(ReleaseError::of_file(shown, format!("cannot be read: {error}")).into()),
    }
}

fn undecodable(shown: &Path, encoding: EncodingName, error: &DecodeError) -> ReleaseErrors {
    let help = match encoding {
        EncodingName::Utf8 => "save it as UTF-8, or say --encoding gb18030 if it is that",
        EncodingName::Gb18030 => "it is neither GB18030 nor marked as something else",
    };
    ReleaseError {
        line: error.line().and_then(|line| u32::try_from(line).ok()),
        help: Some(help.to_owned()),
        ..ReleaseError::of_file(shown, error.to_string())
    }
    .into()
}

/// How many rows of the table are not in its file as it was.
fn changed_rows(before: &[u8], sheet: &Sheet) -> usize {
    let before = String::from_utf8_lossy(before);
    let before: Vec<&str> = before.lines().map(str::trim_end).collect();
    let rows = sheet.csv.lines().skip(1);
    rows.filter(|row| !before.contains(row)).count()
}

/// Writes the table beside its file and then in its place, so that it is never half there.
fn write(folder: &SourceFolder, sheet: &Sheet) -> Result<(), Failure> {
    // A release that is not whole yet cannot be locked either.
    if let Ok(release) = folder.clone().release()
        && gate::unchanged(&release).is_ok_and(|state| state == Released::Locked)
    {
        return Err(Failure::gate(WriteError::Locked));
    }
    let path = folder.path().join(&sheet.file);
    let beside = path.with_extension("csv.new");
    let parent = path.parent().unwrap_or(folder.path());
    let written = fs::create_dir_all(parent)
        .and_then(|()| fs::write(&beside, &sheet.csv))
        .and_then(|()| fs::rename(&beside, &path));
    written.map_err(|source| Failure::internal(WriteError::Io { path, source }))
}
