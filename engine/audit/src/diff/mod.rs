//! What changed between two releases of a policy, in words and not in lines.

mod align;
mod markdown;
mod proof;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use redress_authoring::Lang;
use redress_model::Digest;
use redress_release::ReleaseSource;
use serde::Serialize;

pub use self::proof::{Proof, Witness};
use crate::things::{Part, Said, Thing, Trait, things};

/// Which of two releases is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The policy.
    pub name: String,
    /// The version.
    pub version: String,
    /// The digest of the release folder.
    pub digest: Digest,
}

impl Side {
    fn of(release: &ReleaseSource) -> Self {
        Self {
            name: release.manifest().name.to_string(),
            version: release.manifest().version.to_string(),
            digest: release.digest(),
        }
    }
}

/// Whether a number rose or fell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// It is higher now.
    Raised,
    /// It is lower now.
    Lowered,
}

/// A part of a function that reads otherwise now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hunk {
    /// The steps that were there.
    pub before: Vec<String>,
    /// The steps that are there now.
    pub after: Vec<String>,
}

/// What happened to a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It is new; with what it says.
    Added {
        /// Trait and value, in words.
        says: Vec<(String, String)>,
    },
    /// It is gone; with what it said.
    Removed {
        /// Trait and value, in words.
        said: Vec<(String, String)>,
    },
    /// One of its traits says something else.
    Changed {
        /// The trait.
        #[serde(rename = "trait")]
        name: String,
        /// What it said; absent if it said nothing.
        from: Option<String>,
        /// What it says; absent if it says nothing any more.
        to: Option<String>,
        /// For numbers of one unit, which way.
        movement: Option<Movement>,
        /// By how many percent of what it was, rounded to whole ones.
        percent: Option<i64>,
    },
    /// A list has other items.
    Items {
        /// The trait.
        #[serde(rename = "trait")]
        name: String,
        /// What is new.
        added: Vec<String>,
        /// What is gone.
        removed: Vec<String>,
    },
    /// A row of a table asks for something else, and is known by the rest.
    Moved {
        /// What it asked for.
        from: String,
    },
    /// A function takes other steps.
    Steps {
        /// Where, in order.
        hunks: Vec<Hunk>,
    },
    /// Rows of which the first that matches counts stand in another order.
    Reordered {
        /// The order that they had.
        from: Vec<String>,
        /// The order that they have.
        to: Vec<String>,
    },
}

/// A change with the thing that it happened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The part of the release.
    pub part: Part,
    /// The thing's name for programs.
    pub id: String,
    /// The thing's name for people.
    pub thing: String,
    /// What happened to it.
    #[serde(flatten)]
    pub change: Change,
}

/// The difference between two releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The release before.
    pub old: Side,
    /// The release after.
    pub new: Side,
    /// What a proof says.
    pub proof: Proof,
    /// Every change, by part and in the order of the new release.
    pub changes: Vec<Entry>,
    #[serde(skip)]
    lang: Lang,
}

/// The releases are not of one policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{old} and {new} are two policies, and a difference is one between versions of one")]
pub struct OtherPolicy {
    /// The policy of the old release.
    pub old: String,
    /// The policy of the new release.
    pub new: String,
}

impl OtherPolicy {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "other_policy"
    }
}

impl Diff {
    /// Compares two releases.
    ///
    /// # Errors
    /// [`OtherPolicy`] when they are not of one policy.
    pub fn between(
        old: &ReleaseSource,
        new: &ReleaseSource,
        lang: Lang,
    ) -> Result<Self, OtherPolicy> {
        let (before, after) = (Side::of(old), Side::of(new));
        if before.name != after.name {
            return Err(OtherPolicy {
                old: before.name,
                new: after.name,
            });
        }
        let changes = compare(things(old, lang), things(new, lang));
        Ok(Self {
            old: before,
            new: after,
            proof: Proof::NotAsked,
            changes,
            lang,
        })
    }

    /// The same with what a proof says.
    #[must_use]
    pub fn with_proof(mut self, proof: Proof) -> Self {
        self.proof = proof;
        self
    }

