//! A desk of agents of whom some are generous and some are mean, with and without fairness:
//! what past generosity does to later cases, in the audit's own figures.
//!
//! Cases are those of `travel/goodwill`: trouble with a hotel, a flight or an attraction, in six
//! classes, with a loss between 10 and 6,000. Of the agents some always offer 1.8 times the tariff, some 0.6 times,
//! and the others offer what is usual: the going rate of the class. One customer in four has
//! heard of the highest of the last twenty payments of the class; if that was more than the
//! agent offers, the agent meets him half way. The going rate follows what is paid.
//!
//! What the engine makes of each offer is the release's own doing: its script, its guardrails,
//! and, with fairness, the skyline of the class, as a ledger keeps it. Without fairness it is
//! the same release without its `[fairness]` section. Where a person is called, that person is
//! taken to approve what the engine holds the offer to.

mod crowd;
mod svg;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use redress::{Actor, Assurance, Case, Release};
use redress_kernel::guardrails::{Fairness, Guardrails};
use redress_kernel::skyline::{Found, Norm, Skyline};
use redress_model::{
    ActorId, Amount, Basis, CaseId, Code, Digest, Likeness, Money, Precedent, Proposal, Standing,
    Timestamp, Verdict, Warnings,
};

use self::crowd::{Crowd, Random};
pub use self::svg::svg;
pub use self::text::text;
use crate::fairness::{Report, Row, audit};

/// In how many parts the course of a simulation is told.
pub const PARTS: u64 = 100;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many cases, at least [`PARTS`].
    pub cases: u64,
    /// How many agents, at least 1.
    pub agents: u32,
    /// How many of a hundred offer too much.
    pub overpay_percent: u32,
    /// How many of a hundred offer too little.
    pub underpay_percent: u32,
    /// By how much less than the whole the going rate follows a payment: one in so many.
    pub habit: i64,
    /// Other numbers, other cases.
    pub seed: u64,
}

/// Why a simulation ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {
    /// The release does not compare cases.
    #[error("{release} declares no [fairness], so there is nothing to set against it")]
    NoFairness {
        /// The release.
        release: String,
    },
    /// The release does not take the simulation's cases.
    #[error("{release} does not take the cases of a simulation: {problem}")]
    OtherFacts {
        /// The release.
        release: String,
        /// What is wrong.
        problem: String,
    },
    /// The plan has no cases or no agents.
    #[error("a simulation takes at least {least} {what}")]
    TooFew {
        /// The least.
        least: u64,
        /// Of what.
        what: &'static str,
    },
    /// A sum left its range.
    #[error("a sum of the simulation left its range")]
    OutOfRange,
}

impl SimulationError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoFairness { .. } => "no_fairness",
            Self::OtherFacts { .. } => "other_facts",
            Self::TooFew { .. } => "too_few",
            Self::OutOfRange => "out_of_range",
        }
    }
}

/// Whether like cases are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// They are not: the release without its `[fairness]`.
    Off,
    /// They are.
    On,
}

/// What came of one desk.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    /// What the audit says.
    pub report: Report,
    /// What was paid as a share of the tariff, in basis points, in each hundredth of the cases.
    pub course: Vec<i64>,
    /// What was paid altogether, in minor units.
    pub paid_minor: i64,
    /// What the tariff comes to altogether.
    pub tariff_minor: i64,
    /// How often a person was called.
    pub escalated: u64,
    /// How many cases were held against a precedent.
    pub compared: u64,
}

/// The same cases and agents, with and without fairness.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// The plan.
    pub plan: Plan,
    /// Without.
    pub off: Desk,
    /// With.
    pub on: Desk,
}

/// Simulates a desk of one release, without and with fairness; `tick` is told how many cases
/// are done, twice as many as the plan has in the end.
///
/// # Errors
/// [`SimulationError`] when the release does not fit.
pub fn simulate(
    release: &Release,
    plan: Plan,
    tick: &mut dyn FnMut(u64),
) -> Result<Simulated, SimulationError> {
    let off = desk(release, plan, Compare::Off, tick)?;
    let on = desk(release, plan, Compare::On, &mut |done| {
        tick(plan.cases.saturating_add(done));
    })?;
    Ok(Simulated { plan, off, on })
}

