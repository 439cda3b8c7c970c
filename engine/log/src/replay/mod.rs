//! Making a decision again from its record, and comparing the bytes.
//!
//! The log does not know how decisions are made: whoever does implements [`Replay`].

mod erasures;
#[cfg(test)]
mod tests;

use redress_model::schema::Entry;
use redress_model::{Actor, Digest, FactType, Schema, Standing, Timestamp};
use serde::Deserialize;
use smol_str::SmolStr;

pub use self::erasures::Erasures;
use crate::canonical::{self, Object, Value};
use crate::record::{Record, holds_decision};
use crate::seal::{self, Openings};

/// Why a record cannot be run again. Only [`NotReplayable::Erased`] is as it should be; of a
/// record with any other reason nobody knows whether it was decided as it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReplayable {
    /// Personal values that the decision depends on were erased, and the log says so
    /// ([`Erasures::explain`]).
    #[error("{closed} personal values were erased")]
    Erased {
        /// How many commitments cannot be opened.
        closed: u32,
    },
    /// Personal values that the decision depends on are sealed, and what opens them is not there.
    #[error("{closed} personal values are sealed, and no opening of them is at hand")]
    OpeningsMissing {
        /// How many commitments cannot be opened.
        closed: u32,
    },
    /// The release is not at hand.
    #[error("the release {name} {version}, sha256:{digest}, is not at hand")]
    NoRelease {
        /// The policy's name.
        name: SmolStr,
        /// Its version.
        version: SmolStr,
        /// The digest of its files.
        digest: Digest,
    },
    /// The rules of the kernel have another version here.
    #[error("the decision was made under version {version} of the kernel's rules")]
    Semantics {
        /// The version it was made under.
        version: u32,
    },
    /// The record is not in the form of a decision, or its case is not admitted.
    #[error("the record does not read as a decision: {problem}")]
    Unreadable {
        /// What is wrong.
        problem: String,
    },
}

impl NotReplayable {
    /// The stable code of this reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Erased { .. } => "erased",
            Self::OpeningsMissing { .. } => "openings_missing",
            Self::NoRelease { .. } => "no_release",
            Self::Semantics { .. } => "other_semantics",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

fn unreadable(problem: impl ToString) -> NotReplayable {
    NotReplayable::Unreadable {
        problem: problem.to_string(),
    }
}

/// Which release decided, as a record names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRelease {
    /// The digest of its files.
    pub digest: Digest,
    /// The policy's name.
    pub name: SmolStr,
    /// Its version.
    pub version: SmolStr,
}

/// Everything that a recorded decision was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// The release.
    pub release: RecordedRelease,
    /// The version of the kernel's rules.
    pub semantics_version: u32,
    /// Who decided; under a pseudonym if their id is sealed.
    pub actor: Actor,
    /// What the ledger knew; other customers under pseudonyms if their ids are sealed.
    pub standing: Standing,
    /// The moment of the decision.
    pub as_of: Timestamp,
    case: Object,
    decision: Value,
    /// Nothing when a pseudonym stands for an id, since the digest covers ids.
    inputs_digest: Option<Digest>,
}

/// A decision made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The decision in canonical form ([`crate::canonical::to_vec`]).
    pub decision: Vec<u8>,
    /// The digest of its inputs.
    pub inputs_digest: Digest,
}

/// Makes decisions again.
pub trait Replay {
    /// Decides the recorded case as it was decided.
    ///
    /// # Errors
    /// [`NotReplayable`] when that cannot be done here.
    fn replay(&self, inputs: &Inputs) -> Result<Replayed, NotReplayable>;
}

/// What a replay has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The same bytes.
    Same,
    /// Other bytes: somebody decided by other rules than those recorded.
    Different {
        /// The first place that differs, as a JSON pointer into the decision, or
        /// `inputs_digest`.
        pointer: String,
        /// What was recorded there.
        recorded: String,
        /// What the replay found there.
        replayed: String,
    },
    /// It cannot be run again.
    NotReplayable(NotReplayable),
    /// The record holds no decision.
    NoDecision,
}

