//! Who may give what, and who must sign.

use redress_kernel::guardrails::{AuthorityRow, BasisKind, Chain, KernelFacts, Role, Signature};

use super::{Names, all};
use crate::guardrails::resolve::Resolver;
use crate::guardrails::source;

pub(super) fn role(resolver: &mut Resolver<'_>, source: &source::Role) -> Option<Role> {
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
pub(super) fn ground(
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
pub(super) fn optional_ground(
    resolver: &mut Resolver<'_>,
    key: &str,
    source: Option<&source::Text>,
) -> Option<Option<BasisKind>> {
    source.map_or(Some(None), |source| ground(resolver, key, source))
}

pub(super) fn authority_row(
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
    let role = resolver.defined("authority.role", &source.role, "role", &names.roles)?;
    Some(AuthorityRow {
        role: names.roles.iter().position(|name| *name == role)?,
        basis,
        kind,
        scene,
        limit: resolver.money("authority.limit", &source.limit)?,
        valid_from: resolver.date("authority.valid_from", &source.valid_from)?,
        valid_until: resolver.date("authority.valid_until", &source.valid_until)?,
        delegated_by,
    })
}

pub(super) fn chain(
    resolver: &mut Resolver<'_>,
    source: &source::Chain,
    names: &Names,
) -> Option<Chain> {
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
