//! Step 5: the same event or linked cases, the same rate for each affected unit.

use redress_model::Money;
use redress_model::likeness::{Bearing, Sibling, SiblingClass};

use super::{Bench, Edges, Side, note, towards};
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::Halt;
use crate::findings::Breach;
use crate::steps::Draft;
use crate::steps::escalate::Need;

pub(super) fn hold<'a>(
    bench: Bench<'a>,
    draft: &mut Draft<'a>,
    mut sum: Money,
) -> Result<Money, Halt> {
    let Some(likeness) = bench.likeness else {
        return Ok(sum);
    };
    let units = bench.fairness.units(&bench.inputs.case.facts);
    for sibling in &likeness.siblings {
        match sibling.bearing {
            Bearing::Norm => sum = against(bench, draft, sibling, units, sum)?,
            Bearing::Error => draft.because(&codes::PRIOR_ERROR_NOT_BINDING),
            Bearing::Departure => draft.because(&codes::PRIOR_DEPARTURE_NOT_BINDING),
            Bearing::Overturned | Bearing::Experiment => {}
        }
    }
    Ok(sum)
}

fn against<'a>(
    bench: Bench<'a>,
    draft: &mut Draft<'a>,
    sibling: &Sibling,
    units: i64,
    sum: Money,
) -> Result<Money, Halt> {
    let precedent = &sibling.precedent;
    if sibling.class != SiblingClass::Same || precedent.norm.currency() != sum.currency() {
        return Ok(sum);
    }
    let rounding = bench.inputs.guardrails.rounding;
    let norm = precedent
        .norm
        .ratio(units, sibling.units.max(1), rounding)?;
    let edges = Edges::of(bench, norm)?;
    let tariff = draft.tariff_or(sum);
    let mut held = sum;
    for side in [Side::Below, Side::Above] {
        held = towards(tariff, held, &edges, side);
    }
    if held != sum {
        draft.set_goodwill(sum, held)?;
        let evidence = Evidence {
            tariff: Some(tariff),
            ..Evidence::default()
        };
        draft.worth_moved(Rule::LinkedParity, sum, held, evidence.limit(norm));
    }
    if held.minor() < edges.low.minor() || held.minor() > edges.high.minor() {
        let breach = Breach {
            rule: Rule::LinkedParity,
            precedent: precedent.decision,
            decided_at: precedent.decided_at,
            version: precedent.version.clone(),
            norm,
            sum: held,
            difference: held.minus(norm)?,
            facts: Vec::new(),
        };
        if held.minor() < edges.low.minor() {
            draft.need_once(Need::LinkedParity);
        }
        if let Some(findings) = &mut draft.findings {
            if held.minor() < edges.low.minor() {
                note(&mut findings.breaches, breach);
            } else {
                note(&mut findings.levels_up, breach);
            }
        }
    }
    Ok(held)
}
