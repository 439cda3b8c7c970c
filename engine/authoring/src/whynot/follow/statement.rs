//! Statements: what they bind, where they leave a function, and what they pass over.

use redress_compiler::ir::{Expr, ExprKind, Iterated, Stmt, StmtKind};

use super::value::{Bend, Causes, Made, Plain};
use super::{Flow, Follower, Frame, Halt, Result, Why};

/// The most rounds of one loop.
const ROUNDS_MAX: i128 = 100_000;

impl Frame {
    /// What an expression that was not come to would have done here: its variables keep
    /// their values because of that, and the function goes on.
    pub(super) fn would(&mut self, expr: &Expr, causes: &Causes) {
        match &expr.kind {
            ExprKind::Return(_) => self.passed.add(causes),
            ExprKind::Block(statements, _) => {
                for statement in statements {
                    if let StmtKind::Set(local, _) = &statement.kind {
                        let place = usize::try_from(local.0).unwrap_or(usize::MAX);
                        if let Some(local) = self.locals.get_mut(place) {
                            local.causes.add(causes);
                        }
                    }
                }
            }
            _ => {}
        }
        expr.each_within(&mut |part| self.would(part, causes));
    }
}

impl<'p> Follower<'p, '_> {
    pub(super) fn block(
        &mut self,
        frame: &mut Frame,
        statements: &'p [Stmt],
        value: &'p Expr,
    ) -> Result<Flow> {
        let mut rest = statements.iter();
        while let Some(statement) = rest.next() {
            let flow = self.statement(frame, statement)?;
            if matches!(flow, Flow::Value(_)) {
                continue;
            }
            if let Flow::Return(_, Some(why)) = &flow {
                for statement in rest {
                    statement.each_part(&mut |expr| self.skip(frame, expr, why));
                }
                self.skip(frame, value, why);
            }
            return Ok(flow);
        }
        self.expr(frame, value)
    }

    fn statement(&mut self, frame: &mut Frame, statement: &'p Stmt) -> Result<Flow> {
        let done = Flow::Value(Made::constant(Plain::Unit));
        match &statement.kind {
            StmtKind::Set(local, value) => match self.expr(frame, value)? {
                Flow::Value(made) => {
                    frame.set(*local, made);
                    Ok(done)
                }
                other => Ok(other),
            },
            StmtKind::Expr(value) => match self.expr(frame, value)? {
                Flow::Value(_) => Ok(done),
                other => Ok(other),
            },
            StmtKind::For {
                items,
                item,
                counter,
                body,
                ..
            } => {
                let (values, causes) = match self.iterated(frame, items)? {
                    Ok(values) => values,
                    Err(flow) => return Ok(flow),
                };
                if values.is_empty() {
                    let why = Why {
                        condition: statement.span,
                        held: None,
                        causes: causes.clone(),
                    };
                    self.skip(frame, body, &why);
                }
                frame.within.push(causes);
                let mut flow = done;
                for (number, value) in (0_i128..).zip(values) {
                    frame.set(*item, value);
                    if let Some(counter) = counter {
                        frame.set(*counter, Made::int(number));
                    }
                    match self.expr(frame, body)? {
                        Flow::Value(_) | Flow::Continue => {}
                        Flow::Break => break,
                        returned @ Flow::Return(..) => {
                            flow = returned;
                            break;
                        }
                    }
                }
                frame.within.pop();
                Ok(flow)
            }
        }
    }

    /// What a loop goes through, and what made it so much.
    fn iterated(
        &mut self,
        frame: &mut Frame,
        items: &'p Iterated,
    ) -> Result<std::result::Result<(Vec<Made>, Causes), Flow>> {
        match items {
            Iterated::List(list) => match self.expr(frame, list)? {
                Flow::Value(Made {
                    plain: Plain::List(values),
                    causes,
                    ..
                }) => Ok(Ok((values, causes))),
                Flow::Value(_) => Err(Halt::Failed(list.span)),
                other => Ok(Err(other)),
            },
            Iterated::Range {
                from,
                to,
                inclusive,
                ..
            } => {
                let mut ends = Vec::new();
                let mut causes = Causes::default();
                for end in [from, to] {
                    match self.expr(frame, end)? {
                        Flow::Value(Made {
                            plain: Plain::Int(number, bend),
                            causes: own,
                            ..
                        }) => {
                            if bend != Bend::FLAT {
                                self.pin();
                            }
                            causes.add(&own);
                            ends.push(number);
                        }
                        Flow::Value(_) => return Err(Halt::Failed(end.span)),
                        other => return Ok(Err(other)),
                    }
                }
                let [first, last] = ends.as_slice() else {
                    return Err(Halt::Failed(from.span));
                };
                let end = last.saturating_add(i128::from(*inclusive));
                if end.saturating_sub(*first) > ROUNDS_MAX {
                    return Err(Halt::Failed(from.span));
                }
                Ok(Ok(((*first..end).map(Made::int).collect(), causes)))
            }
        }
    }
}
