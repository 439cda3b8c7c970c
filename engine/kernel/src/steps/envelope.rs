//! Step 7: what goodwill and contractual sums may come to. Statutory sums are not counted.

use redress_model::{Code, Money, Standing};

use super::draft::Counted;
use super::escalate::Need;
use super::{Draft, Item};
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::guardrails::{BasisKind, CashRule};

pub(crate) fn enforce<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    if draft.items.iter().all(Item::is_statutory) {
        return Ok(());
    }
    no_loss_no_cash(inputs, draft)?;
    let envelope = &inputs.guardrails.envelope;
    let mut room = i64::MAX;
    if let Some(tier) = draft.tier {
        let (limit, base) = inputs.share(&tier.of, tier.to_basis_points)?;
        draft.cut(Rule::TierCap, Counted::Goodwill, limit, &mut room, || {
            Evidence::named(&tier.name).share_of(base)
        })?;
    }
    if let (Some(points), Some(loss)) = (
        envelope.loss_multiple_basis_points,
        &inputs.guardrails.facts.loss,
    ) && draft.has_worth(Counted::Discretion)
    {
        let (limit, base) = inputs.share(loss, points)?;
        draft.cut(
            Rule::LossMultiple,
            Counted::Discretion,
            limit,
            &mut room,
            || Evidence::default().share_of(base),
        )?;
    }
    for cap in &envelope.caps {
        let left = cap
            .limit
            .minus(used(inputs.standing, &cap.name, cap.limit)?)?;
        let spent = Spent {
            rule: Rule::Cap,
            name: &cap.name,
            counted: counted(cap.basis),
            need: Need::CapSpent,
        };
        spent.enforce(draft, left, &mut room)?;
    }
    for budget in &envelope.budgets {
        let left = left(inputs.standing, &budget.name, budget.limit)?;
        let spent = Spent {
            rule: Rule::Budget,
            name: &budget.name,
            counted: counted(budget.basis),
            need: Need::BudgetSpent,
        };
        spent.enforce(draft, left, &mut room)?;
    }
    super::kinds::taboo_sums(inputs, draft, room)?;
    draft.drop_empty();
    Ok(())
}

/// A limit that can be used up.
struct Spent<'a> {
    rule: Rule,
    name: &'a Code,
    counted: Counted,
    need: Need<'static>,
}

impl Spent<'_> {
    fn enforce(self, draft: &mut Draft<'_>, left: Money, room: &mut i64) -> Result<(), Halt> {
        let left = Money::new(left.minor().max(0), left.currency());
        if left.minor() == 0 && draft.has_worth(self.counted) {
            draft.need(self.need);
        }
        draft.cut(self.rule, self.counted, left, room, || {
            Evidence::named(self.name)
        })
    }
}

/// The items that a cap or a budget of this ground counts.
const fn counted(basis: Option<BasisKind>) -> Counted {
    match basis {
        None => Counted::Discretion,
        Some(BasisKind::Goodwill) => Counted::Goodwill,
        Some(BasisKind::Contractual) => Counted::Contractual,
    }
}

fn no_loss_no_cash<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let (CashRule::NeedsLoss, Some(loss)) = (
        inputs.guardrails.envelope.cash,
        &inputs.guardrails.facts.loss,
    ) else {
        return Ok(());
    };
    let is_cash = |item: &Item<'_>| item.is_goodwill() && item.kind.is_cash();
    if !draft.items.iter().any(is_cash) {
        return Ok(());
    }
    let lost = inputs.base(loss)?;
    if lost.minor() > 0 {
        return Ok(());
    }
    let zero = |money: Money| Money::zero(money.currency());
    for index in 0..draft.items.len() {
        let Some(item) = draft.items.get_mut(index).filter(|item| is_cash(item)) else {
            continue;
        };
        let worth = item.worth();
        item.set_worth(zero(worth))?;
        let evidence = Evidence::default().share_of(Some((&loss.name, lost)));
        draft.worth_moved(Rule::NoLossNoCash, worth, zero(worth), evidence);
    }
    draft.because(codes::NO_LOSS_NO_CASH);
    Ok(())
}

/// What a rolling cap has used. A filled ledger knows every cap; a name it lacks is a fault.
fn used(standing: &Standing, name: &Code, limit: Money) -> Result<Money, Halt> {
    sum(
        &standing.rolling,
        name,
        limit,
        Money::zero(limit.currency()),
    )
}

/// What a budget has left.
fn left(standing: &Standing, name: &Code, limit: Money) -> Result<Money, Halt> {
    sum(&standing.budgets, name, limit, limit)
}

fn sum(sums: &redress_model::Sums, name: &Code, limit: Money, fresh: Money) -> Result<Money, Halt> {
    let found = match sums {
        redress_model::Sums::Fresh => Some(fresh),
        redress_model::Sums::Known(sums) => sums
            .iter()
            .find(|sum| sum.name == *name)
            .map(|sum| sum.amount),
    };
    found
        .filter(|sum| sum.currency() == limit.currency())
        .ok_or(Halt::Escalate(codes::STANDING_INCOMPLETE))
}
