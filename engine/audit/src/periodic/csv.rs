//! The report as one CSV (RFC 4180) with a row for each thing and currency.

use std::fmt::Write as _;

use redress_model::Timestamp;

use super::{Money, PeriodReport};

const HEADER: &str = "section,key,decisions,currency,paid_minor,granted_minor,held_minor,\
                      ended_minor,decision,at,late_seconds,detail\r\n";

/// One row, before it is written.
#[derive(Default)]
struct Line<'a> {
    section: &'a str,
    key: &'a str,
    decisions: Option<u64>,
    decision: Option<u64>,
    at: Option<Timestamp>,
    late_seconds: Option<i64>,
    detail: String,
}

impl PeriodReport {
    /// The report as CSV. Sums are in minor units; an empty cell does not apply. A text that
    /// a spreadsheet would take for a formula starts with an apostrophe.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = HEADER.to_owned();
        let total = Line {
            section: "total",
            key: self.period.name(),
            decisions: Some(self.total.decisions),
            ..Line::default()
        };
        put(&mut text, &total, &self.total.money);
        for (outcome, decisions) in &self.outcomes {
            let line = Line {
                section: "outcome",
                key: outcome,
                decisions: Some(*decisions),
                ..Line::default()
            };
            put(&mut text, &line, &Money::new());
        }
        for split in &self.splits {
            let known = split.rows.iter().map(|(key, row)| (key.as_str(), row));
            // An empty key is what is not known.
            let all = known.chain([("", &split.unknown)]);
            for (key, row) in all.filter(|(_, row)| row.decisions > 0 || !row.money.is_empty()) {
                let line = Line {
                    section: split.by,
                    key,
                    decisions: Some(row.decisions),
                    ..Line::default()
                };
                put(&mut text, &line, &row.money);
            }
        }
        self.findings(&mut text);
        text
    }

    fn findings(&self, text: &mut String) {
        for one in &self.departures {
            let line = Line {
                section: "departure",
                key: one.reason.as_str(),
                decision: Some(one.decision),
                at: Some(one.at),
                detail: format!("{} {} {}", one.policy, one.version, one.role),
                ..Line::default()
            };
            put(text, &line, &one.money);
        }
        for one in &self.overdue {
            let closed = one.closed_at.map(|at| format!(" closed {at}"));
            let line = Line {
                section: "overdue",
                key: one.reason.as_str(),
                decision: Some(one.decision),
                at: Some(one.due_at),
                late_seconds: Some(one.late_seconds),
                detail: format!(
                    "{} {} {}{}",
                    one.what,
                    one.id,
                    one.owner,
                    closed.unwrap_or_default()
                ),
                ..Line::default()
            };
            put(text, &line, &Money::new());
        }
        for one in &self.warnings {
            let line = Line {
                section: "warning",
                key: one.warning.as_str(),
                decisions: Some(one.decisions),
                at: Some(one.first_at),
                detail: format!("{} {}", one.policy, one.reason),
                ..Line::default()
            };
            put(text, &line, &Money::new());
        }
        for (rule, one) in &self.errors {
            let line = Line {
                section: "error",
                key: rule.as_str(),
                decisions: Some(one.decisions),
                ..Line::default()
            };
            put(text, &line, &one.money);
        }
    }
}

fn put(text: &mut String, line: &Line<'_>, money: &Money) {
    let number = |number: Option<u64>| number.map_or_else(String::new, |of| of.to_string());
    let sums: Vec<String> = money
        .iter()
        .map(|(currency, of)| {
            let (paid, granted) = (of.paid_minor, of.granted_minor);
            let (held, ended) = (of.held_minor, of.ended_minor);
            format!("{currency},{paid},{granted},{held},{ended}")
        })
        .collect();
    let none = [",,,,".to_owned()];
    let sums = if sums.is_empty() { &none[..] } else { &sums };
    for sums in sums {
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "{},{},{},{sums},{},{},{},{}\r\n",
            line.section,
            cell(line.key),
            number(line.decisions),
            number(line.decision),
            line.at.map_or_else(String::new, |at| at.to_string()),
            line.late_seconds
                .map_or_else(String::new, |late| late.to_string()),
            cell(&line.detail),
        );
    }
}

/// A text as a cell, quoted where it must be, and never a formula.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
