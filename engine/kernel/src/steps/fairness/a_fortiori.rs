//! Step 6: at least as bad on every merit fact, no less; at most as bad, no more.

use redress_model::{Direction, Money, Precedent};

use super::{Bench, Edges, Side, note, towards};
use crate::adjustment::{Evidence, Rule};
use crate::decide::Halt;
use crate::findings::{Breach, Compared};
use crate::steps::Draft;
use crate::steps::escalate::Need;

pub(super) fn hold<'a>(bench: Bench<'a>, draft: &mut Draft<'a>, sum: Money) -> Result<Money, Halt> {
    let Some(likeness) = bench.likeness else {
        return Ok(sum);
    };
    let most = likeness.most.as_ref().map(|most| (most, Side::Below));
    let least = likeness.least.as_ref().map(|least| (least, Side::Above));
    let mut held = sum;
    for (precedent, side) in [most, least].into_iter().flatten() {
        held = against(bench, draft, precedent, side, held)?;
    }
    Ok(held)
}

fn against<'a>(
    bench: Bench<'a>,
    draft: &mut Draft<'a>,
    precedent: &Precedent,
    side: Side,
    sum: Money,
) -> Result<Money, Halt> {
    let norm = precedent.norm;
    if norm.currency() != sum.currency() {
        return Ok(sum);
    }
    let edges = Edges::of(bench, norm)?;
    let tariff = draft.tariff_or(sum);
    let held = towards(tariff, sum, &edges, side);
    if held != sum {
        draft.set_goodwill(sum, held)?;
        let evidence = Evidence {
            tariff: Some(tariff),
            ..Evidence::default()
        };
        draft.worth_moved(Rule::AFortiori, sum, held, evidence.limit(norm));
    }
    let kept = match side {
        Side::Below => held.minor() >= edges.low.minor(),
        Side::Above => held.minor() <= edges.high.minor(),
    };
    if kept {
        return Ok(held);
    }
    let breach = Breach {
        rule: Rule::AFortiori,
        precedent: precedent.decision,
        decided_at: precedent.decided_at,
        version: precedent.version.clone(),
        norm,
        sum: held,
        difference: held.minus(norm)?,
        facts: compared(bench, precedent),
    };
    if side == Side::Below {
        draft.need_once(Need::AFortiori);
    }
    if let Some(findings) = &mut draft.findings {
        match side {
            // A lawful higher award is not forbidden: it starts the look-back.
            Side::Above => note(&mut findings.levels_up, breach),
            Side::Below => note(&mut findings.breaches, breach),
        }
    }
    Ok(held)
}

/// The merit facts of both cases as the schema writes them.
fn compared(bench: Bench<'_>, precedent: &Precedent) -> Vec<Compared> {
    let plain = |direction: Direction, number: i64| match direction {
        Direction::HigherIsWorse => number,
        Direction::LowerIsWorse => number.saturating_neg(),
    };
    let own = bench.fairness.coordinates(&bench.inputs.case.facts);
    let both = own.zip(&precedent.point);
    let mut compared = Vec::with_capacity(precedent.point.len());
    compared.extend(both.map(|((fact, own), other)| Compared {
        fact: fact.name.clone(),
        own: plain(fact.direction, own),
        precedent: plain(fact.direction, *other),
    }));
    compared
}
