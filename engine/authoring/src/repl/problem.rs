//! An error as an author reads it: the line, the text underlined, and a suggestion.

use redress::SnippetError;
use redress_model::code::nearest;

use crate::text::{Tone, width};

/// The error with the code that it is about.
pub(super) fn shown(error: &SnippetError, code: &str, names: &[String]) -> String {
    let mut text = format!(
        "{}{} {}\n",
        Tone::Bad.paint("error"),
        Tone::Strong.paint(":"),
        error.problem
    );
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
    let help = error.help.clone().or_else(|| meant(&error.problem, names));
    if let Some(help) = help {
        text.push_str(&format!("  {} {help}\n", Tone::Place.paint("help:")));
    }
    text
}

/// The name that was probably meant, where the interpreter knows none like it.
fn meant(problem: &str, names: &[String]) -> Option<String> {
    let rest = [
        "Variable not found: ",
        "Function not found: ",
        "Undefined variable: ",
    ]
    .iter()
    .find_map(|start| problem.strip_prefix(start))?;
    let name = rest.split([' ', '(']).next()?;
    let near = nearest(name, names.iter().map(String::as_str))?;
    if near == name {
        return Some(format!("`:doc {name}` says what it takes"));
    }
    Some(format!("did you mean `{near}`?"))
}

/// A line for what a command could not do.
pub(super) fn plain(problem: &str) -> String {
    format!(
        "{}{} {problem}\n",
        Tone::Bad.paint("error"),
        Tone::Strong.paint(":")
    )
}
