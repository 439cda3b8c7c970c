//! Sums, dates and numbers; and how large a number can be.

use redress_model::{FactType, Schema};
use rowan::{TextRange, TextSize};

use super::Checker;
use super::body::Body;
use super::calls::Args;
use crate::diagnostic::Rule;
use crate::ir::{CompareOp, Expr, ExprKind, IntOp, Type};

impl Checker<'_> {
    /// Whether a sum is zero, or below it.
    pub(super) fn sign(&mut self, sum: Expr, is_zero: bool, span: TextRange) -> Expr {
        if sum.ty == Type::Unknown {
            return Expr::unknown(span);
        }
        let op = if is_zero {
            CompareOp::Eq
        } else {
            CompareOp::Lt
        };
        let zero = Expr::new(ExprKind::Int(0), Type::Int, span);
        // A sum beside the integer 0 is compared by its minor units alone.
        let kind = ExprKind::Compare(op, Box::new(sum), Box::new(zero));
        Expr::new(kind, Type::Bool, span)
    }

    pub(super) fn extreme(
        &mut self,
        body: &mut Body,
        args: &mut Args,
        is_max: bool,
        span: TextRange,
        at: TextSize,
    ) -> Expr {
        let left = args.value(self, body);
        let right = args.value(self, body);
        if left.ty == Type::Unknown || right.ty == Type::Unknown {
            return Expr::unknown(span);
        }
        let ty = match (&left.ty, &right.ty) {
            (Type::Money(one), Type::Money(other)) => {
                Type::Money(self.one_currency(body, *one, *other, &left, &right))
            }
            (one @ (Type::Int | Type::Date | Type::DateTime), other) if one == other => one.clone(),
            (one, other) => {
                let (one, other) = (
                    one.in_words(self.env.tables),
                    other.in_words(self.env.tables),
                );
                let name = if is_max { "max" } else { "min" };
                body.error(
                    Rule::WrongType,
                    span,
                    format!("`{name}` does not fit {one} and {other}"),
                    "",
                );
                return Expr::unknown(span);
            }
        };
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = if is_max {
            ExprKind::Max(left, right)
        } else {
            ExprKind::Min(left, right)
        };
        Expr::new(kind, ty, span).fails_at(at)
    }
}

/// The least and the greatest number that an expression can give, as far as that shows
/// from literals and from the ranges of facts.
pub(super) fn ends_of(expr: &Expr, schema: &Schema) -> (i64, i64) {
    const ANY: (i64, i64) = (i64::MIN, i64::MAX);
    let both = |left: &Expr, right: &Expr| (ends_of(left, schema), ends_of(right, schema));
    match &expr.kind {
        ExprKind::Int(number) => (*number, *number),
        ExprKind::Fact(slot) => match schema.fact(*slot).map(|fact| &fact.ty) {
            Some(FactType::Int { min, max }) => (*min, *max),
            _ => ANY,
        },
        ExprKind::Warning(_) => (0, i64::from(u32::MAX)),
        ExprKind::Len(_) => (0, 256),
        ExprKind::Coalesce { value, default, .. } => {
            let (low, high) = match &value.kind {
                ExprKind::MaybeFact(slot) => match schema.fact(*slot).map(|fact| &fact.ty) {
                    Some(FactType::Int { min, max }) => (*min, *max),
                    _ => ANY,
                },
                _ => ANY,
            };
            let (other_low, other_high) = ends_of(default, schema);
            (low.min(other_low), high.max(other_high))
        }
        ExprKind::Int2(IntOp::Add, left, right) => {
            let ((a, b), (c, d)) = both(left, right);
            (a.saturating_add(c), b.saturating_add(d))
        }
        ExprKind::Int2(IntOp::Sub, left, right) => {
            let ((a, b), (c, d)) = both(left, right);
            (a.saturating_sub(d), b.saturating_sub(c))
        }
        ExprKind::Min(left, right) => {
            let ((a, b), (c, d)) = both(left, right);
            (a.min(c), b.min(d))
        }
        ExprKind::Max(left, right) => {
            let ((a, b), (c, d)) = both(left, right);
            (a.max(c), b.max(d))
        }
        _ => ANY,
    }
}
