//! What bounds discretionary money.

use redress_kernel::guardrails::{
    Budget, CashRule, Corridor, Envelope, KernelFacts, RollingCap, Scope, Tier,
};

use super::all;
use super::authority::optional_ground;
use crate::guardrails::resolve::Resolver;
use crate::guardrails::source::{self, Source};

pub(super) fn tier(resolver: &mut Resolver<'_>, source: &source::Tier) -> Option<Tier> {
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

pub(super) fn envelope(
    resolver: &mut Resolver<'_>,
    source: &Source,
    facts: &KernelFacts,
) -> Option<Envelope> {
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
            window_days: super::ledger::window_days(resolver, "cap.window_days", &cap.window_days)?,
            per: super::ledger::scope(
                resolver,
                "cap.per",
                cap.per.as_ref(),
                Scope::Customer,
                facts,
            )?,
            times: super::ledger::positive(resolver, "cap.times", cap.times.as_ref())?,
        })
    });
    let budgets = all(&source.budget, |budget| {
        Some(Budget {
            name: resolver.code("budget.name", &budget.name)?,
            basis: optional_ground(resolver, "budget.basis", budget.basis.as_ref())?,
            limit: resolver.money("budget.limit", &budget.limit)?,
            per: super::ledger::scope(
                resolver,
                "budget.per",
                budget.per.as_ref(),
                Scope::Everyone,
                facts,
            )?,
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

pub(super) fn corridor(resolver: &mut Resolver<'_>, source: &source::Corridor) -> Option<Corridor> {
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
