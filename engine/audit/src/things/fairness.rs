//! Which cases are compared with each other, and how far sums may lie apart.

use std::fmt::Display;

use redress_authoring::Lang;
use redress_kernel::guardrails::{Arm, DepartureBudget, Experiment, Fairness};
use redress_release::ReleaseSource;

use super::words::{money, number, percent, percent_text, words};
use super::{Part, Thing};

pub(super) fn fairness(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let Some(fairness) = &release.guardrails().fairness else {
        return Vec::new();
    };
    let mut all = vec![class(fairness, lang), linked(fairness, lang)];
    let budget = fairness.departures.as_ref();
    all.extend(budget.map(|budget| departures(budget, lang)));
    let experiments = fairness.experiments.iter();
    all.extend(experiments.map(|own| experiment(own, lang)));
    all
}

fn thing(id: impl Display, name: impl Display) -> Thing {
    Thing::new(Part::Limits, format!("fairness.{id}"), name.to_string())
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<String>>().join(", ")
}

fn class(fairness: &Fairness, lang: Lang) -> Thing {
    let say = |en, zh| lang.say(en, zh);
    let names = fairness.class.iter().map(|fact| fact.name.to_string());
    let days = number(i64::from(fairness.window_days), say("days", "天"));
    let points = number(i64::from(fairness.points_max), say("points", "点"));
    let tolerance = &fairness.tolerance;
    let least = money(tolerance.at_least);
    thing("class", say("like cases", "同类案件"))
        .with("by", say("alike in", "同类依据"), words(list(names)))
        .with("window", say("norms for", "先例期间"), days)
        .with(
            "tolerance",
            say("may differ by", "容差"),
            percent(tolerance.basis_points),
        )
        .with(
            "tolerance_at_least",
            say("and by at least", "最低容差"),
            least,
        )
        .with("points_max", say("looks at", "最多比较"), points)
}

fn linked(fairness: &Fairness, lang: Lang) -> Thing {
    let say = |en, zh| lang.say(en, zh);
    let linked = &fairness.linked;
    let weights = linked.weights.iter();
    let weights = list(weights.map(|(kind, weight)| format!("{kind} {weight}")));
    let threshold = number(i64::from(linked.threshold), "");
    let per = linked.per.as_ref().map(|per| words(&per.name));
    thing("linked", say("linked cases", "关联案件"))
        .with("weights", say("links weigh", "关联权重"), words(weights))
        .with("threshold", say("linked from", "关联阈值"), threshold)
        .with_some("per", say("the same rate per", "同一单位费率"), per)
}

fn departures(budget: &DepartureBudget, lang: Lang) -> Thing {
    let say = |en, zh| lang.say(en, zh);
    let times = number(i64::from(budget.times), say("times", "次"));
    let days = number(i64::from(budget.window_days), say("days", "天"));
    thing("departures", say("departures", "例外"))
        .with("times", say("per person and class", "每人每类"), times)
        .with("window", say("within", "期间"), days)
        .with(
            "owner",
            say("then decided by", "用尽后由谁决定"),
            words(&budget.owner),
        )
}

fn experiment(experiment: &Experiment, lang: Lang) -> Thing {
    let say = |en, zh| lang.say(en, zh);
    let arm = |arm: &Arm| {
        let moved = percent_text(arm.basis_points);
        format!("{} {}: {moved}", arm.weight, arm.name)
    };
    let arms = list(experiment.arms.iter().map(arm));
    let name = format!("{} {}", say("experiment", "试验"), experiment.name);
    thing(format!("experiment.{}", experiment.name), name)
        .with("until", say("until", "截止"), words(experiment.until))
        .with("salt", say("salt", "盐"), words(&experiment.salt))
        .with("arms", say("arms", "分组"), words(arms))
}
