//! Which cases are like each other, and what binds whom.

use redress_kernel::guardrails::{
    Arm, Base, ClassFact, DepartureBudget, Experiment, Fairness, Linked, MeritFact, POINTS_MAX,
    Tolerance,
};
use redress_model::{FactClass, FactDef, FactType, Money};

use super::{Names, all, ledger};
use crate::guardrails::resolve::Resolver;
use crate::guardrails::source;

/// How long a decision is a norm unless the file says so.
const WINDOW_DAYS: u32 = 90;

/// How far apart sums may lie unless the file says so: 5 %.
const TOLERANCE_BASIS_POINTS: i64 = 500;

pub(super) fn fairness(
    resolver: &mut Resolver<'_>,
    source: &source::Fairness,
    tiers: &[source::Tier],
    names: &Names,
) -> Option<Fairness> {
    let class = class(resolver, source);
    let window_days = match &source.window_days {
        Some(days) => ledger::window_days(resolver, "fairness.window_days", days),
        None => Some(WINDOW_DAYS),
    };
    let tolerance = tolerance(resolver, source);
    let points_max = points_max(resolver, source);
    let linked = match &source.linked {
        Some(linked) => self::linked(resolver, linked),
        None => Some(Linked {
            weights: Vec::new(),
            threshold: 1,
            per: None,
        }),
    };
    let departures = match &source.departures {
        Some(budget) => departures(resolver, budget, names).map(Some),
        None => Some(None),
    };
    let tolerance = tolerance?;
    comparable(resolver, source, tiers, &tolerance)?;
    let experiments = all(&source.experiment, |it| {
        experiment(resolver, it, &tolerance)
    });
    resolver.names(
        "fairness.experiment.name",
        source.experiment.iter().map(|it| &it.name),
    );
    Some(Fairness {
        class: class?,
        merits: merits(resolver),
        window_days: window_days?,
        tolerance,
        points_max: points_max?,
        linked: linked?,
        departures: departures?,
        experiments: experiments?,
        lineage: Vec::new(),
    })
}

/// The gate facts that make a class, each once.
fn class(resolver: &mut Resolver<'_>, source: &source::Fairness) -> Option<Vec<ClassFact>> {
    const KEY: &str = "fairness.class";
    let list = source.class.get_ref();
    if list.is_empty() {
        let help = Some("name the gate facts that tell one kind of case from another".to_owned());
        resolver.problem(source.class.span(), KEY, "no fact is named", help);
        return None;
    }
    let mut facts: Vec<ClassFact> = Vec::new();
    let mut sound = true;
    for text in list {
        let is_gate = |fact: &FactDef| fact.class == FactClass::Gate;
        let found = resolver.fact(KEY, text.span(), text.get_ref(), "a gate fact", is_gate);
        let Some(slot) = found else {
            sound = false;
            continue;
        };
        if facts.iter().any(|fact| fact.slot == slot) {
            let problem = format!("{:?} is named twice", text.get_ref());
            resolver.problem(text.span(), KEY, problem, None);
            sound = false;
        }
        let values = match resolver.schema.fact(slot).map(|fact| &fact.ty) {
            Some(FactType::Enum(values)) => values.to_vec(),
            _ => Vec::new(),
        };
        facts.push(ClassFact {
            slot,
            name: text.get_ref().as_str().into(),
            values,
        });
    }
    sound.then_some(facts)
}

/// Every merit fact of the schema; each has a direction, or the schema is refused.
fn merits(resolver: &Resolver<'_>) -> Vec<MeritFact> {
    let facts = resolver.schema.slots();
    let merits = facts.filter(|(_, fact)| fact.class == FactClass::Merit);
    let with_direction = merits.filter_map(|(slot, fact)| {
        Some(MeritFact {
            slot,
            name: fact.name.clone(),
            direction: fact.direction?,
        })
    });
    with_direction.collect()
}

fn tolerance(resolver: &mut Resolver<'_>, source: &source::Fairness) -> Option<Tolerance> {
    let basis_points = match &source.tolerance_percent {
        Some(percent) => resolver.percent("fairness.tolerance_percent", percent),
        None => Some(TOLERANCE_BASIS_POINTS),
    };
    let unit = resolver.money("fairness.rounding_unit", &source.rounding_unit)?;
    if unit.minor() == 0 {
        let at = source.rounding_unit.span();
        let problem = "a rounding unit is at least the smallest coin";
        resolver.problem(at, "fairness.rounding_unit", problem, None);
        return None;
    }
    let Some(text) = &source.tolerance_at_least else {
        return Some(Tolerance {
            basis_points: basis_points?,
            at_least: unit,
        });
    };
    const KEY: &str = "fairness.tolerance_at_least";
    let at_least: Money = resolver.money(KEY, text)?;
    if at_least.currency() != unit.currency() {
        let problem = "the rounding unit is in another currency";
        resolver.problem(text.span(), KEY, problem, None);
        return None;
    }
    if at_least.minor() < unit.minor() {
        let problem = format!("{at_least} is below the rounding unit, {unit}");
        let help = "sums that differ by less cannot be told apart".to_owned();
        resolver.problem(text.span(), KEY, problem, Some(help));
        return None;
    }
    Some(Tolerance {
        basis_points: basis_points?,
        at_least,
    })
}

