//! Dates and instants as values; nothing here reads a clock.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why a text is not a date or an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {expected}")]
pub struct BadTime {
    /// The form that was expected.
    pub expected: &'static str,
    /// The text found, cut to 80 characters.
    pub found: String,
}

impl BadTime {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad_time"
    }
}

/// A calendar date of the proleptic Gregorian calendar, 0001-01-01 to 9999-12-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Date(i32);

const MIN_DAY: i32 = -719_162;
const MAX_DAY: i32 = 2_932_896;

impl Date {
    /// 1970-01-01.
    pub const EPOCH: Self = Self(0);

    /// The date `days` after 1970-01-01; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_days(days: i32) -> Option<Self> {
        (MIN_DAY..=MAX_DAY).contains(&days).then_some(Self(days))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date of a year, month (1 to 12) and day (1 to 31); `None` if there is none.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        if !(1..=9999).contains(&year) {
            return None;
        }
        let date = civil::Date::new(year, month, day).ok()?;
        let days = date.since(civil::date(1970, 1, 1)).ok()?.get_days();
        Self::from_days(days)
    }

    /// The date `days` later, or earlier if negative; `None` past the years 1 to 9999.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Option<Self> {
        Self::from_days(self.0.checked_add(days)?)
    }

    /// Monday is 0, Sunday is 6.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday; the remainder lies in 0..7.
        let days = i64::from(self.0) + 3;
        u8::try_from(days.rem_euclid(7)).unwrap_or_default()
    }

    /// The first instant of the date in UTC.
    #[must_use]
    pub fn midnight_utc(self) -> Timestamp {
        Timestamp(i64::from(self.0).saturating_mul(86_400))
    }

    fn civil(self) -> civil::Date {
        civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().days(self.0))
            .unwrap_or(civil::Date::MAX)
    }

    /// Year, month and day.
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        let date = self.civil();
        (date.year(), date.month(), date.day())
    }
}

impl FromStr for Date {
    type Err = BadTime;

    /// Reads `YYYY-MM-DD` (RFC 3339 full-date).
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let parse = || {
            let bytes = text.as_bytes();
            let digits = |from: usize, to: usize| -> Option<i16> {
                let part = bytes.get(from..to)?;
                part.iter().try_fold(0_i16, |sum, byte| {
                    byte.is_ascii_digit()
                        .then(|| sum * 10 + i16::from(byte - b'0'))
                })
            };
            if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
                return None;
            }
            let (month, day) = (digits(5, 7)?, digits(8, 10)?);
            Self::from_ymd(
                digits(0, 4)?,
                i8::try_from(month).ok()?,
                i8::try_from(day).ok()?,
            )
        };
        parse().ok_or_else(|| BadTime {
            expected: "a date such as 2026-10-01",
            found: text.chars().take(80).collect(),
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_smolstr())
    }
}

impl Date {
    fn to_smolstr(self) -> SmolStr {
        let mut text = *b"0000-00-00";
        self.write(&mut text);
        ascii(&text)
    }

    /// Writes the ten characters of the date at the beginning of a text.
    fn write(self, text: &mut [u8]) {
        let (year, month, day) = self.ymd();
        put(text, 0..4, year.into());
        put(text, 5..7, month.into());
        put(text, 8..10, day.into());
    }
}

/// Writes a number that is not negative at a place of a text, with as many digits as the
/// place has. Each decision writes some, and the formatter of the standard library is slow at
/// it.
fn put(text: &mut [u8], place: std::ops::Range<usize>, number: i64) {
    let mut left = number;
    for digit in text.get_mut(place).into_iter().flatten().rev() {
        *digit = u8::try_from(left % 10).map_or(b'?', |value| b'0' + value);
        left /= 10;
    }
}

fn ascii(text: &[u8]) -> SmolStr {
    SmolStr::new(std::str::from_utf8(text).unwrap_or_default())
}

/// An instant in whole seconds since 1970-01-01T00:00:00Z (leap seconds not counted),
/// within the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Timestamp(i64);

const MIN_SECOND: i64 = -62_135_596_800;
const MAX_SECOND: i64 = 253_402_300_799;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The instant `seconds` after 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (MIN_SECOND..=MAX_SECOND)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The instant `seconds` later, or earlier if negative; `None` past the years 1 to 9999.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Option<Self> {
        Self::from_seconds(self.0.checked_add(seconds)?)
    }

    /// The date at an offset from UTC, in seconds east of Greenwich.
    #[must_use]
    pub fn date_at(self, offset_seconds: i32) -> Option<Date> {
        let local = self.0.checked_add(i64::from(offset_seconds))?;
        Date::from_days(i32::try_from(local.div_euclid(86_400)).ok()?)
    }

    /// The instant in RFC 3339 form at an offset from UTC in seconds, which must be
    /// whole minutes (other offsets are written to the minute below).
    #[must_use]
    pub fn to_rfc3339(self, offset_seconds: i32) -> SmolStr {
        let local = self.0.saturating_add(i64::from(offset_seconds));
        let day = i32::try_from(local.div_euclid(86_400)).unwrap_or(MAX_DAY);
        let second = local.rem_euclid(86_400);
        let mut text = *b"0000-00-00T00:00:00+00:00";
        Date(day.clamp(MIN_DAY, MAX_DAY)).write(&mut text);
        put(&mut text, 11..13, second / 3_600);
        put(&mut text, 14..16, second / 60 % 60);
        put(&mut text, 17..19, second % 60);
        let (mark, length) = match offset_seconds {
            0 => (b'Z', 20),
            ..0 => (b'-', 25),
            1.. => (b'+', 25),
        };
        if let Some(zone) = text.get_mut(19) {
            *zone = mark;
        }
        let minutes = i64::from(offset_seconds.unsigned_abs() / 60);
        put(&mut text, 20..22, minutes / 60);
        put(&mut text, 23..25, minutes % 60);
        ascii(text.get(..length).unwrap_or_default())
    }
}

