//! A comparison as lines for a terminal.

use redress_authoring::Sum;
use redress_authoring::text::{Tone, columns, grouped, pad_left};
use redress_model::Currency;

use super::alike::Alike;
use super::load::LoadOf;
use super::money::{Pair, Winners};
use super::report::{ByCurrency, Dates, Report, SegmentSums, Side};

/// How many values of a segment, and how many movers, are told.
const VALUES_TOLD: usize = 8;

impl Report {
    /// For a terminal of so many columns.
    #[must_use]
    pub fn text(&self, room: usize) -> String {
        let mut out = self.head(room);
        for currency in &self.currencies {
            out.push_str(&money(currency, room));
        }
        out.push_str(&self.outcomes(room));
        for segment in &self.segments {
            out.push_str(&self.segment(segment, room));
        }
        if let Some(alike) = &self.alike {
            out.push_str(&like_cases(alike, room));
        }
        out.push_str(&load("Cases for approval, a day", &self.approvers, room));
        out.push_str(&load("Cases that fall due, a day", &self.deadlines, room));
        let (earlier, _, later) = self.deadlines_moved;
        if earlier > 0 || later > 0 {
            out.push_str(&format!(
                "  {} deadlines are earlier, {} later\n",
                grouped(earlier),
                grouped(later)
            ));
        }
        out.push_str(&self.largest(room));
        for (gate, measured) in &self.failed_gates {
            out.push_str(&format!(
                "\n{} {gate}: {measured}\n",
                Tone::Bad.paint("gate failed")
            ));
        }
        out
    }

    fn head(&self, room: usize) -> String {
        let side = |side: &Side| {
            let versions: Vec<&str> = side
                .versions
                .iter()
                .map(|(version, _)| version.as_str())
                .collect();
            let any = match side.dates {
                Dates::Own => "",
                Dates::Any => ", as if in force on every date",
            };
            format!("{} {}{any}", side.name, versions.join(", "))
        };
        let mut rows = vec![
            vec![Tone::Faint.paint("before"), side(&self.old)],
            vec![Tone::Faint.paint("after"), side(&self.new)],
            vec![Tone::Faint.paint("history"), self.history.clone()],
        ];
        if !self.assumed.is_empty() {
            let assumed = self
                .assumed
                .iter()
                .map(|(fact, value)| format!("{fact} = {value}"));
            rows.push(vec![
                Tone::Faint.paint("assumed"),
                assumed.collect::<Vec<_>>().join(", "),
            ]);
        }
        let compared = format!(
            "{} of {} rows, {} decided otherwise",
            grouped(self.compared),
            grouped(self.rows),
            grouped(self.flips)
        );
        rows.push(vec![Tone::Faint.paint("compared"), compared]);
        let missing = &self.undetermined;
        let unknown = missing.old + missing.new + missing.both;
        if unknown > 0 {
            let facts: Vec<&str> = missing
                .missing
                .iter()
                .map(|(fact, ..)| fact.as_str())
                .collect();
            rows.push(vec![
                Tone::Wait.paint("not compared"),
                format!("{} for want of {}", grouped(unknown), facts.join(", ")),
                format!("{} under both", grouped(missing.both)),
                format!("{} before only", grouped(missing.old)),
                format!("{} after only", grouped(missing.new)),
            ]);
        }
        if self.bad_rows > 0 {
            rows.push(vec![Tone::Bad.paint("bad rows"), grouped(self.bad_rows)]);
        }
        columns(&rows, 0, room)
    }

    fn outcomes(&self, room: usize) -> String {
        let mut rows = vec![];
        for flip in self
            .matrix
            .iter()
            .filter(|flip| flip.from != flip.to && flip.cases > 0)
        {
            rows.push(vec![
                pad_left(&grouped(flip.cases), 9),
                format!("{} → {}", flip.from.name(), flip.to.name()),
            ]);
        }
        let stay: u64 = self
            .matrix
            .iter()
            .filter(|flip| flip.from == flip.to)
            .map(|flip| flip.cases)
            .sum();
        rows.push(vec![
            pad_left(&grouped(stay), 9),
            Tone::Faint.paint("keep their outcome"),
        ]);
        format!(
            "\n{}\n{}",
            Tone::Strong.paint("Outcomes"),
            columns(&rows, 2, room)
        )
    }

    fn segment(&self, segment: &SegmentSums, room: usize) -> String {
        let moved = segment
            .values
            .iter()
            .filter(|row| row.sums.iter().any(|(_, pair)| pair.change() != 0));
        let mut rows = Vec::new();
        for row in moved.take(VALUES_TOLD) {
            let sums = row
                .sums
                .iter()
                .map(|(currency, pair)| change(*pair, *currency));
            rows.push(vec![
                row.value.clone(),
                sums.collect::<Vec<_>>().join(", "),
                format!(
                    "{} gain, {} lose",
                    grouped(row.gainers),
                    grouped(row.losers)
                ),
            ]);
        }
        let more = segment.values.len().saturating_sub(rows.len());
        let mut out = format!(
            "\n{}\n",
            Tone::Strong.paint(&format!("By {}", segment.name))
        );
        out.push_str(&columns(&rows, 2, room));
        if more > 0 {
            out.push_str(&format!(
                "  {} more, each with less of a change or none\n",
                grouped(more)
            ));
        }
        if let Some((before, after)) = segment.parity_percent {
            out.push_str(&format!("  lowest share of cases given something: {before} % of the highest before, {after} % after\n"));
        }
        out
    }

