//! Runs a program on all facts at once: every way through it, each with the condition
//! under which a case goes it.
//!
//! Ways that come together again with values of one shape become one way whose values are
//! choices; where lists of different lengths come together, they stay apart.

mod computed;
mod controlled;
mod expr;
mod given;
mod listed;
mod proposed;
mod rounding;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use redress_compiler::ir::{Function, FunctionId, Program};
use redress_compiler::syntax::Lines;
use redress_model::fault::Position;
use redress_model::table::Tables;
use redress_model::{Currency, FactType, Rounding, Schema, Slot};
use rowan::TextSize;
use smol_str::SmolStr;

pub(crate) use self::rounding::share;
pub(crate) use self::value::{Ground, Remedy, Value, Verdict};
use crate::term::{Term, Terms};

/// Every integer and every sum that a policy can have.
pub(crate) const INT: (i128, i128) = (-9_223_372_036_854_775_808, 9_223_372_036_854_775_807);
/// 0000-01-01 to 9999-12-31, in days and in seconds since 1970.
const DAYS: (i128, i128) = (-719_528, 2_932_896);
const SECONDS: (i128, i128) = (-62_167_219_200, 253_402_300_799);

/// The numbers that stand for the values of a type: places of an enum's list, minor units,
/// days, seconds, the number of a text.
pub(crate) fn range(ty: &FactType) -> (i128, i128) {
    match ty {
        FactType::Bool => (0, 1),
        FactType::Int { min, max } => ((*min).into(), (*max).into()),
        FactType::Enum(values) => {
            let count = i128::try_from(values.len()).unwrap_or(1);
            (0, count.saturating_sub(1))
        }
        FactType::Date => DAYS,
        FactType::DateTime => SECONDS,
        FactType::Text { .. } => (0, 1_000_000),
        FactType::Money { min_minor, .. } => (min_minor.map_or(INT.0, Into::into), INT.1),
        FactType::List { .. } => INT,
    }
}

/// The most ways through a policy that are followed.
const WAYS_MAX: usize = 20_000;
/// The most formulas that a policy may come to.
const TERMS_MAX: usize = 1_000_000;
/// The most items of a list of facts.
pub(crate) const ITEMS_MAX: u32 = 8;

/// Why a policy cannot be put into formulas.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmodelled {
    /// Too many ways lead through it.
    #[error("more than {WAYS_MAX} ways lead through the policy")]
    TooManyWays,
    /// A construct has no formula here.
    #[error("{what} has no formula (line {}, column {})", at.line, at.column)]
    Construct {
        /// Which.
        what: &'static str,
        /// Where.
        at: Position,
    },
}

/// Names and currencies by number, over all programs that are compared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    texts: Vec<SmolStr>,
    currencies: Vec<Currency>,
}

impl Names {
    pub(crate) fn text(&mut self, text: &str) -> i128 {
        let at = self.texts.iter().position(|known| known == text);
        let at = at.unwrap_or_else(|| {
            self.texts.push(text.into());
            self.texts.len().saturating_sub(1)
        });
        i128::try_from(at).unwrap_or(i128::MAX)
    }

    pub(crate) fn text_of(&self, number: i128) -> Option<&SmolStr> {
        self.texts.get(usize::try_from(number).ok()?)
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = (i128, &SmolStr)> {
        (0..).zip(&self.texts)
    }

    pub(crate) fn currency(&mut self, currency: Currency) -> i128 {
        let at = self.currencies.iter().position(|known| *known == currency);
        let at = at.unwrap_or_else(|| {
            self.currencies.push(currency);
            self.currencies.len().saturating_sub(1)
        });
        i128::try_from(at).unwrap_or(i128::MAX)
    }

    /// The currencies of facts, which a policy need not name.
    pub(crate) fn currencies_of(&mut self, schema: &Schema) {
        for fact in schema.facts() {
            if let FactType::Money {
                currency: Some(currency),
                ..
            } = fact.ty
            {
                self.currency(currency);
            }
        }
    }

    pub(crate) fn currency_of(&self, number: i128) -> Option<Currency> {
        self.currencies.get(usize::try_from(number).ok()?).copied()
    }

    pub(crate) fn currencies(&self) -> usize {
        self.currencies.len()
    }
}

/// How a way ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Verdict(Arc<Verdict>),
    Route,
    /// An unknown fact holds the case.
    Unknown(Slot),
    /// The policy fails here.
    Trap(Position),
}

/// A way through the policy.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) condition: Term,
    pub(crate) end: End,
    /// Whether a part of its condition is not modelled.
    pub(crate) loose: bool,
}

/// What a program does, over all facts.
#[derive(Debug)]
pub(crate) struct Meaning {
    pub(crate) ways: Vec<Way>,
    /// When each branch of each site is reached.
    pub(crate) branches: BTreeMap<(u32, usize), Vec<Term>>,
}

/// Where a run stands.
#[derive(Debug, Clone)]
struct State {
    conditions: Vec<Term>,
    locals: Vec<Value>,
    loose: bool,
}

/// How an expression ends.
#[derive(Debug, Clone)]
enum Flow {
    Value(Value),
    Return(Value),
    Break,
    Continue,
}

type Flows = Vec<(State, Flow)>;

/// What a program is run with.
pub(crate) struct Setting<'p> {
    pub(crate) program: &'p Program,
    pub(crate) lines: &'p Lines,
    pub(crate) schema: &'p Schema,
    pub(crate) tables: &'p Tables,
    pub(crate) rounding: Rounding,
}

