use std::path::Path;

use redress_ledger::command::Erase;
use redress_ledger::digest::digest;
use redress_ledger::{
    Command, DecisionLog as _, Ledger, Memory, Signing, Store as _, StoreError, StoreFault,
};
use redress_ledger_sqlite::{SqliteLedger, migrate_to};
use redress_ledger_trials::fixture::{
    actor, after, apply, case, case_with, decide, goodwill, matter, settle, start,
};
use redress_ledger_trials::generate::Generator;
use redress_log::merkle::{Plan, leaf_hash, verify_consistency, verify_inclusion};
use redress_log::note::{KeyName, SignerKey, VerifierKey};
use redress_log::record::Record;
use redress_log::replay::{Erasures, Inputs, NotReplayable, Outcome};
use redress_log::verify::{Verified, Verifier, VerifyError};
use redress_log::{Checkpoint, Subject};
use redress_model::{ActorId, ClaimantId};
use rusqlite::Connection;
use tempfile::TempDir;

fn key(name: &str) -> SignerKey {
    SignerKey::from_seed(KeyName::new(name).unwrap(), &[5; 32])
}

fn signing(name: &str, records: u64) -> Signing {
    Signing {
        key: key(name),
        records,
        seconds: 3_600,
    }
}

fn open(path: &Path, records: u64) -> SqliteLedger {
    let ledger = SqliteLedger::open(path).unwrap();
    ledger
        .signed(signing("trials.example/log", records))
        .unwrap()
}

/// Decides something with a text of its own about a customer.
#[track_caller]
fn decided(ledger: &dyn Ledger, id: &str, who: &str) {
    let facts = r#""scene":"flight","loss":"400.00 EUR","severity":"high""#;
    let matter = matter(case_with(id, id, who, &[], facts));
    let command = decide(&matter, goodwill(700), actor("ann", "agent"));
    assert!(apply(ledger, id, command, start()).is_ok());
}

fn erase(who: &str) -> Command {
    Command::Erase(Erase {
        claimant: ClaimantId::new(who).unwrap(),
        by: ActorId::new("dpo").unwrap(),
    })
}

fn verified(ledger: &SqliteLedger, keys: &[VerifierKey]) -> Result<Verified, VerifyError> {
    let rows = ledger.checkpoints(0, u32::MAX).unwrap();
    let checkpoints = redress_ledger::log::opened(&rows, keys).unwrap();
    let mut verifier = Verifier::new(checkpoints)?;
    for row in ledger.lines(0, u32::MAX).unwrap() {
        verifier.line(&row.line)?;
        assert_eq!(row.leaf, leaf_hash(&row.line));
    }
    verifier.finish(b"")
}

#[test]
fn what_histories_write_is_a_log_that_verifies() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder.path().join("ledger"), 16);
    let mut generator = Generator::new(4);
    for _ in 0..400 {
        let (request, at) = generator.make();
        let replies = ledger.apply(std::slice::from_ref(&request), at).unwrap();
        generator.learn(&request, &replies[0]);
    }
    let found = verified(&ledger, &[key("trials.example/log").verifier()]).unwrap();
    let records = ledger.records(0, u32::MAX).unwrap().len();
    assert_eq!(usize::try_from(found.size).unwrap(), records + 1);
    assert!(found.size > 200, "{}", found.size);
    assert!(found.size - found.anchored <= 16 + 100, "{found:?}");
    assert!(found.anchored > 0);
    // Every record holds to its canonical form and says nothing of anybody.
    for row in ledger.lines(0, u32::MAX).unwrap() {
        let record = Record::parse(&row.line).unwrap();
        assert_eq!((record.seq, &record.kind), (row.seq, &row.kind));
        let text = String::from_utf8(row.line).unwrap();
        for id in ["\"c0\"", "\"c1\"", "\"ann\"", "\"sue\"", "case-"] {
            assert!(!text.contains(id), "{id} stands in {text}");
        }
    }
}

