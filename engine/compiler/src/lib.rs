//! Reads the statically typed subset of Rhai in which policies are written.
//!
//! [`syntax`] turns a source into a tree that keeps every byte of it, whatever is wrong
//! with it. The formatter, the linter and the language server stand on that tree; names,
//! types and code are made from it.
//!
//! The interpreter stays the oracle: what is accepted here, Rhai 1.27 accepts too.

mod check;
mod diagnostic;
pub mod ir;
pub mod limits;
pub mod syntax;
pub mod wasm;

pub use self::check::{Checked, Declared, Environment, SentencePlaces, Sentences, check};
pub use self::diagnostic::{Diagnostic, Rule, Severity};
