//! The flip replay sees what it is there to see: engines that pay by who asks or who answers.

use std::path::Path;
use std::sync::LazyLock;

use redress::ledger::{DecisionLog as _, Memory, RequestKey, Seed};
use redress::{Assurance, Case, Code, Decision, Engine, EngineLimits, Release, Standing};
use redress_log::Record;
use redress_log::seal::Openings;
use redress_model::{Actor, ActorId, Offer, Timestamp, Value};

use super::flips::{Decide, Flips};
use super::*;

fn release() -> &'static Release {
    static RELEASE: LazyLock<Release> = LazyLock::new(|| {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/travel/goodwill/1.1.0");
        Engine::new(EngineLimits::STANDARD).load(&folder).unwrap()
    });
    &RELEASE
}

/// A complaint that gets 90.00, decided on the record, with its number.
fn recorded() -> (u64, Record, Openings) {
    let case = br#"{
        "id": "li", "incident_date": "2026-12-05", "event": "order-li",
        "claimant": { "id": "p-1" }, "stage": "facts_recorded",
        "facts": {
            "scene": "hotel", "matter": "quality", "cause": "supplier", "harm": "inconvenience",
            "loss": "300.00 CNY", "evidence": "complete", "evidence_days": 1,
            "tone": "calm", "agent_rating_at_stake": false, "religion": "m"
        }
    }"#;
    let ledger = Memory::new();
    let matter = release().matter(release().admit(case).unwrap());
    let agent = Actor {
        id: ActorId::new("agent-1").unwrap(),
        role: Code::new("agent").unwrap(),
        assurance: Assurance::Authenticated,
    };
    let at: Timestamp = "2026-12-06T08:00:00Z".parse().unwrap();
    let key = RequestKey::new("r-1").unwrap();
    let seed = Seed::new([7; 32]);
    let reply = release().record(&ledger, key, matter, &agent, at, seed);
    let decision = reply.unwrap().unwrap().answer.decision.unwrap();
    let line = ledger.line(decision).unwrap().unwrap();
    let openings = ledger.openings(decision).unwrap();
    (decision, Record::parse(&line.line).unwrap(), openings)
}

fn replayed(decide: Option<Decide>) -> (u64, Figure) {
    let (decision, record, openings) = recorded();
    let mut flips = match decide {
        Some(decide) => Flips::by([release()], decide),
        None => Flips::new([release()]),
    };
    flips.flip(decision, &record, &openings);
    (decision, flips.figure())
}

/// An engine that lets an agent offer 4 more, within the corridor, where something holds.
fn generous(
    holds: bool,
    (release, case): (&Release, &Case),
    (actor, standing, as_of): (&Actor, &Standing, Timestamp),
) -> Decision {
    let mut case = case.clone();
    if holds {
        let amount = "94.00 CNY".parse().unwrap();
        case.envelope.offer = Some(Offer { amount });
    }
    release.decide(&case, actor, standing, as_of).decision
}

fn has(release: &Release, case: &Case, fact: &str, value: &Value) -> bool {
    case.facts.get(release.schema().slot(fact).unwrap()) == Some(value)
}

#[test]
fn no_flip_moves_an_amount_of_the_engine_itself() {
    let (_, figure) = replayed(None);
    assert_eq!((figure.value, &figure.cases[..]), (Some(0.0), &[][..]));
    let tried: Vec<(&str, usize)> = figure
        .lines
        .iter()
        .map(|line| (line.label.as_str(), line.of))
        .collect();
    for all in [
        ("agent_rating_at_stake", 2),
        ("channel", 5),
        ("follower_count", 2),
        ("religion", 2),
        ("tone", 4),
        ("who decides", 1),
    ] {
        assert!(tried.contains(&all), "{all:?} is not in {tried:?}");
    }
    let of: usize = tried.iter().map(|(_, of)| of).sum();
    assert_eq!(figure.of, of);
}

#[test]
fn an_engine_that_pays_by_who_asks_or_answers_is_found_with_the_fact_and_the_decision() {
    let loud: Decide = |release, case, actor, standing, as_of| {
        let holds = has(release, case, "tone", &Value::Enum(3));
        generous(holds, (release, case), (actor, standing, as_of))
    };
    let afraid: Decide = |release, case, actor, standing, as_of| {
        let holds = has(release, case, "agent_rating_at_stake", &Value::Bool(true));
        generous(holds, (release, case), (actor, standing, as_of))
    };
    let faithful: Decide = |release, case, actor, standing, as_of| {
        let holds = has(release, case, "religion", &Value::Text("z".into()));
        generous(holds, (release, case), (actor, standing, as_of))
    };
    let friend: Decide = |release, case, actor, standing, as_of| {
        let holds = actor.id.as_str() != "agent-1";
        generous(holds, (release, case), (actor, standing, as_of))
    };
    for (decide, fact) in [
        (loud, "tone"),
        (afraid, "agent_rating_at_stake"),
        (faithful, "religion"),
        (friend, "who decides"),
    ] {
        let (decision, figure) = replayed(Some(decide));
        assert_eq!(figure.value, Some(1.0), "{fact}");
        assert_eq!(figure.cases, [decision], "{fact}");
        let moved = figure.lines.iter().filter(|line| line.value > 0.0);
        let moved: Vec<&str> = moved.map(|line| line.label.as_str()).collect();
        assert_eq!(moved, [fact]);
    }
}

#[test]
fn what_cannot_be_made_again_is_left_out_and_no_zero_is_claimed() {
    let (decision, record, openings) = recorded();
    let mut unknown = Flips::new([]);
    unknown.flip(decision, &record, &openings);
    let mut erased = Flips::new([release()]);
    erased.flip(decision, &record, &Openings::default());
    for flips in [unknown, erased] {
        let figure = flips.figure();
        assert_eq!((figure.value, figure.of), (None, 0));
    }
}
