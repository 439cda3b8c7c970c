//! The part of the `ustar` format that an archive uses, written and read byte for byte.

use super::error::ArchiveError;
use super::{ARCHIVE_BYTES_MAX, LISTING, LISTING_BYTES_MAX};
use crate::folder::{FILES_MAX, FOLDER_BYTES_MAX, bytes_max, unsafe_path};

/// The unit of the format.
const BLOCK: usize = 512;
/// The longest name, and the longest prefix before it.
const NAME_MAX: usize = 100;
const PREFIX_MAX: usize = 155;

/// Where compressed files begin, by the format.
const COMPRESSED: &[(&[u8], &str)] = &[
    (&[0x1f, 0x8b], "gzip"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
];

/// Writes members one after the other.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        safe(path)?;
        self.0.extend_from_slice(&header(path, bytes.len())?);
        self.0.extend_from_slice(bytes);
        let padded = self.0.len().next_multiple_of(BLOCK);
        self.0.resize(padded, 0);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; BLOCK * 2]);
        self.0
    }
}

/// Where the sum of a header's bytes stands.
const SUM: std::ops::Range<usize> = 148..156;

/// The header of a regular file.
fn header(path: &str, length: usize) -> Result<[u8; BLOCK], ArchiveError> {
    let (prefix, name) = split(path).ok_or_else(|| ArchiveError::LongName {
        path: path.to_owned(),
    })?;
    let mut text = Vec::with_capacity(BLOCK);
    field(&mut text, name, NAME_MAX);
    field(&mut text, "0000644", 8);
    field(&mut text, "0000000", 8);
    field(&mut text, "0000000", 8);
    field(&mut text, &format!("{length:011o}"), 12);
    field(&mut text, "00000000000", 12);
    // The sum is taken with spaces in its own place.
    field(&mut text, "        ", 8);
    field(&mut text, "0", 1);
    field(&mut text, "", 100);
    field(&mut text, "ustar", 6);
    field(&mut text, "00", 2);
    field(&mut text, "", 64);
    field(&mut text, "0000000", 8);
    field(&mut text, "0000000", 8);
    field(&mut text, prefix, PREFIX_MAX);
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(&text) {
        *to = *from;
    }
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    let sum = format!("{sum:06o}\0 ");
    let place = block.get_mut(SUM).unwrap_or_default();
    for (to, from) in place.iter_mut().zip(sum.as_bytes()) {
        *to = *from;
    }
    Ok(block)
}

/// A text with zeros after it, so many bytes wide.
fn field(out: &mut Vec<u8>, text: &str, width: usize) {
    let end = out.len().saturating_add(width);
    out.extend_from_slice(text.as_bytes());
    out.resize(end, 0);
}

/// A path as prefix and name: whole where it fits, else cut at the first slash after
/// which the rest fits.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= NAME_MAX {
        return Some(("", path));
    }
    let cuts = path.match_indices('/');
    cuts.map(|(at, _)| path.split_at(at))
        .map(|(prefix, rest)| (prefix, rest.trim_start_matches('/')))
        .find(|(_, name)| name.len() <= NAME_MAX)
        .filter(|(prefix, name)| prefix.len() <= PREFIX_MAX && !name.is_empty())
}

/// A file of an archive.
pub(super) struct Member<'a> {
    pub(super) path: String,
    pub(super) bytes: &'a [u8],
}

