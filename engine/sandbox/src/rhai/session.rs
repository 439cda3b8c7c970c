//! Pieces of code tried out against a case, in the engine that runs the policy.
//!
//! The functions, the constants, the budget and every limit are those of a policy's run;
//! what is added is that variables and functions stay from one piece to the next.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redress_model::fault::{BudgetKind, Position};
use redress_model::table::Tables;
use redress_model::{Facts, Fault, Hold, Proposal, Rounding, Schema, Verdict, Warnings};
use rhai::{AST, Dynamic, EvalAltResult, Scope};

use super::facts::FactsView;
use super::limits::SOURCE_BYTES_MAX;
use super::probe::{Noted, STEPS_FACTOR};
use super::run::{Compiled, syntax_error};
use super::scan::scan;
use super::state::{Phase, Stop, place};
use super::table::RowView;
use super::trace::{Traced, verdict, words};
use super::value::{WarningsView, type_in_words};
use super::{Probes, Source, check};
use crate::{Budget, PolicyError, Run};

/// What a piece of code gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The value in words; nothing for a statement.
    pub value: Option<String>,
    /// The type in an author's words, such as `a sum of money`.
    pub type_name: String,
    /// Steps of the interpreter.
    pub steps: u64,
}

/// Why a piece of code gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnippetError {
    /// What is wrong, in the author's words.
    pub problem: String,
    /// Where in the piece of code, if that is known.
    pub at: Option<Position>,
    /// What to do about it.
    pub help: Option<String>,
}

/// An engine with a policy's functions, in which pieces of code run one after the other.
/// It stays on its thread.
pub struct Session {
    source: Source,
    compiled: Compiled,
    functions: AST,
    scope: Scope<'static>,
    /// How many variables of the scope are the engine's and the policy's.
    fixed: usize,
}

impl Session {
    /// A session with the functions and constants of a script; an empty script has none.
    ///
    /// # Errors
    /// [`PolicyError`] when the script does not parse or a constant cannot be computed.
    pub fn new(
        script: &str,
        schema: Arc<Schema>,
        tables: Arc<Tables>,
        rounding: Rounding,
        budget: Budget,
    ) -> Result<Self, PolicyError> {
        Self::of(script, schema, tables, rounding, budget, Probes::Without)
    }

    /// A session with a script that calls probes, whose runs may take more steps than a
    /// policy's own.
    ///
    /// # Errors
    /// [`PolicyError`] as for [`Session::new`].
    pub fn with_probes(
        script: &str,
        schema: Arc<Schema>,
        tables: Arc<Tables>,
        rounding: Rounding,
        budget: Budget,
    ) -> Result<Self, PolicyError> {
        let budget = Budget {
            steps_max: budget.steps_max.saturating_mul(STEPS_FACTOR),
            ..budget
        };
        Self::of(script, schema, tables, rounding, budget, Probes::With)
    }

    fn of(
        script: &str,
        schema: Arc<Schema>,
        tables: Arc<Tables>,
        rounding: Rounding,
        budget: Budget,
        probes: Probes,
    ) -> Result<Self, PolicyError> {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let source = Source {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            text: script.strip_prefix('\u{feff}').unwrap_or(script).to_owned(),
            schema,
            tables,
            rounding,
            budget,
            probes,
        };
        let compiled = Compiled::new(&source)?;
        let mut scope = Scope::new();
        // Computed once already, without an error.
        let _ran = compiled
            .engine
            .run_ast_with_scope(&mut scope, &compiled.ast);
        scope.push_constant("facts", FactsView);
        // Set anew before every piece, which Rhai does not allow of a constant.
        scope.push("warnings", WarningsView(Warnings::default()));
        let fixed = scope.len();
        Ok(Self {
            functions: compiled.ast.clone_functions_only(),
            source,
            compiled,
            scope,
            fixed,
        })
    }

    /// The names of the variables that pieces of code have made, in order.
    #[must_use]
    pub fn variables(&self) -> Vec<String> {
        let own = self.scope.iter().skip(self.fixed);
        own.map(|(name, _, _)| name.to_owned()).collect()
    }

