//! The figures, one function each.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::stats::{bootstrap, count, fisher, mean, real};
use super::{Figure, GROUP_MIN, Line, Measure, Row, tolerated};

/// How many neighbours a case is compared with.
const NEIGHBOURS: usize = 5;

/// The most cases of a class that are compared with each other, the latest: pairs grow with
/// the square.
const CLASS_MAX: usize = 1_000;

/// How many decisions a figure names.
const NAMED: usize = 10;

/// How many steps the course of a figure has at most.
const COURSE: usize = 200;

type Classes<'r> = BTreeMap<&'r str, Vec<&'r Row>>;

/// Whether a decision says how its facts were treated; what is open or past does not.
fn counts(row: &Row) -> bool {
    !matches!(row.state.as_str(), "open" | "past")
}

/// The latest cases of a class with the width of each fact among them.
fn class<'r>(rows: &[&'r Row]) -> (Vec<&'r Row>, Vec<f64>) {
    let counted = rows.iter().copied().filter(|row| counts(row));
    let mut latest: Vec<&Row> = counted.rev().take(CLASS_MAX).collect();
    latest.reverse();
    let facts = latest.first().map_or(0, |row| row.point.len());
    let width = |place: usize| {
        let own = || {
            latest
                .iter()
                .filter_map(move |row| row.point.get(place).copied())
        };
        let (low, high) = (own().min().unwrap_or(0), own().max().unwrap_or(0));
        real(high.saturating_sub(low)).max(1.0)
    };
    let widths = (0..facts).map(width).collect();
    (latest, widths)
}

/// How far apart the facts of two cases lie, each fact by its width in the class.
fn distance(one: &Row, other: &Row, widths: &[f64]) -> f64 {
    let sides = one.point.iter().zip(&other.point).zip(widths);
    sides
        .map(|((one, other), width)| real(one.saturating_sub(*other)).abs() / width)
        .sum()
}

/// The decisions that tell most; one that tells nothing is not among them.
fn top(mut named: Vec<(f64, u64)>) -> Vec<u64> {
    named.retain(|(tells, _)| *tells > 0.0);
    named.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    named.truncate(NAMED);
    named.into_iter().map(|(_, decision)| decision).collect()
}

pub(super) fn consistency(classes: &Classes<'_>) -> Figure {
    let (mut alike, mut named) = (Vec::new(), Vec::new());
    for rows in classes.values() {
        let (rows, widths) = class(rows);
        if rows.len() <= NEIGHBOURS {
            continue;
        }
        let most = rows.iter().map(|row| row.sum_minor).max().unwrap_or(0);
        let scale = real(most).max(1.0);
        for row in &rows {
            let others = rows.iter().filter(|other| other.decision != row.decision);
            let mut near: Vec<(f64, i64)> = others
                .map(|other| (distance(row, other, &widths), other.sum_minor))
                .collect();
            let nearer = |one: &(f64, i64), other: &(f64, i64)| {
                one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
            };
            if near.len() > NEIGHBOURS {
                near.select_nth_unstable_by(NEIGHBOURS, nearer);
                near.truncate(NEIGHBOURS);
            }
            near.sort_by(nearer);
            let sums: Vec<f64> = near.iter().take(NEIGHBOURS).map(|n| real(n.1)).collect();
            let off = (real(row.sum_minor) - mean(&sums).unwrap_or(0.0)).abs() / scale;
            alike.push(1.0 - off);
            named.push((off, row.decision));
        }
    }
    Figure {
        name: "consistency",
        measure: Measure::Ratio,
        by: None,
        definition: "1 less the mean difference between a sum and the mean of its five nearest neighbours of the class, as a share of the class's highest sum, among the latest 1,000 cases of each class; 1 is perfect",
        source: "Zemel, Wu, Swersky, Pitassi, Dwork: Learning Fair Representations, ICML 2013",
        value: mean(&alike),
        of: alike.len(),
        lines: Vec::new(),
        cases: top(named),
        course: Vec::new(),
    }
}

pub(super) fn lipschitz(classes: &Classes<'_>) -> Figure {
    let (mut worst, mut pairs, mut cases) = (None::<f64>, 0, Vec::new());
    for rows in classes.values() {
        let (rows, widths) = class(rows);
        let most = rows.iter().map(|row| row.sum_minor).max().unwrap_or(0);
        for (place, one) in rows.iter().enumerate() {
            for other in rows.iter().skip(place + 1) {
                let apart = distance(one, other, &widths);
                if apart == 0.0 {
                    continue;
                }
                pairs += 1;
                let sums = real(one.sum_minor.saturating_sub(other.sum_minor)).abs();
                let ratio = sums / real(most).max(1.0) / apart;
                if worst.is_none_or(|worst| ratio > worst) {
                    worst = Some(ratio);
                    cases = vec![one.decision, other.decision];
                }
            }
        }
    }
    Figure {
        name: "lipschitz",
        measure: Measure::Ratio,
        by: None,
        definition: "the worst ratio, within the latest 1,000 cases of a class, of how far two sums lie apart (as a share of the highest) to how far their facts do",
        source: "Dwork, Hardt, Pitassi, Reingold, Zemel: Fairness Through Awareness, ITCS 2012",
        value: worst,
        of: pairs,
        lines: Vec::new(),
        cases,
        course: Vec::new(),
    }
}

