//! What a session reads from files and writes into them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use redress_model::Standing;
use redress_model::admit::AdmitLimits;
use redress_release::{CaseFile, ReleaseError, SourceFolder};

use super::Repl;
use super::commands::{Said, case_near};
use super::draft::Draft;
use crate::casefile::CaseText;
use crate::gate::{self, Released};

impl Repl {
    pub(super) fn take_case(&mut self, name: &str) -> Said {
        // The version at hand goes before the others, which may have a case of the name too.
        let releases = std::iter::once(&self.release).chain(self.policy.releases());
        let own = releases
            .filter_map(|release| release.source().cases().ok())
            .flatten()
            .find(|case| case.stem == name);
        if let Some(case) = own {
            self.take(&case)?;
            return Ok(format!("{}\n", case.name));
        }
        let limit = AdmitLimits::STANDARD.bytes_max;
        let path = Path::new(name);
        let bytes = read(path, limit).map_err(|problem| {
            let mut cases = self.release.source().cases().unwrap_or_default();
            let releases = self.policy.releases().iter();
            cases.extend(releases.filter_map(|it| it.source().cases().ok()).flatten());
            let near = case_near(name, &cases);
            format!("no case of the policy is called {name:?}, and as a file: {problem}{near}")
        })?;
        if std::str::from_utf8(&bytes).is_err() {
            return Err(format!("{name} is not UTF-8; save it as UTF-8"));
        }
        let wrong = |problem: String| format!("{name} is not a case: {problem}");
        let is_toml = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        if is_toml {
            let case = self.case_in(path, bytes).map_err(|errors| {
                let errors = errors.iter().map(ToString::to_string);
                let errors: Vec<String> = errors.collect();
                wrong(format!("\n{}", errors.join("\n")).replace('\n', "\n  "))
            })?;
            self.take(&case)?;
        } else {
            self.draft = Draft::from_json(&bytes).map_err(wrong)?;
            self.choose_release()?;
        }
        match self.draft.admit(&self.release) {
            Ok(_) => Ok(format!("case {name}\n")),
            Err(errors) => Err(wrong(format!("\n  {}", errors.join("\n  ")))),
        }
    }

    /// Reads a case file that lies anywhere, as if it lay among the release's cases alone.
    fn case_in(&self, path: &Path, bytes: Vec<u8>) -> Result<CaseFile, Vec<ReleaseError>> {
        let own = self.release.source().folder();
        let is_case = |name: &&str| name.starts_with("cases/");
        let cases = own.files().map(|(name, _)| name).filter(is_case);
        let alone = cases.fold(own.clone(), SourceFolder::without);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let folder = alone.with_file(&format!("cases/{stem}.toml"), bytes);
        let read = folder.release().and_then(|source| source.cases());
        // The file is where it is, and not in the release.
        let placed = |error: ReleaseError| ReleaseError {
            file: path.to_owned(),
            ..error
        };
        let mut cases =
            read.map_err(|errors| errors.0.into_iter().map(placed).collect::<Vec<_>>())?;
        cases.pop().ok_or_else(Vec::new)
    }

    /// Takes a case with its actor, its standing and its moment.
    fn take(&mut self, case: &CaseFile) -> Result<(), String> {
        self.draft = Draft::from_json(&case.to_json())?;
        self.setting.actor = case.actor.clone();
        self.setting.standing = case.standing.clone();
        self.setting.as_of = case.as_of;
        self.choose_release()
    }

    pub(super) fn standing(&mut self, given: &[&str], path: &str) -> Said {
        match given {
            [] => {}
            ["fresh"] => self.setting.standing = Standing::fresh(),
            _ => {
                let bytes = read(Path::new(path), 1024 * 1024)?;
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
                let standing = serde_json::from_slice(bytes);
                self.setting.standing =
                    standing.map_err(|error| format!("{path} is not a standing: {error}"))?;
            }
        }
        let text = serde_json::to_string_pretty(&self.setting.standing);
        text.map(|text| text + "\n")
            .map_err(|error| error.to_string())
    }

    pub(super) fn save(&mut self, name: &str) -> Said {
        if let Ok(Released::Locked) = gate::unchanged(self.release.source()) {
            return Err(
                "this version is released and its files may not change; make a new version"
                    .to_owned(),
            );
        }
        let stem: String = name
            .chars()
            .map(|c| {
                if c.is_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        let cases = self
            .release
            .source()
            .cases()
            .map_err(|errors| errors.to_string())?;
        if cases.iter().any(|case| case.name == name) {
            return Err(format!("there is a case with the name {name:?} already"));
        }
        let run = self.decide()?;
        let mut case = self.draft.to_json();
        case.insert("id".into(), stem.clone().into());
        let setting = &self.setting;
        let text = CaseText {
            name,
            case: &case,
            as_of: setting.as_of,
            actor: &setting.actor,
            standing: &setting.standing,
        };
        let path = self.folder().join("cases").join(format!("{stem}.toml"));
        write_new(&path, &text.with(&run.decided.decision))?;
        // The file is ours, so the change is none to tell of.
        let reloaded = self.reload().map_err(|error| error.to_string());
        reloaded.map(|()| format!("saved {}\n", path.display()))
    }
}

/// Reads a file of at most so many bytes.
fn read(path: &Path, limit: usize) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let file = fs::File::open(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot read {shown}: {error}"))?;
    if bytes.len() > limit {
        return Err(format!("{shown} is longer than {limit} bytes"));
    }
    Ok(bytes)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<(), String> {
    let shown = path.display();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{shown} is there already"),
        _ => format!("cannot write {shown}: {error}"),
    })?;
    file.write_all(text.as_bytes())
        .map_err(|error| format!("cannot write {shown}: {error}"))
}
