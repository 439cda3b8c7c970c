//! Source to tokens, as Rhai 1.27 reads it; what Rhai refuses is a token of kind
//! [`SyntaxKind::Unknown`] with its reason. Every byte of the source is in one token.

use super::kind::SyntaxKind as K;

/// A token without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: K,
    /// Where it starts in the source, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// Why a token is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadToken {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) problem: String,
    pub(super) help: Option<&'static str>,
}

/// Splits a source into tokens.
pub(super) fn lex(source: &str) -> (Vec<Token>, Vec<BadToken>) {
    let mut lexer = Lexer {
        source,
        at: 0,
        tokens: Vec::with_capacity(source.len() / 4),
        bad: Vec::new(),
        before_operand: true,
        templates: Vec::new(),
    };
    lexer.run();
    (lexer.tokens, lexer.bad)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    tokens: Vec<Token>,
    bad: Vec<BadToken>,
    /// Whether the token before lets an operator begin an operand.
    before_operand: bool,
    /// For each text in backticks that is open, how many braces its code has open.
    templates: Vec<usize>,
}

/// Marks of several characters and of one, the longest first.
const MARKS: &[(&str, K)] = &[
    ("**=", K::StarStarEq),
    ("<<=", K::ShlEq),
    (">>=", K::ShrEq),
    ("..=", K::DotDotEq),
    ("#{", K::MapOpen),
    ("?[", K::QuestionBracket),
    ("?.", K::QuestionDot),
    ("??", K::QuestionQuestion),
    ("=>", K::FatArrow),
    ("..", K::DotDot),
    ("+=", K::PlusEq),
    ("-=", K::MinusEq),
    ("*=", K::StarEq),
    ("/=", K::SlashEq),
    ("%=", K::PercentEq),
    ("&=", K::AndEq),
    ("|=", K::OrEq),
    ("^=", K::CaretEq),
    ("==", K::EqEq),
    ("!=", K::NotEq),
    ("<=", K::LtEq),
    (">=", K::GtEq),
    ("**", K::StarStar),
    ("<<", K::Shl),
    (">>", K::Shr),
    ("&&", K::AndAnd),
    ("||", K::OrOr),
    ("(", K::LParen),
    (")", K::RParen),
    ("[", K::LBracket),
    ("]", K::RBracket),
    ("{", K::LBrace),
    ("}", K::RBrace),
    (",", K::Comma),
    (";", K::Semicolon),
    (":", K::Colon),
    (".", K::Dot),
    ("=", K::Eq),
    ("<", K::Lt),
    (">", K::Gt),
    ("+", K::Plus),
    ("-", K::Minus),
    ("*", K::Star),
    ("/", K::Slash),
    ("%", K::Percent),
    ("&", K::And),
    ("|", K::Pipe),
    ("^", K::Caret),
    ("!", K::Bang),
];

/// Marks that Rhai keeps for itself, which would otherwise read as two of its own.
const RESERVED_MARKS: &[&str] = &[
    "===", "!==", "...", "++", "--", "->", "<-", "<|", "|>", "(*", "*)", ":=", ":;", "!.", "#!",
];

/// Words of Rhai's grammar.
const KEYWORDS: &[(&str, K)] = &[
    ("true", K::TrueKw),
    ("false", K::FalseKw),
    ("let", K::LetKw),
    ("const", K::ConstKw),
    ("if", K::IfKw),
    ("else", K::ElseKw),
    ("switch", K::SwitchKw),
    ("do", K::DoKw),
    ("while", K::WhileKw),
    ("until", K::UntilKw),
    ("loop", K::LoopKw),
    ("for", K::ForKw),
    ("in", K::InKw),
    ("fn", K::FnKw),
    ("private", K::PrivateKw),
    ("continue", K::ContinueKw),
    ("break", K::BreakKw),
    ("return", K::ReturnKw),
    ("throw", K::ThrowKw),
    ("try", K::TryKw),
    ("catch", K::CatchKw),
];

