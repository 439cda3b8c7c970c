//! Checking a pack.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redress::replay::Replayer;
use redress::{Engine, EngineLimits};
use redress_log::note::VerifierKey;
use redress_log::receipt::{Proven, Receipt};
use redress_log::replay::{self, NotReplayable, Outcome};
use redress_log::seal::{SealedClass, Subject, classes};
use redress_model::{ClaimantId, Date, Digest, Schema};
use redress_release::archive::Archive;
use redress_release::signing::{self, Covers, Envelope, Trust, Verified};

use super::error::EvidenceError;
use super::sealed::{Sealed, sealed};
use super::{Again, CLOSED, FORMAT, Pack, Proofs, THEMES_TEXT};

/// The most bytes of a pack: the largest archive in Base64, a receipt, and room for texts.
pub const PACK_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Whether the release must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signatures {
    /// A pack of an unsigned release is refused.
    Required,
    /// It was asked for by name that an unsigned one is let pass.
    Waived,
}

/// What the checker does not take from the pack.
#[derive(Debug, Clone, Copy)]
pub struct Doubts<'a> {
    /// The public keys of the log, as the checker knows them; none to take the pack's.
    pub keys: Option<&'a [VerifierKey]>,
    /// The trust file, as the checker knows it; none to take the pack's.
    pub trust: Option<&'a Trust>,
    /// Whether the release must be signed.
    pub signatures: Signatures,
}

/// What a pack has proved.
#[derive(Debug)]
pub struct Checked {
    /// The record, the checkpoint and what may be read.
    pub proven: Proven,
    /// The release that decided.
    pub archive: Archive,
    /// Who signed it for which incident dates; nothing if that was waived.
    pub signed: Option<(Covers, Verified)>,
    /// The digest of the log's keys in the pack.
    pub log_keys_sha256: Digest,
    /// What was proved of the release, by the packer's word.
    pub proofs: Option<Proofs>,
    /// What the pack opens and keeps closed, by class.
    pub values: Vec<Sealed>,
    /// How the decision came out when it was made again here.
    pub made_again: Again,
    /// How it came out for the packer, who had every opening; that is their word alone.
    pub packer_made_again: Again,
}

fn malformed(problem: &dyn ToString) -> EvidenceError {
    EvidenceError::Malformed {
        problem: problem.to_string(),
    }
}

/// Reads exactly what is written: no other member, order or space.
fn read(bytes: &[u8]) -> Result<Pack, EvidenceError> {
    if bytes.len() > PACK_BYTES_MAX {
        let limit = PACK_BYTES_MAX;
        return Err(EvidenceError::TooLarge { limit });
    }
    let pack: Pack = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    if pack.format != FORMAT {
        return Err(malformed(&"its format is not known"));
    }
    if pack.themes != THEMES_TEXT {
        return Err(malformed(&"its themes are not those of this version"));
    }
    if pack.to_bytes().map_err(|error| malformed(&error))? != bytes {
        return Err(malformed(&"it is not what packing its own parts gives"));
    }
    Ok(pack)
}

/// Checks every part of a pack, and makes the decision again if its values are there.
///
/// # Errors
/// [`EvidenceError`] with the first thing that does not hold.
pub fn verify(bytes: &[u8], doubts: &Doubts<'_>) -> Result<Checked, EvidenceError> {
    let pack = read(bytes)?;
    let keys = pack.log_keys.lines().map(str::parse);
    let own_keys: Vec<VerifierKey> = keys.collect::<Result<_, _>>()?;
    let receipt = Receipt::parse(pack.receipt.as_bytes())?;
    if receipt.to_json() != pack.receipt.as_bytes() {
        return Err(malformed(&"its receipt is not written in canonical form"));
    }
    let proven = receipt.verify(doubts.keys.unwrap_or(&own_keys))?;
    let archive = STANDARD.decode(&pack.archive);
    let archive = archive.map_err(|error| malformed(&error))?;
    let archive = Archive::read(archive).map_err(EvidenceError::Archive)?;
    decided(&proven, &archive)?;
    let signed = signed(&pack, doubts, &proven, &archive)?;
    let release = Engine::new(EngineLimits::STANDARD).compile(archive.source().clone())?;
    let replayer = Replayer::new([release]);
    let outcome = replay::check(&proven.record, &proven.openings, &replayer);
    let made_again = match outcome {
        // Whether the packer or an erasure closed them cannot be told from here.
        Outcome::NotReplayable(NotReplayable::OpeningsMissing { .. }) => Again::NotReplayable {
            reason: CLOSED.to_owned(),
        },
        outcome => Again::from(outcome),
    };
    if let Again::Different { pointer } = made_again {
        return Err(EvidenceError::Different { pointer });
    }
    about_the_claimant(&proven, archive.source().schema())?;
    hold(&pack, &proven, &archive, &made_again)?;
    Ok(Checked {
        log_keys_sha256: Digest::of(pack.log_keys.as_bytes()),
        values: pack.values,
        packer_made_again: pack.made_again,
        proofs: pack.proofs,
        proven,
        archive,
        signed,
        made_again,
    })
}

