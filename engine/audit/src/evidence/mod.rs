//! The evidence pack: what was decided, on which facts, under which release and whose
//! signatures, and that the log holds it; one file that a third party checks alone.
//!
//! The pack is one object of JSON, written in one way. Its members are texts, and the
//! archive of the release in Base64, so there is no path that could lead outside, no link
//! and nothing to unpack. [`verify`] accepts exactly what [`Evidence::pack`] writes.
//!
//! Keys and trust inside a pack show that it fits together. Who doubts the packer gives
//! their own, and the digests of the pack's are told so that they can be compared.

mod error;
mod sealed;
mod verify;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redress_log::receipt::Receipt;
use redress_log::replay::Outcome;
use redress_model::Digest;
use redress_release::Archive;
use redress_release::signing::Envelope;
use serde::{Deserialize, Serialize};

pub use self::error::EvidenceError;
pub use self::sealed::Sealed;
use self::sealed::sealed;
pub use self::verify::{Checked, Doubts, PACK_BYTES_MAX, Signatures, verify};
use crate::review::Proved;

/// The name of this format.
const FORMAT: &str = "redress.evidence.v2";
/// Which parts help with which themes of ISO 10002 and of the FCA's rules on complaints:
/// a help for whoever answers for them, not a certificate.
pub const THEMES_TEXT: &str = include_str!("themes.md");

/// The reason why a decision is not made again from a pack that keeps values closed.
pub(crate) const CLOSED: &str = "closed";

/// How making the decision again came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result", deny_unknown_fields)]
pub enum Again {
    /// The same bytes.
    Same,
    /// It cannot be made again.
    NotReplayable {
        /// The code of the reason.
        reason: String,
    },
    /// It came out otherwise.
    Different {
        /// The first place that differs.
        pointer: String,
    },
}

impl From<Outcome> for Again {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Same => Self::Same,
            Outcome::Different { pointer, .. } => Self::Different { pointer },
            Outcome::NotReplayable(reason) => Self::NotReplayable {
                reason: reason.code().to_owned(),
            },
            Outcome::NoDecision => Self::NotReplayable {
                reason: "no_decision".to_owned(),
            },
        }
    }
}

/// What was proved of the release, as the packer found it: their word, which whoever checks
/// the pack can ask of the archive in it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proofs {
    /// The solver; without one, only what chance refutes is known.
    pub solver: Option<String>,
    /// How long it had for each property, in seconds.
    pub seconds: u64,
    /// What is taken for granted of the facts.
    pub assumes: Vec<String>,
    /// The answers, in order.
    pub properties: Vec<PackedProof>,
}

/// One property of the release with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedProof {
    /// What it says.
    pub says: String,
    /// `proved`, `refuted`, `unknown` or `bug`.
    pub answer: String,
    /// The facts of each case of a counterexample.
    pub cases: Vec<Vec<(String, String)>>,
}

impl From<&Proved> for Proofs {
    fn from(proved: &Proved) -> Self {
        let properties = proved.rows.iter().map(|row| PackedProof {
            says: row.says.clone(),
            answer: row.answer.to_owned(),
            cases: row.cases.clone(),
        });
        Self {
            solver: proved.solver.clone(),
            seconds: proved.seconds,
            assumes: proved.assumes.clone(),
            properties: properties.collect(),
        }
    }
}

impl Proofs {
    /// Holds these against what was found of the same release by somebody else, and says how
    /// many answers came out as they are packed. Those that the solver of one of the two left
    /// unknown are neither confirmed nor a reason to refuse.
    ///
    /// # Errors
    /// [`EvidenceError::Claim`] when other properties were asked, or one that is said to be
    /// proved is refuted, or the other way round.
    pub fn stand(&self, found: &Proved) -> Result<Stand, EvidenceError> {
        let said: Vec<&str> = self.properties.iter().map(|it| it.says.as_str()).collect();
        let asked: Vec<&str> = found.rows.iter().map(|it| it.says.as_str()).collect();
        if said != asked || self.assumes != found.assumes {
            return Err(EvidenceError::Claim {
                what: "the properties",
                said: said.join("; "),
                found: asked.join("; "),
            });
        }
        let mut stand = Stand::default();
        for (said, found) in self.properties.iter().zip(&found.rows) {
            if said.answer == found.answer && matches!(found.answer, "proved" | "refuted") {
                stand.confirmed = stand.confirmed.saturating_add(1);
                continue;
            }
            stand.open = stand.open.saturating_add(1);
            let parts = match found.answer {
                "refuted" | "bug" => said.answer == "proved",
                "proved" => said.answer == "refuted",
                _ => false,
            };
            if parts {
                return Err(EvidenceError::Claim {
                    what: "a proof",
                    said: format!("{}: {}", said.says, said.answer),
                    found: found.answer.to_owned(),
                });
            }
        }
        Ok(stand)
    }
}

/// What became of packed answers that were asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Stand {
    /// How many came out the same: proved or refuted both times.
    pub confirmed: u32,
    /// How many were left unknown by one of the two.
    pub open: u32,
}

/// A pack as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    format: String,
    /// The number of the decision.
    decision: u64,
    /// What it opens and what it keeps closed, by class.
    values: Vec<Sealed>,
    /// Made by the packer, who had every opening of the record.
    made_again: Again,
    /// The public keys of the log, one a line.
    log_keys: String,
    /// The record, the openings given, the inclusion proof and the checkpoint.
    receipt: String,
    /// SHA-256 of the archive.
    archive_sha256: Digest,
    /// The archive of the release that decided, in Base64.
    archive: String,
    /// Its signatures, and whose counted.
    signatures: Option<Signed>,
    /// What was proved of the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    proofs: Option<Proofs>,
    /// Which themes the parts help with.
    themes: String,
}

/// Signatures with the trust file that says whose count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    envelope: String,
    trust: String,
}

impl Pack {
    fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// What a pack is made of.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The number of the decision.
    pub decision: u64,
    /// The receipt, with the openings that the packer lets others read.
    pub receipt: &'a Receipt,
    /// The public keys of the log, one a line.
    pub log_keys: &'a str,
    /// The release that decided.
    pub archive: &'a Archive,
    /// Its signatures with the trust file that says whose count; without them the pack
    /// is one of an unsigned release.
    pub signed: Option<(&'a Envelope, &'a str)>,
    /// What was proved of the release, if anybody asked.
    pub proofs: Option<&'a Proofs>,
    /// How making the decision again came out here.
    pub made_again: &'a Again,
}

impl Evidence<'_> {
    /// The pack: the same bytes for the same parts.
    ///
    /// # Errors
    /// [`serde_json::Error`], which these types do not cause.
    pub fn pack(&self) -> Result<Vec<u8>, serde_json::Error> {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Pack {
            format: FORMAT.to_owned(),
            decision: self.decision,
            values: sealed(
                &self.receipt.record().body,
                self.receipt.openings().iter(),
                self.archive.source().schema(),
            ),
            made_again: self.made_again.clone(),
            log_keys: self.log_keys.to_owned(),
            receipt: text(self.receipt.to_json()),
            archive_sha256: self.archive.digest(),
            archive: STANDARD.encode(self.archive.bytes()),
            signatures: self.signed.map(|(envelope, trust)| Signed {
                envelope: text(envelope.to_json()),
                trust: trust.to_owned(),
            }),
            proofs: self.proofs.cloned(),
            themes: THEMES_TEXT.to_owned(),
        }
        .to_bytes()
    }
}
