//! `release.toml`: what a release is, from when it counts, and which files it is made of.
//!
//! | key | value |
//! | --- | --- |
//! | `name`, `version` | `air/eu261`, `1.0.0`; the folders bear the name's last part and the version |
//! | `summary` | a sentence |
//! | `effective_from`, `effective_until` | the incident dates covered, both included; the second is optional |
//! | `supersedes` | the version beside it that ends the day before `effective_from`; optional |
//! | `rounding` | `half_up`, `half_even`, `down`, `up` |
//! | `review_by` | a date |
//! | `lineage` | `reset`, or `same:VERSION` or `scaled:VERSION:FACTOR` of an earlier version |
//! | `schema`, `guardrails` | files |
//! | `[policy]` | `rhai`, `wasm` or both; with `rhai`, if wanted, `compiled = "required"`; with `wasm` also `wasm_source`, `wasm_source_sha256`, `wasm_rebuild` and, if wanted, `needs`; with both, if wanted, `run` |
//! | `[messages]` | a file for each language |
//! | `[[table]]` | `name`, `file`, `hit`, `inputs`, `outputs` |
//! | `[history]` | `incident_date`, and if wanted `id` and `group`; optional |

//!
//! A released version never changes, so one that was released without an end cannot be given
//! one. Its successor ends it with `supersedes`, for every choice by incident date; see
//! [`PolicyFolder`](crate::PolicyFolder). The folder of the earlier version read by itself
//! stays what it was, so that what it decided can be decided again.

use std::fmt;
use std::path::Path;

use redress_model::{Date, Rounding};
use smol_str::SmolStr;

use crate::reader::{Item, Reader, Section};
use crate::version::{ReleaseName, Version};

/// The incident dates that a release covers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective {
    /// The first incident date.
    pub from: Date,
    /// The last incident date; without one the release covers all that follow.
    pub until: Option<Date>,
}

impl Effective {
    /// Whether an incident of this date is covered.
    #[must_use]
    pub fn covers(&self, incident: Date) -> bool {
        self.from <= incident && self.until.is_none_or(|until| incident <= until)
    }

    /// The first date that both cover.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> Option<Date> {
        let from = self.from.max(other.from);
        (self.covers(from) && other.covers(from)).then_some(from)
    }
}

impl fmt::Display for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            Some(until) => write!(f, "{} to {until}", self.from),
            None => write!(f, "{} onwards", self.from),
        }
    }
}

/// How the sums of a release compare with those of the version before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lineage {
    /// They do not: past decisions form no norm for this release.
    Reset,
    /// They mean the same as in that version, whose decisions stay norms.
    Same(Version),
    /// Those of that version, times a factor, are norms.
    Scaled {
        /// The version.
        of: Version,
        /// The factor in basis points: 10,500 for 1.05.
        basis_points: i64,
    },
}

impl Lineage {
    /// The earlier version whose decisions stay norms, with its factor in basis points.
    #[must_use]
    pub const fn ancestor(self) -> Option<(Version, i64)> {
        match self {
            Self::Reset => None,
            Self::Same(version) => Some((version, 10_000)),
            Self::Scaled { of, basis_points } => Some((of, basis_points)),
        }
    }
}

/// Which columns of a recorded history fill the envelope of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The column with the case's id; without one the row's number is the id.
    pub id: Option<SmolStr>,
    /// The column with the incident date.
    pub incident_date: SmolStr,
    /// The columns that a report groups by, in order.
    pub group: Vec<SmolStr>,
}

/// What a manifest says of its release as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The policy's name.
    pub name: ReleaseName,
    /// The version.
    pub version: Version,
    /// What the policy is about, in a sentence.
    pub summary: String,
    /// The incident dates covered; a version that another one supersedes has its end in the
    /// [`PolicyFolder`](crate::PolicyFolder) of both.
    pub effective: Effective,
    /// The version that this one takes the place of from its first incident date on.
    pub supersedes: Option<Version>,
    /// How quotients become whole minor units.
    pub rounding: Rounding,
    /// By when somebody looks at the policy again.
    pub review_by: Date,
    /// How sums compare with the version before.
    pub lineage: Lineage,
    /// How a history becomes cases.
    pub history: Option<History>,
}

pub(crate) const KEYS: &[&str] = &[
    "name",
    "version",
    "summary",
    "effective_from",
    "effective_until",
    "supersedes",
    "rounding",
    "review_by",
    "lineage",
    "schema",
    "guardrails",
    "policy",
    "messages",
    "table",
    "history",
];
const ROUNDINGS: &[(&str, Rounding)] = &[
    ("half_up", Rounding::HalfUp),
    ("half_even", Rounding::HalfEven),
    ("down", Rounding::Down),
    ("up", Rounding::Up),
];

/// Reads what a manifest says of the release as a whole; `location` is the folder with
/// its links resolved.
pub(crate) fn read(
    root: &Section<'_>,
    location: &Path,
    reader: &mut Reader<'_>,
) -> Option<Manifest> {
    let name_item = root.need(reader, "name");
    let name = name_item
        .as_ref()
        .and_then(|item| item.read(reader, str::parse::<ReleaseName>));
    let version_item = root.need(reader, "version");
    let version = version_item
        .as_ref()
        .and_then(|item| item.read(reader, str::parse::<Version>));
    if let (Some(item), Some(name)) = (name_item, &name) {
        check_parent(&item, name, location, reader);
    }
    if let Some((item, version)) = version_item.zip(version) {
        check_folder(&item, version, location, reader);
    }
    let summary = root.need(reader, "summary");
    let summary = summary.and_then(|item| item.sentence(reader).map(str::to_owned));
    let effective = effective(root, reader);
    let supersedes = root.get("supersedes");
    let supersedes = supersedes.map(|item| item.read(reader, |text| other(text, version)));
    let rounding = rounding(root, reader);
    let review_by = root.need(reader, "review_by");
    let review_by = review_by.and_then(|item| item.read(reader, str::parse::<Date>));
    let lineage = lineage(root, version, reader);
    let history = root.get("history").map(|item| history(&item, reader));
    Some(Manifest {
        name: name?,
        version: version?,
        summary: summary?,
        effective: effective?,
        supersedes: match supersedes {
            Some(supersedes) => Some(supersedes?),
            None => None,
        },
        rounding: rounding?,
        review_by: review_by?,
        lineage: lineage?,
        history: match history {
            Some(history) => Some(history?),
            None => None,
        },
    })
}

