//! Who must sign: `2 of compliance + owner of policy`.
//!
//! ```text
//! rule = seat { "+" seat }
//! seat = NUMBER "of" ROLE | "owner of policy"
//! ```
//!
//! Every seat is taken by a different person, so that nobody approves their own work
//! under two hats, whatever roles and keys they hold.

use std::fmt;
use std::str::FromStr;

use redress_model::Code;
use serde::Serialize;

use super::key::KeyId;

/// The most people that a rule may ask for.
pub const PEOPLE_MAX: u32 = 16;

/// So many people of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seat {
    /// So many people of a role.
    Role {
        /// How many, from 1.
        count: u32,
        /// The role.
        role: Code,
    },
    /// One person who owns the policy.
    Owner,
}

impl Seat {
    const fn count(&self) -> u32 {
        match self {
            Self::Role { count, .. } => *count,
            Self::Owner => 1,
        }
    }

    fn admits(&self, signer: &Signer) -> bool {
        match self {
            Self::Role { role, .. } => signer.roles.contains(role),
            Self::Owner => signer.is_owner == Ownership::OfThisPolicy,
        }
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role { count, role } => write!(f, "{count} of {role}"),
            Self::Owner => f.write_str("owner of policy"),
        }
    }
}

/// Whether a signer owns the policy that is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// They do.
    OfThisPolicy,
    /// They do not.
    None,
}

/// Somebody whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The person.
    pub person: String,
    /// The key that they signed with.
    pub key: KeyId,
    /// Their roles.
    pub roles: Vec<Code>,
    /// Whether they own the policy.
    pub is_owner: Ownership,
}

/// A seat with the person who takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filled {
    /// The seat, as the rule writes it.
    pub seat: String,
    /// The person.
    pub person: String,
    /// Their key.
    pub key: KeyId,
}

/// Why a text is not a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a rule such as \"2 of compliance + owner of policy\": {problem}")]
pub struct RuleError {
    /// The text found, cut to 80 characters.
    pub found: String,
    /// What is wrong.
    pub problem: &'static str,
}

impl RuleError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "rule_malformed"
    }
}

/// Who must sign a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule(Vec<Seat>);

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let wrong = |problem| RuleError {
            found: text.chars().take(80).collect(),
            problem,
        };
        let seats: Result<Vec<Seat>, _> = text.split('+').map(|seat| parse(seat.trim())).collect();
        let seats = seats.map_err(wrong)?;
        let people = seats.iter().map(Seat::count).fold(0, u32::saturating_add);
        if people > PEOPLE_MAX {
            return Err(wrong("it asks for more than 16 people"));
        }
        Ok(Self(seats))
    }
}

fn parse(text: &str) -> Result<Seat, &'static str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["owner", "of", "policy"] => Ok(Seat::Owner),
        [count, "of", role] => {
            let count = count.parse().ok().filter(|count| *count > 0);
            let role = Code::new(role).map_err(|_| "a role is a code such as `compliance`")?;
            let count = count.ok_or("a seat starts with a number from 1")?;
            Ok(Seat::Role { count, role })
        }
        _ => Err("expected seats such as \"2 of compliance\" or \"owner of policy\" between +"),
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, seat) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" + ")?;
            }
            seat.fmt(f)?;
        }
        Ok(())
    }
}

impl Rule {
    /// Gives every seat a person of its own, or says which seat stays empty.
    ///
    /// # Errors
    /// The seats, as the rule writes them, that cannot all be taken.
    pub fn fill(&self, signers: &[Signer]) -> Result<Vec<Filled>, Vec<String>> {
        let mut people: Vec<&str> = signers
            .iter()
            .map(|signer| signer.person.as_str())
            .collect();
        people.sort_unstable();
        people.dedup();
        let chairs: Vec<&Seat> = self
            .0
            .iter()
            .flat_map(|seat| (0..seat.count()).map(move |_| seat))
            .collect();
        let mut taken: Vec<Option<usize>> = vec![None; people.len()];
        let mut empty = Vec::new();
        for chair in 0..chairs.len() {
            let mut asked = vec![false; people.len()];
            if !seat(chair, &chairs, &people, signers, &mut asked, &mut taken) {
                empty.extend(chairs.get(chair).map(ToString::to_string));
            }
        }
        if !empty.is_empty() {
            return Err(empty);
        }
        let mut filled: Vec<(usize, Filled)> = Vec::new();
        for (person, chair) in people.iter().zip(&taken) {
            let Some(chair) = *chair else { continue };
            let Some(seat) = chairs.get(chair) else {
                continue;
            };
            let key = signers
                .iter()
                .find(|signer| signer.person == *person && seat.admits(signer));
            filled.extend(key.map(|signer| {
                let seat = seat.to_string();
                let (person, key) = (signer.person.clone(), signer.key);
                (chair, Filled { seat, person, key })
            }));
        }
        filled.sort_by_key(|(chair, _)| *chair);
        Ok(filled.into_iter().map(|(_, filled)| filled).collect())
    }
}

/// Finds a person for a chair, asking those who sit to move to another where that helps
/// (an augmenting path of a bipartite matching). At most 16 chairs, so the depth is bounded.
fn seat(
    chair: usize,
    chairs: &[&Seat],
    people: &[&str],
    signers: &[Signer],
    asked: &mut [bool],
    taken: &mut [Option<usize>],
) -> bool {
    let Some(wanted) = chairs.get(chair) else {
        return false;
    };
    for (place, person) in people.iter().enumerate() {
        let admits = |signer: &&Signer| signer.person == *person && wanted.admits(signer);
        let before = asked.get(place).copied().unwrap_or(true);
        if before || !signers.iter().any(|signer| admits(&signer)) {
            continue;
        }
        if let Some(asked) = asked.get_mut(place) {
            *asked = true;
        }
        let free = match taken.get(place).copied().flatten() {
            None => true,
            Some(other) => seat(other, chairs, people, signers, asked, taken),
        };
        if free {
            if let Some(place) = taken.get_mut(place) {
                *place = Some(chair);
            }
            return true;
        }
    }
    false
}
