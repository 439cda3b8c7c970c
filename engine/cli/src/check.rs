//! `redress check` and `redress lock`.

use std::collections::BTreeSet;
use std::path::Path;

use redress::{Engine, Release};
use redress_release::{Lock, PolicyFolder, Verified};

use crate::args::{CheckArgs, LockArgs};
use crate::diagnostic::Diagnostic;
use crate::failure::{Exit, Failure};
use crate::gate::{self, GateError, Released};
use crate::term::{self, Tone};

/// Runs `redress check`.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let mut report = Report::default();
    let mut policies = BTreeSet::new();
    for path in &args.path {
        for folder in redress_release::find_releases(path).map_err(Failure::invalid)? {
            report.release(&engine, &folder);
            policies.extend(folder.parent().map(Path::to_owned));
        }
        report.vanished(path);
    }
    for policy in policies {
        report.versions(&policy);
    }
    for problem in report.invalid.iter().chain(&report.gates) {
        term::tell(&problem.render());
    }
    term::print(&report.text())?;
    Ok(report.exit())
}

/// What was found so far.
#[derive(Default)]
struct Report {
    rows: Vec<Vec<String>>,
    invalid: Vec<Diagnostic>,
    gates: Vec<Diagnostic>,
}

impl Report {
    fn release(&mut self, engine: &Engine, folder: &Path) {
        let release = match engine.load(folder) {
            Ok(release) => release,
            Err(error) => return self.invalid.extend(Diagnostic::of_load(&error)),
        };
        let cases = match release.source().cases() {
            Ok(cases) => cases.len(),
            Err(errors) => return self.invalid.extend(Diagnostic::of_release(&errors)),
        };
        let state = match gate::unchanged(release.source()) {
            Ok(Released::Locked) => "locked",
            Ok(Released::Draft) => "draft",
            Err(error @ GateError::Changed { .. }) => return self.gates.push(plain(&error)),
            Err(GateError::Lock(error)) => return self.invalid.push(plain(&error)),
        };
        self.rows.push(row(&release, cases, state));
    }

    /// Versions of one policy must go together.
    fn versions(&mut self, policy: &Path) {
        if let Err(errors) = PolicyFolder::read(policy) {
            for diagnostic in Diagnostic::of_release(&errors) {
                // What is wrong within a version has been told with that version.
                if !self.invalid.contains(&diagnostic) {
                    self.invalid.push(diagnostic);
                }
            }
        }
    }

    /// A released version may not go away either.
    fn vanished(&mut self, path: &Path) {
        if !path.join("LOCK").is_file() {
            return;
        }
        match Lock::read(path) {
            Ok(lock) => {
                for entry in lock.vanished() {
                    self.gates.push(plain(&format_args!(
                        "{} {} is released, and its folder is not there any more",
                        entry.name, entry.version
                    )));
                }
            }
            Err(error) => self.invalid.push(plain(&error)),
        }
    }

    fn text(&self) -> String {
        let mut text = term::columns(&self.rows, 0);
        let bad = self.invalid.len() + self.gates.len();
        let good = self.rows.len();
        let releases = if good == 1 { "release" } else { "releases" };
        let (tone, sum) = match bad {
            0 => (Tone::Good, format!("{good} {releases} valid")),
            1 => (Tone::Bad, format!("{good} {releases} valid, 1 error")),
            _ => (Tone::Bad, format!("{good} {releases} valid, {bad} errors")),
        };
        text.push_str(&format!("{}\n", tone.paint(&sum)));
        text
    }

    fn exit(&self) -> Exit {
        if !self.invalid.is_empty() {
            Exit::Invalid
        } else if !self.gates.is_empty() {
            Exit::Failed
        } else {
            Exit::Ok
        }
    }
}

fn row(release: &Release, cases: usize, state: &str) -> Vec<String> {
    let manifest = release.source().manifest();
    let forms: Vec<&str> = release.sandboxes().iter().map(|form| form.name()).collect();
    vec![
        Tone::Good.paint("ok"),
        format!("{} {}", manifest.name, manifest.version),
        manifest.effective.to_string(),
        match cases {
            1 => "  1 case".to_owned(),
            _ => term::pad_left(&format!("{cases} cases"), 9),
        },
        forms.join(", "),
        state.to_owned(),
    ]
}

fn plain(problem: &impl ToString) -> Diagnostic {
    Diagnostic {
        message: problem.to_string(),
        at: None,
        help: None,
    }
}

/// Runs `redress lock`.
pub(crate) fn lock(args: &LockArgs) -> Result<Exit, Failure> {
    let folders = redress_release::find_releases(&args.path).map_err(Failure::invalid)?;
    let mut lock = Lock::read(&args.path).map_err(Failure::invalid)?;
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    // Whatever is not valid or was changed stops all of it before a line is written.
    let releases = folders.iter().map(|folder| loadable(&engine, folder));
    let releases: Vec<Release> = releases.collect::<Result<_, _>>()?;
    for release in &releases {
        gate::unchanged_in(&lock, release.source()).map_err(Failure::gate)?;
    }
    let mut rows = Vec::new();
    for release in &releases {
        if lock.verify(release.source()) == Verified::Matches {
            continue;
        }
        lock.add(release.source()).map_err(Failure::gate)?;
        let id = release.id();
        rows.push(vec![
            Tone::Good.paint("locked"),
            format!("{} {}", id.name, id.version),
            format!("sha256:{}", id.digest),
        ]);
    }
    let mut text = term::columns(&rows, 0);
    if rows.is_empty() {
        text = format!("nothing new: all {} releases are locked\n", releases.len());
    }
    term::print(&text)?;
    Ok(Exit::Ok)
}

fn loadable(engine: &Engine, folder: &Path) -> Result<Release, Failure> {
    let release = engine.load(folder).map_err(Failure::invalid)?;
    release.source().cases().map_err(Failure::invalid)?;
    Ok(release)
}
