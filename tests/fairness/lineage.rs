//! Lineage: which sums of an earlier version are compared, with what factor, and which never.

use std::fs;
use std::sync::Arc;

use redress::{Engine, EngineLimits, Release, Standing};
use redress_model::likeness::SiblingClass;
use redress_model::{Currency, Money};
use serde_json::{Value, json};

use super::desk::{Desk, actor, complaint, goodwill, on_booking, outcome, policies, reasons};
use super::fronts::copy;

/// `travel/goodwill` 1.2.0, which gives what 1.1.0 gave, with this lineage.
fn next(lineage: &str) -> &'static Release {
    let folder = tempfile::tempdir().unwrap();
    for version in ["1.0.0", "1.1.0"] {
        let from = policies().join("travel/goodwill").join(version);
        copy(&from, &folder.path().join("goodwill").join(version));
    }
    let to = folder.path().join("goodwill/1.2.0");
    copy(&policies().join("travel/goodwill/1.1.0"), &to);
    let file = to.join("release.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    for (from, to) in [
        ("version = \"1.1.0\"", "version = \"1.2.0\""),
        (
            "effective_from = \"2026-12-01\"",
            "effective_from = \"2026-12-05\"",
        ),
        ("supersedes = \"1.0.0\"", "supersedes = \"1.1.0\""),
        ("\"same:1.0.0\"", &format!("\"{lineage}\"")),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    fs::write(&file, text).unwrap();
    let engine = Engine::new(EngineLimits::STANDARD);
    let policy = engine.load_policy(&folder.path().join("goodwill")).unwrap();
    let newest = policy.releases().last().unwrap().clone();
    Box::leak(Box::new(newest))
}

/// A desk on which 1.1.0 gave 90.00 on a booking of two, and which now goes by 1.2.0.
fn handed_over(lineage: &str) -> Desk {
    let mut desk = Desk::of(goodwill());
    let old = on_booking(complaint("old", "300.00"), "party");
    assert_eq!(outcome(&desk.decide(&old).1), "grant 90.00");
    desk.under(next(lineage));
    desk
}

fn new() -> Value {
    on_booking(complaint("new", "300.00"), "party")
}

#[track_caller]
fn check(lineage: &str, norm: Option<&str>, sum: &str) -> Value {
    let mut desk = handed_over(lineage);
    let likeness = desk.standing(&new()).fairness.unwrap();
    let found = likeness.most.as_ref().map(|most| most.norm.to_string());
    assert_eq!(found.as_deref(), norm, "{lineage}");
    assert_eq!(likeness.precedents, u64::from(norm.is_some()));
    let [sibling] = &likeness.siblings[..] else {
        panic!("{:?}", likeness.siblings)
    };
    let same = sibling.class == SiblingClass::Same;
    assert_eq!(same, norm.is_some(), "{lineage}");
    let (_, decision) = desk.decide(&new());
    assert_eq!(outcome(&decision), sum, "{lineage}: {decision:#}");
    decision
}

#[test]
fn a_lineage_that_is_the_same_compares_sums_as_they_are() {
    let decision = check("same:1.1.0", Some("90.00 CNY"), "grant 90.00");
    assert_eq!(decision["fairness"]["notes"], json!([]));
    assert_eq!(decision["fairness"]["breaches"], json!([]));
}

#[test]
fn a_scaled_lineage_compares_sums_times_its_factor() {
    // 90.00 then is 93.60 now, and 88.92 the least that its tolerance allows.
    let within = check("scaled:1.1.0:1.04", Some("93.60 CNY"), "grant 90.00");
    assert_eq!(within["fairness"]["breaches"], json!([]));
    // 90.00 then is 180.00 now: who gives 90.00 now gives half.
    let half = check("scaled:1.1.0:2", Some("180.00 CNY"), "escalate 90.00");
    assert!(reasons(&half).contains(&"precedent_pays_more"), "{half:#}");
    let breach = &half["fairness"]["breaches"][0];
    assert_eq!(breach["version"], "1.1.0");
    assert_eq!(breach["norm"], "180.00 CNY");
    assert_eq!(breach["difference"], "-90.00 CNY");
}

/// A milder case than its sibling is held to the rate and not to the sum: no precedent is at
/// most as bad, so that only the link asks for more.
#[test]
fn a_linked_case_of_the_version_before_has_the_same_rate() {
    // 90.00 on a loss of 300.00 then is 180.00 now: 120.00 on a loss of 200.00.
    let mut desk = handed_over("scaled:1.1.0:2");
    let milder = |id: &str| complaint(id, "200.00");
    let (_, linked) = desk.decide(&on_booking(milder("linked"), "party"));
    assert_eq!(outcome(&linked), "escalate 60.00", "{linked:#}");
    assert_eq!(reasons(&linked)[0], "linked_rate_differs");
    let breaches = linked["fairness"]["breaches"].as_array().unwrap();
    assert_eq!(breaches.len(), 1, "{linked:#}");
    assert_eq!(breaches[0]["rule"], "linked_parity");
    assert_eq!(breaches[0]["norm"], "120.00 CNY");
    assert_eq!(breaches[0]["difference"], "-60.00 CNY");
    let (_, alone) = desk.decide(&milder("alone"));
    assert_eq!(outcome(&alone), "grant 60.00", "{alone:#}");
}

#[test]
fn without_a_lineage_no_sum_of_another_version_is_compared() {
    let decision = check("reset", None, "grant 90.00");
    assert_eq!(decision["fairness"]["notes"], json!(["seed"]));
    // A lineage to another version than the one that decided compares nothing either.
    let decision = check("same:1.0.0", None, "grant 90.00");
    assert_eq!(decision["fairness"]["notes"], json!(["seed"]));
}

/// No rate leads from one currency to another, whatever a lineage says.
#[test]
fn sums_in_another_currency_are_not_compared_and_it_is_said() {
    for lineage in ["same:1.1.0", "scaled:1.1.0:2"] {
        let desk = handed_over(lineage);
        let mut matter = desk.matter(&new());
        let mut guardrails = (*matter.guardrails).clone();
        let fairness = guardrails.fairness.as_mut().unwrap();
        fairness.tolerance.at_least = Money::new(100, Currency::new("EUR").unwrap());
        matter.guardrails = Arc::new(guardrails);
        let standing = desk.standing_of(&matter);
        let likeness = standing.fairness.as_deref().unwrap();
        assert_eq!((&likeness.most, &likeness.least), (&None, &None));
        assert_eq!((likeness.precedents, likeness.not_compared), (0, 1));
        assert_eq!(likeness.siblings[0].class, SiblingClass::Other);
        assert_eq!(likeness.siblings[0].precedent.norm.to_string(), "90.00 CNY");
        assert_eq!(notes(&standing), ["not_compared", "seed"], "{lineage}");
    }
}

/// What a decision on this standing says of what was compared.
fn notes(standing: &Standing) -> Vec<String> {
    let release = next("same:1.1.0");
    let case = release.admit(&serde_json::to_vec(&new()).unwrap()).unwrap();
    let now = "2026-12-06T08:00:00Z".parse().unwrap();
    let by = actor("agent-1", "agent");
    let decided = release.decide(&case, &by, standing, now);
    let findings = decided.decision.findings().unwrap();
    findings.notes.iter().map(ToString::to_string).collect()
}
