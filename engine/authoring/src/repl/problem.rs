//! An error as an author reads it: the line, the text underlined, and a suggestion.

use std::collections::BTreeSet;

use redress::SnippetError;
use redress_model::code::nearest;

use crate::text::{Tone, width, wrap};

/// The error with the code that it is about.
pub(super) fn shown(error: &SnippetError, code: &str, names: &[String], room: usize) -> String {
    let mut text = plain(&error.problem, room);
    let line = error.at.and_then(|at| {
        let number = usize::try_from(at.line).ok()?.checked_sub(1)?;
        Some((code.lines().nth(number)?, at))
    });
    if let Some((line, at)) = line {
        let before = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
        let start: String = line.chars().take(before).collect();
        let word: String = line
            .chars()
            .skip(before)
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let under = "^".repeat(width(&word).max(1));
        let bar = Tone::Place.paint("|");
        text.push_str(&format!("  {bar} {line}\n"));
        let space = " ".repeat(width(&start));
        text.push_str(&format!("  {bar} {space}{}\n", Tone::Bad.paint(&under)));
    }
    let help = meant(&error.problem, names).or_else(|| error.help.clone());
    if let Some(help) = help {
        let label = Tone::Place.paint("help:");
        text.push_str(&wrapped(&format!("{label} {help}"), "  ", room));
    }
    text
}

/// The name that a word probably means: the one that a slip of the hand lies between, or
/// else the only one that goes on where the word ends.
pub(super) fn near<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let names: BTreeSet<&str> = names.collect();
    let goes_on = |name: &&str| {
        let rest = name.strip_prefix(word).unwrap_or_default();
        rest.starts_with(['_', '-', '.'])
    };
    let mut begun = names.iter().copied().filter(goes_on);
    let begun = (begun.next(), begun.next());
    match (nearest(word, names.into_iter()), begun) {
        (Some(near), _) => Some(near),
        (None, (Some(only), None)) if !word.is_empty() => Some(only),
        _ => None,
    }
}

/// The name that was probably meant, where the interpreter knows none like it.
fn meant(problem: &str, names: &[String]) -> Option<String> {
    if let Some(fact) = problem.strip_prefix("there is no fact `") {
        // What stands behind the name is a suggestion already.
        let fact = fact.strip_suffix('`')?;
        let facts = names.iter().filter_map(|name| name.strip_prefix("facts."));
        return Some(format!("did you mean `{}`?", near(fact, facts)?));
    }
    let rest = [
        "Variable not found: ",
        "Function not found: ",
        "Undefined variable: ",
    ]
    .iter()
    .find_map(|start| problem.strip_prefix(start))?;
    let name = rest.split([' ', '(']).next()?;
    let near = near(name, names.iter().map(String::as_str))?;
    if near == name {
        return Some(format!("`:doc {name}` says what it takes"));
    }
    Some(format!("did you mean `{near}`?"))
}

/// What could not be done, its lines wrapped.
pub(super) fn plain(problem: &str, room: usize) -> String {
    let (error, colon) = (Tone::Bad.paint("error"), Tone::Strong.paint(":"));
    wrapped(&format!("{error}{colon} {problem}"), "", room)
}

/// Lines of at most `room` columns, indented; what goes on is indented further.
pub(super) fn wrapped(text: &str, indent: &str, room: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let own = line.len().saturating_sub(line.trim_start().len());
        let indent = format!("{indent}{}", " ".repeat(own));
        let room = room.saturating_sub(indent.len()).saturating_sub(2).max(16);
        for (index, part) in wrap(line.trim_start(), room).iter().enumerate() {
            let further = if index == 0 { "" } else { "  " };
            out.push_str(&format!("{indent}{further}{part}\n"));
        }
    }
    out
}
