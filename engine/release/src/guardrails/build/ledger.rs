//! What the ledger needs to know: scopes, expiry, early warning, departures.

use redress_kernel::Span;
use redress_kernel::guardrails::{
    DepartureReason, KernelFacts, LedgerRules, Scope, Warning, WarningRule,
};
use redress_model::code::nearest;
use redress_model::{FactClass, FactDef};
use toml::Spanned;

use super::{Names, all};
use crate::guardrails::resolve::Resolver;
use crate::guardrails::source::{self, Source, Text};

/// The longest window, a hundred years: what bounds the buckets that a sum reads.
const WINDOW_DAYS_MAX: u32 = 36_525;

/// Whose sums a limit adds up.
pub(super) fn scope(
    resolver: &mut Resolver<'_>,
    key: &str,
    text: Option<&Text>,
    default: Scope,
    facts: &KernelFacts,
) -> Option<Scope> {
    let Some(text) = text else {
        return Some(default);
    };
    let scope = one_of(resolver, key, text, &Scope::ALL, Scope::name)?;
    if scope == Scope::Scene && facts.scene.is_none() {
        let problem = "no fact is named for the scene";
        let help = Some("name the gate fact under [facts] as `scene`".to_owned());
        resolver.problem(text.span(), key, problem, help);
        return None;
    }
    Some(scope)
}

/// A window of at least a day.
pub(super) fn window_days(
    resolver: &mut Resolver<'_>,
    key: &str,
    days: &Spanned<u32>,
) -> Option<u32> {
    let found = *days.get_ref();
    if (1..=WINDOW_DAYS_MAX).contains(&found) {
        return Some(found);
    }
    let problem = format!("a window is 1 to {WINDOW_DAYS_MAX} days");
    resolver.problem(days.span(), key, problem, None);
    None
}

/// A number from 1, if there is one: `Some(None)` without.
#[expect(
    clippy::option_option,
    reason = "outside: is it valid; inside: is it there"
)]
pub(super) fn positive(
    resolver: &mut Resolver<'_>,
    key: &str,
    number: Option<&Spanned<u32>>,
) -> Option<Option<u32>> {
    match number {
        Some(number) if *number.get_ref() == 0 => {
            resolver.problem(number.span(), key, "at least 1", None);
            None
        }
        number => Some(number.map(|number| *number.get_ref())),
    }
}

pub(super) fn rules(
    resolver: &mut Resolver<'_>,
    source: &Source,
    names: &Names,
) -> Option<LedgerRules> {
    let grant = span(
        resolver,
        "ledger.grant_expires_after",
        source.ledger.grant_expires_after.as_ref(),
    );
    let approval = span(
        resolver,
        "ledger.approval_expires_after",
        source.ledger.approval_expires_after.as_ref(),
    );
    let warnings = all(&source.warning, |rule| warning(resolver, rule));
    let departures = all(&source.departure, |departure| {
        Some(DepartureReason {
            code: resolver.code("departure.reason", &departure.reason)?,
            role: resolver.defined("departure.role", &departure.role, "role", &names.roles)?,
        })
    });
    Some(LedgerRules {
        grant_expires_after: grant?,
        approval_expires_after: approval?,
        warnings: warnings?,
        departures: departures?,
    })
}

#[expect(
    clippy::option_option,
    reason = "outside: is it valid; inside: is it there"
)]
fn span(resolver: &mut Resolver<'_>, key: &str, text: Option<&Text>) -> Option<Option<Span>> {
    match text {
        Some(text) => resolver.span(key, text).map(Some),
        None => Some(None),
    }
}

fn warning(resolver: &mut Resolver<'_>, rule: &source::Warning) -> Option<WarningRule> {
    let needed = "a merit, gate or route fact";
    let fits = |fact: &FactDef| {
        matches!(
            fact.class,
            FactClass::Merit | FactClass::Gate | FactClass::Route
        )
    };
    let by = all(&rule.by, |name| {
        resolver.fact("warning.by", name.span(), name.get_ref(), needed, fits)
    });
    Some(WarningRule {
        name: resolver.code("warning.name", &rule.name)?,
        fills: one_of(
            resolver,
            "warning.fills",
            &rule.fills,
            &Warning::ALL,
            Warning::name,
        )?,
        by: by?,
        window_days: window_days(resolver, "warning.window_days", &rule.window_days)?,
        warns_from: positive(resolver, "warning.warns_from", rule.warns_from.as_ref())?,
    })
}

/// One of a closed list of names.
fn one_of<T: Copy>(
    resolver: &mut Resolver<'_>,
    key: &str,
    text: &Text,
    list: &[T],
    name: fn(T) -> &'static str,
) -> Option<T> {
    let found = text.get_ref().as_str();
    let fits = list.iter().copied().find(|item| name(*item) == found);
    if fits.is_none() {
        let names: Vec<&str> = list.iter().map(|item| name(*item)).collect();
        let near = nearest(found, names.iter().copied());
        let help = near.map_or_else(
            || format!("write one of {}", names.join(", ")),
            |near| format!("did you mean {near:?}?"),
        );
        resolver.problem(
            text.span(),
            key,
            format!("{found:?} is not known here"),
            Some(help),
        );
    }
    fits
}
