//! Which cases are compared with each other, and how far sums may lie apart.

use redress_authoring::Lang;
use redress_kernel::guardrails::Fairness;
use redress_release::ReleaseSource;

use super::words::{money, number, percent, percent_text, pick, words};
use super::{Part, Thing};

pub(super) fn fairness(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let Some(fairness) = &release.guardrails().fairness else {
        return Vec::new();
    };
    let mut all = vec![class(fairness, lang), linked(fairness, lang)];
    if let Some(budget) = &fairness.departures {
        let name = pick(lang, "departures", "例外");
        all.push(
            Thing::new(Part::Limits, "fairness.departures", name)
                .with(
                    "times",
                    pick(lang, "per person and class", "每人每类"),
                    number(i64::from(budget.times), pick(lang, "times", "次")),
                )
                .with(
                    "window",
                    pick(lang, "within", "期间"),
                    number(i64::from(budget.window_days), pick(lang, "days", "天")),
                )
                .with(
                    "owner",
                    pick(lang, "then decided by", "用尽后由谁决定"),
                    words(&budget.owner),
                ),
        );
    }
    for experiment in &fairness.experiments {
        let arms: Vec<String> = experiment
            .arms
            .iter()
            .map(|arm| {
                let sign = if arm.basis_points < 0 { "-" } else { "" };
                let moved = percent_text(arm.basis_points.abs());
                format!("{} {}: {sign}{moved}", arm.weight, arm.name)
            })
            .collect();
        let id = format!("fairness.experiment.{}", experiment.name);
        let name = format!("{} {}", pick(lang, "experiment", "试验"), experiment.name);
        all.push(
            Thing::new(Part::Limits, id, name)
                .with(
                    "until",
                    pick(lang, "until", "截止"),
                    words(experiment.until),
                )
                .with("salt", pick(lang, "salt", "盐"), words(&experiment.salt))
                .with("arms", pick(lang, "arms", "分组"), words(arms.join(", "))),
        );
    }
    all
}

fn class(fairness: &Fairness, lang: Lang) -> Thing {
    let names: Vec<&str> = fairness
        .class
        .iter()
        .map(|fact| fact.name.as_str())
        .collect();
    let days = pick(lang, "days", "天");
    Thing::new(
        Part::Limits,
        "fairness.class",
        pick(lang, "like cases", "同类案件"),
    )
    .with(
        "by",
        pick(lang, "alike in", "同类依据"),
        words(names.join(", ")),
    )
    .with(
        "window",
        pick(lang, "norms for", "先例期间"),
        number(i64::from(fairness.window_days), days),
    )
    .with(
        "tolerance",
        pick(lang, "may differ by", "容差"),
        percent(fairness.tolerance.basis_points),
    )
    .with(
        "tolerance_at_least",
        pick(lang, "and by at least", "最低容差"),
        money(fairness.tolerance.at_least),
    )
    .with(
        "points_max",
        pick(lang, "looks at", "最多比较"),
        number(i64::from(fairness.points_max), pick(lang, "points", "点")),
    )
}

fn linked(fairness: &Fairness, lang: Lang) -> Thing {
    let linked = &fairness.linked;
    let weights: Vec<String> = linked
        .weights
        .iter()
        .map(|(kind, weight)| format!("{kind} {weight}"))
        .collect();
    Thing::new(
        Part::Limits,
        "fairness.linked",
        pick(lang, "linked cases", "关联案件"),
    )
    .with(
        "weights",
        pick(lang, "links weigh", "关联权重"),
        words(weights.join(", ")),
    )
    .with(
        "threshold",
        pick(lang, "linked from", "关联阈值"),
        number(i64::from(linked.threshold), ""),
    )
    .with_some(
        "per",
        pick(lang, "the same rate per", "同一单位费率"),
        linked.per.as_ref().map(|per| words(&per.name)),
    )
}
