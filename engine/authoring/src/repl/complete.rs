//! What may follow what is typed, how it is coloured, and whether it is whole.

use redress::Release;
use redress_model::FactType;

use super::docs::{COMMANDS, FUNCTIONS};
use super::draft::ENVELOPE;
use crate::text::Tone;
use crate::tokens::{Kind, pieces};

/// Words of the language.
pub const KEYWORDS: [&str; 17] = [
    "let", "const", "if", "else", "switch", "for", "in", "while", "loop", "do", "return", "try",
    "catch", "throw", "fn", "true", "false",
];

/// What stands for the word before the cursor: its start in bytes, and what may replace it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// Where the word starts, in bytes.
    pub start: usize,
    /// What may stand in its place, in order.
    pub words: Vec<String>,
}

/// Completes the last word of `before`, the text up to the cursor.
pub(super) fn complete(before: &str, release: &Release, names: &[String]) -> Completions {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_part = |c: char| c.is_alphanumeric() || "_.:-".contains(c);
    let word: &str = line
        .rfind(|c: char| !is_part(c))
        .and_then(|at| line.get(at..))
        .map_or(line, |rest| rest.trim_start_matches(|c: char| !is_part(c)));
    let start = before.len().saturating_sub(word.len());
    let mut words = candidates(line, word, release, names);
    words.retain(|candidate| candidate.starts_with(word) && candidate != word);
    words.sort_unstable();
    words.dedup();
    Completions { start, words }
}

fn candidates(line: &str, word: &str, release: &Release, names: &[String]) -> Vec<String> {
    let schema = release.schema();
    let facts = || schema.facts().iter().map(|fact| fact.name.to_string());
    let given: Vec<&str> = line.split_whitespace().collect();
    if let Some(command) = given.first().filter(|first| first.starts_with(':')) {
        if *command == word {
            return COMMANDS
                .iter()
                .map(|(name, _, _)| (*name).to_owned())
                .collect();
        }
        let second = given.len() == 1 || (given.len() == 2 && !word.is_empty());
        return match *command {
            ":set" | ":unset" if second => facts().chain(ENVELOPE.map(str::to_owned)).collect(),
            ":sweep" | ":facts" if second => facts().collect(),
            ":set" => values(given.get(1).copied().unwrap_or_default(), release),
            ":actor" => {
                let roles = release.guardrails().roles.iter();
                roles.map(|role| role.name.to_string()).collect()
            }
            ":why" => ["customer", "agent", "auditor", "zh", "en"]
                .map(str::to_owned)
                .into(),
            ":case" => {
                let cases = release.source().cases().unwrap_or_default();
                cases.iter().map(|case| case.stem.to_string()).collect()
            }
            ":doc" => {
                let functions = FUNCTIONS.iter().map(|(name, ..)| (*name).to_owned());
                let tables = release.source().tables().iter();
                let tables = tables.map(|table| table.name().to_string());
                functions.chain(facts()).chain(tables).collect()
            }
            _ => Vec::new(),
        };
    }
    if word.starts_with("facts.") {
        let plain = facts().map(|name| format!("facts.{name}"));
        let maybe = facts().map(|name| format!("facts.maybe.{name}"));
        return plain.chain(maybe).collect();
    }
    if let Some(before) = before_text(line) {
        if let Some(values) = compared_with(before, release) {
            return values;
        }
        let tables = release.source().tables().iter();
        let tables = tables.map(|table| table.name().to_string());
        let enums = schema.facts().iter().filter_map(|fact| match &fact.ty {
            FactType::Enum(names) => Some(names.iter().map(ToString::to_string)),
            _ => None,
        });
        return tables.chain(enums.flatten()).collect();
    }
    let functions = FUNCTIONS.iter().map(|(name, ..)| (*name).to_owned());
    let words = KEYWORDS.iter().chain(&["facts", "warnings"]);
    let words = words.map(|word| (*word).to_owned());
    functions
        .chain(words)
        .chain(names.iter().cloned())
        .collect()
}

