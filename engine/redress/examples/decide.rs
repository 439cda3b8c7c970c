//! One voucher of CNY 1,000 that the customer wants in cash, decided three times.

use redress::{Actor, Currency, Engine, EngineLimits, Outcome, Standing, Timestamp};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../policies/travel/goodwill"
    );
    let policy = Engine::new(EngineLimits::STANDARD).load_policy(folder.as_ref())?;
    let case = |offer: &str| {
        format!(
            r#"{{"id": "c-1", "incident_date": "2026-09-01", "event": "e-1",
                "claimant": {{"id": "p-1", "locale": "zh-CN"}}, "stage": "facts_recorded",
                "offer": {{"amount": "{offer}"}},
                "facts": {{"matter": "voucher_to_cash", "scene": "voucher", "cause": "company",
                          "conversion_ground": "limited_use", "voucher_value": "1000.00 CNY",
                          "loss": "1000.00 CNY"}}}}"#
        )
    };
    let actor = |role: &str| -> Result<Actor, Box<dyn std::error::Error>> {
        let json = format!(r#"{{"id": "a-1", "role": "{role}", "assurance": "authenticated"}}"#);
        Ok(serde_json::from_str(&json)?)
    };
    let yuan = Currency::new("CNY")?;
    let as_of: Timestamp = "2026-09-02T09:00:00+08:00".parse()?;
    let standing = Standing::fresh();

    // A supervisor offers 700, within level 2 (60 to 80 percent): granted.
    let (release, admitted) = policy.admit(case("700.00 CNY").as_bytes())?;
    let decision = release
        .decide(&admitted, &actor("supervisor")?, &standing, as_of)
        .decision;
    assert_eq!(decision.outcome(), Outcome::Grant);
    assert_eq!(decision.total(yuan)?.to_string(), "700.00 CNY");

    // 900 is brought back to 800, with the change on record.
    let (release, admitted) = policy.admit(case("900.00 CNY").as_bytes())?;
    let decision = release
        .decide(&admitted, &actor("supervisor")?, &standing, as_of)
        .decision;
    assert_eq!(decision.total(yuan)?.to_string(), "800.00 CNY");
    assert_eq!(decision.adjustments().len(), 1);

    // An agent may give 200: the same 800 goes to the lowest role that covers it.
    let decision = release
        .decide(&admitted, &actor("agent")?, &standing, as_of)
        .decision;
    assert_eq!(decision.outcome(), Outcome::Escalate);
    assert_eq!(decision.total(yuan)?.to_string(), "800.00 CNY");
    assert!(decision.authority().required.is_some() && decision.deadline().is_some());
    Ok(())
}
