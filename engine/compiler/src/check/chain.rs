//! Chains of properties and calls: `facts.fare.percent(10)`.
//!
//! The interpreter evaluates the arguments of every call of a chain first, from the left,
//! and only then what the chain starts from. Arguments for which that makes a difference
//! are bound to variables before the chain.

use super::Checker;
use super::body::Body;
use crate::ir::{Expr, ExprKind, Stmt, StmtKind, Type};
use crate::syntax::{SyntaxKind as K, SyntaxToken, ast};

/// One link of a chain.
enum Link {
    Field(SyntaxToken),
    Call(SyntaxToken, Vec<ast::Expr>),
}

/// A link with its arguments typed.
enum Typed {
    Field(SyntaxToken),
    Call(SyntaxToken, Vec<Arg>),
}

/// An argument of a function: a value, or a list that is written out.
#[derive(Debug, Clone)]
pub(super) enum Arg {
    Value(Expr),
    /// The items, and the list's own steps.
    Items(Vec<Expr>, u32, rowan::TextRange),
}

impl Arg {
    pub(super) fn span(&self) -> rowan::TextRange {
        match self {
            Self::Value(value) => value.span,
            Self::Items(_, _, span) => *span,
        }
    }

    fn values(&self) -> &[Expr] {
        match self {
            Self::Value(value) => std::slice::from_ref(value),
            Self::Items(items, ..) => items,
        }
    }

    fn values_mut(&mut self) -> &mut [Expr] {
        match self {
            Self::Value(value) => std::slice::from_mut(value),
            Self::Items(items, ..) => items,
        }
    }
}

