//! Counterexamples by chance, before a solver is asked.

use redress::Money;
use redress_model::FactType;
use serde_json::Value;

use super::Prover;
use crate::property::Question;
use crate::world::{Chance, Facts};

/// How many cases are tried by chance for each question.
pub(super) const TRIES: u64 = 400;

impl Prover {
    pub(super) fn any_facts(&self, chance: &mut Chance) -> Facts {
        let mut facts = Facts::new();
        for (slot, fact) in self.side.world.schema().slots() {
            if fact.required || chance.below(6) > 0 {
                let value = chance.any(fact, &self.named, &self.names);
                facts.extend(value.map(|value| (slot, value)));
            }
        }
        facts
    }

    /// The cases that a question compares, made from one.
    fn variants(
        &self,
        question: &Question,
        facts: Facts,
        chance: &mut Chance,
    ) -> Option<Vec<Facts>> {
        let schema = self.side.world.schema();
        let slot = match question {
            Question::Monotone(slot, _) | Question::Independent(slot) => *slot,
            Question::Order {
                slot,
                better,
                worse,
            } => {
                let fact = schema.fact(*slot)?;
                let FactType::Enum(values) = &fact.ty else {
                    return None;
                };
                let of = |place: &i128| {
                    let mut facts = facts.clone();
                    let value = values.get(usize::try_from(*place).ok()?)?;
                    facts.insert(*slot, Value::from(value.as_str()));
                    Some(facts)
                };
                return Some(vec![of(better)?, of(worse)?]);
            }
            Question::Split(slot) => {
                let fact = schema.fact(*slot)?;
                let (a, b) = (
                    chance.any(fact, &self.named, &self.names)?,
                    chance.any(fact, &self.named, &self.names)?,
                );
                let sum = add(&a, &b)?;
                let of = |value| {
                    let mut facts = facts.clone();
                    facts.insert(*slot, value);
                    facts
                };
                return Some(vec![of(sum), of(a), of(b)]);
            }
            _ => return Some(vec![facts]),
        };
        let fact = schema.fact(slot)?;
        let mut first = facts.clone();
        let mut second = facts;
        first.insert(slot, chance.any(fact, &self.named, &self.names)?);
        second.insert(slot, chance.any(fact, &self.named, &self.names)?);
        Some(vec![first, second])
    }

    pub(super) fn by_chance(&self, question: &Question) -> Option<Vec<Facts>> {
        (0..TRIES).find_map(|seed| {
            let mut chance = Chance(seed);
            let facts = self.any_facts(&mut chance);
            let variants = self.variants(question, facts, &mut chance)?;
            self.violates(question, &variants).then_some(variants)
        })
    }
}

fn add(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            Some(Value::from(a.as_i64()?.checked_add(b.as_i64()?)?))
        }
        (Value::String(a), Value::String(b)) => {
            let (a, b): (Money, Money) = (a.parse().ok()?, b.parse().ok()?);
            Some(Value::from(a.plus(b).ok()?.to_string()))
        }
        _ => None,
    }
}
