//! Each construct of the representation, over all facts.

use redress_compiler::ir::{Expr, ExprKind};
use redress_model::{Code, Slot};
use rowan::TextSize;

use super::{Flow, Flows, Runner, State, Unmodelled, Value};
use crate::term::{Part, Term, Var};

pub(super) type Results = Result<Flows, Unmodelled>;
/// Values of several expressions, evaluated one behind the other.
pub(super) type Many = Vec<(State, Result<Vec<Value>, Flow>)>;

impl Runner<'_, '_> {
    pub(super) fn expr(&mut self, state: State, expr: &Expr) -> Results {
        match &expr.kind {
            ExprKind::Unit
            | ExprKind::Bool(..)
            | ExprKind::Int(..)
            | ExprKind::Text(..)
            | ExprKind::Money(..)
            | ExprKind::Date(..)
            | ExprKind::Local(..)
            | ExprKind::Fact(..)
            | ExprKind::MaybeFact(..)
            | ExprKind::Widen(..)
            | ExprKind::IsKnown(..)
            | ExprKind::Coalesce { .. }
            | ExprKind::Warning(..) => self.given(state, expr),
            ExprKind::Not(..)
            | ExprKind::Neg(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Int2(..)
            | ExprKind::MoneyAdd(..)
            | ExprKind::MoneySub(..)
            | ExprKind::MoneyTimes(..)
            | ExprKind::Share { .. }
            | ExprKind::Compare(..)
            | ExprKind::Min(..)
            | ExprKind::Max(..)
            | ExprKind::Abs(..)
            | ExprKind::Between(..)
            | ExprKind::PlusDays(..)
            | ExprKind::TextTest(..)
            | ExprKind::TextIsEmpty(..)
            | ExprKind::TextLen(..) => self.computed(state, expr),
            ExprKind::Lookup { .. }
            | ExprKind::Column(..)
            | ExprKind::List(..)
            | ExprKind::Concat(..)
            | ExprKind::Extend(..)
            | ExprKind::Append(..)
            | ExprKind::Len(..)
            | ExprKind::Item(..)
            | ExprKind::Contains(..)
            | ExprKind::WithItem { .. } => self.listed(state, expr),
            ExprKind::Remedy { .. }
            | ExprKind::OnGround { .. }
            | ExprKind::Because { .. }
            | ExprKind::Grant { .. }
            | ExprKind::Refuse(..)
            | ExprKind::Hold(..)
            | ExprKind::Route
            | ExprKind::Queue(..)
            | ExprKind::Priority(..)
            | ExprKind::Within(..)
            | ExprKind::Since(..)
            | ExprKind::Oblige(..) => self.proposed(state, expr),
            ExprKind::Call(..)
            | ExprKind::If { .. }
            | ExprKind::Switch { .. }
            | ExprKind::Block(..)
            | ExprKind::Return(..)
            | ExprKind::Break
            | ExprKind::Continue => self.controlled(state, expr),
        }
    }

    /// Evaluates expressions in order, and what is made of their values.
    pub(super) fn with<const N: usize>(
        &mut self,
        state: State,
        parts: [&Expr; N],
        mut then: impl FnMut(&mut Self, State, [Value; N]) -> Results,
    ) -> Results {
        let mut flows = Vec::new();
        for (state, values) in self.all(state, &parts)? {
            match values {
                Ok(values) => {
                    if let Ok(values) = <[Value; N]>::try_from(values) {
                        flows.extend(then(self, state, values)?);
                    }
                }
                Err(flow) => flows.push((state, flow)),
            }
        }
        Ok(flows)
    }

    pub(super) fn all(&mut self, state: State, parts: &[&Expr]) -> Result<Many, Unmodelled> {
        let mut open: Many = vec![(state, Ok(Vec::new()))];
        for part in parts {
            let mut next: Many = Vec::new();
            for (state, values) in open {
                let values = match values {
                    Ok(values) => values,
                    Err(flow) => {
                        next.push((state, Err(flow)));
                        continue;
                    }
                };
                for (state, flow) in self.expr(state, part)? {
                    next.push(match flow {
                        Flow::Value(value) => {
                            let mut values = values.clone();
                            values.push(value);
                            (state, Ok(values))
                        }
                        other => (state, Err(other)),
                    });
                }
            }
            open = next;
        }
        Ok(open)
    }

    pub(super) fn give(state: State, value: Value) -> Results {
        Ok(vec![(state, Flow::Value(value))])
    }

    pub(super) fn give_if(state: Option<State>, value: Value) -> Results {
        Ok(state
            .into_iter()
            .map(|state| (state, Flow::Value(value.clone())))
            .collect())
    }

    /// Something that no formula stands for: true or false, which it is nobody knows.
    pub(super) fn anything(&mut self, mut state: State) -> Results {
        self.anything = self.anything.saturating_add(1);
        state.loose = true;
        let slot = Slot::new(u16::MAX);
        let part = Part::Anything(self.anything);
        let value = self.terms.var(Var { slot, part }, (0, 1));
        Self::give(state, Value::Bool(value))
    }

    pub(super) fn fits(&mut self, term: Term, range: (i128, i128)) -> Term {
        let (least, most) = (self.terms.int(range.0), self.terms.int(range.1));
        let above = self.terms.at_most(least, term);
        let below = self.terms.at_most(term, most);
        self.terms.and(&[above, below])
    }

    pub(super) fn code(&mut self, state: State, code: Term, at: TextSize) -> Option<State> {
        let bad: Vec<i128> = self
            .names
            .texts()
            .filter(|(_, text)| Code::new(text.as_str()).is_err())
            .map(|(number, _)| number)
            .collect();
        let mut good = Vec::new();
        for number in bad {
            let number = self.terms.int(number);
            let is = self.terms.same(code, number);
            good.push(self.terms.not(is));
        }
        let good = self.terms.and(&good);
        self.require(state, good, at)
    }

    /// Goes on where so many are not too many.
    pub(super) fn at_most(
        &mut self,
        state: State,
        count: Term,
        most: usize,
        at: TextSize,
    ) -> Option<State> {
        let most = self.terms.int(i128::try_from(most).unwrap_or(i128::MAX));
        let few = self.terms.at_most(count, most);
        self.require(state, few, at)
    }
}
