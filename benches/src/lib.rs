//! What the benches measure of Redress, ready to be timed.
//!
//! [`Bench`] is the workload as Redress takes it; it checks every decision against the
//! plain Rust function before anything is timed.

mod bench;
mod touch;

pub mod bare_wasm;
pub mod contest;
pub mod source;

pub use bench::{Bench, Input};