/// The release in the pack must be the one that the record names.
fn decided(proven: &Proven, archive: &Archive) -> Result<(), EvidenceError> {
    let release = proven.record.body.get("release");
    let recorded = release.and_then(|release| release.get("digest")?.as_text());
    let found = archive.source().digest();
    if recorded.is_some_and(|recorded| recorded == found.to_string()) {
        return Ok(());
    }
    Err(EvidenceError::OtherRelease {
        recorded: recorded.unwrap_or("none").to_owned(),
        found,
    })
}

/// Signatures count as of the day of the decision, and for the day of the incident.
fn signed(
    pack: &Pack,
    doubts: &Doubts<'_>,
    proven: &Proven,
    archive: &Archive,
) -> Result<Option<(Covers, Verified)>, EvidenceError> {
    let Some(signatures) = &pack.signatures else {
        return match doubts.signatures {
            Signatures::Required => Err(EvidenceError::Unsigned),
            Signatures::Waived => Ok(None),
        };
    };
    let envelope = Envelope::parse(signatures.envelope.as_bytes())?;
    let own = Trust::parse(&signatures.trust)?;
    let trust = doubts.trust.unwrap_or(&own);
    let on = proven.record.at.date_at(0);
    let on = on.ok_or_else(|| malformed(&"its moment has no day"))?;
    let (statement, verified) = signing::verify(archive, &envelope, trust, on)?;
    let case = proven.record.body.get("case");
    let incident = case.and_then(|case| case.get("incident_date")?.as_text());
    let day: Option<Date> = incident.and_then(|day| day.parse().ok());
    let covers = statement.covers;
    if !day.is_some_and(|day| covers.covers(day)) {
        return Err(EvidenceError::NotCovered {
            covers: covers.to_string(),
            incident: incident.unwrap_or("an unknown day").to_owned(),
        });
    }
    Ok(Some((covers, verified)))
}

/// Openings are of what the record holds about the claimant, and name the claimant only if
/// their id is opened: whom an opening is about is in no commitment, so that it could
/// otherwise be anybody, or tell what was to stay closed.
fn about_the_claimant(proven: &Proven, schema: &Schema) -> Result<(), EvidenceError> {
    let classes = classes(&proven.record.body, schema);
    for opening in proven.openings.iter() {
        match classes.get(&opening.commitment) {
            Some(SealedClass::Others) => {
                return Err(malformed(&"it opens what is about somebody else"));
            }
            Some(_) => {}
            None => return Err(malformed(&"it opens what the record does not hold")),
        }
    }
    let mut body = proven.record.body.clone();
    proven.openings.open(&mut body);
    let claimant = body.get("case").and_then(|case| case.get("claimant"));
    let id = claimant.and_then(|claimant| claimant.get("id")?.as_text());
    let subject = match id.map(ClaimantId::new) {
        Some(Ok(id)) => Subject::claimant(&id),
        Some(Err(_)) | None => Subject::nobody(),
    };
    match proven.openings.iter().find(|own| own.subject != subject) {
        Some(other) => Err(EvidenceError::Claim {
            what: "whom a value is about",
            said: other.subject.as_str().to_owned(),
            found: subject.as_str().to_owned(),
        }),
        None => Ok(()),
    }
}

/// Counts of values for an error.
fn told(values: &[Sealed]) -> String {
    let told = values.iter().map(|it| {
        let name = it.class.name();
        format!("{name}: {} open, {} closed", it.open, it.closed)
    });
    let told: Vec<String> = told.collect();
    told.join("; ")
}

/// What the pack says of itself must be so.
fn hold(
    pack: &Pack,
    proven: &Proven,
    archive: &Archive,
    made_again: &Again,
) -> Result<(), EvidenceError> {
    let schema = archive.source().schema();
    let values = sealed(&proven.record.body, proven.openings.iter(), schema);
    let shown = [
        (
            "the decision",
            pack.decision.to_string(),
            proven.record.seq.to_string(),
        ),
        (
            "the archive",
            pack.archive_sha256.to_string(),
            archive.digest().to_string(),
        ),
        ("what is opened", told(&pack.values), told(&values)),
    ];
    for (what, said, found) in shown {
        if said != found {
            return Err(EvidenceError::Claim { what, said, found });
        }
    }
    // The packer may have made it again where the checker cannot, never the other way round.
    if *made_again == Again::Same && pack.made_again != Again::Same {
        return Err(EvidenceError::Claim {
            what: "the decision made again",
            said: format!("{:?}", pack.made_again),
            found: format!("{made_again:?}"),
        });
    }
    Ok(())
}
