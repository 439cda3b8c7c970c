//! The sentences that people read, by language and code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use redress_model::code::nearest;
use redress_model::{Code, Locale, Reason, ReasonArg, ReasonArgType};

use crate::error::Problems;
use crate::folder::SourceFolder;
use crate::reader::{Reader, Section};

/// A sentence with places for the arguments of a reason: `late by {0} minutes`.
///
/// A place may say what is to stand there, `{0:money}`: `int`, `money`, `date` or `text`.
/// A brace that is meant as such is written twice.
/// Under the name of a fact stands what it is called, for a case that waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Arg(usize, Option<ReasonArgType>),
}

/// The places of a sentence by number, with the types that it declares for them.
pub type Places = BTreeMap<usize, Option<ReasonArgType>>;

/// The most arguments that a sentence may name.
const ARGS_MAX: usize = 8;

impl Sentence {
    fn read(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or(from.strip_prefix("}}")) {
                plain.extend(from.chars().next());
                rest = after;
                continue;
            }
            let (number, after) = from
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
                .ok_or_else(|| format!("a brace stands alone in {text:?}; write it twice"))?;
            let (number, ty) = place(number)?;
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Arg(number, ty));
            rest = after;
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        let mut declared: BTreeMap<usize, ReasonArgType> = BTreeMap::new();
        for part in &parts {
            if let Part::Arg(number, Some(ty)) = part
                && let Some(other) = declared.insert(*number, *ty)
                && other != *ty
            {
                let (other, ty) = (other.name(), ty.name());
                return Err(format!(
                    "{{{number}}} is declared {other} and {ty} in one sentence"
                ));
            }
        }
        Ok(Self(parts))
    }

    /// The places that the sentence has for arguments.
    #[must_use]
    pub fn places(&self) -> Places {
        let mut places = Places::new();
        for part in &self.0 {
            if let Part::Arg(number, ty) = part {
                let declared = places.entry(*number).or_default();
                *declared = declared.or(*ty);
            }
        }
        places
    }

    /// The sentence with the arguments in their places; one that is missing shows as `…`.
    #[must_use]
    pub fn with(&self, args: &[ReasonArg]) -> String {
        let mut out = String::new();
        for part in &self.0 {
            // Writing to a String cannot fail.
            let _ = match part {
                Part::Text(text) => out.write_str(text),
                Part::Arg(number, _) => match args.get(*number) {
                    Some(ReasonArg::Int(value)) => write!(out, "{value}"),
                    Some(ReasonArg::Money(value)) => write!(out, "{value}"),
                    Some(ReasonArg::Date(value)) => write!(out, "{value}"),
                    Some(ReasonArg::Text(value)) => out.write_str(value),
                    None => out.write_str("…"),
                },
            };
        }
        out
    }
}

/// The number of a place and its declared type: `0` or `0:money`.
fn place(written: &str) -> Result<(usize, Option<ReasonArgType>), String> {
    let (number, ty) = match written.split_once(':') {
        Some((number, ty)) => (number, Some(ty)),
        None => (written, None),
    };
    let number = number
        .parse()
        .ok()
        .filter(|number| *number < ARGS_MAX)
        .ok_or_else(|| format!("expected {{0}} to {{7}}, found {{{written}}}"))?;
    let Some(name) = ty else {
        return Ok((number, None));
    };
    let mut types = ReasonArgType::ALL.into_iter();
    match types.find(|ty| ty.name() == name) {
        Some(ty) => Ok((number, Some(ty))),
        None => Err(format!(
            "expected int, money, date or text behind the colon, found {{{written}}}"
        )),
    }
}

/// The messages of a release. Every language has the same codes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Messages(BTreeMap<Locale, BTreeMap<Code, Sentence>>);

impl Messages {
    /// The languages, in order of their tags.
    pub fn locales(&self) -> impl ExactSizeIterator<Item = &Locale> {
        self.0.keys()
    }

