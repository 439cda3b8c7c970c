//! What must be on record, looked at, or done for safety, and who is called.

use redress_kernel::guardrails::{
    GoodwillSwitch, HoldRule, KernelFacts, LadderRung, Precondition, ReviewRule, Role, SafetyRule,
    UnknownFactRule,
};
use redress_model::{Code, FactClass, FactDef, FactType};

use super::all;
use crate::guardrails::resolve::Resolver;
use crate::guardrails::source::{self, Source};

pub(super) fn precondition(
    resolver: &mut Resolver<'_>,
    source: &source::Precondition,
) -> Option<Precondition> {
    if source.stages.get_ref().is_empty() {
        let at = source.stages.span();
        resolver.problem(
            at,
            "precondition.stages",
            "at least one stage is needed",
            None,
        );
    }
    Some(Precondition {
        stages: source.stages.get_ref().clone(),
        missing: resolver.code("precondition.missing", &source.missing)?,
        owner: resolver.code("precondition.owner", &source.owner)?,
        within: resolver.span("precondition.within", &source.within)?,
        freezes: resolver.codes("precondition.freezes", &source.freezes)?,
    })
}

pub(super) fn hold(resolver: &mut Resolver<'_>, source: &source::Hold) -> Option<HoldRule> {
    Some(HoldRule {
        code: resolver.code("hold.code", &source.code)?,
        missing: resolver.code("hold.missing", &source.missing)?,
        owner: resolver.code("hold.owner", &source.owner)?,
        within: resolver.span("hold.within", &source.within)?,
        freezes: resolver.codes("hold.freezes", &source.freezes)?,
    })
}

/// Without an entry, the lowest role gets what is missing.
pub(super) fn unknown_fact(
    resolver: &mut Resolver<'_>,
    source: &Source,
    roles: &[Role],
) -> Option<UnknownFactRule> {
    let schema = resolver.schema;
    let mut names = Vec::new();
    for fact in schema.facts() {
        match Code::new(&fact.name) {
            Ok(code) => names.push(code),
            Err(_) => {
                let problem = format!("the fact {:?} has a name of over 64 characters", fact.name);
                resolver.problem(0..0, "facts", problem, None);
                return None;
            }
        }
    }
    let Some(rule) = &source.unknown_fact else {
        let Some(role) = roles.first() else {
            resolver.problem(0..0, "role", "at least one [[role]] is needed", None);
            return None;
        };
        let (owner, within) = (role.owner.clone(), role.within);
        return Some(UnknownFactRule {
            owner,
            within,
            freezes: Vec::new(),
            names,
        });
    };
    Some(UnknownFactRule {
        owner: resolver.code("unknown_fact.owner", &rule.owner)?,
        within: resolver.span("unknown_fact.within", &rule.within)?,
        freezes: resolver.codes("unknown_fact.freezes", &rule.freezes)?,
        names,
    })
}

pub(super) fn review(resolver: &mut Resolver<'_>, source: &source::Review) -> Option<ReviewRule> {
    let goodwill = match source.goodwill.as_ref().map(|text| text.get_ref().as_str()) {
        None | Some("on") => GoodwillSwitch::On,
        Some("off") => GoodwillSwitch::Off,
        Some(other) => {
            let at = source
                .goodwill
                .as_ref()
                .map(toml::Spanned::span)
                .unwrap_or_default();
            let problem = format!("{other:?} is not \"on\" or \"off\"");
            resolver.problem(at, "review.goodwill", problem, None);
            return None;
        }
    };
    Some(ReviewRule {
        when: resolver.when("review.when", &source.when)?,
        owner: resolver.code("review.owner", &source.owner)?,
        within: resolver.span("review.within", &source.within)?,
        goodwill,
    })
}

pub(super) fn safety_rule(
    resolver: &mut Resolver<'_>,
    source: &source::Safety,
) -> Option<SafetyRule> {
    let fits = |fact: &FactDef| {
        fact.class == FactClass::Safety && matches!(fact.ty, FactType::Enum(_) | FactType::Bool)
    };
    let needed = "a safety fact with an enum or a boolean";
    let (at, name) = (source.fact.span(), source.fact.get_ref());
    let slot = resolver.fact("safety.fact", at, name, needed, fits)?;
    let mut values = |key: &str, list: &[source::Text]| {
        all(list, |text| {
            resolver.value(key, text.span(), slot, text.get_ref())
        })
    };
    let raised = values("safety.raised", &source.raised)?;
    let cleared = values("safety.cleared", &source.cleared)?;
    if raised.is_empty() {
        let problem = "no value raises the concern";
        resolver.problem(source.fact.span(), "safety.raised", problem, None);
    }
    let percent = source.cleared_goodwill_percent.as_ref();
    if let Some(percent) = percent.filter(|percent| *percent.get_ref() > 100) {
        let problem = "goodwill can fall and not rise: 0 to 100";
        resolver.problem(
            percent.span(),
            "safety.cleared_goodwill_percent",
            problem,
            None,
        );
    }
    Some(SafetyRule {
        slot,
        raised,
        cleared,
        cleared_goodwill_percent: percent.map_or(100, |percent| i64::from(*percent.get_ref())),
        owner: resolver.code("safety.owner", &source.owner)?,
        within: resolver.span("safety.within", &source.within)?,
        duties: resolver.codes("safety.duties", &source.duties)?,
    })
}

pub(super) fn rung(
    resolver: &mut Resolver<'_>,
    source: &source::Rung,
    facts: &KernelFacts,
) -> Option<LadderRung> {
    let severity = match &source.severity {
        Some(text) => Some(resolver.enum_value("ladder.severity", facts.severity, text)?),
        None => None,
    };
    let customer_value = match &source.customer_value {
        Some(text) => {
            Some(resolver.enum_value("ladder.customer_value", facts.customer_value, text)?)
        }
        None => None,
    };
    let owner = match &source.owner {
        Some(owner) => Some(resolver.code("ladder.owner", owner)?),
        None => None,
    };
    if let Some(priority) = source
        .priority
        .as_ref()
        .filter(|p| !(1..=9).contains(p.get_ref()))
    {
        resolver.problem(
            priority.span(),
            "ladder.priority",
            "priorities are 1 to 9",
            None,
        );
    }
    Some(LadderRung {
        severity,
        customer_value,
        owner,
        within: resolver.span("ladder.within", &source.within)?,
        priority: source.priority.as_ref().map(|priority| *priority.get_ref()),
    })
}
