use super::*;
use crate::fixture;
use crate::record::{Draft, Record};

fn decision() -> (Record, Vec<Opening>) {
    let (_, appended) = fixture::log(2);
    let last = appended.last().unwrap();
    (Record::parse(&last.line).unwrap(), last.openings.clone())
}

#[test]
fn no_personal_value_stands_in_a_record() {
    for draft in [fixture::decision_draft(1), fixture::act_draft(1)] {
        let body = String::from_utf8(draft.body).unwrap();
        for secret in fixture::SECRETS {
            assert!(!body.contains(secret), "{secret} in {body}");
        }
    }
    // What an audit of sums needs is there.
    let body = String::from_utf8(fixture::decision_draft(1).body).unwrap();
    for open in [
        "\"delay_minutes\":\"185\"",
        "\"scene\":\"hotel\"",
        "200.00 CNY",
        "\"offered\":false",
        "no_loss",
        "\"role\":\"agent\"",
    ] {
        assert!(body.contains(open), "{open} not in {body}");
    }
}

#[test]
fn openings_put_every_value_back() {
    let (mut record, openings) = decision();
    let openings: Openings = openings.into_iter().collect();
    assert_eq!(openings.open(&mut record.body), 0, "nothing stays closed");
    let body = &record.body;
    assert_eq!(
        body.get("decision")
            .unwrap()
            .get("claimant")
            .unwrap()
            .as_text(),
        Some("王小明")
    );
    let facts = body.get("case").unwrap().get("facts").unwrap();
    assert_eq!(facts.get("injured"), Some(&Value::Bool(true)));
    assert_eq!(facts.get("followers").unwrap().as_text(), Some("48211"));
    let why = facts
        .get("reroute")
        .unwrap()
        .get("why")
        .unwrap()
        .as_array()
        .unwrap();
    assert_eq!(why[1].as_text(), Some("missed the wedding"));
    let paid = body
        .get("standing")
        .unwrap()
        .get("paid")
        .unwrap()
        .as_array()
        .unwrap();
    assert_eq!(
        paid[0].get("beneficiary").unwrap().as_text(),
        Some("sister-8")
    );
}

#[test]
fn an_id_has_one_commitment_in_a_record_and_another_in_the_next() {
    let (record, _) = decision();
    let at = |path: &[&str]| {
        let value = path
            .iter()
            .try_fold(&record.body, |value, name| value.get(name));
        sealed(value.unwrap().as_object().unwrap()).unwrap()
    };
    assert_eq!(
        at(&["case", "claimant", "id"]),
        at(&["decision", "claimant"])
    );
    assert_eq!(at(&["case", "id"]), at(&["decision", "case"]));
    let again = fixture::decision_draft(2);
    let all: Vec<_> = again
        .openings
        .iter()
        .map(|opening| opening.commitment)
        .collect();
    assert!(!all.contains(&at(&["case", "claimant", "id"])));
    let mut unique = all.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), all.len(), "a commitment for each value");
}

#[test]
fn two_facts_of_one_value_have_two_commitments() {
    let schema = fixture::schema();
    let sealing = Sealing::of_decisions(&schema);
    let body = serde_json::json!({"case": {"facts": {"injured": true, "followers": true}}});
    let (bytes, openings) = sealing.seal(&body, None, fixture::seed(1)).unwrap();
    assert_eq!(openings.len(), 2);
    assert_ne!(
        openings[0].commitment,
        openings[1].commitment,
        "{}",
        String::from_utf8_lossy(&bytes)
    );
}

#[test]
fn erasing_a_subject_closes_what_is_about_it_and_nothing_else() {
    let (record, openings) = decision();
    let sister = Subject::claimant(&ClaimantId::new("sister-8").unwrap());
    let agent = Subject::actor(&fixture::actor().id);
    let all: Openings = openings.iter().cloned().collect();
    assert_eq!(all.about(&sister).iter().count(), 1);
    assert_eq!(all.about(&agent).iter().count(), 1);
    // A claimant with the id of an actor is somebody else.
    let namesake = Subject::claimant(&ClaimantId::new("agent-li").unwrap());
    assert_eq!(all.about(&namesake).iter().count(), 0);
    let left: Openings = openings
        .into_iter()
        .filter(|opening| opening.subject != sister)
        .collect();
    let mut body = record.body.clone();
    assert_eq!(left.open(&mut body), 1);
    // The leaf is what it was.
    assert_eq!(record.to_line(), fixture::log(2).1[1].line);
}

