//! A report as text of at most 80 columns.

use std::fmt::Write as _;

use super::{Figure, Report};

/// Writes a report for people: each figure with its definition, source and cases.
#[must_use]
pub fn text(report: &Report, columns: usize) -> String {
    let mut out = format!("{}\n", report.size());
    for tolerated in report.tolerated() {
        wrap(&mut out, &tolerated, columns);
    }
    for figure in &report.figures {
        write(&mut out, report, figure, columns);
    }
    look_back(&mut out, report, columns);
    out
}

/// The decisions to look at again, a line each.
fn look_back(out: &mut String, report: &Report, columns: usize) {
    let _ = writeln!(out, "\n{:<19} {}", "look_back", report.look_back.len());
    let what = "earlier decisions of a class that got less than a later one that was no worse on any merit fact, beyond twice the tolerance; a person decides whether to level them up";
    wrap(out, what, columns);
    for one in &report.look_back {
        let row = format!(
            "- {} got {}, {} got {}",
            report.named(one.decision),
            one.sum,
            report.named(one.later),
            one.later_sum
        );
        wrap(out, &row, columns);
    }
}

fn write(out: &mut String, report: &Report, figure: &Figure, columns: usize) {
    let shown = |value: f64| figure.measure.show(value);
    let (title, value) = (figure.title(), figure.shown());
    let _ = writeln!(out, "\n{title:<19} {value} (of {})", figure.of);
    wrap(out, figure.definition, columns);
    wrap(out, &format!("Source: {}", figure.source), columns);
    for line in &figure.lines {
        let mut row = format!("{} {} (of {})", line.label, shown(line.value), line.of);
        if let Some([low, high]) = line.interval {
            let _ = write!(row, ", 95 % {} to {}", shown(low), shown(high));
        }
        if let Some(p) = line.p {
            let _ = write!(row, ", p {p:.4}");
        }
        wrap(out, &format!("- {row}"), columns);
    }
    if !figure.cases.is_empty() {
        let cases: Vec<String> = figure.cases.iter().map(|one| report.named(*one)).collect();
        wrap(out, &format!("Decisions: {}", cases.join(", ")), columns);
    }
}

/// Words in lines of so many columns, two spaces in.
fn wrap(out: &mut String, text: &str, columns: usize) {
    let mut line = String::from(" ");
    for word in text.split(' ') {
        if line.len() > 2 && line.len() + 1 + word.len() > columns {
            let _ = writeln!(out, "{line}");
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}