/// Reads the members, each at its limit at most and with the header that a writer gives it.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Member<'_>>, ArchiveError> {
    if let Some((_, format)) = COMPRESSED
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
    {
        return Err(ArchiveError::Compressed { format });
    }
    within(
        u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        ARCHIVE_BYTES_MAX,
    )?;
    let mut members: Vec<Member<'_>> = Vec::new();
    let (mut rest, mut total) = (bytes, 0_u64);
    loop {
        let at = bytes.len().saturating_sub(rest.len());
        let (block, after) = block(rest)?;
        if block.iter().all(|byte| *byte == 0) {
            return end(after, at).map(|()| members);
        }
        if members.len() > FILES_MAX {
            return Err(ArchiveError::TooManyFiles { limit: FILES_MAX });
        }
        let path = path(block, at)?;
        of_a_file(block, &path)?;
        safe(&path)?;
        let length = length(block, at)?;
        let (limit, all) = match path.as_str() {
            LISTING => (LISTING_BYTES_MAX, LISTING_BYTES_MAX),
            name => (bytes_max(name), FOLDER_BYTES_MAX),
        };
        within(length, limit)?;
        total = total.saturating_add(length);
        within(total, all.saturating_add(LISTING_BYTES_MAX))?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let truncated = || ArchiveError::Truncated { path: path.clone() };
        let (contents, padded) = after.split_at_checked(length).ok_or_else(truncated)?;
        let padding = length.next_multiple_of(BLOCK).saturating_sub(length);
        let (padding, next) = padded.split_at_checked(padding).ok_or_else(truncated)?;
        if padding.iter().any(|byte| *byte != 0) || header(&path, length)? != *block {
            let problem =
                "the header or the padding is not the one of a regular file without owner and time";
            return Err(ArchiveError::NotCanonical { at, problem });
        }
        // The listing comes first, and the others in order.
        if members
            .get(1..)
            .and_then(<[_]>::last)
            .is_some_and(|last| last.path >= path)
            || members.iter().any(|member| member.path == path)
        {
            return Err(ArchiveError::Order { path });
        }
        members.push(Member {
            path,
            bytes: contents,
        });
        rest = next;
    }
}

const fn within(used: u64, limit: u64) -> Result<(), ArchiveError> {
    if used > limit {
        Err(ArchiveError::TooLarge { limit, used })
    } else {
        Ok(())
    }
}

fn block(bytes: &[u8]) -> Result<(&[u8; BLOCK], &[u8]), ArchiveError> {
    bytes.split_first_chunk().ok_or(ArchiveError::Truncated {
        path: String::new(),
    })
}

/// One more block of zeros, and then nothing.
fn end(rest: &[u8], at: usize) -> Result<(), ArchiveError> {
    let (block, after) = block(rest)?;
    if after.is_empty() && block.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    Err(ArchiveError::NotCanonical {
        at,
        problem: "something stands after the end of the archive",
    })
}

/// A text field up to its first zero.
fn text(block: &[u8; BLOCK], at: usize, width: usize) -> &[u8] {
    let field = block.get(at..at.saturating_add(width)).unwrap_or_default();
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn path(block: &[u8; BLOCK], at: usize) -> Result<String, ArchiveError> {
    let (name, prefix) = (text(block, 0, NAME_MAX), text(block, 345, PREFIX_MAX));
    let path = match prefix {
        [] => name.to_vec(),
        prefix => [prefix, b"/", name].concat(),
    };
    String::from_utf8(path).map_err(|_| ArchiveError::NotCanonical {
        at,
        problem: "the path is not UTF-8",
    })
}

fn of_a_file(block: &[u8; BLOCK], path: &str) -> Result<(), ArchiveError> {
    let path = || path.to_owned();
    match block.get(156) {
        Some(b'0') => Ok(()),
        Some(b'1' | b'2') => Err(ArchiveError::Link {
            path: path(),
            target: String::from_utf8_lossy(text(block, 157, 100)).into_owned(),
        }),
        kind => Err(ArchiveError::NotAFile {
            path: path(),
            kind: kind.copied().map_or('\0', char::from),
        }),
    }
}

fn safe(path: &str) -> Result<(), ArchiveError> {
    let problem = match unsafe_path(path) {
        None if path.contains(char::is_control) => Some("has a control character"),
        problem => problem,
    };
    match problem.filter(|_| path != LISTING) {
        Some(problem) => Err(ArchiveError::Outside {
            path: path.to_owned(),
            problem,
        }),
        None => Ok(()),
    }
}

fn length(block: &[u8; BLOCK], at: usize) -> Result<u64, ArchiveError> {
    let digits = std::str::from_utf8(text(block, 124, 12)).ok();
    let plain = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let length = plain.and_then(|digits| u64::from_str_radix(digits, 8).ok());
    length.ok_or(ArchiveError::NotCanonical {
        at,
        problem: "the length is not an octal number",
    })
}