    /// The changes of a part.
    pub fn of(&self, part: Part) -> impl Iterator<Item = &Entry> {
        self.changes.iter().filter(move |entry| entry.part == part)
    }

    /// How many changes can move a decision: money, approval or time.
    #[must_use]
    pub fn moving(&self) -> usize {
        let moving = self
            .changes
            .iter()
            .filter(|entry| entry.part.moves_decisions());
        moving.count()
    }

    /// For a terminal of so many columns.
    #[must_use]
    pub fn text(&self, columns: usize) -> String {
        text::text(self, columns)
    }

    /// For the description of a pull request.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::markdown(self)
    }

    /// What happened, in one line.
    #[must_use]
    pub fn headline(&self) -> String {
        let (all, moving) = (self.changes.len(), self.moving());
        let sides = format!(
            "{} {} → {}",
            self.new.name, self.old.version, self.new.version
        );
        match (self.lang, all) {
            (Lang::En, 0) => format!("{sides}: nothing changed"),
            (Lang::Zh, 0) => format!("{sides}：没有变更"),
            (Lang::En, 1) => format!("{sides}: 1 change, {moving} of it can move a decision"),
            (Lang::En, _) => {
                format!("{sides}: {all} changes, {moving} of which can move a decision")
            }
            (Lang::Zh, _) => format!("{sides}：{all} 处变更，其中 {moving} 处可能影响决定"),
        }
    }
}

/// Compares two lists of things, part by part.
fn compare(before: Vec<Thing>, after: Vec<Thing>) -> Vec<Entry> {
    let mut changes = Vec::new();
    for part in Part::ALL {
        let of = |things: &[Thing]| -> Vec<Thing> {
            things
                .iter()
                .filter(|thing| thing.part == part)
                .cloned()
                .collect()
        };
        part_changes(part, &of(&before), &of(&after), &mut changes);
    }
    changes
}

fn part_changes(part: Part, before: &[Thing], after: &[Thing], changes: &mut Vec<Entry>) {
    let by_id: BTreeMap<&str, &Thing> = before
        .iter()
        .map(|thing| (thing.id.as_str(), thing))
        .collect();
    let now: BTreeSet<&str> = after.iter().map(|thing| thing.id.as_str()).collect();
    let mut gone: Vec<&Thing> = before
        .iter()
        .filter(|thing| !now.contains(thing.id.as_str()))
        .collect();
    for thing in after {
        let add = |change: Change| Entry {
            part,
            id: thing.id.clone(),
            thing: thing.name.clone(),
            change,
        };
        if let Some(was) = by_id.get(thing.id.as_str()) {
            changes.extend(traits(was, thing).into_iter().map(add));
            continue;
        }
        let row = gone
            .iter()
            .position(|other| part == Part::Tables && is_moved(other, thing));
        if let Some(place) = row {
            let was = gone.remove(place);
            let from = was.name.clone();
            changes.push(add(Change::Moved { from }));
            changes.extend(traits(was, thing).into_iter().map(add));
            continue;
        }
        let says = said(thing);
        changes.push(add(Change::Added { says }));
    }
    for thing in gone {
        changes.push(Entry {
            part,
            id: thing.id.clone(),
            thing: thing.name.clone(),
            change: Change::Removed { said: said(thing) },
        });
    }
    if part == Part::Authority || part == Part::Duties {
        changes.extend(reordered(part, before, after));
    }
}

/// What a thing says, in words; what says nothing is left out.
fn said(thing: &Thing) -> Vec<(String, String)> {
    let said = thing.traits.iter().filter(|of| match &of.said {
        Said::Words(words) => !words.is_empty(),
        Said::List(items) => !items.is_empty(),
        Said::Amount { .. } => true,
    });
    said.map(|of| match &of.said {
        Said::List(items) => (of.name.clone(), items.join("; ")),
        Said::Words(shown) | Said::Amount { shown, .. } => (of.name.clone(), shown.clone()),
    })
    .collect()
}

