//! What a comparison found, as plain values for programs and pages.

use redress_authoring::Sum;
use redress_kernel::Outcome;
use redress_model::{CaseId, Code, Currency, Date, Digest};
use serde::Serialize;

use super::alike::Alike;
use super::load::LoadOf;
use super::money::{BANDS, Moves, Pair, Split};
use super::{Comparison, OUTCOMES, Share, place};

/// One of the two releases compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The policy.
    pub name: String,
    /// The versions, each with its digest.
    pub versions: Vec<(String, Digest)>,
    /// Whether a version decided incidents outside of the dates that it covers.
    pub dates: Dates,
}

/// Which incidents a side decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    /// Each by the version that covers it.
    Own,
    /// All, as if the version had been in force on every day.
    Any,
}

/// Sums of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByCurrency {
    /// The currency.
    pub currency: Currency,
    /// Digits after the point.
    pub exponent: u8,
    /// Everything, in minor units.
    pub total: Pair,
    /// By ground, in minor units.
    #[serde(flatten)]
    pub split: Split,
    /// Who gains and who loses.
    pub moves: Moves,
    /// By the larger of the two sums.
    pub bands: Vec<Band>,
}

/// Cases whose larger sum lies in a band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Band {
    /// Above this many major units; absent for the cases that are given nothing.
    pub above: Option<i128>,
    /// Up to this many; absent for the last band.
    pub up_to: Option<i128>,
    /// Cases.
    pub cases: u64,
    /// Minor units.
    pub sums: Pair,
}

/// Sums of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `2013-01`.
    pub month: String,
    /// The sums, in minor units.
    pub sums: Vec<(Currency, Pair)>,
}

/// How many cases went from one outcome to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlipCount {
    /// Before.
    pub from: Outcome,
    /// After.
    pub to: Outcome,
    /// Cases; those that stay are counted too.
    pub cases: u64,
}

/// Cases that one of the releases cannot decide for want of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undetermined {
    /// Only the old release lacks a fact.
    pub old: u64,
    /// Only the new one does.
    pub new: u64,
    /// Both do.
    pub both: u64,
    /// By the fact that is missing: under the old, under the new.
    pub missing: Vec<(Code, u64, u64)>,
}

/// One value of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// The value.
    pub value: String,
    /// Cases.
    pub cases: u64,
    /// Cases that are given something, before and after.
    pub given: (u64, u64),
    /// Sums in minor units.
    pub sums: Vec<(Currency, Pair)>,
    /// Cases that are given more.
    pub gainers: u64,
    /// Cases that are given less.
    pub losers: u64,
}

/// The values of one segment, and how far apart they lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SegmentSums {
    /// The column or fact.
    pub name: String,
    /// The values, the largest change first.
    pub values: Vec<Segment>,
    /// The lowest share of cases that are given something, among values with at least
    /// [`FAIR_CASES_MIN`] cases, in percent of the highest: before and after.
    pub parity_percent: Option<(u64, u64)>,
}

/// From how many cases on a value counts for the parity of a segment.
pub const FAIR_CASES_MIN: u64 = 100;

/// One of the cases that move most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoverRow {
    /// The line of the history.
    pub line: u64,
    /// The case.
    pub case: CaseId,
    /// Its incident.
    pub incident_date: Date,
    /// By how much, in minor units.
    pub by_minor: i128,
    /// What it was given and is given, in every currency.
    pub given: (String, String),
    /// The outcomes.
    pub outcomes: (Outcome, Outcome),
    /// The reasons of the new decision.
    pub reasons: Vec<Code>,
    /// What an agent is told under the old and under the new release, for the first of them.
    pub why: Vec<String>,
}

/// Everything that a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The release before.
    pub old: Side,
    /// The release after.
    pub new: Side,
    /// The history.
    pub history: String,
    /// Facts that the history lacks and that were given, with their values.
    pub assumed: Vec<(String, String)>,
    /// Rows read.
    pub rows: u64,
    /// Rows that could not be decided.
    pub bad_rows: u64,
    /// Cases that both releases decided.
    pub compared: u64,
    /// Cases that one of them cannot decide.
    pub undetermined: Undetermined,
    /// Cases whose outcome or sum is another.
    pub flips: u64,
    /// Where the cases went.
    pub matrix: Vec<FlipCount>,
    /// The sums, the currency of most cases first.
    pub currencies: Vec<ByCurrency>,
    /// The sums by month.
    pub months: Vec<Month>,
    /// The sums by segment.
    pub segments: Vec<SegmentSums>,
    /// Whether like cases come out alike; absent where nothing is given in money, and
    /// below 30 cases.
    pub alike: Option<Alike>,
    /// What approvers are asked to decide.
    pub approvers: Vec<LoadOf>,
    /// What falls due.
    pub deadlines: Vec<LoadOf>,
    /// Deadlines that are earlier, the same and later.
    pub deadlines_moved: (u64, u64, u64),
    /// The cases that move most.
    pub movers: Vec<MoverRow>,
    /// The gates that failed, each with what was measured.
    pub failed_gates: Vec<(String, String)>,
}

impl Comparison {
    /// Everything found, with so many of the cases that move most.
    #[must_use]
    pub fn report(&self, old: Side, new: Side, history: String, movers_max: usize) -> Report {
        let (only_old, only_new, both) = self.undetermined;
        let missing = self.missing.iter();
        Report {
            old,
            new,
            history,
            assumed: Vec::new(),
            rows: self.read,
            bad_rows: self.bad,
            compared: self.compared,
            undetermined: Undetermined {
                old: only_old,
                new: only_new,
                both,
                missing: missing
                    .map(|(fact, (old, new))| (fact.clone(), *old, *new))
                    .collect(),
            },
            flips: self.flips,
            matrix: self.matrix_rows(),
            currencies: self.currency_rows(),
            months: self.month_rows(),
            segments: self.segment_rows(),
            alike: self.sample.figures(),
            approvers: self.load.approvers(),
            deadlines: self.load.deadlines(),
            deadlines_moved: self.load.moved(),
            movers: self.mover_rows(movers_max),
            failed_gates: Vec::new(),
        }
    }

