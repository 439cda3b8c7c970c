//! Codes that people read, reasons and obligations, for which a release has no words.
//!
//! What a script writes down as a literal is found before any case runs; what it takes
//! from a table or works out, and what a module gives, is found when its cases run.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use redress_kernel::Decision;
use redress_model::Code;
use redress_model::code::nearest;
use redress_release::{Messages, ReleaseError, ReleaseSource};
use regex::Regex;

use crate::words;

/// The reasons and obligations of a decision for which neither the release nor the engine has words.
#[must_use]
pub fn missing(decision: &Decision, messages: &Messages) -> Vec<Code> {
    let remedies = decision.remedies().iter();
    let reasons = remedies.flat_map(|remedy| &remedy.reasons);
    let reasons = reasons.chain(decision.reasons()).map(|reason| &reason.code);
    let codes = reasons.chain(decision.obligations());
    let codes: BTreeSet<&Code> = codes.filter(|code| !is_worded(code, messages)).collect();
    codes.into_iter().cloned().collect()
}

/// The reasons and obligations that a script writes down and that have no words, with their lines.
#[must_use]
pub fn of_script(release: &ReleaseSource) -> Vec<ReleaseError> {
    let Some(script) = release.policy().rhai() else {
        return Vec::new();
    };
    let file = release.path().join(&script.file);
    let mut told = BTreeSet::new();
    let mut errors = Vec::new();
    for (text, line) in literals(&script.text) {
        // What is no code at all ends the case in which the script gives it.
        let Ok(code) = Code::new(text) else {
            continue;
        };
        if !is_worded(&code, release.messages()) && told.insert(code.clone()) {
            errors.push(ReleaseError {
                line: Some(line),
                help: Some(advice(&code, release.messages())),
                ..ReleaseError::of_file(&file, format!("{text:?} {MISSING}"))
            });
        }
    }
    errors
}

/// How an error about a code without words ends.
pub(crate) const MISSING: &str = "has no sentence";

/// What to do about a code without words.
fn advice(code: &Code, messages: &Messages) -> String {
    match nearest(code.as_str(), messages.codes().map(Code::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add `{code} = \"...\"` under [reasons] in every file of messages"),
    }
}

fn is_worded(code: &Code, messages: &Messages) -> bool {
    messages.has(code) || words::is_own(code)
}

/// A comment, a literal text, a number or a character, a name, `=>`, or any other mark.
const TOKEN: &str =
    r#"(?s)//[^\n]*|/\*.*?\*/|"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)+'|\w+|=>|\S"#;

/// The functions that take a code which people read, and its place among their arguments;
/// behind a dot it is the first.
const CODE_AT: &[(&str, usize)] = &[("because", 1), ("refuse", 0), ("hold", 0), ("oblige", 1)];

struct Token<'s> {
    text: &'s str,
    line: u32,
}

fn tokens(script: &str) -> Vec<Token<'_>> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    // INVARIANT: the pattern is a constant, and the tests of this file use it.
    let pattern = PATTERN.get_or_init(|| Regex::new(TOKEN).ok());
    let found = pattern.iter().flat_map(|pattern| pattern.find_iter(script));
    let mut line = 1_u32;
    let mut read = 0;
    let tokens = found.map(|token| {
        let between = script.get(read..token.start()).unwrap_or_default();
        let breaks = between.bytes().filter(|byte| *byte == b'\n').count();
        line = line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        read = token.start();
        let text = token.as_str();
        Token { text, line }
    });
    let is_comment =
        |token: &Token<'_>| token.text.starts_with("//") || token.text.starts_with("/*");
    tokens.filter(|token| !is_comment(token)).collect()
}

/// The texts that a script gives as such a code as they stand, with their lines.
fn literals(script: &str) -> Vec<(&str, u32)> {
    let tokens = tokens(script);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let called = tokens
            .get(at.saturating_add(1))
            .is_some_and(|next| next.text == "(");
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let before = before.map_or("", |before| before.text);
        let takes = CODE_AT.iter().find(|(name, _)| *name == token.text);
        let Some((_, place)) = takes.filter(|_| called && before != "fn") else {
            continue;
        };
        let place = if before == "." { 0 } else { *place };
        let arguments = tokens.get(at.saturating_add(2)..).unwrap_or_default();
        found.extend(whole_texts(argument(arguments, place)));
    }
    found
}

/// The tokens of one argument, of those that follow a call's opening bracket.
fn argument<'t, 's>(tokens: &'t [Token<'s>], place: usize) -> &'t [Token<'s>] {
    let mut depth = 0_usize;
    let mut passed = 0_usize;
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let ends = depth == 0 && matches!(token.text, "," | ")");
        if ends && passed == place {
            return tokens.get(start..at).unwrap_or_default();
        }
        match token.text {
            "(" | "[" | "{" => depth = depth.saturating_add(1),
            ")" if depth == 0 => break,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "," if ends => {
                passed = passed.saturating_add(1);
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    &[]
}

/// The literal texts that can be the argument's value, or an item of it: alone, in a list,
/// or as a branch of an `if` or a `switch`.
fn whole_texts<'t, 's>(argument: &'t [Token<'s>]) -> impl Iterator<Item = (&'s str, u32)> + 't {
    let mut calls = 0_usize;
    argument.iter().enumerate().filter_map(move |(at, token)| {
        match token.text {
            "(" => calls = calls.saturating_add(1),
            ")" => calls = calls.saturating_sub(1),
            _ => {}
        }
        let before = at.checked_sub(1).and_then(|before| argument.get(before));
        let after = argument.get(at.saturating_add(1));
        let starts = before.is_none_or(|token| matches!(token.text, "[" | "{" | "," | "=>"));
        let ends = after.is_none_or(|token| matches!(token.text, "]" | "}" | ","));
        let text = token.text.strip_prefix('"')?.strip_suffix('"')?;
        (calls == 0 && starts && ends).then_some((text, token.line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &[(&str, u32)]) {
        assert_eq!(literals(script), expected, "{script}");
    }

    #[test]
    fn a_reason_is_found_where_it_stands_as_it_is() {
        check("refuse(\"a\")", &[("a", 1)]);
        check("refuse([\"a\",\n \"b\"])", &[("a", 1), ("b", 2)]);
        check("hold(\"a\")", &[("a", 1)]);
        check("route().queue(\"n\").oblige(\"a\")", &[("a", 1)]);
        check("oblige(route(), \"a\")", &[("a", 1)]);
        check("cash(x).because(\"a\", [\"n\", 3])", &[("a", 1)]);
        check(
            "because(statutory(cash(x), \"claim\"), \"a\", [\"n\"])",
            &[("a", 1)],
        );
        check(
            "because(gift(\"meal\", x).because(\"b\"), \"a\")",
            &[("a", 1), ("b", 1)],
        );
        check(
            "refuse(if x == \"n\" { \"a\" } else { \"b\" })",
            &[("a", 1), ("b", 1)],
        );
        check(
            "refuse(switch x { \"n\" => \"a\", _ => \"b\" })",
            &[("a", 1), ("b", 1)],
        );
    }

    #[test]
    fn other_texts_are_no_reasons() {
        check(
            "// refuse(\"a\")\n/* refuse(\"b\") */ refuse(why(\"n\"))",
            &[],
        );
        check("refuse(row.reason)\nfn refuse(\"n\")", &[]);
        check(
            "let text = \"refuse(\\\"n\\\")\"; let other = `refuse(\"n\")`;",
            &[],
        );
        check("queue(\"n\").tell(\"n\"); refuse(", &[]);
        check("let c = '\"'; refuse(\"a\")", &[("a", 1)]);
    }
}
