//! Sums before and after, by the ground that they stand on.

use std::collections::BTreeMap;

use redress_kernel::Decision;
use redress_model::{Basis, Currency};
use serde::Serialize;

/// A sum in minor units under the old release and under the new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Before.
    pub old: i128,
    /// After.
    pub new: i128,
}

impl Pair {
    /// Adds another pair.
    pub const fn merge(&mut self, other: Self) {
        self.old = self.old.saturating_add(other.old);
        self.new = self.new.saturating_add(other.new);
    }

    /// After less before.
    #[must_use]
    pub const fn change(&self) -> i128 {
        self.new.saturating_sub(self.old)
    }
}

/// Sums by ground, in minor units of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Split {
    /// What the law gives.
    pub statutory: Pair,
    /// What the contract gives.
    pub contractual: Pair,
    /// What is given of goodwill.
    pub goodwill: Pair,
}

impl Split {
    /// Adds another.
    pub const fn add(&mut self, other: &Self) {
        self.statutory.merge(other.statutory);
        self.contractual.merge(other.contractual);
        self.goodwill.merge(other.goodwill);
    }

    /// Everything before.
    #[must_use]
    pub const fn old_total(&self) -> i128 {
        let law = self.statutory.old.saturating_add(self.contractual.old);
        law.saturating_add(self.goodwill.old)
    }

    /// Everything after.
    #[must_use]
    pub const fn new_total(&self) -> i128 {
        let law = self.statutory.new.saturating_add(self.contractual.new);
        law.saturating_add(self.goodwill.new)
    }

    /// Before and after, all together.
    #[must_use]
    pub const fn total(&self) -> Pair {
        Pair {
            old: self.old_total(),
            new: self.new_total(),
        }
    }
}

/// What two decisions give, by currency; a remedy without a worth in money gives none.
pub(super) fn sums(old: &Decision, new: &Decision) -> BTreeMap<Currency, Split> {
    let mut sums: BTreeMap<Currency, Split> = BTreeMap::new();
    for (decision, is_old) in [(old, true), (new, false)] {
        for remedy in decision.remedies() {
            let Some(worth) = remedy.worth else { continue };
            let split = sums.entry(worth.currency()).or_default();
            let pair = match remedy.basis {
                Basis::Statutory(_) => &mut split.statutory,
                Basis::Contractual(_) => &mut split.contractual,
                Basis::Goodwill => &mut split.goodwill,
            };
            let sum = if is_old { &mut pair.old } else { &mut pair.new };
            *sum = sum.saturating_add(i128::from(worth.minor()));
        }
    }
    sums
}

/// Who gains and who loses on one ground.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Winners {
    /// Cases that are given more.
    pub gainers: u64,
    /// Cases that are given less.
    pub losers: u64,
    /// What the gainers gain, in minor units.
    pub gained: i128,
    /// What the losers lose, in minor units, as a positive number.
    pub lost: i128,
}

impl Winners {
    const fn add(&mut self, pair: Pair) {
        let by = pair.change();
        if by > 0 {
            self.gainers = self.gainers.saturating_add(1);
            self.gained = self.gained.saturating_add(by);
        } else if by < 0 {
            self.losers = self.losers.saturating_add(1);
            self.lost = self.lost.saturating_sub(by);
        }
    }

    const fn merge(&mut self, other: Self) {
        self.gainers = self.gainers.saturating_add(other.gainers);
        self.losers = self.losers.saturating_add(other.losers);
        self.gained = self.gained.saturating_add(other.gained);
        self.lost = self.lost.saturating_add(other.lost);
    }
}

/// Who gains and who loses, altogether and by ground.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// On everything together.
    pub total: Winners,
    /// On what the law gives.
    pub statutory: Winners,
    /// On what the contract gives.
    pub contractual: Winners,
    /// On goodwill.
    pub goodwill: Winners,
}

impl Moves {
    /// Counts one case.
    pub const fn add(&mut self, split: &Split) {
        self.total.add(split.total());
        self.statutory.add(split.statutory);
        self.contractual.add(split.contractual);
        self.goodwill.add(split.goodwill);
    }

    /// Adds another count.
    pub const fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.statutory.merge(other.statutory);
        self.contractual.merge(other.contractual);
        self.goodwill.merge(other.goodwill);
    }
}

/// Where the bands of amounts end, in major units; above the last lies one more.
pub const BANDS: [i128; 10] = [0, 50, 100, 200, 300, 500, 1_000, 2_000, 5_000, 10_000];

/// The band of an amount in minor units of a currency with so many digits after the point.
#[must_use]
pub fn band_of(minor: i128, exponent: u8) -> usize {
    let unit = 10_i128.saturating_pow(u32::from(exponent));
    let above = |end: &&i128| minor > end.saturating_mul(unit);
    BANDS.iter().take_while(above).count()
}
