//! What decides which expression comes next.

use redress_compiler::ir::{self, Arm, Expr, ExprKind, Iterated, Pattern, SiteId, Stmt, StmtKind};

use super::expr::{Many, Results};
use super::{Flow, Flows, Runner, State, Unmodelled, Value};
use crate::term::Term;

impl Runner<'_, '_> {
    /// What decides which expression comes next.
    pub(super) fn controlled(&mut self, state: State, expr: &Expr) -> Results {
        let at = expr.at;
        match &expr.kind {
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
            _ => Err(self.no_formula("this construct", at)),
        }
    }

    /// Goes into a branch, and notes when it is reached.
    pub(super) fn branch(
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

    pub(super) fn switch(
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

    pub(super) fn pattern(&mut self, value: &Value, pattern: &Pattern) -> Term {
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

    pub(super) fn block(&mut self, state: State, statements: &[Stmt], value: &Expr) -> Results {
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

    pub(super) fn set(state: &mut State, local: ir::LocalId, value: Value) {
        let place = usize::try_from(local.0).unwrap_or(usize::MAX);
        if let Some(local) = state.locals.get_mut(place) {
            *local = value;
        }
    }

    pub(super) fn statement(&mut self, state: State, statement: &Stmt) -> Results {
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

    pub(super) fn iterated(&mut self, state: State, items: &Iterated) -> Result<Many, Unmodelled> {
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