/// Runs one record again.
pub fn check(record: &Record, openings: &Openings, replay: &dyn Replay) -> Outcome {
    if !holds_decision(record.kind.as_str().as_bytes()) {
        return Outcome::NoDecision;
    }
    let replayed =
        Inputs::of(record, openings).and_then(|inputs| Ok((replay.replay(&inputs)?, inputs)));
    match replayed {
        Ok((replayed, inputs)) => inputs.compare(&replayed),
        Err(reason) => Outcome::NotReplayable(reason),
    }
}

impl Inputs {
    /// Opens the record of a decision.
    ///
    /// Ids of the actor and of other customers may stay sealed: the rules compare them
    /// and read nothing in them, and a commitment is the same wherever the id stands.
    ///
    /// # Errors
    /// [`NotReplayable`] when something else stays sealed, or the record is no decision.
    pub fn of(record: &Record, openings: &Openings) -> Result<Self, NotReplayable> {
        let mut body = record.body.clone();
        let sealed = openings.open(&mut body);
        let Value::Object(mut body) = body else {
            return Err(unreadable("its body is no object"));
        };
        if let Some(id) = body.get_mut("actor").and_then(|actor| actor.get_mut("id")) {
            pseudonym(id);
        }
        let paid = body
            .get_mut("standing")
            .and_then(|standing| standing.get_mut("paid"));
        if let Some(Value::Array(paid)) = paid {
            for beneficiary in paid
                .iter_mut()
                .filter_map(|paid| paid.get_mut("beneficiary"))
            {
                pseudonym(beneficiary);
            }
        }
        let compared = body
            .get_mut("standing")
            .and_then(|standing| standing.get_mut("fairness"));
        if let Some(compared) = compared {
            pseudonyms(compared);
        }
        let mut take = |name: &str| {
            let value = body.remove(name);
            value.ok_or_else(|| unreadable(format_args!("it has no {name}")))
        };
        let (case, decision) = (take("case")?, take("decision")?);
        let digest = take("inputs_digest")?;
        let closed = [&case, &decision, &digest]
            .into_iter()
            .map(count_sealed)
            .sum();
        if closed > 0 {
            return Err(NotReplayable::OpeningsMissing { closed });
        }
        let Value::Object(case) = case else {
            return Err(unreadable("its case is no object"));
        };
        let inputs_digest = canonical::from_value(digest).map_err(unreadable)?;
        Ok(Self {
            release: canonical::from_value(take("release")?).map_err(unreadable)?,
            semantics_version: canonical::from_value(take("semantics_version")?)
                .map_err(unreadable)?,
            actor: canonical::from_value(take("actor")?).map_err(unreadable)?,
            standing: canonical::from_value(take("standing")?).map_err(unreadable)?,
            as_of: canonical::from_value(take("as_of")?).map_err(unreadable)?,
            case,
            decision,
            inputs_digest: (sealed == 0).then_some(inputs_digest),
        })
    }

    /// The case as JSON that the release admits: integers are numbers again.
    ///
    /// # Errors
    /// [`NotReplayable::Unreadable`] when the facts are not those of the schema.
    pub fn case_json(&self, schema: &Schema) -> Result<Vec<u8>, NotReplayable> {
        let mut out = b"{".to_vec();
        for (name, member) in self.case.iter() {
            if out.len() > 1 {
                out.push(b',');
            }
            canonical::write_text(&mut out, name);
            out.push(b':');
            match member {
                Value::Object(facts) if name == "facts" => write_facts(&mut out, facts, schema)?,
                other => out.extend(other.write()),
            }
        }
        out.push(b'}');
        Ok(out)
    }

    fn compare(&self, replayed: &Replayed) -> Outcome {
        let limits = crate::record::RECORD_LIMITS;
        let decision = match canonical::read(&replayed.decision, limits) {
            Ok(decision) => decision,
            Err(error) => return Outcome::NotReplayable(unreadable(error)),
        };
        let mut pointer = String::new();
        if let Some((recorded, replayed)) = differ(&self.decision, &decision, &mut pointer) {
            return Outcome::Different {
                pointer,
                recorded,
                replayed,
            };
        }
        match self.inputs_digest {
            Some(recorded) if recorded != replayed.inputs_digest => Outcome::Different {
                pointer: "inputs_digest".to_owned(),
                recorded: recorded.to_string(),
                replayed: replayed.inputs_digest.to_string(),
            },
            _ => Outcome::Same,
        }
    }
}

