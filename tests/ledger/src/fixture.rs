//! One release with one of every limit, and short ways to write commands about it.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use redress_kernel::{Guardrails, ReleaseId};
use redress_ledger::command::{
    Approval, Clock, Decide, Gives, Override, Promise, Settle, Sweep, Void,
};
use redress_ledger::rows::Ground;
use redress_ledger::{Command, Ledger, Matter, RecordSchema, Reply, Request, RequestKey, Seed};
use redress_model::admit::AdmitLimits;
use redress_model::{
    Actor, ActorId, Amount, Assurance, Basis, Case, Code, Currency, Digest, Money, Proposal,
    Reason, Remedy, Rounding, Route, Schema, Timestamp, Verdict, Warnings,
};

const SCHEMA: &str = r#"{"type":"object","properties":{
  "scene":{"type":"string","enum":["flight","hotel"],"x-class":"gate"},
  "loss":{"type":"string","format":"money","x-class":"merit","x-direction":"higher_is_worse"},
  "severity":{"type":"string","enum":["low","high"],"x-class":"route"}
}}"#;

/// The schema of the trials.
#[must_use]
pub fn schema() -> &'static Schema {
    static SCHEMA_OF_TRIALS: LazyLock<Schema> =
        LazyLock::new(|| Schema::compile(SCHEMA.as_bytes()).unwrap());
    &SCHEMA_OF_TRIALS
}

/// What of the trials' cases is personal.
#[must_use]
pub fn record_schema() -> Arc<RecordSchema> {
    static RECORDS: LazyLock<Arc<RecordSchema>> =
        LazyLock::new(|| Arc::new(RecordSchema::new(Arc::new(schema().clone()))));
    Arc::clone(&RECORDS)
}

/// A request whose random bytes come of its key, so that a history is the same every time.
#[must_use]
pub fn request(key: RequestKey, command: Command) -> Request {
    let seed = Digest::of(key.as_str().as_bytes());
    Request {
        key,
        command,
        seed: Seed::new(*seed.bytes()),
    }
}

/// The limits of the trials, as `src/guardrails.toml` has them.
#[must_use]
pub fn guardrails() -> Arc<Guardrails> {
    static GUARDRAILS: LazyLock<Arc<Guardrails>> =
        LazyLock::new(|| Arc::new(read(include_str!("guardrails.toml"))));
    Arc::clone(&GUARDRAILS)
}

/// Reads limits for the trials' schema; their digest is that of the text.
#[must_use]
pub fn read(text: &str) -> Guardrails {
    let release = ReleaseId {
        name: "trials/all".into(),
        version: "1.0.0".into(),
        digest: Digest::of(text.as_bytes()),
    };
    let file = Path::new("guardrails.toml");
    redress_release::guardrails::parse(file, text, schema(), release, Rounding::HalfUp).unwrap()
}

/// A code.
#[must_use]
pub fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

/// So many cents.
#[must_use]
pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::new("EUR").unwrap())
}

/// A moment.
#[must_use]
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The moment at which trials begin.
#[must_use]
pub fn start() -> Timestamp {
    at("2026-03-02T09:00:00Z")
}

/// So many days and seconds after [`start`].
#[must_use]
pub fn after(days: i64, seconds: i64) -> Timestamp {
    start().plus_seconds(days * 86_400 + seconds).unwrap()
}

/// Somebody whom the host vouches for.
#[must_use]
pub fn actor(id: &str, role: &str) -> Actor {
    Actor {
        id: ActorId::new(id).unwrap(),
        role: code(role),
        assurance: Assurance::Authenticated,
    }
}

/// A key.
#[must_use]
pub fn key(text: &str) -> RequestKey {
    RequestKey::new(text).unwrap()
}

/// A case with a loss of 400.00 EUR in a flight.
#[must_use]
pub fn case(id: &str, event: &str, claimant: &str) -> Case {
    case_with(
        id,
        event,
        claimant,
        &[],
        r#""scene":"flight","loss":"400.00 EUR""#,
    )
}

/// A case with links of the kind `payer` and these facts.
#[must_use]
pub fn case_with(id: &str, event: &str, claimant: &str, payers: &[&str], facts: &str) -> Case {
    let links: Vec<String> = payers
        .iter()
        .map(|payer| format!(r#"{{"kind":"payer","id":"{payer}"}}"#))
        .collect();
    let text = format!(
        r#"{{"id":"{id}","incident_date":"2026-03-01","event":"{event}",
            "claimant":{{"id":"{claimant}"}},"stage":"facts_recorded",
            "links":[{}],"facts":{{{facts}}}}}"#,
        links.join(",")
    );
    Case::admit(text.as_bytes(), schema(), AdmitLimits::STANDARD).unwrap()
}

