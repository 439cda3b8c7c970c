//! The digest of everything that a decision depends on.

use redress_model::likeness::{Bearing, Coverage, SiblingClass};
use redress_model::{
    Actor, Assurance, Case, Digest, Envelope, Likeness, Money, Precedent, Standing, Sums,
    Timestamp, Value,
};

use crate::decide::SEMANTICS_VERSION;
use crate::decision::ReleaseId;

/// The digest of semantics version, release, case, actor, standing and time: equal
/// inputs give equal decisions, so this names the decision before it is made.
///
/// SHA-256 over tagged fields in a fixed order, texts and lists with their length before
/// them, integers in little-endian order, so that no two inputs are written alike.
#[must_use]
pub fn inputs_digest(
    release: &ReleaseId,
    case: &Case,
    actor: &Actor,
    standing: &Standing,
    as_of: Timestamp,
) -> Digest {
    let mut out = Vec::with_capacity(1_024);
    field(&mut out, b"redress.inputs.v2");
    out.extend(SEMANTICS_VERSION.to_le_bytes());
    out.extend(release.digest.bytes());
    out.extend(as_of.seconds().to_le_bytes());
    envelope(&mut out, &case.envelope);
    text(&mut out, actor.id.as_str());
    text(&mut out, actor.role.as_str());
    out.push(match actor.assurance {
        Assurance::Authenticated => 1,
        Assurance::Unverified => 0,
    });
    self::standing(&mut out, standing);
    out.extend(case.facts.schema().bytes());
    for value in case.facts.iter() {
        match value {
            None => out.push(0),
            Some(value) => encode(&mut out, value),
        }
    }
    Digest::of(&out)
}

fn envelope(out: &mut Vec<u8>, envelope: &Envelope) {
    let Envelope {
        id,
        incident_date,
        event,
        claimant,
        links,
        stage,
        offer,
        requested,
    } = envelope;
    text(out, id.as_str());
    out.extend(incident_date.days().to_le_bytes());
    text(out, event.as_str());
    text(out, claimant.id.as_str());
    option(out, claimant.locale.as_ref(), |out, locale| {
        text(out, locale.as_str());
    });
    length(out, links.len());
    for link in links {
        text(out, link.kind.as_str());
        text(out, link.id.as_str());
    }
    text(out, stage.name());
    option(out, offer.as_ref(), |out, offer| money(out, offer.amount));
    option(out, requested.as_ref(), |out, requested| {
        option(out, requested.kind.as_ref(), |out, kind| {
            text(out, kind.as_str())
        });
        option(out, requested.amount, money);
    });
}

fn standing(out: &mut Vec<u8>, standing: &Standing) {
    let Standing {
        as_of_seq,
        paid,
        rolling,
        budgets,
        warnings,
        outside,
        fairness,
    } = standing;
    out.extend(as_of_seq.to_le_bytes());
    length(out, paid.len());
    for paid in paid {
        text(out, paid.beneficiary.as_str());
        text(out, paid.head.as_str());
        money(out, paid.amount);
    }
    for sums in [rolling, budgets] {
        match sums {
            Sums::Fresh => out.push(0),
            Sums::Known(sums) => {
                out.push(1);
                length(out, sums.len());
                for sum in sums {
                    text(out, sum.name.as_str());
                    money(out, sum.amount);
                }
            }
        }
    }
    for count in [warnings.repeats, warnings.like_cases, warnings.burst] {
        out.extend(count.to_le_bytes());
    }
    // Most cases are within every limit, and are digested as they always were.
    if !outside.is_empty() {
        field(out, b"outside");
        length(out, outside.len());
        outside.iter().for_each(|limit| text(out, limit.as_str()));
    }
    // Releases that compare nothing are digested as they always were.
    if let Some(likeness) = fairness {
        self::likeness(out, likeness);
    }
}

fn likeness(out: &mut Vec<u8>, likeness: &Likeness) {
    let Likeness {
        precedents,
        coverage,
        most,
        least,
        not_compared,
        siblings,
        promises,
        open,
        departures,
    } = likeness;
    field(out, b"fairness");
    out.extend(precedents.to_le_bytes());
    out.push(match coverage {
        Coverage::Whole => 0,
        Coverage::Partial => 1,
    });
    option(out, most.as_ref(), precedent);
    option(out, least.as_ref(), precedent);
    out.extend(not_compared.to_le_bytes());
    length(out, siblings.len());
    for sibling in siblings {
        precedent(out, &sibling.precedent);
        out.extend(sibling.units.to_le_bytes());
        out.push(match sibling.bearing {
            Bearing::Norm => 0,
            Bearing::Error => 1,
            Bearing::Departure => 2,
            Bearing::Overturned => 3,
            Bearing::Experiment => 4,
        });
        out.push(match sibling.class {
            SiblingClass::Same => 0,
            SiblingClass::Other => 1,
        });
    }
    length(out, promises.len());
    for promise in promises {
        out.extend(promise.seq.to_le_bytes());
        text(out, promise.promisee.as_str());
        money(out, promise.amount);
    }
    out.extend(open.to_le_bytes());
    out.extend(departures.to_le_bytes());
}

fn precedent(out: &mut Vec<u8>, precedent: &Precedent) {
    out.extend(precedent.decision.to_le_bytes());
    out.extend(precedent.decided_at.seconds().to_le_bytes());
    text(out, precedent.case.as_str());
    text(out, &precedent.version);
    length(out, precedent.point.len());
    for number in &precedent.point {
        out.extend(number.to_le_bytes());
    }
    money(out, precedent.norm);
}

fn option<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    match value {
        None => out.push(0),
        Some(value) => {
            out.push(1);
            write(out, value);
        }
    }
}

fn money(out: &mut Vec<u8>, money: Money) {
    out.extend(money.minor().to_le_bytes());
    out.extend(money.currency().bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    field(out, text.as_bytes());
}

fn length(out: &mut Vec<u8>, length: usize) {
    out.extend(u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    length(out, bytes.len());
    out.extend(bytes);
}

fn encode(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Bool(value) => out.extend([1, u8::from(*value)]),
        Value::Int(value) => tagged(out, 2, *value),
        Value::Enum(value) => tagged(out, 3, i64::from(*value)),
        Value::Date(value) => tagged(out, 4, i64::from(value.days())),
        Value::DateTime(value) => tagged(out, 5, value.seconds()),
        Value::Money(value) => {
            out.push(6);
            money(out, *value);
        }
        Value::Text(value) => {
            out.push(7);
            text(out, value);
        }
        Value::List(items) => {
            out.push(8);
            length(out, items.len());
            for item in items {
                encode(out, item);
            }
        }
    }
}

fn tagged(out: &mut Vec<u8>, tag: u8, number: i64) {
    out.push(tag);
    out.extend(number.to_le_bytes());
}
