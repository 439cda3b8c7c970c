//! A growing tree, kept as the roots of the complete subtrees that make it up.

use redress_model::Digest;

use super::{empty_root, node_hash};

/// The place of a node whose subtree is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// 0 for a leaf; a node of level `l` has two to the power of `l` leaves below it.
    pub level: u8,
    /// Its place among the nodes of its level, from 0.
    pub index: u64,
}

/// A node whose subtree is complete: its hash never changes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub id: NodeId,
    /// Its hash.
    pub hash: Digest,
}

/// What a growing tree must remember: the roots of the complete subtrees of its leaves,
/// one for each bit that is set in its size, the largest first.
///
/// Appending hashes once on average and at most 64 times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Digest>,
}

/// Bytes are not those of a frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{length} bytes are not the frontier of a tree")]
pub struct BadFrontier {
    /// How many bytes there are.
    pub length: usize,
}

impl BadFrontier {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad_frontier"
    }
}

impl Frontier {
    /// The frontier of a tree without leaves.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            roots: Vec::new(),
        }
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn append(&mut self, leaf: Digest) {
        self.append_nodes(leaf, |_| ());
    }

    /// Adds a leaf and tells of each node that it completes, itself first.
    pub fn append_nodes(&mut self, leaf: Digest, mut completed: impl FnMut(Node)) {
        let (mut hash, mut level, mut index) = (leaf, 0, self.size);
        loop {
            let id = NodeId { level, index };
            completed(Node { id, hash });
            if index & 1 == 0 {
                break;
            }
            let Some(left) = self.roots.pop() else {
                break;
            };
            hash = node_hash(&left, &hash);
            level = level.saturating_add(1);
            index >>= 1;
        }
        self.roots.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut roots = self.roots.iter().rev();
        let Some(smallest) = roots.next() else {
            return empty_root();
        };
        roots.fold(*smallest, |right, left| node_hash(left, &right))
    }

    /// The state as bytes: the size in big-endian order, then the hashes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        for root in &self.roots {
            bytes.extend(root.bytes());
        }
        bytes
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`BadFrontier`] when the size and the number of hashes do not go together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadFrontier> {
        let bad = BadFrontier {
            length: bytes.len(),
        };
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(bad)?;
        let size = u64::from_be_bytes(*size);
        let (hashes, rest) = hashes.as_chunks::<32>();
        let expected = usize::try_from(size.count_ones()).map_err(|_| bad)?;
        if !rest.is_empty() || hashes.len() != expected {
            return Err(bad);
        }
        let roots = hashes.iter().copied().map(Digest::from_bytes).collect();
        Ok(Self { size, roots })
    }
}
