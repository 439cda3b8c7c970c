//! The most that a program can use, before it runs.
//!
//! The interpreter counts steps, memory and nested calls while it runs, and stops a policy
//! that uses too much. A compiled policy does not count: it is compiled only if no run of
//! it can come near a limit, so that both always go on to the same end.

use super::{Expr, ExprKind, Function, FunctionId, Iterated, Program, Stmt, StmtKind};

/// What a run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Steps of the interpreter.
    pub steps_max: u64,
    /// Bytes, as the interpreter counts them.
    pub memory_bytes_max: u64,
    /// Nested calls.
    pub call_depth_max: u32,
    /// Bytes of what the policy returns, as the interpreter counts them.
    pub output_bytes_max: u64,
    /// Items of a list.
    pub list_items_max: u64,
    /// Bytes of a text, and of all texts of one list together.
    pub text_bytes_max: u64,
}

/// The most that a run can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bound {
    /// Steps of the interpreter.
    pub steps: u64,
    /// Bytes, as the interpreter counts them.
    pub memory_bytes: u64,
    /// Bytes that the compiled form allocates.
    pub arena_bytes: u64,
    /// Nested calls, the function itself counted.
    pub call_depth: u32,
}

/// What a remedy, a reason and an argument count against memory, in bytes, as the
/// interpreter counts them.
const REMEDY_BYTES: u64 = 256;
const REASON_BYTES: u64 = 64;
const ARGUMENT_BYTES: u64 = 64;
const ITEM_BYTES: u64 = 16;
/// The most of each in one remedy or verdict.
const REASONS_MAX: u64 = 16;
const OBLIGATIONS_MAX: u64 = 64;

impl Bound {
    fn then(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            memory_bytes: self.memory_bytes.saturating_add(other.memory_bytes),
            arena_bytes: self.arena_bytes.saturating_add(other.arena_bytes),
            call_depth: self.call_depth.max(other.call_depth),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            steps: self.steps.max(other.steps),
            memory_bytes: self.memory_bytes.max(other.memory_bytes),
            arena_bytes: self.arena_bytes.max(other.arena_bytes),
            call_depth: self.call_depth.max(other.call_depth),
        }
    }

    fn times(self, count: u64) -> Self {
        Self {
            steps: self.steps.saturating_mul(count),
            memory_bytes: self.memory_bytes.saturating_mul(count),
            arena_bytes: self.arena_bytes.saturating_mul(count),
            call_depth: self.call_depth,
        }
    }

    /// Whether no run can come past a limit.
    #[must_use]
    pub const fn is_within(&self, limits: &Limits) -> bool {
        self.steps <= limits.steps_max
            && self.memory_bytes <= limits.memory_bytes_max
            && self.call_depth <= limits.call_depth_max
    }
}

impl Program {
    /// The most that `remedy` and `route` together can use.
    #[must_use]
    pub fn bound(&self, limits: &Limits) -> Bound {
        let args_max = self
            .functions
            .iter()
            .map(|function| args_max(&function.body))
            .max();
        let args_max = args_max.unwrap_or(0);
        let mut bounds: Vec<Bound> = Vec::with_capacity(self.functions.len());
        for function in &self.functions {
            let counted = Counter {
                args_max,
                bounds: &bounds,
                limits,
            };
            bounds.push(counted.function(function));
        }
        let of = |id: FunctionId| {
            let at = usize::try_from(id.0).unwrap_or(usize::MAX);
            bounds.get(at).copied().unwrap_or_default()
        };
        let remedy = of(self.remedy);
        // A call from the host costs the step of the function too.
        let own = Bound {
            steps: 2,
            ..Bound::default()
        };
        self.route
            .map_or(remedy, |route| remedy.then(of(route)))
            .then(own)
    }
}

struct Counter<'p> {
    /// The most arguments that any reason of the program has.
    args_max: u64,
    bounds: &'p [Bound],
    limits: &'p Limits,
}

