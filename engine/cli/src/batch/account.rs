//! The account of a batch: who was reached, who waits for people or for facts, and who was not
//! reached.

use std::collections::BTreeMap;

use redress::ledger::Answer;
use redress::ledger::rows::EntryState;
use redress_model::{CaseId, ClaimantId, Code, Currency, Money};
use serde::Serialize;

use super::sheet::Sheet;
use crate::failure::Failure;
use crate::term::{self, Tone, grouped};

/// What came of one row.
pub(super) enum Came<'a> {
    /// It was decided, with the first reason.
    Decided(&'a Answer, &'a Code),
    /// The ledger refused to decide it.
    Refused(&'static str),
    /// The budget was spent before.
    NotReached,
}

/// What came of all rows.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    name: String,
    rows: u64,
    reached: u64,
    granted: BTreeMap<Currency, String>,
    #[serde(skip)]
    sums: BTreeMap<Currency, i64>,
    nothing_due: u64,
    waiting: BTreeMap<Code, u64>,
    held: BTreeMap<Code, u64>,
    refused: BTreeMap<&'static str, u64>,
    stopped_at: Option<CaseId>,
    not_reached: u64,
    #[serde(skip)]
    sheet: Option<Sheet>,
}

impl Account {
    /// Begins an account, with a line for each row if there is a sheet.
    pub(super) fn new(name: &Code, rows: u64, mut sheet: Option<Sheet>) -> Result<Self, Failure> {
        if let Some(sheet) = &mut sheet {
            sheet.line("case,claimant,outcome,granted,decision,reason")?;
        }
        Ok(Self {
            name: name.to_string(),
            rows,
            reached: 0,
            granted: BTreeMap::new(),
            sums: BTreeMap::new(),
            nothing_due: 0,
            waiting: BTreeMap::new(),
            held: BTreeMap::new(),
            refused: BTreeMap::new(),
            stopped_at: None,
            not_reached: 0,
            sheet,
        })
    }

    /// Takes the next row.
    pub(super) fn add(
        &mut self,
        id: &CaseId,
        claimant: &ClaimantId,
        came: &Came<'_>,
    ) -> Result<(), Failure> {
        let one = |count: &mut u64| *count = count.saturating_add(1);
        let (outcome, sums, decision, reason) = match came {
            Came::Decided(answer, reason) => {
                let mut sums = BTreeMap::new();
                for entry in &answer.entries {
                    if entry.state == EntryState::Granted {
                        let sum: &mut i64 = sums.entry(entry.worth.currency()).or_default();
                        *sum = sum.saturating_add(entry.worth.minor());
                    }
                }
                for (currency, sum) in &sums {
                    let all = self.sums.entry(*currency).or_default();
                    *all = all.saturating_add(*sum);
                }
                match answer.did.as_str() {
                    "escalate" => one(self.waiting.entry((*reason).clone()).or_default()),
                    "hold" => one(self.held.entry((*reason).clone()).or_default()),
                    _ if sums.is_empty() => one(&mut self.nothing_due),
                    _ => one(&mut self.reached),
                }
                (answer.did.as_str(), sums, answer.decision, reason.as_str())
            }
            Came::Refused(code) => {
                one(self.refused.entry(code).or_default());
                ("refused", BTreeMap::new(), None, *code)
            }
            Came::NotReached => {
                one(&mut self.not_reached);
                ("not_reached", BTreeMap::new(), None, "")
            }
        };
        let Some(sheet) = &mut self.sheet else {
            return Ok(());
        };
        let sums = sums.into_iter();
        let sums: Vec<String> = sums
            .map(|(currency, minor)| Money::new(minor, currency).to_string())
            .collect();
        let decision = decision.map_or_else(String::new, |id| id.to_string());
        let (id, claimant) = (field(id.as_str()), field(claimant.as_str()));
        let sums = sums.join(" and ");
        sheet.line(&format!(
            "{id},{claimant},{outcome},{sums},{decision},{reason}"
        ))
    }

    /// The budget has nothing left for this row, so the batch ends with it.
    pub(super) fn stop(&mut self, id: &CaseId) {
        self.stopped_at = Some(id.clone());
    }

    /// Whether the budget was spent before the end.
    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped_at.is_some()
    }

    /// Ends the account, and puts its file into its place.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        for (currency, minor) in &self.sums {
            let sum = Money::new(*minor, *currency).to_string();
            self.granted.insert(*currency, sum);
        }
        self.sheet.take().map_or(Ok(()), Sheet::finish)
    }

    /// The account for people.
    pub(super) fn pretty(&self) -> String {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let sums: Vec<&str> = self.granted.values().map(String::as_str).collect();
        let mut reached = format!("{} of {} rows", grouped(self.reached), grouped(self.rows));
        if !sums.is_empty() {
            reached.push_str(&format!(", {}", sums.join(" and ")));
        }
        let mut rows = vec![
            row("Batch", self.name.clone()),
            row("Reached", Tone::Good.paint(&reached)),
        ];
        if self.nothing_due > 0 {
            rows.push(row("Nothing due", grouped(self.nothing_due)));
        }
        for (reason, count) in &self.waiting {
            let told = format!("{} for people: {reason}", grouped(*count));
            rows.push(row("Waiting", Tone::Wait.paint(&told)));
        }
        for (reason, count) in &self.held {
            let told = format!("{}: {reason}", grouped(*count));
            rows.push(row("Held", Tone::Wait.paint(&told)));
        }
        for (code, count) in &self.refused {
            let told = format!("{}: {code}", grouped(*count));
            rows.push(row("Not decided", Tone::Bad.paint(&told)));
        }
        if let Some(id) = &self.stopped_at {
            rows.push(row("Stopped at", format!("{id}: a budget is spent")));
            let told = format!("{} rows after it", grouped(self.not_reached));
            rows.push(row("Not reached", Tone::Bad.paint(&told)));
        }
        term::columns(&rows, 0)
    }
}

/// A field of CSV (RFC 4180).
fn field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}