fn desk(
    release: &Release,
    plan: Plan,
    compare: Compare,
    tick: &mut dyn FnMut(u64),
) -> Result<Desk, SimulationError> {
    if plan.cases < PARTS {
        let what = "cases";
        return Err(SimulationError::TooFew { least: PARTS, what });
    }
    let mut own = Running::new(release, plan, compare)?;
    let part = plan.cases.div_ceil(PARTS);
    let (mut rows, mut course) = (Vec::new(), Vec::new());
    let (mut paid, mut tariff) = (0_i64, 0_i64);
    let (mut all_paid, mut all_tariff) = (0_i64, 0_i64);
    for number in 0..plan.cases {
        let row = own.one(number)?;
        paid = paid.saturating_add(row.sum_minor);
        tariff = tariff.saturating_add(row.tariff_minor);
        rows.push(row);
        let done = number.saturating_add(1);
        if done.checked_rem(part) == Some(0) || done == plan.cases {
            course.push(share(paid, tariff));
            all_paid = all_paid.saturating_add(paid);
            all_tariff = all_tariff.saturating_add(tariff);
            (paid, tariff) = (0, 0);
            tick(done);
        }
    }
    Ok(Desk {
        report: audit(&rows),
        course,
        paid_minor: all_paid,
        tariff_minor: all_tariff,
        escalated: own.escalated,
        compared: own.compared,
    })
}

/// A sum as a share of another, in basis points.
fn share(sum: i64, of: i64) -> i64 {
    let share = i128::from(sum)
        .saturating_mul(10_000)
        .checked_div(i128::from(of))
        .unwrap_or(10_000);
    i64::try_from(share).unwrap_or(i64::MAX)
}

/// A desk at work.
struct Running<'r> {
    release: &'r Release,
    /// The limits that decide: the release's own, or those without fairness.
    guardrails: Guardrails,
    fairness: &'r Fairness,
    compare: Compare,
    plan: Plan,
    crowd: Crowd,
    skylines: BTreeMap<Digest, Skyline>,
    start: Timestamp,
    escalated: u64,
    compared: u64,
}

/// The time over which the cases are spread.
const SECONDS: u64 = 28 * 86_400;

impl<'r> Running<'r> {
    fn new(release: &'r Release, plan: Plan, compare: Compare) -> Result<Self, SimulationError> {
        let id = release.id();
        let none = || SimulationError::NoFairness {
            release: format!("{} {}", id.name, id.version),
        };
        let fairness = release.guardrails().fairness.as_ref().ok_or_else(none)?;
        let guardrails = match compare {
            Compare::On => release.guardrails().clone(),
            Compare::Off => Guardrails {
                fairness: None,
                ..release.guardrails().clone()
            },
        };
        if plan.agents == 0 {
            let what = "agents";
            return Err(SimulationError::TooFew { least: 1, what });
        }
        let start: Result<Timestamp, _> = "2026-12-01T00:00:00Z".parse();
        Ok(Self {
            release,
            guardrails,
            fairness,
            compare,
            plan,
            crowd: Crowd::new(plan),
            skylines: BTreeMap::new(),
            start: start.map_err(|_| SimulationError::OutOfRange)?,
            escalated: 0,
            compared: 0,
        })
    }

    fn other_facts(&self, problem: impl Into<String>) -> SimulationError {
        let id = self.release.id();
        SimulationError::OtherFacts {
            release: format!("{} {}", id.name, id.version),
            problem: problem.into(),
        }
    }

    /// One case from the offer to the payment.
    fn one(&mut self, number: u64) -> Result<Row, SimulationError> {
        let mut random = Random::of(self.plan.seed, number);
        let complaint = crowd::complaint(number, &mut random);
        let mut case = self.admit(&complaint.json)?;
        let proposal = self.release.propose(&case, &Warnings::default());
        let tariff = tariff(proposal.as_ref().ok(), self.fairness)
            .ok_or_else(|| self.other_facts("the policy gives no sum"))?;
        let agent = self.crowd.agent(&mut random);
        let offer = self
            .crowd
            .offer(&agent, complaint.class, tariff, &mut random);
        case.envelope.offer = Some(redress_model::Offer {
            amount: Money::new(offer, self.fairness.currency()),
        });
        let seconds = u128::from(number)
            .saturating_mul(u128::from(SECONDS))
            .checked_div(u128::from(self.plan.cases))
            .and_then(|seconds| i64::try_from(seconds).ok());
        let as_of = seconds.and_then(|seconds| self.start.plus_seconds(seconds));
        let as_of = as_of.ok_or(SimulationError::OutOfRange)?;
        let standing = match self.compare {
            Compare::On => self.standing(&case, as_of),
            Compare::Off => Standing::fresh(),
        };
        let actor = Actor {
            id: ActorId::new(&agent.name).map_err(|_| SimulationError::OutOfRange)?,
            role: Code::engine("director"),
            assurance: Assurance::Authenticated,
        };
        let (guardrails, decided) = (&self.guardrails, proposal);
        let decision = redress_kernel::decide(&case, decided, guardrails, &standing, &actor, as_of);
        let goodwill = decision
            .remedies()
            .iter()
            .filter(|remedy| remedy.basis == Basis::Goodwill);
        let paid = goodwill
            .filter_map(|remedy| remedy.worth)
            .map(Money::minor)
            .fold(0, i64::saturating_add);
        let likeness = standing.fairness.as_deref();
        if likeness.is_some_and(|known| known.most.is_some() || known.least.is_some()) {
            self.compared = self.compared.saturating_add(1);
        }
        if decision.outcome() == redress::Outcome::Escalate {
            self.escalated = self.escalated.saturating_add(1);
        }
        let point = self.fairness.point(&case.facts);
        self.form(&case, number, as_of, &point, tariff);
        self.crowd.heard(complaint.class, share(paid, tariff));
        Ok(Row {
            decision: number,
            case: String::new(),
            at: as_of.seconds(),
            release: format!(
                "{} {}",
                self.guardrails.release.name, self.guardrails.release.version
            ),
            tolerance: Some(self.fairness.tolerance),
            class: self.fairness.label(&case.facts).into(),
            point,
            currency: self.fairness.currency(),
            tariff_minor: tariff,
            sum_minor: paid,
            state: "norm".into(),
            departure: None,
            agent: agent.name,
            groups: BTreeMap::new(),
        })
    }

