//! The ratchet as a picture that loads nothing and has its own background.

use std::fmt::Write as _;

use super::{Desk, Simulated};

const WIDTH: i64 = 760;
const HEIGHT: i64 = 400;
const LEFT: i64 = 64;
const RIGHT: i64 = 620;
const TOP: i64 = 72;
const BOTTOM: i64 = 340;

const OFF: &str = "#c2410c";
const ON: &str = "#1d4ed8";

/// Draws what was paid as a share of the tariff, from the first case to the last.
#[must_use]
pub fn svg(simulated: &Simulated) -> String {
    let Simulated { plan, off, on } = simulated;
    let all = off.course.iter().chain(&on.course).copied();
    let (low, high) = all.fold((10_000, 10_500), |(low, high), rate| {
        (low.min(rate), high.max(rate))
    });
    // Whole steps of five percent, with the tariff itself among them.
    let (low, high) = (low / 500 * 500, (high / 500 + 1) * 500);
    let place = |rate: i64| {
        let share = (BOTTOM - TOP) * (rate - low);
        BOTTOM - share.checked_div(high - low).unwrap_or(0)
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"#1f2937\" role=\"img\">\
         <title>What was paid, as a share of the tariff</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"30\" font-size=\"18\" font-weight=\"600\">Generosity becomes the \
         tariff, unless like cases are compared</text>\n\
         <text x=\"{LEFT}\" y=\"52\" fill=\"#4b5563\">{} cases, {} agents: {} % overpay, {} % \
         underpay. Paid, in percent of the tariff</text>\n",
        grouped(plan.cases),
        plan.agents,
        plan.overpay_percent,
        plan.underpay_percent
    );
    let mut rate = low;
    while rate <= high {
        let y = place(rate);
        let stroke = if rate == 10_000 { "#6b7280" } else { "#e5e7eb" };
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {y}H{RIGHT}\" stroke=\"{stroke}\"/><text x=\"{}\" y=\"{}\" \
             text-anchor=\"end\">{}</text>",
            LEFT - 8,
            y + 5,
            rate / 100
        );
        rate += 500;
    }
    line(&mut out, off, OFF, "fairness off", place);
    line(&mut out, on, ON, "fairness on", place);
    for (share, anchor, x) in [(0, "start", LEFT), (100, "end", RIGHT)] {
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{share} % of the cases</text>",
            BOTTOM + 26
        );
    }
    out.push_str("</svg>\n");
    out
}

fn line(out: &mut String, desk: &Desk, colour: &str, name: &str, place: impl Fn(i64) -> i64) {
    let last = i64::try_from(desk.course.len()).unwrap_or(1) - 1;
    let mut points = String::new();
    let mut end = BOTTOM;
    for (number, rate) in (0_i64..).zip(&desk.course) {
        let x = LEFT + ((RIGHT - LEFT) * number).checked_div(last).unwrap_or(0);
        end = place(*rate);
        let _ = write!(points, "{x},{end} ");
    }
    let _ = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" \
         stroke-linejoin=\"round\"/><text x=\"{}\" y=\"{}\" fill=\"{colour}\" \
         font-weight=\"600\">{name}</text>",
        points.trim_end(),
        RIGHT + 10,
        end + 5
    );
}

/// A number with a comma at each thousand.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
