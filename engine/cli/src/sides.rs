//! One release that a command line names: the folder of a version, or an archive.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use redress::{Engine, Release};
use redress_release::archive::ARCHIVE_BYTES_MAX;
use redress_release::{Archive, ReleaseSource, SourceFolder};

use crate::failure::Failure;

/// Reads a release from the folder of one version, or from an archive.
pub(crate) fn source(path: &Path) -> Result<ReleaseSource, Failure> {
    if path.is_dir() {
        return SourceFolder::read(path).map_err(Failure::invalid);
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| {
            file.take(ARCHIVE_BYTES_MAX.saturating_add(1))
                .read_to_end(&mut bytes)
        })
        .map_err(|source| {
            let what = format!("cannot read {}", path.display());
            Failure::invalid(anyhow::Error::new(source).context(what))
                .help("name the folder of one version, or an archive of `redress release build`")
        })?;
    let archive = Archive::read(bytes);
    let archive = archive.map_err(|error| Failure::invalid(error).at(path.display()))?;
    Ok(archive.source().clone())
}

/// The same, compiled.
pub(crate) fn release(engine: &Engine, path: &Path) -> Result<Release, Failure> {
    engine.compile(source(path)?).map_err(Failure::invalid)
}
