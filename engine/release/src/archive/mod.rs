//! One file that holds a release: the same bytes on any machine, and nothing else in it.
//!
//! The format is the `ustar` interchange format of POSIX.1-2001, so that any `tar` opens
//! it, with everything that varies fixed: regular files only, mode 644, no owner, no
//! time, ordered by the bytes of the path, two blocks of zeros at the end. The first
//! member is `.redress/manifest.json`, which names every file with its length and SHA-256;
//! names that start with a dot are no part of a release, so an unpacked archive is the
//! release's folder again and has its digest.
//!
//! There is no compression: what cannot unpack to more than it is cannot be a bomb.
//! [`Archive::read`] accepts exactly the bytes that [`Archive::build`] gives.

mod error;
mod listing;
mod tar;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use redress_model::Digest;

pub use self::error::ArchiveError;
pub use self::listing::{FORMAT, LISTING, ListedFile, Listing};
use crate::folder::{FOLDER_BYTES_MAX, SourceFolder};
use crate::source::ReleaseSource;

/// The most bytes of the listing.
pub(crate) const LISTING_BYTES_MAX: u64 = 1024 * 1024;

/// The most bytes of an archive: every file at its limit, with headers and padding.
pub const ARCHIVE_BYTES_MAX: u64 = FOLDER_BYTES_MAX + LISTING_BYTES_MAX + 2_004 * 1_024;

/// A release with the one file that holds it.
#[derive(Debug, Clone)]
pub struct Archive {
    bytes: Vec<u8>,
    digest: Digest,
    listing: Listing,
    source: ReleaseSource,
}

impl Archive {
    /// Puts a release into one file.
    ///
    /// # Errors
    /// [`ArchiveError::LongName`] and [`ArchiveError::Outside`] for a path that the format
    /// cannot hold, or that a reader would refuse.
    pub fn build(source: &ReleaseSource) -> Result<Self, ArchiveError> {
        let listing = Listing::of(source);
        let mut writer = tar::Writer::default();
        writer.file(LISTING, &listing.to_json())?;
        for (path, bytes) in source.folder().files() {
            writer.file(path, bytes)?;
        }
        let bytes = writer.finish();
        Ok(Self {
            digest: Digest::of(&bytes),
            bytes,
            listing,
            source: source.clone(),
        })
    }

    /// Reads an archive and everything in it.
    ///
    /// # Errors
    /// [`ArchiveError`] for anything that [`Archive::build`] would not have written: a
    /// link, a path that leads outside, a file that the listing does not name or names
    /// otherwise, compression, other metadata, bytes after the end, and a release that
    /// is not valid.
    pub fn read(bytes: Vec<u8>) -> Result<Self, ArchiveError> {
        let members = tar::read(&bytes)?;
        let (first, rest) = members
            .split_first()
            .filter(|(first, _)| first.path == LISTING)
            .ok_or(ArchiveError::NoListing)?;
        let listing = Listing::parse(first.bytes)?;
        let files = listed(&listing, rest)?;
        let source = SourceFolder::in_archive(&listing.name, listing.version, files)
            .release()
            .map_err(ArchiveError::Release)?;
        let archive = Self::build(&source)?;
        if archive.bytes != bytes {
            let at = archive.bytes.iter().zip(&bytes).position(|(a, b)| a != b);
            return Err(ArchiveError::NotCanonical {
                at: at.unwrap_or_default(),
                problem: "is not what building the archive from its own files gives",
            });
        }
        Ok(archive)
    }

    /// The file's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the file, which signatures bind.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The listing of its files.
    #[must_use]
    pub const fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The release.
    #[must_use]
    pub const fn source(&self) -> &ReleaseSource {
        &self.source
    }

    /// `air-eu261-1.0.0.tar`, the name that the file gets where nobody gives it another.
    #[must_use]
    pub fn file_name(&self) -> String {
        let manifest = self.source.manifest();
        format!(
            "{}-{}.tar",
            manifest.name.as_str().replace('/', "-"),
            manifest.version
        )
    }
}

/// The members by path, held against the listing.
fn listed(
    listing: &Listing,
    members: &[tar::Member<'_>],
) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut files = BTreeMap::new();
    for member in members {
        let path = || member.path.to_owned();
        let Some(file) = listing.files.iter().find(|file| file.path == member.path) else {
            return Err(ArchiveError::Extra { path: path() });
        };
        let found = Digest::of(member.bytes);
        if found != file.sha256 {
            return Err(ArchiveError::Digest {
                path: path(),
                expected: file.sha256,
                found,
            });
        }
        files.insert(path(), member.bytes.to_vec());
    }
    match listing
        .files
        .iter()
        .find(|file| !files.contains_key(&file.path))
    {
        Some(missing) => Err(ArchiveError::Missing {
            path: missing.path.clone(),
        }),
        None => Ok(files),
    }
}