pub(super) fn leapfrogs(classes: &Classes<'_>) -> Figure {
    let (mut pairs, mut leaps, mut named) = (0_usize, 0_usize, Vec::new());
    for rows in classes.values() {
        let (rows, _) = class(rows);
        let Some(tolerated) = rows.first().map(|row| tolerated(row)) else {
            continue;
        };
        let share = real(tolerated.basis_points) / 10_000.0;
        let least = real(tolerated.at_least.minor());
        for one in &rows {
            for other in &rows {
                let milder = one.decision != other.decision
                    && one.point.iter().zip(&other.point).all(|(a, b)| a <= b);
                if !milder {
                    continue;
                }
                pairs += 1;
                let most = real(other.sum_minor).max(real(one.sum_minor));
                let gain = real(one.sum_minor.saturating_sub(other.sum_minor));
                if gain > (most * share).max(least) {
                    leaps += 1;
                    named.push((gain, one.decision));
                }
            }
        }
    }
    named.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut seen: Vec<u64> = Vec::new();
    for (_, decision) in named {
        if seen.len() < NAMED && !seen.contains(&decision) {
            seen.push(decision);
        }
    }
    Figure {
        name: "leapfrog_rate",
        measure: Measure::Ratio,
        by: None,
        definition: "of the pairs among the latest 1,000 cases of a class in which one case is no worse on every merit fact, the share in which it got more, beyond the tolerance of the release",
        source: "the a fortiori rule of the engine, step 6",
        value: (pairs > 0).then(|| count(leaps) / count(pairs)),
        of: pairs,
        lines: Vec::new(),
        cases: seen,
        course: Vec::new(),
    }
}

/// How far a sum lies from its tariff, as a share of it; a sum on a tariff of nothing counts whole.
fn off(row: &Row) -> f64 {
    let gain = real(row.sum_minor.saturating_sub(row.tariff_minor));
    if row.tariff_minor == 0 {
        return if row.sum_minor == 0 { 0.0 } else { 1.0 };
    }
    gain / real(row.tariff_minor)
}

pub(super) fn spread(classes: &Classes<'_>) -> Figure {
    let (mut all, mut named) = (Vec::new(), Vec::new());
    let mut lines: Vec<Line> = Vec::new();
    for (name, rows) in classes {
        let counted: Vec<&&Row> = rows.iter().filter(|row| counts(row)).collect();
        let offs: Vec<f64> = counted.iter().map(|row| off(row).abs()).collect();
        named.extend(counted.iter().map(|row| (off(row).abs(), row.decision)));
        if let Some(value) = mean(&offs).filter(|_| offs.len() >= GROUP_MIN) {
            lines.push(Line {
                label: (*name).to_owned(),
                value,
                interval: bootstrap(&offs),
                p: None,
                of: offs.len(),
            });
        }
        all.extend(offs);
    }
    lines.sort_by(|one, other| other.value.total_cmp(&one.value));
    lines.truncate(NAMED);
    Figure {
        name: "spread",
        measure: Measure::Ratio,
        by: None,
        definition: "the mean distance of a sum from its tariff, as a share of the tariff; by class, the widest ten",
        source: "the corridor of the engine, step 4",
        value: mean(&all),
        of: all.len(),
        lines,
        cases: top(named),
        course: Vec::new(),
    }
}

/// The decisions of a group that lie farthest from their tariff.
fn farthest<'r>(rows: &[&'r Row], of: impl Fn(&'r Row) -> bool) -> Vec<u64> {
    let own = rows.iter().filter(|row| counts(row) && of(row));
    top(own.map(|row| (off(row).abs(), row.decision)).collect())
}

/// The mean distance from the tariff in each group against all, with bootstrap intervals.
fn effect<'r>(rows: &[&'r Row], group: impl Fn(&'r Row) -> Option<&'r str>) -> Vec<Line> {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut all = Vec::new();
    for row in rows.iter().filter(|row| counts(row)) {
        if let Some(name) = group(row) {
            groups.entry(name).or_default().push(off(row));
            all.push(off(row));
        }
    }
    let overall = mean(&all).unwrap_or(0.0);
    let mut lines: Vec<Line> = Vec::new();
    for (name, offs) in groups {
        if offs.len() < GROUP_MIN {
            continue;
        }
        let own: Vec<f64> = offs.iter().map(|off| off - overall).collect();
        lines.push(Line {
            label: name.to_owned(),
            value: mean(&own).unwrap_or(0.0),
            interval: bootstrap(&own),
            p: None,
            of: own.len(),
        });
    }
    lines.sort_by(|one, other| other.value.abs().total_cmp(&one.value.abs()));
    lines
}

