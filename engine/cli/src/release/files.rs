//! The files that `redress release` reads and writes.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use redress_model::{Date, Timestamp};
use redress_release::archive::{ARCHIVE_BYTES_MAX, Archive};
use redress_release::signing::{ENVELOPE_BYTES_MAX, Envelope, Trust};

use crate::clock;
use crate::failure::Failure;
use crate::output::write_whole;

/// The most bytes of a key, a trust file or a sign-off.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// At most so many bytes of a file.
pub(super) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |source: io::Error| {
        let error = anyhow::Error::new(source).context(format!("cannot read {}", path.display()));
        Failure::invalid(error)
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        return Ok(bytes);
    }
    let error = anyhow::anyhow!("{} is longer than {limit} bytes", path.display());
    Err(Failure::invalid(error))
}

/// A text file.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path, TEXT_BYTES_MAX)?)
        .map_err(|_| Failure::invalid(anyhow::anyhow!("the text is not UTF-8")).at(path.display()))
}

/// An archive, checked whole.
pub(super) fn archive(path: &Path) -> Result<Archive, Failure> {
    let read = Archive::read(bytes(path, ARCHIVE_BYTES_MAX)?);
    read.map_err(|error| Failure::invalid(error).at(path.display()))
}

/// The envelope named, or the one beside the archive.
pub(super) fn envelope_path(named: Option<&PathBuf>, archive: &Path) -> PathBuf {
    named.cloned().unwrap_or_else(|| {
        let mut name = archive.as_os_str().to_owned();
        name.push(".dsse.json");
        name.into()
    })
}

/// An envelope.
pub(super) fn envelope(path: &Path) -> Result<Envelope, Failure> {
    let read = Envelope::parse(&bytes(path, ENVELOPE_BYTES_MAX)?);
    read.map_err(|error| Failure::invalid(error).at(path.display()))
}

/// A trust file.
pub(crate) fn trust(path: &Path) -> Result<Trust, Failure> {
    Trust::parse(&text(path)?).map_err(|error| Failure::invalid(error).at(path.display()))
}

/// Writes a file that is there whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_whole(path, bytes).map_err(|source| {
        let error = anyhow::Error::new(source).context(format!("cannot write {}", path.display()));
        Failure::internal(error)
    })
}

/// The present moment and its day in UTC.
pub(super) fn now() -> Result<(Timestamp, Date), Failure> {
    let now = clock::now();
    let moment = now.and_then(|now| Some((now, now.date_at(0)?)));
    moment.ok_or_else(|| Failure::internal(anyhow::anyhow!("the clock gives no moment")))
}
