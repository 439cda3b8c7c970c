//! A report as one page that loads nothing: all figures at a glance, then each with its
//! definition, a bar for each part with its interval, the ratchet as a curve, and the cases.

use std::fmt::Write as _;

use super::{Figure, Line, Report};

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">
<title>Fairness</title>
<style>
:root { color-scheme: light dark; --ink: #1f2328; --dim: #57606a; --rule: #d8dee4; --track: #f0f2f5; --bar: #2b6cb0; --mark: #1f2328; --page: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #a3abb5; --rule: #3a414a; --track: #242a31; --bar: #5a9be0; --mark: #ffffff; --page: #14181d; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--page); overflow-wrap: anywhere; }
h1 { line-height: 1.2; margin: 0 0 .25rem; }
h2 { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; line-height: 1.3; margin: 2.5rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 1.25rem; }
h2 b { flex: none; font-variant-numeric: tabular-nums; }
p { margin: .25rem 0 .5rem; }
small { color: var(--dim); font-size: .875rem; }
a { color: inherit; }
table { border-collapse: collapse; width: 100%; }
td, th { padding: .15rem .75rem .15rem 0; text-align: left; vertical-align: middle; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.glance tr { border-bottom: 1px solid var(--rule); }
.glance td:last-child, .glance th:last-child, .sums td:last-child, .sums th:last-child { padding-right: 0; }
.parts td:first-child { width: 30%; }
.parts td:last-child { width: 40%; padding-right: 0; }
svg { display: block; width: 100%; background: var(--track); border-radius: 3px; }
.bar { height: 1.25rem; fill: var(--bar); }
.bar .whisker { fill: var(--mark); }
.zero { stroke: var(--dim); stroke-width: 1; vector-effect: non-scaling-stroke; }
.course { height: 10rem; margin: .5rem 0 .25rem; }
.course polyline { fill: none; stroke: var(--bar); stroke-width: 2; vector-effect: non-scaling-stroke; }
@media (max-width: 36rem) {
  body { margin: 1rem auto; }
  .parts tr { display: grid; grid-template-columns: 1fr auto auto; padding: .35rem 0; }
  .parts td:first-child { width: auto; }
  .parts td:last-child { grid-column: 1 / -1; width: auto; }
}
@media print { h2 { break-after: avoid; } tr { break-inside: avoid; } }
</style>
";

/// Writes a report as a page.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut out = String::from(HEAD);
    let _ = writeln!(out, "<h1>Fairness</h1><p>{}.</p>", report.size());
    for tolerated in report.tolerated() {
        let _ = writeln!(out, "<p><small>{}</small>", escaped(&tolerated));
    }
    glance(&mut out, report);
    for (number, figure) in report.figures.iter().enumerate() {
        section(&mut out, report, number, figure);
    }
    look_back(&mut out, report);
    out
}

fn title(figure: &Figure) -> String {
    escaped(&figure.title().replace('_', " "))
}

/// Every figure in a line that leads to it.
fn glance(out: &mut String, report: &Report) {
    out.push_str("<table class=\"glance\"><tr><th>figure<th class=\"n\">value<th class=\"n\">of\n");
    for (number, figure) in report.figures.iter().enumerate() {
        let _ = writeln!(
            out,
            "<tr><td><a href=\"#f{number}\">{}</a><td class=\"n\">{}<td class=\"n\">{}",
            title(figure),
            figure.shown(),
            figure.of
        );
    }
    let _ = writeln!(
        out,
        "<tr><td><a href=\"#look-back\">look back</a><td class=\"n\">{}<td class=\"n\">{}</table>",
        report.look_back.len(),
        report.decisions
    );
}

/// The decisions to look at again.
fn look_back(out: &mut String, report: &Report) {
    let _ = writeln!(
        out,
        "<h2 id=\"look-back\"><span>look back</span> <b>{}</b></h2><p>Earlier decisions of a class that got \
         less than a later one that was no worse on any merit fact. A person decides whether to \
         level them up.</p>",
        report.look_back.len()
    );
    if report.look_back.is_empty() {
        return;
    }
    out.push_str(
        "<table class=\"sums\"><tr><th>decision<th class=\"n\">got<th>later<th class=\"n\">got\n",
    );
    for one in &report.look_back {
        let _ = writeln!(
            out,
            "<tr><td>{}<td class=\"n\">{}<td>{}<td class=\"n\">{}",
            escaped(&report.named(one.decision)),
            one.sum,
            escaped(&report.named(one.later)),
            one.later_sum
        );
    }
    out.push_str("</table>\n");
}

fn section(out: &mut String, report: &Report, number: usize, figure: &Figure) {
    let _ = writeln!(
        out,
        "<h2 id=\"f{number}\"><span>{}</span> <b>{}</b></h2><p>{}. <small>Of {}. Source: {}.</small></p>",
        title(figure),
        figure.shown(),
        escaped(figure.definition),
        figure.of,
        escaped(figure.source)
    );
    course(out, &figure.course);
    parts(out, figure);
    if !figure.cases.is_empty() {
        let cases = figure.cases.iter().map(|one| escaped(&report.named(*one)));
        let cases: Vec<String> = cases.collect();
        let _ = writeln!(out, "<p><small>Decisions: {}</small></p>", cases.join(", "));
    }
}

/// From where to where values lie, with zero.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((0.0_f64, 0.0_f64), |(low, high), end| {
        (low.min(end), high.max(end))
    })
}

