//! A ledger as a history: the cases that it has decided, as lines of JSON.
//!
//! Each case stands on the line with the number of its last decision's record, and lines in
//! between are empty. Facts whose values were erased cannot be guessed: the line names them.
//! A record that does not read back says so on its line, and is counted as a broken row.

use std::collections::BTreeMap;
use std::io::{self, Read};

use redress::ledger::rows::{DecisionRow, RecordRow};
use redress::ledger::{DecisionLog as _, Ledger as _, StoreError, StoreFault};
use redress_log::Record;
use redress_log::canonical::Value;
use redress_log::record::DECISION;
use redress_log::seal::Openings;
use serde_json::{Map, Value as Json};

use super::open::name_of;
use super::{Blocks, Format, History, HistoryError, Progress};
use crate::ledger::open::{Book, read_only};
use crate::ledger::place::Place;

/// How an SQLite file begins.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// The column of the case's id; no fact can have such a name.
pub(crate) const ID: &str = "@id";
/// The column of the incident date.
pub(crate) const INCIDENT_DATE: &str = "@incident_date";
/// The column that names facts whose values are not there any more.
pub(crate) const ERASED: &str = "@erased";
/// The column that says why a record cannot be read.
pub(crate) const BROKEN: &str = "@broken";

/// How many records are read at a time.
const PAGE: u32 = 1_000;

/// Opens a ledger to read the cases of one policy.
///
/// # Errors
/// [`HistoryError::Ledger`] when it cannot be read, [`HistoryError::NoCase`] when it has
/// decided none of the policy.
pub(super) fn open(place: &Place, policy: &str) -> Result<History, HistoryError> {
    let failed = |error: StoreError| HistoryError::Ledger {
        name: name_of(place),
        error,
    };
    let ledger = read_only(place).map_err(failed)?;
    let size = ledger.now().map_err(failed)?.map(|now| now.size);
    let progress = Progress {
        total: size,
        ..Progress::default()
    };
    let reader = Lines {
        ledger,
        policy: policy.to_owned(),
        after: 0,
        size: size.unwrap_or_default(),
        text: Vec::new(),
        given: 0,
        progress: progress.clone(),
    };
    let blocks = Blocks::new(Box::new(reader), Format::JsonLines, Vec::new(), 1);
    Ok(History {
        name: name_of(place),
        format: Format::JsonLines,
        header: Vec::new(),
        unread: Vec::new(),
        blocks,
        progress,
        is_ledger: true,
    })
}

/// The lines of a ledger, a page of records at a time.
struct Lines {
    ledger: Book,
    policy: String,
    after: u64,
    /// How many records there were at first. Others may go on writing; what they add is no
    /// part of this history, or a case could be read as it was and again as it became.
    size: u64,
    text: Vec<u8>,
    given: usize,
    progress: Progress,
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            self.text.clear();
            self.given = 0;
            if !self.page().map_err(io::Error::other)? {
                return Ok(0);
            }
        }
        let rest = self.text.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        let (Some(from), Some(to)) = (rest.get(..count), buffer.get_mut(..count)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.given += count;
        Ok(count)
    }
}

impl Lines {
    /// Reads the next page; `false` after the last.
    fn page(&mut self) -> Result<bool, StoreError> {
        let records = self.ledger.records(self.after, PAGE)?;
        let records = records.into_iter().filter(|row| row.seq < self.size);
        let before = self.after;
        for row in records {
            self.after = row.seq;
            if row.kind.as_str() == DECISION
                && let Some(line) = self.line(&row)?
            {
                self.text.extend(line.to_string().bytes());
            }
            self.text.push(b'\n');
        }
        self.progress.at(self.after);
        Ok(self.after > before)
    }

