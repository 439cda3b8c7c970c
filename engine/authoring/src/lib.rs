//! What a policy's author works with: the test runner, explanations, sentences and the
//! way text is set for people.
//!
//! Nothing here opens a terminal or reads a clock: whatever is read and written comes in
//! as an argument, so that every answer can be held by a golden test. Colours are written
//! as escape codes, which a program takes out where there is no colour.

pub mod boundaries;
pub mod card;
pub mod casefile;
pub mod coverage;
pub mod defect;
pub mod encoding;
pub mod explain;
pub mod gate;
pub mod mistakes;
pub mod mutants;
pub mod parallel;
pub mod repl;
pub mod schemas;
pub mod sentences;
pub mod suite;
mod sum;
pub mod text;
pub mod tokens;
mod trace;
pub mod update;
pub mod whynot;
pub mod words;

pub use repl::{diff, stamp};
pub use sum::Sum;
pub use words::Lang;
