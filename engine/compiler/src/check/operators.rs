//! Operators.

use redress_model::code::nearest;
use rowan::{TextRange, TextSize};
use smol_str::SmolStr;

use super::Checker;
use super::body::Body;
use super::expr::is_number;
use super::stmt::int_op;
use super::values::ends_of;
use crate::diagnostic::Rule;
use crate::ir::{CompareOp, Expr, ExprKind, IntOp, SiteId, SiteKind, Type};
use crate::syntax::{SyntaxKind as K, ast};

impl Checker<'_> {
    pub(super) fn unary(&mut self, body: &mut Body, unary: &ast::Unary) -> Expr {
        let span = unary.range();
        let Some((operator, operand)) = unary.operator().zip(unary.operand()) else {
            return Expr::unknown(span);
        };
        let at = operator.text_range().start();
        let value = self.operand(body, &operand);
        match operator.kind() {
            K::Minus => match (&value.kind, &value.ty) {
                // `- 1` is one number to Rhai; `-(1 ?? 2)` is not, though its value is known.
                (ExprKind::Int(number), _) if is_number(&operand) => {
                    let Some(negative) = number.checked_neg() else {
                        body.error(
                            Rule::BadLiteral,
                            span,
                            "this number does not fit 64 bits",
                            "",
                        );
                        return Expr::unknown(span);
                    };
                    Expr::new(ExprKind::Int(negative), Type::Int, span).costs(1)
                }
                (_, Type::Int | Type::Money(_) | Type::Unknown) => {
                    let ty = value.ty.clone();
                    let steps = calls(&ty, 1);
                    Expr::new(ExprKind::Neg(Box::new(value)), ty, span)
                        .fails_at(at)
                        .costs(steps)
                }
                (_, ty) => {
                    let message = format!("`-` does not fit {}", ty.in_words(self.env.tables));
                    body.error(Rule::WrongType, value.span, message, unknown_help(ty));
                    Expr::unknown(span)
                }
            },
            K::Bang => {
                let value = self.must_be(body, value, &Type::Bool);
                Expr::new(ExprKind::Not(Box::new(value)), Type::Bool, span).costs(1)
            }
            _ => {
                body.outside(span, "`+` before a value does not compile", "leave it out");
                Expr::unknown(span)
            }
        }
    }

    pub(super) fn binary(&mut self, body: &mut Body, binary: &ast::Binary) -> Expr {
        let span = binary.range();
        let Some(operator) = binary.operator() else {
            return Expr::unknown(span);
        };
        let at = operator.text_range().start();
        let kind = operator.kind();
        match kind {
            K::AndAnd | K::OrOr => return self.logical(body, binary, kind),
            K::QuestionQuestion => return self.coalesce(body, binary, at),
            K::DotDot | K::DotDotEq => {
                body.outside(
                    span,
                    "a range stands in a `for`, behind `in` or in an arm",
                    "",
                );
                return Expr::unknown(span);
            }
            K::InKw | K::NotIn => return self.member(body, binary, kind, at),
            _ => {}
        }
        let Some((left, right)) = binary.left().zip(binary.right()) else {
            return Expr::unknown(span);
        };
        let left = self.arg(body, &left);
        let right = self.arg(body, &right);
        self.binary_op(body, kind, left, right, at, span)
    }

    /// `&&` and `||`; a chain of one of them is one expression to Rhai.
    fn logical(&mut self, body: &mut Body, binary: &ast::Binary, kind: K) -> Expr {
        let span = binary.range();
        let mut operands = Vec::new();
        chain_of(&ast::Expr::Binary(binary.clone()), kind, &mut operands);
        let parts: Vec<(SiteId, Expr)> = operands
            .iter()
            .map(|operand| {
                let value = self.operand(body, operand);
                let value = self.must_be(body, value, &Type::Bool);
                let range = operand.range();
                let site = self.site(SiteKind::Condition, range, range, vec![range, range]);
                (site, value)
            })
            .collect();
        let kind = if kind == K::AndAnd {
            ExprKind::And(parts)
        } else {
            ExprKind::Or(parts)
        };
        Expr::new(kind, Type::Bool, span).costs(1)
    }

    fn coalesce(&mut self, body: &mut Body, binary: &ast::Binary, at: TextSize) -> Expr {
        let span = binary.range();
        let mut operands = Vec::new();
        chain_of(
            &ast::Expr::Binary(binary.clone()),
            K::QuestionQuestion,
            &mut operands,
        );
        let mut values: Vec<Expr> = operands
            .iter()
            .map(|operand| self.operand(body, operand))
            .collect();
        let Some(mut folded) = values.pop() else {
            return Expr::unknown(span);
        };
        // From the right: each but the last may be missing.
        while let Some(value) = values.pop() {
            let range = TextRange::new(value.span.start(), folded.span.end());
            if value.ty == Type::Unknown || folded.ty == Type::Unknown {
                folded = Expr::unknown(range);
                continue;
            }
            let Type::Optional(inner) = value.ty.clone() else {
                let message =
                    "this is always there, so that `??` never gives what stands behind it";
                body.warn(
                    Rule::Unreachable,
                    folded.span,
                    message,
                    "read it as `facts.maybe.name` if it may be unknown",
                );
                folded = value;
                continue;
            };
            let Some(ty) = inner.join(&folded.ty) else {
                let (one, other) = (
                    inner.in_words(self.env.tables),
                    folded.ty.in_words(self.env.tables),
                );
                body.error(
                    Rule::WrongType,
                    folded.span,
                    format!("this stands in for {one}, and is {other}"),
                    "give a value of the same type",
                );
                return Expr::unknown(span);
            };
            self.possible(body, &value, &folded);
            let site = self.site(
                SiteKind::Coalesce,
                range,
                value.span,
                vec![value.span, folded.span],
            );
            let default = self.widen(folded, &ty);
            let kind = ExprKind::Coalesce {
                site,
                value: Box::new(value),
                default: Box::new(default),
            };
            folded = Expr::new(kind, ty, range).fails_at(at);
        }
        let steps = folded.steps + 1;
        folded.costs(steps)
    }

    /// `x in y` asks `y` whether it contains `x`.
    fn member(&mut self, body: &mut Body, binary: &ast::Binary, kind: K, at: TextSize) -> Expr {
        let span = binary.range();
        let Some((item, of)) = binary.left().zip(binary.right()) else {
            return Expr::unknown(span);
        };
        let found = match of.clone().bare() {
            ast::Expr::Binary(range)
                if range
                    .operator()
                    .is_some_and(|o| matches!(o.kind(), K::DotDot | K::DotDotEq)) =>
            {
                self.within(body, &item, &range, span)
            }
            _ => {
                let list = self.arg(body, &of);
                let item = self.arg(body, &item);
                self.contains(body, list, item, at, span).costs(2)
            }
        };
        if kind == K::InKw {
            return found;
        }
        Expr::new(ExprKind::Not(Box::new(found)), Type::Bool, span).costs(1)
    }

    /// `x in from..to`.
    fn within(
        &mut self,
        body: &mut Body,
        item: &ast::Expr,
        range: &ast::Binary,
        span: TextRange,
    ) -> Expr {
        let (Some(from), Some(to)) = (range.left(), range.right()) else {
            body.outside(
                span,
                "a range without an end does not compile",
                "write both ends",
            );
            return Expr::unknown(span);
        };
        let literal = |expr: &ast::Expr| super::expr::is_constant(expr);
        let is_literal = literal(&from) && literal(&to);
        let mut from = self.of_type(body, &from, &Type::Int);
        let mut to = self.of_type(body, &to, &Type::Int);
        if is_literal {
            super::expr::flatten(&mut from);
            super::expr::flatten(&mut to);
        }
        let item = self.arg_of(body, item, &Type::Int);
        let inclusive = range
            .operator()
            .is_some_and(|token| token.kind() == K::DotDotEq);
        let mut bound = Vec::new();
        let mut hold = |body: &mut Body, value: Expr| {
            let range = value.span;
            let local = body.temporary(Type::Int, range);
            bound.push(crate::ir::Stmt {
                kind: crate::ir::StmtKind::Set(local, value),
                span: range,
                steps: 0,
            });
            Expr::new(ExprKind::Local(local), Type::Int, range)
        };
        let (from, to) = (hold(body, from), hold(body, to));
        let item = hold(body, item);
        let above = Expr::new(
            ExprKind::Compare(CompareOp::Le, Box::new(from), Box::new(item.clone())),
            Type::Bool,
            span,
        );
        let op = if inclusive {
            CompareOp::Le
        } else {
            CompareOp::Lt
        };
        let below = Expr::new(
            ExprKind::Compare(op, Box::new(item), Box::new(to)),
            Type::Bool,
            span,
        );
        let sites: Vec<SiteId> = (0..2)
            .map(|_| self.site(SiteKind::Condition, span, span, vec![span, span]))
            .collect();
        let parts = sites.into_iter().zip([above, below]).collect();
        let both = Expr::new(ExprKind::And(parts), Type::Bool, span);
        // The expression, the range, the function.
        Expr::new(ExprKind::Block(bound, Box::new(both)), Type::Bool, span).costs(3)
    }

    fn arg_of(&mut self, body: &mut Body, expr: &ast::Expr, ty: &Type) -> Expr {
        let value = self.arg(body, expr);
        self.must_be(body, value, ty)
    }

    /// A binary operator between two values.
    pub(super) fn binary_op(
        &mut self,
        body: &mut Body,
        kind: K,
        left: Expr,
        right: Expr,
        at: TextSize,
        span: TextRange,
    ) -> Expr {
        if left.ty == Type::Unknown || right.ty == Type::Unknown {
            return Expr::unknown(span);
        }
        if let Some(op) = compare_op(kind) {
            return self.compare(body, op, left, right, at, span);
        }
        let steps = calls(&left.ty, 1).max(calls(&right.ty, 1));
        let made = |kind, ty| Expr::new(kind, ty, span).fails_at(at).costs(steps);
        match (kind, &left.ty, &right.ty) {
            (_, Type::Int, Type::Int) if int_op(kind).is_some() => {
                let op = int_op(kind).unwrap_or(IntOp::Add);
                made(
                    ExprKind::Int2(op, Box::new(left), Box::new(right)),
                    Type::Int,
                )
            }
            (K::Plus | K::Minus, Type::Money(one), Type::Money(other)) => {
                let ty = Type::Money(self.one_currency(body, *one, *other, &left, &right));
                let (left, right) = (Box::new(left), Box::new(right));
                match kind {
                    K::Plus => made(ExprKind::MoneyAdd(left, right), ty),
                    _ => made(ExprKind::MoneySub(left, right), ty),
                }
            }
            (K::Star, Type::Money(_), Type::Int) | (K::Star, Type::Int, Type::Money(_)) => {
                let (ty, factor) = match &left.ty {
                    Type::Money(_) => (left.ty.clone(), &right),
                    _ => (right.ty.clone(), &left),
                };
                if let ExprKind::Int2(IntOp::Div, ..) = factor.kind {
                    body.warn(
                        Rule::DroppedCents,
                        factor.span,
                        "this division drops its rest before the sum is multiplied",
                        "write `sum.ratio(a, b)`, which rounds once, as the release says",
                    );
                }
                made(ExprKind::MoneyTimes(Box::new(left), Box::new(right)), ty)
            }
            (K::Slash, Type::Money(_), Type::Int) => {
                body.error(
                    Rule::WrongType,
                    span,
                    "a sum is not divided by `/`",
                    "write `sum.ratio(1, n)`, which rounds as the release says",
                );
                Expr::unknown(span)
            }
            (K::Plus, Type::List(_), Type::List(_)) => self.concat(body, left, right, at, span),
            (
                K::StarStar | K::Shl | K::Shr | K::And | K::Pipe | K::Caret,
                Type::Int | Type::Bool,
                Type::Int | Type::Bool,
            ) => {
                body.outside(
                    span,
                    "this operator does not compile",
                    "there are `+`, `-`, `*`, `/` and `%`",
                );
                Expr::unknown(span)
            }
            (K::Plus, one, other) if one.is_text() || other.is_text() => {
                body.outside(
                    span,
                    "texts are compared here and not put together",
                    "give the parts to a reason as arguments; sentences stand in the messages",
                );
                Expr::unknown(span)
            }
            (_, one, other) => {
                let (one, other) = (
                    one.in_words(self.env.tables),
                    other.in_words(self.env.tables),
                );
                let message = format!("this operator does not fit {one} and {other}");
                let help = format!("{}{}", unknown_help(&left.ty), unknown_help(&right.ty));
                let help = if help.len() > UNKNOWN_HELP.len() {
                    UNKNOWN_HELP.to_owned()
                } else {
                    help
                };
                body.error(Rule::WrongType, span, message, help);
                Expr::unknown(span)
            }
        }
    }

    fn compare(
        &mut self,
        body: &mut Body,
        op: CompareOp,
        left: Expr,
        right: Expr,
        at: TextSize,
        span: TextRange,
    ) -> Expr {
        let is_equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        // `x == ()` asks whether an optional value is there.
        for (one, other) in [(&left, &right), (&right, &left)] {
            if is_equality && other.ty == Type::Unit {
                let Type::Optional(_) = one.ty else {
                    let message = format!("{} is never `()`", one.ty.in_words(self.env.tables));
                    body.outside(span, message, "read the fact as `facts.maybe.name`");
                    return Expr::unknown(span);
                };
                let steps = 1 + other.steps;
                let known = Expr::new(ExprKind::IsKnown(Box::new(one.clone())), Type::Bool, span);
                return match op {
                    CompareOp::Ne => known.costs(steps),
                    _ => Expr::new(ExprKind::Not(Box::new(known)), Type::Bool, span).costs(steps),
                };
            }
        }
        let bare = |ty: &Type| match ty {
            Type::Optional(inner) if is_equality => (**inner).clone(),
            other => other.clone(),
        };
        let (one, other) = (bare(&left.ty), bare(&right.ty));
        let both_optional = matches!(
            (&left.ty, &right.ty),
            (Type::Optional(_), Type::Optional(_))
        );
        let fits = match (&one, &other) {
            (Type::Money(a), Type::Money(b)) => {
                let _currency = self.one_currency(body, *a, *b, &left, &right);
                true
            }
            (a, b) if a.is_text() && b.is_text() => is_equality,
            (Type::Bool, Type::Bool) => is_equality,
            (Type::Int, Type::Int)
            | (Type::Date, Type::Date)
            | (Type::DateTime, Type::DateTime) => true,
            _ => false,
        };
        if !fits || both_optional {
            let (one, other) = (
                left.ty.in_words(self.env.tables),
                right.ty.in_words(self.env.tables),
            );
            let message = format!("{one} cannot be compared with {other} here");
            let help = unknown_help(&left.ty);
            let help = if help.is_empty() {
                unknown_help(&right.ty)
            } else {
                help
            };
            let typed = |ty: &Type| matches!(ty, Type::Money(_) | Type::Date | Type::DateTime);
            let is_scalar = |ty: &Type| bare(ty).is_scalar();
            let never_meet = is_scalar(&left.ty)
                && is_scalar(&right.ty)
                && bare(&left.ty).join(&bare(&right.ty)).is_none();
            // Rhai answers `false` where two of its own types meet, whatever they hold.
            if typed(&left.ty) || typed(&right.ty) || never_meet {
                body.error(Rule::WrongType, span, message, help);
            } else {
                body.outside(span, message, help);
            }
            return Expr::unknown(span);
        }
        self.possible(body, &left, &right);
        self.possible(body, &right, &left);
        if one == Type::Int && other == Type::Int {
            self.beyond_range(body, op, &left, &right, span);
        }
        let steps = calls(&one, 1);
        let kind = ExprKind::Compare(op, Box::new(left), Box::new(right));
        Expr::new(kind, Type::Bool, span).fails_at(at).costs(steps)
    }

    /// Tells of a comparison that never holds within the declared ranges of facts.
    fn beyond_range(
        &self,
        body: &mut Body,
        op: CompareOp,
        left: &Expr,
        right: &Expr,
        span: TextRange,
    ) {
        let of = |side: &Expr| ends_of(side, self.env.schema);
        let ((low, high), (least, most)) = (of(left), of(right));
        let is_never = match op {
            CompareOp::Eq => high < least || low > most,
            CompareOp::Ne => false,
            CompareOp::Lt => low >= most,
            CompareOp::Le => low > most,
            CompareOp::Gt => high <= least,
            CompareOp::Ge => high < least,
        };
        if !is_never {
            return;
        }
        let (low, high) = match left.kind {
            ExprKind::Int(_) => (least, most),
            _ => (low, high),
        };
        let message = format!("this never holds: the value is within {low} to {high}");
        let help = "change the number, or the range in the fact schema";
        body.warn(Rule::Unreachable, span, message, help);
    }

    /// Tells of a text that an enum fact never is.
    pub(super) fn possible(&mut self, body: &mut Body, value: &Expr, text: &Expr) {
        let ExprKind::Text(id) = text.kind else {
            return;
        };
        let Some((fact, values)) = self.domain(value) else {
            return;
        };
        let Some(text_value) = self
            .texts
            .get(usize::try_from(id.0).unwrap_or(usize::MAX))
            .cloned()
        else {
            return;
        };
        // A default outside of the values tells an unknown fact from every known one.
        if values.contains(&text_value) || matches!(value.kind, ExprKind::MaybeFact(_)) {
            return;
        }
        let help = match nearest(&text_value, values.iter().map(SmolStr::as_str)) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("it is one of {}", values.join(", ")),
        };
        let message = format!("`{fact}` is never {text_value:?}");
        body.warn(Rule::ImpossibleValue, text.span, message, help);
    }

    /// The currency of two sums together: the one that is known.
    pub(super) fn one_currency(
        &mut self,
        body: &mut Body,
        one: Option<redress_model::Currency>,
        other: Option<redress_model::Currency>,
        left: &Expr,
        right: &Expr,
    ) -> Option<redress_model::Currency> {
        match (one, other) {
            (Some(a), Some(b)) if a != b => {
                let span = TextRange::new(
                    left.span.start().min(right.span.start()),
                    left.span.end().max(right.span.end()),
                );
                body.error(
                    Rule::WrongType,
                    span,
                    format!("{a} and {b} are different currencies"),
                    "convert neither: a sum stays in its currency",
                );
                None
            }
            (Some(known), None) | (None, Some(known)) => {
                let open = if one.is_none() { left } else { right };
                let message =
                    format!("the currency of this sum is not fixed, and the other is in {known}");
                body.warn(
                    Rule::OpenCurrency,
                    open.span,
                    message,
                    "give the fact an `x-currency`: a case in another currency fails here",
                );
                Some(known)
            }
            (known, _) => known,
        }
    }
}

