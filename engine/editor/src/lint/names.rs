//! Which names of a release its files say.

use std::collections::BTreeSet;

use redress_compiler::syntax::{SyntaxKind as K, ast, parse};
use redress_model::Value;
use redress_release::ReleaseSource;

/// What the files of a release say by name.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The facts that the script reads, by their full names.
    pub(super) facts: BTreeSet<String>,
    /// The texts of the script.
    pub(super) texts: BTreeSet<String>,
    /// The texts of the tables.
    pub(super) cells: BTreeSet<String>,
    /// The keys and texts of the guardrails.
    pub(super) guardrails: BTreeSet<String>,
}

impl Said {
    pub(super) fn of(source: &ReleaseSource) -> Self {
        let mut said = Self::default();
        if let Some(script) = source.policy().rhai() {
            said.script(&script.text);
        }
        for table in source.tables().iter() {
            let cells = table.rows().iter().flat_map(|row| &row.outputs);
            said.cells.extend(cells.filter_map(|cell| match cell {
                Value::Text(text) => Some(text.to_string()),
                _ => None,
            }));
        }
        let manifest = text(source, "release.toml").and_then(|text| text.parse().ok());
        let manifest: Option<toml_edit::DocumentMut> = manifest;
        let file = manifest
            .as_ref()
            .and_then(|it| it.get("guardrails")?.as_str());
        let rails = file.and_then(|file| text(source, file));
        let rails = rails.and_then(|text| text.parse::<toml_edit::DocumentMut>().ok());
        if let Some(rails) = rails {
            words(rails.as_item(), &mut said.guardrails);
        }
        said
    }

    fn script(&mut self, text: &str) {
        for node in parse(text).root().descendants() {
            if let Some(literal) = ast::Literal::cast(node.clone()) {
                if let Some(ast::LiteralValue::Text(text)) = literal.value() {
                    self.texts.insert(text);
                }
            } else if let Some(field) = ast::Field::cast(node) {
                let tokens = field.syntax().descendants_with_tokens();
                let tokens = tokens.filter_map(rowan::NodeOrToken::into_token);
                let plain = tokens.filter(|token| {
                    !matches!(
                        token.kind(),
                        K::Whitespace | K::LineComment | K::BlockComment
                    )
                });
                let path: String = plain.map(|token| token.text().to_owned()).collect();
                if let Some(name) = path.replace("?.", ".").strip_prefix("facts.") {
                    let name = name.strip_prefix("maybe.").unwrap_or(name);
                    self.facts.insert(name.to_owned());
                }
            }
        }
    }
}

/// The text of a file of a release.
pub(super) fn text<'s>(source: &'s ReleaseSource, file: &str) -> Option<&'s str> {
    std::str::from_utf8(source.folder().file(file)?).ok()
}

/// Every key and every text of a document.
fn words(item: &toml_edit::Item, into: &mut BTreeSet<String>) {
    if let Some(table) = item.as_table_like() {
        for (key, item) in table.iter() {
            into.insert(key.to_owned());
            words(item, into);
        }
    } else if let Some(tables) = item.as_array_of_tables() {
        for table in tables {
            for (key, item) in table {
                into.insert(key.to_owned());
                words(item, into);
            }
        }
    } else if let Some(value) = item.as_value() {
        of_value(value, into);
    }
}

fn of_value(value: &toml_edit::Value, into: &mut BTreeSet<String>) {
    match value {
        toml_edit::Value::String(text) => {
            into.insert(text.value().clone());
        }
        toml_edit::Value::Array(items) => {
            for item in items {
                of_value(item, into);
            }
        }
        toml_edit::Value::InlineTable(table) => {
            for (key, value) in table {
                into.insert(key.to_owned());
                of_value(value, into);
            }
        }
        _ => {}
    }
}