#[test]
fn an_opening_that_does_not_fit_is_refused() {
    let (_, openings) = decision();
    let mut openings_kept = Openings::default();
    for opening in openings {
        assert!(opening.holds());
        let changed = [
            Opening {
                value: "\"somebody else\"".to_owned(),
                ..opening.clone()
            },
            Opening {
                salt: Salt::from_bytes([0; 16]),
                ..opening.clone()
            },
            Opening {
                commitment: Digest::of(b"x"),
                ..opening.clone()
            },
        ];
        for changed in changed {
            assert_eq!(
                openings_kept.add(changed).unwrap_err().code(),
                "bad_opening"
            );
        }
        openings_kept.add(opening).unwrap();
    }
}

#[test]
fn what_looks_like_a_commitment_stays_what_it_is() {
    let object = |json: &str| match canonical::read(json.as_bytes(), VALUE_LIMITS).unwrap() {
        Value::Object(object) => object,
        _ => panic!(),
    };
    let hex = Digest::of(b"").to_string();
    assert!(sealed(&object(&format!(r#"{{"$sealed":"{hex}"}}"#))).is_some());
    assert!(sealed(&object(&format!(r#"{{"$sealed":"{hex}","a":"b"}}"#))).is_none());
    assert!(sealed(&object(&format!(r#"{{"sealed":"{hex}"}}"#))).is_none());
    assert!(sealed(&object(r#"{"$sealed":"abc"}"#)).is_none());
    assert!(sealed(&object(r#"{"$sealed":true}"#)).is_none());
    assert!(
        redress_model::Code::new(SEALED).is_err(),
        "no code has this name"
    );
}

#[test]
fn an_unknown_value_is_not_sealed() {
    let body = serde_json::json!({"by": null, "reference": null});
    let (bytes, openings) = Sealing::of_acts()
        .seal(&body, None, fixture::seed(1))
        .unwrap();
    assert_eq!(bytes, br#"{"by":null,"reference":null}"#);
    assert!(openings.is_empty());
}

#[test]
fn an_actor_is_sealed_by_its_id_whether_it_stands_alone_or_with_its_role() {
    let body = serde_json::json!({"by": {"id": "a", "role": "lead"}, "approver": "a"});
    let sealing = Sealing::of_acts();
    let (bytes, openings) = sealing.seal(&body, None, fixture::seed(1)).unwrap();
    assert_eq!(openings.len(), 1, "the same id");
    let hex = openings[0].commitment;
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        format!(
            r#"{{"approver":{{"$sealed":"{hex}"}},"by":{{"id":{{"$sealed":"{hex}"}},"role":"lead"}}}}"#
        )
    );
}

/// Kept as numbers, so that a change of tags, salts or order does not go unseen: a log
/// that was written must open for ever.
#[test]
fn salts_and_commitments_never_change() {
    let seed = Seed::new([7; 32]);
    let salt = seed.salt(1);
    assert_eq!(salt, Salt::from_hex(&salt.to_string()).unwrap());
    assert_ne!(salt, seed.salt(2));
    let draft = Draft::act(
        redress_model::Code::new("voided").unwrap(),
        &serde_json::json!({"by": "a"}),
        &Sealing::of_acts(),
        None,
        seed,
    );
    let draft = draft.unwrap();
    let shown = format!("{} {} {}", draft.nonce, salt, draft.openings[0].commitment);
    assert_eq!(
        shown,
        "633296c7fc1bcb2b5688da57039dd155 bcd6f931faf2b1da9be31155d880d81a 47d05cc40ded89462140c8e8dbd70dd96573b7ffbc4b0896542b781676f34614"
    );
}

#[test]
fn an_opening_has_a_line_in_a_file() {
    let (record, openings) = decision();
    for opening in openings {
        let line = OpeningLine {
            seq: record.seq,
            opening,
        };
        let bytes = line.to_line().unwrap();
        assert!(!bytes.contains(&b'\n'));
        assert_eq!(OpeningLine::parse(&bytes), Ok(line));
    }
    for (line, code) in [
        ("", "json_syntax"),
        ("{}", "record_invalid"),
        (r#"{"seq":1}"#, "record_invalid"),
        ("[]", "record_invalid"),
    ] {
        assert_eq!(
            OpeningLine::parse(line.as_bytes()).unwrap_err().code(),
            code,
            "{line}"
        );
    }
}
