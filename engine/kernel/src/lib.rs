//! Enforcement. A policy proposes; [`decide`] holds the proposal against the
//! guardrails that compliance owns and against what the ledger knows, and returns
//! the [`Decision`].
//!
//! The kernel is pure: no I/O, no clock, no floats, no features. The same inputs
//! give the same decision on every machine. Only this crate can build a `Decision`.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::wildcard_enum_match_arm)
)]

pub mod adjustment;
pub mod calendar;
pub mod codes;
mod decide;
pub mod decision;
pub mod digest;
pub mod findings;
pub mod guardrails;
pub mod limits;
pub mod skyline;
mod steps;

pub use adjustment::{Adjusted, Adjustment, Evidence, Rule};
pub use calendar::{Calendar, Due, Span};
pub use decide::{SEMANTICS_VERSION, decide, may_give};
pub use decision::{
    Authority, Decision, Escalation, GrantedRemedy, HoldState, Outcome, Payable, ReleaseId, Review,
};
pub use digest::inputs_digest;
pub use findings::{Breach, Exposure, Findings};
pub use guardrails::Guardrails;

#[cfg(test)]
mod tests;
