//! The statistics that the figures rest on.

use statrs::distribution::{Discrete, Hypergeometric};

/// How many samples a bootstrap draws.
const SAMPLES: usize = 1_000;

/// A count or a sum as a real number; figures are no amounts, and are shown rounded.
#[expect(
    clippy::as_conversions,
    reason = "a figure may lose the last bits of a sum beyond 2^53"
)]
pub(super) const fn real(number: i64) -> f64 {
    number as f64
}

pub(super) fn count(number: usize) -> f64 {
    real(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The mean; none of nothing.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count(values.len()))
}

/// The 95 % interval of a mean by the percentile bootstrap (Efron 1979), on a fixed seed so
/// that two audits of one ledger say the same.
pub(super) fn bootstrap(values: &[f64]) -> Option<[f64; 2]> {
    if values.len() < 2 {
        return None;
    }
    let size = u64::try_from(values.len()).ok()?;
    let mut state = 0x5eed_u64;
    let mut means: Vec<f64> = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let mut sum = 0.0;
        for _ in 0..values.len() {
            let place = usize::try_from(next(&mut state) % size).unwrap_or(0);
            sum += values.get(place).copied().unwrap_or(0.0);
        }
        means.push(sum / count(values.len()));
    }
    means.sort_by(f64::total_cmp);
    let low = means.get(SAMPLES / 40).copied()?;
    let high = means.get(SAMPLES - SAMPLES / 40 - 1).copied()?;
    Some([low, high])
}

/// `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Fisher's exact test, two-sided (Fisher 1935): how likely a table at least as uneven is,
/// when `one` of `of_one` and `other` of `of_other` were favoured.
pub(super) fn fisher(one: u64, of_one: u64, other: u64, of_other: u64) -> Option<f64> {
    let (all, favoured) = (of_one.checked_add(of_other)?, one.checked_add(other)?);
    let chance = Hypergeometric::new(all, favoured, of_one).ok()?;
    let own = chance.pmf(one);
    let least = favoured.saturating_sub(of_other);
    let most = favoured.min(of_one);
    let as_uneven = (least..=most).map(|k| chance.pmf(k));
    // What is equally likely may differ in the last bits.
    let sum: f64 = as_uneven.filter(|p| *p <= own * (1.0 + 1e-9)).sum();
    Some(sum.min(1.0))
}
