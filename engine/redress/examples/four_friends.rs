//! Four friends: one of five is paid 200 for nothing, and the others want the same.

use redress::ledger::command::{Gives, MarkError, Override};
use redress::ledger::rows::Ground;
use redress::ledger::{Command, Ledger as _, Memory, Request, RequestKey, Seed};
use redress::{Actor, Assurance, Code, Engine, EngineLimits, Money, Release, Timestamp};
use redress_model::{ActorId, Digest};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../policies/travel/goodwill/1.1.0"
    );
    let release = Engine::new(EngineLimits::STANDARD).load(folder.as_ref())?;
    let mut desk = Desk {
        release,
        ledger: Memory::new(),
        requests: 0,
    };
    let friends = ["Ann", "Ben", "Cai", "Dan"];

    println!("Five friends on one booking complain about their hotel.");
    for friend in friends {
        desk.decide(friend, "100.00", "received", None)?;
    }
    println!("\nLi lost nothing. An agent, afraid of a bad review, offers him 200 in cash.");
    let (li, found) = desk.decide("Li", "0.00", "facts_recorded", Some("200.00"))?;
    println!("  Li: {found}");
    let paid = desk.pay_all_the_same(li)?;
    desk.mark_error(paid)?;
    println!("  A supervisor pays it all the same, as a departure; an auditor finds the error.");

    println!("\nThe other four lost 100.00 each, quote Li and want 200 as well.");
    for friend in friends {
        let (_, found) = desk.decide(friend, "100.00", "facts_recorded", None)?;
        println!("  {friend}: {found}");
    }
    let (_, found) = desk.decide("Eve", "100.00", "facts_recorded", Some("200.00"))?;
    println!("\nAn agent offers 200 to a fifth one who lost 100.00:\n  Eve: {found}");
    Ok(())
}

/// A complaints desk with its ledger in memory.
struct Desk {
    release: Release,
    ledger: Memory,
    requests: u32,
}

impl Desk {
    fn next(&mut self) -> Result<(RequestKey, Timestamp), Error> {
        self.requests += 1;
        let key = RequestKey::new(&format!("r-{}", self.requests)).ok_or("a key")?;
        let start: Timestamp = "2026-12-06T08:00:00Z".parse()?;
        let at = start.plus_seconds(60 * i64::from(self.requests));
        Ok((key, at.ok_or("a time")?))
    }

    /// Decides a case, and tells the outcome, the sum, the reasons and the exposure.
    fn decide(
        &mut self,
        who: &str,
        loss: &str,
        stage: &str,
        offer: Option<&str>,
    ) -> Result<(u64, String), Error> {
        let case = self
            .release
            .admit(case(who, loss, stage, offer).as_bytes())?;
        let (key, at) = self.next()?;
        let matter = self.release.matter(case);
        let agent = actor("agent-1", "agent")?;
        let seed = seed(&key);
        let answered = self
            .release
            .record(&self.ledger, key, matter, &agent, at, seed)??;
        let record = self.ledger.records(answered.answer.seq - 1, 1)?;
        let record = record.first().ok_or("a record")?;
        let body: serde_json::Value = serde_json::from_slice(&record.line)?;
        let decision = body.pointer("/body/decision").ok_or("a decision")?;
        let text = |value: &serde_json::Value, name: &str| {
            let member = value.get(name).and_then(serde_json::Value::as_str);
            member.unwrap_or_default().to_owned()
        };
        let list = |name: &str| {
            let members = decision.get(name).and_then(serde_json::Value::as_array);
            members.into_iter().flatten()
        };
        let mut sums: Vec<String> = Vec::new();
        for remedy in list("remedies") {
            sums.push(format!(
                "{} {}",
                text(remedy, "kind"),
                text(remedy, "worth")
            ));
        }
        let reasons = list("reasons");
        let reasons: Vec<String> = reasons.map(|reason| text(reason, "code")).collect();
        let mut told = text(decision, "outcome");
        if !sums.is_empty() {
            told = format!("{told} {}", sums.join(", "));
        }
        told = format!("{told} ({})", reasons.join(", "));
        if let Some(exposure) = decision.pointer("/fairness/exposure") {
            let (cases, each) = (text(exposure, "cases"), text(exposure, "each"));
            let total = text(exposure, "total");
            told = format!("{told}\n      exposure: {cases} x {each} = {total}");
        }
        Ok((answered.answer.decision.ok_or("a decision")?, told))
    }

    fn pay_all_the_same(&mut self, decision: u64) -> Result<u64, Error> {
        let case = case("Li", "0.00", "facts_recorded", Some("200.00"));
        let matter = self.release.matter(self.release.admit(case.as_bytes())?);
        let gives = Gives {
            kind: Code::new("cash")?,
            head: Code::new("goodwill")?,
            ground: Ground::Goodwill,
            claim: None,
            worth: "200.00 CNY".parse::<Money>()?,
        };
        let departure = Override {
            decision,
            matter,
            by: actor("agent-1", "agent")?,
            approver: actor("lead-1", "supervisor")?,
            gives,
            reason: Some(Code::new("hardship")?),
            evidence: Some(Digest::of(b"a letter")),
        };
        self.run(Command::Override(Box::new(departure)))
    }

    fn mark_error(&mut self, decision: u64) -> Result<u64, Error> {
        self.run(Command::MarkError(MarkError {
            decision,
            by: ActorId::new("auditor-1")?,
            rule: Code::new("no_loss_no_cash")?,
        }))
    }

    fn run(&mut self, command: Command) -> Result<u64, Error> {
        let (key, at) = self.next()?;
        let seed = seed(&key);
        let mut replies = self.ledger.apply(&[Request { key, command, seed }], at)?;
        let answered = replies.pop().ok_or("a reply")??;
        Ok(answered.answer.decision.ok_or("a decision")?)
    }
}

fn actor(id: &str, role: &str) -> Result<Actor, Error> {
    Ok(Actor {
        id: ActorId::new(id)?,
        role: Code::new(role)?,
        assurance: Assurance::Authenticated,
    })
}

fn case(who: &str, loss: &str, stage: &str, offer: Option<&str>) -> String {
    let offer = offer.map(|sum| format!(r#""offer": {{"amount": "{sum} CNY"}}, "#));
    format!(
        r#"{{"id": "{who}", "incident_date": "2026-12-05", "event": "order-{who}",
            "claimant": {{"id": "{who}"}}, "stage": "{stage}", {}
            "links": [{{"kind": "booking", "id": "party-77"}}],
            "facts": {{"scene": "hotel", "matter": "quality", "cause": "supplier",
                       "harm": "inconvenience", "loss": "{loss} CNY",
                       "evidence": "complete", "evidence_days": 1}}}}"#,
        offer.unwrap_or_default()
    )
}

/// A host takes fresh random bytes; a story is told the same every time.
fn seed(key: &RequestKey) -> Seed {
    Seed::new(*Digest::of(key.as_str().as_bytes()).bytes())
}
