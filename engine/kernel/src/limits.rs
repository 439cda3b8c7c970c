//! The arithmetic of limits that fill up: windows of whole buckets, and what one account
//! has used. Pure integers; a store only loads and saves what is computed here.

use redress_model::Timestamp;

/// The length of one bucket in seconds: a day of ledger time in UTC, so that neither a
/// changed clock nor a leap day makes one longer.
pub const BUCKET_SECONDS: i64 = 86_400;

/// Over which buckets an account adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// Everything ever booked.
    Ever,
    /// The bucket of the moment and those before it, this many in all: the half-open
    /// range `(bucket - count, bucket]`.
    Buckets(u32),
}

impl Window {
    /// The bucket that a moment falls into.
    #[must_use]
    pub const fn bucket(self, at: Timestamp) -> i64 {
        match self {
            Self::Ever => 0,
            Self::Buckets(_) => at.seconds().div_euclid(BUCKET_SECONDS),
        }
    }

    /// The last bucket that no longer counts at `bucket`.
    #[must_use]
    pub fn last_outside(self, bucket: i64) -> i64 {
        match self {
            Self::Ever => i64::MIN,
            Self::Buckets(count) => bucket.saturating_sub(i64::from(count)),
        }
    }

    /// Its length in whole buckets; none for a window without an end.
    #[must_use]
    pub const fn buckets(self) -> Option<u32> {
        match self {
            Self::Ever => None,
            Self::Buckets(count) => Some(count),
        }
    }
}

/// What an account allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// So many minor units at most, and so many bookings at most where that is limited.
    AtMost {
        /// The most minor units.
        minor: i64,
        /// The most bookings.
        times: Option<u32>,
    },
    /// Nothing bounds it: lawful sums and counters.
    Unlimited,
}

/// What an account has used within its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Minor units, or cases counted.
    pub minor: i64,
    /// Bookings.
    pub times: i64,
}

/// Why a sum cannot be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It would exceed the limit.
    Exceeded,
    /// It does not fit into 64 bits, or would fall below nothing.
    OutOfRange,
}

impl Used {
    /// What is used once `minor` more is booked.
    ///
    /// # Errors
    /// [`Refusal::Exceeded`] when the bound would be passed; [`Refusal::OutOfRange`] when
    /// the sum is negative or does not fit.
    pub fn reserve(self, minor: i64, bound: Bound) -> Result<Self, Refusal> {
        if minor < 0 {
            return Err(Refusal::OutOfRange);
        }
        let next = self.plus(minor, 1).ok_or(Refusal::OutOfRange)?;
        match bound {
            Bound::AtMost { minor: most, times } => {
                let often = times.is_some_and(|times| next.times > i64::from(times));
                if next.minor > most || often {
                    Err(Refusal::Exceeded)
                } else {
                    Ok(next)
                }
            }
            Bound::Unlimited => Ok(next),
        }
    }

    /// What is used once a booking of `minor` is taken back or has left the window.
    ///
    /// # Errors
    /// [`Refusal::OutOfRange`] when less than nothing would be left.
    pub fn release(self, minor: i64, times: i64) -> Result<Self, Refusal> {
        let less = minor.checked_neg().zip(times.checked_neg());
        let next = less.and_then(|(minor, times)| self.plus(minor, times));
        next.filter(|next| next.minor >= 0 && next.times >= 0)
            .ok_or(Refusal::OutOfRange)
    }

    /// What the standing shows as used against a limit: the whole of it once the number
    /// of bookings is reached.
    #[must_use]
    pub fn against(self, bound: Bound) -> i64 {
        match bound {
            Bound::AtMost { minor, times }
                if times.is_some_and(|times| self.times >= i64::from(times)) =>
            {
                self.minor.max(minor)
            }
            Bound::AtMost { .. } | Bound::Unlimited => self.minor,
        }
    }

    fn plus(self, minor: i64, times: i64) -> Option<Self> {
        Some(Self {
            minor: self.minor.checked_add(minor)?,
            times: self.times.checked_add(times)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_is_half_open_in_whole_days_of_utc() {
        let week = Window::Buckets(7);
        let bucket = week.bucket(at("2026-03-01T00:00:00Z"));
        assert_eq!(bucket, week.bucket(at("2026-03-01T23:59:59Z")));
        assert_eq!(bucket + 1, week.bucket(at("2026-03-02T00:00:00Z")));
        assert_eq!(week.last_outside(bucket), bucket - 7);
        // A leap day is a day, and before 1970 buckets go on downwards.
        let leap = week.bucket(at("2028-03-01T00:00:00Z"));
        assert_eq!(leap - week.bucket(at("2028-02-28T00:00:00Z")), 2);
        assert_eq!(week.bucket(at("1969-12-31T23:59:59Z")), -1);
        assert_eq!(
            Window::Ever.last_outside(Window::Ever.bucket(at("2026-01-01T00:00:00Z"))),
            i64::MIN
        );
    }

    #[test]
    fn a_limit_holds_below_at_and_above() {
        let bound = Bound::AtMost {
            minor: 100,
            times: Some(2),
        };
        let used = Used {
            minor: 60,
            times: 1,
        };
        assert_eq!(used.reserve(39, bound).unwrap().minor, 99);
        assert_eq!(used.reserve(40, bound).unwrap().minor, 100);
        assert_eq!(used.reserve(41, bound), Err(Refusal::Exceeded));
        let twice = used.reserve(1, bound).unwrap();
        assert_eq!(
            twice.reserve(1, bound),
            Err(Refusal::Exceeded),
            "a third time"
        );
        assert_eq!(
            twice.against(bound),
            100,
            "nothing is left once the times are used"
        );
        assert_eq!(used.reserve(-1, bound), Err(Refusal::OutOfRange));
        assert_eq!(
            used.reserve(i64::MAX, Bound::Unlimited),
            Err(Refusal::OutOfRange)
        );
        assert_eq!(used.release(61, 1), Err(Refusal::OutOfRange));
        assert_eq!(used.release(60, 1), Ok(Used::default()));
    }
}
