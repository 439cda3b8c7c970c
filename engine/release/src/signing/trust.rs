//! Whose keys count: a file that compliance owns.
//!
//! ```toml
//! rule = "2 of compliance + owner of policy"
//!
//! [rules]
//! "air" = "1 of compliance + owner of policy"     # for every policy below air/
//!
//! [[key]]
//! person = "mei.lin"
//! public = "MCowBQYDK2VwAyEA..."                  # base64 of 32 bytes, or PEM
//! roles = ["compliance"]
//! owns = ["travel", "air/eu261"]
//! valid_from = "2026-01-01"
//! valid_until = "2027-12-31"
//! revoked = "the laptop was stolen on 2026-08-01" # from then on nothing of it counts
//! ```

use std::collections::BTreeMap;

use redress_model::{Code, Date, Digest};
use serde::Deserialize;

use super::error::TrustError;
use super::key::{KeyId, PublicKey};
use super::rule::Rule;
use crate::version::ReleaseName;

/// The most bytes of a trust file.
const TRUST_BYTES_MAX: usize = 256 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    rule: String,
    #[serde(default)]
    rules: BTreeMap<String, String>,
    #[serde(default)]
    key: Vec<TrustedKey>,
}

/// A key that may sign.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// Whose it is; several keys of one person are one person.
    pub person: String,
    /// The key.
    pub public: PublicKey,
    /// What the person may sign as.
    #[serde(default)]
    pub roles: Vec<Code>,
    /// The policies that they own, or folders of policies.
    #[serde(default)]
    pub owns: Vec<String>,
    /// The first day on which the key counts.
    pub valid_from: Date,
    /// The last one.
    pub valid_until: Date,
    /// Why nothing that it signed counts any more.
    pub revoked: Option<String>,
}

impl TrustedKey {
    /// Whether the person owns the policy.
    #[must_use]
    pub fn owns(&self, policy: &ReleaseName) -> bool {
        self.owns.iter().any(|owned| is_at_or_below(policy, owned))
    }
}

/// Whether a policy is the one named, or lies in the folder named.
fn is_at_or_below(policy: &ReleaseName, folder: &str) -> bool {
    let rest = policy.as_str().strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whose signatures count, and how many of whom must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    digest: Digest,
    rule: Rule,
    rules: BTreeMap<String, Rule>,
    keys: BTreeMap<KeyId, TrustedKey>,
}

impl Trust {
    /// Reads a trust file.
    ///
    /// # Errors
    /// [`TrustError`]: a file without a rule or without keys trusts nobody and is refused.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        if text.len() > TRUST_BYTES_MAX {
            return Err(TrustError::TooLarge {
                limit: TRUST_BYTES_MAX,
                used: text.len(),
            });
        }
        let source: Source = toml::from_str(text).map_err(|error| TrustError::Malformed {
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            problem: error.message().to_owned(),
        })?;
        if source.key.is_empty() {
            return Err(TrustError::NoKey);
        }
        let mut rules = BTreeMap::new();
        for (folder, rule) in source.rules {
            if folder.parse::<ReleaseName>().is_err() {
                return Err(TrustError::Folder { found: folder });
            }
            rules.insert(folder, rule.parse()?);
        }
        let mut keys = BTreeMap::new();
        for key in source.key {
            let id = key.public.id();
            if key.person.trim().is_empty() {
                return Err(TrustError::Nobody { key: id });
            }
            if let Some(owned) = key
                .owns
                .iter()
                .find(|owned| owned.parse::<ReleaseName>().is_err())
            {
                let found = owned.clone();
                return Err(TrustError::Folder { found });
            }
            if keys.insert(id, key).is_some() {
                return Err(TrustError::Twice { key: id });
            }
        }
        Ok(Self {
            digest: Digest::of(text.as_bytes()),
            rule: source.rule.parse()?,
            rules,
            keys,
        })
    }

    /// The digest of the file, which an activation records.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The rule for a policy: that of its nearest folder, or else the file's.
    #[must_use]
    pub fn rule_for(&self, policy: &ReleaseName) -> &Rule {
        let near = self
            .rules
            .iter()
            .filter(|(folder, _)| is_at_or_below(policy, folder));
        near.max_by_key(|(folder, _)| folder.len())
            .map_or(&self.rule, |(_, rule)| rule)
    }

    /// The key with this name.
    #[must_use]
    pub fn key(&self, id: KeyId) -> Option<&TrustedKey> {
        self.keys.get(&id)
    }
}

fn line_of(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1)
}
