//! Step 4: an offer is held against the tariff, never against past payments.

use redress_model::Money;

use super::Draft;
use super::escalate::Need;
use crate::adjustment::{Adjusted, Adjustment, Evidence, Rule};
use crate::codes;
use crate::decide::{Halt, Inputs};

pub(crate) fn enforce<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let Some(offer) = inputs
        .case
        .envelope
        .offer
        .as_ref()
        .map(|offer| offer.amount)
    else {
        return Ok(());
    };
    let currency = offer.currency();
    let mut tariff = Money::zero(currency);
    for item in draft.items.iter().filter(|item| item.is_goodwill()) {
        if item.currency() != currency {
            return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
        }
        tariff = tariff.plus(item.worth())?;
    }
    if tariff.minor() == 0 {
        return nothing_to_offer(draft, offer, tariff);
    }
    let range = range(inputs, draft, tariff)?;
    if offer.currency() != range.high.currency() {
        return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
    }
    let sum = Money::new(
        offer.minor().clamp(range.low.minor(), range.high.minor()),
        currency,
    );
    if sum == tariff && sum == offer {
        return Ok(());
    }
    let from = if sum == offer { tariff } else { offer };
    let limit = if offer.minor() > range.high.minor() {
        range.high
    } else {
        range.low
    };
    let evidence = Evidence {
        limit: Some(limit),
        tariff: Some(tariff),
        ..range.evidence
    };
    let (from, to) = (Adjusted::Worth(from), Adjusted::Worth(sum));
    draft.adjustments.push(Adjustment {
        rule: Rule::Corridor,
        from,
        to,
        evidence,
    });
    draft.set_goodwill(tariff, sum)?;
    if offer.minor() > range.high.minor() {
        draft.need(Need::AboveCorridor);
    }
    Ok(())
}

struct Range {
    low: Money,
    high: Money,
    evidence: Evidence,
}

/// A tier's own a% to b%, or the tolerance round the tariff. Where like cases are compared,
/// the tolerance holds within a tier as well, since two cases on the same facts would
/// otherwise lie as far apart as the tier is wide.
fn range<'a>(inputs: Inputs<'a>, draft: &Draft<'a>, tariff: Money) -> Result<Range, Halt> {
    let declared = width(inputs, draft, tariff)?;
    let Some(fairness) = &inputs.guardrails.fairness else {
        return Ok(declared);
    };
    let off = fairness.tolerance.of(tariff, inputs.guardrails.rounding)?;
    let currency = tariff.currency();
    if off.currency() != declared.low.currency() || fairness.currency() != currency {
        return Ok(declared);
    }
    let low = tariff.minus(off)?.minor().max(declared.low.minor());
    let high = tariff.plus(off)?.minor().min(declared.high.minor());
    Ok(Range {
        low: Money::new(low.min(tariff.minor()).max(0), currency),
        high: Money::new(high.max(tariff.minor()), currency),
        ..declared
    })
}

fn width<'a>(inputs: Inputs<'a>, draft: &Draft<'a>, tariff: Money) -> Result<Range, Halt> {
    if let Some(tier) = draft.tier {
        let (low, _) = inputs.share(&tier.of, tier.from_basis_points)?;
        let (high, base) = inputs.share(&tier.of, tier.to_basis_points)?;
        let evidence = Evidence::named(&tier.name).share_of(base);
        return Ok(Range {
            low,
            high,
            evidence,
        });
    }
    let corridor = &inputs.guardrails.corridor;
    let share = tariff.basis_points(corridor.tolerance_basis_points, inputs.guardrails.rounding)?;
    let unit = corridor
        .rounding_unit
        .filter(|unit| unit.currency() == tariff.currency());
    let least = unit.map_or(0, Money::minor);
    let tolerance = Money::new(share.minor().max(least), tariff.currency());
    let low = Money::new(tariff.minus(tolerance)?.minor().max(0), tariff.currency());
    Ok(Range {
        low,
        high: tariff.plus(tolerance)?,
        evidence: Evidence::default(),
    })
}

/// An offer on a case to which the policy gives no goodwill falls to nothing.
fn nothing_to_offer(draft: &mut Draft<'_>, offer: Money, tariff: Money) -> Result<(), Halt> {
    if offer.minor() > 0 {
        let evidence = Evidence {
            limit: Some(tariff),
            tariff: Some(tariff),
            ..Evidence::default()
        };
        draft.worth_moved(Rule::Corridor, offer, tariff, evidence);
        draft.because(&codes::OFFER_ABOVE_CORRIDOR);
    }
    Ok(())
}
