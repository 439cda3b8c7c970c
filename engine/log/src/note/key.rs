//! The keys of notes, in the texts that C2SP and Go's `sumdb/note` write them in.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

use crate::seal::Seed;

use super::Signature;

/// Ed25519 over the text of a note.
const ED25519: u8 = 0x01;
/// Ed25519 of a witness over a time and the text (C2SP `tlog-cosignature`, version 1).
const COSIGNATURE: u8 = 0x04;

/// What is wrong with the text of a key. The text itself is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProblem {
    /// The name is empty, too long, or holds a space, a plus or a control character.
    Name,
    /// It is not in the form of such a key.
    Form,
    /// The id does not belong to this name and key.
    Id,
    /// The algorithm is none that is known here.
    Algorithm,
    /// The bytes are no point of the curve.
    Point,
}

impl KeyProblem {
    const fn words(self) -> &'static str {
        match self {
            Self::Name => {
                "a name has 1 to 255 bytes without spaces, plus signs and control characters"
            }
            Self::Form => "it is not in the form name+id+key",
            Self::Id => "its id does not belong to its name and key",
            Self::Algorithm => "its algorithm is not known",
            Self::Point => "it is no point of the curve",
        }
    }
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no key: {}", problem.words())]
pub struct BadKey {
    /// What is wrong.
    pub problem: KeyProblem,
}

impl BadKey {
    const fn of(problem: KeyProblem) -> Self {
        Self { problem }
    }

    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad_key"
    }
}

/// The name of a key, most often a URL without its scheme, such as `example.com/log`.
///
/// 1 to 255 bytes without Unicode white space, plus signs and control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(SmolStr);

impl KeyName {
    /// Checks and keeps a name.
    ///
    /// # Errors
    /// [`BadKey`] when the text is no name.
    pub fn new(text: &str) -> Result<Self, BadKey> {
        let allowed = |char: char| !char.is_whitespace() && !char.is_control() && char != '+';
        if text.is_empty() || text.len() > 255 || !text.chars().all(allowed) {
            return Err(BadKey::of(KeyProblem::Name));
        }
        Ok(Self(SmolStr::new(text)))
    }

    /// A name for a log that nobody named: no other log has it, and no host can.
    #[must_use]
    pub fn unnamed(seed: Seed) -> Self {
        Self(format!("unnamed.invalid/{}", seed.salt(0)).into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first four bytes of the digest of name, algorithm and key: it finds a key and
/// proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

impl KeyId {
    fn of(name: &KeyName, algorithm: u8, public: &[u8; 32]) -> Self {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(name.as_str())
            .chain_update([b'\n', algorithm])
            .chain_update(public)
            .finalize()
            .into();
        let [a, b, c, d, ..] = hash;
        Self(u32::from_be_bytes([a, b, c, d]))
    }

    fn parse(text: &str) -> Option<Self> {
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 8 || !text.bytes().all(lower) {
            return None;
        }
        u32::from_str_radix(text, 16).ok().map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Name, id and the algorithm's byte with the key, out of `name+id+base64`.
fn parts(text: &str) -> Option<(KeyName, KeyId, u8, [u8; 32])> {
    let mut parts = text.split('+');
    let (name, id) = (parts.next()?, parts.next()?);
    // Base64 itself may hold plus signs.
    let start = name.len().checked_add(id.len())?.checked_add(2)?;
    let key = STANDARD.decode(text.get(start..)?).ok()?;
    let (algorithm, key) = key.split_first()?;
    let key = key.try_into().ok()?;
    Some((KeyName::new(name).ok()?, KeyId::parse(id)?, *algorithm, key))
}

/// A signature does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit;

/// A public key with its name: `name+id+key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    algorithm: u8,
    key: VerifyingKey,
}

impl VerifierKey {
    /// The name of the key.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of the key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether this is the key of a witness, whose signatures carry a time.
    #[must_use]
    pub const fn is_witness(&self) -> bool {
        self.algorithm == COSIGNATURE
    }

    /// Checks a signature and gives its time, if it carries one.
    pub(super) fn verify(&self, text: &str, signature: &[u8]) -> Result<Option<u64>, Unfit> {
        if self.is_witness() {
            let (time, signature) = signature.split_first_chunk::<8>().ok_or(Unfit)?;
            let time_seconds = u64::from_be_bytes(*time);
            // A time beyond this is not one that the specification allows.
            i64::try_from(time_seconds).map_err(|_| Unfit)?;
            let message = cosigned(text, time_seconds);
            self.fits(message.as_bytes(), signature)?;
            Ok(Some(time_seconds))
        } else {
            self.fits(text.as_bytes(), signature)?;
            Ok(None)
        }
    }

    fn fits(&self, message: &[u8], signature: &[u8]) -> Result<(), Unfit> {
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| Unfit)?;
        let fits = self.key.verify_strict(message, &signature);
        fits.map_err(|_| Unfit)
    }
}

/// What a witness signs.
fn cosigned(text: &str, time_seconds: u64) -> String {
    format!("cosignature/v1\ntime {time_seconds}\n{text}")
}

impl FromStr for VerifierKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let form = BadKey::of(KeyProblem::Form);
        let (name, id, algorithm, bytes) = parts(text).ok_or(form)?;
        if !matches!(algorithm, ED25519 | COSIGNATURE) {
            return Err(BadKey::of(KeyProblem::Algorithm));
        }
        if KeyId::of(&name, algorithm, &bytes) != id {
            return Err(BadKey::of(KeyProblem::Id));
        }
        let key = VerifyingKey::from_bytes(&bytes);
        let key = key.map_err(|_| BadKey::of(KeyProblem::Point))?;
        if key.is_weak() {
            return Err(BadKey::of(KeyProblem::Point));
        }
        Ok(Self {
            name,
            id,
            algorithm,
            key,
        })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.algorithm], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, STANDARD.encode(bytes))
    }
}

