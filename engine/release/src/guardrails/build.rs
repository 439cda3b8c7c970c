//! Builds the kernel's guardrails from their source, part by part.

use redress_kernel::guardrails::{
    AuthorityRow, Base, BasisKind, Budget, CashRule, Chain, Claim, ClaimBasis, Corridor, Envelope,
    Floor, GoodwillSwitch, HoldRule, KernelFacts, Kind, LadderRung, Precondition, ReviewRule, Role,
    RollingCap, SafetyRule, SecondLook, Signature, Taboo, Tier, UnknownFactRule, Worth,
};
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
    resolver.names("hold.code", source.hold.iter().map(|hold| &hold.code));
    let facts = kernel_facts(resolver, &source.facts);
    let statutory = all(&source.statutory, |c| {
        claim(resolver, c, ClaimBasis::Statutory, &names)
    });
    let contractual = all(&source.contractual, |c| {
        claim(resolver, c, ClaimBasis::Contractual, &names)
    });
    let floors = all(&source.floor, |floor| self::floor(resolver, floor, &names));
    let tiers = all(&source.tier, |tier| self::tier(resolver, tier));
    let envelope = envelope(resolver, source, &facts);
    let kinds = all(&source.kind, |kind| self::kind(resolver, kind, &facts));
    let taboos = all(&source.taboo, |taboo| self::taboo(resolver, taboo, &names));
    let corridor = corridor(resolver, &source.corridor);
    let roles = all(&source.role, |role| self::role(resolver, role));
    let authority = all(&source.authority, |row| {
        authority_row(resolver, row, &facts, &names)
    });
    let chains = all(&source.chain, |chain| self::chain(resolver, chain, &names));
    let preconditions = all(&source.precondition, |rule| precondition(resolver, rule));
    let holds = all(&source.hold, |rule| hold(resolver, rule));
    let reviews = all(&source.review, |rule| review(resolver, rule));
    let safety = all(&source.safety, |rule| safety_rule(resolver, rule));
    let ladder = all(&source.ladder, |step| rung(resolver, step, &facts));
    let calendar = match &source.calendar {
        Some(calendar) => super::calendar::build(resolver, calendar),
        None => Some(Calendar::utc()),
    };
    let mut claims = statutory?;
    claims.extend(contractual?);
    let mut roles = roles?;
    roles.sort_by_key(|role| role.rank);
    let unknown_fact = unknown_fact(resolver, source, &roles)?;
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

fn claim(
    resolver: &mut Resolver<'_>,
    source: &source::Claim,
    basis: ClaimBasis,
    names: &Names,
) -> Option<Claim> {
    let table = match basis {
        ClaimBasis::Statutory => "statutory",
        ClaimBasis::Contractual => "contractual",
    };
    let key = |name: &str| format!("{table}.{name}");
    let kinds: Vec<_> = source
        .kinds
        .iter()
        .map(|kind| resolver.defined(&key("kinds"), kind, "kind", &names.kinds))
        .collect();
    let mut kinds = kinds.into_iter().collect::<Option<Vec<_>>>()?;
    if kinds.is_empty() {
        let cash = names
            .kinds
            .iter()
            .find(|kind| kind.as_str() == "cash")
            .cloned();
        if cash.is_none() {
            let help = Some("define [[kind]] name = \"cash\", or name the kinds".to_owned());
            let problem = "a claim without `kinds` is given in cash, which is no kind here";
            resolver.problem(source.code.span(), &key("kinds"), problem, help);
        }
        kinds.push(cash?);
    }
    let approval = match &source.approval {
        Some(chain) => Some(resolver.defined(&key("approval"), chain, "chain", &names.chains)?),
        None => None,
    };
    let second_look = match &source.second_look {
        Some(look) => Some(SecondLook {
            above: resolver.money(&key("second_look.above"), &look.above)?,
            role: resolver.defined(&key("second_look.role"), &look.role, "role", &names.roles)?,
            within: resolver.span(&key("second_look.within"), &look.within)?,
        }),
        None => None,
    };
    Some(Claim {
        code: resolver.code(&key("code"), &source.code)?,
        basis,
        head: resolver.code(&key("head"), &source.head)?,
        source: source.source.clone(),
        max_per_person: resolver.limit(&key("max_per_person"), &source.max_per_person)?,
        kinds,
        approval,
        second_look,
        nets: resolver.codes(&key("nets"), &source.nets)?,
    })
}