/// Words that Rhai keeps for itself, and those that the sandbox takes out of it.
const RESERVED: &[&str] = &[
    "Fn",
    "as",
    "async",
    "await",
    "call",
    "case",
    "curry",
    "debug",
    "default",
    "eval",
    "export",
    "go",
    "goto",
    "import",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "package",
    "print",
    "protected",
    "public",
    "shared",
    "spawn",
    "static",
    "super",
    "sync",
    "this",
    "thread",
    "type_of",
    "use",
    "var",
    "void",
    "with",
    "yield",
];

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take_if(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.take();
        }
    }

    fn push(&mut self, kind: K, start: usize) {
        let end = self.at;
        self.tokens.push(Token { kind, start, end });
        if !kind.is_trivia() {
            self.before_operand = kind.comes_before_an_operand();
        }
    }

    fn bad(&mut self, start: usize, problem: impl Into<String>, help: Option<&'static str>) {
        self.bad.push(BadToken {
            start,
            end: self.at,
            problem: problem.into(),
            help,
        });
        self.push(K::Unknown, start);
        // As after any mark that cannot end an operand.
        self.before_operand = true;
    }

    fn run(&mut self) {
        if self.take_if("\u{feff}") {
            self.push(K::ByteOrderMark, 0);
        }
        while let Some(next) = self.peek() {
            let start = self.at;
            match next {
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => {
                    self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}'));
                    self.push(K::Whitespace, start);
                }
                '0'..='9' => self.number(start),
                'a'..='z' | 'A'..='Z' | '_' => self.word(start),
                '"' => {
                    self.take();
                    self.quoted(start, '"', K::Text);
                }
                '\'' => {
                    self.take();
                    self.quoted(start, '\'', K::Char);
                }
                '`' => {
                    self.take();
                    self.template(start, true);
                }
                _ => self.mark(start),
            }
        }
        if let Some(start) = self.templates.first().map(|_| self.at) {
            self.bad.push(BadToken {
                start,
                end: start,
                problem: "the code in a text does not end".into(),
                help: Some("close it with `}`"),
            });
        }
    }

    fn mark(&mut self, start: usize) {
        if let Some(kind) = single(self.rest()) {
            return self.marked(start, 1, kind);
        }
        if self.take_if("//") {
            // A carriage return ends the comment as a line feed does.
            self.take_while(|c| c != '\n' && c != '\r');
            return self.push(K::LineComment, start);
        }
        if self.take_if("/*") {
            return self.block_comment(start);
        }
        let rest = self.rest();
        if rest.starts_with("#\"") || rest.starts_with("##") {
            return self.raw(start);
        }
        if let Some(found) = RESERVED_MARKS.iter().find(|mark| begins(rest, mark)) {
            self.at += found.len();
            let problem = format!("`{found}` means nothing here");
            let help = matches!(*found, "++" | "--" | "<-" | "->")
                .then_some("put a space between the two marks, or brackets round the operand");
            return self.bad(start, problem, help);
        }
        let followed_by_digit = rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if rest.starts_with('-') && followed_by_digit && self.before_operand {
            self.take();
            return self.number(start);
        }
        if let Some(after) = rest.strip_prefix("!in")
            && !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        {
            self.at += 3;
            return self.push(K::NotIn, start);
        }
        if let Some((text, kind)) = MARKS.iter().find(|(mark, _)| begins(rest, mark)) {
            return self.marked(start, text.len(), *kind);
        }
        let found = self.take().unwrap_or_default();
        self.bad(start, format!("`{found}` means nothing here"), None);
    }

    /// Takes a mark of so many bytes; braces count within a template.
    fn marked(&mut self, start: usize, length: usize, kind: K) {
        match (kind, self.templates.last_mut()) {
            (K::LBrace | K::MapOpen, Some(open)) => *open += 1,
            (K::RBrace, Some(0)) => {
                self.templates.pop();
                self.take();
                return self.template(start, false);
            }
            (K::RBrace, Some(open)) => *open -= 1,
            _ => {}
        }
        self.at += length;
        self.push(kind, start);
    }

    /// Comments nest.
    fn block_comment(&mut self, start: usize) {
        let mut depth = 1_u32;
        while depth > 0 {
            if self.take_if("/*") {
                depth += 1;
            } else if self.take_if("*/") {
                depth -= 1;
            } else if self.take().is_none() {
                return self.bad(
                    start,
                    "the comment does not end",
                    Some("close it with `*/`"),
                );
            }
        }
        self.push(K::BlockComment, start);
    }

    /// A number; a `-` that belongs to it is read.
    fn number(&mut self, start: usize) {
        let radix = match self.rest().as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 10,
        };
        if radix != 10 {
            self.at += 2;
        }
        self.take_while(|c| c.is_digit(radix) || c == '_');
        let text = self.source.get(start..self.at).unwrap_or_default();
        if integer(text).is_none() {
            return self.bad(
                start,
                format!("`{text}` is not a number of 64 bits"),
                Some("numbers are whole, from -9223372036854775808 to 9223372036854775807"),
            );
        }
        let fraction = self.rest().as_bytes();
        if let [b'.', b'0'..=b'9', ..] = fraction {
            self.take();
            self.take_while(|c| c.is_ascii_digit());
            return self.bad(
                start,
                "numbers are whole",
                Some("write a share in percent or in basis points, a sum as `money(\"1.50 EUR\")`"),
            );
        }
        self.push(K::Int, start);
    }

    fn word(&mut self, start: usize) {
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        let word = self.source.get(start..self.at).unwrap_or_default();
        if let Some((_, kind)) = KEYWORDS.iter().find(|(keyword, _)| is(word, keyword)) {
            return self.push(*kind, start);
        }
        if word == "_" {
            return self.push(K::Underscore, start);
        }
        if RESERVED.iter().any(|reserved| is(word, reserved)) {
            return self.push(K::Reserved, start);
        }
        let first = word.trim_start_matches('_').chars().next();
        if !first.is_some_and(|c| c.is_ascii_alphabetic()) {
            let problem = format!("`{word}` is not a name");
            return self.bad(start, problem, Some("a name begins with a letter"));
        }
        self.push(K::Ident, start);
    }

    /// A text or a character; its first quote is read.
    fn quoted(&mut self, start: usize, quote: char, kind: K) {
        let mut is_plain = true;
        loop {
            match self.take() {
                Some('\\') => {
                    is_plain = false;
                    // A `\` at the end of a line lets the text go on.
                    if self.take() == Some('\r') {
                        self.take_if("\n");
                    }
                }
                Some(next) if next == quote => {
                    // A quote is doubled to stand within.
                    if self.peek() == Some(quote) {
                        self.take();
                        is_plain = false;
                        continue;
                    }
                    break;
                }
                Some('\n') | None => {
                    let help = Some("close it with the quote that it began with");
                    return self.bad(start, "the text does not end on its line", help);
                }
                Some(_) => {}
            }
        }
        if is_plain && kind == K::Text {
            return self.push(kind, start);
        }
        let text = self.source.get(start..self.at).unwrap_or_default();
        match (kind, super::unquote(text)) {
            (K::Text, Some(_)) => self.push(kind, start),
            (K::Char, Some(value)) if value.chars().count() == 1 => self.push(kind, start),
            (K::Char, Some(_)) => self.bad(
                start,
                "single quotes are for one character",
                Some("write a text in double quotes"),
            ),
            _ => self.bad(
                start,
                "the text has an escape that is none",
                Some("there are \\\\ \\\" \\n \\r \\t \\xNN \\uNNNN \\UNNNNNNNN"),
            ),
        }
    }

    /// `#"..."#` with any number of `#`.
    fn raw(&mut self, start: usize) {
        let hashes = self.rest().bytes().take_while(|byte| *byte == b'#').count();
        self.at += hashes;
        if !self.take_if("\"") {
            return self.bad(start, "`#` means nothing here", None);
        }
        let end = format!("\"{}", "#".repeat(hashes));
        match self.rest().find(&end) {
            Some(length) => {
                self.at += length + end.len();
                self.push(K::RawText, start);
            }
            None => {
                self.at = self.source.len();
                self.bad(start, "the text does not end", None);
            }
        }
    }

    /// A text in backticks from its start, or from the `}` that ends code in it.
    fn template(&mut self, start: usize, is_first: bool) {
        loop {
            if self.take_if("\\${") || self.take_if("``") {
                continue;
            }
            if self.take_if("${") {
                self.templates.push(0);
                let kind = match is_first {
                    true => K::TemplateOpen,
                    false => K::TemplateMiddle,
                };
                self.push(kind, start);
                self.before_operand = true;
                return;
            }
            if self.take_if("`") {
                return self.push(
                    match is_first {
                        true => K::Template,
                        false => K::TemplateClose,
                    },
                    start,
                );
            }
            if self.take().is_none() {
                let help = Some("close it with a backtick");
                return self.bad(start, "the text does not end", help);
            }
        }
    }
}

