//! What is told to an author: what, where, and what to do about it.

use redress_model::fault::Position;
use rowan::TextRange;

use crate::syntax::Lines;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A mistake: the source is not Rhai, it fails whenever it gets here, or a customer
    /// would read what nobody meant.
    Error,
    /// Valid, and outside of what compiles: the interpreter runs it.
    Outside,
    /// It runs, and may not do what was meant.
    Warning,
}

impl Severity {
    /// `error`, `note` or `warning`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Outside => "note",
            Self::Warning => "warning",
        }
    }
}

/// Which rule it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is described by its code")]
pub enum Rule {
    Syntax,
    UnknownName,
    UnknownFact,
    HiddenFact,
    UnknownTable,
    UnknownColumn,
    UnknownCode,
    UndeclaredCode,
    SentenceArguments,
    UnusedArgument,
    BadLiteral,
    WrongType,
    WrongArguments,
    EntryPoint,
    AssignedConstant,
    OutsideSubset,
    UndeclaredNeed,
    UnhandledValue,
    ImpossibleValue,
    Unreachable,
    OpenCurrency,
    DroppedCents,
    NoDefault,
}

impl Rule {
    /// The stable code of the rule.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownName => "unknown_name",
            Self::UnknownFact => "unknown_fact",
            Self::HiddenFact => "hidden_fact",
            Self::UnknownTable => "unknown_table",
            Self::UnknownColumn => "unknown_column",
            Self::UnknownCode => "unknown_code",
            Self::UndeclaredCode => "undeclared_code",
            Self::SentenceArguments => "sentence_arguments",
            Self::UnusedArgument => "unused_argument",
            Self::BadLiteral => "bad_literal",
            Self::WrongType => "wrong_type",
            Self::WrongArguments => "wrong_arguments",
            Self::EntryPoint => "entry_point",
            Self::AssignedConstant => "assigned_constant",
            Self::OutsideSubset => "outside_subset",
            Self::UndeclaredNeed => "undeclared_need",
            Self::UnhandledValue => "unhandled_value",
            Self::ImpossibleValue => "impossible_value",
            Self::Unreachable => "unreachable",
            Self::OpenCurrency => "open_currency",
            Self::DroppedCents => "dropped_cents",
            Self::NoDefault => "no_default",
        }
    }

    /// Every rule, in order of their codes' meaning.
    pub const ALL: [Self; 23] = [
        Self::Syntax,
        Self::UnknownName,
        Self::UnknownFact,
        Self::HiddenFact,
        Self::UnknownTable,
        Self::UnknownColumn,
        Self::UnknownCode,
        Self::UndeclaredCode,
        Self::SentenceArguments,
        Self::UnusedArgument,
        Self::BadLiteral,
        Self::WrongType,
        Self::WrongArguments,
        Self::EntryPoint,
        Self::AssignedConstant,
        Self::OutsideSubset,
        Self::UndeclaredNeed,
        Self::UnhandledValue,
        Self::ImpossibleValue,
        Self::Unreachable,
        Self::OpenCurrency,
        Self::DroppedCents,
        Self::NoDefault,
    ];
}

/// So many things of a kind: `1 input`, `2 inputs`.
pub(crate) fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in the author's words.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where.
    pub span: TextRange,
}

impl Diagnostic {
    /// Where it begins.
    #[must_use]
    pub fn position(&self, lines: &Lines) -> Position {
        lines.position(self.span.start())
    }

    /// The line with what is meant underlined.
    #[must_use]
    pub fn excerpt(&self, lines: &Lines) -> String {
        lines.excerpt(self.span)
    }
}
