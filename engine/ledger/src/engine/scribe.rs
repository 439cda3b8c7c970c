//! Writing the log: what one command adds to it, kept apart with the command's other changes.

use redress_log::note::KeyName;
use redress_log::seal::OpeningLine;
use redress_log::{AppendError, Appended, Draft, Head, Seed};
use redress_model::{Code, Timestamp};

use crate::answer::Refused;
use crate::log::head_row;
use crate::rows::{HeadRow, NodeRow, OpeningRow, RecordRow};
use crate::store::{StoreError, Tables};
use crate::table::Record as _;

/// The log as one command leaves it.
#[derive(Debug, Clone)]
pub(super) struct Scribe {
    /// The row about the log and its head; nothing while nothing is recorded.
    log: Option<(HeadRow, Head)>,
    /// The name that the log gets, if it is to have one of its own.
    name: Option<KeyName>,
    /// The random bytes of the request.
    seed: Seed,
    /// How many records this request has made.
    made: u32,
}

/// What a new record adds to the tables.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) records: Vec<RecordRow>,
    pub(super) nodes: Vec<NodeRow>,
    pub(super) openings: Vec<OpeningRow>,
}

/// A record that cannot be written.
pub(super) fn unwritable(error: &AppendError) -> Refused {
    Refused::NotRecorded {
        problem: error.code(),
    }
}

impl Scribe {
    pub(super) const fn new(
        log: Option<(HeadRow, Head)>,
        name: Option<KeyName>,
        seed: Seed,
    ) -> Self {
        Self {
            log,
            name,
            seed,
            made: 0,
        }
    }

    /// The random bytes of the next record.
    pub(super) fn next_seed(&mut self) -> Seed {
        self.made = self.made.saturating_add(1);
        self.seed.part(self.made)
    }

    /// Gives a record its place; the first one comes after one that names the log.
    pub(super) fn append(
        &mut self,
        draft: Draft,
        decision: Option<u64>,
        at: Timestamp,
    ) -> Result<Written, Refused> {
        let mut written = Written {
            records: Vec::new(),
            nodes: Vec::new(),
            openings: Vec::new(),
        };
        let (row, log) = match self.log.take() {
            Some(log) => self.log.insert(log),
            None => {
                // Without a name of its own a log has one that no other log has.
                let seed = self.seed.part(0);
                let name = self.name.clone().unwrap_or_else(|| KeyName::unnamed(seed));
                let begun = Head::begin(&name, at, seed);
                let (log, first) = begun.map_err(|error| unwritable(&error))?;
                written.add(Code::engine(redress_log::record::GENESIS), None, first, at)?;
                self.log.insert((head_row(&name, at), log))
            }
        };
        let kind = draft.kind().clone();
        let appended = log.append(draft, at).map_err(|error| unwritable(&error))?;
        written.add(kind, decision, appended, at)?;
        row.head = log.to_bytes();
        Ok(written)
    }

    /// The log as it stands.
    pub(super) const fn log(&self) -> Option<&(HeadRow, Head)> {
        self.log.as_ref()
    }

    pub(super) fn into_log(self) -> Option<(HeadRow, Head)> {
        self.log
    }
}

impl Written {
    /// Saves the rows.
    pub(super) fn save(&self, tables: &mut dyn Tables) -> Result<(), StoreError> {
        for row in &self.records {
            tables.put(RecordRow::TABLE, &row.to_row())?;
        }
        for row in &self.nodes {
            tables.put(NodeRow::TABLE, &row.to_row())?;
        }
        for row in &self.openings {
            tables.put(OpeningRow::TABLE, &row.to_row())?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        kind: Code,
        decision: Option<u64>,
        appended: Appended,
        at: Timestamp,
    ) -> Result<(), Refused> {
        let seq = appended.seq;
        for opening in appended.openings {
            let subject = opening.subject.as_str().into();
            let line = OpeningLine { seq, opening };
            let line = line.to_line().map_err(|error| Refused::NotRecorded {
                problem: error.code(),
            })?;
            let known = self.openings.iter_mut();
            let known = known
                .rev()
                .find(|row| row.seq == seq && row.subject == subject);
            let row = match known {
                Some(row) => row,
                None => {
                    self.openings.push(OpeningRow {
                        seq,
                        subject,
                        openings: Vec::new(),
                    });
                    let Some(row) = self.openings.last_mut() else {
                        continue;
                    };
                    row
                }
            };
            row.openings.extend(line);
            row.openings.push(b'\n');
        }
        // The leaves themselves stand in their records.
        let inner = appended.nodes.iter().filter(|node| node.id.level > 0);
        self.nodes.extend(inner.map(|node| NodeRow {
            level: node.id.level.into(),
            place: node.id.index,
            hash: node.hash,
        }));
        self.records.push(RecordRow {
            seq,
            at,
            kind,
            decision,
            line: appended.line,
            leaf: appended.leaf,
        });
        Ok(())
    }
}
