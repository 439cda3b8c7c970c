//! Expressions and statements.

use redress_model::{Date, DeadlineUnit, Money, Slot};
use rowan::{TextRange, TextSize};

use super::{FunctionId, LocalId, SiteId, TextId, Type};

/// Something that has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it is written.
    pub span: TextRange,
    /// The place that the interpreter names when it fails.
    pub at: TextSize,
    /// The interpreter's steps for it, its parts not counted.
    pub steps: u32,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it is written.
    pub span: TextRange,
    /// The interpreter's steps for it, its parts not counted.
    pub steps: u32,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StmtKind {
    /// Binds a variable or assigns to it.
    Set(LocalId, Expr),
    /// Evaluates, and drops the value.
    Expr(Expr),
    /// Runs the body for each item.
    For {
        /// What it goes through.
        items: Iterated,
        /// The variable.
        item: LocalId,
        /// The variable that counts from 0.
        counter: Option<Counter>,
        /// The body; of type [`Type::Unit`] or [`Type::Never`].
        body: Expr,
        /// The interpreter's steps for each time round, the body not counted.
        steps_each: u32,
    },
}

/// The counter of a loop.
pub type Counter = LocalId;

/// What a loop goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Iterated {
    /// The items of a list.
    List(Expr),
    /// The numbers from the first to the second, the second included or not, at most so
    /// many.
    Range {
        /// The first number.
        from: Expr,
        /// The last number, or the one behind it.
        to: Expr,
        /// Whether `to` is one of the numbers.
        inclusive: bool,
        /// The most numbers that there can be.
        most: u64,
        /// The interpreter's steps for making the range.
        steps: u32,
    },
}

/// A constant that a `switch` looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// A number.
    Int(i64),
    /// Numbers, both ends included.
    Ints(i64, i64),
    /// `true` or `false`.
    Bool(bool),
    /// A text.
    Text(TextId),
    /// `()`: an unknown fact.
    Unit,
}

/// An arm of a `switch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// What it is for: any of these.
    pub patterns: Vec<Pattern>,
    /// The condition behind `if`.
    pub guard: Option<Expr>,
    /// What it gives.
    pub body: Expr,
}

/// An operation on two integers. Each fails where 64 bits do not hold the result, the last
/// two also for a divisor of 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they do")]
pub enum IntOp {
    Add,
    Sub,
    Mul,
    /// Towards zero.
    Div,
    /// With the sign of the dividend.
    Rem,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they are")]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// The unit of a span between two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanUnit {
    /// Between two dates.
    Days,
    /// Between two date-times, in so many seconds each, towards zero.
    Seconds(i64),
}

/// A question about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they ask")]
pub enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// A counter of `warnings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in `Warnings`")]
pub enum WarningField {
    Repeats,
    LikeCases,
    Burst,
}

/// What a remedy gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// A sum.
    Money(Box<Expr>),
    /// So many units of the remedy's kind.
    Units(Box<Expr>),
}

