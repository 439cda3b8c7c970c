//! Policies written as Rhai scripts.
//!
//! A policy is a file of functions and constants:
//!
//! ```text
//! const CAP = money("100.00 EUR");
//!
//! fn remedy(facts) {
//!     if facts.delay_minutes < 180 { return refuse("delay_below_three_hours"); }
//!     let row = table("compensation", [facts.distance_km, facts.intra_eu]);
//!     let law = statutory(cash(row.amount), "eu261_art7");
//!     let care = voucher(min(facts.fare.percent(10), CAP));
//!     grant([because(law, "delay", [facts.delay_minutes]), because(care, "care")])
//! }
//!
//! fn route(facts, warnings) {
//!     if facts.tone == "angry" { route().queue("care").priority(2) } else { route() }
//! }
//! ```
//!
//! `remedy` runs first and sees facts of class merit and gate; `route`, which may be
//! missing, also sees class route and the warnings, and can return no amount.
//!
//! # Facts
//!
//! | written | is |
//! | --- | --- |
//! | `facts.x`, `facts.group.x` | the value; if the case does not know it, the case is held and nothing in the policy can prevent it |
//! | `facts.maybe.x`, `facts.maybe.group.x` | the value, or `()`: `facts.maybe.x ?? 0` |
//! | `warnings.repeats`, `.like_cases`, `.burst` | integers, in `route` |
//!
//! Integers, booleans and texts are Rhai's own, an enum value is a text, an array is a
//! list. Sums, dates and date-times have types of their own.
//!
//! # Functions
//!
//! Each may be written `f(x, y)` or `x.f(y)`. There are no others.
//!
//! | function | gives |
//! | --- | --- |
//! | `money("250.00 EUR")` | a sum |
//! | `sum + sum`, `sum - sum`, `-sum`, `sum * 3`, `3 * sum`, `+=`, `-=` | a sum; two currencies, or more than 64 bits, are an error |
//! | `percent(sum, n)`, `basis_points(sum, n)`, `ratio(sum, n, d)` | the share of a sum, rounded as the release says |
//! | `==` `!=` `<` `<=` `>` `>=`, `min(a, b)`, `max(a, b)` | of two sums, dates, date-times, integers |
//! | `is_zero(sum)`, `is_negative(sum)` | a boolean |
//! | `sum.currency` | its code as a text |
//! | `date("2026-01-31")` | a date |
//! | `plus_days(date, n)` | a date, `n` may be negative |
//! | `days_between(a, b)` | whole days from `a` to `b`, two dates or two date-times |
//! | `hours_between(a, b)`, `minutes_between(a, b)` | whole units from `a` to `b`, two date-times |
//! | `table("name", [inputs])` | a row; its outputs are `row.column` |
//! | `cash(sum)`, `voucher(sum)`, `credit(sum)`, `gift("kind", sum)` | a goodwill remedy; `credit` is of kind `balance_credit` |
//! | `units("points", n)`, `service("rebooking")` | a remedy in units of its kind; `service` is one unit |
//! | `statutory(remedy, "claim")`, `contractual(remedy, "claim")` | the remedy on this ground |
//! | `because(remedy, "code")`, `because(remedy, "code", [args])` | the remedy with one more reason; an argument is an integer, a sum, a date or a text of at most 64 bytes |
//! | `grant([remedies])`, `grant_in_tier("tier", [remedies])` | a verdict |
//! | `refuse("code")`, `refuse(["code", ..])`, `hold("code")` | a verdict |
//! | `route()` | a route without wishes |
//! | `queue(route, "code")`, `priority(route, 1)`, `oblige(route, "code")` | the route with one wish more; priorities are 1 to 9 |
//! | `within_minutes(route, n)`, `within_hours`, `within_days`, `within_working_days` | the route with a deadline |
//! | `since(route, "fact")` | the deadline starts from this date fact |
//! | `len(x)`, `is_empty(x)`, `contains(x, y)`, `y in x` | of lists, texts and maps; `contains` of ranges too |
//! | `starts_with(text, part)`, `ends_with(text, part)` | a boolean |
//! | `text + text`, `` `a ${x} b` ``, `to_string(x)` | a text; of integers, sums, dates and date-times |
//! | `list.push(x)`, `list += x` | changes the list in a variable |
//! | `list + list`, `with_item(list, place, x)` | a new list |
//! | `map(list, f)`, `filter(list, f)`, `some(list, f)`, `all(list, f)`, `reduce(list, f, first)` | with a closure such as `\|x\| x > 1`; `reduce` takes `\|sum, x\| ..` |
//! | `keys(map)`, `values(map)` | a list |
//! | `abs(n)` | an integer |
//!
//! Of Rhai's language there are `let`, `const`, `if`, `switch`, `for`, `while`, `loop`,
//! `do`, `return`, `try`, `throw`, ranges, lists, maps, closures and `??`. There are no
//! floats, no modules, no `eval`, no `print`, no `this`, no function pointers by name; a
//! closure sees its own parameters and the constants, not the variables around it; and
//! lists and maps are not changed in place other than by `push` and `+=`.
//!
//! An error of arithmetic, a lookup that has no answer or a `throw` ends the run with
//! [`Fault::Failed`] unless the policy catches it. An unknown fact, a name that is no
//! fact, a fact that the function does not see, a budget that is used up and an answer
//! that is none cannot be caught.

