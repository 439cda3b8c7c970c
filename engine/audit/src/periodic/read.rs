//! Reading a report out of a ledger.

use std::collections::BTreeMap;

use redress::ledger::cell::{Cell, Field as _};
use redress::ledger::log::text_fact;
use redress::ledger::rows::{
    DecisionRow, EntryRow, EntryState, EscalationRow, Meta, RecordRow, RequestRow, TimerKind,
    TimerRow, TimerState,
};
use redress::ledger::table::Record;
use redress::ledger::{Answer, Scan, Store, StoreError, StoreFault, Tables, store};
use redress_model::Code;
use smol_str::SmolStr;

use super::{Asked, Departure, Erroneous, Money, Overdue, PeriodReport, Row, Split, Sums, Warned};

/// How many rows are read at once: memory stays bounded however long the ledger is.
const PAGE: u32 = 4_096;

/// What a decision counts under, in the order of the splits.
type Keys = [Option<SmolStr>; 4];

/// The names of the splits.
const SPLITS: [&str; 4] = ["reason", "scene", "role", "channel"];

impl PeriodReport {
    /// Reads the report on one snapshot.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails or its rows do not read back.
    pub fn read(ledger: &impl Store, asked: &Asked) -> Result<Self, StoreError> {
        let mut found = None;
        ledger.read(&mut |tables| {
            let mut reading = Reading::new(asked);
            reading.decisions(tables)?;
            reading.entries(tables)?;
            reading.escalations(tables)?;
            reading.promises(tables)?;
            reading.warnings(tables)?;
            found = Some(reading.done(tables)?);
            Ok(())
        })?;
        found.ok_or_else(|| StoreError::new(StoreFault::Io, "the store did not read"))
    }
}

struct Reading<'a> {
    asked: &'a Asked,
    report: PeriodReport,
    /// What the decisions of the period count under.
    keys: BTreeMap<u64, Keys>,
    /// The rule that a decision of the period broke.
    broke: BTreeMap<u64, Code>,
    /// The place of a departure in the report.
    departed: BTreeMap<u64, usize>,
}

impl<'a> Reading<'a> {
    fn new(asked: &'a Asked) -> Self {
        let split = |by| Split {
            by,
            rows: BTreeMap::new(),
            unknown: Row::default(),
        };
        Self {
            asked,
            report: PeriodReport {
                period: asked.period.clone(),
                as_of: asked.as_of,
                as_of_seq: 0,
                as_of_leaf: None,
                total: Row::default(),
                outcomes: BTreeMap::new(),
                splits: SPLITS.map(split).into(),
                departures: Vec::new(),
                overdue: Vec::new(),
                warnings: Vec::new(),
                errors: BTreeMap::new(),
            },
            keys: BTreeMap::new(),
            broke: BTreeMap::new(),
            departed: BTreeMap::new(),
        }
    }

    fn decisions(&mut self, tables: &mut dyn Tables) -> Result<(), StoreError> {
        every(
            tables,
            &["id"],
            |row: &DecisionRow| row.id,
            &mut |tables, row: DecisionRow| {
                if !self.asked.period.holds(row.at) {
                    return Ok(());
                }
                let keys = self.keys_of(tables, &row)?;
                for place in self.places(&keys) {
                    place.decisions = place.decisions.saturating_add(1);
                }
                count(self.report.outcomes.entry(row.outcome.clone()).or_default());
                if let Some(reason) = &row.departure {
                    self.departed.insert(row.id, self.report.departures.len());
                    self.report.departures.push(Departure {
                        decision: row.id,
                        at: row.at,
                        policy: row.policy.clone(),
                        version: row.version.clone(),
                        reason: reason.clone(),
                        role: row.role.clone(),
                        money: Money::new(),
                    });
                }
                if let Some(rule) = &row.error_rule {
                    let broken: &mut Erroneous =
                        self.report.errors.entry(rule.clone()).or_default();
                    broken.decisions = broken.decisions.saturating_add(1);
                    self.broke.insert(row.id, rule.clone());
                }
                self.keys.insert(row.id, keys);
                Ok(())
            },
        )
    }

