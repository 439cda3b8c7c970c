//! Items, blocks and statements.

use rowan::Language as _;

use super::{K, Level, Parser, Rhai};
use crate::limits::ARMS_MAX;

/// Whether a statement needs a `;` before the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// It ends with its own `}`.
    Itself,
    /// By a `;`, unless the block ends.
    BySemicolon,
    /// It was none: a `;` alone, or what could not be read.
    Nothing,
}

impl Parser<'_> {
    pub(super) fn file(&mut self) {
        self.builder.start_node(Rhai::kind_to_raw(K::Root));
        loop {
            match self.current() {
                K::EndOfFile => break,
                K::Semicolon => self.bump(),
                K::FnKw | K::PrivateKw => self.function(),
                K::ConstKw => {
                    // Rhai counts the levels outside of functions from 0.
                    let level = self.up(0);
                    self.let_(K::Const, level);
                    if !self.take(K::Semicolon) && !self.next_is(K::EndOfFile) {
                        self.error_after("`;` is missing after this constant", None);
                    }
                }
                _ => self.stray(),
            }
        }
        self.trivia();
        self.finish();
    }

    /// Rhai runs statements outside of functions; a policy has none.
    fn stray(&mut self) {
        self.error(
            "only functions and constants may stand outside a function",
            Some("move this line into `fn remedy(facts)`"),
        );
        let before = self.at;
        let errors = self.errors.len();
        self.statement(0);
        // What is wrong within it does not matter any more.
        self.errors.truncate(errors);
        self.take(K::Semicolon);
        if self.at == before {
            self.leaf(K::Error);
        }
    }

    fn function(&mut self) {
        self.start(K::Function);
        self.take(K::PrivateKw);
        self.expect(K::FnKw, "`fn`");
        self.count_function();
        // Rhai counts a function's levels from its own start.
        let level = 1;
        match self.current() {
            K::Ident => self.bump(),
            K::Reserved => {
                self.error("this word is Rhai's own", Some("choose another name"));
                self.bump();
            }
            _ => self.error("the name of the function is missing", None),
        }
        self.params();
        let in_loop = std::mem::replace(&mut self.in_loop, false);
        if self.next_is(K::LBrace) {
            self.block(level);
        } else {
            self.error(
                "the body of the function is missing",
                Some("write it in `{ }`"),
            );
        }
        self.in_loop = in_loop;
        self.finish();
    }

    fn params(&mut self) {
        self.start(K::Params);
        if self.expect(K::LParen, "`(`") {
            self.names(K::RParen);
            self.expect(K::RParen, "`)`");
        }
        self.finish();
    }

    /// Names divided by commas, up to a mark.
    pub(super) fn names(&mut self, end: K) {
        while !self.next_is(end) {
            match self.current() {
                K::Ident => self.leaf(K::Param),
                K::EndOfFile | K::LBrace | K::RBrace => break,
                _ => {
                    self.error("expected the name of a parameter", None);
                    self.leaf(K::Error);
                }
            }
            if !self.take(K::Comma) && !self.next_is(end) {
                self.expect(K::Comma, "`,`");
                if self.current() != K::Ident {
                    break;
                }
            }
        }
    }

    pub(super) fn block(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::Block);
        if self.expect(K::LBrace, "`{`") {
            self.statements(level);
            self.expect(K::RBrace, "`}`");
        }
        self.finish();
    }

    /// Statements up to a `}`, or to the end of code within a text.
    pub(super) fn statements(&mut self, level: Level) {
        loop {
            match self.current() {
                K::RBrace | K::EndOfFile | K::TemplateMiddle | K::TemplateClose => return,
                _ => {}
            }
            let before = self.at;
            let ends = self.statement(level);
            match self.current() {
                K::Semicolon if ends != Ends::Nothing => self.bump(),
                K::RBrace | K::EndOfFile | K::TemplateMiddle | K::TemplateClose => {}
                _ if ends == Ends::BySemicolon => {
                    self.error_after("`;` is missing after this", None);
                }
                _ => {}
            }
            if self.at == before {
                self.error("this does not belong here", None);
                self.leaf(K::Error);
            }
        }
    }

    pub(super) fn statement(&mut self, level: Level) -> Ends {
        match self.current() {
            K::Semicolon => {
                self.bump();
                return Ends::Nothing;
            }
            K::LBrace => {
                let level = self.up(level);
                self.block(level);
                return Ends::Itself;
            }
            K::FnKw | K::PrivateKw => {
                self.error(
                    "a function stands outside of all others",
                    Some("move it out, and pass it what it needs"),
                );
                self.function();
                return Ends::Nothing;
            }
            _ => {}
        }
        let level = self.up(level);
        match self.current() {
            K::IfKw => self.if_(level),
            K::SwitchKw => self.switch(level),
            K::WhileKw | K::LoopKw => self.while_(level),
            K::ForKw => self.for_(level),
            K::TryKw => self.try_(level),
            K::DoKw => {
                self.do_(level);
                return Ends::BySemicolon;
            }
            K::LetKw => {
                self.let_(K::Let, level);
                return Ends::BySemicolon;
            }
            K::ConstKw => {
                self.let_(K::Const, level);
                return Ends::BySemicolon;
            }
            K::ReturnKw | K::ThrowKw | K::BreakKw | K::ContinueKw => {
                self.jump(level);
                return Ends::BySemicolon;
            }
            _ => return self.expression_statement(level),
        }
        Ends::Itself
    }

    fn expression_statement(&mut self, level: Level) -> Ends {
        if !self.starts_expression() {
            self.error("expected a statement", None);
            self.skip();
            return Ends::Nothing;
        }
        let mark = self.mark();
        self.expr(level);
        if self.current().is_assignment() {
            self.start_at(mark, K::Assign);
            self.bump();
            self.expr(level);
        } else {
            self.start_at(mark, K::ExprStmt);
        }
        self.finish();
        Ends::BySemicolon
    }

    fn let_(&mut self, kind: K, level: Level) {
        self.start(kind);
        self.bump();
        self.name("the name of the variable");
        if self.take(K::Eq) {
            let level = self.up(level);
            self.expr(level);
        }
        self.finish();
    }

    /// A name as a token of the node that is open.
    fn name(&mut self, what: &str) {
        match self.current() {
            K::Ident => self.bump(),
            K::Reserved => {
                self.error("this word is Rhai's own", Some("choose another name"));
                self.bump();
            }
            _ => {
                self.expect(K::Ident, what);
            }
        }
    }

    pub(super) fn jump(&mut self, level: Level) {
        let keyword = self.current();
        let is_loop = matches!(keyword, K::BreakKw | K::ContinueKw);
        if is_loop && !self.in_loop {
            self.error("there is no loop to leave or to go on with", None);
        }
        self.start(match keyword {
            K::ReturnKw => K::Return,
            K::ThrowKw => K::Throw,
            K::BreakKw => K::Break,
            _ => K::Continue,
        });
        self.bump();
        if keyword != K::ContinueKw && self.starts_expression() {
            let level = self.up(level);
            self.expr(level);
        }
        self.finish();
    }

    fn condition(&mut self, level: Level) {
        if self.next_is(K::LBrace) {
            self.error("the condition is missing", None);
            return;
        }
        self.expr(level);
        if self.next_is(K::Eq) {
            self.error("`=` assigns", Some("write `==` to compare"));
            self.leaf(K::Error);
            if self.starts_expression() {
                self.expr(level);
            }
        }
    }

    pub(super) fn if_(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::If);
        self.bump();
        self.condition(level);
        self.block(level);
        if self.take(K::ElseKw) {
            if self.next_is(K::IfKw) {
                self.if_(level);
            } else {
                self.block(level);
            }
        }
        self.finish();
    }

    fn body_of_loop(&mut self, level: Level) {
        let in_loop = std::mem::replace(&mut self.in_loop, true);
        self.block(level);
        self.in_loop = in_loop;
    }

    pub(super) fn while_(&mut self, level: Level) {
        let level = self.up(level);
        let is_while = self.next_is(K::WhileKw);
        self.start(if is_while { K::While } else { K::Loop });
        self.bump();
        if is_while {
            self.condition(level);
        }
        self.body_of_loop(level);
        self.finish();
    }

    pub(super) fn do_(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::Do);
        self.bump();
        self.body_of_loop(level);
        if self.take(K::WhileKw) || self.take(K::UntilKw) {
            self.condition(level);
        } else {
            self.expect(K::WhileKw, "`while` or `until`");
        }
        self.finish();
    }

    pub(super) fn for_(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::For);
        self.bump();
        if self.take(K::LParen) {
            self.variable();
            self.expect(K::Comma, "`,` and the name of the counter");
            self.variable();
            self.expect(K::RParen, "`)`");
        } else {
            self.variable();
        }
        if self.expect(K::InKw, "`in`") {
            if self.next_is(K::LBrace) {
                self.error("what to go through is missing", None);
            } else {
                self.expr(level);
            }
        }
        self.body_of_loop(level);
        self.finish();
    }

    /// A name as a parameter of its own.
    fn variable(&mut self) {
        match self.current() {
            K::Ident => self.leaf(K::Param),
            K::Reserved => {
                self.error("this word is Rhai's own", Some("choose another name"));
                self.leaf(K::Param);
            }
            _ => {
                self.expect(K::Ident, "the name of the variable");
            }
        }
    }

    fn try_(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::Try);
        self.bump();
        self.block(level);
        if self.expect(K::CatchKw, "`catch`") {
            if self.take(K::LParen) {
                self.variable();
                self.expect(K::RParen, "`)`");
            }
            self.block(level);
        }
        self.finish();
    }

    pub(super) fn switch(&mut self, level: Level) {
        let level = self.up(level);
        self.start(K::Switch);
        self.bump();
        if self.starts_expression() {
            self.expr(level);
        } else {
            self.error("what to switch on is missing", None);
        }
        if self.expect(K::LBrace, "`{`") {
            self.arms(level);
            self.expect(K::RBrace, "`}`");
        }
        self.finish();
    }

    fn arms(&mut self, level: Level) {
        let mut arms = 0_usize;
        while !matches!(self.current(), K::RBrace | K::EndOfFile) {
            arms += 1;
            if arms > ARMS_MAX {
                let help = Some("put tariffs into tables");
                self.error(format!("a `switch` has more than {ARMS_MAX} arms"), help);
                self.give_up();
                return;
            }
            let before = self.at;
            let ends = self.arm(level);
            if !self.take(K::Comma) && !self.next_is(K::RBrace) && ends != Ends::Itself {
                match self.at == before {
                    true => self.skip_arm(),
                    false => {
                        self.error_after("`,` is missing after this arm", None);
                    }
                }
            }
        }
    }

    fn skip_arm(&mut self) {
        self.start(K::Error);
        while !matches!(self.current(), K::Comma | K::RBrace | K::EndOfFile) {
            self.bump();
        }
        self.finish();
        self.take(K::Comma);
    }

    fn arm(&mut self, level: Level) -> Ends {
        self.start(K::Arm);
        self.start(K::Patterns);
        if !self.take(K::Underscore) {
            let no_pipe = std::mem::replace(&mut self.no_pipe, true);
            loop {
                if !self.starts_expression() || self.next_is(K::Pipe) {
                    self.error("expected a literal, a range or `_`", None);
                    break;
                }
                self.expr(level);
                if !self.take(K::Pipe) {
                    break;
                }
            }
            self.no_pipe = no_pipe;
        }
        self.finish();
        if self.next_is(K::IfKw) {
            self.start(K::Guard);
            self.bump();
            self.condition(level);
            self.finish();
        }
        let ends = if self.expect(K::FatArrow, "`=>`") {
            match self.current() {
                K::Semicolon | K::Comma | K::RBrace => {
                    self.error(
                        "what the arm gives is missing",
                        Some("write `{}` for nothing"),
                    );
                    Ends::BySemicolon
                }
                _ => self.statement(level),
            }
        } else {
            Ends::BySemicolon
        };
        self.finish();
        ends
    }
}
