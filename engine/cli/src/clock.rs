//! The only place that reads a clock.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use redress_model::Timestamp;

/// The present moment, in whole seconds.
#[expect(
    clippy::disallowed_methods,
    reason = "a program is the host that hands the engine its time"
)]
pub(crate) fn now() -> Option<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_seconds(i64::try_from(since.as_secs()).ok()?)
}

/// A moment as an argument gives it: a timestamp, or `now`.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    match text {
        "now" => now().ok_or_else(|| "this machine's clock shows no moment".to_owned()),
        _ => text
            .parse()
            .map_err(|error: <Timestamp as std::str::FromStr>::Err| error.to_string()),
    }
}

/// Measures how long a backtest took, for the line that says so.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    #[expect(
        clippy::disallowed_methods,
        reason = "a rate is shown to people and decides nothing"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The seconds since the start, at least a millionth.
    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64().max(1e-6)
    }
}
