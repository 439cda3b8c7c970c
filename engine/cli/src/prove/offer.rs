//! Counterexamples as case files, for an author to keep.

use std::fs;
use std::path::{Path, PathBuf};

use redress::{AdmitErrors, Release, Standing, Timestamp};
use redress_authoring::casefile::CaseText;
use serde_json::Value;

use super::Row;
use crate::failure::Failure;
use crate::input;

/// Why a counterexample is no case file.
#[derive(Debug, thiserror::Error)]
pub(super) enum OfferError {
    /// The release does not admit it.
    #[error("the release does not admit its own counterexample: {0}")]
    NotAdmitted(#[from] AdmitErrors),
    /// It is not an object.
    #[error("a counterexample is no object")]
    NoObject,
}

/// Writes the cases of every refuted property into a folder and gives the files. What each
/// expects is what is decided now: nobody has said yet that it is right.
pub(super) fn write(
    release: &Release,
    rows: &[Row],
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let own = folder.join(super::title(release).replace(['/', ' '], "_"));
    let mut written = Vec::new();
    let mut number = 0;
    for row in rows.iter().filter(|row| row.answer == "refuted") {
        for case in &row.cases {
            number += 1;
            let text = text(release, &row.property, case)?;
            fs::create_dir_all(&own)?;
            let file = own.join(format!("counterexample_{number}.toml"));
            fs::write(&file, text)?;
            written.push(file);
        }
    }
    Ok(written)
}

fn text(release: &Release, property: &str, case: &Value) -> Result<String, Failure> {
    let none = || Failure::internal(OfferError::NoObject);
    let mut case = case.as_object().cloned().ok_or_else(none)?;
    let from = release.source().manifest().effective.from;
    case.insert("incident_date".into(), from.to_string().into());
    let bytes = serde_json::to_vec(&case).map_err(Failure::internal)?;
    let admitted = release.admit(&bytes);
    let admitted = admitted.map_err(|error| Failure::internal(OfferError::from(error)))?;
    let as_of: Timestamp = format!("{from}T12:00:00Z")
        .parse()
        .map_err(Failure::internal)?;
    let (actor, standing) = (input::actor("role=agent")?, Standing::fresh());
    let decided = release.decide(&admitted, &actor, &standing, as_of);
    let text = CaseText {
        name: &format!("not: {property}"),
        case: &case,
        as_of,
        actor: &actor,
        standing: &standing,
    };
    Ok(text.with(&decided.decision))
}