    /// The case of a decision's record; `None` if it is of another policy, or was decided
    /// again later.
    fn line(&self, row: &RecordRow) -> Result<Option<Json>, StoreError> {
        let Some(decision) = self.ledger.decision(row.seq)? else {
            return Ok(Some(broken("the ledger lacks the decision of this record")));
        };
        if decision.policy != self.policy || self.is_decided_again(&decision)? {
            return Ok(None);
        }
        let mut body = match Record::parse(&row.line) {
            Ok(record) => record.body,
            Err(error) => return Ok(Some(broken(&error.to_string()))),
        };
        match self.ledger.openings(row.seq) {
            Ok(openings) => drop(openings.open(&mut body)),
            Err(error) if error.fault == StoreFault::Corrupt => {
                return Ok(Some(broken(&error.what)));
            }
            Err(error) => return Err(error),
        }
        Ok(Some(case(
            decision.case_id.as_str(),
            &decision.incident_date.to_string(),
            body.get("case").and_then(|case| case.get("facts")),
        )))
    }

    /// Whether a later record holds the case of a decision again. An override or a fired timer
    /// makes a later decision too, but of the same case, which it does not repeat.
    fn is_decided_again(&self, decision: &DecisionRow) -> Result<bool, StoreError> {
        let later = self.ledger.decisions(&decision.case_id)?;
        for later in later {
            if later.id > decision.id
                && later.id < self.size
                && later.policy == decision.policy
                && let Some(record) = self.ledger.line(later.id)?
                && record.kind.as_str() == DECISION
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A record that does not read back.
fn broken(problem: &str) -> Json {
    let mut line = Map::new();
    line.insert(
        BROKEN.to_owned(),
        format!("the record does not read back: {problem}").into(),
    );
    Json::Object(line)
}

/// One case; without facts, everything about it is gone.
fn case(id: &str, incident_date: &str, facts: Option<&Value>) -> Json {
    let mut line = Map::new();
    line.insert(ID.to_owned(), id.into());
    line.insert(INCIDENT_DATE.to_owned(), incident_date.into());
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut erased = Vec::new();
    match facts {
        Some(facts) if !is_closed(facts) => flat("", facts, &mut known, &mut erased),
        _ => erased.push("facts".to_owned()),
    }
    for (name, value) in known {
        put(&mut line, &name, value);
    }
    if !erased.is_empty() {
        line.insert(ERASED.to_owned(), erased.join(" ").into());
    }
    Json::Object(line)
}

/// A fact by its whole name; one in a group stands in an object of the group's name.
fn put(line: &mut Map<String, Json>, name: &str, value: String) {
    match name.split_once('.') {
        Some((group, name)) => {
            let group = line
                .entry(group)
                .or_insert_with(|| Json::Object(Map::new()));
            if let Some(group) = group.as_object_mut() {
                group.insert(name.to_owned(), value.into());
            }
        }
        None => drop(line.insert(name.to_owned(), value.into())),
    }
}

/// Whether this very value is sealed.
fn is_closed(value: &Value) -> bool {
    let is_one = value.as_object().is_some_and(|object| object.len() == 1);
    let mut value = value.clone();
    let closed = Openings::default().open(&mut value);
    // A group of one fact that is sealed has it one level below.
    let below = value.as_object().is_some_and(|object| {
        object
            .iter()
            .any(|(_, member)| member.as_object().is_some())
    });
    is_one && closed == 1 && !below
}

fn flat(
    before: &str,
    value: &Value,
    known: &mut BTreeMap<String, String>,
    erased: &mut Vec<String>,
) {
    match value {
        _ if !before.is_empty() && is_closed(value) => erased.push(before.to_owned()),
        Value::Object(members) => {
            for (name, member) in members.iter() {
                let name = match before {
                    "" => name.to_owned(),
                    before => format!("{before}.{name}"),
                };
                flat(&name, member, known, erased);
            }
        }
        Value::Text(text) => drop(known.insert(before.to_owned(), text.clone())),
        Value::Null => {}
        // A list is sealed as a whole; an item of one that were sealed alone is not there.
        Value::Array(items) if items.iter().any(is_closed) => erased.push(before.to_owned()),
        // Scalars as they are written, and a list of them as an array of JSON.
        other => {
            let text = String::from_utf8_lossy(&other.write()).into_owned();
            known.insert(before.to_owned(), text);
        }
    }
}
