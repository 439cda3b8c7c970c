//! Which block a point belongs to: a tree of splits, as in a k-d tree (Bentley:
//! Multidimensional Binary Search Trees Used for Associative Searching, CACM 18, 1975).

/// A split, or a block.
#[derive(Debug, Clone, Copy)]
enum Node {
    Split {
        side: usize,
        value: i64,
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
    low: Vec<i64>,
    high: Vec<i64>,
    extents: Vec<u64>,
}

impl Tree {
    /// One block for everything.
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::Block(0)],
            leaves: vec![0],
            low: Vec::new(),
            high: Vec::new(),
            extents: Vec::new(),
        }
    }

    /// The block of a point.
    pub(super) fn find(&self, point: &[i64]) -> usize {
        let mut place = 0;
        loop {
            match self.nodes.get(place) {
                Some(Node::Split { side, value, below }) => {
                    let own = point.get(*side).copied().unwrap_or(0);
                    place = below.saturating_add(usize::from(own >= *value));
                }
                Some(Node::Block(block)) => return *block,
                None => return 0,
            }
        }
    }

    /// How far all points that came in lie apart on each side, with this one.
    pub(super) fn extents(&mut self, point: &[i64]) -> &[u64] {
        if self.low.is_empty() {
            self.low = point.to_vec();
            self.high = point.to_vec();
            self.extents = vec![0; point.len()];
        }
        let corners = self
            .low
            .iter_mut()
            .zip(&mut self.high)
            .zip(&mut self.extents);
        for (((low, high), extent), own) in corners.zip(point) {
            *low = (*low).min(*own);
            *high = (*high).max(*own);
            *extent = low.abs_diff(*high);
        }
        &self.extents
    }

    /// Splits a block: what is at `value` or above on a side is of the new block `upper`.
    pub(super) fn split(&mut self, block: usize, side: usize, value: i64, upper: usize) {
        let below = self.nodes.len();
        let Some(leaf) = self.leaves.get_mut(block) else {
            return;
        };
        if let Some(node) = self.nodes.get_mut(*leaf) {
            *node = Node::Split { side, value, below };
        }
        *leaf = below;
        self.nodes.push(Node::Block(block));
        self.leaves.push(below.saturating_add(1));
        self.nodes.push(Node::Block(upper));
    }
}