    fn matrix_rows(&self) -> Vec<FlipCount> {
        let mut rows = Vec::new();
        for from in OUTCOMES {
            for to in OUTCOMES {
                let cell = self
                    .matrix
                    .get(place(from))
                    .and_then(|row| row.get(place(to)));
                let cases = cell.copied().unwrap_or_default();
                rows.push(FlipCount { from, to, cases });
            }
        }
        rows
    }

    fn currency_rows(&self) -> Vec<ByCurrency> {
        let mut rows: Vec<ByCurrency> = self
            .totals
            .iter()
            .map(|(currency, split)| ByCurrency {
                currency: *currency,
                exponent: currency.exponent(),
                total: split.total(),
                split: *split,
                moves: self.moves.get(currency).copied().unwrap_or_default(),
                bands: self.band_rows(*currency),
            })
            .collect();
        let cases = |row: &ByCurrency| row.bands.iter().map(|band| band.cases).sum::<u64>();
        rows.sort_by_key(|row| std::cmp::Reverse(cases(row)));
        rows
    }

    fn band_rows(&self, currency: Currency) -> Vec<Band> {
        let bands = self
            .bands
            .get(&currency)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let row = |(index, (cases, sums)): (usize, &(u64, Pair))| Band {
            above: index
                .checked_sub(1)
                .and_then(|before| BANDS.get(before).copied()),
            up_to: BANDS.get(index).copied(),
            cases: *cases,
            sums: *sums,
        };
        bands.iter().enumerate().map(row).collect()
    }

    fn month_rows(&self) -> Vec<Month> {
        let row =
            |((year, month), sums): (&(i16, i8), &std::collections::BTreeMap<Currency, Pair>)| {
                Month {
                    month: format!("{year:04}-{month:02}"),
                    sums: sums
                        .iter()
                        .map(|(currency, pair)| (*currency, *pair))
                        .collect(),
                }
            };
        self.months.iter().map(row).collect()
    }

    fn segment_rows(&self) -> Vec<SegmentSums> {
        let names = self.segment_names.iter().zip(&self.segments);
        names
            .map(|(name, values)| {
                let mut rows: Vec<Segment> = values
                    .iter()
                    .map(|(value, share)| segment(value, share))
                    .collect();
                let change = |row: &Segment| {
                    let changes = row
                        .sums
                        .iter()
                        .map(|(_, pair)| pair.change().unsigned_abs());
                    changes.max().unwrap_or_default()
                };
                rows.sort_by(|one, other| {
                    change(other)
                        .cmp(&change(one))
                        .then(other.cases.cmp(&one.cases))
                        .then_with(|| one.value.cmp(&other.value))
                });
                SegmentSums {
                    name: name.clone(),
                    parity_percent: parity(&rows),
                    values: rows,
                }
            })
            .collect()
    }

    fn mover_rows(&self, most: usize) -> Vec<MoverRow> {
        let kept = self
            .kept()
            .into_iter()
            .filter(|kept| kept.by != 0)
            .take(most);
        kept.map(|kept| MoverRow {
            line: kept.line,
            case: kept.case.envelope.id.clone(),
            incident_date: kept.case.envelope.incident_date,
            by_minor: kept.by,
            given: (given(&kept.old), given(&kept.new)),
            outcomes: (kept.old.outcome(), kept.new.outcome()),
            reasons: kept
                .new
                .reasons()
                .map(|reason| reason.code.clone())
                .collect(),
            why: Vec::new(),
        })
        .collect()
    }
}

fn segment(value: &str, share: &Share) -> Segment {
    Segment {
        value: value.to_owned(),
        cases: share.cases,
        given: share.given,
        sums: share
            .sums
            .iter()
            .map(|(currency, pair)| (*currency, *pair))
            .collect(),
        gainers: share.gainers,
        losers: share.losers,
    }
}

/// The lowest share of cases that are given something, in percent of the highest.
fn parity(rows: &[Segment]) -> Option<(u64, u64)> {
    let large: Vec<&Segment> = rows
        .iter()
        .filter(|row| row.cases >= FAIR_CASES_MIN)
        .collect();
    if large.len() < 2 {
        return None;
    }
    let side = |get: fn(&Segment) -> u64| {
        let shares = || {
            large
                .iter()
                .map(|row| get(row).saturating_mul(1_000_000) / row.cases.max(1))
        };
        let (lowest, highest) = (shares().min()?, shares().max()?);
        Some(match highest {
            0 => 100,
            highest => lowest.saturating_mul(100) / highest,
        })
    };
    Some((side(|row| row.given.0)?, side(|row| row.given.1)?))
}

/// What a decision gives, in every currency: `250.00 EUR`.
pub(super) fn given(decision: &redress_kernel::Decision) -> String {
    let mut sums: std::collections::BTreeMap<Currency, i128> = std::collections::BTreeMap::new();
    for worth in decision.remedies().iter().filter_map(|remedy| remedy.worth) {
        let sum = sums.entry(worth.currency()).or_default();
        *sum = sum.saturating_add(worth.minor().into());
    }
    let shown: Vec<String> = sums
        .into_iter()
        .map(|(currency, minor)| Sum { minor, currency }.to_string())
        .collect();
    match shown.is_empty() {
        true => "0".to_owned(),
        false => shown.join(" + "),
    }
}
