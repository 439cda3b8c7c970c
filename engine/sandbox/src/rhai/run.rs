//! A policy compiled for one thread, and one run of it.

use std::rc::Rc;

use redress_model::fault::BudgetKind;
use redress_model::{Facts, Fault, Hold, Proposal, Route, Verdict, Warnings};
use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Module, Scope};

use super::answer::{Answer, Answered, verdict_bytes};
use super::check::constants;
use super::facts::FactsView;
use super::limits::{Sizes, VARIABLES_MAX, call_depth, engine};
use super::route::{RouteDraft, route_bytes};
use super::scan::{Placed, scan};
use super::state::{Phase, RunState, Stop, place};
use super::value::{WarningsView, type_in_words};
use super::{Probes, Source, answer, facts, lists, money, probe, route, table, value};
use crate::{PolicyError, Run, Usage};

/// A policy with an engine of its own. It stays on the thread that made it, because
/// threads that share an engine wait for each other.
pub(super) struct Compiled {
    pub(super) engine: Engine,
    pub(super) ast: AST,
    pub(super) state: Rc<RunState>,
    sizes: Sizes,
    call_depth_max: u32,
    has_route: bool,
}

/// The constants of a source, which its functions may name before they are computed.
fn names_of_constants(tokens: &[Placed]) -> Result<Scope<'static>, PolicyError> {
    let names = constants(tokens);
    if names.len() > VARIABLES_MAX {
        return Err(PolicyError {
            problem: format!("there are more than {VARIABLES_MAX} constants"),
            at: None,
            help: Some("put tariffs into tables".into()),
        });
    }
    let mut scope = Scope::new();
    for name in names {
        scope.push_constant(name, ());
    }
    Ok(scope)
}

impl Compiled {
    /// Compiles a source and computes its constants.
    pub(super) fn new(source: &Source) -> Result<Self, PolicyError> {
        Self::from_tokens(source, &scan(&source.text))
    }

    pub(super) fn from_tokens(source: &Source, tokens: &[Placed]) -> Result<Self, PolicyError> {
        let sizes = Sizes::new(&source.budget, &source.schema);
        let mut engine = engine(&source.budget, sizes);
        let state = Rc::new(RunState::new(&source.budget));
        value::register(&mut engine);
        facts::register(&mut engine, &state, &source.schema);
        money::register(&mut engine, source.rounding);
        lists::register(&mut engine, &state);
        table::register(&mut engine, &state, &source.tables);
        answer::register(&mut engine, &state);
        route::register(&mut engine, &state, &source.schema);
        if source.probes == Probes::With {
            probe::register(&mut engine, &state);
        }
        let counter = Rc::clone(&state);
        engine.on_progress(move |_| counter.step());

        let names = names_of_constants(tokens)?;
        let ast = engine
            .compile_with_scope(&names, &source.text)
            .map_err(|error| syntax_error(&error))?;
        let has_route = ast
            .iter_functions()
            .any(|f| f.name == "route" && f.params.len() == 2);
        let mut compiled = Self {
            has_route,
            engine,
            ast,
            state,
            sizes,
            call_depth_max: call_depth(&source.budget),
        };
        compiled.compute_constants()?;
        Ok(compiled)
    }

    /// The parameters of each function called `name`.
    pub(super) fn arities(&self, name: &str) -> Vec<usize> {
        let functions = self.ast.iter_functions().filter(|f| f.name == name);
        functions.map(|f| f.params.len()).collect()
    }

    /// Rhai's functions do not see the constants beside them; as variables of a module
    /// of the engine they do.
    fn compute_constants(&mut self) -> Result<(), PolicyError> {
        let mut scope = Scope::new();
        let ran = self.engine.run_ast_with_scope(&mut scope, &self.ast);
        let fault = match (self.state.stop(), ran) {
            (Some(Stop::Fault(fault)), _) => Some(fault),
            (_, Err(error)) => Some(self.fault_of(*error)),
            (_, Ok(())) => None,
        };
        if let Some(fault) = fault {
            let (problem, at) = match fault {
                Fault::Failed { message, at } => (message, at),
                fault => (fault.to_string(), None),
            };
            return Err(PolicyError {
                problem: format!("a constant cannot be computed: {problem}"),
                at,
                help: None,
            });
        }
        let mut module = Module::new();
        for (name, _, value) in scope.iter() {
            module.set_var(name, value);
        }
        if !module.is_empty() {
            self.engine.register_global_module(module.into());
        }
        Ok(())
    }

    /// Runs `remedy`, then `route`.
    pub(super) fn run(&self, facts: &Facts, warnings: &Warnings) -> Run {
        self.state.begin(facts);
        let proposal = match self.propose(*warnings) {
            Ok(proposal) => Ok(proposal),
            Err(Stop::UnknownFact(slot)) => Ok(Proposal {
                verdict: Verdict::Hold(Hold::UnknownFact(slot)),
                tier: None,
                route: Route::default(),
            }),
            Err(Stop::Fault(fault)) => Err(fault),
        };
        self.state.end();
        Run {
            proposal,
            usage: Usage {
                steps: self.state.steps(),
                memory_bytes: 0,
            },
        }
    }

