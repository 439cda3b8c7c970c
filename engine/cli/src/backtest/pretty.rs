//! The summary of a backtest, for a terminal of any width.

use redress_model::Currency;

use super::report::{Counted, GROUPS_LISTED, GivenLine, Report};
use super::tally::Measure;
use crate::sum::Sum;
use crate::term::{Bar, Tone, bars, grouped, pad_left, pad_right, width, wrap};

/// How many lines a list of counts has at most; the rest is one line.
const LISTED: usize = 12;

/// The most months that the chart shows one by one.
const MONTHS_SHOWN: usize = 36;

/// The summary in lines of at most `columns`; `currency` is that of the chart.
pub(super) fn summary(report: &Report, currency: Option<Currency>, columns: usize) -> String {
    let mut page = Page {
        text: String::new(),
        columns,
    };
    page.head(report);
    page.given(report);
    page.outcomes(report);
    page.counts("Waiting for a fact or a document", &report.held);
    page.counts("Escalated, by reason", &report.escalated);
    page.counts("Refused, by reason", &report.refused);
    page.counts("Changed by guardrails", &report.adjusted);
    page.assumptions(report);
    page.groups(report, currency);
    page.speed(report);
    page.chart(report, currency);
    page.text
}

struct Page {
    text: String,
    columns: usize,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        self.line(&Tone::Strong.paint(text));
    }

    /// Labels to the left and values to the right of one edge; where both do not fit on a
    /// line, the value stands below.
    fn pairs(&mut self, pairs: &[(String, String)]) {
        let room = self.columns.saturating_sub(2).min(76);
        let widest = |part: fn(&(String, String)) -> &String| {
            pairs.iter().map(|pair| width(part(pair))).max()
        };
        let label = widest(|(label, _)| label).unwrap_or_default();
        let value = widest(|(_, value)| value).unwrap_or_default();
        let fits = label + 2 + value <= room;
        for (name, number) in pairs {
            let line = if fits {
                format!("  {}  {}", pad_right(name, label), pad_left(number, value))
            } else if width(name) + 2 + width(number) <= room {
                let space = room - width(name);
                format!("  {name}{}", pad_left(number, space))
            } else {
                self.line(&format!("  {name}"));
                format!("  {}", pad_left(number, room))
            };
            self.line(&line);
        }
    }

    fn paragraph(&mut self, text: &str) {
        for line in wrap(text, self.columns.saturating_sub(2)) {
            self.line(&format!("  {line}"));
        }
    }

    fn head(&mut self, report: &Report) {
        let versions: Vec<String> = report
            .releases
            .iter()
            .map(|release| release.version.to_string())
            .collect();
        let title = format!("{} {}", report.policy, versions.join(", "));
        for line in wrap(&format!("{title} over {}", report.history), self.columns) {
            self.line(&Tone::Strong.paint(&line));
        }
        self.line("");
        let cases = &report.cases;
        let mut pairs = vec![
            ("cases read".to_owned(), grouped(cases.read)),
            ("decided".to_owned(), grouped(cases.decided)),
        ];
        if cases.bad > 0 {
            pairs.push(("not decided".to_owned(), grouped(cases.bad)));
        }
        let share = percent(report.owed.cases, cases.decided);
        pairs.push((
            format!("owed something ({share})"),
            grouped(report.owed.cases),
        ));
        for sum in &report.owed.total {
            pairs.push(("total owed".to_owned(), sum.to_string()));
        }
        for sum in &report.owed.on_approval {
            pairs.push(("of it on approval".to_owned(), sum.to_string()));
        }
        self.pairs(&pairs);
    }

    fn given(&mut self, report: &Report) {
        if report.given.is_empty() {
            return;
        }
        self.heading("By claim and amount");
        let mut pairs = Vec::new();
        for lines in report
            .given
            .chunk_by(|left, right| left.given == right.given)
        {
            if lines.len() > LISTED {
                pairs.extend(together(lines));
                continue;
            }
            pairs.extend(lines.iter().map(|line| {
                let label = format!("{} {}", name_of(line), each(line));
                let all = line.sums().map_or_else(
                    || grouped(line.count),
                    |(_, all)| format!("{} × = {all}", grouped(line.count)),
                );
                (label, all)
            }));
        }
        self.pairs(&pairs);
    }

    fn outcomes(&mut self, report: &Report) {
        self.heading("Outcomes");
        let outcomes = &report.outcomes;
        let pairs: Vec<_> = [
            ("grant", outcomes.grant),
            ("escalate", outcomes.escalate),
            ("hold", outcomes.hold),
            ("refuse", outcomes.refuse),
        ]
        .into_iter()
        .filter(|(_, cases)| *cases > 0)
        .map(|(name, cases)| (name.to_owned(), grouped(cases)))
        .collect();
        self.pairs(&pairs);
    }

    fn counts(&mut self, heading: &str, counts: &[Counted]) {
        if counts.is_empty() {
            return;
        }
        self.heading(heading);
        let (listed, rest) = counts.split_at_checked(LISTED).unwrap_or((counts, &[]));
        let mut pairs: Vec<_> = listed
            .iter()
            .map(|line| (line.code.clone(), grouped(line.cases)))
            .collect();
        if !rest.is_empty() {
            let cases: u64 = rest.iter().map(|line| line.cases).sum();
            pairs.push((format!("{} others", rest.len()), grouped(cases)));
        }
        self.pairs(&pairs);
    }

    fn assumptions(&mut self, report: &Report) {
        if !report.assumed.is_empty() {
            self.heading("Assumed in every case (--set)");
            let pairs: Vec<_> = report
                .assumed
                .iter()
                .map(|assumed| (assumed.fact.clone(), assumed.value.clone()))
                .collect();
            self.pairs(&pairs);
        }
        if !report.never_known.is_empty() {
            self.heading("Facts that this history never knew");
            self.paragraph(&report.never_known.join(", "));
        }
    }

    fn groups(&mut self, report: &Report, currency: Option<Currency>) {
        let Some(currency) = currency.filter(|_| !report.groups.is_empty()) else {
            return;
        };
        let heading = format!(
            "The {} most expensive by {}",
            GROUPS_LISTED.min(report.groups.len()),
            report.grouped_by.join("-")
        );
        self.heading(&heading);
        let pairs: Vec<_> = report
            .groups
            .iter()
            .map(|line| {
                let label = format!(
                    "{}  {} of {}",
                    line.group.join("-"),
                    grouped(line.owed),
                    grouped(line.cases)
                );
                let sum = line.total.iter().find(|sum| sum.currency == currency);
                (label, sum.map(Sum::to_string).unwrap_or_default())
            })
            .collect();
        self.pairs(&pairs);
    }

    fn speed(&mut self, report: &Report) {
        let run = &report.execution;
        let threads = match run.threads {
            1 => "1 thread".to_owned(),
            many => format!("{many} threads"),
        };
        let decided = report.cases.decided;
        let text = format!(
            "{} decisions in {:.2} s: {} per second on {threads}. {} used {} steps, {} a case.",
            grouped(decided),
            run.seconds,
            grouped(run.decisions_per_second),
            run.sandbox.join(" and "),
            grouped(run.steps),
            grouped(run.steps.checked_div(decided).unwrap_or_default()),
        );
        self.line("");
        for line in wrap(&text, self.columns) {
            self.line(&Tone::Faint.paint(&line));
        }
    }

    fn chart(&mut self, report: &Report, currency: Option<Currency>) {
        let Some(currency) = currency else {
            return;
        };
        let by_year = report.months.len() > MONTHS_SHOWN;
        let unit = if by_year { "year" } else { "month" };
        self.heading(&format!("{currency} owed, by {unit} of the incident"));
        let bars_shown = chart(report, currency, by_year);
        self.text
            .push_str(&bars(&bars_shown, self.columns.min(100)));
    }
}

