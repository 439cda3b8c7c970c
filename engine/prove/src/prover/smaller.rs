//! Counterexamples made smaller, as long as they show the same.

use std::collections::BTreeSet;

use redress_model::Slot;

use super::Prover;
use super::question::apart;
use crate::property::Question;
use crate::world::{self, Facts};

/// How often a counterexample is made smaller.
const STEPS_MAX: u32 = 400;

impl Prover {
    pub(super) fn shrink(&self, facts: &mut Facts, still: impl Fn(&Facts) -> bool) {
        let schema = self.side.world.schema();
        let mut left = STEPS_MAX;
        let mut smaller = true;
        while smaller && left > 0 {
            smaller = false;
            for (slot, value) in facts.clone() {
                let Some(fact) = schema.fact(slot) else {
                    continue;
                };
                for other in world::simpler(fact, &value) {
                    let mut tried = facts.clone();
                    match other {
                        Some(other) => drop(tried.insert(slot, other)),
                        None => drop(tried.remove(&slot)),
                    }
                    left = left.saturating_sub(1);
                    if still(&tried) {
                        *facts = tried;
                        smaller = true;
                        break;
                    }
                }
            }
        }
    }
    /// Changes all variants alike as long as they show the same.
    pub(super) fn smaller(&self, question: &Question, mut variants: Vec<Facts>) -> Vec<Facts> {
        let schema = self.side.world.schema();
        let apart = apart(question);
        let mut left = STEPS_MAX;
        let mut goes_on = true;
        while goes_on && left > 0 {
            goes_on = false;
            let slots: Vec<Slot> = variants
                .iter()
                .flat_map(|facts| facts.keys().copied())
                .collect();
            for slot in BTreeSet::from_iter(slots) {
                let Some(fact) = schema.fact(slot) else {
                    continue;
                };
                let own = apart.contains(&slot);
                for at in 0..variants.len() {
                    let Some(value) = variants.get(at).and_then(|facts| facts.get(&slot)).cloned()
                    else {
                        continue;
                    };
                    for other in world::simpler(fact, &value) {
                        left = left.saturating_sub(1);
                        let mut tried = variants.clone();
                        for (number, facts) in tried.iter_mut().enumerate() {
                            if own && number != at {
                                continue;
                            }
                            match &other {
                                Some(other) => drop(facts.insert(slot, other.clone())),
                                None => drop(facts.remove(&slot)),
                            }
                        }
                        if self.violates(question, &tried) {
                            variants = tried;
                            goes_on = true;
                            break;
                        }
                    }
                    if !own {
                        break;
                    }
                }
            }
        }
        variants
    }
}