struct Runner<'p, 't> {
    setting: &'t Setting<'p>,
    terms: &'t mut Terms,
    names: &'t mut Names,
    meaning: Meaning,
    anything: u32,
}

/// Follows every way through `remedy` or through `route`.
pub(crate) fn run(
    setting: &Setting<'_>,
    function: FunctionId,
    terms: &mut Terms,
    names: &mut Names,
) -> Result<Meaning, Unmodelled> {
    let mut runner = Runner {
        setting,
        terms,
        names,
        meaning: Meaning {
            ways: Vec::new(),
            branches: BTreeMap::new(),
        },
        anything: 0,
    };
    let start = State {
        conditions: Vec::new(),
        locals: Vec::new(),
        loose: false,
    };
    let ends = runner.call(start, function, Vec::new())?;
    for (state, value) in ends {
        let end = match value {
            Value::Verdict(verdict) => End::Verdict(verdict),
            Value::Route(_) => End::Route,
            _ => continue,
        };
        runner.end(&state, end);
    }
    Ok(runner.meaning)
}

impl<'p> Runner<'p, '_> {
    fn end(&mut self, state: &State, end: End) {
        let condition = self.terms.and(&state.conditions);
        if self.terms.as_bool(condition) != Some(false) {
            self.meaning.ways.push(Way {
                condition,
                end,
                loose: state.loose,
            });
        }
    }

    fn position(&self, at: TextSize) -> Position {
        self.setting.lines.position(at)
    }

    fn no_formula(&self, what: &'static str, at: TextSize) -> Unmodelled {
        Unmodelled::Construct {
            what,
            at: self.position(at),
        }
    }

    /// The state where a condition holds; `None` where it cannot.
    fn assume(&mut self, state: &State, condition: Term) -> Option<State> {
        let not = self.terms.not(condition);
        if self.terms.as_bool(condition) == Some(false) || state.conditions.contains(&not) {
            return None;
        }
        let mut state = state.clone();
        if self.terms.as_bool(condition).is_none() && !state.conditions.contains(&condition) {
            state.conditions.push(condition);
        }
        Some(state)
    }

    /// Goes on where a condition holds; where it does not, the policy fails.
    fn require(&mut self, state: State, holds: Term, at: TextSize) -> Option<State> {
        let fails = self.terms.not(holds);
        if let Some(failed) = self.assume(&state, fails) {
            let at = self.position(at);
            self.end(&failed, End::Trap(at));
        }
        self.assume(&state, holds)
    }

    /// Brings ways together that left one state.
    fn merge(&mut self, from: usize, flows: Flows) -> Result<Flows, Unmodelled> {
        if flows.len() > WAYS_MAX
            || self.meaning.ways.len() > WAYS_MAX
            || self.terms.count() > TERMS_MAX
        {
            return Err(Unmodelled::TooManyWays);
        }
        let mut merged: Flows = Vec::new();
        'flows: for (state, flow) in flows {
            let Flow::Value(value) = &flow else {
                merged.push((state, flow));
                continue;
            };
            for (other, known) in &mut merged {
                let Flow::Value(before) = known else { continue };
                if other.locals.len() != state.locals.len() {
                    continue;
                }
                let own = state.conditions.get(from..).unwrap_or_default();
                let own = self.terms.and(own);
                let Some(chosen) = Value::choose(self.terms, own, value, before) else {
                    continue;
                };
                let locals: Option<Vec<Value>> = state
                    .locals
                    .iter()
                    .zip(&other.locals)
                    .map(|(a, b)| match (a, b) {
                        // A variable that one of the ways has not come to.
                        (Value::Unit, set) | (set, Value::Unit) => Some(set.clone()),
                        (a, b) => Value::choose(self.terms, own, a, b),
                    })
                    .collect();
                let Some(locals) = locals else { continue };
                let others = other.conditions.get(from..).unwrap_or_default();
                let others = self.terms.and(others);
                let either = self.terms.or(&[own, others]);
                other.conditions.truncate(from);
                if self.terms.as_bool(either).is_none() {
                    other.conditions.push(either);
                }
                other.locals = locals;
                other.loose |= state.loose;
                *before = chosen;
                continue 'flows;
            }
            merged.push((state, flow));
        }
        Ok(merged)
    }

    fn function(&self, id: FunctionId) -> Option<&'p Function> {
        self.setting.program.function(id)
    }

    /// Calls a function; its variables are its own.
    fn call(
        &mut self,
        state: State,
        id: FunctionId,
        args: Vec<Value>,
    ) -> Result<Vec<(State, Value)>, Unmodelled> {
        let Some(function) = self.function(id) else {
            return Ok(Vec::new());
        };
        let from = state.conditions.len();
        let outer = state.locals.clone();
        let mut locals = args;
        locals.resize(function.locals.len(), Value::Unit);
        let inner = State { locals, ..state };
        let flows = self.expr(inner, &function.body)?;
        let flows = flows
            .into_iter()
            .filter_map(|(mut state, flow)| {
                state.locals.clone_from(&outer);
                match flow {
                    Flow::Value(value) | Flow::Return(value) => Some((state, Flow::Value(value))),
                    Flow::Break | Flow::Continue => None,
                }
            })
            .collect();
        let merged = self.merge(from, flows)?;
        Ok(merged
            .into_iter()
            .filter_map(|(state, flow)| match flow {
                Flow::Value(value) => Some((state, value)),
                _ => None,
            })
            .collect())
    }
}
