//! What may be called law or contract, and the least that the law gives.

use redress_kernel::guardrails::{Claim, ClaimBasis, Floor, SecondLook};

use super::Names;
use crate::guardrails::resolve::Resolver;
use crate::guardrails::source;

pub(super) fn claim(
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

pub(super) fn floor(
    resolver: &mut Resolver<'_>,
    source: &source::Floor,
    names: &Names,
) -> Option<Floor> {
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
