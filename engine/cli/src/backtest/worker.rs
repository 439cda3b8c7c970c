//! Decides the rows of a block.

use std::borrow::Cow;

use redress_model::case::Claimant;
use redress_model::{
    Actor, Case, CaseId, ClaimantId, Date, Envelope, EventId, Stage, Standing, Timestamp,
};
use smol_str::SmolStr;

use super::lines;
use super::pipeline::Worker;
use super::plan::Plan;
use super::tally::{Decided, GROUP_MARK, Tally, month_of};
use crate::history::{BadRow, Block, Row, Rows};

/// What every decision of a backtest shares.
pub(super) struct Shared<'p> {
    pub(super) plan: Plan<'p>,
    pub(super) actor: Actor,
    pub(super) standing: Standing,
    /// The moment of every decision; without one, noon UTC of the day after each incident.
    pub(super) as_of: Option<Timestamp>,
    pub(super) output: Output,
}

/// What is written of each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// Nothing: only sums are wanted.
    Sums,
    /// A line of CSV.
    Lines,
}

/// What follows from an incident date, kept because histories come in order of time.
#[derive(Clone)]
struct Day {
    text: String,
    date: Date,
    as_of: Timestamp,
    /// The place of the release that covers it.
    release: usize,
    month: i32,
}

/// One thread's work. Everything that a row needs is reused for the next row.
pub(super) struct Decider<'s, 'p> {
    shared: &'s Shared<'p>,
    tally: Tally,
    row: Row,
    day: Option<Day>,
    /// One case for each release, whose cells each row replaces.
    cases: Vec<Option<Case>>,
    group: String,
    line: String,
}

impl<'s, 'p> Decider<'s, 'p> {
    pub(super) fn new(shared: &'s Shared<'p>) -> Self {
        Self {
            shared,
            tally: Tally::new(shared.plan.wanted.len()),
            row: Row::default(),
            day: None,
            cases: shared.plan.releases.iter().map(|_| None).collect(),
            group: String::new(),
            line: String::new(),
        }
    }

    /// What this thread has added up.
    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    fn row(&mut self, line: u64, out: &mut Vec<u8>) -> Result<(), Cow<'static, str>> {
        let (shared, plan) = (self.shared, &self.shared.plan);
        plan.readable(&self.row)?;
        self.day()?;
        let day = self.day.as_ref().ok_or("expected an incident date")?;
        let (_, case) = admitted(
            &mut self.cases,
            plan,
            day.release,
            &self.row,
            day.date,
            line,
        )?;
        let release = plan.releases.get(day.release).ok_or(MISSING)?;
        self.group.clear();
        for (index, place) in plan.group.iter().enumerate() {
            if index > 0 {
                self.group.push(GROUP_MARK);
            }
            self.group.push_str(self.row.get(*place));
        }
        let decided = release
            .release
            .decide(case, &shared.actor, &shared.standing, day.as_of);
        self.tally.decided(&Decided {
            decision: &decided.decision,
            steps: decided.execution.steps,
            release: day.release,
            month: day.month,
            group: &self.group,
        });
        for (place, _) in &release.cells {
            if let Some(known) = self.tally.known.get_mut(*place) {
                *known += u64::from(!self.row.get(*place).is_empty());
            }
        }
        if shared.output == Output::Lines {
            lines::write(out, &mut self.line, &decided.decision, day.date);
        }
        Ok(())
    }

    /// Reads the row's incident date, unless it is that of the row before.
    fn day(&mut self) -> Result<(), Cow<'static, str>> {
        let text = self.row.get(self.shared.plan.incident_date);
        if self.day.as_ref().is_some_and(|day| day.text == text) {
            return Ok(());
        }
        let date: Date = text
            .parse()
            .map_err(|error| format!("incident date: {error}"))?;
        let releases = &self.shared.plan.releases;
        let covers = |plan: &super::plan::ReleasePlan<'_>| plan.release.covers(date);
        let release = releases
            .iter()
            .position(covers)
            .ok_or_else(|| format!("no release covers an incident of {date}"))?;
        self.day = Some(Day {
            text: text.to_owned(),
            date,
            as_of: moment(self.shared.as_of, date),
            release,
            month: month_of(date),
        });
        Ok(())
    }
}

