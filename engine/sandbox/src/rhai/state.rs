//! What one run knows and has used, shared by the functions that a policy calls.

use std::cell::{Cell, RefCell};

use redress_abi::Names;
use redress_model::fault::{BudgetKind, Position};
use redress_model::{Code, Facts, Fault, Slot, Value};
use rhai::{Dynamic, EvalAltResult, NativeCallContext};

use super::probe::Noted;
use super::trace::{Traced, TracedStep};
use crate::Budget;

/// The most steps that one trace notes.
pub(super) const TRACED_MAX: usize = 1_000;

/// The most things that one run notes.
const NOTES_MAX: usize = 1_000_000;

/// An error on its way through the interpreter.
pub(super) type Raised = Box<EvalAltResult>;

/// Which function of the policy runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its constants, while it is loaded.
    Load,
    /// `remedy`.
    Remedy,
    /// `route`.
    Route,
}

/// Why a run ends before the policy's last line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// It read a fact that the case does not know.
    UnknownFact(Slot),
    /// Something that it cannot catch went wrong.
    Fault(Fault),
}

/// The state of a thread's engine, begun anew for every run.
#[derive(Debug)]
pub(super) struct RunState {
    phase: Cell<Phase>,
    /// The steps left; none once the run has been stopped, so that one look tells the
    /// interpreter whether to go on.
    steps_left: Cell<u64>,
    steps_max: u64,
    /// The steps used, once the run has been stopped.
    steps_used: Cell<u64>,
    memory_bytes: Cell<u64>,
    memory_bytes_max: u64,
    output_bytes_max: u64,
    stopped: Cell<bool>,
    stop: RefCell<Option<Stop>>,
    facts: RefCell<Vec<Option<Value>>>,
    /// The codes that the policy named, in this run or before.
    names: RefCell<Names>,
    /// What the run read, while an author asks for it.
    traced: RefCell<Option<Vec<Traced>>>,
    /// What the run went through, while coverage asks for it.
    noted: RefCell<Option<Vec<Noted>>>,
}

impl RunState {
    pub(super) fn new(budget: &Budget) -> Self {
        Self {
            phase: Cell::new(Phase::Load),
            steps_left: Cell::new(budget.steps_max),
            steps_max: budget.steps_max,
            steps_used: Cell::new(0),
            memory_bytes: Cell::new(0),
            memory_bytes_max: budget.memory_bytes_max,
            output_bytes_max: u64::from(budget.output_bytes_max),
            stopped: Cell::new(false),
            stop: RefCell::new(None),
            facts: RefCell::new(Vec::new()),
            names: RefCell::default(),
            traced: RefCell::new(None),
            noted: RefCell::new(None),
        }
    }

    /// Forgets the run before and takes the facts of the next.
    pub(super) fn begin(&self, facts: &Facts) {
        self.steps_left.set(self.steps_max);
        self.memory_bytes.set(0);
        self.stopped.set(false);
        self.stop.replace(None);
        let mut values = self.facts.borrow_mut();
        values.clear();
        values.extend(facts.iter().map(|value| value.cloned()));
    }

    /// Forgets the facts of the case.
    pub(super) fn end(&self) {
        self.facts.borrow_mut().clear();
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.set(phase);
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(super) fn steps(&self) -> u64 {
        if self.stopped.get() {
            self.steps_used.get()
        } else {
            self.steps_max.saturating_sub(self.steps_left.get())
        }
    }

    pub(super) fn output_bytes_max(&self) -> u64 {
        self.output_bytes_max
    }

    /// Why the run ended early. It stays even if the policy went on, so that nothing
    /// in a policy can swallow it.
    pub(super) fn stop(&self) -> Option<Stop> {
        self.stop.borrow().clone()
    }

    /// One step of the interpreter: whether it must end here.
    #[inline]
    pub(super) fn step(&self) -> Option<Dynamic> {
        match self.steps_left.get().checked_sub(1) {
            Some(left) => {
                self.steps_left.set(left);
                None
            }
            None => Some(self.no_step_left()),
        }
    }

    #[cold]
    fn no_step_left(&self) -> Dynamic {
        if !self.stopped.get() {
            let _ended = self.steps_exceeded(1);
        }
        Dynamic::UNIT
    }

    /// Ends the run because these steps are not left.
    #[cold]
    fn steps_exceeded(&self, steps: u64) -> Raised {
        let used = self.steps().saturating_add(steps);
        let raised = self.exceeded(BudgetKind::Steps, self.steps_max, used);
        self.steps_used.set(used);
        raised
    }

    /// Counts what a function of ours does beyond the step of its call.
    pub(super) fn charge_steps(&self, steps: usize) -> Result<(), Raised> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        match self.steps_left.get().checked_sub(steps) {
            Some(left) => {
                self.steps_left.set(left);
                Ok(())
            }
            None => Err(self.steps_exceeded(steps)),
        }
    }

