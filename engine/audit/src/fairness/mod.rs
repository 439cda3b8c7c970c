//! How alike like cases were treated: figures over what a ledger keeps, each with its
//! definition, its source and the decisions behind it.

mod figures;
mod flips;
mod html;
mod look_back;
mod stats;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::flips::{Flips, flipped};
pub use self::html::html;
pub use self::look_back::LookBack;
pub use self::text::text;

/// Groups with fewer cases are not reported: too few to tell, and too easy to recognise.
pub const GROUP_MIN: usize = 30;

/// One decision as the ledger keeps it for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub decision: u64,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Its class, by which cases are like each other.
    pub class: String,
    /// Its merit facts, higher worse; equally many in all of a class.
    pub point: Vec<i64>,
    /// What its release gives on the facts, in minor units.
    pub tariff_minor: i64,
    /// What it came to before caps; for a departure, what was given.
    pub sum_minor: i64,
    /// Whether it forms the norm: `norm`, `error`, `departure`, `overturned`, `experiment`.
    pub state: String,
    /// The reason of a departure.
    pub departure: Option<String>,
    /// Who proposed it.
    pub agent: String,
    /// Facts to group by, such as the channel.
    pub groups: BTreeMap<String, String>,
}

/// One part of a figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What it is of: an agent, a group, a reason.
    pub label: String,
    /// Its value.
    pub value: f64,
    /// Its 95 % interval, where one is estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// The probability of as much by chance, where it is tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// How many cases it rests on.
    pub of: usize,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub definition: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its value; none where there are too few cases.
    pub value: Option<f64>,
    /// How many cases or pairs it rests on.
    pub of: usize,
    /// Its parts.
    pub lines: Vec<Line>,
    /// The decisions that tell most, at most ten.
    pub cases: Vec<u64>,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// How many decisions were looked at.
    pub decisions: usize,
    /// In how many classes.
    pub classes: usize,
    /// The figures, in order.
    pub figures: Vec<Figure>,
    /// Earlier decisions that a later, higher one would have raised: all of them.
    pub look_back: Vec<LookBack>,
}

impl Report {
    /// The figure with a name.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

/// Audits decisions; the order in which they are given does not matter.
#[must_use]
pub fn audit(rows: &[Row]) -> Report {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| (row.at, row.decision));
    let mut classes: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        classes.entry(&row.class).or_default().push(row);
    }
    let mut figures = vec![
        figures::consistency(&classes),
        figures::lipschitz(&classes),
        figures::leapfrogs(&classes),
        figures::spread(&classes),
        figures::agents(&rows),
        figures::departures(&rows),
        figures::departing(&rows),
        figures::ratchet(&rows),
        figures::overturned(&rows),
    ];
    let mut facts: Vec<&String> = rows.iter().flat_map(|row| row.groups.keys()).collect();
    facts.sort_unstable();
    facts.dedup();
    for fact in facts {
        figures.push(figures::premium(&rows, fact));
        figures.push(figures::four_fifths(&rows, fact));
    }
    Report {
        decisions: rows.len(),
        classes: classes.len(),
        figures,
        look_back: look_back::look_back(&classes),
    }
}

/// The figures that rest on facts and sums alone: whether cases that are alike come out
/// alike, whoever decides them. For decisions that nobody has taken yet.
#[must_use]
pub fn alike(rows: &[Row]) -> Vec<Figure> {
    let mut classes: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        classes.entry(&row.class).or_default().push(row);
    }
    vec![
        figures::consistency(&classes),
        figures::lipschitz(&classes),
        figures::leapfrogs(&classes),
    ]
}
