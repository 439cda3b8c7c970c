//! What Rhai's parser refuses beyond its grammar, found on the finished tree.

use std::collections::BTreeSet;

use rowan::TextRange;

use super::ast::{
    Arm, Assign, Binary, Expr, File, For, Function, If, Literal, LiteralValue, Switch,
};
use super::kind::SyntaxKind as K;
use super::{SyntaxError, SyntaxNode, SyntaxToken};
use crate::limits::{CALL_ARGS_MAX, TEXT_BYTES_MAX};

/// Finds every breach of a rule.
pub(super) fn check(file: &File) -> Vec<SyntaxError> {
    let mut rules = Rules { errors: Vec::new() };
    rules.functions(file);
    for node in file.syntax().descendants() {
        rules.node(&node);
    }
    rules.errors
}

struct Rules {
    errors: Vec<SyntaxError>,
}

impl Rules {
    fn error(&mut self, range: TextRange, problem: impl Into<String>, help: Option<&str>) {
        self.errors.push(SyntaxError {
            problem: problem.into(),
            help: help.map(str::to_owned),
            range,
        });
    }

    /// Two functions of one name differ in how many parameters they take.
    fn functions(&mut self, file: &File) {
        let mut seen = BTreeSet::new();
        for function in file.functions() {
            let Some(name) = function.name() else {
                continue;
            };
            let count = function.params().count();
            if !seen.insert((name.text().to_owned(), count)) {
                let problem = format!(
                    "there is a function `{}` with {count} parameters already",
                    name.text()
                );
                self.error(name.text_range(), problem, Some("rename one of them"));
            }
        }
    }

    fn node(&mut self, node: &SyntaxNode) {
        match node.kind() {
            K::Function => {
                let function = Function::cast(node.clone());
                self.names(function.iter().flat_map(Function::params));
            }
            K::Closure => {
                let params = node.children().find(|child| child.kind() == K::Params);
                let params = params.into_iter().flat_map(|params| params.children());
                self.names(params.filter_map(|param| param.first_token()));
            }
            K::Map => self.map(node),
            K::If => {
                let condition = If::cast(node.clone()).and_then(|node| node.condition());
                self.boolean(condition);
            }
            K::While | K::Do | K::Guard => {
                let condition = node.children().filter_map(Expr::cast);
                let condition = condition
                    .filter(|expr| expr.syntax().kind() != K::Block)
                    .last();
                self.boolean(condition);
            }
            K::Binary => self.binary(node),
            K::For => self.for_(node),
            K::Assign => self.assign(node),
            K::Switch => self.switch(node),
            K::Args => self.args(node),
            K::Literal => self.literal(node),
            _ => {}
        }
    }