/// The values that a fact may have, where they can be listed.
fn values(name: &str, release: &Release) -> Vec<String> {
    let schema = release.schema();
    let fact = schema.slot(name).and_then(|slot| schema.fact(slot));
    match fact.map(|fact| &fact.ty) {
        Some(FactType::Bool) => vec!["true".into(), "false".into()],
        Some(FactType::Enum(names)) => names.iter().map(ToString::to_string).collect(),
        _ if name == "stage" => {
            let stages = redress_model::Stage::ALL.iter();
            stages.map(|stage| stage.name().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// What a fact that stands before the cursor takes: its type and unit.
pub(super) fn hint(line: &str, release: &Release) -> Option<String> {
    let word = line
        .rsplit(|c: char| !(c.is_alphanumeric() || "_.".contains(c)))
        .next()?;
    let last = match line.strip_prefix(":set ") {
        Some(rest) => rest.trim_end(),
        None => {
            let fact = word.strip_prefix("facts.")?;
            fact.strip_prefix("maybe.").unwrap_or(fact)
        }
    };
    let schema = release.schema();
    let fact = schema.fact(schema.slot(last)?)?;
    let unit = fact.unit.as_ref().map(|unit| format!(", in {unit}"));
    Some(format!(
        "  {}{}",
        fact.ty.expected(),
        unit.unwrap_or_default()
    ))
}

/// What stands before the text that the cursor is within, if it is within one.
fn before_text(line: &str) -> Option<&str> {
    let last = pieces(line).pop()?;
    let is_open = last.kind == Kind::OpenText;
    is_open.then(|| line.get(..last.start)).flatten()
}

/// What a text can be that a fact is compared with, or that names a table.
fn compared_with(before: &str, release: &Release) -> Option<Vec<String>> {
    let before = before.trim_end();
    if before
        .strip_suffix('(')
        .is_some_and(|call| call.ends_with("table"))
    {
        let tables = release.source().tables().iter();
        return Some(tables.map(|table| table.name().to_string()).collect());
    }
    let sides = before
        .strip_suffix("==")
        .or_else(|| before.strip_suffix("!="));
    let fact = sides?.trim_end();
    let start = fact.rfind(|c: char| !(c.is_alphanumeric() || "_.".contains(c)));
    let fact = start.map_or(fact, |at| {
        fact.get(at..)
            .unwrap_or_default()
            .trim_start_matches(|c: char| !c.is_alphanumeric())
    });
    let fact = fact.strip_prefix("facts.")?;
    let fact = fact.strip_prefix("maybe.").unwrap_or(fact);
    let schema = release.schema();
    match &schema.fact(schema.slot(fact)?)?.ty {
        FactType::Enum(names) => Some(names.iter().map(ToString::to_string).collect()),
        // Any other fact has no values that could be listed.
        _ => Some(Vec::new()),
    }
}

/// Whether a block can be run as it stands, or its author is still writing.
pub(super) fn is_whole(block: &str) -> bool {
    if block.trim_start().starts_with(':') {
        return true;
    }
    let mut open = 0_i64;
    for piece in pieces(block) {
        match (piece.kind, piece.text) {
            (Kind::OpenComment, _) => return false,
            (Kind::OpenText, text) if text.starts_with('`') => return false,
            (Kind::Mark, "(" | "[" | "{") => open += 1,
            (Kind::Mark, ")" | "]" | "}") => open -= 1,
            _ => {}
        }
    }
    // A stray closing bracket is an error, which should be told at once.
    open <= 0
}

/// The block in colours.
pub(super) fn highlight(block: &str) -> String {
    if let Some(command) = block.strip_prefix(':') {
        let end = command.find(' ').unwrap_or(command.len());
        let (name, rest) = command.split_at_checked(end).unwrap_or((command, ""));
        return format!("{}{rest}", Tone::Place.paint(&format!(":{name}")));
    }
    let pieces = pieces(block);
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let called = pieces.get(at + 1).is_some_and(|next| next.text == "(");
        let known = FUNCTIONS.iter().any(|(name, ..)| *name == piece.text);
        out.push_str(&match piece.kind {
            Kind::Text | Kind::OpenText => Tone::Good.paint(piece.text),
            Kind::Comment | Kind::OpenComment => Tone::Faint.paint(piece.text),
            Kind::Word if KEYWORDS.contains(&piece.text) => Tone::Strong.paint(piece.text),
            Kind::Word if called && known => Tone::Place.paint(piece.text),
            _ => piece.text.to_owned(),
        });
    }
    out
}
