//! From what the probes noted to what was covered.

use std::collections::BTreeMap;

use redress::{Noted, Passed};

use super::decision::{Evaluations, Vector};
use super::script::{Sites, Taken};

/// What the runs of cases went through.
#[derive(Debug, Clone, Default)]
pub(super) struct Observed {
    /// How often each probe was passed, with each value.
    values: BTreeMap<(u32, Seen), u64>,
    /// How often each row of each table answered.
    pub(super) rows: BTreeMap<(usize, usize), u64>,
    /// The evaluations of each decision, by its place.
    pub(super) evaluations: BTreeMap<usize, Evaluations>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    True,
    False,
    Nothing,
    Other,
}

impl From<Passed> for Seen {
    fn from(passed: Passed) -> Self {
        match passed {
            Passed::True => Self::True,
            Passed::False => Self::False,
            Passed::Nothing => Self::Nothing,
            Passed::Other => Self::Other,
        }
    }
}

/// What a probe is for within a decision.
#[derive(Debug, Clone, Copy)]
enum Role {
    Condition(usize),
    Result,
}

impl Observed {
    /// Adds what one case noted.
    pub(super) fn add(&mut self, sites: &Sites, case: usize, noted: &[Noted]) {
        let mut roles: BTreeMap<u32, (usize, Role)> = BTreeMap::new();
        for (place, decision) in sites.decisions.iter().enumerate() {
            roles.insert(decision.result, (place, Role::Result));
            for (number, (_, probe)) in decision.conditions.iter().enumerate() {
                roles.insert(*probe, (place, Role::Condition(number)));
            }
        }
        // The first condition begins an evaluation; a function that is called meanwhile may
        // evaluate the same decision within.
        let mut open: BTreeMap<usize, Vec<Vec<Option<bool>>>> = BTreeMap::new();
        for noted in noted {
            let (probe, value) = match noted {
                Noted::Row { table, row } => {
                    let count = self.rows.entry((*table, *row)).or_default();
                    *count = count.saturating_add(1);
                    continue;
                }
                Noted::Value { probe, value } => (*probe, *value),
            };
            let count = self.values.entry((probe, value.into())).or_default();
            *count = count.saturating_add(1);
            let Some((place, role)) = roles.get(&probe) else {
                continue;
            };
            let truth = match value {
                Passed::True => Some(true),
                Passed::False => Some(false),
                Passed::Nothing | Passed::Other => None,
            };
            let stack = open.entry(*place).or_default();
            match role {
                Role::Condition(number) => {
                    if *number == 0 {
                        let conditions = sites.decisions.get(*place);
                        let count = conditions.map_or(0, |it| it.conditions.len());
                        stack.push(vec![None; count]);
                    }
                    let value = stack.last_mut().and_then(|values| values.get_mut(*number));
                    if let Some(value) = value {
                        *value = truth;
                    }
                }
                Role::Result => {
                    if let (Some(values), Some(result)) = (stack.pop(), truth) {
                        let vector = Vector { values, result };
                        self.evaluations
                            .entry(*place)
                            .or_default()
                            .add(vector, case);
                    }
                }
            }
        }
    }

    fn count(&self, probe: u32, wanted: impl Fn(Seen) -> bool) -> u64 {
        let all = [Seen::True, Seen::False, Seen::Nothing, Seen::Other];
        let counts = all.into_iter().filter(|seen| wanted(*seen));
        let counts = counts.filter_map(|seen| self.values.get(&(probe, seen)));
        counts.fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How often a probe was passed.
    pub(super) fn passed(&self, probe: u32) -> u64 {
        self.count(probe, |_| true)
    }

    /// How often a way was taken.
    pub(super) fn taken(&self, taken: Taken) -> u64 {
        match taken {
            Taken::Passed(probe) => self.passed(probe),
            Taken::True(probe) => self.count(probe, |seen| seen == Seen::True),
            Taken::False(probe) => self.count(probe, |seen| seen != Seen::True),
            Taken::Nothing(probe) => self.count(probe, |seen| seen == Seen::Nothing),
            Taken::Something(probe) => self.count(probe, |seen| seen != Seen::Nothing),
        }
    }
}
