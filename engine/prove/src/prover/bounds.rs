//! What the guardrails allow, as formulas beside what a policy gives.

use redress_kernel::guardrails::{Base, BasisKind, Condition, Limit};
use redress_model::{FactType, Value as Fact};

use super::Side;
use crate::exec::{self, Ground, INT, Names};
use crate::term::{Part, Term, Terms, Var};

/// Where the formulas of one question are made.
pub(super) struct Formulas<'p> {
    pub(super) terms: Terms,
    pub(super) names: Names,
    pub(super) side: &'p Side,
}

/// A limit of the guardrails.
pub(super) struct Bound {
    /// The number of its currency.
    pub(super) currency: i128,
    pub(super) sum: Term,
    /// Facts that must be known for it to be asked; where one is not, the kernel waits.
    pub(super) needs: Vec<Term>,
}

impl Formulas<'_> {
    fn fact(&mut self, slot: redress_model::Slot, part: Part, range: (i128, i128)) -> Term {
        self.terms.var(Var { slot, part }, range)
    }

    /// A share of a fact that is money of one currency, never below zero, as the kernel
    /// rounds it; `None` for a fact of any currency.
    pub(super) fn share(&mut self, of: &Base, basis_points: i64) -> Option<Bound> {
        let schema = self.side.world.schema();
        let Some(FactType::Money {
            currency: Some(currency),
            ..
        }) = schema.fact(of.slot).map(|fact| &fact.ty)
        else {
            return None;
        };
        let known = self.fact(of.slot, Part::Known, (0, 1));
        let base = self.fact(of.slot, Part::Value, INT);
        let (points, whole) = (self.terms.int(basis_points.into()), self.terms.int(10_000));
        let rounding = self.side.world.compiled.guardrails().rounding;
        let share = exec::share(&mut self.terms, rounding, base, points, whole);
        let zero = self.terms.int(0);
        let below = self.terms.less(share, zero);
        Some(Bound {
            currency: self.names.currency(*currency),
            sum: self.terms.ite(below, zero, share),
            needs: vec![known],
        })
    }

    /// A limit for each of the persons that a case is about.
    pub(super) fn limit(&mut self, limit: &Limit) -> Option<Bound> {
        let mut bound = match limit {
            Limit::Fixed(money) => Bound {
                currency: self.names.currency(money.currency()),
                sum: self.terms.int(money.minor().into()),
                needs: Vec::new(),
            },
            Limit::Share {
                basis_points,
                of,
                at_most,
            } => {
                let mut share = self.share(of, *basis_points)?;
                if let Some(most) = at_most {
                    let most = self.terms.int(most.minor().into());
                    let above = self.terms.less(most, share.sum);
                    share.sum = self.terms.ite(above, most, share.sum);
                }
                share
            }
        };
        let persons = self.side.world.compiled.guardrails().facts.persons.as_ref();
        if let Some(base) = persons {
            let fact = self.side.world.schema().fact(base.slot);
            let ty = fact.map(|fact| &fact.ty);
            let ty = ty.filter(|ty| matches!(ty, FactType::Int { .. }))?;
            let known = self.fact(base.slot, Part::Known, (0, 1));
            let count = self.fact(base.slot, Part::Value, exec::range(ty));
            let one = self.terms.int(1);
            let few = self.terms.less(count, one);
            let count = self.terms.ite(few, one, count);
            bound.sum = self.terms.mul(bound.sum, count);
            bound.needs.push(known);
        }
        Some(bound)
    }

    /// That every condition is known to hold; `None` where a value has no formula.
    pub(super) fn all_hold(&mut self, conditions: &[Condition]) -> Option<Term> {
        let mut all = Vec::new();
        for condition in conditions {
            let slot = condition.slot;
            all.push(self.fact(slot, Part::Known, (0, 1)));
            let number = match &condition.value {
                Fact::Bool(value) => i128::from(*value),
                Fact::Enum(place) => (*place).into(),
                Fact::Int(value) => (*value).into(),
                Fact::Date(date) => date.days().into(),
                _ => return None,
            };
            let range = exec::range(&self.side.world.schema().fact(slot)?.ty);
            let value = self.fact(slot, Part::Value, range);
            let wanted = self.terms.int(number);
            all.push(self.terms.same(value, wanted));
        }
        Some(self.terms.and(&all))
    }
}

/// Whether a ground is one that a cap counts.
pub(super) fn is_counted(ground: Ground, basis: Option<BasisKind>) -> bool {
    match (ground, basis) {
        (Ground::Statutory, _) => false,
        (_, None) => true,
        (Ground::Goodwill, Some(basis)) => basis == BasisKind::Goodwill,
        (Ground::Contractual, Some(basis)) => basis == BasisKind::Contractual,
    }
}
