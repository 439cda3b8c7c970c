//! Runs a policy under a budget and hands back what it proposes.
//!
//! There is one door, [`Sandbox`], and a sandbox behind it for each language.
//! Both read the same facts by slot, offer the same functions and return the
//! same [`Proposal`] for the same policy, byte for byte.
//! A policy reaches nothing else: no clock, no file, no network, no randomness.
//!
//! Each sandbox has the same four files: `mod` (what it is), `limits` (every
//! setting of its engine), `value` (what a policy sees) and `run` (one run).

pub mod rhai;
pub mod wasm;

use redress_model::fault::Position;
use redress_model::{Facts, Fault, Proposal, Warnings};

/// What one run of a policy may use: its `remedy` and its `route` together.
///
/// There is no default: a host says what it allows, if only by naming
/// [`Budget::STANDARD`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The most steps of an interpreter, or units of fuel of a WASM module.
    pub steps_max: u64,
    /// The most bytes of memory. Exact for WASM. For Rhai it bounds every text and list,
    /// and the sum of what the engine's own functions make in one run.
    pub memory_bytes_max: u64,
    /// The most script functions that may be waiting for each other.
    pub call_depth_max: u32,
    /// The most bytes of what the policy returns.
    pub output_bytes_max: u32,
}

impl Budget {
    /// Room for a policy of a thousand lines over the largest schema, and a stop
    /// within a few milliseconds for a policy that loops.
    pub const STANDARD: Self = Self {
        steps_max: 100_000,
        memory_bytes_max: 1024 * 1024,
        call_depth_max: 32,
        output_bytes_max: 16 * 1024,
    };
}

/// What one run used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Steps of the interpreter, or units of fuel.
    pub steps: u64,
    /// Bytes of memory; 0 where the sandbox does not measure them.
    pub memory_bytes: u64,
}

/// The outcome of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What the policy proposes, or why there is nothing. An unknown fact that the
    /// policy read is a proposal to hold, whichever function read it.
    pub proposal: Result<Proposal, Fault>,
    /// What the run used, also when it failed. It stands outside the decision.
    pub usage: Usage,
}

/// Which sandbox runs a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SandboxKind {
    /// Rhai scripts, compiled by this project's own compiler and run as modules.
    Compiled,
    /// The interpreter of Rhai scripts.
    Rhai,
    /// The runtime of WASM modules over guest ABI v1.
    Wasm,
}

impl SandboxKind {
    /// `compiled`, `rhai` or `wasm`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compiled => "compiled",
            Self::Rhai => "rhai",
            Self::Wasm => "wasm",
        }
    }
}

/// A policy, compiled and ready to run on any thread.
pub trait Sandbox: Send + Sync {
    /// Which sandbox this is.
    fn kind(&self) -> SandboxKind;

    /// Runs the policy's `remedy`, then its `route` if it has one.
    ///
    /// Only `route` sees `warnings` and the facts of class `route`.
    /// The same arguments give the same [`Run`], on every machine.
    fn propose(&self, facts: &Facts, warnings: &Warnings) -> Run;
}

/// Why a policy cannot be loaded: a mistake of its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{problem}{}{}",
    .at.map(|at| format!(" ({at})")).unwrap_or_default(),
    .help.as_ref().map(|help| format!("; {help}")).unwrap_or_default(),
)]
pub struct PolicyError {
    /// What is wrong, in the author's words.
    pub problem: String,
    /// Where in the source, if the policy has one.
    pub at: Option<Position>,
    /// What to do about it.
    pub help: Option<String>,
}

impl PolicyError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "policy_invalid"
    }
}
