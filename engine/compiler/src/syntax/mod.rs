//! Source to a tree that keeps every byte of it: comments, spaces and mistakes too.
//!
//! The grammar is Rhai's as the sandbox sets it up, and the limits are the interpreter's:
//! what parses here without an error, Rhai 1.27 parses too. What lies outside the subset
//! that compiles is parsed all the same, so that it can be named and formatted.

pub mod ast;
mod kind;
mod lexer;
mod lines;
mod parser;
mod rules;
#[cfg(test)]
mod tests;

use rowan::{GreenNode, TextRange, TextSize};

pub use self::kind::{Rhai, SyntaxKind};
use self::lexer::integer;
pub use self::lines::Lines;
use crate::limits::{BRACKETS_MAX, DIAGNOSTICS_MAX, SOURCE_BYTES_MAX, TOKENS_MAX};

/// A node of the tree.
pub type SyntaxNode = rowan::SyntaxNode<Rhai>;
/// A token of the tree.
pub type SyntaxToken = rowan::SyntaxToken<Rhai>;
/// A node or a token of the tree.
pub type SyntaxElement = rowan::SyntaxElement<Rhai>;

/// A place where the source is not Rhai, or not a policy's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, in the author's words.
    pub problem: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where.
    pub range: TextRange,
}

/// A parsed source: always a whole tree, whatever is wrong with it.
#[derive(Debug, Clone)]
pub struct Parse {
    green: GreenNode,
    lines: Lines,
    errors: Vec<SyntaxError>,
    is_refused: bool,
}

impl Parse {
    /// The root of the tree. Its text is the source, byte for byte.
    #[must_use]
    pub fn root(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.green.clone())
    }

    /// The functions and constants of the source.
    #[must_use]
    pub fn file(&self) -> ast::File {
        ast::File(self.root())
    }

    /// The source, and where each of its lines starts.
    #[must_use]
    pub const fn lines(&self) -> &Lines {
        &self.lines
    }

    /// The lines alone, once the tree is no longer needed.
    #[must_use]
    pub fn into_lines(self) -> Lines {
        self.lines
    }

    /// Whether the source is past a limit, so that nothing of it was parsed.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// What is wrong, in the order of the source.
    #[must_use]
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }
}

/// Parses a source. A source that is too long, that nests brackets too deeply or that has
/// too many tokens is not parsed: its tree is one node of kind [`SyntaxKind::Error`].
#[must_use]
pub fn parse(source: &str) -> Parse {
    if source.len() > SOURCE_BYTES_MAX {
        let problem = format!(
            "the source has {} bytes, more than {SOURCE_BYTES_MAX}",
            source.len()
        );
        return refused(source, problem, 0..source.len());
    }
    let (tokens, bad) = lexer::lex(source);
    let meaningful = tokens
        .iter()
        .filter(|token| !token.kind.is_trivia())
        .count();
    if meaningful > TOKENS_MAX {
        let problem = format!("the source has {meaningful} tokens, more than {TOKENS_MAX}");
        return refused(source, problem, 0..source.len());
    }
    if let Some(at) = too_deep(&tokens) {
        let problem = format!("brackets nest deeper than {BRACKETS_MAX}");
        return refused(source, problem, at);
    }
    let (green, mut errors) = parser::parse(source, tokens, bad);
    let parse = Parse {
        green,
        lines: Lines::new(source),
        errors: Vec::new(),
        is_refused: false,
    };
    errors.extend(rules::check(&parse.file()));
    errors.sort_by_key(|error| (error.range.start(), error.range.end()));
    // What the lexer has told is not told again as unexpected.
    errors.dedup_by(|later, first| later.range == first.range);
    errors.truncate(DIAGNOSTICS_MAX);
    Parse { errors, ..parse }
}

/// The first bracket that lies too deep.
fn too_deep(tokens: &[lexer::Token]) -> Option<std::ops::Range<usize>> {
    use SyntaxKind as K;
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            K::LParen
            | K::LBracket
            | K::LBrace
            | K::MapOpen
            | K::QuestionBracket
            | K::TemplateOpen => depth += 1,
            K::RParen | K::RBracket | K::RBrace | K::TemplateClose => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if depth > BRACKETS_MAX {
            return Some(token.start..token.end);
        }
    }
    None
}

fn refused(source: &str, problem: String, at: std::ops::Range<usize>) -> Parse {
    let mut builder = rowan::GreenNodeBuilder::new();
    let raw = <Rhai as rowan::Language>::kind_to_raw;
    builder.start_node(raw(SyntaxKind::Root));
    builder.token(raw(SyntaxKind::Unknown), source);
    builder.finish_node();
    Parse {
        green: builder.finish(),
        lines: Lines::new(source),
        errors: vec![SyntaxError {
            problem,
            help: Some("put tariffs into tables, and long conditions into functions".into()),
            range: range(at),
        }],
        is_refused: true,
    }
}

/// A range of bytes as one of the tree. A source is shorter than 4 GiB where it is parsed;
/// a longer one is refused with what can be said of it.
fn range(at: std::ops::Range<usize>) -> TextRange {
    let size = |offset: usize| TextSize::from(u32::try_from(offset).unwrap_or(u32::MAX));
    TextRange::new(size(at.start), size(at.end))
}

/// The value of a literal text, character or raw text with its quotes; `None` if an escape
/// in it is none. A text that goes on over lines by a `\` is not read: how much of the next
/// line's start belongs to it depends on the column that it begins in.
#[must_use]
pub fn unquote(literal: &str) -> Option<String> {
    if literal.starts_with('#') {
        let inner = literal.trim_start_matches('#').strip_prefix('"')?;
        return inner
            .trim_end_matches('#')
            .strip_suffix('"')
            .map(str::to_owned);
    }
    let quote = literal.chars().next()?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\r' if rest.peek() == Some(&'\n') => {}
            // A quote is doubled to stand within.
            next if next == quote => {
                rest.next_if_eq(&quote)?;
                value.push(quote);
            }
            '\\' => match rest.next()? {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                '\\' => value.push('\\'),
                'x' => value.push(hexadecimal(&mut rest, 2)?),
                'u' => value.push(hexadecimal(&mut rest, 4)?),
                'U' => value.push(hexadecimal(&mut rest, 8)?),
                escaped if escaped == quote => value.push(quote),
                _ => return None,
            },
            next => value.push(next),
        }
    }
    Some(value)
}

fn hexadecimal(rest: &mut impl Iterator<Item = char>, digits: usize) -> Option<char> {
    let mut value = 0_u32;
    for _ in 0..digits {
        let digit = rest.next()?.to_digit(16)?;
        value = value.checked_mul(16)?.checked_add(digit)?;
    }
    char::from_u32(value)
}
