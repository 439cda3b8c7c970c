//! Rhai sources, on the compiler's tree, which keeps every byte.

use std::collections::BTreeMap;

use redress_compiler::syntax::{SyntaxKind as K, SyntaxNode, SyntaxToken, parse};
use rowan::TextSize;

use super::lines::Lines;
use super::{FormatError, line_of};

/// How far a line stands in for each level, in columns.
const STEP: usize = 4;

pub(super) fn format(text: &str) -> Result<String, FormatError> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors().first() {
        return Err(FormatError::Broken {
            line: line_of(text, usize::from(error.range.start())),
            problem: error.problem.clone(),
        });
    }
    let pieces = pieces(&parsed.root());
    let mut printer = Printer::default();
    for (place, piece) in pieces.iter().enumerate() {
        let rest = pieces.get(place..).unwrap_or_default();
        printer.piece(
            place.checked_sub(1).and_then(|at| pieces.get(at)),
            piece,
            rest,
        );
    }
    let formatted = printer.lines.finish();
    let says = |text: &str| says(&parse(text).root());
    if says(&formatted) != says(text) {
        return Err(FormatError::Unfaithful);
    }
    Ok(formatted)
}

/// What a source says: its tokens and comments, without the spaces.
fn says(root: &SyntaxNode) -> Vec<String> {
    let texts = pieces(root).into_iter();
    texts.map(|piece| piece.text().to_owned()).collect()
}

/// A token or a comment, with how many lines end before it.
struct Piece {
    token: SyntaxToken,
    breaks: usize,
}

impl Piece {
    fn kind(&self) -> K {
        self.token.kind()
    }

    /// Its text; a comment of one line without the spaces at its end.
    fn text(&self) -> &str {
        match self.kind() {
            K::LineComment => self.token.text().trim_end(),
            _ => self.token.text(),
        }
    }

    fn start(&self) -> TextSize {
        self.token.text_range().start()
    }

    fn is_comment(&self) -> bool {
        matches!(self.kind(), K::LineComment | K::BlockComment)
    }

    fn opens(&self) -> bool {
        matches!(
            self.kind(),
            K::LParen | K::LBracket | K::QuestionBracket | K::LBrace | K::MapOpen
        )
    }

    fn closes(&self) -> bool {
        matches!(self.kind(), K::RParen | K::RBracket | K::RBrace)
    }

    fn parent(&self) -> Option<K> {
        self.token.parent().map(|parent| parent.kind())
    }

    /// Whether this is the brace of a block or of a switch.
    fn opens_block(&self) -> bool {
        self.kind() == K::LBrace && matches!(self.parent(), Some(K::Block | K::Switch))
    }
}

fn pieces(root: &SyntaxNode) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut breaks = 0;
    let elements = root.descendants_with_tokens();
    for token in elements.filter_map(rowan::NodeOrToken::into_token) {
        match token.kind() {
            K::ByteOrderMark => {}
            K::Whitespace => breaks += token.text().matches('\n').count(),
            K::EndOfFile => {}
            kind => {
                pieces.push(Piece { token, breaks });
                breaks = 0;
                // Where a comment of one line takes its line end with it.
                if kind == K::LineComment {
                    let last = pieces.last();
                    breaks += last.map_or(0, |last| last.token.text().matches('\n').count());
                }
            }
        }
    }
    pieces
}

/// What holds items side by side: statements, arms, arguments, elements.
const fn holds_items(kind: K) -> bool {
    matches!(
        kind,
        K::Root
            | K::Block
            | K::Switch
            | K::Args
            | K::List
            | K::Map
            | K::Paren
            | K::Params
            | K::Index
            | K::Interpolation
    )
}

/// The item that a node belongs to: itself or the node around it that stands in a list of
/// items.
fn item_of(node: &SyntaxNode) -> SyntaxNode {
    let mut item = node.clone();
    while let Some(parent) = item.parent() {
        if holds_items(parent.kind()) {
            break;
        }
        item = parent;
    }
    item
}

