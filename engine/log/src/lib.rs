//! The decision log: what was decided, on what, by whom, in a form that can be proved a
//! year later.
//!
//! A record is canonical JSON ([`canonical`]) and a leaf of a Merkle tree ([`merkle`]);
//! its personal parts stand in it as salted commitments ([`seal`]) whose openings can be
//! erased while every proof stays valid. A store keeps the [`Head`] in one row and appends
//! [`Draft`]s to it; the log signs checkpoints ([`checkpoint`], [`note`]).
//!
//! Whoever has the lines can check them ([`verify`]), give a customer proof ([`receipt`]),
//! make decisions again ([`replay`]) and hand them to other systems ([`export`]).
//!
//! Nothing here does I/O, reads a clock or makes random numbers: a store gives the ledger
//! time and 32 fresh random bytes for each record, and keeps what it is given.

pub mod canonical;
pub mod checkpoint;
pub mod export;
#[cfg(test)]
mod fixture;
mod head;
pub mod lines;
pub mod merkle;
pub mod note;
pub mod receipt;
pub mod record;
pub mod replay;
pub mod seal;
pub mod verify;

pub use self::checkpoint::Checkpoint;
pub use self::head::{AppendError, Appended, BadHead, Head};
pub use self::record::{DecisionRecord, Draft, Record, ReleaseRef};
pub use self::seal::{Opening, Openings, Sealing, Seed, Subject};
