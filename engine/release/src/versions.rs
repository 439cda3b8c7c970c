//! The versions of one policy, and the releases below a folder.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use redress_model::Date;

use crate::error::{Problems, ReleaseError, ReleaseErrors};
use crate::folder::{DEPTH_MAX, MANIFEST, SourceFolder, unreadable};
use crate::source::ReleaseSource;
use crate::succession;
use crate::version::Version;

/// The most folders that a search for releases looks into.
const FOLDERS_MAX: usize = 10_000;

/// The versions of one policy, of which no two cover the same incident date.
#[derive(Debug, Clone)]
pub struct PolicyFolder {
    releases: Vec<ReleaseSource>,
}

impl PolicyFolder {
    /// Reads a policy's folder with all its versions, or the folder of one version.
    ///
    /// A folder within it that is not named as a version, such as one for sources that
    /// several versions share, is passed over.
    ///
    /// A version that another one `supersedes` ends here the day before that one's first
    /// incident date. The folder of one version alone is taken as its manifest says.
    ///
    /// # Errors
    /// [`ReleaseErrors`] with everything that is wrong: in any version, two versions that
    /// cover the same incident date (the later one does not silently win), a `lineage`
    /// or a `supersedes` that does not fit the other versions, or no version at all.
    pub fn read(path: &Path) -> Result<Self, ReleaseErrors> {
        if path.join(MANIFEST).symlink_metadata().is_ok() {
            let releases = vec![SourceFolder::read(path)?];
            return Ok(Self { releases });
        }
        let mut problems = Problems::default();
        let (versions, others): (Vec<_>, Vec<_>) = folders(path)?.into_iter().partition(|folder| {
            let name = folder.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.parse::<Version>().is_ok())
        });
        let mut releases = Vec::with_capacity(versions.len());
        for read in read_all(&versions) {
            match read {
                Ok(release) => releases.push(release),
                Err(errors) => problems.extend(errors),
            }
        }
        for folder in others {
            if folder.join(MANIFEST).symlink_metadata().is_ok() {
                let problem = "holds a release, and is not named by a version such as 1.0.0";
                problems.file(&folder, problem);
            }
        }
        // What a version that cannot be read says of the others is not known.
        if problems.is_empty() {
            succession::apply(&mut releases, &mut problems);
        }
        releases.sort_by_key(|release| release.manifest().effective.from);
        let policy = problems.into_result(Some(Self { releases }))?;
        if policy.releases.is_empty() {
            return Err(no_version(path).into());
        }
        Ok(policy)
    }

    /// The releases, ordered by the incident dates that they cover.
    #[must_use]
    pub fn releases(&self) -> &[ReleaseSource] {
        &self.releases
    }

    /// The releases, ordered by the incident dates that they cover.
    #[must_use]
    pub fn into_releases(self) -> Vec<ReleaseSource> {
        self.releases
    }

    /// The release that covers an incident of this date.
    #[must_use]
    pub fn release_for(&self, incident: Date) -> Option<&ReleaseSource> {
        self.releases
            .iter()
            .find(|release| release.manifest().effective.covers(incident))
    }
}

/// Reads every version, in their order, as many at a time as there are cores: a version is
/// some hundred small files, and reading them takes longer than all else.
fn read_all(versions: &[PathBuf]) -> Vec<Result<ReleaseSource, ReleaseErrors>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut read = Vec::with_capacity(versions.len());
    for some in versions.chunks(cores) {
        thread::scope(|scope| {
            let start = |version| scope.spawn(move || SourceFolder::read(version));
            let running: Vec<_> = some.iter().map(|path| start(path.as_path())).collect();
            for (version, path) in running.into_iter().zip(some) {
                read.push(version.join().unwrap_or_else(|_| {
                    Err(ReleaseError::of_file(path, "cannot be read: a bug of the engine").into())
                }));
            }
        });
    }
    read
}

/// A folder that is no policy, with one that is if there is any below it.
fn no_version(path: &Path) -> ReleaseError {
    let below = find_releases(path).unwrap_or_default();
    match below.first().and_then(|release| release.parent()) {
        Some(policy) => ReleaseError {
            help: Some(format!(
                "name the folder of one policy, such as {}",
                policy.display()
            )),
            ..ReleaseError::of_file(path, "holds policies, and is none itself")
        },
        None => nothing(path),
    }
}

fn nothing(path: &Path) -> ReleaseError {
    ReleaseError {
        help: Some(
            "name a policy's folder such as policies/air/eu261, or one of its versions".into(),
        ),
        ..ReleaseError::of_file(
            path,
            format!("there is no {MANIFEST} in or below this folder"),
        )
    }
}

/// The folders of all releases at or below a path, in order of their paths.
///
/// Symbolic links and names that start with a dot are not followed, and nothing is
/// searched for inside a release.
///
/// # Errors
/// [`ReleaseErrors`] when a folder cannot be read, when there is no release, or when
/// there are more than 10,000 folders to look into.
pub fn find_releases(path: &Path) -> Result<Vec<PathBuf>, ReleaseErrors> {
    let mut found = Vec::new();
    let mut looked_into = 0;
    search(path, 0, &mut looked_into, &mut found)?;
    if found.is_empty() {
        return Err(nothing(path).into());
    }
    Ok(found)
}

fn search(
    path: &Path,
    depth: u32,
    looked_into: &mut usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), ReleaseErrors> {
    *looked_into += 1;
    if *looked_into > FOLDERS_MAX {
        let problem = format!("there are more than {FOLDERS_MAX} folders to search for releases");
        return Err(ReleaseError::of_file(path, problem).into());
    }
    if path.join(MANIFEST).symlink_metadata().is_ok() {
        found.push(path.to_owned());
        return Ok(());
    }
    if depth >= DEPTH_MAX {
        return Ok(());
    }
    for folder in folders(path)? {
        search(&folder, depth.saturating_add(1), looked_into, found)?;
    }
    Ok(())
}

/// The folders directly inside a folder, without links and dotted names, ordered.
fn folders(path: &Path) -> Result<Vec<PathBuf>, ReleaseErrors> {
    let failed = |error: std::io::Error| -> ReleaseErrors {
        ReleaseError::of_file(path, unreadable(&error)).into()
    };
    let mut folders = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let dotted = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !dotted && entry.file_type().map_err(failed)?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort_unstable();
    Ok(folders)
}
