//! `redress fmt`.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use redress_authoring::defect::{Defect, Place};
use redress_authoring::encoding::{self, Encoding};
use redress_authoring::gate::{self, GateError, Released};
use redress_authoring::text;
use redress_editor::format::{FormatError, Language, format};
use redress_editor::release_of;
use redress_release::{SourceFolder, find_releases};

use crate::defect;
use crate::failure::{Exit, Failure};
use crate::output::write_whole;
use crate::term::{self, Tone};

/// The most bytes of a file that is formatted.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What standard input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LanguageName {
    /// A policy's script
    Rhai,
    /// A manifest, guardrails, sentences or cases
    Toml,
    /// A table
    Csv,
}

impl From<LanguageName> for Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::Rhai => Self::Script,
            LanguageName::Toml => Self::Toml,
            LanguageName::Csv => Self::Table,
        }
    }
}

/// `redress fmt`
#[derive(Debug, Args)]
#[command(after_help = "\
Spaces and line ends move and nothing else does. Lines stay broken where they are.
Released versions are left as they are: their digests stand in LOCK.

Examples:
  redress fmt policies
  redress fmt policies/air/eu261/1.0.0/policy.rhai
  redress fmt policies --check
  redress fmt - --language rhai < policy.rhai")]
pub(crate) struct FmtArgs {
    /// Files, or folders to look for releases in; - reads standard input
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    path: Vec<PathBuf>,
    /// Change nothing, list what would change, and exit with 4 if anything would
    #[arg(long)]
    check: bool,
    /// What standard input is
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value = "rhai")]
    language: LanguageName,
}

/// Runs `redress fmt`.
pub(crate) fn run(args: &FmtArgs) -> Result<Exit, Failure> {
    if args.path.iter().any(|path| path == Path::new("-")) {
        return standard_input(args);
    }
    let mut tally = Tally::default();
    for path in &args.path {
        if path.is_dir() {
            for folder in find_releases(path).map_err(Failure::invalid)? {
                tally.release(&folder, args.check)?;
            }
        } else if !path.exists() {
            let error = anyhow::anyhow!("{} does not exist", path.display());
            return Err(Failure::invalid(error).help("name a release's folder, a file or `-`"));
        } else {
            let language = Language::of(path).ok_or_else(|| {
                let error = anyhow::anyhow!("{} is no script, TOML file or table", path.display());
                Failure::usage(error).help("name a file that ends in .rhai, .toml or .csv")
            })?;
            match released_folder(path) {
                Some(release) => tally.released(&release),
                None => tally.file(path, language, args.check)?,
            }
        }
    }
    tally.tell(args.check);
    Ok(tally.exit(args.check))
}

