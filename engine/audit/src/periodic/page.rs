//! The report as one page: it holds both languages, loads nothing and sends nothing.

use redress_authoring::{Lang, words as sentences};
use redress_model::{Code, Currency, Money as Amount, Timestamp};

use super::words::{self, Text};
use super::{Money, Overdue, PeriodReport, Row, Split};

const CSS: &str = include_str!("../review/page.css");
const HTML: &str = include_str!("page.html");

impl PeriodReport {
    /// The page, opened in one of its languages.
    #[must_use]
    pub fn page(&self, lang: Lang) -> String {
        let body = [Lang::En, Lang::Zh].map(|of| {
            let hidden = if of == lang { "" } else { " hidden" };
            let code = of.code();
            let inner = Body {
                report: self,
                lang: of,
            }
            .html();
            format!("<div lang=\"{code}\" id=\"in-{code}\"{hidden}>{inner}</div>")
        });
        let parts = [
            ("{{lang}}", lang.code().to_owned()),
            ("{{title}}", escaped(self.period.name())),
            ("{{css}}", CSS.to_owned()),
            ("{{body}}", body.concat()),
        ];
        let mut page = String::new();
        let mut rest = HTML;
        for (place, text) in parts {
            let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
            page.push_str(before);
            page.push_str(&text);
            rest = after;
        }
        page.push_str(rest);
        page
    }
}

/// A table: a heading for each column, and cells that are text or numbers.
struct Table {
    head: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

/// A cell, escaped already.
enum Cell {
    Text(String),
    Number(String),
    Moment(String),
}

impl Cell {
    fn text(text: impl AsRef<str>) -> Self {
        Self::Text(escaped(text.as_ref()))
    }

    fn number(number: impl ToString) -> Self {
        Self::Number(escaped(&number.to_string()))
    }

    fn html(&self, tag: &str, scope: &str) -> String {
        match self {
            Self::Text(text) => format!("<{tag}{scope}>{text}</{tag}>"),
            Self::Number(text) => format!("<{tag}{scope} class=\"n\">{text}</{tag}>"),
            Self::Moment(text) => format!("<{tag}{scope} class=\"at\">{text}</{tag}>"),
        }
    }
}

struct Body<'a> {
    report: &'a PeriodReport,
    lang: Lang,
}

