//! Steps 4 to 6 and 8 where the release declares fairness: experiments, linked parity,
//! a fortiori and exposure. The centre is always the tariff: no precedent moves it.

mod a_fortiori;
mod experiment;
mod exposure;
mod parity;
mod promise;

use redress_model::likeness::Coverage;
use redress_model::{Likeness, Money};

use super::Draft;
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::findings::{Breach, Findings};
use crate::guardrails::Fairness;

/// What the steps compare with.
#[derive(Clone, Copy)]
struct Bench<'a> {
    inputs: Inputs<'a>,
    fairness: &'a Fairness,
    /// Nothing is known of like cases in a ledger that holds none.
    likeness: Option<&'a Likeness>,
}

/// Notes what the release gives on the facts, before anything discretionary moves it.
pub(crate) fn tariff<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let Some(bench) = bench(inputs) else {
        return Ok(());
    };
    let zero = Money::zero(bench.fairness.currency());
    let mut findings = Findings {
        tariff: zero,
        sum: zero,
        precedents: 0,
        notes: Vec::new(),
        arm: None,
        breaches: Vec::new(),
        levels_up: Vec::new(),
        exposure: None,
    };
    if let Some(likeness) = bench.likeness {
        findings.precedents = likeness.precedents;
        if likeness.coverage == Coverage::Partial {
            findings.notes.push(codes::PARTIAL.clone());
        }
        if likeness.not_compared > 0 {
            findings.notes.push(codes::NOT_COMPARED.clone());
        }
    }
    if findings.precedents == 0 {
        findings.notes.push(codes::SEED.clone());
    }
    match draft.goodwill(zero.currency())? {
        Some(tariff) => (findings.tariff, findings.sum) = (tariff, tariff),
        None => draft.because(&codes::FX_MISSING),
    }
    draft.findings = Some(Box::new(findings));
    Ok(())
}

/// Whether the sum of a case is compared with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compares {
    /// It is.
    Yes,
    /// No class is declared, or goodwill fell for a reason of this person alone.
    No,
}

/// Puts the case into its arm, unless somebody has offered a sum.
pub(crate) fn experiment<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<Compares, Halt> {
    let Some(bench) = bench(inputs) else {
        return Ok(Compares::No);
    };
    let Some(sum) = draft.goodwill(bench.fairness.currency())? else {
        return Ok(Compares::No);
    };
    if sum != draft.tariff_or(sum) {
        if let Some(findings) = &mut draft.findings {
            findings.sum = sum;
        }
        return Ok(Compares::No);
    }
    experiment::assign(bench, draft, sum)?;
    Ok(Compares::Yes)
}

/// Compares the sum with what linked and like cases got.
pub(crate) fn compare<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let Some(bench) = bench(inputs) else {
        return Ok(());
    };
    promise::keep(bench, draft)?;
    let Some(sum) = draft.goodwill(bench.fairness.currency())? else {
        return Ok(());
    };
    exposure::show(bench, draft)?;
    let sum = parity::hold(bench, draft, sum)?;
    let sum = a_fortiori::hold(bench, draft, sum)?;
    if let Some(findings) = &mut draft.findings {
        findings.sum = sum;
    }
    Ok(())
}

fn bench(inputs: Inputs<'_>) -> Option<Bench<'_>> {
    Some(Bench {
        inputs,
        fairness: inputs.guardrails.fairness.as_ref()?,
        likeness: inputs.standing.fairness.as_deref(),
    })
}

/// What the norm allows at least and at most: the norm less and more its tolerance.
struct Edges {
    low: Money,
    high: Money,
}

impl Edges {
    fn of(bench: Bench<'_>, norm: Money) -> Result<Self, Halt> {
        let tolerance = bench
            .fairness
            .tolerance
            .of(norm, bench.inputs.guardrails.rounding)?;
        let low = norm.minus(tolerance)?.minor().max(0);
        Ok(Self {
            low: Money::new(low, norm.currency()),
            high: norm.plus(tolerance)?,
        })
    }
}

/// Which way a norm is not kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

/// Brings a sum that an offer moved back towards the tariff, as far as a norm asks for it.
/// The tariff itself never moves.
fn towards(tariff: Money, sum: Money, edges: &Edges, side: Side) -> Money {
    let minor = match side {
        Side::Below if sum.minor() < edges.low.minor() => {
            sum.minor().max(edges.low.minor().min(tariff.minor()))
        }
        Side::Above if sum.minor() > edges.high.minor() => {
            sum.minor().min(edges.high.minor().max(tariff.minor()))
        }
        Side::Below | Side::Above => sum.minor(),
    };
    Money::new(minor, sum.currency())
}

/// Notes a norm that is not kept, once for each precedent and rule.
fn note(list: &mut Vec<Breach>, breach: Breach) {
    let same = |other: &Breach| other.precedent == breach.precedent && other.rule == breach.rule;
    if !list.iter().any(same) {
        list.push(breach);
    }
}