/// Whether two rows of a table differ in exactly one of the things that they ask for.
fn is_moved(before: &Thing, after: &Thing) -> bool {
    let (Some((table, asks)), Some((other, asked))) =
        (after.id.split_once(": "), before.id.split_once(": "))
    else {
        return false;
    };
    let (asks, asked): (Vec<_>, Vec<_>) = (asks.split(", ").collect(), asked.split(", ").collect());
    let differ = asks.iter().zip(&asked).filter(|(one, other)| one != other);
    table == other && asks.len() == asked.len() && differ.count() == 1
}

fn traits(before: &Thing, after: &Thing) -> Vec<Change> {
    let key = |of: &Trait| (of.id, of.name.clone());
    let find = |thing: &Thing, wanted: &Trait| {
        thing
            .traits
            .iter()
            .find(|of| key(of) == key(wanted))
            .map(|of| of.said.clone())
    };
    let mut changes = Vec::new();
    for of in &after.traits {
        let was = find(before, of);
        if was.as_ref() != Some(&of.said) {
            changes.push(changed(&of.name, of.id, was, Some(of.said.clone())));
        }
    }
    for of in before.traits.iter().filter(|of| find(after, of).is_none()) {
        changes.push(changed(&of.name, of.id, Some(of.said.clone()), None));
    }
    changes
}

fn changed(name: &str, id: &str, from: Option<Said>, to: Option<Said>) -> Change {
    let name = name.to_owned();
    if let (Some(Said::List(before)), Some(Said::List(after))) = (&from, &to) {
        if id == "steps" {
            let hunks = align::hunks(before, after);
            return Change::Steps { hunks };
        }
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            these
                .iter()
                .filter(|item| !those.contains(item))
                .cloned()
                .collect()
        };
        let (added, removed) = (only(after, before), only(before, after));
        if !added.is_empty() || !removed.is_empty() {
            return Change::Items {
                name,
                added,
                removed,
            };
        }
    }
    let (movement, percent) = match (&from, &to) {
        (
            Some(Said::Amount {
                number: before,
                unit,
                ..
            }),
            Some(Said::Amount {
                number: after,
                unit: other,
                ..
            }),
        ) if unit == other => {
            let movement = match after > before {
                true => Movement::Raised,
                false => Movement::Lowered,
            };
            (Some(movement), percent(*before, *after))
        }
        _ => (None, None),
    };
    let shown = |said: Said| match said {
        Said::List(items) => items.join("; "),
        Said::Words(shown) | Said::Amount { shown, .. } => shown,
    };
    Change::Changed {
        name,
        from: from.map(shown),
        to: to.map(shown),
        movement,
        percent,
    }
}

/// By how many percent, rounded half away from zero; from nothing there is no share.
fn percent(before: i64, after: i64) -> Option<i64> {
    let by = i128::from(after).checked_sub(i128::from(before))?;
    let base = i128::from(before).checked_abs().filter(|base| *base > 0)?;
    let doubled = by
        .checked_mul(200)?
        .checked_add(by.signum().checked_mul(base)?)?;
    i64::try_from(doubled.checked_div(base.checked_mul(2)?)?).ok()
}

/// Rows of which the first that matches counts, where the same ones stand in another order.
fn reordered(part: Part, before: &[Thing], after: &[Thing]) -> Option<Entry> {
    let rows = |things: &[Thing], others: &[Thing]| -> Vec<(String, String)> {
        let row = |thing: &&Thing| {
            let first_counts = ["authority.", "ladder."]
                .iter()
                .any(|kind| thing.id.starts_with(kind));
            first_counts && others.iter().any(|other| other.id == thing.id)
        };
        let rows = things.iter().filter(row);
        rows.map(|thing| (thing.id.clone(), thing.name.clone()))
            .collect()
    };
    let (was, is) = (rows(before, after), rows(after, before));
    let same = was.iter().map(|(id, _)| id).eq(is.iter().map(|(id, _)| id));
    let names = |rows: Vec<(String, String)>| rows.into_iter().map(|(_, name)| name).collect();
    (!same).then(|| Entry {
        part,
        id: "order".to_owned(),
        thing: String::new(),
        change: Change::Reordered {
            from: names(was),
            to: names(is),
        },
    })
}