impl Worker for Decider<'_, '_> {
    fn block(&mut self, block: &Block, out: &mut Vec<u8>) -> u64 {
        let shared = self.shared;
        let mut rows = Rows::new(block, &shared.plan.wanted);
        let mut count = 0;
        while let Some(read) = rows.next_into(&mut self.row) {
            count += 1;
            let decided = read.and_then(|line| {
                let decided = self.row(line, out);
                decided.map_err(|problem| BadRow { line, problem })
            });
            if let Err(bad) = decided {
                self.tally.bad(bad);
            }
        }
        self.tally.read += count;
        count
    }
}

const MISSING: &str = "expected a release that covers the incident date";

/// The row as a case of the release at this place of the plan; the case of the row before
/// is used again.
pub(super) fn admitted<'c, 'p>(
    cases: &'c mut [Option<Case>],
    plan: &Plan<'p>,
    place: usize,
    row: &Row,
    incident_date: Date,
    line: u64,
) -> Result<(&'p redress::Release, &'c Case), Cow<'static, str>> {
    let erased = plan.erased.map(|place| row.get(place)).unwrap_or_default();
    if !erased.is_empty() {
        return Err(format!("too few facts: {erased} cannot be had any more").into());
    }
    let release = plan.releases.get(place).ok_or(MISSING)?;
    let case = cases.get_mut(place).ok_or(MISSING)?;
    if case.is_none() {
        *case = Some(Case {
            envelope: envelope(incident_date)?,
            facts: release.base.clone(),
        });
    }
    let case = case.as_mut().ok_or(MISSING)?;
    name(case, plan.id.map(|id| row.get(id)), line)?;
    case.envelope.incident_date = incident_date;
    let cells = release.cells.iter();
    let cells = cells.map(|(place, slot)| (*slot, row.get(*place)));
    let read = case.facts.read_cells(release.release.schema(), cells);
    read.map_err(|errors| told(&errors))?;
    Ok((release.release, case))
}

/// The moment of a decision: the one given, or else noon UTC of the day after the incident.
pub(super) fn moment(given: Option<Timestamp>, incident_date: Date) -> Timestamp {
    let midnight = incident_date.midnight_utc();
    given.unwrap_or_else(|| midnight.plus_seconds(36 * 3_600).unwrap_or(midnight))
}

fn envelope(incident_date: Date) -> Result<Envelope, Cow<'static, str>> {
    let bad = |error: redress_model::BadName| Cow::Owned(error.to_string());
    Ok(Envelope {
        id: CaseId::new("row").map_err(bad)?,
        incident_date,
        event: EventId::new("row").map_err(bad)?,
        claimant: Claimant {
            id: ClaimantId::new("claimant").map_err(bad)?,
            locale: None,
        },
        links: Vec::new(),
        stage: Stage::FactsRecorded,
        offer: None,
        requested: None,
    })
}

/// Gives the case the row's id, which is that of its event too: rows are strangers to
/// each other.
fn name(case: &mut Case, id: Option<&str>, line: u64) -> Result<(), Cow<'static, str>> {
    let numbered;
    let id = match id {
        Some(id) => id,
        None => {
            numbered = format!("line-{line}");
            &numbered
        }
    };
    let bad = |error: redress_model::BadName| Cow::Owned(error.to_string());
    let id = SmolStr::new(id);
    case.envelope.id = id.clone().try_into().map_err(bad)?;
    case.envelope.event = id.try_into().map_err(bad)?;
    Ok(())
}

/// What is wrong with a row's facts, without the pointer's first part.
fn told(errors: &redress_model::admit::AdmitErrors) -> Cow<'static, str> {
    let one = |error: &redress_model::admit::AdmitError| {
        let fact = error
            .pointer
            .trim_start_matches("/facts/")
            .replace('/', ".");
        format!("{fact}: expected {}, found {}", error.expected, error.found)
    };
    let told: Vec<String> = errors.0.iter().map(one).collect();
    told.join("; ").into()
}
