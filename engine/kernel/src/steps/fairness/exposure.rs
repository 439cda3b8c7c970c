//! Before an offer above the corridor is confirmed: who could quote it, and what that costs.

use super::Bench;
use crate::decide::Halt;
use crate::findings::Exposure;
use crate::steps::Draft;

pub(super) fn show<'a>(bench: Bench<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let offered = bench.inputs.case.envelope.offer.as_ref();
    let Some(each) = offered.map(|offer| offer.amount) else {
        return Ok(());
    };
    if !draft.is_above_corridor(each) {
        return Ok(());
    }
    let open = bench.likeness.map_or(0, |likeness| likeness.open);
    let cases = open.saturating_add(1);
    let total = each.times(i64::from(cases))?;
    if let Some(findings) = &mut draft.findings {
        findings.exposure = Some(Exposure { cases, each, total });
    }
    Ok(())
}