    /// The codes that have a sentence, in order.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.0.values().next().into_iter().flat_map(BTreeMap::keys)
    }

    /// Every language's sentence of a code, in order of the languages.
    pub fn in_every_language<'m>(
        &'m self,
        code: &'m Code,
    ) -> impl Iterator<Item = (&'m Locale, &'m Sentence)> {
        let languages = self.0.iter();
        languages.filter_map(|(locale, sentences)| Some((locale, sentences.get(code)?)))
    }

    /// Whether the code has a sentence.
    #[must_use]
    pub fn has(&self, code: &Code) -> bool {
        let mut languages = self.0.values();
        languages
            .next()
            .is_some_and(|first| first.contains_key(code))
    }

    /// The sentence of a code in the language nearest to the locale: `zh-CN` finds `zh`,
    /// and a language that the release lacks finds `en`, or else the first there is.
    #[must_use]
    pub fn sentence(&self, locale: &Locale, code: &Code) -> Option<&Sentence> {
        let own = self.0.iter().filter(|(range, _)| locale.within(range));
        // The longest range is the nearest (RFC 4647, section 3.4).
        let nearest = own.max_by_key(|(range, _)| range.as_str().len());
        let english = || self.0.iter().find(|(range, _)| range.as_str() == "en");
        let language = nearest.or_else(english).or_else(|| self.0.iter().next());
        language.and_then(|(_, sentences)| sentences.get(code))
    }

    /// The reason as a sentence; `None` if its code has none.
    #[must_use]
    pub fn reason(&self, locale: &Locale, reason: &Reason) -> Option<String> {
        let sentence = self.sentence(locale, &reason.code)?;
        Some(sentence.with(&reason.args))
    }
}

/// Reads the files that the manifest's `[messages]` names.
pub(crate) fn read(
    root: &Section<'_>,
    folder: &SourceFolder,
    reader: &mut Reader<'_>,
) -> Option<Messages> {
    let item = root.need(reader, "messages")?;
    let section = item.section(reader)?;
    let mut languages = BTreeMap::new();
    let mut files = BTreeMap::new();
    let mut named = 0_usize;
    for (tag, item) in section.items() {
        named += 1;
        let locale = match Locale::new(tag) {
            Ok(locale) => locale,
            Err(error) => {
                item.problem(reader, error.to_string());
                continue;
            }
        };
        let Some(file) = folder.named(&item, ".toml", reader) else {
            continue;
        };
        if let Some(sentences) = language(file, folder, reader.problems()) {
            languages.insert(locale.clone(), sentences);
            files.insert(locale, file);
        }
    }
    if named == 0 {
        item.problem(reader, "expected at least one language");
    }
    if languages.len() < named || named == 0 {
        return None;
    }
    for (locale, file) in &files {
        compare(&languages, locale, file, folder, reader.problems());
    }
    Some(Messages(languages))
}

fn language(
    file: &str,
    folder: &SourceFolder,
    problems: &mut Problems,
) -> Option<BTreeMap<Code, Sentence>> {
    let text = folder.text(file, problems)?;
    let shown = folder.shown(file);
    let (mut reader, root) = Reader::parse(&shown, text, problems)?;
    let root = Section::root(&root);
    root.only(&mut reader, &["reasons"]);
    let reasons = root.need(&mut reader, "reasons")?;
    let reasons = reasons.section(&mut reader)?;
    let mut sentences = BTreeMap::new();
    let mut whole = true;
    for (code, item) in reasons.items() {
        let code = match Code::new(code) {
            Ok(code) => Some(code),
            Err(error) => {
                item.problem(&mut reader, error.to_string());
                None
            }
        };
        let sentence = item.sentence(&mut reader).map(Sentence::read);
        match (code, sentence) {
            (Some(code), Some(Ok(sentence))) => {
                sentences.insert(code, sentence);
            }
            (_, Some(Err(problem))) => {
                item.problem(&mut reader, problem);
                whole = false;
            }
            _ => whole = false,
        }
    }
    whole.then_some(sentences)
}

/// The code of one language that another has under a name like it.
fn like<'c>(
    code: &Code,
    own: &'c BTreeMap<Code, Sentence>,
    other: &BTreeMap<Code, Sentence>,
) -> Option<&'c str> {
    let alone = own.keys().filter(|own| !other.contains_key(*own));
    nearest(code.as_str(), alone.map(Code::as_str))
}

