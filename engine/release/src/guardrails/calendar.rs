//! The calendar: offsets, weekends, holidays and worked weekends as data.

use redress_kernel::Calendar;
use redress_model::{Date, Timestamp};

use super::resolve::Resolver;
use super::source;

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

pub(super) fn build(resolver: &mut Resolver<'_>, source: &source::Calendar) -> Option<Calendar> {
    let mut offsets: Vec<(Timestamp, i32)> = Vec::new();
    for row in source.offsets.get_ref() {
        let from: Timestamp = resolver.parse("calendar.offsets.from", &row.from)?;
        let Some(utc) = offset_seconds(row.utc.get_ref()) else {
            let help = Some("write an offset such as \"+08:00\"".to_owned());
            resolver.problem(
                row.utc.span(),
                "calendar.offsets.utc",
                "not an offset",
                help,
            );
            return None;
        };
        if offsets.last().is_some_and(|(last, _)| *last >= from) {
            let problem = "offsets stand in order of time";
            resolver.problem(row.from.span(), "calendar.offsets.from", problem, None);
        }
        offsets.push((from, utc));
    }
    if offsets.is_empty() {
        let at = source.offsets.span();
        resolver.problem(
            at,
            "calendar.offsets",
            "at least one offset is needed",
            None,
        );
    }
    let mut weekend = [false; 7];
    for text in &source.weekend {
        match WEEKDAYS
            .iter()
            .zip(&mut weekend)
            .find(|(name, _)| *name == text.get_ref())
        {
            Some((_, free)) => *free = true,
            None => {
                let help = Some("write a weekday such as \"saturday\"".to_owned());
                resolver.problem(text.span(), "calendar.weekend", "not a weekday", help);
            }
        }
    }
    if weekend.iter().all(|free| *free) {
        let at = source.covers.span();
        resolver.problem(at, "calendar.weekend", "a week without a working day", None);
    }
    let [first, last] = source.covers.get_ref();
    let first: Date = resolver.parse("calendar.covers", first)?;
    let last: Date = resolver.parse("calendar.covers", last)?;
    if first > last {
        let problem = "the first day lies after the last";
        resolver.problem(source.covers.span(), "calendar.covers", problem, None);
    }
    let holidays = days(
        resolver,
        "calendar.holidays",
        &source.holidays,
        (first, last),
    )?;
    let working = days(resolver, "calendar.working", &source.working, (first, last))?;
    Some(Calendar {
        time_zone: source.time_zone.clone(),
        offsets,
        weekend,
        covers: (first, last),
        holidays,
        working,
    })
}

/// Single days and ranges `first..last`, in order, all within the days covered.
fn days(
    resolver: &mut Resolver<'_>,
    key: &str,
    list: &[source::Text],
    covers: (Date, Date),
) -> Option<Vec<Date>> {
    let mut days = Vec::new();
    for text in list {
        let (first, last) = text
            .get_ref()
            .split_once("..")
            .unwrap_or((text.get_ref(), text.get_ref()));
        let range = first.parse::<Date>().ok().zip(last.parse::<Date>().ok());
        let range =
            range.filter(|(first, last)| covers.0 <= *first && first <= last && *last <= covers.1);
        let Some((first, last)) = range else {
            let help = "write a day or a range such as \"2026-10-01..2026-10-07\", within \
                        calendar.covers";
            resolver.problem(
                text.span(),
                key,
                "not a day that is covered",
                Some(help.into()),
            );
            return None;
        };
        days.extend((first.days()..=last.days()).filter_map(Date::from_days));
    }
    days.sort_unstable();
    days.dedup();
    Some(days)
}

/// `+08:00` in seconds, whole minutes up to 15 hours.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 15 && minutes < 60)
        .then(|| sign * (i32::from(hours) * 3_600 + i32::from(minutes) * 60))
}
