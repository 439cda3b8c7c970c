//! Which block a point belongs to: a tree of splits, as in a k-d tree (Bentley:
//! Multidimensional Binary Search Trees Used for Associative Searching, CACM 18, 1975).

use super::point::Near;

/// How far points lie apart in each of their near facts.
pub(super) type Extents = [u32; size_of::<Near>() / size_of::<i32>()];

/// A split, or a block.
#[derive(Debug, Clone, Copy)]
enum Node {
    Split {
        side: usize,
        value: i32,
        /// The node of what is below the value; the one after it is of the rest.
        below: usize,
    },
    Block(usize),
}

/// The splits of a front.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// The node of each block.
    leaves: Vec<usize>,
    low: Near,
    high: Near,
}

impl Tree {
    /// One block for everything.
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::Block(0)],
            leaves: vec![0],
            low: [i32::MAX; _],
            high: [i32::MIN; _],
        }
    }

    /// The block of a point.
    pub(super) fn find(&self, near: &Near) -> usize {
        let mut place = 0;
        loop {
            match self.nodes.get(place) {
                Some(Node::Split { side, value, below }) => {
                    let own = near.get(*side).copied().unwrap_or(0);
                    place = below.saturating_add(usize::from(own >= *value));
                }
                Some(Node::Block(block)) => return *block,
                None => return 0,
            }
        }
    }

    /// Takes note of a point that comes in.
    pub(super) fn reach(&mut self, near: &Near) {
        for (low, own) in self.low.iter_mut().zip(near) {
            *low = (*low).min(*own);
        }
        for (high, own) in self.high.iter_mut().zip(near) {
            *high = (*high).max(*own);
        }
    }

    /// How far all points that came in lie apart.
    pub(super) fn extents(&self) -> Extents {
        let mut extents = Extents::default();
        let corners = self.low.iter().zip(&self.high);
        for (extent, (low, high)) in extents.iter_mut().zip(corners) {
            *extent = low.abs_diff(*high);
        }
        extents
    }

    /// Splits a block: what is at `value` or above on a side is of the new block `upper`.
    pub(super) fn split(&mut self, block: usize, side: usize, value: i32, upper: usize) {
        let below = self.nodes.len();
        let Some(leaf) = self.leaves.get_mut(block) else {
            return;
        };
        if let Some(node) = self.nodes.get_mut(*leaf) {
            *node = Node::Split { side, value, below };
        }
        *leaf = below;
        self.nodes.push(Node::Block(block));
        // Blocks that no split has made have no node.
        self.leaves.resize(upper, usize::MAX);
        self.leaves.push(below.saturating_add(1));
        self.nodes.push(Node::Block(upper));
    }
}
