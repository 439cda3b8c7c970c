//! `:sweep`: the amount over a fact, with the places where something changes.

use redress::{Decided, Release};
use redress_model::{Actor, Currency, Date, FactType, Money, Standing, Timestamp};

use super::draft::Draft;
use crate::Sum;
use crate::text::{Bar, Tone, bars, columns};

/// The most steps of one sweep.
const STEPS_MAX: i128 = 1_000;
/// The most bars of a plot.
const BARS_MAX: usize = 30;

/// What a sweep decides with.
pub(super) struct Sweep<'a> {
    pub(super) release: &'a Release,
    pub(super) draft: &'a Draft,
    pub(super) actor: &'a Actor,
    pub(super) standing: &'a Standing,
    pub(super) as_of: Timestamp,
    pub(super) columns: usize,
}

/// How the values of a fact are counted.
#[derive(Clone, Copy)]
enum Axis {
    Int,
    Money(Currency),
    Date,
}

impl Axis {
    fn read(self, text: &str) -> Option<i128> {
        match self {
            Self::Int => text.parse().ok(),
            Self::Date => Some(i128::from(text.parse::<Date>().ok()?.days())),
            Self::Money(currency) => {
                let full = format!("{text} {currency}");
                let money: Money = text.parse().or_else(|_| full.parse()).ok()?;
                (money.currency() == currency).then(|| i128::from(money.minor()))
            }
        }
    }

    /// A step: of a date it is a number of days.
    fn step(self, text: &str) -> Option<i128> {
        match self {
            Self::Date => text.parse().ok(),
            _ => self.read(text),
        }
    }

    fn show(self, number: i128) -> Option<String> {
        match self {
            Self::Int => Some(number.to_string()),
            Self::Date => Some(Date::from_days(i32::try_from(number).ok()?)?.to_string()),
            Self::Money(currency) => {
                Some(Money::new(i64::try_from(number).ok()?, currency).to_string())
            }
        }
    }
}

/// What came out at one value.
#[derive(Clone, PartialEq, Eq)]
struct Point {
    outcome: String,
    amount: i128,
    currency: Option<Currency>,
}

/// Values side by side that come out alike.
struct Range {
    start: i128,
    first: Point,
    last: Point,
}

impl Point {
    fn of(decided: &Decided) -> Self {
        let decision = &decided.decision;
        let worths = decision.remedies().iter().filter_map(|remedy| remedy.worth);
        let currency = worths.clone().next().map(Money::currency);
        let of_currency = worths.filter(|worth| Some(worth.currency()) == currency);
        Self {
            outcome: decision.outcome().name().to_owned(),
            amount: of_currency.map(|worth| i128::from(worth.minor())).sum(),
            currency,
        }
    }

    fn sum(&self) -> String {
        match self.currency {
            Some(currency) => Sum {
                minor: self.amount,
                currency,
            }
            .to_string(),
            None => "0".to_owned(),
        }
    }
}

