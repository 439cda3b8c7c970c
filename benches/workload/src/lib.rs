//! The one workload of the benches: *flight disruption*.
//!
//! A thousand varied cases, a release folder that decides them, and the same
//! decisions as a plain Rust function, to which every engine is held before
//! anything is timed. [`bare_rhai`] runs the release's script on Rhai alone.

pub mod bare_rhai;
pub mod flight;
pub mod plain;
pub mod race;

use std::path::PathBuf;

pub use flight::{Event, FLIGHTS, Flight, Role, flights};
pub use plain::{Answer, Outcome, Proposed, Reasons};

/// The release folder that decides the workload.
#[must_use]
pub fn release_folder() -> PathBuf {
    [
        env!("CARGO_MANIFEST_DIR"),
        "release",
        "flight-disruption",
        "1.0.0",
    ]
    .iter()
    .collect()
}

/// The policy's script, as the release folder holds it.
pub const SCRIPT: &str = include_str!("../release/flight-disruption/1.0.0/policy.rhai");

/// The same policy as a module, as the release folder holds it.
pub const MODULE: &[u8] = include_bytes!("../release/flight-disruption/1.0.0/policy.wasm");
