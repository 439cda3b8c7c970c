//! The summary of a backtest, for a terminal of any width.

use redress_model::Currency;

use super::report::{Counted, GROUPS_LISTED, GivenLine, Report};
use super::tally::Measure;
use crate::term::{Bar, Tone, bars, grouped, pad_left, pad_right, width, wrap};
use redress_authoring::Sum;
use redress_authoring::text::counted;

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
        for line in wrap(text, self.columns) {
            self.line(&Tone::Strong.paint(&line));
        }
    }

    /// Rows of a label and numbers, the numbers aligned right. Where the columns are too
    /// wide for the page each row is set by itself, and where one row is, every label
    /// stands above its numbers.
    fn table(&mut self, rows: &[Vec<String>]) {
        let room = self.columns.saturating_sub(2);
        let count = rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..count)
            .map(|column| {
                let cells = rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| width(cell)).max().unwrap_or_default()
            })
            .collect();
        let label = widths.first().copied().unwrap_or_default();
        let numbers: usize = widths.iter().skip(1).map(|width| width + 2).sum();
        let fits = label + numbers <= room;
        let own = |row: &Vec<String>| row.iter().map(|cell| width(cell) + 2).sum::<usize>();
        let ragged = rows.iter().all(|row| own(row) <= room + 2);
        let mut above = "";
        for row in rows {
            let name = row.first().map(String::as_str).unwrap_or_default();
            let cells = row.iter().zip(&widths).skip(1);
            let cells: String = cells
                .map(|(cell, to)| format!("  {}", pad_left(cell, *to)))
                .collect();
            if fits {
                self.line(&format!("  {}{cells}", pad_right(name, label)));
                continue;
            }
            if ragged {
                let space = room.saturating_sub(width(name));
                self.line(&format!("  {name}{}", pad_left(cells.trim_start(), space)));
                continue;
            }
            if name != above {
                self.line(&format!("  {name}"));
            }
            above = name;
            self.line(&format!("  {}", pad_left(cells.trim_start(), room)));
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
        let mut rows = vec![
            row("cases read", grouped(cases.read)),
            row("decided", grouped(cases.decided)),
        ];
        if cases.bad > 0 {
            rows.push(row("not decided", grouped(cases.bad)));
        }
        let share = percent(report.owed.cases, cases.decided);
        let owed = format!("owed something ({share})");
        rows.push(row(&owed, grouped(report.owed.cases)));
        let totals = report.owed.total.iter();
        rows.extend(totals.map(|sum| row("total owed", sum.to_string())));
        let waiting = report.owed.on_approval.iter();
        rows.extend(waiting.map(|sum| row("of it on approval", sum.to_string())));
        self.table(&rows);
    }

    fn given(&mut self, report: &Report) {
        if report.given.is_empty() {
            return;
        }
        self.heading("By claim and amount");
        let mut rows = Vec::new();
        for lines in report
            .given
            .chunk_by(|left, right| left.given == right.given)
        {
            if lines.len() > LISTED {
                rows.extend(together(lines));
                continue;
            }
            rows.extend(lines.iter().map(|line| {
                let count = format!("× {}", grouped(line.count));
                let all = line.sums().map(|(_, all)| all.to_string());
                vec![name_of(line), each(line), count, all.unwrap_or_default()]
            }));
        }
        self.table(&rows);
    }

    fn outcomes(&mut self, report: &Report) {
        self.heading("Outcomes");
        let outcomes = &report.outcomes;
        let rows: Vec<_> = [
            ("grant", outcomes.grant),
            ("escalate", outcomes.escalate),
            ("hold", outcomes.hold),
            ("refuse", outcomes.refuse),
        ]
        .into_iter()
        .filter(|(_, cases)| *cases > 0)
        .map(|(name, cases)| row(name, grouped(cases)))
        .collect();
        self.table(&rows);
    }

    fn counts(&mut self, heading: &str, counts: &[Counted]) {
        if counts.is_empty() {
            return;
        }
        self.heading(heading);
        let (listed, rest) = counts.split_at_checked(LISTED).unwrap_or((counts, &[]));
        let mut rows: Vec<_> = listed
            .iter()
            .map(|line| row(&line.code, grouped(line.cases)))
            .collect();
        if !rest.is_empty() {
            let cases: u64 = rest.iter().map(|line| line.cases).sum();
            rows.push(row(&format!("{} others", rest.len()), grouped(cases)));
        }
        self.table(&rows);
    }

    fn assumptions(&mut self, report: &Report) {
        if !report.assumed.is_empty() {
            self.heading("Assumed in every case (--set)");
            let assumed = report.assumed.iter();
            let text = assumed.map(|assumed| format!("{} = {}", assumed.fact, assumed.value));
            for line in text.collect::<Vec<_>>() {
                self.line(&format!("  {line}"));
            }
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
            "The {} most expensive by {}, and how many are owed something",
            GROUPS_LISTED.min(report.groups.len()),
            report.grouped_by.join("-")
        );
        self.heading(&heading);
        let rows: Vec<_> = report
            .groups
            .iter()
            .map(|line| {
                let owed = format!("{} of {}", grouped(line.owed), grouped(line.cases));
                let sum = line.total.iter().find(|sum| sum.currency == currency);
                let sum = sum.map(Sum::to_string).unwrap_or_default();
                vec![line.group.join("-"), owed, sum]
            })
            .collect();
        self.table(&rows);
    }

    fn speed(&mut self, report: &Report) {
        let run = &report.execution;
        let threads = counted(run.threads, "thread");
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
        let bars_shown = chart(report, currency, by_year, self.columns);
        self.text
            .push_str(&bars(&bars_shown, self.columns.min(100)));
    }
}

/// Many amounts of one kind in one line, as shares of a price make them.
fn together(lines: &[GivenLine]) -> Option<Vec<String>> {
    let (first, last) = (lines.first()?, lines.last()?);
    let count: u64 = lines.iter().map(|line| line.count).sum();
    let sums: Vec<Sum> = lines
        .iter()
        .filter_map(|line| Some(line.sums()?.1))
        .collect();
    let minor = sums.iter().map(|sum| sum.minor).sum();
    let all = sums
        .first()
        .map(|first| Sum { minor, ..*first }.to_string());
    Some(vec![
        name_of(first),
        format!("{} to {}", each(first), each(last)),
        format!("× {}", grouped(count)),
        all.unwrap_or_default(),
    ])
}

/// A label with one number.
fn row(label: &str, number: String) -> Vec<String> {
    vec![label.to_owned(), number]
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

/// The bars, by month or by year.
fn chart(report: &Report, currency: Currency, by_year: bool, columns: usize) -> Vec<Bar> {
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
        value: match columns {
            ..60 => whole(Sum { minor, currency }),
            _ => Sum { minor, currency }.grouped(),
        },
    };
    sums.into_iter().map(bar).collect()
}

/// A sum without its minor units, rounded down, for a narrow chart.
fn whole(sum: Sum) -> String {
    let text = sum.grouped();
    text.split('.').next().unwrap_or_default().to_owned()
}

/// A share with one decimal, rounded down so that 100 % means all.
fn percent(part: u64, whole: u64) -> String {
    let permille = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{} %", permille / 10, permille % 10)
}
