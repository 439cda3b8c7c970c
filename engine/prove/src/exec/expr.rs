//! Each construct of the representation, over all facts.

use std::sync::Arc;

use redress_abi::{OBLIGATIONS_MAX, REASONS_MAX, REMEDIES_MAX};
use redress_compiler::ir::{
    self, Amount, Arm, CompareOp, Expr, ExprKind, IntOp, Iterated, Pattern, SiteId, SpanUnit, Stmt,
    StmtKind, Type, WarningField,
};
use redress_model::table::Matcher;
use redress_model::{Code, FactType, Slot, Value as Fact};
use rowan::TextSize;

use super::{
    End, Flow, Flows, Ground, ITEMS_MAX, Remedy, Runner, State, Unmodelled, Value, Verdict,
};
use crate::term::{Part, Term, Var};

pub(crate) const INT: (i128, i128) = (-9_223_372_036_854_775_808, 9_223_372_036_854_775_807);
/// 0000-01-01 to 9999-12-31, in days and in seconds since 1970.
pub(crate) const DAYS: (i128, i128) = (-719_528, 2_932_896);
pub(crate) const SECONDS: (i128, i128) = (-62_167_219_200, 253_402_300_799);
/// What a priority and the length of a deadline may be.
const PRIORITIES: (i128, i128) = (1, 9);
const SPANS: (i128, i128) = (0, 10_000);

type Results = Result<Flows, Unmodelled>;
/// Values of several expressions, evaluated one behind the other.
type Many = Vec<(State, Result<Vec<Value>, Flow>)>;

