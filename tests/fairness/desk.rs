//! A complaints desk with a ledger in memory: of `travel/goodwill`, or of another release.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use redress::ledger::command::{Gives, Keep, MarkError, Override, Overturn, Promise, Sweep};
use redress::ledger::rows::Ground;
use redress::ledger::{
    Answered, Command, EntriesOf, Ledger, Matter, Memory, QueueOf, Refused, Reply, Request,
    RequestKey, Seed, Store, digest::digest,
};
use redress::source::find_releases;
use redress::{Actor, Assurance, Engine, EngineLimits, Release, Standing};
use redress_model::{ActorId, Code, Digest, EventId, Money, Timestamp};
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

/// The release that was written for the stories of `twelve.rs`.
pub(crate) fn stories() -> &'static Release {
    static RELEASE: LazyLock<Release> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fairness/releases/desk/1.0.0");
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

/// A ledger of another kind, to be compared with the one in memory.
pub(crate) trait Kept: Ledger + Store {}

impl<S: Store> Kept for S {}

/// A ledger with its clock and the number of the next request.
pub(crate) struct Desk {
    release: &'static Release,
    pub(crate) ledger: Memory,
    /// Another ledger that is asked everything too, and must say the same.
    beside: Option<Box<dyn Kept>>,
    pub(crate) now: Timestamp,
    requests: u32,
}

