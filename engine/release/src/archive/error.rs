//! Why a file is not the archive of a release.

use redress_model::Digest;

use crate::error::ReleaseErrors;

/// Why a file is not the archive of a release. Nothing of it was used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It is compressed, which no archive of a release is.
    #[error(
        "the file is compressed ({format}); an archive of a release is not, \
         so that it cannot unpack to more than it is"
    )]
    Compressed {
        /// How: `gzip`, `zstd`, `xz`, `bzip2` or `zip`.
        format: &'static str,
    },
    /// It is longer than any release.
    #[error("the archive has {used} bytes, at most {limit} are read")]
    TooLarge {
        /// The most bytes.
        limit: u64,
        /// The bytes found, or claimed by a header.
        used: u64,
    },
    /// It has more files than any release.
    #[error("the archive has more than {limit} files")]
    TooManyFiles {
        /// The most files.
        limit: usize,
    },
    /// It ends in the middle.
    #[error("the archive ends in the middle of {path:?}")]
    Truncated {
        /// The member that is cut off; empty for a header.
        path: String,
    },
    /// A header is not one of the format.
    #[error("byte {at}: {problem}")]
    NotCanonical {
        /// The byte from which it differs.
        at: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A member is a link.
    #[error("{path:?} is a link to {target:?}; a release holds its files itself")]
    Link {
        /// The member.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// A member is neither a file nor a link.
    #[error("{path:?} is of type {kind:?}; a release holds regular files only")]
    NotAFile {
        /// The member.
        path: String,
        /// The type in its header.
        kind: char,
    },
    /// A path leads outside the release, or is not one of plain names.
    #[error("{path:?} {problem}")]
    Outside {
        /// The path.
        path: String,
        /// Why.
        problem: &'static str,
    },
    /// A path is longer than the format holds.
    #[error("{path:?} is longer than an archive holds")]
    LongName {
        /// The path.
        path: String,
    },
    /// Two members have one path, or they are not in order.
    #[error("{path:?} does not come after the member before it")]
    Order {
        /// The member.
        path: String,
    },
    /// The first member is not the listing.
    #[error("the first member is not .redress/manifest.json, so this is no archive of a release")]
    NoListing,
    /// The listing is not one.
    #[error(".redress/manifest.json: {problem}")]
    Listing {
        /// What is wrong.
        problem: String,
    },
    /// The listing does not name a file that is there.
    #[error("{path:?} is in the archive and not in its listing")]
    Extra {
        /// The file.
        path: String,
    },
    /// The listing names a file that is not there.
    #[error("{path:?} is in the listing and not in the archive")]
    Missing {
        /// The file.
        path: String,
    },
    /// A file has another digest than the listing says.
    #[error("{path:?} has the digest {found}, and the listing says {expected}")]
    Digest {
        /// The file.
        path: String,
        /// The digest in the listing.
        expected: Digest,
        /// The digest of the file.
        found: Digest,
    },
    /// The files are not a release.
    #[error("the files in the archive are not a release:\n{0}")]
    Release(ReleaseErrors),
}

impl ArchiveError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Compressed { .. } => "archive_compressed",
            Self::TooLarge { .. } => "archive_too_large",
            Self::TooManyFiles { .. } => "archive_too_many_files",
            Self::Truncated { .. } => "archive_truncated",
            Self::NotCanonical { .. } => "archive_not_canonical",
            Self::Link { .. } => "archive_link",
            Self::NotAFile { .. } => "archive_not_a_file",
            Self::Outside { .. } => "archive_path_outside",
            Self::LongName { .. } => "archive_long_name",
            Self::Order { .. } => "archive_order",
            Self::NoListing => "archive_no_listing",
            Self::Listing { .. } => "archive_listing",
            Self::Extra { .. } => "archive_extra_file",
            Self::Missing { .. } => "archive_missing_file",
            Self::Digest { .. } => "archive_digest",
            Self::Release(_) => "archive_release_invalid",
        }
    }
}
