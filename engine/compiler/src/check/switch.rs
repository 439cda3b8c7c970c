//! `switch`.

use redress_model::code::nearest;
use rowan::TextRange;
use smol_str::SmolStr;

use super::Checker;
use super::body::Body;
use crate::diagnostic::Rule;
use crate::ir::{Arm, Expr, ExprKind, Pattern, SiteKind, Type};
use crate::syntax::{SyntaxKind as K, ast};

impl Checker<'_> {
    pub(super) fn switch(&mut self, body: &mut Body, node: &ast::Switch, used: bool) -> Expr {
        let span = node.range();
        let value = match node.value() {
            Some(value) => self.expr(body, &value),
            None => Expr::unknown(span),
        };
        let keyword = node.keyword().map_or(span, |token| token.text_range());
        let mut arms = Vec::new();
        let mut results = Vec::new();
        let mut ranges = Vec::new();
        let mut default = None;
        for arm in node.arms() {
            let result = |checker: &mut Self, body: &mut Body| match arm.body() {
                Some(ast::Stmt::Bare(ast::Expr::Block(block))) => {
                    let value = checker.block(body, &block, used);
                    let steps = value.steps + 1;
                    value.costs(steps)
                }
                Some(statement) => {
                    let value = checker.statement_value(body, &statement, used);
                    let steps = value.steps + 1;
                    value.costs(steps)
                }
                None => Expr::nothing(arm.range()),
            };
            if arm.is_default() {
                default = Some(result(self, body));
                ranges.push(arm.range());
                continue;
            }
            let patterns = self.patterns(body, &arm, &value);
            let guard = arm.guard().map(|guard| {
                let mut guard = self.condition(body, &guard);
                if let ExprKind::Bool(_) = guard.kind {
                    // The interpreter does not evaluate a guard that is written out.
                    guard.steps = 0;
                }
                guard
            });
            let mixed = patterns.iter().any(|p| matches!(p, Pattern::Ints(..)))
                && !patterns.iter().all(|p| matches!(p, Pattern::Ints(..)));
            if mixed && guard.is_some() {
                body.outside(
                    arm.patterns_range(),
                    "numbers and ranges in one arm with a condition do not compile",
                    "write an arm for each",
                );
            }
            results.push(result(self, body));
            ranges.push(arm.range());
            arms.push((patterns, guard, arm.patterns_range()));
        }
        let has_default = default.is_some();
        let missing = self.covered(body, &value, &arms, has_default, keyword);
        if !has_default {
            ranges.push(TextRange::empty(span.end()));
        }
        let exhaustive = missing == Some(0);
        let default = match default {
            Some(value) => value,
            // Nothing comes here: every value has an arm.
            None if exhaustive && used => {
                Expr::new(ExprKind::Unit, Type::Unit, TextRange::empty(span.end()))
            }
            None => Expr::nothing(TextRange::empty(span.end())),
        };
        results.push(default);
        let ty = self.branches(body, &mut results, used, span, has_default);
        let default = results.pop().unwrap_or_else(|| Expr::nothing(span));
        let site = self.site(SiteKind::Switch, span, value.span, ranges);
        let arms = arms
            .into_iter()
            .zip(results)
            .map(|((patterns, guard, _), body)| Arm {
                patterns,
                guard,
                body,
            })
            .collect();
        let kind = ExprKind::Switch {
            site,
            value: Box::new(value),
            arms,
            default: Box::new(default),
        };
        Expr::new(kind, ty, span).costs(1)
    }

    fn patterns(&mut self, body: &mut Body, arm: &ast::Arm, value: &Expr) -> Vec<Pattern> {
        let bare = match &value.ty {
            Type::Optional(inner) => (**inner).clone(),
            other => other.clone(),
        };
        let mut patterns = Vec::new();
        for expr in arm.patterns() {
            let pattern = match &expr {
                ast::Expr::Unit(_) => Some(Pattern::Unit),
                ast::Expr::Binary(range) => ints(range),
                other => match literal(other) {
                    Some(ast::LiteralValue::Int(number)) => Some(Pattern::Int(number)),
                    Some(ast::LiteralValue::Bool(value)) => Some(Pattern::Bool(value)),
                    Some(ast::LiteralValue::Text(text)) => Some(Pattern::Text(self.text(&text))),
                    _ => None,
                },
            };
            let Some(pattern) = pattern else {
                body.outside(
                    expr.range(),
                    "this literal does not compile",
                    "name numbers, ranges, booleans or texts",
                );
                continue;
            };
            let fits = match (&pattern, &bare) {
                (_, Type::Unknown) => true,
                (Pattern::Unit, _) => matches!(value.ty, Type::Optional(_)),
                (Pattern::Int(_) | Pattern::Ints(..), Type::Int) => true,
                (Pattern::Bool(_), Type::Bool) => true,
                (Pattern::Text(_), ty) => ty.is_text(),
                _ => false,
            };
            if !fits {
                let message = format!(
                    "this is never equal to {}",
                    value.ty.in_words(self.env.tables)
                );
                body.outside(expr.range(), message, "");
                continue;
            }
            patterns.push(pattern);
        }
        patterns
    }

    /// Tells of arms that are never reached and of values without one; gives how many
    /// values have none, where the values are known.
    fn covered(
        &mut self,
        body: &mut Body,
        value: &Expr,
        arms: &[(Vec<Pattern>, Option<Expr>, TextRange)],
        has_default: bool,
        keyword: TextRange,
    ) -> Option<usize> {
        let mut seen: Vec<&Pattern> = Vec::new();
        for (patterns, guard, span) in arms {
            let all_seen =
                !patterns.is_empty() && patterns.iter().all(|pattern| seen.contains(&pattern));
            if all_seen {
                body.warn(
                    Rule::Unreachable,
                    *span,
                    "an arm before has this already",
                    "take it out",
                );
            }
            if guard.is_none() {
                seen.extend(patterns);
            }
        }
        let domain = self.domain(value);
        if let Some((fact, values)) = &domain {
            for (patterns, _, span) in arms {
                for pattern in patterns {
                    let Pattern::Text(id) = pattern else { continue };
                    let at = usize::try_from(id.0).unwrap_or(usize::MAX);
                    let Some(text) = self.texts.get(at).filter(|text| !values.contains(text))
                    else {
                        continue;
                    };
                    let help = match nearest(text, values.iter().map(SmolStr::as_str)) {
                        Some(near) => format!("did you mean {near:?}?"),
                        None => format!("it is one of {}", values.join(", ")),
                    };
                    let message = format!("`{fact}` is never {text:?}");
                    body.warn(Rule::ImpossibleValue, *span, message, help);
                }
            }
        }
        if has_default {
            return None;
        }
        let missing: Vec<String> = match (&domain, &value.ty) {
            (Some((_, values)), _) => values
                .iter()
                .filter(|value| {
                    let id = self.text_ids.get(*value);
                    !id.is_some_and(|id| seen.contains(&&Pattern::Text(*id)))
                })
                .map(|value| format!("{value:?}"))
                .collect(),
            (None, Type::Bool) => [true, false]
                .into_iter()
                .filter(|value| !seen.contains(&&Pattern::Bool(*value)))
                .map(|value| value.to_string())
                .collect(),
            _ => {
                body.warn(
                    Rule::NoDefault,
                    keyword,
                    "this `switch` has no `_` arm",
                    "say what happens to every other value",
                );
                return None;
            }
        };
        if missing.is_empty() {
            return Some(0);
        }
        let message = format!("nothing handles {}", missing.join(", "));
        body.warn(
            Rule::UnhandledValue,
            keyword,
            message,
            "write an arm for each, or `_`",
        );
        Some(missing.len())
    }
}