/// Many amounts of one kind in one line, as shares of a price make them.
fn together(lines: &[GivenLine]) -> Option<(String, String)> {
    let (first, last) = (lines.first()?, lines.last()?);
    let label = format!("{} {} to {}", name_of(first), each(first), each(last));
    let count: u64 = lines.iter().map(|line| line.count).sum();
    let sums: Vec<Sum> = lines
        .iter()
        .filter_map(|line| Some(line.sums()?.1))
        .collect();
    let minor = sums.iter().map(|sum| sum.minor).sum();
    let value = match sums.first() {
        Some(first) => format!("{} × = {}", grouped(count), Sum { minor, ..*first }),
        None => grouped(count),
    };
    Some((label, value))
}

/// `eu261_art7 cash`, or `goodwill voucher` where nothing is claimed.
fn name_of(line: &GivenLine) -> String {
    let ground = line
        .given
        .claim
        .as_ref()
        .map_or(line.given.basis, |claim| claim.as_str());
    format!("{ground} {}", line.given.kind)
}

fn each(line: &GivenLine) -> String {
    match (&line.given.measure, line.sums()) {
        (Measure::Units(unit), _) => format!("{} {unit}", grouped(line.amount)),
        (Measure::Money(_), sums) => sums.map(|(each, _)| each.to_string()).unwrap_or_default(),
    }
}

/// The bars, by month or by year; heights in minor units, values in whole major ones.
fn chart(report: &Report, currency: Currency, by_year: bool) -> Vec<Bar> {
    let mut sums: Vec<(String, i128)> = Vec::new();
    for line in &report.months {
        let label = match line.month.split_once('-') {
            Some((year, _)) if by_year => year.to_owned(),
            _ => line.month.clone(),
        };
        let own = line.total.iter().find(|sum| sum.currency == currency);
        let minor = own.map(|sum| sum.minor).unwrap_or_default();
        match sums.last_mut() {
            Some((last, sum)) if *last == label => *sum += minor,
            _ => sums.push((label, minor)),
        }
    }
    let bar = |(label, minor): (String, i128)| Bar {
        label,
        height: minor.unsigned_abs(),
        value: whole(Sum { minor, currency }),
    };
    sums.into_iter().map(bar).collect()
}

/// A sum without its minor units, rounded down, as a chart needs no more.
fn whole(sum: Sum) -> String {
    let text = sum.grouped();
    text.split('.').next().unwrap_or_default().to_owned()
}

/// A share with one decimal, rounded down so that 100 % means all.
fn percent(part: u64, whole: u64) -> String {
    let permille = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{} %", permille / 10, permille % 10)
}