#[test]
fn a_decision_on_record_opens_to_what_it_was_made_of() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder.path().join("ledger"), 16);
    decided(&ledger, "one", "c1");
    let row = ledger.line(1).unwrap().unwrap();
    let record = Record::parse(&row.line).unwrap();
    let inputs = Inputs::of(&record, &ledger.openings(1).unwrap()).unwrap();
    assert_eq!(inputs.actor, actor("ann", "agent"));
    let json = inputs
        .case_json(redress_ledger_trials::fixture::schema())
        .unwrap();
    let text = String::from_utf8(json).unwrap();
    assert!(
        text.contains("\"c1\"") && text.contains("\"high\""),
        "{text}"
    );
}

#[test]
fn proofs_out_of_the_stored_nodes_hold() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder.path().join("ledger"), 7);
    for number in 0..40 {
        decided(&ledger, &number.to_string(), &format!("c{number}"));
    }
    let keys = [key("trials.example/log").verifier()];
    let rows = ledger.checkpoints(0, u32::MAX).unwrap();
    let checkpoints = redress_ledger::log::opened(&rows, &keys).unwrap();
    assert!(checkpoints.len() >= 5);
    for checkpoint in &checkpoints {
        for seq in 0..checkpoint.size {
            let plan = Plan::inclusion(seq, checkpoint.size).unwrap();
            let proof = ledger.proof(&plan).unwrap();
            assert!(
                u32::try_from(proof.len()).unwrap()
                    <= u64::BITS - (checkpoint.size - 1).leading_zeros()
            );
            let leaf = ledger.line(seq).unwrap().unwrap().leaf;
            verify_inclusion(&leaf, seq, checkpoint.size, &proof, &checkpoint.root).unwrap();
        }
    }
    for pair in checkpoints.windows(2) {
        let (old, new) = (&pair[0], &pair[1]);
        let proof = ledger
            .proof(&Plan::consistency(old.size, new.size).unwrap())
            .unwrap();
        verify_consistency(old.size, new.size, &old.root, &new.root, &proof).unwrap();
    }
}

#[test]
fn checkpoints_come_by_number_and_by_time_and_when_asked_for() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder.path().join("ledger"), 3);
    let sizes = || -> Vec<u64> {
        let rows = ledger.checkpoints(0, u32::MAX).unwrap();
        rows.iter().map(|row| row.size).collect()
    };
    decided(&ledger, "1", "c1");
    assert!(sizes().is_empty());
    decided(&ledger, "2", "c2");
    // The record that names the log counts.
    assert_eq!(sizes(), [3]);
    apply(&ledger, "s", settle(1), after(0, 3_600)).unwrap();
    assert_eq!(sizes(), [3, 4]);
    decided(&ledger, "3", "c3");
    assert_eq!(sizes(), [3, 4]);
    let before = digest(&ledger).unwrap();
    let signed = ledger
        .sign(&signing("trials.example/log", 3))
        .unwrap()
        .unwrap();
    assert_eq!((signed.size, sizes()), (5, vec![3, 4, 5]));
    assert_eq!(ledger.last_checkpoint().unwrap(), Some(signed));
    assert_eq!(digest(&ledger).unwrap(), before);
}

#[test]
fn a_key_of_another_name_signs_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let ledger = open(&path, 3);
    decided(&ledger, "1", "c1");
    let other = signing("other.example/log", 1);
    let refused = ledger.sign(&other).unwrap_err();
    assert_eq!(refused.code(), "other_log");
    drop(ledger);
    let refused = SqliteLedger::open(&path).unwrap().signed(other);
    assert_eq!(refused.unwrap_err().code(), "other_log");
    // A log without a key has a name of its own, and checkpoints of others do not fit it.
    let unsigned = SqliteLedger::open(&folder.path().join("unsigned")).unwrap();
    decided(&unsigned, "1", "c1");
    let now = unsigned.now().unwrap().unwrap();
    let name = now.origin.as_str();
    assert!(name.starts_with("unnamed.invalid/"), "{name}");
    assert_eq!((now.size, unsigned.last_checkpoint().unwrap()), (2, None));
    let stranger = Checkpoint {
        origin: KeyName::new("other.example/log").unwrap(),
        size: 2,
        root: redress_log::merkle::empty_root(),
    };
    let mut verifier = Verifier::new(vec![stranger]).unwrap();
    let lines = unsigned.lines(0, 10).unwrap();
    let mut told = lines.iter().map(|row| verifier.line(&row.line));
    let told = told.find_map(Result::err).map(|error| error.code());
    assert_eq!(
        told.or_else(|| verifier.finish(b"").err().map(|error| error.code())),
        Some("log_other")
    );
}

