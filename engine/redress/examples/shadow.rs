//! A candidate decides beside the release in force: on record, and acted on by nobody.

use redress::ledger::{Ledger as _, Memory, RequestKey, Seed};
use redress::shadow::Ask;
use redress::{Actor, Engine, EngineLimits, Shadow, Timestamp};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::new(EngineLimits::STANDARD);
    let load = |version: &str| {
        let folder = format!(
            "{}/../../policies/travel/goodwill/{version}",
            env!("CARGO_MANIFEST_DIR")
        );
        engine.load(folder.as_ref())
    };
    let (active, shadow) = (load("1.0.0")?, Shadow::new(&load("1.1.0")?));
    let ledger = Memory::new();
    let actor: Actor = serde_json::from_str(
        r#"{"id": "agent-1", "role": "agent", "assurance": "authenticated"}"#,
    )?;
    let at: Timestamp = "2026-09-02T09:00:00+08:00".parse()?;
    for (number, loss) in ["100.00", "0.00"].into_iter().enumerate() {
        let case = format!(
            r#"{{"id": "c-{number}", "incident_date": "2026-09-01", "event": "e-{number}",
                "claimant": {{"id": "p-{number}", "locale": "en"}}, "stage": "facts_recorded",
                "facts": {{"scene": "hotel", "matter": "quality", "cause": "supplier",
                          "harm": "inconvenience", "loss": "{loss} CNY",
                          "evidence": "complete", "evidence_days": 1}}}}"#
        );
        let observed = shadow.record(
            &active,
            &ledger,
            Ask {
                key: RequestKey::new(&format!("request-{number}")).ok_or("a key")?,
                case: case.as_bytes(),
                matter: active.matter(active.admit(case.as_bytes())?),
                actor: &actor,
                at,
                seed: Seed::new([u8::try_from(number)?; 32]),
            },
        )?;
        let answer = observed.reply?.answer;
        println!(
            "decision {}: {} is in force and says {}, {} would say {} (record {})",
            answer.seq,
            active.id().version,
            answer.did,
            shadow.id().version,
            observed.seen.name(),
            observed.noted?
        );
    }
    // What the candidate would give counts against no limit and waits for nobody.
    assert_eq!(ledger.records(0, 10)?.len(), 4);
    Ok(())
}
