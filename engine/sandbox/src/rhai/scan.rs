//! Reads a policy's source as far as the loader must: words, marks and literal texts,
//! with their places.
//!
//! Rhai's own tokens are not public. Nothing that decides money rests on these: they
//! only find mistakes early, and what they miss is found when the policy runs.

use std::iter::Peekable;
use std::str::Chars;

use redress_model::fault::Position;

use super::limits::EXPR_DEPTH_MAX;

/// A part of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a keyword.
    Word(String),
    /// A literal text without its quotes; escapes are left as they are written.
    Text(String),
    /// One character of punctuation.
    Mark(char),
    /// A number or a character.
    Other,
}

/// A part of the source with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) at: Position,
}

impl Placed {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.token {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.token {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.token == Token::Mark(mark)
    }
}

/// The parts of a source in order, comments left out.
pub(super) fn scan(source: &str) -> Vec<Placed> {
    let mut scanner = Scanner {
        rest: source.chars().peekable(),
        line: 1,
        column: 1,
        tokens: Vec::new(),
        nested: 0,
    };
    scanner.code(false);
    scanner.tokens
}

struct Scanner<'a> {
    rest: Peekable<Chars<'a>>,
    line: u32,
    column: u32,
    tokens: Vec<Placed>,
    /// How many texts the scanner is within.
    nested: usize,
}

impl Scanner<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        if next == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
        Some(next)
    }

    fn next_is(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    /// Reads code to the end, or within a text to the `}` that ends it.
    fn code(&mut self, within_text: bool) {
        let mut open = 0_u32;
        loop {
            let at = Position {
                line: self.line,
                column: self.column,
            };
            let Some(next) = self.next() else { return };
            let token = match next {
                '/' if self.next_is('/') => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.next();
                    }
                    continue;
                }
                '/' if self.next_is('*') => {
                    self.comment();
                    continue;
                }
                '"' => Token::Text(self.quoted('"')),
                '\'' => {
                    self.quoted('\'');
                    Token::Other
                }
                '`' => {
                    self.interpolated(at);
                    continue;
                }
                '#' if matches!(self.peek(), Some('"' | '#')) => Token::Text(self.raw()),
                next if next.is_ascii_digit() => {
                    self.word(next);
                    Token::Other
                }
                next if next.is_alphanumeric() || next == '_' => Token::Word(self.word(next)),
                next if next.is_whitespace() => continue,
                '{' => {
                    open = open.saturating_add(1);
                    Token::Mark('{')
                }
                '}' if within_text && open == 0 => return,
                '}' => {
                    open = open.saturating_sub(1);
                    Token::Mark('}')
                }
                mark => Token::Mark(mark),
            };
            self.tokens.push(Placed { token, at });
        }
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        while let Some(next) = self.peek().filter(|c| c.is_alphanumeric() || *c == '_') {
            word.push(next);
            self.next();
        }
        word
    }

    /// Comments nest.
    fn comment(&mut self) {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next() {
                None => return,
                Some('/') if self.next_is('*') => depth = depth.saturating_add(1),
                Some('*') if self.next_is('/') => depth = depth.saturating_sub(1),
                Some(_) => {}
            }
        }
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        while let Some(next) = self.next() {
            if next == quote {
                // A quote is doubled to stand within.
                if !self.next_is(quote) {
                    return text;
                }
            } else if next == '\\' {
                text.push(next);
                text.extend(self.next());
                continue;
            }
            text.push(next);
        }
        text
    }

    /// `#"..."#` with any number of `#`; the first is read.
    fn raw(&mut self) -> String {
        let mut hashes = 1_usize;
        while self.next_is('#') {
            hashes = hashes.saturating_add(1);
        }
        let mut text = String::new();
        if !self.next_is('"') {
            return text;
        }
        while let Some(next) = self.next() {
            if next == '"' {
                let mut closing = 0_usize;
                while closing < hashes && self.next_is('#') {
                    closing = closing.saturating_add(1);
                }
                if closing == hashes {
                    return text;
                }
            }
            text.push(next);
        }
        text
    }

    /// A text between backticks, with the code in its `${...}`.
    fn interpolated(&mut self, at: Position) {
        self.tokens.push(Placed {
            token: Token::Other,
            at,
        });
        while let Some(next) = self.next() {
            match next {
                '`' if !self.next_is('`') => return,
                '$' if self.next_is('{') => {
                    self.nested = self.nested.saturating_add(1);
                    if self.nested > EXPR_DEPTH_MAX {
                        // Too deep for the parser, which says so.
                        while self.next().is_some() {}
                    }
                    self.code(true);
                    self.nested = self.nested.saturating_sub(1);
                }
                _ => {}
            }
        }
    }
}