/// A matter of the trials' release, for the team `blue`.
#[must_use]
pub fn matter(case: Case) -> Matter {
    Matter {
        case: Arc::new(case),
        guardrails: guardrails(),
        team: Some(code("blue")),
        campaign: None,
        arm: None,
        schema: record_schema(),
    }
}

/// A remedy in cash.
#[must_use]
pub fn remedy(basis: Basis, minor: i64, reason: &str) -> Remedy {
    Remedy {
        kind: code("cash"),
        amount: Amount::Money(eur(minor)),
        basis,
        reasons: vec![Reason::bare(code(reason))],
    }
}

/// A proposal to grant.
#[must_use]
pub fn grants(remedies: Vec<Remedy>) -> Proposal {
    Proposal {
        verdict: Verdict::Grant(remedies),
        tier: None,
        route: Route::default(),
    }
}

/// A proposal of goodwill.
#[must_use]
pub fn goodwill(minor: i64) -> Proposal {
    grants(vec![remedy(Basis::Goodwill, minor, "sorry")])
}

/// A proposal of a lawful refund.
#[must_use]
pub fn refund(minor: i64) -> Proposal {
    grants(vec![remedy(
        Basis::Statutory(code("refund_law")),
        minor,
        "owed",
    )])
}

/// `decide`.
#[must_use]
pub fn decide(matter: &Matter, proposal: Proposal, actor: Actor) -> Command {
    Command::Decide(Box::new(Decide {
        matter: matter.clone(),
        proposal: Ok(proposal),
        warnings: Warnings::default(),
        actor,
    }))
}

/// `approve`.
#[must_use]
pub fn approve(escalation: u64, by: Actor, matter: &Matter, proposal: Proposal) -> Command {
    Command::Approve(Box::new(approval(escalation, by, matter, proposal)))
}

/// `sign`.
#[must_use]
pub fn sign(escalation: u64, by: Actor, matter: &Matter, proposal: Proposal) -> Command {
    Command::Sign(Box::new(approval(escalation, by, matter, proposal)))
}

fn approval(escalation: u64, by: Actor, matter: &Matter, proposal: Proposal) -> Approval {
    Approval {
        escalation,
        by,
        matter: matter.clone(),
        proposal: Ok(proposal),
        warnings: Warnings::default(),
    }
}

/// `refuse`.
#[must_use]
pub fn refuse(escalation: u64, by: Actor) -> Command {
    Command::Refuse(redress_ledger::command::Refuse {
        escalation,
        by,
        reason: code("not_founded"),
    })
}

/// `settle`.
#[must_use]
pub fn settle(entry: u64) -> Command {
    Command::Settle(Settle { entry })
}

/// `void`.
#[must_use]
pub fn void(entry: u64) -> Command {
    Command::Void(Void {
        entry,
        by: ActorId::new("ann").unwrap(),
        reason: code("mistake"),
    })
}

/// `due`.
#[must_use]
pub fn due() -> Command {
    Command::Due(Sweep { limit: 100 })
}

/// Something in cash with a head of its own, which is also the claim where there is one.
#[must_use]
pub fn gives(ground: Ground, head: &str, minor: i64) -> Gives {
    Gives {
        kind: code("cash"),
        head: code(head),
        ground,
        claim: (ground != Ground::Goodwill).then(|| code(head)),
        worth: eur(minor),
    }
}

/// `override`, as Ann asks and Sue, a supervisor, approves.
#[must_use]
pub fn depart(decision: u64, matter: &Matter, minor: i64) -> Override {
    Override {
        decision,
        matter: matter.clone(),
        by: actor("ann", "agent"),
        approver: actor("sue", "supervisor"),
        gives: gives(Ground::Goodwill, "goodwill", minor),
        reason: Some(code("life_event")),
        evidence: Some(Digest::of(b"evidence")),
    }
}

/// `promise`.
#[must_use]
pub fn promise(matter: &Matter, what: Gives, clock: Clock) -> Command {
    Command::Promise(Box::new(Promise {
        matter: matter.clone(),
        by: actor("ann", "agent"),
        gives: what,
        clock,
        owner: code("care_desk"),
    }))
}

/// Applies one command.
///
/// # Panics
/// When the store fails.
pub fn apply(ledger: &dyn Ledger, name: &str, command: Command, at: Timestamp) -> Reply {
    let request = request(key(name), command);
    let mut replies = ledger.apply(&[request], at).unwrap();
    assert_eq!(replies.len(), 1);
    replies.remove(0)
}
