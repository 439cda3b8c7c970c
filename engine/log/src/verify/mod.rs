//! Checking a log offline: line by line, in constant memory, against checkpoints.

mod error;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use redress_model::Digest;

pub use self::error::{LeafProblem, VerifyError};
use crate::checkpoint::Checkpoint;
use crate::merkle::{Frontier, leaf_hash, leaf_hashes};
use crate::note::KeyName;
use crate::record::{GENESIS, Line, NO_PREVIOUS, Record};

/// A line that fits so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Its place, from 0.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

/// What is known of a log whose every line was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The name that its first record gives it; a log without records has none.
    pub origin: Option<KeyName>,
    /// How many leaves it has.
    pub size: u64,
    /// The root of its tree.
    pub root: Digest,
    /// How many leaves are as the largest checkpoint has them; 0 without a checkpoint.
    ///
    /// What lies beyond is only known to be consistent: whoever can write the file could
    /// have written all of it anew, or cut it off.
    pub anchored: u64,
}

/// Takes the lines of a log, in order.
///
/// A leaf enters the tree when the record after it has named its hash, so that what does
/// not fit is told by its number.
#[derive(Debug, Clone)]
pub struct Verifier {
    tree: Frontier,
    /// The last leaf, which no record has confirmed yet.
    pending: Option<Leaf>,
    /// A record that names another hash than the leaf before it has.
    broken: Option<Break>,
    at: [u8; 20],
    origin: Option<KeyName>,
    checkpoints: VecDeque<Checkpoint>,
    anchored: u64,
}

/// Between two leaves: one of them was changed.
#[derive(Debug, Clone, Copy)]
struct Break {
    /// The first of the two.
    first: Leaf,
    /// The hash that the second names for it.
    named: Digest,
    /// The second.
    second: Leaf,
}

impl Verifier {
    /// Starts with the checkpoints that were kept elsewhere, of any size and in any order.
    ///
    /// # Errors
    /// [`VerifyError::OtherLog`] when they are not all of one log.
    pub fn new(mut checkpoints: Vec<Checkpoint>) -> Result<Self, VerifyError> {
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        let origin = checkpoints
            .first()
            .map(|checkpoint| checkpoint.origin.clone());
        for checkpoint in &checkpoints {
            if origin
                .as_ref()
                .is_some_and(|origin| *origin != checkpoint.origin)
            {
                return Err(VerifyError::OtherLog {
                    log: origin.map(|origin| origin.to_string()).unwrap_or_default(),
                    checkpoint: checkpoint.origin.clone(),
                });
            }
        }
        let mut verifier = Self {
            tree: Frontier::new(),
            pending: None,
            broken: None,
            at: *b"0001-01-01T00:00:00Z",
            origin: None,
            checkpoints: checkpoints.into(),
            anchored: 0,
        };
        verifier.anchor()?;
        Ok(verifier)
    }

    /// Takes the next line, without its newline.
    ///
    /// # Errors
    /// [`VerifyError`] with the first leaf that is not what was logged; it may be the one
    /// before the line that shows it.
    pub fn line(&mut self, line: &[u8]) -> Result<Leaf, VerifyError> {
        self.hashed(line, leaf_hash(line))
    }

