mod scripts;

use std::path::{Path, PathBuf};

use redress::{Decided, Engine, EngineLimits, SandboxKind, Value};
use redress_model::admit::FactsBuilder;
use redress_model::{FactType, Money};
use redress_release::CaseFile;

use super::*;
use crate::text::plain;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn load(policy: &str) -> Release {
    let engine = Engine::new(EngineLimits::STANDARD);
    engine.load(&root().join(policy)).unwrap()
}

fn asked<'a>(release: &'a Release, file: &'a CaseFile, case: &'a Case) -> Asked<'a> {
    Asked {
        release,
        case,
        actor: &file.actor,
        standing: &file.standing,
        as_of: file.as_of,
        decisions_max: DECISIONS_MAX,
    }
}

fn case_file(release: &Release, stem: &str) -> CaseFile {
    let cases = release.source().cases().unwrap();
    let mut cases = cases.into_iter();
    cases.find(|case| case.stem == stem).unwrap()
}

/// What is answered about a case of a release with some of its facts changed.
fn answered(policy: &str, stem: &str, changed: &[(&str, &str)]) -> WhyNot {
    let release = load(policy);
    let file = case_file(&release, stem);
    let mut case = release.admit(&file.to_json()).unwrap();
    for (name, text) in changed {
        let slot = release.schema().slot(name).unwrap();
        case.facts = with(&release, &case, slot, text).unwrap();
    }
    WhyNot::of(asked(&release, &file, &case))
}

fn with(release: &Release, case: &Case, slot: Slot, text: &str) -> Option<redress::Facts> {
    let mut facts = FactsBuilder::from_facts(release.schema(), case.facts.clone());
    facts.text(slot, text);
    facts.finish().ok()
}

fn page(why_not: &WhyNot, columns: usize) -> String {
    let text = plain(&why_not.text(columns));
    for line in text.lines() {
        assert!(crate::text::width(line) <= columns, "{line}");
    }
    text
}

#[test]
fn two_minutes_short_of_three_hours() {
    let why_not = answered(
        "policies/air/eu261/1.0.0",
        "delay_180_minutes",
        &[("arrival_delay_minutes", "178")],
    );
    insta::assert_snapshot!(page(&why_not, 80));
}

#[test]
fn a_rule_that_two_branches_call_names_what_stopped_it_where_it_was_called() {
    let why_not = answered("policies/air/eu261/1.0.0", "delay_180_minutes", &[]);
    for reason in ["denied_boarding", "cancelled"] {
        let of_reason =
            |rule: &&Unfired| rule.function == "grounded" && rule.reason.as_deref() == Some(reason);
        let rule = why_not.rules.iter().find(of_reason).unwrap();
        let Stopped::Condition {
            condition, fact, ..
        } = &rule.stopped
        else {
            panic!("{rule:?}");
        };
        let fact = fact.as_ref().unwrap();
        let of_fact = (fact.name.as_str(), fact.value.as_deref());
        assert_eq!(condition, "facts.event", "{rule:?}");
        assert_eq!(of_fact, ("event", Some("arrival")), "{rule:?}");
    }
}

#[test]
fn goodwill_that_a_cause_outside_the_order_stopped() {
    let why_not = answered("policies/travel/goodwill/1.1.0", "third-party", &[]);
    insta::assert_snapshot!(page(&why_not, 80));
}

#[test]
fn goodwill_without_a_loss() {
    let changes = [("loss", "0.00 CNY")];
    let policy = "policies/travel/goodwill/1.1.0";
    let why_not = answered(policy, "level-weather-inconvenience", &changes);
    insta::assert_snapshot!(page(&why_not, 60));
}

#[test]
fn an_appointment_cancelled_a_minute_too_early() {
    let policy = "policies/telecom/ofcom-automatic-compensation/1.0.0";
    let why_not = answered(policy, "cancelled_1440_minutes", &[]);
    insta::assert_snapshot!(page(&why_not, 80));
}

#[test]
fn a_fact_that_nobody_knows() {
    let policy = "policies/telecom/ofcom-automatic-compensation/1.0.0";
    let why_not = answered(policy, "hold_notice", &[]);
    insta::assert_snapshot!(page(&why_not, 40));
}

#[test]
fn every_shipped_case_is_followed_to_what_its_policy_proposes() {
    let engine = Engine::new(EngineLimits::STANDARD);
    let mut followed_cases = 0;
    for release in shipped(&engine) {
        let check = ScriptCheck::of(release.source(), release.budget());
        let Some(program) = check.as_ref().and_then(|check| check.program.as_ref()) else {
            continue;
        };
        let check = check.as_ref().unwrap();
        let rules = Rules::of(program, &check.lines, release.source().messages());
        let script = Script {
            program,
            schema: release.schema(),
            tables: release.source().tables(),
            rounding: release.source().manifest().rounding,
            rules: &rules,
        };
        for file in release.source().cases().unwrap() {
            let Ok(case) = release.admit(&file.to_json()) else {
                continue;
            };
            let followed = follow(script, &case.facts, None);
            let warnings = &file.standing.warnings;
            let (proposed, reached) = release.reached(&case, warnings).unwrap();
            assert!(
                followed.is(proposed.as_ref().ok()),
                "{} {}: {:?} and not {proposed:?}",
                release.id().name,
                file.stem,
                followed.end
            );
            assert!(
                followed.took(&reached, program),
                "{} {}: {reached:?} and not {followed:?}",
                release.id().name,
                file.stem,
            );
            followed_cases += 1;
        }
    }
    assert!(followed_cases > 300, "{followed_cases}");
}