/// Where the first token of a node that is no comment starts.
fn first_of(node: &SyntaxNode) -> TextSize {
    let tokens = node.descendants_with_tokens();
    let mut tokens = tokens.filter_map(rowan::NodeOrToken::into_token);
    let first = tokens.find(|token| !token.kind().is_trivia());
    first.map_or(node.text_range().start(), |token| {
        token.text_range().start()
    })
}

/// A bracket that is open.
struct Open {
    /// How far the line of its end stands in.
    outer: usize,
    /// How far the lines within stand in.
    inner: usize,
    /// Whether a line ends after it.
    is_broken: bool,
}

#[derive(Default)]
struct Printer {
    lines: Lines,
    /// How far the line stands in.
    indent: usize,
    open: Vec<Open>,
    /// How far the line of each token stands in.
    indents: BTreeMap<TextSize, usize>,
}

impl Printer {
    /// Writes a piece. `rest` begins with it.
    fn piece(&mut self, before: Option<&Piece>, piece: &Piece, rest: &[Piece]) {
        let breaks = before.map_or(0, |before| self.breaks(before, piece));
        if before.is_none() || breaks > 0 {
            self.indent = self.indent_of(rest);
            self.lines.start(breaks, self.indent);
        } else if let Some(before) = before
            && is_apart(before, piece)
            && piece.kind() != K::LineComment
        {
            self.lines.push(" ");
        }
        self.indents.insert(piece.start(), self.indent);
        if piece.closes() {
            self.open.pop();
        }
        match piece.kind() {
            K::LineComment => self.lines.comment(piece.text()),
            _ => self.lines.push(piece.text()),
        }
        if piece.opens() {
            let outer = self.base_of(piece);
            let next = rest.get(1);
            let is_broken = next.is_some_and(|next| !next.closes() && breaks_after(piece, next));
            self.open.push(Open {
                outer,
                inner: outer + STEP,
                is_broken,
            });
        }
    }

    /// How many lines end between two pieces.
    fn breaks(&self, before: &Piece, piece: &Piece) -> usize {
        let blank = |breaks: usize| match before.opens() || piece.closes() {
            true => breaks.min(1),
            false => breaks.min(2),
        };
        if before.kind() == K::LineComment {
            return blank(piece.breaks.max(1));
        }
        if piece.is_comment() {
            return blank(piece.breaks);
        }
        let is_empty = before.opens() && piece.closes();
        let joins = match piece.kind() {
            K::Comma | K::Semicolon | K::ElseKw | K::CatchKw => true,
            K::LBrace if piece.opens_block() => !self.starts_item(piece),
            _ => is_empty,
        };
        if joins {
            return 0;
        }
        if before.opens() {
            return usize::from(breaks_after(before, piece));
        }
        if piece.closes() {
            return usize::from(self.open.last().is_some_and(|open| open.is_broken));
        }
        let between_items = match before.kind() {
            K::Semicolon => before.parent() != Some(K::Root) || piece.breaks > 0,
            K::Comma => before.parent() == Some(K::Switch) && self.is_in_broken(),
            K::RBrace => {
                let parent = before.token.parent();
                let item = parent.as_ref().map(item_of);
                let ends = |item: &SyntaxNode| {
                    item.text_range().end() == before.token.text_range().end()
                        && item
                            .parent()
                            .is_some_and(|parent| matches!(parent.kind(), K::Root | K::Block))
                };
                item.as_ref().is_some_and(ends)
            }
            _ => false,
        };
        blank(piece.breaks.max(usize::from(between_items)))
    }

