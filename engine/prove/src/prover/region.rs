//! Where exactly a law is not monotone: the values at which a worse fact pays less.

use redress_model::{Date, Direction, FactType, Money, Slot};

use super::question::Compared;
use super::{Prover, Region};
use crate::exec;
use crate::property::Question;
use crate::smt::{self, Solver};

/// The most values that are asked about.
const CANDIDATES_MAX: usize = 200;

impl Prover {
    /// The values at which a step towards the worse pays less, out of those that the policy
    /// names and their neighbours, and whether these are all; `None` where nobody knows, or
    /// where no single step does it.
    pub(super) fn region(
        &self,
        slot: Slot,
        direction: Direction,
        solver: &impl Solver,
    ) -> Option<Region> {
        let meaning = self.side.meaning.as_ref().ok()?;
        let fact = self.side.world.schema().fact(slot)?;
        let (least, most) = match &fact.ty {
            FactType::Int { .. } | FactType::Bool | FactType::Enum(_) | FactType::Date => {
                exec::range(&fact.ty)
            }
            FactType::Money {
                currency: Some(_), ..
            } => (exec::range(&fact.ty).0.max(0), i128::from(i64::MAX)),
            _ => return None,
        };
        let question = Question::Monotone(slot, direction);
        let mut formulas = self.formulas();
        let mut compared = Compared::new(&mut formulas, &question, meaning);
        let mut script = compared.script(&formulas, &question);
        let [worse, better] = compared.values.as_slice() else {
            return None;
        };
        let step = match direction {
            Direction::HigherIsWorse => format!("(= {worse} (+ {better} 1))"),
            Direction::LowerIsWorse => format!("(= {better} (+ {worse} 1))"),
        };
        script.assert(&step);
        let near = |number: &i128| [number.saturating_sub(1), *number, number.saturating_add(1)];
        let mut candidates: Vec<i128> = self.named.iter().flat_map(near).collect();
        candidates.extend([least, most]);
        candidates.retain(|value| (least..=most).contains(value));
        candidates.sort_unstable();
        candidates.dedup();
        candidates.truncate(CANDIDATES_MAX);
        let ask = |condition: &str| format!("(push)\n(assert {condition})\n(check-sat)\n(pop)\n");
        let mut asked = String::new();
        for value in &candidates {
            asked.push_str(&ask(&format!("(= {worse} {})", number(*value))));
        }
        let others = candidates.iter().map(|value| number(*value));
        let others = others.map(|value| format!("(= {worse} {value})"));
        let others: Vec<String> = others.collect();
        asked.push_str(&ask(&format!("(not (or false {}))", others.join(" "))));
        let text = format!("{}{asked}", script.so_far());
        let said = solver.ask(&text).ok()?;
        let answers = smt::read_many(&said, candidates.len().saturating_add(1)).ok()?;
        let elsewhere = answers.last().copied()?;
        let falls = candidates.iter().zip(&answers).filter(|(_, falls)| **falls);
        let at: Option<Vec<String>> = falls.map(|(value, _)| in_words(&fact.ty, *value)).collect();
        let at = at?;
        match at.is_empty() && !elsewhere {
            true => None,
            false => Some(Region { at, elsewhere }),
        }
    }
}

fn number(value: i128) -> String {
    match value < 0 {
        true => format!("(- {})", value.unsigned_abs()),
        false => value.to_string(),
    }
}

/// A value of a fact, as people write it.
fn in_words(ty: &FactType, value: i128) -> Option<String> {
    Some(match ty {
        FactType::Bool => (value != 0).to_string(),
        FactType::Enum(values) => values.get(usize::try_from(value).ok()?)?.to_string(),
        FactType::Money {
            currency: Some(currency),
            ..
        } => Money::new(i64::try_from(value).ok()?, *currency).to_string(),
        FactType::Date => Date::from_days(i32::try_from(value).ok()?)?.to_string(),
        _ => value.to_string(),
    })
}
