//! Danger overrides everything: a person at once, discretion paused, the law untouched.

use redress_model::Money;

use super::escalate::Need;
use super::{Draft, Item};
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::guardrails::{Condition, GoodwillSwitch, SafetyRule};

fn any_value(inputs: Inputs<'_>, rule: &SafetyRule, values: &[redress_model::Value]) -> bool {
    inputs
        .case
        .facts
        .get(rule.slot)
        .is_some_and(|value| values.contains(value))
}

/// Raises every safety concern, whatever the policy said or failed to say.
pub(crate) fn override_all<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) {
    let guardrails = inputs.guardrails;
    if inputs.case.facts.schema() != guardrails.schema {
        return;
    }
    for rule in guardrails
        .safety
        .iter()
        .filter(|rule| any_value(inputs, rule, &rule.raised))
    {
        draft.need(Need::Safety(rule));
        for duty in &rule.duties {
            if !draft.duties.contains(duty) {
                draft.duties.push(duty.clone());
            }
        }
        pause(draft);
    }
}

/// Takes discretionary money off the table for now; what has no worth in money stays.
fn pause(draft: &mut Draft<'_>) {
    let mut moved = Vec::new();
    for item in draft.items.iter_mut().filter(|item| !item.is_statutory()) {
        let worth = item.worth();
        if worth.minor() > 0 {
            item.clear();
            moved.push(worth);
        }
    }
    for worth in moved {
        let zero = Money::zero(worth.currency());
        draft.worth_moved(Rule::SafetyPause, worth, zero, Evidence::default());
    }
    draft.drop_empty();
}

/// Goodwill that is off for this claimant, or falls after a concern was found false.
pub(crate) fn goodwill<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let off = inputs.guardrails.reviews.iter().any(|rule| {
        rule.goodwill == GoodwillSwitch::Off && Condition::all_hold(&rule.when, &inputs.case.facts)
    });
    if off && draft.items.iter().any(Item::is_goodwill) {
        lower(draft, Rule::GoodwillOff, 0)?;
        draft.because(&codes::GOODWILL_OFF);
    }
    for rule in &inputs.guardrails.safety {
        let falls =
            rule.cleared_goodwill_percent < 100 && draft.items.iter().any(Item::is_goodwill);
        if falls && any_value(inputs, rule, &rule.cleared) {
            lower(draft, Rule::SafetyCleared, rule.cleared_goodwill_percent)?;
            draft.because(&codes::SAFETY_CLEARED);
        }
    }
    Ok(())
}

/// Lowers every goodwill item to a share.
fn lower(draft: &mut Draft<'_>, rule: Rule, percent: i64) -> Result<(), Halt> {
    for index in 0..draft.items.len() {
        let Some(item) = draft.items.get_mut(index).filter(|item| item.is_goodwill()) else {
            continue;
        };
        if percent == 0 {
            // Also what has no worth in money, such as a service.
            draft.drop_item(index, rule);
            continue;
        }
        let worth = item.worth();
        let left = worth.ratio(percent, 100, redress_model::Rounding::Down)?;
        if left != worth {
            item.set_worth(left)?;
            draft.worth_moved(rule, worth, left, Evidence::default());
        }
    }
    draft.drop_empty();
    Ok(())
}