impl Counter<'_> {
    fn function(&self, function: &Function) -> Bound {
        let body = self.expr(&function.body);
        Bound {
            call_depth: body.call_depth.saturating_add(1),
            ..body
        }
    }

    fn all<'a>(&self, exprs: impl IntoIterator<Item = &'a Expr>) -> Bound {
        exprs
            .into_iter()
            .fold(Bound::default(), |sum, expr| sum.then(self.expr(expr)))
    }

    fn statement(&self, statement: &Stmt) -> Bound {
        let own = Bound {
            steps: u64::from(statement.steps),
            ..Bound::default()
        };
        own.then(match &statement.kind {
            StmtKind::Set(_, value) | StmtKind::Expr(value) => self.expr(value),
            StmtKind::For {
                items,
                body,
                steps_each,
                ..
            } => {
                let each = Bound {
                    steps: u64::from(*steps_each),
                    ..Bound::default()
                };
                let each = each.then(self.expr(body));
                match items {
                    Iterated::List(list) => {
                        self.expr(list).then(each.times(self.limits.list_items_max))
                    }
                    Iterated::Range {
                        from,
                        to,
                        most,
                        steps,
                        ..
                    } => {
                        let own = Bound {
                            steps: u64::from(*steps),
                            ..Bound::default()
                        };
                        self.all([from, to]).then(own).then(each.times(*most))
                    }
                }
            }
        })
    }

    fn expr(&self, expr: &Expr) -> Bound {
        let own = Bound {
            steps: u64::from(expr.steps),
            ..Bound::default()
        };
        own.then(self.parts(expr)).then(self.made(expr))
    }

    /// What the expression itself allocates, and its steps that depend on lengths.
    fn made(&self, expr: &Expr) -> Bound {
        let items = self.limits.list_items_max;
        let list = items.saturating_mul(ITEM_BYTES);
        let (steps, memory_bytes, arena_bytes) = match &expr.kind {
            ExprKind::Fact(_) | ExprKind::MaybeFact(_) => match &expr.ty {
                super::Type::List(_) => (0, 0, list),
                super::Type::Optional(inner) if matches!(**inner, super::Type::List(_)) => {
                    (0, 0, list)
                }
                _ => (0, 0, 0),
            },
            ExprKind::List(items) => {
                let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
                (0, 0, count.saturating_mul(ITEM_BYTES))
            }
            ExprKind::Concat(..) => (
                items.saturating_mul(2),
                list.saturating_mul(2),
                list.saturating_mul(2),
            ),
            ExprKind::WithItem { .. } => (items, list, list),
            ExprKind::Append(..) | ExprKind::Extend(..) => (0, 0, list.saturating_add(ITEM_BYTES)),
            ExprKind::Contains(..) => (items, 0, 0),
            ExprKind::IsKnown(_) => (1, 0, 0),
            ExprKind::Remedy { .. } => (0, REMEDY_BYTES, 64),
            ExprKind::OnGround { .. } => (0, 0, 64),
            ExprKind::Because { args, .. } => {
                let args = u64::try_from(args.len()).unwrap_or(u64::MAX);
                let each =
                    REASON_BYTES.saturating_add(self.args_max.saturating_mul(ARGUMENT_BYTES));
                let whole = REMEDY_BYTES.saturating_add(REASONS_MAX.saturating_mul(each));
                (0, whole, args.saturating_mul(24).saturating_add(96))
            }
            ExprKind::Grant { .. } => (0, self.limits.output_bytes_max, 32),
            ExprKind::Refuse(_) => (0, REASONS_MAX * REASON_BYTES, 32 + 16 * 24),
            ExprKind::Hold(_) => (0, REASON_BYTES, 32),
            ExprKind::Queue(..)
            | ExprKind::Priority(..)
            | ExprKind::Within(..)
            | ExprKind::Since(..) => (0, REMEDY_BYTES + OBLIGATIONS_MAX * REASON_BYTES, 64),
            ExprKind::Oblige(..) => (0, REMEDY_BYTES + OBLIGATIONS_MAX * REASON_BYTES, 80),
            _ => (0, 0, 0),
        };
        Bound {
            steps,
            memory_bytes,
            arena_bytes,
            call_depth: 0,
        }
    }

    fn parts(&self, expr: &Expr) -> Bound {
        match &expr.kind {
            ExprKind::Call(id, args) => {
                let at = usize::try_from(id.0).unwrap_or(usize::MAX);
                self.all(args)
                    .then(self.bounds.get(at).copied().unwrap_or_default())
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
                ..
            } => self
                .expr(condition)
                .then(self.expr(then).or(self.expr(otherwise))),
            ExprKind::Switch {
                value,
                arms,
                default,
                ..
            } => {
                let guards = arms.iter().filter_map(|arm| arm.guard.as_ref());
                let bodies = arms.iter().map(|arm| self.expr(&arm.body));
                let most = bodies.fold(self.expr(default), Bound::or);
                self.expr(value).then(self.all(guards)).then(most)
            }
            ExprKind::Block(statements, value) => statements
                .iter()
                .fold(Bound::default(), |sum, statement| {
                    sum.then(self.statement(statement))
                })
                .then(self.expr(value)),
            _ => {
                let mut sum = Bound::default();
                expr.each_part(&mut |part| sum = sum.then(self.expr(part)));
                sum
            }
        }
    }
}

/// The most arguments that a reason within an expression has.
fn args_max(expr: &Expr) -> u64 {
    let mut most = match &expr.kind {
        ExprKind::Because { args, .. } => u64::try_from(args.len()).unwrap_or(u64::MAX),
        ExprKind::Block(statements, _) => statements.iter().map(of_statement).max().unwrap_or(0),
        _ => 0,
    };
    expr.each_part(&mut |part| most = most.max(args_max(part)));
    most
}

fn of_statement(statement: &Stmt) -> u64 {
    match &statement.kind {
        StmtKind::Set(_, value) | StmtKind::Expr(value) => args_max(value),
        StmtKind::For { items, body, .. } => {
            let items = match items {
                Iterated::List(list) => args_max(list),
                Iterated::Range { from, to, .. } => args_max(from).max(args_max(to)),
            };
            items.max(args_max(body))
        }
    }
}