/// Puts a name that says nothing in the place of a sealed id.
fn pseudonym(id: &mut Value) {
    let commitment = id.as_object().and_then(seal::sealed);
    if let Some(commitment) = commitment {
        *id = Value::Text(format!("sealed:{commitment}"));
    }
}

/// The same for every sealed id in a value that holds nothing else that is sealed.
fn pseudonyms(value: &mut Value) {
    pseudonym(value);
    match value {
        Value::Array(items) => items.iter_mut().for_each(pseudonyms),
        Value::Object(members) => members
            .iter_mut()
            .for_each(|(_, member)| pseudonyms(member)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

fn count_sealed(value: &Value) -> u32 {
    Openings::default().open(&mut value.clone())
}

/// The first place where two values differ, with what stands there.
fn differ(left: &Value, right: &Value, pointer: &mut String) -> Option<(String, String)> {
    let shown = |value: Option<&Value>| match value {
        Some(value) => String::from_utf8_lossy(&value.write()).into_owned(),
        None => "nothing".to_owned(),
    };
    let length = pointer.len();
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let only_right = right.iter().filter(|(name, _)| left.get(name).is_none());
            for (name, _) in left.iter().chain(only_right) {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                let found = match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => differ(left, right, pointer),
                    (left, right) => Some((shown(left), shown(right))),
                };
                if found.is_some() {
                    return found;
                }
                pointer.truncate(length);
            }
            None
        }
        (Value::Array(left), Value::Array(right)) => {
            for index in 0..left.len().max(right.len()) {
                pointer.push_str(&format!("/{index}"));
                let found = match (left.get(index), right.get(index)) {
                    (Some(left), Some(right)) => differ(left, right, pointer),
                    (left, right) => Some((shown(left), shown(right))),
                };
                if found.is_some() {
                    return found;
                }
                pointer.truncate(length);
            }
            None
        }
        (left, right) => (left != right).then(|| (shown(Some(left)), shown(Some(right)))),
    }
}

fn write_facts(out: &mut Vec<u8>, facts: &Object, schema: &Schema) -> Result<(), NotReplayable> {
    let unknown = |name: &str| unreadable(format_args!("its schema has no fact {name}"));
    let ty = |slot| schema.fact(slot).map(|fact| &fact.ty);
    out.push(b'{');
    for (index, (name, value)) in facts.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        canonical::write_text(out, name);
        out.push(b':');
        match (schema.entry(name), value) {
            (Some(Entry::Fact(slot)), value) => {
                write_fact(out, ty(*slot).ok_or_else(|| unknown(name))?, value)?;
            }
            (Some(Entry::Group(members)), Value::Object(group)) => {
                out.push(b'{');
                for (index, (name, value)) in group.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    let slot = members.iter().find(|(member, _)| member == name);
                    let ty = slot.and_then(|(_, slot)| ty(*slot));
                    canonical::write_text(out, name);
                    out.push(b':');
                    write_fact(out, ty.ok_or_else(|| unknown(name))?, value)?;
                }
                out.push(b'}');
            }
            _ => return Err(unknown(name)),
        }
    }
    out.push(b'}');
    Ok(())
}

fn write_fact(out: &mut Vec<u8>, ty: &FactType, value: &Value) -> Result<(), NotReplayable> {
    match (ty, value) {
        (FactType::Int { .. }, Value::Text(digits)) => {
            let number: i64 = digits.parse().map_err(unreadable)?;
            out.extend(number.to_string().bytes());
        }
        (FactType::List { item, .. }, Value::Array(items)) => {
            out.push(b'[');
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_fact(out, item, value)?;
            }
            out.push(b']');
        }
        (_, value) => out.extend(value.write()),
    }
    Ok(())
}
