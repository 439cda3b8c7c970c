//! Blocks, statements, `if` and loops.

use rowan::TextRange;

use super::Checker;
use super::body::Body;
use super::values::ends_of;
use crate::diagnostic::Rule;
use crate::ir::{Expr, ExprKind, IntOp, Iterated, SiteKind, Stmt, StmtKind, Type};
use crate::syntax::{SyntaxKind as K, SyntaxToken, ast};

/// The most times round that a loop may go.
const ROUNDS_MAX: u64 = 100_000;

impl Checker<'_> {
    /// A block; `used` says whether somebody looks at its value.
    pub(super) fn block(&mut self, body: &mut Body, block: &ast::Block, used: bool) -> Expr {
        body.scopes.push(Vec::new());
        let statements: Vec<ast::Stmt> = block.statements().collect();
        let mut out = Vec::new();
        let mut value = Expr::nothing(block.range());
        let mut ended = false;
        for (place, statement) in statements.iter().enumerate() {
            if ended {
                let last = statements
                    .last()
                    .map_or_else(|| statement.range(), ast::Stmt::range);
                let span = TextRange::new(statement.range().start(), last.end());
                body.warn(
                    Rule::Unreachable,
                    span,
                    "this is never reached",
                    "take it out",
                );
                break;
            }
            let is_last = place + 1 == statements.len();
            let found = self.statement(body, statement, used && is_last, &mut out);
            ended = found.ty == Type::Never;
            if is_last || ended {
                value = found;
            } else if !matches!(found.kind, ExprKind::Unit) {
                let span = found.span;
                out.push(Stmt {
                    kind: StmtKind::Expr(found),
                    span,
                    steps: 0,
                });
            }
        }
        body.scopes.pop();
        if out.is_empty() {
            return value;
        }
        let ty = value.ty.clone();
        Expr::new(ExprKind::Block(out, Box::new(value)), ty, block.range())
    }

    /// A statement: what it does goes to `out`, what it gives comes back.
    fn statement(
        &mut self,
        body: &mut Body,
        statement: &ast::Stmt,
        used: bool,
        out: &mut Vec<Stmt>,
    ) -> Expr {
        let span = statement.range();
        match statement {
            ast::Stmt::Let(binding) => {
                self.let_(body, binding.name(), binding.value(), span, false, out);
            }
            ast::Stmt::Const(binding) => {
                self.let_(body, binding.name(), binding.value(), span, true, out);
            }
            ast::Stmt::Expr(statement) => {
                let Some(value) = statement.value() else {
                    return Expr::nothing(span);
                };
                if let Some(pushed) = self.push(body, &value) {
                    out.push(pushed);
                    return Expr::nothing(span);
                }
                let value = self.expr(body, &value);
                let steps = value.steps + 1;
                return value.costs(steps);
            }
            ast::Stmt::Assign(assign) => self.assign(body, assign, out),
            ast::Stmt::Return(statement) => return self.return_(body, statement.value(), span),
            ast::Stmt::Break(statement) => {
                if statement.value().is_some() {
                    body.outside(
                        span,
                        "a loop that gives a value does not compile",
                        "assign to a variable, then `break`",
                    );
                }
                return Expr::new(ExprKind::Break, Type::Never, span).costs(1);
            }
            ast::Stmt::Continue(_) => {
                return Expr::new(ExprKind::Continue, Type::Never, span).costs(1);
            }
            ast::Stmt::Bare(ast::Expr::For(loop_)) => self.for_(body, loop_, out),
            ast::Stmt::Bare(expr) => return self.bare(body, expr, used),
            ast::Stmt::Other(node) => self.foreign(body, node),
        }
        Expr::nothing(span)
    }

    /// A statement as the value of an arm.
    pub(super) fn statement_value(
        &mut self,
        body: &mut Body,
        statement: &ast::Stmt,
        used: bool,
    ) -> Expr {
        let mut out = Vec::new();
        body.scopes.push(Vec::new());
        let value = self.statement(body, statement, used, &mut out);
        body.scopes.pop();
        if out.is_empty() {
            return value;
        }
        let ty = value.ty.clone();
        Expr::new(ExprKind::Block(out, Box::new(value)), ty, statement.range())
    }

    /// An `if`, a `switch` or a block as a statement.
    pub(super) fn bare(&mut self, body: &mut Body, expr: &ast::Expr, used: bool) -> Expr {
        match expr {
            ast::Expr::If(node) => self.if_(body, node, used),
            ast::Expr::Switch(node) => self.switch(body, node, used),
            ast::Expr::Block(block) => {
                let value = self.block(body, block, used);
                let steps = value.steps + 1;
                value.costs(steps)
            }
            other => self.expr(body, other),
        }
    }

    fn let_(
        &mut self,
        body: &mut Body,
        name: Option<SyntaxToken>,
        value: Option<ast::Expr>,
        span: TextRange,
        is_const: bool,
        out: &mut Vec<Stmt>,
    ) {
        let value = match value {
            Some(value) => self.expr(body, &value),
            None => Expr::nothing(span).costs(1),
        };
        let Some(name) = name else { return };
        if matches!(name.text(), "facts" | "warnings") {
            let message = format!("`{}` is the engine's name", name.text());
            body.error(
                Rule::UnknownName,
                name.text_range(),
                message,
                "choose another name for this variable",
            );
        }
        if value.ty == Type::Range {
            body.outside(
                value.span,
                "a range is not kept in a variable",
                "write it where it is gone through",
            );
        }
        let local = body.bind(name.text(), value.ty.clone(), name.text_range());
        body.declare(name.text(), local, is_const);
        let ty = body
            .local(local)
            .map_or(Type::Unknown, |local| local.ty.clone());
        let value = self.widen(value, &ty);
        out.push(Stmt {
            kind: StmtKind::Set(local, value),
            span,
            steps: 1,
        });
    }

    fn assign(&mut self, body: &mut Body, assign: &ast::Assign, out: &mut Vec<Stmt>) {
        let span = assign.range();
        let Some((ast::Expr::NameRef(target), value)) = assign.target().zip(assign.value()) else {
            return;
        };
        let value = self.expr(body, &value);
        let Some(name) = target.token() else { return };
        let Some(named) = body.find(name.text()).cloned() else {
            self.no_variable(body, &name);
            return;
        };
        if named.is_const
            || self.constants.contains_key(name.text()) && body.find(name.text()).is_none()
        {
            let message = format!("`{}` is a constant", name.text());
            body.error(
                Rule::AssignedConstant,
                name.text_range(),
                message,
                "bind it with `let`",
            );
            return;
        }
        if body.in_operand > 0 {
            body.outside(
                span,
                "an assignment within an expression does not compile",
                "assign before it",
            );
        }
        let operator = assign.operator();
        let at = operator
            .as_ref()
            .map_or(span.start(), |token| token.text_range().start());
        let kind = operator.map_or(K::Eq, |token| token.kind());
        let ty = body
            .local(named.local)
            .map_or(Type::Unknown, |local| local.ty.clone());
        let current = Expr::new(ExprKind::Local(named.local), ty, name.text_range());
        let value = match kind {
            K::Eq => value,
            K::PlusEq if matches!(current.ty, Type::List(_)) => {
                self.add_to_list(body, current, value, at)
            }
            K::PlusEq => self.binary_op(body, K::Plus, current, value, at, span),
            K::MinusEq => self.binary_op(body, K::Minus, current, value, at, span),
            K::StarEq => self.binary_op(body, K::Star, current, value, at, span),
            K::SlashEq => self.binary_op(body, K::Slash, current, value, at, span),
            K::PercentEq => self.binary_op(body, K::Percent, current, value, at, span),
            _ => {
                body.outside(
                    span,
                    "this assignment does not compile",
                    "there are `=`, `+=`, `-=`, `*=`, `/=` and `%=`",
                );
                return;
            }
        };
        // The operator is no expression here; of a sum it is one call, or two where there
        // is none that assigns.
        let steps = match (kind, &value.ty) {
            (K::Eq, _) => value.steps,
            (K::PlusEq | K::MinusEq, Type::Money(_)) => 1,
            (_, Type::Money(_)) => 2,
            _ => 0,
        };
        let value = value.costs(steps);
        let ty = body.assign(named.local, &value.ty, value.span);
        let value = self.widen(value, &ty);
        out.push(Stmt {
            kind: StmtKind::Set(named.local, value),
            span,
            steps: 2,
        });
    }

    pub(super) fn return_(
        &mut self,
        body: &mut Body,
        value: Option<ast::Expr>,
        span: TextRange,
    ) -> Expr {
        let value = match value {
            Some(value) => self.expr(body, &value),
            None => Expr::nothing(span),
        };
        body.returns(&value.ty, value.span);
        let ty = body.result_type();
        let value = self.widen(value, &ty);
        Expr::new(ExprKind::Return(Box::new(value)), Type::Never, span).costs(1)
    }

    pub(super) fn if_(&mut self, body: &mut Body, node: &ast::If, used: bool) -> Expr {
        let span = node.range();
        let condition = match node.condition() {
            Some(condition) => self.condition(body, &condition),
            None => Expr::unknown(span),
        };
        let then_span = node.then().map_or(span, |block| block.range());
        let else_span = node
            .otherwise()
            .map_or_else(|| TextRange::empty(span.end()), |e| e.range());
        if let ExprKind::Bool(constant) = condition.kind {
            let (branch, always) = if constant {
                (else_span, "always")
            } else {
                (then_span, "never")
            };
            if !branch.is_empty() {
                let message = format!("the condition {always} holds, so this is never reached");
                body.warn(Rule::Unreachable, branch, message, "take it out");
            }
        }
        let then = match node.then() {
            Some(block) => self.block(body, &block, used),
            None => Expr::nothing(span),
        };
        let otherwise = match node.otherwise() {
            Some(ast::Expr::If(node)) => self.if_(body, &node, used),
            Some(ast::Expr::Block(block)) => self.block(body, &block, used),
            _ => Expr::nothing(TextRange::empty(span.end())),
        };
        let site = self.site(
            SiteKind::If,
            span,
            condition.span,
            vec![then_span, else_span],
        );
        let has_else = node.otherwise().is_some();
        let mut both = [then, otherwise];
        let ty = self.branches(body, &mut both, used, span, has_else);
        let [then, otherwise] = both;
        let kind = ExprKind::If {
            site,
            condition: Box::new(condition),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        Expr::new(kind, ty, span).costs(1)
    }

    /// Brings branches to one type; those whose value nobody looks at to none.
    pub(super) fn branches(
        &mut self,
        body: &mut Body,
        branches: &mut [Expr],
        used: bool,
        span: TextRange,
        is_complete: bool,
    ) -> Type {
        if !used {
            let all_end = branches.iter().all(|branch| branch.ty == Type::Never);
            for branch in branches.iter_mut() {
                discard(branch);
            }
            return if all_end { Type::Never } else { Type::Unit };
        }
        let mut joined = Type::Never;
        for branch in branches.iter() {
            match joined.join(&branch.ty) {
                Some(ty) => joined = ty,
                None if !is_complete => {
                    body.outside(
                        span,
                        "this gives a value on one way and nothing on the other",
                        "write an `else`, or a `_` arm",
                    );
                    return Type::Unknown;
                }
                None => {
                    let (one, other) = (
                        joined.in_words(self.env.tables),
                        branch.ty.in_words(self.env.tables),
                    );
                    let message = format!("this gives {other}, and {one} on another way");
                    body.outside(branch.span, message, "give one type on every way");
                    return Type::Unknown;
                }
            }
        }
        for branch in branches.iter_mut() {
            let value = std::mem::replace(branch, Expr::nothing(span));
            *branch = self.widen(value, &joined);
        }
        joined
    }

    pub(super) fn for_(&mut self, body: &mut Body, node: &ast::For, out: &mut Vec<Stmt>) {
        let span = node.range();
        let Some((items, block)) = node.items().zip(node.body()) else {
            return;
        };
        let (items, ty) = self.iterated(body, &items);
        let mut names = node.names();
        let (item, counter) = (names.next(), names.next());
        body.scopes.push(Vec::new());
        let counter = counter.map(|name| {
            let local = body.bind(name.text(), Type::Int, name.text_range());
            body.declare(name.text(), local, false);
            local
        });
        let Some(item) = item else {
            body.scopes.pop();
            return;
        };
        let local = body.bind(item.text(), ty, item.text_range());
        body.declare(item.text(), local, false);
        body.in_loop += 1;
        let mut inner = self.block(body, &block, false);
        body.in_loop -= 1;
        body.scopes.pop();
        discard(&mut inner);
        let is_empty = block.statements().next().is_none();
        if let Some(items) = items {
            let kind = StmtKind::For {
                items,
                item: local,
                counter,
                body: inner,
                steps_each: u32::from(is_empty),
            };
            out.push(Stmt {
                kind,
                span,
                steps: 1,
            });
        }
    }

    fn iterated(&mut self, body: &mut Body, items: &ast::Expr) -> (Option<Iterated>, Type) {
        if let ast::Expr::Binary(range) = items.clone().bare()
            && let Some(operator) = range.operator().map(|token| token.kind())
            && matches!(operator, K::DotDot | K::DotDotEq)
        {
            let (Some(from), Some(to)) = (range.left(), range.right()) else {
                body.outside(
                    items.range(),
                    "a range without an end does not compile",
                    "write both ends",
                );
                return (None, Type::Int);
            };
            let from = self.of_type(body, &from, &Type::Int);
            let to = self.of_type(body, &to, &Type::Int);
            let inclusive = operator == K::DotDotEq;
            let ((low, _), (_, high)) = (
                ends_of(&from, self.env.schema),
                ends_of(&to, self.env.schema),
            );
            let width = i128::from(high) - i128::from(low) + i128::from(inclusive);
            let most = u64::try_from(width.max(0)).unwrap_or(u64::MAX);
            if most > ROUNDS_MAX {
                body.outside(
                    items.range(),
                    "how often this loop runs has no bound",
                    "go up to a literal, or to a fact whose schema has a maximum",
                );
                return (None, Type::Int);
            }
            let range = Iterated::Range {
                from,
                to,
                inclusive,
                most,
                steps: 1,
            };
            return (Some(range), Type::Int);
        }
        let list = self.expr(body, items);
        match list.ty.clone() {
            Type::List(item) => {
                let ty = if *item == Type::Never {
                    Type::Unknown
                } else {
                    *item
                };
                // Nothing is in an empty list: what its items are does not matter.
                let ty = if ty == Type::Unknown { Type::Int } else { ty };
                (Some(Iterated::List(list)), ty)
            }
            Type::Unknown => (None, Type::Unknown),
            ty => {
                let message = format!(
                    "a `for` goes through a list or a range, not {}",
                    ty.in_words(self.env.tables)
                );
                let help = match ty {
                    Type::Optional(_) => "write `?? []` behind it",
                    _ => "",
                };
                body.error(Rule::WrongType, list.span, message, help);
                (None, Type::Unknown)
            }
        }
    }

    /// `list.push(x)` as a statement.
    fn push(&mut self, body: &mut Body, expr: &ast::Expr) -> Option<Stmt> {
        let ast::Expr::MethodCall(call) = expr else {
            return None;
        };
        let name = call.name()?;
        let args: Vec<_> = call.args().collect();
        let [item] = args.as_slice() else { return None };
        if name.text() != "push" {
            return None;
        }
        let ast::Expr::NameRef(target) = call.receiver()? else {
            return None;
        };
        let token = target.token()?;
        let named = body.find(token.text()).cloned()?;
        let span = expr.range();
        let item = self.arg(body, item);
        let ty = body.local(named.local)?.ty.clone();
        if named.is_const {
            let message = format!("`{}` is a constant", token.text());
            body.error(
                Rule::AssignedConstant,
                token.text_range(),
                message,
                "bind it with `let`",
            );
        }
        let current = Expr::new(ExprKind::Local(named.local), ty, token.text_range());
        let value = self.append(body, current, item, name.text_range().start());
        let ty = body.assign(named.local, &value.ty, value.span);
        let value = self.widen(value, &ty);
        // The statement, the chain, its arguments, the variable, the function.
        Some(Stmt {
            kind: StmtKind::Set(named.local, value),
            span,
            steps: 5,
        })
    }

    /// What lies outside of the subset, by its name.
    pub(super) fn foreign(&mut self, body: &mut Body, node: &crate::syntax::SyntaxNode) {
        let (what, help) = match node.kind() {
            K::Throw => ("`throw`", "return a refusal or a hold with its reason"),
            K::Try => ("`try`", "ask before, so that nothing fails"),
            K::While | K::Loop | K::Do => (
                "a loop without a bound",
                "write `for i in 0..n`, or go through a list",
            ),
            K::Map => (
                "a map",
                "put what it holds into a table, or into a variable each",
            ),
            K::Closure => ("a closure", "write a `for` over the list"),
            K::Interpolation => (
                "a text with code in it",
                "give the parts to a reason as arguments; sentences stand in the messages",
            ),
            _ => ("this", ""),
        };
        let first = node
            .first_token()
            .map_or_else(|| node.text_range(), |token| token.text_range());
        let span = if matches!(node.kind(), K::Map | K::Closure | K::Interpolation) {
            node.text_range()
        } else {
            first
        };
        body.outside(span, format!("{what} does not compile"), help);
    }
}

/// Drops the value of an expression.
pub(super) fn discard(expr: &mut Expr) {
    if matches!(expr.ty, Type::Unit | Type::Never) {
        return;
    }
    let span = expr.span;
    let value = std::mem::replace(expr, Expr::nothing(span));
    let statement = Stmt {
        kind: StmtKind::Expr(value),
        span,
        steps: 0,
    };
    *expr = Expr::new(
        ExprKind::Block(vec![statement], Box::new(Expr::nothing(span))),
        Type::Unit,
        span,
    );
}

/// The operation of integers that an operator stands for.
pub(super) const fn int_op(operator: K) -> Option<IntOp> {
    Some(match operator {
        K::Plus => IntOp::Add,
        K::Minus => IntOp::Sub,
        K::Star => IntOp::Mul,
        K::Slash => IntOp::Div,
        K::Percent => IntOp::Rem,
        _ => return None,
    })
}
