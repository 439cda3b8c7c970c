//! Expressions.

use redress_compiler::ir::{Arm, Expr, ExprKind, Pattern, SiteId};
use redress_model::{FactType, Slot, Value as Fact};
use rowan::TextRange;
use smol_str::SmolStr;

use super::value::{Bend, Causes, Made, Plain};
use super::{EXPRESSIONS_MAX, Flow, Follower, Frame, Halt, Result, Why};

/// The values of several expressions, or how the first of them left.
type Parts = std::result::Result<Vec<Made>, Flow>;

impl<'p> Follower<'p, '_> {
    fn parts(
        &mut self,
        frame: &mut Frame,
        parts: impl IntoIterator<Item = &'p Expr>,
    ) -> Result<Parts> {
        let mut values = Vec::new();
        for part in parts {
            match self.expr(frame, part)? {
                Flow::Value(made) => values.push(made),
                other => return Ok(Err(other)),
            }
        }
        Ok(Ok(values))
    }

    pub(super) fn expr(&mut self, frame: &mut Frame, expr: &'p Expr) -> Result<Flow> {
        self.expressions += 1;
        if self.expressions > EXPRESSIONS_MAX {
            return Err(Halt::Failed(expr.span));
        }
        let flow = self.kind(frame, expr)?;
        if matches!(flow, Flow::Value(_)) {
            self.fire(expr);
        }
        Ok(flow)
    }

    fn kind(&mut self, frame: &mut Frame, expr: &'p Expr) -> Result<Flow> {
        let program = self.script.program;
        let give = |plain: Plain| Ok(Flow::Value(Made::constant(plain)));
        match &expr.kind {
            ExprKind::Unit => give(Plain::Unit),
            ExprKind::Bool(value) => give(Plain::Bool(*value)),
            ExprKind::Int(value) => give(Plain::Int((*value).into(), Bend::FLAT)),
            ExprKind::Text(id) => give(Plain::Text(program.text(*id).cloned().unwrap_or_default())),
            ExprKind::Money(money) => give(Plain::Money(
                money.minor().into(),
                money.currency(),
                Bend::FLAT,
            )),
            ExprKind::Date(date) => give(Plain::Int(date.days().into(), Bend::FLAT)),
            ExprKind::Local(id) => Ok(Flow::Value(frame.local(*id))),
            ExprKind::Fact(slot) => match self.fact(*slot, expr.span) {
                Some(made) => Ok(Flow::Value(made)),
                None => Err(Halt::Unknown(*slot)),
            },
            ExprKind::MaybeFact(slot) => {
                let unknown = || Made::new(Plain::Unit, Causes::of(*slot, expr.span));
                Ok(Flow::Value(
                    self.fact(*slot, expr.span).unwrap_or_else(unknown),
                ))
            }
            ExprKind::Widen(inner) => self.expr(frame, inner),
            ExprKind::Coalesce {
                site,
                value,
                default,
            } => match self.expr(frame, value)? {
                Flow::Value(made) if made.plain == Plain::Unit => {
                    self.branches.insert((*site, 1));
                    let why = Why {
                        condition: value.span,
                        held: None,
                        causes: made.causes,
                    };
                    self.branch(frame, default, &why)
                }
                Flow::Value(made) => {
                    self.branches.insert((*site, 0));
                    let why = Why {
                        condition: value.span,
                        held: None,
                        causes: made.causes.clone(),
                    };
                    self.skip(frame, default, &why);
                    Ok(Flow::Value(made))
                }
                other => Ok(other),
            },
            ExprKind::And(parts) => self.logic(frame, parts, true),
            ExprKind::Or(parts) => self.logic(frame, parts, false),
            ExprKind::If {
                site,
                condition,
                then,
                otherwise,
            } => {
                let made = match self.expr(frame, condition)? {
                    Flow::Value(made) => made,
                    other => return Ok(other),
                };
                let Plain::Bool(holds) = made.plain else {
                    return Err(Halt::Failed(expr.span));
                };
                let (at, held) = made.decided.unwrap_or((condition.span, holds));
                let why = Why {
                    condition: at,
                    held: Some(held),
                    causes: made.causes,
                };
                let (taken, left) = if holds {
                    (then, otherwise)
                } else {
                    (otherwise, then)
                };
                self.branches.insert((*site, usize::from(!holds)));
                self.skip(frame, left, &why);
                self.branch(frame, taken, &why)
            }
            ExprKind::Switch {
                site,
                value,
                arms,
                default,
            } => match self.expr(frame, value)? {
                Flow::Value(made) => self.switch(frame, (*site, value.span), &made, arms, default),
                other => Ok(other),
            },
            ExprKind::Block(statements, value) => self.block(frame, statements, value),
            ExprKind::Return(inner) => Ok(match self.expr(frame, inner)? {
                Flow::Value(made) => Flow::Return(made, None),
                other => other,
            }),
            ExprKind::Break => Ok(Flow::Break),
            ExprKind::Continue => Ok(Flow::Continue),
            ExprKind::Call(id, args) => match self.parts(frame, args)? {
                Ok(args) => Ok(Flow::Value(self.call(*id, args, expr.span)?)),
                Err(flow) => Ok(flow),
            },
            _ => {
                let mut parts: Vec<&'p Expr> = Vec::new();
                expr.each_part(&mut |part| parts.push(part));
                match self.parts(frame, parts)? {
                    Ok(values) => Ok(Flow::Value(self.made(expr, values)?)),
                    Err(flow) => Ok(flow),
                }
            }
        }
    }

    /// A branch that was taken: what comes of it, the condition made so.
    fn branch(&mut self, frame: &mut Frame, taken: &'p Expr, why: &Why) -> Result<Flow> {
        frame.within.push(why.causes.clone());
        let flow = self.expr(frame, taken);
        frame.within.pop();
        Ok(match flow? {
            Flow::Value(mut made) => {
                made.causes.add(&why.causes);
                Flow::Value(made)
            }
            Flow::Return(mut made, inner) => {
                made.causes.add(&why.causes);
                Flow::Return(made, inner.or_else(|| Some(why.clone())))
            }
            other => other,
        })
    }

    fn logic(&mut self, frame: &mut Frame, parts: &'p [(SiteId, Expr)], all: bool) -> Result<Flow> {
        let mut seen = Causes::default();
        let mut rest = parts.iter();
        while let Some((site, part)) = rest.next() {
            let made = match self.expr(frame, part)? {
                Flow::Value(made) => made,
                other => return Ok(other),
            };
            let Plain::Bool(holds) = made.plain else {
                return Err(Halt::Failed(part.span));
            };
            self.branches.insert((*site, usize::from(!holds)));
            if holds != all {
                let decided = made.decided.unwrap_or((part.span, holds));
                let why = Why {
                    condition: decided.0,
                    held: Some(decided.1),
                    causes: made.causes.clone(),
                };
                for (_, part) in rest {
                    self.skip(frame, part, &why);
                }
                let mut causes = made.causes;
                causes.add(&seen);
                return Ok(Flow::Value(Made {
                    plain: Plain::Bool(holds),
                    causes,
                    decided: Some(decided),
                }));
            }
            seen.add(&made.causes);
        }
        Ok(Flow::Value(Made::new(Plain::Bool(all), seen)))
    }

    fn switch(
        &mut self,
        frame: &mut Frame,
        (site, at): (SiteId, TextRange),
        value: &Made,
        arms: &'p [Arm],
        default: &'p Expr,
    ) -> Result<Flow> {
        let mut why = Why {
            condition: at,
            held: None,
            causes: value.causes.clone(),
        };
        let mut taken = None;
        for (number, arm) in arms.iter().enumerate() {
            if !arm.patterns.iter().any(|it| self.fits(&value.plain, it)) {
                continue;
            }
            let Some(guard) = &arm.guard else {
                taken = Some(number);
                break;
            };
            let made = match self.expr(frame, guard)? {
                Flow::Value(made) => made,
                other => return Ok(other),
            };
            let mut causes = made.causes;
            causes.add(&why.causes);
            if made.plain == Plain::Bool(true) {
                why.causes = causes;
                taken = Some(number);
                break;
            }
            let (condition, held) = made.decided.unwrap_or((guard.span, false));
            let guarded = Why {
                condition,
                held: Some(held),
                causes,
            };
            self.skip(frame, &arm.body, &guarded);
            why.causes.add(&guarded.causes);
        }
        let bodies = arms.iter().map(|arm| &arm.body).enumerate();
        let left = bodies.filter(|(number, _)| Some(*number) != taken);
        let left: Vec<&'p Expr> = left.map(|(_, body)| body).collect();
        for body in left {
            self.skip(frame, body, &why);
        }
        self.branches.insert((site, taken.unwrap_or(arms.len())));
        match taken.and_then(|number| arms.get(number)) {
            Some(arm) => {
                self.skip(frame, default, &why);
                self.branch(frame, &arm.body, &why)
            }
            None => self.branch(frame, default, &why),
        }
    }

    fn fits(&mut self, value: &Plain, pattern: &Pattern) -> bool {
        match (pattern, value) {
            (Pattern::Unit, Plain::Unit) => true,
            (Pattern::Bool(wanted), Plain::Bool(value)) => wanted == value,
            (Pattern::Text(id), Plain::Text(text)) => self.script.program.text(*id) == Some(text),
            (Pattern::Int(wanted), Plain::Int(number, bend)) => {
                let wanted = i128::from(*wanted);
                self.keep_side(*number, *bend, wanted, wanted);
                *number == wanted
            }
            (Pattern::Ints(least, most), Plain::Int(number, bend)) => {
                let (least, most) = (i128::from(*least), i128::from(*most));
                self.keep_side(*number, *bend, least, most);
                (least..=most).contains(number)
            }
            _ => false,
        }
    }

    fn fact(&self, slot: Slot, at: TextRange) -> Option<Made> {
        let ty = &self.script.schema.fact(slot)?.ty;
        let bend = match self.watch {
            Some(watch) if watch.slot == slot => Bend::Line(1),
            _ => Bend::FLAT,
        };
        let plain = plain(ty, self.facts.get(slot)?, bend)?;
        Some(Made::new(plain, Causes::of(slot, at)))
    }
}

/// A fact as the policy sees it.
fn plain(ty: &FactType, value: &Fact, bend: Bend) -> Option<Plain> {
    Some(match (ty, value) {
        (_, Fact::Bool(value)) => Plain::Bool(*value),
        (_, Fact::Int(number)) => Plain::Int((*number).into(), bend),
        (FactType::Enum(texts), Fact::Enum(place)) => {
            Plain::Text(texts.get(usize::from(*place))?.clone())
        }
        (_, Fact::Date(date)) => Plain::Int(date.days().into(), bend),
        (_, Fact::DateTime(at)) => Plain::Int(at.seconds().into(), bend),
        (_, Fact::Money(money)) => Plain::Money(money.minor().into(), money.currency(), bend),
        (_, Fact::Text(text)) => Plain::Text(SmolStr::clone(text)),
        (FactType::List { item, .. }, Fact::List(items)) => {
            let items = items.iter().map(|value| plain(item, value, Bend::FLAT));
            let items: Option<Vec<Plain>> = items.collect();
            Plain::List(items?.into_iter().map(Made::constant).collect())
        }
        _ => return None,
    })
}
