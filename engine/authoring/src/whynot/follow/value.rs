//! What expressions come to when one case is followed, and which facts made them so.

use redress_model::{Currency, Slot};
use rowan::TextRange;
use smol_str::SmolStr;

/// The most causes that a value remembers; what decided it last comes first.
const CAUSES_MAX: usize = 16;

/// A fact that made a value what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The fact.
    pub(crate) slot: Slot,
    /// Where it was read.
    pub(crate) at: TextRange,
}

/// Facts that made a value what it is, the one that decided last first, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Causes(Vec<Cause>);

impl Causes {
    pub(super) fn of(slot: Slot, at: TextRange) -> Self {
        Self(vec![Cause { slot, at }])
    }

    pub(crate) fn first(&self) -> Option<Cause> {
        self.0.first().copied()
    }

    /// Adds what stands further away.
    pub(super) fn add(&mut self, further: &Self) {
        for cause in &further.0 {
            let is_new = self.0.iter().all(|known| known.slot != cause.slot);
            if is_new && self.0.len() < CAUSES_MAX {
                self.0.push(*cause);
            }
        }
    }
}

/// How a number moves with the fact that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bend {
    /// By so much for each unit of the fact, within the range found so far.
    Line(i128),
    /// In a way that is not followed.
    Bent,
}

impl Bend {
    pub(super) const FLAT: Self = Self::Line(0);

    pub(super) fn is_flat(self) -> bool {
        self == Self::FLAT
    }

    /// How a number moves that is `by` of the first and `with` of the second.
    pub(super) fn and(self, other: Self, with: impl Fn(i128, i128) -> Option<i128>) -> Self {
        match (self, other) {
            (Self::Line(one), Self::Line(two)) => with(one, two).map_or(Self::Bent, Self::Line),
            _ => Self::Bent,
        }
    }
}

/// A value alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plain {
    Unit,
    Bool(bool),
    /// An integer, a date in days or an instant in seconds.
    Int(i128, Bend),
    Money(i128, Currency, Bend),
    Text(SmolStr),
    List(Vec<Made>),
    /// A row, by the numbers of its table and of itself.
    Row(usize, usize),
    Remedy(Box<Given>),
    Verdict(Verdict),
}

/// A remedy as far as it is compared with what the policy proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(super) kind: SmolStr,
    /// Minor units, or units of the kind.
    pub(super) amount: i128,
    pub(super) currency: Option<Currency>,
    /// `statutory` or `contractual` and its claim.
    pub(super) ground: Option<(&'static str, SmolStr)>,
}

impl Given {
    /// Whether it is this remedy, its reasons left out.
    pub(super) fn is(&self, remedy: &redress_model::Remedy) -> bool {
        let (amount, currency) = match &remedy.amount {
            redress_model::Amount::Money(money) => (money.minor(), Some(money.currency())),
            redress_model::Amount::Units { count, .. } => (*count, None),
        };
        let basis = &remedy.basis;
        let ground = basis.claim().map(|claim| (basis.name(), claim.as_str()));
        self.kind == remedy.kind.as_str()
            && self.amount == i128::from(amount)
            && self.currency == currency
            && self
                .ground
                .as_ref()
                .map(|(name, claim)| (*name, claim.as_str()))
                == ground
    }
}

/// What `remedy` comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Grant(Vec<Given>),
    Refuse(Vec<SmolStr>),
    Hold(SmolStr),
}

/// A value with the facts that made it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) plain: Plain,
    pub(super) causes: Causes,
    /// Of a decision over several conditions, the one that decided and what it came to.
    pub(super) decided: Option<(TextRange, bool)>,
}

impl Made {
    pub(super) fn new(plain: Plain, causes: Causes) -> Self {
        Self {
            plain,
            causes,
            decided: None,
        }
    }

    pub(super) fn constant(plain: Plain) -> Self {
        Self::new(plain, Causes::default())
    }

    pub(super) fn int(number: i128) -> Self {
        Self::constant(Plain::Int(number, Bend::FLAT))
    }
}

/// The causes of several values, in their order.
pub(super) fn causes<'a>(values: impl IntoIterator<Item = &'a Made>) -> Causes {
    let mut all = Causes::default();
    for value in values {
        all.add(&value.causes);
    }
    all
}
