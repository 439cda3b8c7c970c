use super::*;
use crate::fixture;
use crate::note::KeyName;
use crate::record::Record;
use crate::seal::Openings;

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

/// The attributes that CloudEvents 1.0 requires, the rules for their names, and for ids.
#[test]
fn every_record_is_a_cloud_event() {
    let (_, appended) = fixture::log(24);
    let mut ids = std::collections::BTreeSet::new();
    let mut last = String::new();
    for it in &appended {
        let record = Record::parse(&it.line).unwrap();
        let event = json(&cloud_event(&fixture::origin(), &record, &it.leaf));
        for required in ["id", "source", "specversion", "type"] {
            assert!(!event[required].as_str().unwrap().is_empty(), "{required}");
        }
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["source"], "//redress.example/log");
        assert_eq!(event["type"], format!("redress.log.{}", record.kind));
        assert_eq!(event["leafhash"], it.leaf.to_string());
        assert!(
            ids.insert(event["id"].as_str().unwrap().to_owned()),
            "ids are unique"
        );
        let sequence = event["sequence"].as_str().unwrap().to_owned();
        assert!(sequence > last, "events sort as texts");
        last = sequence;
        let names = event.as_object().unwrap().keys();
        let lower = |name: &str| {
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        assert!(names.clone().all(|name| lower(name) && name.len() <= 20));
        assert_eq!(
            json(&record.body.write()),
            event["data"],
            "data is JSON and no text of it"
        );
    }
    let subject = |at: usize| {
        let record = Record::parse(&appended[at].line).unwrap();
        json(&cloud_event(
            &fixture::origin(),
            &record,
            &appended[at].leaf,
        ))["subject"]
            .clone()
    };
    assert_eq!(subject(11), "11", "a decision is about itself");
    assert_eq!(subject(12), "12", "a settlement names its decision");
    assert_eq!(subject(0), serde_json::Value::Null);
}

#[test]
fn a_name_that_is_no_uri_is_percent_encoded() {
    let origin = KeyName::new("日志.example/a?b#c%d").unwrap();
    let (_, appended) = fixture::log(1);
    let record = Record::parse(&appended[0].line).unwrap();
    let event = json(&cloud_event(&origin, &record, &appended[0].leaf));
    assert_eq!(
        event["source"],
        "//%E6%97%A5%E5%BF%97.example/a%3Fb%23c%25d"
    );
}

/// The fields of OPA's decision log, their types, and the prefixes of what is erased.
#[test]
fn a_decision_is_an_opa_decision() {
    let (_, appended) = fixture::log(13);
    let record = Record::parse(&appended[11].line).unwrap();
    let event = json(&opa_decision(&fixture::origin(), &record, "0.1.0").unwrap());
    assert_eq!(event["decision_id"], "11");
    assert_eq!(event["labels"]["app"], "redress");
    assert_eq!(event["labels"]["id"], "redress.example/log");
    assert_eq!(event["path"], "travel/goodwill");
    let revision = event["bundles"]["travel/goodwill"]["revision"]
        .as_str()
        .unwrap();
    assert!(revision.starts_with("1.0.0+sha256."), "{revision}");
    assert_eq!(event["result"]["outcome"], "refuse");
    assert_eq!(event["input"]["case"]["facts"]["delay_minutes"], "185");
    assert_eq!(
        event["requested_by"], "agent",
        "the id is sealed, the role is not"
    );
    assert_eq!(event["timestamp"], "2026-05-28T20:26:43Z");
    let erased: Vec<_> = event["erased"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    assert!(erased.contains(&"/input/case/claimant/id"));
    assert!(erased.contains(&"/input/case/facts/reroute/why"));
    assert!(erased.contains(&"/input/standing/paid/0/beneficiary"));
    assert!(erased.contains(&"/result/reasons/0/args/0/text"));
    for pointer in erased {
        assert!(
            pointer.starts_with("/input/") || pointer.starts_with("/result/"),
            "{pointer}"
        );
        assert_eq!(event.pointer(pointer), None, "{pointer} is gone");
    }
    assert!(!event.to_string().contains("$sealed"));
    let act = Record::parse(&appended[12].line).unwrap();
    assert_eq!(opa_decision(&fixture::origin(), &act, "0.1.0"), None);
}

#[test]
fn an_opened_decision_has_nothing_erased() {
    let (_, appended) = fixture::log(2);
    let mut record = Record::parse(&appended[1].line).unwrap();
    let openings: Openings = appended[1].openings.iter().cloned().collect();
    openings.open(&mut record.body);
    let event = json(&opa_decision(&fixture::origin(), &record, "0.1.0").unwrap());
    assert_eq!(event["erased"], serde_json::Value::Null);
    assert_eq!(event["requested_by"], "agent-li");
    assert_eq!(event["input"]["case"]["claimant"]["id"], "王小明");
}
