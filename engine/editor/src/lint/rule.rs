//! The rules and their pages.

use redress::ScriptRule;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// A rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable code, which suppressions name.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The page: summary, avoid, prefer, why.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../../docs/lint/", $code, ".md")),)*
                }
            }
        }
    };
}

rules! {
    /// A fact holds the case and the manifest does not declare that it is needed.
    UndeclaredNeed = "undeclared_need";
    /// A value of an enum is never handled.
    UnhandledValue = "unhandled_value";
    /// A fact is compared with a value that it cannot have.
    ImpossibleValue = "impossible_value";
    /// Code that no case can reach.
    Unreachable = "unreachable";
    /// A sum whose currency is not known until a case runs.
    OpenCurrency = "open_currency";
    /// A division of integers that drops what is over.
    DroppedCents = "dropped_cents";
    /// A `switch` that says nothing of other values.
    NoDefault = "no_default";
    /// A function that neither `remedy` nor `route` comes to.
    UnusedFunction = "unused_function";
    /// A variable that nothing reads.
    UnusedVariable = "unused_variable";
    /// A constant that nothing reads.
    UnusedConstant = "unused_constant";
    /// A table that the script never asks.
    UnusedTable = "unused_table";
    /// A sentence for a code that nothing gives.
    UnusedSentence = "unused_sentence";
    /// A fact that nothing reads.
    UnusedFact = "unused_fact";
    /// Sums that a case may give below nothing.
    NegativeSum = "negative_sum";
    /// A sum in the middle of the code.
    WrittenSum = "written_sum";
    /// A claim that names nothing that it could be looked up in.
    UnsourcedClaim = "unsourced_claim";
    /// Two cases that ask the same.
    EqualCases = "equal_cases";
    /// A boundary that no case stands on.
    OpenBoundary = "open_boundary";
    /// A suppression that gives no reason.
    SuppressedWithoutReason = "suppressed_without_reason";
    /// A suppression of nothing.
    SuppressedForNothing = "suppressed_for_nothing";
}

impl Rule {
    /// The rule with a code.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.code() == code)
    }

    /// The rule of a warning of the type check.
    pub(super) fn of_check(rule: ScriptRule) -> Option<Self> {
        Self::find(rule.code())
    }

    /// The first paragraph of the page, on one line.
    #[must_use]
    pub fn summary(self) -> String {
        let paragraphs = self.page().split("\n\n");
        let first = paragraphs
            .map(str::trim)
            .find(|part| !part.starts_with('#'));
        first.unwrap_or_default().replace('\n', " ")
    }
}