impl Checker<'_> {
    pub(super) fn chain(&mut self, body: &mut Body, expr: &ast::Expr) -> Expr {
        let span = expr.range();
        let mut links = Vec::new();
        let mut root = expr.clone();
        loop {
            let (link, receiver, dot) = match &root {
                ast::Expr::Field(field) => {
                    let Some(name) = field.name() else {
                        return Expr::unknown(span);
                    };
                    (Link::Field(name), field.receiver(), field.dot())
                }
                ast::Expr::MethodCall(call) => {
                    let Some(name) = call.name() else {
                        return Expr::unknown(span);
                    };
                    (
                        Link::Call(name, call.args().collect()),
                        call.receiver(),
                        call.dot(),
                    )
                }
                _ => break,
            };
            if dot.is_some_and(|dot| dot.kind() == K::QuestionDot) {
                body.outside(
                    span,
                    "`?.` does not compile",
                    "read the fact as `facts.maybe.name ?? value`",
                );
            }
            links.push(link);
            let Some(receiver) = receiver else {
                return Expr::unknown(span);
            };
            root = receiver.bare();
        }
        links.reverse();
        if let ast::Expr::Index(index) = &root {
            body.outside(
                index.range(),
                "an item in a chain does not compile",
                "keep the item in a variable first",
            );
            return Expr::unknown(span);
        }
        self.links(body, &root, links, span)
    }

    fn links(
        &mut self,
        body: &mut Body,
        root: &ast::Expr,
        links: Vec<Link>,
        span: rowan::TextRange,
    ) -> Expr {
        let count = u32::try_from(links.len()).unwrap_or(u32::MAX);
        let steps = match links.as_slice() {
            [Link::Field(_)] => 1,
            [Link::Call(_, args)] if args.is_empty() => 1,
            _ => count.saturating_add(1),
        };
        let mut typed: Vec<Typed> = links
            .into_iter()
            .map(|link| match link {
                Link::Field(name) => Typed::Field(name),
                Link::Call(name, args) => {
                    let args = args.iter().map(|arg| self.argument(body, arg)).collect();
                    Typed::Call(name, args)
                }
            })
            .collect();
        let mut value = self.operand(body, root);
        let mut bound = Vec::new();
        // An argument that comes to be bound takes those on its left with it.
        let mut total = value.is_total();
        let mut binds = false;
        for link in &typed {
            let Typed::Call(_, args) = link else {
                total = false;
                continue;
            };
            binds |= !total && !args.iter().flat_map(Arg::values).all(Expr::is_total);
            total = false;
        }
        if binds {
            for link in &mut typed {
                let Typed::Call(_, args) = link else {
                    continue;
                };
                let values = args.iter_mut().flat_map(Arg::values_mut);
                for arg in values.filter(|arg| !arg.is_total()) {
                    bind(body, arg, &mut bound);
                }
            }
        }
        for link in typed {
            value = match link {
                Typed::Field(name) => self.property(body, value, &name),
                Typed::Call(name, args) => self.method(body, value, &name, args),
            };
        }
        value.span = span;
        if !bound.is_empty() {
            let ty = value.ty.clone();
            value = Expr::new(ExprKind::Block(bound, Box::new(value)), ty, span);
        }
        let steps = value.steps.saturating_add(steps);
        value.costs(steps)
    }

    /// An argument as a function takes it.
    pub(super) fn argument(&mut self, body: &mut Body, expr: &ast::Expr) -> Arg {
        let ast::Expr::List(list) = expr.clone().bare() else {
            return Arg::Value(self.arg(body, expr));
        };
        let constant = super::expr::is_constant(expr);
        let items = list.items().map(|item| {
            let mut value = self.operand(body, &item);
            if constant {
                super::expr::flatten(&mut value);
            }
            value
        });
        Arg::Items(items.collect(), 1, expr.range())
    }

    fn property(&mut self, body: &mut Body, value: Expr, name: &SyntaxToken) -> Expr {
        let span = rowan::TextRange::new(value.span.start(), name.text_range().end());
        match value.ty.clone() {
            Type::Facts | Type::Maybe | Type::Group(_) | Type::MaybeGroup(_) => {
                self.fact_property(body, value, name)
            }
            Type::Row(table) => self.column(body, value, table, name, span),
            Type::Warnings => self.warning(body, value, name, span),
            Type::Money(currency) if name.text() == "currency" => match currency {
                Some(currency) if value.is_total() || matches!(value.kind, ExprKind::Fact(_)) => {
                    let text = self.text(currency.as_str());
                    let known = Expr::new(ExprKind::Text(text), Type::Symbol, span).costs(1);
                    self.after(value, known)
                }
                _ => {
                    body.outside(
                        span,
                        "the currency of a sum that only the run knows does not compile",
                        "give the fact an `x-currency`",
                    );
                    Expr::unknown(span)
                }
            },
            Type::Unknown | Type::Never => Expr::unknown(span),
            ty => {
                let message = format!(
                    "{} has no property `{}`",
                    ty.in_words(self.env.tables),
                    name.text()
                );
                let help = match ty {
                    Type::Optional(_) => "write `?? value` behind the fact that may be unknown",
                    _ => "",
                };
                body.error(
                    crate::diagnostic::Rule::UnknownName,
                    name.text_range(),
                    message,
                    help,
                );
                Expr::unknown(span)
            }
        }
    }

    /// A value behind an expression that is evaluated for what it does alone.
    fn after(&mut self, first: Expr, value: Expr) -> Expr {
        if first.is_total() && first.steps == 0 {
            return value;
        }
        let (span, ty) = (value.span, value.ty.clone());
        let statement = Stmt {
            span: first.span,
            kind: StmtKind::Expr(first),
            steps: 0,
        };
        Expr::new(ExprKind::Block(vec![statement], Box::new(value)), ty, span)
    }

    fn method(
        &mut self,
        body: &mut Body,
        receiver: Expr,
        name: &SyntaxToken,
        args: Vec<Arg>,
    ) -> Expr {
        let arity = args.len();
        let own = |arity: usize| self.by_name.contains_key(&(name.text().into(), arity));
        if own(arity) || (own(arity + 1) && !self.is_builtin(name.text())) {
            let message = format!("`{}` is called as a function", name.text());
            let help = format!(
                "write `{}(value{})`",
                name.text(),
                if arity > 0 { ", .." } else { "" }
            );
            body.outside(name.text_range(), message, help);
            return Expr::unknown(receiver.span);
        }
        let mut all = vec![Arg::Value(receiver)];
        all.extend(args);
        let at = name.text_range().start();
        let value = self.builtin(body, name, all, at);
        let steps = value.steps.saturating_add(1);
        value.costs(steps)
    }
}

/// Binds a value to a variable before the chain.
pub(super) fn bind(body: &mut Body, value: &mut Expr, bound: &mut Vec<Stmt>) {
    let span = value.span;
    let local = body.temporary(value.ty.clone(), span);
    let read = Expr::new(ExprKind::Local(local), value.ty.clone(), span);
    let value = std::mem::replace(value, read);
    bound.push(Stmt {
        kind: StmtKind::Set(local, value),
        span,
        steps: 0,
    });
}
