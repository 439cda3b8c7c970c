//! What is wrong, as the author types.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString, Range};
use redress::Severity;
use redress_authoring::mistakes;
use redress_compiler::syntax::parse;
use redress_release::{ReleaseError, ReleaseErrors};

use super::place;
use super::workspace::View;

/// What is wrong with the files of a release, by file.
pub(super) fn of(view: &View) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut found: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    match &view.release {
        Ok(source) => {
            let mistakes = mistakes::of(source);
            if let (Some(script), Some(rhai)) = (&view.script, source.policy().rhai()) {
                let said = script
                    .diagnostics
                    .iter()
                    .filter(|said| !mistakes::have(&mistakes, said, script))
                    .map(|said| of_script(said, &rhai.text));
                found
                    .entry(view.root.join(&rhai.file))
                    .or_default()
                    .extend(said);
            }
            of_errors(view, &ReleaseErrors(mistakes), &mut found);
        }
        Err(errors) => {
            of_errors(view, errors, &mut found);
            // Without facts and tables, only what is no Rhai can be told of a script.
            for (name, bytes) in view.folder.files() {
                let text = std::str::from_utf8(bytes).ok();
                if let Some(text) = text.filter(|_| name.ends_with(".rhai")) {
                    let parsed = parse(text);
                    let said = parsed.errors().iter().map(|error| {
                        let message = with_help(&error.problem, error.help.as_deref());
                        let bytes = error.range.start().into()..error.range.end().into();
                        told(
                            place::range(text, bytes),
                            DiagnosticSeverity::ERROR,
                            "syntax",
                            message,
                        )
                    });
                    found.entry(view.root.join(name)).or_default().extend(said);
                }
            }
        }
    }
    found
}

fn of_script(said: &redress::Diagnostic, text: &str) -> Diagnostic {
    let severity = match said.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Outside => DiagnosticSeverity::INFORMATION,
        Severity::Warning => DiagnosticSeverity::WARNING,
    };
    let bytes = said.span.start().into()..said.span.end().into();
    let message = with_help(&said.message, said.help.as_deref());
    told(
        place::range(text, bytes),
        severity,
        said.rule.code(),
        message,
    )
}

fn of_errors(view: &View, errors: &ReleaseErrors, found: &mut BTreeMap<PathBuf, Vec<Diagnostic>>) {
    for error in &errors.0 {
        let text = view.name(&error.file);
        let text = text.and_then(|name| view.text(&name)).unwrap_or_default();
        let range = match error.line {
            Some(line) => place::line(text, usize::try_from(line).unwrap_or(usize::MAX)),
            None => Range::default(),
        };
        let diagnostic = told(range, DiagnosticSeverity::ERROR, "release", message(error));
        let of_file = found.entry(error.file.clone()).or_default();
        if !of_file.contains(&diagnostic) {
            of_file.push(diagnostic);
        }
    }
}

fn message(error: &ReleaseError) -> String {
    let problem = match &error.key {
        Some(key) => format!("{key}: {}", error.problem),
        None => error.problem.clone(),
    };
    with_help(&problem, error.help.as_deref())
}

fn with_help(problem: &str, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("{problem}\nhelp: {help}"),
        None => problem.to_owned(),
    }
}

fn told(range: Range, severity: DiagnosticSeverity, code: &str, message: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(severity),
        code: Some(NumberOrString::String(code.to_owned())),
        source: Some("redress".to_owned()),
        message,
        ..Diagnostic::default()
    }
}
