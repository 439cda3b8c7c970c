//! Coverage for the terminal: the shares, then each place that was not gone through.

use rowan::TextRange;

use super::{Coverage, Metric, ScriptCover};
use crate::text::{self, Tone};

/// A row for each release, then what is missing on its source.
#[must_use]
pub fn pretty(all: &[Coverage], room: usize) -> String {
    let mut rows = vec![head()];
    rows.extend(all.iter().map(row));
    let mut text = text::columns(&rows, 0, room);
    for coverage in all {
        let missing = missing(coverage);
        if !missing.is_empty() {
            text.push_str(&format!(
                "\n{}\n{missing}",
                Tone::Strong.paint(&coverage.release)
            ));
        }
    }
    text
}

fn head() -> Vec<String> {
    let names = Metric::ALL.iter().map(|metric| metric.name());
    let all = std::iter::once("release").chain(names);
    all.map(|name| Tone::Faint.paint(name)).collect()
}

fn row(coverage: &Coverage) -> Vec<String> {
    let shares = Metric::ALL.iter().map(|metric| {
        let share = coverage.share(*metric);
        let tone = match share.hit == share.found {
            true => Tone::Good,
            false => Tone::Wait,
        };
        tone.paint(&share.to_string())
    });
    std::iter::once(coverage.release.clone())
        .chain(shares)
        .collect()
}

/// What shows a place that was not gone through.
enum Shown {
    /// The place itself is all there is.
    Place,
    /// A row of a table.
    Row(String),
    /// A part of the script.
    Source(TextRange),
}

/// Every place that was not gone through, in order: where, what is missing, and how it is shown.
fn places(coverage: &Coverage) -> Vec<(String, String, Shown)> {
    let mut all = Vec::new();
    if let Some(script) = &coverage.script {
        for function in script.functions.iter().filter(|it| it.calls == 0) {
            let place = format!("{}:{}", script.file, function.line);
            let what = format!("`{}` is never called", function.name);
            all.push((place, what, Shown::Place));
        }
        for (at, what) in on_source(script) {
            let start = script.lines.position(at.start());
            let place = format!("{}:{}:{}", script.file, start.line, start.column);
            all.push((place, what, Shown::Source(at)));
        }
    }
    for table in &coverage.tables {
        for row in table.rows.iter().filter(|row| row.count == 0) {
            let place = format!("{}:{}", table.file, row.line);
            let what = "no case looks this row up".to_owned();
            all.push((place, what, Shown::Row(row.text.clone())));
        }
    }
    for entry in coverage.guardrails.iter().filter(|it| it.touched == 0) {
        let file = coverage.guardrails_file.as_deref().unwrap_or("guardrails");
        let place = match entry.line {
            Some(line) => format!("{file}:{line}"),
            None => file.to_owned(),
        };
        let what = format!("no case comes to the {} {}", entry.section, entry.name);
        all.push((place, what, Shown::Place));
    }
    all
}

impl Coverage {
    /// Every place that no case goes through: where it is, and what is missing there.
    #[must_use]
    pub fn missing(&self) -> Vec<(String, String)> {
        let all = places(self).into_iter();
        all.map(|(place, what, _)| (place, what)).collect()
    }
}

fn missing(coverage: &Coverage) -> String {
    let mut text = String::new();
    for (place, what, shown) in places(coverage) {
        text.push_str(&told(&place, &what));
        match (shown, &coverage.script) {
            (Shown::Row(row), _) => {
                text.push_str(&format!("    {}\n", text::harmless(&row)));
            }
            (Shown::Source(at), Some(script)) => text.push_str(&excerpt(script, at)),
            _ => {}
        }
    }
    text
}

fn told(place: &str, what: &str) -> String {
    format!("{} {what}\n", Tone::Place.paint(place))
}

/// What is missing in a script, by place: ways that no case takes, and conditions that no
/// two cases show to decide.
pub(super) fn on_source(script: &ScriptCover) -> Vec<(TextRange, String)> {
    let mut all = Vec::new();
    for site in &script.branches {
        // Where nothing came by, the line says so already.
        if site.ways.iter().all(|way| way.taken == 0) {
            all.push((site.at, "no case comes here".to_owned()));
            continue;
        }
        for way in site.ways.iter().filter(|way| way.taken == 0) {
            let at = if way.at.is_empty() { site.at } else { way.at };
            all.push((at, format!("never: {}", way.what)));
        }
    }
    for decision in &script.decisions {
        let came_by = |it: &super::ConditionCover| it.seen.0 || it.seen.1;
        if !decision.conditions.iter().any(came_by) {
            all.push((decision.at, "no case decides this".to_owned()));
            continue;
        }
        for condition in decision.conditions.iter().filter(|it| it.pair.is_none()) {
            let what = match condition.seen {
                (false, false) => "this condition is never asked",
                (true, false) => "this condition is never false",
                (false, true) => "this condition is never true",
                (true, true) => "no two cases show that this condition decides",
            };
            all.push((condition.at, what.to_owned()));
        }
    }
    all.sort_by_key(|(at, _)| (at.start(), at.end()));
    all
}

/// The place's first line, underlined.
fn excerpt(script: &ScriptCover, at: TextRange) -> String {
    let start = script.lines.position(at.start());
    let end = script.lines.position(at.end());
    let mut text = String::new();
    let line = script.lines.line(start.line).unwrap_or_default();
    let line = line.replace('\t', " ");
    let skip = usize::try_from(start.column.saturating_sub(1)).unwrap_or(0);
    let before: String = line.chars().take(skip).collect();
    let rest: String = line.chars().skip(skip).collect();
    let marked: String = match end.line == start.line {
        true => {
            let count = end.column.saturating_sub(start.column);
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            rest.chars().take(count).collect()
        }
        false => rest,
    };
    text.push_str(&format!("    {}\n", text::harmless(&line)));
    text.push_str(&format!(
        "    {}{}\n",
        " ".repeat(text::width(&before)),
        Tone::Bad.paint(&"^".repeat(text::width(&marked).max(1)))
    ));
    text
}