    fn largest(&self, room: usize) -> String {
        if self.movers.is_empty() {
            return String::new();
        }
        let mut rows = Vec::new();
        for row in self.movers.iter().take(VALUES_TOLD) {
            let reasons: Vec<&str> = row.reasons.iter().map(|code| code.as_str()).collect();
            rows.push(vec![
                row.case.to_string(),
                format!("{} → {}", row.given.0, row.given.1),
                format!("{} → {}", row.outcomes.0.name(), row.outcomes.1.name()),
                reasons.join(", "),
                Tone::Faint.paint(&format!("line {}", row.line)),
            ]);
        }
        format!(
            "\n{}\n{}",
            Tone::Strong.paint("Who moves most"),
            columns(&rows, 2, room)
        )
    }
}

fn money(sums: &ByCurrency, room: usize) -> String {
    let shown = |minor| {
        Sum {
            minor,
            currency: sums.currency,
        }
        .to_string()
    };
    let mut rows = Vec::new();
    let moves = &sums.moves;
    for (name, pair, winners) in [
        ("total", sums.total, moves.total),
        ("law", sums.split.statutory, moves.statutory),
        ("contract", sums.split.contractual, moves.contractual),
        ("goodwill", sums.split.goodwill, moves.goodwill),
    ] {
        if pair == Pair::default() && name != "total" {
            continue;
        }
        rows.push(vec![
            name.to_owned(),
            change(pair, sums.currency),
            won(&winners, &shown),
        ]);
    }
    format!(
        "\n{}\n{}",
        Tone::Strong.paint(&format!("Money, {}", sums.currency)),
        columns(&rows, 2, room)
    )
}

fn won(winners: &Winners, shown: &dyn Fn(i128) -> String) -> String {
    if winners.gainers == 0 && winners.losers == 0 {
        return Tone::Faint.paint("nobody gains or loses");
    }
    format!(
        "{} gain {}, {} lose {}",
        grouped(winners.gainers),
        shown(winners.gained),
        grouped(winners.losers),
        shown(winners.lost)
    )
}

/// `1,000.00 EUR → 1,100.00 EUR (+10.0 %)`.
fn change(pair: Pair, currency: Currency) -> String {
    let shown = |minor| Sum { minor, currency }.to_string();
    if pair.change() == 0 {
        return shown(pair.new);
    }
    format!(
        "{} → {} ({})",
        shown(pair.old),
        shown(pair.new),
        percent(pair)
    )
}

/// The change in percent of what was, to a tenth.
pub(super) fn percent(pair: Pair) -> String {
    if pair.old == 0 {
        return "from nothing".to_owned();
    }
    let tenths = pair.change().saturating_mul(1_000) / pair.old.saturating_abs();
    let sign = if pair.change() < 0 { "-" } else { "+" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{} %", tenths / 10, tenths % 10)
}

/// The fairness figures of a sample, before and after.
fn like_cases(alike: &Alike, room: usize) -> String {
    let mut rows = Vec::new();
    for figure in &alike.figures {
        let shown = |millionths: Option<i64>| match millionths {
            Some(value) => {
                let sign = if value < 0 { "-" } else { "" };
                let value = value.unsigned_abs() / 100;
                format!("{sign}{}.{:04}", grouped(value / 10_000), value % 10_000)
            }
            None => "-".to_owned(),
        };
        let (before, after) = (figure.before_millionths, figure.after_millionths);
        rows.push(vec![
            figure.name.replace('_', " "),
            format!("{} → {}", shown(before), shown(after)),
        ]);
    }
    format!(
        "\n{}\n{}",
        Tone::Strong.paint(&format!(
            "Like cases, a sample of {} in {} classes",
            grouped(alike.sample),
            grouped(alike.classes)
        )),
        columns(&rows, 2, room)
    )
}

fn load(title: &str, loads: &[LoadOf], room: usize) -> String {
    if loads.is_empty() {
        return String::new();
    }
    let hundredths = |number: u64| format!("{}.{:02}", grouped(number / 100), number % 100);
    let mut rows = Vec::new();
    for of in loads {
        let day = of
            .peak_day
            .map(|day| format!(" on {day}"))
            .unwrap_or_default();
        rows.push(vec![
            of.who.to_string(),
            format!("{} → {} cases", grouped(of.cases.0), grouped(of.cases.1)),
            format!(
                "mean {} → {}",
                hundredths(of.mean_hundredths.0),
                hundredths(of.mean_hundredths.1)
            ),
            format!("most {} → {}{day}", grouped(of.peak.0), grouped(of.peak.1)),
        ]);
    }
    format!(
        "\n{}\n{}",
        Tone::Strong.paint(title),
        columns(&rows, 2, room)
    )
}
