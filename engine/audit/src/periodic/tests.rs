use redress::ledger::command::{MarkError, Settle, Void};
use redress::ledger::{Command, Ledger as _, Memory, Request, RequestKey, Seed};
use redress::{Engine, EngineLimits, Release};
use redress_authoring::Lang;
use redress_model::{Actor, ActorId, Assurance, Code, Timestamp};
use redress_release::scaffold;
use tempfile::TempDir;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn key(text: &str) -> RequestKey {
    RequestKey::new(text).unwrap()
}

fn asked(month: &str) -> Asked {
    Asked {
        period: Period::month(month, 0).unwrap(),
        as_of: at("2026-06-01T00:00:00Z"),
        scene: "cause".into(),
        channel: "channel".into(),
    }
}

struct Desk {
    release: Release,
    ledger: Memory,
}

impl Desk {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        let folder = scaffold(&"retail/late-parcel".parse().unwrap(), root.path()).unwrap();
        // A channel is a fact of the route, and a text.
        let file = folder.join("facts.schema.json");
        let mut schema: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        schema["properties"]["channel"] =
            serde_json::json!({ "type": "string", "maxLength": 80, "x-class": "route" });
        std::fs::write(&file, schema.to_string()).unwrap();
        let engine = Engine::new(EngineLimits::STANDARD);
        Self {
            release: engine.load(&folder).unwrap(),
            ledger: Memory::new(),
        }
    }

    /// Decides a case that came through a channel; its text is only ever shown.
    fn decide(&self, id: &str, when: &str, channel: Option<&str>) -> redress::ledger::Answer {
        let mut case = serde_json::json!({
            "id": id, "incident_date": "2026-03-01", "event": format!("e-{id}"),
            "claimant": { "id": format!("c-{id}") }, "stage": "facts_recorded", "links": [],
            "facts": { "order_value": "50.00 EUR", "days_late": 9, "cause": "carrier" },
        });
        if let Some(channel) = channel {
            case["facts"]["channel"] = channel.into();
        }
        let case = self.release.admit(case.to_string().as_bytes()).unwrap();
        let matter = self.release.matter(case);
        let actor = Actor {
            id: ActorId::new("ann").unwrap(),
            role: Code::new("agent").unwrap(),
            assurance: Assurance::Authenticated,
        };
        let reply = self.release.record(
            &self.ledger,
            key(id),
            matter,
            &actor,
            at(when),
            Seed::new([7; 32]),
        );
        reply.unwrap().unwrap().answer
    }

    fn apply(&self, name: &str, command: Command, when: &str) {
        let request = Request {
            key: key(name),
            command,
            seed: Seed::new([7; 32]),
        };
        for reply in self.ledger.apply(&[request], at(when)).unwrap() {
            reply.unwrap();
        }
    }
}

