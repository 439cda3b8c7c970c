//! Lists and tables.

use redress_compiler::ir::{Expr, ExprKind};
use redress_model::Value as Fact;
use redress_model::table::Matcher;
use rowan::TextSize;
use smol_str::SmolStr;

use super::expr::Results;
use super::{Flow, Runner, State, Value};
use crate::term::Term;

impl Runner<'_, '_> {
    /// Lists and tables.
    pub(super) fn listed(&mut self, state: State, expr: &Expr) -> Results {
        let at = expr.at;
        match &expr.kind {
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
            _ => Err(self.no_formula("this construct", at)),
        }
    }

    pub(super) fn lookup(
        &mut self,
        state: State,
        table: usize,
        inputs: &[Expr],
        at: TextSize,
    ) -> Results {
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
                    (CellType::Enum(texts), Value::Int(value)) => self.one_of(*value, texts),
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

    /// Whether a text, by its number, is one of several.
    fn one_of(&mut self, text: Term, texts: &[SmolStr]) -> Term {
        let mut any = Vec::new();
        for other in texts {
            let number = self.names.text(other);
            let number = self.terms.int(number);
            any.push(self.terms.same(text, number));
        }
        self.terms.or(&any)
    }

    pub(super) fn matches(&mut self, matchers: &[Matcher], values: &[Value]) -> Term {
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
                (Matcher::OneOf(texts), Value::Int(value)) => self.one_of(*value, texts),
                _ => self.terms.bool(true),
            });
        }
        self.terms.and(&all)
    }

    pub(super) fn column(&mut self, table: usize, row: Term, place: usize) -> Option<Value> {
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
}
