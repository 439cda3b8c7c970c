//! Reads TOML key by key, with every error at once and each with its line and key.
//!
//! A derived `Deserialize` stops at the first mistake; an author who has made three
//! should be told of three.

use std::fmt::Display;
use std::path::Path;

use redress_model::code::nearest;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::derived;
use crate::error::{Problems, ReleaseError};

/// A TOML file being read.
pub(crate) struct Reader<'p> {
    file: &'p Path,
    text: &'p str,
    problems: &'p mut Problems,
}

impl<'p> Reader<'p> {
    /// Parses the text; `None` after telling of its syntax errors.
    pub(crate) fn parse(
        file: &'p Path,
        text: &'p str,
        problems: &'p mut Problems,
    ) -> Option<(Self, Spanned<DeTable<'p>>)> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut reader = Self {
            file,
            text,
            problems,
        };
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            reader.add(at, None, error.message().to_owned(), None);
        }
        errors.is_empty().then_some((reader, root))
    }

    fn add(&mut self, at: usize, key: Option<&str>, problem: String, help: Option<String>) {
        let line = line_at(self.text, at);
        self.problems.add(ReleaseError {
            file: self.file.to_owned(),
            line: Some(line),
            key: key.map(str::to_owned),
            problem,
            help,
        });
    }

    pub(crate) fn problems(&mut self) -> &mut Problems {
        self.problems
    }
}

/// What is said of a key that nothing reads.
const UNKNOWN: &str = "this key is not known";

/// The line of a byte of the text, from 1.
pub(crate) fn line_at(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

/// A table of the file, with the key that leads to it.
pub(crate) struct Section<'d> {
    table: &'d DeTable<'d>,
    key: String,
    at: usize,
}

impl<'d> Section<'d> {
    pub(crate) fn root(root: &'d Spanned<DeTable<'d>>) -> Self {
        Self {
            table: root.get_ref(),
            key: String::new(),
            at: 0,
        }
    }

    fn key_of(&self, name: &str) -> String {
        if self.key.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.key)
        }
    }

    /// Tells of every key that is not among the known ones.
    pub(crate) fn only(&self, reader: &mut Reader<'_>, known: &[&str]) {
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let help = match nearest(name, known.iter().copied()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("the keys here are {}", known.join(", ")),
            };
            let full = self.key_of(name);
            reader.add(key.span().start, Some(&full), UNKNOWN.into(), Some(help));
        }
    }

    /// Every key with its value, in order of the keys.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&'d str, Item<'d>)> {
        self.table.iter().map(|(key, value)| {
            let name = key.get_ref().as_ref();
            let at = key.span().start;
            let key = self.key_of(name);
            (name, Item { value, key, at })
        })
    }

    /// A value that may be absent.
    pub(crate) fn get(&self, name: &str) -> Option<Item<'d>> {
        let (key, value) = self.table.get_key_value(name)?;
        Some(Item {
            value,
            key: self.key_of(name),
            at: key.span().start,
        })
    }

    /// Whether `only` has told of a key that is like this one.
    pub(crate) fn has_like(&self, reader: &Reader<'_>, name: &str) -> bool {
        let keys = self.table.iter().map(|(key, _)| key);
        let mut like = keys.filter(|key| nearest(key.get_ref(), std::iter::once(name)).is_some());
        like.any(|key| {
            let (line, full) = (
                line_at(reader.text, key.span().start),
                self.key_of(key.get_ref()),
            );
            reader.problems.0.iter().any(|told| {
                told.file == reader.file
                    && told.line == Some(line)
                    && told.key.as_ref() == Some(&full)
                    && told.problem == UNKNOWN
            })
        })
    }

    /// A value that must be there. Where a key like it is, that key is told instead.
    pub(crate) fn need(&self, reader: &mut Reader<'_>, name: &str) -> Option<Item<'d>> {
        let item = self.get(name);
        if item.is_none() && !self.has_like(reader, name) {
            let key = self.key_of(name);
            reader.add(self.at, Some(&key), "this key is missing".into(), None);
        }
        item
    }
}

/// A value of the file, with its key.
#[derive(Clone)]
pub(crate) struct Item<'d> {
    value: &'d Spanned<DeValue<'d>>,
    key: String,
    at: usize,
}

