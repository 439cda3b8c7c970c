//! Where a word is defined.

use std::ops::Range;

use redress_compiler::syntax::parse;

use super::meaning::Meaning;
use super::workspace::View;

/// The file of a definition, by its path from the release's folder, and its place there.
pub(super) fn of(meaning: &Meaning, view: &View) -> Option<(String, Range<usize>)> {
    match meaning {
        Meaning::Fact(name) => in_files(view, "schema.json", |text| json_key(text, name)),
        Meaning::Table(name) => {
            let file = format!("tables/{name}.csv");
            view.text(&file).map(|_| (file, 0..0))
        }
        Meaning::Reason(code) => in_files(view, ".toml", |text| toml_key(text, code.as_str()))
            .filter(|(file, _)| file.starts_with("messages/")),
        Meaning::Claim(code) => {
            let file = "guardrails.toml";
            let line = format!("code = \"{code}\"");
            let at = view.text(file)?.find(&line)?;
            Some((file.to_owned(), at..at + line.len()))
        }
        Meaning::Function(name) => in_files(view, ".rhai", |text| {
            let file = parse(text).file();
            let mut names = file.functions().filter_map(|function| function.name());
            let own = names.find(|own| own.text() == name)?;
            Some(own.text_range().into())
        }),
    }
}

/// The first file with this ending in which it is found.
fn in_files(
    view: &View,
    ending: &str,
    find: impl Fn(&str) -> Option<Range<usize>>,
) -> Option<(String, Range<usize>)> {
    let files = view
        .folder
        .files()
        .filter(|(name, _)| name.ends_with(ending));
    let mut messages_first: Vec<_> = files.map(|(name, _)| name).collect();
    messages_first.sort_by_key(|name| !name.starts_with("messages/"));
    messages_first.into_iter().find_map(|name| {
        let at = find(view.text(name)?)?;
        Some((name.to_owned(), at))
    })
}

/// The key of a fact in a JSON Schema; of a fact in a group, after the group's.
fn json_key(text: &str, name: &str) -> Option<Range<usize>> {
    let mut from = 0;
    let mut found = None;
    for part in name.split('.') {
        let key = format!("\"{part}\"");
        let rest = text.get(from..)?;
        let mut places = rest.match_indices(&key);
        let is_key = |at: usize| {
            let after = rest.get(at + key.len()..).unwrap_or_default();
            after.trim_start().starts_with(':')
        };
        let (at, _) = places.find(|(at, _)| is_key(*at))?;
        found = Some(from + at..from + at + key.len());
        from += at + key.len();
    }
    found
}

/// The key of a line in TOML.
fn toml_key(text: &str, key: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let own = line.split('=').next().unwrap_or_default().trim();
        if own.trim_matches('"') == key && line.contains('=') {
            return Some(start..start + own.len());
        }
        start += line.len();
    }
    None
}
