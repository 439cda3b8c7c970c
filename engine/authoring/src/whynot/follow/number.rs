//! Numbers and sums: what comes of them, and how that moves with the number watched.

use redress_compiler::ir::{CompareOp, Expr, ExprKind, IntOp, SpanUnit};
use redress_model::Money;

use super::Follower;
use super::value::{Bend, Plain};

const INT: std::ops::RangeInclusive<i128> = -9_223_372_036_854_775_808..=9_223_372_036_854_775_807;
/// 0000-01-01 to 9999-12-31, in days since 1970.
const DAYS: std::ops::RangeInclusive<i128> = -719_528..=2_932_896;

/// A number or a sum, and what it is of.
#[derive(Clone, Copy)]
struct Moving {
    at: i128,
    bend: Bend,
}

fn moving(plain: &Plain) -> Option<Moving> {
    match plain {
        Plain::Int(at, bend) | Plain::Money(at, _, bend) => Some(Moving {
            at: *at,
            bend: *bend,
        }),
        _ => None,
    }
}

/// A value of the same kind as another with another number; `None` beyond 64 bits.
fn like(plain: &Plain, at: Option<i128>, bend: Bend) -> Option<Plain> {
    let at = at.filter(|at| INT.contains(at))?;
    match plain {
        Plain::Int(..) => Some(Plain::Int(at, bend)),
        Plain::Money(_, currency, _) => Some(Plain::Money(at, *currency, bend)),
        _ => None,
    }
}

fn same_currency(one: &Plain, other: &Plain) -> bool {
    match (one, other) {
        (Plain::Money(_, one, _), Plain::Money(_, other, _)) => one == other,
        // A sum beside the integer 0 is compared by its minor units alone.
        (Plain::Money(..) | Plain::Int(..), Plain::Money(..) | Plain::Int(..)) => true,
        _ => false,
    }
}

impl Follower<'_, '_> {
    /// What is made of numbers; `None` where the policy fails.
    pub(super) fn number(&mut self, expr: &Expr, plains: &[Plain]) -> Option<Plain> {
        match (&expr.kind, plains) {
            (ExprKind::Neg(_), [value]) => {
                let Moving { at, bend } = moving(value)?;
                let bend = bend.and(Bend::FLAT, |slope, _| slope.checked_neg());
                like(value, at.checked_neg(), bend)
            }
            (ExprKind::Abs(_), [value]) => {
                let Moving { at, bend } = moving(value)?;
                self.keep_sign(at, bend);
                let bend = match at < 0 {
                    true => bend.and(Bend::FLAT, |slope, _| slope.checked_neg()),
                    false => bend,
                };
                like(value, Some(at.abs()), bend)
            }
            (ExprKind::Int2(op, ..), [left, right]) => self.arithmetic(*op, left, right),
            (ExprKind::MoneyAdd(..), [left, right]) if same_currency(left, right) => {
                self.arithmetic(IntOp::Add, left, right)
            }
            (ExprKind::MoneySub(..), [left, right]) if same_currency(left, right) => {
                self.arithmetic(IntOp::Sub, left, right)
            }
            (
                ExprKind::MoneyTimes(..),
                [sum @ Plain::Money(..), count] | [count, sum @ Plain::Money(..)],
            ) => self.arithmetic(IntOp::Mul, sum, count),
            (ExprKind::Share { .. }, [sum, numerator, denominator]) => {
                self.share(sum, numerator, denominator)
            }
            (ExprKind::Compare(op, ..), [left, right]) => self.compare(*op, left, right),
            (ExprKind::Min(..) | ExprKind::Max(..), [left, right])
                if same_currency(left, right) =>
            {
                let first = self.order(left, right)? <= 0;
                let least = matches!(expr.kind, ExprKind::Min(..));
                Some(if first == least { left } else { right }.clone())
            }
            (ExprKind::Between(unit, ..), [from, to]) => {
                let span = self.arithmetic(IntOp::Sub, to, from)?;
                match unit {
                    SpanUnit::Days => Some(span),
                    SpanUnit::Seconds(each) => {
                        let each = Plain::Int((*each).into(), Bend::FLAT);
                        self.arithmetic(IntOp::Div, &span, &each)
                    }
                }
            }
            (ExprKind::PlusDays(..), [date, days]) => {
                let later = self.arithmetic(IntOp::Add, date, days)?;
                moving(&later)
                    .is_some_and(|later| DAYS.contains(&later.at))
                    .then_some(later)
            }
            _ => None,
        }
    }

