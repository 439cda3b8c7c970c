//! Coverage: what of a release its cases have gone through.
//!
//! A copy of the script with probes in it runs in the interpreter, beside the decision of
//! the release itself, and both must decide alike; what the release runs stays without a
//! probe. The interpreter is taken because it runs every script, compiled or not, and
//! because a probe sees each value in the order of evaluation, which conditions need.

pub mod decision;
mod guardrails;
mod html;
mod lcov;
mod observe;
mod script;
mod show;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use redress::{LoadError, Release};
use redress_compiler::syntax::Lines;
use redress_kernel::decide;
use redress_release::{CaseFile, ReleaseErrors};
use rowan::TextRange;

pub use self::guardrails::Entry;
pub use self::html::{index, page};
pub use self::lcov::lcov;
use self::observe::Observed;
pub use self::show::pretty;
pub use self::tables::{RowCover, TableCover};

/// What the cases of a release have gone through.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// Name and version.
    pub release: String,
    /// The cases, by their places in what follows.
    pub cases: Vec<String>,
    /// The script; `None` for a policy that has none.
    pub script: Option<ScriptCover>,
    /// The tables, in order of names.
    pub tables: Vec<TableCover>,
    /// The entries of the guardrails, in their order.
    pub guardrails: Vec<Entry>,
    /// The path of the guardrails' file, with the release's.
    pub guardrails_file: Option<String>,
}

/// A script with what was gone through.
#[derive(Debug, Clone)]
pub struct ScriptCover {
    /// The path of the file, with the release's.
    pub file: String,
    /// Its text by lines.
    pub lines: Lines,
    /// Each line on which statements begin, with how often they ran.
    pub statements: Vec<(u32, u64)>,
    /// Each function.
    pub functions: Vec<FunctionCover>,
    /// Each place where a run goes one of several ways.
    pub branches: Vec<BranchCover>,
    /// Each decision.
    pub decisions: Vec<DecisionCover>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCover {
    /// Its name.
    pub name: String,
    /// Its first line.
    pub line: u32,
    /// How often it was called.
    pub calls: u64,
}

/// A place where a run goes one of several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchCover {
    /// What the way depends on.
    pub at: TextRange,
    /// Each way, in order of the script.
    pub ways: Vec<WayCover>,
}

/// One way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayCover {
    /// When it is taken.
    pub what: String,
    /// Where it goes.
    pub at: TextRange,
    /// How often it was taken.
    pub taken: u64,
}

/// A decision: a Boolean expression with its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionCover {
    /// Where it stands.
    pub at: TextRange,
    /// Its conditions, in order of evaluation.
    pub conditions: Vec<ConditionCover>,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionCover {
    /// Where it stands.
    pub at: TextRange,
    /// Whether it was ever true, and ever false.
    pub seen: (bool, bool),
    /// Two cases, by their places, in which it alone was otherwise and the decision too:
    /// the first in which it held.
    pub pair: Option<(usize, usize)>,
}

/// What can be counted, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Lines on which statements begin.
    Lines,
    /// Ways of branches.
    Branches,
    /// Conditions that decide by themselves (masking MC/DC).
    Conditions,
    /// Rows of tables.
    Rows,
    /// Entries of the guardrails.
    Guardrails,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 5] = [
        Self::Lines,
        Self::Branches,
        Self::Conditions,
        Self::Rows,
        Self::Guardrails,
    ];

    /// Its name, as in `--threshold`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Branches => "branches",
            Self::Conditions => "conditions",
            Self::Rows => "rows",
            Self::Guardrails => "guardrails",
        }
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Gone through.
    pub hit: usize,
    /// There are.
    pub found: usize,
}

impl Share {
    fn of(all: impl Iterator<Item = bool>) -> Self {
        all.fold(Self::default(), |sum, hit| Self {
            hit: sum.hit + usize::from(hit),
            found: sum.found + 1,
        })
    }

    /// The share in percent, rounded down, so that only all of it is 100; nothing of
    /// nothing is all.
    #[must_use]
    pub fn percent(self) -> usize {
        let hundredfold = self.hit.saturating_mul(100);
        hundredfold.checked_div(self.found).unwrap_or(100)
    }

    /// Whether it is at least so many percent; exact.
    #[must_use]
    pub const fn reaches(self, percent: usize) -> bool {
        self.hit.saturating_mul(100) >= self.found.saturating_mul(percent)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found {
            0 => write!(f, "-"),
            _ => write!(f, "{} % ({}/{})", self.percent(), self.hit, self.found),
        }
    }
}

impl Coverage {
    /// How much of a metric was gone through.
    #[must_use]
    pub fn share(&self, metric: Metric) -> Share {
        let script = self.script.as_slice().iter();
        match metric {
            Metric::Lines => {
                Share::of(script.flat_map(|it| it.statements.iter().map(|(_, count)| *count > 0)))
            }
            Metric::Branches => Share::of(script.flat_map(|it| {
                let ways = it.branches.iter().flat_map(|site| &site.ways);
                ways.map(|way| way.taken > 0)
            })),
            Metric::Conditions => Share::of(script.flat_map(|it| {
                let all = it.decisions.iter().flat_map(|site| &site.conditions);
                all.map(|condition| condition.pair.is_some())
            })),
            Metric::Rows => {
                let rows = self.tables.iter().flat_map(|table| &table.rows);
                Share::of(rows.map(|row| row.count > 0))
            }
            Metric::Guardrails => Share::of(self.guardrails.iter().map(|entry| entry.touched > 0)),
        }
    }
}

