//! The guard before a clock that is far ahead.
//!
//! A ledger's time never runs backwards, so a command from a machine whose clock stands years
//! ahead would move it there for good: every rolling window would end, every cap be free again,
//! every deadline be missed, and what is recorded afterwards would carry the wrong time. No
//! store can tell such a clock from a ledger that nobody has used for as long. So a program that
//! takes a command's moment from a clock asks here first, and leaves it to a person to say that
//! the clock is right; a moment that a person has named needs no such question.

use redress_kernel::limits::BUCKET_SECONDS;
use redress_model::Timestamp;

use crate::engine;
use crate::store::{Store, StoreError};

/// How far a clock may be ahead of a ledger without windows, in days.
const DAYS_LEAST: u32 = 31;

/// A moment that lies further ahead of a ledger's time than anybody may go unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// The ledger's time.
    pub ledger: Timestamp,
    /// The moment.
    pub at: Timestamp,
    /// How far ahead it may be, in days: the longest window of the ledger's limits, and at
    /// least 31.
    pub days_max: u32,
}

impl Ahead {
    /// How far ahead the moment is, in whole days.
    #[must_use]
    pub const fn days(&self) -> i64 {
        let seconds = self.at.seconds().saturating_sub(self.ledger.seconds());
        seconds.div_euclid(BUCKET_SECONDS)
    }
}

/// Whether a moment is so far ahead of a ledger's time that every window of its limits would
/// end with it; never before anything is recorded.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn ahead(store: &dyn Store, at: Timestamp) -> Result<Option<Ahead>, StoreError> {
    let mut found = None;
    store.read(&mut |tables| {
        let meta = engine::meta(tables)?;
        let ahead = Ahead {
            ledger: meta.now,
            at,
            days_max: meta.longest_window_days.max(DAYS_LEAST),
        };
        let begun = meta.seq > 0;
        found = (begun && ahead.days() > i64::from(ahead.days_max)).then_some(ahead);
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use redress_log::Seed;

    use super::*;
    use crate::command::{Activity, Command, Request, RequestKey};
    use crate::rows::Meta;
    use crate::table::Record as _;
    use crate::{Ledger as _, Memory};

    const DAY: i64 = 86_400;

    fn begun(at: i64) -> Memory {
        let memory = Memory::new();
        let request = Request {
            key: RequestKey::new("1").unwrap(),
            command: Command::Activity(Activity {
                claimant: redress_model::ClaimantId::new("c1").unwrap(),
            }),
            seed: Seed::new([7; 32]),
        };
        let at = Timestamp::from_seconds(at).unwrap();
        assert!(memory.apply(&[request], at).unwrap()[0].is_ok());
        memory
    }

    #[track_caller]
    fn check(memory: &Memory, seconds: i64, days: Option<i64>) {
        let at = Timestamp::from_seconds(seconds).unwrap();
        let found = ahead(memory, at).unwrap();
        assert_eq!(found.map(|ahead| ahead.days()), days);
    }

    #[test]
    fn a_clock_may_be_as_far_ahead_as_the_longest_window() {
        let start = 20_000 * DAY;
        let memory = begun(start);
        check(&memory, start - 9_000 * DAY, None);
        check(&memory, start + 31 * DAY, None);
        check(&memory, start + 32 * DAY - 1, None);
        check(&memory, start + 32 * DAY, Some(32));
        memory
            .write(&mut |tables| {
                let mut meta = engine::meta(tables)?;
                meta.longest_window_days = 90;
                tables.put(Meta::TABLE, &meta.to_row())
            })
            .unwrap();
        check(&memory, start + 90 * DAY, None);
        check(&memory, start + 91 * DAY, Some(91));
    }

    #[test]
    fn a_ledger_that_holds_nothing_takes_any_time() {
        check(&Memory::new(), 30_000 * DAY, None);
    }
}
