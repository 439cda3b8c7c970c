//! Which releases lie below the paths of a command line, and the policies they belong to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use redress::Release;
use redress_release::{Effective, PolicyFolder, ReleaseError, ReleaseErrors, find_releases};

use crate::failure::Failure;

/// The releases below some paths, each once, with the policies that they are versions of.
pub(crate) struct Layout {
    /// As the command line leads to them, in its order.
    releases: Vec<PathBuf>,
    /// The folder with its links resolved, and as the command line leads to it.
    resolved: BTreeMap<PathBuf, PathBuf>,
    policies: BTreeMap<PathBuf, PathBuf>,
}

impl Layout {
    /// Finds the releases at or below the paths.
    ///
    /// # Errors
    /// A path without a release, or one that cannot be read.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut layout = Self {
            releases: Vec::new(),
            resolved: BTreeMap::new(),
            policies: BTreeMap::new(),
        };
        for path in paths {
            for folder in find_releases(path).map_err(Failure::invalid)? {
                layout.add(folder);
            }
        }
        Ok(layout)
    }

    fn add(&mut self, folder: PathBuf) {
        let resolved = resolved(&folder);
        if let Some(policy) = resolved.parent() {
            let shown = || above(&folder);
            self.policies.entry(policy.to_owned()).or_insert_with(shown);
        }
        if !self.resolved.contains_key(&resolved) {
            self.releases.push(folder.clone());
            self.resolved.insert(resolved, folder);
        }
    }

    /// The folders of the releases.
    pub(crate) fn releases(&self) -> &[PathBuf] {
        &self.releases
    }

    /// The versions of every policy together, those that lie beside the paths among them.
    pub(crate) fn versions(&self) -> Versions {
        let mut versions = Versions::default();
        for policy in self.policies.values() {
            match PolicyFolder::read(policy) {
                Ok(policy) => {
                    for release in policy.releases() {
                        let effective = release.manifest().effective;
                        versions
                            .effective
                            .insert(resolved(release.path()), effective);
                    }
                }
                Err(errors) => {
                    let errors = errors.0.into_iter().map(|error| self.shown(error));
                    versions.errors.extend(errors);
                }
            }
        }
        versions
    }

    /// The error with its file as the command line leads to it.
    fn shown(&self, mut error: ReleaseError) -> ReleaseError {
        // The file itself may be what is missing.
        for folder in error.file.ancestors() {
            if let Some(shown) = self.resolved.get(&resolved(folder))
                && let Ok(within) = error.file.strip_prefix(folder)
            {
                error.file = match within.as_os_str().is_empty() {
                    true => shown.clone(),
                    false => shown.join(within),
                };
                break;
            }
        }
        error
    }
}

/// What the versions of some policies say together.
#[derive(Default)]
pub(crate) struct Versions {
    effective: BTreeMap<PathBuf, Effective>,
    errors: Vec<ReleaseError>,
}

impl Versions {
    /// The incident dates that a release covers beside the other versions.
    pub(crate) fn effective(&self, release: &Release) -> Effective {
        let source = release.source();
        let own = source.manifest().effective;
        self.effective
            .get(&resolved(source.path()))
            .copied()
            .unwrap_or(own)
    }

    /// What is wrong with any of the versions or with all together.
    pub(crate) fn errors(&self) -> ReleaseErrors {
        ReleaseErrors(self.errors.clone())
    }
}

fn resolved(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// The folder that holds a release's folder, as the release's own path leads to it.
fn above(folder: &Path) -> PathBuf {
    match (folder.file_name(), folder.parent()) {
        (Some(_), Some(parent)) if parent.as_os_str().is_empty() => PathBuf::from("."),
        (Some(_), Some(parent)) => parent.to_owned(),
        _ if folder == Path::new(".") => PathBuf::from(".."),
        _ => folder.join(".."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_above_is_found_from_within() {
        for (folder, expected) in [
            ("policies/air/eu261/1.0.0", "policies/air/eu261"),
            ("1.0.0", "."),
            (".", ".."),
            ("..", "../.."),
        ] {
            assert_eq!(above(Path::new(folder)), Path::new(expected), "{folder}");
        }
    }
}