    fn is_in_broken(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_broken)
    }

    fn starts_item(&self, piece: &Piece) -> bool {
        let parent = piece.token.parent();
        parent.is_some_and(|parent| first_of(&item_of(&parent)) == piece.start())
    }

    /// How far the line of a bracket's end stands in: as far as the statement's for a
    /// block, as far as the bracket's own for the others.
    fn base_of(&self, piece: &Piece) -> usize {
        let parent = piece.token.parent().filter(|_| piece.opens_block());
        let item = parent.map(|parent| first_of(&item_of(&parent)));
        let start = item.and_then(|item| self.indents.get(&item).copied());
        start.unwrap_or(self.indent)
    }

    /// How far a line stands in that begins with the first of these pieces.
    fn indent_of(&self, rest: &[Piece]) -> usize {
        let inner = self.open.last().map_or(0, |open| open.inner);
        // A comment stands where what it is about stands.
        let Some(piece) = rest.iter().find(|piece| !piece.is_comment()) else {
            return inner;
        };
        if piece.closes() {
            let is_comment = rest.first().is_some_and(Piece::is_comment);
            let outer = self.open.last().map_or(0, |open| open.outer);
            return if is_comment { inner } else { outer };
        }
        let Some(parent) = piece.token.parent() else {
            return inner;
        };
        let item = first_of(&item_of(&parent));
        match self.indents.get(&item) {
            // It goes on with what began on a line before.
            Some(start) if item != piece.start() => match piece.kind() {
                K::ElseKw | K::CatchKw => *start,
                _ => start + STEP,
            },
            _ => inner,
        }
    }
}

/// Whether a line ends after a bracket that opens, before what stands within.
fn breaks_after(open: &Piece, next: &Piece) -> bool {
    if next.breaks > 0 {
        return true;
    }
    let Some(parent) = open.token.parent().filter(|_| open.opens_block()) else {
        return false;
    };
    // More than one statement, or one over several lines.
    let is_long = parent.kind() == K::Block && parent.children().count() > 1;
    is_long || within(&parent, open).contains('\n') || is_broken_choice(&parent)
}

/// Whether a block belongs to an `if` of which any part goes over lines.
fn is_broken_choice(block: &SyntaxNode) -> bool {
    let choices = block.ancestors().skip(1);
    let choice = choices.take_while(|node| node.kind() == K::If).last();
    choice.is_some_and(|choice| choice.text().contains_char('\n'))
}

/// The text within the braces of a block or a switch.
fn within(parent: &SyntaxNode, open: &Piece) -> String {
    let from = open.token.text_range().end() - parent.text_range().start();
    let text = parent.text().to_string();
    text.get(usize::from(from)..).unwrap_or_default().to_owned()
}

/// Whether a space stands between two pieces on one line.
fn is_apart(before: &Piece, piece: &Piece) -> bool {
    if before.is_comment() || piece.is_comment() {
        return true;
    }
    let is_first = |piece: &Piece, kind: K| {
        let parent = piece.token.parent();
        parent.is_some_and(|parent| parent.kind() == kind && first_of(&parent) == piece.start())
    };
    let (one, next) = (before.kind(), piece.kind());
    match (one, next) {
        (_, K::Comma | K::Semicolon | K::RParen | K::RBracket | K::Colon)
        | (K::LParen | K::LBracket | K::QuestionBracket, _)
        | (_, K::Dot | K::QuestionDot | K::DotDot | K::DotDotEq)
        | (K::Dot | K::QuestionDot | K::DotDot | K::DotDotEq, _)
        | (_, K::TemplateMiddle | K::TemplateClose)
        | (K::TemplateOpen | K::TemplateMiddle, _)
        | (K::LBrace | K::MapOpen, K::RBrace) => false,
        // Together they would be one number, or a mark that Rhai keeps for itself.
        (K::Minus | K::Plus, K::Int | K::Minus | K::Plus) => true,
        (K::Minus | K::Plus | K::Bang, _) if is_first(before, K::Unary) => false,
        (_, K::LParen) => !matches!(piece.parent(), Some(K::Args | K::Params)),
        (_, K::LBracket | K::QuestionBracket) => piece.parent() != Some(K::Index),
        (K::Pipe, _) if is_first(before, K::Closure) => false,
        (_, K::Pipe) if piece.parent() == Some(K::Closure) => is_first(piece, K::Closure),
        _ => true,
    }
}
