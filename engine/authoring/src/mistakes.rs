//! An author's mistakes in a release that loads: what a host can run all the same, and
//! nobody should publish.
//!
//! A release that is in force already goes on when the engine is renewed, so that none of
//! this keeps it from loading.

use redress::{Diagnostic, ScriptCheck, ScriptRule};
use redress_model::Locale;
use redress_release::folder::MANIFEST;
use redress_release::{ReleaseError, ReleaseSource};

use crate::sentences;
use crate::words::Lang;

/// Everything that is wrong, each with its file and line: a language that everybody's
/// release needs, codes without a sentence, cases that cannot be read or say what the
/// release does not know.
#[must_use]
pub fn of(source: &ReleaseSource) -> Vec<ReleaseError> {
    let mut errors = languages(source);
    errors.extend(sentences::of_script(source));
    match source.cases() {
        // Cases are held against a release that is right itself: whoever is about to write
        // one anew is not told of every case that is still of the old one.
        Ok(cases) if errors.is_empty() => errors = source.case_problems(&cases),
        Ok(_) => {}
        Err(of_cases) => errors.extend(of_cases.0),
    }
    errors
}

/// Every code is told in English and in Chinese.
fn languages(source: &ReleaseSource) -> Vec<ReleaseError> {
    let file = source.path().join(MANIFEST);
    let has = |lang: Lang| {
        let mut languages = source.messages().locales();
        languages.any(|locale: &Locale| locale.as_str() == lang.code())
    };
    let missing = [(Lang::En, "English"), (Lang::Zh, "Chinese")];
    let missing = missing.into_iter().filter(|(lang, _)| !has(*lang));
    missing
        .map(|(lang, name)| {
            let code = lang.code();
            let text = source.folder().file(MANIFEST);
            let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
            let mut lines = text.unwrap_or_default().lines();
            let line = lines.position(|line| line.trim().starts_with("[messages]"));
            ReleaseError {
                line: line.and_then(|line| u32::try_from(line.saturating_add(1)).ok()),
                key: Some(format!("messages.{code}")),
                help: Some(format!(
                    "add `{code} = \"messages/{code}.toml\"` with a sentence for every code"
                )),
                ..ReleaseError::of_file(&file, format!("the release has no {name} sentences"))
            }
        })
        .collect()
}

/// Whether what is told of the script has been told already: a code without a sentence is
/// one of the mistakes, and a `switch` with a hole, which gives nothing on one way, is told
/// of with the values that it leaves out.
#[must_use]
pub fn have(mistakes: &[ReleaseError], told: &Diagnostic, script: &ScriptCheck) -> bool {
    let line = told.position(&script.lines).line;
    match told.rule {
        ScriptRule::UnknownCode => mistakes
            .iter()
            .any(|error| error.line == Some(line) && error.problem.ends_with(sentences::MISSING)),
        ScriptRule::OutsideSubset => script.diagnostics.iter().any(|other| {
            matches!(
                other.rule,
                ScriptRule::NoDefault | ScriptRule::UnhandledValue
            ) && other.span.start() == told.span.start()
        }),
        _ => false,
    }
}