fn shipped(engine: &Engine) -> Vec<Release> {
    let mut releases = Vec::new();
    for domain in folders(&root().join("policies")) {
        for policy in folders(&domain) {
            for version in folders(&policy) {
                if version.join("release.toml").exists() {
                    releases.push(engine.load(&version).unwrap());
                }
            }
        }
    }
    assert!(releases.len() > 10);
    releases
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn said(decided: &Decided) -> search::Said {
    search::Said::of(decided)
}

/// Decides a case with a change, in a sandbox of its own.
fn decided_with(asked: Asked<'_>, change: &Change, sandbox: SandboxKind) -> Option<Decided> {
    let release = asked.release.with_sandbox(sandbox)?;
    let mut case = asked.case.clone();
    for fact in &change.facts {
        let slot = release.schema().slot(&fact.name).unwrap();
        case.facts = with(&release, &case, slot, &fact.to).unwrap();
    }
    Some(release.decide(&case, asked.actor, asked.standing, asked.as_of))
}

#[test]
fn every_change_that_is_told_flips_the_decision_in_both_engines() {
    let engine = Engine::new(EngineLimits::STANDARD);
    let mut told = 0;
    for release in shipped(&engine) {
        // Each release has up to hundreds of cases; a share of them keeps the test short.
        for file in release.source().cases().unwrap().iter().step_by(29) {
            let Ok(case) = release.admit(&file.to_json()) else {
                continue;
            };
            let asked = asked(&release, file, &case);
            let base = release.decide(&case, asked.actor, asked.standing, asked.as_of);
            let why_not = WhyNot::of(asked);
            for change in &why_not.changes {
                for sandbox in [SandboxKind::Compiled, SandboxKind::Rhai] {
                    let Some(decided) = decided_with(asked, change, sandbox) else {
                        continue;
                    };
                    assert_ne!(said(&decided), said(&base), "{} {change:?}", file.stem);
                    assert_eq!(decided.decision.outcome(), change.would.outcome);
                    assert_eq!(decided.decision.remedies(), change.would.remedies);
                    assert_eq!(decided.execution.fault, None);
                }
                told += 1;
            }
        }
    }
    assert!(told > 60, "{told}");
}

/// The nearest values at which one fact flips the outcome, by trying every one.
fn by_brute_force(asked: Asked<'_>, slot: Slot, own: i64, reach: i64) -> [Option<i64>; 2] {
    let release = asked.release;
    let base = release.decide(asked.case, asked.actor, asked.standing, asked.as_of);
    let flips = |place: i64| {
        let own = asked.case.facts.get(slot);
        let text = match own {
            Some(Value::Money(money)) => Money::new(place, money.currency()).to_string(),
            _ => place.to_string(),
        };
        let Some(facts) = with(release, asked.case, slot, &text) else {
            return false;
        };
        let case = Case {
            envelope: asked.case.envelope.clone(),
            facts,
        };
        let decided = release.decide(&case, asked.actor, asked.standing, asked.as_of);
        decided.execution.fault.is_none() && said(&decided) != said(&base)
    };
    [
        (own + 1..=own + reach).find(|place| flips(*place)),
        (own - reach..own).rev().find(|place| flips(*place)),
    ]
}

#[test]
fn nothing_nearer_in_the_same_fact_flips() {
    const REACH: i64 = 200;
    let engine = Engine::new(EngineLimits::STANDARD);
    let mut compared = 0;
    for release in shipped(&engine) {
        let schema = release.schema();
        for file in release.source().cases().unwrap().iter().step_by(61) {
            let Ok(case) = release.admit(&file.to_json()) else {
                continue;
            };
            let asked = asked(&release, file, &case);
            let why_not = WhyNot::of(asked);
            if !why_not.search.complete {
                continue;
            }
            for (slot, fact) in schema.slots() {
                let own = match case.facts.get(slot) {
                    Some(Value::Int(number)) => *number,
                    Some(Value::Money(money)) => money.minor(),
                    _ => continue,
                };
                if !fact.class.seen_by_remedy() {
                    continue;
                }
                let told: Vec<i64> = why_not
                    .changes
                    .iter()
                    .filter(|change| change.facts.len() == 1)
                    .flat_map(|change| &change.facts)
                    .filter(|change| fact.name == change.name)
                    .map(|change| match &fact.ty {
                        FactType::Int { .. } => change.to.parse().unwrap(),
                        _ => change.to.parse::<Money>().unwrap().minor(),
                    })
                    .collect();
                let near = |place: &&i64| (**place - own).abs() <= REACH;
                let above = told.iter().filter(near).find(|place| **place > own);
                let below = told.iter().filter(near).find(|place| **place < own);
                assert_eq!(
                    [above.copied(), below.copied()],
                    by_brute_force(asked, slot, own, REACH),
                    "{} {} {}",
                    release.id().name,
                    file.stem,
                    fact.name
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared}");
}
