//! How the versions of one policy follow each other: which incident dates each covers.

use std::collections::BTreeMap;

use redress_kernel::guardrails::Fairness;
use redress_model::{Currency, Date, FactClass, FactDef, FactType};
use smol_str::SmolStr;

use crate::error::Problems;
use crate::source::{ReleaseSource, tell_of_key};
use crate::version::Version;

/// Ends every version that another one supersedes, and tells of versions that do not go
/// together.
pub(crate) fn apply(releases: &mut [ReleaseSource], problems: &mut Problems) {
    let ends = ends(releases, problems);
    for release in releases.iter_mut() {
        let end = ends
            .as_ref()
            .and_then(|ends| ends.get(&release.manifest().version));
        if let Some(until) = end {
            release.end(*until);
        }
    }
    for (index, release) in releases.iter().enumerate() {
        for other in releases.iter().take(index) {
            // With a wrong `supersedes`, what overlaps is not known.
            if ends.is_some() {
                overlap(other, release, problems);
            }
            name(other, release, problems);
        }
        lineage(release, releases, problems);
    }
}

/// The last incident date of every version that another one supersedes; `None` after
/// telling what is wrong.
fn ends(releases: &[ReleaseSource], problems: &mut Problems) -> Option<BTreeMap<Version, Date>> {
    let mut ends = BTreeMap::new();
    let mut successors: BTreeMap<Version, Version> = BTreeMap::new();
    let mut sound = true;
    for release in releases {
        let own = release.manifest();
        let Some(version) = own.supersedes else {
            continue;
        };
        let mut tell = |problem: String, help: Option<&str>| {
            sound = false;
            tell_of_key(release, "supersedes", problem, help, problems);
        };
        let named = releases
            .iter()
            .map(ReleaseSource::manifest)
            .find(|other| other.version == version);
        let Some(named) = named else {
            tell(
                format!("there is no version {version} of this policy"),
                None,
            );
            continue;
        };
        let last = Date::from_days(own.effective.from.days().saturating_sub(1));
        let Some(last) = last.filter(|last| named.effective.from <= *last) else {
            let problem = format!(
                "version {version} starts on {}, so nothing of it would be left before {}",
                named.effective.from, own.effective.from
            );
            tell(
                problem,
                Some("a version supersedes one that starts before it"),
            );
            continue;
        };
        if let Some(until) = named.effective.until.filter(|until| *until < last) {
            let problem = format!(
                "version {version} ends by itself on {until}, and this one starts on {}",
                own.effective.from
            );
            let help = "remove the key, or let this version start the day after";
            tell(problem, Some(help));
            continue;
        }
        if let Some(first) = successors.insert(version, own.version) {
            let problem = format!("version {first} supersedes {version} as well");
            tell(
                problem,
                Some("let each version name the one just before it"),
            );
            continue;
        }
        ends.insert(version, last);
    }
    sound.then_some(ends)
}

fn overlap(other: &ReleaseSource, release: &ReleaseSource, problems: &mut Problems) {
    let (own, before) = (release.manifest(), other.manifest());
    if let Some(date) = own.effective.overlap(&before.effective) {
        let problem = format!(
            "versions {} ({}) and {} ({}) both cover an incident of {date}",
            before.version, before.effective, own.version, own.effective
        );
        let help = "let the later one name the earlier one in `supersedes`, or give that one an `effective_until`";
        tell_of_key(release, "effective_from", problem, Some(help), problems);
    }
}

fn name(other: &ReleaseSource, release: &ReleaseSource, problems: &mut Problems) {
    let (own, before) = (release.manifest(), other.manifest());
    if own.name != before.name {
        let problem = format!(
            "version {} of this policy is named {}",
            before.version, before.name
        );
        tell_of_key(release, "name", problem, None, problems);
    }
}

/// A lineage names a version beside this one, and one whose sums can be compared: in the same
/// currency, of cases that are told apart by the same facts. A version that compares nothing
/// leaves nothing to compare with.
fn lineage(release: &ReleaseSource, releases: &[ReleaseSource], problems: &mut Problems) {
    let Some((version, _)) = release.manifest().lineage.ancestor() else {
        return;
    };
    let mut tell = |problem: String, help: Option<&str>| {
        tell_of_key(release, "lineage", problem, help, problems);
    };
    let mut others = releases.iter();
    let Some(before) = others.find(|other| other.manifest().version == version) else {
        tell(
            format!("there is no version {version} of this policy"),
            None,
        );
        return;
    };
    let (own, old) = (release.guardrails(), before.guardrails());
    let (Some(own), Some(old)) = (&own.fairness, &old.fairness) else {
        return;
    };
    if own.currency() != old.currency() {
        let problem = format!(
            "version {version} compares like cases in {}, and this one in {}",
            old.currency(),
            own.currency()
        );
        tell(
            problem,
            Some("no rate is applied in a comparison; write \"reset\""),
        );
    }
    let names = |fairness: &Fairness| -> Vec<String> {
        let facts = fairness.class.iter();
        facts.map(|fact| fact.name.to_string()).collect()
    };
    if names(own) != names(old) {
        let problem = format!(
            "version {version} makes its classes of other facts ({}), so none of its decisions \
             would be found",
            names(old).join(", ")
        );
        let help = "let `fairness.class` be the same, or write \"reset\"";
        tell(problem, Some(help));
    }
    for (fact, then, now) in other_money(before, release) {
        let problem = format!(
            "{fact} is in {now}, and in {then} in version {version}, so none of its decisions \
             would be found"
        );
        let help = "no rate is applied in a comparison; write \"reset\"";
        tell(problem, Some(help));
    }
}

/// Merit facts of both versions whose currency has changed.
fn other_money(
    before: &ReleaseSource,
    after: &ReleaseSource,
) -> Vec<(SmolStr, Currency, Currency)> {
    let money = |fact: &FactDef| match fact.ty {
        FactType::Money { currency, .. } if fact.class == FactClass::Merit => currency,
        _ => None,
    };
    let facts = after.schema().facts().iter();
    let changed = facts.filter_map(|fact| {
        let now = money(fact)?;
        let mut others = before.schema().facts().iter();
        let then = money(others.find(|other| other.name == fact.name)?)?;
        (then != now).then(|| (fact.name.clone(), then, now))
    });
    changed.collect()
}
