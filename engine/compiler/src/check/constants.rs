//! Constants: computed once, before anything runs.

use redress_model::Money;
use smol_str::SmolStr;

use super::Checker;
use super::body::Body;
use crate::ir::{Expr, ExprKind, IntOp};
use crate::syntax::ast;

impl Checker<'_> {
    pub(super) fn constants(&mut self, file: &ast::File) {
        for constant in file.constants() {
            let Some((name, value)) = constant.name().zip(constant.value()) else {
                continue;
            };
            let mut body = Body::default();
            body.scopes.push(Vec::new());
            let value = self.expr(&mut body, &value);
            let failed = body
                .said
                .iter()
                .any(|d| d.severity < crate::diagnostic::Severity::Warning);
            self.diagnostics.append(&mut body.said);
            let folded = fold(&value);
            if folded.is_none() && !failed {
                body.outside(
                    value.span,
                    "this constant is not computed before the policy runs",
                    "write its value, or make it a function without parameters",
                );
                self.diagnostics.append(&mut body.said);
            }
            let folded = folded.unwrap_or_else(|| Expr::unknown(value.span));
            self.constants.insert(SmolStr::new(name.text()), folded);
        }
    }
}

/// The value of an expression of literals.
fn fold(expr: &Expr) -> Option<Expr> {
    let int = |expr: &Expr| match fold(expr)?.kind {
        ExprKind::Int(number) => Some(number),
        _ => None,
    };
    let sum = |expr: &Expr| match fold(expr)?.kind {
        ExprKind::Money(money) => Some(money),
        _ => None,
    };
    let kind = match &expr.kind {
        ExprKind::Unit
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Text(_)
        | ExprKind::Money(_)
        | ExprKind::Date(_) => expr.kind.clone(),
        ExprKind::List(items) => ExprKind::List(items.iter().map(fold).collect::<Option<_>>()?),
        ExprKind::Widen(inner) => ExprKind::Widen(Box::new(fold(inner)?)),
        ExprKind::Neg(inner) => match fold(inner)?.kind {
            ExprKind::Int(number) => ExprKind::Int(number.checked_neg()?),
            ExprKind::Money(money) => ExprKind::Money(money.times(-1).ok()?),
            _ => return None,
        },
        ExprKind::Not(inner) => match fold(inner)?.kind {
            ExprKind::Bool(value) => ExprKind::Bool(!value),
            _ => return None,
        },
        ExprKind::Int2(op, left, right) => {
            let (left, right) = (int(left)?, int(right)?);
            ExprKind::Int(match op {
                IntOp::Add => left.checked_add(right)?,
                IntOp::Sub => left.checked_sub(right)?,
                IntOp::Mul => left.checked_mul(right)?,
                IntOp::Div => left.checked_div(right)?,
                IntOp::Rem => left.checked_rem(right)?,
            })
        }
        ExprKind::MoneyAdd(left, right) => ExprKind::Money(sum(left)?.plus(sum(right)?).ok()?),
        ExprKind::MoneySub(left, right) => ExprKind::Money(sum(left)?.minus(sum(right)?).ok()?),
        ExprKind::MoneyTimes(left, right) => {
            let product: Option<Money> = match (fold(left)?.kind, fold(right)?.kind) {
                (ExprKind::Money(money), ExprKind::Int(factor))
                | (ExprKind::Int(factor), ExprKind::Money(money)) => money.times(factor).ok(),
                _ => None,
            };
            ExprKind::Money(product?)
        }
        _ => return None,
    };
    Some(Expr {
        kind,
        steps: 0,
        ..expr.clone()
    })
}
