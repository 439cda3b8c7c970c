//! Builds the kernel's guardrails from their source, a file for each part.

mod authority;
mod claims;
mod duties;
mod fairness;
mod kinds;
mod ledger;
mod limits;

use redress_kernel::guardrails::{Base, ClaimBasis, KernelFacts};
use redress_kernel::{Calendar, Guardrails, ReleaseId};
use redress_model::{Code, FactClass, FactDef, FactType, Rounding};

use super::resolve::Resolver;
use super::source::{self, Source};

/// The names that parts of the file refer to.
struct Names {
    roles: Vec<Code>,
    kinds: Vec<Code>,
    chains: Vec<Code>,
    statutory: Vec<Code>,
}

pub(super) fn build(
    resolver: &mut Resolver<'_>,
    source: &Source,
    release: ReleaseId,
    rounding: Rounding,
) -> Option<Guardrails> {
    let names = Names {
        roles: resolver.names("role.name", source.role.iter().map(|role| &role.name)),
        kinds: resolver.names("kind.name", source.kind.iter().map(|kind| &kind.name)),
        chains: resolver.names("chain.name", source.chain.iter().map(|chain| &chain.name)),
        statutory: resolver.names("statutory.code", source.statutory.iter().map(|c| &c.code)),
    };
    let claims = source.statutory.iter().chain(&source.contractual);
    resolver.names("contractual.code", claims.map(|claim| &claim.code));
    resolver.names("tier.name", source.tier.iter().map(|tier| &tier.name));
    let limits = source.cap.iter().map(|cap| &cap.name);
    resolver.names(
        "cap.name",
        limits.chain(source.budget.iter().map(|budget| &budget.name)),
    );
    resolver.names(
        "warning.name",
        source.warning.iter().map(|warning| &warning.name),
    );
    resolver.names(
        "departure.reason",
        source.departure.iter().map(|departure| &departure.reason),
    );
    resolver.names("hold.code", source.hold.iter().map(|hold| &hold.code));
    let facts = kernel_facts(resolver, &source.facts);
    let statutory = all(&source.statutory, |c| {
        claims::claim(resolver, c, ClaimBasis::Statutory, &names)
    });
    let contractual = all(&source.contractual, |c| {
        claims::claim(resolver, c, ClaimBasis::Contractual, &names)
    });
    let floors = all(&source.floor, |floor| {
        claims::floor(resolver, floor, &names)
    });
    let tiers = all(&source.tier, |tier| limits::tier(resolver, tier));
    let envelope = limits::envelope(resolver, source, &facts);
    let kinds = all(&source.kind, |kind| kinds::kind(resolver, kind, &facts));
    let taboos = all(&source.taboo, |taboo| kinds::taboo(resolver, taboo, &names));
    let corridor = limits::corridor(resolver, &source.corridor);
    let roles = all(&source.role, |role| authority::role(resolver, role));
    let authority = all(&source.authority, |row| {
        authority::authority_row(resolver, row, &facts, &names)
    });
    let chains = all(&source.chain, |chain| {
        authority::chain(resolver, chain, &names)
    });
    let preconditions = all(&source.precondition, |rule| {
        duties::precondition(resolver, rule)
    });
    let holds = all(&source.hold, |rule| duties::hold(resolver, rule));
    let reviews = all(&source.review, |rule| duties::review(resolver, rule));
    let safety = all(&source.safety, |rule| duties::safety_rule(resolver, rule));
    let ladder = all(&source.ladder, |step| duties::rung(resolver, step, &facts));
    let ledger = ledger::rules(resolver, source, &names);
    let fairness = match &source.fairness {
        Some(own) => fairness::fairness(resolver, own, &source.tier, &names).map(Some),
        None => Some(None),
    };
    let calendar = match &source.calendar {
        Some(calendar) => super::calendar::build(resolver, calendar),
        None => Some(Calendar::utc()),
    };
    let mut claims = statutory?;
    claims.extend(contractual?);
    let mut roles = roles?;
    roles.sort_by_key(|role| role.rank);
    let unknown_fact = duties::unknown_fact(resolver, source, &roles)?;
    Some(Guardrails {
        release,
        rounding,
        schema: resolver.schema.digest(),
        facts,
        claims,
        floors: floors?,
        tiers: tiers?,
        envelope: envelope?,
        kinds: kinds?,
        taboos: taboos?,
        corridor: corridor?,
        roles,
        authority: authority?,
        chains: chains?,
        preconditions: preconditions?,
        holds: holds?,
        unknown_fact,
        reviews: reviews?,
        safety: safety?,
        ladder: ladder?,
        ledger: ledger?,
        fairness: fairness?,
        calendar: calendar?,
    })
}

/// Builds every entry, so that each tells its problems; `None` if one has any.
fn all<S, T>(list: &[S], mut build: impl FnMut(&S) -> Option<T>) -> Option<Vec<T>> {
    let built: Vec<Option<T>> = list.iter().map(&mut build).collect();
    built.into_iter().collect()
}

fn is_route_enum(fact: &FactDef) -> bool {
    fact.class == FactClass::Route && matches!(fact.ty, FactType::Enum(_))
}

fn kernel_facts(resolver: &mut Resolver<'_>, source: &source::KernelFacts) -> KernelFacts {
    let gate_enum =
        |fact: &FactDef| fact.class == FactClass::Gate && matches!(fact.ty, FactType::Enum(_));
    let gate_bool = |fact: &FactDef| fact.class == FactClass::Gate && fact.ty == FactType::Bool;
    let count = |fact: &FactDef| {
        fact.class == FactClass::Merit && matches!(fact.ty, FactType::Int { min: 1.., .. })
    };
    let route = "a route fact with an enum";
    let persons = resolver.optional_fact(
        "facts.persons",
        source.persons.as_ref(),
        "a merit integer from 1",
        count,
    );
    let named = source
        .persons
        .as_ref()
        .map(|text| text.get_ref().as_str().into());
    KernelFacts {
        scene: resolver.optional_fact(
            "facts.scene",
            source.scene.as_ref(),
            "a gate fact with an enum",
            gate_enum,
        ),
        persons: persons.zip(named).map(|(slot, name)| Base { slot, name }),
        loss: source
            .loss
            .as_ref()
            .and_then(|text| resolver.money_fact("facts.loss", text)),
        severity: resolver.optional_fact(
            "facts.severity",
            source.severity.as_ref(),
            route,
            is_route_enum,
        ),
        customer_value: resolver.optional_fact(
            "facts.customer_value",
            source.customer_value.as_ref(),
            route,
            is_route_enum,
        ),
        consent: resolver.optional_fact(
            "facts.consent",
            source.consent.as_ref(),
            "a gate boolean",
            gate_bool,
        ),
    }
}
