//! The name and version by which a release is known.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

/// Why a text is not a release's name or version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {expected}")]
pub struct BadRelease {
    /// What was expected.
    pub expected: &'static str,
    /// The text found, cut to 80 characters.
    pub found: String,
}

impl BadRelease {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad_release_name"
    }

    fn new(expected: &'static str, found: &str) -> Self {
        Self {
            expected,
            found: found.chars().take(80).collect(),
        }
    }
}

/// The name of a policy: a domain and a name within it, `air/eu261`.
///
/// One to four parts, each 1 to 64 characters out of `a-z`, `0-9`, `-` and `_`, starting
/// with a letter or digit. The parts are the folders in which the policy lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName(SmolStr);

impl ReleaseName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The last part, the name of the folder that holds the versions.
    #[must_use]
    pub fn last(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl FromStr for ReleaseName {
    type Err = BadRelease;

    fn from_str(text: &str) -> Result<Self, BadRelease> {
        let part = |part: &str| {
            (1..=64).contains(&part.len())
                && part.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte)
                })
                && !part.starts_with(['-', '_'])
        };
        if text.split('/').count() <= 4 && text.split('/').all(part) {
            Ok(Self(SmolStr::new(text)))
        } else {
            let expected = "a name such as air/eu261: one to four parts of a-z, 0-9, '-' and '_'";
            Err(BadRelease::new(expected, text))
        }
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version of a release, `MAJOR.MINOR.PATCH` (Semantic Versioning 2.0.0 without
/// pre-release and build parts); ordered by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Raised when decisions change.
    pub major: u32,
    /// Raised when more cases are decided and none differently.
    pub minor: u32,
    /// Raised when texts change and no decision does.
    pub patch: u32,
}

impl FromStr for Version {
    type Err = BadRelease;

    fn from_str(text: &str) -> Result<Self, BadRelease> {
        let number = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'));
            plain.then(|| part.parse().ok()).flatten()
        };
        let mut parts = text.split('.').map(number);
        match [(); 4].map(|()| parts.next()) {
            [
                Some(Some(major)),
                Some(Some(minor)),
                Some(Some(patch)),
                None,
            ] => Ok(Self {
                major,
                minor,
                patch,
            }),
            _ => Err(BadRelease::new("a version such as 1.0.0", text)),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Serialize for ReleaseName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReleaseName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_and_not_by_text() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("1.10.0") > version("1.9.9"));
        assert_eq!(version("1.2.3").to_string(), "1.2.3");
        for bad in [
            "1.0",
            "1.0.0.0",
            "01.0.0",
            "1.0.-1",
            "1.0.+1",
            "v1.0.0",
            "1.0.0-rc1",
            "",
            "1..0",
        ] {
            let error = bad.parse::<Version>().unwrap_err();
            assert_eq!(error.code(), "bad_release_name", "{bad}");
        }
        assert!("4294967295.0.0".parse::<Version>().is_ok());
        assert!("4294967296.0.0".parse::<Version>().is_err());
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        assert_eq!("air/eu261".parse::<ReleaseName>().unwrap().last(), "eu261");
        assert_eq!(
            "late-parcel".parse::<ReleaseName>().unwrap().last(),
            "late-parcel"
        );
        for bad in [
            "",
            "/air",
            "air/",
            "air//x",
            "../air",
            "air/..",
            "Air/x",
            "a b",
            "a/b/c/d/e",
            "-x",
        ] {
            assert!(bad.parse::<ReleaseName>().is_err(), "{bad}");
        }
    }
}
