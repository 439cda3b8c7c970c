//! Which block a point belongs to: a tree of splits, as in a k-d tree (Bentley:
//! Multidimensional Binary Search Trees Used for Associative Searching, CACM 18, 1975).

use super::point::{Corners, Near};

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
    /// Those of all points that came in.
    pub(super) corners: Corners,
}

impl Tree {
    /// One block for everything.
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::Block(0)],
            leaves: vec![0],
            corners: Corners::NONE,
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
