//! A schema, a case and a log to test with.

use redress_model::admit::AdmitLimits;
use redress_model::standing::Sum;
use redress_model::{
    Actor, ActorId, Assurance, Case, ClaimantId, Code, Digest, Paid, Schema, Standing, Sums,
    Timestamp,
};

use crate::note::{KeyName, SignerKey};
use crate::record::{DecisionRecord, Draft, ReleaseRef};
use crate::seal::{Sealing, Seed};
use crate::{Appended, Head};

const SCHEMA: &str = r#"{
  "type": "object",
  "properties": {
    "delay_minutes": {"type":"integer","minimum":0,"maximum":9999,"x-class":"merit","x-direction":"higher_is_worse","x-unit":"minutes"},
    "followers": {"type":"integer","minimum":0,"maximum":99999999,"x-class":"route","x-unit":"people"},
    "loss": {"type":"string","format":"money","x-class":"merit","x-direction":"higher_is_worse"},
    "note": {"type":"string","maxLength":200,"x-class":"gate"},
    "reroute": {"type":"object","properties":{
      "offered": {"type":"boolean","x-class":"gate"},
      "why": {"type":"array","items":{"type":"string","maxLength":40},"maxItems":3,"x-class":"gate"}
    }},
    "injured": {"type":"boolean","x-class":"safety"},
    "scene": {"type":"string","enum":["hotel","flight"],"x-class":"gate"}
  }
}"#;

/// What must not be in any record.
pub(crate) const SECRETS: [&str; 11] = [
    "c-1",
    "order-77",
    "王小明",
    "sister-8",
    "booking-5",
    "agent-li",
    "48211",
    "knee",
    "stairs",
    "\"injured\":true",
    "missed the wedding",
];

pub(crate) fn schema() -> Schema {
    Schema::compile(SCHEMA.as_bytes()).unwrap()
}

pub(crate) fn case() -> Case {
    let json = r#"{"id":"c-1","incident_date":"2026-03-01","event":"order-77",
        "claimant":{"id":"王小明","locale":"zh-CN"},"links":[{"kind":"booking","id":"booking-5"}],
        "stage":"facts_recorded","offer":{"amount":"200.00 CNY"},
        "facts":{"delay_minutes":185,"followers":48211,"loss":"0.00 CNY","note":"hurt his knee",
        "reroute":{"offered":false,"why":["stairs","missed the wedding"]},"injured":true,"scene":"hotel"}}"#;
    Case::admit(json.as_bytes(), &schema(), AdmitLimits::STANDARD).unwrap()
}

pub(crate) fn actor() -> Actor {
    Actor {
        id: ActorId::new("agent-li").unwrap(),
        role: Code::new("agent").unwrap(),
        assurance: Assurance::Authenticated,
    }
}

pub(crate) fn standing() -> Standing {
    Standing {
        as_of_seq: 41,
        paid: vec![Paid {
            beneficiary: ClaimantId::new("sister-8").unwrap(),
            head: Code::new("delay").unwrap(),
            amount: "50.00 CNY".parse().unwrap(),
        }],
        rolling: Sums::Known(vec![Sum {
            name: Code::new("customer_90_days").unwrap(),
            amount: "120.00 CNY".parse().unwrap(),
        }]),
        budgets: Sums::Fresh,
        ..Standing::fresh()
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_780_000_000 + second).unwrap()
}

pub(crate) fn seed(number: u64) -> Seed {
    Seed::new(*Digest::of(&number.to_be_bytes()).bytes())
}

pub(crate) fn origin() -> KeyName {
    KeyName::new("redress.example/log").unwrap()
}

pub(crate) fn signer() -> SignerKey {
    SignerKey::from_seed(origin(), &[9; 32])
}

/// A decision in the shape in which the kernel writes one.
pub(crate) fn decision() -> serde_json::Value {
    serde_json::json!({
        "semantics_version": 1,
        "case": "c-1",
        "event": "order-77",
        "claimant": "王小明",
        "outcome": "refuse",
        "tier": null,
        "remedies": [],
        "reasons": [{"code": "no_loss", "args": [{"text": "hurt his knee"}, {"int": 185}]}],
    })
}

pub(crate) fn decision_draft(number: u64) -> Draft {
    let (case, schema, actor, standing) = (case(), schema(), actor(), standing());
    let record = DecisionRecord {
        semantics_version: 1,
        release: ReleaseRef {
            digest: Digest::of(b"release"),
            name: "travel/goodwill",
            version: "1.0.0",
        },
        case: &case,
        schema: &schema,
        actor: &actor,
        standing: &standing,
        consulted: &[7, 40],
        as_of: at(0),
        inputs_digest: Digest::of(b"inputs"),
        decision: &decision(),
        ledger: &serde_json::json!({"entries": [number]}),
    };
    Draft::decision(&record, &Sealing::of_decisions(&schema), seed(number)).unwrap()
}

pub(crate) fn act_draft(number: u64) -> Draft {
    let kind = Code::new("settled").unwrap();
    let body = serde_json::json!({"decision": number, "by": "agent-li"});
    let claimant = ClaimantId::new("王小明").unwrap();
    Draft::act(
        kind,
        &body,
        &Sealing::of_acts(),
        Some(&claimant),
        seed(number),
    )
    .unwrap()
}

/// A log of so many records: the first, then a decision for every nine acts.
pub(crate) fn log(records: u64) -> (Head, Vec<Appended>) {
    let (mut head, first) = Head::begin(&origin(), at(0), seed(0)).unwrap();
    let mut appended = vec![first];
    for number in 1..records {
        let draft = match number % 10 {
            1 => decision_draft(number),
            _ => act_draft(number),
        };
        let second = i64::try_from(number / 3).unwrap();
        appended.push(head.append(draft, at(second)).unwrap());
    }
    (head, appended)
}