    /// Names that must differ.
    fn names(&mut self, names: impl Iterator<Item = SyntaxToken>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name.text().to_owned()) {
                let problem = format!("`{}` stands here twice", name.text());
                self.error(name.text_range(), problem, None);
            }
        }
    }

    fn map(&mut self, node: &SyntaxNode) {
        let entries = node.children().filter(|child| child.kind() == K::MapEntry);
        let mut seen = BTreeSet::new();
        for key in entries.filter_map(|entry| entry.first_token()) {
            let name = match key.kind() {
                K::Ident => Some(key.text().to_owned()),
                _ => super::unquote(key.text()),
            };
            let name = name.unwrap_or_default();
            if !seen.insert(name.clone()) {
                let problem = format!("the map has the property `{name}` twice");
                self.error(key.text_range(), problem, None);
            }
        }
    }

    /// What can never be true or false is no condition.
    fn boolean(&mut self, condition: Option<Expr>) {
        let Some(condition) = condition.map(Expr::bare) else {
            return;
        };
        let what = match &condition {
            Expr::Unit(_) => "nothing",
            Expr::List(_) => "a list",
            Expr::Other(node) if node.kind() == K::Map => "a map",
            Expr::Other(node) if node.kind() == K::Interpolation => "a text",
            Expr::Literal(literal) => match literal.value() {
                Some(LiteralValue::Int(_)) => "a number",
                Some(LiteralValue::Char(_)) => "a character",
                Some(LiteralValue::Bool(_)) => return,
                Some(LiteralValue::Text(_)) | None => "a text",
            },
            Expr::Unary(unary) if is_number(unary.operand()) => "a number",
            _ => return,
        };
        let problem = format!("a condition is true or false, and this is {what}");
        self.error(condition.range(), problem, None);
    }

    fn binary(&mut self, node: &SyntaxNode) {
        let Some(binary) = Binary::cast(node.clone()) else {
            return;
        };
        let operator = binary.operator().map(|token| token.kind());
        if matches!(operator, Some(K::AndAnd | K::OrOr)) {
            self.boolean(binary.left());
            self.boolean(binary.right());
        }
    }

    fn for_(&mut self, node: &SyntaxNode) {
        let Some(loop_) = For::cast(node.clone()) else {
            return;
        };
        self.names(loop_.names());
        let Some(items) = loop_.items().map(Expr::bare) else {
            return;
        };
        let bad = match &items {
            Expr::Unit(_) => true,
            Expr::Other(node) => node.kind() == K::Map,
            Expr::Literal(literal) => {
                !matches!(literal.value(), Some(LiteralValue::Text(_)) | None)
            }
            Expr::Unary(unary) => is_number(unary.operand()),
            _ => false,
        };
        if bad {
            let help = Some("write a list such as `[1, 2]` or a range such as `0..3`");
            self.error(
                items.range(),
                "a `for` goes through a list or a range",
                help,
            );
        }
    }

    /// Lists, maps and facts are not changed in place; a copy that changes while its
    /// original does not is a trap to a reader.
    fn assign(&mut self, node: &SyntaxNode) {
        let target = Assign::cast(node.clone()).and_then(|assign| assign.target());
        match target {
            Some(Expr::NameRef(_)) | None => {}
            Some(Expr::Field(_) | Expr::Index(_)) => {
                let help =
                    "make a new one, such as `list.with_item(0, x)`, and keep it in a variable";
                self.error(
                    node.text_range(),
                    "lists, maps and facts are not changed in place",
                    Some(help),
                );
            }
            Some(other) => {
                let help = Some("write `==` to compare");
                self.error(other.range(), "nothing can be assigned to this", help);
            }
        }
    }

    fn switch(&mut self, node: &SyntaxNode) {
        let Some(switch) = Switch::cast(node.clone()) else {
            return;
        };
        let arms: Vec<Arm> = switch.arms().collect();
        let mut seen_range = false;
        for (place, arm) in arms.iter().enumerate() {
            if arm.is_default() {
                if place + 1 < arms.len() {
                    let help = Some("move it to the end");
                    self.error(arm.patterns_range(), "`_` is the last arm", help);
                }
                if arm.guard().is_some() {
                    self.error(arm.patterns_range(), "`_` has no condition", None);
                }
            }
            for pattern in arm.patterns() {
                self.pattern(&pattern, &mut seen_range);
            }
        }
    }

    fn pattern(&mut self, pattern: &Expr, seen_range: &mut bool) {
        let number = match pattern {
            Expr::Literal(literal) => matches!(literal.value(), Some(LiteralValue::Int(_))),
            Expr::Unary(unary) if is_number(unary.operand()) && !is_not(unary) => true,
            Expr::Unit(_) => false,
            Expr::Binary(binary) if is_range(binary) => {
                *seen_range = true;
                false
            }
            _ => {
                let help = Some("name literals, and compare in an `if` behind them");
                self.error(
                    pattern.range(),
                    "an arm is for literals and ranges of them",
                    help,
                );
                return;
            }
        };
        if number && *seen_range {
            let help = Some("move it before the ranges");
            self.error(pattern.range(), "a number stands before all ranges", help);
        }
    }

    fn args(&mut self, node: &SyntaxNode) {
        if node.children().filter_map(Expr::cast).count() > CALL_ARGS_MAX {
            let problem = format!("a call has more than {CALL_ARGS_MAX} arguments");
            self.error(node.text_range(), problem, Some("pass a list or a map"));
        }
    }

    fn literal(&mut self, node: &SyntaxNode) {
        if u32::from(node.text().len()) > u32::try_from(TEXT_BYTES_MAX).unwrap_or(u32::MAX)
            && Literal::cast(node.clone()).is_some()
        {
            let problem = format!("a text has more than {TEXT_BYTES_MAX} bytes");
            self.error(node.text_range(), problem, None);
        }
    }
}

fn is_not(unary: &super::ast::Unary) -> bool {
    unary
        .operator()
        .is_some_and(|token| token.kind() == K::Bang)
}

fn is_number(expr: Option<Expr>) -> bool {
    match expr.map(Expr::bare) {
        Some(Expr::Literal(literal)) => matches!(literal.value(), Some(LiteralValue::Int(_))),
        Some(Expr::Unary(unary)) => !is_not(&unary) && is_number(unary.operand()),
        _ => false,
    }
}

/// A range of two numbers, or of one where the other end is left open.
fn is_range(binary: &Binary) -> bool {
    let kind = binary.operator().map(|token| token.kind());
    let fits = |expr: Option<Expr>| expr.is_none() || is_number(expr);
    matches!(kind, Some(K::DotDot | K::DotDotEq)) && fits(binary.left()) && fits(binary.right())
}
