//! What is in force, and what a candidate would have decided.

use redress_ledger::command::{Activate, Shadow, Warrant};
use redress_ledger::{Command, EntriesOf};
use redress_model::Digest;

use super::Trial;
use crate::fixture::{actor, apply, case, code, decide, goodwill, matter, start};

fn activate(revision: u64, bytes: &str) -> Command {
    Command::Activate(Activate {
        policy: "air/eu261".into(),
        revision,
        version: "1.0.0".into(),
        release: Digest::of(bytes.as_bytes()),
        archive: Digest::of(bytes.as_bytes()),
        from: "2026-01-01".parse().unwrap(),
        until: None,
        warrant: Warrant::Signed(vec!["key".into()]),
    })
}

fn shadow(decision: u64) -> Command {
    Command::Shadow(Box::new(Shadow {
        decision,
        policy: "air/eu261".into(),
        version: "2.0.0".into(),
        release: Digest::of(b"candidate"),
        outcome: code("refuse"),
        gives: Vec::new(),
        reasons: vec![code("no_loss")],
        fault: None,
    }))
}

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::new("revisions of a policy only grow", |ledger| {
            assert!(ledger.activation("air/eu261").unwrap().is_none());
            let first = apply(ledger, "1", activate(3, "three"), start()).unwrap();
            assert_eq!(first.answer.did, code("activated"));
            for (key, revision, bytes, refused) in [
                ("2", 2, "two", "revision_downgraded"),
                ("3", 3, "other", "revision_downgraded"),
                ("4", 3, "three", "already_done"),
                ("5", 0, "zero", "out_of_range"),
            ] {
                let reply = apply(ledger, key, activate(revision, bytes), start());
                assert_eq!(reply.unwrap_err().code(), refused);
                let row = ledger.activation("air/eu261").unwrap().unwrap();
                assert_eq!(row.archive_digest, Digest::of(b"three"));
            }
            apply(ledger, "6", activate(4, "four"), start()).unwrap();
            let row = ledger.activation("air/eu261").unwrap().unwrap();
            assert_eq!((row.revision, row.at), (4, start()));
            assert!(ledger.activation("air/uk261").unwrap().is_none());
        }),
        Trial::new("a shadow changes nothing but the log", |ledger| {
            let command = decide(
                &matter(case("1", "e1", "c1")),
                goodwill(1_500),
                actor("ann", "agent"),
            );
            apply(ledger, "1", command, start()).unwrap();
            let seen = || {
                (
                    ledger.decision(1).unwrap(),
                    ledger.entries(&EntriesOf::Decision(1)).unwrap(),
                    ledger.accounts("customer:c1", start()).unwrap(),
                )
            };
            let before = seen();
            let reply = apply(ledger, "2", shadow(1), start()).unwrap();
            assert_eq!(reply.answer.did, code("observed"));
            assert_eq!(reply.answer.decision, Some(1));
            assert_eq!(seen(), before);
            let records = ledger.records(0, 10).unwrap();
            assert_eq!(records.last().unwrap().kind, code("shadow"));
            let nobody = apply(ledger, "3", shadow(9), start());
            assert_eq!(nobody.unwrap_err().code(), "no_such_decision");
        }),
    ]
}
