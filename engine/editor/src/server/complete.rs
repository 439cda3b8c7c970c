//! What may stand where the author is typing.

use lsp_types::{CompletionItem, CompletionItemKind as Kind};
use redress_authoring::repl::{FUNCTIONS, KEYWORDS};
use redress_authoring::schemas;
use redress_compiler::syntax::parse;
use redress_model::FactType;
use redress_release::ReleaseSource;
use serde_json::Value as Json;

/// What may follow the text before an offset of a file.
pub(super) fn at(
    name: &str,
    text: &str,
    offset: usize,
    source: &ReleaseSource,
) -> Vec<CompletionItem> {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    if name.ends_with(".rhai") {
        in_script(line, text, source)
    } else if name.ends_with(".toml") {
        in_toml(name, before, line, source)
    } else {
        Vec::new()
    }
}

fn in_script(line: &str, text: &str, source: &ReleaseSource) -> Vec<CompletionItem> {
    if line.matches('"').count() % 2 == 1 {
        return named(source);
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let word = line
        .rsplit(|c: char| !is_part(c))
        .next()
        .unwrap_or_default();
    if let Some(path) = word.strip_prefix("facts.") {
        let group = path.strip_prefix("maybe.").unwrap_or(path);
        let mut items = facts(source, group);
        if !path.contains('.') {
            items.push(item("maybe", Kind::MODULE, "facts that may be unknown"));
        }
        return items;
    }
    let functions = FUNCTIONS.iter();
    let functions = functions.map(|(name, call, ..)| item(name, Kind::FUNCTION, call));
    if word.contains('.') {
        return functions.collect();
    }
    let keywords = KEYWORDS.iter().map(|word| item(word, Kind::KEYWORD, ""));
    let file = parse(text).file();
    let own = file.functions().filter_map(|function| function.name());
    let own = own.map(|name| item(name.text(), Kind::FUNCTION, "of this script"));
    let given = [item("facts", Kind::VARIABLE, "the facts of the case")];
    functions.chain(keywords).chain(own).chain(given).collect()
}

/// The facts below a group that is typed so far, by what is left of their names.
fn facts(source: &ReleaseSource, typed: &str) -> Vec<CompletionItem> {
    let group = typed
        .rfind('.')
        .map_or("", |at| typed.get(..=at).unwrap_or_default());
    let facts = source.schema().facts().iter();
    let facts = facts.filter_map(|fact| {
        let rest = fact.name.strip_prefix(group)?;
        let mut detail = fact.ty.expected();
        if let Some(unit) = &fact.unit {
            detail.push_str(&format!(", in {unit}"));
        }
        Some(CompletionItem {
            documentation: Some(lsp_types::Documentation::String(
                fact.description.to_string(),
            )),
            ..item(rest, Kind::FIELD, &detail)
        })
    });
    facts.collect()
}

/// What a text may name: reasons, claims, tables, values of enums, kinds and tiers.
fn named(source: &ReleaseSource) -> Vec<CompletionItem> {
    let guardrails = source.guardrails();
    let mut items: Vec<_> = source
        .messages()
        .codes()
        .map(|code| item(code.as_str(), Kind::CONSTANT, "reason"))
        .collect();
    let claims = guardrails.claims.iter();
    items.extend(claims.map(|claim| item(claim.code.as_str(), Kind::CONSTANT, "claim")));
    let tables = source.tables().iter();
    items.extend(tables.map(|table| item(table.name().as_str(), Kind::STRUCT, "table")));
    let kinds = guardrails.kinds.iter();
    items.extend(kinds.map(|kind| item(kind.name.as_str(), Kind::CONSTANT, "kind")));
    let tiers = guardrails.tiers.iter();
    items.extend(tiers.map(|tier| item(tier.name.as_str(), Kind::CONSTANT, "tier")));
    for fact in source.schema().facts() {
        if let FactType::Enum(values) = &fact.ty {
            let values = values.iter();
            items.extend(values.map(|value| item(value, Kind::ENUM_MEMBER, &fact.name)));
        }
    }
    items.sort_by(|one, other| one.label.cmp(&other.label));
    items.dedup_by(|one, other| one.label == other.label);
    items
}

fn in_toml(name: &str, before: &str, line: &str, source: &ReleaseSource) -> Vec<CompletionItem> {
    let headers = before.lines().rev().map(str::trim);
    let mut headers = headers.filter(|line| line.starts_with('[') && !line.contains('='));
    let header = headers.next().unwrap_or_default();
    let path = header.split('#').next().unwrap_or_default().trim();
    let path = path.trim_start_matches('[').trim_end_matches(']');
    if line.contains('=') {
        let mut items = named(source);
        items.extend(facts(source, ""));
        return items;
    }
    if path == "facts" && name.starts_with("cases/") {
        return facts(source, "");
    }
    let Some(schema) = schemas::of(name).and_then(|text| serde_json::from_str(text).ok()) else {
        return Vec::new();
    };
    keys(&schema, path)
}

/// The keys of a table of a TOML file, by the file's JSON Schema.
fn keys(schema: &Json, path: &str) -> Vec<CompletionItem> {
    let mut at = schema;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let at_part = of_table(schema, at).and_then(|table| table.get("properties")?.get(part));
        match at_part {
            Some(next) => at = next,
            None => return Vec::new(),
        }
    }
    let table = of_table(schema, at).and_then(|table| table.get("properties")?.as_object());
    let keys = table.into_iter().flatten().map(|(key, of_key)| {
        let said = of_key.get("description").and_then(Json::as_str);
        item(key, Kind::PROPERTY, said.unwrap_or_default())
    });
    keys.collect()
}

/// The schema of a table behind references and arrays.
fn of_table<'s>(root: &'s Json, mut at: &'s Json) -> Option<&'s Json> {
    for _ in 0..8 {
        if at.get("properties").is_some() {
            return Some(at);
        }
        at = match (at.get("$ref").and_then(Json::as_str), at.get("items")) {
            (Some(reference), _) => root.pointer(reference.strip_prefix('#')?)?,
            (None, Some(items)) => items,
            (None, None) => return None,
        };
    }
    None
}

fn item(label: &str, kind: Kind, detail: &str) -> CompletionItem {
    CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        detail: (!detail.is_empty()).then(|| detail.to_owned()),
        ..CompletionItem::default()
    }
}
