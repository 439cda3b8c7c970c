//! A remedy while it is being enforced: what it is worth decides, its form follows.

use redress_model::{Amount, Basis, Code, Currency, Money, Rounding};

use crate::decide::Halt;
use crate::guardrails::{BasisKind, Claim, ClaimBasis, Guardrails, Kind, Worth};

/// The largest sum in minor units that the kernel handles: far above any redress, and
/// far enough below 64 bits that eight of them times a share cannot overflow unseen.
pub(crate) const MINOR_MAX: i64 = 1_000_000_000_000_000;

/// The ground of an item, resolved in the guardrails.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ground<'a> {
    Statutory(&'a Claim),
    Contractual(&'a Claim),
    Goodwill,
}

impl<'a> Ground<'a> {
    /// The ground that a claim of the guardrails stands on.
    pub(crate) const fn of(claim: &'a Claim) -> Self {
        match claim.basis {
            ClaimBasis::Statutory => Self::Statutory(claim),
            ClaimBasis::Contractual => Self::Contractual(claim),
        }
    }

    /// The claim, where it is not goodwill.
    pub(crate) const fn claim(self) -> Option<&'a Claim> {
        match self {
            Self::Statutory(claim) | Self::Contractual(claim) => Some(claim),
            Self::Goodwill => None,
        }
    }
}

/// A remedy being enforced. Its reasons stay with what was proposed, so that it is a
/// plain value that steps copy and drop at no cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) ground: Ground<'a>,
    pub(crate) consented: bool,
    pub(crate) on_approval: bool,
    /// The place of the remedy that it comes from; parts of one remedy share it.
    pub(crate) source: usize,
    /// Minor units of the face value, or units counted, as the kind is.
    quantity: i64,
    /// What the quantity of this kind is worth.
    worth: Money,
}

impl<'a> Item<'a> {
    /// So much of a kind; `currency` is that of a face value.
    pub(crate) fn new(
        kind: &'a Kind,
        quantity: i64,
        currency: Currency,
        ground: Ground<'a>,
        source: usize,
    ) -> Result<Self, Halt> {
        Ok(Self {
            kind,
            ground,
            consented: false,
            on_approval: false,
            source,
            quantity,
            worth: worth(kind, quantity, currency)?,
        })
    }

    pub(crate) fn is_statutory(&self) -> bool {
        matches!(self.ground, Ground::Statutory(_))
    }

    pub(crate) fn is_goodwill(&self) -> bool {
        matches!(self.ground, Ground::Goodwill)
    }

    pub(crate) fn is_contractual(&self) -> bool {
        matches!(self.ground, Ground::Contractual(_))
    }

    /// Whether it stands on this claim of the guardrails.
    pub(crate) fn is_of(&self, claim: &Claim) -> bool {
        self.ground
            .claim()
            .is_some_and(|own| std::ptr::eq(own, claim))
    }

    /// The ground as authority sees it; statutory items need none.
    pub(crate) fn discretion(&self) -> Option<BasisKind> {
        match self.ground {
            Ground::Goodwill => Some(BasisKind::Goodwill),
            Ground::Contractual(_) => Some(BasisKind::Contractual),
            Ground::Statutory(_) => None,
        }
    }

    /// The head of claim that the item settles.
    pub(crate) fn head(&self) -> Code {
        const GOODWILL: Code = Code::engine("goodwill");
        self.ground
            .claim()
            .map_or(GOODWILL, |claim| claim.head.clone())
    }

    pub(crate) fn basis(&self) -> Basis {
        match self.ground {
            Ground::Goodwill => Basis::Goodwill,
            Ground::Statutory(claim) => Basis::Statutory(claim.code.clone()),
            Ground::Contractual(claim) => Basis::Contractual(claim.code.clone()),
        }
    }

    /// What the item is worth in money.
    pub(crate) const fn worth(&self) -> Money {
        self.worth
    }

    /// Gives the item at this worth in this kind. What does not divide is rounded in
    /// favour of the law (statutory up) and of the limits (everything else down).
    pub(crate) fn give(&mut self, kind: &'a Kind, worth: Money) -> Result<(), Halt> {
        let rounding = if self.is_statutory() {
            Rounding::Up
        } else {
            Rounding::Down
        };
        let quantity = match &kind.worth {
            Worth::Face { percent: 100 } => worth.minor(),
            Worth::Face { percent } => worth.ratio(100, i64::from(*percent), rounding)?.minor(),
            Worth::Each(each) => units(worth, *each, rounding)?,
        };
        self.kind = kind;
        self.quantity = quantity;
        self.worth = self::worth(kind, quantity, worth.currency())?;
        Ok(())
    }

    /// Lowers or raises the worth in the same kind.
    pub(crate) fn set_worth(&mut self, worth: Money) -> Result<(), Halt> {
        self.give(self.kind, worth)
    }

    pub(crate) fn amount(&self) -> Amount {
        match &self.kind.worth {
            Worth::Face { .. } => Amount::Money(Money::new(self.quantity, self.currency())),
            Worth::Each(_) => Amount::Units {
                unit: self.kind.name.clone(),
                count: self.quantity,
            },
        }
    }

    /// The currency of its worth.
    pub(crate) const fn currency(&self) -> Currency {
        self.worth.currency()
    }

    /// Whether the item has nothing left to give.
    pub(crate) const fn is_empty(&self) -> bool {
        self.quantity <= 0
    }

    /// Takes everything away.
    pub(crate) const fn clear(&mut self) {
        self.quantity = 0;
        self.worth = Money::zero(self.worth.currency());
    }
}

/// What so much of a kind is worth.
fn worth(kind: &Kind, quantity: i64, currency: Currency) -> Result<Money, Halt> {
    Ok(match &kind.worth {
        Worth::Face { percent: 100 } => Money::new(quantity, currency),
        Worth::Face { percent } => {
            Money::new(quantity, currency).ratio(i64::from(*percent), 100, Rounding::Down)?
        }
        Worth::Each(each) => each.times(quantity)?,
    })
}

/// How many units make up a worth.
fn units(worth: Money, each: Money, rounding: Rounding) -> Result<i64, Halt> {
    if each.minor() == 0 || each.currency() != worth.currency() {
        return Err(Halt::Escalate(&crate::codes::UNKNOWN_CURRENCY_LIMIT));
    }
    let count = redress_model::money::divide(worth.minor().into(), each.minor().into(), rounding)?;
    i64::try_from(count).map_err(|_| Halt::Escalate(&crate::codes::AMOUNT_OVERFLOW))
}

/// The kind with this name, or the halt that an unknown one is.
pub(crate) fn known_kind<'a>(guardrails: &'a Guardrails, name: &Code) -> Result<&'a Kind, Halt> {
    guardrails
        .kind(name)
        .ok_or(Halt::Escalate(&crate::codes::UNKNOWN_KIND))
}