fn floor(resolver: &mut Resolver<'_>, source: &source::Floor, names: &Names) -> Option<Floor> {
    let claim = resolver.defined(
        "floor.code",
        &source.code,
        "statutory claim",
        &names.statutory,
    );
    let at_least = resolver.limit("floor.at_least", &source.at_least);
    let when = match &source.when {
        Some(when) => resolver.when("floor.when", when),
        None => Some(Vec::new()),
    };
    Some(Floor {
        claim: claim?,
        at_least: at_least?,
        when: when?,
    })
}

fn tier(resolver: &mut Resolver<'_>, source: &source::Tier) -> Option<Tier> {
    let from = resolver.percent("tier.from_percent", &source.from_percent);
    let to = resolver.percent("tier.to_percent", &source.to_percent);
    let of = resolver.money_fact("tier.of", &source.of);
    let (from, to) = (from?, to?);
    if from > to {
        let problem = "`from_percent` is above `to_percent`";
        resolver.problem(
            source.from_percent.span(),
            "tier.from_percent",
            problem,
            None,
        );
    }
    Some(Tier {
        name: resolver.code("tier.name", &source.name)?,
        from_basis_points: from,
        to_basis_points: to,
        of: of?,
    })
}

fn envelope(resolver: &mut Resolver<'_>, source: &Source, facts: &KernelFacts) -> Option<Envelope> {
    let envelope = &source.envelope;
    let needs_loss = envelope
        .no_loss_no_cash
        .as_ref()
        .filter(|needs| *needs.get_ref());
    let at = needs_loss.map(toml::Spanned::span).or_else(|| {
        envelope
            .loss_multiple_percent
            .as_ref()
            .map(toml::Spanned::span)
    });
    if let (Some(at), None) = (at, &facts.loss) {
        let help = Some("name the merit money fact under [facts] as `loss`".to_owned());
        resolver.problem(
            at,
            "envelope",
            "the loss is needed and no fact is named for it",
            help,
        );
    }
    let caps = all(&source.cap, |cap| {
        Some(RollingCap {
            name: resolver.code("cap.name", &cap.name)?,
            basis: optional_ground(resolver, "cap.basis", cap.basis.as_ref())?,
            limit: resolver.money("cap.limit", &cap.limit)?,
            window_days: *cap.window_days.get_ref(),
        })
    });
    let budgets = all(&source.budget, |budget| {
        Some(Budget {
            name: resolver.code("budget.name", &budget.name)?,
            basis: optional_ground(resolver, "budget.basis", budget.basis.as_ref())?,
            limit: resolver.money("budget.limit", &budget.limit)?,
        })
    });
    let multiple = match &envelope.loss_multiple_percent {
        Some(percent) => Some(resolver.percent("envelope.loss_multiple_percent", percent)?),
        None => None,
    };
    Some(Envelope {
        cash: if needs_loss.is_some() {
            CashRule::NeedsLoss
        } else {
            CashRule::Free
        },
        loss_multiple_basis_points: multiple,
        caps: caps?,
        budgets: budgets?,
    })
}

