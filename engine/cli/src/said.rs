//! What there is to say of a policy's script: for people, as JSON, as SARIF 2.1.0.

use std::path::Path;

use redress::{Budget, Diagnostic, ScriptCheck, ScriptRule, Severity};
use redress_authoring::defect::Defect;
use redress_authoring::mistakes;
use redress_release::{ReleaseError, ReleaseSource};
use serde_json::{Value, json};

use crate::term::Tone;

/// One thing that is told of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    file: String,
    start: (u32, u32),
    end: (u32, u32),
    excerpt: String,
    told: Diagnostic,
}

impl Said {
    /// Everything there is to say of the script of a release, beside its mistakes.
    pub(crate) fn of(source: &ReleaseSource, mistakes: &[ReleaseError]) -> Vec<Self> {
        let Some(script) = source.policy().rhai() else {
            return Vec::new();
        };
        let file = shown(&source.path().join(&script.file));
        let Some(checked) = ScriptCheck::of(source, Budget::STANDARD) else {
            return Vec::new();
        };
        let lines = &checked.lines;
        let place = |offset| {
            let at = lines.position(offset);
            (at.line, at.column)
        };
        let told = checked.diagnostics.iter();
        let told = told.filter(|told| !mistakes::have(mistakes, told, &checked));
        told.cloned()
            .map(|told| Self {
                file: file.clone(),
                start: place(told.span.start()),
                end: place(told.span.end()),
                excerpt: told.excerpt(lines),
                told,
            })
            .collect()
    }

    /// Whether the script has a mistake here.
    pub(crate) fn is_error(&self) -> bool {
        self.told.severity == Severity::Error
    }

    /// The lines for the terminal.
    pub(crate) fn render(&self) -> String {
        let tone = match self.told.severity {
            Severity::Error => Tone::Bad,
            Severity::Outside | Severity::Warning => Tone::Strong,
        };
        let (severity, code) = (self.told.severity.name(), self.told.rule.code());
        let head = tone.paint(&format!("{severity}[{code}]"));
        let (line, column) = self.start;
        let mut text = format!(
            "{head}{} {}\n  {} {}:{line}:{column}\n{}",
            Tone::Strong.paint(":"),
            self.told.message,
            Tone::Place.paint("-->"),
            self.file,
            self.excerpt,
        );
        if let Some(help) = &self.told.help {
            text.push_str(&format!("  {} {help}\n", Tone::Place.paint("help:")));
        }
        text
    }

    /// One object.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "severity": self.told.severity.name(),
            "code": self.told.rule.code(),
            "message": self.told.message,
            "help": self.told.help,
            "file": self.file,
            "line": self.start.0,
            "column": self.start.1,
            "end_line": self.end.0,
            "end_column": self.end.1,
        })
    }

    fn to_sarif(&self) -> Value {
        let message = match &self.told.help {
            Some(help) => format!("{}; {help}", self.told.message),
            None => self.told.message.clone(),
        };
        json!({
            "ruleId": self.told.rule.code(),
            "level": self.told.severity.name(),
            "message": { "text": message },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": self.file },
                "region": {
                    "startLine": self.start.0,
                    "startColumn": self.start.1,
                    "endLine": self.end.0,
                    "endColumn": self.end.1,
                },
            } }],
        })
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A log of SARIF 2.1.0; columns count characters.
pub(crate) fn sarif<'a>(said: &[Said], others: impl Iterator<Item = &'a Defect>) -> Value {
    let rules: Vec<Value> = ScriptRule::ALL
        .iter()
        .map(|rule| json!({ "id": rule.code() }))
        .collect();
    let results = said.iter().map(Said::to_sarif);
    let results: Vec<Value> = results.chain(others.map(Defect::to_sarif)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "redress check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}
