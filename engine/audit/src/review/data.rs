//! The parts of the page's data.

use std::collections::BTreeMap;

use redress_authoring::{Lang, words};
use redress_kernel::{Adjusted, Adjustment, Decision, Escalation};
use redress_model::{Amount, Currency, Locale, ReasonArg};
use redress_release::ReleaseSource;
use serde_json::{Value as Json, json};

use crate::compare::Kept;
use crate::things::{Part, Said, things};

/// The places for arguments, as a message file writes them.
const PLACES: [&str; 8] = ["{0}", "{1}", "{2}", "{3}", "{4}", "{5}", "{6}", "{7}"];

/// The parts of a release with their headings, in order.
pub(super) fn part_titles(lang: Lang) -> Json {
    let titles: Vec<Json> = Part::ALL
        .iter()
        .map(|part| json!([part, part.title(lang)]))
        .collect();
    json!(titles)
}

/// Everything that a release says.
pub(super) fn said(release: &ReleaseSource, lang: Lang) -> Json {
    let things = things(release, lang);
    let shown = things.iter().filter(|thing| thing.part != Part::Files);
    let one = |thing: &crate::things::Thing| {
        let traits = thing.traits.iter().map(|of| {
            let shown = match &of.said {
                Said::List(items) => items.join("; "),
                said => said.shown(lang),
            };
            (of.name.clone(), shown)
        });
        let says: Vec<(String, String)> = traits.filter(|(_, shown)| !shown.is_empty()).collect();
        json!({ "part": thing.part, "thing": thing.name, "says": says })
    };
    json!(shown.map(one).collect::<Vec<Json>>())
}

/// The sentence of every code that a decision may give, the new release's before the old
/// one's before the engine's own.
pub(super) fn sentences(releases: &[&ReleaseSource], lang: Lang) -> Json {
    let places: Vec<ReasonArg> = PLACES
        .iter()
        .map(|place| ReasonArg::Text((*place).into()))
        .collect();
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for code in redress_kernel::codes::ALL {
        if let Some(sentence) = words::sentence(code, lang) {
            all.insert(code.to_string(), sentence.to_owned());
        }
    }
    let Ok(locale) = Locale::new(lang.code()) else {
        return json!(all);
    };
    for release in releases {
        let messages = release.messages();
        for code in messages.codes() {
            if let Some(sentence) = messages.sentence(&locale, code) {
                all.insert(code.to_string(), sentence.with(&places));
            }
        }
    }
    json!(all)
}

/// The names of the facts, in the order in which a case has their values.
pub(super) fn fact_names(release: &ReleaseSource) -> Json {
    let facts = release.schema().facts().iter();
    json!(facts.map(|fact| fact.name.as_str()).collect::<Vec<_>>())
}

/// What the list shows of a case that is decided otherwise, and what it can be found by.
pub(super) fn short(kept: &Kept) -> Json {
    let place = |decision: &Decision| crate::compare::place(decision.outcome());
    let mut codes: Vec<&str> = kept.new.reasons().map(|it| it.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    json!([
        kept.case.envelope.id,
        place(&kept.old),
        place(&kept.new),
        kept.by,
        currency(kept),
        kept.segments,
        codes,
    ])
}

/// Everything about a case that is decided otherwise.
pub(super) fn full(kept: &Kept, release: &ReleaseSource) -> Json {
    let schema = release.schema();
    let facts = schema.slots().map(|(slot, _)| {
        let value = kept.case.facts.get(slot)?;
        Some(schema.show(slot, value))
    });
    json!({
        "line": kept.line,
        "date": kept.case.envelope.incident_date,
        "facts": facts.collect::<Vec<_>>(),
        "old": side(&kept.old),
        "new": side(&kept.new),
    })
}

/// The currency in which the case moves most, or else the first that it has.
fn currency(kept: &Kept) -> Option<Currency> {
    let total = |decision: &Decision, currency: Currency| -> i128 {
        let own = decision.remedies().iter().filter_map(|remedy| remedy.worth);
        own.filter(|worth| worth.currency() == currency)
            .map(|worth| i128::from(worth.minor()))
            .sum()
    };
    let remedies = kept.old.remedies().iter().chain(kept.new.remedies());
    let mut currencies: Vec<Currency> = remedies
        .filter_map(|remedy| remedy.worth)
        .map(|worth| worth.currency())
        .collect();
    currencies.sort_unstable();
    currencies.dedup();
    let moves = |currency: &&Currency| {
        total(&kept.new, **currency).saturating_sub(total(&kept.old, **currency)) == kept.by
    };
    currencies
        .iter()
        .find(moves)
        .or(currencies.first())
        .copied()
}

fn side(decision: &Decision) -> Json {
    let given: Vec<String> = decision
        .remedies()
        .iter()
        .map(|remedy| {
            let amount = match &remedy.amount {
                Amount::Money(money) => money.to_string(),
                Amount::Units { unit, count } => format!("{count} {unit}"),
            };
            let claim = remedy.basis.claim().map(|claim| format!(" {claim}"));
            format!(
                "{amount} {} ({}{})",
                remedy.kind,
                remedy.basis.name(),
                claim.unwrap_or_default()
            )
        })
        .collect();
    let reasons: Vec<Json> = decision
        .reasons()
        .map(|reason| json!([reason.code, reason.args.iter().map(arg).collect::<Vec<_>>()]))
        .collect();
    json!({
        "outcome": decision.outcome(),
        "version": decision.release().version,
        "given": given,
        "reasons": reasons,
        "adjustments": decision.adjustments().iter().map(adjustment).collect::<Vec<_>>(),
        "escalations": decision.escalations().iter().map(escalation).collect::<Vec<_>>(),
    })
}

fn arg(arg: &ReasonArg) -> String {
    match arg {
        ReasonArg::Int(value) => value.to_string(),
        ReasonArg::Money(value) => value.to_string(),
        ReasonArg::Date(value) => value.to_string(),
        ReasonArg::Text(value) => value.to_string(),
    }
}

fn adjustment(adjustment: &Adjustment) -> String {
    let shown = |side: &Adjusted| match side {
        Adjusted::Worth(money) => money.to_string(),
        Adjusted::Kind(kind) => kind.to_string(),
        Adjusted::Basis(basis) => (*basis).to_owned(),
    };
    let name = adjustment
        .evidence
        .name
        .as_ref()
        .map(|name| format!(" {name}"));
    let (rule, name) = (adjustment.rule.name(), name.unwrap_or_default());
    format!(
        "{rule}{name}: {} → {}",
        shown(&adjustment.from),
        shown(&adjustment.to)
    )
}

fn escalation(escalation: &Escalation) -> String {
    let people = escalation
        .signatures
        .iter()
        .map(|of| format!("{} {}", of.count, of.role));
    let people: Vec<String> = people.collect();
    let who = if people.is_empty() {
        escalation.owner.to_string()
    } else {
        people.join(", ")
    };
    let due = escalation
        .deadline
        .as_ref()
        .map(|due| format!(" ≤ {}", due.at.to_rfc3339(due.offset_seconds)));
    format!("{} ({}){}", who, escalation.reason, due.unwrap_or_default())
}