    fn entries(&mut self, tables: &mut dyn Tables) -> Result<(), StoreError> {
        every(
            tables,
            &["id"],
            |row: &EntryRow| row.id,
            &mut |tables, row: EntryRow| {
                if let Some(rule) = self.broke.get(&row.decision) {
                    let broken = self.report.errors.entry(rule.clone()).or_default();
                    add(&mut broken.money, &row);
                }
                if !self.asked.period.holds(row.at) {
                    return Ok(());
                }
                if let Some(place) = self.departed.get(&row.decision)
                    && let Some(departure) = self.report.departures.get_mut(*place)
                {
                    add(&mut departure.money, &row);
                }
                // An entry may come of a decision before the period: approved later, or owed
                // for a promise that was broken.
                let keys = match self.keys.get(&row.decision) {
                    Some(keys) => keys.clone(),
                    None => {
                        let key = [row.decision.to_cell()];
                        let decision: Option<DecisionRow> = store::get(tables, &key)?;
                        let keys = decision.map(|decision| self.keys_of(tables, &decision));
                        keys.transpose()?.unwrap_or_default()
                    }
                };
                for place in self.places(&keys) {
                    add(&mut place.money, &row);
                }
                Ok(())
            },
        )
    }

    fn escalations(&mut self, tables: &mut dyn Tables) -> Result<(), StoreError> {
        every(
            tables,
            &["id"],
            |row: &EscalationRow| row.id,
            &mut |_, row: EscalationRow| {
                let Some(due_at) = row.due_at else {
                    return Ok(());
                };
                // What was done after the moment of the report was open at that moment.
                let as_of = self.asked.as_of;
                let closed_at = row.closed_at.filter(|at| *at <= as_of);
                let until = closed_at.unwrap_or(as_of);
                if self.asked.period.holds(due_at) && due_at < until {
                    self.report.overdue.push(Overdue {
                        what: "escalation",
                        id: row.id,
                        decision: row.decision,
                        reason: row.reason,
                        owner: row.owner,
                        due_at,
                        closed_at,
                        late_seconds: until.seconds().saturating_sub(due_at.seconds()),
                    });
                }
                Ok(())
            },
        )
    }

    /// Promises that fired in the period were broken, and those that run past their time.
    fn promises(&mut self, tables: &mut dyn Tables) -> Result<(), StoreError> {
        every(
            tables,
            &["id"],
            |row: &TimerRow| row.id,
            &mut |_, row: TimerRow| {
                let broken = match row.state {
                    TimerState::Fired => true,
                    TimerState::Running => row.due_at < self.asked.as_of,
                    TimerState::Kept => false,
                };
                if row.kind == TimerKind::Breach && broken && self.asked.period.holds(row.due_at) {
                    let late = self
                        .asked
                        .as_of
                        .seconds()
                        .saturating_sub(row.due_at.seconds());
                    self.report.overdue.push(Overdue {
                        what: "promise",
                        id: row.id,
                        decision: row.seq,
                        reason: row.gives,
                        owner: row.owner,
                        due_at: row.due_at,
                        closed_at: None,
                        late_seconds: late.max(0),
                    });
                }
                Ok(())
            },
        )
    }

