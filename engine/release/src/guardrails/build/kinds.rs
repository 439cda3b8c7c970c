//! Kinds of remedy, and what a locale does not give.

use redress_kernel::guardrails::{KernelFacts, Kind, Taboo, Worth};

use super::Names;
use crate::guardrails::resolve::Resolver;
use crate::guardrails::source;

pub(super) fn kind(
    resolver: &mut Resolver<'_>,
    source: &source::Kind,
    facts: &KernelFacts,
) -> Option<Kind> {
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

pub(super) fn locale_of(
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

pub(super) fn taboo(
    resolver: &mut Resolver<'_>,
    source: &source::Taboo,
    names: &Names,
) -> Option<Taboo> {
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
