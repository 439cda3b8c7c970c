//! Two releases: whether they give the same, or where they part.

use std::collections::BTreeSet;

use super::chance::TRIES;
use super::question::required;
use super::replay::{any_less, in_words};
use super::sums::{decided, total};
use super::{Answer, Counterexample, Prover, no_answer, unmodelled};
use crate::script::Script;
use crate::smt::{self, Solver};
use crate::world::{self, Chance, Facts, Run};

impl Prover {
    /// Whether the new release gives the same as the old one, and if not, whether at least
    /// as much: where they part.
    pub fn compare(&self, at_least: bool, solver: &impl Solver) -> Answer {
        for seed in 0..TRIES.saturating_mul(4) {
            let facts = self.any_facts(&mut Chance(seed));
            if self.parts(&facts, at_least) {
                return self.parted(facts, at_least);
            }
        }
        let Some(other) = &self.other else {
            return Answer::Proved;
        };
        let (old, new) = match (&self.side.meaning, &other.meaning) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(error), _) | (_, Err(error)) => return unmodelled(error),
        };
        let mut terms = self.terms.clone();
        let mut bad = Vec::new();
        for currency in 0..self.names.currencies() {
            let number = i128::try_from(currency).unwrap_or(0);
            let before = total(&mut terms, old, number);
            let after = total(&mut terms, new, number);
            let less = terms.less(after, before);
            bad.push(less);
            if !at_least {
                bad.push(terms.less(before, after));
            }
        }
        let sums = terms.or(&bad);
        let (own, others) = (decided(&mut terms, old), decided(&mut terms, new));
        let not = terms.not(others);
        let differ = terms.and(&[own, not]);
        let bad = if at_least {
            let both = terms.and(&[own, others, sums]);
            terms.or(&[both, differ])
        } else {
            let not_own = terms.not(own);
            let other_way = terms.and(&[others, not_own]);
            let both = terms.and(&[own, others, sums]);
            terms.or(&[both, differ, other_way])
        };
        let loose = old.ways.iter().chain(&new.ways).any(|way| way.loose);
        let mut script = Script::new(&terms);
        let copy = script.copy("", &BTreeSet::new());
        required(&mut script, &self.side, &[]);
        script.assert_term(bad, &copy);
        let (text, vars) = script.finish();
        let model = match solver.ask(&text).and_then(|said| smt::read(&said, &vars)) {
            Ok(None) => return self.covered.get_or_init(|| self.cover(solver)).clone(),
            Ok(Some(model)) => model,
            Err(fault) => return no_answer(&fault),
        };
        let facts = world::facts_of(self.side.world.schema(), &model, "", &self.names);
        if self.parts(&facts, at_least) {
            return self.parted(facts, at_least);
        }
        self.not_replayed(&[facts], loose)
    }

    fn parts(&self, facts: &Facts, at_least: bool) -> bool {
        let Some(other) = &self.other else {
            return false;
        };
        let Some(case) = self.side.world.case(facts) else {
            return false;
        };
        let engines = [
            (self.side.world.run(&case), other.world.run(&case)),
            (self.side.world.oracle(&case), other.world.oracle(&case)),
        ];
        engines.iter().all(|(old, new)| {
            let sums = |run: &Run| run.as_ref().ok().and_then(world::totals);
            match (sums(old), sums(new)) {
                (None, None) => false,
                (None, Some(_)) => !at_least,
                (Some(_), None) => true,
                (Some(old), Some(new)) if at_least => any_less(&new, &old),
                (Some(mut old), Some(mut new)) => {
                    old.retain(|_, sum| *sum != 0);
                    new.retain(|_, sum| *sum != 0);
                    old != new
                }
            }
        })
    }

    fn parted(&self, facts: Facts, at_least: bool) -> Answer {
        let still = |variants: &[Facts]| variants.iter().all(|facts| self.parts(facts, at_least));
        let smallest = self.smaller(vec![facts], &BTreeSet::new(), still);
        let mut gives = Vec::new();
        for facts in &smallest {
            if let (Some(case), Some(other)) = (self.side.world.case(facts), &self.other) {
                let (old, new) = (self.side.world.run(&case), other.world.run(&case));
                gives.push(format!("old: {}", in_words(&old, &self.side)));
                gives.push(format!("new: {}", in_words(&new, other)));
            }
        }
        Answer::Refuted(Counterexample {
            cases: self.shown(&smallest),
            gives,
            region: None,
        })
    }
}
