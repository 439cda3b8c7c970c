//! `redress lock`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use redress::{Engine, Release};
use redress_authoring::{gate, mistakes};
use redress_release::{Lock, ReleaseErrors, Verified};

use crate::args::LockArgs;
use crate::failure::{Exit, Failure};
use crate::layout::Layout;
use crate::term::{self, Tone};

/// A lock with the releases that go into it.
struct Entries {
    lock: Lock,
    releases: Vec<Release>,
}

/// Runs `redress lock`.
pub(crate) fn run(args: &LockArgs) -> Result<Exit, Failure> {
    let layout = Layout::of(&args.path)?;
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    // Whatever is not valid or was changed stops all of it before a line is written.
    let mut locks: BTreeMap<PathBuf, Entries> = BTreeMap::new();
    for folder in layout.releases() {
        let release = loadable(&engine, folder)?;
        let lock = Lock::of(release.source()).map_err(Failure::invalid)?;
        gate::unchanged_in(&lock, release.source()).map_err(Failure::gate)?;
        let entries = locks.entry(lock.path()).or_insert_with(|| Entries {
            lock,
            releases: Vec::new(),
        });
        entries.releases.push(release);
    }
    let errors = layout.versions().errors();
    if !errors.0.is_empty() {
        return Err(Failure::invalid(errors));
    }
    for (path, entries) in locks {
        term::print(&write(&path, entries)?)?;
    }
    Ok(Exit::Ok)
}

fn loadable(engine: &Engine, folder: &Path) -> Result<Release, Failure> {
    let release = engine.load(folder).map_err(Failure::invalid)?;
    let mistakes = mistakes::of(release.source());
    if !mistakes.is_empty() {
        return Err(Failure::invalid(ReleaseErrors(mistakes)));
    }
    Ok(release)
}

/// Writes what is new into the lock and says what stands in it.
fn write(path: &Path, mut entries: Entries) -> Result<String, Failure> {
    let mut rows = Vec::new();
    let (mut new, mut before) = (0_usize, 0_usize);
    for release in &entries.releases {
        let source = release.source();
        let state = if entries.lock.verify(source) == Verified::Matches {
            before += 1;
            Tone::Faint.paint("already")
        } else {
            entries.lock.add(source).map_err(Failure::gate)?;
            new += 1;
            Tone::Good.paint("locked")
        };
        let id = release.id();
        let name = format!("{} {}", id.name, id.version);
        rows.push(vec![state, name, format!("sha256:{}", id.digest)]);
    }
    let mut text = term::columns(&rows, 0);
    let sum = match (new, before) {
        (0, 1) => "nothing new, 1 release was locked already".to_owned(),
        (0, _) => format!("nothing new, {before} releases were locked already"),
        (_, 0) => format!("{new} locked"),
        _ => format!("{new} locked, {before} already"),
    };
    text.push_str(&format!("{sum}: {}\n", from_here(path).display()));
    Ok(text)
}

/// The path from the working folder, where it lies below that.
fn from_here(path: &Path) -> &Path {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    here.ok()
        .and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path)
}
