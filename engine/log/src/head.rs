//! The head of a log: what a store keeps in one row to add the next record.

use redress_model::{Code, Digest, Timestamp};
use serde::Serialize;

use crate::canonical::CanonicalError;
use crate::checkpoint::Checkpoint;
use crate::merkle::{BadFrontier, Frontier, Node, leaf_hash};
use crate::note::KeyName;
use crate::record::{self, Draft, GENESIS, LINE_BYTES_MAX, NO_PREVIOUS};
use crate::seal::{Opening, Sealing, Seed};

/// The state of a log after its last record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    tree: Frontier,
    last: Digest,
    at: Timestamp,
}

/// A record with its place, to be stored in the transaction of whatever it records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its place, from 0; that of a decision is its id.
    pub seq: u64,
    /// The canonical bytes, without a newline.
    pub line: Vec<u8>,
    /// The hash of the leaf.
    pub leaf: Digest,
    /// The nodes of the tree that it completes, the leaf first: proofs are made of them.
    pub nodes: Vec<Node>,
    /// The openings of its commitments, to be stored where they can be erased.
    pub openings: Vec<Opening>,
}

/// Why a record cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The ledger's time would run backwards.
    #[error("a record at {at} cannot follow one at {last}")]
    TimeRanBack {
        /// The time of the last record.
        last: Timestamp,
        /// The time of the new one.
        at: Timestamp,
    },
    /// The record is longer than a reader takes.
    #[error("the record is {used} bytes long, and may be {limit}")]
    TooLong {
        /// The longest there may be.
        limit: usize,
        /// How long it is.
        used: usize,
    },
    /// The body has no canonical form.
    #[error(transparent)]
    Body(#[from] CanonicalError),
}

impl AppendError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimeRanBack { .. } => "log_time_ran_back",
            Self::TooLong { .. } => "record_too_long",
            Self::Body(error) => error.code(),
        }
    }
}

/// Why stored bytes are not the head of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHead {
    /// They are too short, or hold no time.
    #[error("the stored head of the log does not read back")]
    Malformed,
    /// The state of the tree does not read back.
    #[error(transparent)]
    Frontier(#[from] BadFrontier),
}

impl BadHead {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "bad_head",
            Self::Frontier(error) => error.code(),
        }
    }
}

/// The body of the first record.
#[derive(Serialize)]
struct Genesis<'g> {
    hash: &'static str,
    origin: &'g str,
    tree: &'static str,
}

impl Head {
    /// Begins a log: its first record names it, so that no checkpoint of another log fits.
    ///
    /// # Errors
    /// None in practice: the body of the first record is always writable.
    pub fn begin(
        origin: &KeyName,
        at: Timestamp,
        seed: Seed,
    ) -> Result<(Self, Appended), AppendError> {
        let mut head = Self {
            tree: Frontier::new(),
            last: NO_PREVIOUS,
            at,
        };
        let body = Genesis {
            hash: "sha-256",
            origin: origin.as_str(),
            tree: "rfc6962",
        };
        let kind = Code::engine(GENESIS);
        let draft = Draft::act(kind, &body, &Sealing::of_acts(), None, seed)?;
        let first = head.append(draft, at)?;
        Ok((head, first))
    }

    /// Gives a record its place. Nothing changes when it cannot be added.
    ///
    /// # Errors
    /// [`AppendError`] when time would run backwards or the record is too long.
    pub fn append(&mut self, draft: Draft, at: Timestamp) -> Result<Appended, AppendError> {
        if at < self.at {
            return Err(AppendError::TimeRanBack { last: self.at, at });
        }
        let seq = self.size();
        let Draft {
            kind,
            body,
            nonce,
            openings,
        } = draft;
        let line = record::write(at, &body, &kind, nonce, &self.last, seq);
        if line.len() > LINE_BYTES_MAX {
            return Err(AppendError::TooLong {
                limit: LINE_BYTES_MAX,
                used: line.len(),
            });
        }
        let leaf = leaf_hash(&line);
        let mut nodes = Vec::new();
        self.tree.append_nodes(leaf, |node| nodes.push(node));
        self.last = leaf;
        self.at = at;
        Ok(Appended {
            seq,
            line,
            leaf,
            nodes,
            openings,
        })
    }

    /// How many records there are; the next one has this place.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The time of the last record.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What a checkpoint of this moment says.
    #[must_use]
    pub fn checkpoint(&self, origin: &KeyName) -> Checkpoint {
        Checkpoint {
            origin: origin.clone(),
            size: self.size(),
            root: self.tree.root(),
        }
    }

    /// The state as bytes: time, hash of the last leaf, state of the tree.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.at.seconds().to_be_bytes().to_vec();
        bytes.extend(self.last.bytes());
        bytes.extend(self.tree.to_bytes());
        bytes
    }

    /// Reads what [`Head::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`BadHead`] when the bytes are something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadHead> {
        let (at, rest) = bytes.split_first_chunk().ok_or(BadHead::Malformed)?;
        let (last, tree) = rest.split_first_chunk().ok_or(BadHead::Malformed)?;
        let at = Timestamp::from_seconds(i64::from_be_bytes(*at)).ok_or(BadHead::Malformed)?;
        Ok(Self {
            tree: Frontier::from_bytes(tree)?,
            last: Digest::from_bytes(*last),
            at,
        })
    }
}