    /// Takes the next lines, which are hashed on every core, and gives each with its leaf. After
    /// an error nothing more should be asked for.
    pub fn lines<'v>(
        &'v mut self,
        lines: &'v [&'v [u8]],
    ) -> impl Iterator<Item = Result<(&'v [u8], Leaf), VerifyError>> {
        let hashed = lines.iter().zip(leaf_hashes(lines));
        hashed.map(|(line, hash)| Ok((*line, self.hashed(line, hash)?)))
    }

    /// Takes the next line and its hash.
    fn hashed(&mut self, line: &[u8], hash: Digest) -> Result<Leaf, VerifyError> {
        let seq = self.next();
        let frame = Line::parse(line);
        if let Some(broken) = self.broken {
            // Whether the second of the two is what it was says the record after it.
            let whole = frame.is_ok_and(|frame| *frame.prev == broken.second.hash.hex());
            return Err(broken.bad(whole));
        }
        let bad = |problem| VerifyError::BadLeaf { leaf: seq, problem };
        let frame = frame.map_err(|error| bad(LeafProblem::NoRecord(error.problem)))?;
        if frame.seq != seq {
            let found = frame.seq;
            return Err(bad(LeafProblem::Place { found }));
        }
        if *frame.at != self.at && frame.at().is_none() {
            return Err(bad(LeafProblem::Time));
        }
        let leaf = Leaf { seq, hash };
        match self.pending {
            None => self.first(line, &frame)?,
            Some(pending) if pending.hash.hex() == *frame.prev => {
                self.tree.append(pending.hash);
                self.anchor()?;
            }
            Some(first) => {
                self.broken = Some(Break {
                    first,
                    named: frame.prev().ok_or(bad(LeafProblem::Chain))?,
                    second: leaf,
                });
            }
        }
        // A time that was changed shows in the hash first, and then it is the other
        // leaf's.
        if self.broken.is_none() && *frame.at < self.at {
            return Err(bad(LeafProblem::TimeRanBack));
        }
        self.at = *frame.at;
        self.pending = Some(leaf);
        Ok(leaf)
    }

    /// Ends the log. `rest` is what was left after the last newline.
    ///
    /// # Errors
    /// [`VerifyError`] when the last leaves do not fit, or a checkpoint has more leaves.
    pub fn finish(mut self, rest: &[u8]) -> Result<Verified, VerifyError> {
        if !rest.is_empty() {
            let problem = LeafProblem::NoNewline;
            let leaf = self.next();
            return Err(VerifyError::BadLeaf { leaf, problem });
        }
        if let Some(broken) = self.broken {
            return Err(broken.bad(self.second_is_whole(&broken)));
        }
        if let Some(pending) = self.pending {
            self.tree.append(pending.hash);
            self.anchor()?;
        }
        if let Some(checkpoint) = self.checkpoints.front() {
            return Err(VerifyError::Truncated {
                size: self.tree.size(),
                checkpoint: checkpoint.size,
            });
        }
        Ok(Verified {
            origin: self.origin,
            size: self.tree.size(),
            root: self.tree.root(),
            anchored: self.anchored,
        })
    }

    /// The place of the next line.
    fn next(&self) -> u64 {
        let pending = u64::from(self.pending.is_some());
        let broken = u64::from(self.broken.is_some());
        self.tree
            .size()
            .saturating_add(pending)
            .saturating_add(broken)
    }

    /// The first record names the log.
    fn first(&mut self, line: &[u8], frame: &Line<'_>) -> Result<(), VerifyError> {
        let bad = |problem| VerifyError::BadLeaf { leaf: 0, problem };
        if frame.kind != GENESIS.as_bytes() || frame.prev() != Some(NO_PREVIOUS) {
            return Err(bad(LeafProblem::NoGenesis));
        }
        let record = Record::parse(line).map_err(|_| bad(LeafProblem::NoGenesis))?;
        let origin = record
            .body
            .get("origin")
            .and_then(|origin| origin.as_text());
        let origin = origin.and_then(|origin| KeyName::new(origin).ok());
        self.origin = Some(origin.ok_or(bad(LeafProblem::NoGenesis))?);
        Ok(())
    }

    /// Holds the tree against every checkpoint of its size, and the name of the log, once
    /// the record that names it is confirmed, against theirs.
    fn anchor(&mut self) -> Result<(), VerifyError> {
        let size = self.tree.size();
        if let (1, Some(origin), Some(next)) = (size, &self.origin, self.checkpoints.front())
            && next.origin != *origin
        {
            return Err(VerifyError::OtherLog {
                log: origin.to_string(),
                checkpoint: next.origin.clone(),
            });
        }
        while let Some(checkpoint) = self.checkpoints.pop_front_if(|next| next.size == size) {
            if checkpoint.root != self.tree.root() {
                return Err(VerifyError::Fork {
                    size,
                    after: self.anchored,
                });
            }
            self.anchored = size;
        }
        Ok(())
    }

    /// At the end of the log no record follows; a checkpoint may tell which of the two
    /// leaves is the changed one.
    fn second_is_whole(&self, broken: &Break) -> bool {
        let fits = |leaves: &[Digest]| {
            let mut tree = self.tree.clone();
            leaves.iter().for_each(|leaf| tree.append(*leaf));
            let mut checkpoints = self.checkpoints.iter();
            let same = checkpoints.find(|checkpoint| checkpoint.size == tree.size());
            same.map(|checkpoint| checkpoint.root == tree.root())
        };
        let one = fits(&[broken.named]);
        let both = fits(&[broken.named, broken.second.hash]);
        // Without a checkpoint the first is named: it is the first that does not fit.
        both.or(one).unwrap_or(true)
    }
}

impl Break {
    const fn bad(&self, second_is_whole: bool) -> VerifyError {
        VerifyError::BadLeaf {
            leaf: if second_is_whole {
                self.first.seq
            } else {
                self.second.seq
            },
            problem: LeafProblem::Chain,
        }
    }
}
