//! Test results for people.

use super::{Run, Suite, Verdict, totals};
use crate::defect::Defect;
use crate::text::{self, Tone};

/// One line for each release, then every failure, then the sum.
///
/// Rows wider than `room` become paragraphs.
#[must_use]
pub fn pretty(suites: &[Suite], room: usize) -> String {
    let mut text = String::new();
    let rows: Vec<Vec<String>> = suites.iter().map(row).collect();
    text.push_str(&text::columns(&rows, 0, room));
    for suite in suites {
        if let Some(problem) = &suite.problem {
            text.push_str(&format!("\n{}", titled(&suite.release, room)));
            for defect in problem.defects() {
                text.push_str(&broken(defect, room));
            }
        }
        for run in &suite.runs {
            text.push_str(&failure(suite, run, room));
        }
    }
    let bad = |suite: &Suite| {
        let totals = totals(std::slice::from_ref(suite));
        totals.failed + totals.invalid > 0 || suite.problem.is_some()
    };
    let tone = match suites.iter().any(bad) {
        true => Tone::Bad,
        false => Tone::Good,
    };
    text.push_str(&format!("\n{}\n", tone.paint(&sum(suites))));
    text
}

/// A defect with its place and what to do about it.
fn broken(defect: &Defect, room: usize) -> String {
    let mut text = indented(&defect.message, room);
    if let Some(place) = &defect.place {
        text.push_str(&format!("  {} {place}\n", Tone::Place.paint("-->")));
    }
    if let Some(help) = &defect.help {
        text.push_str(&indented(&format!("help: {help}"), room));
    }
    text
}

/// How many runs went how, and how many releases cannot be used.
pub(super) fn sum(suites: &[Suite]) -> String {
    let totals = totals(suites);
    let broken = suites.iter().filter(|suite| suite.problem.is_some());
    let (bad, broken) = (totals.failed + totals.invalid, broken.count());
    let mut sum = format!("{} passed, {bad} failed", text::grouped(totals.passed));
    if totals.invalid > 0 {
        sum.push_str(&format!(" ({} of them not valid)", totals.invalid));
    }
    if broken > 0 {
        let broken = text::counted(broken, "release");
        sum.push_str(&format!("; {broken} not usable"));
    }
    sum
}

fn row(suite: &Suite) -> Vec<String> {
    let totals = totals(std::slice::from_ref(suite));
    let bad = totals.failed + totals.invalid;
    let (word, tone) = if bad > 0 || suite.problem.is_some() {
        ("FAIL", Tone::Bad)
    } else {
        ("ok", Tone::Good)
    };
    let mut forms: Vec<&str> = Vec::new();
    for run in &suite.runs {
        if !forms.contains(&run.sandbox.name()) {
            forms.push(run.sandbox.name());
        }
    }
    let failed = match bad {
        0 => String::new(),
        _ => format!("{bad} failed"),
    };
    vec![
        tone.paint(word),
        suite.release.clone(),
        text::pad_left(&format!("{} passed", text::grouped(totals.passed)), 12),
        forms.join(", "),
        failed,
    ]
}

fn failure(suite: &Suite, run: &Run, room: usize) -> String {
    let mut text = String::new();
    let mut head = |what: &str| {
        let title = format!("{}: {} ({})", suite.release, run.name, run.sandbox.name());
        text.push_str(&format!("\n{}", titled(&title, room)));
        let arrow = Tone::Place.paint("-->");
        text.push_str(&format!("  {arrow} {}{what}\n", run.file.display()));
    };
    match &run.verdict {
        Verdict::Passed => {}
        Verdict::Invalid(problem) => {
            head(": the facts are not valid");
            text.push_str(&indented(problem, room));
        }
        Verdict::Failed(differences) => {
            head("");
            let rows: Vec<Vec<String>> = differences
                .iter()
                .flat_map(|difference| {
                    let line = |key: &str, word: &str, value: String| {
                        vec![key.to_owned(), word.to_owned(), value]
                    };
                    [
                        line(
                            &difference.key,
                            "expected",
                            Tone::Good.paint(&difference.expected),
                        ),
                        line("", "found", Tone::Bad.paint(&difference.found)),
                    ]
                })
                .collect();
            text.push_str(&text::columns(&rows, 2, room));
        }
    }
    text
}

/// What failed, in lines of at most `room` columns where words allow it.
fn titled(title: &str, room: usize) -> String {
    let fail = Tone::Bad.paint("FAIL");
    let lines = text::wrap(title, room.saturating_sub(5));
    format!("{fail} {}\n", lines.join("\n     "))
}

fn indented(text: &str, room: usize) -> String {
    let lines = text
        .lines()
        .flat_map(|line| text::wrap(line, room.saturating_sub(2)));
    lines.map(|line| format!("  {line}\n")).collect()
}
