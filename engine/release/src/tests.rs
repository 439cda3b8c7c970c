//! A release that is right, and everything that can be wrong with one.

mod folders;
mod locks;
mod manifests;
mod policies;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{ReleaseErrors, ReleaseSource, SourceFolder, scaffold};

/// A scaffolded release in a folder of its own.
pub(crate) struct Bench {
    pub(crate) root: TempDir,
    pub(crate) folder: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().unwrap();
        let folder = scaffold(&"retail/late-parcel".parse().unwrap(), root.path()).unwrap();
        Self { root, folder }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Replaces a part of a file, which must be there.
    #[track_caller]
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{from:?} is not in {file}");
        self.write(file, text.replacen(from, to, 1))
    }

    pub(crate) fn read(&self) -> Result<ReleaseSource, ReleaseErrors> {
        SourceFolder::read(&self.folder)
    }

    /// The errors as people read them, with paths from the release folder.
    #[track_caller]
    pub(crate) fn errors(&self) -> String {
        shown(&self.read().map(|_| ()).unwrap_err(), &self.folder)
    }

    /// What is wrong with the cases, with paths from the release folder.
    #[track_caller]
    pub(crate) fn case_errors(&self) -> String {
        let release = self.read().unwrap();
        shown(&release.cases().map(|_| ()).unwrap_err(), &self.folder)
    }
}

pub(crate) fn shown(errors: &ReleaseErrors, from: &Path) -> String {
    assert!(!errors.0.is_empty(), "an error that says nothing");
    let prefix = format!("{}/", from.display());
    errors.to_string().replace(&prefix, "")
}

#[test]
fn a_scaffolded_release_is_whole() {
    let bench = Bench::new();
    let release = bench.read().unwrap();
    let manifest = release.manifest();
    assert_eq!(manifest.name.as_str(), "retail/late-parcel");
    assert_eq!(manifest.version.to_string(), "0.1.0");
    assert_eq!(release.tables().iter().len(), 1);
    assert_eq!(release.guardrails().tiers.len(), 2);
    assert_eq!(release.messages().locales().len(), 2);
    assert!(
        release
            .policy()
            .rhai()
            .is_some_and(|rhai| rhai.text.contains("fn remedy"))
    );
    let cases = release.cases().unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let limits = redress_model::admit::AdmitLimits::STANDARD;
        redress_model::Case::admit(&case.to_json(), release.schema(), limits).unwrap();
    }
    assert!(
        fs::read_to_string(bench.path("README.md"))
            .unwrap()
            .starts_with("# retail/late-parcel 0.1.0\n")
    );
}

#[test]
fn a_scaffold_writes_over_nothing() {
    let bench = Bench::new();
    let name = "retail/late-parcel".parse().unwrap();
    let error = scaffold(&name, bench.root.path()).unwrap_err();
    assert_eq!(error.code(), "scaffold_exists");
    bench.read().unwrap();
}

#[test]
fn every_code_that_the_scaffold_uses_has_a_sentence() {
    let release = Bench::new().read().unwrap();
    let policy = &release.policy().rhai().unwrap().text;
    for code in ["parcel_late", "not_late_enough", "address_was_wrong"] {
        assert!(policy.contains(&format!("\"{code}\"")), "{code}");
        assert!(
            release
                .messages()
                .has(&redress_model::Code::new(code).unwrap()),
            "{code}"
        );
    }
    // Beside them, what two facts are called.
    assert_eq!(release.messages().codes().count(), 5);
}
