//! Step 2: a policy cannot call generosity law, nor give less than the law.

use redress_model::{Money, Value};

use super::item::known_kind;
use super::{Draft, Ground, Item, Quantity};
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::guardrails::{Base, Claim, Condition, Floor, Limit};

pub(crate) fn enforce<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    for claim in &inputs.guardrails.claims {
        if draft.items.iter().any(|item| is_claim(item, claim)) {
            ceiling(inputs, draft, claim)?;
        }
    }
    for floor in &inputs.guardrails.floors {
        self::floor(inputs, draft, floor)?;
    }
    Ok(())
}

fn is_claim(item: &Item<'_>, claim: &Claim) -> bool {
    matches!(item.ground, Ground::Claim(own) if own.code == claim.code)
}

/// What exceeds the claim's highest sum becomes goodwill of the same kind.
fn ceiling<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, claim: &'a Claim) -> Result<(), Halt> {
    let (one, base) = inputs.limit(&claim.max_per_person)?;
    let mut claimed = Money::zero(one.currency());
    for item in draft.items.iter().filter(|item| is_claim(item, claim)) {
        if item.currency() != one.currency() {
            return Err(Halt::Escalate(codes::UNKNOWN_CURRENCY_LIMIT));
        }
        claimed = claimed.plus(item.worth()?)?;
    }
    if claimed.minor() <= one.minor() {
        // Within one person's share: how many there are does not matter.
        return Ok(());
    }
    let limit = one.times(inputs.persons()?)?;
    let mut left = limit;
    let mut excess = Vec::new();
    for item in draft.items.iter_mut().filter(|item| is_claim(item, claim)) {
        let worth = item.worth()?;
        let kept = Money::new(worth.minor().min(left.minor()), worth.currency());
        left = left.minus(kept)?;
        if kept == worth {
            continue;
        }
        let mut goodwill = Item {
            ground: Ground::Goodwill,
            ..item.clone()
        };
        goodwill.set_worth(worth.minus(kept)?)?;
        excess.push((worth, kept, goodwill));
        item.set_worth(kept)?;
    }
    for (worth, kept, goodwill) in excess {
        let evidence = Evidence {
            base: base.clone(),
            ..Evidence::named(&claim.code).limit(limit)
        };
        draft.worth_moved(Rule::ClaimCeiling, worth, kept, evidence);
        draft.items.push(goodwill);
    }
    draft
        .items
        .retain(|item| !(item.is_empty() && is_claim(item, claim)));
    Ok(())
}

fn claim_items(draft: &Draft<'_>, claim: &Claim) -> usize {
    draft
        .items
        .iter()
        .filter(|item| is_claim(item, claim))
        .count()
}

/// The law's least sum is given whatever the policy proposed.
fn floor<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, floor: &'a Floor) -> Result<(), Halt> {
    let Some(claim) = inputs.guardrails.claim(&floor.claim) else {
        return Ok(());
    };
    let claimed = claim_items(draft, claim) > 0;
    let holds = Condition::all_hold(&floor.when, &inputs.case.facts);
    let owed = if floor.when.is_empty() {
        claimed
    } else {
        holds
    };
    if !owed {
        return Ok(());
    }
    let (one, base) = inputs.limit(&floor.at_least)?;
    let least = one.times(inputs.persons()?)?;
    let mut given = Money::zero(least.currency());
    for item in draft.items.iter().filter(|item| is_claim(item, claim)) {
        let worth = item.worth()?;
        if worth.currency() != least.currency() {
            return Err(Halt::Escalate(codes::UNKNOWN_CURRENCY_LIMIT));
        }
        given = given.plus(worth)?;
    }
    if given.minor() >= least.minor() {
        return Ok(());
    }
    let evidence = Evidence {
        base,
        ..Evidence::named(&claim.code).limit(least)
    };
    draft.worth_moved(Rule::Floor, given, least, evidence);
    let missing = least.minus(given)?;
    if let Some(item) = draft.items.iter_mut().find(|item| is_claim(item, claim)) {
        let worth = item.worth()?.plus(missing)?;
        return item.set_worth(worth);
    }
    let name = claim
        .kinds
        .first()
        .ok_or(Halt::Escalate(codes::UNKNOWN_KIND))?;
    let kind = known_kind(inputs.guardrails, name)?;
    let mut item = Item {
        kind,
        quantity: Quantity::Face {
            face: least,
            percent: 100,
        },
        ground: Ground::Claim(claim),
        consented: false,
        on_approval: false,
        reasons: vec![redress_model::Reason::bare(claim.code.clone())],
    };
    item.give(kind, least)?;
    draft.items.insert(0, item);
    Ok(())
}

/// A limit as it comes out for a case, with the fact it is a share of.
pub(crate) type Resolved = (Money, Option<(smol_str::SmolStr, Money)>);

impl Inputs<'_> {
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

    /// A share of a money fact in basis points.
    pub(crate) fn share(&self, of: &Base, basis_points: i64) -> Result<Resolved, Halt> {
        let value = self.base(of)?;
        let share = value.basis_points(basis_points, self.guardrails.rounding)?;
        Ok((share, Some((of.name.clone(), value))))
    }

    /// A limit as it comes out for the case.
    pub(crate) fn limit(&self, limit: &Limit) -> Result<Resolved, Halt> {
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
                        return Err(Halt::Escalate(codes::UNKNOWN_CURRENCY_LIMIT));
                    }
                    Some(most) if most.minor() < share.minor() => *most,
                    _ => share,
                };
                Ok((capped, base))
            }
        }
    }
}
