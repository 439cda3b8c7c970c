//! Numbers, sums, dates, texts and truth values.

use redress_compiler::ir::{CompareOp, Expr, ExprKind, IntOp, SiteId, SpanUnit};
use rowan::TextSize;

use super::expr::Results;
use super::{DAYS, Flow, Flows, INT, Runner, State, Value, rounding};
use crate::term::Term;

impl Runner<'_, '_> {
    /// Numbers, sums, dates, texts and truth values.
    pub(super) fn computed(&mut self, state: State, expr: &Expr) -> Results {
        let at = expr.at;
        match &expr.kind {
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
            _ => Err(self.no_formula("this construct", at)),
        }
    }

    pub(super) fn logic(&mut self, state: State, parts: &[(SiteId, Expr)], all: bool) -> Results {
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

    pub(super) fn arithmetic(
        &mut self,
        state: State,
        op: IntOp,
        a: Term,
        b: Term,
        at: TextSize,
    ) -> Results {
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
    pub(super) fn equal(&mut self, left: &Value, right: &Value) -> Term {
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

    pub(super) fn compare(
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

    /// An integer that must fit 64 bits.
    pub(super) fn checked(&mut self, state: State, term: Term, at: TextSize) -> Results {
        let fits = self.fits(term, INT);
        let state = self.require(state, fits, at);
        Self::give_if(state, Value::Int(term))
    }

    pub(super) fn checked_money(
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

    pub(super) fn abs(&mut self, term: Term) -> Term {
        rounding::abs(self.terms, term)
    }

    pub(super) fn quotient(&mut self, left: Term, right: Term) -> Term {
        rounding::quotient(self.terms, left, right)
    }

    pub(super) fn share(&mut self, sum: Term, numerator: Term, denominator: Term) -> Term {
        rounding::share(
            self.terms,
            self.setting.rounding,
            sum,
            numerator,
            denominator,
        )
    }
}
