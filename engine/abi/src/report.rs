//! What a module that this project's own compiler made tells its host beside its answers.
//!
//! Such a module keeps to guest ABI v1 like any other. Before it returns it also leaves a
//! report at a fixed address of its memory: how many steps the interpreter would have
//! taken, which branches were reached and which facts were read. When it stops itself, the
//! report says why. A host that does not know of it loses nothing but this.

use redress_model::Slot;
use redress_model::fault::Position;

/// Where each part of a report lies, from its start.
pub mod offset {
    /// Why the module stopped, as a u32: 0 it did not, 1 for an unknown fact, 2 by a failure.
    pub const STOPPED: u32 = 0;
    /// The slot of the fact or the number of the failure, a u32.
    pub const WHAT: u32 = 4;
    /// The first value that a failure is about, an i64.
    pub const FIRST: u32 = 8;
    /// The second.
    pub const SECOND: u32 = 16;
    /// The interpreter's steps of the last call, an i64.
    pub const STEPS: u32 = 24;
    /// A byte for each branch of each site, not 0 once it was reached.
    pub const BRANCHES: u32 = 32;
}

/// Why a module stopped, in [`offset::STOPPED`].
pub mod stopped {
    /// It read a fact that the case does not know.
    pub const BY_UNKNOWN_FACT: u32 = 1;
    /// It failed.
    pub const BY_FAILURE: u32 = 2;
}

/// The report of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Where it lies in the module's memory.
    pub address: u32,
    /// How many branches there are, over all sites in their order.
    pub branches: u32,
    /// How many slots the schema has; behind the branches, a byte for each, not 0 once the
    /// fact was read.
    pub slots: u32,
    /// Whether the policy has a function `route`; without one the module's gives no wishes.
    pub has_route: bool,
    /// What can fail, by number.
    pub failures: Box<[Failure]>,
    /// The facts that the module ever reads, in order.
    pub reads: Box<[Slot]>,
}

impl Report {
    /// The bytes of the report.
    #[must_use]
    pub const fn bytes(&self) -> u32 {
        offset::BRANCHES
            .saturating_add(self.branches)
            .saturating_add(self.slots)
    }
}

/// Something that can fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What.
    pub kind: FailureKind,
    /// The place that the interpreter names.
    pub at: Option<Position>,
}

/// What fails, and what its first and second value are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The sum of two integers does not fit 64 bits.
    AddOverflow,
    /// Their difference does not.
    SubOverflow,
    /// Their product does not.
    MulOverflow,
    /// Their quotient does not.
    DivOverflow,
    /// Their remainder cannot be computed, since the quotient does not fit.
    RemOverflow,
    /// An integer is divided by 0.
    DivByZero,
    /// The remainder by 0.
    RemByZero,
    /// An integer has no negative.
    NegOverflow,
    /// An integer has no absolute value.
    AbsOverflow,
    /// An amount does not fit 64 bits.
    MoneyOverflow,
    /// An amount is divided by 0.
    MoneyByZero,
    /// Two currencies meet: three letters each, the first in the lowest byte.
    Currencies,
    /// A date, in days from 1970-01-01, plus so many days is no date.
    PlusDays,
    /// An input of a table is outside of its column: the number, the days or a text.
    Lookup {
        /// The table, by its place in order of names.
        table: usize,
        /// The input column.
        column: usize,
    },
    /// A list of so many items has none at this place.
    Item,
    /// `with_item` for a list of so many items and this place.
    WithItem,
    /// A list grows past its limit.
    ListTooLong,
    /// A text is not a code: where it lies, `address << 32 | length`.
    BadCode,
    /// A text in a reason is longer than 64 bytes: this long.
    TextTooLong,
    /// A priority is not 1 to 9.
    Priority,
    /// A span is not 0 to 10,000.
    Within(&'static str),
    /// A refusal has no reason.
    NoReason,
    /// More of something than an answer may carry: so many, at most so many.
    TooMany {
        /// What one counts against the output budget, in bytes.
        bytes_each: u64,
    },
    /// A route has a start for its deadline and no span.
    SinceWithoutSpan,
    /// The verdict is larger than the output budget: so many bytes.
    Output,
}