fn standard_input(args: &FmtArgs) -> Result<Exit, Failure> {
    if args.path.len() > 1 {
        let error = anyhow::anyhow!("standard input stands alone");
        return Err(Failure::usage(error));
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    let text = encoding::decode(&bytes, Encoding::Utf8).map_err(Failure::invalid)?;
    let formatted = format(args.language.into(), &text);
    let formatted = formatted.map_err(|error| {
        let line = error.line().unwrap_or(1);
        Failure::invalid(error).at(format_args!("standard input:{line}"))
    })?;
    if !args.check {
        term::put(formatted.as_bytes())?;
        return Ok(Exit::Ok);
    }
    Ok(match formatted == text {
        true => Exit::Ok,
        false => Exit::Failed,
    })
}

/// The folder of the release that a file belongs to, if it is released.
fn released_folder(file: &Path) -> Option<PathBuf> {
    let release = release_of(&file.canonicalize().ok()?)?;
    is_released(&release).then_some(release)
}

/// Whether the lock above a release holds its digest. What cannot be read is not released.
fn is_released(folder: &Path) -> bool {
    let Ok(source) = SourceFolder::read(folder) else {
        return false;
    };
    matches!(
        gate::unchanged(&source),
        Ok(Released::Locked) | Err(GateError::Changed { .. })
    )
}

/// What became of the files.
#[derive(Default)]
struct Tally {
    changed: usize,
    tidy: usize,
    released: usize,
    broken: usize,
    unfaithful: usize,
}

impl Tally {
    fn release(&mut self, folder: &Path, check: bool) -> Result<(), Failure> {
        if is_released(folder) {
            self.released += 1;
            return Ok(());
        }
        for path in files(folder)? {
            if let Some(language) = Language::of(&path) {
                self.file(&path, language, check)?;
            }
        }
        Ok(())
    }

    /// A file that was named and may not change.
    fn released(&mut self, release: &Path) {
        self.released += 1;
        term::warn(&format!(
            "{} is released, so its files stay as they are",
            release.display()
        ));
    }

    fn file(&mut self, path: &Path, language: Language, check: bool) -> Result<(), Failure> {
        let unreadable = |source: std::io::Error| {
            let context = format!("cannot read {}", path.display());
            Failure::invalid(anyhow::Error::new(source).context(context))
        };
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(unreadable)?;
        file.take(FILE_BYTES_MAX.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_BYTES_MAX) {
            self.broken += 1;
            let message = format!("the file is longer than {FILE_BYTES_MAX} bytes");
            tell(path, message, None);
            return Ok(());
        }
        let text = match encoding::decode(&bytes, Encoding::Utf8) {
            Ok(text) => text,
            Err(error) => {
                self.broken += 1;
                let line = error.line().and_then(|line| u32::try_from(line).ok());
                tell(path, error.to_string(), line);
                return Ok(());
            }
        };
        match format(language, &text) {
            Ok(formatted) if formatted.as_bytes() == bytes => self.tidy += 1,
            Ok(formatted) => {
                self.changed += 1;
                term::print(&format!("{}\n", path.display()))?;
                if !check {
                    write_whole(path, formatted.as_bytes()).map_err(|source| {
                        let context = format!("cannot write {}", path.display());
                        Failure::internal(anyhow::Error::new(source).context(context))
                    })?;
                }
            }
            Err(error) => {
                match error {
                    FormatError::Broken { .. } => self.broken += 1,
                    FormatError::Unfaithful => self.unfaithful += 1,
                }
                tell(path, error.to_string(), error.line());
            }
        }
        Ok(())
    }

    fn tell(&self, check: bool) {
        let files = |count| text::counted(count, "file");
        let changed = if check { "would change" } else { "formatted" };
        let mut parts = vec![
            format!("{} {changed}", files(self.changed)),
            format!("{} tidy", self.tidy),
        ];
        if self.released > 0 {
            parts.push(format!("{} released and left alone", self.released));
        }
        let bad = self.broken + self.unfaithful;
        if bad > 0 {
            parts.push(format!("{} not formatted", files(bad)));
        }
        let tone = match bad > 0 || (check && self.changed > 0) {
            true => Tone::Bad,
            false => Tone::Good,
        };
        term::tell(&format!("{}\n", tone.paint(&parts.join(", "))));
    }

    fn exit(&self, check: bool) -> Exit {
        if self.unfaithful > 0 {
            Exit::Internal
        } else if self.broken > 0 {
            Exit::Invalid
        } else if check && self.changed > 0 {
            Exit::Failed
        } else {
            Exit::Ok
        }
    }
}

fn tell(path: &Path, message: String, line: Option<u32>) {
    let found = Defect {
        message,
        place: Some(Place {
            line,
            ..Place::of_file(path.display().to_string())
        }),
        help: None,
    };
    term::tell(&defect::render(&found));
}

/// The files below a folder, in order; what starts with a dot is nobody's policy.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            let kind = entry.file_type()?;
            if kind.is_dir() && !is_hidden {
                folders.push(entry.path());
            } else if kind.is_file() && !is_hidden {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
