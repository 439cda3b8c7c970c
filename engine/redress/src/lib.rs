//! Redress decides what a customer with a complaint may get, who must approve it, by
//! when, and why.
//!
//! An [`Engine`] loads policies from their folders; a [`Release`] is one compiled,
//! immutable version; [`Release::decide`] is the one call that everything goes through.
//! All of them are `Send + Sync`, hold no global state and read no clock.
//!
//! A policy only proposes. The kernel holds the proposal against the guardrails: see
//! [`Release::decide`] for a grant, a sum brought back to its limit, and an escalation.

mod decided;
mod engine;
mod error;
mod force;
mod policy;
mod record;
mod release;
pub mod replay;
mod script;
pub mod shadow;

pub use decided::{Decided, Execution};
pub use engine::{Engine, EngineLimits};
pub use error::{LoadError, NoRelease};
pub use force::{InForce, InForceError};
pub use policy::{NotAdmitted, Policy};
pub use release::Release;
pub use script::ScriptCheck;
pub use shadow::Shadow;

pub use redress_compiler::{Diagnostic, Rule as ScriptRule, Severity};
pub use redress_kernel::{
    Adjusted, Adjustment, Authority, Decision, Escalation, GrantedRemedy, Guardrails, Outcome,
    Payable, Rule, SEMANTICS_VERSION,
};
pub use redress_ledger as ledger;
pub use redress_model::admit::{AdmitError, AdmitErrors, AdmitLimits, FactsBuilder, RawCase};
pub use redress_model::{
    Actor, Assurance, Case, Code, Currency, Date, Digest, Envelope, Facts, Fault, Money, Schema,
    Standing, Timestamp, Value,
};
pub use redress_release as source;
pub use redress_sandbox::rhai::{
    Noted, PROBE, Passed, Ran, Session, SnippetError, Traced, TracedStep,
};
pub use redress_sandbox::wasm::Reached;
pub use redress_sandbox::{Budget, SandboxKind, Usage};