fn widest(lines: &[Line]) -> Option<f64> {
    let values = || lines.iter().map(|line| line.value);
    let high = values().max_by(f64::total_cmp)?;
    Some(high - values().min_by(f64::total_cmp)?)
}

pub(super) fn agents(rows: &[&Row]) -> Figure {
    let mut lines = effect(rows, |row| Some(&row.agent));
    let value = widest(&lines);
    lines.truncate(NAMED);
    let first = lines.first().map(|line| line.label.clone());
    let cases = farthest(rows, |row| Some(&row.agent) == first.as_ref());
    Figure {
        name: "agent_effect",
        measure: Measure::Ratio,
        by: None,
        definition: "the distance from the tariff that the agents with the most and the least give differ by; by agent against all, with 95 % intervals, the ten that stand out most",
        source: "percentile bootstrap: Efron, Annals of Statistics 7, 1979",
        value,
        of: rows.iter().filter(|row| counts(row)).count(),
        lines,
        cases,
        course: Vec::new(),
    }
}

pub(super) fn premium(rows: &[&Row], fact: &str) -> Figure {
    let lines = effect(rows, |row| row.groups.get(fact).map(String::as_str));
    let first = lines.first().map(|line| line.label.clone());
    let cases = farthest(rows, |row| {
        first.is_some() && row.groups.get(fact) == first.as_ref()
    });
    let labelled = lines.into_iter().map(|line| Line {
        label: format!("{fact}={}", line.label),
        ..line
    });
    let lines: Vec<Line> = labelled.collect();
    Figure {
        name: "premium",
        measure: Measure::Ratio,
        by: Some(fact.to_owned()),
        definition: "the distance from the tariff that the groups of this fact differ by: the squeaky-wheel premium where the fact is a channel or a tone",
        source: "percentile bootstrap: Efron, Annals of Statistics 7, 1979",
        value: widest(&lines),
        of: lines.iter().map(|line| line.of).sum(),
        lines,
        cases,
        course: Vec::new(),
    }
}

pub(super) fn four_fifths(rows: &[&Row], fact: &str) -> Figure {
    let mut groups: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for row in rows.iter().filter(|row| counts(row)) {
        if let Some(name) = row.groups.get(fact) {
            let (given, of) = groups.entry(name).or_default();
            *given += u64::from(row.sum_minor > 0);
            *of += 1;
        }
    }
    let least = u64::try_from(GROUP_MIN).unwrap_or(u64::MAX);
    groups.retain(|_, (_, of)| *of >= least);
    let rate = |(given, of): (u64, u64)| {
        real(i64::try_from(given).unwrap_or(0)) / real(i64::try_from(of).unwrap_or(1)).max(1.0)
    };
    let best = groups
        .values()
        .copied()
        .max_by(|one, other| rate(*one).total_cmp(&rate(*other)));
    let mut lines = Vec::new();
    for (name, own) in &groups {
        let Some(best) = best.filter(|best| rate(*best) > 0.0) else {
            continue;
        };
        lines.push(Line {
            label: format!("{fact}={name}"),
            value: rate(*own) / rate(best),
            interval: None,
            p: fisher(own.0, own.1, best.0, best.1),
            of: usize::try_from(own.1).unwrap_or(usize::MAX),
        });
    }
    lines.sort_by(|one, other| one.value.total_cmp(&other.value));
    let got_nothing = rows.iter().filter(|row| {
        let own = row.groups.get(fact).map(|name| format!("{fact}={name}"));
        let worst = lines.first().map(|line| &line.label);
        counts(row) && row.sum_minor == 0 && own.is_some() && own.as_ref() == worst
    });
    let cases = top(got_nothing
        .map(|row| (real(row.tariff_minor), row.decision))
        .collect());
    Figure {
        name: "four_fifths",
        measure: Measure::Ratio,
        by: Some(fact.to_owned()),
        definition: "the rate at which a group gets anything against that of the best group; below 0.8 asks for a reason, p by Fisher's exact test; groups under 30 are not reported",
        source: "29 CFR 1607.4(D); Fisher: The Design of Experiments, 1935",
        value: lines.first().map(|line| line.value),
        of: lines.iter().map(|line| line.of).sum(),
        lines,
        cases,
        course: Vec::new(),
    }
}

