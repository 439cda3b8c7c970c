//! `redress lint`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use redress::Engine;
use redress_authoring::defect::Defect;
use redress_authoring::gate::{self, Released};
use redress_authoring::{parallel, text};
use redress_editor::lint::{Finding, Rule, lint};
use redress_model::code::nearest;
use redress_release::Version;
use serde_json::{Value, json};

use crate::defect;
use crate::failure::{Exit, Failure};
use crate::term::{self, Tone};

/// How findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LintFormat {
    /// Each with its line underlined
    Pretty,
    /// One object with every finding
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// `redress lint`
#[derive(Debug, Args)]
#[command(after_help = "\
A comment `lint: allow(RULE) because ...` beside a finding keeps it from being told.
Of several versions the latest is looked at, and every one that is not released yet.
What is found in a released version, whose files may not change, is for the next one.
Exits with 4 if anything is found that may still be changed, with 3 if a release or a
case cannot be read.

Examples:
  redress lint policies
  redress lint policies --all-versions
  redress lint policies/air/eu261/1.0.0 -f sarif > lint.sarif
  redress lint --explain written_sum")]
pub(crate) struct LintArgs {
    /// Folders to look for releases in
    #[arg(required_unless_present = "explain", value_hint = ValueHint::DirPath)]
    path: Vec<PathBuf>,
    /// How to show what is found
    #[arg(short, long, value_enum, default_value = "pretty")]
    format: LintFormat,
    /// Look at earlier versions that are released, too
    #[arg(long)]
    all_versions: bool,
    /// Print the page of a rule; without one, list the rules
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
}

/// A finding with the release's folder and the text of its file.
struct Told {
    file: String,
    text: String,
    finding: Finding,
    state: Released,
}

/// What came of looking at a release.
enum Looked {
    /// It is released and a later version is there to look at.
    PassedOver,
    /// What is found in it.
    Found(Vec<Told>),
}

/// Runs `redress lint`.
pub(crate) fn run(args: &LintArgs) -> Result<Exit, Failure> {
    if let Some(code) = &args.explain {
        return explain(code);
    }
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let mut folders = Vec::new();
    for path in &args.path {
        folders.extend(redress_release::find_releases(path).map_err(Failure::invalid)?);
    }
    let earlier = match args.all_versions {
        true => BTreeSet::new(),
        false => earlier(&folders),
    };
    let look = |folder: &PathBuf| told(&engine, folder, earlier.contains(folder));
    let all = parallel::each(&folders, look, |_| ());
    let mut found = Vec::new();
    let mut errors = Vec::new();
    let mut passed_over = 0;
    for of_release in all {
        match of_release {
            Ok(Looked::Found(of_release)) => found.extend(of_release),
            Ok(Looked::PassedOver) => passed_over += 1,
            Err(not_read) => errors.extend(not_read),
        }
    }
    let looked_at = folders.len().saturating_sub(passed_over);
    match args.format {
        LintFormat::Pretty => {
            for told in &found {
                term::print(&told.render())?;
            }
            for error in &errors {
                term::tell(&defect::render(error));
            }
            let is_clean = found.iter().all(Told::is_released) && errors.is_empty();
            let tone = if is_clean { Tone::Good } else { Tone::Bad };
            let sum = sum(&found, looked_at, errors.len());
            term::print(&format!("{}\n", tone.paint(&sum)))?;
            if passed_over > 0 {
                let versions = text::counted(passed_over, "earlier version");
                term::print(&format!("{versions} not looked at; --all-versions does\n"))?;
            }
        }
        LintFormat::Json => {
            let all: Vec<Value> = found.iter().map(Told::to_json).collect();
            let lines: Vec<String> = errors.iter().map(Defect::line).collect();
            let defects: Vec<Value> = errors.iter().map(Defect::to_json).collect();
            let all = json!({
                "findings": all,
                "errors": lines,
                "defects": defects,
                "releases": looked_at,
                "passed_over": passed_over,
            });
            term::put(format!("{all:#}\n").as_bytes())?;
        }
        LintFormat::Sarif => term::put(format!("{:#}\n", sarif(&found, &errors)).as_bytes())?,
    }
    Ok(if !errors.is_empty() {
        Exit::Invalid
    } else if found.iter().all(Told::is_released) {
        Exit::Ok
    } else {
        Exit::Failed
    })
}

/// How much was found where.
fn sum(found: &[Told], releases: usize, errors: usize) -> String {
    let mut sum = format!(
        "{} in {}",
        text::counted(found.len(), "finding"),
        text::counted(releases, "release")
    );
    let released = found.iter().filter(|told| told.is_released()).count();
    if released == found.len() && released > 0 {
        sum.push_str(", for the next versions of what is released");
    } else if released > 0 {
        sum.push_str(&format!(
            ", {released} of them for the next versions of what is released"
        ));
    }
    if errors > 0 {
        sum.push_str(&format!(", {}", text::counted(errors, "error")));
    }
    sum
}

