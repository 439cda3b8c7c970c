//! A process that is killed while it writes: by what it said last, and by its system calls.
//!
//! `LEDGER_KILLS=500 cargo test --release -p redress-ledger-sqlite --test kills` is the long run.

#[cfg(test)]
mod trials;