    fn admit(&self, json: &str) -> Result<Case, SimulationError> {
        let admitted = self.release.admit(json.as_bytes());
        admitted.map_err(|errors| self.other_facts(errors.to_string()))
    }

    fn class_of(&self, case: &Case) -> Digest {
        let id = &self.guardrails.release;
        self.fairness.class_of(&id.name, &id.version, &case.facts)
    }

    /// Of norms, when the window ended.
    fn end(&self, as_of: Timestamp) -> Timestamp {
        let days = i64::from(self.fairness.window_days);
        let end = as_of.plus_seconds(days.saturating_mul(-86_400));
        end.unwrap_or(Timestamp::EPOCH)
    }

    /// What bears on a case, as a ledger would tell.
    fn standing(&self, case: &Case, as_of: Timestamp) -> Standing {
        let mut likeness = Likeness::default();
        let point = self.fairness.point(&case.facts);
        let end = self.end(as_of);
        if let Some(skyline) = self.skylines.get(&self.class_of(case)) {
            let precedent = |found: Found| self.precedent(case, &point, found);
            likeness.precedents = u64::try_from(skyline.len(end)).unwrap_or(u64::MAX);
            likeness.most = skyline.most(&point, end).map(precedent);
            likeness.least = skyline.least(&point, end).map(precedent);
            if skyline.is_partial(end) {
                likeness.coverage = redress_model::likeness::Coverage::Partial;
            }
        }
        Standing {
            fairness: Some(Box::new(likeness)),
            ..Standing::fresh()
        }
    }

    /// A norm with what the kernel compares; which case it was nobody reads here.
    fn precedent(&self, case: &Case, point: &[i64], found: Found) -> Precedent {
        let of: CaseId = case.envelope.id.clone();
        Precedent {
            decision: found.decision,
            decided_at: found.at,
            case: of,
            version: self.guardrails.release.version.clone(),
            point: point.to_vec(),
            norm: Money::new(found.minor, self.fairness.currency()),
        }
    }

    fn form(&mut self, case: &Case, number: u64, at: Timestamp, point: &[i64], minor: i64) {
        if self.compare == Compare::Off {
            return;
        }
        let class = self.class_of(case);
        let points_max = usize::try_from(self.fairness.points_max).unwrap_or(usize::MAX);
        let new = || Skyline::new(point.len(), points_max);
        let skyline = self.skylines.entry(class).or_insert_with(new);
        skyline.insert(&Norm {
            decision: number,
            at,
            point: point.to_vec(),
            minor,
        });
    }
}

/// The goodwill that the policy itself gives.
fn tariff(proposal: Option<&Proposal>, fairness: &Fairness) -> Option<i64> {
    let Verdict::Grant(remedies) = &proposal?.verdict else {
        return None;
    };
    let mut sum = 0_i64;
    for remedy in remedies {
        match &remedy.amount {
            Amount::Money(money)
                if remedy.basis == Basis::Goodwill && money.currency() == fairness.currency() =>
            {
                sum = sum.checked_add(money.minor())?;
            }
            Amount::Money(_) | Amount::Units { .. } => return None,
        }
    }
    Some(sum)
}
