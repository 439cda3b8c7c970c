//! `redress release build` and `redress release show`.

use std::path::PathBuf;

use redress::Engine;
use redress_authoring::gate;
use redress_release::archive::Archive;
use redress_release::{Lock, SourceFolder, Verified};
use serde_json::json;

use super::args::{BuildArgs, Format, ShowArgs};
use super::files;
use crate::failure::{Exit, Failure};
use crate::term::{self, Tone};

/// Puts a release into one file.
pub(super) fn build(args: &BuildArgs) -> Result<Exit, Failure> {
    // What does not compile or whose cases cannot be read is no release to hand on.
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let release = engine.load(&args.folder).map_err(Failure::invalid)?;
    release.source().cases().map_err(Failure::invalid)?;
    let lock = Lock::find(&args.folder).map_err(Failure::invalid)?;
    let state = lock.as_ref().map(|lock| lock.verify(release.source()));
    if let Some(lock) = &lock {
        gate::unchanged_in(lock, release.source()).map_err(Failure::gate)?;
    }
    let archive = Archive::build(release.source()).map_err(Failure::invalid)?;
    // The folder may have changed since it was compiled; what is written is what was read.
    let again = SourceFolder::open(&args.folder).map_err(Failure::invalid)?;
    if again.digest() != release.source().digest() {
        return Err(Failure::invalid(anyhow::anyhow!(
            "{} changed while it was read",
            args.folder.display()
        )));
    }
    let path = args
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(archive.file_name()));
    files::write(&path, archive.bytes())?;
    if state != Some(Verified::Matches) {
        term::warn("the release is not in a LOCK yet; `redress lock` records its digest for ever");
    }
    term::print(&format!(
        "{}{}\n",
        about(&archive),
        written(&path, &archive)
    ))?;
    Ok(Exit::Ok)
}

fn written(path: &std::path::Path, archive: &Archive) -> String {
    let bytes = term::grouped(archive.bytes().len());
    format!(
        "{} {} ({bytes} bytes)",
        Tone::Good.paint("written"),
        path.display()
    )
}

/// What an archive is, in lines.
pub(super) fn about(archive: &Archive) -> String {
    let manifest = archive.source().manifest();
    let row = |name: &str, value: String| vec![Tone::Faint.paint(name), value];
    let id = format!("{} {}", manifest.name, manifest.version);
    term::columns(
        &[
            row("release", Tone::Strong.paint(&id)),
            row("incidents", manifest.effective.to_string()),
            row("review by", manifest.review_by.to_string()),
            row("digest", format!("sha256:{}", archive.source().digest())),
            row("archive", format!("sha256:{}", archive.digest())),
            row("files", archive.listing().files.len().to_string()),
        ],
        0,
    )
}

/// Shows an archive.
pub(super) fn show(args: &ShowArgs) -> Result<Exit, Failure> {
    let archive = files::archive(&args.archive)?;
    let path = files::envelope_path(args.envelope.as_ref(), &args.archive);
    let envelope = match args.envelope.is_some() || path.exists() {
        true => Some(files::envelope(&path)?),
        false => None,
    };
    let statement = envelope.as_ref().map(|envelope| envelope.statement());
    let statement = statement
        .transpose()
        .map_err(|error| Failure::invalid(error).at(path.display()))?;
    if args.format == Format::Json {
        let keys: Vec<_> = envelope.iter().flat_map(|e| e.key_ids()).collect();
        let shown = json!({
            "listing": archive.listing(),
            "archive_sha256": archive.digest(),
            "statement": statement,
            "signed_by": keys,
        });
        let mut text = serde_json::to_vec_pretty(&shown).map_err(Failure::internal)?;
        text.push(b'\n');
        term::put(&text)?;
        return Ok(Exit::Ok);
    }
    let mut text = about(&archive);
    let files: Vec<Vec<String>> = archive
        .listing()
        .files
        .iter()
        .map(|file| {
            let digest: String = file.sha256.to_string().chars().take(12).collect();
            let bytes = term::pad_left(&term::grouped(file.bytes), 9);
            vec![bytes, Tone::Faint.paint(&digest), file.path.clone()]
        })
        .collect();
    text.push('\n');
    text.push_str(&term::columns(&files, 0));
    if let (Some(statement), Some(envelope)) = (statement, envelope) {
        let keys: Vec<String> = envelope.key_ids().map(|key| key.short()).collect();
        let line = format!(
            "\nsigned as revision {} for incidents of {}, to be activated by {}\nby {} (`redress release verify` says whether they count)\n",
            statement.revision,
            statement.covers,
            statement.expires_on,
            keys.join(", ")
        );
        text.push_str(&line);
    }
    term::print(&text)?;
    Ok(Exit::Ok)
}
