//! `.redress/manifest.json`: every file of an archive with its length and digest.

use redress_model::{Date, Digest};
use serde::{Deserialize, Serialize};

use super::error::ArchiveError;
use crate::source::ReleaseSource;
use crate::version::{ReleaseName, Version};

/// The path of the listing in the archive.
pub const LISTING: &str = ".redress/manifest.json";
/// The name of this format.
pub const FORMAT: &str = "redress.archive.v1";

/// One file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Its path from the release folder.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its contents.
    pub sha256: Digest,
}

/// What an archive says of itself before its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// [`FORMAT`].
    pub format: String,
    /// The policy.
    pub name: ReleaseName,
    /// The version.
    pub version: Version,
    /// The digest of the release folder, which decisions carry.
    pub release_sha256: Digest,
    /// The first incident date that the release covers.
    pub effective_from: Date,
    /// The last one; `null` for all that follow.
    pub effective_until: Option<Date>,
    /// The date past which the release is not activated without a new review.
    pub review_by: Date,
    /// The files, ordered by the bytes of their paths.
    pub files: Vec<ListedFile>,
}

impl Listing {
    /// The listing of a release.
    #[must_use]
    pub fn of(source: &ReleaseSource) -> Self {
        let manifest = source.manifest();
        let file = |(path, bytes): (&str, &[u8])| ListedFile {
            path: path.to_owned(),
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: Digest::of(bytes),
        };
        Self {
            format: FORMAT.to_owned(),
            name: manifest.name.clone(),
            version: manifest.version,
            release_sha256: source.digest(),
            effective_from: manifest.effective.from,
            effective_until: manifest.effective.until,
            review_by: manifest.review_by,
            files: source.folder().files().map(file).collect(),
        }
    }

    /// The listing as it stands in the archive.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Plain values are written into memory, which does not fail; were it to, the empty
        // listing would be refused by whoever reads it.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Reads a listing.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let problem = |problem: String| ArchiveError::Listing { problem };
        let listing: Self =
            serde_json::from_slice(bytes).map_err(|error| problem(error.to_string()))?;
        if listing.format == FORMAT {
            Ok(listing)
        } else {
            let found = listing.format.chars().take(80).collect::<String>();
            Err(problem(format!(
                "expected the format {FORMAT}, found {found:?}"
            )))
        }
    }
}