    /// Counts bytes that a function of ours allocates. They are never given back
    /// within a run.
    pub(super) fn charge_memory(&self, bytes: u64) -> Result<(), Raised> {
        let used = self.memory_bytes.get().saturating_add(bytes);
        self.memory_bytes.set(used);
        if used > self.memory_bytes_max {
            return Err(self.exceeded(BudgetKind::Memory, self.memory_bytes_max, used));
        }
        Ok(())
    }

    /// Ends the run because a budget is used up.
    #[cold]
    pub(super) fn exceeded(&self, budget: BudgetKind, limit: u64, used: u64) -> Raised {
        self.raise(Stop::Fault(Fault::BudgetExceeded {
            budget,
            limit,
            used,
        }))
    }

    /// Ends the run because of what the policy made or asked for.
    #[cold]
    pub(super) fn bad_answer(&self, message: String) -> Raised {
        self.raise(Stop::Fault(Fault::BadAnswer { message }))
    }

    /// Ends the run because of an author's slip that must not be caught.
    #[cold]
    pub(super) fn raise_failed(&self, message: String, context: &NativeCallContext) -> Raised {
        // Rhai forgets the place of an error that cannot be caught.
        let at = place(context.call_position());
        self.raise(Stop::Fault(Fault::Failed { message, at }))
    }

    /// Ends the run with an error that the policy cannot catch.
    #[cold]
    pub(super) fn raise(&self, stop: Stop) -> Raised {
        self.halt(stop);
        EvalAltResult::ErrorTerminated(Dynamic::UNIT, rhai::Position::NONE).into()
    }

    fn halt(&self, stop: Stop) {
        if self.stopped.get() {
            return;
        }
        self.steps_used.set(self.steps());
        self.stopped.set(true);
        self.steps_left.set(0);
        self.stop.replace(Some(stop));
    }

    /// Begins to note what runs read, up to [`TRACED_MAX`] steps.
    pub(super) fn begin_trace(&self) {
        self.traced.replace(Some(Vec::new()));
    }

    /// What was read since the trace began.
    pub(super) fn end_trace(&self) -> Vec<Traced> {
        self.traced.take().unwrap_or_default()
    }

    /// Notes a step, if somebody asked for it.
    #[inline]
    pub(super) fn trace(&self, context: &NativeCallContext, step: impl FnOnce() -> TracedStep) {
        if let Some(traced) = self.traced.borrow_mut().as_mut()
            && traced.len() < TRACED_MAX
        {
            let at = place(context.call_position());
            traced.push(Traced { step: step(), at });
        }
    }

    /// Begins to note what a run goes through, up to [`NOTES_MAX`] things.
    pub(super) fn begin_notes(&self) {
        self.noted.replace(Some(Vec::new()));
    }

    /// What was noted since.
    pub(super) fn end_notes(&self) -> Vec<Noted> {
        self.noted.take().unwrap_or_default()
    }

    /// Notes something, if somebody asked for it.
    #[inline]
    pub(super) fn note(&self, noted: impl FnOnce() -> Noted) {
        if let Some(all) = self.noted.borrow_mut().as_mut()
            && all.len() < NOTES_MAX
        {
            all.push(noted());
        }
    }

    /// A code that the policy wrote. One that is no code ends the run.
    pub(super) fn code(&self, text: &str) -> Result<Code, Raised> {
        let code = self.names.borrow_mut().code(text);
        code.map_err(|error| self.bad_answer(error.to_string()))
    }

    /// Looks at the value of a fact.
    pub(super) fn with_fact<T>(&self, slot: Slot, look: impl FnOnce(Option<&Value>) -> T) -> T {
        let facts = self.facts.borrow();
        look(facts.get(slot.index()).and_then(Option::as_ref))
    }
}

/// A place in the source, if the interpreter knows it.
pub(super) fn place(position: rhai::Position) -> Option<Position> {
    Some(Position {
        line: u32::try_from(position.line()?).ok()?,
        column: u32::try_from(position.position().unwrap_or(1)).ok()?,
    })
}

/// An error of the policy's own, which it may catch.
#[cold]
pub(super) fn failed(message: impl Into<String>) -> Raised {
    EvalAltResult::ErrorRuntime(message.into().into(), rhai::Position::NONE).into()
}
