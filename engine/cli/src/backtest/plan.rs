//! Which column of a history is which fact, for each release of a policy.

use std::borrow::Cow;
use std::collections::BTreeSet;

use redress::Release;
use redress_model::admit::FactsBuilder;
use redress_model::code::nearest;
use redress_model::{FactType, Facts, Slot};
use smol_str::SmolStr;

use crate::history::{History, Row, Wanted, ledger};

/// Why a history cannot be read under a policy.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanError {
    /// A `--set` without a value.
    #[error("--set {found}: expected FACT=VALUE")]
    SetForm {
        /// What was given.
        found: String,
    },
    /// A `--set` of a fact that no release knows.
    #[error("--set {fact}: no release of the policy has such a fact{}",
        near.as_ref().map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    SetUnknown {
        /// The name given.
        fact: String,
        /// The nearest fact there is.
        near: Option<String>,
    },
    /// A `--set` with a value of another type.
    #[error("--set {fact}: expected {expected}, found {found:?}")]
    SetValue {
        /// The fact.
        fact: String,
        /// What its values look like.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A fact is set twice.
    #[error("--set {fact} is given twice")]
    SetTwice {
        /// The fact.
        fact: String,
    },
    /// A fact is set that the history knows.
    #[error(
        "--set {fact}: the history has a column of that name; --set is for facts that it lacks"
    )]
    SetColumn {
        /// The fact.
        fact: String,
    },
    /// A column that is needed has a type that no fact has.
    #[error("column {column:?} is {found}, which is no fact's type")]
    ColumnType {
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// The history lacks the column of the id or the incident date.
    #[error("the history has no column {column:?}, which {named_by} names as {role}")]
    NoColumn {
        /// The name of the column.
        column: String,
        /// Who names it.
        named_by: String,
        /// What it is for.
        role: &'static str,
    },
}

/// How the rows of one history become cases of one policy.
pub(super) struct Plan<'p> {
    pub(super) releases: Vec<ReleasePlan<'p>>,
    pub(super) wanted: Wanted,
    /// The place of the id; without one, the row's line is the id.
    pub(super) id: Option<usize>,
    pub(super) incident_date: usize,
    pub(super) group: Vec<usize>,
    /// The names of the group's columns.
    pub(super) grouped_by: Vec<String>,
    /// The facts of `--set` as they were read.
    pub(super) assumed: Vec<(String, String)>,
    /// Where a row names facts that were known and are not there any more.
    pub(super) erased: Option<usize>,
    /// Where a row says why its record cannot be read.
    broken: Option<usize>,
}

/// The part of a plan that one release needs.
pub(super) struct ReleasePlan<'p> {
    pub(super) release: &'p Release,
    /// The facts of `--set`; all others are unknown.
    pub(super) base: Facts,
    /// The cells that are facts.
    pub(super) cells: Vec<(usize, Slot)>,
}

/// The columns of the envelope.
struct Columns {
    id: Option<SmolStr>,
    incident_date: SmolStr,
    group: Vec<SmolStr>,
    named_by: String,
}

impl Columns {
    /// The newest release's `[history]`, or the names of the envelope's own members.
    fn of(releases: &[Release]) -> Self {
        let newest = releases.iter().rev().find_map(|release| {
            let history = release.source().manifest().history.as_ref();
            Some((release.id(), history?))
        });
        match newest {
            Some((id, history)) => Self {
                id: history.id.clone(),
                incident_date: history.incident_date.clone(),
                group: history.group.clone(),
                named_by: format!("[history] of {} {}", id.name, id.version),
            },
            None => Self {
                id: Some("id".into()),
                incident_date: "incident_date".into(),
                group: Vec::new(),
                named_by: "a history without [history] in release.toml".into(),
            },
        }
    }
}