/// Whether a text begins with a mark; most do not begin with its first byte.
fn begins(text: &str, mark: &str) -> bool {
    text.as_bytes().first() == mark.as_bytes().first() && text.starts_with(mark)
}

/// The mark that a text begins with, where it is one of the most and no longer one begins so.
const fn single(text: &str) -> Option<K> {
    Some(match text.as_bytes() {
        [b')', ..] => K::RParen,
        [b',', ..] => K::Comma,
        [b';', ..] => K::Semicolon,
        [b'{', ..] => K::LBrace,
        [b'}', ..] => K::RBrace,
        [b'[', ..] => K::LBracket,
        [b']', ..] => K::RBracket,
        [b'(', next, ..] if *next != b'*' => K::LParen,
        [b'.', b'a'..=b'z', ..] => K::Dot,
        _ => return None,
    })
}

/// Whether a word is another one; most do not begin with its first byte.
fn is(word: &str, other: &str) -> bool {
    word.as_bytes().first() == other.as_bytes().first() && word == other
}

/// The value of an integer literal; `None` if it does not fit 64 bits.
pub(super) fn integer(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    let radix = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => return digits.parse().ok(),
    };
    // Rhai takes the 64 bits as they are.
    let number = u64::from_str_radix(digits.get(2..)?, radix).ok()?;
    Some(number.cast_signed())
}
