//! Step 1: what is not a proposal at all escalates and pays nothing.

use redress_model::{Amount, Basis, Code, MAX_REMEDIES, Remedy};

use super::item::{MINOR_MAX, known_kind};
use super::{Draft, Ground, Item};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::guardrails::{ClaimBasis, Worth};

pub(crate) fn check<'a>(
    inputs: Inputs<'a>,
    draft: &mut Draft<'a>,
    remedies: Vec<Remedy>,
    tier: Option<Code>,
) -> Result<(), Halt> {
    if remedies.len() > MAX_REMEDIES {
        return Err(Halt::Escalate(&codes::TOO_MANY_REMEDIES));
    }
    if let Some(name) = tier {
        let tier = inputs
            .guardrails
            .tiers
            .iter()
            .find(|tier| tier.name == name);
        draft.tier = Some(tier.ok_or(Halt::Escalate(&codes::UNKNOWN_TIER))?);
    }
    draft.items = Vec::with_capacity(remedies.len());
    for (source, remedy) in remedies.iter().enumerate() {
        let item = item(inputs, draft, remedy, source)?;
        draft.items.push(item);
    }
    draft.proposed = remedies;
    Ok(())
}

fn item<'a>(
    inputs: Inputs<'a>,
    draft: &mut Draft<'a>,
    remedy: &Remedy,
    source: usize,
) -> Result<Item<'a>, Halt> {
    let kind = known_kind(inputs.guardrails, &remedy.kind)?;
    let (quantity, currency) = match (&remedy.amount, &kind.worth) {
        (Amount::Money(face), Worth::Face { .. }) => (face.minor(), face.currency()),
        (Amount::Units { unit, count }, Worth::Each(each)) if *unit == kind.name => {
            (*count, each.currency())
        }
        (Amount::Money(_) | Amount::Units { .. }, Worth::Face { .. } | Worth::Each(_)) => {
            return Err(Halt::Escalate(&codes::UNKNOWN_KIND));
        }
    };
    if quantity < 0 {
        return Err(Halt::Escalate(&codes::AMOUNT_NEGATIVE));
    }
    let claimed = match &remedy.basis {
        Basis::Goodwill => None,
        Basis::Statutory(code) => Some((code, ClaimBasis::Statutory)),
        Basis::Contractual(code) => Some((code, ClaimBasis::Contractual)),
    };
    let ground = match claimed {
        None => Ground::Goodwill,
        Some((code, basis)) => {
            let listed = inputs.guardrails.claim(code);
            match listed.filter(|claim| claim.basis == basis) {
                Some(claim) => Ground::of(claim),
                None => {
                    draft.unlisted(code, remedy.basis.name());
                    Ground::Goodwill
                }
            }
        }
    };
    let item = Item::new(kind, quantity, currency, ground, source)?;
    if quantity > MINOR_MAX || item.worth().minor() > MINOR_MAX {
        return Err(Halt::Escalate(&codes::AMOUNT_OVERFLOW));
    }
    Ok(item)
}
