//! Claims that name nothing that they could be looked up in.

use redress_release::ReleaseSource;
use toml_edit::{Document, Table};

use super::names::text;
use super::release::MANIFEST;
use super::{Finding, Rule};

/// What is written where a source is still missing.
const PLACEHOLDERS: [&str; 7] = ["", "?", "todo", "tbd", "none", "n/a", "unknown"];

pub(super) fn of(source: &ReleaseSource) -> Vec<Finding> {
    let manifest = text(source, MANIFEST).and_then(|text| Document::parse(text).ok());
    let file = manifest.and_then(|manifest| Some(manifest.get("guardrails")?.as_str()?.to_owned()));
    let file = file.unwrap_or_else(|| "guardrails.toml".into());
    let Some(document) = text(source, &file).and_then(|text| Document::parse(text).ok()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for section in ["statutory", "contractual", "floor"] {
        let tables = document
            .get(section)
            .and_then(|item| item.as_array_of_tables());
        for table in tables.into_iter().flatten() {
            // A floor may leave the source to its claim.
            let Some(written) = table.get("source") else {
                continue;
            };
            let source = written.as_str().unwrap_or_default();
            if is_source(section, source) {
                continue;
            }
            let code = table.get("code").or_else(|| table.get("claim"));
            let code = code.and_then(|code| code.as_str()).unwrap_or_default();
            found.push(Finding {
                rule: Rule::UnsourcedClaim,
                file: file.clone(),
                at: written.span().or_else(|| Table::span(table)),
                message: format!("the source of `{code}` names nothing that can be looked up"),
                help: Some(match section {
                    "contractual" => "name the terms, and where in them".into(),
                    _ => "name the act and the article, or the judgment".into(),
                }),
            });
        }
    }
    found
}

/// Whether a source says where to look: acts have articles, judgments have numbers; terms
/// need at least a name.
fn is_source(section: &str, source: &str) -> bool {
    let source = source.trim().to_lowercase();
    if PLACEHOLDERS.contains(&source.as_str()) {
        return false;
    }
    section == "contractual" || source.contains(|c: char| c.is_numeric() || is_han_number(c))
}

/// A number as Chinese acts write it.
const fn is_han_number(c: char) -> bool {
    matches!(
        c,
        '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百'
    )
}