    fn arithmetic(&mut self, op: IntOp, left: &Plain, right: &Plain) -> Option<Plain> {
        let (a, b) = (moving(left)?, moving(right)?);
        match op {
            IntOp::Add => {
                let bend = a.bend.and(b.bend, i128::checked_add);
                like(left, a.at.checked_add(b.at), bend)
            }
            IntOp::Sub => {
                let bend = a.bend.and(b.bend, i128::checked_sub);
                like(left, a.at.checked_sub(b.at), bend)
            }
            IntOp::Mul => {
                let bend = match (a.bend, b.bend) {
                    (Bend::Line(slope), Bend::Line(0)) => slope.checked_mul(b.at),
                    (Bend::Line(0), Bend::Line(slope)) => slope.checked_mul(a.at),
                    _ => None,
                };
                like(
                    left,
                    a.at.checked_mul(b.at),
                    bend.map_or(Bend::Bent, Bend::Line),
                )
            }
            IntOp::Div | IntOp::Rem => {
                let quotient = a.at.checked_div(b.at)?;
                let bend = self.keep_quotient(a, b, quotient);
                match op {
                    IntOp::Div => like(left, Some(quotient), bend),
                    _ => {
                        // The quotient stays, so the rest moves as the dividend does.
                        let bend = if bend.is_flat() { a.bend } else { Bend::Bent };
                        INT.contains(&quotient).then_some(())?;
                        like(left, a.at.checked_rem(b.at), bend)
                    }
                }
            }
        }
    }

    /// Keeps the quotient of two numbers, where the divisor does not move.
    fn keep_quotient(&mut self, a: Moving, b: Moving, quotient: i128) -> Bend {
        if a.bend.is_flat() && b.bend.is_flat() {
            return Bend::FLAT;
        }
        let (Bend::Line(_), true) = (a.bend, b.bend.is_flat()) else {
            self.flat(Bend::Bent);
            return Bend::FLAT;
        };
        // Towards zero: a quotient of 0 has both sides of zero within it.
        let size = b.at.abs();
        let (least, most) = match a.at.signum() {
            _ if quotient == 0 => (1 - size, size - 1),
            1 => {
                let least = quotient.abs().saturating_mul(size);
                (least, least.saturating_add(size - 1))
            }
            _ => {
                let most = quotient.abs().saturating_mul(size).saturating_neg();
                (most.saturating_sub(size - 1), most)
            }
        };
        self.keep_side(a.at, a.bend, least, most);
        Bend::FLAT
    }

    fn share(&mut self, sum: &Plain, numerator: &Plain, denominator: &Plain) -> Option<Plain> {
        let (Plain::Money(minor, currency, bend), n, d) =
            (sum, moving(numerator)?, moving(denominator)?)
        else {
            return None;
        };
        let whole = Money::new(i64::try_from(*minor).ok()?, *currency);
        let (n_at, d_at) = (i64::try_from(n.at).ok()?, i64::try_from(d.at).ok()?);
        let part = whole.ratio(n_at, d_at, self.script.rounding).ok()?;
        let moves = !(bend.is_flat() && n.bend.is_flat() && d.bend.is_flat());
        let bend = if moves { Bend::Bent } else { Bend::FLAT };
        Some(Plain::Money(part.minor().into(), *currency, bend))
    }

    /// How two numbers or two sums of one currency stand to each other: below zero, zero,
    /// above. It stays so where the watched number is kept.
    fn order(&mut self, left: &Plain, right: &Plain) -> Option<i128> {
        let (a, b) = (moving(left)?, moving(right)?);
        let apart = a.at.checked_sub(b.at)?;
        self.keep_sign(apart, a.bend.and(b.bend, i128::checked_sub));
        Some(apart)
    }

    fn compare(&mut self, op: CompareOp, left: &Plain, right: &Plain) -> Option<Plain> {
        if let (Plain::Money(..), Plain::Money(..)) = (left, right)
            && !same_currency(left, right)
        {
            return None;
        }
        let holds = match op {
            CompareOp::Eq => self.equal(left, right),
            CompareOp::Ne => !self.equal(left, right),
            CompareOp::Lt => self.order(left, right)? < 0,
            CompareOp::Le => self.order(left, right)? <= 0,
            CompareOp::Gt => self.order(left, right)? > 0,
            CompareOp::Ge => self.order(left, right)? >= 0,
        };
        Some(Plain::Bool(holds))
    }

    /// Whether two values are equal; sums of two currencies are not.
    pub(super) fn equal(&mut self, left: &Plain, right: &Plain) -> bool {
        match (left, right) {
            _ if same_currency(left, right) => self.order(left, right) == Some(0),
            (Plain::List(one), Plain::List(other)) => {
                let mut equal = one.len() == other.len();
                for (one, other) in one.iter().zip(other) {
                    equal &= self.equal(&one.plain, &other.plain);
                }
                equal
            }
            (left, right) => left == right,
        }
    }
}
