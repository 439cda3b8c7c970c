//! What a log itself says was erased.

use std::collections::BTreeSet;

use super::{NotReplayable, Outcome};
use crate::canonical::Value;
use crate::record::{ERASE, Record};

/// The records of which a log says that openings were erased.
///
/// Openings stand beside the log and can be taken away without a trace; a record of an erasure
/// is a leaf like any other. It does not say whose openings of a record they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasures(BTreeSet<u64>);

impl Erasures {
    /// Keeps what a record says was erased: nothing, if it is not about an erasure.
    ///
    /// Records that came after it are not covered, whatever it names.
    pub fn take(&mut self, record: &Record) {
        if record.kind.as_str() != ERASE {
            return;
        }
        let Some(Value::Array(erased)) = record.body.get("records") else {
            return;
        };
        let erased = erased
            .iter()
            .filter_map(|seq| seq.as_text()?.parse::<u64>().ok());
        self.0.extend(erased.filter(|seq| *seq < record.seq));
    }

    /// What a replay of a record has shown, once every later record was taken: values without
    /// an opening were erased if the log says so.
    #[must_use]
    pub fn explain(&self, seq: u64, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::NotReplayable(NotReplayable::OpeningsMissing { closed })
                if self.0.contains(&seq) =>
            {
                Outcome::NotReplayable(NotReplayable::Erased { closed })
            }
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use redress_model::{Code, Digest};
    use serde_json::json;

    use super::*;
    use crate::record::RECORD_LIMITS;
    use crate::seal::Salt;
    use crate::{canonical, fixture};

    fn record(kind: &str, seq: u64, body: &serde_json::Value) -> Record {
        Record {
            seq,
            at: fixture::at(0),
            kind: Code::new(kind).unwrap(),
            nonce: Salt::from_bytes([0; 16]),
            prev: Digest::of(b"before"),
            body: canonical::read(&canonical::to_vec(body).unwrap(), RECORD_LIMITS).unwrap(),
        }
    }

    #[track_caller]
    fn check(kind: &str, body: &serde_json::Value, covered: &[u64]) {
        let mut erasures = Erasures::default();
        erasures.take(&record(kind, 5, body));
        for seq in 0..8 {
            let missing = NotReplayable::OpeningsMissing { closed: 2 };
            let told = erasures.explain(seq, Outcome::NotReplayable(missing.clone()));
            let expected = match covered.contains(&seq) {
                true => NotReplayable::Erased { closed: 2 },
                false => missing,
            };
            assert_eq!(told, Outcome::NotReplayable(expected), "{seq}");
        }
    }

    #[test]
    fn an_erasure_covers_the_records_before_it_that_it_names() {
        check("erase", &json!({"by": "dpo", "records": [1, 3]}), &[1, 3]);
        check("erase", &json!({"records": [4, 5, 6, 7]}), &[4]);
        check("erase", &json!({"records": []}), &[]);
    }

    #[test]
    fn what_is_no_erasure_covers_nothing() {
        check("settle", &json!({"records": [1]}), &[]);
        check("erase", &json!({"by": "dpo"}), &[]);
        check("erase", &json!({"records": "1"}), &[]);
        check("erase", &json!({"records": ["one", "-1", [1], "2"]}), &[2]);
    }

    #[test]
    fn only_missing_openings_are_explained_by_an_erasure() {
        let mut erasures = Erasures::default();
        erasures.take(&record("erase", 5, &json!({"records": [1]})));
        let unreadable = NotReplayable::Unreadable {
            problem: "it has no case".to_owned(),
        };
        for outcome in [Outcome::Same, Outcome::NotReplayable(unreadable)] {
            assert_eq!(erasures.explain(1, outcome.clone()), outcome);
        }
    }
}
