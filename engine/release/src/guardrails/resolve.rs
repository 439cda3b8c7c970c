//! From written words to checked values, keeping every problem with its place.

use std::ops::Range;
use std::str::FromStr;

use redress_kernel::Span;
use redress_kernel::guardrails::{Base, Condition, Limit};
use redress_model::code::nearest;
use redress_model::{
    Code, Date, DeadlineUnit, FactClass, FactDef, FactType, Money, Schema, Slot, Value,
};
use toml::{Spanned, Value as Toml};

use super::source::{Text, When};

/// One thing that is wrong with the guardrails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where in the text, in bytes.
    pub(super) at: Range<usize>,
    /// The key, such as `authority.limit`.
    pub(super) key: String,
    /// What is wrong.
    pub(super) problem: String,
    /// What to write instead, where that can be told.
    pub(super) help: Option<String>,
}

pub(super) struct Resolver<'s> {
    pub(super) schema: &'s Schema,
    pub(super) problems: Vec<Problem>,
}

impl Resolver<'_> {
    pub(super) fn problem(
        &mut self,
        at: Range<usize>,
        key: &str,
        problem: impl Into<String>,
        help: Option<String>,
    ) {
        self.problems.push(Problem {
            at,
            key: key.into(),
            problem: problem.into(),
            help,
        });
    }

    pub(super) fn parse<T: FromStr>(&mut self, key: &str, text: &Text) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        match text.get_ref().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(text.span(), key, error.to_string(), None);
                None
            }
        }
    }

    pub(super) fn code(&mut self, key: &str, text: &Text) -> Option<Code> {
        match Code::new(text.get_ref()) {
            Ok(code) => Some(code),
            Err(error) => {
                self.problem(text.span(), key, error.to_string(), None);
                None
            }
        }
    }

    pub(super) fn codes(&mut self, key: &str, list: &[Text]) -> Option<Vec<Code>> {
        let codes: Vec<_> = list.iter().map(|text| self.code(key, text)).collect();
        codes.into_iter().collect()
    }

    /// A sum of zero or more.
    pub(super) fn money(&mut self, key: &str, text: &Text) -> Option<Money> {
        let money: Money = self.parse(key, text)?;
        if money.minor() < 0 {
            self.problem(text.span(), key, "a limit is zero or more", None);
            return None;
        }
        Some(money)
    }

    pub(super) fn date(&mut self, key: &str, text: &Option<Text>) -> Option<Option<Date>> {
        match text {
            None => Some(None),
            Some(text) => self.parse(key, text).map(Some),
        }
    }

    /// `24 hours`, `15 working_days`.
    pub(super) fn span(&mut self, key: &str, text: &Text) -> Option<Span> {
        let parsed = text.get_ref().split_once(' ').and_then(|(count, unit)| {
            let count: u32 = count
                .parse()
                .ok()
                .filter(|count| *count <= Span::COUNT_MAX)?;
            let unit = match unit {
                "minute" | "minutes" => DeadlineUnit::Minutes,
                "hour" | "hours" => DeadlineUnit::Hours,
                "calendar_day" | "calendar_days" => DeadlineUnit::CalendarDays,
                "working_day" | "working_days" => DeadlineUnit::WorkingDays,
                _ => return None,
            };
            Some(Span { count, unit })
        });
        if parsed.is_none() {
            let problem = format!("{:?} is not a span of time", text.get_ref());
            let help = "write a number up to 10000 and minutes, hours, calendar_days or \
                        working_days, such as \"15 working_days\"";
            self.problem(text.span(), key, problem, Some(help.into()));
        }
        parsed
    }

    /// A fact by name, if it is what the key needs.
    pub(super) fn fact(
        &mut self,
        key: &str,
        at: Range<usize>,
        name: &str,
        needed: &str,
        fits: fn(&FactDef) -> bool,
    ) -> Option<Slot> {
        let schema = self.schema;
        let Some(slot) = schema.slot(name) else {
            let near = nearest(name, schema.facts().iter().map(|fact| fact.name.as_str()));
            let help = near.map(|near| format!("did you mean {near:?}?"));
            self.problem(at, key, format!("the schema has no fact {name:?}"), help);
            return None;
        };
        if !schema.fact(slot).is_some_and(fits) {
            self.problem(at, key, format!("{name:?} is not {needed}"), None);
            return None;
        }
        Some(slot)
    }

    pub(super) fn optional_fact(
        &mut self,
        key: &str,
        text: Option<&Text>,
        needed: &str,
        fits: fn(&FactDef) -> bool,
    ) -> Option<Slot> {
        let text = text?;
        self.fact(key, text.span(), text.get_ref(), needed, fits)
    }

    /// A merit money fact that a limit is a share of.
    pub(super) fn money_fact(&mut self, key: &str, text: &Text) -> Option<Base> {
        let fits = |fact: &FactDef| {
            fact.class == FactClass::Merit && matches!(fact.ty, FactType::Money { .. })
        };
        let slot = self.fact(key, text.span(), text.get_ref(), "a merit money fact", fits)?;
        Some(Base {
            slot,
            name: text.get_ref().as_str().into(),
        })
    }

    /// Percent as a whole number or as a text with up to two decimals, in basis points.
    pub(super) fn percent(&mut self, key: &str, value: &Spanned<Toml>) -> Option<i64> {
        let points = match value.get_ref() {
            Toml::Integer(percent) => percent.checked_mul(100),
            Toml::String(text) => basis_points(text),
            _ => None,
        };
        let points = points.filter(|points| (0..=1_000_000).contains(points));
        if points.is_none() {
            let help = "write a number from 0 to 10000, or a text such as \"12.5\"".to_owned();
            self.problem(value.span(), key, "not a percentage", Some(help));
        }
        points
    }

    /// Percent that may be below zero, in basis points.
    pub(super) fn signed_percent(&mut self, key: &str, value: &Spanned<Toml>) -> Option<i64> {
        let less = match value.get_ref() {
            Toml::Integer(percent) if *percent < 0 => percent.checked_neg().map(Toml::Integer),
            Toml::String(text) => text
                .strip_prefix('-')
                .map(|text| Toml::String(text.to_owned())),
            _ => None,
        };
        match less {
            Some(less) => self
                .percent(key, &Spanned::new(value.span(), less))
                .map(i64::saturating_neg),
            None => self.percent(key, value),
        }
    }

    /// `"600.00 EUR"` or `{ percent = 400, of = "fare", at_most = "2150.00 USD" }`.
    pub(super) fn limit(&mut self, key: &str, value: &Spanned<Toml>) -> Option<Limit> {
        let at = value.span();
        match value.get_ref() {
            Toml::String(text) => self
                .money(key, &Spanned::new(at, text.clone()))
                .map(Limit::Fixed),
            Toml::Table(table) => {
                let known = ["percent", "of", "at_most"];
                for unknown in table.keys().filter(|name| !known.contains(&name.as_str())) {
                    let problem = format!("{unknown:?} is not known here");
                    self.problem(at.clone(), key, problem, Some(LIMIT_HELP.into()));
                }
                let text = |name: &str| match table.get(name) {
                    Some(Toml::String(text)) => Some(Spanned::new(at.clone(), text.clone())),
                    _ => None,
                };
                let (Some(percent), Some(of)) = (table.get("percent"), text("of")) else {
                    self.problem(at, key, "not a limit", Some(LIMIT_HELP.into()));
                    return None;
                };
                let percent = Spanned::new(at.clone(), percent.clone());
                let basis_points = self.percent(key, &percent)?;
                let of = self.money_fact(key, &of)?;
                let at_most = match text("at_most") {
                    Some(most) => Some(self.money(key, &most)?),
                    None => None,
                };
                Some(Limit::Share {
                    basis_points,
                    of,
                    at_most,
                })
            }
            _ => {
                self.problem(at, key, "not a limit", Some(LIMIT_HELP.into()));
                None
            }
        }
    }

    /// Facts with values, all of gate or safety class.
    pub(super) fn when(&mut self, key: &str, when: &When) -> Option<Vec<Condition>> {
        let needed = "a gate or safety fact";
        let fits = |fact: &FactDef| matches!(fact.class, FactClass::Gate | FactClass::Safety);
        if when.get_ref().is_empty() {
            self.problem(when.span(), key, "no fact is named", None);
            return None;
        }
        let mut conditions = Vec::new();
        for (name, value) in when.get_ref() {
            let slot = self.fact(key, when.span(), name, needed, fits)?;
            let text = match value {
                Toml::String(text) => text.clone(),
                Toml::Boolean(value) => value.to_string(),
                Toml::Integer(value) => value.to_string(),
                _ => String::new(),
            };
            let value = self.value(key, when.span(), slot, &text)?;
            conditions.push(Condition { slot, value });
        }
        Some(conditions)
    }

    /// The value of a fact from its text.
    pub(super) fn value(
        &mut self,
        key: &str,
        at: Range<usize>,
        slot: Slot,
        text: &str,
    ) -> Option<Value> {
        match self.schema.read_text(slot, text) {
            Ok(value) => Some(value),
            Err(expected) => {
                let problem = format!("expected {expected}, found {text:?}");
                self.problem(at, key, problem, None);
                None
            }
        }
    }

    /// The value of an enum fact that the guardrails name, such as a scene.
    pub(super) fn enum_value(&mut self, key: &str, slot: Option<Slot>, text: &Text) -> Option<u16> {
        let Some(slot) = slot else {
            let problem = "the fact that this is a value of is not named under [facts]";
            self.problem(text.span(), key, problem, None);
            return None;
        };
        match self.value(key, text.span(), slot, text.get_ref())? {
            Value::Enum(value) => Some(value),
            _ => None,
        }
    }

    /// A name that another part of the file defines.
    pub(super) fn defined(
        &mut self,
        key: &str,
        text: &Text,
        what: &str,
        names: &[Code],
    ) -> Option<Code> {
        let code = self.code(key, text)?;
        if names.contains(&code) {
            return Some(code);
        }
        let near = nearest(text.get_ref(), names.iter().map(Code::as_str));
        let help = near.map(|near| format!("did you mean {near:?}?"));
        self.problem(
            text.span(),
            key,
            format!("{:?} is not a {what} of this file", text.get_ref()),
            help,
        );
        None
    }

    /// The names of a list, each of them once.
    pub(super) fn names<'t>(
        &mut self,
        key: &str,
        names: impl Iterator<Item = &'t Text>,
    ) -> Vec<Code> {
        let mut list = Vec::new();
        for text in names {
            if let Some(code) = self.code(key, text) {
                if list.contains(&code) {
                    self.problem(text.span(), key, format!("{code} is defined twice"), None);
                }
                list.push(code);
            }
        }
        list
    }
}

const LIMIT_HELP: &str = "write a sum such as \"600.00 EUR\", or { percent = 400, of = \"fare\", \
                          at_most = \"2150.00 USD\" }";

/// `12.5` percent is 1250 basis points.
fn basis_points(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 5
        || fraction.len() > 2
        || !digits(whole)
        || !digits(fraction)
    {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_two_decimals_at_most() {
        assert_eq!(basis_points("12.5"), Some(1_250));
        assert_eq!(basis_points("0.05"), Some(5));
        assert_eq!(basis_points("60"), Some(6_000));
        for bad in ["", ".5", "1.234", "-1", "1e3"] {
            assert_eq!(basis_points(bad), None, "{bad}");
        }
    }
}
