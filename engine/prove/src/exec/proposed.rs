//! Remedies, verdicts and routes.

use std::sync::Arc;

use redress_abi::{OBLIGATIONS_MAX, REASONS_MAX, REMEDIES_MAX};
use redress_compiler::ir::{self, Amount, Expr, ExprKind};
use rowan::TextSize;

use super::expr::Results;
use super::{Ground, Remedy, Runner, State, Value, Verdict};

/// What a priority and the length of a deadline may be.
const PRIORITIES: (i128, i128) = (1, 9);
const SPANS: (i128, i128) = (0, 10_000);

impl Runner<'_, '_> {
    /// Remedies, verdicts and routes.
    pub(super) fn proposed(&mut self, state: State, expr: &Expr) -> Results {
        let at = expr.at;
        match &expr.kind {
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
            _ => Err(self.no_formula("this construct", at)),
        }
    }

    /// A route with a wish that is a number within a range.
    pub(super) fn wished(
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
}
