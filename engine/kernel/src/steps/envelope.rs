//! Step 7: what goodwill and contractual sums may come to. Statutory sums are not counted.

use redress_model::{Code, Currency, Money, Standing};

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
    if let Some(currency) = draft.currency()? {
        let room = limits(inputs, draft, currency)?;
        super::kinds::taboo_sums(inputs, draft, room)?;
    }
    draft.drop_empty();
    Ok(())
}

/// Holds what is worth something against every limit. Returns the least that one leaves.
fn limits<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, currency: Currency) -> Result<i64, Halt> {
    let guardrails = inputs.guardrails;
    let envelope = &guardrails.envelope;
    let tier = draft.tier;
    let mut cuts = Cuts::new(draft, currency);
    if let Some(tier) = tier {
        let (limit, base) = inputs.share(&tier.of, tier.to_basis_points)?;
        cuts.cut(Rule::TierCap, Counted::Goodwill, limit, || {
            Evidence::named(&tier.name).share_of(base)
        })?;
    }
    if let (Some(points), Some(loss)) =
        (envelope.loss_multiple_basis_points, &guardrails.facts.loss)
        && cuts.sum(Counted::Discretion) > 0
    {
        let (limit, base) = inputs.share(loss, points)?;
        cuts.cut(Rule::LossMultiple, Counted::Discretion, limit, || {
            Evidence::default().share_of(base)
        })?;
    }
    let standing = inputs.standing;
    let caps = envelope.caps.iter();
    for cap in caps.filter(|cap| standing.is_within(&cap.name)) {
        let used = used(inputs.standing, &cap.name, cap.limit)?;
        let spent = Spent {
            rule: Rule::Cap,
            name: &cap.name,
            counted: counted(cap.basis),
            left: cap.limit.minus(used)?,
            need: Need::CapSpent,
        };
        cuts.cut_spent(spent)?;
    }
    let budgets = envelope.budgets.iter();
    for budget in budgets.filter(|budget| standing.is_within(&budget.name)) {
        let spent = Spent {
            rule: Rule::Budget,
            name: &budget.name,
            counted: counted(budget.basis),
            left: left(inputs.standing, &budget.name, budget.limit)?,
            need: Need::BudgetSpent,
        };
        cuts.cut_spent(spent)?;
    }
    Ok(cuts.room)
}

/// The cutting of items that are worth something, all in one currency.
struct Cuts<'d, 'a> {
    draft: &'d mut Draft<'a>,
    currency: Currency,
    /// What goodwill comes to, in minor units.
    goodwill: i64,
    /// What contractual sums come to, in minor units.
    contractual: i64,
    /// The least that a limit has left so far, in minor units.
    room: i64,
}

/// A limit that can be used up.
struct Spent<'a> {
    rule: Rule,
    name: &'a Code,
    counted: Counted,
    left: Money,
    need: Need<'static>,
}

impl<'d, 'a> Cuts<'d, 'a> {
    fn new(draft: &'d mut Draft<'a>, currency: Currency) -> Self {
        let mut cuts = Self {
            draft,
            currency,
            goodwill: 0,
            contractual: 0,
            room: i64::MAX,
        };
        cuts.count();
        cuts
    }

    /// Adds up the items, after each change of one.
    fn count(&mut self) {
        (self.goodwill, self.contractual) = (0, 0);
        for item in &self.draft.items {
            let sum = match item.discretion() {
                Some(BasisKind::Goodwill) => &mut self.goodwill,
                Some(BasisKind::Contractual) => &mut self.contractual,
                None => continue,
            };
            *sum = sum.saturating_add(item.worth().minor());
        }
    }

    /// The worth of the counted items in minor units.
    const fn sum(&self, counted: Counted) -> i64 {
        match counted {
            Counted::Discretion => self.goodwill.saturating_add(self.contractual),
            Counted::Goodwill => self.goodwill,
            Counted::Contractual => self.contractual,
        }
    }

    /// Cuts the counted items to a limit: goodwill first, the last first.
    fn cut(
        &mut self,
        rule: Rule,
        counted: Counted,
        limit: Money,
        evidence: impl FnOnce() -> Evidence,
    ) -> Result<(), Halt> {
        let sum = self.sum(counted);
        if sum == 0 {
            return Ok(());
        }
        if limit.currency() != self.currency {
            return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
        }
        let currency = self.currency;
        let money = |minor| Money::new(minor, currency);
        let mut left = sum;
        if sum > limit.minor() {
            self.draft
                .take_from_last(counted, money(sum).minus(limit)?)?;
            // What is counted in units may fall below the limit.
            self.count();
            left = self.sum(counted);
            let evidence = evidence().limit(limit);
            self.draft
                .worth_moved(rule, money(sum), money(left), evidence);
        }
        self.room = self.room.min(limit.minus(money(left))?.minor());
        Ok(())
    }

    /// Cuts to what is left of a limit, which asks for a person when that is nothing.
    fn cut_spent(&mut self, spent: Spent<'_>) -> Result<(), Halt> {
        let left = Money::new(spent.left.minor().max(0), spent.left.currency());
        if left.minor() == 0 && self.sum(spent.counted) > 0 {
            self.draft.need(spent.need);
        }
        self.cut(spent.rule, spent.counted, left, || {
            Evidence::named(spent.name)
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
    draft.because(&codes::NO_LOSS_NO_CASH);
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
        .ok_or(Halt::Escalate(&codes::STANDING_INCOMPLETE))
}