/// Goodwill of every level can be compared: no rate turns a share of a fact in one currency
/// into sums of the class, which has another.
fn comparable(
    resolver: &mut Resolver<'_>,
    source: &source::Fairness,
    tiers: &[source::Tier],
    tolerance: &Tolerance,
) -> Option<()> {
    let own = tolerance.at_least.currency();
    let mut sound = Some(());
    for tier in tiers {
        let mut facts = resolver.schema.facts().iter();
        let base = facts.find(|fact| fact.name == *tier.of.get_ref());
        let Some(FactType::Money {
            currency: Some(other),
            ..
        }) = base.map(|fact| &fact.ty)
        else {
            continue;
        };
        if *other != own {
            let problem = format!(
                "like cases are compared in {own}, and the tier {:?} gives {other}",
                tier.name.get_ref()
            );
            let help = "no rate is applied in a comparison; name a unit of the tier's currency";
            let at = source.rounding_unit.span();
            resolver.problem(at, "fairness.rounding_unit", problem, Some(help.to_owned()));
            sound = None;
        }
    }
    sound
}

fn points_max(resolver: &mut Resolver<'_>, source: &source::Fairness) -> Option<u32> {
    let Some(points) = &source.points_max else {
        return Some(POINTS_MAX);
    };
    let found = *points.get_ref();
    if (1..=POINTS_MAX).contains(&found) {
        return Some(found);
    }
    let problem = format!("1 to {POINTS_MAX} points");
    resolver.problem(points.span(), "fairness.points_max", problem, None);
    None
}

fn linked(resolver: &mut Resolver<'_>, source: &source::Linked) -> Option<Linked> {
    let mut weights = Vec::new();
    for (kind, weight) in &source.weights {
        weights.push((resolver.code("fairness.linked.weights", kind)?, *weight));
    }
    let threshold = *source.threshold.get_ref();
    let all: u32 = weights
        .iter()
        .map(|(_, weight)| *weight)
        .fold(0, u32::saturating_add);
    if threshold == 0 || threshold > all {
        let problem = format!("a threshold is 1 to {all}, what all links weigh together");
        let at = source.threshold.span();
        resolver.problem(at, "fairness.linked.threshold", problem, None);
        return None;
    }
    let is_amount = |fact: &FactDef| {
        fact.class == FactClass::Merit
            && matches!(
                fact.ty,
                FactType::Int { min: 1.., .. } | FactType::Money { .. }
            )
    };
    let per = match &source.per {
        Some(text) => {
            let needed = "a merit integer from 1 or merit money";
            let key = "fairness.linked.per";
            let slot = resolver.fact(key, text.span(), text.get_ref(), needed, is_amount)?;
            let name = text.get_ref().as_str().into();
            Some(Base { slot, name })
        }
        None => None,
    };
    Some(Linked {
        weights,
        threshold,
        per,
    })
}

fn departures(
    resolver: &mut Resolver<'_>,
    source: &source::Departures,
    names: &Names,
) -> Option<DepartureBudget> {
    let key = "fairness.departures.window_days";
    let window_days = ledger::window_days(resolver, key, &source.window_days);
    let owner = resolver.defined(
        "fairness.departures.owner",
        &source.owner,
        "role",
        &names.roles,
    );
    Some(DepartureBudget {
        times: *source.times.get_ref(),
        window_days: window_days?,
        owner: owner?,
    })
}

fn experiment(
    resolver: &mut Resolver<'_>,
    source: &source::Experiment,
    tolerance: &Tolerance,
) -> Option<Experiment> {
    const KEY: &str = "fairness.experiment.arms";
    let arms = source.arms.get_ref();
    let weights = arms.iter().map(|arm| u64::from(*arm.weight.get_ref()));
    if weights.fold(0, u64::saturating_add) == 0 {
        let problem = "the arms weigh nothing together";
        resolver.problem(source.arms.span(), KEY, problem, None);
        return None;
    }
    resolver.names(
        "fairness.experiment.arms.name",
        arms.iter().map(|arm| &arm.name),
    );
    let arms = all(arms, |arm| self::arm(resolver, arm, tolerance));
    Some(Experiment {
        name: resolver.code("fairness.experiment.name", &source.name)?,
        salt: source.salt.get_ref().as_str().into(),
        until: resolver.parse("fairness.experiment.until", &source.until)?,
        arms: arms?,
    })
}

fn arm(resolver: &mut Resolver<'_>, source: &source::Arm, tolerance: &Tolerance) -> Option<Arm> {
    let basis_points = match &source.percent {
        Some(percent) => resolver.signed_percent("fairness.experiment.arms.percent", percent)?,
        None => 0,
    };
    if basis_points.abs() > tolerance.basis_points {
        let problem = "an arm stays within the tolerance";
        let at = source
            .percent
            .as_ref()
            .map_or_else(|| source.name.span(), toml::Spanned::span);
        resolver.problem(at, "fairness.experiment.arms.percent", problem, None);
        return None;
    }
    Some(Arm {
        name: resolver.code("fairness.experiment.arms.name", &source.name)?,
        weight: *source.weight.get_ref(),
        basis_points,
    })
}