#[test]
fn a_period_ends_where_the_next_one_starts() {
    for (period, from, before) in [
        (
            Period::month("2026-12", 0),
            "2026-12-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ),
        (
            Period::month("2024-02", 28_800),
            "2024-01-31T16:00:00Z",
            "2024-02-29T16:00:00Z",
        ),
        (
            Period::quarter("2026-Q4", 0),
            "2026-10-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ),
        (
            Period::quarter("2026-Q1", -18_000),
            "2026-01-01T05:00:00Z",
            "2026-04-01T05:00:00Z",
        ),
    ] {
        let period = period.unwrap();
        assert_eq!((period.from(), period.before()), (at(from), at(before)));
        assert!(period.holds(at(from)) && !period.holds(at(before)));
    }
}

#[test]
fn what_names_no_period_is_refused() {
    for text in [
        "", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-Q1", "9999-12", "+026-01",
    ] {
        assert!(Period::month(text, 0).is_err(), "{text}");
    }
    for text in [
        "2026-Q0", "2026-Q5", "2026-q1", "2026-1", "2026-Q10", "2026-Q9",
    ] {
        assert!(Period::quarter(text, 0).is_err(), "{text}");
    }
    assert_eq!(
        Period::month("2026-01", 50_401).unwrap_err().code(),
        "bad_period"
    );
}

#[test]
fn every_entry_of_the_period_stands_in_one_sum_of_each_split() {
    let desk = Desk::new();
    let before = desk.decide("zero", "2026-02-28T23:59:59Z", Some("web"));
    let first = desk.decide("one", "2026-03-01T00:00:00Z", Some("web"));
    let second = desk.decide("two", "2026-03-10T12:00:00Z", Some("phone"));
    let third = desk.decide("three", "2026-03-31T23:59:59Z", None);
    desk.decide("four", "2026-04-01T00:00:00Z", Some("web"));
    let entry = |answer: &redress::ledger::Answer| answer.entries[0].entry;
    let settle = |answer| {
        Command::Settle(Settle {
            entry: entry(answer),
        })
    };
    desk.apply("s0", settle(&before), "2026-04-02T00:00:00Z");
    desk.apply("s1", settle(&first), "2026-04-02T00:00:00Z");
    let void = Void {
        entry: entry(&second),
        by: ActorId::new("ann").unwrap(),
        reason: Code::new("payment_failed").unwrap(),
    };
    desk.apply("v2", Command::Void(void), "2026-04-02T00:00:00Z");
    let error = MarkError {
        decision: first.decision.unwrap(),
        by: ActorId::new("sue").unwrap(),
        rule: Code::new("wrong_table").unwrap(),
    };
    desk.apply("e1", Command::MarkError(error), "2026-04-03T00:00:00Z");

    let report = PeriodReport::read(&desk.ledger, &asked("2026-03")).unwrap();
    assert_eq!(report.total.decisions, 3);
    assert_eq!(report.outcomes["grant"], 3);
    let worth = i128::from(first.entries[0].worth.minor());
    assert!(worth > 0);
    let currency = first.entries[0].worth.currency();
    let sums = report.total.money[&currency];
    assert_eq!((sums.paid_minor, sums.ended_minor), (worth, worth));
    assert_eq!(
        sums.granted_minor,
        i128::from(third.entries[0].worth.minor())
    );
    for split in &report.splits {
        let rows = || split.rows.values().chain([&split.unknown]);
        assert_eq!(
            rows().map(|row| row.decisions).sum::<u64>(),
            3,
            "{}",
            split.by
        );
        let paid = rows().filter_map(|row| row.money.get(&currency));
        assert_eq!(paid.map(|sums| sums.paid_minor).sum::<i128>(), worth);
    }
    let channel = report
        .splits
        .iter()
        .find(|split| split.by == "channel")
        .unwrap();
    assert_eq!(channel.rows["web"].money[&currency].paid_minor, worth);
    assert_eq!(channel.rows["phone"].money[&currency].ended_minor, worth);
    assert_eq!(channel.unknown.decisions, 1);
    let wrong = &report.errors[&Code::new("wrong_table").unwrap()];
    assert_eq!(wrong.money[&currency].paid_minor, worth);
    assert_eq!(report.as_of_seq, 9);
}

#[test]
fn nothing_of_a_case_becomes_markup_or_a_formula() {
    let desk = Desk::new();
    desk.decide(
        "one",
        "2026-03-01T00:00:00Z",
        Some("</td><script>alert(1)</script>"),
    );
    desk.decide("two", "2026-03-02T00:00:00Z", Some("=HYPERLINK(\"x\"),1"));
    let report = PeriodReport::read(&desk.ledger, &asked("2026-03")).unwrap();
    let page = report.page(Lang::Zh);
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    for forbidden in ["http:", "https:", "fetch(", "src=", "@import", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let csv = report.csv();
    assert!(
        csv.contains("channel,\"'=HYPERLINK(\"\"x\"\"),1\",1,EUR,"),
        "{csv}"
    );
    let width = csv.lines().next().unwrap().split(',').count();
    let plain = csv.lines().filter(|line| !line.contains('"'));
    assert!(plain.clone().count() > 5);
    plain.for_each(|line| assert_eq!(line.split(',').count(), width, "{line}"));
}