/// A private key with its name: `PRIVATE+KEY+name+id+key`. It is wiped from memory when
/// it is dropped, and no error and no debug output shows it.
pub struct SignerKey {
    name: KeyName,
    key: SigningKey,
}

impl SignerKey {
    /// The key that grows out of 32 fresh random bytes.
    #[must_use]
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        Self {
            name,
            key: SigningKey::from_bytes(seed),
        }
    }

    /// The name of the key.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The public key of a log, by which others check its notes.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        self.verifier_for(ED25519)
    }

    /// The public key of a witness, by which others check its cosignatures.
    #[must_use]
    pub fn witness(&self) -> VerifierKey {
        self.verifier_for(COSIGNATURE)
    }

    fn verifier_for(&self, algorithm: u8) -> VerifierKey {
        let key = self.key.verifying_key();
        VerifierKey {
            name: self.name.clone(),
            id: KeyId::of(&self.name, algorithm, key.as_bytes()),
            algorithm,
            key,
        }
    }

    pub(super) fn sign(&self, text: &str) -> Signature {
        Signature {
            name: self.name.clone(),
            id: self.verifier().id,
            bytes: self.key.sign(text.as_bytes()).to_bytes().to_vec(),
        }
    }

    pub(super) fn cosign(&self, text: &str, time_seconds: u64) -> Signature {
        let message = cosigned(text, time_seconds);
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        Signature {
            name: self.name.clone(),
            id: self.witness().id,
            bytes: [time_seconds.to_be_bytes().as_slice(), &signature].concat(),
        }
    }

    /// The key as text, to be written where only its owner can read.
    #[must_use]
    pub fn to_private_text(&self) -> String {
        let bytes = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        let (name, id) = (&self.name, self.verifier().id);
        format!("PRIVATE+KEY+{name}+{id}+{}", STANDARD.encode(bytes))
    }
}

impl FromStr for SignerKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let form = BadKey::of(KeyProblem::Form);
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(form)?;
        let (name, id, algorithm, seed) = parts(rest).ok_or(form)?;
        if algorithm != ED25519 {
            return Err(BadKey::of(KeyProblem::Algorithm));
        }
        let key = Self::from_seed(name, &seed);
        if key.verifier().id != id {
            return Err(BadKey::of(KeyProblem::Id));
        }
        Ok(key)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = self.verifier();
        f.debug_struct("SignerKey")
            .field("public", &public.to_string())
            .finish_non_exhaustive()
    }
}
