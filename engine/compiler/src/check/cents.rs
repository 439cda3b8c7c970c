//! Divisions of integers whose rest is lost before a sum is multiplied.
//!
//! One that stands in the product itself is told where it is typed; one that comes to it
//! through variables is found here.

use std::collections::BTreeSet;

use rowan::TextRange;

use super::Checker;
use super::sentences::{each, each_set};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::ir::{Expr, ExprKind, Function, FunctionId, IntOp, LocalId, Program, Type};

impl Checker<'_> {
    /// Tells every division that a variable carries into a product with a sum.
    pub(super) fn dropped_cents(&mut self, program: &Program, reached: &BTreeSet<FunctionId>) {
        let mut spans = BTreeSet::new();
        for function in reached.iter().filter_map(|id| program.function(*id)) {
            each(&function.body, &mut |expr| {
                let ExprKind::MoneyTimes(left, right) = &expr.kind else {
                    return;
                };
                let factor = if left.ty == Type::Int { left } else { right };
                if matches!(factor.kind, ExprKind::Local(_)) {
                    let mut found = Vec::new();
                    divisions(function, factor, &mut Vec::new(), &mut found);
                    spans.extend(found.iter().map(|span| (span.start(), span.end())));
                }
            });
        }
        let told = spans.into_iter().map(|(start, end)| Diagnostic {
            rule: Rule::DroppedCents,
            severity: Severity::Warning,
            message: "this division drops its rest, and a sum is multiplied by what is left"
                .to_owned(),
            help: Some("write `sum.ratio(a, b)`, which rounds once, as the release says".into()),
            span: TextRange::new(start, end),
        });
        self.diagnostics.extend(told);
    }
}

/// The divisions that a value can be.
fn divisions(
    function: &Function,
    expr: &Expr,
    open: &mut Vec<LocalId>,
    found: &mut Vec<TextRange>,
) {
    match &expr.kind {
        ExprKind::Int2(IntOp::Div, ..) => found.push(expr.span),
        ExprKind::Block(_, value) | ExprKind::Widen(value) => {
            divisions(function, value, open, found);
        }
        ExprKind::If {
            then, otherwise, ..
        } => {
            divisions(function, then, open, found);
            divisions(function, otherwise, open, found);
        }
        ExprKind::Switch { arms, default, .. } => {
            for arm in arms {
                divisions(function, &arm.body, open, found);
            }
            divisions(function, default, open, found);
        }
        // A number that is also compared or told to people is meant whole: full weeks, full
        // periods.
        ExprKind::Local(local) if !open.contains(local) && reads(function, *local) == 1 => {
            open.push(*local);
            each_set(&function.body, &mut |set, value| {
                if set == *local {
                    divisions(function, value, open, found);
                }
            });
            open.pop();
        }
        _ => {}
    }
}

/// How often a variable is read.
fn reads(function: &Function, local: LocalId) -> usize {
    let mut count = 0;
    each(&function.body, &mut |expr| {
        count += usize::from(matches!(expr.kind, ExprKind::Local(read) if read == local));
    });
    count
}
