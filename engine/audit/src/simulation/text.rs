//! A simulation as text: the audit's figures side by side, and the course as lines of bars.

use std::fmt::Write as _;

use super::{Desk, Simulated};

/// How many lines the course has.
const LINES: usize = 10;

/// Writes a simulation for people, at most so many columns wide.
#[must_use]
pub fn text(simulated: &Simulated, columns: usize) -> String {
    let Simulated { plan, off, on } = simulated;
    let mut out = format!(
        "{} cases, {} agents:\n{} % of them overpay, {} % underpay\n\n",
        plan.cases, plan.agents, plan.overpay_percent, plan.underpay_percent
    );
    let _ = writeln!(out, "{:<20}{:>10}{:>10}", "fairness", "off", "on");
    let mut row = |name: &str, off: String, on: String| {
        let _ = writeln!(out, "{name:<20}{off:>10}{on:>10}");
    };
    let percent = |desk: &Desk| hundredths(super::share(desk.paid_minor, desk.tariff_minor));
    row("paid, % of tariff", percent(off), percent(on));
    let last = |desk: &Desk| hundredths(desk.course.last().copied().unwrap_or(0));
    row("  in the last 1 %", last(off), last(on));
    row(
        "a person was called",
        off.escalated.to_string(),
        on.escalated.to_string(),
    );
    row(
        "held to a precedent",
        off.compared.to_string(),
        on.compared.to_string(),
    );
    for figure in &off.report.figures {
        let other = on
            .report
            .figure(figure.name)
            .and_then(|figure| figure.value);
        let shown =
            |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4}"));
        row(figure.name, shown(figure.value), shown(other));
    }
    out.push('\n');
    course(&mut out, simulated, columns);
    out
}

fn hundredths(basis_points: i64) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    format!("{whole}.{rest:02}")
}

/// The course in tenths, each with a bar for what was paid above the tariff.
fn course(out: &mut String, simulated: &Simulated, columns: usize) {
    out.push_str("Paid above the tariff in %, by tenths\n");
    let tenths = |desk: &Desk| -> Vec<i64> {
        let size = desk.course.len().div_ceil(LINES).max(1);
        let parts = desk.course.chunks(size);
        let mean = |part: &[i64]| {
            let count = i64::try_from(part.len()).unwrap_or(1);
            part.iter().sum::<i64>().checked_div(count).unwrap_or(0)
        };
        parts.map(mean).collect()
    };
    let (off, on) = (tenths(&simulated.off), tenths(&simulated.on));
    let most = off
        .iter()
        .chain(&on)
        .map(|rate| rate.saturating_sub(10_000));
    let most = most.max().unwrap_or(0).max(1);
    let room = columns.saturating_sub(20).max(5);
    let bar = |rate: i64| {
        let above = usize::try_from(rate.saturating_sub(10_000)).unwrap_or(0);
        let wide = above.saturating_mul(room);
        let whole = usize::try_from(most).unwrap_or(1);
        wide.checked_div(whole).unwrap_or(0)
    };
    for (place, (off, on)) in off.iter().zip(&on).enumerate() {
        let label = format!("{:>3} %", place.saturating_add(1).saturating_mul(10));
        for (label, name, rate, mark) in [(label.as_str(), "off", off, "█"), ("", "on", on, "▒")]
        {
            let more = hundredths(rate.saturating_sub(10_000).max(0));
            let bar = mark.repeat(bar(*rate));
            let _ = writeln!(
                out,
                "{}",
                format!("{label:>5} {name:<3} {more:>6} {bar}").trim_end()
            );
        }
    }
}
