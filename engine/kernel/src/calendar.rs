//! Deadlines on a calendar that carries its own offsets, holidays and worked weekends.

use redress_model::{Date, DeadlineUnit, Timestamp};
use serde::{Serialize, Serializer};

/// A length of time, as guardrails and policies give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// How many units, at most [`Span::COUNT_MAX`].
    pub count: u32,
    /// The unit.
    pub unit: DeadlineUnit,
}

impl Span {
    /// The most units of a span.
    pub const COUNT_MAX: u32 = 10_000;
}

/// Days and hours of one place, as data of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The name of the time zone, for people.
    pub time_zone: String,
    /// From when which offset from UTC holds, in seconds east; in order of time, at least one.
    pub offsets: Vec<(Timestamp, i32)>,
    /// Whether a weekday (Monday first) is free.
    pub weekend: [bool; 7],
    /// The first and last day for which holidays are known.
    pub covers: (Date, Date),
    /// Days that are free although the weekday is not, in order.
    pub holidays: Vec<Date>,
    /// Days that are worked although the weekday is free, in order.
    pub working: Vec<Date>,
}

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The last second in time.
    pub at: Timestamp,
    /// The local offset from UTC at that second, in seconds east.
    pub offset_seconds: i32,
    /// Whether every day counted lies in the span for which holidays are known.
    pub coverage: Coverage,
}

/// Whether a deadline rests on known holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// Every day counted lies within the calendar.
    Known,
    /// Some day lies beyond it; holidays there were not counted, so the deadline can only be early.
    Provisional,
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.at.to_rfc3339(self.offset_seconds))
    }
}

const DAY: i64 = 86_400;

