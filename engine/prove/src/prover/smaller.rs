//! Counterexamples made smaller, as long as they show the same.

use std::collections::BTreeSet;

use redress_model::Slot;

use super::Prover;
use crate::world::{self, Facts};

/// How often a counterexample is made smaller.
const STEPS_MAX: u32 = 400;

impl Prover {
    /// Changes all variants alike, but for the facts that they may differ in, as long as
    /// they still show the same.
    pub(super) fn smaller(
        &self,
        mut variants: Vec<Facts>,
        apart: &BTreeSet<Slot>,
        still: impl Fn(&[Facts]) -> bool,
    ) -> Vec<Facts> {
        let schema = self.side.world.schema();
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
                        if still(&tried) {
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
