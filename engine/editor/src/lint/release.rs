//! Tables, sentences and facts that nothing uses.

use std::ops::Range;

use redress_kernel::codes;
use redress_release::ReleaseSource;
use toml_edit::Document;

use super::names::{Said, text};
use super::{Finding, Rule};

/// Where TOML comments can say something about the release as a whole.
pub(super) const MANIFEST: &str = "release.toml";

/// Rules about a policy whose script can be read; a module does not show what it uses.
pub(super) fn of(source: &ReleaseSource) -> Vec<Finding> {
    if source.policy().rhai().is_none() {
        return Vec::new();
    }
    let said = Said::of(source);
    let mut found = tables(source, &said);
    found.extend(facts(source, &said));
    found.extend(sentences(source, &said));
    found
}

fn tables(source: &ReleaseSource, said: &Said) -> Vec<Finding> {
    let manifest = text(source, MANIFEST).and_then(|text| Document::parse(text).ok());
    let tables = source.tables().iter();
    let unused = tables.filter(|table| !said.texts.contains(table.name().as_str()));
    unused
        .map(|table| {
            let own = manifest.as_ref().and_then(|manifest| {
                let mut all = manifest.get("table")?.as_array_of_tables()?.iter();
                let name = all.find_map(|own| {
                    let name = own.get("name")?;
                    (name.as_str() == Some(table.name().as_str())).then_some(name)
                });
                name?.span()
            });
            Finding {
                rule: Rule::UnusedTable,
                file: MANIFEST.into(),
                at: own,
                message: format!("no line of the script asks the table `{}`", table.name()),
                help: Some("take it out, or ask it with `table(\"name\", [..])`".into()),
            }
        })
        .collect()
}

fn facts(source: &ReleaseSource, said: &Said) -> Vec<Finding> {
    let facts = source.schema().facts().iter();
    let unused = facts.filter(|fact| {
        let name = fact.name.as_str();
        !said.facts.contains(name) && !said.texts.contains(name) && !said.guardrails.contains(name)
    });
    let file = text(source, MANIFEST)
        .and_then(|text| Document::parse(text).ok())
        .and_then(|manifest| Some(manifest.get("schema")?.as_str()?.to_owned()));
    let file = file.unwrap_or_else(|| "facts.schema.json".into());
    let schema = text(source, &file).unwrap_or_default();
    unused
        .map(|fact| {
            let member = fact.name.rsplit('.').next().unwrap_or_default();
            Finding {
                rule: Rule::UnusedFact,
                file: file.clone(),
                at: find(schema, &format!("\"{member}\"")),
                message: format!("nothing reads the fact `{}`", fact.name),
                help: Some("take it out of the schema, or read it where it matters".into()),
            }
        })
        .collect()
}

fn sentences(source: &ReleaseSource, said: &Said) -> Vec<Finding> {
    let given = |code: &str| {
        said.texts.contains(code)
            || said.cells.contains(code)
            || said.guardrails.contains(code)
            || codes::ALL.iter().any(|own| own.as_str() == code)
    };
    let messages = text(source, MANIFEST)
        .and_then(|text| Document::parse(text).ok())
        .and_then(|manifest| {
            Some(
                manifest
                    .get("messages")?
                    .as_table_like()?
                    .get("en")?
                    .as_str()?
                    .to_owned(),
            )
        });
    let file = messages.unwrap_or_else(|| "messages/en.toml".into());
    let document = text(source, &file).and_then(|text| Document::parse(text).ok());
    let unused = source
        .messages()
        .codes()
        .filter(|code| !given(code.as_str()));
    unused
        .map(|code| {
            let at = document.as_ref().and_then(|document| {
                let reasons = document.get("reasons")?.as_table_like()?;
                reasons.key(code.as_str())?.span()
            });
            Finding {
                rule: Rule::UnusedSentence,
                file: file.clone(),
                at,
                message: format!("nothing gives the code `{code}`"),
                help: Some("take its sentences out of every language".into()),
            }
        })
        .collect()
}

/// The first place of some words in a text.
fn find(text: &str, words: &str) -> Option<Range<usize>> {
    let start = text.find(words)?;
    Some(start..start.saturating_add(words.len()))
}
