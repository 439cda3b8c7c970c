//! Modified condition/decision coverage: for each condition two evaluations of its
//! decision that came out otherwise, in which it alone was otherwise.
//!
//! A decision is any Boolean expression, whether a branch follows it or not (Certification
//! Authorities Software Team, CAST-10, "What is a decision?"). The operators stop as soon
//! as they know the answer, so some conditions of an evaluation have no value; such a
//! condition is masked and may have been either (masking MC/DC, CAST-6).

use std::collections::BTreeMap;

/// How conditions make a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// A condition, by its place.
    Condition(usize),
    /// It is not so.
    Not(Box<Tree>),
    /// Both are so.
    And(Box<(Tree, Tree)>),
    /// One of them is so.
    Or(Box<(Tree, Tree)>),
}

impl Tree {
    /// What conditions come to; `None` where one that matters has no value.
    #[must_use]
    pub fn of(&self, values: &[Option<bool>]) -> Option<bool> {
        match self {
            Self::Condition(place) => values.get(*place).copied().flatten(),
            Self::Not(inner) => inner.of(values).map(|value| !value),
            Self::And(both) => match both.0.of(values)? {
                false => Some(false),
                true => both.1.of(values),
            },
            Self::Or(both) => match both.0.of(values)? {
                true => Some(true),
                false => both.1.of(values),
            },
        }
    }
}

/// One way in which a decision was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vector {
    /// The value of each condition; `None` where it was not asked for.
    pub values: Vec<Option<bool>>,
    /// What it came to.
    pub result: bool,
}

impl Vector {
    /// Whether two evaluations show that a condition decides by itself.
    #[must_use]
    pub fn shows(&self, other: &Self, condition: usize) -> bool {
        let pairs = self.values.iter().zip(&other.values).enumerate();
        let is_alone = |(place, (one, other)): (usize, (&Option<bool>, &Option<bool>))| match (
            place == condition,
            one,
            other,
        ) {
            (true, Some(one), Some(other)) => one != other,
            (true, _, _) => false,
            (false, Some(one), Some(other)) => one == other,
            (false, _, _) => true,
        };
        self.result != other.result && pairs.clone().all(is_alone)
    }
}

/// The ways in which a decision was evaluated, each with how often and the first case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluations(pub BTreeMap<Vector, (u64, usize)>);

impl Evaluations {
    /// Notes an evaluation by a case.
    pub fn add(&mut self, vector: Vector, case: usize) {
        let seen = self.0.entry(vector).or_insert((0, case));
        seen.0 = seen.0.saturating_add(1);
    }

    /// Two cases that show that a condition decides by itself: one in which it held, one
    /// in which it did not.
    #[must_use]
    pub fn pair(&self, condition: usize) -> Option<(usize, usize)> {
        let with = |wanted: bool| {
            let all = self.0.iter();
            all.filter(move |(vector, _)| vector.values.get(condition) == Some(&Some(wanted)))
        };
        with(true).find_map(|(held, (_, one))| {
            let mut others = with(false);
            let other = others.find(|(other, _)| held.shows(other, condition))?;
            Some((*one, other.1.1))
        })
    }

    /// Whether a condition has ever been true, and ever false.
    #[must_use]
    pub fn seen(&self, condition: usize) -> (bool, bool) {
        let has = |wanted: bool| {
            let mut all = self.0.keys();
            all.any(|vector| vector.values.get(condition) == Some(&Some(wanted)))
        };
        (has(true), has(false))
    }
}
