//! The contestants of the workload, held to the plain function before they may start.

use std::hint::black_box;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use redress::SandboxKind;
use redress_benches::{Bench, contest};
use redress_workload::bare_rhai::{BareRhai, ReadyFacts};
use redress_workload::race::{Race, made};
use redress_workload::{Flight, SCRIPT, plain};

use crate::{cedar, cel_set, rego};

/// The plain Rust function.
pub const PLAIN: &str = "plain Rust";
/// Rhai alone.
pub const RHAI: &str = "bare Rhai";
/// Redress with its policy in Rhai, as a host gets it, which is compiled: facts to decision,
/// guardrails and reasons included.
pub const REDRESS: &str = contest::COMPILED;
/// The same with the script interpreted.
pub const REDRESS_INTERPRETED: &str = contest::RHAI;
/// The authority question in Cedar.
pub const CEDAR: &str = "cedar-policy (authority only)";
/// Rego, interpreted.
pub const REGO: &str = "regorus, interpreter";
/// Rego, on the bytecode machine.
pub const MACHINE: &str = "regorus, bytecode machine";
/// CEL.
pub const CEL: &str = "cel";

/// Everybody, each deciding all of `flights` in one pass.
///
/// # Errors
/// When an engine's answer differs from the plain function's.
pub fn race(flights: &[Flight]) -> Result<Race<'_>> {
    let mut race = Race::default();
    race.enter(PLAIN, move || {
        for flight in flights {
            black_box(plain::decide(black_box(flight)));
        }
    });

    let rhai = BareRhai::new(SCRIPT)?;
    rhai.check(flights)?;
    let ready: Vec<_> = flights.iter().map(ReadyFacts::new).collect();
    race.enter(RHAI, move || {
        for facts in &ready {
            made(rhai.run(black_box(facts)));
        }
    });

    let bench = Bench::load()?;
    bench.check()?;
    let compiled = bench.release.with_sandbox(SandboxKind::Compiled);
    let compiled = compiled.context("the script compiles")?;
    let bench = Rc::new(bench);
    let same = Rc::clone(&bench);
    race.enter(REDRESS, move || contest::decide_all(&same, &compiled));
    race.enter(REDRESS_INTERPRETED, move || {
        contest::decide_all(&bench, &bench.release)
    });

    let authority = cedar::Authority::new()?;
    authority.check(flights)?;
    let requests = flights
        .iter()
        .map(|flight| authority.request(flight, flight.role));
    let requests = requests.collect::<Result<Vec<_>>>()?;
    race.enter(CEDAR, move || {
        for request in &requests {
            black_box(authority.allows(black_box(request)));
        }
    });

    rego::check(flights)?;
    let inputs = flights
        .iter()
        .map(rego::input)
        .collect::<Result<Vec<_>>>()?;
    let mut interpreter = rego::Interpreter::new()?;
    let again = inputs.clone();
    race.enter(REGO, move || {
        for input in &again {
            made(interpreter.decide(black_box(input)));
        }
    });
    let mut machine = rego::Machine::new()?;
    race.enter(MACHINE, move || {
        for input in &inputs {
            made(machine.decide(black_box(input)));
        }
    });

    cel_set::check(flights)?;
    let facts = flights
        .iter()
        .map(cel_set::Facts::new)
        .collect::<Result<Vec<_>>>()?;
    let expressions = cel_set::Expressions::new()?;
    race.enter(CEL, move || {
        for facts in &facts {
            let returned = expressions.decide(black_box(facts), |codes| codes.inner().len());
            made(returned);
        }
    });
    Ok(race)
}
