//! The answer for people.

use redress::Outcome;
use redress_kernel::Payable;
use redress_model::Amount;

use super::{Change, FactChange, NotFollowed, Stopped, StoppingFact, Unfired, WhyNot, Would};
use crate::text::{Tone, wrap};

/// The least columns that a line is wrapped to.
const COLUMNS_MIN: usize = 24;

impl WhyNot {
    /// The answer in lines of at most `columns`, where words allow it.
    #[must_use]
    pub fn text(&self, columns: usize) -> String {
        let mut page = Page {
            text: String::new(),
            columns: columns.min(100),
        };
        page.head("What would change it");
        for (number, change) in (1_usize..).zip(&self.changes) {
            page.line(2, &format!("{number}. {}", change.what()));
            page.line(5, &change.would.text());
        }
        if self.changes.is_empty() {
            page.line(2, &self.nothing());
        } else if !self.search.complete {
            page.line(2, "There may be nearer ones: the search met its limit.");
        }
        if !self.search.left_out.is_empty() {
            let names = self.search.left_out.join(", ");
            page.line(2, &format!("Not varied: {names}."));
        }
        page.text.push('\n');
        page.head("Rules that did not fire");
        for rule in &self.rules {
            page.line(2, &format!("line {}: {}", rule.line, rule.does));
            page.line(5, &rule.because());
        }
        match self.not_followed {
            Some(problem) => page.line(2, problem.words()),
            None if self.rules.is_empty() => page.line(2, "none: every rule fired"),
            None => {}
        }
        page.text
    }

    fn nothing(&self) -> String {
        let decisions = crate::text::grouped(self.search.decisions);
        let limit = if self.search.complete {
            String::new()
        } else {
            "; the search met its limit before it was through".to_owned()
        };
        format!("No change of one fact or of two was found in {decisions} decisions{limit}.")
    }
}

struct Page {
    text: String,
    columns: usize,
}

impl Page {
    fn head(&mut self, words: &str) {
        self.text.push_str(&Tone::Strong.paint(words));
        self.text.push('\n');
    }

    fn line(&mut self, indent: usize, words: &str) {
        let room = self.columns.saturating_sub(indent).max(COLUMNS_MIN);
        for line in wrap(words, room) {
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }
}

impl NotFollowed {
    const fn words(self) -> &'static str {
        match self {
            Self::NoScript => "The policy is a module; its rules cannot be seen.",
            Self::NotCompiled => {
                "The script lies outside of what compiles; `redress check` says where."
            }
            Self::Differs => "The script could not be followed to what was decided.",
        }
    }
}

impl Change {
    fn what(&self) -> String {
        let facts: Vec<String> = self.facts.iter().map(FactChange::text).collect();
        facts.join(" and ")
    }
}

impl FactChange {
    fn text(&self) -> String {
        let to = Tone::Strong.paint(&in_unit(&self.to, self.unit.as_deref()));
        match &self.from {
            Some(from) => {
                let from = in_unit(from, self.unit.as_deref());
                format!("{} {to} instead of {from}", self.name)
            }
            None => format!("{} known to be {to}", self.name),
        }
    }
}

impl Would {
    fn text(&self) -> String {
        let given = self.remedies.iter().map(|remedy| {
            let given = match &remedy.amount {
                Amount::Money(money) => format!("{} {money}", remedy.kind),
                Amount::Units { unit, count } if *unit == remedy.kind => format!("{count} {unit}"),
                Amount::Units { unit, count } => format!("{} {count} {unit}", remedy.kind),
            };
            match remedy.payable {
                Payable::Now => given,
                Payable::OnApproval => format!("{given} on approval"),
            }
        });
        let given: Vec<String> = given.collect();
        let given = given.join(" and ");
        let end = match self.outcome {
            Outcome::Grant => return format!("would give {given}"),
            Outcome::Refuse => {
                let reasons = self.reasons.iter().map(|reason| reason.code.as_str());
                let reasons: Vec<&str> = reasons.collect();
                format!("would be refused ({})", reasons.join(", "))
            }
            Outcome::Hold => {
                let missing = self.missing.as_ref().map_or("a fact", |code| code.as_str());
                format!("would wait for {missing}")
            }
            Outcome::Escalate => {
                let owner = self.owner.as_ref().map_or("a person", |code| code.as_str());
                format!("would go to {owner}")
            }
        };
        if given.is_empty() {
            end
        } else {
            format!("{end}, with {given}")
        }
    }
}

impl Unfired {
    fn because(&self) -> String {
        let mut text = match &self.stopped {
            Stopped::Condition {
                line,
                condition,
                held,
                fact,
            } => {
                let held = match held {
                    Some(true) => " holds",
                    Some(false) => " does not hold",
                    None => " decides",
                };
                let fact = fact.as_ref().map(|fact| format!(": {}", fact.text(*line)));
                let fact = fact.unwrap_or_default();
                format!("`{condition}` (line {line}){held}{fact}")
            }
            Stopped::Unknown { fact } => format!("the case waits for {fact}"),
            Stopped::Ended => "the run ended before".to_owned(),
        };
        if let Some(change) = self.change {
            text.push_str(&format!("; fires with change {change}"));
        }
        text
    }
}

impl StoppingFact {
    fn text(&self, line: u32) -> String {
        let value = match &self.value {
            Some(value) => format!("is {}", in_unit(value, self.unit.as_deref())),
            None => "is unknown".to_owned(),
        };
        let read = if self.line == line {
            String::new()
        } else {
            format!(" (read on line {})", self.line)
        };
        format!("{} {value}{read}", self.name)
    }
}

/// A number with its unit; minutes also as hours.
fn in_unit(value: &str, unit: Option<&str>) -> String {
    match (unit, value.parse::<i64>()) {
        (Some("minutes"), Ok(minutes @ 60..)) => {
            format!("{} h {} min", minutes / 60, minutes % 60)
        }
        (Some("minutes"), Ok(minutes)) => format!("{minutes} min"),
        // A sum has its currency and a date its own words.
        (Some("count") | None, _) | (_, Err(_)) => value.to_owned(),
        (Some(unit), Ok(_)) => format!("{value} {unit}"),
    }
}
