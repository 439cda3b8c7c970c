//! Mistakes that the lowering could make, each of which the campaign must see.
//!
//! A mutant gives the code generator another program than the one that the script means:
//! what comes out is what a code generator with that mistake would emit.

use redress_compiler::ir::{
    CompareOp, Expr, ExprKind, Ground, IntOp, Iterated, Pattern, Program, SpanUnit, Stmt, StmtKind,
    TextTest, Type, WarningField,
};
use redress_model::DeadlineUnit;
use rowan::TextSize;

use crate::engines::{Engines, Seen};
use crate::program::program;

/// The programs and the inputs of each within which a mutant must show.
const PROGRAMS: u64 = 120;
const INPUTS: u64 = 40;

/// A mistake: changes an expression, or a statement.
struct Mutant {
    name: &'static str,
    expr: fn(&mut Expr),
    statement: fn(&mut Stmt),
}

const fn in_expr(name: &'static str, expr: fn(&mut Expr)) -> Mutant {
    Mutant {
        name,
        expr,
        statement: |_| {},
    }
}

const fn in_statement(name: &'static str, statement: fn(&mut Stmt)) -> Mutant {
    Mutant {
        name,
        expr: |_| {},
        statement,
    }
}

fn take(expr: &mut Expr) -> Expr {
    let nothing = Expr {
        kind: ExprKind::Unit,
        ..expr.clone()
    };
    std::mem::replace(expr, nothing)
}

fn compare(expr: &mut Expr, from: CompareOp, to: CompareOp) {
    if let ExprKind::Compare(op, ..) = &mut expr.kind
        && *op == from
    {
        *op = to;
    }
}

fn int(expr: &mut Expr, from: IntOp, to: IntOp) {
    if let ExprKind::Int2(op, ..) = &mut expr.kind
        && *op == from
    {
        *op = to;
    }
}

const MUTANTS: &[Mutant] = &[
    in_expr("< is <=", |e| compare(e, CompareOp::Lt, CompareOp::Le)),
    in_expr("<= is <", |e| compare(e, CompareOp::Le, CompareOp::Lt)),
    in_expr("> is >=", |e| compare(e, CompareOp::Gt, CompareOp::Ge)),
    in_expr(">= is >", |e| compare(e, CompareOp::Ge, CompareOp::Gt)),
    in_expr("!= is ==", |e| compare(e, CompareOp::Ne, CompareOp::Eq)),
    in_expr("+ of integers is -", |e| int(e, IntOp::Add, IntOp::Sub)),
    in_expr("/ of integers is %", |e| int(e, IntOp::Div, IntOp::Rem)),
    in_expr("% of integers is /", |e| int(e, IntOp::Rem, IntOp::Div)),
    in_expr("the operands of * are swapped", |e| {
        if let ExprKind::Int2(IntOp::Mul, left, right) = &mut e.kind {
            std::mem::swap(left, right);
        }
    }),
    in_expr("the operands of - of sums are swapped", |e| {
        if let ExprKind::MoneySub(left, right) = &mut e.kind {
            std::mem::swap(left, right);
        }
    }),
    in_expr("a share is the other way up", |e| {
        if let ExprKind::Share {
            numerator,
            denominator,
            ..
        } = &mut e.kind
        {
            std::mem::swap(numerator, denominator);
        }
    }),
    in_expr("min is max", |e| {
        if let ExprKind::Min(left, right) = &mut e.kind {
            e.kind = ExprKind::Max(left.clone(), right.clone());
        }
    }),
    in_expr("abs does nothing", |e| {
        if let ExprKind::Abs(inner) = &mut e.kind {
            *e = take(inner);
        }
    }),
    in_expr("&& is ||", |e| {
        if let ExprKind::And(parts) = &mut e.kind {
            e.kind = ExprKind::Or(std::mem::take(parts));
        }
    }),
    in_expr("|| does not look at its last operand", |e| {
        if let ExprKind::Or(parts) = &mut e.kind {
            parts.pop();
        }
    }),
    in_expr(
        "a value that may be unknown is always taken for unknown",
        |e| {
            if let ExprKind::Coalesce { default, .. } = &mut e.kind {
                *e = take(default);
            }
        },
    ),
    in_expr("every fact is taken for known", |e| {
        if let ExprKind::IsKnown(_) = e.kind {
            e.kind = ExprKind::Bool(true);
        }
    }),
    in_expr("a condition is turned round", |e| {
        if let ExprKind::If {
            then, otherwise, ..
        } = &mut e.kind
        {
            std::mem::swap(then, otherwise);
        }
    }),
    in_expr("an arm's guard is not looked at", |e| {
        if let ExprKind::Switch { arms, .. } = &mut e.kind {
            arms.iter_mut().for_each(|arm| arm.guard = None);
        }
    }),
    in_expr("a range of a switch ends one too late", |e| {
        if let ExprKind::Switch { arms, .. } = &mut e.kind {
            for pattern in arms.iter_mut().flat_map(|arm| &mut arm.patterns) {
                if let Pattern::Ints(_, last) = pattern {
                    *last += 1;
                }
            }
        }
    }),
    in_expr("of several patterns only the first counts", |e| {
        if let ExprKind::Switch { arms, .. } = &mut e.kind {
            arms.iter_mut().for_each(|arm| arm.patterns.truncate(1));
        }
    }),
    in_expr("return does not end the function", |e| {
        if let ExprKind::Return(inner) = &e.kind {
            let statement = Stmt {
                kind: StmtKind::Expr((**inner).clone()),
                span: e.span,
                steps: 0,
            };
            e.kind = ExprKind::Block(
                vec![statement],
                Box::new(Expr {
                    kind: ExprKind::Unit,
                    ty: Type::Unit,
                    steps: 0,
                    ..e.clone()
                }),
            );
            e.ty = Type::Unit;
        }
    }),
    in_expr("break goes on", |e| {
        if matches!(e.kind, ExprKind::Break) {
            e.kind = ExprKind::Continue;
        }
    }),
    in_expr("continue breaks", |e| {
        if matches!(e.kind, ExprKind::Continue) {
            e.kind = ExprKind::Break;
        }
    }),
    in_expr("a list's items are in reverse", |e| {
        if let ExprKind::List(items) = &mut e.kind {
            items.reverse();
        }
    }),
    in_expr("two lists are joined the other way round", |e| {
        if let ExprKind::Concat(left, right) = &mut e.kind {
            std::mem::swap(left, right);
        }
    }),
    in_expr("an output is read from the column before", |e| {
        if let ExprKind::Column(_, place) = &mut e.kind
            && e.ty == Type::Int
        {
            *place = place.saturating_sub(1);
        }
    }),
    in_expr("hours are minutes", |e| {
        if let ExprKind::Between(unit @ SpanUnit::Seconds(3600), ..) = &mut e.kind {
            *unit = SpanUnit::Seconds(60);
        }
    }),
    in_expr("a span runs backwards", |e| {
        if let ExprKind::Between(_, from, to) = &mut e.kind {
            std::mem::swap(from, to);
        }
    }),
    in_expr("starts_with is contains", |e| {
        if let ExprKind::TextTest(test @ TextTest::StartsWith, ..) = &mut e.kind {
            *test = TextTest::Contains;
        }
    }),
    in_expr("what the law owes is a contract's", |e| {
        if let ExprKind::OnGround { ground, .. } = &mut e.kind {
            *ground = Ground::Contractual;
        }
    }),
    in_expr("a reason loses its last argument", |e| {
        if let ExprKind::Because { args, .. } = &mut e.kind {
            args.pop();
        }
    }),
    in_expr("the tier is dropped", |e| {
        if let ExprKind::Grant { tier, .. } = &mut e.kind {
            *tier = None;
        }
    }),
    in_expr("calendar days are hours", |e| {
        if let ExprKind::Within(unit @ DeadlineUnit::CalendarDays, ..) = &mut e.kind {
            *unit = DeadlineUnit::Hours;
        }
    }),
    in_expr("bursts are repeats", |e| {
        if let ExprKind::Warning(field @ WarningField::Burst) = &mut e.kind {
            *field = WarningField::Repeats;
        }
    }),
    in_expr("a failure is placed one column on", |e| {
        e.at += TextSize::from(1)
    }),
    in_expr("a condition costs no step", |e| {
        if let ExprKind::If { .. } = e.kind {
            e.steps = e.steps.saturating_sub(1);
        }
    }),
    in_statement("a range includes its end", |s| {
        if let StmtKind::For {
            items: Iterated::Range { inclusive, .. },
            ..
        } = &mut s.kind
        {
            *inclusive = true;
        }
    }),
    in_statement("the time round costs one step more", |s| {
        if let StmtKind::For { steps_each, .. } = &mut s.kind {
            *steps_each += 1;
        }
    }),
    in_statement("a loop does not count", |s| {
        if let StmtKind::For { counter, .. } = &mut s.kind {
            *counter = None;
        }
    }),
];

