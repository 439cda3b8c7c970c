//! Identifiers: short checked strings, a type for each meaning.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use smol_str::SmolStr;

/// Why a string is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {found:?} is not valid: expected {expected}")]
pub struct BadName {
    /// Which kind of identifier was read, in the author's words.
    pub what: &'static str,
    /// What such an identifier looks like.
    pub expected: &'static str,
    /// The text found, cut to 80 characters.
    pub found: String,
}

impl BadName {
    fn new(what: &'static str, expected: &'static str, found: &str) -> Self {
        Self {
            what,
            expected,
            found: found.chars().take(80).collect(),
        }
    }

    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad_name"
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "SmolStr")]
        pub struct $name(SmolStr);

        impl $name {
            /// Checks and keeps the text.
            ///
            /// # Errors
            /// [`BadName`] when the text does not have the form that the type documents.
            pub fn new(text: &str) -> Result<Self, BadName> {
                Self::try_from(SmolStr::new(text))
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl TryFrom<SmolStr> for $name {
            type Error = BadName;

            fn try_from(text: SmolStr) -> Result<Self, BadName> {
                if $valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(BadName::new($what, $expected, &text))
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl From<$name> for SmolStr {
            fn from(name: $name) -> SmolStr {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }
    };
}

fn is_code(text: &str) -> bool {
    // Without an early end, so that many bytes are looked at together.
    let of_code =
        |so_far, byte| so_far & matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
    !text.is_empty() && text.len() <= 64 && text.bytes().fold(true, of_code)
}

fn is_reference(text: &str) -> bool {
    // Likewise without an early end.
    let plain = |so_far, byte| so_far & matches!(byte, b' '..=b'~');
    let is_plain = || text.bytes().fold(true, plain);
    !text.is_empty() && text.len() <= 128 && (is_plain() || !text.chars().any(char::is_control))
}

fn is_locale(text: &str) -> bool {
    (2..=35).contains(&text.len())
        && text.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

name! {
    /// A code that people and programs match on: a reason, a tier, a kind of
    /// remedy, a role, a queue, a limit.
    ///
    /// 1 to 64 ASCII characters out of `a-z`, `0-9`, `_`, `.` and `-`.
    Code, "code", "1 to 64 characters out of a-z, 0-9, '_', '.', '-'", is_code
}
name! {
    /// The id of a case, given by the host.
    CaseId, "case id", "1 to 128 characters without control characters", is_reference
}
name! {
    /// The id of the event complained of; every case of one event shares one entitlement.
    EventId, "event id", "1 to 128 characters without control characters", is_reference
}
name! {
    /// The id of the person who claims.
    ClaimantId, "claimant id", "1 to 128 characters without control characters", is_reference
}
name! {
    /// The id of the person or service that decides.
    ActorId, "actor id", "1 to 128 characters without control characters", is_reference
}
name! {
    /// The locale of service, a BCP 47 tag such as `zh-CN`; a matter of contract,
    /// never inferred from a person.
    Locale, "locale", "a BCP 47 language tag such as zh-CN", is_locale
}

impl Code {
    /// A code that the engine itself defines.
    ///
    /// The caller's literal is not checked here; every literal in the engine is
    /// covered by the test `engine_codes_are_valid` of its crate.
    #[must_use]
    pub const fn engine(literal: &'static str) -> Self {
        Self(SmolStr::new_static(literal))
    }
}

impl Locale {
    /// Whether this locale is `range` or lies below it (`zh-CN` is within `zh`),
    /// the basic filtering of RFC 4647.
    #[must_use]
    pub fn within(&self, range: &Self) -> bool {
        let (own, range) = (self.as_str(), range.as_str());
        let Some((head, tail)) = own.split_at_checked(range.len()) else {
            return false;
        };
        head.eq_ignore_ascii_case(range) && (tail.is_empty() || tail.starts_with('-'))
    }
}

/// The name nearest to `word` that a slip of the hand may have meant: at most two
/// edits away, and at most a third of the word.
#[must_use]
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).clamp(1, 2);
    names
        .map(|name| (edits(word, name), name))
        .filter(|(edits, _)| *edits <= most)
        .min()
        .map(|(_, name)| name)
}

/// The edit distance between texts of at most 64 bytes in which two neighbours that change
/// places are one edit: optimal string alignment, after Damerau.
fn edits(left: &str, right: &str) -> usize {
    if left.len().max(right.len()) > 64 {
        return usize::MAX;
    }
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut above = None;
    for (number, from) in (1..).zip(left.chars()) {
        let mut next = vec![number];
        for (at, to) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let replace = cell(&row, at) + usize::from(from != *to);
            let change = cell(&row, at + 1).min(cell(&next, at)) + 1;
            let swapped = at
                .checked_sub(1)
                .filter(|beside| above == Some(*to) && right.get(*beside) == Some(&from));
            let swap = swapped.map_or(usize::MAX, |beside| cell(&before, beside) + 1);
            next.push(replace.min(change).min(swap));
        }
        before = std::mem::replace(&mut row, next);
        above = Some(from);
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_ascii_and_bounded() {
        assert!(Code::new("eu261_art7").is_ok());
        assert!(Code::new(&"a".repeat(64)).is_ok());
        for bad in ["", "Upper", "with space", "中", &"a".repeat(65)] {
            let error = Code::new(bad).unwrap_err();
            assert_eq!(error.code(), "bad_name", "{bad:?}");
        }
    }

    #[test]
    fn a_slip_of_the_hand_is_one_edit() {
        for (left, right, expected) in [
            ("name", "naem", 1),
            ("name", "nam", 1),
            ("name", "names", 1),
            ("name", "nome", 1),
            ("name", "anem", 2),
            ("name", "", 4),
            ("", "name", 4),
            ("tier", "tier", 0),
            ("ca", "abc", 3),
        ] {
            assert_eq!(edits(left, right), expected, "{left} {right}");
            assert_eq!(edits(right, left), expected, "{right} {left}");
        }
        let names = ["name", "rank", "owner"];
        assert_eq!(nearest("naem", names.into_iter()), Some("name"));
        assert_eq!(nearest("anme", names.into_iter()), Some("name"));
        assert_eq!(nearest("kinds", names.into_iter()), None);
    }

    #[test]
    fn a_reference_may_be_chinese_but_not_a_control_character() {
        assert!(CaseId::new("订单-77").is_ok());
        assert!(CaseId::new("a\nb").is_err());
        assert!(CaseId::new(&"x".repeat(129)).is_err());
    }

    #[test]
    fn the_nearest_name_is_within_a_slip() {
        let names = ["delay_minutes", "distance_km", "event"];
        assert_eq!(
            nearest("delay_minute", names.into_iter()),
            Some("delay_minutes")
        );
        assert_eq!(nearest("evnet", names.into_iter()), Some("event"));
        assert_eq!(
            nearest("avend", names.into_iter()),
            None,
            "two edits of five letters"
        );
        assert_eq!(nearest("evebt", names.into_iter()), Some("event"));
        assert_eq!(nearest("price", names.into_iter()), None);
    }

    #[test]
    fn a_locale_lies_within_its_language() {
        let zh_cn = Locale::new("zh-CN").unwrap();
        assert!(zh_cn.within(&Locale::new("zh").unwrap()));
        assert!(zh_cn.within(&Locale::new("ZH-cn").unwrap()));
        assert!(!zh_cn.within(&Locale::new("z1").unwrap()));
        assert!(
            !Locale::new("zho")
                .unwrap()
                .within(&Locale::new("zh").unwrap())
        );
    }
}