impl<'p> Plan<'p> {
    /// Matches the columns of the history and the `--set`s to the facts of the policy; `by`
    /// names more columns to group by.
    pub(super) fn new(
        policy: &'p [Release],
        history: &History,
        sets: &[String],
        by: &[String],
    ) -> Result<Self, PlanError> {
        let mut columns = Columns::of(policy);
        if history.is_ledger {
            columns.id = Some(ledger::ID.into());
            columns.incident_date = ledger::INCIDENT_DATE.into();
        }
        for column in by {
            if !columns.group.iter().any(|own| own == column) {
                columns.group.push(column.into());
            }
        }
        let sets = split(sets)?;
        let facts: BTreeSet<&str> = policy
            .iter()
            .flat_map(|release| release.schema().facts())
            .map(|fact| fact.name.as_str())
            .collect();
        let mut names: Vec<String> = facts.iter().map(|name| (*name).to_owned()).collect();
        let envelope = columns.id.iter().chain([&columns.incident_date]);
        names.extend(envelope.chain(&columns.group).map(ToString::to_string));
        if history.is_ledger {
            names.extend([ledger::ERASED, ledger::BROKEN].map(str::to_owned));
        }
        if let Some((column, found)) = history.unread.iter().find(|(name, _)| names.contains(name))
        {
            return Err(PlanError::ColumnType {
                column: column.clone(),
                found: found.clone(),
            });
        }
        let all = policy.iter().flat_map(|release| release.schema().facts());
        let lists = all.filter(|fact| matches!(fact.ty, FactType::List { .. }));
        let wanted = Wanted::new(names, &history.header, history.format)
            .with_lists(lists.map(|fact| fact.name.as_str()));
        for (fact, _) in &sets {
            if !facts.contains(fact) {
                return Err(PlanError::SetUnknown {
                    fact: (*fact).to_owned(),
                    near: nearest(fact, facts.iter().copied()).map(str::to_owned),
                });
            }
            if history.header.iter().any(|column| column == fact) {
                return Err(PlanError::SetColumn {
                    fact: (*fact).to_owned(),
                });
            }
        }
        let column = |name: &str, role: &'static str| {
            wanted.place(name).ok_or_else(|| PlanError::NoColumn {
                column: name.to_owned(),
                named_by: columns.named_by.clone(),
                role,
            })
        };
        let id = match &columns.id {
            Some(name) => Some(column(name, "the id")?),
            None => None,
        };
        let incident_date = column(&columns.incident_date, "the incident date")?;
        let group = columns.group.iter().map(|name| column(name, "a group"));
        let group = group.collect::<Result<_, _>>()?;
        let releases = policy
            .iter()
            .map(|release| ReleasePlan::new(release, &wanted, &sets))
            .collect::<Result<_, _>>()?;
        let of_ledger = |name: &str| {
            let place = wanted.place(name);
            place.filter(|_| history.is_ledger)
        };
        let owned = |(fact, value): &(&str, &str)| ((*fact).to_owned(), (*value).to_owned());
        Ok(Self {
            releases,
            id,
            incident_date,
            group,
            grouped_by: columns.group.iter().map(ToString::to_string).collect(),
            assumed: sets.iter().map(owned).collect(),
            erased: of_ledger(ledger::ERASED),
            broken: of_ledger(ledger::BROKEN),
            wanted,
        })
    }

    /// Whether a row is a record that could be read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn readable(&self, row: &Row) -> Result<(), Cow<'static, str>> {
        let broken = self.broken.map(|place| row.get(place)).unwrap_or_default();
        match broken {
            "" => Ok(()),
            problem => Err(problem.to_owned().into()),
        }
    }

    /// The facts that no row knew and no `--set` gave, by the number of rows that knew
    /// each wanted name.
    pub(super) fn never_known(&self, known: &[u64]) -> Vec<SmolStr> {
        let mut names = BTreeSet::new();
        for plan in &self.releases {
            for (slot, fact) in plan.release.schema().slots() {
                let place = self.wanted.place(&fact.name);
                let rows = place.and_then(|place| known.get(place)).copied();
                if plan.base.get(slot).is_none() && rows.unwrap_or_default() == 0 {
                    names.insert(fact.name.clone());
                }
            }
        }
        names.into_iter().collect()
    }
}

impl<'p> ReleasePlan<'p> {
    fn new(
        release: &'p Release,
        wanted: &Wanted,
        sets: &[(&str, &str)],
    ) -> Result<Self, PlanError> {
        let schema = release.schema();
        let mut facts = FactsBuilder::new(schema);
        for (name, text) in sets {
            if let Some(slot) = schema.slot(name) {
                schema
                    .read_text(slot, text)
                    .map_err(|expected| PlanError::SetValue {
                        fact: (*name).to_owned(),
                        expected,
                        found: (*text).to_owned(),
                    })?;
                facts.text(slot, text);
            }
        }
        let base = facts
            .finish_partial()
            .map_err(|errors| PlanError::SetForm {
                found: errors.to_string(),
            })?;
        let cell = |(slot, name): (Slot, &str)| {
            let set = sets.iter().any(|(set, _)| *set == name);
            let place = wanted.place(name).filter(|_| !set)?;
            Some((place, slot))
        };
        let slots = schema
            .slots()
            .map(|(slot, fact)| (slot, fact.name.as_str()));
        Ok(Self {
            release,
            cells: slots.filter_map(cell).collect(),
            base,
        })
    }
}

/// Takes `FACT=VALUE` apart.
fn split(sets: &[String]) -> Result<Vec<(&str, &str)>, PlanError> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for set in sets {
        let pair = set
            .split_once('=')
            .map(|(fact, value)| (fact.trim(), value.trim()));
        let Some((fact, value)) =
            pair.filter(|(fact, value)| !fact.is_empty() && !value.is_empty())
        else {
            return Err(PlanError::SetForm { found: set.clone() });
        };
        if pairs.iter().any(|(other, _)| *other == fact) {
            return Err(PlanError::SetTwice {
                fact: fact.to_owned(),
            });
        }
        pairs.push((fact, value));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_fact_and_a_value() {
        let sets = ["a = b=c".to_owned(), "d=e".to_owned()];
        assert_eq!(split(&sets).unwrap(), [("a", "b=c"), ("d", "e")]);
        for bad in ["a", "=b", "a=", ""] {
            let error = split(&[bad.to_owned()]).unwrap_err();
            assert!(matches!(error, PlanError::SetForm { .. }), "{bad:?}");
        }
        let twice = ["a=1".to_owned(), "a=2".to_owned()];
        assert!(matches!(split(&twice), Err(PlanError::SetTwice { .. })));
    }
}
