//! Trials of a ledger: a plain reference model, one conformance suite for every store, and
//! generated commands and histories. Everything is made from a seed that a failure prints.

pub mod campaign;
pub mod conformance;
pub mod crowd;
pub mod differential;
pub mod fixture;
pub mod generate;
pub mod histories;
pub mod model;
pub mod random;
pub mod server;
pub mod unchanged;

pub use model::Model;
pub use unchanged::Unchanged;
