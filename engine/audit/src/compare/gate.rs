//! Gates for CI: what a change must not do.
//!
//! ```text
//! gate    = metric op value
//! metric  = "total" | "statutory" | "contractual" | "goodwill"       sums, with or without (CURRENCY)
//!         | "losers" | "gainers"                                     cases, with or without (GROUND)
//!         | "flips" | "flips(" OUTCOME "->" OUTCOME ")"              cases; either outcome may be *
//!         | "undetermined" | "bad_rows"                              cases, rows
//!         | "load" | "load(" ROLE ")"                                cases on the busiest day
//! op      = ">" | ">=" | "<" | "<=" | "==" | "!="
//! value   = NUMBER            a count; of a sum, major units of what the new release gives
//!         | SIGN NUMBER       the change: new less old
//!         | SIGN NUMBER "%"   the change in percent of the old
//! ```
//!
//! `total > +5%` asks whether the sum rises by more than five percent. From nothing, any
//! rise is more than any percentage. Where a history has several currencies and none is
//! named, a gate that holds in any of them holds.

use std::fmt;
use std::str::FromStr;

use redress_kernel::Outcome;
use redress_model::{Code, Currency};

use super::money::{Moves, Pair, Split, Winners};
use super::{Comparison, OUTCOMES, place};

/// A ground that sums stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// All of them.
    Total,
    /// The law.
    Statutory,
    /// The contract.
    Contractual,
    /// Goodwill.
    Goodwill,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metric {
    /// A sum, in one currency or in any.
    Sum(Ground, Option<Currency>),
    /// Cases that are given less.
    Losers(Ground),
    /// Cases that are given more.
    Gainers(Ground),
    /// Cases whose outcome or sum is another; with outcomes, those that went from one to
    /// the other.
    Flips(Option<(Option<Outcome>, Option<Outcome>)>),
    /// Cases that one of the releases cannot decide for want of a fact.
    Undetermined,
    /// Rows that could not be read.
    BadRows,
    /// Cases of the busiest day of a role, or of any.
    Load(Option<Code>),
}

/// How a measure is held against the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    Differs,
}

/// What a measure is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// What the new release gives, in hundredths.
    Value(i128),
    /// New less old, in hundredths.
    Change(i128),
    /// New less old, in hundredths of a percent of the old.
    Percent(i128),
}

/// Why a text is not a gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a gate such as \"total > +5%\" or \"losers(statutory) > 0\": {problem}")]
pub struct GateError {
    /// The text found, cut to 80 characters.
    pub found: String,
    /// What is wrong.
    pub problem: &'static str,
}

impl GateError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "gate_malformed"
    }
}

/// A condition under which a backtest fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    text: String,
    metric: Metric,
    op: Op,
    threshold: Threshold,
}