impl Sweep<'_> {
    pub(super) fn run(
        &self,
        name: &str,
        from: &str,
        to: &str,
        step: &str,
    ) -> Result<String, String> {
        let schema = self.release.schema();
        let fact = schema.slot(name).and_then(|slot| schema.fact(slot));
        let fact = fact.ok_or_else(|| format!("there is no fact `{name}`; `:facts` lists them"))?;
        let axis = match &fact.ty {
            FactType::Int { .. } => Axis::Int,
            FactType::Date => Axis::Date,
            FactType::Money {
                currency: Some(currency),
                ..
            } => Axis::Money(*currency),
            _ => {
                return Err(format!(
                    "`{name}` has no steps; sweep an integer, a date or a sum of one currency"
                ));
            }
        };
        let read = |text: &str| {
            let wrong = || format!("expected {}, found {text:?}", fact.ty.expected());
            axis.read(text).ok_or_else(wrong)
        };
        let (from, to) = (read(from)?, read(to)?);
        let step = axis.step(step).filter(|step| *step > 0);
        let step = step.ok_or_else(|| "a step is above zero".to_owned())?;
        if to < from {
            return Err("the sweep ends before it begins".to_owned());
        }
        let count = (to - from) / step + 1;
        if count > STEPS_MAX {
            return Err(format!(
                "{count} steps, at most {STEPS_MAX}; take larger ones"
            ));
        }
        let mut points: Vec<(i128, Point)> = Vec::new();
        let mut at = from;
        while at <= to {
            points.push((at, self.at(name, axis, at)?));
            at += step;
        }
        self.shown(name, axis, &points)
    }

    fn at(&self, name: &str, axis: Axis, number: i128) -> Result<Point, String> {
        let value = axis.show(number).ok_or("the value is out of all range")?;
        let mut draft = self.draft.clone();
        draft.set(self.release, name, &value)?;
        let case = draft
            .admit(self.release)
            .map_err(|errors| errors.join("\n  "))?;
        let decided = self
            .release
            .decide(&case, self.actor, self.standing, self.as_of);
        Ok(Point::of(&decided))
    }

    /// The first value of which `is_later` holds, between one of which it does not and one
    /// of which it does.
    fn first(
        &self,
        (name, axis): (&str, Axis),
        (mut low, mut up): (i128, i128),
        is_later: impl Fn(&Point) -> bool,
    ) -> Result<i128, String> {
        while up - low > 1 {
            let middle = low + (up - low) / 2;
            if is_later(&self.at(name, axis, middle)?) {
                up = middle;
            } else {
                low = middle;
            }
        }
        Ok(up)
    }

    /// The ranges in which one outcome has one amount, or an amount that changes little by
    /// little.
    fn ranges(
        &self,
        name: &str,
        axis: Axis,
        points: &[(i128, Point)],
    ) -> Result<Vec<Range>, String> {
        let mut ranges: Vec<Range> = Vec::new();
        let mut before: Option<&(i128, Point)> = None;
        for point in points {
            let (at, came) = point;
            let start = match before {
                None => Some(*at),
                Some((_, was)) if was == came => None,
                Some((low, was)) => {
                    let start = self.first((name, axis), (*low, *at), |it| it == came)?;
                    if self.at(name, axis, start - 1)? == *was {
                        Some(start)
                    } else if was.outcome == came.outcome {
                        None
                    } else {
                        // The amount moves on the way, so only the outcome has a place.
                        let outcome = |it: &Point| it.outcome == came.outcome;
                        Some(self.first((name, axis), (*low, *at), outcome)?)
                    }
                }
            };
            match (start, ranges.last_mut()) {
                (None, Some(range)) => range.last = came.clone(),
                (start, _) => ranges.push(Range {
                    start: start.unwrap_or(*at),
                    first: came.clone(),
                    last: came.clone(),
                }),
            }
            before = Some(point);
        }
        Ok(ranges)
    }

    fn shown(&self, name: &str, axis: Axis, points: &[(i128, Point)]) -> Result<String, String> {
        let show = |number: i128| axis.show(number).unwrap_or_default();
        let ranges = self.ranges(name, axis, points)?;
        let last = points.last().map(|(at, _)| *at).unwrap_or_default();
        let ends = ranges.iter().skip(1).map(|range| range.start - 1);
        let ends: Vec<i128> = ends.chain([last]).collect();
        let head = ["from", "to", "outcome", "amount"];
        let mut rows = vec![head.map(|it| Tone::Strong.paint(it)).to_vec()];
        for (range, end) in ranges.iter().zip(ends) {
            let (first, last) = (range.first.sum(), range.last.sum());
            let amount = if first == last {
                first
            } else {
                format!("{first} to {last}")
            };
            let outcome = range.first.outcome.clone();
            rows.push(vec![show(range.start), show(end), outcome, amount]);
        }
        let mut text = columns(&rows, 0, self.columns);
        text.push('\n');
        let starts: Vec<i128> = ranges.iter().skip(1).map(|range| range.start).collect();
        text.push_str(&self.plot(&show, points, &starts));
        let starts: Vec<String> = starts.into_iter().map(show).collect();
        text.push_str(&match starts.as_slice() {
            [] => "no boundary\n".to_owned(),
            [one] => format!("boundary at {one}\n"),
            many => format!("boundaries at {}\n", many.join(", ")),
        });
        Ok(text)
    }

    fn plot(
        &self,
        show: &dyn Fn(i128) -> String,
        points: &[(i128, Point)],
        boundaries: &[i128],
    ) -> String {
        let every = points.len().div_ceil(BARS_MAX).max(1);
        let drawn: Vec<&(i128, Point)> = points.iter().step_by(every).collect();
        let chart: Vec<Bar> = drawn
            .iter()
            .map(|(at, point)| Bar {
                label: show(*at),
                height: point.amount.unsigned_abs(),
                value: point.sum(),
            })
            .collect();
        // The mark of a boundary takes two columns.
        let chart = bars(&chart, self.columns.saturating_sub(2).min(78));
        let mut before: Option<i128> = None;
        let mut text = String::new();
        for (line, (at, _)) in chart.lines().zip(drawn) {
            let crossed = boundaries
                .iter()
                .any(|start| before.is_some_and(|before| before < *start) && start <= at);
            text.push_str(line);
            if crossed {
                text.push_str(&format!(" {}", Tone::Wait.paint("◀")));
            }
            text.push('\n');
            before = Some(*at);
        }
        text
    }
}
