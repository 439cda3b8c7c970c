//! Trials of a ledger in a file on a disk that fails.
//!
//! A [`disk::Disk`] holds the files of a ledger in memory and knows of each byte whether it was
//! synced. It can lose power at any moment, and then keeps of what was not synced nothing,
//! everything, a torn beginning or some pieces out of order; and it can fail while the ledger
//! goes on: a write or a sync that gives an error, a disk that is full, half a write.
//! [`vfs`] puts it below SQLite, and [`trial`] runs one workload over every such moment.

pub mod disk;
pub mod locks;
pub mod power;
pub mod trial;
#[expect(
    unsafe_code,
    reason = "SQLite asks for a file system through pointers to C functions"
)]
pub mod vfs;
