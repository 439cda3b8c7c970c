//! Step 2: a policy cannot call generosity law, nor give less than the law.

use redress_model::{Money, Reason, Remedy, Value};
use smol_str::SmolStr;

use super::item::known_kind;
use super::{Draft, Ground, Item};
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::guardrails::{Base, Claim, Condition, Floor, Limit};

pub(crate) fn enforce<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    ceilings(inputs, draft)?;
    for floor in &inputs.guardrails.floors {
        self::floor(inputs, draft, floor)?;
    }
    Ok(())
}

/// Holds every claim to its highest sum.
pub(crate) fn ceilings<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    for claim in &inputs.guardrails.claims {
        if draft.items.iter().any(|item| item.is_of(claim)) {
            ceiling(inputs, draft, claim)?;
        }
    }
    Ok(())
}

/// What exceeds the claim's highest sum becomes goodwill of the same kind.
fn ceiling<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, claim: &'a Claim) -> Result<(), Halt> {
    let (one, base) = inputs.limit(&claim.max_per_person)?;
    let mut claimed = Money::zero(one.currency());
    for item in draft.items.iter().filter(|item| item.is_of(claim)) {
        if item.currency() != one.currency() {
            return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
        }
        claimed = claimed.plus(item.worth())?;
    }
    if claimed.minor() <= one.minor() {
        // Within one person's share: how many there are does not matter.
        return Ok(());
    }
    let limit = one.times(inputs.persons()?)?;
    let mut left = limit;
    let mut excess = Vec::new();
    for item in draft.items.iter_mut().filter(|item| item.is_of(claim)) {
        let worth = item.worth();
        let kept = Money::new(worth.minor().min(left.minor()), worth.currency());
        left = left.minus(kept)?;
        if kept == worth {
            continue;
        }
        let mut goodwill = *item;
        goodwill.ground = Ground::Goodwill;
        goodwill.set_worth(worth.minus(kept)?)?;
        excess.push((worth, kept, goodwill));
        item.set_worth(kept)?;
    }
    for (worth, kept, goodwill) in excess {
        let evidence = Evidence::named(&claim.code).limit(limit).share_of(base);
        draft.worth_moved(Rule::ClaimCeiling, worth, kept, evidence);
        draft.items.push(goodwill);
    }
    draft
        .items
        .retain(|item| !(item.is_empty() && item.is_of(claim)));
    Ok(())
}

/// The law's least sum is given whatever the policy proposed.
fn floor<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, floor: &'a Floor) -> Result<(), Halt> {
    let Some(claim) = inputs.guardrails.claim(&floor.claim) else {
        return Ok(());
    };
    let owed = if floor.when.is_empty() {
        draft.items.iter().any(|item| item.is_of(claim))
    } else {
        Condition::all_hold(&floor.when, &inputs.case.facts)
    };
    if !owed {
        return Ok(());
    }
    let (one, base) = inputs.limit(&floor.at_least)?;
    let least = one.times(inputs.persons()?)?;
    let mut given = Money::zero(least.currency());
    for item in draft.items.iter().filter(|item| item.is_of(claim)) {
        let worth = item.worth();
        if worth.currency() != least.currency() {
            return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
        }
        given = given.plus(worth)?;
    }
    if given.minor() >= least.minor() {
        return Ok(());
    }
    let evidence = Evidence::named(&claim.code).limit(least).share_of(base);
    draft.worth_moved(Rule::Floor, given, least, evidence);
    let missing = least.minus(given)?;
    if let Some(item) = draft.items.iter_mut().find(|item| item.is_of(claim)) {
        let worth = item.worth().plus(missing)?;
        return item.set_worth(worth);
    }
    let name = claim
        .kinds
        .first()
        .ok_or(Halt::Escalate(&codes::UNKNOWN_KIND))?;
    let kind = known_kind(inputs.guardrails, name)?;
    let mut item = Item::new(kind, 0, least.currency(), Ground::of(claim), 0)?;
    item.give(kind, least)?;
    item.source = draft.proposed.len();
    draft.proposed.push(Remedy {
        kind: kind.name.clone(),
        amount: item.amount(),
        basis: item.basis(),
        reasons: vec![Reason::bare(claim.code.clone())],
    });
    draft.items.insert(0, item);
    Ok(())
}

/// A limit as it comes out for a case, with the fact it is a share of.
pub(crate) type Resolved<'a> = (Money, Option<(&'a SmolStr, Money)>);

impl<'a> Inputs<'a> {
    /// How many persons the case is about.
    pub(crate) fn persons(&self) -> Result<i64, Halt> {
        let Some(base) = &self.guardrails.facts.persons else {
            return Ok(1);
        };
        match self.case.facts.get(base.slot) {
            Some(Value::Int(count)) => Ok((*count).max(1)),
            _ => Err(Halt::UnknownFact(base.slot)),
        }
    }

    /// The value of a money fact that a limit is a share of; unknown holds the case.
    pub(crate) fn base(&self, base: &Base) -> Result<Money, Halt> {
        self.case
            .facts
            .money(base.slot)
            .ok_or(Halt::UnknownFact(base.slot))
    }

    /// A share of a money fact in basis points; a share of less than nothing is nothing,
    /// or a limit below zero would make a sum out of none.
    pub(crate) fn share(&self, of: &'a Base, basis_points: i64) -> Result<Resolved<'a>, Halt> {
        let value = self.base(of)?;
        let share = value.basis_points(basis_points, self.guardrails.rounding)?;
        let share = Money::new(share.minor().max(0), share.currency());
        Ok((share, Some((&of.name, value))))
    }

    /// A limit as it comes out for the case.
    pub(crate) fn limit(&self, limit: &'a Limit) -> Result<Resolved<'a>, Halt> {
        match limit {
            Limit::Fixed(money) => Ok((*money, None)),
            Limit::Share {
                basis_points,
                of,
                at_most,
            } => {
                let (share, base) = self.share(of, *basis_points)?;
                let capped = match at_most {
                    Some(most) if most.currency() != share.currency() => {
                        return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
                    }
                    Some(most) if most.minor() < share.minor() => *most,
                    _ => share,
                };
                Ok((capped, base))
            }
        }
    }
}
