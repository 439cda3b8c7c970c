//! The texts that the editor has open, over the files on the disk, and the releases that
//! they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lsp_types::Uri;
use redress::{Budget, Engine, EngineLimits, Release, ScriptCheck};
use redress_release::{CaseFile, ReleaseErrors, ReleaseSource, SourceFolder};

/// A text that the editor has open.
pub(super) struct Open {
    pub(super) uri: Uri,
    pub(super) text: String,
}

/// A release as it would be if every open text were saved.
pub(super) struct View {
    pub(super) root: PathBuf,
    pub(super) folder: SourceFolder,
    pub(super) release: Result<ReleaseSource, ReleaseErrors>,
    /// What there is to say of the script, where the release can be read.
    pub(super) script: Option<ScriptCheck>,
}

impl View {
    /// The path of a file from the release's folder, with `/` between the parts.
    pub(super) fn name(&self, file: &Path) -> Option<String> {
        name_in(&self.root, file)
    }

    /// The text of a file by its path from the release's folder.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.folder.file(name)?).ok()
    }
}

/// Everything that the server knows.
pub(super) struct Workspace {
    pub(super) engine: Engine,
    open: BTreeMap<PathBuf, Open>,
    views: BTreeMap<PathBuf, View>,
    /// The last form of each release that could be read: its facts are offered while a
    /// line is half written.
    known: BTreeMap<PathBuf, ReleaseSource>,
    /// The files of which something was told, by release.
    pub(super) told: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self {
            engine: Engine::new(EngineLimits::STANDARD),
            open: BTreeMap::new(),
            views: BTreeMap::new(),
            known: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    /// Takes a text as the editor has it now.
    pub(super) fn set(&mut self, uri: Uri, file: PathBuf, text: String) {
        self.forget(&file);
        self.open.insert(file, Open { uri, text });
    }

    /// The editor closed a text: the file on the disk counts again.
    pub(super) fn close(&mut self, file: &Path) {
        self.forget(file);
        self.open.remove(file);
    }

    /// The release of a file is read anew when it is asked for.
    pub(super) fn forget(&mut self, file: &Path) {
        if let Some(root) = crate::release_of(file)
            && let Some(view) = self.views.remove(&root)
            && let Ok(release) = view.release
        {
            self.known.insert(root, release);
        }
    }

    /// A text that is open.
    pub(super) fn open(&self, file: &Path) -> Option<&Open> {
        self.open.get(file)
    }

    /// The release that a file belongs to, with every open text in it.
    pub(super) fn view(&mut self, file: &Path) -> Option<&View> {
        let root = crate::release_of(file)?;
        if !self.views.contains_key(&root) {
            let view = self.read(&root)?;
            self.views.insert(root.clone(), view);
        }
        self.views.get(&root)
    }

    fn read(&self, root: &Path) -> Option<View> {
        let mut folder = SourceFolder::open(root).ok()?;
        for (file, open) in &self.open {
            if let Some(name) = name_in(root, file) {
                folder = folder.with_file(&name, open.text.clone().into_bytes());
            }
        }
        let release = folder.clone().release();
        let script = release.as_ref().ok();
        Some(View {
            root: root.to_owned(),
            folder,
            script: script.and_then(|source| ScriptCheck::of(source, Budget::STANDARD)),
            release,
        })
    }

    /// The release of a file, or the last form of it that could be read.
    pub(super) fn source(&mut self, file: &Path) -> Option<ReleaseSource> {
        let root = crate::release_of(file)?;
        let now = self.view(file).and_then(|view| view.release.as_ref().ok());
        now.cloned().or_else(|| self.known.get(&root).cloned())
    }

    /// A case with the release that decides it, as they stand.
    pub(super) fn case(&mut self, file: &Path) -> Result<(Release, CaseFile), String> {
        let view = self.view(file).ok_or("the file belongs to no release")?;
        let source = view.release.clone().map_err(|errors| errors.to_string())?;
        let cases = source.cases().map_err(|errors| errors.to_string())?;
        let mut cases = cases.into_iter();
        let case = cases.find(|case| case.path == file);
        let case = case.ok_or("the file is no case of its release")?;
        let release = self.engine.compile(source);
        let release = release.map_err(|error| error.to_string())?;
        Ok((release, case))
    }
}

/// The path of a file from a release's folder, with `/` between the parts.
fn name_in(root: &Path, file: &Path) -> Option<String> {
    let parts = file.strip_prefix(root).ok()?.iter();
    let parts: Option<Vec<_>> = parts.map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}
