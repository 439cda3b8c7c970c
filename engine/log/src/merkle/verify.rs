//! Checking proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2, whose trees are those of
//! RFC 6962).

use redress_model::Digest;

use super::{empty_root, node_hash};

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The tree has no such leaf.
    #[error("leaf {index} lies beyond a tree of {size} leaves")]
    BeyondTree {
        /// The leaf.
        index: u64,
        /// How many leaves the tree has.
        size: u64,
    },
    /// The newer tree has fewer leaves.
    #[error("a tree of {new} leaves cannot follow one of {old}")]
    Shrunk {
        /// Leaves of the older tree.
        old: u64,
        /// Leaves of the newer one.
        new: u64,
    },
    /// A tree of this size needs more or fewer hashes.
    #[error("the proof has the wrong number of hashes, {hashes}")]
    Length {
        /// How many there are.
        hashes: usize,
    },
    /// The hashes lead to another root than that of the tree, the newer one of two.
    #[error("the proof leads to another root")]
    Root,
    /// The hashes lead to another root than that of the older tree.
    #[error("the proof leads to another root of the older tree")]
    OldRoot,
}

impl ProofError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BeyondTree { .. } => "leaf_beyond_tree",
            Self::Shrunk { .. } => "tree_shrunk",
            Self::Length { .. } => "proof_length",
            Self::Root => "root_mismatch",
            Self::OldRoot => "old_root_mismatch",
        }
    }
}

/// Checks that the leaf with this hash has this place in the tree with this root.
///
/// # Errors
/// [`ProofError`] when the proof does not show that.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::BeyondTree { index, size });
    }
    let length = ProofError::Length {
        hashes: proof.len(),
    };
    let mut walk = Walk::from(index, size - 1);
    let mut hash = *leaf;
    for step in proof {
        hash = match walk.side().ok_or(length)? {
            Side::Left => node_hash(step, &hash),
            Side::Right => node_hash(&hash, step),
        };
    }
    if !walk.at_root() {
        return Err(length);
    }
    if hash == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// Checks that the tree of `new` leaves begins with all leaves of the tree of `old` ones.
///
/// # Errors
/// [`ProofError`] when the proof does not show that.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Digest,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    let length = ProofError::Length {
        hashes: proof.len(),
    };
    if old == new || old == 0 {
        if !proof.is_empty() {
            return Err(length);
        }
        return match (old == new, old == 0) {
            (true, _) if old_root != new_root => Err(ProofError::Root),
            (_, true) if *old_root != empty_root() => Err(ProofError::OldRoot),
            _ => Ok(()),
        };
    }
    let mut proof = proof.iter();
    let mut walk = Walk::from(old - 1, new - 1);
    walk.up_from_right();
    // A subtree that is the whole old tree is not in the proof: its root is known.
    let first = if old.is_power_of_two() {
        *old_root
    } else {
        *proof.next().ok_or(length)?
    };
    let (mut old_hash, mut new_hash) = (first, first);
    for step in proof {
        match walk.side().ok_or(length)? {
            Side::Left => {
                old_hash = node_hash(step, &old_hash);
                new_hash = node_hash(step, &new_hash);
            }
            Side::Right => new_hash = node_hash(&new_hash, step),
        }
    }
    if !walk.at_root() {
        return Err(length);
    }
    if new_hash != *new_root {
        return Err(ProofError::Root);
    }
    if old_hash != *old_root {
        return Err(ProofError::OldRoot);
    }
    Ok(())
}

/// On which side of the path the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: its place and the place of the last node, level
/// by level (`fn` and `sn` in the RFC).
struct Walk {
    node: u64,
    last: u64,
}

impl Walk {
    const fn from(node: u64, last: u64) -> Self {
        Self { node, last }
    }

    const fn up(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }

    /// Goes up for as long as the node is a right child.
    const fn up_from_right(&mut self) {
        while self.node & 1 == 1 {
            self.up();
        }
    }

    /// Takes one step up; `None` at the root.
    const fn side(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // A last node without a sibling moves up until it is a right child.
            while self.node & 1 == 0 && self.node != 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Some(side)
    }

    const fn at_root(&self) -> bool {
        self.last == 0
    }
}