/// Why coverage cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CoverageError {
    /// The cases cannot be read.
    #[error(transparent)]
    Cases(#[from] ReleaseErrors),
    /// The script with probes does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// With probes a case is decided otherwise, so that nothing told of it would be true.
    #[error("with probes in the script, the case `{case}` is decided otherwise")]
    Differs {
        /// The case.
        case: String,
    },
}

impl CoverageError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cases(_) => "coverage_cases",
            Self::Load(_) => "coverage_load",
            Self::Differs { .. } => "coverage_differs",
        }
    }
}

/// Runs the cases of a release that `chosen` picks and tells what they went through.
///
/// # Errors
/// [`CoverageError`] when the cases cannot be read, or when a case comes out otherwise in
/// the script with probes.
pub fn measure(
    release: &Release,
    chosen: impl Fn(&CaseFile) -> bool,
) -> Result<Coverage, CoverageError> {
    let source = release.source();
    let script = source.policy().rhai();
    let probed = script.and_then(|script| script::probed(&script.text));
    let session = match &probed {
        Some((_, text)) => Some(release.session_with_probes(text)?),
        None => None,
    };
    let mut observed = Observed::default();
    let mut touched = guardrails::Entries::of(source);
    let mut names = Vec::new();
    for file in source.cases()?.iter().filter(|file| chosen(file)) {
        let Ok(case) = release.admit(&file.to_json()) else {
            continue;
        };
        let decided = release.decide(&case, &file.actor, &file.standing, file.as_of);
        let place = names.len();
        names.push(file.stem.to_string());
        touched.add(&case, file, &decided.decision);
        let (Some(session), Some((sites, _))) = (&session, &probed) else {
            continue;
        };
        if !release.covers(case.envelope.incident_date) {
            continue;
        }
        let (run, noted) = session.observe(&case.facts, &file.standing.warnings);
        let again = decide(
            &case,
            run.proposal,
            release.guardrails(),
            &file.standing,
            &file.actor,
            file.as_of,
        );
        if again != decided.decision {
            return Err(CoverageError::Differs {
                case: file.name.clone(),
            });
        }
        observed.add(sites, place, &noted);
    }
    let id = release.id();
    let has_probes = probed.is_some();
    let path = |name: &str| source.path().join(name).display().to_string();
    Ok(Coverage {
        release: format!("{} {}", id.name, id.version),
        cases: names,
        script: script.zip(probed).map(|(script, (sites, _))| {
            ScriptCover::of(path(&script.file), &script.text, &sites, &observed)
        }),
        // Which row answered is noted by the interpreter alone.
        tables: match has_probes {
            true => tables::covered(source, &observed),
            false => Vec::new(),
        },
        guardrails: touched.entries,
        guardrails_file: guardrails::file_of(source).map(|file| path(&file)),
    })
}

impl ScriptCover {
    fn of(file: String, text: &str, sites: &script::Sites, observed: &Observed) -> Self {
        let mut statements: std::collections::BTreeMap<u32, u64> = Default::default();
        for site in &sites.statements {
            let count = observed.passed(site.probe);
            let known = statements.entry(site.line).or_default();
            *known = (*known).max(count);
        }
        let functions = sites.functions.iter().map(|site| FunctionCover {
            name: site.name.clone(),
            line: site.line,
            calls: observed.passed(site.probe),
        });
        let branches = sites.branches.iter().map(|site| BranchCover {
            at: site.at,
            ways: site
                .ways
                .iter()
                .map(|way| WayCover {
                    what: way.what.clone(),
                    at: way.at,
                    taken: observed.taken(way.taken),
                })
                .collect(),
        });
        let decisions = sites.decisions.iter().enumerate().map(|(place, site)| {
            let evaluations = observed.evaluations.get(&place).cloned();
            let evaluations = evaluations.unwrap_or_default();
            let conditions = site.conditions.iter().enumerate();
            DecisionCover {
                at: site.at,
                conditions: conditions
                    .map(|(number, (at, _))| ConditionCover {
                        at: *at,
                        seen: evaluations.seen(number),
                        pair: evaluations.pair(number),
                    })
                    .collect(),
            }
        });
        Self {
            file,
            statements: statements.into_iter().collect(),
            functions: functions.collect(),
            branches: branches.collect(),
            decisions: decisions.collect(),
            lines: Lines::new(text),
        }
    }

    /// The line on which something begins.
    #[must_use]
    pub fn line(&self, at: TextRange) -> u32 {
        self.lines.position(at.start()).line
    }

    /// The text of a place, on one line.
    #[must_use]
    pub fn words(&self, at: TextRange) -> String {
        let text = self
            .lines
            .text()
            .get(std::ops::Range::from(at))
            .unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The least that coverage must be, for one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// Of what.
    pub metric: Metric,
    /// At least so many percent, 0 to 100.
    pub percent: usize,
}

/// A threshold is written as `METRIC=PERCENT`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write METRIC=PERCENT with lines, branches, conditions, rows or guardrails, such as branches=90"
)]
pub struct ThresholdError;

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, percent) = text.trim().split_once('=').ok_or(ThresholdError)?;
        let mut all = Metric::ALL.into_iter();
        let metric = all.find(|metric| metric.name() == name.trim());
        let percent = percent.trim().trim_end_matches('%').trim_end();
        let percent = percent.parse().map_err(|_| ThresholdError)?;
        if percent > 100 {
            return Err(ThresholdError);
        }
        Ok(Self {
            metric: metric.ok_or(ThresholdError)?,
            percent,
        })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.metric.name(), self.percent)
    }
}
