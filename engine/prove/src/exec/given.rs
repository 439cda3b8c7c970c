//! What a script is given: constants, variables, facts and counters.

use redress_compiler::ir::{Expr, ExprKind, Type, WarningField};
use redress_model::{FactType, Slot};
use rowan::TextSize;

use super::expr::Results;
use super::{End, Flow, ITEMS_MAX, Runner, State, Value, range};
use crate::term::{Part, Var};

impl Runner<'_, '_> {
    /// What a script is given: constants, variables, facts and counters.
    pub(super) fn given(&mut self, state: State, expr: &Expr) -> Results {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Unit => match &expr.ty {
                Type::Optional(_) => {
                    let no = self.terms.bool(false);
                    Self::give(state, Value::Optional(no, Box::new(Value::Unit)))
                }
                _ => Self::give(state, Value::Unit),
            },
            ExprKind::Bool(value) => {
                let value = self.terms.bool(*value);
                Self::give(state, Value::Bool(value))
            }
            ExprKind::Int(value) => {
                let value = self.terms.int((*value).into());
                Self::give(state, Value::Int(value))
            }
            ExprKind::Text(id) => {
                let text = self.setting.program.text(*id).cloned().unwrap_or_default();
                let number = self.names.text(&text);
                let value = self.terms.int(number);
                Self::give(state, Value::Int(value))
            }
            ExprKind::Money(money) => {
                let currency = self.names.currency(money.currency());
                let currency = self.terms.int(currency);
                let minor = self.terms.int(money.minor().into());
                Self::give(state, Value::Money { currency, minor })
            }
            ExprKind::Date(date) => {
                let days = self.terms.int(date.days().into());
                Self::give(state, Value::Int(days))
            }
            ExprKind::Local(id) => {
                let place = usize::try_from(id.0).unwrap_or(usize::MAX);
                let value = state.locals.get(place).cloned().unwrap_or(Value::Unit);
                Self::give(state, value)
            }
            ExprKind::Fact(slot) => self.fact(state, *slot, at, true),
            ExprKind::MaybeFact(slot) => self.fact(state, *slot, at, false),
            ExprKind::Widen(inner) => {
                let optional = matches!(expr.ty, Type::Optional(_));
                self.with(state, [inner], |this, state, [value]| {
                    let value = match value {
                        Value::Optional(..) => value,
                        Value::Unit if optional => {
                            Value::Optional(this.terms.bool(false), Box::new(Value::Unit))
                        }
                        value if optional => {
                            Value::Optional(this.terms.bool(true), Box::new(value))
                        }
                        value => value,
                    };
                    Self::give(state, value)
                })
            }
            ExprKind::IsKnown(inner) => self.with(state, [inner], |this, state, [value]| {
                let known = match value {
                    Value::Optional(known, _) => known,
                    _ => this.terms.bool(true),
                };
                Self::give(state, Value::Bool(known))
            }),
            ExprKind::Coalesce {
                site,
                value,
                default,
            } => {
                let from = state.conditions.len();
                let flows = self.with(state, [value], |this, state, [value]| {
                    let Value::Optional(known, inner) = value else {
                        return Self::give(state, value);
                    };
                    let mut flows = Vec::new();
                    if let Some(state) = this.branch(&state, known, *site, 0) {
                        flows.push((state, Flow::Value(*inner)));
                    }
                    let unknown = this.terms.not(known);
                    if let Some(state) = this.branch(&state, unknown, *site, 1) {
                        flows.extend(this.expr(state, default)?);
                    }
                    Ok(flows)
                })?;
                self.merge(from, flows)
            }
            ExprKind::Warning(field) => {
                let part = Part::Warning(match field {
                    WarningField::Repeats => 0,
                    WarningField::LikeCases => 1,
                    WarningField::Burst => 2,
                });
                let slot = Slot::new(u16::MAX);
                let count = self.terms.var(Var { slot, part }, (0, u32::MAX.into()));
                Self::give(state, Value::Int(count))
            }
            _ => Err(self.no_formula("this construct", at)),
        }
    }

    /// A value of a fact, from these variables.
    pub(super) fn of_type(
        &mut self,
        slot: Slot,
        ty: &FactType,
        value: Part,
        currency: Part,
    ) -> Value {
        let range = range(ty);
        match ty {
            FactType::Bool => {
                let number = self.terms.var(Var { slot, part: value }, range);
                let one = self.terms.int(1);
                Value::Bool(self.terms.same(number, one))
            }
            FactType::Enum(values) => {
                // The place in the schema's list, turned into the number of the text.
                let place = self.terms.var(Var { slot, part: value }, range);
                let mut chosen = None;
                for (at, text) in (0..).zip(values.iter()) {
                    let text = self.names.text(text);
                    let text = self.terms.int(text);
                    chosen = Some(match chosen {
                        None => text,
                        Some(others) => {
                            let at = self.terms.int(at);
                            let is = self.terms.same(place, at);
                            self.terms.ite(is, text, others)
                        }
                    });
                }
                Value::Int(chosen.unwrap_or(place))
            }
            FactType::Money {
                currency: known, ..
            } => {
                let minor = self.terms.var(Var { slot, part: value }, range);
                let currency = match known {
                    Some(currency) => {
                        let number = self.names.currency(*currency);
                        self.terms.int(number)
                    }
                    None => {
                        let most = i128::try_from(self.names.currencies()).unwrap_or(1);
                        let var = Var {
                            slot,
                            part: currency,
                        };
                        self.terms.var(var, (0, most.saturating_sub(1).max(0)))
                    }
                };
                Value::Money { currency, minor }
            }
            _ => Value::Int(self.terms.var(Var { slot, part: value }, range)),
        }
    }

    pub(super) fn fact(&mut self, state: State, slot: Slot, at: TextSize, holds: bool) -> Results {
        let Some(fact) = self.setting.schema.fact(slot) else {
            return Ok(Vec::new());
        };
        let ty = fact.ty.clone();
        let known = self.terms.var(
            Var {
                slot,
                part: Part::Known,
            },
            (0, 1),
        );
        let unknown = self.terms.not(known);
        if holds {
            if let Some(held) = self.assume(&state, unknown) {
                self.end(&held, End::Unknown(slot));
            }
            let Some(state) = self.assume(&state, known) else {
                return Ok(Vec::new());
            };
            return match &ty {
                FactType::List { item, items_max } => self.list(state, slot, item, *items_max, at),
                _ => {
                    let value = self.of_type(slot, &ty, Part::Value, Part::Currency);
                    Self::give(state, value)
                }
            };
        }
        if let FactType::List { item, items_max } = &ty {
            let mut flows = Vec::new();
            if let Some(state) = self.assume(&state, unknown) {
                let no = self.terms.bool(false);
                flows.push((
                    state,
                    Flow::Value(Value::Optional(no, Box::new(Value::Unit))),
                ));
            }
            if let Some(state) = self.assume(&state, known) {
                for (state, flow) in self.list(state, slot, item, *items_max, at)? {
                    if let Flow::Value(value) = flow {
                        let yes = self.terms.bool(true);
                        flows.push((state, Flow::Value(Value::Optional(yes, Box::new(value)))));
                    }
                }
            }
            return Ok(flows);
        }
        let value = self.of_type(slot, &ty, Part::Value, Part::Currency);
        Self::give(state, Value::Optional(known, Box::new(value)))
    }

    /// A way for each length that a list can have.
    pub(super) fn list(
        &mut self,
        state: State,
        slot: Slot,
        item: &FactType,
        most: u32,
        at: TextSize,
    ) -> Results {
        if most > ITEMS_MAX {
            return Err(self.no_formula("a list of more than 8 facts", at));
        }
        let length = self.terms.var(
            Var {
                slot,
                part: Part::Length,
            },
            (0, most.into()),
        );
        let mut flows = Vec::new();
        for count in 0..=most {
            let number = self.terms.int(count.into());
            let is = self.terms.same(length, number);
            if let Some(state) = self.assume(&state, is) {
                let items = (0..count)
                    .map(|at| self.of_type(slot, item, Part::Item(at), Part::ItemCurrency(at)))
                    .collect();
                flows.push((state, Flow::Value(Value::List(items))));
            }
        }
        Ok(flows)
    }
}
