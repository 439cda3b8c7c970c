//! Proofs: which subtrees they are made of, and their hashes from stored nodes or from
//! one pass over the leaves.

use std::collections::BTreeMap;

use redress_model::Digest;

use super::frontier::{Frontier, NodeId};
use super::node_hash;

/// The leaves below one hash of a proof: from `start` up to and without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first leaf.
    pub start: u64,
    /// The leaf after the last.
    pub end: u64,
}

impl Range {
    /// The complete subtrees that make up the range, from left to right.
    ///
    /// Ranges of proofs start where the tree splits, so their subtrees have the sizes of
    /// the bits of their length, the largest first.
    fn nodes(self) -> impl DoubleEndedIterator<Item = NodeId> {
        let length = self.end.saturating_sub(self.start);
        let mut start = self.start;
        let mut nodes = Vec::new();
        for level in (0..64_u8).rev() {
            if length >> level & 1 == 1 {
                let index = start >> level;
                nodes.push(NodeId { level, index });
                start = start.saturating_add(1 << level);
            }
        }
        nodes.into_iter()
    }
}

/// The largest power of two below `size`, which is at least 2.
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// What a proof is made of: the subtrees whose hashes it lists, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    ranges: Vec<Range>,
}

/// A store lacks a node that a proof needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("node {} of level {} is missing", id.index, id.level)]
pub struct MissingNode {
    /// Which.
    pub id: NodeId,
}

impl MissingNode {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "missing_node"
    }
}

impl Plan {
    /// The proof that a leaf is in a tree of `size` leaves (RFC 6962, section 2.1.1): at
    /// most ⌈log₂ size⌉ hashes. `None` if the tree has no such leaf.
    #[must_use]
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        if index >= size {
            return None;
        }
        let (mut start, mut end) = (0, size);
        let mut ranges = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                ranges.push(Range { start: middle, end });
                end = middle;
            } else {
                ranges.push(Range { start, end: middle });
                start = middle;
            }
        }
        ranges.reverse();
        Some(Self { ranges })
    }

    /// The proof that a tree of `new` leaves only adds to one of `old` leaves (RFC 6962,
    /// section 2.1.2): at most ⌈log₂ new⌉ + 1 hashes. `None` if the new tree is smaller.
    #[must_use]
    pub fn consistency(old: u64, new: u64) -> Option<Self> {
        if old > new {
            return None;
        }
        let mut ranges = Vec::new();
        let (mut start, mut end) = (0, new);
        if old > 0 {
            while old != end {
                let middle = start + split(end - start);
                if old <= middle {
                    ranges.push(Range { start: middle, end });
                    end = middle;
                } else {
                    ranges.push(Range { start, end: middle });
                    start = middle;
                }
            }
            // The verifier knows the old root; it need not be told a subtree that is
            // the whole old tree.
            if start > 0 {
                ranges.push(Range { start, end });
            }
        }
        ranges.reverse();
        Some(Self { ranges })
    }

    /// The subtrees in the order of the proof.
    #[must_use]
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }

    /// The nodes that a store must look up: complete subtrees, whose hashes never change.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.ranges.iter().flat_map(|range| range.nodes())
    }

    /// The proof out of stored nodes.
    ///
    /// # Errors
    /// [`MissingNode`] when one of [`Plan::nodes`] is not there.
    pub fn proof(&self, stored: &BTreeMap<NodeId, Digest>) -> Result<Vec<Digest>, MissingNode> {
        let hash = |id: NodeId| stored.get(&id).copied().ok_or(MissingNode { id });
        let mut proof = Vec::with_capacity(self.ranges.len());
        for range in &self.ranges {
            let mut nodes = range.nodes().rev();
            // A range has at least one leaf, so it has a last subtree.
            let Some(last) = nodes.next() else { continue };
            let root = nodes.try_fold(hash(last)?, |right, left| {
                Ok::<_, MissingNode>(node_hash(&hash(left)?, &right))
            })?;
            proof.push(root);
        }
        Ok(proof)
    }
}

/// Makes a proof in one pass over all leaves, in order, with a state of a few hashes.
#[derive(Debug, Clone)]
pub struct Collector {
    /// The subtrees by their first leaf, each with its place in the proof.
    parts: Vec<(Range, usize, Frontier)>,
    at: usize,
    next: u64,
}

impl Collector {
    /// Starts the pass.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let ranges = plan.ranges.iter().copied().enumerate();
        let mut parts: Vec<_> = ranges
            .map(|(place, range)| (range, place, Frontier::new()))
            .collect();
        parts.sort_by_key(|(range, ..)| range.start);
        Self {
            parts,
            at: 0,
            next: 0,
        }
    }

    /// Takes the hash of the next leaf.
    pub fn leaf(&mut self, hash: Digest) {
        let index = self.next;
        self.next = self.next.saturating_add(1);
        while let Some((range, _, frontier)) = self.parts.get_mut(self.at) {
            if index < range.start {
                return;
            }
            if index < range.end {
                frontier.append(hash);
                return;
            }
            self.at = self.at.saturating_add(1);
        }
    }

    /// The proof, or `None` if there were too few leaves.
    #[must_use]
    pub fn finish(mut self) -> Option<Vec<Digest>> {
        let whole = |(range, _, frontier): &(Range, usize, Frontier)| {
            frontier.size() == range.end.saturating_sub(range.start)
        };
        if !self.parts.iter().all(whole) {
            return None;
        }
        self.parts.sort_by_key(|(_, place, _)| *place);
        let roots = self.parts.iter().map(|(.., frontier)| frontier.root());
        Some(roots.collect())
    }
}
