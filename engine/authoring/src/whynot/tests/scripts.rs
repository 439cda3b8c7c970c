//! Scripts made for one question each, on the schema of a fixture.

use redress_release::SourceFolder;

use super::*;

const ACTOR: &str = r#"{"id":"a","role":"agent","assurance":"authenticated"}"#;

/// The fixture with another `remedy`.
fn made(body: &str) -> Release {
    let fixture = root().join("engine/cli/tests/fixtures/policies/rail/delay/1.1.0");
    let script = format!("fn remedy(facts) {{\n{body}\n}}\n");
    let folder = SourceFolder::open(&fixture).unwrap();
    let folder = folder.with_file("policy.rhai", script.into_bytes());
    let engine = Engine::new(EngineLimits::STANDARD);
    engine.compile(folder.release().unwrap()).unwrap()
}

fn case(release: &Release, delay_minutes: i64, cause: &str) -> Case {
    let case = format!(
        r#"{{"id":"c","incident_date":"2026-03-01","event":"e","claimant":{{"id":"p"}},
        "stage":"facts_recorded","facts":{{"fare":"60.00 EUR",
        "delay_minutes":{delay_minutes},"cause":"{cause}"}}}}"#
    );
    release.admit(case.as_bytes()).unwrap()
}

fn ask<R>(release: &Release, case: &Case, decisions_max: u32, then: impl Fn(Asked<'_>) -> R) -> R {
    let actor: Actor = serde_json::from_str(ACTOR).unwrap();
    then(Asked {
        release,
        case,
        actor: &actor,
        standing: &Standing::fresh(),
        as_of: "2026-03-05T10:00:00Z".parse().unwrap(),
        decisions_max,
    })
}

fn on_one_line(why_not: &WhyNot) -> String {
    let text = plain(&why_not.text(80));
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

fn changes(why_not: &WhyNot) -> Vec<Vec<(&str, &str)>> {
    let changes = why_not.changes.iter();
    changes
        .map(|change| {
            let facts = change.facts.iter();
            facts
                .map(|fact| (fact.name.as_str(), fact.to.as_str()))
                .collect()
        })
        .collect()
}

const GIVE: &str = "grant([statutory(cash(facts.fare.percent(25)), \"rail_19\").because(\"train_late\", [facts.delay_minutes])])";

#[test]
fn two_facts_are_changed_where_one_is_not_enough() {
    let release = made(&format!(
        "if facts.cause == \"operator\" && facts.delay_minutes >= 60 {{ {GIVE} }} else {{ refuse(\"own_fault\") }}"
    ));
    let near = case(&release, 10, "passenger");
    let why_not = ask(&release, &near, DECISIONS_MAX, WhyNot::of);
    assert_eq!(
        changes(&why_not),
        [vec![("cause", "operator"), ("delay_minutes", "60")]]
    );
    assert_eq!(why_not.changes[0].would.outcome, redress::Outcome::Grant);
    assert!(why_not.search.complete);
    let text = on_one_line(&why_not);
    assert!(
        text.contains(
            "cause operator instead of passenger and delay_minutes 1 h 0 min instead of 10"
        ),
        "{text}"
    );
}

#[test]
fn where_nothing_helps_that_is_said() {
    let release = made("refuse(\"own_fault\")");
    let case = case(&release, 10, "passenger");
    let why_not = ask(&release, &case, DECISIONS_MAX, WhyNot::of);
    assert!(why_not.changes.is_empty() && why_not.rules.is_empty());
    let text = on_one_line(&why_not);
    assert!(
        text.contains("No change of one fact or of two was found in"),
        "{text}"
    );
    assert!(text.contains("none: every rule fired"), "{text}");
}

/// What a number decides in every way that the follower keeps an eye on.
const CONDITIONS: &[&str] = &[
    "facts.delay_minutes / 60 >= 3",
    "facts.delay_minutes % 60 == 30",
    "(facts.delay_minutes - 400) / 7 == 0",
    "(facts.delay_minutes - 400) % 7 == -3",
    "abs(facts.delay_minutes - 300) <= 20",
    "-facts.delay_minutes < -250",
    "min(facts.delay_minutes, 90) == max(facts.delay_minutes, 80)",
    "max(facts.delay_minutes * 3 - 100, 0) > 500",
    "facts.delay_minutes * facts.delay_minutes > 100000",
    "table(\"shares\", [facts.delay_minutes]).percent == 25",
    "facts.fare * facts.delay_minutes > money(\"9000.00 EUR\")",
    "facts.fare.percent(facts.delay_minutes) == money(\"72.00 EUR\")",
    "switch facts.delay_minutes { 5 | 700 => true, 100..120 => true, 130..=140 => true, _ => false }",
    "[60, 120, 180].contains(facts.delay_minutes)",
    "{ let sum = 0; for i in 0..20 { if i * 60 < facts.delay_minutes { sum += i; } } sum == 6 }",
    "facts.delay_minutes > 200 && facts.delay_minutes < 210 || facts.delay_minutes == 1000",
];

#[test]
fn the_nearest_value_is_the_nearest_whatever_the_script_works_out() {
    for condition in CONDITIONS {
        let release = made(&format!(
            "let holds = {condition};\nif holds {{ {GIVE} }} else {{ refuse(\"own_fault\") }}"
        ));
        let holds = |delay: i64| {
            let case = case(&release, delay, "operator");
            let decided = ask(&release, &case, 1, |asked| {
                release.decide(&case, asked.actor, asked.standing, asked.as_of)
            });
            assert_eq!(decided.execution.fault, None, "{condition} at {delay}");
            decided.decision.outcome() != redress::Outcome::Refuse
        };
        let all: Vec<bool> = (0..=1440).map(holds).collect();
        assert!(all.contains(&true) && all.contains(&false), "{condition}");
        for own in [0, 131, 400, 1440] {
            let case = case(&release, own, "operator");
            let why_not = ask(&release, &case, DECISIONS_MAX, WhyNot::of);
            assert_eq!(why_not.not_followed, None, "{condition}");
            let of_delay = why_not.changes.iter().filter(|change| {
                change.facts.len() == 1 && change.facts[0].name == "delay_minutes"
            });
            let mut told: Vec<i64> = of_delay
                .map(|change| change.facts[0].to.parse().unwrap())
                .collect();
            told.sort_unstable();
            let at = |place: i64| all[usize::try_from(place).unwrap()];
            let below = (0..own).rev().find(|place| at(*place) != at(own));
            let above = (own + 1..=1440).find(|place| at(*place) != at(own));
            let expected: Vec<i64> = below.into_iter().chain(above).collect();
            assert_eq!(told, expected, "{condition} from {own}");
        }
    }
}

#[test]
fn a_script_that_does_not_compile_has_changes_and_no_rules() {
    let release = made(&format!(
        "let left = facts.delay_minutes; while left > 60 {{ left -= 60; }}\n\
         if facts.delay_minutes >= 90 {{ {GIVE} }} else {{ refuse(\"own_fault\") }}"
    ));
    let case = case(&release, 10, "operator");
    let why_not = ask(&release, &case, DECISIONS_MAX, WhyNot::of);
    assert_eq!(why_not.not_followed, Some(NotFollowed::NotCompiled));
    assert!(why_not.rules.is_empty());
    assert_eq!(changes(&why_not), [vec![("delay_minutes", "90")]]);
    assert!(on_one_line(&why_not).contains("outside of what compiles"));
}

#[test]
fn a_search_that_meets_its_limit_says_so() {
    let release = made(&format!(
        "if facts.cause == \"operator\" && facts.delay_minutes >= 60 {{ {GIVE} }} else {{ refuse(\"own_fault\") }}"
    ));
    let case = case(&release, 10, "passenger");
    let why_not = ask(&release, &case, 5, WhyNot::of);
    assert_eq!(why_not.search.decisions, 5);
    assert!(!why_not.search.complete && why_not.changes.is_empty());
    let text = on_one_line(&why_not);
    assert!(
        text.contains("found in 5 decisions; the search met its limit before it was through"),
        "{text}"
    );
}

#[test]
fn a_policy_that_fails_says_which_rules_came_after() {
    let release = made(&format!(
        "let rest = 100 / (facts.delay_minutes - 10);\nif rest > 0 {{ {GIVE} }} else {{ refuse(\"own_fault\") }}"
    ));
    let case = case(&release, 10, "operator");
    let why_not = ask(&release, &case, DECISIONS_MAX, WhyNot::of);
    assert_eq!(why_not.not_followed, None);
    assert!(
        why_not
            .rules
            .iter()
            .all(|rule| rule.stopped == Stopped::Ended)
    );
    assert_eq!(
        changes(&why_not),
        [vec![("delay_minutes", "11")], vec![("delay_minutes", "9")]]
    );
}

#[test]
fn a_module_has_changes_and_no_rules() {
    let parcels = root().join("host-bindings/guest/sample/parcels/1.0.0");
    let folder = SourceFolder::open(&parcels).unwrap();
    let manifest = String::from_utf8(folder.file("release.toml").unwrap().to_vec()).unwrap();
    let manifest = manifest.replace("rhai = \"policy.rhai\"\n", "");
    let folder = folder.with_file("release.toml", manifest.into_bytes());
    let engine = Engine::new(EngineLimits::STANDARD);
    let release = engine.compile(folder.release().unwrap()).unwrap();
    assert_eq!(release.sandboxes(), [SandboxKind::Wasm]);
    let file = release.source().cases().unwrap().remove(0);
    let case = release.admit(&file.to_json()).unwrap();
    let why_not = WhyNot::of(asked(&release, &file, &case));
    assert_eq!(why_not.not_followed, Some(NotFollowed::NoScript));
    assert!(why_not.rules.is_empty() && !why_not.changes.is_empty());
}