/// The program as a lowering with that mistake takes it.
fn mutated(mut program: Program, mutant: &Mutant) -> Program {
    for function in &mut program.functions {
        change(&mut function.body, mutant);
    }
    program
}

fn change(expr: &mut Expr, mutant: &Mutant) {
    if let ExprKind::Block(statements, _) = &mut expr.kind {
        for statement in statements {
            match &mut statement.kind {
                StmtKind::Set(_, value) | StmtKind::Expr(value) => change(value, mutant),
                StmtKind::For { items, body, .. } => {
                    match items {
                        Iterated::List(list) => change(list, mutant),
                        Iterated::Range { from, to, .. } => {
                            change(from, mutant);
                            change(to, mutant);
                        }
                    }
                    change(body, mutant);
                }
            }
            (mutant.statement)(statement);
        }
    }
    expr.each_part_mut(&mut |part| change(part, mutant));
    (mutant.expr)(expr);
}

#[test]
fn every_mutant_of_the_lowering_is_seen() {
    let engines = Engines::new();
    let mut open: Vec<&Mutant> = MUTANTS.iter().collect();
    let mut table = Vec::new();
    for seed in 1..=PROGRAMS {
        let text = program(seed);
        let Ok(meant) = engines.program(&text) else {
            continue;
        };
        open.retain(|mutant| {
            let other = mutated(meant.clone(), mutant);
            if other == meant {
                return true;
            }
            let Ok(pair) = engines.pair(&text, &other) else {
                return true;
            };
            let seen = engines.compare(&pair, seed, INPUTS, &mut Seen::default());
            if seen.is_some() {
                table.push(format!("{}: program {seed}", mutant.name));
            }
            seen.is_none()
        });
        if open.is_empty() {
            break;
        }
    }
    eprintln!("{}", table.join("\n"));
    let open: Vec<_> = open.iter().map(|mutant| mutant.name).collect();
    assert!(open.is_empty(), "not seen: {open:#?}");
    assert!(MUTANTS.len() >= 20);
}
