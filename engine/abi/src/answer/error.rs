//! Why an answer is refused.

use redress_model::{BadName, Slot};
use smol_str::SmolStr;

/// Why bytes are not an answer, or an answer cannot be written. Offsets count from
/// the start of the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The answer ends within one of its parts.
    #[error("the answer ends at byte {at} within {what}")]
    Truncated {
        /// Where the part starts.
        at: usize,
        /// Which part.
        what: &'static str,
    },
    /// Bytes follow the answer.
    #[error("{extra} bytes follow the answer, which ends at byte {at}")]
    TrailingBytes {
        /// Where the answer ends.
        at: usize,
        /// How many bytes follow.
        extra: usize,
    },
    /// The answer has another layout.
    #[error("the answer has layout version {found}, expected 1")]
    Version {
        /// The version found.
        found: u8,
    },
    /// A tag that stands for nothing there.
    #[error("{found} at byte {at} does not stand for {what}")]
    UnknownTag {
        /// Where.
        at: usize,
        /// What was expected.
        what: &'static str,
        /// The tag.
        found: u8,
    },
    /// A text is not a code.
    #[error("{what} at byte {at}: {problem}")]
    BadCode {
        /// Where.
        at: usize,
        /// Which code was expected.
        what: &'static str,
        /// What is wrong with the text.
        problem: BadName,
    },
    /// A text is not UTF-8.
    #[error("the text at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Where.
        at: usize,
    },
    /// Three bytes are not a currency.
    #[error("{found:?} at byte {at} is not an ISO 4217 currency code")]
    UnknownCurrency {
        /// Where.
        at: usize,
        /// The bytes, as text.
        found: SmolStr,
    },
    /// A number of days is not a date of the years 1 to 9999.
    #[error("{days} days from 1970-01-01 at byte {at} is not a date of the years 1 to 9999")]
    BadDate {
        /// Where.
        at: usize,
        /// The days.
        days: i32,
    },
    /// More of something than an answer may carry.
    #[error("{used} {what}, at most {limit} are allowed")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The most.
        limit: usize,
        /// How many there are.
        used: usize,
    },
    /// A refusal without a reason.
    #[error("the refusal has no reason")]
    NoReason,
    /// A priority that is not 1 to 9.
    #[error("priority {found} is not within 1 to 9")]
    BadPriority {
        /// The priority.
        found: u8,
    },
    /// A slot that the function may not read, or that the schema does not have.
    #[error("slot {} is not a fact that {function} may read", .slot.number())]
    SlotNotSeen {
        /// The slot.
        slot: Slot,
        /// `remedy` or `route`.
        function: &'static str,
    },
    /// A deadline starts from a fact that is no date or instant that `route` may read.
    #[error("a deadline cannot start from slot {}: it is not a date that route may read", .slot.number())]
    BadStart {
        /// The slot.
        slot: Slot,
    },
}

impl AnswerError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "answer_truncated",
            Self::TrailingBytes { .. } => "answer_trailing_bytes",
            Self::Version { .. } => "answer_version",
            Self::UnknownTag { .. } => "answer_unknown_tag",
            Self::BadCode { .. } => "answer_bad_code",
            Self::NotUtf8 { .. } => "answer_not_utf8",
            Self::UnknownCurrency { .. } => "answer_unknown_currency",
            Self::BadDate { .. } => "answer_bad_date",
            Self::TooMany { .. } => "answer_too_many",
            Self::NoReason => "answer_no_reason",
            Self::BadPriority { .. } => "answer_bad_priority",
            Self::SlotNotSeen { .. } => "answer_slot_not_seen",
            Self::BadStart { .. } => "answer_bad_start",
        }
    }
}
