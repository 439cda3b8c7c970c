//! Steps 4 to 6 and 8 where the release declares fairness.

use redress_model::likeness::{Bearing, Coverage, Promised, Sibling, SiblingClass};
use redress_model::{Basis, CaseId, ClaimantId, Likeness, Precedent, Standing};

use super::{check, moved, reasons, rules};
use crate::guardrails::{Arm, ClassFact, Experiment, Fairness, Linked, MeritFact, Tolerance};
use crate::tests::fixture::{Try, base, code, eur, goodwill, grant, schema, statutory};
use crate::{Findings, Outcome, Rule};

pub(crate) fn fairness() -> Fairness {
    let merits = schema().slots().filter_map(|(slot, fact)| {
        Some(MeritFact {
            slot,
            name: fact.name.clone(),
            direction: fact.direction?,
        })
    });
    Fairness {
        class: vec![ClassFact {
            slot: schema().slot("scene").unwrap(),
            name: "scene".into(),
            values: vec!["flight".into(), "hotel".into()],
        }],
        merits: merits.collect(),
        window_days: 90,
        tolerance: Tolerance {
            basis_points: 500,
            at_least: eur(100),
        },
        points_max: 4_096,
        linked: Linked {
            weights: vec![(code("booking"), 3), (code("payer"), 1)],
            threshold: 3,
            per: Some(base("persons")),
        },
        departures: None,
        experiments: Vec::new(),
        lineage: Vec::new(),
    }
}

/// 100.00 EUR of goodwill on a loss of 1,000.00 EUR, on this knowledge of like cases.
fn given(likeness: Likeness) -> Try {
    let mut attempt = grant(vec![goodwill("cash", 10_000)]);
    attempt.guardrails.fairness = Some(fairness());
    attempt.standing(Standing {
        fairness: Some(Box::new(likeness)),
        ..Standing::fresh()
    })
}

fn precedent(norm: i64) -> Precedent {
    Precedent {
        decision: 7,
        decided_at: "2026-06-30T08:00:00Z".parse().unwrap(),
        case: CaseId::new("earlier").unwrap(),
        version: "1.0.0".into(),
        point: vec![90_000, 1],
        norm: eur(norm),
    }
}

fn sibling(norm: i64, units: i64, bearing: Bearing) -> Sibling {
    Sibling {
        precedent: precedent(norm),
        units,
        bearing,
        class: SiblingClass::Same,
    }
}

fn offer(attempt: Try, sum: &str) -> Try {
    attempt.envelope(&format!(
        r#""stage":"facts_recorded","offer":{{"amount":"{sum}"}}"#
    ))
}

#[track_caller]
fn findings(attempt: &Try) -> Findings {
    attempt.decide().findings().cloned().unwrap()
}

fn notes(findings: &Findings) -> Vec<&str> {
    findings
        .notes
        .iter()
        .map(redress_model::Code::as_str)
        .collect()
}

#[test]
fn a_release_without_fairness_finds_nothing() {
    let decision = grant(vec![goodwill("cash", 10_000)]).decide();
    assert_eq!(decision.findings(), None);
}

#[test]
fn the_first_case_of_a_class_is_a_seed_and_the_tariff_stands() {
    let attempt = given(Likeness::default());
    check(
        &attempt.decide(),
        Outcome::Grant,
        &["cash 100.00 goodwill now"],
    );
    let found = findings(&attempt);
    assert_eq!(notes(&found), ["seed"]);
    assert_eq!((found.tariff, found.sum), (eur(10_000), eur(10_000)));
    let later = given(Likeness {
        precedents: 1,
        coverage: Coverage::Partial,
        not_compared: 2,
        ..Likeness::default()
    });
    assert_eq!(notes(&findings(&later)), ["partial", "not_compared"]);
}

#[test]
fn the_tolerance_holds_within_a_tier_too() {
    let mut attempt = grant(vec![goodwill("cash", 70_000)])
        .tier("level_2")
        .role("manager");
    attempt.guardrails.fairness = Some(fairness());
    let attempt = offer(attempt, "800.00 EUR");
    check(
        &attempt.decide(),
        Outcome::Escalate,
        &["cash 735.00 goodwill on_approval"],
    );
}

