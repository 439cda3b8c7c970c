//! Months and quarters.

use redress_model::{Date, Timestamp};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

/// The furthest that a place's time is from UTC, in seconds.
const OFFSET_SECONDS_MAX: u32 = 14 * 3_600;

/// What names no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {expected}")]
pub struct BadPeriod {
    /// What was given.
    pub found: SmolStr,
    /// What was expected.
    pub expected: &'static str,
}

impl BadPeriod {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad_period"
    }
}

/// A calendar month or quarter in the time of one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    name: SmolStr,
    from: Timestamp,
    before: Timestamp,
    offset_seconds: i32,
}

impl Period {
    /// A month such as `2026-10`, at an offset from UTC in seconds east of Greenwich.
    ///
    /// # Errors
    /// [`BadPeriod`] when the text names no month, or the offset is beyond 14 hours.
    pub fn month(text: &str, offset_seconds: i32) -> Result<Self, BadPeriod> {
        let expected = "a month such as 2026-10";
        let read = || {
            let (year, month) = text.split_once('-')?;
            let (year, month) = (digits(year, 4)?, digits(month, 2)?);
            Self::new(text, year, i8::try_from(month).ok()?, 1, offset_seconds)
        };
        read().ok_or_else(|| bad(text, expected))
    }

    /// A quarter such as `2026-Q4`, at an offset from UTC in seconds east of Greenwich.
    ///
    /// # Errors
    /// [`BadPeriod`] when the text names no quarter, or the offset is beyond 14 hours.
    pub fn quarter(text: &str, offset_seconds: i32) -> Result<Self, BadPeriod> {
        let expected = "a quarter such as 2026-Q4";
        let read = || {
            let (year, quarter) = text.split_once("-Q")?;
            let (year, quarter) = (digits(year, 4)?, digits(quarter, 1)?);
            let first = quarter.checked_sub(1)?.checked_mul(3)?.checked_add(1)?;
            Self::new(text, year, i8::try_from(first).ok()?, 3, offset_seconds)
        };
        read().ok_or_else(|| bad(text, expected))
    }

    fn new(name: &str, year: i16, month: i8, months: i8, offset_seconds: i32) -> Option<Self> {
        if offset_seconds.unsigned_abs() > OFFSET_SECONDS_MAX {
            return None;
        }
        let next = month.checked_add(months)?;
        let (next_year, next_month) = match next.checked_sub(12) {
            Some(after @ 1..) => (year.checked_add(1)?, after),
            _ => (year, next),
        };
        let start = |year, month| {
            let midnight = Date::from_ymd(year, month, 1)?.midnight_utc();
            midnight.plus_seconds(i64::from(offset_seconds).checked_neg()?)
        };
        Some(Self {
            name: name.into(),
            from: start(year, month)?,
            before: start(next_year, next_month)?,
            offset_seconds,
        })
    }

    /// As it was asked for: `2026-10` or `2026-Q4`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its first second.
    #[must_use]
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// The first second after it.
    #[must_use]
    pub const fn before(&self) -> Timestamp {
        self.before
    }

    /// Whether a moment is in it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.before
    }

    /// A moment in the time of the place.
    #[must_use]
    pub fn shown(&self, at: Timestamp) -> SmolStr {
        at.to_rfc3339(self.offset_seconds)
    }
}

fn bad(found: &str, expected: &'static str) -> BadPeriod {
    let short: SmolStr = found.chars().take(40).collect();
    BadPeriod {
        found: format_smolstr!("{short}"),
        expected,
    }
}

fn digits(text: &str, count: usize) -> Option<i16> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