impl FromStr for Timestamp {
    type Err = BadTime;

    /// Reads an RFC 3339 date-time with its offset, in whole seconds.
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let parse = || {
            let instant: jiff::Timestamp = text.parse().ok()?;
            (instant.subsec_nanosecond() == 0).then_some(())?;
            // jiff reads more than RFC 3339; hold the separators to the standard.
            let bytes = text.as_bytes();
            let zone = bytes.get(19)?;
            (bytes.get(10) == Some(&b'T') && b"Z+-".contains(zone) && text.len() <= 25)
                .then_some(())?;
            Self::from_seconds(instant.as_second())
        };
        parse().ok_or_else(|| BadTime {
            expected: "a date and time with offset such as 2026-10-01T09:30:00+08:00, in whole seconds",
            found: text.chars().take(80).collect(),
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339(0))
    }
}

macro_rules! serde_as_text {
    ($name:ident, $text:expr) => {
        impl TryFrom<SmolStr> for $name {
            type Error = BadTime;

            fn try_from(text: SmolStr) -> Result<Self, BadTime> {
                text.parse()
            }
        }

        impl From<$name> for SmolStr {
            fn from(value: $name) -> SmolStr {
                $text(value)
            }
        }
    };
}

serde_as_text!(Date, Date::to_smolstr);
serde_as_text!(Timestamp, |at: Timestamp| at.to_rfc3339(0));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_and_second_is_written_as_the_calendar_library_writes_it() {
        // Every tenth of a year from the first to the last, with another second each.
        for step in 0..100_000_i64 {
            let seconds =
                MIN_SECOND + step * ((MAX_SECOND - MIN_SECOND) / 100_000) + step * 7_919 % 86_400;
            let Some(at) = Timestamp::from_seconds(seconds) else {
                continue;
            };
            let expected = jiff::Timestamp::from_second(seconds).unwrap();
            assert_eq!(at.to_string(), expected.to_string());
            let date = at.date_at(0).unwrap();
            assert_eq!(date.to_string(), expected.to_string()[..10]);
        }
    }

    #[test]
    fn dates_read_and_write_back() {
        for text in [
            "0001-01-01",
            "1970-01-01",
            "2000-02-29",
            "2026-11-23",
            "9999-12-31",
        ] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        assert_eq!("1970-01-01".parse::<Date>().unwrap().days(), 0);
        for text in [
            "2026-02-29",
            "2026-1-1",
            "20260101",
            "2026-13-01",
            "",
            "0000-01-01",
            "2026-01-01Z",
        ] {
            assert_eq!(
                text.parse::<Date>().unwrap_err().code(),
                "bad_time",
                "{text}"
            );
        }
    }

    #[test]
    fn the_first_and_last_second_belong_to_the_first_and_last_day() {
        let first = Date::from_days(MIN_DAY).unwrap();
        let last = Date::from_days(MAX_DAY).unwrap();
        assert_eq!(first.midnight_utc().seconds(), MIN_SECOND);
        assert_eq!(last.midnight_utc().seconds() + 86_399, MAX_SECOND);
    }

    #[test]
    fn weekdays_start_on_monday() {
        // 2026-11-23 is a Monday, 1969-12-28 a Sunday.
        assert_eq!("2026-11-23".parse::<Date>().unwrap().weekday(), 0);
        assert_eq!("1969-12-28".parse::<Date>().unwrap().weekday(), 6);
    }

    #[test]
    fn instants_keep_their_second_through_any_offset() {
        let instant: Timestamp = "2026-10-01T00:30:00+08:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-09-30T16:30:00Z");
        assert_eq!(instant.to_rfc3339(28_800), "2026-10-01T00:30:00+08:00");
        assert_eq!(instant.to_rfc3339(-19_800), "2026-09-30T11:00:00-05:30");
        assert_eq!(instant.date_at(28_800).unwrap().to_string(), "2026-10-01");
        for text in [
            "2026-10-01",
            "2026-10-01T00:00:00",
            "2026-10-01 00:00:00Z",
            "2026-10-01T00:00:00.5Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
