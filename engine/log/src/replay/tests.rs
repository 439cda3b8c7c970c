use redress_model::admit::AdmitLimits;
use redress_model::{Case, ClaimantId};

use super::*;
use crate::fixture;
use crate::seal::{Opening, Subject};

/// Answers what the fixture recorded, after it has admitted the case as a facade would.
struct Again {
    decision: serde_json::Value,
}

impl Replay for Again {
    fn replay(&self, inputs: &Inputs) -> Result<Replayed, NotReplayable> {
        let schema = fixture::schema();
        let json = inputs.case_json(&schema)?;
        let case = Case::admit(&json, &schema, AdmitLimits::STANDARD);
        let case = case.map_err(|errors| unreadable(errors.to_string()))?;
        assert_eq!(case, fixture::case(), "the case is what it was");
        Ok(Replayed {
            decision: canonical::to_vec(&self.decision).map_err(unreadable)?,
            inputs_digest: Digest::of(b"inputs"),
        })
    }
}

fn again() -> Again {
    Again {
        decision: fixture::decision(),
    }
}

fn recorded() -> (Record, Vec<Opening>) {
    let (_, appended) = fixture::log(2);
    let it = appended.into_iter().nth(1).unwrap();
    (Record::parse(&it.line).unwrap(), it.openings)
}

#[test]
fn a_record_holds_all_that_its_decision_was_made_of() {
    let (record, openings) = recorded();
    let openings: Openings = openings.into_iter().collect();
    let inputs = Inputs::of(&record, &openings).unwrap();
    assert_eq!(inputs.actor, fixture::actor());
    assert_eq!(inputs.standing, fixture::standing());
    assert_eq!(inputs.as_of, fixture::at(0));
    assert_eq!(inputs.release.name, "travel/goodwill");
    assert_eq!(inputs.semantics_version, 1);
    assert_eq!(check(&record, &openings, &again()), Outcome::Same);
}

#[test]
fn another_decision_is_told_with_its_place() {
    let (record, openings) = recorded();
    let openings: Openings = openings.into_iter().collect();
    let other = |change: fn(&mut serde_json::Value)| {
        let mut decision = fixture::decision();
        change(&mut decision);
        match check(&record, &openings, &Again { decision }) {
            Outcome::Different {
                pointer,
                recorded,
                replayed,
            } => (pointer, recorded, replayed),
            other => panic!("{other:?}"),
        }
    };
    let told = |pointer: &str, recorded: &str, replayed: &str| {
        (pointer.to_owned(), recorded.to_owned(), replayed.to_owned())
    };
    assert_eq!(
        other(|it| it["outcome"] = "grant".into()),
        told("/outcome", "\"refuse\"", "\"grant\"")
    );
    assert_eq!(
        other(|it| it["reasons"][0]["args"][1]["int"] = 186.into()),
        told("/reasons/0/args/1/int", "\"185\"", "\"186\"")
    );
    assert_eq!(
        other(|it| it["remedies"] = serde_json::json!(["cash"])),
        told("/remedies/0", "nothing", "\"cash\"")
    );
    assert_eq!(
        other(|it| it["extra/~"] = 1.into()),
        told("/extra~1~0", "nothing", "\"1\"")
    );
    assert_eq!(
        other(|it| drop(it.as_object_mut().unwrap().remove("tier"))),
        told("/tier", "null", "nothing")
    );
}

#[test]
fn a_record_without_its_openings_says_so() {
    let (record, openings) = recorded();
    let claimant = Subject::claimant(&ClaimantId::new("王小明").unwrap());
    let left: Openings = openings
        .into_iter()
        .filter(|own| own.subject != claimant)
        .collect();
    match check(&record, &left, &again()) {
        Outcome::NotReplayable(reason) => {
            assert_eq!(reason.code(), "openings_missing");
            let told = "personal values are sealed, and no opening of them is at hand";
            assert!(reason.to_string().contains(told), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

/// What a customer is given is enough: the ids of others stay sealed.
#[test]
fn a_record_replays_without_the_ids_of_others() {
    let (record, openings) = recorded();
    let claimant = Subject::claimant(&ClaimantId::new("王小明").unwrap());
    let own: Openings = openings
        .into_iter()
        .filter(|own| own.subject == claimant)
        .collect();
    let inputs = Inputs::of(&record, &own).unwrap();
    assert!(inputs.actor.id.as_str().starts_with("sealed:"));
    assert!(
        inputs.standing.paid[0]
            .beneficiary
            .as_str()
            .starts_with("sealed:")
    );
    assert_eq!(check(&record, &own, &again()), Outcome::Same);
}

#[test]
fn a_changed_digest_of_the_inputs_is_told() {
    struct Other;
    impl Replay for Other {
        fn replay(&self, inputs: &Inputs) -> Result<Replayed, NotReplayable> {
            let inputs_digest = Digest::of(b"other");
            Ok(Replayed {
                inputs_digest,
                ..again().replay(inputs)?
            })
        }
    }
    let (record, openings) = recorded();
    let openings: Openings = openings.into_iter().collect();
    match check(&record, &openings, &Other) {
        Outcome::Different { pointer, .. } => assert_eq!(pointer, "inputs_digest"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn acts_are_no_decisions_and_strange_bodies_are_told() {
    let (_, appended) = fixture::log(3);
    let act = Record::parse(&appended[2].line).unwrap();
    assert_eq!(
        check(&act, &Openings::default(), &again()),
        Outcome::NoDecision
    );
    let (mut record, openings) = recorded();
    let openings: Openings = openings.into_iter().collect();
    for part in [
        "case",
        "decision",
        "actor",
        "standing",
        "as_of",
        "release",
        "semantics_version",
        "inputs_digest",
    ] {
        let mut without = record.clone();
        let Value::Object(body) = &mut without.body else {
            panic!()
        };
        body.remove(part);
        match check(&without, &openings, &again()) {
            Outcome::NotReplayable(reason) => assert_eq!(reason.code(), "unreadable", "{part}"),
            other => panic!("{part}: {other:?}"),
        }
    }
    record.body = Value::Null;
    match check(&record, &openings, &again()) {
        Outcome::NotReplayable(reason) => assert_eq!(reason.code(), "unreadable"),
        other => panic!("{other:?}"),
    }
}
