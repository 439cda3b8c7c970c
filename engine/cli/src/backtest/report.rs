//! The result of a backtest, as its JSON holds it.

use redress_model::{Currency, Digest};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use smol_str::SmolStr;

use super::tally::{Counts, GROUP_MARK, Given, Measure, Share, Sums, Tally};
use crate::history::BadRow;
use redress_authoring::Sum;

/// How many groups are listed.
pub(super) const GROUPS_LISTED: usize = 10;

fn sums(sums: &Sums) -> Vec<Sum> {
    let sum = |(currency, minor): (&Currency, &i128)| Sum {
        minor: *minor,
        currency: *currency,
    };
    sums.iter().map(sum).collect()
}

/// What was decided, of what, on which assumptions.
#[derive(Debug, serde::Serialize)]
pub(super) struct Report {
    pub(super) policy: SmolStr,
    pub(super) releases: Vec<ReleaseUsed>,
    pub(super) history: String,
    pub(super) cases: Cases,
    pub(super) owed: Owed,
    pub(super) given: Vec<GivenLine>,
    pub(super) outcomes: Outcomes,
    /// Cases by the fact or document that is missing.
    pub(super) held: Vec<Counted>,
    /// Refused cases by reason; a case may have several.
    pub(super) refused: Vec<Counted>,
    /// Escalated cases by reason; a case may have several.
    pub(super) escalated: Vec<Counted>,
    /// What guardrails changed.
    pub(super) adjusted: Vec<Counted>,
    /// Facts that `--set` gave every case.
    pub(super) assumed: Vec<Assumed>,
    /// Facts that no case knew.
    pub(super) never_known: Vec<SmolStr>,
    /// What the groups are: the names of their columns.
    pub(super) grouped_by: Vec<String>,
    /// The most expensive groups.
    pub(super) groups: Vec<GroupLine>,
    pub(super) months: Vec<MonthLine>,
    pub(super) bad_rows: Vec<BadRow>,
    pub(super) execution: Execution,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct ReleaseUsed {
    pub(super) version: SmolStr,
    pub(super) digest: Digest,
    pub(super) cases: u64,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Cases {
    pub(super) read: u64,
    pub(super) decided: u64,
    pub(super) bad: u64,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Owed {
    pub(super) cases: u64,
    pub(super) total: Vec<Sum>,
    /// The part of the total that waits for an approval.
    pub(super) on_approval: Vec<Sum>,
}

#[derive(Debug, Default, serde::Serialize)]
pub(super) struct Outcomes {
    pub(super) grant: u64,
    pub(super) escalate: u64,
    pub(super) hold: u64,
    pub(super) refuse: u64,
}

/// One amount and how often it was given.
#[derive(Debug)]
pub(super) struct GivenLine {
    pub(super) given: Given,
    pub(super) amount: i64,
    pub(super) count: u64,
}

impl GivenLine {
    /// The amount once and all of it, where it is money.
    pub(super) fn sums(&self) -> Option<(Sum, Sum)> {
        let Measure::Money(currency) = self.given.measure else {
            return None;
        };
        let sum = |minor| Sum { minor, currency };
        let amount = i128::from(self.amount);
        Some((sum(amount), sum(amount.saturating_mul(self.count.into()))))
    }
}

impl Serialize for GivenLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("GivenLine", 8)?;
        out.serialize_field("basis", self.given.basis)?;
        if let Some(claim) = &self.given.claim {
            out.serialize_field("claim", claim)?;
        }
        out.serialize_field("kind", &self.given.kind)?;
        match (&self.given.measure, self.sums()) {
            (Measure::Units(unit), _) => {
                out.serialize_field("unit", unit)?;
                out.serialize_field("units", &self.amount)?;
                out.serialize_field("cases", &self.count)?;
            }
            (Measure::Money(_), Some((each, all))) => {
                out.serialize_field("each", &each)?;
                out.serialize_field("cases", &self.count)?;
                out.serialize_field("sum", &all)?;
            }
            (Measure::Money(_), None) => {}
        }
        out.end()
    }
}

/// Cases by a code.
#[derive(Debug, serde::Serialize)]
pub(super) struct Counted {
    pub(super) code: String,
    pub(super) cases: u64,
}

/// The most frequent first.
fn counted(counts: impl Iterator<Item = (String, u64)>) -> Vec<Counted> {
    let mut lines: Vec<_> = counts
        .map(|(code, cases)| Counted { code, cases })
        .collect();
    lines.sort_by(|left, right| {
        let more = right.cases.cmp(&left.cases);
        more.then_with(|| left.code.cmp(&right.code))
    });
    lines
}

fn codes(counts: &Counts) -> Vec<Counted> {
    counted(
        counts
            .iter()
            .map(|(code, cases)| (code.to_string(), *cases)),
    )
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Assumed {
    pub(super) fact: String,
    pub(super) value: String,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct GroupLine {
    pub(super) group: Vec<String>,
    pub(super) cases: u64,
    pub(super) owed: u64,
    pub(super) total: Vec<Sum>,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct MonthLine {
    pub(super) month: String,
    pub(super) cases: u64,
    pub(super) owed: u64,
    pub(super) total: Vec<Sum>,
}

/// How it ran; the only part that may differ between two runs.
#[derive(Debug, serde::Serialize)]
pub(super) struct Execution {
    pub(super) sandbox: Vec<&'static str>,
    pub(super) threads: usize,
    pub(super) steps: u64,
    pub(super) seconds: f64,
    pub(super) decisions_per_second: u64,
}

/// What a report needs besides the sums.
pub(super) struct Setting {
    pub(super) policy: SmolStr,
    /// Version and digest of each release, in the policy's order.
    pub(super) releases: Vec<(SmolStr, Digest)>,
    pub(super) history: String,
    pub(super) assumed: Vec<Assumed>,
    pub(super) never_known: Vec<SmolStr>,
    pub(super) grouped_by: Vec<String>,
    pub(super) sandbox: Vec<&'static str>,
    pub(super) threads: usize,
    pub(super) seconds: f64,
}

impl Report {
    /// The report of merged sums.
    pub(super) fn new(tally: &Tally, setting: Setting) -> Self {
        let mut total = tally.now.clone();
        for (currency, minor) in &tally.on_approval {
            *total.entry(*currency).or_default() += minor;
        }
        let used = |(place, cases): (&usize, &u64)| {
            let (version, digest) = setting.releases.get(*place)?.clone();
            Some(ReleaseUsed {
                version,
                digest,
                cases: *cases,
            })
        };
        let decided = tally.read.saturating_sub(tally.bad);
        Self {
            policy: setting.policy,
            releases: tally.releases.iter().filter_map(used).collect(),
            history: setting.history,
            cases: Cases {
                read: tally.read,
                decided,
                bad: tally.bad,
            },
            owed: Owed {
                cases: tally.owed,
                total: sums(&total),
                on_approval: sums(&tally.on_approval),
            },
            given: given(tally),
            outcomes: outcomes(tally),
            held: codes(&tally.held),
            refused: codes(&tally.refused),
            escalated: codes(&tally.escalated),
            adjusted: counted(
                tally
                    .adjusted
                    .iter()
                    .map(|(rule, cases)| (rule.name().to_owned(), *cases)),
            ),
            assumed: setting.assumed,
            never_known: setting.never_known,
            grouped_by: setting.grouped_by,
            groups: groups(tally),
            months: months(tally),
            bad_rows: tally.bad_rows.clone(),
            execution: Execution {
                sandbox: setting.sandbox,
                threads: setting.threads,
                steps: tally.steps,
                seconds: setting.seconds,
                decisions_per_second: per_second(decided, setting.seconds),
            },
        }
    }

    /// The currency of the chart and of the groups' order.
    pub(super) fn main_currency(tally: &Tally) -> Option<Currency> {
        tally.main_currency()
    }
}

fn given(tally: &Tally) -> Vec<GivenLine> {
    let mut lines = Vec::new();
    for (given, amounts) in tally.given() {
        for (amount, count) in amounts {
            lines.push(GivenLine {
                given: given.clone(),
                amount: *amount,
                count: *count,
            });
        }
    }
    lines
}

fn outcomes(tally: &Tally) -> Outcomes {
    use redress_kernel::Outcome::{Escalate, Grant, Hold, Refuse};
    let cases = |outcome| tally.outcomes.get(&outcome).copied().unwrap_or_default();
    Outcomes {
        grant: cases(Grant),
        escalate: cases(Escalate),
        hold: cases(Hold),
        refuse: cases(Refuse),
    }
}

fn groups(tally: &Tally) -> Vec<GroupLine> {
    let Some(currency) = tally.main_currency() else {
        return Vec::new();
    };
    let groups = tally.most_expensive(currency);
    let line = |(key, share, _): (&str, &Share, i128)| GroupLine {
        group: key.split(GROUP_MARK).map(str::to_owned).collect(),
        cases: share.cases,
        owed: share.owed,
        total: sums(&share.sums),
    };
    groups.into_iter().take(GROUPS_LISTED).map(line).collect()
}

fn months(tally: &Tally) -> Vec<MonthLine> {
    let line = |(month, share): (&i32, &Share)| MonthLine {
        month: format!(
            "{:04}-{:02}",
            month.div_euclid(12),
            month.rem_euclid(12) + 1
        ),
        cases: share.cases,
        owed: share.owed,
        total: sums(&share.sums),
    };
    tally.months.iter().map(line).collect()
}

/// A rate in whole cases, for people.
#[expect(
    clippy::as_conversions,
    reason = "a rate is shown to people; a lost digit or a saturated float moves nothing"
)]
pub(super) fn per_second(cases: u64, seconds: f64) -> u64 {
    (cases as f64 / seconds) as u64
}
