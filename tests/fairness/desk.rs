//! A complaints desk of `travel/goodwill` with a ledger in memory.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use redress::ledger::command::{Gives, MarkError, Override, Overturn, Promise};
use redress::ledger::rows::Ground;
use redress::ledger::{Answered, Command, Ledger as _, Memory, Refused, Request, RequestKey, Seed};
use redress::source::find_releases;
use redress::{Actor, Assurance, Engine, EngineLimits, Release};
use redress_model::{ActorId, Code, Digest, Money, Timestamp};
use serde_json::{Value, json};

pub(crate) fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

pub(crate) fn releases() -> Vec<Release> {
    let engine = Engine::new(EngineLimits::STANDARD);
    let folders = find_releases(&policies()).unwrap();
    folders
        .iter()
        .map(|folder| engine.load(folder).unwrap())
        .collect()
}

pub(crate) fn goodwill() -> &'static Release {
    static RELEASE: LazyLock<Release> = LazyLock::new(|| {
        let folder = policies().join("travel/goodwill/1.1.0");
        Engine::new(EngineLimits::STANDARD).load(&folder).unwrap()
    });
    &RELEASE
}

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(crate) fn cny(text: &str) -> Money {
    format!("{text} CNY").parse().unwrap()
}

pub(crate) fn actor(id: &str, role: &str) -> Actor {
    Actor {
        id: ActorId::new(id).unwrap(),
        role: code(role),
        assurance: Assurance::Authenticated,
    }
}

/// A complaint about a hotel that its supplier let down, with trouble and no more.
pub(crate) fn complaint(id: &str, loss: &str) -> Value {
    json!({
        "id": id,
        "incident_date": "2026-12-05",
        "event": format!("order-{id}"),
        "claimant": { "id": format!("customer-{id}") },
        "stage": "facts_recorded",
        "facts": {
            "scene": "hotel",
            "matter": "quality",
            "cause": "supplier",
            "harm": "inconvenience",
            "loss": format!("{loss} CNY"),
            "evidence": "complete",
            "evidence_days": 1,
        },
    })
}

/// The same with more members, or with others in their place.
pub(crate) fn with(mut case: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        case[name] = value.clone();
    }
    case
}

pub(crate) fn offering(case: Value, sum: &str) -> Value {
    with(case, json!({ "offer": { "amount": format!("{sum} CNY") } }))
}

pub(crate) fn on_booking(case: Value, booking: &str) -> Value {
    with(
        case,
        json!({ "links": [{ "kind": "booking", "id": booking }] }),
    )
}

/// A ledger with its clock and the number of the next request.
pub(crate) struct Desk {
    pub(crate) ledger: Memory,
    pub(crate) now: Timestamp,
    requests: u32,
}

/// Random bytes that are the same every time.
fn seed(key: &RequestKey) -> Seed {
    Seed::new(*Digest::of(key.as_str().as_bytes()).bytes())
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            ledger: Memory::new(),
            now: "2026-12-06T08:00:00Z".parse().unwrap(),
            requests: 0,
        }
    }

    fn key(&mut self) -> RequestKey {
        self.requests += 1;
        self.now = self.now.plus_seconds(60).unwrap();
        RequestKey::new(&format!("r-{}", self.requests)).unwrap()
    }

    pub(crate) fn days_later(&mut self, days: i64) {
        self.now = self.now.plus_seconds(days * 86_400).unwrap();
    }

    /// Decides a case and gives its number with the decision as it stands in the log.
    pub(crate) fn decide_by(&mut self, case: &Value, by: &Actor) -> (u64, Value) {
        let release = goodwill();
        let case = release.admit(&serde_json::to_vec(case).unwrap()).unwrap();
        let matter = release.matter(case);
        let key = self.key();
        let seed = seed(&key);
        let reply = release.record(&self.ledger, key, matter, by, self.now, seed);
        let answered = reply.unwrap().unwrap();
        let details = self.details(&answered);
        (
            answered.answer.decision.unwrap(),
            details["decision"].clone(),
        )
    }

    pub(crate) fn decide(&mut self, case: &Value) -> (u64, Value) {
        self.decide_by(case, &actor("agent-1", "agent"))
    }

    /// What the record of an answer holds.
    pub(crate) fn details(&self, answered: &Answered) -> Value {
        let records = self.ledger.records(answered.answer.seq - 1, 1).unwrap();
        let body: Value = serde_json::from_slice(&records[0].line).unwrap();
        body["body"].clone()
    }

    pub(crate) fn run(&mut self, command: Command) -> Result<Answered, Refused> {
        let key = self.key();
        let seed = seed(&key);
        let batch = [Request { key, command, seed }];
        self.ledger.apply(&batch, self.now).unwrap().remove(0)
    }

    /// Gives another sum in the place of a decision.
    pub(crate) fn depart(
        &mut self,
        (decision, case): (u64, &Value),
        sum: &str,
        (by, approver): (&Actor, &Actor),
    ) -> Result<Answered, Refused> {
        let release = goodwill();
        let case = release.admit(&serde_json::to_vec(case).unwrap()).unwrap();
        self.run(Command::Override(Box::new(Override {
            decision,
            matter: release.matter(case),
            by: by.clone(),
            approver: approver.clone(),
            gives: gives(sum),
            reason: Some(code("hardship")),
            evidence: Some(Digest::of(b"a letter")),
        })))
    }

    pub(crate) fn mark_error(&mut self, decision: u64, by: &str) -> Result<Answered, Refused> {
        self.run(Command::MarkError(MarkError {
            decision,
            by: ActorId::new(by).unwrap(),
            rule: code("no_loss_no_cash"),
        }))
    }

    pub(crate) fn overturn(&mut self, decision: u64) -> Result<Answered, Refused> {
        self.run(Command::Overturn(Overturn {
            decision,
            by: ActorId::new("ombudsman").unwrap(),
            reason: code("wrong_facts"),
        }))
    }

    pub(crate) fn promise(&mut self, case: &Value, sum: &str) -> Answered {
        let release = goodwill();
        let case = release.admit(&serde_json::to_vec(case).unwrap()).unwrap();
        let due = self.now.plus_seconds(172_800).unwrap();
        let promise = Promise {
            matter: release.matter(case),
            by: actor("agent-1", "agent"),
            gives: gives(sum),
            clock: redress::ledger::command::Clock::Breach(due),
            owner: code("frontline"),
        };
        self.run(Command::Promise(Box::new(promise))).unwrap()
    }
}

pub(crate) fn gives(sum: &str) -> Gives {
    Gives {
        kind: code("cash"),
        head: code("goodwill"),
        ground: Ground::Goodwill,
        claim: None,
        worth: cny(sum),
    }
}

/// The outcome with the worth of all remedies: `grant 30.00`.
pub(crate) fn outcome(decision: &Value) -> String {
    let remedies = decision["remedies"].as_array().unwrap();
    let minor: i64 = remedies
        .iter()
        .map(|remedy| {
            remedy["worth"]
                .as_str()
                .unwrap()
                .parse::<Money>()
                .unwrap()
                .minor()
        })
        .sum();
    let outcome = decision["outcome"].as_str().unwrap();
    format!("{outcome} {}.{:02}", minor / 100, minor % 100)
}

pub(crate) fn reasons(decision: &Value) -> Vec<&str> {
    let reasons = decision["reasons"].as_array().unwrap();
    reasons
        .iter()
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}
