use std::path::Path;

use redress::{Engine, EngineLimits};

use super::*;

fn release() -> Release {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/travel/goodwill/1.1.0");
    Engine::new(EngineLimits::STANDARD).load(&folder).unwrap()
}

/// A small share of what the README shows, by so few agents that each is reported on.
const PLAN: Plan = Plan {
    cases: 1_500,
    agents: 20,
    overpay_percent: 5,
    underpay_percent: 5,
    habit: 10,
    seed: 1,
};

#[test]
fn generosity_becomes_the_tariff_unless_like_cases_are_compared() {
    let mut ticks = Vec::new();
    let simulated = simulate(&release(), PLAN, &mut |done| ticks.push(done)).unwrap();
    let Simulated { off, on, .. } = &simulated;
    assert_eq!(ticks.last(), Some(&3_000));
    assert_eq!(off.tariff_minor, on.tariff_minor, "the same cases");
    let late = |desk: &Desk| desk.course[75..].iter().sum::<i64>() / 25;
    assert!(late(off) > 10_700, "the ratchet: {:?}", off.course);
    // No hundredth of the cases leaves the tolerance round the tariff.
    assert!(
        on.course.iter().all(|rate| (9_490..=10_510).contains(rate)),
        "{:?}",
        on.course
    );
    let figure = |desk: &Desk, name: &str| desk.report.figure(name).unwrap().value.unwrap();
    for name in ["agent_effect", "spread", "leapfrog_rate"] {
        assert!(figure(on, name) < figure(off, name), "{name}");
    }
    // All but the first few of a class have a precedent at their side, and without fairness none.
    assert_eq!(off.compared, 0);
    assert!((1_400..1_500).contains(&on.compared), "{}", on.compared);
    let again = simulate(&release(), PLAN, &mut |_| {}).unwrap();
    assert_eq!(again, simulated);
}

#[test]
fn a_desk_on_which_everybody_keeps_to_the_tariff_has_no_ratchet() {
    let plan = Plan {
        overpay_percent: 0,
        underpay_percent: 0,
        cases: 400,
        ..PLAN
    };
    let simulated = simulate(&release(), plan, &mut |_| {}).unwrap();
    for desk in [&simulated.off, &simulated.on] {
        assert!(
            desk.course
                .iter()
                .all(|rate| (9_990..=10_010).contains(rate)),
            "{:?}",
            desk.course
        );
        assert_eq!(desk.escalated, 0);
    }
}

#[test]
fn a_plan_of_nothing_and_a_release_without_fairness_are_refused() {
    let refused = |plan: Plan| simulate(&release(), plan, &mut |_| {}).unwrap_err().code();
    assert_eq!(refused(Plan { cases: 99, ..PLAN }), "too_few");
    assert_eq!(refused(Plan { agents: 0, ..PLAN }), "too_few");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/air/eu261/1.0.0");
    let other = Engine::new(EngineLimits::STANDARD).load(&folder).unwrap();
    assert_eq!(
        simulate(&other, PLAN, &mut |_| {}).unwrap_err().code(),
        "no_fairness"
    );
}

#[test]
fn the_picture_and_the_table_fit_and_say_both() {
    let simulated = simulate(&release(), PLAN, &mut |_| {}).unwrap();
    for columns in [40, 80] {
        let text = text(&simulated, columns);
        assert!(text.lines().count() > 25, "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= columns, "{line}");
        }
    }
    let svg = svg(&simulated);
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<polyline").count(), 2);
    assert!(!svg.contains("href"), "it loads nothing");
}