const OPS: [(&str, Op); 6] = [
    (">=", Op::AtLeast),
    ("<=", Op::AtMost),
    ("==", Op::Equal),
    ("!=", Op::Differs),
    (">", Op::Above),
    ("<", Op::Below),
];

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let wrong = |problem| GateError {
            found: text.chars().take(80).collect(),
            problem,
        };
        // An arrow within a metric is no operator.
        let after = text.rfind(')').map_or(0, |at| at.saturating_add(1));
        let tail = text.get(after..).unwrap_or_default();
        let found = OPS
            .iter()
            .filter_map(|(sign, op)| tail.find(sign).map(|at| (at, *sign, *op)))
            .min_by_key(|(at, sign, _)| (*at, std::cmp::Reverse(sign.len())));
        let (at, sign, op) = found.ok_or_else(|| wrong("expected one of > >= < <= == !="))?;
        let (left, right) = text.split_at(after.saturating_add(at));
        let right = right.strip_prefix(sign).unwrap_or_default();
        let metric = metric(left.trim()).map_err(wrong)?;
        let threshold = threshold(right.trim()).map_err(wrong)?;
        if !matches!(metric, Metric::Sum(..) | Metric::Load(_))
            && !matches!(threshold, Threshold::Value(_))
        {
            return Err(wrong("a count of cases has no old value to change from"));
        }
        Ok(Self {
            text: text.trim().to_owned(),
            metric,
            op,
            threshold,
        })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn metric(text: &str) -> Result<Metric, &'static str> {
    let (name, argument) = match text.split_once('(') {
        Some((name, rest)) => {
            let argument = rest.strip_suffix(')').ok_or("a bracket is not closed")?;
            (name.trim(), Some(argument.trim()))
        }
        None => (text, None),
    };
    let sum = |ground| match argument {
        None => Ok(Metric::Sum(ground, None)),
        Some(code) => Currency::new(code)
            .map(|currency| Metric::Sum(ground, Some(currency)))
            .map_err(|_| "a sum takes a currency in its brackets, such as (EUR)"),
    };
    let ground = || match argument {
        None | Some("total") => Ok(Ground::Total),
        Some("statutory") => Ok(Ground::Statutory),
        Some("contractual") => Ok(Ground::Contractual),
        Some("goodwill") => Ok(Ground::Goodwill),
        Some(_) => Err("the grounds are statutory, contractual and goodwill"),
    };
    match (name, argument) {
        ("total", _) => sum(Ground::Total),
        ("statutory", _) => sum(Ground::Statutory),
        ("contractual", _) => sum(Ground::Contractual),
        ("goodwill", _) => sum(Ground::Goodwill),
        ("losers", _) => ground().map(Metric::Losers),
        ("gainers", _) => ground().map(Metric::Gainers),
        ("flips", None) => Ok(Metric::Flips(None)),
        ("flips", Some(ends)) => {
            let (from, to) = ends
                .split_once("->")
                .ok_or("expected flips(grant->refuse)")?;
            Ok(Metric::Flips(Some((
                outcome(from.trim())?,
                outcome(to.trim())?,
            ))))
        }
        ("undetermined", None) => Ok(Metric::Undetermined),
        ("bad_rows", None) => Ok(Metric::BadRows),
        ("load", None) => Ok(Metric::Load(None)),
        ("load", Some(role)) => Code::new(role)
            .map(|role| Metric::Load(Some(role)))
            .map_err(|_| "expected a role in the brackets"),
        ("undetermined" | "bad_rows", Some(_)) => Err("this metric takes no brackets"),
        _ => Err(
            "the metrics are total, statutory, contractual, goodwill, losers, gainers, flips, undetermined, bad_rows and load",
        ),
    }
}

fn outcome(text: &str) -> Result<Option<Outcome>, &'static str> {
    if text == "*" {
        return Ok(None);
    }
    let found = OUTCOMES.into_iter().find(|outcome| outcome.name() == text);
    found
        .map(Some)
        .ok_or("the outcomes are grant, escalate, hold, refuse and *")
}

fn threshold(text: &str) -> Result<Threshold, &'static str> {
    let (text, is_percent) = match text.strip_suffix('%') {
        Some(text) => (text.trim(), true),
        None => (text, false),
    };
    let (digits, sign) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(digits), _) => (digits, Some(1)),
        (_, Some(digits)) => (digits, Some(-1)),
        _ => (text, None),
    };
    let number = hundredths(digits.trim()).ok_or("expected a number with at most two decimals")?;
    match (sign, is_percent) {
        (None, false) => Ok(Threshold::Value(number)),
        (Some(sign), false) => Ok(Threshold::Change(number.saturating_mul(sign))),
        (Some(sign), true) => Ok(Threshold::Percent(number.saturating_mul(sign))),
        (None, true) => Err("a percentage is of a change and takes a sign, such as +5%"),
    }
}

/// `1,234.5` as 123450.
fn hundredths(text: &str) -> Option<i128> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.replace(',', "");
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 24 || !digits(&whole) || part.len() > 2 || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

impl Gate {
    /// Whether the gate's condition holds, so that the backtest fails, with what was
    /// measured.
    #[must_use]
    pub fn holds(&self, found: &Comparison) -> Option<String> {
        self.measures(found)
            .into_iter()
            .find(|measure| self.is_met(measure.pair, measure.unit))
            .map(|measure| measure.shown)
    }

