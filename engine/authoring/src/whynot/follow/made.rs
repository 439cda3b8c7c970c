//! What an expression makes of the values of its parts: texts, lists, rows, remedies and
//! verdicts. Numbers and sums have a file of their own.

use redress_compiler::ir::{Amount, Expr, ExprKind, Ground, TextTest};
use redress_model::Value as Fact;
use redress_model::table::Matcher;

use super::value::{Bend, Causes, Given, Made, Plain, Verdict, causes};
use super::{Follower, Halt, Result};

impl Follower<'_, '_> {
    /// What an expression makes of the values of its parts.
    pub(super) fn made(&mut self, expr: &Expr, values: Vec<Made>) -> Result<Made> {
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