#[test]
fn erasing_closes_what_is_about_a_customer_and_breaks_no_proof() {
    let folder = TempDir::new().unwrap();
    let ledger = open(&folder.path().join("ledger"), 2);
    decided(&ledger, "1", "c1");
    decided(&ledger, "2", "c2");
    apply(&ledger, "erase", erase("c1"), start()).unwrap();
    let about = |seq, who: &str| {
        let subject = Subject::claimant(&ClaimantId::new(who).unwrap());
        ledger.openings(seq).unwrap().about(&subject).iter().count()
    };
    assert_eq!(about(1, "c1"), 0);
    assert!(about(2, "c2") > 0);
    let found = verified(&ledger, &[key("trials.example/log").verifier()]).unwrap();
    assert_eq!(found.size, 4);
    let record = Record::parse(&ledger.line(1).unwrap().unwrap().line).unwrap();
    let inputs = Inputs::of(&record, &ledger.openings(1).unwrap());
    assert_eq!(inputs.unwrap_err().code(), "openings_missing");
    // That they were erased is what the log says, and of nothing else.
    let mut erasures = Erasures::default();
    for row in ledger.lines(0, 9).unwrap() {
        erasures.take(&Record::parse(&row.line).unwrap());
    }
    let missing = |seq| {
        let missing = NotReplayable::OpeningsMissing { closed: 1 };
        match erasures.explain(seq, Outcome::NotReplayable(missing)) {
            Outcome::NotReplayable(reason) => reason.code(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        [0, 1, 2, 3].map(missing),
        [
            "openings_missing",
            "erased",
            "openings_missing",
            "openings_missing"
        ]
    );
    // The record of the erasure opens to nothing about her either.
    let erased = ledger.openings(3).unwrap();
    assert!(erased.iter().all(|opening| !opening.value.contains("c1")));
}

/// The records of erased customers hold commitments, which whoever has a salt can guess at.
#[test]
fn no_salt_of_what_was_erased_is_left_in_a_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let ledger = open(&path, 16);
    let is_erased = |number: u64| number.is_multiple_of(3);
    for number in 1..=120_u64 {
        let (id, who) = (number.to_string(), format!("c{number}"));
        let facts = r#""scene":"flight","loss":"400.00 EUR","severity":"high""#;
        let matter = matter(case_with(&id, &id, &who, &[], facts));
        // So little that no limit calls a person, who would still need the case.
        let command = decide(&matter, goodwill(1), actor("ann", "agent"));
        assert!(apply(&ledger, &id, command, start()).is_ok());
    }
    let mut salts = (Vec::new(), Vec::new());
    for number in 1..=120 {
        let who = ClaimantId::new(&format!("c{number}")).unwrap();
        let openings = ledger.openings(number).unwrap();
        let about = openings.about(&Subject::claimant(&who));
        let about = about.iter().map(|opening| opening.salt.to_string());
        if is_erased(number) {
            salts.0.extend(about);
        } else {
            salts.1.extend(about);
        }
    }
    for number in (1..=120).filter(|number| is_erased(*number)) {
        let who = format!("c{number}");
        apply(&ledger, &format!("erase {who}"), erase(&who), start()).unwrap();
    }
    drop(ledger);
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let left = |salts: &[String]| salts.iter().filter(|salt| text.contains(*salt)).count();
    assert!(salts.0.len() > 100 && salts.1.len() > 100);
    assert_eq!(left(&salts.0), 0, "of {}", salts.0.len());
    assert_eq!(
        left(&salts.1),
        salts.1.len(),
        "what was not erased is there"
    );
}

#[test]
fn what_the_log_cannot_take_is_not_granted() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let ledger = SqliteLedger::open(&path).unwrap();
    decided(&ledger, "1", "c1");
    let before = digest(&ledger).unwrap();
    // Another hand has made the log unwritable: no room is left for its next record.
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON log_record BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let command = decide(
        &matter(case("2", "2", "c2")),
        goodwill(700),
        actor("ann", "agent"),
    );
    let request =
        redress_ledger_trials::fixture::request(redress_ledger_trials::fixture::key("2"), command);
    let failed = ledger.apply(std::slice::from_ref(&request), start());
    assert!(failed.is_err());
    assert_eq!(digest(&ledger).unwrap(), before);
    connection.execute_batch("DROP TRIGGER full").unwrap();
    assert!(ledger.apply(&[request], start()).unwrap()[0].is_ok());
}