    fn measures(&self, found: &Comparison) -> Vec<Measure> {
        match &self.metric {
            Metric::Sum(ground, currency) => {
                let wanted = found
                    .totals
                    .iter()
                    .filter(|(own, _)| currency.is_none_or(|wanted| wanted == **own));
                wanted
                    .map(|(currency, split)| sum(of_split(*ground, split), *currency))
                    .collect()
            }
            Metric::Losers(ground) => vec![cases(each(found, *ground, |of| of.losers))],
            Metric::Gainers(ground) => vec![cases(each(found, *ground, |of| of.gainers))],
            Metric::Flips(None) => vec![cases(found.flips)],
            Metric::Flips(Some((from, to))) => vec![cases(flips(found, *from, *to))],
            Metric::Undetermined => {
                let (old, new, both) = found.undetermined;
                vec![cases(old.saturating_add(new).saturating_add(both))]
            }
            Metric::BadRows => vec![cases(found.bad)],
            Metric::Load(role) => {
                let all = found.load.approvers();
                let wanted = all
                    .iter()
                    .filter(|of| role.as_ref().is_none_or(|role| of.who == *role));
                wanted
                    .map(|of| Measure {
                        pair: Pair {
                            old: of.peak.0.into(),
                            new: of.peak.1.into(),
                        },
                        unit: 1,
                        shown: format!(
                            "{} has {} cases on its busiest day, before {}",
                            of.who, of.peak.1, of.peak.0
                        ),
                    })
                    .collect()
            }
        }
    }

    fn is_met(&self, pair: Pair, unit: i128) -> bool {
        let hundred = 100_i128;
        // Both sides are multiplied and none is divided, so that nothing is rounded.
        let (left, right) = match self.threshold {
            Threshold::Value(value) => {
                (pair.new.saturating_mul(hundred), value.saturating_mul(unit))
            }
            Threshold::Change(by) => (
                pair.change().saturating_mul(hundred),
                by.saturating_mul(unit),
            ),
            Threshold::Percent(by) => (
                pair.change().saturating_mul(10_000),
                by.saturating_mul(pair.old.saturating_abs()),
            ),
        };
        match self.op {
            Op::Above => left > right,
            Op::AtLeast => left >= right,
            Op::Below => left < right,
            Op::AtMost => left <= right,
            Op::Equal => left == right,
            Op::Differs => left != right,
        }
    }
}

/// Something measured: before and after, in parts of which `unit` make one.
struct Measure {
    pair: Pair,
    unit: i128,
    shown: String,
}

fn cases(count: u64) -> Measure {
    Measure {
        pair: Pair {
            old: 0,
            new: count.into(),
        },
        unit: 1,
        shown: format!("{count} cases"),
    }
}

fn sum(pair: Pair, currency: Currency) -> Measure {
    let shown = |minor| redress_authoring::Sum { minor, currency };
    Measure {
        pair,
        unit: 10_i128.saturating_pow(u32::from(currency.exponent())),
        shown: format!("{} becomes {}", shown(pair.old), shown(pair.new)),
    }
}

const fn of_split(ground: Ground, split: &Split) -> Pair {
    match ground {
        Ground::Total => split.total(),
        Ground::Statutory => split.statutory,
        Ground::Contractual => split.contractual,
        Ground::Goodwill => split.goodwill,
    }
}

fn each(found: &Comparison, ground: Ground, get: fn(&Winners) -> u64) -> u64 {
    let of = |moves: &Moves| match ground {
        Ground::Total => get(&moves.total),
        Ground::Statutory => get(&moves.statutory),
        Ground::Contractual => get(&moves.contractual),
        Ground::Goodwill => get(&moves.goodwill),
    };
    found.moves.values().map(of).sum()
}

fn flips(found: &Comparison, from: Option<Outcome>, to: Option<Outcome>) -> u64 {
    let mut count = 0_u64;
    for old in OUTCOMES
        .into_iter()
        .filter(|old| from.is_none_or(|from| from == *old))
    {
        for new in OUTCOMES
            .into_iter()
            .filter(|new| to.is_none_or(|to| to == *new))
        {
            let cell = found
                .matrix
                .get(place(old))
                .and_then(|row| row.get(place(new)));
            if old != new {
                count = count.saturating_add(cell.copied().unwrap_or_default());
            }
        }
    }
    count
}