/// Departures, counted by what a label says of them.
fn departed<'r>(rows: &[&'r Row], label: impl Fn(&'r Row) -> String) -> Vec<Line> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.departure.is_some()) {
        *counted.entry(label(row)).or_default() += 1;
    }
    let mut lines: Vec<Line> = counted
        .into_iter()
        .map(|(label, of)| Line {
            label,
            value: count(of),
            interval: None,
            p: None,
            of,
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.of));
    lines
}

pub(super) fn departures(rows: &[&Row]) -> Figure {
    let lines = departed(rows, |row| {
        let direction = match row.sum_minor.cmp(&row.tariff_minor) {
            Ordering::Less => "below",
            Ordering::Equal => "at",
            Ordering::Greater => "above",
        };
        let reason = row.departure.as_deref().unwrap_or_default();
        format!("{reason}, {direction} the tariff")
    });
    let found = rows.iter().filter(|row| row.departure.is_some());
    let cases: Vec<(f64, u64)> = found.map(|row| (off(row).abs(), row.decision)).collect();
    Figure {
        name: "departures",
        measure: Measure::Count,
        by: None,
        definition: "decisions outside of the norm, by reason and direction",
        source: "the departures of the engine, step 8",
        value: Some(count(cases.len())),
        of: rows.len(),
        lines,
        cases: top(cases),
        course: Vec::new(),
    }
}

pub(super) fn departing(rows: &[&Row]) -> Figure {
    let mut lines = departed(rows, |row| row.agent.clone());
    let value = Some(lines.first().map_or(0.0, |line| line.value));
    lines.truncate(NAMED);
    let first = lines.first().map(|line| line.label.clone());
    let own = rows
        .iter()
        .filter(|row| row.departure.is_some() && Some(&row.agent) == first.as_ref());
    let cases = top(own.map(|row| (off(row).abs(), row.decision)).collect());
    Figure {
        name: "departures_by_actor",
        measure: Measure::Count,
        by: None,
        definition: "the most departures of one person; by person, the ten with the most",
        source: "the departures of the engine, step 8",
        value,
        of: rows.len(),
        lines,
        cases,
        course: Vec::new(),
    }
}

pub(super) fn ratchet(rows: &[&Row]) -> Figure {
    let counted: Vec<&&Row> = rows.iter().filter(|row| counts(row)).collect();
    let offs: Vec<f64> = counted.iter().map(|row| off(row)).collect();
    let overall = mean(&offs).unwrap_or(0.0);
    let (mut sum, mut worst, mut last) = (0.0_f64, 0.0_f64, None);
    let (mut course, step) = (vec![0.0], offs.len().div_ceil(COURSE).max(1));
    for (place, (row, off)) in counted.iter().zip(&offs).enumerate() {
        sum += off - overall;
        if (place + 1) % step == 0 {
            course.push(sum);
        }
        if sum.abs() > worst {
            worst = sum.abs();
            last = Some(row.decision);
        }
    }
    // Least squares over the place in time, from 0 to 1.
    let places = || (0..offs.len()).map(|place| count(place) / count(offs.len().max(2) - 1));
    let middle = 0.5;
    let up: f64 = places()
        .zip(&offs)
        .map(|(x, y)| (x - middle) * (y - overall))
        .sum();
    let across: f64 = places().map(|x| (x - middle) * (x - middle)).sum();
    let slope = (across > 0.0).then(|| up / across);
    Figure {
        name: "ratchet",
        measure: Measure::Ratio,
        by: None,
        definition: "how much the distance from the tariff rises from the first decision to the last, as a share of the tariff; with the largest CUSUM and the decision at which it stands",
        source: "Page: Continuous Inspection Schemes, Biometrika 41, 1954",
        value: slope,
        of: offs.len(),
        lines: vec![Line {
            label: "cusum".into(),
            value: worst,
            interval: None,
            p: None,
            of: offs.len(),
        }],
        cases: last.into_iter().collect(),
        course,
    }
}

pub(super) fn overturned(rows: &[&Row]) -> Figure {
    let counted: Vec<&&Row> = rows.iter().filter(|row| counts(row)).collect();
    let wrong = |row: &&&&Row| matches!(row.state.as_str(), "overturned" | "error");
    let found: Vec<u64> = counted
        .iter()
        .filter(wrong)
        .map(|row| row.decision)
        .collect();
    Figure {
        name: "overturned",
        measure: Measure::Ratio,
        by: None,
        definition: "the share of decisions that were later overturned or marked as an error",
        source: "the ledger",
        value: (!counted.is_empty()).then(|| count(found.len()) / count(counted.len())),
        of: counted.len(),
        lines: Vec::new(),
        cases: found.into_iter().take(NAMED).collect(),
        course: Vec::new(),
    }
}
