//! Expressions.

use redress_compiler::ir::{Amount, Arm, Expr, ExprKind, Ground, Pattern, SiteId, TextTest};
use redress_model::table::Matcher;
use redress_model::{FactType, Slot, Value as Fact};
use rowan::TextRange;
use smol_str::SmolStr;

use super::value::{Bend, Causes, Given, Made, Plain, Verdict, causes};
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

    /// What an expression makes of the values of its parts.
    fn made(&mut self, expr: &Expr, values: Vec<Made>) -> Result<Made> {
        let causes = causes(&values);
        let failed = || Halt::Failed(expr.span);
        let plains: Vec<Plain> = values.into_iter().map(|made| made.plain).collect();
        let plain = match (&expr.kind, plains.as_slice()) {
            (ExprKind::IsKnown(_), [value]) => Plain::Bool(*value != Plain::Unit),
            (ExprKind::Not(_), [Plain::Bool(value)]) => Plain::Bool(!value),
            (ExprKind::Lookup { table, .. }, inputs) => {
                let row = self.row(*table, inputs);
                Plain::Row(*table, row.ok_or_else(failed)?)
            }
            (ExprKind::Column(_, place), [Plain::Row(table, row)]) => {
                self.cell(*table, *row, *place).ok_or_else(failed)?
            }
            (ExprKind::TextLen(_), [Plain::Text(text)]) => {
                let count = i128::try_from(text.chars().count()).map_err(|_| failed())?;
                Plain::Int(count, Bend::FLAT)
            }
            (ExprKind::TextIsEmpty(_), [Plain::Text(text)]) => Plain::Bool(text.is_empty()),
            (ExprKind::TextTest(test, ..), [Plain::Text(text), Plain::Text(part)]) => {
                let part = part.as_str();
                Plain::Bool(match test {
                    TextTest::Contains => text.contains(part),
                    TextTest::StartsWith => text.starts_with(part),
                    TextTest::EndsWith => text.ends_with(part),
                })
            }
            (ExprKind::Remedy { amount, .. }, [Plain::Text(kind), given]) => {
                let (currency, given) = match (amount, given) {
                    (Amount::Money(_), Plain::Money(minor, currency, _)) => {
                        (Some(*currency), *minor)
                    }
                    (Amount::Units(_), Plain::Int(count, _)) => (None, *count),
                    _ => return Err(failed()),
                };
                Plain::Remedy(Box::new(Given {
                    kind: kind.clone(),
                    amount: given,
                    currency,
                    ground: None,
                }))
            }
            (ExprKind::OnGround { ground, .. }, [Plain::Remedy(remedy), Plain::Text(claim)]) => {
                let ground = match ground {
                    Ground::Statutory => "statutory",
                    Ground::Contractual => "contractual",
                };
                let mut remedy = remedy.clone();
                remedy.ground = Some((ground, claim.clone()));
                Plain::Remedy(remedy)
            }
            (ExprKind::Because { .. }, [Plain::Remedy(remedy), ..]) => {
                Plain::Remedy(remedy.clone())
            }
            (ExprKind::Grant { .. }, [.., Plain::List(remedies)]) => {
                let given = remedies.iter().map(|item| match &item.plain {
                    Plain::Remedy(remedy) => Ok((**remedy).clone()),
                    _ => Err(failed()),
                });
                Plain::Verdict(Verdict::Grant(given.collect::<Result<_>>()?))
            }
            (ExprKind::Refuse(_), [Plain::Text(code)]) => {
                Plain::Verdict(Verdict::Refuse(vec![code.clone()]))
            }
            (ExprKind::Refuse(_), [Plain::List(codes)]) => {
                let codes = codes.iter().map(|item| match &item.plain {
                    Plain::Text(code) => Ok(code.clone()),
                    _ => Err(failed()),
                });
                Plain::Verdict(Verdict::Refuse(codes.collect::<Result<_>>()?))
            }
            (ExprKind::Hold(_), [Plain::Text(code)]) => Plain::Verdict(Verdict::Hold(code.clone())),
            (_, plains) => match self.list(expr, plains, &causes) {
                Some(plain) => plain,
                None => self.number(expr, plains).ok_or_else(failed)?,
            },
        };
        Ok(Made::new(plain, causes))
    }

    /// What is made of lists; `None` where none is, or where it fails.
    fn list(&mut self, expr: &Expr, plains: &[Plain], causes: &Causes) -> Option<Plain> {
        let item = |plain: &Plain| Made::new(plain.clone(), causes.clone());
        Some(match (&expr.kind, plains) {
            (ExprKind::List(_), items) => Plain::List(items.iter().map(item).collect()),
            (
                ExprKind::Concat(..) | ExprKind::Extend(..),
                [Plain::List(one), Plain::List(more)],
            ) => Plain::List(one.iter().chain(more).cloned().collect()),
            (ExprKind::Append(..), [Plain::List(one), last]) => {
                let mut all = one.clone();
                all.push(item(last));
                Plain::List(all)
            }
            (ExprKind::Len(_), [Plain::List(all)]) => {
                Plain::Int(i128::try_from(all.len()).ok()?, Bend::FLAT)
            }
            (ExprKind::Item(..), [Plain::List(all), Plain::Int(place, bend)]) => {
                self.flat(*bend);
                let count = i128::try_from(all.len()).ok()?;
                let from = if *place < 0 { place + count } else { *place };
                all.get(usize::try_from(from).ok()?)?.plain.clone()
            }
            (ExprKind::WithItem { .. }, [Plain::List(all), Plain::Int(place, bend), replaced]) => {
                self.flat(*bend);
                let mut all = all.clone();
                *all.get_mut(usize::try_from(*place).ok()?)? = item(replaced);
                Plain::List(all)
            }
            (ExprKind::Contains(..), [Plain::List(all), wanted]) => {
                let mut found = false;
                for item in all {
                    found |= self.equal(&item.plain, wanted);
                }
                Plain::Bool(found)
            }
            _ => return None,
        })
    }

    /// What hangs on a number in a way that is not followed is known for its value alone.
    pub(super) fn flat(&mut self, bend: Bend) {
        if !bend.is_flat() {
            self.pin();
        }
    }

    /// The row that answers; its neighbours may not move in before the watched number does.
    fn row(&mut self, table: usize, inputs: &[Plain]) -> Option<usize> {
        let rows = self.script.tables.iter().nth(table)?;
        for (column, input) in rows.inputs().iter().zip(inputs) {
            use redress_model::table::CellType;
            let (least, most) = match &column.ty {
                CellType::Int { min, max } => (i128::from(*min), i128::from(*max)),
                CellType::Date { from, to } => (from.days().into(), to.days().into()),
                CellType::Enum(texts) => match input {
                    Plain::Text(text) if texts.contains(text) => continue,
                    _ => return None,
                },
                _ => continue,
            };
            let Plain::Int(number, bend) = input else {
                return None;
            };
            self.keep_side(*number, *bend, least, most);
            if !(least..=most).contains(number) {
                return None;
            }
        }
        for (number, row) in rows.rows().iter().enumerate() {
            let mut accepts = true;
            for (matcher, input) in row.matchers.iter().zip(inputs) {
                accepts &= self.accepts(matcher, input);
            }
            if accepts {
                return Some(number);
            }
        }
        None
    }

    fn accepts(&mut self, matcher: &Matcher, input: &Plain) -> bool {
        let (least, most) = match (matcher, input) {
            (Matcher::Any, _) => return true,
            (Matcher::Bool(wanted), Plain::Bool(value)) => return wanted == value,
            (Matcher::OneOf(texts), Plain::Text(text)) => return texts.contains(text),
            (Matcher::Ints(least, most), Plain::Int(..)) => (i128::from(*least), (*most).into()),
            (Matcher::Dates(from, to), Plain::Int(..)) => (from.days().into(), to.days().into()),
            _ => return false,
        };
        let Plain::Int(number, bend) = input else {
            return false;
        };
        self.keep_side(*number, *bend, least, most);
        (least..=most).contains(number)
    }

    fn cell(&self, table: usize, row: usize, place: usize) -> Option<Plain> {
        let rows = self.script.tables.iter().nth(table)?.rows();
        Some(match rows.get(row)?.outputs.get(place)? {
            Fact::Bool(value) => Plain::Bool(*value),
            Fact::Int(value) => Plain::Int((*value).into(), Bend::FLAT),
            Fact::Date(date) => Plain::Int(date.days().into(), Bend::FLAT),
            Fact::Money(money) => Plain::Money(money.minor().into(), money.currency(), Bend::FLAT),
            Fact::Text(text) => Plain::Text(text.clone()),
            _ => return None,
        })
    }
}

impl Given {
    /// Whether it is this remedy, its reasons left out.
    pub(super) fn is(&self, remedy: &redress_model::Remedy) -> bool {
        let (amount, currency) = match &remedy.amount {
            redress_model::Amount::Money(money) => (money.minor(), Some(money.currency())),
            redress_model::Amount::Units { count, .. } => (*count, None),
        };
        let basis = &remedy.basis;
        let ground = basis.claim().map(|claim| (basis.name(), claim.as_str()));
        self.kind == remedy.kind.as_str()
            && self.amount == i128::from(amount)
            && self.currency == currency
            && self
                .ground
                .as_ref()
                .map(|(name, claim)| (*name, claim.as_str()))
                == ground
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