impl Calendar {
    /// A calendar in UTC without holidays, for releases that count no working days.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            time_zone: "UTC".into(),
            offsets: vec![(Timestamp::EPOCH, 0)],
            weekend: [false, false, false, false, false, true, true],
            covers: (Date::EPOCH, Date::EPOCH),
            holidays: Vec::new(),
            working: Vec::new(),
        }
    }

    /// The offset from UTC at an instant, in seconds east.
    #[must_use]
    pub fn offset_at(&self, instant: Timestamp) -> i32 {
        let later = self.offsets.partition_point(|(from, _)| *from <= instant);
        let current = self.offsets.get(later.saturating_sub(1));
        current.map_or(0, |(_, offset)| *offset)
    }

    /// The local date at an instant.
    #[must_use]
    pub fn date_at(&self, instant: Timestamp) -> Option<Date> {
        instant.date_at(self.offset_at(instant))
    }

    /// The instant of a local second, counted from 1970-01-01T00:00:00 local.
    fn instant_of(&self, local: i64) -> Option<Timestamp> {
        let guess = Timestamp::from_seconds(local)?;
        let first = local.checked_sub(i64::from(self.offset_at(guess)))?;
        let offset = self.offset_at(Timestamp::from_seconds(first)?);
        Timestamp::from_seconds(local.checked_sub(i64::from(offset))?)
    }

    /// The first instant of a local day.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Option<Timestamp> {
        self.instant_of(i64::from(date.days()).checked_mul(DAY)?)
    }

    /// The last second of a local day.
    fn end_of(&self, date: Date) -> Option<Timestamp> {
        let day = i64::from(date.days()).checked_add(1)?;
        self.instant_of(day.checked_mul(DAY)?.checked_sub(1)?)
    }

    /// Whether people work on a day.
    #[must_use]
    pub fn is_working(&self, date: Date) -> bool {
        if self.working.binary_search(&date).is_ok() {
            return true;
        }
        let weekend = self
            .weekend
            .get(usize::from(date.weekday()))
            .copied()
            .unwrap_or_default();
        !weekend && self.holidays.binary_search(&date).is_err()
    }

    /// When `span` from `start` has run out; `None` past the year 9999.
    ///
    /// Minutes and hours are elapsed time. Days are counted after the day of `start`
    /// and end with the local day, at 23:59:59.
    #[must_use]
    pub fn due(&self, start: Timestamp, span: Span) -> Option<Due> {
        let count = i64::from(span.count);
        let (at, last) = match span.unit {
            DeadlineUnit::Minutes => (start.plus_seconds(count.checked_mul(60)?)?, None),
            DeadlineUnit::Hours => (start.plus_seconds(count.checked_mul(3_600)?)?, None),
            DeadlineUnit::CalendarDays => {
                let day = self.date_at(start)?.plus_days(i32::try_from(count).ok()?)?;
                (self.end_of(day)?, None)
            }
            DeadlineUnit::WorkingDays => {
                let day = self.working_days_after(self.date_at(start)?, span.count)?;
                (self.end_of(day)?, Some(day))
            }
        };
        let first = self.date_at(start)?;
        let known = last.is_none_or(|last| self.covers.0 <= first && last <= self.covers.1);
        let coverage = if known {
            Coverage::Known
        } else {
            Coverage::Provisional
        };
        Some(Due {
            at,
            offset_seconds: self.offset_at(at),
            coverage,
        })
    }

    /// The `count`th working day after `day`.
    fn working_days_after(&self, day: Date, count: u32) -> Option<Date> {
        let (mut day, mut left) = (day, count);
        while left > 0 {
            day = day.plus_days(1)?;
            if self.is_working(day) {
                left = left.saturating_sub(1);
            }
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// China's National Day 2026: free from 1 to 7 October, worked on 20 September and 10 October.
    fn shanghai() -> Calendar {
        let date = |text: &str| text.parse::<Date>().unwrap();
        Calendar {
            time_zone: "Asia/Shanghai".into(),
            offsets: vec![("1992-01-01T00:00:00Z".parse().unwrap(), 28_800)],
            covers: (date("2026-01-01"), date("2026-12-31")),
            holidays: (1..=7)
                .map(|day| Date::from_ymd(2026, 10, day).unwrap())
                .collect(),
            working: vec![date("2026-09-20"), date("2026-10-10")],
            ..Calendar::utc()
        }
    }

    #[track_caller]
    fn check(calendar: &Calendar, start: &str, count: u32, unit: DeadlineUnit, expected: &str) {
        let due = calendar
            .due(start.parse().unwrap(), Span { count, unit })
            .unwrap();
        assert_eq!(due.at.to_rfc3339(due.offset_seconds), expected);
    }

    #[test]
    fn hours_run_through_a_holiday() {
        let start = "2026-09-30T18:00:00+08:00";
        check(
            &shanghai(),
            start,
            24,
            DeadlineUnit::Hours,
            "2026-10-01T18:00:00+08:00",
        );
        check(
            &shanghai(),
            start,
            48,
            DeadlineUnit::Hours,
            "2026-10-02T18:00:00+08:00",
        );
        check(
            &shanghai(),
            start,
            3,
            DeadlineUnit::CalendarDays,
            "2026-10-03T23:59:59+08:00",
        );
    }

    #[test]
    fn working_days_skip_the_holiday_and_count_the_worked_saturday() {
        // Worked after 30 September: 8, 9, 10 (Saturday), 12 to 16, 19 to 23, 26, 27 October.
        let start = "2026-09-30T18:00:00+08:00";
        check(
            &shanghai(),
            start,
            1,
            DeadlineUnit::WorkingDays,
            "2026-10-08T23:59:59+08:00",
        );
        check(
            &shanghai(),
            start,
            3,
            DeadlineUnit::WorkingDays,
            "2026-10-10T23:59:59+08:00",
        );
        check(
            &shanghai(),
            start,
            15,
            DeadlineUnit::WorkingDays,
            "2026-10-27T23:59:59+08:00",
        );
        // The day of the start is local: 23:30 UTC on 29 September is 30 September in Shanghai.
        check(
            &shanghai(),
            "2026-09-29T23:30:00Z",
            1,
            DeadlineUnit::WorkingDays,
            "2026-10-08T23:59:59+08:00",
        );
    }

    #[test]
    fn a_deadline_beyond_the_known_holidays_says_so() {
        let due = |start: &str| {
            let span = Span {
                count: 5,
                unit: DeadlineUnit::WorkingDays,
            };
            shanghai()
                .due(start.parse().unwrap(), span)
                .unwrap()
                .coverage
        };
        assert_eq!(due("2026-12-20T00:00:00Z"), Coverage::Known);
        assert_eq!(due("2026-12-29T00:00:00Z"), Coverage::Provisional);
    }

    #[test]
    fn summer_time_moves_the_end_of_a_day() {
        let london = Calendar {
            offsets: vec![
                ("2025-10-26T01:00:00Z".parse().unwrap(), 0),
                ("2026-03-29T01:00:00Z".parse().unwrap(), 3_600),
                ("2026-10-25T01:00:00Z".parse().unwrap(), 0),
            ],
            ..Calendar::utc()
        };
        check(
            &london,
            "2026-03-28T12:00:00Z",
            0,
            DeadlineUnit::CalendarDays,
            "2026-03-28T23:59:59Z",
        );
        check(
            &london,
            "2026-03-28T12:00:00Z",
            1,
            DeadlineUnit::CalendarDays,
            "2026-03-29T23:59:59+01:00",
        );
        check(
            &london,
            "2026-10-24T12:00:00Z",
            1,
            DeadlineUnit::CalendarDays,
            "2026-10-25T23:59:59Z",
        );
        check(
            &london,
            "2026-03-28T12:00:00Z",
            24,
            DeadlineUnit::Hours,
            "2026-03-29T13:00:00+01:00",
        );
    }
}
