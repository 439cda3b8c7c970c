//! `lint: allow(rule) because ...` in a comment of a script or of a TOML file.
//!
//! It keeps the findings of a rule on its own line from being told, or, where it stands
//! alone, those on the next line that holds more than a comment. What is about a file as a
//! whole, or stands in one without comments, is allowed anywhere in `release.toml`.

use std::ops::Range;

use redress_compiler::syntax::{SyntaxKind, parse};
use redress_release::ReleaseSource;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::release::MANIFEST;
use super::{Finding, Rule};

/// A comment that allows rules.
struct Allowed {
    file: String,
    at: Range<usize>,
    /// The rules, or what stands in the place of one.
    rules: Vec<Result<Rule, String>>,
    has_reason: bool,
    /// The lines that it is for, in bytes.
    lines: Range<usize>,
}

/// Takes out what is allowed, and adds what is wrong with suppressions.
pub(super) fn apply(source: &ReleaseSource, found: &mut Vec<Finding>) {
    let mut told = Vec::new();
    for (file, bytes) in source.folder().files() {
        let Ok(text) = std::str::from_utf8(bytes) else {
            continue;
        };
        for comment in comments(file, text) {
            let Some(allowed) = allowed(file, text, comment) else {
                continue;
            };
            if !allowed.has_reason {
                told.push(finding(
                    Rule::SuppressedWithoutReason,
                    &allowed,
                    "this suppression says no reason".into(),
                    "write `lint: allow(rule) because ...`",
                ));
                continue;
            }
            for rule in &allowed.rules {
                let rule = match rule {
                    Ok(rule) => *rule,
                    Err(name) => {
                        let message = format!("there is no rule `{name}`");
                        let help = "`redress lint --explain` lists the rules";
                        told.push(finding(Rule::SuppressedForNothing, &allowed, message, help));
                        continue;
                    }
                };
                let before = found.len();
                found.retain(|finding| finding.rule != rule || !allowed.is_for(finding));
                if found.len() == before {
                    let message = format!("nothing here breaks the rule `{}`", rule.code());
                    let help = "take the suppression out";
                    told.push(finding(Rule::SuppressedForNothing, &allowed, message, help));
                }
            }
        }
    }
    found.extend(told);
}

fn finding(rule: Rule, allowed: &Allowed, message: String, help: &str) -> Finding {
    Finding {
        rule,
        file: allowed.file.clone(),
        at: Some(allowed.at.clone()),
        message,
        help: Some(help.to_owned()),
    }
}

impl Allowed {
    fn is_for(&self, finding: &Finding) -> bool {
        let takes_comments = finding.file.ends_with(".rhai") || finding.file.ends_with(".toml");
        match &finding.at {
            Some(at) if takes_comments => {
                finding.file == self.file && self.lines.contains(&at.start)
            }
            None if finding.file == self.file => true,
            _ => self.file == MANIFEST,
        }
    }
}

/// The comments of a file.
fn comments(file: &str, text: &str) -> Vec<Range<usize>> {
    if file.ends_with(".rhai") {
        let tokens = parse(text).root().descendants_with_tokens();
        let tokens = tokens.filter_map(rowan::NodeOrToken::into_token);
        let is_comment = |kind| matches!(kind, SyntaxKind::LineComment | SyntaxKind::BlockComment);
        return tokens
            .filter(|token| is_comment(token.kind()))
            .map(|token| Range::from(token.text_range()))
            .collect();
    }
    if !file.ends_with(".toml") {
        return Vec::new();
    }
    let tokens = Source::new(text).lex();
    tokens
        .filter(|token| token.kind() == TokenKind::Comment)
        .map(|token| token.span().start()..token.span().end())
        .collect()
}

/// What a comment allows, if it is a suppression.
fn allowed(file: &str, text: &str, at: Range<usize>) -> Option<Allowed> {
    let comment = text.get(at.clone())?;
    let words = comment.trim_start_matches(['/', '*', '#']).trim();
    let rest = words.strip_prefix("lint:")?.trim_start();
    let rest = rest.strip_prefix("allow(")?;
    let (names, reason) = rest.split_once(')')?;
    let rules = names.split(',').map(str::trim);
    let rules = rules.map(|name| Rule::find(name).ok_or_else(|| name.to_owned()));
    let reason = reason.trim().strip_prefix("because").unwrap_or_default();
    let reason = reason.trim_end_matches("*/").trim();
    Some(Allowed {
        file: file.to_owned(),
        rules: rules.collect(),
        has_reason: reason.chars().any(char::is_alphanumeric),
        lines: lines(text, &at),
        at,
    })
}

/// The line of a comment, or the next one with more than a comment where it stands alone.
fn lines(text: &str, comment: &Range<usize>) -> Range<usize> {
    let before = text.get(..comment.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    let is_alone = before.get(start..).unwrap_or_default().trim().is_empty();
    let rest = text.get(comment.end..).unwrap_or_default();
    let mut end = comment.end;
    for line in rest.split_inclusive('\n') {
        end = end.saturating_add(line.len());
        let words = line.trim();
        let says = !words.is_empty() && !words.starts_with("//") && !words.starts_with('#');
        if !is_alone || says {
            break;
        }
    }
    start..end.max(comment.end.saturating_add(1))
}
