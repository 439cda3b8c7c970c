//! One thing given to a customer, on which ground, and why.

use serde::Serialize;
use smol_str::SmolStr;

use crate::{Code, Date, Money};

/// How much is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// A sum of money, or the face value of a voucher or credit.
    Money(Money),
    /// Counted units: loyalty points, nights, a rebooking.
    Units {
        /// The unit, which the guardrails give a worth.
        unit: Code,
        /// How many.
        count: i64,
    },
}

/// The ground of a remedy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The law fixes it; the code names the provision in the guardrails.
    Statutory(Code),
    /// A contract fixes it; the code names the clause in the guardrails.
    Contractual(Code),
    /// Given at discretion.
    Goodwill,
}

impl Basis {
    /// `statutory`, `contractual` or `goodwill`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Statutory(_) => "statutory",
            Self::Contractual(_) => "contractual",
            Self::Goodwill => "goodwill",
        }
    }

    /// The code of the provision or clause; goodwill has none.
    #[must_use]
    pub const fn claim(&self) -> Option<&Code> {
        match self {
            Self::Statutory(code) | Self::Contractual(code) => Some(code),
            Self::Goodwill => None,
        }
    }
}

/// A value inside a reason, shown to people in its place in the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonArg {
    /// A whole number.
    Int(i64),
    /// A sum.
    Money(Money),
    /// A date.
    Date(Date),
    /// A short text of at most 64 bytes.
    Text(SmolStr),
}

impl ReasonArg {
    /// Its type.
    #[must_use]
    pub const fn ty(&self) -> ReasonArgType {
        match self {
            Self::Int(_) => ReasonArgType::Int,
            Self::Money(_) => ReasonArgType::Money,
            Self::Date(_) => ReasonArgType::Date,
            Self::Text(_) => ReasonArgType::Text,
        }
    }
}

/// The type of a value inside a reason, as a sentence may declare it: `{0:money}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonArgType {
    /// A whole number.
    Int,
    /// A sum.
    Money,
    /// A date.
    Date,
    /// A short text.
    Text,
}

impl ReasonArgType {
    /// Every type, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Int, Self::Money, Self::Date, Self::Text];

    /// The name in a sentence: `int`, `money`, `date` or `text`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Money => "money",
            Self::Date => "date",
            Self::Text => "text",
        }
    }

    /// In the words of an author: `a sum of money`.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Int => "an integer",
            Self::Money => "a sum of money",
            Self::Date => "a date",
            Self::Text => "a text",
        }
    }
}

/// Why: a code with typed arguments, for which the release's messages hold a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The reason code.
    pub code: Code,
    /// The values named in the sentence, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<ReasonArg>,
}

impl Reason {
    /// A reason without arguments.
    #[must_use]
    pub const fn bare(code: Code) -> Self {
        Self {
            code,
            args: Vec::new(),
        }
    }
}

/// One thing given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What it is: a kind that the guardrails declare, such as `cash` or `voucher`.
    pub kind: Code,
    /// How much of it.
    pub amount: Amount,
    /// On which ground.
    pub basis: Basis,
    /// Why.
    pub reasons: Vec<Reason>,
}
