//! Expressions.

use rowan::Checkpoint;

use super::{K, Level, Parser};
use crate::limits::LITERAL_ITEMS_MAX;

impl Parser<'_> {
    /// Whether the next token can begin an expression.
    pub(super) fn starts_expression(&self) -> bool {
        matches!(
            self.current(),
            K::Ident
                | K::Reserved
                | K::Int
                | K::Text
                | K::RawText
                | K::Char
                | K::Template
                | K::TemplateOpen
                | K::TrueKw
                | K::FalseKw
                | K::IfKw
                | K::SwitchKw
                | K::DoKw
                | K::WhileKw
                | K::LoopKw
                | K::ForKw
                | K::LParen
                | K::LBracket
                | K::LBrace
                | K::MapOpen
                | K::DotDot
                | K::DotDotEq
                | K::Plus
                | K::Minus
                | K::Bang
                | K::Pipe
                | K::OrOr
                | K::Unknown
        )
    }

    pub(super) fn expr(&mut self, level: Level) {
        let level = self.up(level);
        let mark = self.mark();
        self.unary(level);
        self.binary(level, 1, mark);
    }

    /// An operand, `-x`, `+x` or `!x`.
    fn unary(&mut self, level: Level) {
        match self.current() {
            K::Minus | K::Plus | K::Bang => {
                self.start(K::Unary);
                let deeper = match self.current() {
                    // As Rhai counts: its `!` is no level in itself, and ours is one.
                    K::Bang | K::Minus | K::Plus => self.up(level),
                    _ => level,
                };
                self.bump();
                self.unary(deeper);
                self.finish();
            }
            _ => self.primary(level),
        }
    }

    fn binary(&mut self, mut level: Level, parent: u8, mark: Checkpoint) {
        loop {
            let operator = self.current();
            if self.no_pipe && operator == K::Pipe {
                return;
            }
            let binds = operator.precedence();
            let to_the_right = operator == K::StarStar;
            if binds == 0 || binds < parent || (binds == parent && !to_the_right) {
                return;
            }
            self.bump();
            let rhs = self.mark();
            self.right_operand(operator, level);
            let next = match self.current() {
                K::Pipe if self.no_pipe => 0,
                next => next.precedence(),
            };
            if (binds == next && to_the_right) || binds < next {
                let level = self.up(level);
                self.binary(level, binds, rhs);
            }
            level = self.up(level);
            self.start_at(mark, K::Binary);
            self.finish();
            if self.gave_up {
                return;
            }
        }
    }

    fn right_operand(&mut self, operator: K, level: Level) {
        match (operator, self.current()) {
            (K::QuestionQuestion, K::BreakKw | K::ContinueKw | K::ReturnKw | K::ThrowKw) => {
                let level = self.up(level);
                self.jump(level);
            }
            // A range without an end.
            (
                K::DotDot | K::DotDotEq,
                K::RBracket | K::RParen | K::RBrace | K::Comma | K::Semicolon | K::FatArrow,
            ) => {}
            _ => self.unary(level),
        }
    }

    fn primary(&mut self, level: Level) {
        let mark = self.mark();
        let kind = self.current();
        match kind {
            K::Int | K::Text | K::RawText | K::Char | K::Template | K::TrueKw | K::FalseKw => {
                self.leaf(K::Literal);
            }
            // A range without a start: the operator follows.
            K::DotDot | K::DotDotEq => {}
            K::Ident => self.leaf(K::NameRef),
            K::Reserved => {
                let word = self
                    .ahead(0)
                    .and_then(|at| self.source.get(at.start..at.end));
                let problem = format!("`{}` is not for policies", word.unwrap_or_default());
                let help = (word == Some("this"))
                    .then_some("give the value to the function as an argument");
                self.error(problem, help);
                self.leaf(K::NameRef);
            }
            K::LParen => self.parenthesis(level),
            K::LBracket => self.list(level),
            K::MapOpen => self.map(level),
            K::LBrace => {
                let level = self.up(level);
                self.block(level);
            }
            K::IfKw => {
                let level = self.up(level);
                self.if_(level);
            }
            K::SwitchKw => {
                let level = self.up(level);
                self.switch(level);
            }
            K::WhileKw | K::LoopKw => {
                let level = self.up(level);
                self.while_(level);
            }
            K::DoKw => {
                let level = self.up(level);
                self.do_(level);
            }
            K::ForKw => {
                let level = self.up(level);
                self.for_(level);
            }
            K::Pipe | K::OrOr => self.closure(level),
            K::TemplateOpen => self.template(level),
            K::EndOfFile => self.error_after("an expression is missing here", None),
            _ => {
                self.error("expected an expression", None);
                if !matches!(
                    kind,
                    K::RParen | K::RBracket | K::RBrace | K::Comma | K::Semicolon | K::FatArrow
                ) {
                    self.leaf(K::Error);
                }
            }
        }
        self.postfix(mark, kind, level);
    }

    /// What follows an operand: a call, a property, an index.
    fn postfix(&mut self, mark: Checkpoint, first: K, mut level: Level) {
        if first == K::Ident && self.next_is(K::LParen) {
            self.start_at(mark, K::Call);
            self.args(level);
            self.finish();
        }
        if matches!(first, K::DotDot | K::DotDotEq) {
            return;
        }
        loop {
            match self.current() {
                K::Dot | K::QuestionDot => {
                    level = self.up(level);
                    self.bump();
                    let is_name = self.next_is(K::Ident);
                    if is_name || self.next_is(K::Reserved) {
                        if !is_name {
                            self.error("this word is Rhai's own", None);
                        }
                        self.bump();
                    } else {
                        self.error(
                            "the name of a property or a function is missing",
                            Some("numbers are whole: write a share in percent or in basis points"),
                        );
                    }
                    if self.next_is(K::LParen) {
                        self.start_at(mark, K::MethodCall);
                        self.args(level);
                    } else {
                        self.start_at(mark, K::Field);
                    }
                    self.finish();
                }
                K::LBracket | K::QuestionBracket => {
                    level = self.up(level);
                    self.start_at(mark, K::Index);
                    self.bump();
                    let level = self.up(level);
                    self.free(|parser| parser.expr(level));
                    self.expect(K::RBracket, "`]`");
                    self.finish();
                }
                _ => return,
            }
        }
    }

    /// Within brackets of its own, where `|` is an operator again for us; Rhai's patterns
    /// are literals, so that there is nothing to disagree on.
    fn free(&mut self, parse: impl FnOnce(&mut Self)) {
        let no_pipe = std::mem::replace(&mut self.no_pipe, false);
        parse(self);
        self.no_pipe = no_pipe;
    }

    fn args(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::Args);
        self.bump();
        self.free(|parser| {
            parser.items(K::RParen, level, "the arguments of a call");
        });
        self.expect(K::RParen, "`)`");
        self.finish();
    }

    /// Expressions divided by commas up to a mark; a comma may stand last.
    fn items(&mut self, end: K, level: Level, what: &str) -> usize {
        let mut items = 0;
        while !matches!(self.current(), K::EndOfFile) && !self.next_is(end) {
            let before = self.at;
            if self.starts_expression() {
                self.expr(level);
                items += 1;
            } else {
                self.error("expected an expression", None);
            }
            if self.take(K::Comma) || self.next_is(end) {
                continue;
            }
            if self.starts_expression() && self.at != before {
                self.error_after(format!("`,` is missing between {what}"), None);
                continue;
            }
            break;
        }
        items
    }

    fn parenthesis(&mut self, level: Level) {
        let (open, close) = (self.ahead(0).copied(), self.ahead(1).copied());
        let adjacent = open
            .zip(close)
            .is_some_and(|(open, close)| close.kind == K::RParen && open.end == close.start);
        if adjacent {
            self.start(K::Unit);
            self.bump();
            self.bump();
            self.finish();
            return;
        }
        self.start(K::Paren);
        self.bump();
        let level = self.up(level);
        self.free(|parser| parser.expr(level));
        self.expect(K::RParen, "`)`");
        self.finish();
    }

    fn list(&mut self, level: Level) {
        let level = self.up(level);
        let level = self.up(level);
        self.start(K::List);
        self.bump();
        let mut items = 0;
        self.free(|parser| items = parser.items(K::RBracket, level, "the items of a list"));
        if items > LITERAL_ITEMS_MAX {
            self.error(
                format!("a list has more than {LITERAL_ITEMS_MAX} items"),
                None,
            );
        }
        self.expect(K::RBracket, "`]`");
        self.finish();
    }

    fn map(&mut self, level: Level) {
        let level = self.up(level);
        let level = self.up(level);
        self.start(K::Map);
        self.bump();
        let mut entries = 0;
        while !matches!(self.current(), K::RBrace | K::EndOfFile) {
            let before = self.at;
            self.start(K::MapEntry);
            if !self.take(K::Ident) && !self.take(K::Text) && !self.take(K::RawText) {
                self.error("expected the name of a property", None);
            }
            if self.expect(K::Colon, "`:`") {
                self.free(|parser| parser.expr(level));
            }
            self.finish();
            entries += 1;
            if !self.take(K::Comma) && !self.next_is(K::RBrace) {
                self.error_after("`,` is missing between the properties of a map", None);
                if self.at == before || !matches!(self.current(), K::Ident | K::Text) {
                    break;
                }
            }
        }
        if entries > LITERAL_ITEMS_MAX {
            self.error(
                format!("a map has more than {LITERAL_ITEMS_MAX} properties"),
                None,
            );
        }
        self.expect(K::RBrace, "`}`");
        self.finish();
    }

    fn closure(&mut self, level: Level) {
        self.count_function();
        self.start(K::Closure);
        if !self.take(K::OrOr) {
            self.bump();
            self.start(K::Params);
            self.names(K::Pipe);
            self.finish();
            self.expect(K::Pipe, "`|`");
        }
        let level = self.up(level);
        let in_loop = std::mem::replace(&mut self.in_loop, false);
        self.free(|parser| {
            parser.statement(level);
        });
        self.in_loop = in_loop;
        self.finish();
    }

    /// A text in backticks with code in it.
    fn template(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::Interpolation);
        self.bump();
        loop {
            let inner = self.up(level);
            self.start(K::Block);
            self.free(|parser| parser.statements(inner));
            self.finish();
            match self.current() {
                K::TemplateMiddle => self.bump(),
                K::TemplateClose => {
                    self.bump();
                    break;
                }
                K::EndOfFile => break,
                _ => {
                    self.error("this does not belong into the text", None);
                    self.leaf(K::Error);
                }
            }
        }
        self.finish();
    }
}
