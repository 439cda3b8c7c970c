//! The Merkle tree of RFC 6962, section 2: SHA-256, a leaf and a node hashed apart.
//!
//! [`Frontier`] grows a tree with a state of at most 64 hashes; [`Plan`] makes proofs out
//! of stored nodes and [`Collector`] out of one pass over all leaves;
//! [`verify_inclusion`] and [`verify_consistency`] need neither.

mod frontier;
mod leaves;
mod prove;
#[cfg(test)]
mod tests;
mod verify;

use redress_model::Digest;

pub use self::frontier::{BadFrontier, Frontier, Node, NodeId};
pub use self::leaves::{leaf_hash, leaf_hashes};
pub use self::prove::{Collector, MissingNode, Plan, Range};
pub use self::verify::{ProofError, verify_consistency, verify_inclusion};

/// The hash of an inner node: SHA-256 of a one byte and the hashes below it.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut data = [1; 65];
    let (head, tail) = data.split_at_mut(33);
    if let Some(head) = head.get_mut(1..) {
        head.copy_from_slice(left.bytes());
    }
    tail.copy_from_slice(right.bytes());
    Digest::of(&data)
}

/// The root of a tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(&[])
}
