//! What a command line names: a policy, an actor, a standing.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use redress::{Engine, EngineLimits, Release, SandboxKind};
use redress_model::admit::AdmitLimits;
use redress_model::{Actor, ActorId, Assurance, Code, Standing};
use serde::de::DeserializeOwned;

use crate::args::SandboxName;
use crate::failure::Failure;
use crate::term;

/// The longest file of an actor or a standing, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Begins an actor who is nobody in particular.
const ROLE: &str = "role=";

/// Why a file that a command line names cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// It cannot be read.
    #[error("cannot read {}", shown(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("{} is empty; expected a case as JSON", shown(path))]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is too long.
    #[error("{} is longer than {limit} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The longest there may be.
        limit: u64,
    },
    /// It is not what its place asks for.
    #[error("{} is not {what}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What was expected.
        what: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// `--actor role=...` names no role.
    #[error("--actor {found}: {problem}")]
    Role {
        /// What was given.
        found: String,
        /// What is wrong with it.
        problem: String,
    },
    /// `role=...` stands where a person is on record.
    #[error("an approval is on record with who gave it, and {found} names nobody")]
    Nobody {
        /// What was given.
        found: String,
    },
    /// The policy lacks the form that `--sandbox` asks for.
    #[error("{release} has no {sandbox} form")]
    NoForm {
        /// The release.
        release: String,
        /// The form asked for.
        sandbox: &'static str,
    },
}

/// An engine that makes ready what is asked for: every form to have another than the one that
/// the manifest runs, and else that one alone.
pub(crate) fn engine(sandbox: Option<SandboxName>) -> Engine {
    let engine = Engine::new(EngineLimits::STANDARD);
    match sandbox {
        Some(_) => engine,
        None => engine.default_form_only(),
    }
}

/// Loads every version of a policy, in the form asked for.
pub(crate) fn releases(
    engine: &Engine,
    path: &Path,
    sandbox: Option<SandboxName>,
) -> Result<Vec<Release>, Failure> {
    let policy = engine.load_policy(path).map_err(Failure::invalid)?;
    let releases = policy.releases().iter();
    releases.map(|release| in_form(release, sandbox)).collect()
}

/// The release in the form asked for, or else in its own.
pub(crate) fn in_form(release: &Release, sandbox: Option<SandboxName>) -> Result<Release, Failure> {
    let Some(sandbox) = sandbox else {
        return Ok(release.clone());
    };
    release.with_sandbox(kind(sandbox)).ok_or_else(|| {
        Failure::usage(InputError::NoForm {
            release: format!("{} {}", release.id().name, release.id().version),
            sandbox: kind(sandbox).name(),
        })
    })
}

/// The sandbox of a form.
pub(crate) const fn kind(sandbox: SandboxName) -> SandboxKind {
    match sandbox {
        SandboxName::Compiled => SandboxKind::Compiled,
        SandboxName::Rhai => SandboxKind::Rhai,
        SandboxName::Wasm => SandboxKind::Wasm,
    }
}

/// Reads who approves: a file alone, since an approval stands on record with a person's name.
pub(crate) fn person(text: &str) -> Result<Actor, Failure> {
    if text.starts_with(ROLE) {
        let help = "name a JSON or TOML file with id, role and assurance";
        let found = text.to_owned();
        return Err(Failure::usage(InputError::Nobody { found }).help(help));
    }
    actor(text)
}

/// Reads `--actor`: `role=NAME`, or a file.
pub(crate) fn actor(text: &str) -> Result<Actor, Failure> {
    let Some(role) = text.strip_prefix(ROLE) else {
        return file(Path::new(text), "an actor with id, role and assurance");
    };
    let wrong = |error: redress_model::BadName| {
        Failure::usage(InputError::Role {
            found: text.to_owned(),
            problem: error.to_string(),
        })
    };
    Ok(Actor {
        id: ActorId::new("command-line").map_err(wrong)?,
        role: Code::new(role).map_err(wrong)?,
        assurance: Assurance::Authenticated,
    })
}

/// Warns of an actor whose role none of the releases knows, as after a slip of the pen.
pub(crate) fn warn_of_role<'r>(actor: &Actor, releases: impl Iterator<Item = &'r Release>) {
    let mut known = BTreeSet::new();
    for release in releases {
        let guardrails = release.guardrails();
        if guardrails.role(&actor.role).is_some() {
            return;
        }
        known.extend(guardrails.roles.iter().map(|role| role.name.as_str()));
    }
    let known: Vec<&str> = known.into_iter().collect();
    term::warn(&format!(
        "role {:?} is not in the guardrails, and so may approve nothing; they know {}",
        actor.role.as_str(),
        known.join(", ")
    ));
}

/// Reads `--standing`; without a file the ledger holds nothing.
pub(crate) fn standing(path: Option<&Path>) -> Result<Standing, Failure> {
    path.map_or_else(
        || Ok(Standing::fresh()),
        |path| file(path, "a standing, which is what the ledger knows"),
    )
}

/// Reads a case, at most one byte more than admission takes.
pub(crate) fn case(path: &Path) -> Result<Vec<u8>, Failure> {
    let limit = u64::try_from(AdmitLimits::STANDARD.bytes_max).unwrap_or(u64::MAX);
    let text = bytes(path, limit.saturating_add(1)).map_err(Failure::invalid)?;
    if text.trim_ascii().is_empty() {
        let path = path.to_owned();
        return Err(Failure::invalid(InputError::Empty { path }));
    }
    Ok(text)
}

/// The name of an input for people.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map(|_| bytes).map_err(|source| InputError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Reads JSON, or TOML where the text does not start with a brace.
fn file<T: DeserializeOwned>(path: &Path, what: &'static str) -> Result<T, Failure> {
    let bytes = bytes(path, FILE_BYTES_MAX + 1).map_err(Failure::invalid)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_BYTES_MAX) {
        return Err(Failure::invalid(InputError::TooLong {
            path: path.to_owned(),
            limit: FILE_BYTES_MAX,
        }));
    }
    let wrong = |problem: String| {
        Failure::invalid(InputError::Content {
            path: path.to_owned(),
            what,
            problem: problem.trim_end().to_owned(),
        })
    };
    let text = String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| wrong(error.to_string()))
    } else {
        toml::from_str(text).map_err(|error| wrong(error.to_string()))
    }
}
