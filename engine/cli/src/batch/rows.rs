//! The rows of a batch: one case on each line of a file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use redress::{Case, Policy, Release};
use redress_model::admit::{AdmitLimits, RawCase};

use crate::failure::Failure;
use crate::input::{InputError, shown};

/// How many wrong rows are told before the rest is only counted.
const WRONG_TOLD: usize = 20;

/// Why a batch does not begin.
#[derive(Debug, thiserror::Error)]
enum RowsError {
    /// Some rows are not cases of the policy.
    #[error("{}, so nothing was decided\n{}", not_valid(*count), told.join("\n"))]
    Wrong {
        /// How many.
        count: u64,
        /// The first of them, each with its line.
        told: Vec<String>,
    },
    /// There are no rows.
    #[error("there are no rows")]
    Empty,
    /// Somebody has changed a row since all of them were checked.
    #[error("line {line} was valid when the batch began, and is not any more: {problem}")]
    Changed {
        /// The line.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// What is read once is gone when the rows are to be decided.
    #[error("the rows are read twice, to check them and to decide them, so they must be in a file")]
    NoFile,
}

fn not_valid(count: u64) -> String {
    match count {
        1 => "one row is not valid".to_owned(),
        _ => format!("{count} rows are not valid"),
    }
}

/// One row, ready to be decided.
pub(super) struct Row<'p> {
    pub(super) release: &'p Release,
    pub(super) case: Case,
}

fn unread(path: &Path, source: std::io::Error) -> Failure {
    let path: PathBuf = path.to_owned();
    Failure::invalid(InputError::Read { path, source })
}

/// Gives each line with its number, blank ones left out, until `take` has enough.
fn each_line(
    path: &Path,
    mut take: impl FnMut(u64, &[u8]) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let file = File::open(path).map_err(|source| unread(path, source))?;
    let mut lines = BufReader::new(file);
    // One byte more than a case may have, so that admission says that it is too long.
    let limit = AdmitLimits::STANDARD.bytes_max.saturating_add(2);
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = lines
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut line)
            .map_err(|source| unread(path, source))?;
        if read == 0 {
            break;
        }
        let text = line.trim_ascii();
        if !text.is_empty() && !take(number, text)? {
            break;
        }
    }
    Ok(())
}

fn row<'p>(policy: &'p Policy, text: &[u8]) -> Result<Row<'p>, String> {
    let raw = RawCase::read(text, AdmitLimits::STANDARD).map_err(|errors| errors.to_string())?;
    let release = policy.release_for(raw.incident_date());
    let release = release.map_err(|error| error.to_string())?;
    let case = raw.admit(release.schema());
    let case = case.map_err(|errors| errors.to_string())?;
    Ok(Row { release, case })
}

/// Reads and checks every row before anything is decided, and counts them.
pub(super) fn check(path: &Path, policy: &Policy) -> Result<u64, Failure> {
    let is_stream = |data: fs::Metadata| !data.is_file() && !data.is_dir();
    if path == Path::new("-") || fs::metadata(path).is_ok_and(is_stream) {
        return Err(Failure::usage(RowsError::NoFile).at(shown(path)));
    }
    let mut ids = BTreeSet::new();
    let (mut rows, mut wrong, mut told) = (0_u64, 0_u64, Vec::new());
    each_line(path, |number, text| {
        rows = rows.saturating_add(1);
        let found = row(policy, text).and_then(|row| {
            let id = row.case.envelope.id;
            match ids.insert(id.clone()) {
                true => Ok(()),
                false => Err(format!("the case {id} is there twice")),
            }
        });
        if let Err(problem) = found {
            wrong = wrong.saturating_add(1);
            if told.len() < WRONG_TOLD {
                told.push(format!("  line {number}: {problem}"));
            }
        }
        Ok(true)
    })?;
    let error = match (rows, wrong) {
        (0, _) => RowsError::Empty,
        (_, 0) => return Ok(rows),
        (_, count) => RowsError::Wrong { count, told },
    };
    Err(Failure::invalid(error).at(shown(path)))
}

/// Gives each row, in order, until `take` has enough.
pub(super) fn each<'p>(
    path: &Path,
    policy: &'p Policy,
    mut take: impl FnMut(Row<'p>) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    each_line(path, |number, text| {
        let row = row(policy, text).map_err(|problem| {
            let line = number;
            Failure::invalid(RowsError::Changed { line, problem }).at(shown(path))
        })?;
        take(row)
    })
}
