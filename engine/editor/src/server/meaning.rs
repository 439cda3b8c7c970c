//! What a word in a file stands for.

use std::ops::Range;

use redress_compiler::syntax::{SyntaxKind as K, SyntaxToken, parse, unquote};
use redress_model::{Code, FactType};
use redress_release::ReleaseSource;
use rowan::{TextSize, TokenAtOffset};
use smol_str::SmolStr;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// What a word stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A fact, by its full name.
    Fact(SmolStr),
    /// A table.
    Table(SmolStr),
    /// A reason code or an obligation with a sentence.
    Reason(Code),
    /// A claim of the guardrails.
    Claim(Code),
    /// A function, of the engine or of the script.
    Function(SmolStr),
}

/// What stands at an offset of a file, and where it begins and ends.
pub(super) fn at(
    name: &str,
    text: &str,
    offset: usize,
    source: &ReleaseSource,
) -> Option<(Meaning, Range<usize>)> {
    if name.ends_with(".rhai") {
        in_script(text, offset, source)
    } else if name.ends_with(".toml") {
        in_toml(text, offset, source)
    } else {
        None
    }
}

fn in_script(text: &str, offset: usize, source: &ReleaseSource) -> Option<(Meaning, Range<usize>)> {
    let root = parse(text).root();
    let offset = TextSize::try_from(offset).ok()?;
    if offset > root.text_range().end() {
        return None;
    }
    let has_meaning = |token: &SyntaxToken| matches!(token.kind(), K::Ident | K::Text);
    let token = match root.token_at_offset(offset) {
        TokenAtOffset::None => None,
        TokenAtOffset::Single(token) => Some(token),
        TokenAtOffset::Between(left, right) => Some(right).filter(has_meaning).or(Some(left)),
    };
    let token = token.filter(has_meaning)?;
    let range = token.text_range();
    let bytes = range.start().into()..range.end().into();
    let meaning = match token.kind() {
        K::Text => named(&unquote(token.text())?, source),
        _ if is_called(&token) => Some(Meaning::Function(token.text().into())),
        _ => fact_of(&token, source),
    };
    meaning.map(|meaning| (meaning, bytes))
}

fn is_called(token: &SyntaxToken) -> bool {
    let mut next = token.next_token();
    while let Some(after) = next.as_ref().filter(|after| after.kind().is_trivia()) {
        next = after.next_token();
    }
    let is_opened = next.is_some_and(|next| {
        let within = next.parent().map(|parent| parent.kind());
        next.kind() == K::LParen && matches!(within, Some(K::Args | K::Params))
    });
    is_opened
        && token
            .parent()
            .is_some_and(|parent| parent.kind() != K::Closure)
}

/// The fact that a property such as `facts.maybe.reroute.offered` reads, up to the token.
fn fact_of(token: &SyntaxToken, source: &ReleaseSource) -> Option<Meaning> {
    let field = token
        .parent_ancestors()
        .find(|node| node.kind() == K::Field)?;
    let until = token.text_range().end() - field.text_range().start();
    let text = field.text().to_string();
    let path: String = text.get(..until.into())?.split_whitespace().collect();
    let path = path.strip_prefix("facts.")?;
    let name = path.strip_prefix("maybe.").unwrap_or(path);
    fact(name, source)
}

fn fact(name: &str, source: &ReleaseSource) -> Option<Meaning> {
    let slot = source.schema().slot(name);
    slot.map(|_| Meaning::Fact(name.into()))
}

/// What a text names: a reason, a claim, a table, or a value of an enum.
fn named(text: &str, source: &ReleaseSource) -> Option<Meaning> {
    if let Ok(code) = Code::new(text) {
        // A claim has a sentence too; where it is listed says more.
        if source.guardrails().claim(&code).is_some() {
            return Some(Meaning::Claim(code));
        }
        if source.messages().has(&code) {
            return Some(Meaning::Reason(code));
        }
    }
    if source.tables().get(text).is_some() {
        return Some(Meaning::Table(text.into()));
    }
    let mut facts = source.schema().facts().iter();
    let of_enum = facts.find(|fact| match &fact.ty {
        FactType::Enum(values) => values.iter().any(|value| value == text),
        _ => false,
    });
    of_enum.map(|fact| Meaning::Fact(fact.name.clone()))
}

fn in_toml(text: &str, offset: usize, source: &ReleaseSource) -> Option<(Meaning, Range<usize>)> {
    let tokens: Vec<_> = Source::new(text).lex().collect();
    let holds = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            (token.span().start()..=token.span().end()).contains(&offset)
                && matches!(
                    token.kind(),
                    TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString
                )
        })
    };
    let at = (0..tokens.len()).find(|at| holds(*at))?;
    let token = tokens.get(at)?;
    let bytes = token.span().start()..token.span().end();
    let word = text.get(bytes.clone())?.trim_matches(['"', '\'']);
    // A group and its fact, written as one dotted key.
    let is_dot = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| token.kind() == TokenKind::Dot)
    };
    let part = |at: usize| {
        let span = tokens.get(at)?.span();
        text.get(span.start()..span.end())
    };
    let before = at
        .checked_sub(2)
        .filter(|before| is_dot(before + 1))
        .and_then(part);
    let dotted = before.map(|group| format!("{group}.{word}"));
    let meaning = dotted
        .and_then(|name| fact(&name, source))
        .or_else(|| fact(word, source))
        .or_else(|| named(word, source));
    meaning.map(|meaning| (meaning, bytes))
}
