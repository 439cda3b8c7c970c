//! Signed notes (C2SP `signed-note`): a text and the signatures of those who stand by it.

mod key;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use self::key::{BadKey, KeyId, KeyName, KeyProblem, SignerKey, VerifierKey};

/// The longest note in bytes: room for [`SIGNATURES_MAX`] signatures of any algorithm
/// assigned today.
pub const NOTE_BYTES_MAX: usize = 512 * 1024;

/// The most signatures that a note may have; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 64;

/// One signature below a note, checked or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: KeyName,
    /// The id of the key.
    pub id: KeyId,
    /// The signature itself, in the form of the key's algorithm.
    pub bytes: Vec<u8>,
}

/// A text with signatures, not yet checked.
///
/// The text means nothing before [`Note::open`] has found a signature of a known key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// What is wrong with the form of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteProblem {
    /// It is longer than [`NOTE_BYTES_MAX`].
    TooLong {
        /// How many bytes there are.
        used: usize,
    },
    /// It is not UTF-8.
    NotUtf8,
    /// It holds a control character other than the newline.
    Control,
    /// It does not end with a newline.
    NoNewline,
    /// No empty line parts the text from the signatures.
    NoSignatures,
    /// A line of a signature is not one.
    BadSignature,
    /// It has more than [`SIGNATURES_MAX`] signatures.
    TooManySignatures {
        /// How many there are.
        used: usize,
    },
}

impl NoteProblem {
    const fn words(self) -> &'static str {
        match self {
            Self::TooLong { .. } => "it is too long",
            Self::NotUtf8 => "it is not UTF-8",
            Self::Control => "it holds a control character",
            Self::NoNewline => "it does not end with a newline",
            Self::NoSignatures => "no empty line parts a text from its signatures",
            Self::BadSignature => "a line below the text is no signature",
            Self::TooManySignatures { .. } => "it has too many signatures",
        }
    }
}

/// Why a note cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not in the form of a note.
    #[error("this is no signed note: {}", problem.words())]
    Malformed {
        /// What is wrong with it.
        problem: NoteProblem,
    },
    /// No signature is from a key that is known here.
    #[error("none of the {signatures} signatures is from a known key")]
    UnknownKeys {
        /// How many there are.
        signatures: usize,
    },
    /// A signature that a known key should have made does not fit the text.
    #[error("the signature of {name} does not fit the text")]
    BadSignature {
        /// The name of the key.
        name: KeyName,
        /// The id of the key.
        id: KeyId,
    },
}

impl NoteError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "note_malformed",
            Self::UnknownKeys { .. } => "note_unknown_keys",
            Self::BadSignature { .. } => "note_bad_signature",
        }
    }
}

impl Note {
    /// A note without signatures: `text` must end with a newline.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] when the text cannot stand in a note.
    pub fn new(text: String) -> Result<Self, NoteError> {
        let malformed = |problem| Err(NoteError::Malformed { problem });
        if !text.ends_with('\n') {
            return malformed(NoteProblem::NoNewline);
        }
        if has_control(&text) {
            return malformed(NoteProblem::Control);
        }
        if text.len() > NOTE_BYTES_MAX {
            return malformed(NoteProblem::TooLong { used: text.len() });
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Adds the signature of a key, in the place of an older one of the same key.
    pub fn sign(&mut self, key: &SignerKey) {
        self.add(key.sign(&self.text));
    }

    /// Adds the cosignature of a witness at a time in seconds since 1970 (C2SP
    /// `tlog-cosignature`, version 1), in the place of an older one of the same key.
    pub fn cosign(&mut self, key: &SignerKey, time_seconds: u64) {
        self.add(key.cosign(&self.text, time_seconds));
    }

    /// Adds a signature made elsewhere.
    pub fn add(&mut self, signature: Signature) {
        let same = |own: &Signature| own.name == signature.name && own.id == signature.id;
        self.signatures.retain(|own| !same(own));
        self.signatures.push(signature);
    }

    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] for whatever the specification does not allow.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let malformed = |problem| NoteError::Malformed { problem };
        if bytes.len() > NOTE_BYTES_MAX {
            let used = bytes.len();
            return Err(malformed(NoteProblem::TooLong { used }));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| malformed(NoteProblem::NotUtf8))?;
        if has_control(note) {
            return Err(malformed(NoteProblem::Control));
        }
        if !note.ends_with('\n') {
            return Err(malformed(NoteProblem::NoNewline));
        }
        // The last empty line parts text and signatures; the text keeps its own newline.
        let parted = note
            .rfind("\n\n")
            .and_then(|at| note.split_at_checked(at + 1));
        let (text, below) = parted.ok_or_else(|| malformed(NoteProblem::NoSignatures))?;
        let below = below.strip_prefix('\n').unwrap_or_default();
        if below.is_empty() {
            return Err(malformed(NoteProblem::NoSignatures));
        }
        let used = below.bytes().filter(|byte| *byte == b'\n').count();
        if used > SIGNATURES_MAX {
            return Err(malformed(NoteProblem::TooManySignatures { used }));
        }
        let signatures = below
            .split_terminator('\n')
            .map(|line| Signature::parse(line).ok_or_else(|| malformed(NoteProblem::BadSignature)));
        Ok(Self {
            text: text.to_owned(),
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }

    /// The text, which nobody may have signed.
    #[must_use]
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// The signatures, checked or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Checks the note against the keys that are known here. Signatures of other keys
    /// are passed over, as the specification asks.
    ///
    /// # Errors
    /// [`NoteError::UnknownKeys`] when no key is known, and [`NoteError::BadSignature`]
    /// when a signature of a known key does not fit.
    pub fn open<'n, 'k>(&'n self, keys: &'k [VerifierKey]) -> Result<Opened<'n, 'k>, NoteError> {
        let mut signers = Vec::new();
        for signature in &self.signatures {
            let known =
                |key: &&VerifierKey| *key.name() == signature.name && key.id() == signature.id;
            let Some(key) = keys.iter().find(known) else {
                continue;
            };
            let time_seconds =
                key.verify(&self.text, &signature.bytes)
                    .map_err(|_| NoteError::BadSignature {
                        name: signature.name.clone(),
                        id: signature.id,
                    })?;
            if signers.iter().all(|signer: &Signer<'_>| signer.key != key) {
                signers.push(Signer { key, time_seconds });
            }
        }
        if signers.is_empty() {
            let signatures = self.signatures.len();
            return Err(NoteError::UnknownKeys { signatures });
        }
        Ok(Opened {
            text: &self.text,
            signers,
        })
    }
}

/// A note that at least one known key has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened<'n, 'k> {
    /// The text.
    pub text: &'n str,
    /// Whose signatures fit, each key once.
    pub signers: Vec<Signer<'k>>,
}

/// A known key whose signature fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer<'k> {
    /// The key.
    pub key: &'k VerifierKey,
    /// When a witness signed, in seconds since 1970; the signature of a log has no time.
    pub time_seconds: Option<u64>,
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}

impl Signature {
    /// Reads one line: an em dash, the name of the key, then key id and signature in
    /// Base64.
    fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        if bytes.is_empty() {
            return None;
        }
        Some(Self {
            name: KeyName::new(name).ok()?,
            id: KeyId(u32::from_be_bytes(*id)),
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.0.to_be_bytes().as_slice(), &self.bytes].concat();
        write!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl fmt::Display for Note {
    /// Writes the note as it is stored and sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            writeln!(f, "{signature}")?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        Self::parse(text.as_bytes())
    }
}
