//! A corpus of bad input. Each gives a clear error or an escalation, and never a panic
//! or a payment. To extend it, add a file: what it must lead to stands in its first line.

mod cases;
mod folders;
mod modules;
mod policies;

use std::fs;
use std::path::{Path, PathBuf};

use redress::{
    Actor, Case, Decided, Engine, EngineLimits, LoadError, Outcome, Payable, Release, Standing,
};

fn corpus(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("hostile")
        .join(folder)
}

/// The files of a folder of the corpus, in order, each with its text.
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files: Vec<_> = fs::read_dir(corpus(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// A copy of the base release, to be varied; gone with this value.
struct Base {
    _root: tempfile::TempDir,
    path: PathBuf,
}

impl Base {
    fn path(&self) -> &Path {
        &self.path
    }
}

fn base() -> Base {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("hostile/base/1.0.0");
    copy(&corpus("base"), &path);
    Base { _root: root, path }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn load(folder: &Path) -> Result<Release, LoadError> {
    Engine::new(EngineLimits::STANDARD).load(folder)
}

/// A case on which the base release grants, with one fact unknown.
const CASE: &str = r#"{"id":"c","incident_date":"2026-01-01","event":"e","claimant":{"id":"p"},
 "stage":"facts_recorded","facts":{"delay_minutes":200,"cause":"carrier"}}"#;

fn decide(release: &Release, case: &Case) -> Decided {
    let actor: Actor =
        serde_json::from_str(r#"{"id":"a","role":"agent","assurance":"authenticated"}"#).unwrap();
    let as_of = "2026-01-02T00:00:00Z".parse().unwrap();
    release.decide(case, &actor, &Standing::fresh(), as_of)
}

/// What a file of the corpus must lead to, from its first line.
fn expectation(text: &str) -> (&str, &str) {
    let line = text
        .lines()
        .next()
        .unwrap()
        .trim_start_matches(['/', ';', '#', ' ']);
    line.split_once(": ")
        .unwrap_or_else(|| panic!("no expectation in {line:?}"))
}

/// Holds a release that loaded to what the corpus says of it.
#[track_caller]
fn check(path: &Path, release: Result<Release, LoadError>, kind: &str, expected: &str) {
    let name = path.display();
    match (kind, release) {
        ("refused", Err(error)) => {
            assert!(error.to_string().contains(expected), "{name}: {error}");
        }
        ("refused", Ok(_)) => panic!("{name} was loaded"),
        (_, Err(error)) => panic!("{name} was not loaded: {error}"),
        ("decides", Ok(release)) => {
            let decision = decide(&release, &release.admit(CASE.as_bytes()).unwrap()).decision;
            assert_eq!(
                decision.outcome(),
                Outcome::Escalate,
                "{name}: {decision:?}"
            );
            let now = decision
                .remedies()
                .iter()
                .any(|remedy| remedy.payable == Payable::Now);
            assert!(!now, "{name} pays: {decision:?}");
            assert_eq!(
                decision.reasons().next().unwrap().code.as_str(),
                expected,
                "{name}"
            );
            assert!(decision.owner().is_some(), "{name}");
        }
        ("holds", Ok(release)) => {
            let decision = decide(&release, &release.admit(CASE.as_bytes()).unwrap()).decision;
            assert_eq!(decision.outcome(), Outcome::Hold, "{name}: {decision:?}");
            assert!(decision.remedies().is_empty(), "{name} pays: {decision:?}");
            assert_eq!(
                decision.hold().unwrap().missing.as_str(),
                expected,
                "{name}"
            );
        }
        (other, Ok(_)) => panic!("{name}: {other} is not an expectation"),
    }
}

#[test]
fn the_base_release_grants_so_that_a_refusal_means_something() {
    let folder = base();
    let release = load(folder.path()).unwrap();
    let decided = decide(&release, &release.admit(CASE.as_bytes()).unwrap());
    assert_eq!(decided.decision.outcome(), Outcome::Grant, "{decided:?}");
    assert_eq!(decided.decision.remedies().len(), 1);
}
