//! Tokens to a tree, as Rhai 1.27's own parser goes about it: the same precedences, the
//! same places for `;`, and the same count of levels, so that nothing is accepted here
//! that is too deep there.

mod expr;
mod stmt;

use rowan::{Checkpoint, GreenNode, GreenNodeBuilder, Language as _};

use super::kind::{Rhai, SyntaxKind as K};
use super::lexer::{BadToken, Token};
use super::{SyntaxError, range};
use crate::limits::{DEPTH_MAX, FUNCTIONS_MAX};

pub(super) fn parse(
    source: &str,
    tokens: Vec<Token>,
    bad: Vec<BadToken>,
) -> (GreenNode, Vec<SyntaxError>) {
    let mut errors: Vec<SyntaxError> = bad
        .into_iter()
        .map(|bad| SyntaxError {
            problem: bad.problem,
            help: bad.help.map(str::to_owned),
            range: range(bad.start..bad.end),
        })
        .collect();
    let mut parser = Parser {
        source,
        tokens,
        at: 0,
        builder: GreenNodeBuilder::new(),
        errors: Vec::new(),
        gave_up: false,
        functions: 0,
        in_loop: false,
        no_pipe: false,
    };
    parser.file();
    errors.append(&mut parser.errors);
    (parser.builder.finish(), errors)
}

/// How deep the parser is, as Rhai counts it.
type Level = u32;

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    /// The next token, spaces and comments counted.
    at: usize,
    builder: GreenNodeBuilder<'static>,
    errors: Vec<SyntaxError>,
    /// Nothing more is read: the source is too deep, or has too many functions.
    gave_up: bool,
    functions: usize,
    in_loop: bool,
    /// `|` divides the patterns of an arm and is no operator.
    no_pipe: bool,
}

impl Parser<'_> {
    /// The place of the next token that carries a meaning.
    fn ahead(&self, skipped: usize) -> Option<&Token> {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        rest.iter()
            .filter(|token| !token.kind.is_trivia())
            .nth(skipped)
    }

    fn current(&self) -> K {
        self.ahead(0).map_or(K::EndOfFile, |token| token.kind)
    }

    fn next_is(&self, kind: K) -> bool {
        self.current() == kind
    }

    /// Spaces and comments before the next token go where the tree now stands.
    fn trivia(&mut self) {
        while let Some(token) = self
            .tokens
            .get(self.at)
            .filter(|token| token.kind.is_trivia())
        {
            let (kind, text) = (token.kind, self.source.get(token.start..token.end));
            self.builder
                .token(Rhai::kind_to_raw(kind), text.unwrap_or_default());
            self.at += 1;
        }
    }

    fn bump(&mut self) {
        self.trivia();
        if let Some(token) = self.tokens.get(self.at) {
            let text = self.source.get(token.start..token.end);
            self.builder
                .token(Rhai::kind_to_raw(token.kind), text.unwrap_or_default());
            self.at += 1;
        }
    }

    fn take(&mut self, kind: K) -> bool {
        let found = self.next_is(kind);
        if found {
            self.bump();
        }
        found
    }

    fn start(&mut self, kind: K) {
        self.trivia();
        self.builder.start_node(Rhai::kind_to_raw(kind));
    }

    fn mark(&mut self) -> Checkpoint {
        self.trivia();
        self.builder.checkpoint()
    }

    fn start_at(&mut self, mark: Checkpoint, kind: K) {
        self.builder.start_node_at(mark, Rhai::kind_to_raw(kind));
    }

    fn finish(&mut self) {
        self.builder.finish_node();
    }

    /// A token as a node of its own.
    fn leaf(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.finish();
    }

    fn error(&mut self, problem: impl Into<String>, help: Option<&str>) {
        let end = self.source.len();
        let at = self
            .ahead(0)
            .map_or(end..end, |token| token.start..token.end);
        self.error_at(at, problem, help);
    }

    /// At the end of what was read last, where something is missing.
    fn error_after(&mut self, problem: impl Into<String>, help: Option<&str>) {
        let before = self.tokens.get(..self.at).unwrap_or_default();
        let last = before.iter().rev().find(|token| !token.kind.is_trivia());
        let end = last.map_or(0, |token| token.end);
        self.error_at(end..end, problem, help);
    }

    fn error_at(
        &mut self,
        at: std::ops::Range<usize>,
        problem: impl Into<String>,
        help: Option<&str>,
    ) {
        if !self.gave_up {
            self.errors.push(SyntaxError {
                problem: problem.into(),
                help: help.map(str::to_owned),
                range: range(at),
            });
        }
    }

    fn expect(&mut self, kind: K, what: &str) -> bool {
        let found = self.take(kind);
        if !found {
            let problem = format!("{what} is missing");
            match self.current() {
                K::EndOfFile => self.error_after(problem, None),
                _ => self.error(format!("{problem} before this"), None),
            }
        }
        found
    }

    /// One level deeper; past the limit nothing more is read.
    fn up(&mut self, level: Level) -> Level {
        if level >= DEPTH_MAX {
            self.error("this is nested too deeply", Some("split it into functions"));
            self.give_up();
        }
        level.saturating_add(1)
    }

    fn give_up(&mut self) {
        if self.gave_up {
            return;
        }
        self.gave_up = true;
        self.start(K::Error);
        while self.at < self.tokens.len() {
            self.bump();
        }
        self.finish();
    }

    fn count_function(&mut self) {
        self.functions += 1;
        if self.functions > FUNCTIONS_MAX {
            let problem = format!("there are more than {FUNCTIONS_MAX} functions and closures");
            self.error(problem, None);
            self.give_up();
        }
    }

    /// Reads what does not fit here, up to where a statement may begin or end.
    fn skip(&mut self) {
        self.start(K::Error);
        let mut open = 0_usize;
        loop {
            match self.current() {
                K::EndOfFile => break,
                K::Semicolon | K::RBrace | K::LetKw | K::FnKw | K::ReturnKw if open == 0 => break,
                K::LBrace | K::MapOpen => open += 1,
                K::RBrace => open -= 1,
                _ => {}
            }
            self.bump();
        }
        self.finish();
    }
}
