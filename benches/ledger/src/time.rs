//! Time, and what a table of ratios is made of.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;

/// How long work takes, in seconds.
#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures time and decides nothing"
)]
pub(crate) fn seconds<T>(work: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let start = Instant::now();
    let done = work()?;
    Ok((start.elapsed().as_secs_f64().max(1e-9), done))
}

/// The value that so many of a hundred do not exceed.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() * percent / 100).min(values.len().saturating_sub(1));
    values.get(place).copied().unwrap_or_default()
}

/// The middle value.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50)
}

/// What one sync of a page at the end of a file takes on the disk of a folder, in seconds.
pub(crate) fn one_sync(folder: &Path, rounds: usize) -> Result<f64> {
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .append(true)
        .open(folder.join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        file.write_all(&[7; 4_096])?;
        times.push(seconds(|| Ok(file.sync_data()?))?.0);
    }
    Ok(median(&mut times))
}

/// What a ratio must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
}

/// Prints a row of the table.
pub(crate) fn row(name: &str, ratio: f64, target: Target, told: &str) {
    let (target, met) = match target {
        Target::Least(least) => (format!("at least {least:.2}"), ratio >= least),
        Target::Most(most) => (format!("at most {most:.2}"), ratio <= most),
    };
    let met = if met { "met" } else { "not met" };
    println!("| {name} | {ratio:.2} | {target} | {met} | {told} |");
}