#[test]
fn a_case_that_is_no_worse_and_got_more_calls_a_person_and_moves_no_tariff() {
    let attempt = |norm: i64| {
        given(Likeness {
            precedents: 1,
            most: Some(precedent(norm)),
            ..Likeness::default()
        })
    };
    // 5 % of 105.26 is 5.26: the edge is exactly 100.00.
    check(
        &attempt(10_526).decide(),
        Outcome::Grant,
        &["cash 100.00 goodwill now"],
    );
    let breach = attempt(10_528);
    let decision = breach.decide();
    check(
        &decision,
        Outcome::Escalate,
        &["cash 100.00 goodwill on_approval"],
    );
    assert_eq!(reasons(&decision)[0], "precedent_pays_more");
    let found = findings(&breach);
    let [breach] = &found.breaches[..] else {
        panic!("{found:#?}")
    };
    assert_eq!((breach.precedent, breach.difference), (7, eur(-528)));
    let facts: Vec<_> = breach
        .facts
        .iter()
        .map(|f| (f.fact.as_str(), f.own, f.precedent))
        .collect();
    assert_eq!(facts, [("loss", 100_000, 90_000), ("persons", 1, 1)]);
}

#[test]
fn an_offer_above_what_worse_cases_got_falls_to_the_tariff_at_most() {
    let attempt = |norm: i64, sum: &str| {
        let likeness = Likeness {
            precedents: 1,
            least: Some(precedent(norm)),
            ..Likeness::default()
        };
        offer(given(likeness), sum).decide()
    };
    check(
        &attempt(10_000, "104.00 EUR"),
        Outcome::Grant,
        &["cash 104.00 goodwill now"],
    );
    let lowered = attempt(9_800, "104.00 EUR");
    check(&lowered, Outcome::Grant, &["cash 102.90 goodwill now"]);
    moved(&lowered, Rule::AFortiori, 10_400, 10_290);
    let lawful = attempt(9_000, "104.00 EUR");
    check(&lawful, Outcome::Grant, &["cash 100.00 goodwill now"]);
    let found = lawful.findings().unwrap();
    assert_eq!(found.breaches, []);
    assert_eq!(
        found.levels_up[0].precedent, 7,
        "the look-back starts there"
    );
}

#[test]
fn a_linked_case_has_the_same_rate_for_each_person() {
    let attempt = |norm: i64, units: i64| {
        given(Likeness {
            precedents: 1,
            siblings: vec![sibling(norm, units, Bearing::Norm)],
            ..Likeness::default()
        })
    };
    // 300.00 for three is 100.00 for one.
    check(
        &attempt(30_000, 3).decide(),
        Outcome::Grant,
        &["cash 100.00 goodwill now"],
    );
    let other = attempt(30_000, 2).decide();
    check(
        &other,
        Outcome::Escalate,
        &["cash 100.00 goodwill on_approval"],
    );
    assert_eq!(reasons(&other)[0], "linked_rate_differs");
    let offered = offer(attempt(10_200, 1), "95.00 EUR").decide();
    check(&offered, Outcome::Grant, &["cash 96.90 goodwill now"]);
    moved(&offered, Rule::LinkedParity, 9_500, 9_690);
}

#[test]
fn an_error_or_a_departure_binds_nobody() {
    for (bearing, reason) in [
        (Bearing::Error, "prior_error_not_binding"),
        (Bearing::Departure, "prior_departure_not_binding"),
    ] {
        let decision = given(Likeness {
            precedents: 1,
            siblings: vec![sibling(20_000, 1, bearing)],
            ..Likeness::default()
        })
        .decide();
        check(&decision, Outcome::Grant, &["cash 100.00 goodwill now"]);
        assert_eq!(reasons(&decision)[0], reason);
        assert_eq!(rules(&decision), []);
    }
}

#[test]
fn a_promise_binds_only_towards_the_promisee() {
    let attempt = |promisee: &str| {
        given(Likeness {
            promises: vec![Promised {
                seq: 3,
                promisee: ClaimantId::new(promisee).unwrap(),
                amount: eur(15_000),
            }],
            ..Likeness::default()
        })
        .decide()
    };
    let own = attempt("p");
    check(&own, Outcome::Grant, &["cash 150.00 goodwill now"]);
    moved(&own, Rule::Promise, 10_000, 15_000);
    let friend = attempt("friend");
    check(&friend, Outcome::Grant, &["cash 100.00 goodwill now"]);
    assert_eq!(reasons(&friend)[0], "promise_binds_promisee_only");
}

#[test]
fn an_offer_above_the_corridor_shows_its_exposure() {
    let likeness = Likeness {
        open: 4,
        ..Likeness::default()
    };
    let above = offer(given(likeness.clone()), "200.00 EUR");
    let exposure = findings(&above).exposure.unwrap();
    assert_eq!(
        (exposure.cases, exposure.each, exposure.total),
        (5, eur(20_000), eur(100_000))
    );
    let within = offer(given(likeness), "104.00 EUR");
    assert_eq!(findings(&within).exposure, None);
}

fn experiment(until: &str) -> Experiment {
    Experiment {
        name: code("warmth"),
        salt: "s1".into(),
        until: until.parse().unwrap(),
        arms: vec![
            Arm {
                name: code("plain"),
                weight: 0,
                basis_points: 0,
            },
            Arm {
                name: code("more"),
                weight: 1,
                basis_points: 300,
            },
        ],
    }
}

