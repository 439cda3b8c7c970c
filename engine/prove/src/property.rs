//! What is to be shown of a policy.

use std::path::Path;

use redress::Release;
use redress_kernel::guardrails::{Claim, Floor};
use redress_model::{Direction, FactClass, FactType, Money, Slot};
use serde::Deserialize;

/// Something that holds of every case, or does not.
#[derive(Debug, Clone)]
pub struct Property {
    /// What it says, in a sentence.
    pub says: String,
    pub(crate) question: Question,
}

#[derive(Debug, Clone)]
pub(crate) enum Question {
    /// No claim exceeds its highest sum.
    Cap(Claim),
    /// No claim stays below its least sum.
    Floor(Floor),
    /// Nothing given is below zero.
    NeverNegative,
    /// The policy never fails.
    NeverFails,
    /// A worse fact never pays less.
    Monotone(Slot, Direction),
    /// The fact moves no sum.
    Independent(Slot),
    /// Every branch is reached by some case.
    Reachable,
    /// Every question within a table's ranges has one answer.
    Tables,
    /// No case is given more than this in one currency.
    AtMost(Money),
    /// One value of a fact never gives less than another.
    Order {
        slot: Slot,
        better: i128,
        worse: i128,
    },
    /// A fact in two parts never gives more than in one.
    Split(Slot),
}

/// Why `properties.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PropertiesError {
    /// It cannot be read.
    #[error("cannot read properties.toml: {0}")]
    Read(std::io::Error),
    /// It is not TOML of this form.
    #[error("properties.toml: {0}")]
    Form(toml::de::Error),
    /// It names something that the release does not have.
    #[error("properties.toml: {0}")]
    Name(String),
}

impl PropertiesError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "properties_unread",
            Self::Form(_) => "properties_form",
            Self::Name(_) => "properties_name",
        }
    }
}

/// `properties.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    property: Vec<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "holds", rename_all = "snake_case", deny_unknown_fields)]
enum Written {
    /// A worse fact never pays less.
    Monotone { says: String, fact: String },
    /// The fact moves no sum.
    Independent { says: String, fact: String },
    /// Nobody is given more than this.
    AtMost { says: String, sum: String },
    /// One value never gives less than another.
    Order {
        says: String,
        fact: String,
        better: String,
        worse: String,
    },
    /// Splitting never pays more.
    Split { says: String, fact: String },
}

/// What is asked of every policy, and of this one.
///
/// # Errors
/// [`PropertiesError`] when the release's own `properties.toml` cannot be used.
pub fn properties(release: &Release) -> Result<Vec<Property>, PropertiesError> {
    let mut all = Vec::new();
    let mut add = |says: String, question| all.push(Property { says, question });
    let guardrails = release.guardrails();
    for claim in &guardrails.claims {
        let says = format!("{} never exceeds its highest sum", claim.code);
        add(says, Question::Cap(claim.clone()));
    }
    for floor in &guardrails.floors {
        let says = format!("{} never stays below its least sum", floor.claim);
        add(says, Question::Floor(floor.clone()));
    }
    add(
        "nothing given is below zero".into(),
        Question::NeverNegative,
    );
    add("the policy never fails".into(), Question::NeverFails);
    for (slot, fact) in release.schema().slots() {
        if fact.class == FactClass::Merit
            && let Some(direction) = fact.direction
            && !matches!(fact.ty, FactType::List { .. })
        {
            let word = match direction {
                Direction::HigherIsWorse => "a higher",
                Direction::LowerIsWorse => "a lower",
            };
            let says = format!("{word} {} never pays less", fact.name);
            add(says, Question::Monotone(slot, direction));
        }
    }
    add("every branch is reached".into(), Question::Reachable);
    add("every table answers once".into(), Question::Tables);
    let path = release.source().path().join("properties.toml");
    all.extend(own(release, &path)?);
    Ok(all)
}

fn own(release: &Release, path: &Path) -> Result<Vec<Property>, PropertiesError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(PropertiesError::Read(error)),
    };
    let file: File = toml::from_str(&text).map_err(PropertiesError::Form)?;
    let written = file.property.into_iter();
    written.map(|written| resolve(release, written)).collect()
}

/// A fact by its name.
///
/// # Errors
/// [`PropertiesError::Name`] when there is none.
fn slot(release: &Release, name: &str) -> Result<Slot, PropertiesError> {
    let none = || PropertiesError::Name(format!("there is no fact `{name}`"));
    release.schema().slot(name).ok_or_else(none)
}

/// That a fact, by its name, moves no sum.
///
/// # Errors
/// [`PropertiesError::Name`] when there is no such fact.
pub fn independent(release: &Release, name: &str) -> Result<Property, PropertiesError> {
    Ok(Property {
        says: format!("{name} moves no sum"),
        question: Question::Independent(slot(release, name)?),
    })
}

fn resolve(release: &Release, written: Written) -> Result<Property, PropertiesError> {
    let (says, question) = match written {
        Written::Monotone { says, fact } => {
            let slot = slot(release, &fact)?;
            let direction = release.schema().fact(slot).and_then(|fact| fact.direction);
            let direction = direction
                .ok_or_else(|| PropertiesError::Name(format!("`{fact}` has no direction")))?;
            (says, Question::Monotone(slot, direction))
        }
        Written::Independent { says, fact } => (says, Question::Independent(slot(release, &fact)?)),
        Written::AtMost { says, sum } => {
            let money = sum.parse();
            let money =
                money.map_err(|error| PropertiesError::Name(format!("`{sum}`: {error}")))?;
            (says, Question::AtMost(money))
        }
        Written::Order {
            says,
            fact,
            better,
            worse,
        } => {
            let slot = slot(release, &fact)?;
            let place = |value: &str| {
                let found = match release.schema().fact(slot).map(|fact| &fact.ty) {
                    Some(FactType::Enum(values)) => values.iter().position(|known| known == value),
                    _ => None,
                };
                let found = found.and_then(|at| i128::try_from(at).ok());
                let none = || PropertiesError::Name(format!("`{fact}` has no value `{value}`"));
                found.ok_or_else(none)
            };
            let (better, worse) = (place(&better)?, place(&worse)?);
            (
                says,
                Question::Order {
                    slot,
                    better,
                    worse,
                },
            )
        }
        Written::Split { says, fact } => (says, Question::Split(slot(release, &fact)?)),
    };
    Ok(Property { says, question })
}