mod answer;
mod check;
mod draft;
mod facts;
pub mod limits;
mod lists;
mod money;
mod probe;
mod route;
mod run;
mod scan;
mod session;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod value;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use redress_model::table::Tables;
use redress_model::{Facts, Fault, Rounding, Schema, Verdict, Warnings};

use self::limits::SOURCE_BYTES_MAX;
pub use self::probe::{Noted, PROBE, Passed};
use self::run::Compiled;
pub use self::session::{Ran, Session, SnippetError};
pub use self::trace::{Traced, TracedStep};
use crate::{Budget, PolicyError, Run, Sandbox, SandboxKind, Usage};

/// The most items that a list may have under a budget, for a schema.
pub fn list_items_max(budget: &Budget, schema: &Schema) -> u64 {
    let items = limits::Sizes::new(budget, schema).list_items;
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// The most bytes of a text, and of all texts of one list together, under a budget, for a
/// schema.
pub fn text_bytes_max(budget: &Budget, schema: &Schema) -> u64 {
    let bytes = limits::Sizes::new(budget, schema).text_bytes;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// What an answer counts against the output budget, in bytes.
pub(crate) fn verdict_and_route_bytes(verdict: &Verdict, route: &redress_model::Route) -> u64 {
    answer::verdict_bytes(verdict).saturating_add(route::route_bytes(&route.obligations))
}

/// What a policy is compiled from, on every thread anew.
#[derive(Debug)]
struct Source {
    id: u64,
    text: String,
    schema: Arc<Schema>,
    tables: Arc<Tables>,
    rounding: Rounding,
    budget: Budget,
    probes: Probes,
}

/// Whether a source holds probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probes {
    /// It is a policy as its author wrote it.
    Without,
    /// Coverage put them in.
    With,
}

/// A policy written in Rhai, ready to run on any thread.
///
/// Each thread that runs it keeps an engine of its own and compiles the source at its
/// first run. A thread forgets the engines of policies that were dropped when it next
/// compiles one.
#[derive(Debug, Clone)]
pub struct RhaiPolicy {
    source: Arc<Source>,
}

/// A policy as one thread has compiled it.
struct Kept {
    policy: Weak<Source>,
    compiled: Rc<Compiled>,
}

thread_local! {
    static COMPILED: RefCell<BTreeMap<u64, Kept>> = const { RefCell::new(BTreeMap::new()) };
}

impl RhaiPolicy {
    /// Compiles a policy and finds what can be known to be wrong before a case runs.
    ///
    /// # Errors
    /// [`PolicyError`] when the source is too long or does not parse, when `remedy` or
    /// `route` are missing or take other arguments, when something other than
    /// functions and constants stands outside a function, when a constant cannot be
    /// computed, and when the source names a fact or a table that does not exist, or a
    /// fact that the function does not see.
    pub fn compile(
        source: &str,
        schema: Arc<Schema>,
        tables: Arc<Tables>,
        rounding: Rounding,
        budget: Budget,
    ) -> Result<Self, PolicyError> {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        if source.len() > SOURCE_BYTES_MAX {
            return Err(PolicyError {
                problem: format!(
                    "the source has {} bytes, more than {SOURCE_BYTES_MAX}",
                    source.len()
                ),
                at: None,
                help: Some("put tariffs into tables".into()),
            });
        }
        let source = Source {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            text: source.strip_prefix('\u{feff}').unwrap_or(source).to_owned(),
            schema,
            tables,
            rounding,
            budget,
            probes: Probes::Without,
        };
        let tokens = scan::scan(&source.text);
        let compiled = Compiled::from_tokens(&source, &tokens)?;
        check::check(&tokens, &source.schema, &source.tables)?;
        check_functions(&compiled)?;
        let policy = Self {
            source: Arc::new(source),
        };
        policy.keep(Rc::new(compiled));
        Ok(policy)
    }

    /// This thread's engine for the policy.
    fn compiled(&self) -> Result<Rc<Compiled>, PolicyError> {
        let kept = COMPILED.with_borrow(|all| {
            let kept = all.get(&self.source.id)?;
            Some(Rc::clone(&kept.compiled))
        });
        match kept {
            Some(compiled) => Ok(compiled),
            None => Ok(self.keep(Rc::new(Compiled::new(&self.source)?))),
        }
    }

    fn keep(&self, compiled: Rc<Compiled>) -> Rc<Compiled> {
        COMPILED.with_borrow_mut(|all| {
            all.retain(|_, kept| kept.policy.strong_count() > 0);
            let kept = Kept {
                policy: Arc::downgrade(&self.source),
                compiled: Rc::clone(&compiled),
            };
            all.insert(self.source.id, kept);
        });
        compiled
    }

    fn run(&self, facts: &Facts, warnings: &Warnings) -> Result<Run, Fault> {
        let host = |message: String| Fault::Host { message };
        if facts.schema() != self.source.schema.digest() {
            return Err(host(
                "the facts are of another schema than the policy".into(),
            ));
        }
        let compiled = self.compiled().map_err(|error| host(error.to_string()))?;
        // No panic of the interpreter is known, but one must not pay or end the process.
        let run = catch_unwind(AssertUnwindSafe(|| compiled.run(facts, warnings)));
        run.map_err(|_| {
            COMPILED.with_borrow_mut(|all| all.remove(&self.source.id));
            host("the interpreter panicked".into())
        })
    }
}

impl Sandbox for RhaiPolicy {
    fn kind(&self) -> SandboxKind {
        SandboxKind::Rhai
    }

    fn propose(&self, facts: &Facts, warnings: &Warnings) -> Run {
        self.run(facts, warnings).unwrap_or_else(|fault| Run {
            proposal: Err(fault),
            usage: Usage::default(),
        })
    }
}

fn check_functions(compiled: &Compiled) -> Result<(), PolicyError> {
    let wrong = |problem: &str, help: &str| PolicyError {
        problem: problem.into(),
        at: None,
        help: Some(help.into()),
    };
    let (remedy, route) = (compiled.arities("remedy"), compiled.arities("route"));
    if remedy.is_empty() {
        return Err(wrong(
            "the policy has no function `remedy`",
            "begin with `fn remedy(facts) { ... }`",
        ));
    }
    if !remedy.contains(&1) {
        return Err(wrong(
            "`remedy` takes one argument",
            "write `fn remedy(facts)`",
        ));
    }
    if !route.is_empty() && !route.contains(&2) {
        return Err(wrong(
            "`route` takes two arguments",
            "write `fn route(facts, warnings)`",
        ));
    }
    Ok(())
}