/// The steps of an operator: of the engine's own types it is a call of a function too.
fn calls(ty: &Type, steps: u32) -> u32 {
    match ty {
        Type::Money(_) | Type::Date | Type::DateTime => steps.saturating_add(1),
        _ => steps,
    }
}

const UNKNOWN_HELP: &str = "a fact of `facts.maybe` may be unknown: write `?? value` behind it";

fn unknown_help(ty: &Type) -> &'static str {
    match ty {
        Type::Optional(_) => UNKNOWN_HELP,
        _ => "",
    }
}

/// The operands of a chain of one operator, brackets round its parts left out.
fn chain_of(expr: &ast::Expr, kind: K, out: &mut Vec<ast::Expr>) {
    if let ast::Expr::Binary(binary) = expr.clone().bare()
        && binary.operator().is_some_and(|token| token.kind() == kind)
    {
        for side in [binary.left(), binary.right()].into_iter().flatten() {
            chain_of(&side, kind, out);
        }
        return;
    }
    out.push(expr.clone());
}

const fn compare_op(kind: K) -> Option<CompareOp> {
    Some(match kind {
        K::EqEq => CompareOp::Eq,
        K::NotEq => CompareOp::Ne,
        K::Lt => CompareOp::Lt,
        K::LtEq => CompareOp::Le,
        K::Gt => CompareOp::Gt,
        K::GtEq => CompareOp::Ge,
        _ => return None,
    })
}
