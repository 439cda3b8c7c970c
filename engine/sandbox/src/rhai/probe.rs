//! Probes: calls that coverage puts into a script. Each notes a value and gives it back.
//!
//! Only an engine made for it knows the function, so that no policy that decides a case
//! can call it.

use std::rc::Rc;

use rhai::{Dynamic, Engine};

use super::limits::EXPR_DEPTH_MAX;
use super::state::RunState;

/// The function that a probe calls: `__probe(value, number)` gives the value.
pub const PROBE: &str = "__probe";

/// How many times the steps of a policy's run a run with probes may take.
pub(super) const STEPS_FACTOR: u64 = 16;

/// Something that a run with probes went through, in order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// A value passed a probe.
    Value {
        /// The number of the probe.
        probe: u32,
        /// The value.
        value: Passed,
    },
    /// A table answered with a row.
    Row {
        /// The table, by its place in order of names.
        table: usize,
        /// The row, from 0.
        row: usize,
    },
}

/// What a probe tells of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// It was `true`.
    True,
    /// It was `false`.
    False,
    /// It was `()`.
    Nothing,
    /// It was of another type.
    Other,
}

impl Passed {
    fn of(value: &Dynamic) -> Self {
        match value.as_bool() {
            Ok(true) => Self::True,
            Ok(false) => Self::False,
            Err(_) if value.is_unit() => Self::Nothing,
            Err(_) => Self::Other,
        }
    }
}

/// Registers the probe, and leaves room for the levels that probes add to expressions.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>) {
    let levels = EXPR_DEPTH_MAX.saturating_mul(2);
    engine.set_max_expr_depths(levels, levels);
    let on = Rc::clone(state);
    engine.register_fn(PROBE, move |value: Dynamic, number: i64| {
        on.note(|| Noted::Value {
            probe: u32::try_from(number).unwrap_or(u32::MAX),
            value: Passed::of(&value),
        });
        value
    });
}
