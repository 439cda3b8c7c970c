//! Asks each question: first by chance in the compiled code, then of the solver.

mod against;
mod bounds;
mod chance;
mod question;
mod reach;
mod region;
mod replay;
mod smaller;
mod sums;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use redress::{Release, ScriptCheck};
use redress_kernel::guardrails::Limit;
use redress_model::Digest;
use serde_json::Value;

use crate::exec::{self, Meaning, Names, Setting, Unmodelled};
use crate::property::{Assumption, PropertiesError, Property, Question, assumptions};
use crate::smt::{Solver, SolverFault};
use crate::term::Terms;
use crate::world::World;

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It holds of every case that the schema allows.
    Proved,
    /// It does not: these cases show it, in both engines.
    Refuted(Counterexample),
    /// Nobody knows.
    Unknown {
        /// A stable code: that of the solver's fault, `no_formula` or `loose`.
        code: &'static str,
        /// Why.
        why: String,
    },
    /// The solver's counterexample is none in the engines: a mistake of this program.
    Bug {
        /// What does not fit.
        what: String,
        /// The cases that it gave.
        cases: Vec<Value>,
    },
}

/// Cases of which a property does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterexample {
    /// The cases, as `redress eval` takes them: one, or those that are compared.
    pub cases: Vec<Value>,
    /// What each of them is given, in words.
    pub gives: Vec<String>,
    /// Of a fact that should never pay less when it is worse: where it does.
    pub region: Option<Region>,
}

/// Where a worse fact pays less than one a single step better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The worse values, as people write them.
    pub at: Vec<String>,
    /// Whether there are others that the policy does not name.
    pub elsewhere: bool,
}

/// Why nothing can be proved of a release.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// Its policy has no compiled script.
    #[error("{release} has no script that compiles; `redress check` says why")]
    NotCompiled {
        /// Its name and version.
        release: String,
    },
    /// What it takes for granted of its facts cannot be read.
    #[error(transparent)]
    Properties(#[from] PropertiesError),
    /// The releases that are compared read different facts.
    #[error("the releases have different fact schemas")]
    OtherSchema,
}

impl ProveError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotCompiled { .. } => "prove_not_compiled",
            Self::Properties(error) => error.code(),
            Self::OtherSchema => "prove_other_schema",
        }
    }
}

/// A release as formulas, beside its engines.
struct Side {
    world: World,
    check: ScriptCheck,
    /// What `remedy` does.
    meaning: Result<Meaning, Unmodelled>,
    /// What `route` does, if there is one.
    route: Option<Result<Meaning, Unmodelled>>,
}

/// Proves what a release never does. Questions can be asked from several threads.
pub struct Prover {
    terms: Terms,
    names: Names,
    side: Side,
    other: Option<Side>,
    assumed: Vec<Assumption>,
    /// The numbers that the policies name.
    named: Vec<i128>,
    /// Whether every case goes one of the ways, once it was asked.
    covered: OnceLock<Answer>,
}

impl std::fmt::Debug for Prover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prover").finish_non_exhaustive()
    }
}

fn side(
    release: &Release,
    assumed: &[Assumption],
    terms: &mut Terms,
    names: &mut Names,
) -> Result<Side, ProveError> {
    let none = || ProveError::NotCompiled {
        release: format!("{} {}", release.id().name, release.id().version),
    };
    let world = World::new(release, assumed).ok_or_else(none)?;
    let check = ScriptCheck::of(release.source(), release.budget()).ok_or_else(none)?;
    let program = check.program.as_ref().ok_or_else(none)?;
    let source = release.source();
    let setting = Setting {
        program,
        lines: &check.lines,
        schema: source.schema(),
        tables: source.tables(),
        rounding: source.manifest().rounding,
    };
    let meaning = exec::run(&setting, program.remedy, terms, names);
    let route = program.route;
    let route = route.map(|route| exec::run(&setting, route, terms, names));
    Ok(Side {
        world,
        check,
        meaning,
        route,
    })
}

impl Prover {
    /// Puts a release into formulas.
    ///
    /// # Errors
    /// [`ProveError`] when it does not compile, or what it takes for granted is not clear.
    pub fn new(release: &Release) -> Result<Self, ProveError> {
        let (mut terms, mut names) = (Terms::default(), Names::default());
        // Currencies that only facts have are those that the release itself names.
        for claim in &release.guardrails().claims {
            if let Limit::Fixed(money) = &claim.max_per_person {
                names.currency(money.currency());
            }
        }
        names.currencies_of(release.schema());
        let assumed = assumptions(release)?;
        for assumption in &assumed {
            terms.assume(assumption.slot, assumption.range);
        }
        let side = side(release, &assumed, &mut terms, &mut names)?;
        let named = terms.constants();
        Ok(Self {
            terms,
            names,
            side,
            other: None,
            assumed,
            named,
            covered: OnceLock::new(),
        })
    }

    /// Puts two releases into formulas, to be compared.
    ///
    /// # Errors
    /// [`ProveError`] when one of them does not compile or their schemas differ.
    pub fn against(old: &Release, new: &Release) -> Result<Self, ProveError> {
        if old.schema().digest() != new.schema().digest() {
            return Err(ProveError::OtherSchema);
        }
        let mut prover = Self::new(old)?;
        let other = side(new, &prover.assumed, &mut prover.terms, &mut prover.names)?;
        prover.other = Some(other);
        prover.named = prover.terms.constants();
        Ok(prover)
    }

    /// The digest of what is proved.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.side.world.compiled.id().digest
    }

    /// What is taken for granted of the facts, in the words of `properties.toml`.
    pub fn assumed(&self) -> impl Iterator<Item = &str> {
        self.assumed
            .iter()
            .map(|assumption| assumption.says.as_str())
    }

    /// Answers one question.
    pub fn answer(&self, property: &Property, solver: &impl Solver) -> Answer {
        let question = &property.question;
        match question {
            // A release with a gap or an overlap is not loaded: the check goes over every cell.
            Question::Tables => Answer::Proved,
            Question::Reachable => self.reachable(solver),
            _ => match self.by_chance(question) {
                Some(found) => self.refuted(question, found, solver),
                None => match self.ask(question, solver) {
                    // What is proved of some ways alone is proved of nothing.
                    Answer::Proved => self.covered.get_or_init(|| self.cover(solver)).clone(),
                    other => other,
                },
            },
        }
    }
}

fn unmodelled(error: &Unmodelled) -> Answer {
    Answer::Unknown {
        code: "no_formula",
        why: error.to_string(),
    }
}

fn no_answer(fault: &SolverFault) -> Answer {
    Answer::Unknown {
        code: fault.code(),
        why: fault.to_string(),
    }
}
