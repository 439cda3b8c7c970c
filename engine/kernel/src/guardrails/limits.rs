//! Sums that bound discretionary money.

use redress_model::{Code, Money};

use super::{Base, BasisKind, Scope};

/// A limit in money: fixed, or a share of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// A sum.
    Fixed(Money),
    /// A share of a merit money fact.
    Share {
        /// The share in basis points (hundredths of a percent).
        basis_points: i64,
        /// The fact.
        of: Base,
        /// And never more than this.
        at_most: Option<Money>,
    },
}

/// A goodwill level: from a% to b% of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Its name.
    pub name: Code,
    /// The lower edge, in basis points of the base.
    pub from_basis_points: i64,
    /// The upper edge, in basis points of the base; the tier's cap.
    pub to_basis_points: i64,
    /// The base.
    pub of: Base,
}

/// How far an offer may lie from the tariff where no tier gives a range.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Corridor {
    /// The tolerance in basis points of the tariff.
    pub tolerance_basis_points: i64,
    /// The least tolerance, one rounding unit.
    pub rounding_unit: Option<Money>,
}

/// What bounds goodwill and contractual sums together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// Whether goodwill cash needs a loss.
    pub cash: CashRule,
    /// The most, as basis points of the loss.
    pub loss_multiple_basis_points: Option<i64>,
    /// Rolling caps.
    pub caps: Vec<RollingCap>,
    /// Budgets.
    pub budgets: Vec<Budget>,
}

/// Whether goodwill cash needs a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CashRule {
    /// Goodwill cash may be given without a loss.
    #[default]
    Free,
    /// No loss, no goodwill cash.
    NeedsLoss,
}

/// A cap over a rolling window; what it has used arrives in the standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollingCap {
    /// Its name in the standing.
    pub name: Code,
    /// The ground that it counts; both discretionary ones if `None`.
    pub basis: Option<BasisKind>,
    /// The most within the window.
    pub limit: Money,
    /// The window in days, for people and for the ledger.
    pub window_days: u32,
    /// Whose sums it adds up.
    pub per: Scope,
    /// How many grants within the window at most; once they are used, nothing is left.
    pub times: Option<u32>,
}

/// A budget; what it has left arrives in the standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its name in the standing.
    pub name: Code,
    /// The ground that it counts; both discretionary ones if `None`.
    pub basis: Option<BasisKind>,
    /// The whole of it.
    pub limit: Money,
    /// Whose sums it adds up.
    pub per: Scope,
}
