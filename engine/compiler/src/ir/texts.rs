//! How long the texts of one list can be together.
//!
//! The interpreter counts them, and stops a policy whose list has too many bytes of text. A
//! compiled policy does not count: it is compiled only if no list of it can come past that.

use redress_model::{FactType, Schema};

use super::{Expr, ExprKind, Iterated, Limits, Program, StmtKind, Type};

/// The most bytes of a character in UTF-8.
const CHARACTER_BYTES_MAX: u64 = 4;

impl Program {
    /// The most bytes of text that a list which the program makes can hold.
    #[must_use]
    pub fn list_text_bytes(&self, schema: &Schema, limits: &Limits) -> u64 {
        let named = self.texts.iter().map(|text| count(text.len())).max();
        let named = named.unwrap_or(0);
        let facts = schema.facts().iter().map(|fact| chars_max(&fact.ty)).max();
        let known = facts.unwrap_or(0).saturating_mul(CHARACTER_BYTES_MAX);
        let measure = Measure {
            schema,
            items_max: limits.list_items_max,
            symbol_bytes: named,
            text_bytes: named.max(known),
        };
        let bodies = self.functions.iter().map(|it| measure.most(&it.body));
        bodies.max().unwrap_or(0)
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn chars_max(ty: &FactType) -> u64 {
    match ty {
        FactType::Text { chars_max } => (*chars_max).into(),
        FactType::List { item, .. } => chars_max(item),
        _ => 0,
    }
}

struct Measure<'a> {
    schema: &'a Schema,
    items_max: u64,
    /// The longest text that the program names, in bytes.
    symbol_bytes: u64,
    /// The longest text that it can have at all, in bytes.
    text_bytes: u64,
}

impl Measure<'_> {
    /// The most bytes of text in a list that an expression or a part of it makes.
    fn most(&self, expr: &Expr) -> u64 {
        let mut most = self.own(expr);
        if let ExprKind::Block(statements, _) = &expr.kind {
            for statement in statements {
                let parts: Vec<&Expr> = match &statement.kind {
                    StmtKind::Set(_, value) | StmtKind::Expr(value) => vec![value],
                    StmtKind::For { items, body, .. } => match items {
                        Iterated::List(list) => vec![list, body],
                        Iterated::Range { from, to, .. } => vec![from, to, body],
                    },
                };
                let parts = parts.into_iter().map(|part| self.most(part));
                most = most.max(parts.max().unwrap_or(0));
            }
        }
        expr.each_part(&mut |part| most = most.max(self.most(part)));
        most
    }

    /// The bytes of the list that an expression itself makes; a fact's list is within every
    /// limit, for a fact that the schema admits is readable.
    fn own(&self, expr: &Expr) -> u64 {
        let each = match &expr.ty {
            Type::List(item) => match **item {
                Type::Symbol => self.symbol_bytes,
                Type::Text => self.text_bytes,
                _ => return 0,
            },
            _ => return 0,
        };
        match &expr.kind {
            ExprKind::List(_)
            | ExprKind::Concat(..)
            | ExprKind::Append(..)
            | ExprKind::Extend(..)
            | ExprKind::WithItem { .. } => self.items(expr).saturating_mul(each),
            _ => 0,
        }
    }

    /// The most items of a list.
    fn items(&self, expr: &Expr) -> u64 {
        let items = match &expr.kind {
            ExprKind::List(items) => count(items.len()),
            ExprKind::Fact(slot) | ExprKind::MaybeFact(slot) => {
                match self.schema.fact(*slot).map(|fact| &fact.ty) {
                    Some(FactType::List { items_max, .. }) => (*items_max).into(),
                    _ => self.items_max,
                }
            }
            ExprKind::Concat(one, other) | ExprKind::Extend(one, other) => {
                self.items(one).saturating_add(self.items(other))
            }
            ExprKind::Append(list, _) => self.items(list).saturating_add(1),
            ExprKind::WithItem { list, .. } => self.items(list),
            ExprKind::Widen(inner) => self.items(inner),
            ExprKind::Coalesce { value, default, .. } => self.items(value).max(self.items(default)),
            _ => self.items_max,
        };
        items.min(self.items_max)
    }
}