#[test]
fn a_changed_head_is_found_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    drop({
        let ledger = SqliteLedger::open(&path).unwrap();
        decided(&ledger, "1", "c1");
        ledger
    });
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("UPDATE log_head SET head = x'00'")
        .unwrap();
    let ledger = SqliteLedger::open(&path).unwrap();
    let failed = ledger.apply(&[], start()).unwrap_err();
    assert_eq!(failed.fault, StoreFault::Corrupt);
}

#[test]
fn equal_histories_write_equal_logs() {
    let folder = TempDir::new().unwrap();
    let file = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
    let memory = Memory::new();
    for number in 0..9 {
        let both: [&dyn Ledger; 2] = [&file, &memory];
        for ledger in both {
            decided(ledger, &number.to_string(), "c1");
        }
    }
    let lines = file.lines(0, 100).unwrap();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines, memory.lines(0, 100).unwrap());
    assert_eq!(digest(&file).unwrap(), digest(&memory).unwrap());
}

/// A file as version 3 of the tables had it: records of another form, cases beside them.
fn of_version_3(path: &Path) {
    let ledger = SqliteLedger::open(path).unwrap();
    decided(&ledger, "1", "c1");
    apply(&ledger, "s", settle(1), start()).unwrap();
    drop(ledger);
    let mut connection = Connection::open(path).unwrap();
    migrate_to(&mut connection, 3).unwrap();
    connection
        .execute_batch(
            "DROP TABLE log_head; DROP TABLE log_record; DROP TABLE log_node;
             DROP TABLE log_opening; DROP TABLE log_checkpoint;
             UPDATE record SET kind = 'decide', body = CAST('{\"claimant\":\"c1\"}' AS BLOB) WHERE seq = 1;
             UPDATE record SET body = CAST('{\"entry\":\"1\"}' AS BLOB) WHERE seq = 2;
             INSERT INTO personal VALUES (1, x'0102', CAST('{\"id\":\"1\"}' AS BLOB));",
        )
        .unwrap();
}

#[test]
fn records_of_before_come_into_the_log_sealed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    of_version_3(&path);
    let ledger = SqliteLedger::open(&path).unwrap();
    let found = verified(&ledger, &[]).unwrap();
    assert_eq!(found.size, 3);
    let row = ledger.line(1).unwrap().unwrap();
    assert_eq!((row.kind.as_str(), row.decision), ("adopted", Some(1)));
    assert!(
        !String::from_utf8(row.line.clone())
            .unwrap()
            .contains("claimant")
    );
    let mut body = Record::parse(&row.line).unwrap().body;
    assert_eq!(ledger.openings(1).unwrap().open(&mut body), 0);
    let text = |name| {
        body.get(name)
            .and_then(|it| it.as_text())
            .map(str::to_owned)
    };
    assert_eq!(text("reference").as_deref(), Some("{\"claimant\":\"c1\"}"));
    assert_eq!(text("case").as_deref(), Some("{\"id\":\"1\"}"));
    assert_eq!(text("was").as_deref(), Some("decide"));
    // It goes on from there, and what is adopted is erased as anything else.
    decided(&ledger, "2", "c1");
    apply(&ledger, "erase", erase("c1"), start()).unwrap();
    assert_eq!(ledger.openings(1).unwrap().iter().count(), 0);
    assert_eq!(verified(&ledger, &[]).unwrap().size, 5);
    let gone = Connection::open(&path).unwrap().query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name IN ('record', 'personal')",
        [],
        |row| row.get::<_, i64>(0),
    );
    assert_eq!(gone, Ok(0));
}

#[test]
fn a_failed_read_is_told() {
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
    decided(&ledger, "1", "c1");
    let missing = ledger.proof(&Plan::inclusion(0, 8).unwrap()).unwrap_err();
    assert_eq!(missing.fault, StoreFault::Corrupt);
    let failed: Result<(), StoreError> =
        ledger.read(&mut |_| Err(StoreError::new(StoreFault::Io, "on purpose")));
    assert_eq!(failed.unwrap_err().code(), "ledger_io");
}
