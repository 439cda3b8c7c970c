//! The ledger: what has been promised and paid, who must decide what and by when, and the
//! record of every step.
//!
//! A ledger is asked with [`Command`]s, which are data, and answers once for each key.
//! [`engine::apply`] says what a command does to the [`rows`]; a [`Store`] loads rows, locks
//! and saves, and knows no rule. The arithmetic of limits is the kernel's, called inside the
//! transaction on the standing of that moment, so that no cap is ever exceeded.

pub mod accounts;
pub mod answer;
pub mod cell;
pub mod clock;
pub mod command;
pub mod digest;
pub mod engine;
pub mod fronts;
pub mod group;
mod ledger;
pub mod log;
pub mod memory;
pub mod migrate;
mod pending;
pub mod queue;
pub mod rows;
pub mod sql;
pub mod store;
pub mod table;

pub use answer::{Answer, Answered, Promised, Refused, Replay, Reply};
pub use command::{Command, Matter, RecordSchema, Request, RequestKey};
pub use fronts::Fronts;
pub use ledger::{EntriesOf, Ledger, QueueOf};
pub use log::{DecisionLog, Signing};
pub use memory::Memory;
pub use redress_log::Seed;
pub use redress_model::Timestamp;
pub use store::{Concerns, Scan, Store, StoreError, StoreFault, Tables};
