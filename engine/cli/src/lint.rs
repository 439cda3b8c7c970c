//! `redress lint`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use redress::Engine;
use redress_authoring::parallel;
use redress_editor::lint::{Finding, Rule, lint};
use redress_model::code::nearest;
use serde_json::{Value, json};

use crate::diagnostic::Diagnostic;
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
Exits with 4 if anything is found, with 3 if a release or a case cannot be read.

Examples:
  redress lint policies
  redress lint policies/air/eu261/1.0.0 -f sarif > lint.sarif
  redress lint --explain written_sum")]
pub(crate) struct LintArgs {
    /// Folders to look for releases in
    #[arg(required_unless_present = "explain", value_hint = ValueHint::DirPath)]
    path: Vec<PathBuf>,
    /// How to show what is found
    #[arg(short, long, value_enum, default_value = "pretty")]
    format: LintFormat,
    /// Print the page of a rule; without one, list the rules
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
}

/// A finding with the release's folder and the text of its file.
struct Told {
    file: String,
    text: String,
    finding: Finding,
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
    let all = parallel::each(&folders, |folder| told(&engine, folder), |_| ());
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for of_release in all {
        match of_release {
            Ok(of_release) => found.extend(of_release),
            Err(not_read) => errors.extend(not_read),
        }
    }
    let lines: Vec<String> = errors.iter().map(Diagnostic::line).collect();
    match args.format {
        LintFormat::Pretty => {
            for told in &found {
                term::print(&told.render())?;
            }
            for error in &errors {
                term::tell(&error.render());
            }
            let findings = if found.len() == 1 {
                "finding"
            } else {
                "findings"
            };
            let is_clean = found.is_empty() && errors.is_empty();
            let tone = if is_clean { Tone::Good } else { Tone::Bad };
            let releases = match folders.len() {
                1 => "1 release".to_owned(),
                count => format!("{count} releases"),
            };
            let errors = match errors.len() {
                0 => String::new(),
                1 => ", 1 error".to_owned(),
                count => format!(", {count} errors"),
            };
            let sum = format!("{} {findings} in {releases}{errors}", found.len());
            term::print(&format!("{}\n", tone.paint(&sum)))?;
        }
        LintFormat::Json => {
            let all: Vec<Value> = found.iter().map(Told::to_json).collect();
            term::put(format!("{:#}\n", json!({ "findings": all, "errors": lines })).as_bytes())?;
        }
        LintFormat::Sarif => term::put(format!("{:#}\n", sarif(&found, &lines)).as_bytes())?,
    }
    Ok(if !errors.is_empty() {
        Exit::Invalid
    } else if found.is_empty() {
        Exit::Ok
    } else {
        Exit::Failed
    })
}

/// What is found in a release, or what keeps it or its cases from being read.
fn told(engine: &Engine, folder: &Path) -> Result<Vec<Told>, Vec<Diagnostic>> {
    let release = engine.load(folder);
    let release = release.map_err(|error| Diagnostic::of_load(&error))?;
    let cases = release.source().cases();
    cases.map_err(|errors| Diagnostic::of_release(&errors))?;
    let found = lint(engine, &release).into_iter().map(|finding| {
        let bytes = release.source().folder().file(&finding.file);
        let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
        Told {
            file: folder.join(&finding.file).display().to_string(),
            text: text.unwrap_or_default().to_owned(),
            finding,
        }
    });
    Ok(found.collect())
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
    fn render(&self) -> String {
        let head = Tone::Strong.paint(&format!("warning[{}]", self.finding.rule.code()));
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
            "level": "warning",
            "message": { "text": message },
            "locations": [{ "physicalLocation": place }],
        })
    }
}

/// A log of SARIF 2.1.0; columns count characters.
fn sarif(found: &[Told], errors: &[String]) -> Value {
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
    let errors = errors.iter().map(
        |message| json!({ "ruleId": "release", "level": "error", "message": { "text": message } }),
    );
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