impl<'d> Item<'d> {
    pub(crate) fn problem(&self, reader: &mut Reader<'_>, problem: impl Into<String>) {
        reader.add(self.at, Some(&self.key), problem.into(), None);
    }

    pub(crate) fn problem_with_help(
        &self,
        reader: &mut Reader<'_>,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) {
        let help = Some(help.into());
        reader.add(self.at, Some(&self.key), problem.into(), help);
    }

    fn expected(&self, reader: &mut Reader<'_>, expected: &str) {
        let found = self.value.get_ref().type_str();
        let problem = format!("expected {expected}, found {}", words(found));
        match self.value.get_ref() {
            DeValue::Datetime(_) if expected == TEXT => {
                self.problem_with_help(reader, problem, "write it in quotes");
            }
            _ => self.problem(reader, problem),
        }
    }

    /// The value itself.
    pub(crate) fn value(&self) -> &'d DeValue<'d> {
        self.value.get_ref()
    }

    /// A text.
    pub(crate) fn text(&self, reader: &mut Reader<'_>) -> Option<&'d str> {
        let text = self.value.get_ref().as_str();
        if text.is_none() {
            self.expected(reader, TEXT);
        }
        text
    }

    /// A text with more than spaces in it.
    pub(crate) fn sentence(&self, reader: &mut Reader<'_>) -> Option<&'d str> {
        let text = self.text(reader)?;
        if text.trim().is_empty() {
            self.problem(reader, "expected a text, found an empty one");
            return None;
        }
        Some(text)
    }

    /// A text that a constructor accepts.
    pub(crate) fn read<T, E: Display>(
        &self,
        reader: &mut Reader<'_>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(self.text(reader)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(reader, error.to_string());
                None
            }
        }
    }

    /// A text that is one of some names.
    pub(crate) fn one_of<T: Copy>(
        &self,
        reader: &mut Reader<'_>,
        names: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(reader)?;
        let found = names.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let list: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            let problem = format!("expected one of {}, found {text:?}", list.join(", "));
            match nearest(text, list.iter().copied()) {
                Some(nearest) => {
                    self.problem_with_help(reader, problem, format!("did you mean {nearest:?}?"));
                }
                None => self.problem(reader, problem),
            }
        }
        found.map(|(_, value)| *value)
    }

    /// A value of a type that is already known to serde.
    pub(crate) fn deserialize<T: Deserialize<'d>>(&self, reader: &mut Reader<'_>) -> Option<T> {
        let value: Spanned<DeValue<'d>> = self.value.clone();
        match T::deserialize(toml::de::ValueDeserializer::from(value)) {
            Ok(value) => Some(value),
            Err(error) => {
                let at = error.span().map_or(self.at, |span| span.start);
                let (problem, help) = derived::in_words(error.message());
                reader.add(at, Some(&self.key), problem, help);
                None
            }
        }
    }

    /// The values of an array.
    pub(crate) fn array(&self, reader: &mut Reader<'_>) -> Option<Vec<Self>> {
        let Some(array) = self.value.get_ref().as_array() else {
            self.expected(reader, "an array");
            return None;
        };
        let items = array.iter().enumerate().map(|(index, value)| Self {
            value,
            key: format!("{}[{index}]", self.key),
            at: value.span().start,
        });
        Some(items.collect())
    }

    /// The values of an array of texts that a constructor accepts.
    pub(crate) fn list<T, E: Display>(
        &self,
        reader: &mut Reader<'_>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let items = self.array(reader)?;
        let count = items.len();
        let values: Vec<T> = items
            .iter()
            .filter_map(|item| item.read(reader, &read))
            .collect();
        (values.len() == count).then_some(values)
    }

    /// A table.
    pub(crate) fn section(&self, reader: &mut Reader<'_>) -> Option<Section<'d>> {
        let table = self.value.get_ref().as_table();
        if table.is_none() {
            self.expected(reader, "a table");
        }
        Some(Section {
            table: table?,
            key: self.key.clone(),
            at: self.at,
        })
    }
}

const TEXT: &str = "a text";

/// What TOML calls a type, in the words of this crate's errors.
fn words(type_name: &str) -> &'static str {
    match type_name {
        "string" => "a text",
        "integer" => "an integer",
        "float" => "a number with a fraction",
        "boolean" => "true or false",
        "datetime" => "a date or time without quotes",
        "array" => "an array",
        _ => "a table",
    }
}
