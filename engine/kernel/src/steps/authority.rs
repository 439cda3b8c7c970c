//! Step 9: authority is for discretion, on the event's total; the law needs none.

use std::ptr;

use redress_model::{Code, Currency, Date, Money, Reason};

use super::draft::reasons_of;
use super::escalate::Need;
use super::{Draft, Ground, Item};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::guardrails::{AuthorityRow, BasisKind, Chain, Condition, Kind, Role};

/// Tests the discretionary total against the actor's limits.
pub(crate) fn limits<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let Some(currency) = draft.currency()? else {
        return Ok(());
    };
    let Some(today) = inputs.guardrails.calendar.date_at(inputs.as_of) else {
        return Err(Halt::Escalate(&codes::NO_AUTHORITY_ROW));
    };
    let matrix = Matrix {
        rows: &inputs.guardrails.authority,
        scene: inputs.scene(),
        today,
        currency,
        items: &draft.items,
        total: total(draft.items.iter().filter(|item| asked(item).is_some())),
    };
    let held = inputs.guardrails.place_of(&inputs.actor.role);
    let own = held.is_some_and(|held| matrix.covers(held));
    let is_above = |need: &Need<'_>| {
        matches!(
            need,
            Need::AboveCorridor | Need::LinkedParity | Need::AFortiori
        )
    };
    if own && !draft.needs.iter().any(is_above) {
        return Ok(());
    }
    let roles = &inputs.guardrails.roles;
    let rank = held.and_then(|held| roles.get(held)).map(|role| role.rank);
    draft.required = roles
        .iter()
        .enumerate()
        .find(|(place, role)| rank.is_none_or(|rank| role.rank > rank) && matrix.covers(*place))
        .map(|(_, role)| role);
    if !own {
        draft.need(Need::OverAuthority);
    }
    for item in draft.items.iter_mut().filter(|item| !item.is_statutory()) {
        item.on_approval = true;
    }
    Ok(())
}

/// The ground on which an item asks for authority, if it is worth something.
fn asked(item: &Item<'_>) -> Option<BasisKind> {
    item.discretion().filter(|_| item.worth().minor() != 0)
}

/// What items are worth together, in minor units.
fn total<'i>(items: impl Iterator<Item = &'i Item<'i>>) -> i64 {
    items.fold(0, |sum, item| sum.saturating_add(item.worth().minor()))
}

/// The authority matrix on one day, for one scene and what is asked for.
struct Matrix<'a> {
    rows: &'a [AuthorityRow],
    scene: Option<u16>,
    today: Date,
    currency: Currency,
    items: &'a [Item<'a>],
    /// What all of it comes to, in minor units.
    total: i64,
}

impl Matrix<'_> {
    /// Whether a role's limits cover each ground and kind, and all of them together.
    ///
    /// Together, because two kinds under one limit each would otherwise add up to two limits.
    fn covers(&self, role: usize) -> bool {
        let mut highest = 0;
        for item in self.items {
            let Some(basis) = asked(item) else {
                continue;
            };
            let Some(row) = self.row(role, basis, &item.kind.name) else {
                return false;
            };
            let limit = row.limit.minor();
            // What covers the whole covers each part of it.
            if limit < self.total && limit < self.sum(basis, item.kind) {
                return false;
            }
            highest = limit.max(highest);
        }
        self.total <= highest
    }

    /// What is asked for on this ground in this kind, in minor units.
    fn sum(&self, basis: BasisKind, kind: &Kind) -> i64 {
        let same = |item: &&Item<'_>| ptr::eq(item.kind, kind) && asked(item) == Some(basis);
        total(self.items.iter().filter(same))
    }

    /// The first row that matches and is in force.
    fn row(&self, role: usize, basis: BasisKind, kind: &Code) -> Option<&AuthorityRow> {
        let mut rows = self.rows.iter();
        rows.find(|row| row.is_for(role, basis, kind, self.scene, self.currency, self.today))
    }
}

/// Chains that sign and second looks, on whatever they cover.
pub(crate) fn chains<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    for chain in &inputs.guardrails.chains {
        let by_facts =
            !chain.when.is_empty() && Condition::all_hold(&chain.when, &inputs.case.facts);
        let mut triggered = false;
        for item in &mut draft.items {
            let reasons = reasons_of(item, &draft.proposed);
            if covered(chain, item, reasons, by_facts) {
                item.on_approval = true;
                triggered = true;
            }
        }
        // A matter for a chain reaches it even when no money is proposed.
        if triggered || by_facts {
            draft.need(Need::Chain(chain));
        }
    }
    second_looks(inputs, draft)
}

/// Facts and codes put the discretionary items before a chain; a claim only if the
/// guardrails give that claim to it.
fn covered(chain: &Chain, item: &Item<'_>, reasons: &[Reason], by_facts: bool) -> bool {
    let is_named = |code: &Code| chain.codes.contains(code);
    match item.ground {
        Ground::Statutory(claim) => claim.approval.as_ref() == Some(&chain.name),
        Ground::Contractual(claim) if is_named(&claim.code) => true,
        Ground::Contractual(_) | Ground::Goodwill => {
            by_facts || reasons.iter().any(|reason| is_named(&reason.code))
        }
    }
}

fn second_looks<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    for claim in &inputs.guardrails.claims {
        let Some(look) = &claim.second_look else {
            continue;
        };
        let own = |item: &Item<'_>| item.is_statutory() && item.is_of(claim);
        let mut sum = Money::zero(look.above.currency());
        for item in draft.items.iter().filter(|item| own(item)) {
            if item.currency() != sum.currency() {
                return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
            }
            sum = sum.plus(item.worth())?;
        }
        if sum.minor() <= look.above.minor() || holds(inputs, &look.role) {
            continue;
        }
        draft.need(Need::SecondLook(look));
        for item in draft.items.iter_mut().filter(|item| own(item)) {
            item.on_approval = true;
        }
    }
    Ok(())
}

/// Whether the actor stands at or above a role.
fn holds(inputs: Inputs<'_>, role: &Code) -> bool {
    let rank = |name: &Code| inputs.guardrails.role(name).map(|role: &Role| role.rank);
    match (rank(&inputs.actor.role), rank(role)) {
        (Some(own), Some(wanted)) => own >= wanted,
        (None, _) | (_, None) => false,
    }
}