    /// The names of all functions of the policy and of earlier pieces of code.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .functions
            .iter_functions()
            .map(|function| function.name.to_owned())
            .filter(|name| !name.starts_with("anon$"))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Runs an expression or statements against a case. Variables and functions that it
    /// makes stay, unless it fails.
    ///
    /// # Errors
    /// [`SnippetError`] for whatever would end a policy's run, in the same words.
    pub fn run(
        &mut self,
        code: &str,
        facts: &Facts,
        warnings: Warnings,
    ) -> Result<Ran, SnippetError> {
        if code.len() > SOURCE_BYTES_MAX {
            return Err(SnippetError {
                problem: format!("there are more than {SOURCE_BYTES_MAX} bytes"),
                at: None,
                help: None,
            });
        }
        let tokens = scan(code);
        let Source { schema, tables, .. } = &self.source;
        check::check_snippet(&tokens, schema, tables).map_err(of_policy)?;
        let mut scope = self.scope.clone();
        scope.set_value("warnings", WarningsView(warnings));
        let engine = &self.compiled.engine;
        let parsed = engine
            .compile_with_scope(&scope, code)
            .map_err(|error| of_policy(syntax_error(&error)))?;
        let merged = self.functions.merge(&parsed);
        let state = &self.compiled.state;
        state.begin(facts);
        state.enter(Phase::Route);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            engine.eval_ast_with_scope::<Dynamic>(&mut scope, &merged)
        }));
        state.end();
        let stop = state.stop();
        let at = match &ran {
            Ok(Err(error)) => position_in(&parsed, error),
            _ => None,
        };
        let value = match (stop, ran) {
            (Some(stop), _) => return Err(self.stopped(stop, at)),
            (None, Ok(Ok(value))) => value,
            (None, Ok(Err(error))) => {
                let stop = Stop::Fault(self.compiled.fault_of(*error));
                return Err(self.stopped(stop, at));
            }
            (None, Err(_)) => {
                return Err(SnippetError {
                    problem: "the interpreter panicked".into(),
                    at: None,
                    help: None,
                });
            }
        };
        let ran = Ran {
            type_name: type_in_words(engine, &value),
            value: (!value.is_unit()).then(|| self.in_words(&value)),
            steps: state.steps(),
        };
        self.scope = scope;
        self.functions = merged.clone_functions_only();
        Ok(ran)
    }

    /// Runs the policy itself and notes what it reads.
    pub fn trace(&self, facts: &Facts, warnings: &Warnings) -> (Run, Vec<Traced>) {
        self.compiled.state.begin_trace();
        let run = self.compiled.run(facts, warnings);
        (run, self.compiled.state.end_trace())
    }

    /// Runs the policy itself and notes what passes its probes and which rows its tables
    /// answer with, up to a million things.
    pub fn observe(&self, facts: &Facts, warnings: &Warnings) -> (Run, Vec<Noted>) {
        self.compiled.state.begin_notes();
        let run = self.compiled.run(facts, warnings);
        (run, self.compiled.state.end_notes())
    }

    /// What a run of the policy proposes, in words.
    #[must_use]
    pub fn answer_in_words(&self, run: &Run) -> String {
        match &run.proposal {
            Ok(Proposal {
                verdict: Verdict::Hold(Hold::UnknownFact(slot)),
                ..
            }) => {
                let fact = self.source.schema.fact(*slot);
                let name = fact.map(|fact| fact.name.as_str()).unwrap_or_default();
                format!("hold, because the case does not know {name}")
            }
            Ok(proposal) => verdict(&proposal.verdict),
            Err(fault) => fault.to_string(),
        }
    }

    fn in_words(&self, value: &Dynamic) -> String {
        if let Some(row) = value.read_lock::<RowView>() {
            return row.words(&self.source.tables);
        }
        match words(value) {
            text if text.is_empty() => type_in_words(&self.compiled.engine, value),
            text => text,
        }
    }

    /// Why a piece of code came to no end, and where in it.
    fn stopped(&self, stop: Stop, at: Option<Position>) -> SnippetError {
        let plain = |problem: String| SnippetError {
            problem,
            at,
            help: None,
        };
        match stop {
            Stop::Fault(Fault::Failed { message, .. } | Fault::BadAnswer { message }) => {
                plain(message)
            }
            Stop::Fault(Fault::BudgetExceeded {
                budget,
                limit,
                used,
            }) => {
                let what = match budget {
                    BudgetKind::Steps => "steps",
                    BudgetKind::Memory => "bytes of memory",
                    BudgetKind::CallDepth => "nested calls",
                    BudgetKind::Output => "bytes of an answer",
                };
                plain(format!("the code used {used} {what}; the most is {limit}"))
            }
            Stop::Fault(fault) => plain(fault.to_string()),
            Stop::UnknownFact(slot) => {
                let name = self.source.schema.fact(slot).map(|fact| fact.name.clone());
                let name = name.unwrap_or_default();
                SnippetError {
                    problem: format!("the case does not know `{name}`"),
                    at: None,
                    help: Some(format!(
                        "set it, or read it as `facts.maybe.{name}`, which is () when unknown"
                    )),
                }
            }
        }
    }
}

/// Where in a piece of code an error came up: where it called a function that is not its
/// own, for lines of other functions are not lines of the piece.
fn position_in(piece: &AST, error: &EvalAltResult) -> Option<Position> {
    let is_own = |name: &str| piece.iter_functions().any(|function| function.name == name);
    match error {
        EvalAltResult::ErrorInFunctionCall(name, _, inner, _) => {
            let (called, within) = (place(error.position()), position_in(piece, inner));
            if is_own(name) {
                within.or(called)
            } else {
                // A function of the engine that calls one of the piece has no place.
                called.or(within)
            }
        }
        _ => place(error.position()),
    }
}

fn of_policy(error: PolicyError) -> SnippetError {
    SnippetError {
        problem: error.problem,
        at: error.at,
        help: error.help,
    }
}