fn kind(resolver: &mut Resolver<'_>, source: &source::Kind, facts: &KernelFacts) -> Option<Kind> {
    let name = resolver.code("kind.name", &source.name)?;
    let worth = match (&source.unit, &source.worth_each, &source.worth_percent) {
        (Some(_), Some(each), None) => Worth::Each(resolver.money("kind.worth_each", each)?),
        (None, None, percent) => {
            let percent = percent.as_ref().map_or(100, |percent| *percent.get_ref());
            if !(1..=100).contains(&percent) {
                let problem = "a kind is worth 1 to 100 percent of its face";
                resolver.problem(source.name.span(), "kind.worth_percent", problem, None);
            }
            Worth::Face { percent }
        }
        _ => {
            let help = "a money kind has `worth_percent` or nothing; a kind that is counted has \
                        `unit` and `worth_each`";
            resolver.problem(source.name.span(), "kind", "not a kind", Some(help.into()));
            return None;
        }
    };
    let locales: Vec<_> = source
        .locales
        .iter()
        .map(|locale| locale_of(resolver, "kind.locales", locale))
        .collect();
    let scenes: Vec<_> = source
        .scenes
        .iter()
        .map(|scene| resolver.enum_value("kind.scenes", facts.scene, scene))
        .collect();
    Some(Kind {
        name,
        worth,
        locales: locales.into_iter().collect::<Option<_>>()?,
        scenes: scenes.into_iter().collect::<Option<_>>()?,
    })
}

fn locale_of(
    resolver: &mut Resolver<'_>,
    key: &str,
    text: &source::Text,
) -> Option<redress_model::Locale> {
    let locale = redress_model::Locale::new(text.get_ref());
    if let Err(error) = &locale {
        resolver.problem(text.span(), key, error.to_string(), None);
    }
    locale.ok()
}

fn taboo(resolver: &mut Resolver<'_>, source: &source::Taboo, names: &Names) -> Option<Taboo> {
    let locale = locale_of(resolver, "taboo.locale", &source.locale)?;
    match (
        &source.kind,
        &source.instead,
        &source.amount,
        &source.instead_amount,
    ) {
        (Some(kind), Some(instead), None, None) => Some(Taboo::Kind {
            locale,
            kind: resolver.defined("taboo.kind", kind, "kind", &names.kinds)?,
            instead: resolver.defined("taboo.instead", instead, "kind", &names.kinds)?,
        }),
        (None, None, Some(sum), Some(instead)) => {
            let sum = resolver.money("taboo.amount", sum)?;
            let at = instead.span();
            let instead = resolver.money("taboo.instead_amount", instead)?;
            if sum.currency() != instead.currency() {
                resolver.problem(at, "taboo.instead_amount", "another currency", None);
            }
            Some(Taboo::Sum {
                locale,
                sum,
                instead,
            })
        }
        _ => {
            let help = "write `kind` and `instead`, or `amount` and `instead_amount`";
            let at = source.locale.span();
            resolver.problem(at, "taboo", "not a taboo", Some(help.into()));
            None
        }
    }
}

fn corridor(resolver: &mut Resolver<'_>, source: &source::Corridor) -> Option<Corridor> {
    let tolerance = match &source.tolerance_percent {
        Some(percent) => resolver.percent("corridor.tolerance_percent", percent)?,
        None => 0,
    };
    let rounding_unit = match &source.rounding_unit {
        Some(unit) => Some(resolver.money("corridor.rounding_unit", unit)?),
        None => None,
    };
    Some(Corridor {
        tolerance_basis_points: tolerance,
        rounding_unit,
    })
}

fn role(resolver: &mut Resolver<'_>, source: &source::Role) -> Option<Role> {
    Some(Role {
        name: resolver.code("role.name", &source.name)?,
        rank: *source.rank.get_ref(),
        owner: resolver.code("role.owner", &source.owner)?,
        within: resolver.span("role.within", &source.within)?,
    })
}

