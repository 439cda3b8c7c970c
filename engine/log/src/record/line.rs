//! The frame of a record as bytes: written at once, and read from both ends without
//! looking at the body.

use memchr::memrchr;
use redress_model::{Code, Digest, Timestamp};

use crate::canonical::write_text;
use crate::seal::Salt;

/// The longest record in bytes, without its newline.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

const AT: &[u8] = b"{\"at\":\"";
const BODY: &[u8] = b"\",\"body\":";
const KIND: &[u8] = b",\"kind\":\"";
const NONCE: &[u8] = b"\",\"nonce\":\"";
const PREV: &[u8] = b"\",\"prev\":\"";
const SEQ: &[u8] = b"\",\"seq\":\"";
const END: &[u8] = b"\",\"v\":\"1\"}";

/// What is wrong with the frame of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineProblem {
    /// It is longer than [`LINE_BYTES_MAX`].
    TooLong,
    /// There is nothing in it.
    Empty,
    /// It does not begin with a time and a body.
    Start,
    /// It does not end with kind, nonce, hash of the leaf before, place and version.
    End,
}

impl LineProblem {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::TooLong => "it is too long",
            Self::Empty => "it is empty",
            Self::Start => "it does not begin as a record does",
            Self::End => "it does not end as a record does",
        }
    }
}

/// Why a line is not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line is no record: {}", problem.words())]
pub struct BadLine {
    /// What is wrong.
    pub problem: LineProblem,
}

impl BadLine {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.problem {
            LineProblem::TooLong => "record_too_long",
            LineProblem::Empty | LineProblem::Start | LineProblem::End => "record_malformed",
        }
    }
}

/// The frame of a record within its line. The body has not been looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'l> {
    /// The ledger's time in RFC 3339 form, UTC, as 20 bytes that compare as times do.
    pub at: &'l [u8; 20],
    /// The body as it stands there.
    pub body: &'l [u8],
    /// The kind.
    pub kind: &'l [u8],
    /// The nonce in hexadecimal digits.
    pub nonce: &'l [u8; 32],
    /// The hash of the leaf before in hexadecimal digits.
    pub prev: &'l [u8; 64],
    /// The place in the log.
    pub seq: u64,
}

/// Splits off what follows the last quote.
fn last_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let quote = memrchr(b'"', bytes)?;
    let (before, text) = bytes.split_at_checked(quote.checked_add(1)?)?;
    Some((before, text))
}

impl<'l> Line<'l> {
    /// Finds the frame of a record in a line without its newline.
    ///
    /// # Errors
    /// [`BadLine`] when the line has another frame.
    pub fn parse(line: &'l [u8]) -> Result<Self, BadLine> {
        let bad = |problem| BadLine { problem };
        if line.len() > LINE_BYTES_MAX {
            return Err(bad(LineProblem::TooLong));
        }
        if line.is_empty() {
            return Err(bad(LineProblem::Empty));
        }
        let (at, rest) = Self::start(line).ok_or(bad(LineProblem::Start))?;
        Self::end(at, rest).ok_or(bad(LineProblem::End))
    }

    fn start(line: &'l [u8]) -> Option<(&'l [u8; 20], &'l [u8])> {
        let (at, rest) = line.strip_prefix(AT)?.split_first_chunk()?;
        Some((at, rest.strip_prefix(BODY)?))
    }

    fn end(at: &'l [u8; 20], rest: &'l [u8]) -> Option<Self> {
        let (rest, seq) = last_text(rest.strip_suffix(END)?)?;
        let (rest, prev) = rest.strip_suffix(SEQ)?.split_last_chunk()?;
        let (rest, nonce) = rest.strip_suffix(PREV)?.split_last_chunk()?;
        let (rest, kind) = last_text(rest.strip_suffix(NONCE)?)?;
        let body = rest.strip_suffix(KIND)?;
        Some(Self {
            at,
            body,
            kind,
            nonce,
            prev,
            seq: number(seq)?,
        })
    }

    /// The ledger's time, if it is one in the form that records have.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        std::str::from_utf8(self.at).ok()?.parse().ok()
    }

    /// The kind, if it is a code.
    #[must_use]
    pub fn kind(&self) -> Option<Code> {
        Code::new(std::str::from_utf8(self.kind).ok()?).ok()
    }

    /// The nonce.
    #[must_use]
    pub fn nonce(&self) -> Option<Salt> {
        Salt::from_hex(std::str::from_utf8(self.nonce).ok()?)
    }

    /// The hash of the leaf before.
    #[must_use]
    pub fn prev(&self) -> Option<Digest> {
        Digest::from_hex(std::str::from_utf8(self.prev).ok()?)
    }
}

/// A number without leading zeros.
fn number(digits: &[u8]) -> Option<u64> {
    let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
    if digits.is_empty() || digits.len() > 20 || leading_zero {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// Writes a record as one line, without a newline.
pub(crate) fn write(
    at: Timestamp,
    body: &[u8],
    kind: &Code,
    nonce: Salt,
    prev: &Digest,
    seq: u64,
) -> Vec<u8> {
    use std::io::Write as _;
    let mut line = Vec::with_capacity(body.len().saturating_add(256));
    line.extend(b"{\"at\":");
    write_text(&mut line, &at.to_rfc3339(0));
    line.extend(b",\"body\":");
    line.extend(body);
    line.extend(KIND);
    // A code needs no escape. Writing into memory does not fail.
    line.extend(kind.as_str().as_bytes());
    line.extend(NONCE);
    let _ = write!(line, "{nonce}");
    line.extend(PREV);
    line.extend(prev.hex());
    line.extend(SEQ);
    let _ = write!(line, "{seq}");
    line.extend(END);
    line
}
