//! Tables, sentences and facts that nothing uses.

use std::ops::Range;

use redress_kernel::codes;
use redress_model::{FactClass, FactType};
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
    found.extend(negative(source));
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
        // What no policy may read is on record for those who look whether it moved anything.
        if matches!(fact.class, FactClass::Actor | FactClass::Forbidden) {
            return false;
        }
        !said.facts.contains(name) && !said.texts.contains(name) && !said.guardrails.contains(name)
    });
    let (file, schema) = schema_file(source);
    unused
        .map(|fact| Finding {
            rule: Rule::UnusedFact,
            file: file.clone(),
            at: place_of(schema, &fact.name),
            message: format!("nothing reads the fact `{}`", fact.name),
            help: Some("take it out of the schema, or read it where it matters".into()),
        })
        .collect()
}

/// Sums that a case may give below nothing: one finding for the schema.
fn negative(source: &ReleaseSource) -> Option<Finding> {
    let facts = source.schema().facts().iter();
    let mut open = facts.filter_map(|fact| match &fact.ty {
        FactType::Money {
            currency,
            min_minor: None,
        } => Some((fact.name.as_str(), *currency)),
        _ => None,
    });
    let (first, currency) = open.next()?;
    let mut names = format!("`{first}`");
    for (name, _) in open {
        names.push_str(&format!(", `{name}`"));
    }
    let (file, schema) = schema_file(source);
    Some(Finding {
        rule: Rule::NegativeSum,
        at: place_of(schema, first),
        file,
        message: format!("a case may give less than nothing for {names}"),
        help: Some(match currency {
            Some(currency) => format!("write `\"x-minimum\": \"0.00 {currency}\"`"),
            None => "write `x-currency` and `x-minimum`".to_owned(),
        }),
    })
}

/// The name and the text of the fact schema.
pub(super) fn schema_file(source: &ReleaseSource) -> (String, &str) {
    let file = text(source, MANIFEST)
        .and_then(|text| Document::parse(text).ok())
        .and_then(|manifest| Some(manifest.get("schema")?.as_str()?.to_owned()));
    let file = file.unwrap_or_else(|| "facts.schema.json".into());
    let schema = text(source, &file).unwrap_or_default();
    (file, schema)
}

/// Where a schema describes a fact.
pub(super) fn place_of(schema: &str, fact: &str) -> Option<Range<usize>> {
    let member = fact.rsplit('.').next().unwrap_or_default();
    // A name may be a value elsewhere; a colon follows it where it is a key.
    let quoted = format!("\"{member}\"");
    let key = schema.match_indices(&quoted).find(|(at, found)| {
        let after = schema.get(at.saturating_add(found.len())..);
        after.is_some_and(|after| after.trim_start().starts_with(':'))
    });
    let (start, found) = key?;
    Some(start..start.saturating_add(found.len()))
}

fn sentences(source: &ReleaseSource, said: &Said) -> Vec<Finding> {
    let given = |code: &str| {
        said.texts.contains(code)
            || said.cells.contains(code)
            || said.guardrails.contains(code)
            || codes::ALL.iter().any(|own| own.as_str() == code)
            // What a fact is called, for a case that waits for it.
            || source.schema().slot(code).is_some()
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