    fn propose(&self, warnings: Warnings) -> Result<Proposal, Stop> {
        self.state.enter(Phase::Remedy);
        let facts = Dynamic::from(FactsView);
        let answer = self.call("remedy", [facts])?;
        let Answered { verdict, tier } = match answer.try_cast_result::<Answer>() {
            Ok(Answer(answered)) => Rc::unwrap_or_clone(answered),
            Err(other) => return Err(self.wrong_answer("remedy", &other)),
        };
        let route = if self.has_route {
            self.state.enter(Phase::Route);
            let facts = Dynamic::from(FactsView);
            let route = self.call("route", [facts, Dynamic::from(WarningsView(warnings))])?;
            match route.try_cast_result::<RouteDraft>() {
                Ok(route) => route.finish().map_err(bad_answer)?,
                Err(other) => return Err(self.wrong_answer("route", &other)),
            }
        } else {
            Route::default()
        };
        let used = verdict_bytes(&verdict).saturating_add(route_bytes(&route.obligations));
        let limit = self.state.output_bytes_max();
        if used > limit {
            return Err(Stop::Fault(Fault::BudgetExceeded {
                budget: BudgetKind::Output,
                limit,
                used,
            }));
        }
        Ok(Proposal {
            verdict,
            tier,
            route,
        })
    }

    fn call<const N: usize>(&self, name: &str, args: [Dynamic; N]) -> Result<Dynamic, Stop> {
        let options = CallFnOptions::new().eval_ast(false).rewind_scope(true);
        let mut scope = Scope::new();
        let result = self
            .engine
            .call_fn_with_options::<Dynamic>(options, &mut scope, &self.ast, name, args);
        match (self.state.stop(), result) {
            (Some(stop), _) => Err(stop),
            (None, Ok(answer)) => Ok(answer),
            (None, Err(error)) => Err(Stop::Fault(self.fault_of(*error))),
        }
    }

    fn wrong_answer(&self, function: &str, found: &Dynamic) -> Stop {
        let wanted = match function {
            "remedy" => "a verdict from `grant`, `grant_in_tier`, `refuse` or `hold`",
            _ => "a route from `route()`",
        };
        let found = type_in_words(&self.engine, found);
        bad_answer(format!("`{function}` returned {found}, not {wanted}"))
    }

    /// An error of the interpreter in the words of the author.
    pub(super) fn fault_of(&self, error: EvalAltResult) -> Fault {
        let mut inner = innermost(error);
        let at = place(inner.position());
        let failed = |message: String| Fault::Failed { message, at };
        match &mut inner {
            EvalAltResult::ErrorStackOverflow(_) => {
                let limit = u64::from(self.call_depth_max);
                Fault::BudgetExceeded {
                    budget: BudgetKind::CallDepth,
                    limit,
                    used: limit.saturating_add(1),
                }
            }
            EvalAltResult::ErrorDataTooLarge(..) => self.too_large(&inner),
            EvalAltResult::ErrorTooManyVariables(_) => failed(format!(
                "a function holds more than {VARIABLES_MAX} variables at once"
            )),
            EvalAltResult::ErrorRuntime(thrown, _) => failed(if thrown.is_string() {
                cut(&thrown.to_string())
            } else {
                format!("the policy threw {}", type_in_words(&self.engine, thrown))
            }),
            other => {
                other.clear_position();
                failed(cut(&other.to_string()).replace(TEXT_TYPES, "text"))
            }
        }
    }

    /// Rhai says which kind of value was too large, and not by how much.
    fn too_large(&self, error: &EvalAltResult) -> Fault {
        let size = match error {
            EvalAltResult::ErrorDataTooLarge(what, _) if what.contains("string") => {
                self.sizes.text_bytes
            }
            EvalAltResult::ErrorDataTooLarge(what, _) if what.contains("map") => {
                self.sizes.map_entries.saturating_mul(ENTRY_BYTES)
            }
            _ => self.sizes.list_items.saturating_mul(ENTRY_BYTES),
        };
        let limit = u64::try_from(size).unwrap_or(u64::MAX);
        Fault::BudgetExceeded {
            budget: BudgetKind::Memory,
            limit,
            used: limit.saturating_add(1),
        }
    }
}

/// How Rhai names the type of a text in a signature.
const TEXT_TYPES: &str = "&str | ImmutableString | String";
/// The bytes of an item in a list or of a value in a map.
const ENTRY_BYTES: usize = 16;

fn bad_answer(message: String) -> Stop {
    Stop::Fault(Fault::BadAnswer { message })
}

/// The error itself, without the calls that it came through.
fn innermost(error: EvalAltResult) -> EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, place) => {
            let mut inner = innermost(*inner);
            if inner.position().is_none() {
                inner.set_position(place);
            }
            inner
        }
        other => other,
    }
}

/// At most 300 characters of a message, for a policy may throw any text.
fn cut(message: &str) -> String {
    message.chars().take(300).collect()
}

pub(super) fn syntax_error(error: &rhai::ParseError) -> PolicyError {
    use rhai::ParseErrorType;
    let help = match error.err_type() {
        ParseErrorType::VariableUndefined(_) => Some(
            "a function sees its parameters and the constants beside it, a closure only its own \
             parameters",
        ),
        ParseErrorType::ExprTooDeep => Some("split it into functions"),
        ParseErrorType::PropertyExpected => {
            Some("numbers are whole: write a share in percent or in basis points")
        }
        _ => None,
    };
    PolicyError {
        problem: error.err_type().to_string(),
        at: place(error.position()),
        help: help.map(str::to_owned),
    }
}
