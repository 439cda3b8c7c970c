//! Scripts in pieces, for colours, brackets and mutants: as loose as an author who is
//! still typing needs them.

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text in quotes.
    Text,
    /// A text whose end is not there yet.
    OpenText,
    /// A comment.
    Comment,
    /// A comment whose end is not there yet.
    OpenComment,
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// Any other character, spaces and line ends among them.
    Mark,
}

/// A piece of code, with where it starts in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// What it is.
    pub kind: Kind,
    /// The code itself.
    pub text: &'a str,
    /// The byte at which it starts.
    pub start: usize,
}

/// The code in pieces that together are all of it.
#[must_use]
pub fn pieces(code: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = match first {
            '"' | '`' | '\'' => text(rest, first),
            '/' if rest.starts_with("//") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => match rest.find("*/") {
                Some(at) => (Kind::Comment, at + 2),
                None => (Kind::OpenComment, rest.len()),
            },
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let kind = if c.is_ascii_digit() {
                    Kind::Number
                } else {
                    Kind::Word
                };
                (kind, end.unwrap_or(rest.len()))
            }
            c => (Kind::Mark, c.len_utf8()),
        };
        let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let start = code.len().saturating_sub(rest.len());
        pieces.push(Piece { kind, text, start });
        rest = after;
    }
    pieces
}

fn text(rest: &str, quote: char) -> (Kind, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return (Kind::Text, at + c.len_utf8()),
            _ => {}
        }
    }
    (Kind::OpenText, rest.len())
}
