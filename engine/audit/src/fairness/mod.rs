//! How alike like cases were treated: figures over what a ledger keeps, each with its
//! definition, its source and the decisions behind it.

mod figures;
#[cfg(test)]
mod flip_tests;
mod flips;
mod html;
mod look_back;
mod stats;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use redress_kernel::guardrails::Tolerance;
use redress_model::{Currency, Money};
use serde::Serialize;

pub use self::flips::{Flips, flipped};
pub use self::html::html;
pub use self::look_back::LookBack;
pub use self::text::text;

/// Groups with fewer cases are not reported: too few to tell, and too easy to recognise.
pub const GROUP_MIN: usize = 30;

/// What two sums may lie apart where the release is not at hand, in basis points: the 5 %
/// that a release has which says nothing else.
const DEFAULT_BASIS_POINTS: i64 = 500;

/// One decision as the ledger keeps it for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub decision: u64,
    /// The case; empty where none is to be named.
    pub case: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// The release that decided, as people write it; empty where none is to be named.
    pub release: String,
    /// How far sums may lie apart by that release's own word; none to take 5 %
    /// and one whole unit of the currency.
    pub tolerance: Option<Tolerance>,
    /// Its class, by which cases are like each other; of one release.
    pub class: String,
    /// Its merit facts, higher worse; equally many in all of a class.
    pub point: Vec<i64>,
    /// The currency of its sums; one in all of a class.
    pub currency: Currency,
    /// What its release gives on the facts, in minor units.
    pub tariff_minor: i64,
    /// What it came to before caps; for a departure, what was given.
    pub sum_minor: i64,
    /// Whether it forms the norm: `norm`, `error`, `departure`, `overturned`, `experiment`;
    /// `open` and `past` are no decisions that stand.
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

/// What a figure's value is, and that of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A share or a ratio.
    Ratio,
    /// A number of decisions.
    Count,
}

impl Measure {
    /// A value as it is shown: four decimals, or a whole number.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Ratio => format!("{value:.4}"),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub measure: Measure,
    /// The fact that it sets groups of side by side, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
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
    /// The decisions that tell most, at most ten; where it has parts, those of the part that
    /// stands out most. Which cases they are says [`Report::cases`].
    pub cases: Vec<u64>,
    /// How it came about from the first decision to the last, in equal steps; empty but for
    /// the CUSUM.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub course: Vec<f64>,
}

impl Figure {
    /// Its name for people, with the fact where it has one: `premium by channel`.
    fn title(&self) -> String {
        match &self.by {
            Some(fact) => format!("{} by {fact}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Its value for people.
    fn shown(&self) -> String {
        match self.value {
            Some(value) => self.measure.show(value),
            None if self.of == 0 => "not measured".to_owned(),
            None => "too few cases".to_owned(),
        }
    }
}

/// How far sums of one release may lie apart and count as equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tolerated {
    /// The release.
    pub release: String,
    /// The larger of this share, in basis points,
    pub basis_points: i64,
    /// and this sum.
    pub at_least: Money,
    /// Whose word that is.
    pub by: By,
}

/// Whose word a tolerance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The `[fairness]` of the release.
    Release,
    /// Nobody's: the release is not at hand.
    Default,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// How many decisions were looked at.
    pub decisions: usize,
    /// In how many classes.
    pub classes: usize,
    /// How far sums may lie apart, release by release.
    pub tolerances: Vec<Tolerated>,
    /// The figures, in order.
    pub figures: Vec<Figure>,
    /// Earlier decisions that a later, higher one would have raised: all of them.
    pub look_back: Vec<LookBack>,
    /// The case of every decision that is named.
    pub cases: BTreeMap<u64, String>,
}

impl Report {
    /// With one more figure about the same decisions.
    #[must_use]
    pub fn with(mut self, figure: Figure, rows: &[Row]) -> Self {
        self.figures.push(figure);
        self.name(rows.iter());
        self
    }

    /// Finds the cases of the decisions that are named.
    fn name<'r>(&mut self, rows: impl Iterator<Item = &'r Row>) {
        let of_figures = self.figures.iter().flat_map(|figure| &figure.cases);
        let of_look_back = self.look_back.iter();
        let named: BTreeSet<u64> = of_look_back
            .flat_map(|one| [one.decision, one.later])
            .chain(of_figures.copied())
            .collect();
        let named = rows.filter(|row| !row.case.is_empty() && named.contains(&row.decision));
        self.cases = named.map(|row| (row.decision, row.case.clone())).collect();
    }

    /// By which tolerances sums count as equal, a sentence for each release.
    fn tolerated(&self) -> impl Iterator<Item = String> {
        self.tolerances.iter().map(|it| {
            let share = it.basis_points;
            let (whole, part) = (share / 100, share % 100);
            let share = match part {
                0 => whole.to_string(),
                part => format!("{whole}.{part:02}")
                    .trim_end_matches('0')
                    .to_owned(),
            };
            let by = match it.by {
                By::Release => "by its own [fairness]",
                By::Default => "the default, since the release is not at hand",
            };
            let name = if it.release.is_empty() {
                "all releases"
            } else {
                &it.release
            };
            format!("Tolerance of {name}: {share} % or {}, {by}.", it.at_least)
        })
    }

    /// How much was looked at: `96 decisions in 1 class`.
    fn size(&self) -> String {
        let decisions = if self.decisions == 1 { "" } else { "s" };
        let classes = if self.classes == 1 { "" } else { "es" };
        format!(
            "{} decision{decisions} in {} class{classes}",
            self.decisions, self.classes
        )
    }

    /// A decision with its case: `12 (order-77)`.
    fn named(&self, decision: u64) -> String {
        match self.cases.get(&decision) {
            Some(case) => format!("{decision} ({case})"),
            None => decision.to_string(),
        }
    }

    /// The figure with a name.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

/// What sums of a row may lie apart, by its release or by default: 5 %, and one whole unit
/// of the currency.
fn tolerated(row: &Row) -> Tolerated {
    let own = row
        .tolerance
        .filter(|own| own.at_least.currency() == row.currency);
    let unit = 10_i64.saturating_pow(u32::from(row.currency.exponent()));
    Tolerated {
        release: row.release.clone(),
        basis_points: own.map_or(DEFAULT_BASIS_POINTS, |own| own.basis_points),
        at_least: own.map_or(Money::new(unit, row.currency), |own| own.at_least),
        by: if own.is_some() {
            By::Release
        } else {
            By::Default
        },
    }
}

fn tolerances(rows: &[&Row]) -> Vec<Tolerated> {
    let mut found: BTreeMap<(&str, Currency), Tolerated> = BTreeMap::new();
    for row in rows {
        let key = (row.release.as_str(), row.currency);
        found.entry(key).or_insert_with(|| tolerated(row));
    }
    found.into_values().collect()
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
    let mut report = Report {
        decisions: rows.len(),
        classes: classes.len(),
        tolerances: tolerances(&rows),
        figures,
        look_back: look_back::look_back(&classes),
        cases: BTreeMap::new(),
    };
    report.name(rows.into_iter());
    report
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
