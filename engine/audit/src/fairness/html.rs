//! A report as one page that loads nothing: figures with their definitions, and a bar for
//! each part with its interval.

use std::fmt::Write as _;

use super::{Figure, Report};

/// Writes a report as a page.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Fairness</title><style>\
         body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}\
         h2{margin:2rem 0 0}small{color:#555}svg{width:100%;height:1.6rem;background:#f3f3f3}\
         td{padding:0 .5rem 0 0;vertical-align:middle}td:last-child{width:50%}</style>\n",
    );
    let _ = writeln!(
        out,
        "<h1>Fairness</h1><p>{} decisions in {} classes.</p>",
        report.decisions, report.classes
    );
    for figure in &report.figures {
        section(&mut out, figure);
    }
    look_back(&mut out, report);
    out
}

/// The decisions to look at again, in minor units.
fn look_back(out: &mut String, report: &Report) {
    let _ = writeln!(
        out,
        "<h2>look back: {}</h2><p>Earlier decisions of a class that got less than a later one \
         that was no worse on any merit fact. A person decides whether to level them up.</p>",
        report.look_back.len()
    );
    if report.look_back.is_empty() {
        return;
    }
    out.push_str("<table><tr><th>decision<th>got<th>later<th>got\n");
    for one in &report.look_back {
        let _ = writeln!(
            out,
            "<tr><td>{}<td>{}<td>{}<td>{}",
            one.decision, one.sum_minor, one.later, one.later_minor
        );
    }
    out.push_str("</table>\n");
}

fn section(out: &mut String, figure: &Figure) {
    let value = figure
        .value
        .map_or("too few cases".to_owned(), |value| format!("{value:.4}"));
    let _ = writeln!(
        out,
        "<h2>{}: {value}</h2><p>{} <small>Of {}. Source: {}.</small></p>",
        figure.name.replace('_', " "),
        escaped(figure.definition),
        figure.of,
        escaped(figure.source)
    );
    let ends = figure.lines.iter().flat_map(|line| {
        let [low, high] = line.interval.unwrap_or([line.value, line.value]);
        [low, high, line.value, 0.0]
    });
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| {
        (low.min(end), high.max(end))
    });
    let width = (high - low).max(f64::MIN_POSITIVE);
    let place = |value: f64| 100.0 * (value - low) / width;
    if !figure.lines.is_empty() {
        out.push_str("<table>\n");
    }
    for line in &figure.lines {
        let (from, to) = (place(line.value.min(0.0)), place(line.value.max(0.0)));
        let p = line.p.map_or(String::new(), |p| format!(", p {p:.4}"));
        let _ = write!(
            out,
            "<tr><td>{}<td>{:.4}{p}<td>of {}<td><svg viewBox=\"0 0 100 10\" \
             preserveAspectRatio=\"none\"><rect x=\"{from:.2}\" y=\"2\" width=\"{:.2}\" \
             height=\"6\" fill=\"#2b6cb0\"/>",
            escaped(&line.label),
            line.value,
            line.of,
            (to - from).max(0.4)
        );
        if let Some([low, high]) = line.interval {
            let (low, high) = (place(low), place(high));
            let _ = write!(
                out,
                "<rect x=\"{low:.2}\" y=\"4.5\" width=\"{:.2}\" height=\"1\" fill=\"#111\"/>",
                (high - low).max(0.2)
            );
        }
        out.push_str("</svg>\n");
    }
    if !figure.lines.is_empty() {
        out.push_str("</table>\n");
    }
    if !figure.cases.is_empty() {
        let cases: Vec<String> = figure.cases.iter().map(u64::to_string).collect();
        let _ = writeln!(out, "<p><small>Decisions: {}</small></p>", cases.join(", "));
    }
}

/// Text that cannot become markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
