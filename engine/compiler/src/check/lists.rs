//! Lists.

use rowan::{TextRange, TextSize};

use super::Checker;
use super::body::Body;
use crate::diagnostic::Rule;
use crate::ir::{Expr, ExprKind, TextTest, Type};
use crate::syntax::{SyntaxKind as K, ast};

impl Checker<'_> {
    /// The item type of a list.
    fn item_of(&mut self, body: &mut Body, list: &Expr) -> Option<Type> {
        match &list.ty {
            Type::List(item) => Some((**item).clone()),
            Type::Unknown | Type::Never => None,
            other => {
                let message = format!("expected a list, found {}", other.in_words(self.env.tables));
                let help = match other {
                    Type::Optional(_) => "write `?? []` behind it",
                    _ => "",
                };
                body.error(Rule::WrongType, list.span, message, help);
                None
            }
        }
    }

    /// `left + right`.
    pub(super) fn concat(
        &mut self,
        body: &mut Body,
        left: Expr,
        right: Expr,
        at: TextSize,
        span: TextRange,
    ) -> Expr {
        let Some(ty) = self.both_lists(body, &left, &right, span) else {
            return Expr::unknown(span);
        };
        let left = self.widen(left, &ty);
        let right = self.widen(right, &ty);
        let kind = ExprKind::Concat(Box::new(left), Box::new(right));
        Expr::new(kind, ty, span).fails_at(at).costs(2)
    }

    fn both_lists(
        &mut self,
        body: &mut Body,
        left: &Expr,
        right: &Expr,
        span: TextRange,
    ) -> Option<Type> {
        let joined = left.ty.join(&right.ty);
        if joined.is_none() {
            let (one, other) = (
                left.ty.in_words(self.env.tables),
                right.ty.in_words(self.env.tables),
            );
            body.outside(
                span,
                format!("this puts {one} and {other} into one list"),
                "items of one type make a list",
            );
        }
        joined
    }

    /// `list += item`, or all items of another list.
    pub(super) fn add_to_list(
        &mut self,
        body: &mut Body,
        list: Expr,
        value: Expr,
        at: TextSize,
    ) -> Expr {
        let span = TextRange::new(list.span.start(), value.span.end());
        if matches!(value.ty, Type::Unknown | Type::Never) {
            // What never gives a value adds nothing, and is evaluated all the same.
            let ty = list.ty.clone();
            let kind = ExprKind::Append(Box::new(list), Box::new(value));
            return Expr::new(kind, ty, span);
        }
        if let Type::List(_) = value.ty {
            let Some(ty) = self.both_lists(body, &list, &value, span) else {
                return Expr::unknown(span);
            };
            let list = self.widen(list, &ty);
            let value = self.widen(value, &ty);
            return Expr::new(ExprKind::Extend(Box::new(list), Box::new(value)), ty, span)
                .fails_at(at);
        }
        self.append(body, list, value, at)
    }

    /// The list with an item more.
    pub(super) fn append(&mut self, body: &mut Body, list: Expr, item: Expr, at: TextSize) -> Expr {
        let span = TextRange::new(list.span.start(), item.span.end());
        let Some(known) = self.item_of(body, &list) else {
            return Expr::unknown(span);
        };
        let one = self.list_of(body, vec![item], span);
        let ExprKind::List(mut items) = one.kind else {
            return Expr::unknown(span);
        };
        let Some(item) = items.pop() else {
            return Expr::unknown(span);
        };
        let Some(joined) = known.join(&item.ty) else {
            let (one, other) = (
                known.in_words(self.env.tables),
                item.ty.in_words(self.env.tables),
            );
            body.outside(
                item.span,
                format!("this list holds {one}, and this is {other}"),
                "items of one type make a list",
            );
            return Expr::unknown(span);
        };
        let ty = Type::List(Box::new(joined.clone()));
        let list = self.widen(list, &ty);
        let item = self.widen(item, &joined);
        Expr::new(ExprKind::Append(Box::new(list), Box::new(item)), ty, span).fails_at(at)
    }

    pub(super) fn with_item(
        &mut self,
        body: &mut Body,
        list: Expr,
        place: Expr,
        item: Expr,
        at: TextSize,
        span: TextRange,
    ) -> Expr {
        let Some(known) = self.item_of(body, &list) else {
            return Expr::unknown(span);
        };
        let Some(joined) = known.join(&item.ty) else {
            let (one, other) = (
                known.in_words(self.env.tables),
                item.ty.in_words(self.env.tables),
            );
            body.outside(
                item.span,
                format!("this list holds {one}, and this is {other}"),
                "items of one type make a list",
            );
            return Expr::unknown(span);
        };
        let ty = Type::List(Box::new(joined.clone()));
        let list = Box::new(self.widen(list, &ty));
        let item = Box::new(self.widen(item, &joined));
        let kind = ExprKind::WithItem {
            list,
            place: Box::new(place),
            item,
        };
        Expr::new(kind, ty, span).fails_at(at)
    }

    /// Tells of `facts[key]` and its like: names are written out behind a dot.
    fn dynamic_key(&self, body: &mut Body, keyed: &Expr, key: &ast::Expr, span: TextRange) -> bool {
        let (what, of) = match &keyed.ty {
            Type::Facts | Type::Maybe | Type::Group(_) | Type::MaybeGroup(_) => ("fact", "facts"),
            Type::Row(_) => ("column", "row"),
            Type::Warnings => ("counter", "warnings"),
            _ => return false,
        };
        let help = match key {
            ast::Expr::Literal(literal) => match literal.value() {
                Some(ast::LiteralValue::Text(name)) => format!("write `.{name}`"),
                _ => format!("write the name behind a dot, `{of}.name`"),
            },
            _ => format!("write a `switch` with an arm for each {what}, `{of}.name`"),
        };
        let message = format!("a {what} whose name is worked out, in `[ ]`, does not compile");
        body.outside(span, message, help);
        true
    }

    /// `list[place]`.
    pub(super) fn index(&mut self, body: &mut Body, index: &ast::Index) -> Expr {
        let span = index.range();
        let Some((receiver, place)) = index.receiver().zip(index.index()) else {
            return Expr::unknown(span);
        };
        let is_optional = index
            .bracket()
            .is_some_and(|token| token.kind() == K::QuestionBracket);
        let receiver = receiver.bare();
        let simple = matches!(receiver, ast::Expr::NameRef(_) | ast::Expr::Call(_));
        if is_optional || !simple {
            body.outside(
                span,
                "an item in a chain does not compile",
                "keep the list in a variable first",
            );
            return Expr::unknown(span);
        }
        if matches!(receiver, ast::Expr::NameRef(_)) {
            let keyed = self.operand(body, &receiver);
            if self.dynamic_key(body, &keyed, &place, span) {
                return Expr::unknown(span);
            }
        }
        let is_literal = super::expr::is_constant(&place);
        let mut place = self.of_type(body, &place, &Type::Int);
        let steps = match is_literal {
            true => {
                super::expr::flatten(&mut place);
                2
            }
            false => 3,
        };
        // The interpreter evaluates the place before the list.
        let mut bound = Vec::new();
        if !place.is_total() {
            super::chain::bind(body, &mut place, &mut bound);
        }
        let list = self.operand(body, &receiver);
        let Some(item) = self.item_of(body, &list) else {
            return Expr::unknown(span);
        };
        let item = if item == Type::Never {
            Type::Unknown
        } else {
            item
        };
        if item == Type::Unknown {
            return Expr::unknown(span);
        }
        let at = place.span.start();
        let kind = ExprKind::Item(Box::new(list), Box::new(place));
        let value = Expr::new(kind, item.clone(), span)
            .fails_at(at)
            .costs(steps);
        if bound.is_empty() {
            return value;
        }
        Expr::new(ExprKind::Block(bound, Box::new(value)), item, span)
    }

    /// Whether a list has an item, or a text a part.
    pub(super) fn contains(
        &mut self,
        body: &mut Body,
        of: Expr,
        item: Expr,
        at: TextSize,
        span: TextRange,
    ) -> Expr {
        if of.ty == Type::Unknown || item.ty == Type::Unknown {
            return Expr::unknown(span);
        }
        if of.ty.is_text() {
            let item = self.must_be(body, item, &Type::Text);
            let kind = ExprKind::TextTest(TextTest::Contains, Box::new(of), Box::new(item));
            return Expr::new(kind, Type::Bool, span).fails_at(at);
        }
        let Some(known) = self.item_of(body, &of) else {
            return Expr::unknown(span);
        };
        if !item.ty.is_scalar() {
            let message = format!(
                "`contains` cannot look for {}",
                item.ty.in_words(self.env.tables)
            );
            body.error(Rule::WrongType, item.span, message, "");
            return Expr::unknown(span);
        }
        let fits = match (&known, &item.ty) {
            (Type::Never, _) => true,
            (one, other) if one.is_text() && other.is_text() => true,
            (Type::Money(_), Type::Money(_)) => true,
            (one, other) => one == other,
        };
        if !fits {
            let (one, other) = (
                known.in_words(self.env.tables),
                item.ty.in_words(self.env.tables),
            );
            body.outside(span, format!("a list of {one} never has {other}"), "");
            return Expr::unknown(span);
        }
        if known == Type::Remedy {
            body.outside(span, "remedies are not looked for", "");
            return Expr::unknown(span);
        }
        let kind = ExprKind::Contains(Box::new(of), Box::new(item));
        Expr::new(kind, Type::Bool, span).fails_at(at)
    }

    /// How long a list or a text is, or whether it is empty.
    pub(super) fn length(
        &mut self,
        body: &mut Body,
        value: Expr,
        is_empty: bool,
        span: TextRange,
    ) -> Expr {
        if value.ty.is_text() {
            return match is_empty {
                true => Expr::new(ExprKind::TextIsEmpty(Box::new(value)), Type::Bool, span),
                false => Expr::new(ExprKind::TextLen(Box::new(value)), Type::Int, span),
            };
        }
        if self.item_of(body, &value).is_none() {
            return Expr::unknown(span);
        }
        let len = Expr::new(ExprKind::Len(Box::new(value)), Type::Int, span);
        if !is_empty {
            return len;
        }
        let zero = Expr::new(ExprKind::Int(0), Type::Int, span);
        let kind = ExprKind::Compare(crate::ir::CompareOp::Eq, Box::new(len), Box::new(zero));
        Expr::new(kind, Type::Bool, span)
    }
}