impl Runner<'_, '_> {
    /// Evaluates expressions in order, and what is made of their values.
    fn with<const N: usize>(
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

    fn all(&mut self, state: State, parts: &[&Expr]) -> Result<Many, Unmodelled> {
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

    fn give(state: State, value: Value) -> Results {
        Ok(vec![(state, Flow::Value(value))])
    }

    fn give_if(state: Option<State>, value: Value) -> Results {
        Ok(state
            .into_iter()
            .map(|state| (state, Flow::Value(value.clone())))
            .collect())
    }

    fn range_of(&mut self, ty: &FactType) -> (i128, i128) {
        match ty {
            FactType::Bool => (0, 1),
            FactType::Int { min, max } => ((*min).into(), (*max).into()),
            FactType::Date => DAYS,
            FactType::DateTime => SECONDS,
            FactType::Enum(_) | FactType::Money(_) | FactType::List { .. } => INT,
            FactType::Text { .. } => (0, 1_000_000),
        }
    }

    /// A value of a fact, from these variables.
    fn of_type(&mut self, slot: Slot, ty: &FactType, value: Part, currency: Part) -> Value {
        let range = self.range_of(ty);
        match ty {
            FactType::Bool => {
                let number = self.terms.var(Var { slot, part: value }, (0, 1));
                let one = self.terms.int(1);
                Value::Bool(self.terms.same(number, one))
            }
            FactType::Enum(values) => {
                // The place in the schema's list, turned into the number of the text.
                let count = i128::try_from(values.len()).unwrap_or(1);
                let place = self
                    .terms
                    .var(Var { slot, part: value }, (0, count.saturating_sub(1)));
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
            FactType::Money(known) => {
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

    fn fact(&mut self, state: State, slot: Slot, at: TextSize, holds: bool) -> Results {
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
    fn list(
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

    /// Something that no formula stands for: true or false, which it is nobody knows.
    fn anything(&mut self, mut state: State) -> Results {
        self.anything = self.anything.saturating_add(1);
        state.loose = true;
        let slot = Slot::new(u16::MAX);
        let part = Part::Anything(self.anything);
        let value = self.terms.var(Var { slot, part }, (0, 1));
        Self::give(state, Value::Bool(value))
    }

    fn fits(&mut self, term: Term, range: (i128, i128)) -> Term {
        let (least, most) = (self.terms.int(range.0), self.terms.int(range.1));
        let above = self.terms.at_most(least, term);
        let below = self.terms.at_most(term, most);
        self.terms.and(&[above, below])
    }

    /// An integer that must fit 64 bits.
    fn checked(&mut self, state: State, term: Term, at: TextSize) -> Results {
        let fits = self.fits(term, INT);
        let state = self.require(state, fits, at);
        Self::give_if(state, Value::Int(term))
    }

    fn checked_money(
        &mut self,
        state: State,
        currency: Term,
        minor: Term,
        at: TextSize,
    ) -> Results {
        let fits = self.fits(minor, INT);
        let state = self.require(state, fits, at);
        Self::give_if(state, Value::Money { currency, minor })
    }

    fn abs(&mut self, term: Term) -> Term {
        super::rounding::abs(self.terms, term)
    }

    fn quotient(&mut self, left: Term, right: Term) -> Term {
        super::rounding::quotient(self.terms, left, right)
    }

    fn share(&mut self, sum: Term, numerator: Term, denominator: Term) -> Term {
        super::rounding::share(
            self.terms,
            self.setting.rounding,
            sum,
            numerator,
            denominator,
        )
    }

    fn code(&mut self, state: State, code: Term, at: TextSize) -> Option<State> {
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
    fn at_most(&mut self, state: State, count: Term, most: usize, at: TextSize) -> Option<State> {
        let most = self.terms.int(i128::try_from(most).unwrap_or(i128::MAX));
        let few = self.terms.at_most(count, most);
        self.require(state, few, at)
    }

    /// A route with a wish that is a number within a range.
    fn wished(
        &mut self,
        state: State,
        [route, number]: [Value; 2],
        range: (i128, i128),
        at: TextSize,
    ) -> Results {
        let Value::Int(number) = number else {
            return Ok(Vec::new());
        };
        let fits = self.fits(number, range);
        Self::give_if(self.require(state, fits, at), route)
    }

    pub(super) fn expr(&mut self, state: State, expr: &Expr) -> Results {
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
            ExprKind::Not(inner) => self.with(state, [inner], |this, state, [value]| {
                let Value::Bool(value) = value else {
                    return Ok(Vec::new());
                };
                let value = this.terms.not(value);
                Self::give(state, Value::Bool(value))
            }),
            ExprKind::Neg(inner) => self.with(state, [inner], |this, state, [value]| {
                let zero = this.terms.int(0);
                match value {
                    Value::Int(value) => {
                        let value = this.terms.sub(zero, value);
                        this.checked(state, value, at)
                    }
                    Value::Money { currency, minor } => {
                        let minor = this.terms.sub(zero, minor);
                        this.checked_money(state, currency, minor, at)
                    }
                    _ => Ok(Vec::new()),
                }
            }),
            ExprKind::And(parts) => self.logic(state, parts, true),
            ExprKind::Or(parts) => self.logic(state, parts, false),
            ExprKind::Int2(op, left, right) => {
                let op = *op;
                self.with(state, [left, right], |this, state, [left, right]| {
                    let (Value::Int(a), Value::Int(b)) = (left, right) else {
                        return Ok(Vec::new());
                    };
                    this.arithmetic(state, op, a, b, at)
                })
            }
            ExprKind::MoneyAdd(left, right) | ExprKind::MoneySub(left, right) => {
                let adds = matches!(expr.kind, ExprKind::MoneyAdd(..));
                self.with(state, [left, right], |this, state, [left, right]| {
                    let (
                        Value::Money { currency, minor: a },
                        Value::Money {
                            currency: other,
                            minor: b,
                        },
                    ) = (left, right)
                    else {
                        return Ok(Vec::new());
                    };
                    let same = this.terms.same(currency, other);
                    let Some(state) = this.require(state, same, at) else {
                        return Ok(Vec::new());
                    };
                    let minor = match adds {
                        true => this.terms.add(a, b),
                        false => this.terms.sub(a, b),
                    };
                    this.checked_money(state, currency, minor, at)
                })
            }
            ExprKind::MoneyTimes(left, right) => {
                self.with(state, [left, right], |this, state, values| {
                    let (currency, minor, count) = match values {
                        [Value::Money { currency, minor }, Value::Int(count)]
                        | [Value::Int(count), Value::Money { currency, minor }] => {
                            (currency, minor, count)
                        }
                        _ => return Ok(Vec::new()),
                    };
                    let minor = this.terms.mul(minor, count);
                    this.checked_money(state, currency, minor, at)
                })
            }
            ExprKind::Share {
                sum,
                numerator,
                denominator,
            } => self.with(
                state,
                [sum, numerator, denominator],
                |this, state, values| {
                    let [
                        Value::Money { currency, minor },
                        Value::Int(n),
                        Value::Int(d),
                    ] = values
                    else {
                        return Ok(Vec::new());
                    };
                    let zero = this.terms.int(0);
                    let is_zero = this.terms.same(d, zero);
                    let not = this.terms.not(is_zero);
                    let Some(state) = this.require(state, not, at) else {
                        return Ok(Vec::new());
                    };
                    let minor = this.share(minor, n, d);
                    this.checked_money(state, currency, minor, at)
                },
            ),
            ExprKind::Compare(op, left, right) => {
                let op = *op;
                self.with(state, [left, right], |this, state, [left, right]| {
                    this.compare(state, op, left, right, at)
                })
            }
            ExprKind::Min(left, right) | ExprKind::Max(left, right) => {
                let least = matches!(expr.kind, ExprKind::Min(..));
                self.with(state, [left, right], |this, state, [left, right]| {
                    let (mut state, a, b) = match (&left, &right) {
                        (Value::Int(a), Value::Int(b)) => (Some(state), *a, *b),
                        (
                            Value::Money { currency, minor: a },
                            Value::Money {
                                currency: other,
                                minor: b,
                            },
                        ) => {
                            let same = this.terms.same(*currency, *other);
                            (this.require(state, same, at), *a, *b)
                        }
                        _ => return Ok(Vec::new()),
                    };
                    let Some(state) = state.take() else {
                        return Ok(Vec::new());
                    };
                    let first = match least {
                        true => this.terms.at_most(a, b),
                        false => this.terms.at_most(b, a),
                    };
                    let value = Value::choose(this.terms, first, &left, &right);
                    Self::give(state, value.unwrap_or(left))
                })
            }
            ExprKind::Abs(inner) => self.with(state, [inner], |this, state, [value]| {
                let Value::Int(value) = value else {
                    return Ok(Vec::new());
                };
                let value = this.abs(value);
                this.checked(state, value, at)
            }),
            ExprKind::Between(unit, from, to) => {
                let unit = *unit;
                self.with(state, [from, to], |this, state, [from, to]| {
                    let (Value::Int(from), Value::Int(to)) = (from, to) else {
                        return Ok(Vec::new());
                    };
                    let span = this.terms.sub(to, from);
                    let span = match unit {
                        SpanUnit::Days => span,
                        SpanUnit::Seconds(each) => {
                            let each = this.terms.int(each.into());
                            this.quotient(span, each)
                        }
                    };
                    Self::give(state, Value::Int(span))
                })
            }
            ExprKind::PlusDays(date, days) => {
                self.with(state, [date, days], |this, state, [date, days]| {
                    let (Value::Int(date), Value::Int(days)) = (date, days) else {
                        return Ok(Vec::new());
                    };
                    let later = this.terms.add(date, days);
                    let fits = this.fits(later, DAYS);
                    let state = this.require(state, fits, at);
                    Self::give_if(state, Value::Int(later))
                })
            }
            ExprKind::Lookup { table, inputs } => self.lookup(state, *table, inputs, at),
            ExprKind::Column(row, place) => {
                let place = *place;
                self.with(state, [row], |this, state, [row]| {
                    let Value::Row(table, row) = row else {
                        return Ok(Vec::new());
                    };
                    let value = this.column(table, row, place);
                    Self::give_if(
                        value.is_some().then_some(state),
                        value.unwrap_or(Value::Unit),
                    )
                })
            }
            ExprKind::List(items) => {
                let parts: Vec<&Expr> = items.iter().collect();
                let many = self.all(state, &parts)?;
                Ok(many
                    .into_iter()
                    .map(|(state, values)| match values {
                        Ok(values) => (state, Flow::Value(Value::List(values))),
                        Err(flow) => (state, flow),
                    })
                    .collect())
            }
            ExprKind::Concat(left, right) | ExprKind::Extend(left, right) => {
                self.with(state, [left, right], |_, state, values| {
                    let [Value::List(mut all), Value::List(more)] = values else {
                        return Ok(Vec::new());
                    };
                    all.extend(more);
                    Self::give(state, Value::List(all))
                })
            }
            ExprKind::Append(list, item) => {
                self.with(state, [list, item], |_, state, [list, item]| {
                    let Value::List(mut all) = list else {
                        return Ok(Vec::new());
                    };
                    all.push(item);
                    Self::give(state, Value::List(all))
                })
            }
            ExprKind::Len(list) => self.with(state, [list], |this, state, [list]| {
                let Value::List(all) = list else {
                    return Ok(Vec::new());
                };
                let count = this
                    .terms
                    .int(i128::try_from(all.len()).unwrap_or(i128::MAX));
                Self::give(state, Value::Int(count))
            }),
            ExprKind::Item(list, place) => {
                self.with(state, [list, place], |this, state, [list, place]| {
                    let (Value::List(all), Value::Int(place)) = (list, place) else {
                        return Ok(Vec::new());
                    };
                    let Some(place) = this.terms.as_int(place) else {
                        return Err(this.no_formula("an item at a place that varies", at));
                    };
                    let count = i128::try_from(all.len()).unwrap_or(i128::MAX);
                    let from = if place < 0 {
                        place.saturating_add(count)
                    } else {
                        place
                    };
                    let item = usize::try_from(from)
                        .ok()
                        .and_then(|from| all.get(from).cloned());
                    let there = this.terms.bool(item.is_some());
                    let state = this.require(state, there, at);
                    Self::give_if(state, item.unwrap_or(Value::Unit))
                })
            }
            ExprKind::Contains(list, item) => {
                self.with(state, [list, item], |this, state, [list, item]| {
                    let Value::List(all) = list else {
                        return Ok(Vec::new());
                    };
                    let mut any = Vec::new();
                    for other in &all {
                        any.push(this.equal(other, &item));
                    }
                    let any = this.terms.or(&any);
                    Self::give(state, Value::Bool(any))
                })
            }
            ExprKind::TextTest(_, text, part) => {
                self.with(state, [text, part], |this, state, _| this.anything(state))
            }
            ExprKind::TextIsEmpty(text) => self.with(state, [text], |this, state, [text]| {
                let Value::Int(text) = text else {
                    return Ok(Vec::new());
                };
                let empty = this.names.text("");
                let empty = this.terms.int(empty);
                let is = this.terms.same(text, empty);
                Self::give(state, Value::Bool(is))
            }),
            ExprKind::TextLen(_) => Err(self.no_formula("the length of a text", at)),
            ExprKind::WithItem { list, place, item } => {
                self.with(state, [list, place, item], |this, state, values| {
                    let [Value::List(mut all), Value::Int(place), item] = values else {
                        return Ok(Vec::new());
                    };
                    let known = this.terms.as_int(place).filter(|place| *place >= 0);
                    let Some(place) = known else {
                        return Err(this.no_formula("an item at a place that varies", at));
                    };
                    let place = usize::try_from(place).unwrap_or(usize::MAX);
                    let there = this.terms.bool(place < all.len());
                    if let Some(old) = all.get_mut(place) {
                        *old = item;
                    }
                    let state = this.require(state, there, at);
                    Self::give_if(state, Value::List(all))
                })
            }
            ExprKind::Remedy { kind, amount } => {
                let (amount, units) = match amount {
                    Amount::Money(value) => (value, false),
                    Amount::Units(value) => (value, true),
                };
                self.with(state, [kind, amount], |this, state, [kind, amount]| {
                    let Value::Int(kind) = kind else {
                        return Ok(Vec::new());
                    };
                    let Some(state) = this.code(state, kind, at) else {
                        return Ok(Vec::new());
                    };
                    let (currency, amount) = match amount {
                        Value::Money { currency, minor } => (Some(currency), minor),
                        Value::Int(count) if units => (None, count),
                        _ => return Ok(Vec::new()),
                    };
                    let (claim, reasons) = (this.terms.int(-1), this.terms.int(0));
                    let remedy = Remedy {
                        kind,
                        currency,
                        amount,
                        ground: Ground::Goodwill,
                        claim,
                        reasons,
                    };
                    Self::give(state, Value::Remedy(Arc::new(remedy)))
                })
            }
            ExprKind::OnGround {
                remedy,
                ground,
                claim,
            } => {
                let ground = match ground {
                    ir::Ground::Statutory => Ground::Statutory,
                    ir::Ground::Contractual => Ground::Contractual,
                };
                self.with(state, [remedy, claim], |this, state, [remedy, claim]| {
                    let (Value::Remedy(remedy), Value::Int(claim)) = (remedy, claim) else {
                        return Ok(Vec::new());
                    };
                    let state = this.code(state, claim, at);
                    let remedy = Remedy {
                        ground,
                        claim,
                        ..(*remedy).clone()
                    };
                    Self::give_if(state, Value::Remedy(Arc::new(remedy)))
                })
            }
            ExprKind::Because { remedy, code, args } => {
                let mut parts: Vec<&Expr> = vec![remedy, code];
                parts.extend(args);
                let mut flows = Vec::new();
                for (state, values) in self.all(state, &parts)? {
                    match values {
                        Ok(values) => {
                            let mut values = values.into_iter();
                            if let (Some(Value::Remedy(remedy)), Some(Value::Int(code))) =
                                (values.next(), values.next())
                            {
                                let Some(state) = self.code(state, code, at) else {
                                    continue;
                                };
                                let one = self.terms.int(1);
                                let reasons = self.terms.add(remedy.reasons, one);
                                let state = self.at_most(state, reasons, REASONS_MAX, at);
                                let remedy = Remedy {
                                    reasons,
                                    ..(*remedy).clone()
                                };
                                let remedy = Value::Remedy(Arc::new(remedy));
                                flows.extend(Self::give_if(state, remedy)?);
                            }
                        }
                        Err(flow) => flows.push((state, flow)),
                    }
                }
                Ok(flows)
            }
            ExprKind::Grant { tier, remedies } => {
                let mut parts: Vec<&Expr> = Vec::new();
                parts.extend(tier.as_deref());
                parts.push(remedies);
                let mut flows = Vec::new();
                for (state, values) in self.all(state, &parts)? {
                    match values {
                        Ok(values) => {
                            let tier = match (tier, values.first()) {
                                (Some(_), Some(Value::Int(tier))) => Some(*tier),
                                _ => None,
                            };
                            let Some(Value::List(items)) = values.last() else {
                                continue;
                            };
                            let items = items.iter().filter_map(|item| match item {
                                Value::Remedy(remedy) => Some(Arc::clone(remedy)),
                                _ => None,
                            });
                            let remedies: Vec<_> = items.collect();
                            let state = match tier {
                                Some(tier) => self.code(state, tier, at),
                                None => Some(state),
                            };
                            let count = i128::try_from(remedies.len()).unwrap_or(i128::MAX);
                            let count = self.terms.int(count);
                            let state = state
                                .and_then(|state| self.at_most(state, count, REMEDIES_MAX, at));
                            let verdict = Arc::new(Verdict::Grant { tier, remedies });
                            flows.extend(Self::give_if(state, Value::Verdict(verdict))?);
                        }
                        Err(flow) => flows.push((state, flow)),
                    }
                }
                Ok(flows)
            }
            ExprKind::Refuse(reason) => self.with(state, [reason], |this, state, [reason]| {
                let mut state = Some(state);
                let codes = match reason {
                    Value::List(codes) => codes,
                    one => vec![one],
                };
                for code in codes {
                    if let (Value::Int(code), Some(before)) = (code, state.take()) {
                        state = this.code(before, code, at);
                    }
                }
                Self::give_if(state, Value::Verdict(Arc::new(Verdict::Refuse)))
            }),
            ExprKind::Hold(reason) => self.with(state, [reason], |_, state, _| {
                Self::give(state, Value::Verdict(Arc::new(Verdict::Hold)))
            }),
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
            ExprKind::Route => {
                let none = self.terms.int(0);
                Self::give(state, Value::Route(none))
            }
            ExprKind::Queue(route, code) => {
                self.with(state, [route, code], |this, state, [route, code]| {
                    let Value::Int(code) = code else {
                        return Ok(Vec::new());
                    };
                    Self::give_if(this.code(state, code, at), route)
                })
            }
            ExprKind::Priority(route, number) => {
                self.with(state, [route, number], |this, state, values| {
                    this.wished(state, values, PRIORITIES, at)
                })
            }
            ExprKind::Within(_, route, number) => {
                self.with(state, [route, number], |this, state, values| {
                    this.wished(state, values, SPANS, at)
                })
            }
            ExprKind::Since(route, _) => self.expr(state, route),
            ExprKind::Oblige(route, code) => {
                self.with(state, [route, code], |this, state, [route, code]| {
                    let (Value::Route(count), Value::Int(code)) = (route, code) else {
                        return Ok(Vec::new());
                    };
                    let Some(state) = this.code(state, code, at) else {
                        return Ok(Vec::new());
                    };
                    let one = this.terms.int(1);
                    let count = this.terms.add(count, one);
                    let state = this.at_most(state, count, OBLIGATIONS_MAX, at);
                    Self::give_if(state, Value::Route(count))
                })
            }
            ExprKind::Call(id, args) => {
                let parts: Vec<&Expr> = args.iter().collect();
                let mut flows = Vec::new();
                for (state, values) in self.all(state, &parts)? {
                    match values {
                        Ok(values) => {
                            let ends = self.call(state, *id, values)?;
                            flows.extend(
                                ends.into_iter()
                                    .map(|(state, value)| (state, Flow::Value(value))),
                            );
                        }
                        Err(flow) => flows.push((state, flow)),
                    }
                }
                Ok(flows)
            }
            ExprKind::If {
                site,
                condition,
                then,
                otherwise,
            } => {
                let from = state.conditions.len();
                let flows = self.with(state, [condition], |this, state, [condition]| {
                    let Value::Bool(condition) = condition else {
                        return Ok(Vec::new());
                    };
                    let mut flows = Vec::new();
                    if let Some(state) = this.branch(&state, condition, *site, 0) {
                        flows.extend(this.expr(state, then)?);
                    }
                    let not = this.terms.not(condition);
                    if let Some(state) = this.branch(&state, not, *site, 1) {
                        flows.extend(this.expr(state, otherwise)?);
                    }
                    Ok(flows)
                })?;
                self.merge(from, flows)
            }
            ExprKind::Switch {
                site,
                value,
                arms,
                default,
            } => {
                let from = state.conditions.len();
                let flows = self.with(state, [value], |this, state, [value]| {
                    this.switch(state, &value, *site, arms, default)
                })?;
                self.merge(from, flows)
            }
            ExprKind::Block(statements, value) => self.block(state, statements, value),
            ExprKind::Return(inner) => {
                let flows = self.expr(state, inner)?;
                Ok(flows
                    .into_iter()
                    .map(|(state, flow)| match flow {
                        Flow::Value(value) => (state, Flow::Return(value)),
                        other => (state, other),
                    })
                    .collect())
            }
            ExprKind::Break => Ok(vec![(state, Flow::Break)]),
            ExprKind::Continue => Ok(vec![(state, Flow::Continue)]),
        }
    }

    /// Goes into a branch, and notes when it is reached.
    fn branch(
        &mut self,
        state: &State,
        condition: Term,
        site: SiteId,
        branch: usize,
    ) -> Option<State> {
        let inside = self.assume(state, condition)?;
        let reached = self.terms.and(&inside.conditions);
        let known = self.meaning.branches.entry((site.0, branch)).or_default();
        known.push(reached);
        Some(inside)
    }

    fn logic(&mut self, state: State, parts: &[(SiteId, Expr)], all: bool) -> Results {
        let from = state.conditions.len();
        let mut open = vec![state];
        let mut flows: Flows = Vec::new();
        for (site, part) in parts {
            let mut next = Vec::new();
            for state in std::mem::take(&mut open) {
                for (state, flow) in self.expr(state, part)? {
                    let Flow::Value(Value::Bool(value)) = flow else {
                        flows.push((state, flow));
                        continue;
                    };
                    let not = self.terms.not(value);
                    let (yes, no) = (
                        self.branch(&state, value, *site, 0),
                        self.branch(&state, not, *site, 1),
                    );
                    let (goes_on, ends) = if all { (yes, no) } else { (no, yes) };
                    next.extend(goes_on);
                    let decided = self.terms.bool(!all);
                    flows.extend(ends.map(|state| (state, Flow::Value(Value::Bool(decided)))));
                }
            }
            open = next;
        }
        let whole = self.terms.bool(all);
        flows.extend(
            open.into_iter()
                .map(|state| (state, Flow::Value(Value::Bool(whole)))),
        );
        self.merge(from, flows)
    }

    fn arithmetic(&mut self, state: State, op: IntOp, a: Term, b: Term, at: TextSize) -> Results {
        let value = match op {
            IntOp::Add => self.terms.add(a, b),
            IntOp::Sub => self.terms.sub(a, b),
            IntOp::Mul => self.terms.mul(a, b),
            IntOp::Div | IntOp::Rem => {
                let zero = self.terms.int(0);
                let is_zero = self.terms.same(b, zero);
                let not = self.terms.not(is_zero);
                let Some(state) = self.require(state, not, at) else {
                    return Ok(Vec::new());
                };
                let quotient = self.quotient(a, b);
                if op == IntOp::Div {
                    return self.checked(state, quotient, at);
                }
                let fits = self.fits(quotient, INT);
                let back = self.terms.mul(quotient, b);
                let rest = self.terms.sub(a, back);
                let state = self.require(state, fits, at);
                return Self::give_if(state, Value::Int(rest));
            }
        };
        self.checked(state, value, at)
    }

    /// Whether two values of one type are equal; sums of two currencies are not.
    fn equal(&mut self, left: &Value, right: &Value) -> Term {
        match (left, right) {
            (Value::Int(a), Value::Int(b)) => self.terms.same(*a, *b),
            (Value::Bool(a), Value::Bool(b)) => {
                let not = self.terms.not(*b);
                self.terms.ite(*a, *b, not)
            }
            (
                Value::Money { currency, minor },
                Value::Money {
                    currency: other,
                    minor: b,
                },
            ) => {
                let same = self.terms.same(*currency, *other);
                let equal = self.terms.same(*minor, *b);
                self.terms.and(&[same, equal])
            }
            // A sum beside an integer is compared by its minor units alone.
            (Value::Money { minor, .. }, Value::Int(other))
            | (Value::Int(other), Value::Money { minor, .. }) => self.terms.same(*minor, *other),
            (Value::Optional(a, x), Value::Optional(b, y)) => {
                let equal = self.equal(x, y);
                let (no_a, no_b) = (self.terms.not(*a), self.terms.not(*b));
                let neither = self.terms.and(&[no_a, no_b]);
                let both = self.terms.and(&[*a, *b, equal]);
                self.terms.or(&[neither, both])
            }
            (Value::Optional(known, _), Value::Unit) | (Value::Unit, Value::Optional(known, _)) => {
                self.terms.not(*known)
            }
            (Value::Optional(known, value), other) | (other, Value::Optional(known, value)) => {
                let equal = self.equal(value, other);
                self.terms.and(&[*known, equal])
            }
            (Value::Unit, Value::Unit) => self.terms.bool(true),
            _ => self.terms.bool(false),
        }
    }

    fn compare(
        &mut self,
        state: State,
        op: CompareOp,
        left: Value,
        right: Value,
        at: TextSize,
    ) -> Results {
        let mut state = Some(state);
        if let (
            Value::Money { currency, .. },
            Value::Money {
                currency: other, ..
            },
        ) = (&left, &right)
        {
            let same = self.terms.same(*currency, *other);
            state = state.and_then(|state| self.require(state, same, at));
        }
        let value = match op {
            CompareOp::Eq => self.equal(&left, &right),
            CompareOp::Ne => {
                let equal = self.equal(&left, &right);
                self.terms.not(equal)
            }
            _ => {
                let (a, b) = match (left, right) {
                    (
                        Value::Int(a) | Value::Money { minor: a, .. },
                        Value::Int(b) | Value::Money { minor: b, .. },
                    ) => (a, b),
                    _ => return Err(self.no_formula("this comparison", at)),
                };
                match op {
                    CompareOp::Lt => self.terms.less(a, b),
                    CompareOp::Le => self.terms.at_most(a, b),
                    CompareOp::Gt => self.terms.less(b, a),
                    _ => self.terms.at_most(b, a),
                }
            }
        };
        Self::give_if(state, Value::Bool(value))
    }

    fn switch(
        &mut self,
        state: State,
        value: &Value,
        site: SiteId,
        arms: &[Arm],
        default: &Expr,
    ) -> Results {
        let mut flows = Vec::new();
        let mut open = vec![state];
        for (number, arm) in arms.iter().enumerate() {
            let mut fits = Vec::new();
            for pattern in &arm.patterns {
                fits.push(self.pattern(value, pattern));
            }
            let fits = self.terms.or(&fits);
            let misses = self.terms.not(fits);
            let mut next = Vec::new();
            for state in std::mem::take(&mut open) {
                next.extend(self.assume(&state, misses));
                let Some(inside) = self.assume(&state, fits) else {
                    continue;
                };
                let Some(guard) = &arm.guard else {
                    let yes = self.terms.bool(true);
                    if let Some(inside) = self.branch(&inside, yes, site, number) {
                        flows.extend(self.expr(inside, &arm.body)?);
                    }
                    continue;
                };
                for (state, flow) in self.expr(inside, guard)? {
                    let Flow::Value(Value::Bool(guard)) = flow else {
                        flows.push((state, flow));
                        continue;
                    };
                    let not = self.terms.not(guard);
                    next.extend(self.assume(&state, not));
                    if let Some(inside) = self.branch(&state, guard, site, number) {
                        flows.extend(self.expr(inside, &arm.body)?);
                    }
                }
            }
            open = next;
        }
        for state in open {
            let yes = self.terms.bool(true);
            if let Some(state) = self.branch(&state, yes, site, arms.len()) {
                flows.extend(self.expr(state, default)?);
            }
        }
        Ok(flows)
    }

    fn pattern(&mut self, value: &Value, pattern: &Pattern) -> Term {
        let (known, value) = match value {
            Value::Optional(known, value) => (*known, &**value),
            value => (self.terms.bool(true), value),
        };
        let fits = match (pattern, value) {
            (Pattern::Unit, Value::Unit) => return self.terms.bool(true),
            (Pattern::Unit, _) => return self.terms.not(known),
            (Pattern::Bool(wanted), Value::Bool(value)) => match wanted {
                true => *value,
                false => self.terms.not(*value),
            },
            (Pattern::Int(wanted), Value::Int(value)) => {
                let wanted = self.terms.int((*wanted).into());
                self.terms.same(*value, wanted)
            }
            (Pattern::Ints(least, most), Value::Int(value)) => {
                self.fits(*value, ((*least).into(), (*most).into()))
            }
            (Pattern::Text(id), Value::Int(value)) => {
                let text = self.setting.program.text(*id).cloned().unwrap_or_default();
                let number = self.names.text(&text);
                let wanted = self.terms.int(number);
                self.terms.same(*value, wanted)
            }
            _ => self.terms.bool(false),
        };
        self.terms.and(&[known, fits])
    }

    fn lookup(&mut self, state: State, table: usize, inputs: &[Expr], at: TextSize) -> Results {
        let Some(rows) = self.setting.tables.iter().nth(table) else {
            return Ok(Vec::new());
        };
        let parts: Vec<&Expr> = inputs.iter().collect();
        let mut flows = Vec::new();
        for (state, values) in self.all(state, &parts)? {
            let values = match values {
                Ok(values) => values,
                Err(flow) => {
                    flows.push((state, flow));
                    continue;
                }
            };
            let mut within = Vec::new();
            for (column, value) in rows.inputs().iter().zip(&values) {
                use redress_model::table::CellType;
                within.push(match (&column.ty, value) {
                    (CellType::Int { min, max }, Value::Int(value)) => {
                        self.fits(*value, ((*min).into(), (*max).into()))
                    }
                    (CellType::Date { from, to }, Value::Int(value)) => {
                        self.fits(*value, (from.days().into(), to.days().into()))
                    }
                    (CellType::Enum(texts), Value::Int(value)) => {
                        let mut any = Vec::new();
                        for text in texts.iter() {
                            let number = self.names.text(text);
                            let number = self.terms.int(number);
                            any.push(self.terms.same(*value, number));
                        }
                        self.terms.or(&any)
                    }
                    _ => self.terms.bool(true),
                });
            }
            let within = self.terms.and(&within);
            let Some(state) = self.require(state, within, at) else {
                continue;
            };
            // The table answers every question within its ranges: the last row is the rest.
            let mut row: Option<Term> = None;
            for (number, candidate) in rows.rows().iter().enumerate().rev() {
                let number = self.terms.int(i128::try_from(number).unwrap_or(i128::MAX));
                row = Some(match row {
                    None => number,
                    Some(others) => {
                        let fits = self.matches(&candidate.matchers, &values);
                        self.terms.ite(fits, number, others)
                    }
                });
            }
            if let Some(row) = row {
                flows.push((state, Flow::Value(Value::Row(table, row))));
            }
        }
        Ok(flows)
    }

    fn matches(&mut self, matchers: &[Matcher], values: &[Value]) -> Term {
        let mut all = Vec::new();
        for (matcher, value) in matchers.iter().zip(values) {
            all.push(match (matcher, value) {
                (Matcher::Bool(true), Value::Bool(value)) => *value,
                (Matcher::Bool(false), Value::Bool(value)) => self.terms.not(*value),
                (Matcher::Ints(least, most), Value::Int(value)) => {
                    self.fits(*value, ((*least).into(), (*most).into()))
                }
                (Matcher::Dates(from, to), Value::Int(value)) => {
                    self.fits(*value, (from.days().into(), to.days().into()))
                }
                (Matcher::OneOf(texts), Value::Int(value)) => {
                    let mut any = Vec::new();
                    for text in texts.iter() {
                        let number = self.names.text(text);
                        let number = self.terms.int(number);
                        any.push(self.terms.same(*value, number));
                    }
                    self.terms.or(&any)
                }
                _ => self.terms.bool(true),
            });
        }
        self.terms.and(&all)
    }

    fn column(&mut self, table: usize, row: Term, place: usize) -> Option<Value> {
        let rows = self.setting.tables.iter().nth(table)?;
        let mut chosen: Option<Value> = None;
        for (number, candidate) in rows.rows().iter().enumerate() {
            let value = match candidate.outputs.get(place)? {
                Fact::Bool(value) => Value::Bool(self.terms.bool(*value)),
                Fact::Int(value) => Value::Int(self.terms.int((*value).into())),
                Fact::Date(date) => Value::Int(self.terms.int(date.days().into())),
                Fact::Money(money) => {
                    let currency = self.names.currency(money.currency());
                    Value::Money {
                        currency: self.terms.int(currency),
                        minor: self.terms.int(money.minor().into()),
                    }
                }
                Fact::Text(text) => {
                    let number = self.names.text(text);
                    Value::Int(self.terms.int(number))
                }
                _ => return None,
            };
            chosen = Some(match chosen {
                None => value,
                Some(others) => {
                    let number = self.terms.int(i128::try_from(number).ok()?);
                    let is = self.terms.same(row, number);
                    Value::choose(self.terms, is, &value, &others)?
                }
            });
        }
        chosen
    }

    fn block(&mut self, state: State, statements: &[Stmt], value: &Expr) -> Results {
        let mut open = vec![state];
        let mut flows: Flows = Vec::new();
        for statement in statements {
            let mut next = Vec::new();
            for state in std::mem::take(&mut open) {
                for (state, flow) in self.statement(state, statement)? {
                    match flow {
                        Flow::Value(_) => next.push(state),
                        other => flows.push((state, other)),
                    }
                }
            }
            open = next;
        }
        for state in open {
            flows.extend(self.expr(state, value)?);
        }
        Ok(flows)
    }

    fn set(state: &mut State, local: ir::LocalId, value: Value) {
        let place = usize::try_from(local.0).unwrap_or(usize::MAX);
        if let Some(local) = state.locals.get_mut(place) {
            *local = value;
        }
    }

    fn statement(&mut self, state: State, statement: &Stmt) -> Results {
        match &statement.kind {
            StmtKind::Set(local, value) => {
                let flows = self.expr(state, value)?;
                Ok(flows
                    .into_iter()
                    .map(|(mut state, flow)| match flow {
                        Flow::Value(value) => {
                            Self::set(&mut state, *local, value);
                            (state, Flow::Value(Value::Unit))
                        }
                        other => (state, other),
                    })
                    .collect())
            }
            StmtKind::Expr(value) => {
                let from = state.conditions.len();
                let flows = self.expr(state, value)?;
                let flows = flows
                    .into_iter()
                    .map(|(state, flow)| match flow {
                        Flow::Value(_) => (state, Flow::Value(Value::Unit)),
                        other => (state, other),
                    })
                    .collect();
                self.merge(from, flows)
            }
            StmtKind::For {
                items,
                item,
                counter,
                body,
                ..
            } => {
                let from = state.conditions.len();
                let mut flows: Flows = Vec::new();
                for (state, values) in self.iterated(state, items)? {
                    let values = match values {
                        Ok(values) => values,
                        Err(flow) => {
                            flows.push((state, flow));
                            continue;
                        }
                    };
                    let mut open = vec![state];
                    for (number, value) in values.into_iter().enumerate() {
                        let mut next: Flows = Vec::new();
                        for mut state in std::mem::take(&mut open) {
                            Self::set(&mut state, *item, value.clone());
                            if let Some(counter) = counter {
                                let number = i128::try_from(number).unwrap_or(i128::MAX);
                                let number = Value::Int(self.terms.int(number));
                                Self::set(&mut state, *counter, number);
                            }
                            for (state, flow) in self.expr(state, body)? {
                                match flow {
                                    Flow::Value(_) | Flow::Continue => {
                                        next.push((state, Flow::Value(Value::Unit)));
                                    }
                                    Flow::Break => flows.push((state, Flow::Value(Value::Unit))),
                                    other => flows.push((state, other)),
                                }
                            }
                        }
                        let next = self.merge(from, next)?;
                        open = next.into_iter().map(|(state, _)| state).collect();
                    }
                    flows.extend(
                        open.into_iter()
                            .map(|state| (state, Flow::Value(Value::Unit))),
                    );
                }
                self.merge(from, flows)
            }
        }
    }

    fn iterated(&mut self, state: State, items: &Iterated) -> Result<Many, Unmodelled> {
        match items {
            Iterated::List(list) => {
                let flows = self.expr(state, list)?;
                Ok(flows
                    .into_iter()
                    .map(|(state, flow)| match flow {
                        Flow::Value(Value::List(items)) => (state, Ok(items)),
                        other => (state, Err(other)),
                    })
                    .collect())
            }
            Iterated::Range {
                from,
                to,
                inclusive,
                ..
            } => {
                let mut ranges: Many = Vec::new();
                for (state, ends) in self.all(state, &[from, to])? {
                    let ends = match ends {
                        Ok(ends) => ends,
                        Err(flow) => {
                            ranges.push((state, Err(flow)));
                            continue;
                        }
                    };
                    let [Value::Int(first), Value::Int(last)] = ends.as_slice() else {
                        continue;
                    };
                    let known = (self.terms.as_int(*first), self.terms.as_int(*last));
                    let (Some(first), Some(last)) = known else {
                        return Err(self.no_formula("a range whose ends vary", from.at));
                    };
                    let last = if *inclusive {
                        last
                    } else {
                        last.saturating_sub(1)
                    };
                    let numbers: Vec<i128> = (first..=last).take(1_000).collect();
                    let numbers = numbers
                        .into_iter()
                        .map(|number| Value::Int(self.terms.int(number)));
                    let numbers = numbers.collect();
                    ranges.push((state, Ok(numbers)));
                }
                Ok(ranges)
            }
        }
    }
}