impl Body<'_> {
    fn say(&self, text: Text) -> &'static str {
        text.of(self.lang)
    }

    fn html(&self) -> String {
        let report = self.report;
        let mut html = format!(
            "<header><div class=\"bar noprint\"><button type=\"button\" data-lang>{}</button>\
             <button type=\"button\" data-theme-next>{}</button>\
             <button type=\"button\" data-print>{}</button></div>\
             <p class=\"soft\">{}</p><h1>{}</h1><p class=\"soft\">{} – {}; {} {}; {} {}</p></header><main>",
            match self.lang {
                Lang::En => "中文",
                Lang::Zh => "English",
            },
            self.say(words::THEME),
            self.say(words::PRINT),
            self.say(words::KIND),
            escaped(report.period.name()),
            report.period.shown(report.period.from()),
            report.period.shown(report.period.before()),
            self.say(words::AS_OF),
            report.period.shown(report.as_of),
            self.say(words::RECORD),
            report.as_of_seq,
        );
        if let Some(leaf) = &report.as_of_leaf {
            html.push_str(&format!("<p class=\"digest\">sha256:{leaf}</p>"));
        }
        self.section(&mut html, words::SHORT, Some(words::BASIS), &self.total());
        for split in &report.splits {
            let table = self.split(split);
            self.section(&mut html, words::split(split.by), None, &table);
        }
        self.section(&mut html, words::DEPARTURES, None, &self.departures());
        self.section(&mut html, words::OVERDUE, None, &self.overdue());
        let hint = Some(words::WARNINGS_HINT);
        self.section(&mut html, words::WARNINGS, hint, &self.warnings());
        self.section(&mut html, words::ERRORS, None, &self.errors());
        let foot = self.say(words::FOOT);
        html.push_str(&format!("</main><footer><p>{foot}</p></footer>"));
        html
    }

    fn section(&self, html: &mut String, title: Text, hint: Option<Text>, table: &Table) {
        html.push_str(&format!("<section><h2>{}</h2>", self.say(title)));
        if let Some(hint) = hint {
            html.push_str(&format!("<p class=\"soft\">{}</p>", self.say(hint)));
        }
        if table.rows.is_empty() {
            html.push_str(&format!("<p>{}</p></section>", self.say(words::NONE)));
            return;
        }
        html.push_str("<div class=\"scroll\"><table><thead><tr>");
        for cell in &table.head {
            html.push_str(&cell.html("th", " scope=\"col\""));
        }
        html.push_str("</tr></thead><tbody>");
        for row in &table.rows {
            html.push_str("<tr>");
            for (place, cell) in row.iter().enumerate() {
                let (tag, scope) = if place == 0 {
                    ("th", " scope=\"row\"")
                } else {
                    ("td", "")
                };
                html.push_str(&cell.html(tag, scope));
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div></section>");
    }

    fn head(&self, texts: &[Text], numbers: &[Text]) -> Vec<Cell> {
        let texts = texts.iter().map(|text| Cell::text(self.say(*text)));
        texts
            .chain(numbers.iter().map(|text| Cell::number(self.say(*text))))
            .collect()
    }

    /// A line for each currency of a row; its name and decisions stand on the first.
    fn lines(&self, name: &str, row: &Row) -> Vec<Vec<Cell>> {
        let head = |first: bool| {
            let decisions = if first {
                grouped(row.decisions)
            } else {
                String::new()
            };
            [Cell::text(name), Cell::number(decisions)]
        };
        if row.money.is_empty() {
            let mut cells = Vec::from(head(true));
            cells.extend((0..5).map(|_| Cell::number("")));
            return vec![cells];
        }
        let line = |(place, (currency, sums)): (usize, (&Currency, &super::Sums))| {
            let mut cells = Vec::from(head(place == 0));
            cells.push(Cell::number(currency));
            let own = [
                sums.paid_minor,
                sums.granted_minor,
                sums.held_minor,
                sums.ended_minor,
            ];
            cells.extend(own.map(|minor| Cell::number(shown(minor, *currency))));
            cells
        };
        row.money.iter().enumerate().map(line).collect()
    }

    fn sums_head(&self, first: Text) -> Vec<Cell> {
        use words::{CURRENCY, DECISIONS, ENDED, GRANTED, HELD, PAID};
        self.head(&[first], &[DECISIONS, CURRENCY, PAID, GRANTED, HELD, ENDED])
    }

    fn total(&self) -> Table {
        let mut rows = self.lines(self.say(words::ALL), &self.report.total);
        for (outcome, decisions) in &self.report.outcomes {
            let said = words::outcome(outcome).map(|text| self.say(text));
            let row = Row {
                decisions: *decisions,
                money: Money::new(),
            };
            rows.extend(self.lines(said.unwrap_or(outcome), &row));
        }
        Table {
            head: self.sums_head(words::OUTCOME),
            rows,
        }
    }

    fn split(&self, split: &Split) -> Table {
        let mut rows = Vec::new();
        for (key, row) in &split.rows {
            rows.extend(self.lines(key, row));
        }
        if split.unknown.decisions > 0 || !split.unknown.money.is_empty() {
            rows.extend(self.lines(self.say(words::UNKNOWN), &split.unknown));
        }
        let head = self.sums_head(words::value(split.by));
        Table { head, rows }
    }

    fn departures(&self) -> Table {
        let row = |one: &super::Departure| {
            vec![
                Cell::text(one.decision.to_string()),
                self.at(one.at),
                Cell::text(format!("{} {}", one.policy, one.version)),
                self.coded(&one.reason),
                Cell::text(one.role.as_str()),
                Cell::text(promised(&one.money)),
            ]
        };
        use words::{DECISION, POLICY, REASON, ROLE, SUMS, WHEN};
        Table {
            head: self.head(&[DECISION, WHEN, POLICY, REASON, ROLE, SUMS], &[]),
            rows: self.report.departures.iter().map(row).collect(),
        }
    }

    fn overdue(&self) -> Table {
        let row = |one: &Overdue| {
            let closed = match one.closed_at {
                Some(at) => self.at(at),
                None => Cell::text(self.say(words::OPEN)),
            };
            vec![
                Cell::text(format!("{} {}", self.say(words::what(one.what)), one.id)),
                Cell::text(one.decision.to_string()),
                self.coded(&one.reason),
                Cell::text(one.owner.as_str()),
                self.at(one.due_at),
                closed,
                Cell::number(self.late(one.late_seconds)),
            ]
        };
        use words::{CLOSED, DECISION, DUE, LATE, OWNER, REASON, WHAT};
        Table {
            head: self.head(&[WHAT, DECISION, REASON, OWNER, DUE, CLOSED], &[LATE]),
            rows: self.report.overdue.iter().map(row).collect(),
        }
    }

    fn warnings(&self) -> Table {
        let row = |one: &super::Warned| {
            vec![
                Cell::text(one.warning.as_str()),
                Cell::text(&one.policy),
                self.coded(&one.reason),
                self.at(one.first_at),
                self.at(one.last_at),
                Cell::number(grouped(one.decisions)),
            ]
        };
        use words::{DECISIONS, FIRST, LAST, POLICY, REASON, WARNING};
        Table {
            head: self.head(&[WARNING, POLICY, REASON, FIRST, LAST], &[DECISIONS]),
            rows: self.report.warnings.iter().map(row).collect(),
        }
    }

    fn errors(&self) -> Table {
        let mut rows = Vec::new();
        for (rule, one) in &self.report.errors {
            let row = Row {
                decisions: one.decisions,
                money: one.money.clone(),
            };
            rows.extend(self.lines(rule.as_str(), &row));
        }
        Table {
            head: self.sums_head(words::RULE),
            rows,
        }
    }

    fn at(&self, at: Timestamp) -> Cell {
        Cell::Moment(escaped(&self.report.period.shown(at)))
    }

    /// A code with the engine's own sentence, where it has one.
    fn coded(&self, code: &Code) -> Cell {
        match sentences::sentence(code, self.lang) {
            Some(sentence) => Cell::text(format!("{code}: {sentence}")),
            None => Cell::text(code.as_str()),
        }
    }

    fn late(&self, seconds: i64) -> String {
        let (days, hours) = (seconds / 86_400, seconds / 3_600);
        if days > 0 {
            return format!("{days} {}", self.say(words::DAYS));
        }
        format!("{hours} {}", self.say(words::HOURS))
    }
}

/// What was promised and not taken back, in every currency.
fn promised(money: &Money) -> String {
    let one = |(currency, sums): (&Currency, &super::Sums)| {
        let open = sums.granted_minor.saturating_add(sums.held_minor);
        let minor = sums.paid_minor.saturating_add(open);
        format!("{} {currency}", shown(minor, *currency))
    };
    money.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A sum without its currency; one beyond the engine's range in minor units.
fn shown(minor: i128, currency: Currency) -> String {
    let Ok(minor) = i64::try_from(minor) else {
        return format!("{minor}e-{}", currency.exponent());
    };
    let text = Amount::new(minor, currency).to_string();
    match text.split_once(' ') {
        Some((number, _)) => number.to_owned(),
        None => text,
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text that is never markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
