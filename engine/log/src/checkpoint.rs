//! Checkpoints (C2SP `tlog-checkpoint`): the size and the root of a log, signed.

use std::fmt::Write as _;
use std::num::ParseIntError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redress_model::Digest;

use crate::note::{BadKey, KeyName, Note, NoteError, SignerKey, VerifierKey};

/// The most lines that a checkpoint may have after the three that it must have.
pub const EXTENSION_LINES_MAX: usize = 16;

/// How large a log was and what its root was, in the name of its origin.
///
/// The origin is the name of the key that signs: one name for a log and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: KeyName,
    /// How many leaves it had.
    pub size: u64,
    /// The root of its tree.
    pub root: Digest,
}

/// Why a text is not the body of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it is malformed or is signed by nobody who is known.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The first line is no origin that Redress gives a log.
    #[error("the origin of the checkpoint is no name of a log: {0}")]
    Origin(#[from] BadKey),
    /// The second line is no size.
    #[error("the size of the checkpoint is no number without leading zeros")]
    Size,
    /// The third line is no root.
    #[error("the root of the checkpoint is no SHA-256 hash in Base64")]
    Root,
    /// There are fewer than three lines, an empty one, or too many.
    #[error("a checkpoint has three lines, and at most {EXTENSION_LINES_MAX} more, none empty")]
    Lines,
    /// No signature is from the log itself, or from another log.
    #[error("the checkpoint of {origin} is not signed by the log, only by {signers}")]
    NotByLog {
        /// The log that it is said to be of.
        origin: KeyName,
        /// Whose signatures fit.
        signers: String,
    },
}

