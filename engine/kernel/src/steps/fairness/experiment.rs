//! Experiments: an arm moves the tariff within its tolerance, until the experiment ends.

use redress_model::Money;

use super::Bench;
use crate::adjustment::{Evidence, Rule};
use crate::decide::Halt;
use crate::steps::Draft;

pub(super) fn assign<'a>(
    bench: Bench<'a>,
    draft: &mut Draft<'a>,
    tariff: Money,
) -> Result<(), Halt> {
    if tariff.minor() == 0 || bench.inputs.case.envelope.offer.is_some() {
        return Ok(());
    }
    let today = bench.inputs.guardrails.calendar.date_at(bench.inputs.as_of);
    let Some(today) = today else {
        return Ok(());
    };
    let mut running = bench.fairness.experiments.iter();
    let Some(experiment) = running.find(|experiment| today <= experiment.until) else {
        return Ok(());
    };
    let Some(arm) = experiment.arm(bench.inputs.case) else {
        return Ok(());
    };
    let rounding = bench.inputs.guardrails.rounding;
    let tolerance = bench.fairness.tolerance.of(tariff, rounding)?.minor();
    let moved = tariff.basis_points(arm.basis_points, rounding)?.minor();
    let moved = moved.clamp(tolerance.saturating_neg(), tolerance);
    let sum = tariff.plus(Money::new(moved, tariff.currency()))?;
    draft.set_goodwill(tariff, sum)?;
    if sum != tariff {
        let evidence = Evidence {
            tariff: Some(tariff),
            ..Evidence::named(&arm.name)
        };
        draft.worth_moved(Rule::Experiment, tariff, sum, evidence);
    }
    if let Some(findings) = &mut draft.findings {
        findings.arm = Some((experiment.name.clone(), arm.name.clone()));
    }
    Ok(())
}
