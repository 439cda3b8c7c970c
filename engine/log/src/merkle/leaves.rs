//! The hashes of leaves, which are the same on any number of threads.

use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread;

use redress_model::Digest;
use sha2::{Digest as _, Sha256};

/// The hash of a leaf: SHA-256 of a zero byte and the data.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Digest {
    let hash = Sha256::new().chain_update([0]).chain_update(data);
    Digest::from_bytes(hash.finalize().into())
}

/// How many bytes of leaves a thread of its own is worth: some hundred times what starting it
/// takes.
const THREAD_BYTES: usize = 256 * 1024;

/// The hash of each leaf, made on every core where there is enough to do.
#[must_use]
pub fn leaf_hashes(leaves: &[&[u8]]) -> Vec<Digest> {
    // Asking for it reads files.
    static CORES: OnceLock<usize> = OnceLock::new();
    let cores = *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from));
    let bytes: usize = leaves.iter().map(|leaf| leaf.len()).sum();
    let threads = cores.min(bytes / THREAD_BYTES).max(1);
    let hashes = |part: &[&[u8]]| part.iter().map(|leaf| leaf_hash(leaf)).collect::<Vec<_>>();
    thread::scope(|scope| {
        let mut parts = leaves.chunks(leaves.len().div_ceil(threads).max(1));
        let own = parts.next().unwrap_or_default();
        let others: Vec<_> = parts
            .map(|part| scope.spawn(move || hashes(part)))
            .collect();
        let mut all = hashes(own);
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        all
    })
}