impl CheckpointError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Note(error) => error.code(),
            Self::Origin(_) => "checkpoint_origin",
            Self::Size => "checkpoint_size",
            Self::Root => "checkpoint_root",
            Self::Lines => "checkpoint_lines",
            Self::NotByLog { .. } => "checkpoint_not_by_log",
        }
    }
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn body(&self) -> String {
        let mut body = String::new();
        let root = STANDARD.encode(self.root.bytes());
        // Writing into a text does not fail.
        let _ = write!(body, "{}\n{}\n{root}\n", self.origin, self.size);
        body
    }

    /// The checkpoint as a note signed by its log; witnesses may add their signatures.
    ///
    /// # Errors
    /// None in practice: a body is always the text of a note.
    pub fn sign(&self, key: &SignerKey) -> Result<Note, NoteError> {
        let mut note = Note::new(self.body())?;
        note.sign(key);
        Ok(note)
    }

    /// Reads a body. Lines after the third are opaque and not kept.
    ///
    /// # Errors
    /// [`CheckpointError`] for whatever the specification does not allow.
    pub fn parse_body(body: &str) -> Result<Self, CheckpointError> {
        let lines = body.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let mut lines = lines.split('\n');
        let mut next = || {
            let line = lines.next().filter(|line| !line.is_empty());
            line.ok_or(CheckpointError::Lines)
        };
        let (origin, size, root) = (next()?, next()?, next()?);
        let more: Vec<&str> = lines.collect();
        if more.len() > EXTENSION_LINES_MAX || more.iter().any(|line| line.is_empty()) {
            return Err(CheckpointError::Lines);
        }
        let number: Result<u64, ParseIntError> = size.parse();
        let number = number.map_err(|_| CheckpointError::Size)?;
        if number.to_string() != size {
            return Err(CheckpointError::Size);
        }
        let root = STANDARD.decode(root).ok();
        let root: Option<[u8; 32]> = root.and_then(|root| root.try_into().ok());
        Ok(Self {
            origin: KeyName::new(origin)?,
            size: number,
            root: Digest::from_bytes(root.ok_or(CheckpointError::Root)?),
        })
    }

    /// Checks a signed checkpoint: a known key that has the name of its origin must have
    /// signed it; witnesses alone do not speak for a log.
    ///
    /// # Errors
    /// [`CheckpointError`] when it is malformed or not signed so.
    pub fn open(note: &Note, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let opened = note.open(keys)?;
        let checkpoint = Self::parse_body(opened.text)?;
        let by_log = |key: &VerifierKey| !key.is_witness() && *key.name() == checkpoint.origin;
        if !opened.signers.iter().any(|signer| by_log(signer.key)) {
            let names = opened
                .signers
                .iter()
                .map(|signer| signer.key.name().as_str());
            return Err(CheckpointError::NotByLog {
                origin: checkpoint.origin,
                signers: names.collect::<Vec<_>>().join(", "),
            });
        }
        Ok(checkpoint)
    }

    /// Reads and checks a signed checkpoint.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn read(bytes: &[u8], keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        Self::open(&Note::parse(bytes)?, keys)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signer(name: &str) -> SignerKey {
        SignerKey::from_seed(KeyName::new(name).unwrap(), &[9; 32])
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: KeyName::new("example.com/behind-the-sofa").unwrap(),
            size: 20_852_163,
            root: Digest::from_bytes([7; 32]),
        }
    }

    /// The body in the specification's example.
    #[test]
    fn the_example_of_the_specification_reads_and_writes_back() {
        let body =
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let read = Checkpoint::parse_body(body).unwrap();
        assert_eq!(read.size, 20_852_163);
        assert_eq!(read.body(), body);
        let extended = Checkpoint::parse_body(&format!("{body}extension\n")).unwrap();
        assert_eq!(extended, read);
    }

    #[test]
    fn a_signed_checkpoint_opens_with_the_key_of_its_log() {
        let log = signer("example.com/behind-the-sofa");
        let mut note = checkpoint().sign(&log).unwrap();
        note.cosign(&signer("witness.example"), 1);
        let text = note.to_string();
        let keys = [log.verifier(), signer("witness.example").witness()];
        assert_eq!(Checkpoint::read(text.as_bytes(), &keys), Ok(checkpoint()));
        let error = Checkpoint::read(text.as_bytes(), &keys[1..]).unwrap_err();
        assert_eq!(error.code(), "checkpoint_not_by_log");
        assert!(error.to_string().contains("witness.example"), "{error}");
        let other = [signer("other.example").verifier()];
        let error = Checkpoint::read(text.as_bytes(), &other).unwrap_err();
        assert_eq!(error.code(), "note_unknown_keys");
    }

    #[test]
    fn the_head_of_a_log_is_signed_and_read() {
        let (head, _) = crate::fixture::log(9);
        let log = crate::fixture::signer();
        let checkpoint = head.checkpoint(&crate::fixture::origin());
        let note = checkpoint.sign(&log).unwrap();
        let read = Checkpoint::read(note.to_string().as_bytes(), &[log.verifier()]);
        assert_eq!(read, Ok(checkpoint));
    }

    /// A key speaks for the log of its own name and for no other.
    #[test]
    fn a_checkpoint_of_another_log_does_not_open() {
        let log = signer("other.example");
        let note = checkpoint().sign(&log).unwrap();
        let error = Checkpoint::open(&note, &[log.verifier()]).unwrap_err();
        assert_eq!(error.code(), "checkpoint_not_by_log");
    }

    #[test]
    fn what_is_no_checkpoint_says_why() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        for (body, code) in [
            (String::new(), "checkpoint_lines"),
            ("a\n1\n".to_owned(), "checkpoint_lines"),
            (format!("a\n1\n{root}"), "checkpoint_lines"),
            (format!("\n1\n{root}\n"), "checkpoint_lines"),
            (format!("a\n1\n{root}\n\nmore\n"), "checkpoint_lines"),
            (
                format!("a\n1\n{root}\n{}", "x\n".repeat(17)),
                "checkpoint_lines",
            ),
            (format!("a b\n1\n{root}\n"), "checkpoint_origin"),
            (format!("a\n01\n{root}\n"), "checkpoint_size"),
            (format!("a\n+1\n{root}\n"), "checkpoint_size"),
            (format!("a\n-1\n{root}\n"), "checkpoint_size"),
            (
                format!("a\n18446744073709551616\n{root}\n"),
                "checkpoint_size",
            ),
            (format!("a\n1\n{}\n", &root[4..]), "checkpoint_root"),
            (format!("a\n1\n {root}\n"), "checkpoint_root"),
            (
                format!("a\n1\n{}\n", root.replace("2I=", "2J=")),
                "checkpoint_root",
            ),
        ] {
            let error = Checkpoint::parse_body(&body).unwrap_err();
            assert_eq!(error.code(), code, "{body:?}");
        }
        let zero = format!("a\n0\n{root}\n");
        assert_eq!(Checkpoint::parse_body(&zero).unwrap().size, 0);
    }

    proptest! {
        #[test]
        fn every_checkpoint_reads_back(size: u64, root: [u8; 32]) {
            let checkpoint = Checkpoint { size, root: Digest::from_bytes(root), ..checkpoint() };
            prop_assert_eq!(Checkpoint::parse_body(&checkpoint.body()), Ok(checkpoint));
        }

        #[test]
        fn the_reader_never_panics(body in "[a-z \n+0-9=/]{0,80}") {
            if let Ok(checkpoint) = Checkpoint::parse_body(&body) {
                prop_assert!(body.starts_with(&checkpoint.body()));
            }
        }
    }
}
