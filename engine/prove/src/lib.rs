//! Proves what a policy never does, over all facts that its schema allows.
//!
//! The typed representation of a compiled script is run on all facts at once, which gives
//! formulas; a question becomes a script in SMT-LIB whose models are counterexamples. A
//! solver is a program beside this one: without it, the search by chance still refutes,
//! and the rest stays unknown.
//!
//! A counterexample counts only after both engines gave the same on it.

mod exec;
mod property;
mod prover;
mod script;
mod smt;
mod term;
mod world;

pub use self::exec::Unmodelled;
pub use self::property::{PropertiesError, Property, held, independent, properties};
pub use self::prover::{Answer, Counterexample, ProveError, Prover, Region};
pub use self::smt::{Solver, SolverFault};