fn literal(expr: &ast::Expr) -> Option<ast::LiteralValue> {
    match expr {
        ast::Expr::Literal(literal) => literal.value(),
        ast::Expr::Unary(unary) if unary.operator()?.kind() == K::Minus => {
            match literal(&unary.operand()?)? {
                ast::LiteralValue::Int(number) => {
                    Some(ast::LiteralValue::Int(number.checked_neg()?))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// A range of numbers, both ends included; an empty one has its ends the wrong way round.
fn ints(range: &ast::Binary) -> Option<Pattern> {
    let number = |expr: Option<ast::Expr>, open: i64| match expr {
        None => Some(open),
        Some(expr) => match literal(&expr)? {
            ast::LiteralValue::Int(number) => Some(number),
            _ => None,
        },
    };
    let inclusive = range.operator()?.kind() == K::DotDotEq;
    let from = number(range.left(), 0)?;
    let is_open = range.right().is_none();
    let to = number(range.right(), i64::MAX)?;
    match (inclusive, to.checked_sub(1)) {
        (true, _) => Some(Pattern::Ints(from, to)),
        // Rhai's open range ends before the greatest number.
        (false, Some(last)) => Some(Pattern::Ints(from, last)),
        (false, None) if is_open => Some(Pattern::Ints(from, to)),
        (false, None) => Some(Pattern::Ints(1, 0)),
    }
}