#[test]
fn an_experiment_moves_the_tariff_within_the_tolerance_until_it_ends() {
    let attempt = |until: &str| {
        let mut attempt = given(Likeness::default());
        attempt.guardrails.fairness.as_mut().unwrap().experiments = vec![experiment(until)];
        attempt
    };
    let running = attempt("2026-07-01");
    check(
        &running.decide(),
        Outcome::Grant,
        &["cash 103.00 goodwill now"],
    );
    let found = findings(&running);
    assert_eq!(found.arm, Some((code("warmth"), code("more"))));
    assert_eq!((found.tariff, found.sum), (eur(10_000), eur(10_300)));
    check(
        &attempt("2026-06-30").decide(),
        Outcome::Grant,
        &["cash 100.00 goodwill now"],
    );
    // Somebody has offered a sum, so the case is not a subject.
    let offered = offer(attempt("2026-07-01"), "100.00 EUR");
    assert_eq!(findings(&offered).arm, None);
}

#[test]
fn an_arm_is_never_below_a_floor_nor_outside_of_the_corridor() {
    let decided = |basis_points: i64, owed: i64| {
        let owed = statutory("compensation", owed);
        let mut attempt = grant(vec![goodwill("cash", 10_000), owed]);
        let mut fairness = fairness();
        let mut less = experiment("2026-12-31");
        less.arms[1].basis_points = basis_points;
        fairness.experiments = vec![less];
        attempt.guardrails.fairness = Some(fairness);
        attempt.decide()
    };
    let floor = decided(0, 60_000);
    let sums = |decision: &crate::Decision, basis: Basis| -> Vec<i64> {
        let own = decision.remedies().iter();
        own.filter(|remedy| remedy.basis == basis)
            .filter_map(|remedy| remedy.worth)
            .map(redress_model::Money::minor)
            .collect()
    };
    let lawful = Basis::Statutory(code("compensation"));
    assert_eq!(sums(&floor, lawful.clone()), [60_000]);
    // What the loader refuses, an arm beyond the tolerance, is held to its edge here too.
    for (basis_points, goodwill) in [
        (-300, 9_700),
        (-500, 9_500),
        (-9_000, 9_500),
        (9_000, 10_500),
    ] {
        let decision = decided(basis_points, 60_000);
        assert_eq!(
            sums(&decision, lawful.clone()),
            sums(&floor, lawful.clone())
        );
        assert_eq!(
            sums(&decision, Basis::Goodwill),
            [goodwill],
            "{basis_points}"
        );
    }
}

#[test]
fn arms_are_hit_by_their_weights() {
    let mut experiment = experiment("2026-12-31");
    experiment.arms[0].weight = 3;
    let mut attempt = grant(Vec::new());
    let mut plain = 0;
    for number in 0..1_000 {
        attempt.envelope =
            format!(r#""stage":"facts_recorded","links":[{{"kind":"n","id":"{number}"}}]"#);
        let mut case = attempt.case();
        case.envelope.id = CaseId::new(&format!("c{number}")).unwrap();
        plain += usize::from(experiment.arm(&case).unwrap().name == code("plain"));
    }
    assert!((700..800).contains(&plain), "{plain}");
}

#[test]
fn goodwill_that_falls_for_a_reason_of_the_person_is_compared_with_nobody() {
    let attempt = given(Likeness {
        precedents: 1,
        most: Some(precedent(50_000)),
        ..Likeness::default()
    })
    .facts(r#""loss":"1000.00 EUR","persons":1,"scene":"flight","listed":true"#);
    let decision = attempt.decide();
    check(&decision, Outcome::Refuse, &[]);
    assert_eq!(decision.findings().unwrap().breaches, []);
}

#[test]
fn a_class_is_of_gate_facts_and_of_what_is_known() {
    let fairness = fairness();
    let class = |facts: &str| {
        let case = grant(Vec::new()).facts(facts).case();
        (
            fairness.class_of("p", "1.0.0", &case.facts),
            fairness.point(&case.facts),
        )
    };
    let (one, point) = class(r#""loss":"10.00 EUR","persons":2,"scene":"flight""#);
    assert_eq!(point, [1_000, 2]);
    let same =
        class(r#""loss":"90.00 EUR","persons":1,"scene":"flight","severity":"high","listed":true"#);
    assert_eq!(one, same.0);
    for other in [
        r#""loss":"10.00 EUR","persons":2,"scene":"hotel""#,
        r#""loss":"10.00 USD","persons":2,"scene":"flight""#,
        r#""loss":"10.00 EUR","scene":"flight""#,
        r#""loss":"10.00 EUR","persons":2"#,
    ] {
        assert_ne!(one, class(other).0, "{other}");
    }
}