/// One of the two discretionary grounds, or both: `Some(None)`.
#[expect(
    clippy::option_option,
    reason = "outside: is it one; inside: which one"
)]
fn ground(
    resolver: &mut Resolver<'_>,
    key: &str,
    source: &source::Text,
) -> Option<Option<BasisKind>> {
    match source.get_ref().as_str() {
        "*" => Some(None),
        "goodwill" => Some(Some(BasisKind::Goodwill)),
        "contractual" => Some(Some(BasisKind::Contractual)),
        other => {
            let problem = format!("{other:?} is not a discretionary ground");
            let help = "write goodwill, contractual or *; no cap or limit holds a statutory sum";
            resolver.problem(source.span(), key, problem, Some(help.into()));
            None
        }
    }
}

#[expect(clippy::option_option, reason = "as above")]
fn optional_ground(
    resolver: &mut Resolver<'_>,
    key: &str,
    source: Option<&source::Text>,
) -> Option<Option<BasisKind>> {
    source.map_or(Some(None), |source| ground(resolver, key, source))
}

fn authority_row(
    resolver: &mut Resolver<'_>,
    source: &source::Authority,
    facts: &KernelFacts,
    names: &Names,
) -> Option<AuthorityRow> {
    let basis = ground(resolver, "authority.basis", &source.basis)?;
    let kind = match source.kind.get_ref().as_str() {
        "*" => None,
        _ => Some(resolver.defined("authority.kind", &source.kind, "kind", &names.kinds)?),
    };
    let scene = match source.scene.get_ref().as_str() {
        "*" => None,
        _ => Some(resolver.enum_value("authority.scene", facts.scene, &source.scene)?),
    };
    let delegated_by = match &source.delegated_by {
        Some(role) => {
            Some(resolver.defined("authority.delegated_by", role, "role", &names.roles)?)
        }
        None => None,
    };
    Some(AuthorityRow {
        role: resolver.defined("authority.role", &source.role, "role", &names.roles)?,
        basis,
        kind,
        scene,
        limit: resolver.money("authority.limit", &source.limit)?,
        valid_from: resolver.date("authority.valid_from", &source.valid_from)?,
        valid_until: resolver.date("authority.valid_until", &source.valid_until)?,
        delegated_by,
    })
}

fn chain(resolver: &mut Resolver<'_>, source: &source::Chain, names: &Names) -> Option<Chain> {
    let signatures = all(&source.signatures, |signature| {
        let count = *signature.count.get_ref();
        if count == 0 {
            let at = signature.count.span();
            resolver.problem(
                at,
                "chain.signatures.count",
                "at least one person signs",
                None,
            );
        }
        let role = &signature.role;
        let role = resolver.defined("chain.signatures.role", role, "role", &names.roles)?;
        Some(Signature { role, count })
    })?;
    if signatures.is_empty() {
        let at = source.name.span();
        resolver.problem(
            at,
            "chain.signatures",
            "a chain without signatures approves nothing",
            None,
        );
    }
    let when = match &source.when {
        Some(when) => resolver.when("chain.when", when)?,
        None => Vec::new(),
    };
    Some(Chain {
        name: resolver.code("chain.name", &source.name)?,
        codes: resolver.codes("chain.codes", &source.codes)?,
        when,
        signatures,
        owner: resolver.code("chain.owner", &source.owner)?,
        within: resolver.span("chain.within", &source.within)?,
    })
}

fn precondition(
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

fn hold(resolver: &mut Resolver<'_>, source: &source::Hold) -> Option<HoldRule> {
    Some(HoldRule {
        code: resolver.code("hold.code", &source.code)?,
        missing: resolver.code("hold.missing", &source.missing)?,
        owner: resolver.code("hold.owner", &source.owner)?,
        within: resolver.span("hold.within", &source.within)?,
        freezes: resolver.codes("hold.freezes", &source.freezes)?,
    })
}

/// Without an entry, the lowest role gets what is missing.
fn unknown_fact(
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

fn review(resolver: &mut Resolver<'_>, source: &source::Review) -> Option<ReviewRule> {
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

fn safety_rule(resolver: &mut Resolver<'_>, source: &source::Safety) -> Option<SafetyRule> {
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

fn rung(
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
