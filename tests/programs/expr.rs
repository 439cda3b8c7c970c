//! Expressions of each type, as an author would write them.

use crate::random::Random;

/// The types of which there are expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ty {
    Bool,
    Int,
    Text,
    /// A sum in euros.
    Money,
    /// A sum of which only the run knows the currency.
    AnyMoney,
    Date,
    DateTime,
    Ints,
    Remedy,
    Remedies,
    MaybeInt,
    /// A row of the table `lateness`.
    Row,
}

pub(crate) const BOUND: [Ty; 10] = [
    Ty::Bool,
    Ty::Int,
    Ty::Int,
    Ty::Text,
    Ty::Money,
    Ty::AnyMoney,
    Ty::Date,
    Ty::Ints,
    Ty::MaybeInt,
    Ty::Row,
];

/// A function that was written before.
pub(crate) struct Helper {
    pub(crate) name: String,
    /// Whether its first argument is `facts`.
    pub(crate) facts: bool,
    pub(crate) params: Vec<Ty>,
    pub(crate) result: Ty,
}

/// What can be named where an expression stands.
pub(crate) struct Writer<'r> {
    pub(crate) random: &'r mut Random,
    pub(crate) helpers: Vec<Helper>,
    /// The variables, later ones hiding earlier ones of the same name.
    pub(crate) scope: Vec<(String, Ty)>,
    pub(crate) sees_facts: bool,
    pub(crate) sees_warnings: bool,
    /// What the function gives, for `return`.
    pub(crate) result: Option<Ty>,
    pub(crate) loops: u32,
    pub(crate) names: u32,
}

const INTS: [&str; 12] = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "7",
    "10",
    "100",
    "365",
    "9223372036854775807",
    "-9223372036854775807",
    "4611686018427387904",
];
const SUMS: [&str; 7] = [
    "0.00 EUR",
    "0.01 EUR",
    "1.50 EUR",
    "25.00 EUR",
    "999.99 EUR",
    "92233720368547758.07 EUR",
    "-3.33 EUR",
];
const DATES: [&str; 5] = [
    "2026-01-01",
    "2025-12-31",
    "1970-01-01",
    "9999-12-31",
    "2024-02-29",
];
const TEXTS: [&str; 8] = [
    "",
    "a",
    "northwind",
    "wind",
    "carrier",
    "户口本",
    "two words",
    "points",
];
pub(crate) const CODES: [&str; 6] = ["a", "late", "code_b", "r1", "x_y", "points"];
const CAUSES: [&str; 4] = ["wrong-address", "carrier", "warehouse", "customs"];