/// Random bytes that are the same every time.
fn seed(key: &RequestKey) -> Seed {
    Seed::new(*Digest::of(key.as_str().as_bytes()).bytes())
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::of(goodwill())
    }

    pub(crate) fn of(release: &'static Release) -> Self {
        Self {
            release,
            ledger: Memory::new(),
            beside: None,
            now: "2026-12-06T08:00:00Z".parse().unwrap(),
            requests: 0,
        }
    }

    /// The same with another ledger beside the one in memory.
    pub(crate) fn beside(mut self, ledger: Box<dyn Kept>) -> Self {
        self.beside = Some(ledger);
        self
    }

    /// Both ledgers hold the same, to the byte.
    #[track_caller]
    pub(crate) fn agree(&self) {
        let Some(beside) = &self.beside else {
            panic!("there is one ledger and nothing to compare it with");
        };
        let lines = |ledger: &dyn Ledger| -> Vec<Vec<u8>> {
            let records = ledger.records(0, u32::MAX).unwrap();
            records.into_iter().map(|row| row.line).collect()
        };
        assert_eq!(lines(&**beside), lines(&self.ledger));
        let other = digest(&**beside).unwrap();
        assert_eq!(other, digest(&self.ledger).unwrap());
    }

    fn key(&mut self) -> RequestKey {
        self.requests += 1;
        self.now = self.now.plus_seconds(60).unwrap();
        RequestKey::new(&format!("r-{}", self.requests)).unwrap()
    }

    /// Cases are decided by another release from now on.
    pub(crate) fn under(&mut self, release: &'static Release) {
        self.release = release;
    }

    pub(crate) fn days_later(&mut self, days: i64) {
        self.now = self.now.plus_seconds(days * 86_400).unwrap();
    }

    pub(crate) fn matter(&self, case: &Value) -> Matter {
        let case = self.release.admit(&serde_json::to_vec(case).unwrap());
        self.release.matter(case.unwrap())
    }

    /// What the ledger knows that bears on a case.
    pub(crate) fn standing(&self, case: &Value) -> Standing {
        self.standing_of(&self.matter(case))
    }

    pub(crate) fn standing_of(&self, matter: &Matter) -> Standing {
        let by = actor("agent-1", "agent");
        let standing = self.ledger.standing(matter, &by, self.now).unwrap();
        if let Some(beside) = &self.beside {
            let other = beside.standing(matter, &by, self.now).unwrap();
            assert_eq!(other, standing);
        }
        standing
    }

    /// Decides a case and gives its number with the decision as it stands in the log.
    pub(crate) fn decide_by(&mut self, case: &Value, by: &Actor) -> (u64, Value) {
        let matter = self.matter(case);
        let key = self.key();
        let seed = seed(&key);
        let record = |ledger: &dyn Ledger| {
            let (key, matter) = (key.clone(), matter.clone());
            let recorded = self.release.record(ledger, key, matter, by, self.now, seed);
            recorded.unwrap()
        };
        let answered = self.both(record).unwrap();
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
        self.both(|ledger| ledger.apply(&batch, self.now).unwrap().remove(0))
    }

    /// Asks every ledger, and gives what all of them say.
    fn both(&self, ask: impl Fn(&dyn Ledger) -> Reply) -> Reply {
        let reply = ask(&self.ledger);
        if let Some(beside) = &self.beside {
            match (&ask(&**beside), &reply) {
                (Ok(other), Ok(own)) => assert_eq!(other.bytes, own.bytes),
                (Err(other), Err(own)) => assert_eq!(other, own),
                (other, own) => panic!("{other:?} beside {own:?}"),
            }
        }
        reply
    }

    /// Gives another sum in the place of a decision.
    pub(crate) fn depart(
        &mut self,
        (decision, case): (u64, &Value),
        sum: &str,
        (by, approver): (&Actor, &Actor),
    ) -> Result<Answered, Refused> {
        let matter = self.matter(case);
        self.run(Command::Override(Box::new(Override {
            decision,
            matter,
            by: by.clone(),
            approver: approver.clone(),
            gives: gives(sum),
            reason: Some(code("hardship")),
            evidence: Some(Digest::of(b"a letter")),
        })))
    }

    /// Approves what a decision has left to a person.
    pub(crate) fn approve(
        &mut self,
        decision: u64,
        case: &Value,
        by: &Actor,
    ) -> Result<Answered, Refused> {
        let open = self.ledger.queue(&QueueOf::Decision(decision)).unwrap();
        let (id, matter) = (open[0].id, self.matter(case));
        let release = self.release;
        let approval = release.approval(&self.ledger, id, matter, by, self.now);
        self.run(Command::Approve(Box::new(approval.unwrap())))
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
        self.promise_within(case, sum, 48)
    }

    /// A supervisor promises a sum that is given once the hours have passed without the word
    /// being kept.
    pub(crate) fn promise_within(&mut self, case: &Value, sum: &str, hours: i64) -> Answered {
        let due = self.now.plus_seconds(hours * 3_600).unwrap();
        let promise = Promise {
            matter: self.matter(case),
            by: actor("supervisor-1", "supervisor"),
            gives: gives(sum),
            clock: redress::ledger::command::Clock::Breach(due),
            owner: code("frontline"),
        };
        self.run(Command::Promise(Box::new(promise))).unwrap()
    }

    /// Does what has become due, and gives how many entries came of it.
    pub(crate) fn sweep(&mut self) -> usize {
        let answered = self.run(Command::Due(Sweep { limit: 100 })).unwrap();
        let (given, fired) = (answered.answer.entries.len(), answered.answer.timers.len());
        assert_eq!(given, fired, "a timer that gives nothing has fired before");
        given
    }

    /// Says that a promise was kept.
    pub(crate) fn keep(&mut self, timer: u64) -> Result<Answered, Refused> {
        let by = ActorId::new("agent-1").unwrap();
        self.run(Command::Keep(Keep { timer, by }))
    }

    /// What the event has been promised or paid, in minor units.
    pub(crate) fn paid(&self, event: &str) -> i64 {
        let event = EventId::new(event).unwrap();
        let entries = self.ledger.entries(&EntriesOf::Event(event)).unwrap();
        let counted = entries.iter().filter(|entry| entry.state.counts());
        counted.map(|entry| entry.worth_minor).sum()
    }
}

pub(crate) fn request(key: &str, command: Command) -> Request {
    let key = RequestKey::new(key).unwrap();
    let seed = seed(&key);
    Request { key, command, seed }
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