/// The versions of which a later one lies beside them.
fn earlier(folders: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut latest: BTreeMap<&Path, (Version, &PathBuf)> = BTreeMap::new();
    let mut earlier = BTreeSet::new();
    for folder in folders {
        let name = folder.file_name().and_then(|name| name.to_str());
        let version = name.and_then(|name| name.parse::<Version>().ok());
        let (Some(policy), Some(version)) = (folder.parent(), version) else {
            continue;
        };
        let before = match latest.get(policy) {
            Some((other, before)) if *other < version => Some(*before),
            Some(_) => {
                earlier.insert(folder.clone());
                continue;
            }
            None => None,
        };
        earlier.extend(before.cloned());
        latest.insert(policy, (version, folder));
    }
    earlier
}

/// What is found in a release, or what keeps it or its cases from being read.
fn told(engine: &Engine, folder: &Path, is_earlier: bool) -> Result<Looked, Vec<Defect>> {
    let release = engine.load(folder);
    let release = release.map_err(|error| Defect::of_load(&error))?;
    let cases = release.source().cases();
    cases.map_err(|errors| Defect::of_release(&errors))?;
    // A version that was changed after its release may not be, which `check` tells.
    let state = gate::unchanged(release.source()).unwrap_or(Released::Draft);
    if is_earlier && state == Released::Locked {
        return Ok(Looked::PassedOver);
    }
    let found = lint(engine, &release).into_iter().map(|finding| {
        let bytes = release.source().folder().file(&finding.file);
        let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
        Told {
            file: folder.join(&finding.file).display().to_string(),
            text: text.unwrap_or_default().to_owned(),
            finding,
            state,
        }
    });
    Ok(Looked::Found(found.collect()))
}

fn explain(code: &str) -> Result<Exit, Failure> {
    if code.is_empty() {
        let rows: Vec<Vec<String>> = Rule::ALL
            .iter()
            .map(|rule| vec![rule.code().to_owned(), rule.summary()])
            .collect();
        term::print(&term::columns(&rows, 0))?;
        return Ok(Exit::Ok);
    }
    let Some(rule) = Rule::find(code) else {
        let error = anyhow::anyhow!("there is no rule `{code}`");
        let codes = Rule::ALL.iter().map(|rule| rule.code());
        let help = match nearest(code, codes) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`redress lint --explain` lists the rules".to_owned(),
        };
        return Err(Failure::usage(error).help(help));
    };
    term::print(rule.page())?;
    Ok(Exit::Ok)
}

impl Told {
    /// Whether it is found in a version that may not change.
    fn is_released(&self) -> bool {
        self.state == Released::Locked
    }

    fn render(&self) -> String {
        let level = if self.is_released() {
            "note"
        } else {
            "warning"
        };
        let head = Tone::Strong.paint(&format!("{level}[{}]", self.finding.rule.code()));
        let place = match self.finding.place(&self.text) {
            Some([(line, column), _]) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        };
        let mut text = format!(
            "{head}{} {}\n  {} {place}\n",
            Tone::Strong.paint(":"),
            self.finding.message,
            Tone::Place.paint("-->"),
        );
        text.push_str(&self.finding.excerpt(&self.text).unwrap_or_default());
        if let Some(help) = &self.finding.help {
            text.push_str(&format!("  {} {help}\n", Tone::Place.paint("help:")));
        }
        text
    }

    fn to_json(&self) -> Value {
        let place = self.finding.place(&self.text);
        json!({
            "rule": self.finding.rule.code(),
            "released": self.is_released(),
            "message": self.finding.message,
            "help": self.finding.help,
            "file": self.file,
            "line": place.map(|place| place[0].0),
            "column": place.map(|place| place[0].1),
            "end_line": place.map(|place| place[1].0),
            "end_column": place.map(|place| place[1].1),
        })
    }

    fn to_sarif(&self) -> Value {
        let message = match &self.finding.help {
            Some(help) => format!("{}; {help}", self.finding.message),
            None => self.finding.message.clone(),
        };
        let mut place = json!({ "artifactLocation": { "uri": self.file } });
        if let Some([start, end]) = self.finding.place(&self.text)
            && let Some(place) = place.as_object_mut()
        {
            let region = json!({
                "startLine": start.0, "startColumn": start.1,
                "endLine": end.0, "endColumn": end.1,
            });
            place.insert("region".into(), region);
        }
        json!({
            "ruleId": self.finding.rule.code(),
            "level": if self.is_released() { "note" } else { "warning" },
            "message": { "text": message },
            "locations": [{ "physicalLocation": place }],
        })
    }
}

/// A log of SARIF 2.1.0; columns count characters.
fn sarif(found: &[Told], errors: &[Defect]) -> Value {
    let rules: Vec<Value> = Rule::ALL
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code(),
                "shortDescription": { "text": rule.summary() },
                "help": { "text": rule.page(), "markdown": rule.page() },
            })
        })
        .collect();
    let errors = errors.iter().map(Defect::to_sarif);
    let results: Vec<Value> = found.iter().map(Told::to_sarif).chain(errors).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "redress lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}
