//! The kinds of tokens and nodes.

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident,)*) => {
        /// What a token or a node of the tree is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[expect(missing_docs, reason = "most are named after what they stand for")]
        pub enum SyntaxKind {
            $($(#[$doc])* $kind,)*
        }

        /// Every kind, in the order of its number.
        const ALL: &[SyntaxKind] = &[$(SyntaxKind::$kind,)*];
    };
}

kinds! {
    // Tokens that carry no meaning.
    Whitespace,
    LineComment,
    BlockComment,
    ByteOrderMark,
    // Tokens with a text of their own.
    Ident,
    Underscore,
    Int,
    Text,
    RawText,
    Char,
    /// `` `text` `` without code in it.
    Template,
    /// `` `text ${ ``
    TemplateOpen,
    /// `} text ${`
    TemplateMiddle,
    /// `` } text` ``
    TemplateClose,
    // Keywords.
    TrueKw,
    FalseKw,
    LetKw,
    ConstKw,
    IfKw,
    ElseKw,
    SwitchKw,
    DoKw,
    WhileKw,
    UntilKw,
    LoopKw,
    ForKw,
    InKw,
    FnKw,
    PrivateKw,
    ContinueKw,
    BreakKw,
    ReturnKw,
    ThrowKw,
    TryKw,
    CatchKw,
    /// A word that Rhai keeps for itself.
    Reserved,
    // Punctuation.
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    /// `#{`
    MapOpen,
    /// `?[`
    QuestionBracket,
    Comma,
    Semicolon,
    Colon,
    Dot,
    /// `?.`
    QuestionDot,
    /// `=>`
    FatArrow,
    /// `..`
    DotDot,
    /// `..=`
    DotDotEq,
    Eq,
    PlusEq,
    MinusEq,
    StarEq,
    SlashEq,
    PercentEq,
    StarStarEq,
    ShlEq,
    ShrEq,
    AndEq,
    OrEq,
    CaretEq,
    EqEq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    StarStar,
    Shl,
    Shr,
    And,
    Pipe,
    Caret,
    AndAnd,
    OrOr,
    QuestionQuestion,
    Bang,
    /// `!in`
    NotIn,
    /// What no token starts with, or a text that does not end.
    Unknown,
    EndOfFile,
    // Nodes.
    Root,
    Function,
    Params,
    Param,
    Block,
    /// `let x = value`, within a function.
    Let,
    /// `const X = value`, within a function or outside.
    Const,
    ExprStmt,
    Assign,
    Return,
    Throw,
    Break,
    Continue,
    For,
    While,
    Loop,
    Do,
    Try,
    If,
    Switch,
    Arm,
    /// The patterns of an arm: literals, ranges, or `_`.
    Patterns,
    Guard,
    Literal,
    Unit,
    NameRef,
    Paren,
    Unary,
    Binary,
    Call,
    MethodCall,
    Args,
    Field,
    Index,
    List,
    Map,
    MapEntry,
    Closure,
    Interpolation,
    /// What could not be read.
    Error,
}

use SyntaxKind as K;

impl SyntaxKind {
    /// Whether the token carries no meaning: spaces, comments, a byte-order mark.
    #[must_use]
    pub const fn is_trivia(self) -> bool {
        matches!(
            self,
            K::Whitespace | K::LineComment | K::BlockComment | K::ByteOrderMark
        )
    }

    /// The number of the kind, as the tree keeps it.
    #[expect(clippy::as_conversions, reason = "a fieldless enum of type u16")]
    const fn number(self) -> u16 {
        self as u16
    }

    /// Whether an operator may begin an operand after this token, by Rhai's own list: only
    /// then is `-1` one number and not a minus and a number.
    pub(super) const fn comes_before_an_operand(self) -> bool {
        matches!(
            self,
            K::Semicolon
                | K::Colon
                | K::Comma
                | K::QuestionQuestion
                | K::DotDot
                | K::DotDotEq
                | K::LBrace
                | K::MapOpen
                | K::LParen
                | K::LBracket
                | K::QuestionBracket
                | K::Plus
                | K::PlusEq
                | K::Minus
                | K::MinusEq
                | K::Star
                | K::StarEq
                | K::Slash
                | K::SlashEq
                | K::Percent
                | K::PercentEq
                | K::StarStar
                | K::StarStarEq
                | K::Shl
                | K::ShlEq
                | K::Shr
                | K::ShrEq
                | K::Eq
                | K::EqEq
                | K::NotEq
                | K::Lt
                | K::Gt
                | K::LtEq
                | K::GtEq
                | K::Bang
                | K::Pipe
                | K::And
                | K::IfKw
                | K::WhileKw
                | K::UntilKw
                | K::InKw
                | K::NotIn
                | K::AndAnd
                | K::AndEq
                | K::OrOr
                | K::OrEq
                | K::Caret
                | K::CaretEq
                | K::ReturnKw
                | K::ThrowKw
        )
    }

    /// How tightly a binary operator binds; 0 for everything else.
    pub(super) const fn precedence(self) -> u8 {
        match self {
            K::OrOr | K::Caret | K::Pipe => 30,
            K::AndAnd | K::And => 60,
            K::EqEq | K::NotEq => 90,
            K::InKw | K::NotIn => 110,
            K::Lt | K::LtEq | K::Gt | K::GtEq => 130,
            K::QuestionQuestion => 135,
            K::DotDot | K::DotDotEq => 140,
            K::Plus | K::Minus => 150,
            K::Slash | K::Star | K::Percent => 180,
            K::StarStar => 190,
            K::Shl | K::Shr => 210,
            _ => 0,
        }
    }

    /// Whether the token assigns: `=` and its kin.
    pub(super) const fn is_assignment(self) -> bool {
        matches!(
            self,
            K::Eq
                | K::PlusEq
                | K::MinusEq
                | K::StarEq
                | K::SlashEq
                | K::PercentEq
                | K::StarStarEq
                | K::ShlEq
                | K::ShrEq
                | K::AndEq
                | K::OrEq
                | K::CaretEq
        )
    }
}

/// The language of the tree, for `rowan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rhai {}

impl rowan::Language for Rhai {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        // INVARIANT: every raw kind comes from `kind_to_raw`.
        ALL.get(usize::from(raw.0)).copied().unwrap_or(K::Error)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind.number())
    }
}

#[cfg(test)]
mod tests {
    use rowan::Language as _;

    use super::*;

    #[test]
    fn every_kind_comes_back_from_its_number() {
        for kind in ALL {
            assert_eq!(Rhai::kind_from_raw(Rhai::kind_to_raw(*kind)), *kind);
        }
    }
}
