//! The kernel against a small set of guardrails: each step, then properties over
//! arbitrary proposals.

mod fixture;
mod properties;
mod steps;