/// The ground of a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in `Basis`")]
pub enum Ground {
    Statutory,
    Contractual,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExprKind {
    /// `()`, also as the missing value of an optional type.
    Unit,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Text(TextId),
    /// A sum.
    Money(Money),
    /// A date.
    Date(Date),
    /// A variable.
    Local(LocalId),
    /// A fact; an unknown one holds the case.
    Fact(Slot),
    /// A fact, or `()`.
    MaybeFact(Slot),
    /// A counter of the ledger.
    Warning(WarningField),
    /// The value as one of a wider type: a sum whose currency only the run knows, an
    /// optional value, any text.
    Widen(Box<Expr>),
    /// Whether an optional value is there.
    IsKnown(Box<Expr>),
    /// The value if it is there, else the other.
    Coalesce {
        /// Where this is decided.
        site: SiteId,
        /// What may be missing.
        value: Box<Expr>,
        /// What stands in for it.
        default: Box<Expr>,
    },
    /// `!x`
    Not(Box<Expr>),
    /// `-x` of an integer or of a sum.
    Neg(Box<Expr>),
    /// Whether all hold; what comes behind one that does not is not evaluated.
    And(Vec<(SiteId, Expr)>),
    /// Whether one holds; what comes behind it is not evaluated.
    Or(Vec<(SiteId, Expr)>),
    /// Arithmetic of integers.
    Int2(IntOp, Box<Expr>, Box<Expr>),
    /// The sum of two sums; fails for two currencies.
    MoneyAdd(Box<Expr>, Box<Expr>),
    /// The difference of two sums; fails for two currencies.
    MoneySub(Box<Expr>, Box<Expr>),
    /// A sum so many times: one operand is a sum, the other an integer.
    MoneyTimes(Box<Expr>, Box<Expr>),
    /// The share `numerator / denominator` of a sum, rounded as the release says.
    Share {
        /// The sum.
        sum: Box<Expr>,
        /// How many parts.
        numerator: Box<Expr>,
        /// Of how many.
        denominator: Box<Expr>,
    },
    /// A comparison of two values of one type; of sums it fails for two currencies. Of a
    /// value and an optional one, only equality.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// The smaller of two integers, sums, dates or date-times.
    Min(Box<Expr>, Box<Expr>),
    /// The larger of two integers, sums, dates or date-times.
    Max(Box<Expr>, Box<Expr>),
    /// An integer without its sign.
    Abs(Box<Expr>),
    /// The span from the first time to the second.
    Between(SpanUnit, Box<Expr>, Box<Expr>),
    /// A date so many days later.
    PlusDays(Box<Expr>, Box<Expr>),
    /// The row of a table, by its number in order of names, that answers for the inputs.
    Lookup {
        /// The table.
        table: usize,
        /// One for each input column.
        inputs: Vec<Expr>,
    },
    /// An output of a row, by the place of its column.
    Column(Box<Expr>, usize),
    /// A list of these.
    List(Vec<Expr>),
    /// A list of the items of both.
    Concat(Box<Expr>, Box<Expr>),
    /// The list with one item more; unlike `Concat` it costs no steps.
    Append(Box<Expr>, Box<Expr>),
    /// The list with all items of another more; unlike `Concat` it costs no steps.
    Extend(Box<Expr>, Box<Expr>),
    /// The list with another item at a place.
    WithItem {
        /// The list.
        list: Box<Expr>,
        /// The place, from 0.
        place: Box<Expr>,
        /// The item.
        item: Box<Expr>,
    },
    /// The item at a place of a list; from the end if negative.
    Item(Box<Expr>, Box<Expr>),
    /// How many items a list has.
    Len(Box<Expr>),
    /// How many characters a text has.
    TextLen(Box<Expr>),
    /// Whether a text is empty.
    TextIsEmpty(Box<Expr>),
    /// Whether the list has the item.
    Contains(Box<Expr>, Box<Expr>),
    /// A question about a text and a part.
    TextTest(TextTest, Box<Expr>, Box<Expr>),
    /// A goodwill remedy of a kind.
    Remedy {
        /// The kind, a code.
        kind: Box<Expr>,
        /// What it gives.
        amount: Amount,
    },
    /// The remedy on another ground.
    OnGround {
        /// The remedy.
        remedy: Box<Expr>,
        /// The ground.
        ground: Ground,
        /// The claim, a code.
        claim: Box<Expr>,
    },
    /// The remedy with one reason more.
    Because {
        /// The remedy.
        remedy: Box<Expr>,
        /// The reason, a code.
        code: Box<Expr>,
        /// Integers, sums, dates and texts.
        args: Vec<Expr>,
    },
    /// A verdict that gives remedies.
    Grant {
        /// The tier, a code.
        tier: Option<Box<Expr>>,
        /// The list of remedies.
        remedies: Box<Expr>,
    },
    /// A verdict that gives nothing, for one reason or for a list of them.
    Refuse(Box<Expr>),
    /// A verdict that waits, for a reason.
    Hold(Box<Expr>),
    /// A route without wishes.
    Route,
    /// The route with a queue.
    Queue(Box<Expr>, Box<Expr>),
    /// The route with a priority.
    Priority(Box<Expr>, Box<Expr>),
    /// The route with a deadline.
    Within(DeadlineUnit, Box<Expr>, Box<Expr>),
    /// The route with a fact from which its deadline runs.
    Since(Box<Expr>, Slot),
    /// The route with one obligation more.
    Oblige(Box<Expr>, Box<Expr>),
    /// What a function gives.
    Call(FunctionId, Vec<Expr>),
    /// One or the other.
    If {
        /// Where this is decided.
        site: SiteId,
        /// The condition.
        condition: Box<Expr>,
        /// What it gives when it holds.
        then: Box<Expr>,
        /// What it gives when it does not.
        otherwise: Box<Expr>,
    },
    /// The first arm that fits.
    Switch {
        /// Where this is decided.
        site: SiteId,
        /// What is looked at.
        value: Box<Expr>,
        /// The arms in the order in which they are tried.
        arms: Vec<Arm>,
        /// What it gives when none fits.
        default: Box<Expr>,
    },
    /// Statements, then a value.
    Block(Vec<Stmt>, Box<Expr>),
    /// Ends the function with a value.
    Return(Box<Expr>),
    /// Ends the loop.
    Break,
    /// Goes on with the next item of the loop.
    Continue,
}