    /// Warnings stand in the answers, which a ledger keeps for its longest window.
    fn warnings(&mut self, tables: &mut dyn Tables) -> Result<(), StoreError> {
        let last = self.asked.period.before().seconds().saturating_sub(1);
        let mut scan = Scan::new(RequestRow::TABLE, &["at"], Vec::new()).to(Cell::Int(last));
        scan = scan.above(Cell::Int(
            self.asked.period.from().seconds().saturating_sub(1),
        ));
        let mut found: BTreeMap<(Code, SmolStr, Code), Warned> = BTreeMap::new();
        for row in store::rows::<RequestRow>(tables, &scan)? {
            let answer: Answer = serde_json::from_slice(&row.answer)
                .map_err(|error| StoreError::new(StoreFault::Corrupt, error.to_string()))?;
            let Some(decision) = answer.decision.filter(|_| !answer.warnings.is_empty()) else {
                continue;
            };
            let decision: Option<DecisionRow> = store::get(tables, &[decision.to_cell()])?;
            let Some(decision) = decision else {
                continue;
            };
            for warning in answer.warnings {
                let key = (
                    warning.clone(),
                    decision.policy.clone(),
                    decision.reason.clone(),
                );
                let warned = found.entry(key).or_insert_with(|| Warned {
                    warning,
                    policy: decision.policy.clone(),
                    reason: decision.reason.clone(),
                    decisions: 0,
                    first_at: answer.at,
                    last_at: answer.at,
                });
                count(&mut warned.decisions);
                warned.first_at = warned.first_at.min(answer.at);
                warned.last_at = warned.last_at.max(answer.at);
            }
        }
        self.report.warnings = found.into_values().collect();
        Ok(())
    }

    fn done(mut self, tables: &mut dyn Tables) -> Result<PeriodReport, StoreError> {
        let overdue = &mut self.report.overdue;
        overdue.sort_by_key(|one| (std::cmp::Reverse(one.late_seconds), one.what, one.id));
        if let Some(meta) = store::get::<Meta>(tables, &[Cell::Int(0)])? {
            self.report.as_of_seq = meta.seq;
            let last: Option<RecordRow> = store::get(tables, &[meta.seq.to_cell()])?;
            self.report.as_of_leaf = last.map(|record| record.leaf);
        }
        Ok(self.report)
    }

    /// What a decision counts under. Scene and channel are facts of the case, as far as the
    /// ledger still keeps it.
    fn keys_of(&self, tables: &mut dyn Tables, row: &DecisionRow) -> Result<Keys, StoreError> {
        Ok([
            Some(row.reason.as_str().into()),
            text_fact(tables, row.id, &self.asked.scene)?,
            Some(row.role.as_str().into()),
            text_fact(tables, row.id, &self.asked.channel)?,
        ])
    }

    /// Every row that something counts in: the total's, and one of each split.
    fn places(&mut self, keys: &Keys) -> impl Iterator<Item = &mut Row> {
        let splits = self.report.splits.iter_mut().zip(keys.clone());
        let rows = splits.map(|(split, key)| match key {
            Some(key) => split.rows.entry(key).or_default(),
            None => &mut split.unknown,
        });
        std::iter::once(&mut self.report.total).chain(rows)
    }
}

/// Every row of a table by its number, a page at a time.
fn every<R: Record>(
    tables: &mut dyn Tables,
    by: &'static [&'static str],
    number: fn(&R) -> u64,
    each: &mut dyn FnMut(&mut dyn Tables, R) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after = 0_u64;
    loop {
        let scan = Scan::new(R::TABLE, by, Vec::new())
            .above(after.to_cell())
            .limit(PAGE);
        let rows: Vec<R> = store::rows(tables, &scan)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = number(last);
        for row in rows {
            each(tables, row)?;
        }
    }
}

fn count(number: &mut u64) {
    *number = number.saturating_add(1);
}

fn add(money: &mut Money, entry: &EntryRow) {
    let sums: &mut Sums = money.entry(entry.currency).or_default();
    let sum = match entry.state {
        EntryState::Settled => &mut sums.paid_minor,
        EntryState::Granted => &mut sums.granted_minor,
        EntryState::Held => &mut sums.held_minor,
        EntryState::Voided | EntryState::Expired | EntryState::Refused => &mut sums.ended_minor,
    };
    *sum = sum.saturating_add(i128::from(entry.worth_minor));
}
