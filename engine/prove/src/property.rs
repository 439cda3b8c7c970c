//! What is to be shown of a policy.

use redress::Release;
use redress::source::derived;
use redress_kernel::guardrails::{Base, CashRule, Claim, Floor, RollingCap, Tier};
use redress_model::code::nearest;
use redress_model::{Date, Direction, FactClass, FactType, Money, Slot};
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
    /// No goodwill in a level exceeds the level's share of its base.
    Tier(Tier),
    /// No discretion exceeds so many basis points of the loss.
    LossMultiple(Base, i64),
    /// No single case exceeds the whole of a cap.
    RollingCap(RollingCap),
    /// No goodwill cash without a loss.
    NoLossNoCash(Base),
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
    /// It is not UTF-8.
    #[error("properties.toml: {0}")]
    Text(std::str::Utf8Error),
    /// It is not TOML of this form.
    #[error("properties.toml: {}", in_words(.0))]
    Form(toml::de::Error),
    /// It names something that the release does not have.
    #[error("properties.toml: {0}")]
    Name(String),
}

fn in_words(error: &toml::de::Error) -> String {
    match derived::in_words(error.message()) {
        (problem, Some(help)) => format!("{problem}; {help}"),
        (problem, None) => problem,
    }
}

impl PropertiesError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read(_) | Self::Text(_) => "properties_unread",
            Self::Form(_) => "properties_form",
            Self::Name(_) => "properties_name",
        }
    }
}

/// What is taken for granted of a fact where the schema allows more.
#[derive(Debug, Clone)]
pub(crate) struct Assumption {
    pub(crate) slot: Slot,
    /// The least and the greatest value, both of them allowed.
    pub(crate) range: (i128, i128),
    pub(crate) says: String,
}

/// `properties.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    assume: Vec<Assumed>,
    #[serde(default)]
    property: Vec<Written>,
}

/// A range that a fact keeps to, as its author writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Assumed {
    says: String,
    fact: String,
    #[serde(default)]
    at_least: Option<toml::Value>,
    #[serde(default)]
    at_most: Option<toml::Value>,
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
    for tier in &guardrails.tiers {
        let says = format!("goodwill in {} never exceeds its share", tier.name);
        add(says, Question::Tier(tier.clone()));
    }
    if let Some(loss) = &guardrails.facts.loss {
        let envelope = &guardrails.envelope;
        if let Some(points) = envelope.loss_multiple_basis_points {
            let says = "discretion never exceeds its multiple of the loss".into();
            add(says, Question::LossMultiple(loss.clone(), points));
        }
        if envelope.cash == CashRule::NeedsLoss {
            let says = "without a loss there is no goodwill cash".into();
            add(says, Question::NoLossNoCash(loss.clone()));
        }
    }
    for cap in &guardrails.envelope.caps {
        let says = format!("no single case exceeds all of {}", cap.name);
        add(says, Question::RollingCap(cap.clone()));
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
    for file in files(release)? {
        for written in file.property {
            all.push(resolve(release, written)?);
        }
    }
    Ok(all)
}

/// What is taken for granted of the facts of a release.
///
/// # Errors
/// [`PropertiesError`] when a `properties.toml` cannot be used.
pub(crate) fn assumptions(release: &Release) -> Result<Vec<Assumption>, PropertiesError> {
    let mut all = Vec::new();
    for file in files(release)? {
        for assumed in file.assume {
            all.push(resolve_assumed(release, assumed)?);
        }
    }
    Ok(all)
}

/// Holds every `properties.toml` of a release against it, without asking anything.
///
/// # Errors
/// [`PropertiesError`] when one of them cannot be used.
pub fn held(release: &Release) -> Result<(), PropertiesError> {
    properties(release)?;
    assumptions(release)?;
    Ok(())
}

const FILE: &str = "properties.toml";

/// The release's own file, which an archive has too, and that of every version of the
/// policy, which stands in the folder that holds the versions.
fn files(release: &Release) -> Result<[File; 2], PropertiesError> {
    let own = match release.source().folder().file(FILE) {
        Some(bytes) => read(std::str::from_utf8(bytes).map_err(PropertiesError::Text)?)?,
        None => File::default(),
    };
    let policy = release.source().path().parent();
    let shared = match policy.map(|policy| std::fs::read_to_string(policy.join(FILE))) {
        Some(Ok(text)) => read(&text)?,
        Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(PropertiesError::Read(error));
        }
        _ => File::default(),
    };
    Ok([own, shared])
}

fn read(text: &str) -> Result<File, PropertiesError> {
    toml::from_str(text).map_err(PropertiesError::Form)
}

fn resolve_assumed(release: &Release, assumed: Assumed) -> Result<Assumption, PropertiesError> {
    let slot = slot(release, &assumed.fact)?;
    let ty = release.schema().fact(slot).map(|fact| &fact.ty);
    let wrong = |value: &toml::Value| {
        let text = format!("`{}` cannot be {value}", assumed.fact);
        PropertiesError::Name(text)
    };
    let end = |value: &Option<toml::Value>| {
        let Some(value) = value else { return Ok(None) };
        let number = match (ty, value) {
            (Some(FactType::Int { .. }), toml::Value::Integer(value)) => Some((*value).into()),
            (
                Some(FactType::Money {
                    currency: Some(currency),
                    ..
                }),
                toml::Value::String(text),
            ) => {
                let money: Option<Money> = text.parse().ok();
                let own = money.filter(|money| money.currency() == *currency);
                own.map(|money| money.minor().into())
            }
            (Some(FactType::Date), toml::Value::String(text)) => {
                let date: Option<Date> = text.parse().ok();
                date.map(|date| date.days().into())
            }
            _ => None,
        };
        number.map(Some).ok_or_else(|| wrong(value))
    };
    let whole = ty.map_or(crate::exec::INT, crate::exec::range);
    let (least, most) = (end(&assumed.at_least)?, end(&assumed.at_most)?);
    Ok(Assumption {
        slot,
        range: (
            least.map_or(whole.0, |least| whole.0.max(least)),
            most.map_or(whole.1, |most| whole.1.min(most)),
        ),
        says: assumed.says,
    })
}

/// A fact by its name.
///
/// # Errors
/// [`PropertiesError::Name`] when there is none.
fn slot(release: &Release, name: &str) -> Result<Slot, PropertiesError> {
    let schema = release.schema();
    let none = || {
        let near = nearest(name, schema.facts().iter().map(|fact| fact.name.as_str()));
        let near = near.map(|near| format!("; did you mean `{near}`?"));
        let near = near.unwrap_or_default();
        PropertiesError::Name(format!("there is no fact `{name}`{near}"))
    };
    schema.slot(name).ok_or_else(none)
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
