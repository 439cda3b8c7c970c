//! TOML, on the tokens of the parser that the engine reads it with.

use toml_parser::Source;
use toml_parser::lexer::TokenKind as K;

use super::lines::Lines;
use super::{FormatError, line_of};

/// How far a line stands in for each bracket that is open, in columns.
const STEP: usize = 2;

pub(super) fn format(text: &str) -> Result<String, FormatError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Err(error) = text.parse::<toml_edit::DocumentMut>() {
        return Err(FormatError::Broken {
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            problem: error.message().to_owned(),
        });
    }
    let formatted = written(&pieces(text));
    let says = |text| pieces(text).into_iter().map(|piece| piece.text.to_owned());
    if !says(&formatted).eq(says(text)) {
        return Err(FormatError::Unfaithful);
    }
    Ok(formatted)
}

/// A token or a comment, with how many lines end before it.
struct Piece<'t> {
    kind: K,
    text: &'t str,
    breaks: usize,
    /// Whether spaces stood before it.
    is_apart: bool,
}

impl Piece<'_> {
    const fn opens(&self) -> bool {
        matches!(self.kind, K::LeftSquareBracket | K::LeftCurlyBracket)
    }

    const fn closes(&self) -> bool {
        matches!(self.kind, K::RightSquareBracket | K::RightCurlyBracket)
    }
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut breaks, mut is_apart) = (0, false);
    for token in Source::new(text).lex() {
        let span = token.span();
        let text = text.get(span.start()..span.end()).unwrap_or_default();
        match token.kind() {
            K::Whitespace => is_apart = true,
            K::Newline => breaks += 1,
            K::Eof => {}
            kind => {
                pieces.push(Piece {
                    kind,
                    text: if kind == K::Comment {
                        text.trim_end()
                    } else {
                        text
                    },
                    breaks,
                    is_apart,
                });
                (breaks, is_apart) = (0, false);
            }
        }
    }
    pieces
}

fn written(pieces: &[Piece<'_>]) -> String {
    let mut lines = Lines::default();
    let mut indent = 0;
    // How far the line of each bracket that is open stands in.
    let mut open: Vec<usize> = Vec::new();
    let mut before: Option<&Piece<'_>> = None;
    for piece in pieces {
        let outer = if piece.closes() { open.pop() } else { None };
        let is_edge = outer.is_some() || (before.is_some_and(Piece::opens) && !open.is_empty());
        let breaks = if is_edge {
            piece.breaks.min(1)
        } else {
            piece.breaks
        };
        match before {
            Some(before) if breaks == 0 => {
                if piece.kind != K::Comment && is_apart(before, piece) {
                    lines.push(" ");
                }
            }
            _ => {
                let inner = open.last().map_or(0, |base| base + STEP);
                indent = outer.unwrap_or(inner);
                lines.start(breaks, indent);
            }
        }
        match piece.kind {
            K::Comment => lines.comment(piece.text),
            _ => lines.push(piece.text),
        }
        if piece.opens() {
            open.push(indent);
        }
        before = Some(piece);
    }
    lines.finish()
}

/// Whether a space stands between two pieces on one line.
const fn is_apart(before: &Piece<'_>, piece: &Piece<'_>) -> bool {
    match (before.kind, piece.kind) {
        (K::LeftCurlyBracket, K::RightCurlyBracket) => false,
        (K::Equals, _) | (_, K::Equals) => true,
        (_, K::Comma | K::Dot | K::RightSquareBracket) | (K::Dot | K::LeftSquareBracket, _) => {
            false
        }
        (K::Comma | K::LeftCurlyBracket, _) | (_, K::RightCurlyBracket) => true,
        // A date and its time may stand apart.
        _ => piece.is_apart,
    }
}