pub(crate) fn rounding(root: &Section<'_>, reader: &mut Reader<'_>) -> Option<Rounding> {
    root.need(reader, "rounding")?.one_of(reader, ROUNDINGS)
}

/// The folder that holds the versions bears the last part of the name.
///
/// The parts before it are not compared: `policies/air/eu261` is where the project keeps
/// it, and a copy elsewhere is the same release, which the lock knows by its name.
fn check_parent(item: &Item<'_>, name: &ReleaseName, location: &Path, reader: &mut Reader<'_>) {
    let parent = location.parent().and_then(Path::file_name);
    if let Some(parent) = parent.filter(|parent| *parent != name.last()) {
        let problem = format!(
            "the release is named {name}, and its versions lie in the folder {:?}",
            parent.to_string_lossy()
        );
        let help = format!("rename the folder to {:?}, or change the name", name.last());
        item.problem_with_help(reader, problem, help);
    }
}

fn check_folder(item: &Item<'_>, version: Version, location: &Path, reader: &mut Reader<'_>) {
    let own = location.file_name().unwrap_or_default();
    if own != version.to_string().as_str() {
        let problem = format!(
            "the release has version {version}, and its folder is named {:?}",
            own.to_string_lossy()
        );
        let help = format!("rename the folder to \"{version}\", or change the version");
        item.problem_with_help(reader, problem, help);
    }
}

fn effective(root: &Section<'_>, reader: &mut Reader<'_>) -> Option<Effective> {
    let from = root.need(reader, "effective_from");
    let from = from.and_then(|item| item.read(reader, str::parse::<Date>));
    let until_item = root.get("effective_until");
    let until = until_item
        .as_ref()
        .map(|item| item.read(reader, str::parse::<Date>));
    let until = match until {
        Some(until) => Some(until?),
        None => None,
    };
    let from = from?;
    if let Some(item) = until_item.filter(|_| until.is_some_and(|until| until < from)) {
        item.problem(
            reader,
            format!("lies before `effective_from`, which is {from}"),
        );
        return None;
    }
    Some(Effective { from, until })
}

/// A version that is not the release's own.
fn other(text: &str, own: Option<Version>) -> Result<Version, String> {
    match text.parse() {
        Ok(version) if own == Some(version) => Err("a version does not supersede itself".into()),
        Ok(version) => Ok(version),
        Err(error) => Err(error.to_string()),
    }
}

fn lineage(root: &Section<'_>, own: Option<Version>, reader: &mut Reader<'_>) -> Option<Lineage> {
    let item = root.need(reader, "lineage")?;
    let read = |text: &str| -> Result<Lineage, String> {
        let expected = "expected \"reset\", \"same:VERSION\" or \"scaled:VERSION:FACTOR\"";
        let earlier = |version: &str| {
            let version: Version = version
                .parse()
                .map_err(|error| format!("{expected}; {error}"))?;
            if own.is_some_and(|own| version >= own) {
                return Err(format!("{version} is not a version before this one"));
            }
            Ok(version)
        };
        match text.split_once(':') {
            None if text == "reset" => Ok(Lineage::Reset),
            Some(("same", version)) => earlier(version).map(Lineage::Same),
            Some(("scaled", scaled)) => {
                let (version, factor) = scaled
                    .split_once(':')
                    .ok_or_else(|| format!("{expected}, found {text:?}"))?;
                let basis_points = factor_basis_points(factor).ok_or_else(|| {
                    format!(
                        "a factor is a number from 0.0001 to 100, such as 1.05, found {factor:?}"
                    )
                })?;
                let of = earlier(version)?;
                Ok(Lineage::Scaled { of, basis_points })
            }
            None | Some(_) => Err(format!("{expected}, found {text:?}")),
        }
    };
    item.read(reader, read)
}

/// `1.05` is 10,500 basis points.
fn factor_basis_points(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=3).contains(&whole.len()) && fraction.len() <= 4;
    if !fits || !digits(whole) || !digits(fraction) {
        return None;
    }
    let points: i64 = format!("{whole}{fraction:0<4}").parse().ok()?;
    (1..=1_000_000).contains(&points).then_some(points)
}

fn history(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<History> {
    let section = item.section(reader)?;
    section.only(reader, &["id", "incident_date", "group"]);
    let id = section
        .get("id")
        .map(|item| item.sentence(reader).map(SmolStr::new));
    let incident_date = section.need(reader, "incident_date");
    let incident_date = incident_date.and_then(|item| item.sentence(reader).map(SmolStr::new));
    let column = |text: &str| match text.trim() {
        "" => Err("expected the name of a column"),
        name => Ok(SmolStr::new(name)),
    };
    let group = match section.get("group") {
        Some(item) => item.list(reader, column),
        None => Some(Vec::new()),
    };
    Some(History {
        id: match id {
            Some(id) => Some(id?),
            None => None,
        },
        incident_date: incident_date?,
        group: group?,
    })
}