impl Writer<'_> {
    pub(crate) fn fresh(&mut self) -> String {
        self.names += 1;
        // A name is taken again now and then, with whatever type comes then.
        match self.random.once_in(8) {
            true => format!("v{}", self.random.below(u64::from(self.names)) + 1),
            false => format!("v{}", self.names),
        }
    }

    fn pick(&mut self, of: &[&str]) -> String {
        (*self.random.one_of(of)).to_owned()
    }

    /// A variable of a type that nothing hides.
    pub(crate) fn variable(&mut self, ty: Ty) -> Option<String> {
        let mut seen = std::collections::BTreeSet::new();
        let mut found = Vec::new();
        for (name, its) in self.scope.iter().rev() {
            if seen.insert(name) && *its == ty {
                found.push(name.clone());
            }
        }
        (!found.is_empty()).then(|| self.random.one_of(&found).clone())
    }

    fn call(&mut self, ty: Ty, depth: u32) -> Option<String> {
        let fitting: Vec<usize> = (0..self.helpers.len())
            .filter(|at| {
                let helper = &self.helpers[*at];
                helper.result == ty && (self.sees_facts || !helper.facts)
            })
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let at = *self.random.one_of(&fitting);
        let (name, facts) = (self.helpers[at].name.clone(), self.helpers[at].facts);
        let mut args: Vec<String> = facts.then(|| "facts".to_owned()).into_iter().collect();
        for param in self.helpers[at].params.clone() {
            args.push(self.expr(param, depth));
        }
        Some(format!("{name}({})", args.join(", ")))
    }

    /// An expression of a type, nested at most so deep.
    pub(crate) fn expr(&mut self, ty: Ty, depth: u32) -> String {
        if depth == 0 || self.random.once_in(4) {
            return self.leaf(ty);
        }
        let depth = depth - 1;
        if self.random.once_in(7)
            && let Some(call) = self.call(ty, depth)
        {
            return call;
        }
        if self.random.once_in(9) && ty != Ty::MaybeInt {
            return self.chosen(ty, depth);
        }
        match ty {
            Ty::Bool => self.bool(depth),
            Ty::Int => self.int(depth),
            Ty::Text => match self.random.below(3) {
                0 => format!("{}.tier", self.expr(Ty::Row, depth)),
                1 if self.sees_facts => format!("(facts.maybe.brand ?? {})", self.leaf(Ty::Text)),
                _ => self.chosen(ty, depth),
            },
            Ty::Money => self.money(depth),
            Ty::AnyMoney => match self.random.below(3) {
                0 if self.sees_facts => {
                    format!("(facts.maybe.postage ?? {})", self.expr(Ty::Money, depth))
                }
                1 => format!("({} + {})", self.leaf(ty), self.expr(Ty::Money, depth)),
                _ => format!("{}.ratio({}, 3)", self.leaf(ty), self.expr(Ty::Int, depth)),
            },
            Ty::Date => match self.random.below(4) {
                0 => format!(
                    "{}.plus_days({})",
                    self.expr(ty, depth),
                    self.expr(Ty::Int, depth)
                ),
                1 => format!("min({}, {})", self.expr(ty, depth), self.expr(ty, depth)),
                2 => format!("max({}, {})", self.expr(ty, depth), self.expr(ty, depth)),
                _ if self.sees_facts => {
                    format!("(facts.maybe.ordered_on ?? {})", self.expr(ty, depth))
                }
                _ => self.leaf(ty),
            },
            Ty::DateTime => match self.sees_facts {
                true if self.random.once_in(2) => {
                    "(facts.maybe.replacement.arrived_at ?? facts.promised_at)".to_owned()
                }
                _ => self.leaf(ty),
            },
            Ty::Ints => match self.random.below(4) {
                0 => format!("({} + {})", self.expr(ty, depth), self.expr(ty, depth)),
                1 => format!(
                    "{}.with_item({}, {})",
                    self.expr(ty, depth),
                    self.pick(&["0", "1", "2", "-1"]),
                    self.expr(Ty::Int, depth)
                ),
                _ => self.items(Ty::Int, depth),
            },
            Ty::Remedy => self.remedy(depth),
            Ty::Remedies => match self.random.below(4) {
                0 => format!(
                    "({} + {})",
                    self.items(Ty::Remedy, depth),
                    self.expr(ty, depth)
                ),
                _ => self.items(Ty::Remedy, depth),
            },
            Ty::MaybeInt => self.leaf(ty),
            Ty::Row => format!(
                "table(\"lateness\", [{}, {}])",
                self.expr(Ty::Int, depth),
                self.cause()
            ),
        }
    }

    fn items(&mut self, of: Ty, depth: u32) -> String {
        let count = self.random.below(3) + 1;
        let items: Vec<String> = (0..count).map(|_| self.expr(of, depth)).collect();
        format!("[{}]", items.join(", "))
    }

    /// `if` or `switch` where a value stands.
    fn chosen(&mut self, ty: Ty, depth: u32) -> String {
        let (first, second) = (self.expr(ty, depth), self.expr(ty, depth));
        match self.random.below(3) {
            0 if self.sees_facts => format!(
                "switch facts.cause {{ \"carrier\" => {first}, \"customs\" | \"warehouse\" if {} => {second}, _ => {} }}",
                self.expr(Ty::Bool, depth),
                self.expr(ty, depth)
            ),
            1 => format!(
                "switch {} {{ 0 | 7 => {first}, 1..5 if {} => {second}, 8..=20 => {}, _ => {} }}",
                self.expr(Ty::Int, depth),
                self.expr(Ty::Bool, depth),
                self.expr(ty, depth),
                self.expr(ty, depth)
            ),
            _ => format!(
                "if {} {{ {first} }} else {{ {second} }}",
                self.expr(Ty::Bool, depth)
            ),
        }
        .pipe(|text| format!("({text})"))
    }

    fn bool(&mut self, depth: u32) -> String {
        let op = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
        match self.random.below(12) {
            0 => format!(
                "({} && {})",
                self.expr(Ty::Bool, depth),
                self.expr(Ty::Bool, depth)
            ),
            1 => format!(
                "({} || {})",
                self.expr(Ty::Bool, depth),
                self.expr(Ty::Bool, depth)
            ),
            2 => format!("!{}", self.expr(Ty::Bool, depth)),
            3 => format!(
                "({} {op} {})",
                self.expr(Ty::Money, depth),
                self.expr(Ty::Money, depth)
            ),
            4 => format!(
                "({} {op} {})",
                self.expr(Ty::Date, depth),
                self.expr(Ty::Date, depth)
            ),
            5 => format!(
                "({} {} {})",
                self.expr(Ty::Text, depth),
                self.pick(&["==", "!="]),
                self.expr(Ty::Text, depth)
            ),
            6 => format!(
                "({} {} {})",
                self.expr(Ty::Int, depth),
                self.pick(&["in", "!in"]),
                self.expr(Ty::Ints, depth)
            ),
            7 => format!(
                "{}.{}({})",
                self.expr(Ty::Text, 0),
                self.pick(&["starts_with", "ends_with", "contains"]),
                self.expr(Ty::Text, 0)
            ),
            8 => format!(
                "{}.{}()",
                self.expr(Ty::Money, depth),
                self.pick(&["is_zero", "is_negative"])
            ),
            9 if self.sees_facts => format!(
                "(facts.maybe.{} {} ())",
                self.pick(&["share_points", "insured", "order_value", "replacement.sent"]),
                self.pick(&["==", "!="])
            ),
            10 => format!(
                "({} {op} {})",
                self.expr(Ty::AnyMoney, depth),
                self.leaf(Ty::Money)
            ),
            _ => format!(
                "({} {op} {})",
                self.expr(Ty::Int, depth),
                self.expr(Ty::Int, depth)
            ),
        }
    }

    fn int(&mut self, depth: u32) -> String {
        let op = self.pick(&["+", "+", "-", "-", "*", "/", "%"]);
        match self.random.below(13) {
            0 => format!("(-({}))", self.expr(Ty::Int, depth)),
            1 => format!("abs({})", self.expr(Ty::Int, depth)),
            2 => format!(
                "min({}, {})",
                self.expr(Ty::Int, depth),
                self.expr(Ty::Int, depth)
            ),
            3 => format!(
                "max({}, {})",
                self.expr(Ty::Int, depth),
                self.expr(Ty::Int, depth)
            ),
            4 => format!(
                "days_between({}, {})",
                self.expr(Ty::Date, depth),
                self.expr(Ty::Date, depth)
            ),
            5 => format!(
                "{}({}, {})",
                self.pick(&["hours_between", "minutes_between"]),
                self.expr(Ty::DateTime, depth),
                self.expr(Ty::DateTime, depth)
            )
            .pipe(|text| {
                if self.sees_facts {
                    text
                } else {
                    "5".to_owned()
                }
            }),
            6 => format!("{}.len()", self.expr(Ty::Ints, depth)),
            7 => format!("{}.len()", self.expr(Ty::Text, depth)),
            8 => format!("{}.percent", self.expr(Ty::Row, depth)),
            9 => format!(
                "({} ?? {})",
                self.leaf(Ty::MaybeInt),
                self.expr(Ty::Int, depth)
            ),
            10 => match self.variable(Ty::Ints) {
                Some(list) => format!("{list}[{}]", self.pick(&["0", "1", "-1", "2"])),
                None => self.leaf(Ty::Int),
            },
            _ => format!(
                "({} {op} {})",
                self.expr(Ty::Int, depth),
                self.expr(Ty::Int, depth)
            ),
        }
    }

    fn money(&mut self, depth: u32) -> String {
        let sum = self.expr(Ty::Money, depth);
        match self.random.below(9) {
            0 => format!("({sum} + {})", self.expr(Ty::Money, depth)),
            1 => format!("({sum} - {})", self.expr(Ty::Money, depth)),
            2 => format!("({sum} * {})", self.expr(Ty::Int, depth)),
            3 => format!("{sum}.percent({})", self.expr(Ty::Int, depth)),
            4 => format!("{sum}.basis_points({})", self.expr(Ty::Int, depth)),
            5 => format!(
                "{sum}.ratio({}, {})",
                self.expr(Ty::Int, depth),
                self.expr(Ty::Int, depth)
            ),
            6 => format!("min({sum}, {})", self.expr(Ty::Money, depth)),
            7 => format!("max({sum}, {})", self.expr(Ty::Money, depth)),
            _ => format!("(-({sum}))"),
        }
    }

    fn remedy(&mut self, depth: u32) -> String {
        let code = self.code();
        match self.random.below(9) {
            0 => format!("cash({})", self.expr(Ty::AnyMoney, depth)),
            1 => format!("voucher({})", self.expr(Ty::Money, depth)),
            2 => format!("gift({code}, {})", self.expr(Ty::Money, depth)),
            3 => format!("units({code}, {})", self.expr(Ty::Int, depth)),
            4 => format!("service({code})"),
            5 => format!("statutory({}, {code})", self.expr(Ty::Remedy, depth)),
            6 => format!("{}.because({code})", self.expr(Ty::Remedy, depth)),
            _ => {
                let remedy = self.expr(Ty::Remedy, depth);
                let count = self.random.below(3);
                let args: Vec<String> = (0..=count)
                    .map(|_| {
                        let ty = *self
                            .random
                            .one_of(&[Ty::Int, Ty::Text, Ty::Money, Ty::Date]);
                        self.expr(ty, depth.min(1))
                    })
                    .collect();
                format!("because({remedy}, {code}, [{}])", args.join(", "))
            }
        }
    }

    /// A code, now and then one that is none.
    pub(crate) fn code(&mut self) -> String {
        let code = self.pick(&CODES);
        match self.random.below(16) {
            0 => format!(
                "(if {} {{ \"{code}\" }} else {{ \"b\" }})",
                self.expr(Ty::Bool, 1)
            ),
            1 => format!("{}.tier", self.expr(Ty::Row, 1)),
            2 if self.sees_facts => "facts.cause".to_owned(),
            _ => format!("\"{code}\""),
        }
    }

    fn cause(&mut self) -> String {
        match self.sees_facts && self.random.once_in(2) {
            true => "facts.cause".to_owned(),
            false => format!("\"{}\"", self.pick(&CAUSES)),
        }
    }

    fn leaf(&mut self, ty: Ty) -> String {
        if self.random.below(3) > 0
            && let Some(name) = self.variable(ty)
        {
            return name;
        }
        let fact = self.sees_facts && self.random.below(2) == 0;
        match ty {
            Ty::Bool if fact => self.pick(&["facts.insured", "facts.replacement.sent"]),
            Ty::Bool => self.pick(&["true", "false"]),
            Ty::Int if self.sees_warnings && self.random.once_in(2) => {
                self.pick(&["warnings.repeats", "warnings.like_cases", "warnings.burst"])
            }
            Ty::Int if fact => self.pick(&["facts.days_late", "facts.share_points"]),
            Ty::Int => match self.pick(&INTS) {
                number if number.starts_with('-') => format!("({number})"),
                number => number,
            },
            Ty::Text if fact => self.pick(&["facts.brand", "facts.cause"]),
            Ty::Text => format!("\"{}\"", self.pick(&TEXTS)),
            Ty::Money if fact => "facts.order_value".to_owned(),
            Ty::Money => format!("money(\"{}\")", self.pick(&SUMS)),
            Ty::AnyMoney if fact => "facts.postage".to_owned(),
            Ty::AnyMoney => self.leaf(Ty::Money),
            Ty::Date if fact => "facts.ordered_on".to_owned(),
            Ty::Date => format!("date(\"{}\")", self.pick(&DATES)),
            Ty::DateTime if self.sees_facts => {
                self.pick(&["facts.promised_at", "facts.replacement.arrived_at"])
            }
            Ty::DateTime => "date(\"2026-01-01\")".to_owned(),
            Ty::Ints => self.items(Ty::Int, 0),
            Ty::Remedy => format!("service(\"{}\")", self.pick(&CODES)),
            Ty::Remedies => self.items(Ty::Remedy, 0),
            Ty::MaybeInt if self.sees_facts => {
                self.pick(&["facts.maybe.days_late", "facts.maybe.share_points"])
            }
            Ty::MaybeInt => self.leaf(Ty::Int),
            Ty::Row => format!(
                "table(\"lateness\", [{}, {}])",
                self.leaf(Ty::Int),
                self.cause()
            ),
        }
    }
}

/// Wraps a text where the next step reads best behind it.
trait Pipe: Sized {
    fn pipe<T>(self, step: impl FnOnce(Self) -> T) -> T {
        step(self)
    }
}

impl Pipe for String {}
