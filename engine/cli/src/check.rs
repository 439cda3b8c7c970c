//! `redress check`.

use std::path::Path;

use redress::{Engine, LoadError, Release};
use redress_authoring::defect::{Defect, Place};
use redress_authoring::gate::{self, GateError, Released};
use redress_authoring::{mistakes, text};
use redress_release::{Effective, Lock, ReleaseErrors, SourceFolder};
use serde_json::json;

use crate::args::{CheckArgs, CheckFormat};
use crate::defect;
use crate::failure::{Exit, Failure};
use crate::layout::{Layout, Versions};
use crate::said::{self, Said};
use crate::term::{self, Tone};

/// Runs `redress check`.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let layout = Layout::of(&args.path)?;
    let versions = layout.versions();
    let mut report = Report::default();
    for folder in layout.releases() {
        report.release(&engine, folder, &versions);
    }
    // What is wrong within a version has been told with that version.
    for defect in Defect::of_release(&versions.errors()) {
        if !report.invalid.contains(&defect) {
            report.invalid.push(defect);
        }
    }
    for path in &args.path {
        report.vanished(path);
    }
    match args.format {
        CheckFormat::Pretty => {
            for said in &report.said {
                term::tell(&said.render());
            }
            for problem in report.invalid.iter().chain(&report.gates) {
                term::tell(&defect::render(problem));
            }
            term::print(&report.text())?;
        }
        CheckFormat::Json => term::print(&format!("{:#}\n", report.to_json()))?,
        CheckFormat::Sarif => {
            term::print(&format!(
                "{:#}\n",
                said::sarif(&report.said, report.defects())
            ))?;
        }
    }
    Ok(report.exit())
}

/// What was found so far.
#[derive(Default)]
struct Report {
    rows: Vec<Vec<String>>,
    releases: Vec<serde_json::Value>,
    said: Vec<Said>,
    invalid: Vec<Defect>,
    gates: Vec<Defect>,
    /// How many releases have something wrong with them.
    wrong: usize,
}

impl Report {
    fn release(&mut self, engine: &Engine, folder: &Path, versions: &Versions) {
        let release = match engine.load(folder) {
            Ok(release) => release,
            Err(error) => return self.not_loaded(folder, &error),
        };
        let mistakes = mistakes::of(release.source());
        let said = Said::of(release.source(), &mistakes);
        let is_wrong = !mistakes.is_empty() || said.iter().any(Said::is_error);
        self.said.extend(said);
        let mistakes = ReleaseErrors(mistakes);
        self.invalid.extend(Defect::of_release(&mistakes));
        let unusable = redress_prove::held(&release).err();
        let is_wrong = is_wrong || unusable.is_some();
        let unusable = unusable.map(|error| Defect {
            place: Some(Place::of_file(folder.display().to_string())),
            ..Defect::plain(&error)
        });
        self.invalid.extend(unusable);
        if is_wrong {
            self.wrong += 1;
            return;
        }
        let cases = release.source().cases().map_or(0, |cases| cases.len());
        let state = match gate::unchanged(release.source()) {
            Ok(Released::Locked) => "locked",
            Ok(Released::Draft) => "draft",
            Err(error @ GateError::Changed { .. }) => {
                self.wrong += 1;
                return self.gates.push(Defect::plain(&error));
            }
            Err(GateError::Lock(error)) => {
                self.wrong += 1;
                return self.invalid.push(Defect::plain(&error));
            }
        };
        let effective = versions.effective(&release);
        let manifest = release.source().manifest();
        let forms = release.sandboxes().into_iter().map(|form| form.name());
        self.releases.push(json!({
            "name": manifest.name.to_string(),
            "version": manifest.version.to_string(),
            "forms": forms.collect::<Vec<_>>(),
            "cases": cases,
            "state": state,
        }));
        self.rows.push(row(&release, effective, cases, state));
    }

    /// What keeps a release from loading: of a script everything, and not the first thing alone.
    fn not_loaded(&mut self, folder: &Path, error: &LoadError) {
        self.wrong += 1;
        let said = match error {
            LoadError::Policy { .. } => {
                SourceFolder::read(folder).map(|source| Said::of(&source, &[]))
            }
            _ => Ok(Vec::new()),
        };
        let said = said.unwrap_or_default();
        if said.is_empty() || !said.iter().any(Said::is_error) {
            self.invalid.extend(Defect::of_load(error));
        }
        self.said.extend(said);
    }

    /// What is wrong beside what the type check tells.
    fn defects(&self) -> impl Iterator<Item = &Defect> {
        self.invalid.iter().chain(&self.gates)
    }

    fn to_json(&self) -> serde_json::Value {
        let said: Vec<_> = self.said.iter().map(Said::to_json).collect();
        let errors: Vec<_> = self.defects().map(Defect::line).collect();
        let defects: Vec<_> = self.defects().map(Defect::to_json).collect();
        json!({
            "releases": self.releases,
            "errors": errors,
            "defects": defects,
            "diagnostics": said,
        })
    }

    /// A released version may not go away either.
    fn vanished(&mut self, path: &Path) {
        if !path.join("LOCK").is_file() {
            return;
        }
        match Lock::read(path) {
            Ok(lock) => {
                for entry in lock.vanished() {
                    self.gates.push(Defect::plain(&format_args!(
                        "{} {} is released, and its folder is not there any more",
                        entry.name, entry.version
                    )));
                }
            }
            Err(error) => self.invalid.push(Defect::plain(&error)),
        }
    }

    fn text(&self) -> String {
        let mut shown = term::columns(&self.rows, 0);
        let mistakes = self.said.iter().filter(|said| said.is_error()).count();
        let bad = self.invalid.len() + self.gates.len() + mistakes;
        let good = self.rows.len();
        let releases = text::counted(good, "release");
        let wrong = match self.wrong {
            0 => String::new(),
            wrong => format!(", {wrong} not"),
        };
        let (tone, sum) = match bad {
            0 => (Tone::Good, format!("{releases} valid")),
            _ => {
                let errors = text::counted(bad, "error");
                (Tone::Bad, format!("{releases} valid{wrong}: {errors}"))
            }
        };
        shown.push_str(&format!("{}\n", tone.paint(&sum)));
        shown
    }

    fn exit(&self) -> Exit {
        if !self.invalid.is_empty() || self.said.iter().any(Said::is_error) {
            Exit::Invalid
        } else if !self.gates.is_empty() {
            Exit::Failed
        } else {
            Exit::Ok
        }
    }
}

fn row(release: &Release, effective: Effective, cases: usize, state: &str) -> Vec<String> {
    let manifest = release.source().manifest();
    let forms: Vec<&str> = release.sandboxes().iter().map(|form| form.name()).collect();
    vec![
        Tone::Good.paint("ok"),
        format!("{} {}", manifest.name, manifest.version),
        effective.to_string(),
        // The plural's letter has its column even where there is none.
        match cases {
            1 => term::pad_left("1 case ", 9),
            _ => term::pad_left(&text::counted(cases, "case"), 9),
        },
        forms.join(", "),
        state.to_owned(),
    ]
}
