//! Expressions that are no call and no operator.

use redress_model::code::nearest;
use rowan::TextRange;

use super::Checker;
use super::body::Body;
use crate::diagnostic::Rule;
use crate::ir::{Expr, ExprKind, Type};
use crate::syntax::{SyntaxKind as K, SyntaxToken, ast};

impl Checker<'_> {
    pub(super) fn expr(&mut self, body: &mut Body, expr: &ast::Expr) -> Expr {
        let span = expr.range();
        match expr {
            ast::Expr::Literal(literal) => self.literal(body, literal),
            ast::Expr::Unit(_) => Expr::nothing(span).costs(1),
            ast::Expr::NameRef(name) => match name.token() {
                Some(token) => self.name(body, &token),
                None => Expr::unknown(span),
            },
            ast::Expr::Paren(paren) => match paren.inner() {
                Some(inner) => self.expr(body, &inner),
                None => Expr::unknown(span),
            },
            ast::Expr::Unary(unary) => self.unary(body, unary),
            ast::Expr::Binary(binary) => self.binary(body, binary),
            ast::Expr::Call(call) => self.call(body, call),
            ast::Expr::MethodCall(_) | ast::Expr::Field(_) => self.chain(body, expr),
            ast::Expr::Index(index) => self.index(body, index),
            ast::Expr::List(list) => self.list(body, list),
            // As an expression each is wrapped once more.
            ast::Expr::If(_) | ast::Expr::Switch(_) => {
                let value = self.bare(body, expr, true);
                let steps = value.steps + 1;
                value.costs(steps)
            }
            ast::Expr::Block(_) => self.bare(body, expr, true),
            ast::Expr::For(_) => {
                body.outside(
                    span,
                    "a loop that is part of an expression does not compile",
                    "assign to a variable in it",
                );
                Expr::unknown(span)
            }
            ast::Expr::Jump(node) => match ast::Stmt::cast(node.clone()) {
                Some(statement) => {
                    let value = self.statement_value(body, &statement, true);
                    let steps = value.steps + 1;
                    value.costs(steps)
                }
                None => Expr::unknown(span),
            },
            ast::Expr::Other(node) => {
                self.foreign(body, node);
                Expr::unknown(span)
            }
        }
    }

    /// An operand or an argument: nothing may be assigned within it.
    pub(super) fn operand(&mut self, body: &mut Body, expr: &ast::Expr) -> Expr {
        body.in_operand += 1;
        let value = self.expr(body, expr);
        body.in_operand -= 1;
        value
    }

    /// An argument of a call. A list of literals is one literal, and one step.
    pub(super) fn arg(&mut self, body: &mut Body, expr: &ast::Expr) -> Expr {
        let mut value = self.operand(body, expr);
        if is_constant(expr) {
            flatten(&mut value);
            value.steps = 1;
        }
        value
    }

    /// An expression that must have a type.
    pub(super) fn of_type(&mut self, body: &mut Body, expr: &ast::Expr, ty: &Type) -> Expr {
        let value = self.operand(body, expr);
        self.must_be(body, value, ty)
    }

    /// Tells if a value has another type than it must have.
    pub(super) fn must_be(&mut self, body: &mut Body, value: Expr, ty: &Type) -> Expr {
        let fits = match (&value.ty, ty) {
            (Type::Unknown | Type::Never, _) => true,
            (found, Type::Text) => found.is_text(),
            (Type::Money(_), Type::Money(_)) => true,
            (found, wanted) => found == wanted,
        };
        if fits {
            return value;
        }
        let found = value.ty.in_words(self.env.tables);
        let message = format!("expected {ty}, found {found}");
        let help = match &value.ty {
            Type::Optional(_) => {
                "write `?? value` behind it, or read the fact as `facts.name`, which holds the case"
            }
            _ => "",
        };
        body.error(Rule::WrongType, value.span, message, help);
        Expr::unknown(value.span)
    }

    pub(super) fn condition(&mut self, body: &mut Body, expr: &ast::Expr) -> Expr {
        let value = self.expr(body, expr);
        self.must_be(body, value, &Type::Bool)
    }

    /// The value as one of a wider type.
    pub(super) fn widen(&self, value: Expr, ty: &Type) -> Expr {
        if value.ty == *ty
            || matches!(value.ty, Type::Never | Type::Unknown)
            || *ty == Type::Unknown
        {
            return value;
        }
        let (span, at) = (value.span, value.at);
        if let (Type::Optional(inner), false) =
            (ty, matches!(value.ty, Type::Optional(_) | Type::Unit))
        {
            let value = self.widen(value, inner);
            return Expr::new(ExprKind::Widen(Box::new(value)), ty.clone(), span).fails_at(at);
        }
        if value.ty == Type::Unit && matches!(ty, Type::Optional(_)) {
            return Expr {
                ty: ty.clone(),
                ..value
            };
        }
        Expr::new(ExprKind::Widen(Box::new(value)), ty.clone(), span).fails_at(at)
    }

    fn literal(&mut self, body: &mut Body, literal: &ast::Literal) -> Expr {
        let span = literal.range();
        let (kind, ty) = match literal.value() {
            Some(ast::LiteralValue::Int(value)) => (ExprKind::Int(value), Type::Int),
            Some(ast::LiteralValue::Bool(value)) => (ExprKind::Bool(value), Type::Bool),
            Some(ast::LiteralValue::Text(value)) => {
                (ExprKind::Text(self.text(&value)), Type::Symbol)
            }
            Some(ast::LiteralValue::Char(_)) => {
                body.outside(
                    span,
                    "a single character does not compile",
                    "write a text in double quotes",
                );
                return Expr::unknown(span);
            }
            None => {
                if literal
                    .token()
                    .is_some_and(|token| matches!(token.kind(), K::Text | K::Template))
                {
                    body.outside(
                        span,
                        "a text over lines does not compile",
                        "write it on one line",
                    );
                }
                return Expr::unknown(span);
            }
        };
        Expr::new(kind, ty, span).costs(1)
    }

    fn name(&mut self, body: &mut Body, token: &SyntaxToken) -> Expr {
        let span = token.text_range();
        if let Some(named) = body.find(token.text()) {
            let local = named.local;
            let ty = body
                .local(local)
                .map_or(Type::Unknown, |local| local.ty.clone());
            return Expr::new(ExprKind::Local(local), ty, span).costs(1);
        }
        if let Some(constant) = self.constants.get(token.text()) {
            let mut value = constant.clone();
            flatten(&mut value);
            return Expr {
                span,
                at: span.start(),
                steps: 1,
                ..value
            };
        }
        self.no_variable(body, token);
        Expr::unknown(span)
    }

    pub(super) fn no_variable(&mut self, body: &mut Body, token: &SyntaxToken) {
        let name = token.text();
        if token.kind() != K::Ident {
            return;
        }
        let locals = body
            .scopes
            .iter()
            .flatten()
            .map(|named| named.name.as_str());
        let known = locals
            .chain(self.constants.keys().map(smol_str::SmolStr::as_str))
            .chain(["return", "true", "false"]);
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a function sees its parameters and the constants beside it".into(),
        };
        body.error(
            Rule::UnknownName,
            token.text_range(),
            format!("there is no variable `{name}`"),
            help,
        );
    }

    fn list(&mut self, body: &mut Body, list: &ast::List) -> Expr {
        let items: Vec<Expr> = list.items().map(|item| self.operand(body, &item)).collect();
        self.list_of(body, items, list.range()).costs(1)
    }

    pub(super) fn list_of(
        &mut self,
        body: &mut Body,
        mut items: Vec<Expr>,
        span: TextRange,
    ) -> Expr {
        let mut item = Type::Never;
        for value in &items {
            if matches!(
                value.ty,
                Type::List(_) | Type::Optional(_) | Type::Unit | Type::Range | Type::Row(_)
            ) {
                let message = format!(
                    "a list of {} does not compile",
                    value.ty.in_words(self.env.tables)
                );
                body.outside(
                    value.span,
                    message,
                    "a list has integers, texts, dates, sums or remedies",
                );
                return Expr::unknown(span);
            }
            match item.join(&value.ty) {
                Some(ty) => item = ty,
                None => {
                    let (one, other) = (
                        item.in_words(self.env.tables),
                        value.ty.in_words(self.env.tables),
                    );
                    let message = format!("this list holds {one} and {other}");
                    body.outside(value.span, message, "items of one type make a list");
                    return Expr::unknown(span);
                }
            }
        }
        for value in &mut items {
            let taken = std::mem::replace(value, Expr::nothing(span));
            *value = self.widen(taken, &item);
        }
        Expr::new(ExprKind::List(items), Type::List(Box::new(item)), span)
    }
}

/// Whether an expression is a literal, or a list of literals.
pub(super) fn is_constant(expr: &ast::Expr) -> bool {
    match expr.clone().bare() {
        ast::Expr::Literal(_) | ast::Expr::Unit(_) => true,
        ast::Expr::List(list) => list.items().all(|item| is_constant(&item)),
        number => is_number(&number),
    }
}

/// Whether an expression is one number to Rhai, which takes every `-` before a number as its own.
pub(super) fn is_number(expr: &ast::Expr) -> bool {
    match expr.clone().bare() {
        ast::Expr::Literal(literal) => matches!(literal.value(), Some(ast::LiteralValue::Int(_))),
        ast::Expr::Unary(unary) => {
            let operator = unary.operator();
            operator.is_some_and(|token| token.kind() == K::Minus)
                && unary.operand().is_some_and(|operand| is_number(&operand))
        }
        _ => false,
    }
}

/// Takes the steps out of a constant.
pub(super) fn flatten(expr: &mut Expr) {
    expr.steps = 0;
    match &mut expr.kind {
        ExprKind::List(items) => items.iter_mut().for_each(flatten),
        ExprKind::Widen(inner) => flatten(inner),
        _ => {}
    }
}
