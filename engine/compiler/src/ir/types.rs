//! Types.

use std::fmt;

use redress_model::Currency;
use redress_model::table::Tables;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// There is no value: it returns, breaks or goes on before.
    Never,
    /// `()`
    Unit,
    /// `true` or `false`.
    Bool,
    /// 64 bits.
    Int,
    /// One of the texts that the program can name.
    Symbol,
    /// Any text.
    Text,
    /// A date.
    Date,
    /// An instant.
    DateTime,
    /// A sum: of this currency, or of one that only the run knows.
    Money(Option<Currency>),
    /// A value, or `()`.
    Optional(Box<Type>),
    /// A list of values of one type; of [`Type::Never`] when it is known to be empty.
    List(Box<Type>),
    /// Whole numbers from one to another.
    Range,
    /// A row of the table with this number, by name.
    Row(usize),
    /// A remedy in the making.
    Remedy,
    /// What `remedy` returns.
    Verdict,
    /// What `route` returns.
    Route,
    /// The argument `facts`.
    Facts,
    /// `facts.maybe`
    Maybe,
    /// A group of facts, by its number among the names at the top of the schema.
    Group(usize),
    /// A group within `facts.maybe`.
    MaybeGroup(usize),
    /// The argument `warnings`.
    Warnings,
    /// A mistake was told already.
    Unknown,
}

impl Type {
    /// The least type that has the values of both; `None` if there is none.
    #[must_use]
    pub fn join(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (left, right) if left == right => left.clone(),
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Never, ty) | (ty, Self::Never) => ty.clone(),
            (Self::Symbol, Self::Text) | (Self::Text, Self::Symbol) => Self::Text,
            (Self::Money(_), Self::Money(_)) => Self::Money(None),
            (Self::List(left), Self::List(right)) => Self::List(Box::new(left.join(right)?)),
            (Self::Optional(left), Self::Optional(right)) => {
                Self::Optional(Box::new(left.join(right)?))
            }
            (Self::Unit, ty @ Self::Optional(_)) | (ty @ Self::Optional(_), Self::Unit) => {
                ty.clone()
            }
            (Self::Unit, ty) | (ty, Self::Unit) if ty.is_scalar() => {
                Self::Optional(Box::new(ty.clone()))
            }
            (Self::Optional(inner), ty) | (ty, Self::Optional(inner)) if ty.is_scalar() => {
                Self::Optional(Box::new(inner.join(ty)?))
            }
            _ => return None,
        })
    }

    /// A single value that a fact can have.
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Bool
                | Self::Int
                | Self::Symbol
                | Self::Text
                | Self::Date
                | Self::DateTime
                | Self::Money(_)
        )
    }

    /// A text of whatever kind.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Symbol | Self::Text)
    }

    /// In the words of an author, as the interpreter says it.
    #[must_use]
    pub fn in_words(&self, tables: &Tables) -> String {
        match self {
            Self::Row(table) => match tables.iter().nth(*table) {
                Some(table) => format!("a row of the table `{}`", table.name()),
                None => "a row of a table".into(),
            },
            Self::Optional(inner) => format!("{} that may be unknown", inner.in_words(tables)),
            Self::List(inner) => match **inner {
                Self::Never | Self::Unknown => "a list".into(),
                ref item => format!("a list of {}", item.plural()),
            },
            Self::Money(Some(currency)) => format!("a sum in {currency}"),
            other => other.to_string(),
        }
    }

    const fn plural(&self) -> &'static str {
        match self {
            Self::Bool => "booleans",
            Self::Int => "integers",
            Self::Symbol | Self::Text => "texts",
            Self::Date => "dates",
            Self::DateTime => "date-times",
            Self::Money(_) => "sums of money",
            Self::Remedy => "remedies",
            _ => "values",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Never | Self::Unit => "nothing",
            Self::Bool => "true or false",
            Self::Int => "an integer",
            Self::Symbol | Self::Text => "a text",
            Self::Date => "a date",
            Self::DateTime => "a date-time",
            Self::Money(_) => "a sum of money",
            Self::Optional(_) => "a value that may be unknown",
            Self::List(_) => "a list",
            Self::Range => "a range",
            Self::Row(_) => "a row of a table",
            Self::Remedy => "a remedy",
            Self::Verdict => "a verdict",
            Self::Route => "a route",
            Self::Facts => "the facts",
            Self::Maybe => "the facts.maybe",
            Self::Group(_) | Self::MaybeGroup(_) => "a group of facts",
            Self::Warnings => "the warnings",
            Self::Unknown => "something",
        })
    }
}
