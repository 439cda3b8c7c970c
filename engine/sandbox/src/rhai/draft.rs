//! A remedy in the making.

use std::rc::Rc;

use redress_model::{Amount, Basis, Code, Reason, Remedy};

/// A remedy in the making. A policy copies it at every call, so copies share all of it,
/// and a reason is added without copying those before.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    given: Rc<Given>,
    last: Option<Rc<Link>>,
    reasons: usize,
}

/// What is given, without its reasons.
#[derive(Debug, Clone)]
struct Given {
    kind: Code,
    amount: Amount,
    basis: Basis,
}

/// A reason and those before it.
#[derive(Debug)]
struct Link {
    reason: Reason,
    before: Option<Rc<Link>>,
}

impl Draft {
    /// So much of a kind, as goodwill and without a reason.
    pub(super) fn new(kind: Code, amount: Amount) -> Self {
        let basis = Basis::Goodwill;
        let given = Rc::new(Given {
            kind,
            amount,
            basis,
        });
        Self {
            given,
            last: None,
            reasons: 0,
        }
    }

    /// The same on another ground.
    pub(super) fn on_ground(mut self, basis: Basis) -> Self {
        Rc::make_mut(&mut self.given).basis = basis;
        self
    }

    /// The same for one more reason.
    pub(super) fn because(self, reason: Reason) -> Self {
        let before = self.last;
        Self {
            last: Some(Rc::new(Link { reason, before })),
            reasons: self.reasons.saturating_add(1),
            ..self
        }
    }

    /// How many reasons it has.
    pub(super) const fn reasons(&self) -> usize {
        self.reasons
    }

    /// The finished remedy, its reasons in the order in which they were given.
    pub(super) fn finish(self) -> Remedy {
        let mut reasons = Vec::with_capacity(self.reasons);
        let mut next = self.last;
        while let Some(link) = next {
            match Rc::try_unwrap(link) {
                Ok(link) => {
                    reasons.push(link.reason);
                    next = link.before;
                }
                Err(shared) => {
                    reasons.push(shared.reason.clone());
                    next = shared.before.clone();
                }
            }
        }
        reasons.reverse();
        let Given {
            kind,
            amount,
            basis,
        } = Rc::unwrap_or_clone(self.given);
        Remedy {
            kind,
            amount,
            basis,
            reasons,
        }
    }
}