/// Tells of codes and arguments that the other languages have and this one lacks.
fn compare(
    languages: &BTreeMap<Locale, BTreeMap<Code, Sentence>>,
    locale: &Locale,
    file: &str,
    folder: &SourceFolder,
    problems: &mut Problems,
) {
    let Some(own) = languages.get(locale) else {
        return;
    };
    let mut told = BTreeSet::new();
    for (other, sentences) in languages.iter().filter(|(other, _)| *other != locale) {
        for (code, sentence) in sentences {
            let problem = match own.get(code) {
                None => match like(code, own, sentences) {
                    // One slip of the hand is missing on both sides, and told once.
                    Some(_) if other < locale => continue,
                    Some(like) => format!("in {other} the code is `{code}`, and here `{like}`"),
                    None => format!("the sentence is missing that {other} has"),
                },
                // Told once, on the side of the language that comes later.
                Some(own) if other < locale => match differ(&own.places(), &sentence.places()) {
                    Some(problem) => format!("{problem} in {other}"),
                    None => continue,
                },
                Some(_) => continue,
            };
            if told.insert(code) {
                problems.add(crate::ReleaseError {
                    key: Some(format!("reasons.{code}")),
                    ..crate::ReleaseError::of_file(&folder.shown(file), problem)
                });
            }
        }
    }
}

/// How two languages differ in what a sentence takes.
fn differ(own: &Places, other: &Places) -> Option<String> {
    if !own.keys().eq(other.keys()) {
        return Some("the sentence names other arguments than that".to_owned());
    }
    let mut pairs = own.iter().zip(other.values());
    pairs.find_map(|((number, own), other)| {
        let (own, other) = ((*own)?, (*other)?);
        (own != other).then(|| {
            let (own, other) = (own.name(), other.name());
            format!("{{{number}}} is declared {own} here, and {other}")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(languages: &[(&str, &str)]) -> Messages {
        let sentence = |text: &str| BTreeMap::from([(code(), Sentence::read(text).unwrap())]);
        let languages = languages.iter();
        Messages(
            languages
                .map(|(tag, text)| (Locale::new(tag).unwrap(), sentence(text)))
                .collect(),
        )
    }

    fn code() -> Code {
        Code::new("late").unwrap()
    }

    #[test]
    fn arguments_go_to_their_places() {
        let args = [
            ReasonArg::Int(3),
            ReasonArg::Money("5.00 EUR".parse().unwrap()),
            ReasonArg::Text("{0}".into()),
        ];
        let show = |text: &str| Sentence::read(text).unwrap().with(&args);
        assert_eq!(
            show("{1} for {0} days, {1}"),
            "5.00 EUR for 3 days, 5.00 EUR"
        );
        assert_eq!(show("{{0}} 晚到 {0} 天"), "{0} 晚到 3 天");
        assert_eq!(
            show("{2}"),
            "{0}",
            "an argument is never read as a sentence"
        );
        assert_eq!(show("{7}"), "…");
        assert_eq!(show("{0:int} days, {1:money}, {0}"), "3 days, 5.00 EUR, 3");
        for bad in [
            "{",
            "}",
            "{x}",
            "{8}",
            "{-1}",
            "{0",
            "a } b",
            "{0:sum}",
            "{0:}",
            "{:int}",
            "{0:int} {0:money}",
        ] {
            assert!(Sentence::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_nearest_language_answers() {
        let messages = messages(&[("en", "late"), ("zh", "晚"), ("zh-Hant", "遲")]);
        let show = |tag: &str| messages.reason(&Locale::new(tag).unwrap(), &Reason::bare(code()));
        assert_eq!(show("zh-CN").as_deref(), Some("晚"));
        assert_eq!(show("zh-Hant-TW").as_deref(), Some("遲"));
        assert_eq!(show("en-GB").as_deref(), Some("late"));
        assert_eq!(show("fr").as_deref(), Some("late"));
        let unknown = Reason::bare(Code::new("other").unwrap());
        assert_eq!(messages.reason(&Locale::new("en").unwrap(), &unknown), None);
    }
}