/// A bar for each part, from zero, with its interval.
fn parts(out: &mut String, figure: &Figure) {
    if figure.lines.is_empty() {
        return;
    }
    let all = figure.lines.iter().flat_map(|line| {
        let [low, high] = line.interval.unwrap_or([line.value, line.value]);
        [low, high, line.value]
    });
    let (low, high) = ends(all);
    let width = (high - low).max(f64::MIN_POSITIVE);
    let place = |value: f64| 100.0 * (value - low) / width;
    out.push_str("<table class=\"parts\">\n");
    for line in &figure.lines {
        let p = line.p.map_or(String::new(), |p| format!(", p {p:.4}"));
        let _ = write!(
            out,
            "<tr><td>{}<td class=\"n\">{}{p}<td class=\"n\">of {}<td>",
            escaped(&line.label),
            figure.measure.show(line.value),
            line.of
        );
        bar(out, line, place);
    }
    out.push_str("</table>\n");
}

fn bar(out: &mut String, line: &Line, place: impl Fn(f64) -> f64) {
    let (from, to) = (place(line.value.min(0.0)), place(line.value.max(0.0)));
    let _ = write!(
        out,
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><rect x=\"{from:.2}\" y=\"2\" width=\"{:.2}\" height=\"6\"/>",
        (to - from).max(0.4)
    );
    if let Some([low, high]) = line.interval {
        let (low, high) = (place(low), place(high));
        let _ = write!(
            out,
            "<rect class=\"whisker\" x=\"{low:.2}\" y=\"4.5\" width=\"{:.2}\" height=\"1\"/>",
            (high - low).max(0.2)
        );
    }
    let zero = place(0.0);
    let _ = writeln!(out, "<path class=\"zero\" d=\"M{zero:.2} 0V10\"/></svg>");
}

/// The course of a figure as a curve over a line at zero.
fn course(out: &mut String, course: &[f64]) {
    let (low, high) = ends(course.iter().copied());
    let Some(last) = course.len().checked_sub(1).filter(|last| *last > 1) else {
        return;
    };
    let width = (high - low).max(f64::MIN_POSITIVE);
    let down = |value: f64| 95.0 - 90.0 * (value - low) / width;
    let mut points = String::new();
    for (place, value) in course.iter().enumerate() {
        let across = 100.0 * super::stats::count(place) / super::stats::count(last);
        let _ = write!(points, "{across:.2},{:.2} ", down(*value));
    }
    let zero = down(0.0);
    let _ = writeln!(
        out,
        "<svg class=\"course\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" role=\"img\">\
         <title>CUSUM from the first decision to the last, between {low:.4} and {high:.4}</title>\
         <path class=\"zero\" d=\"M0 {zero:.2}H100\"/><polyline points=\"{}\"/></svg>\
         <p><small>CUSUM of the distance from the tariff less its mean, from the first decision \
         to the last, between {low:.4} and {high:.4}; the line is zero. A steady desk stays near \
         it; one that drifts dips or rises and comes back.</small></p>",
        points.trim_end()
    );
}

/// Text that cannot become markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
